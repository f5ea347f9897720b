"""What a heap of equal goods is worth: by moving average, or first in first out. Whole fen throughout.

Rounding is carried in the heap: an issue takes its rounded share, the heap keeps the rest, and the last piece takes what
is left. So what came in is to the fen what went out and what lies there.

Below zero nothing is made up for good: pieces that are not there go out at a provisional cost, kept as owed; the next
receipt pays for them, and the difference is told apart (the variance). A heap's value never has the other sign than its
pieces, and is 0 where those are 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

Rate = tuple[int, int]
"""Fen for so many pieces: a cost per piece without rounding."""


class Unknown(StrEnum):
    """What a piece costs when nothing says so (facts, section 1.10). One without an answer passes on to the next.

    The order is: the one chosen, average, last in, fixed, 0.
    """

    FIXED = "fixed"
    AVERAGE = "average"
    LAST_IN = "last_in"
    LAST_OUT = "last_out"
    ZERO = "zero"


def part(value: int, pieces: int, of: int) -> int:
    """The share of `pieces` out of `of`, in fen, rounded half away from zero."""
    if value < 0:
        return -part(-value, pieces, of)
    return (2 * value * pieces + of) // (2 * of)


def rate_of(unit_cost: Decimal) -> Rate:
    """Yuan a piece as a rate."""
    number, of = unit_cost.as_integer_ratio()
    return number * 100, of


class Pool(Protocol):
    """A heap. Fen and pieces; `lot` is the id of the move that brought pieces in."""

    pieces: int
    value: int

    def receive(self, pieces: int, value: int, lot: str) -> int:
        """Pieces come in; the variance: what was owed for pieces that had gone out cost more than was thought."""

    def issue(self, pieces: int, unknown: Unknown, fixed: Rate | None) -> int:
        """Pieces go out; their cost."""

    def withdraw(self, pieces: int, value: int, lot: str) -> int:
        """A receipt of `value` is taken back; what leaves the heap for it. The rest has gone out already: a variance."""

    def revalue(self, pieces: int, amount: int, lot: str) -> int:
        """A receipt of `pieces` cost `amount` more; how much of that belongs to pieces that still lie here."""

    def rate(self, unknown: Unknown, fixed: Rate | None) -> Rate:
        """What a piece costs where nothing says so."""

    def copy(self) -> Pool:
        """The same heap once more."""


@dataclass(slots=True)
class _Memory:
    """What a heap remembers of its past costs."""

    pieces: int = 0
    value: int = 0
    average: Rate | None = None  # just before it ran empty, or of the receipt that fell into the hole
    last_in: Rate | None = None
    last_out: Rate | None = None

    def rate(self, unknown: Unknown, fixed: Rate | None) -> Rate:
        """What a piece costs where nothing says so."""
        if unknown is Unknown.ZERO:
            return 0, 1
        average = (self.value, self.pieces) if self.pieces > 0 else self.average
        chosen = {
            Unknown.FIXED: fixed, Unknown.LAST_IN: self.last_in, Unknown.LAST_OUT: self.last_out, Unknown.AVERAGE: average
        }[unknown]  # fmt: skip
        return chosen or average or self.last_in or fixed or (0, 1)


@dataclass(slots=True)
class AveragePool(_Memory):
    """Moving average: every piece is worth value ÷ pieces."""

    def receive(self, pieces: int, value: int, lot: str) -> int:
        """Pieces come in, first of all to those owed."""
        self.last_in = (value, pieces)
        variance, rest, rest_value = 0, pieces, value
        if self.pieces < 0:
            owed = -self.pieces
            paid = min(pieces, owed)
            true = part(value, paid, pieces)
            provisional = part(-self.value, paid, owed)
            variance = true - provisional
            self.pieces += paid
            self.value += provisional
            rest, rest_value = pieces - paid, value - true
        self.pieces += rest
        self.value += rest_value
        if self.pieces <= 0:
            self.average = (value, pieces)
        return variance

    def issue(self, pieces: int, unknown: Unknown, fixed: Rate | None) -> int:
        """Pieces go out at the average; those that are not there at the provisional cost."""
        there = self.pieces
        if pieces < there:
            cost = (2 * self.value * pieces + there) // (2 * there)
        else:
            cost = self._empty()
            if missing := pieces - max(there, 0):
                fen, of = self.rate(unknown, fixed)
                cost += part(fen, missing, of)
        self.pieces = there - pieces
        self.value -= cost
        self.last_out = (cost, pieces)
        return cost

    def _empty(self) -> int:
        if self.pieces <= 0:
            return 0
        self.average = (self.value, self.pieces)
        return self.value

    def withdraw(self, pieces: int, value: int, lot: str) -> int:
        """Take a receipt out at its own value; at the average where the heap has no longer that much."""
        there, want = self.pieces, max(value, 0)
        if there > pieces:
            taken = want if want <= self.value else part(self.value, pieces, there)
        else:
            taken = self._empty()
            if missing := pieces - max(there, 0):
                taken += want - part(want, pieces - missing, pieces)
        self.pieces -= pieces
        self.value -= taken
        return taken

    def revalue(self, pieces: int, amount: int, lot: str) -> int:
        """Of the receipt as many pieces still lie here as the heap has, at most all of them."""
        here = min(max(self.pieces, 0), pieces)
        kept = max(part(amount, here, pieces), -self.value) if here else 0
        self.value += kept
        return kept

    def copy(self) -> AveragePool:
        """The same heap once more."""
        return AveragePool(self.pieces, self.value, self.average, self.last_in, self.last_out)


@dataclass(slots=True)
class FifoPool(_Memory):
    """First in, first out: pieces keep the cost of their lot.

    Goods that come back are a new lot, at the end; a transfer travels as one lot at what its pieces cost together.
    """

    lots: list[tuple[str, int, int]] = field(default_factory=list)  # lot, pieces, fen; oldest last
    owed: list[tuple[int, int]] = field(default_factory=list)  # pieces, provisional fen; oldest first

    def receive(self, pieces: int, value: int, lot: str) -> int:
        """Pieces come in, first of all to those owed, oldest first."""
        self.last_in = (value, pieces)
        variance, rest, rest_value = 0, pieces, value
        while rest and self.owed:
            owed, fen = self.owed[0]
            paid = min(rest, owed)
            true, provisional = part(rest_value, paid, rest), part(fen, paid, owed)
            variance += true - provisional
            self.owed[:1] = [(owed - paid, fen - provisional)] if paid < owed else []
            rest, rest_value = rest - paid, rest_value - true
        if rest:
            self.lots.insert(0, (lot, rest, rest_value))
        self.pieces += pieces
        self.value += value - variance
        if self.pieces <= 0:
            self.average = (value, pieces)
        return variance

    def issue(self, pieces: int, unknown: Unknown, fixed: Rate | None) -> int:
        """Pieces go out of the oldest lots; those that are not there at the provisional cost."""
        self._remember(pieces)
        missing, cost = self._take(pieces)
        if missing:
            fen, of = self.rate(unknown, fixed)
            owed = part(fen, missing, of)
            self._owe(missing, owed)
            cost += owed
        self.last_out = (cost, pieces)
        return cost

    def _take(self, pieces: int) -> tuple[int, int]:
        """Take pieces out of the oldest lots: how many were missing, what the others cost."""
        cost, wanted = 0, pieces
        while pieces and self.lots:
            lot, there, fen = self.lots.pop()
            took = min(pieces, there)
            share = part(fen, took, there)
            if took < there:
                self.lots.append((lot, there - took, fen - share))
            cost, pieces = cost + share, pieces - took
        self.pieces -= wanted - pieces
        self.value -= cost
        return pieces, cost

    def _remember(self, pieces: int) -> None:
        if 0 < self.pieces <= pieces:
            self.average = (self.value, self.pieces)

    def _owe(self, pieces: int, fen: int) -> None:
        self.owed.append((pieces, fen))
        self.pieces -= pieces
        self.value -= fen

    def withdraw(self, pieces: int, value: int, lot: str) -> int:
        """Take out what is left of the lot, then the oldest others; missing ones are owed at the receipt's own cost."""
        self._remember(pieces)
        taken, rest = 0, pieces
        for place, (name, there, fen) in enumerate(self.lots):
            if name == lot:
                took = min(rest, there)
                taken = part(fen, took, there)
                self.lots[place : place + 1] = [(lot, there - took, fen - taken)] if took < there else []
                self.pieces, self.value, rest = self.pieces - took, self.value - taken, rest - took
                break
        missing, cost = self._take(rest)
        taken += cost
        if missing:
            want = max(value, 0)
            owed = want - part(want, pieces - missing, pieces)
            self._owe(missing, owed)
            taken += owed
        return taken

    def revalue(self, pieces: int, amount: int, lot: str) -> int:
        """Of the receipt those pieces still lie here that are left of its lot."""
        for place, (name, there, fen) in enumerate(self.lots):
            if name == lot:
                kept = max(part(amount, min(there, pieces), pieces), -fen)
                self.lots[place] = (name, there, fen + kept)
                self.value += kept
                return kept
        return 0

    def copy(self) -> FifoPool:
        """The same heap once more."""
        return FifoPool(
            self.pieces,
            self.value,
            self.average,
            self.last_in,
            self.last_out,
            self.lots.copy(),
            self.owed.copy(),
        )
