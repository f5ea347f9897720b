"""The shop's goods: items with variants, items without, codes missing and codes doubled, as real shops have them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync_engine.clock import format_time
from sync_engine.sandbox.credentials import SELLER_NICK
from sync_engine.sandbox.money import yuan

_COLOURS = (
    ("黑色", "BK"), ("白色", "WH"), ("雾霾蓝", "BL"), ("燕麦色", "OA"), ("酒红", "RD"), ("军绿", "GN"), ("奶茶色", "MT"), ("浅灰", "GY"),
)  # fmt: skip
_CLOTHES = ("S", "M", "L", "XL", "2XL")
_SHOES = ("36", "37", "38", "39", "40", "41", "42")
_BEDS = ("1.2m床", "1.5m床", "1.8m床")
_CUPS = ("350ml", "500ml", "750ml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of goods: `sizes` empty = colours only; `low`/`high` price in yuan."""

    name: str
    code: str
    cid: int
    low: int
    high: int
    sizes: tuple[str, ...] = ()
    plain: bool = False  # without SKUs


_KINDS = (
    Kind(name="纯棉短袖T恤", code="TX", cid=50000436, low=39, high=129, sizes=_CLOTHES),
    Kind(name="连帽卫衣", code="WY", cid=50000557, low=89, high=269, sizes=_CLOTHES),
    Kind(name="直筒牛仔裤", code="NZ", cid=50000167, low=99, high=299, sizes=_CLOTHES),
    Kind(name="轻便运动鞋", code="XZ", cid=50012036, low=129, high=459, sizes=_SHOES),
    Kind(name="水洗棉四件套", code="SJ", cid=50008779, low=159, high=599, sizes=_BEDS),
    Kind(name="316保温杯", code="BW", cid=50011995, low=49, high=169, sizes=_CUPS),
    Kind(name="中筒袜5双装", code="WZ", cid=50006846, low=19, high=59),
    Kind(name="帆布托特包", code="BB", cid=50012010, low=59, high=199),
    Kind(name="手机保护壳", code="SK", cid=50005700, low=15, high=79),
    Kind(name="混合猫砂10kg", code="MS", cid=50015280, low=45, high=99, plain=True),
    Kind(name="坚果礼盒", code="JG", cid=50013061, low=69, high=199, plain=True),
    Kind(name="香薰蜡烛", code="XX", cid=50023109, low=29, high=129, plain=True),
)


def make_goods(rng: random.Random, *, skus: int, start: datetime, number: int = 1) -> list[dict[str, Any]]:
    """Items with their SKUs under `skus`, about `skus` things to sell in all; `number` is the shop's among those of one seller."""
    items: list[dict[str, Any]] = []
    made = 0
    while made < skus:
        kind = _KINDS[len(items) % len(_KINDS)]
        item = _item(rng, kind, number=len(items) + 1, room=skus - made, start=start)
        made += max(1, len(item["skus"]))
        _move_ids(item, (number - 1) * APART)
        items.append(item)
    _spoil_codes(rng, items)
    return items


APART = 50_000_000_000
"""Between the item ids of two shops of one seller."""


def _move_ids(item: dict[str, Any], by: int) -> None:
    item["num_iid"] += by
    for sku in item["skus"]:
        sku |= {
            "num_iid": sku["num_iid"] + by,
            "iid": str(sku["num_iid"] + by),
            "sku_id": sku["sku_id"] + by * 100,
        }


def _item(rng: random.Random, kind: Kind, *, number: int, room: int, start: datetime) -> dict[str, Any]:
    listed = start - timedelta(days=rng.randrange(20, 400), seconds=rng.randrange(86400))
    code = f"BM-{kind.code}{number:03d}"
    price = rng.randrange(kind.low, kind.high) * 100 + rng.choice((0, 0, 90, 90, 80))
    item: dict[str, Any] = {
        "num_iid": 600_000_000_000 + number * 1_234_567 + rng.randrange(1_000_000),
        "title": f"表猫{rng.choice(('新款', '经典', '夏季', '加厚', '简约'))}{kind.name}{number:03d}款",
        "nick": SELLER_NICK,
        "type": "fixed",
        "cid": kind.cid,
        "price": yuan(price),
        "outer_id": code,
        "approve_status": "instock" if number % 23 == 0 else "onsale",
        "list_time": format_time(listed),
        "delist_time": format_time(listed + timedelta(days=7 * 80)),
        "created": format_time(listed),
        "modified": format_time(listed),
        "sub_stock": 1 if rng.random() < 0.15 else 2,
        "pic_url": f"https://img.example.invalid/bao/{number:04d}.jpg",
        "has_discount": False,
        "is_virtual": False,
        "postage_id": 30001,
        "seller_cids": ",1001,",
        "valid_thru": 7,
        "num": rng.randrange(60, 900) if kind.plain else 0,
    }
    item["skus"] = [] if kind.plain else _skus(rng, kind, item, room)
    item["num"] += sum(sku["quantity"] for sku in item["skus"])
    return item


def _skus(rng: random.Random, kind: Kind, item: dict[str, Any], room: int) -> list[dict[str, Any]]:
    colours = rng.sample(_COLOURS, rng.randrange(2, 5))
    pairs = [(colour, size) for colour in colours for size in (kind.sizes or ("",))]
    return [_sku(rng, item, index, colour, size) for index, (colour, size) in enumerate(pairs[:room])]


def _sku(
    rng: random.Random, item: dict[str, Any], index: int, colour: tuple[str, str], size: str
) -> dict[str, Any]:
    words = f"颜色分类:{colour[0]}" + (f";尺码:{size}" if size else "")
    pids = f"1627207:{28320 + index}" + (f";20509:{28313 + index}" if size else "")
    full = f"1627207:{28320 + index}:颜色分类:{colour[0]}" + (
        f";20509:{28313 + index}:尺码:{size}" if size else ""
    )
    return {
        "sku_id": 5_000_000_000_000 + (item["num_iid"] - 600_000_000_000) * 100 + index,
        "num_iid": item["num_iid"],
        "iid": str(item["num_iid"]),
        "properties": pids,
        "properties_name": full,
        "quantity": _quantity(rng),
        "with_hold_quantity": 0,
        "price": item["price"],
        "outer_id": f"{item['outer_id']}-{colour[1]}"
        + (f"-{size.replace('m床', '').replace('ml', '')}" if size else ""),
        "barcode": f"690{rng.randrange(10**10):010d}",
        "status": "normal",
        "created": item["created"],
        "modified": item["modified"],
        "_words": words,
    }


def _quantity(rng: random.Random) -> int:
    roll = rng.random()
    if roll < 0.03:
        return 0
    return rng.randrange(1, 8) if roll < 0.1 else rng.randrange(20, 400)


def _spoil_codes(rng: random.Random, items: list[dict[str, Any]]) -> None:
    """A few SKUs without a merchant code, and two SKUs of different items that share one."""
    skus = [sku for item in items for sku in item["skus"]]
    for sku in rng.sample(skus, min(4, len(skus) // 20)):
        sku["outer_id"] = ""
    named = [sku for sku in skus if sku["outer_id"]]
    others = [sku for sku in named if sku["num_iid"] != named[0]["num_iid"]] if named else []
    if others:
        rng.choice(others)["outer_id"] = named[0]["outer_id"]
