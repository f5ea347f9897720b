"""The stock ledger at a year's size: post, cost, correct, close a month; against the naive way, measured in the same run.

    python -m bench.moves [--moves 1000000] [--skus 10000] [--warehouses 16]

The naive way to take in a back-dated document is to compute everything anew, with Decimals and rounded unit costs, move
by move in order of time. It is shorter and drifts by fen; it is here for its seconds only.
"""

from __future__ import annotations

import argparse
import gc
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from bench.measure import peak_memory
from formulas.admission import PostingRules, admit
from formulas.closing import close
from formulas.costing import CostRules, Method, cost
from formulas.ledger import balances, extend, post, shortfalls
from formulas.moves import Move, MoveKind
from sync_engine.clock import SHANGHAI

START = datetime(2026, 1, 1, tzinfo=SHANGHAI)
YEAR_MINUTES = 365 * 24 * 60
PRICES = [Decimal(number) / 100 for number in range(100, 9_900, 7)]
T = TypeVar("T")


def made(number: int, skus: int, warehouses: int, seed: int = 1) -> Iterator[Move]:
    """A year of moves in order of time: 16 of 20 sales; receipts, returns and transfers in between."""
    chance = random.Random(seed)
    codes = [f"BM-{sku:05}" for sku in range(skus)]
    houses = [f"仓{house:02}" for house in range(warehouses)]
    last: dict[str, Move] = {}
    for count in range(number):
        at = START + timedelta(minutes=count * YEAR_MINUTES // number)
        sku, house = codes[int(chance.random() ** 2 * skus)], houses[int(chance.random() * warehouses)]
        roll, name = chance.random(), f"{count:07}"
        sold = last.get(sku)
        if roll < 0.10 or sold is None:
            kind, pieces, more = (
                MoveKind.PURCHASE,
                chance.randint(20, 80),
                {"unit_cost": chance.choice(PRICES)},
            )
        elif roll < 0.16 and sold.kind is MoveKind.SALE:
            kind, pieces, more = MoveKind.RETURN_GOOD, sold.pieces, {"origin": sold.move_id}
            house = sold.warehouse
        elif roll < 0.18:
            kind, pieces, more = MoveKind.TRANSFER_OUT, 5, {"to": houses[houses.index(house) - 1]}
        elif roll < 0.20 and sold.kind is MoveKind.TRANSFER_OUT:
            kind, pieces, more = MoveKind.TRANSFER_IN, sold.pieces, {"origin": sold.move_id}
            house = sold.to
        else:
            kind, pieces, more = MoveKind.SALE, chance.randint(1, 3), {}
        last[sku] = move = Move(
            move_id=f"{kind.value}:{name}", at=at, kind=kind, sku=sku, warehouse=house, pieces=pieces,
            source=name, **more,
        )  # type: ignore[arg-type]  # fmt: skip
        yield move


def naive(moves: list[Move]) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Quantity and value of each SKU and warehouse, by moving average with a rounded unit cost."""
    pools: dict[tuple[str, str], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    paid: dict[str, Decimal] = {}
    fen = Decimal("0.01")
    for move in sorted(moves, key=lambda one: (one.at, one.move_id)):
        pieces, value = pools[move.sku, move.warehouse]
        average = (value / pieces).quantize(fen) if pieces > 0 else Decimal(0)
        if move.kind in (MoveKind.SALE, MoveKind.TRANSFER_OUT):
            paid[move.move_id] = average
            pools[move.sku, move.warehouse] = (pieces - move.pieces, value - average * move.pieces)
        else:
            unit = move.unit_cost if move.unit_cost is not None else paid.get(move.origin, average)
            pools[move.sku, move.warehouse] = (pieces + move.pieces, value + unit * move.pieces)
    return pools


def timed(what: str, work: Callable[[], T]) -> tuple[T, float]:
    """The result, with a line that says how long it took."""
    start = time.perf_counter()
    result = work()
    took = time.perf_counter() - start
    print(f"  {what:<58} {took:9.3f} s", flush=True)
    return result, took


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moves", type=int, default=1_000_000)
    parser.add_argument("--skus", type=int, default=10_000)
    parser.add_argument("--warehouses", type=int, default=16)
    given = parser.parse_args()
    moves = list(made(given.moves, given.skus, given.warehouses))
    gc.freeze()
    print(
        f"  {len(moves):,} moves of {given.skus:,} SKUs in {given.warehouses} warehouses; made: {peak_memory()}"
    )
    run(moves)
    one_sku([replace(move, sku="hot") for move in moves[: len(moves) // 10]])
    print(f"  {peak_memory()}")


def run(moves: list[Move]) -> None:
    """Everything one does with a year's ledger."""
    rules, end = CostRules(), START + timedelta(days=365)
    ledger, _ = timed("post all", lambda: post(moves))
    costs, _ = timed("cost all, moving average", lambda: cost(ledger, rules))
    timed("cost all, FIFO", lambda: cost(ledger, CostRules(method=Method.FIFO)))
    sums, _ = timed("balances of all", lambda: balances(ledger))
    timed("list what is or was below zero", lambda: shortfalls(ledger))
    closing, _ = timed("close December", lambda: close(costs, end - timedelta(days=31), end))
    assert costs.accounts().balanced, "the accounts do not balance"
    assert sum(row.closing for row in closing.rows) == sum(
        one.on_hand + one.defective for one in sums.values()
    )
    day = [
        replace(move, move_id=f"new:{move.move_id}", at=end + timedelta(minutes=number), origin="")
        for number, move in enumerate(move for move in moves[-6_000:] if move.kind is MoveKind.SALE)
    ]
    timed(f"post one day more ({len(day):,} sales) with checks", lambda: admit(ledger, day, PostingRules()))
    late = [
        replace(move, move_id=f"late:{move.move_id}", source=f"late:{move.source}")
        for move in moves[len(moves) // 2 :: len(moves) // 200][:100]
        if move.kind in (MoveKind.SALE, MoveKind.PURCHASE)
    ]
    after, ours = timed(f"{len(late)} documents half a year back: post", lambda: extend(ledger, late))
    recosted, more = timed("    and recompute costs", lambda: cost(after, rules, costs))
    whole, again = timed(
        "    the same from nothing: post and cost", lambda: cost(post([*moves, *late]), rules)
    )
    assert whole == recosted, "in parts and as a whole differ"
    _, slow = timed("    the same the naive way, from nothing", lambda: naive([*moves, *late]))
    print(f"  recomputing what changed: {again / (ours + more):.0f} x faster than from nothing, "
          f"{slow / (ours + more):.0f} x than the naive way")  # fmt: skip


def one_sku(moves: list[Move]) -> None:
    """The worst case: everything is one SKU, and a document comes late."""
    rules = CostRules()
    ledger = post(moves)
    costs, whole = timed(f"one SKU with {len(moves):,} moves: cost all", lambda: cost(ledger, rules))
    late = extend(ledger, [replace(moves[-len(moves) // 20], move_id="late", at=moves[-len(moves) // 20].at)])
    found, part = timed("    a document 5 % back: costs", lambda: cost(late, rules, costs))
    assert found == cost(late, rules), "in parts and as a whole differ"
    print(f"    {whole / part:.0f} x faster than all of it")


if __name__ == "__main__":
    main()
