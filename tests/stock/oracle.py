"""The costs of one SKU found in another way: every piece is an object with a Fraction of a fen on it.

Shares nothing with the house but the rule book: order by a tree walk, quantities by counting pieces, rounding by carving
pieces off a row and spreading what rounding left over the rest. Slow, and meant to be.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from formulas.moves import Move

ORDER = {
    "opening": 0, "purchase": 1, "cost": 1, "transfer_out": 2, "transfer_in": 2, "sale": 4, "return_good": 5,
    "return_defective": 5, "count": 8, "shelve": 3, "pick": 3,
}  # fmt: skip


def rounded(amount: Fraction) -> int:
    """Half away from zero."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def in_order(moves: list[Move]) -> list[Move]:
    """Roots by time, each followed by those that answer it and are dated no later."""
    by_id = {move.move_id: move for move in sorted(moves, key=lambda one: (one.at, repr(one)), reverse=True)}

    def root_time(move: Move):
        """The moment at which the move counts."""
        parent = by_id.get(move.reverses or move.origin)
        return move.at if parent is None else max(move.at, root_time(parent))

    def is_attached(move: Move) -> bool:
        parent = by_id.get(move.reverses or move.origin)
        return parent is not None and move.at <= root_time(parent)

    def rank(move: Move) -> int:
        if move.reverses:
            return -1
        if move.kind == "adjustment":
            return 1 if move.pieces > 0 else 6
        return ORDER[str(move.kind)]

    children = defaultdict(list)
    for move in by_id.values():
        if is_attached(move):
            children[move.reverses or move.origin].append(move)

    def family(move: Move) -> list[Move]:
        found = [move]
        for child in sorted(children[move.move_id], key=lambda one: one.move_id):
            found += family(child)
        return found

    roots = sorted(
        (one for one in by_id.values() if not is_attached(one)), key=lambda m: (m.at, rank(m), m.move_id)
    )
    return [move for root in roots for move in family(root)]


@dataclass
class Row:
    """Pieces of equal worth in a row."""

    name: str
    pieces: list[Fraction] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, pieces: int, value: int) -> Row:
        return cls(name, [Fraction(value, pieces)] * pieces)

    @property
    def value(self) -> int:
        total = sum(self.pieces, Fraction(0))
        assert total.denominator == 1
        return int(total)

    def carve(self, pieces: int) -> int:
        """Take pieces off; what rounding leaves is spread over the others."""
        total = self.value
        taken = rounded(sum(self.pieces[:pieces], Fraction(0)))
        rest = len(self.pieces) - pieces
        self.pieces = [Fraction(total - taken, rest)] * rest if rest else []
        return taken

    def add(self, pieces: int, value: int) -> None:
        total, number = self.value + value, len(self.pieces) + pieces
        self.pieces = [Fraction(total, number)] * number


class Heap:
    """A pile of rows and what it owes."""

    def __init__(self, fifo: bool, unknown: str, fixed: Fraction | None) -> None:
        self.fifo, self.unknown, self.fixed = fifo, unknown, fixed
        self.rows: list[Row] = []
        self.owed: list[Row] = []
        self.average = self.last_in = self.last_out = None

    @property
    def pieces(self) -> int:
        return sum(len(row.pieces) for row in self.rows) - sum(len(row.pieces) for row in self.owed)

    @property
    def value(self) -> int:
        return sum(row.value for row in self.rows) - sum(row.value for row in self.owed)

    def guess(self) -> Fraction:
        if self.unknown == "zero":
            return Fraction(0)
        average = Fraction(self.value, self.pieces) if self.pieces > 0 else self.average
        wanted = {"fixed": self.fixed, "average": average, "last_in": self.last_in, "last_out": self.last_out}
        for one in (wanted[self.unknown], average, self.last_in, self.fixed):
            if one is not None:
                return one
        return Fraction(0)

    def receive(self, name: str, pieces: int, value: int) -> int:
        self.last_in = Fraction(value, pieces)
        row, variance = Row.of(name, pieces, value), 0
        while self.owed and row.pieces:
            number = min(len(self.owed[0].pieces), len(row.pieces))
            variance += row.carve(number) - self.owed[0].carve(number)
            self.owed = [one for one in self.owed if one.pieces]
        if row.pieces:
            if self.rows and not self.fifo:
                self.rows[0].add(len(row.pieces), row.value)
            else:
                self.rows.append(row)
        if self.pieces <= 0:
            self.average = Fraction(value, pieces)
        return variance

    def take(self, pieces: int) -> tuple[int, int]:
        cost = 0
        while pieces and self.rows:
            number = min(pieces, len(self.rows[0].pieces))
            cost += self.rows[0].carve(number)
            pieces -= number
            self.rows = [one for one in self.rows if one.pieces]
        return pieces, cost

    def owe(self, name: str, pieces: int, value: int) -> None:
        if self.owed and not self.fifo:
            self.owed[0].add(pieces, value)
        else:
            self.owed.append(Row.of(name, pieces, value))

    def remember(self, pieces: int) -> None:
        if 0 < self.pieces <= pieces:
            self.average = Fraction(self.value, self.pieces)

    def issue(self, name: str, pieces: int) -> int:
        self.remember(pieces)
        missing, cost = self.take(pieces)
        if missing:
            provisional = rounded(self.guess() * missing)
            self.owe(name, missing, provisional)
            cost += provisional
        self.last_out = Fraction(cost, pieces)
        return cost

    def withdraw(self, name: str, pieces: int, value: int, lot: str) -> int:
        self.remember(pieces)
        value, taken, rest = max(value, 0), 0, pieces
        if self.fifo:
            for row in self.rows:
                if row.name == lot:
                    number = min(rest, len(row.pieces))
                    taken, rest = row.carve(number), rest - number
            self.rows = [row for row in self.rows if row.pieces]
            missing, cost = self.take(rest)
            taken += cost
        elif self.pieces > pieces:
            total, number = self.value, self.pieces
            taken = value if value <= total else rounded(Fraction(total, number) * pieces)
            self.rows = [Row.of("", number - pieces, total - taken)]
            return taken
        else:
            missing, taken = self.take(pieces)
        if missing:
            own = Row.of("", pieces, value)
            own.carve(pieces - missing)
            self.owe(name, missing, own.value)
            taken += own.value
        return taken

    def revalue(self, pieces: int, amount: int, lot: str) -> int:
        for row in self.rows:
            if row.name == lot or not self.fifo:
                here = min(len(row.pieces), pieces)
                kept = max(rounded(Fraction(amount * here, pieces)), -row.value)
                row.pieces = [Fraction(row.value + kept, len(row.pieces))] * len(row.pieces)
                return kept
        return 0


