"""What the books say: trial balance, ledgers, statements, VAT, from sums of postings.

Everything is a sum over postings and of nothing else, so computing it again gives the same. The statement sheets of the
workbook compute the same figures with SUMIFS; a test compares the two cell by cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from formulas.accounting.chart import Chart, Group, group_of
from formulas.accounting.posting import is_money
from formulas.accounting.vouchers import ZERO, Line, Voucher
from workbook_templates.statements import (
    ASSET_LINES,
    BALANCE_LINES,
    BALANCE_SHEET,
    BY_PARTNER,
    CASH_FLOW,
    CREDIT_LINES,
    DEBIT_TAX,
    DETAIL_LINES,
    INCOME_STATEMENT,
    OPENING_CASH,
    OTHER_LINES,
    OTHER_PROFIT,
    OUTFLOWS,
    PROFIT_LINES,
    STOCK_LINE,
    STOCK_PARTS,
    Row,
)

CLOSE = "close"
"""The rule of vouchers that carry income and expenses to 本年利润; the income statement leaves them out."""


INPUT_TAX, OUTPUT_TAX, TAX_TAKEN_BACK, SMALL_TAX = "2221.01.01", "2221.01.02", "2221.01.03", "2221.02"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Debits and credits of one account, partner and cash flow line in one month, closing vouchers apart."""

    period: int
    account: str
    partner: str = ""
    flow: int = 0
    closing: bool = False
    debit: Decimal = ZERO
    credit: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSum:
    """One row of 科目汇总: a month's debits and credits of one account, partner and cash flow line by one kind of voucher."""

    period: int
    account: str
    partner: str
    flow: int
    kind: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    lines: int = 0  # how many postings it is the sum of

    @property
    def key(self) -> str:
        """What its row is known by."""
        return sum_key(
            self.period, self.kind, Line(account=self.account, partner=self.partner, flow=self.flow)
        )


def sum_key(period: int, kind: str, line: Line) -> str:
    """The sum a posting counts in: `202610/1012.01/received/1/-`."""
    return f"{period}/{line.account}/{kind}/{line.flow or '-'}/{line.partner or '-'}"


