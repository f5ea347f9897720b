"""The chart of accounts: 小企业会计准则 (default) or 企业会计准则, and what may be posted to an account.

Codes and names: the published charts of both standards (facts, section 3.2); sub-accounts for what a Tmall shop pays and
receives are ours. A code means different things in the two standards (4001 is 生产成本 in one and 实收资本 in the other), so a
chart belongs to one standard and is never mixed; `counterpart` says what an account of the first is called in the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from workbook_templates.accounts import BUSINESS_ACCOUNTS, SMALL_ACCOUNTS, SUB_ACCOUNTS, TO_BUSINESS
from workbook_templates.schema import Lang


class Standard(StrEnum):
    """The accounting standard a shop keeps its books by."""

    SMALL = "small"  # 小企业会计准则
    BUSINESS = "business"  # 企业会计准则


class Group(StrEnum):
    """What kind of account it is. The balance of the first and the last two grows in debit but for income."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    COST = "cost"  # 成本类: goods being made; stands with stock
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def grows_in_debit(self) -> bool:
        """Whether a debit adds to its balance."""
        return self in (Group.ASSET, Group.COST, Group.EXPENSE)

    @property
    def of_profit(self) -> bool:
        """Whether it is carried to 本年利润 at the end of a month."""
        return self in (Group.INCOME, Group.EXPENSE)


CODE = re.compile(r"[1-9][0-9]{3}(\.[0-9A-Za-z]{1,8}){0,4}")
"""Four digits of the standard, then parts of our own, each after a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account."""

    code: str
    zh: str
    en: str
    group: Group
    open: bool = True

    @property
    def head(self) -> str:
        """The four digits of the standard."""
        return self.code[:4]

    def title(self, lang: Lang) -> str:
        """Its name."""
        return self.zh if lang is Lang.ZH else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The accounts of one standard, by code."""

    standard: Standard
    accounts: Mapping[str, Account]
    parents: frozenset[str] = field(init=False, repr=False, compare=False)
    """Codes that others stand below: nothing is posted to them."""

    def __post_init__(self) -> None:
        found = frozenset(up for code in self.accounts for up in above(code) if up in self.accounts)
        object.__setattr__(self, "parents", found)

    def get(self, code: str) -> Account | None:
        """The account; None if there is none."""
        return self.accounts.get(code)


def above(code: str) -> tuple[str, ...]:
    """The codes a sub-account stands below, nearest first."""
    parts = code.split(".")
    return tuple(".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))


def below(code: str, top: str) -> bool:
    """Whether an account is `top` or stands below it."""
    return code == top or code.startswith(f"{top}.")


def group_of(head: str, standard: Standard) -> Group | None:
    """The group of an account by its first digit; income and expense by the standard's list. None if it has none."""
    known = _HEADS[standard].get(head[:4])
    if known is not None:
        return known
    by_digit = {Standard.SMALL: _SMALL_DIGITS, Standard.BUSINESS: _BUSINESS_DIGITS}[standard]
    return by_digit.get(head[:1])


_SMALL_DIGITS = {"1": Group.ASSET, "2": Group.LIABILITY, "3": Group.EQUITY, "4": Group.COST}
_BUSINESS_DIGITS = {"1": Group.ASSET, "2": Group.LIABILITY, "4": Group.EQUITY, "5": Group.COST}
_INCOME = {
    Standard.SMALL: {"5001", "5051", "5111", "5301"},
    Standard.BUSINESS: {"6001", "6051", "6111", "6301"},
}
_PROFIT_DIGIT = {Standard.SMALL: "5", Standard.BUSINESS: "6"}


def _heads(standard: Standard) -> dict[str, Group]:
    listed = SMALL_ACCOUNTS if standard is Standard.SMALL else BUSINESS_ACCOUNTS
    digits = _SMALL_DIGITS if standard is Standard.SMALL else _BUSINESS_DIGITS
    found: dict[str, Group] = {}
    for code, _, _ in listed:
        if code[0] == _PROFIT_DIGIT[standard]:
            found[code] = Group.INCOME if code in _INCOME[standard] else Group.EXPENSE
        else:
            found[code] = digits[code[0]]
    return found


_HEADS = {standard: _heads(standard) for standard in Standard}


def counterpart(code: str, standard: Standard) -> str:
    """The code under `standard` of an account named as 小企业会计准则 names it; sub-accounts keep their parts."""
    if standard is Standard.SMALL:
        return code
    head, dot, rest = code.partition(".")
    return TO_BUSINESS.get(head, head) + dot + rest


@cache
def default_chart(standard: Standard) -> Chart:
    """The chart a new workbook starts with."""
    listed = SMALL_ACCOUNTS if standard is Standard.SMALL else BUSINESS_ACCOUNTS
    subs = tuple((counterpart(code, standard), zh, en) for code, zh, en in SUB_ACCOUNTS)
    return Chart(
        standard=standard,
        accounts={
            code: Account(code=code, zh=zh, en=en, group=group)
            for code, zh, en in sorted((*listed, *subs))
            if (group := group_of(code, standard))
        },
    )


def chart_of(accounts: Iterable[Account], standard: Standard) -> Chart:
    """A chart of these accounts; those of no group of this standard are left out."""
    return Chart(
        standard=standard,
        accounts={one.code: one for one in sorted(accounts, key=lambda one: one.code) if group_of(one.code, standard)},
    )  # fmt: skip


def account_slip(code: str, chart_codes: Iterable[str], standard: Standard) -> tuple[str, str]:
    """Why a code cannot be an account of this chart, in both languages; two empty texts if it can."""
    if not CODE.fullmatch(code):
        return (
            f"科目编码“{code}”不对:四位数字,下级用点隔开,如 5601.01",
            f'"{code}" is no account code: four digits, then parts after dots, such as 5601.01',
        )
    if group_of(code, standard) is None:
        name = {Standard.SMALL: "小企业会计准则", Standard.BUSINESS: "企业会计准则"}[standard]
        return (
            f"“{code}”不是{name}的科目,两套准则不能混用",
            f'"{code}" is no account of the chosen standard: the two are never mixed',
        )
    known = set(chart_codes)
    missing = next((up for up in above(code) if up not in known), "")
    if missing:
        return f"先加上级科目 {missing}", f"Add the account {missing} above it first"
    return "", ""
