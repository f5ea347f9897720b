"""Costs that come with goods: freight-in and duty shared out over the lines of a receipt, to the fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from formulas.moves import fen, yuan


class ShareBy(StrEnum):
    """What a freight-in is shared out by."""

    VALUE = "value"
    WEIGHT = "weight"
    PIECES = "pieces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One line of a receipt: pieces, yuan for the line, grams a piece (None: nobody weighed it)."""

    pieces: int
    amount: Decimal
    weight_g: Decimal | None = None


def distribute(total: Decimal, weights: Sequence[Decimal | int]) -> tuple[Decimal, ...]:
    """`total` yuan shared out by weight, to the fen, so that the parts add up to it.

    Each gets its share rounded down; the fen left over go to the largest remainders, of equal ones to the first. Where
    all weights are 0, all count alike. ValueError for a negative weight or nothing to share out over.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be 0 or more, and at least one")
    amount = fen(total)
    exact = [Fraction(weight) for weight in weights] if any(weights) else [Fraction(1)] * len(weights)
    whole = sum(exact)
    shares = [abs(amount) * one / whole for one in exact]
    parts = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda number: (parts[number] - shares[number], number))
    for number in order[: abs(amount) - sum(parts)]:
        parts[number] += 1
    return tuple(yuan(part if amount >= 0 else -part) for part in parts)


def freight_in(total: Decimal, lines: Sequence[Goods], by: ShareBy) -> tuple[Decimal, ...]:
    """A receipt's freight and duty for each of its lines, in yuan: what goes into `Move.extra`.

    By weight, lines nobody weighed would get nothing; then all are shared out by value, for a missing weight must not
    make goods cheap. By value, free goods get nothing unless all are free.
    """
    if by is ShareBy.PIECES:
        return distribute(total, [line.pieces for line in lines])
    if by is ShareBy.WEIGHT and all(line.weight_g for line in lines):
        return distribute(total, [line.pieces * (line.weight_g or Decimal(0)) for line in lines])
    return distribute(total, [line.amount for line in lines])
