"""Customers by recency, frequency and money.

Rule (facts, section 1.15): quintiles from 1 to 5 each, written as three digits. No vendor's formula is published; here a
value's score tells in which fifth of all values it lies, equal values score equally, and fewer days since the last
order are better.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from formulas.declare import bad_value


def rfm(days: Sequence[Decimal], counts: Sequence[Decimal], amounts: Sequence[Decimal]) -> list[list[str]]:
    """One three-digit score a customer, 111 to 555, in the order given.

    Args:
        days: since each customer's last order.
        counts: orders of each.
        amounts: yuan of each.
    """
    if not len(days) == len(counts) == len(amounts):
        raise bad_value("三列的行数不一样", "the three columns differ in length")
    recency = fifths([-day for day in days])
    return [[f"{r}{f}{m}"] for r, f, m in zip(recency, fifths(counts), fifths(amounts), strict=True)]


def fifths(values: Sequence[Decimal]) -> list[int]:
    """In which fifth each value lies, 1 to 5 from the lowest; equal values lie in the same."""
    ranked = sorted(values)
    return [1 + bisect_left(ranked, value) * 5 // len(ranked) for value in values]
