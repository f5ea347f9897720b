"""Month and year end: what is carried where, as lines of vouchers; and small-scale VAT below the limit.

Limits are dated rows, not constants (facts, section 3.4): small-scale payers owe no VAT up to 100,000 yuan of sales a month or
300,000 a quarter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from formulas.accounting.chart import Chart, Group, below, counterpart, group_of
from formulas.accounting.reports import CLOSE, INPUT_TAX, OUTPUT_TAX, TAX_TAKEN_BACK, Sum, vat_of
from formulas.accounting.vouchers import ZERO, Line

PROFIT_OF_YEAR, DISTRIBUTION = "3103", "3104"


@dataclass(frozen=True, slots=True, kw_only=True)
class VatLimit:
    """Sales a small-scale payer may have without owing VAT, from a day on, up to and including another."""

    cycle: str  # month | quarter
    start: date
    limit: Decimal
    end: date | None = None


VAT_LIMITS = (
    VatLimit(cycle="month", start=date(2026, 1, 1), limit=Decimal(100_000)),
    VatLimit(cycle="quarter", start=date(2026, 1, 1), limit=Decimal(300_000)),
)


def months_of(period: int, cycle: str) -> tuple[int, ...]:
    """The months of the tax period that ends with `period`; none where it does not end there."""
    if cycle == "month":
        return (period,)
    month = period % 100
    return tuple(period - n for n in (2, 1, 0)) if month % 3 == 0 else ()


def limit_on(period: int, cycle: str) -> Decimal | None:
    """The limit in force in a month; None where none is known: then nothing is exempted."""
    day = date(period // 100, period % 100, 1)
    for row in VAT_LIMITS:
        if row.cycle == cycle and row.start <= day and (row.end is None or day <= row.end):
            return row.limit
    return None


def exempted(sums: Iterable[Sum], period: int, cycle: str, chart: Chart) -> Decimal:
    """Small-scale VAT that becomes income at the end of a tax period, in yuan; 0 where sales are above the limit."""
    months, limit = months_of(period, cycle), limit_on(period, cycle)
    if not months or limit is None:
        return ZERO
    vat = vat_of(sums, months, chart)
    return vat.small if vat.sales <= limit and vat.small > 0 else ZERO


def carried(sums: Iterable[Sum], period: int, chart: Chart) -> tuple[Line, ...]:
    """The lines that carry income and expenses of a month to 本年利润: each account's balance to its other side."""
    target = counterpart(PROFIT_OF_YEAR, chart.standard)
    nets: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for one in sums:
        group = group_of(one.account[:4], chart.standard)
        if one.period <= period and group is not None and group.of_profit:
            nets[one.account, one.partner] += one.debit - one.credit
    lines: list[Line] = []
    for income in (True, False):
        part = {key: net for key, net in nets.items() if net and _is_income(key[0], chart) is income}
        for (account, partner), net in sorted(part.items()):
            lines.append(_turned(account, partner, net, income))
        total = sum(part.values(), ZERO)
        if total:
            lines.append(Line(account=target, credit=-total) if income else Line(account=target, debit=total))
    return tuple(lines)


def _turned(account: str, partner: str, net: Decimal, income: bool) -> Line:
    if income:
        return Line(account=account, partner=partner, debit=-net)
    return Line(account=account, partner=partner, credit=net)


def _is_income(account: str, chart: Chart) -> bool:
    return group_of(account[:4], chart.standard) is Group.INCOME


def year_end(sums: Iterable[Sum], year: int, chart: Chart) -> tuple[Line, ...]:
    """The lines that carry 本年利润 to 利润分配 after December was carried."""
    source, target = (counterpart(code, chart.standard) for code in (PROFIT_OF_YEAR, DISTRIBUTION))
    net = sum(
        (
            one.debit - one.credit
            for one in sums
            if below(one.account, source) and one.period <= year * 100 + 12
        ),
        ZERO,
    )
    if not net:
        return ()
    if net < 0:
        return Line(account=source, debit=-net), Line(account=target, credit=-net)
    return Line(account=target, debit=net), Line(account=source, credit=net)


def unpaid_vat(sums: Iterable[Sum], period: int) -> tuple[Line, ...]:
    """A general payer's month end: output, input and taken-back tax to 未交增值税; a surplus of input tax stays."""
    names = (INPUT_TAX, OUTPUT_TAX, TAX_TAKEN_BACK)
    nets: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in sums:
        if one.account in names and one.period <= period:
            nets[one.account] += one.debit - one.credit
    due = -sum(nets.values(), ZERO)
    if due <= 0:
        return ()
    turned = [
        Line(account=name, credit=nets[name]) if nets[name] > 0 else Line(account=name, debit=-nets[name])
        for name in names
        if nets[name]
    ]
    return (*turned, Line(account="2221.01.04", credit=due))


__all__ = [
    "CLOSE",
    "VAT_LIMITS",
    "VatLimit",
    "carried",
    "exempted",
    "limit_on",
    "months_of",
    "unpaid_vat",
    "year_end",
]
