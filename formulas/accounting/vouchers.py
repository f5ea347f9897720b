"""Vouchers: what is posted, what may be posted, reversal, and the chain of seals over what was posted.

Law (facts, section 3.1): Decimal only; every voucher sums to zero; nothing is posted to an account that is unknown, closed or
of another standard, or into a closed month; a posted voucher is never changed, only reversed in red; numbers of a month have no gap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from formulas.accounting.chart import Chart, account_slip, group_of
from workbook_templates.schema import Lang
from workbook_templates.words import say

ZERO = Decimal("0.00")
FEN = Decimal("0.01")
LARGEST = Decimal("999999999999.99")
"""More than this is a slip; a spreadsheet keeps 15 digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One posting: an amount in debit or in credit, in yuan; a negative one is a red letter on its own side."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    memo: str = ""
    partner: str = ""  # supplier, courier or shop
    tid: str = ""  # the order it belongs to
    sku: str = ""  # the goods it belongs to
    flow: int = 0  # line of the cash flow statement, of postings to money; 0 has none

    @property
    def net(self) -> Decimal:
        """Debit less credit."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A voucher; posted once it has a number and a seal.

    `ref` is the business fact it was made from, `sale:{tid}`; all vouchers of a fact together say what the fact says now.
    """

    period: int  # 202610
    number: int
    on: datetime  # its date, Shanghai
    lines: tuple[Line, ...]
    rule: str  # the kind of fact, "manual", "close"
    ref: str
    memo: str = ""
    reverses: str = ""  # voucher_id of the one it takes back
    posted_at: datetime | None = None
    seal: str = ""

    @property
    def voucher_id(self) -> str:
        """Its name: month and number."""
        return voucher_id(self.period, self.number)

    @property
    def total(self) -> Decimal:
        """The sum of the debits."""
        return sum((line.debit for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Why a voucher cannot be posted: a numbered code and a sentence in both languages."""

    code: str
    zh: str
    en: str

    def text(self, lang: Lang) -> str:
        """The sentence with its code."""
        return f"{say(lang, self.zh, self.en)} [{self.code}]"


def voucher_id(period: int, number: int) -> str:
    """`202610-0001`."""
    return f"{period}-{number:04d}"


def period_of(day: datetime) -> int:
    """The month a day lies in: 202610."""
    return day.year * 100 + day.month


def next_period(period: int) -> int:
    """The month after."""
    return period + 1 if period % 100 < 12 else (period // 100 + 1) * 100 + 1


def first_day(period: int, like: datetime) -> datetime:
    """Midnight of a month's first day, in the zone of `like`."""
    return like.replace(
        year=period // 100, month=period % 100, day=1, hour=0, minute=0, second=0, microsecond=0
    )


def last_day(period: int, like: datetime) -> datetime:
    """Midnight of a month's last day."""
    return first_day(next_period(period), like) - timedelta(days=1)


def slips(
    voucher: Voucher, chart: Chart, open_periods: Iterable[int], now: datetime | None = None
) -> list[Slip]:
    """Everything that keeps a voucher from being posted; empty if it may be.

    Args:
        open_periods: months that take postings.
        now: a voucher dated after this day is refused; None does not look.
    """
    found = [*_line_slips(voucher, chart)]
    debit = sum((line.debit for line in voucher.lines), ZERO)
    credit = sum((line.credit for line in voucher.lines), ZERO)
    if len(voucher.lines) < 2:
        found.append(
            Slip(
                code="V01",
                zh="凭证至少要有一借一贷两行",
                en="A voucher has at least one debit and one credit line",
            )
        )
    if debit != credit:
        found.append(Slip(
            code="V02", zh=f"借贷不平:借方合计 {debit},贷方合计 {credit},差 {debit - credit}",
            en=f"Debits {debit} and credits {credit} differ by {debit - credit}",
        ))  # fmt: skip
    if period_of(voucher.on) != voucher.period:
        found.append(
            Slip(
                code="V03",
                zh=f"日期 {voucher.on:%Y-%m-%d} 不在 {voucher.period} 期间里",
                en=f"{voucher.on:%Y-%m-%d} is not in the period {voucher.period}",
            )
        )
    if voucher.period not in set(open_periods):
        found.append(
            Slip(
                code="V04",
                zh=f"{voucher.period} 期间已结账或还没启用,不能再记账;请改到开着的期间",
                en=f"The period {voucher.period} is closed or not in use: use an open one",
            )
        )
    if now is not None and voucher.on.date() > now.date():
        found.append(
            Slip(
                code="V05",
                zh=f"日期 {voucher.on:%Y-%m-%d} 还没到",
                en=f"{voucher.on:%Y-%m-%d} is still to come",
            )
        )
    return found


def _line_slips(voucher: Voucher, chart: Chart) -> Iterable[Slip]:
    parents = chart.parents
    for at, line in enumerate(voucher.lines, 1):
        slip = amount_slip(line, at) or account_slip_of(line.account, at, chart, parents)
        if slip:
            yield slip


def amount_slip(line: Line, at: int) -> Slip | None:
    """Why a line's amounts will not do; None if they will."""
    if (line.debit != 0) == (line.credit != 0):
        return Slip(
            code="V06",
            zh=f"第 {at} 行要么填借方,要么填贷方,不能都填或都空",
            en=f"Line {at} has either a debit or a credit, not both and not none",
        )
    for amount in (line.debit, line.credit):
        if not amount.is_finite() or abs(amount) > LARGEST or amount != amount.quantize(FEN):
            return Slip(
                code="V07",
                zh=f"第 {at} 行的金额 {amount} 要精确到分",
                en=f"The amount {amount} of line {at} must be in whole fen",
            )
    return None


def account_slip_of(code: str, at: int, chart: Chart, parents: frozenset[str]) -> Slip | None:
    """Why nothing can be posted to an account; None if it can."""
    account = chart.get(code)
    if account is None:
        zh, en = account_slip(code, chart.accounts, chart.standard)
        if group_of(code, chart.standard) is None:
            return Slip(code="V08", zh=f"第 {at} 行:{zh}", en=f"Line {at}: {en}")
        return Slip(
            code="V09", zh=f"第 {at} 行:科目表里没有“{code}”", en=f'Line {at}: there is no account "{code}"'
        )
    if code in parents:
        return Slip(
            code="V10",
            zh=f"第 {at} 行:{code} 有下级科目,请记到下级",
            en=f"Line {at}: {code} has sub-accounts, post to one of them",
        )
    if not account.open:
        return Slip(
            code="V11",
            zh=f"第 {at} 行:科目 {code} {account.zh} 已停用",
            en=f"Line {at}: the account {code} {account.en} is closed",
        )
    return None


def reversed_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines in red: the same side, the other sign."""
    return tuple(replace(line, debit=-line.debit, credit=-line.credit) for line in lines)


def reversal(voucher: Voucher, period: int, number: int, on: datetime, memo: str = "") -> Voucher:
    """The red-letter voucher (红字冲销) that takes another back wholly."""
    return Voucher(
        period=period, number=number, on=on, lines=reversed_lines(voucher.lines), rule=voucher.rule, ref=voucher.ref,
        memo=memo or f"冲销 {voucher.voucher_id} {voucher.memo}".strip(), reverses=voucher.voucher_id,
    )  # fmt: skip


def _amount(value: Decimal) -> str:
    return f"{value.quantize(FEN):f}"


def seal_of(voucher: Voucher, before: str) -> str:
    """The seal of a voucher: SHA-256 over all it says and the seal of the one before it, 32 signs of it."""
    parts = [
        before,
        str(voucher.period),
        str(voucher.number),
        voucher.on.strftime("%Y-%m-%d"),
        voucher.rule,
        voucher.ref,
    ]
    parts += [voucher.memo, voucher.reverses]
    for line in voucher.lines:
        parts += [
            line.account,
            _amount(line.debit),
            _amount(line.credit),
            line.memo,
            line.partner,
            line.tid,
            line.sku,
            str(line.flow),
        ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def begin(period: int) -> str:
    """What stands in the place of a seal before the first voucher of a month: months are chained when they are closed."""
    return f"begin:{period}"


def sealed(voucher: Voucher, before: str) -> Voucher:
    """The voucher with its seal."""
    return replace(voucher, seal=seal_of(voucher, before))


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first place at which a month's chain does not hold."""

    voucher_id: str
    zh: str
    en: str


def check_chain(vouchers: Sequence[Voucher]) -> Break | None:
    """Check one month's vouchers, given in order of number: no gap, and every seal right. None if all is well."""
    before = ""
    for at, voucher in enumerate(vouchers, 1):
        before = before or begin(voucher.period)
        if voucher.number != at:
            name = voucher_id(voucher.period, at)
            return Break(voucher_id=name, zh=f"缺凭证 {name}", en=f"The voucher {name} is missing")
        if seal_of(voucher, before) != voucher.seal:
            return Break(
                voucher_id=voucher.voucher_id, zh=f"凭证 {voucher.voucher_id} 的内容和校验码对不上,被改过",
                en=f"The voucher {voucher.voucher_id} does not agree with its seal: it was changed",
            )  # fmt: skip
        before = voucher.seal
    return None


def month_seal(vouchers: Sequence[Voucher], before: str) -> str:
    """The seal a month gets when it is closed: over its last voucher, their number, and the seal of the month before."""
    last = vouchers[-1].seal if vouchers else ""
    return hashlib.sha256("\x1f".join([before, last, str(len(vouchers))]).encode()).hexdigest()[:32]


def sums(lines: Iterable[Line]) -> Mapping[str, Decimal]:
    """Debit less credit by account."""
    found: dict[str, Decimal] = {}
    for line in lines:
        found[line.account] = found.get(line.account, ZERO) + line.net
    return found
