"""The stock ledger at every commit: opening + in − out = on hand, of each kind of goods in each warehouse.

The pieces are counted here one move after another, in the order the rule book gives; the engine's own sums are not asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from formulas.moves import Move
from sync_engine.journal.journal import Journal
from sync_engine.stockroom import Balance, Posted
from tests.stock.oracle import in_order
from tests.stock.test_bins import piece_by_piece

OUT = ("sale", "transfer_out")


@dataclass
class Commits:
    """What was wrong when a transaction had come to its end."""

    wrong: list[str] = field(default_factory=list)
    seen: int = 0
    _known: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def watch(self, journal: Journal) -> None:
        """Look at this journal after each of its transactions."""
        begin, depth = journal.transaction, [0]
        self._known.clear()

        @contextmanager
        def watched() -> Iterator[None]:
            depth[0] += 1
            try:
                with begin():
                    yield
            finally:
                depth[0] -= 1
            if not depth[0]:
                self.seen += 1
                self.wrong += self._odd(journal)

        journal.transaction = watched  # type: ignore[method-assign]

    def _odd(self, journal: Journal) -> Iterator[str]:
        for sku in sorted(journal.moves.skus()):
            posted, shown = journal.moves.of_sku(sku), journal.moves.balances(sku)
            state = (len(posted), tuple(sorted((place, repr(one)) for place, one in shown.items())))
            if self._known.get(sku) != state:
                self._known[sku] = state
                yield from _by_bin(sku, posted, shown)
                yield from _back_once(sku, posted)
                yield from _differences(
                    sku, posted, {p: (b.on_hand, b.defective, b.in_transit) for p, b in shown.items()}
                )


def _differences(sku: str, posted: Sequence[Posted], shown: dict[str, tuple[int, int, int]]) -> Iterator[str]:
    counted = [one for one in posted if not _left_out(one)]
    changes = {one.move.move_id: one.line.change for one in counted if one.line}
    good, bad, coming = pieces_of([one.move for one in counted], changes)
    for place in {*good, *bad, *coming, *shown}:
        there = (good[place], bad[place], coming[place])
        if shown.get(place, (0, 0, 0)) != there:
            yield f"at a commit {sku} in {place} was {shown.get(place)}, its {len(posted)} moves make {there}"


def _by_bin(sku: str, posted: Sequence[Posted], shown: Mapping[str, Balance]) -> Iterator[str]:
    """The bins, what is picked and what lies in none make what is on hand, and are what one finds piece by piece."""
    counted = [one for one in posted if not _left_out(one) and one.line is not None]
    if not any(one.move.bin or (one.move.to and one.move.kind == "shelve") for one in counted):
        return
    order = {move.move_id: at for at, move in enumerate(in_order([one.move for one in counted]))}
    counted.sort(key=lambda one: order[one.move.move_id])
    changes = tuple(one.line.change for one in counted if one.line)
    for (place, bad), there in piece_by_piece(tuple(one.move for one in counted), changes).items():
        balance = shown[place]
        held = {**dict.fromkeys(there, 0), "picked": 0, "": 0}
        held |= {one.bin: one.bad if bad else one.good for one in balance.bins}
        total, held["picked"] = balance.defective if bad else balance.on_hand, 0 if bad else balance.picked
        held[""] = total - sum(held.values())
        if {name: n for name, n in held.items() if n} != {name: n for name, n in there.items() if n}:
            yield f"at a commit the bins of {sku} in {place} were {held}, its moves make {dict(there)}"


def _back_once(sku: str, posted: Sequence[Posted]) -> Iterator[str]:
    """Of a line never more comes back than left, and never less than nothing."""
    sold, back = Counter[str](), Counter[str]()
    for one in posted:
        move = one.move
        pile = sold if move.kind == "sale" else back if move.kind.startswith("return_") else None
        if pile is not None and not _left_out(one):
            oid = [*move.move_id.removeprefix("reversal:").split(":"), "", ""][2]
            pile[oid] += -move.pieces if move.reverses else move.pieces
    for oid, pieces in back.items():
        if pieces < 0 or (sold[oid] and pieces > sold[oid]):
            yield f"at a commit {pieces} pieces of {sku} had come back of line {oid}, {sold[oid]} had left"


def _left_out(one: Posted) -> bool:
    """A move that does not count and says so."""
    return one.line is not None and one.line.change == 0 and bool(one.line.problem)


def pieces_of(
    moves: list[Move], changes: Mapping[str, int]
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Good, defective and coming pieces by warehouse.

    Args:
        changes: what each count of a bin added, by move; the bins have a judge of their own.
    """
    there: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    coming: Counter[str] = Counter()
    by_id = {move.move_id: move for move in moves}
    gone: defaultdict[str, int] = defaultdict(int)
    for move in in_order(moves):
        pile = there[move.defective or move.kind == "return_defective"]
        if move.kind in ("shelve", "pick"):
            continue
        if move.kind == "count" and move.bin:
            pile[move.warehouse] += changes.get(move.move_id, 0)
            continue
        if move.kind == "count":
            pile[move.warehouse] = move.pieces
            continue
        sign = (-1 if move.kind in OUT else 1) * (-1 if move.reverses else 1)
        pile[move.warehouse] += sign * move.pieces
        if move.kind == "transfer_out":
            coming[move.to] -= sign * move.pieces
        elif move.kind == "transfer_in":
            out = by_id.get(move.origin) or by_id.get(by_id[move.reverses].origin if move.reverses else "")
            if out is not None:
                coming[out.to] -= sign * move.pieces
                gone[out.move_id] += sign * move.pieces
    return there[False], there[True], coming
