"""VAT contained in a price, by dated rates.

Rates (facts, section 3.4): VAT act in force since 2026-01-01; general payers 13 %, 9 % listed goods, 6 % services;
small-scale payers 3 %, levied at 1 % until 2027-12-31. Earlier dates and other rates: give the rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from formulas.declare import bad_value, not_found
from workbook_templates.schema import Choice
from workbook_templates.tables.choices import name_of

FEN = Decimal("0.01")
PAYERS = (
    Choice("general", "一般纳税人", "general"),
    Choice("general9", "一般纳税人9%", "general 9%"),
    Choice("general6", "一般纳税人6%", "general 6%"),
    Choice("small", "小规模", "small-scale"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRate:
    """A rate in percent for a kind of payer, from a day up to and including another."""

    payer: str
    start: date
    percent: Decimal
    end: date | None = None


RATES = (
    VatRate(payer="general", start=date(2026, 1, 1), percent=Decimal(13)),
    VatRate(payer="general9", start=date(2026, 1, 1), percent=Decimal(9)),
    VatRate(payer="general6", start=date(2026, 1, 1), percent=Decimal(6)),
    VatRate(payer="small", start=date(2026, 1, 1), end=date(2027, 12, 31), percent=Decimal(1)),
    VatRate(payer="small", start=date(2028, 1, 1), percent=Decimal(3)),
)


def vat(gross: Decimal, payer: str, at: datetime, percent: Decimal | None = None) -> Decimal:
    """The tax within an amount that includes it, in yuan: amount − round(amount ÷ (1 + rate)), half up to fen."""
    rate = percent if percent is not None else _rate(payer, at)
    if rate < 0:
        raise bad_value("税率不能是负数", "the rate cannot be negative")
    net = (gross / (1 + rate / 100)).quantize(FEN, rounding=ROUND_HALF_UP)
    return gross.quantize(FEN, rounding=ROUND_HALF_UP) - net


def _rate(payer: str, at: datetime) -> Decimal:
    name = name_of(PAYERS, payer)
    if name is None:
        raise bad_value(
            "纳税人填 一般纳税人、一般纳税人9%、一般纳税人6% 或 小规模",
            "the payer is general, general 9%, general 6% or small-scale",
        )
    day = at.date()
    for rate in RATES:
        if rate.payer == name and rate.start <= day and (rate.end is None or day <= rate.end):
            return rate.percent
    raise not_found(
        f"税率表没有 {day} 的税率,请在第四个参数写明",
        f"no rate is known for {day}: give it as the fourth argument",
    )
