"""The books as other programs read them: beancount, hledger, and voucher lists as csv.

beancount and hledger: written after their published syntax, checked with `bean-check` and `hledger check --strict`. 金蝶 and 用友
import vouchers by templates that differ from version to version and are not among our sources; for both we write one
documented voucher list (`VOUCHER_COLUMNS`), whose columns are matched by hand once in their import dialog.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from formulas.accounting.chart import Account, Chart, Group
from formulas.accounting.reports import ProfitCell
from formulas.accounting.vouchers import Voucher

CURRENCY = "CNY"
VOUCHER_COLUMNS = (
    "日期", "凭证字", "凭证号", "分录号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额", "往来单位", "订单编号", "商家编码", "业务号", "会计期间",
)  # fmt: skip
"""One row a line; 凭证字 is 记; amounts with two places and empty where the other side has one; red letters negative."""

_ROOT = {
    Group.ASSET: "Assets", Group.LIABILITY: "Liabilities", Group.EQUITY: "Equity", Group.COST: "Assets",
    Group.INCOME: "Income", Group.EXPENSE: "Expenses",
}  # fmt: skip


def _in_order(vouchers: Iterable[Voucher]) -> list[Voucher]:
    return sorted(vouchers, key=lambda one: (one.on.date(), one.period, one.number))


def _used(vouchers: Sequence[Voucher], chart: Chart) -> list[Account]:
    codes = sorted({line.account for one in vouchers for line in one.lines})
    return [chart.accounts.get(code) or _unknown(code) for code in codes]


def _unknown(code: str) -> Account:
    return Account(code=code, zh=code, en=code, group=Group.ASSET)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


# -- beancount ------------------------------------------------------------------------------------------------------


def beancount_name(account: Account) -> str:
    """`Assets:1012-01-支付宝-店铺`: letters, digits and dashes only; the code keeps names apart."""
    name = re.sub(r"[^0-9A-Za-z\u4e00-\u9fff]+", "-", account.zh).strip("-")
    code = account.code.replace(".", "-")
    return f"{_ROOT[account.group]}:{code}-{name}" if name else f"{_ROOT[account.group]}:{code}"


def _quoted(text: str) -> str:
    return '"' + _one_line(text).replace("\\", "\\\\").replace('"', "'") + '"'


def to_beancount(vouchers: Iterable[Voucher], chart: Chart, title: str) -> str:
    """A beancount file. Every account is opened on the day of the first voucher."""
    known = _in_order(vouchers)
    names = {account.code: beancount_name(account) for account in _used(known, chart)}
    begun = known[0].on.strftime("%Y-%m-%d") if known else "1970-01-01"
    out = [f'option "title" {_quoted(title)}', f'option "operating_currency" "{CURRENCY}"', ""]
    out += [f"{begun} open {name} {CURRENCY}" for name in sorted(names.values())]
    for one in known:
        out += [
            "",
            f"{one.on:%Y-%m-%d} * {_quoted(_memo(one))}",
            f"  voucher: {_quoted(one.voucher_id)}",
            f"  ref: {_quoted(one.ref)}",
        ]
        for line in one.lines:
            out.append(f"  {names[line.account]}  {line.net} {CURRENCY}")
            out += [
                f"    {name}: {_quoted(text)}"
                for name, text in (("order", line.tid), ("sku", line.sku), ("partner", line.partner))
                if text
            ]
    return "\n".join(out) + "\n"


def _memo(voucher: Voucher) -> str:
    return voucher.memo or next((line.memo for line in voucher.lines if line.memo), "") or voucher.ref


# -- hledger --------------------------------------------------------------------------------------------------------


def hledger_name(account: Account) -> str:
    """`assets:1012.01 支付宝-店铺`; two blanks or a semicolon would end a name."""
    name = re.sub(r"[;:()\[\]\"]|\s+", " ", account.zh).strip()
    return f"{_ROOT[account.group].lower()}:{account.code} {name}".strip()


def to_hledger(vouchers: Iterable[Voucher], chart: Chart, title: str) -> str:
    """An hledger journal that passes `check --strict`: accounts and the commodity are declared."""
    known = _in_order(vouchers)
    names = {account.code: hledger_name(account) for account in _used(known, chart)}
    out = [f"; {_one_line(title)}", f"commodity 1000.00 {CURRENCY}", ""]
    out += [f"account {name}" for name in sorted(names.values())]
    for one in known:
        memo = re.sub(r"[;|]", " ", _one_line(_memo(one)))
        out += ["", f"{one.on:%Y-%m-%d} * ({one.voucher_id}) {memo}  ; ref:{_tag(one.ref)}"]
        out += [
            f"    {names[line.account]}  {line.net} {CURRENCY}{_tags(line.tid, line.sku, line.partner)}"
            for line in one.lines
        ]
    return "\n".join(out) + "\n"


def _tag(text: str) -> str:
    return re.sub(r"[,;]|\s+", " ", text).strip()


def _tags(tid: str, sku: str, partner: str) -> str:
    found = [
        f"{name}:{_tag(text)}" for name, text in (("order", tid), ("sku", sku), ("partner", partner)) if text
    ]
    return f"  ; {', '.join(found)}" if found else ""


# -- voucher lists --------------------------------------------------------------------------------------------------


def to_voucher_list(vouchers: Iterable[Voucher], chart: Chart) -> str:
    """The documented voucher list, by month and number."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(VOUCHER_COLUMNS)
    for one in sorted(vouchers, key=lambda one: (one.period, one.number)):
        for at, line in enumerate(one.lines, 1):
            account = chart.accounts.get(line.account) or _unknown(line.account)
            writer.writerow((
                _day(one.on), "记", one.number, at, safe(line.memo or _memo(one)), line.account, safe(account.zh),
                f"{line.debit:.2f}" if line.debit else "", f"{line.credit:.2f}" if line.credit else "",
                safe(line.partner), line.tid, safe(line.sku), safe(one.ref), one.period,
            ))  # fmt: skip
    return file.getvalue()


def profit_list(cells: Mapping[str, ProfitCell], chart: Chart, by: str) -> str:
    """Profit by whatever it was asked by: one row each, one column for each account, and their sum."""
    codes = sorted({code for cell in cells.values() for code in cell.parts})
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    names = (safe(f"{code} {(chart.accounts.get(code) or _unknown(code)).zh}") for code in codes)
    writer.writerow((by, *names, "利润"))
    for key, cell in cells.items():
        writer.writerow(
            (
                safe(key),
                *(f"{cell.parts[code]:.2f}" if code in cell.parts else "" for code in codes),
                f"{cell.profit:.2f}",
            )
        )
    return file.getvalue()


def _day(on: datetime) -> str:
    return f"{on:%Y-%m-%d}"


def safe(text: str) -> str:
    """A text no spreadsheet takes for a formula."""
    text = _one_line(text)
    return f"'{text}" if text[:1] in "=+-@＝＋－＠" and text else text