class Judge:
    """Walks one SKU's moves; `lines` are (stock, other, sold, variance) by move id."""

    def __init__(
        self, moves, *, refused=(), fifo: bool, whole: bool, unknown: str = "average", fixed=None
    ) -> None:
        self.make = lambda: Heap(fifo, unknown, None if fixed is None else Fraction(fixed) * 100)
        self.whole = whole
        self.heaps: dict[tuple[str, bool], Heap] = defaultdict(self.make)
        self.there: dict[tuple[str, bool], int] = defaultdict(int)
        self.open: dict[str, Row] = {}
        self.lines: dict[str, tuple[int, int, int, int]] = {}
        self.moves: dict[str, Move] = {}
        self.supplied = 0
        for move in in_order([*moves, *refused]):
            if move in moves:
                self.walk(move)

    def walk(self, move: Move) -> None:
        kind, bad = str(move.kind), move.defective or move.kind == "return_defective"
        heap = self.heaps["" if self.whole else move.warehouse, bad]
        self.moves[move.move_id] = move
        if kind == "cost":
            amount = rounded(Fraction(move.extra) * 100)
            row = self.open[move.origin]
            kept = heap.revalue(len(row.pieces), amount, move.origin) if row.pieces else 0
            row.pieces = (
                [Fraction(row.value + amount, len(row.pieces))] * len(row.pieces) if row.pieces else []
            )
            self.lines[move.move_id] = (kept, 0, 0, amount - kept)
            self.supplied += amount
            return
        added = self.added(move, kind)
        self.there[move.warehouse, bad] += added
        still = self.whole and kind.startswith("transfer")
        value, line = (0, (0, 0, 0, 0)) if still or not added else self.book(move, kind, added, heap)
        self.lines[move.move_id] = line
        self.open[move.move_id] = Row.of(move.move_id, abs(move.pieces), value) if move.pieces else Row("")

    def added(self, move: Move, kind: str) -> int:
        bad = move.defective or kind == "return_defective"
        if kind == "count":
            return move.pieces - self.there[move.warehouse, bad]
        if kind == "adjustment":
            return -move.pieces if move.reverses and self.moves[move.reverses].pieces > 0 else move.pieces
        sign = -1 if kind in ("sale", "transfer_out") else 1
        return (-sign if move.reverses else sign) * move.pieces

    def answered(self, move: Move) -> int | None:
        """The value that belongs to a move because of the one it answers."""
        other = self.open.get(move.reverses or move.origin)
        if other is None:
            return None
        value = other.carve(move.pieces)
        if move.reverses:
            grand = self.open.get(self.moves[move.reverses].origin)
            if grand is not None:
                grand.add(move.pieces, value)
        return value

    def book(self, move: Move, kind: str, added: int, heap: Heap):
        value = self.answered(move)
        variance = 0
        if added > 0:
            if value is None and move.unit_cost is not None:
                value = rounded((Fraction(move.unit_cost) * added + Fraction(move.extra)) * 100)
            elif value is None:
                value = rounded(heap.guess() * added) + rounded(Fraction(move.extra) * 100)
            variance = heap.receive(move.move_id, added, value)
            stock, signed = value - variance, value
        elif value is None:
            value = heap.issue(move.move_id, -added)
            stock = signed = -value
        else:
            taken = heap.withdraw(move.move_id, -added, value, move.reverses)
            stock, signed, variance = -taken, -value, taken - value
        if kind in ("opening", "purchase"):
            self.supplied += signed
            return value, (stock, 0, 0, variance)
        if kind in ("sale", "return_good", "return_defective"):
            return value, (stock, 0, -signed, variance)
        return value, (stock, -signed, 0, variance)
