"""A year of a real chain (16 warehouses, 864 SKUs, 269,421 daily sales) goes into the stock ledger and the journal.

    python -m bench.year [--most 269421]

Each warehouse buys at the start of a month what it sold in it, and sells day by day. Then: is what came in less what
went out what the ledger says is there, for every SKU and warehouse, at the end of every month; was anything ever below
zero; and does a journal opened anew give the same moves back.
The year is laptop_sales_2008 of the MIT package dmba.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from bench.forecast import YEAR
from bench.measure import peak_memory
from formulas.costing import CostRules, cost
from formulas.ledger import Ledger, balances, extend, post, shortfalls
from formulas.moves import Move, MoveKind
from sync_engine.clock import SHANGHAI
from sync_engine.journal.journal import Journal

Key = tuple[str, str]
"""SKU and warehouse."""


def read_sales(most: int) -> list[Move]:
    """The year's sales in order of time, one a day, warehouse and SKU."""
    with gzip.open(YEAR, "rt", encoding="utf-8") as text:
        rows = [row for row, _ in zip(csv.DictReader(text), range(most), strict=False)]
    found = [
        Move(
            move_id=f"sale:{row['store']}:{row['sku']}:{row['date']}", kind=MoveKind.SALE, sku=row["sku"],
            at=datetime.fromisoformat(row["date"]).replace(hour=12, tzinfo=SHANGHAI), warehouse=row["store"],
            pieces=int(row["units"]), source=f"orders/{row['date']}",
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda move: (move.at, move.move_id))


def month_of(move: Move) -> tuple[int, int]:
    """Year and month."""
    return move.at.year, move.at.month


def purchases(sales: Iterable[Move]) -> list[Move]:
    """What each warehouse bought at the start of each month: what it sold in it."""
    found = []
    for (year, month), of_month in groupby(sales, month_of):
        sold = Counter[Key]()
        for move in of_month:
            sold[move.sku, move.warehouse] += move.pieces
        for number, ((sku, place), pieces) in enumerate(sorted(sold.items())):
            found.append(
                Move(
                    move_id=f"purchase:{year}{month:02}:{place}:{sku}", kind=MoveKind.PURCHASE, sku=sku, warehouse=place,
                    at=datetime(year, month, 1, tzinfo=SHANGHAI), pieces=pieces, unit_cost=Decimal(30_000 + 7 * number) / 100,
                    source=f"purchases/{year}{month:02}",
                )
            )  # fmt: skip
    return found


def check_months(moves: list[Move]) -> tuple[int, int]:
    """Post month by month and compare each month's end with plain sums. Gives months and comparisons."""
    ledger, there = Ledger(), Counter[Key]()
    months = compared = 0
    for _, of_month in groupby(moves, month_of):
        batch = list(of_month)
        ledger = extend(ledger, batch)
        for move in batch:
            there[move.sku, move.warehouse] += move.pieces if move.kind is MoveKind.PURCHASE else -move.pieces
        held = balances(ledger)
        for key, pieces in there.items():
            assert held[key].on_hand == pieces >= 0, (
                f"{key}: {held[key].on_hand} in the ledger, {pieces} left"
            )
            compared += 1
        months += 1
    assert not shortfalls(ledger), "something was below zero"
    return months, compared


def keep(moves: list[Move]) -> int:
    """Into a journal on the disk, and back from one that is opened anew. Gives its size in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path, now = Path(folder) / "journal.sqlite", moves[-1].at + timedelta(days=1)
        journal = Journal(path, now)
        with journal.transaction():
            added = journal.moves.add(moves, now)
        again = 0
        with journal.transaction():
            again = len(journal.moves.add(moves[:1000], now))
        journal.close()
        journal = Journal(path, now)
        back = [one.move for sku in sorted(journal.moves.skus()) for one in journal.moves.of_sku(sku)]
        journal.close()
        assert len(added) == len(moves) and again == 0, "a move was posted twice, or not at all"
        assert sorted(back, key=lambda one: one.move_id) == sorted(moves, key=lambda one: one.move_id)
        return path.stat().st_size


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, default=10**9)
    given = parser.parse_args()
    if not YEAR.exists():
        print(f"{YEAR.name} is not here: nothing to measure")
        return
    sales = read_sales(given.most)
    moves = sorted([*sales, *purchases(sales)], key=lambda move: (move.at, move.move_id))
    places, skus = {move.warehouse for move in moves}, {move.sku for move in moves}
    print(
        f"  {len(sales):,} sales and {len(moves) - len(sales):,} purchases of {len(skus)} SKUs in {len(places)} warehouses"
    )
    said = "  {:<60} {:8.2f} s ({:.2f} s of the processor)"
    for what, work in (
        ("post all of it", lambda: post(moves)),
        ("post and cost all of it, moving average", lambda: cost(post(moves), CostRules()).accounts().balanced),
        ("month by month: in − out = on hand, never below zero", lambda: check_months(moves)),
        ("into a journal on the disk, and back", lambda: keep(moves)),
    ):  # fmt: skip
        start, busy = time.perf_counter(), time.process_time()
        result = work()
        print(said.format(what, time.perf_counter() - start, time.process_time() - busy), flush=True)
        if isinstance(result, tuple):
            print(f"    {result[0]} months, {result[1]:,} figures compared")
        elif isinstance(result, bool):
            assert result, "the accounts do not balance"
        elif isinstance(result, int):
            print(f"    {result / 2**20:.0f} MB")
    print(f"  {peak_memory()}")


if __name__ == "__main__":
    main()
