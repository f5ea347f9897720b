"""The stock ledger at every commit: opening + in − out = on hand, of each kind of goods in each warehouse.

The pieces are counted here one move after another, in the order the rule book gives; the engine's own sums are not asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from formulas.moves import Move
from sync_engine.journal.journal import Journal
from sync_engine.stockroom import Posted
from tests.stock.oracle import in_order

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
                yield from _differences(
                    sku, posted, {p: (b.on_hand, b.defective, b.in_transit) for p, b in shown.items()}
                )


def _differences(sku: str, posted: Sequence[Posted], shown: dict[str, tuple[int, int, int]]) -> Iterator[str]:
    good, bad, coming = pieces_of([one.move for one in posted if not _left_out(one)])
    for place in {*good, *bad, *coming, *shown}:
        there = (good[place], bad[place], coming[place])
        if shown.get(place, (0, 0, 0)) != there:
            yield f"at a commit {sku} in {place} was {shown.get(place)}, its {len(posted)} moves make {there}"


def _left_out(one: Posted) -> bool:
    """A move that does not count and says so."""
    return one.line is not None and one.line.change == 0 and bool(one.line.problem)


def pieces_of(moves: list[Move]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Good, defective and coming pieces by warehouse."""
    there: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    coming: Counter[str] = Counter()
    by_id = {move.move_id: move for move in moves}
    gone: defaultdict[str, int] = defaultdict(int)
    for move in in_order(moves):
        pile = there[move.defective or move.kind == "return_defective"]
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
