"""What each kind of goods will sell: from the shop's sales day by day and its campaigns. Loads numpy when first asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from formulas.book import NOT_SOLD, Row, Sales, add_up, sold_at
from formulas.bundles import parts_from
from formulas.campaign_rows import CampaignRow
from formulas.replenish import Expected
from workbook_templates.schema import Value

if TYPE_CHECKING:
    from formulas.forecast.smoothing import Floats

HISTORY_DAYS = 400
AHEAD_WEEKS = 4
AHEAD_DAYS = 120
"""Campaigns are looked for so far ahead; beyond the weeks that are forecast, the last of them goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is expected of one kind of goods, and how that was found.

    Attributes:
        daily: pieces of each day from today on. week_deviation: root mean square error of a week's forecast.
        method: which was chosen. wape, bias: in the back-test; None where there was none.
    """

    daily: Sequence[float]
    method: str
    week_deviation: float
    wape: float | None = None
    bias: float | None = None
    beats_naive: bool = False

    @property
    def expected(self) -> Expected:
        """As reorder levels need it."""
        return Expected(daily=self.daily, week_deviation=self.week_deviation)


def goods_sales(orders: Mapping[str, Row], lines: Iterable[Row]) -> dict[str, Sales]:
    """Sold pieces and yuan by the code they were kept under; a bundle's line counts for the parts it was made of.

    The yuan of a bundle are shared out by pieces: they only grade goods.
    """
    found: dict[str, list[tuple[datetime, int, Decimal]]] = {}
    for line in lines:
        order = orders.get(str(line.get("tid") or ""))
        at = sold_at(order) if order else None
        code = str(line.get("outer_id") or line.get("sku_id") or line.get("num_iid") or "")
        if at is None or not code or line.get("status") in NOT_SOLD or line.get("refund_status") == "SUCCESS":
            continue
        pieces, parts = line.get("num"), parts_from(str(line.get("parts") or "")) or {code: 1}
        paid, back = (_yuan(line.get(name)) for name in ("amount", "refund_amount"))
        for part, times in parts.items():
            share = (paid - back) * times / sum(parts.values())
            found.setdefault(part, []).append((at, pieces * times if isinstance(pieces, int) else 0, share))
    return {code: add_up(sold) for code, sold in found.items()}


def _yuan(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)


def outlooks(
    sales: Mapping[str, Sales], campaigns: Iterable[CampaignRow], groups: Mapping[str, Collection[str]], today: date
) -> dict[str, Outlook]:  # fmt: skip
    """The forecast of all goods at once, on whole days up to yesterday.

    Args:
        sales: by code, every code that is to be forecast. groups: of each code, for campaigns.
    """
    import numpy as np

    from formulas.forecast.campaigns import Campaign, daily, multiples, usual
    from formulas.forecast.choosing import forecast
    from formulas.forecast.methods import CHOICES

    codes = sorted(sales)
    if not codes:
        return {}
    first, days = sold_days(codes, sales, today)
    named = [
        Campaign(name=one.name, start=one.start, end=one.end, multiple=one.multiple, codes=frozenset(of))
        for one in campaigns if (of := _goods_of(one, codes, groups)) or not one.goods
    ]  # fmt: skip
    ahead = forecast(usual(days, multiples(named, codes, first, len(days))), AHEAD_WEEKS)
    coming = daily(ahead.weeks, multiples(named, codes, today, AHEAD_DAYS))
    choice = ahead.choice

    def number(values: Floats, at: int) -> float | None:
        return None if np.isnan(values[at]) else float(values[at])

    return {
        code: Outlook(
            daily=coming[:, at].tolist(), method=CHOICES[choice.method[at]], week_deviation=float(choice.deviation[at]),
            wape=number(choice.wape, at), bias=number(choice.bias, at), beats_naive=bool(choice.beats_naive[at]),
        )
        for at, code in enumerate(codes)
    }  # fmt: skip


def _goods_of(campaign: CampaignRow, codes: Sequence[str], groups: Mapping[str, Collection[str]]) -> list[str]:  # fmt: skip
    """The goods of a campaign: named themselves, or by a group; none where it is for all."""
    named = set(campaign.goods)
    return [code for code in codes if code in named or named & set(groups.get(code, ()))]


def sold_days(codes: Sequence[str], sales: Mapping[str, Sales], today: date) -> tuple[date, Floats]:
    """The first day, and pieces by day and code from it to yesterday: from the first sale, at most 400 days back."""
    import numpy as np

    begun = min((one.times[0].date() for one in sales.values() if one.times), default=today)
    first = max(today - timedelta(days=HISTORY_DAYS), begun)
    days = np.zeros((max(0, (today - first).days), len(codes)))
    for column, code in enumerate(codes):
        one = sales[code]
        for number, at in enumerate(one.times):
            row = (at.date() - first).days
            if 0 <= row < len(days):
                days[row, column] += one.units[number + 1] - one.units[number]
    return first, days
