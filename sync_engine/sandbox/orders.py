"""Makes one trade as a buyer places it. Money obeys the platform's field formulas to the fen."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync_engine.clock import SHANGHAI, format_time
from sync_engine.sandbox.buyers import Buyer, oaid
from sync_engine.sandbox.money import fen, share, yuan

_EPOCH = datetime(2020, 1, 1, tzinfo=SHANGHAI)
_FAR = ("新疆", "西藏", "青海", "内蒙古", "甘肃", "宁夏", "海南")

POISON = (
    '=HYPERLINK("http://example.invalid","点我")',
    "+1件也行，=1+1",
    "@SUM(A1:A9) 谢谢",
    "-2号之前发货",
    "请发顺丰😀🎁\n包装好一点，\t送人的",
    '"引号",逗号,;分号\r\n换行',
    "0001234567890123456789",
    "很急很急" * 120,
    "麻烦尽快发货，谢谢！",
    "颜色要偏深的那款",
    "放门卫就行",
    "不要发邮政",
    "周末再送",
    "生日礼物，别放小票",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing a buyer can put in the basket."""

    item: dict[str, Any]
    sku: dict[str, Any] | None


def offers_of(goods: Sequence[dict[str, Any]]) -> list[Offer]:
    """Everything on sale."""
    onsale = [item for item in goods if item["approve_status"] == "onsale"]
    return [Offer(item=item, sku=sku) for item in onsale for sku in (item["skus"] or (None,))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What one order is made of."""

    shop: str
    buyer: Buyer
    receiver: dict[str, Any]
    created: datetime
    offers: Sequence[Offer]
    generous: bool = False  # a big sale: more and deeper discounts


def make_trade(rng: random.Random, basket: Basket, number: int) -> dict[str, Any]:
    """An unpaid trade in the platform's own fields; names with `_` never leave the sandbox."""
    prefix = _prefix(basket.created, number)
    chosen = rng.sample(list(basket.offers), min(_line_count(rng), len(basket.offers)))
    single = len(chosen) == 1
    ids = [int(f"{prefix + (0 if single else k + 1)}{basket.buyer.tail}") for k in range(len(chosen))]
    trade = _head(rng, basket, int(f"{prefix}{basket.buyer.tail}"))
    trade["orders"] = [
        _line(rng, offer, oid, trade["created"], basket.generous)
        for offer, oid in zip(chosen, ids, strict=True)
    ]
    _settle_money(rng, trade, basket.generous)
    if single:
        line = trade["orders"][0]
        trade.update({key: line[key] for key in ("num", "num_iid", "price", "pic_path")})
    return trade


def _prefix(created: datetime, number: int) -> int:
    """13 digits that grow with time; the last one stays free for sub-orders."""
    return 2_000_000_000_000 + int((created - _EPOCH).total_seconds()) * 10_000 + number % 1000 * 10


def _line_count(rng: random.Random) -> int:
    return rng.choices((1, 2, 3, 4, 6), (70, 18, 8, 3, 1))[0]


def _head(rng: random.Random, basket: Basket, tid: int) -> dict[str, Any]:
    made = format_time(basket.created)
    shown = {key: value for key, value in basket.receiver.items() if key != "_who"}
    return {
        "tid": tid,
        "tid_str": str(tid),
        "type": rng.choices(("fixed", "guarantee_trade"), (60, 40))[0],
        "status": "WAIT_BUYER_PAY",
        "title": basket.shop,
        "seller_nick": basket.shop,
        "buyer_nick": basket.buyer.nick,
        "buyer_open_uid": basket.buyer.uid,
        "created": made,
        "modified": made,
        "async_modified": made,
        "num": 0,
        "shipping_type": "express",
        "seller_flag": 0,
        "has_buyer_message": False,
        "est_con_time": rng.choice(("卖家承诺24小时内发货", "卖家承诺48小时内发货")),
        "trade_from": rng.choice(("WAP,WAP", "WAP,WAP", "TAOBAO", "JHS,WAP")),
        "cod_status": "NEW_CREATED",
        **dict.fromkeys(
            ("cod_fee", "buyer_cod_fee", "commission_fee", "received_payment", "adjust_fee"), "0.00"
        ),
        **dict.fromkeys(("point_fee", "real_point_fee", "buyer_obtain_point_fee", "alipay_point"), 0),
        **dict.fromkeys(
            ("buyer_rate", "seller_rate", "can_rate", "seller_can_rate", "is_part_consign"), False
        ),
        **dict.fromkeys(
            ("is_3D", "is_brand_sale", "is_daixiao", "is_force_wlb", "is_lgtype", "is_wt", "has_yfx"), False
        ),
        **shown,
        "oaid": oaid(basket.receiver, basket.created),
        "_who": basket.receiver["_who"],
    }


def _line(rng: random.Random, offer: Offer, oid: int, created: str, generous: bool) -> dict[str, Any]:
    item, sku = offer.item, offer.sku
    num = rng.choices((1, 2, 3, 5, 12), (84, 10, 3, 2, 1))[0]
    price = fen(item["price"])
    cut = rng.random() < (0.8 if generous else 0.3)
    discount = price * num * rng.randrange(5, 45 if generous else 21) // 100 if cut else 0
    line = {
        "oid": oid,
        "oid_str": str(oid),
        "num_iid": item["num_iid"],
        "title": item["title"],
        "outer_iid": item["outer_id"],
        "cid": item["cid"],
        "pic_path": item["pic_url"],
        "num": num,
        "price": yuan(price),
        "discount_fee": yuan(discount),
        "adjust_fee": "0.00",
        "status": "WAIT_BUYER_PAY",
        "refund_status": "NO_REFUND",
        "seller_type": "B",
        "order_from": "WAP,WAP",
        **dict.fromkeys(("buyer_rate", "seller_rate", "is_oversold", "is_daixiao", "is_www"), False),
        "_sub_stock": item["sub_stock"],
    }
    if sku:
        line |= {
            "sku_id": str(sku["sku_id"]),
            "outer_sku_id": sku["outer_id"],
            "sku_properties_name": sku["_words"],
        }
    return line


def _settle_money(rng: random.Random, trade: dict[str, Any], generous: bool) -> None:
    """Trade-level discount, postage, adjustments and the sums, by the official per-field formulas."""
    lines = trade["orders"]
    single = len(lines) == 1
    if single and rng.random() < 0.04:
        lines[0]["adjust_fee"] = yuan(rng.choice((-1, -1, 1)) * rng.randrange(10, 300))
    due = [fen(x["price"]) * x["num"] + fen(x["adjust_fee"]) - fen(x["discount_fee"]) for x in lines]
    discount = _trade_discount(rng, sum(due), generous)
    post = _postage(rng, trade["receiver_state"])
    for line, amount, part in zip(lines, due, share(discount, due), strict=True):
        line["total_fee"] = yuan(amount)
        line["payment"] = yuan(amount - part + post) if single else yuan(amount)
        line["part_mjz_discount"] = yuan(part)
        line["_divided"] = yuan(amount - part)
    payment = yuan(sum(due) - discount + post)
    trade |= {
        "total_fee": yuan(sum(fen(x["price"]) * x["num"] for x in lines)),
        "adjust_fee": lines[0]["adjust_fee"] if single else "0.00",
        "discount_fee": yuan(discount),
        "post_fee": yuan(post),
        "has_post_fee": post > 0,
        "payment": payment,
        "available_confirm_fee": payment,
        "shipping_type": "express" if post else "free",
        "promotion_details": _promotions(trade, discount),
    }


def _trade_discount(rng: random.Random, due: int, generous: bool) -> int:
    if rng.random() > (0.7 if generous else 0.35) or due < 5000:
        return 0
    return min(due // 2, rng.choice((500, 1000, 1042, 2000, 3001, due // 11, due // 7)))


def _postage(rng: random.Random, province: str) -> int:
    if rng.random() > 0.18:
        return 0
    return rng.choice((1500, 2000)) if province.startswith(_FAR) else rng.choice((600, 800, 1000, 1200))


def _promotions(trade: dict[str, Any], discount: int) -> list[dict[str, Any]]:
    """Where the discounts came from: `id` is a sub-order's number, or the trade's for a trade-level one."""
    found = [_promotion("单品折扣", line["oid"], fen(line["discount_fee"])) for line in trade["orders"]]
    found.append(_promotion("店铺满减", trade["tid"], discount))
    return [each for each in found if each["discount_fee"] != "0.00"]


def _promotion(name: str, number: int, amount: int) -> dict[str, Any]:
    return {
        "id": number,
        "promotion_name": name,
        "promotion_id": f"shopPromotion-{number % 10**8}",
        "promotion_desc": f"{name}:省{yuan(amount)}元",
        "discount_fee": yuan(amount),
    }
