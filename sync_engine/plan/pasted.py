"""An order somebody pastes to try rules on: words at the front of a line, then the goods, one to a line. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sync_engine.clock import parse_time
from sync_engine.plan.conditions import TYPE_WORDS
from sync_engine.plan.words import say
from sync_engine.trade import Line, Receiver, Trade
from workbook_templates.schema import Lang

_WORDS = {
    "店铺": "shop", "shop": "shop", "付款时间": "paid", "付款": "paid", "paid": "paid", "卖家备注": "memo", "备注": "memo",
    "memo": "memo", "买家留言": "message", "留言": "message", "message": "message", "优惠": "promotion",
    "promotion": "promotion", "省": "province", "province": "province", "类型": "type", "type": "type", "买家": "buyer",
    "buyer": "buyer",
}  # fmt: skip
_HEAD = re.compile("(?P<word>[^:\uff1a]{1,12})[:\uff1a]\\s*(?P<rest>.*)")
_GOODS = re.compile(
    r"(?P<code>\S+?)(?:\s*[×*]\s*|\s+)(?P<num>[1-9]\d{0,4})(?:\s+(?P<price>\d+(?:\.\d{1,2})?))?"
)


class Unreadable(ValueError):
    """A line that is neither goods nor a word we know; its text says which."""


def read_pasted(text: str, lang: Lang, now: datetime) -> Trade:
    """A paid order as somebody pasted it: `店铺: …`, `付款时间: …`, `备注: …`, `优惠: …` and lines `商家编码 件数 单价`."""
    found: dict[str, str] = {}
    promotions: list[str] = []
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        row = raw.strip()
        head, goods = _HEAD.fullmatch(row), _GOODS.fullmatch(row)
        word = _WORDS.get(head["word"].strip().lower(), "") if head else ""
        if head and word:
            if word == "promotion":
                promotions.append(head["rest"].strip())
            found[word] = head["rest"].strip()
        elif goods:
            lines.append(_line(goods, len(lines) + 1))
        elif row:
            raise Unreadable(say(
                lang, f"第 {number} 行“{row[:40]}”看不懂:商品写成 商家编码 件数 单价",
                f'line {number} "{row[:40]}" cannot be read: goods are merchant code, pieces, price',
            ))  # fmt: skip
    if not lines:
        raise Unreadable(
            say(lang, "没有商品行:写成 商家编码 件数 单价", "no goods: merchant code, pieces, price")
        )
    paid = parse_time(found["paid"]) if "paid" in found else now
    trade = Trade(
        tid="0", status="WAIT_SELLER_SEND_GOODS", created=paid or now, modified=now, pay_time=paid, lines=tuple(lines),
        payment=sum((line.amount for line in lines), Decimal("0.00")), promotions=tuple(promotions),
    )  # fmt: skip
    kind = found.get("type", "fixed")
    return replace(
        trade, shop=found.get("shop", ""), seller_memo=found.get("memo", ""), buyer_message=found.get("message", ""),
        receiver=Receiver(province=found.get("province", "")), type=TYPE_WORDS.get(kind, kind),
        buyer_open_uid=found.get("buyer", "?"),
    )  # fmt: skip


def _line(goods: re.Match[str], number: int) -> Line:
    num, price = int(goods["num"]), Decimal(goods["price"] or "0.00")
    return Line(
        oid=f"0{number}", sku_id=goods["code"], outer_sku_id=goods["code"], num=num, price=price, amount=price * num,
        status="WAIT_SELLER_SEND_GOODS",
    )  # fmt: skip
