"""Rows of 支付宝账单: what a bill line becomes in the sheet, and a bill line as its row tells it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from formulas.bill_lines import BillLine
from formulas.bill_orders import OrderLink, order_of
from formulas.bill_rules import Classifier, Verdict
from sync_engine.billed import Billed
from sync_engine.values import clean_text
from workbook_templates.bill_items import BY_ORDER, ITEM_BY_CODE, UNCLASSIFIED
from workbook_templates.schema import Lang, Value
from workbook_templates.words import say

Row = dict[str, Value]
Cells = Mapping[str, Value]
NO_ORDER = frozenset(("无", "-", "none", "no"))
_TEXTS = ("kind", "remark", "counterparty", "merchant_no", "trade_no", "goods", "description", "base_order")
_texts_of = attrgetter(*_TEXTS)


class Judged(NamedTuple):
    """A line with what it is, whose it is, and why."""

    line: BillLine
    item: str
    tid: str
    why: str
    trade_no: str = ""  # by which its order may yet be found
    problem: str = ""

    @property
    def billed(self) -> Billed:
        """The part that is kept for matching."""
        line = self.line
        own = line.trade_no if self.item == "sale_payment" else self.trade_no
        return Billed(
            line.key,
            line.account,
            line.at,
            line.amount,
            line.balance,
            self.tid,
            own,
            self.item,
            line.log_id,
            line.remark,
        )


def judge(
    line: BillLine, cells: Cells, classifier: Classifier, orders: Mapping[str, str], lang: Lang
) -> Judged:
    """Classify a line and find its order. People's choices in the row come first.

    Args:
        cells: the row as it stands in the sheet; empty for a new one.
        orders: order numbers by Alipay trade number.
    """
    wanted = str(cells.get("item_wanted") or "")
    if wanted in ITEM_BY_CODE:
        verdict = Verdict(item=wanted, why=say(lang, "人工归类", "Chosen by a person"))
    else:
        verdict = classifier.classify(line)
    tid, how, trade_no = _order(line, str(cells.get("tid_wanted") or "").strip(), orders, lang)
    item = ITEM_BY_CODE[verdict.item]
    problem = ""
    if item.code == UNCLASSIFIED:
        problem = say(
            lang,
            "没有归类:请选“人工归类”,或在“账单规则”加一条",
            "Not classified: choose an item, or add a bill rule",
        )
    elif not tid and item.group in BY_ORDER and line.amount and not how:
        how = say(lang, "没有写订单", "no order is named")
    return Judged(
        line=line, item=verdict.item, tid=tid, why=_joined(verdict.why, how) if how else verdict.why, trade_no=trade_no, problem=problem
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _joined(why: str, how: str) -> str:
    """One text for the thousands of rows that were judged the same way."""
    return f"{why};{how}"


def _order(line: BillLine, wanted: str, orders: Mapping[str, str], lang: Lang) -> tuple[str, str, str]:
    """(order, how it was found, Alipay trade number to look it up by)."""
    if wanted.lower() in NO_ORDER:
        return "", say(lang, "人工指定:不属于订单", "a person says: of no order"), ""
    if wanted:
        return wanted, say(lang, "人工指定的订单", "the order was typed by a person"), ""
    link: OrderLink = order_of(line)
    if link.excluded:
        return "", "", ""
    if link.tid:
        return link.tid, say(lang, f"订单来自{link.how}", f"order found by {link.how}"), ""
    if link.trade_no and link.trade_no in orders:
        return orders[link.trade_no], say(lang, f"订单按支付宝交易号 {link.trade_no} 找到", f"order found by trade no. {link.trade_no}"), link.trade_no  # fmt: skip
    return "", "", link.trade_no


def bill_row(judged: Judged) -> Row:
    """The row of a line, without where it came from."""
    line = judged.line
    return {
        "account": line.account, "log_id": line.log_id, "leg": line.leg, "at": line.at,
        "income": line.amount if line.amount >= 0 else None, "outgo": -line.amount if line.amount < 0 else None,
        "balance": line.balance, "item": judged.item, "tid": judged.tid, "problem": judged.problem, "why": judged.why,
        **dict(zip(_TEXTS, _texts_of(line), strict=True)), "seal": seal_of(line),
    }  # fmt: skip


def seal_of(line: BillLine) -> str:
    """Sixteen signs made from what the bill says of a row, so that one whose cells were changed is not taken for it."""
    parts = [line.key, line.at.isoformat(), f"{line.amount:.2f}", f"{line.balance:.2f}"]
    parts += [clean_text(text).strip() for text in _texts_of(line)]
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def line_from_row(cells: Cells) -> BillLine | None:
    """A line as its row tells it; None where the row was changed since the bill brought it."""
    at, balance = cells.get("at"), cells.get("balance")
    income, outgo = cells.get("income"), cells.get("outgo")
    numbers = (
        balance,
        income if income is not None else Decimal(0),
        outgo if outgo is not None else Decimal(0),
    )
    if not isinstance(at, datetime) or not all(isinstance(one, Decimal) for one in numbers):
        return None
    after, got, paid = numbers
    assert isinstance(after, Decimal) and isinstance(got, Decimal) and isinstance(paid, Decimal), (
        "looked at above"
    )
    texts = {name: str(cells.get(name) or "") for name in (*_TEXTS, "account", "log_id", "leg")}
    line = BillLine(row=0, at=at, amount=(got - paid).quantize(Decimal("0.01")), balance=after, **texts)
    return line if cells.get("seal") == seal_of(line) else None


def spoiled_row(lang: Lang) -> Row:
    """What a row shows whose content does not agree with its seal: it does not count."""
    return {
        "problem": say(
            lang, "内容和校验码对不上(被改过),没有计入;请重新导入原账单文件", "It does not agree with its seal (it was changed) and does not count: import the bill file again",
        )
    }  # fmt: skip
