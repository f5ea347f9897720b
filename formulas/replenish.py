"""When to buy again and how much: reorder point and order-up-to level (s, S) over the days a supplier's calendar leaves open.

An order placed now must last until the one after it arrives. Those are the days to cover: they hold lead time and the wait
for the next order day, holidays included (periodic review, facts, section 4.3: the risk period is R + L).

    μ = what is expected of the days to cover        σ = sqrt(days/7·σ_w² + d²·σ_L²)
    s = μ + z·σ, rounded up                          S = s + what is expected of the days an order is meant to last
    order when on hand + on its way − reserved is below s: up to S, in whole packs, never fewer than the minimum

with σ_w the root mean square error of the forecast of one week, d the daily mean, σ_L the deviation of the lead time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import NormalDist

from formulas.declare import bad_number
from formulas.planning import rounded_up
from workbook_templates.schema import Lang
from workbook_templates.words import say

EVERY_DAY = frozenset(range(7))
_HORIZON = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a supplier delivers one kind of goods.

    Attributes:
        lead_days: days of work from order to arrival; `lead_deviation` is how much they vary.
        order_days: weekdays on which orders are taken, Monday is 0.
        closed: periods without orders or work, both days included, like the Spring Festival.
        minimum, pack: fewest pieces of an order, pieces of a pack.
    """

    lead_days: int = 7
    lead_deviation: float = 0.0
    order_days: frozenset[int] = EVERY_DAY
    closed: tuple[tuple[date, date], ...] = ()
    minimum: int = 1
    pack: int = 1

    def is_closed(self, day: date) -> bool:
        """Whether nobody works there on this day."""
        return any(first <= day <= last for first, last in self.closed)

    def order_day(self, day: date) -> date:
        """The first day from `day` on at which an order is taken; `day` itself where a calendar leaves none."""
        for number in range(_HORIZON):
            tried = day + timedelta(days=number)
            if tried.weekday() in self.order_days and not self.is_closed(tried):
                return tried
        return day

    def arrival(self, ordered: date) -> date:
        """When an order of this day arrives; days on which nobody works there do not count."""
        day, left = ordered, self.lead_days
        for _ in range(_HORIZON):
            if left <= 0:
                break
            day += timedelta(days=1)
            left -= not self.is_closed(day)
        return day

    def days_to_cover(self, today: date) -> int:
        """Days until the order after the next one arrives."""
        following = self.order_day(self.order_day(today) + timedelta(days=1))
        return (self.arrival(following) - today).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the shop wants: service by class, and for how many days an order is meant to last."""

    service: Mapping[str, float]  # by class A, B, C
    cycle_days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of one kind of goods: pieces of each day from today on, and the error of a week's forecast."""

    daily: Sequence[float]
    week_deviation: float

    def over(self, days: int, start: int = 0) -> float:
        """Pieces of so many days; beyond what was looked at, as on its last week."""
        seen = list(self.daily[start : start + days])
        tail = self.daily[-7:]
        mean = sum(tail) / len(tail) if tail else 0.0
        return sum(seen) + mean * (days - len(seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """When to order and how far to fill up, with the parts of the sum."""

    cover_days: int
    expected: float
    safety: int
    reorder_at: int  # s
    up_to: int  # S


def levels(expected: Expected, terms: Terms, policy: Policy, grade: str, today: date) -> Levels:
    """Reorder point and order-up-to level of one kind of goods."""
    days = terms.days_to_cover(today)
    mean = expected.over(days)
    spread = (
        days / 7 * expected.week_deviation**2 + (mean / days if days else 0.0) ** 2 * terms.lead_deviation**2
    )
    safety = max(0, _up(NormalDist().inv_cdf(policy.service[grade]) * spread**0.5))
    reorder_at = _up(mean + safety)
    return Levels(
        cover_days=days, expected=mean, safety=safety, reorder_at=reorder_at,
        up_to=_up(mean + safety + expected.over(policy.cycle_days, days)),
    )  # fmt: skip


def _up(pieces: float) -> int:
    return rounded_up(Decimal(repr(pieces)))


def order_pieces(position: int, reorder_at: int, up_to: int, minimum: int = 1, pack: int = 1) -> int:
    """Pieces to order: none from the reorder point up; else up to S, in whole packs, at least the minimum."""
    if position >= reorder_at:
        return 0
    return packed(up_to - position, minimum, pack)


def packed(pieces: int, minimum: int = 1, pack: int = 1) -> int:
    """Pieces rounded up to whole packs, at least the minimum; 0 stays 0."""
    if pieces <= 0:
        return 0
    size = max(1, pack)
    return -(-max(pieces, minimum) // size) * size


def order_quantity(
    position: Decimal, reorder_at: Decimal, up_to: Decimal, minimum: Decimal | None = None, pack: Decimal | None = None
) -> int:  # fmt: skip
    """The same for a cell: whole pieces, and sentences for numbers that will not do."""
    if up_to < reorder_at:
        raise bad_number(
            "补到的数量不能小于补货点", "the level to fill up to cannot lie below the reorder point"
        )
    if (minimum is not None and minimum < 0) or (pack is not None and pack < 1):
        raise bad_number("起订量不能是负数,每箱件数至少 1", "minimum and pack cannot be negative or 0")
    return order_pieces(
        int(position), rounded_up(reorder_at), rounded_up(up_to), int(minimum or 1), int(pack or 1)
    )


GRADES = ("A", "B", "C")


def grade_of(amounts: Mapping[str, Decimal], first: Decimal = Decimal("0.8"), second: Decimal = Decimal("0.95")) -> dict[str, str]:  # fmt: skip
    """ABC classes by sales: goods that make the first 80 % are A, to 95 % B, the rest and what sold nothing C.

    Goods whose own sales carry the sum across a border still belong to the class before it.
    """
    total = sum((amount for amount in amounts.values() if amount > 0), Decimal(0))
    grades: dict[str, str] = {}
    before = Decimal(0)
    for code, amount in sorted(amounts.items(), key=lambda one: (-one[1], one[0])):
        share = before / total if total else Decimal(1)
        grades[code] = "C" if amount <= 0 else "A" if share < first else "B" if share < second else "C"
        before += max(amount, Decimal(0))
    return grades


def why_order(
    found: Levels, position: int, pieces: int, terms: Terms, grade: str, service: float, lang: Lang
) -> str:
    """The sum spelled out."""
    zh = (
        f"{found.cover_days} 天(到下下次到货)预计卖 {found.expected:.1f} + 安全库存 {found.safety}({grade} 类,服务水平 {service:.0%}) "
        f"= 补货点 {found.reorder_at};现有+在途−占用 = {position}"
    )
    en = (
        f"{found.cover_days} days until the order after the next arrives: expected {found.expected:.1f} + safety {found.safety} "
        f"(class {grade}, service {service:.0%}) = reorder point {found.reorder_at}; on hand + on its way − reserved = {position}"
    )
    if not pieces and position < found.reorder_at:
        return say(lang, f"{zh},低于补货点", f"{en}, below it")
    if not pieces:
        return say(lang, f"{zh},够了", f"{en}: enough")
    packs = f",按每箱 {terms.pack}、起订 {terms.minimum} 取整" if max(terms.pack, terms.minimum) > 1 else ""
    whole = (
        f", in packs of {terms.pack}, at least {terms.minimum}" if max(terms.pack, terms.minimum) > 1 else ""
    )
    return say(
        lang, f"{zh},低于补货点:补到 {found.up_to}{packs}", f"{en}, below it: up to {found.up_to}{whole}"
    )
