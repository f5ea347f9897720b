"""From business facts to vouchers: rules pick the accounts, and what a fact posted already decides what is still to post.

A fact is known by its key (`sale:{tid}`), which stands in every voucher row made from it. What it should have posted is
compared with what its vouchers say together: nothing differs, nothing is posted; something differs, the difference is.
So the same fact never posts twice, also when only the sheet is left of the books.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.accounting.chart import Chart, counterpart
from formulas.accounting.vouchers import ZERO, Line, Slip, account_slip_of, period_of
from workbook_templates.posting_rules import POSTING_RULES, PostingRule

MONEY_HEADS = ("1001", "1002", "1012")
"""货币资金: cash, bank and other money, under both standards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened and belongs in the books. A negative amount is posted in red."""

    kind: str
    ref: str
    on: datetime
    amount: Decimal  # yuan, VAT included
    tax: Decimal = ZERO  # the VAT in it
    partner: str = ""
    tid: str = ""
    sku: str = ""
    memo: str = ""
    debit: str = ""  # the account it names itself; "" leaves it to the rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What decides how facts are posted."""

    chart: Chart
    mode: str = "settle"  # settle | ship: when a sale is income
    payer: str = "small"  # small | general
    accounts: Mapping[str, tuple[str, str]] | None = (
        None  # by rule: debit, credit, as people put them ("" default)
    )

    def rule_accounts(self, rule: PostingRule) -> tuple[str, str]:
        """The accounts of a rule under this chart."""
        debit, credit = (self.accounts or {}).get(rule.rule_id, ("", ""))
        standard = self.chart.standard
        return debit or counterpart(rule.debit, standard), credit or counterpart(rule.credit, standard)

    def rules_of(self, kind: str) -> list[PostingRule]:
        """The rules that post facts of this kind."""
        return [
            rule
            for rule in POSTING_RULES
            if rule.kind == kind and rule.mode in ("", self.mode) and rule.payer in ("", self.payer)
        ]


def rule_slip(rule: PostingRule, books: Books) -> Slip | None:
    """Why a rule cannot post; None if it can."""
    parents = books.chart.parents
    for at, code in enumerate(books.rule_accounts(rule), 1):
        slip = account_slip_of(code, at, books.chart, parents)
        if slip:
            return slip
    return None


def is_money(account: str) -> bool:
    """Whether an account is cash in the sense of the cash flow statement."""
    return account[:4] in MONEY_HEADS


def wanted(fact: Fact, books: Books) -> tuple[Line, ...]:
    """The lines a fact asks for; a component of 0 asks for none."""
    parts = {"gross": fact.amount, "net": fact.amount, "tax": ZERO}
    rules = books.rules_of(fact.kind)
    if any(rule.amount == "tax" for rule in rules):
        parts |= {"net": fact.amount - fact.tax, "tax": fact.tax}
    lines: list[Line] = []
    for rule in rules:
        amount = parts[rule.amount]
        if amount:
            debit, credit = books.rule_accounts(rule)
            debit = fact.debit or debit
            flow = rule.flow if is_money(debit) != is_money(credit) else 0
            tags = {"memo": fact.memo, "partner": fact.partner, "tid": fact.tid, "sku": fact.sku}
            lines.append(Line(account=debit, debit=amount, flow=flow if is_money(debit) else 0, **tags))  # type: ignore[arg-type]
            lines.append(Line(account=credit, credit=amount, flow=flow if is_money(credit) else 0, **tags))  # type: ignore[arg-type]
    return merged(lines)


_Key = tuple[str, bool, str, str, str, int]


def _key(line: Line) -> _Key:
    return (line.account, line.credit != 0, line.partner, line.tid, line.sku, line.flow)


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of the same account, side and tags as one; those that come to 0 are left out. Debits first."""
    amounts: dict[_Key, Decimal] = defaultdict(lambda: ZERO)
    memos: dict[_Key, str] = {}
    for line in lines:
        amounts[_key(line)] += line.debit + line.credit
        memos.setdefault(_key(line), line.memo)
    found = [
        Line(
            account=key[0], debit=ZERO if key[1] else amount, credit=amount if key[1] else ZERO, memo=memos[key],
            partner=key[2], tid=key[3], sku=key[4], flow=key[5],
        )
        for key, amount in amounts.items()
        if amount
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda line: line.credit != 0))


def difference(want: Iterable[Line], posted: Iterable[Line]) -> tuple[Line, ...]:
    """The lines still to be posted so that all vouchers of a fact say what it says now.

    Whatever was posted with too much comes back in red on its own side. Both sides balance, so the difference does.
    """
    back = [
        Line(account=line.account, debit=-line.debit, credit=-line.credit, memo=line.memo, partner=line.partner,
             tid=line.tid, sku=line.sku, flow=line.flow)
        for line in posted
    ]  # fmt: skip
    return merged([*want, *back])


def posting_day(on: datetime, open_periods: Sequence[int], now: datetime) -> datetime | None:
    """The day to post a fact on: its own where that month is open, else today if that is; None where neither is.

    What belongs to a closed month is booked in the open one: a closed month stays as it was.
    """
    for day in (on, now):
        if period_of(day) in open_periods and day <= now:
            return day
    return None
