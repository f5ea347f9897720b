"""How things sold: pieces, amount, trend, rank, share, refunds, and what lies without selling.

All sums are those the functions of cells give (`formulas.queries`): sold when paid, the net amount of each line less its
refunds, a refunded line counts no pieces. A period is whole days, both ends included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from formulas.book import Book, Sales
from formulas.planning import days_of_stock

LEVELS = ("sku", "item", "group", "category", "shop")
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One subject in one period. Rates and shares are percent; None where there is nothing to divide by."""

    level: str
    subject: str
    name: str
    pieces: int
    amount: Decimal
    pieces_before: int
    amount_before: Decimal
    refunded: int
    last_sold: datetime | None
    days_without: int | None
    on_hand: int | None  # None: not a thing that lies anywhere
    days_of_stock: Decimal | None
    rank: int = 0
    share: Decimal | None = None

    @property
    def trend(self) -> Decimal | None:
        """Growth over the period before, percent."""
        return percent(self.amount - self.amount_before, self.amount_before)

    @property
    def refund_rate(self) -> Decimal | None:
        """Refunded pieces of those paid for, percent."""
        return percent(Decimal(self.refunded), Decimal(self.pieces + self.refunded))


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share in percent to a tenth; None of nothing."""
    return (part * _HUNDRED / whole).quantize(_TENTH) if whole > 0 else None


def standings(book: Book, start: datetime, end: datetime) -> tuple[Standing, ...]:
    """Every subject of every level, ranked within its level.

    Args:
        start: midnight of the first day.
        end: midnight of the last day, which is part of it.
    """
    after = end + timedelta(days=1)
    before = start - (after - start)
    found: list[Standing] = []
    for level in LEVELS:
        own = [_standing(book, level, subject, before, start, after) for subject in book.subjects(level)]
        total = sum((one.amount for one in own), Decimal(0))
        ordered = sorted(own, key=lambda one: (-one.amount, -one.pieces, one.subject))
        found += [
            replace(one, rank=rank, share=percent(one.amount, total)) for rank, one in enumerate(ordered, 1)
        ]
    return tuple(found)


def _standing(
    book: Book, level: str, subject: str, before: datetime, start: datetime, after: datetime
) -> Standing:
    sold = book.level_sales.get((level, subject, "")) or Sales()
    back = book.level_refunds.get((level, subject, "")) or Sales()
    pieces, amount, _ = sold.between(start, after)
    pieces_before, amount_before, _ = sold.between(before, start)
    last = sold.last_before(after)
    there = None if level == "shop" else book.pieces_on_hand(level, subject)
    days = (after - start).days
    return Standing(
        level=level, subject=subject, name=book.name_of(level, subject), pieces=pieces, amount=amount,
        pieces_before=pieces_before, amount_before=amount_before, refunded=back.between(start, after)[0],
        last_sold=last, days_without=(after - timedelta(days=1) - midnight(last)).days if last else None, on_hand=there,
        days_of_stock=days_of_stock(Decimal(there), Decimal(pieces) / days) if there is not None and pieces else None,
    )  # fmt: skip


def midnight(at: datetime) -> datetime:
    """The beginning of a day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
