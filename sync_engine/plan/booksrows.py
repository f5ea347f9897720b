"""What the sheets of the books show, and vouchers read back from them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from formulas.accounting.chart import Standard, counterpart, group_of
from formulas.accounting.reports import KindSum, balance_line, profit_line
from formulas.accounting.vouchers import ZERO, Line, Voucher
from sync_engine.plan.books import Desk
from sync_engine.plan.words import say
from sync_engine.values import clean_text
from workbook_templates.posting_rules import RULES_BY_ID
from workbook_templates.schema import KEY_SEPARATOR, Lang, Value

Row = dict[str, Value]
Cells = Mapping[str, Value]


def posting_keys(voucher: Voucher) -> list[str]:
    """The keys of a voucher's rows."""
    return [f"{voucher.voucher_id}{KEY_SEPARATOR}{at:02d}" for at in range(1, len(voucher.lines) + 1)]


def posting_rows(voucher: Voucher, desk: Desk) -> dict[str, Row]:
    """The rows of a voucher by key."""
    return {
        key: _posting_row(voucher, at, line, desk)
        for at, (key, line) in enumerate(zip(posting_keys(voucher), voucher.lines, strict=True), 1)
    }


def _posting_row(voucher: Voucher, at: int, line: Line, desk: Desk) -> Row:
    account = desk.chart.get(line.account)
    return {
        "voucher": voucher.voucher_id, "line": f"{at:02d}", "period": voucher.period, "on": voucher.on,
        "memo": line.memo or voucher.memo, "account": line.account, "account_name": account.title(desk.lang) if account else "",
        "debit": line.debit or None, "credit": line.credit or None, "partner": line.partner, "tid": line.tid, "sku": line.sku,
        "flow": line.flow or None, "kind": voucher.rule, "ref": voucher.ref, "reverses": voucher.reverses, "seal": voucher.seal,
        "posted_at": voucher.posted_at, "problem": "",
    }  # fmt: skip


def sum_row(one: KindSum, desk: Desk) -> Row:
    """A row of 科目汇总."""
    account = desk.chart.get(one.account)
    return {
        "sum_id": one.key, "period": one.period, "account": one.account, "account_name": account.title(desk.lang) if account else "",
        "kind": one.kind, "partner": one.partner, "flow": one.flow or None, "debit": one.debit or None, "credit": one.credit or None,
        "lines": one.lines, "problem": "",
    }  # fmt: skip


def stray_sum(key: str, lang: Lang) -> Row:
    """What a row of 科目汇总 shows that no voucher explains: statements must not count it."""
    said = say(
        lang,
        "没有这样的凭证,不算数,请删除这一行",
        "There are no such vouchers: it does not count, delete this row",
    )
    return {"sum_id": key, "period": None, "debit": None, "credit": None, "lines": None, "problem": said}


def stray_posting(lang: Lang) -> Row:
    """What a row of 凭证 shows that is no posting of the books."""
    said = say(
        lang,
        "这一行不是表猫入的账,或内容和校验码对不上,不算数:手写的请删除,改过的请改回原样或从备份恢复;要记账请填“手工凭证”",
        "Not posted by Biaomao, or changed so that it does not agree with its seal: it does not count. Delete it, change it back, or restore a backup; to post, use the manual vouchers",
    )
    return {"problem": said}


def voucher_from_rows(rows: Iterable[Cells]) -> Voucher | None:
    """A voucher as its rows tell it, with the seal they state; None where they do not make one."""
    lines: list[Line] = []
    ordered = sorted(
        rows, key=lambda one: (len(_text(one, "line")), _text(one, "line"))
    )  # 99 comes before 100
    for at, cells in enumerate(ordered, 1):
        if cells.get("line") != f"{at:02d}":
            return None
        flow = cells.get("flow")
        lines.append(Line(
            account=_text(cells, "account"), debit=_money(cells, "debit"), credit=_money(cells, "credit"),
            memo=_text(cells, "memo"), partner=_text(cells, "partner"), tid=_text(cells, "tid"), sku=_text(cells, "sku"),
            flow=int(flow) if isinstance(flow, int | Decimal) else 0,
        ))  # fmt: skip
    head = ordered[0] if ordered else {}
    on, name, posted_at = head.get("on"), _text(head, "voucher"), head.get("posted_at")
    period, _, number = name.partition("-")
    if (
        not isinstance(on, datetime)
        or not period.isdecimal()
        or not number.isdecimal()
        or head.get("period") != int(period)
    ):
        return None
    if any(
        _text(one, name) != _text(head, name)
        for one in ordered
        for name in ("seal", "ref", "kind", "reverses")
    ):
        return None
    return Voucher(
        period=int(period), number=int(number), on=on, lines=tuple(lines), rule=_text(head, "kind"), ref=_text(head, "ref"),
        reverses=_text(head, "reverses"), seal=_text(head, "seal"),
        posted_at=posted_at if isinstance(posted_at, datetime) else None,
    )  # fmt: skip


def _text(cells: Cells, name: str) -> str:
    return str(cells.get(name) or "")


def _money(cells: Cells, name: str) -> Decimal:
    value = cells.get(name)
    return Decimal(value).quantize(Decimal("0.01")) if isinstance(value, int | Decimal) else ZERO


def account_row(key: str, cells: Cells, desk: Desk) -> Row:
    """What stands beside an account."""
    code, problem = str(cells.get("code") or "").strip(), desk.problems["accounts"].get(key, "")
    account = desk.chart.get(code) if not problem else None
    if account is None:
        return {
            "account_id": key,
            "group": None,
            "sheet_line": None,
            "profit_line": None,
            "problem": clean_text(problem),
        }
    group = group_of(code, desk.chart.standard)
    small = desk.chart.standard is Standard.SMALL  # the forms are those of this standard
    profit = profit_line(code, desk.chart) if small else None
    return {
        "account_id": key, "group": group.value if group else None, "sheet_line": balance_line(code) if small else None,
        "profit_line": profit or None, "problem": "",
    }  # fmt: skip


def rule_row(rule_id: str, desk: Desk) -> Row:
    """A posting rule's row."""
    rule, standard = RULES_BY_ID[rule_id], desk.chart.standard
    return {
        "rule_id": rule_id, "kind": rule.kind, "amount": rule.amount, "default_debit": counterpart(rule.debit, standard),
        "default_credit": counterpart(rule.credit, standard), "why": say(desk.lang, rule.zh, rule.en), "mode": rule.mode or None,
        "payer": rule.payer or None, "problem": clean_text(desk.problems["posting_rules"].get(rule_id, "")),
    }  # fmt: skip


NOBODY = "-"
"""Stands for no partner where a key needs one."""


def partner_row(account: str, partner: str) -> Row:
    """A row of 往来."""
    return {"account": account, "partner": partner or NOBODY}