def kind_sums_of(vouchers: Iterable[Voucher]) -> list[KindSum]:
    """The sums of these vouchers, kinds apart."""
    found: dict[tuple[int, str, str, int, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    for voucher in vouchers:
        for line in voucher.lines:
            cell = found[voucher.period, line.account, line.partner, line.flow, voucher.rule]
            cell[0] += line.debit
            cell[1] += line.credit
            cell[2] += 1
    return [
        KindSum(period=key[0], account=key[1], partner=key[2], flow=key[3], kind=key[4], debit=debit, credit=credit, lines=int(lines))
        for key, (debit, credit, lines) in found.items()
    ]  # fmt: skip


def sums_of(vouchers: Iterable[Voucher]) -> list[Sum]:
    """The sums of these vouchers."""
    found: dict[tuple[int, str, str, int, bool], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for voucher in vouchers:
        closing = voucher.rule == CLOSE
        for line in voucher.lines:
            cell = found[voucher.period, line.account, line.partner, line.flow, closing]
            cell[0] += line.debit
            cell[1] += line.credit
    return [
        Sum(period=key[0], account=key[1], partner=key[2], flow=key[3], closing=key[4], debit=debit, credit=credit)
        for key, (debit, credit) in found.items()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One account in one month; balances are debit less credit."""

    account: str
    year_opening: Decimal = ZERO
    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    year_debit: Decimal = ZERO
    year_credit: Decimal = ZERO
    month_result: Decimal = ZERO  # of income and expenses: credit less debit without closing vouchers
    year_result: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        """The balance at the end of the month."""
        return self.opening + self.debit - self.credit


def trial_balance(sums: Iterable[Sum], period: int) -> dict[str, Balance]:
    """Every account that was ever posted to, as it stands in a month."""
    year = period // 100 * 100 + 1
    cells: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for one in sums:
        if one.period > period:
            continue
        cell, net = cells[one.account], one.debit - one.credit
        if one.period < year:
            cell["year_opening"] += net
        if one.period < period:
            cell["opening"] += net
        if one.period >= year:
            cell["year_debit"] += one.debit
            cell["year_credit"] += one.credit
            cell["year_result"] -= ZERO if one.closing else net
        if one.period == period:
            cell["debit"] += one.debit
            cell["credit"] += one.credit
            cell["month_result"] -= ZERO if one.closing else net
    return {code: Balance(account=code, **cell) for code, cell in sorted(cells.items())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an account's ledger, with the balance after it."""

    voucher: Voucher
    line: Line
    balance: Decimal


def ledger(vouchers: Iterable[Voucher], account: str, opening: Decimal = ZERO) -> Iterator[Entry]:
    """The ledger of an account (明细账), in order of month and number; sub-accounts belong to it."""
    balance = opening
    for voucher in sorted(vouchers, key=lambda one: (one.period, one.number)):
        for line in voucher.lines:
            if line.account == account or line.account.startswith(f"{account}."):
                balance += line.net
                yield Entry(voucher=voucher, line=line, balance=balance)


def balance_line(code: str) -> int:
    """The line of the balance sheet an account counts in; 0 where its partners decide (see BY_PARTNER)."""
    head = code[:4]
    if head in BY_PARTNER or head == DEBIT_TAX[0]:
        return 0
    return BALANCE_LINES.get(head, OTHER_LINES.get(head[:1], 14))


def profit_line(code: str, chart: Chart) -> int:
    """The line of the income statement an account counts in; 0 for accounts of the balance sheet."""
    head = code[:4]
    group = group_of(head, chart.standard)
    if group not in (Group.INCOME, Group.EXPENSE):
        return 0
    return PROFIT_LINES.get(head, OTHER_PROFIT[group.value])


def detail_line(code: str, typed: Mapping[str, int] | None = None) -> int:
    """The "其中" line that names a sub-account; 0 where none does."""
    return (typed or {}).get(code, DETAIL_LINES.get(code, 0))


def _totals(rows: Sequence[Row], values: dict[int, Decimal], skip: Iterable[int] = ()) -> dict[int, Decimal]:
    """Work out the lines that are sums of others; they only refer to lines that stand before them."""
    for row in rows:
        if row.of and row.line not in skip:
            values[row.line] = sum((values.get(abs(n), ZERO) * (1 if n > 0 else -1) for n in row.of), ZERO)
        values.setdefault(row.line, ZERO)
    return values


def income_statement(
    balances: Mapping[str, Balance], chart: Chart, details: Mapping[str, int] | None = None
) -> dict[int, tuple[Decimal, Decimal]]:
    """利润表 会小企02表: (本年累计, 本月) by line."""
    year: dict[int, Decimal] = defaultdict(lambda: ZERO)
    month: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for code, balance in balances.items():
        for line in (profit_line(code, chart), detail_line(code, details)):
            if line:
                sign = 1 if line in CREDIT_LINES else -1
                year[line] += sign * balance.year_result
                month[line] += sign * balance.month_result
    years, months = _totals(INCOME_STATEMENT, dict(year)), _totals(INCOME_STATEMENT, dict(month))
    return {row.line: (years[row.line], months[row.line]) for row in INCOME_STATEMENT}


def partner_balances(sums: Iterable[Sum], upto: int) -> dict[tuple[str, str], Decimal]:
    """Balances by account and partner after the month `upto`."""
    found: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    for one in sums:
        if one.period <= upto:
            found[one.account, one.partner] += one.debit - one.credit
    return dict(found)


def _standing(sums: Sequence[Sum], upto: int) -> dict[int, Decimal]:
    """The lines of the balance sheet after the month `upto`."""
    values: dict[int, Decimal] = defaultdict(lambda: ZERO)
    tax = ZERO
    for (code, _), net in partner_balances(sums, upto).items():
        split = BY_PARTNER.get(code[:4])
        if split:
            values[split[0] if net > 0 else split[1]] += abs(net)
        elif code[:4] == DEBIT_TAX[0]:
            tax += net
        else:
            line = balance_line(code)
            values[line] += -net if line not in ASSET_LINES or line == 19 else net
    values[DEBIT_TAX[1] if tax > 0 else DEBIT_TAX[2]] += abs(tax)
    values[STOCK_LINE] += sum((values.get(n, ZERO) for n in STOCK_PARTS), ZERO)
    return _totals(BALANCE_SHEET, dict(values))


def balance_sheet(sums: Iterable[Sum], period: int) -> dict[int, tuple[Decimal, Decimal]]:
    """资产负债表 会小企01表: (期末余额, 年初余额) by line. Lines 30 and 53 are equal, whatever was posted."""
    known = list(sums)
    now, begun = _standing(known, period), _standing(known, period // 100 * 100)
    return {row.line: (now[row.line], begun[row.line]) for row in BALANCE_SHEET}


def cash_flow(sums: Iterable[Sum], period: int) -> dict[int, tuple[Decimal, Decimal]]:
    """现金流量表 会小企03表: (本年累计, 本月) by line; line 22 is the balance of cash, bank and other money."""
    known = list(sums)
    found = []
    for first in (period // 100 * 100 + 1, period):
        values: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for one in known:
            if not is_money(one.account) or one.period > period:
                continue
            net = one.debit - one.credit
            if one.period < first:
                values[OPENING_CASH] += net
            elif one.flow:
                values[one.flow] += -net if one.flow in OUTFLOWS else net
        found.append(_totals(CASH_FLOW, dict(values)))
    year, month = found
    return {row.line: (year[row.line], month[row.line]) for row in CASH_FLOW}


def unexplained_cash(sums: Iterable[Sum], period: int) -> Decimal:
    """Money that moved without a line of the cash flow statement; transfers between money accounts come to 0."""
    return sum(
        (
            one.debit - one.credit
            for one in sums
            if is_money(one.account) and one.period == period and not one.flow
        ),
        ZERO,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vat:
    """The VAT worksheet of one month, in yuan."""

    sales: Decimal  # net
    output: Decimal
    small: Decimal  # of a small-scale payer, before any exemption
    input: Decimal
    taken_back: Decimal

    @property
    def due(self) -> Decimal:
        """What is to be paid; below 0 it is carried over."""
        return self.output + self.small - self.input + self.taken_back


_SALES_HEADS = {"small": ("5001", "5051"), "business": ("6001", "6051")}


def vat_of(sums: Iterable[Sum], periods: Iterable[int], chart: Chart) -> Vat:
    """The VAT of some months: what arose. Payments, exemptions and what month end carries over stand on the other side
    of the same accounts and do not count; what is taken back is a red letter on its own side and does.
    """
    months = set(periods)
    heads = _SALES_HEADS[chart.standard.value]
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in sums:
        if one.period not in months or one.closing:
            continue
        if one.account[:4] in heads:
            found["sales"] += one.credit - one.debit
        elif one.account == INPUT_TAX:
            found[one.account] += one.debit
        elif one.account[:4] == DEBIT_TAX[0]:
            found[one.account] += one.credit
    return Vat(
        sales=found["sales"], output=found[OUTPUT_TAX], small=found[SMALL_TAX], input=found[INPUT_TAX],
        taken_back=found[TAX_TAKEN_BACK],
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitCell:
    """What a part of the business (an order, a SKU, a day ...) brought, by component."""

    parts: Mapping[str, Decimal] = field(default_factory=dict)  # by account: credit less debit

    @property
    def profit(self) -> Decimal:
        """Their sum."""
        return sum(self.parts.values(), ZERO)


def profit_by(vouchers: Iterable[Voucher], chart: Chart, what: str, groups: Mapping[str, str] | None = None) -> dict[str, ProfitCell]:  # fmt: skip
    """Profit by order, SKU, group of goods, shop, campaign or day, from postings alone; "" holds what belongs to none.

    The parts sum to the ledger: over all keys they are exactly the income and expenses posted (`profit_total`).

    Args:
        what: order | sku | group | shop | campaign | day.
        groups: the group of each SKU, for "group"; the shop or campaign of each order, for those.
    """
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for voucher in vouchers:
        if voucher.rule == CLOSE:
            continue
        for line in voucher.lines:
            if profit_group(line.account, chart):
                found[_profit_key(what, voucher, line, groups or {})][line.account] -= line.net
    return {key: ProfitCell(parts=dict(parts)) for key, parts in sorted(found.items())}


def profit_group(code: str, chart: Chart) -> bool:
    """Whether an account is income or expense."""
    group = group_of(code[:4], chart.standard)
    return group is not None and group.of_profit


def _profit_key(what: str, voucher: Voucher, line: Line, groups: Mapping[str, str]) -> str:
    if what == "order":
        return line.tid
    if what == "sku":
        return line.sku
    if what == "group":
        return groups.get(line.sku, "")
    if what == "day":
        return f"{voucher.on:%Y-%m-%d}"
    return groups.get(line.tid, "")


def profit_total(vouchers: Iterable[Voucher], chart: Chart) -> Decimal:
    """Income less expenses of these vouchers, closing vouchers apart."""
    return -sum(
        (
            line.net
            for voucher in vouchers
            if voucher.rule != CLOSE
            for line in voucher.lines
            if profit_group(line.account, chart)
        ),
        ZERO,
    )
