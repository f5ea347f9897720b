"""A world for a rush: scarce goods, sets of them and choices among them, and people who buy only what is on show."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sync_engine.clock import SHANGHAI, format_time
from sync_engine.sandbox.buyers import make_buyer, make_receiver
from sync_engine.sandbox.credentials import SELLER_NICK
from sync_engine.sandbox.goods import APART
from sync_engine.sandbox.orders import Basket, make_trade, offers_of
from sync_engine.sandbox.store import Store, pack
from sync_engine.sandbox.world import STATE_FILE, WorldSize, put_goods, put_shop

_BEFORE = timedelta(minutes=10)


def create_rush(
    folder: Path, *, seed: int, number: int, shop: str, start: datetime, shown: Mapping[str, int], people: int, minutes: int
) -> None:  # fmt: skip
    """Write a world into `folder/state.sqlite` in which `people` come within `minutes`, ten minutes after `start`.

    Each wants what a usual order holds, and turns away where a part of it is not on show in that moment.

    Args:
        number: which shop of one seller it is.
        shown: pieces on show at first, by merchant code; two codes make one item.
    """
    rng = random.Random(f"rush:{seed}:{number}")
    store = Store(folder / STATE_FILE)
    begin = start.astimezone(SHANGHAI)
    size = WorldSize(
        orders=people, start=begin, days=1, skus=len(shown), shop=shop, burst=True, number=number
    )
    goods = _items(list(shown.items()), begin, number)
    with store.transaction():
        put_shop(store, size, seed)
        put_goods(store, goods)
        buyers = [make_buyer(rng, one) for one in range(max(1, people * 3 // 4))]
        moments = sorted(
            begin + _BEFORE + timedelta(seconds=rng.randrange(minutes * 60)) for _ in range(people)
        )
        rows = []
        for one, created in enumerate(moments):
            buyer = rng.choice(buyers)
            basket = Basket(
                shop=shop, buyer=buyer, receiver=make_receiver(rng), created=created, offers=offers_of(goods), generous=True
            )  # fmt: skip
            trade = make_trade(rng, basket, one)
            rows.append((format_time(created), "want", str(trade["tid"]), pack(trade)))
        store.run_many("INSERT INTO event (at, kind, tid, arg) VALUES (?, ?, ?, ?)", rows)
    store.close()


def _items(shown: Sequence[tuple[str, int]], start: datetime, number: int) -> list[dict[str, Any]]:
    made = format_time(start - timedelta(days=30))
    items = []
    for first in range(0, len(shown), 2):
        num_iid = 700_000_000_000 + (number - 1) * APART + first
        skus = [
            {
                "sku_id": num_iid * 10 + place, "num_iid": num_iid, "iid": str(num_iid), "properties": f"1627207:{place}",
                "properties_name": f"1627207:{place}:款式:{code}", "quantity": pieces, "with_hold_quantity": 0, "price": "10.00",
                "outer_id": code, "barcode": "", "status": "normal", "created": made, "modified": made, "_words": f"款式:{code}",
            }
            for place, (code, pieces) in enumerate(shown[first : first + 2])
        ]  # fmt: skip
        items.append({
            "num_iid": num_iid, "title": f"秒杀商品{first // 2:02d}", "nick": SELLER_NICK, "type": "fixed", "cid": 50000436,
            "price": "10.00", "outer_id": f"RUSH{first // 2:02d}", "approve_status": "onsale", "list_time": made,
            "delist_time": format_time(start + timedelta(days=300)), "created": made, "modified": made, "sub_stock": 2,
            "pic_url": "https://img.example.invalid/rush.jpg", "has_discount": False, "is_virtual": False, "postage_id": 30001,
            "seller_cids": ",1001,", "valid_thru": 7, "num": sum(pieces for _, pieces in shown[first : first + 2]), "skus": skus,
        })  # fmt: skip
    return items
