"""Which order a bill row belongs to: the chain of the facts, first hit wins, exclusions first. Pure.

A row never belongs to an order by chance: where a text holds two numbers that could be one, none is taken.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from formulas.bill_lines import BillLine

NOT_OF_ORDERS = ("余利宝", "网商银行", "提现")
"""Words of rows that move the shop's own money."""

_ID = r"(?<![0-9])([0-9]{15,22})(?![0-9])"
_WHOLE = re.compile(r"[0-9]{15,22}")
_MERCHANT = re.compile(r"T[0-9]+P([0-9]{12,22})(?![0-9])")
_TRADE_NO = re.compile(r"(?<![0-9])(20[0-9]{26})(?![0-9])")
_REMARKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(before + _ID))
    for name, before in (
        ("订单号", r"订单号[:：\[]?\s*"),
        ("天猫佣金", r"天猫佣金[^0-9]*"),
        ("软件服务费", r"软件服务费[^0-9]*"),
        ("积分", r"代扣(?:返点积分|交易退回积分)[^0-9]*"),
        ("淘宝客佣金", r"淘宝客佣金[^0-9]*"),
        ("消费券", r"消费券代付资金扣回[^0-9]*"),
        ("品牌新享", r"品牌新享[^0-9]*"),
        ("tradeid", r"tradeid[:：]\s*"),
        ("KY_ITEM", r"KY_ITEM\)\(?\s*"),
    )
)
_PREFIXES = ("CAE_POINT_", "CAE_", "HJCAE==", "GXFZ_", "HJCOM==")


class OrderLink(NamedTuple):
    """The order of a row and how it was found; else the Alipay trade number by which it may be found among payments."""

    tid: str = ""
    how: str = ""  # column or text it was found by, as bills call it
    trade_no: str = ""
    excluded: str = ""  # the word that says it belongs to none


def order_of(line: BillLine) -> OrderLink:
    """The order a row names."""
    text = f"{line.remark}\n{line.description}"
    for word in NOT_OF_ORDERS:
        if word in text or word in line.kind:
            return OrderLink(excluded=word)
    tid, how = _named(line, text)
    if tid:
        return OrderLink(tid=tid, how=how)
    found = set(_TRADE_NO.findall(line.remark)) or set(_TRADE_NO.findall(line.trade_no))
    return OrderLink(trade_no=found.pop() if len(found) == 1 else "")


def _named(line: BillLine, text: str) -> tuple[str, str]:
    if _WHOLE.fullmatch(line.base_order):
        return line.base_order, "业务基础订单号"
    for name, value in (
        ("业务基础订单号", line.base_order),
        ("商户订单号", line.merchant_no),
        ("备注", text),
    ):
        if tid := _only(_MERCHANT.findall(value)):
            return tid, f"{name} T…P"
    for name, pattern in _REMARKS:
        if tid := _only(pattern.findall(text)):
            return tid, f"备注“{name}”"
    for prefix in _PREFIXES:
        if line.merchant_no.startswith(prefix) and (tid := _only(re.findall(_ID, line.merchant_no))):
            return tid, f"商户订单号 {prefix}"
    return "", ""


def _only(found: list[str]) -> str:
    """The one number found; "" for none and for several that differ."""
    return found[0] if len(set(found)) == 1 else ""
