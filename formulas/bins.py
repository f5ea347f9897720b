"""Where in a warehouse goods lie: pieces by bin (货位), followed through the moves of one SKU.

Law, for each SKU and warehouse, good and defective apart: the sum over its bins + what is picked and has not left + what
lies in no bin (未上架) = on hand. It follows from the moves alone, in any order of posting:

- A move that names a bin adds to it or takes from it; one that names none concerns what lies in no bin.
- A bin move (移位) goes from one bin to another; "" stands for what lies in no bin.
- A pick (拣货) takes pieces out of a bin for one document; what that document sends out without naming a bin takes these first.
- A count of a bin says what lies there. The difference is settled against what lies in no bin as far as that goes (pieces
  found in a bin were lying about; pieces missing had gone out of nobody knew which bin), and only the rest is gain or loss.

What lies in no bin may fall below zero: more lies in the bins, by the moves, than there is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from formulas.moves import Move, MoveKind

Place = tuple[str, bool]
"""A warehouse, and whether its defective goods are meant."""

STILL = frozenset({MoveKind.SHELVE, MoveKind.PICK})
"""Moves within a warehouse: nothing comes or goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Pieces of one SKU in one warehouse: by bin (some may hold 0), picked and not gone, in no bin."""

    bins: Mapping[str, int] = field(default_factory=dict)
    picked: int = 0
    loose: int = 0

    @property
    def named(self) -> bool:
        """Whether any move ever named a bin here."""
        return bool(self.bins)


class BinWalk:
    """What lies where while the moves of one SKU are walked in order."""

    def __init__(self, *, binned: bool) -> None:
        self._binned = binned  # where no move names a bin there is nothing to follow but the sum
        self.stock: dict[Place, int] = defaultdict(int)
        self.bins: dict[Place, dict[str, int]] = {}
        self._ahead: dict[tuple[Place, str], int] = defaultdict(
            int
        )  # picked for a document less what it sent
        self._picked: dict[Place, int] = defaultdict(int)

    def loose(self, place: Place) -> int:
        """Pieces in no bin."""
        return self.stock[place] - sum(self.bins.get(place, {}).values()) - self._picked[place]

    def found(self, place: Place, name: str, counted: int) -> int:
        """What a count of a bin adds to the warehouse."""
        diff, loose = counted - self.bins.get(place, {}).get(name, 0), self.loose(place)
        return diff - min(max(diff, min(loose, 0)), max(loose, 0))

    def step(self, move: Move, delta: int) -> None:
        """Take a move in that adds so many pieces to its warehouse."""
        place = (move.warehouse, move.of_defective)
        self.stock[place] += delta
        if not self._binned:
            return
        if move.kind in STILL:
            self._within(move, place)
        elif move.kind is MoveKind.COUNT and move.bin:
            self.bins.setdefault(place, {})[move.bin] = move.pieces
        elif move.bin:
            self._add(place, move.bin, delta)
        elif delta < 0:
            self._ahead_by(place, move.source, delta)

    def _within(self, move: Move, place: Place) -> None:
        pieces = -move.pieces if move.reverses else move.pieces
        self._add(place, move.bin, -pieces)
        if move.kind is MoveKind.PICK:
            self._ahead_by(place, move.source, pieces)
        else:
            self._add(place, move.to, pieces)

    def _add(self, place: Place, name: str, pieces: int) -> None:
        if name:
            there = self.bins.setdefault(place, {})
            there[name] = there.get(name, 0) + pieces

    def _ahead_by(self, place: Place, source: str, pieces: int) -> None:
        before = self._ahead[place, source]
        self._ahead[place, source] = before + pieces
        self._picked[place] += max(0, before + pieces) - max(0, before)

    def shelf(self, place: Place) -> Shelf:
        """What lies where now."""
        return Shelf(bins=self.bins.get(place, {}), picked=self._picked[place], loose=self.loose(place))


def names_bins(moves: Iterable[Move]) -> bool:
    """Whether any of these moves names a bin."""
    return any(move.bin or move.kind is MoveKind.SHELVE for move in moves)


def shelves(moves: Sequence[Move], deltas: Sequence[int]) -> dict[Place, Shelf]:
    """What lies in which bin after all moves of a lane; {} for goods whose moves name no bin.

    Args:
        moves: of one SKU, in the order of its lane.
        deltas: the pieces each adds to its warehouse.
    """
    if not names_bins(moves):
        return {}
    walk = BinWalk(binned=True)
    for move, delta in zip(moves, deltas, strict=True):
        walk.step(move, delta)
    return {place: walk.shelf(place) for place in walk.bins}


def allot(pieces: int, held: Mapping[str, int], main: str = "", *, spared: int = 0) -> list[tuple[str, int]]:
    """Which bins so many pieces are taken from: the main bin first, then the fullest, equal ones by name.

    What is missing at the end lies in no bin and is not in the answer.

    Args:
        main: the bin that was named as the SKU's main one; "" for none.
        spared: pieces in no bin that are taken before other bins than the main one.
    """
    found: list[tuple[str, int]] = []
    order = sorted((name for name in held if name != main), key=lambda name: (-held[name], name))
    for name in (main, "", *order):
        there = spared if not name else held.get(name, 0)
        taken = min(pieces, max(0, there))
        pieces -= taken
        if taken and name:
            found.append((name, taken))
    return found
