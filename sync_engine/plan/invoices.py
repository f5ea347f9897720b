"""Rows of 费用与进项 as facts for the books, or a sentence why one says nothing. Pure.

Input tax is that of a general payer only (facts 3.5): a small-scale payer deducts none, and its row says so instead of posting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.accounting.posting import Fact
from formulas.accounting.vouchers import ZERO
from sync_engine.plan.books import Desk, tidy
from sync_engine.plan.words import say
from workbook_templates.posting_rules import FACT_KINDS
from workbook_templates.schema import Lang, Value
from workbook_templates.tables.invoices import INVOICED, SPENT

Cells = Mapping[str, Value]
REF = "invoice:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A row: what it asks to be posted; `fact` is None where what is posted stays as it is."""

    key: str
    fact: Fact | None
    problem: str = ""
    ticked: bool = False


def read_invoices(rows: Mapping[str, Cells], desk: Desk) -> list[Typed]:
    """Every row; a number that stands in two ticked rows of a kind counts in the first."""
    found: list[Typed] = []
    seen: dict[tuple[str, str], str] = {}
    for key in sorted(rows, key=lambda one: (len(one), one)):
        cells = rows[key]
        kind, number = str(cells.get("kind") or ""), tidy(cells.get("invoice_no"))
        if cells.get("post") is not True:
            found.append(Typed(key=key, fact=nothing(key, kind, desk)))
            continue
        problem = _problem(kind, cells, desk)
        first = seen.setdefault((kind, number), key) if number and not problem else key
        if first != key:
            problem = say(
                desk.lang,
                f"发票号码 {number} 在 {first} 行已经记过",
                f"The invoice {number} stands in row {first} already",
            )
        found.append(
            Typed(
                key=key, fact=None if problem else _fact(key, kind, cells, desk), problem=problem, ticked=True
            )
        )
    return found


def nothing(key: str, kind: str, desk: Desk) -> Fact:
    """A row that asks for nothing: whatever it posted is taken back in red."""
    memo = say(desk.lang, f"冲回 费用与进项 {key}", f"Taken back: costs and input tax {key}")
    return Fact(kind=kind or SPENT[0], ref=f"{REF}{key}", on=desk.now, amount=ZERO, memo=memo)


def _problem(kind: str, cells: Cells, desk: Desk) -> str:
    lang, on = desk.lang, cells.get("on")
    amount, tax = _money(cells, "amount"), _money(cells, "tax")
    wrong = _wrong_sums(kind, amount, tax)
    checks = (
        (kind not in (*SPENT, *INVOICED), "没选“业务”", "choose what it is"),
        (not isinstance(on, datetime), "没填日期", "the date is missing"),
        (isinstance(on, datetime) and on > desk.now, "日期在今天以后", "the date lies ahead"),
        (kind in INVOICED and desk.books.payer == "small", "小规模纳税人不抵扣进项税(纳税人类型在“设置”里)", "a small-scale payer deducts no input tax (see VAT payer in the settings)"),
        (bool(wrong[0]), *wrong),
        (kind == "invoice_purchase" and not tidy(cells.get("partner")), "采购发票没写供应商", "a purchase invoice needs its supplier"),
        (kind in desk.blocked, "它的过账规则用不了,看“过账规则”", "its posting rule will not do: see the posting rules"),
    )  # fmt: skip
    said = next(((zh, en) for bad, zh, en in checks if bad), None)
    return say(lang, f"没有入账:{said[0]}", f"Not posted: {said[1]}") if said else ""


def _wrong_sums(kind: str, amount: Decimal, tax: Decimal) -> tuple[str, str]:
    if kind in SPENT and not amount:
        return "没填含税金额", "the amount is missing"
    if kind in INVOICED and not tax:
        return "没填税额", "the VAT is missing"
    if kind == "deposit_used" and tax:
        return "保证金扣款没有税额", "what is taken out of the deposit has no VAT"
    if amount and tax and (amount > 0) != (tax > 0):
        return "金额和税额一正一负", "amount and VAT have different signs"
    if amount and abs(tax) >= abs(amount):
        return f"税额 {tax:.2f} 不小于含税金额 {amount:.2f}", f"the VAT {tax:.2f} is no part of {amount:.2f}"
    return "", ""


def _money(cells: Cells, name: str) -> Decimal:
    value = cells.get(name)
    return Decimal(value) if isinstance(value, int | Decimal) else ZERO


def _fact(key: str, kind: str, cells: Cells, desk: Desk) -> Fact:
    on = cells.get("on")
    assert isinstance(on, datetime), "looked at before"
    label = FACT_KINDS[kind][0 if desk.lang is Lang.ZH else 1]
    number, memo = tidy(cells.get("invoice_no")), tidy(cells.get("memo"))
    partner = tidy(cells.get("partner"))
    words = (
        label,
        "" if kind == "invoice_purchase" else partner,
        say(desk.lang, f"发票 {number}", f"invoice {number}") if number else "",
        memo,
    )
    return Fact(
        kind=kind, ref=f"{REF}{key}", on=on.replace(microsecond=0), amount=_money(cells, "amount"), tax=_money(cells, "tax"),
        partner=partner if kind == "invoice_purchase" else "", memo=tidy(" ".join(word for word in words if word)),
    )  # fmt: skip
