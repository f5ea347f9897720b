"""The world of the warehouse's morning: what the shop sells, its rules, who orders what, and what becomes of it by itself."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.rush_shop import Rows
from sync_engine.clock import SHANGHAI, format_time
from sync_engine.sandbox.buyers import Buyer, make_buyer, make_receiver
from sync_engine.sandbox.credentials import SELLER_NICK
from sync_engine.sandbox.goods import make_goods
from sync_engine.sandbox.orders import Basket, make_trade, offers_of
from sync_engine.sandbox.store import Store, pack
from sync_engine.sandbox.world import STATE_FILE, WorldSize, put_goods, put_shop
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang

SEED, CHANCE = 12, 91
"""Of the world, and of waybill numbers and what becomes of parcels."""
SUNDAY = datetime(2026, 11, 8, 14, 0, 0, tzinfo=SHANGHAI)
DAY = datetime(2026, 11, 12, 0, 0, 0, tzinfo=SHANGHAI)
GOODS: Mapping[str, tuple[int, str, str]] = {
    "BM-TX001-OA-S": (260, "A-03", "6901234500011"), "BM-TX001-OA-M": (270, "A-04", "6901234500028"),
    "BM-BW006-GY-350": (420, "B-11", "6901234500035"), "BM-WZ007-RD": (220, "A-09", "6901234500042"),
    "BM-BB008-MT": (380, "C-02", "6901234500059"), "BM-BB008-BK": (380, "C-03", "6901234500066"),
    "BM-SK009-OA": (150, "C-15", "6901234500073"), "BM-SJ005-RD-1.5": (2600, "D-01", "6901234500080"),
    "BM-MS010": (10_200, "D-20", "6901234500097"), "BM-JG011": (1500, "B-07", "6901234500103"),
}  # fmt: skip
"""What the shop sells: grams, bin, barcode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody's order, and what becomes of it by itself."""

    name: str
    at: datetime
    goods: Sequence[str]
    province: str
    pieces: int = 1
    buyer: str = ""  # the name of an earlier order of the same buyer
    later: Sequence[tuple[datetime, str, Any]] = ()


def at_night(hour: int, minute: int) -> datetime:
    """A moment of Thursday; hours before midnight are negative."""
    return DAY + timedelta(hours=hour, minutes=minute)


_RETURN = {
    "lines": [0], "goods": True, "reason": "七天无理由退货", "fate": "agree", "wait": 3600, "sent": 12 * 3600, "arrived": 80 * 3600,
}  # fmt: skip
_NOT_WANTED = {"lines": None, "reason": "不想要了", "fate": "agree"}
WISHES = (
    Wish(name="stuck", at=SUNDAY + timedelta(minutes=20), goods=["BM-TX001-OA-S"], province="湖南"),
    Wish(name="back", at=SUNDAY + timedelta(minutes=25), goods=["BM-BW006-GY-350"], province="江西",
         later=[(DAY - timedelta(hours=27), "ask", _RETURN)]),
    Wish(name="arrived", at=SUNDAY + timedelta(minutes=31), goods=["BM-SK009-OA"], province="安徽"),
    Wish(name="pair one", at=at_night(-3, 34), goods=["BM-BB008-BK"], province="四川"),
    Wish(name="plain", at=at_night(-2, 5), goods=["BM-TX001-OA-S"], province="江苏"),
    Wish(name="mixed up", at=at_night(-2, 42), goods=["BM-TX001-OA-S"], province="广东"),
    Wish(name="medium", at=at_night(-1, 17), goods=["BM-TX001-OA-M"], province="山东"),
    Wish(name="gone", at=at_night(-1, 30), goods=["BM-BB008-MT"], province="河南",
         later=[(at_night(6, 50), "ask", {**_NOT_WANTED, "wait": 1200})]),
    Wish(name="two pieces", at=at_night(-1, 52), goods=["BM-SK009-OA"], province="上海", pieces=2),
    Wish(name="pair two", at=at_night(0, 21), goods=["BM-TX001-OA-M"], province="四川", buyer="pair one"),
    Wish(name="split", at=at_night(0, 46), goods=["BM-MS010", "BM-BB008-MT"], province="湖北"),
    Wish(name="gift", at=at_night(1, 12), goods=["BM-BW006-GY-350", "BM-JG011"], province="北京"),
    Wish(name="west", at=at_night(2, 3), goods=["BM-BB008-BK"], province="新疆"),
    Wish(name="large", at=at_night(6, 34), goods=["BM-SJ005-RD-1.5"], province="福建"),
    Wish(name="express", at=at_night(7, 9), goods=["BM-JG011"], province="安徽",
         later=[(at_night(7, 26), "memo", {"memo": "发顺丰,运费我们出", "flag": 0})]),
    Wish(name="last moment", at=at_night(7, 21), goods=["BM-BW006-GY-350"], province="陕西",
         later=[(at_night(9, 4), "ask", {**_NOT_WANTED, "wait": 900})]),
    Wish(name="fresh", at=at_night(7, 56), goods=["BM-SK009-OA"], province="江西"),
)  # fmt: skip


def rules() -> dict[str, Rows]:
    """The workbook's first rows: some rules of the shop's own."""
    rows = {name: list(found) for name, found in default_rows(Lang.ZH).items()}
    settings = {
        "auto_print": "否",
        "ship_when": "验货通过时",
        "weigh_hold": "是",
        "track_parcels": "是",
        "track_still": "72",
    }
    rows["settings"] = [
        {**row, "value": settings[str(row["setting"])]} if row["setting"] in settings else row for row in rows["settings"]
    ]  # fmt: skip
    rows["audit_rules"] += [
        {"rule_id": "A101", "enabled": "yes", "priority": 40, "title": "西北等天气", "outcome": "hold", "provinces": "新疆、西藏、青海",
         "hold_until": at_night(12, 0)},
        {"rule_id": "A102", "enabled": "yes", "priority": 30, "title": "400 元以上先看", "outcome": "person", "amount_from": Decimal(400)},
    ]  # fmt: skip
    rows["split_rules"] = [
        {
            "rule_id": "S001",
            "enabled": "yes",
            "priority": 10,
            "title": "猫砂单独装",
            "by": "alone",
            "skus": "BM-MS*",
        },
    ]
    rows["gift_rules"] += [
        {"rule_id": "G101", "enabled": "yes", "priority": 30, "title": "满 299 送袜子", "type": "band", "gifts": "BM-WZ007-RD×1",
         "amount_from": Decimal(299), "amount_below": Decimal(400)},
    ]  # fmt: skip
    rows["courier_rules"] = [
        {**row, "enabled": "yes"} if row["rule_id"] == "R002" else row for row in rows["courier_rules"]
    ]
    rows["courier_rules"] += [
        {"rule_id": "R101", "enabled": "yes", "priority": 60, "title": "江浙沪走中通", "courier": "ZTO", "provinces": "江苏、浙江、上海"},
    ]  # fmt: skip
    return rows


def create_morning(room: Path, tids: dict[str, str]) -> None:
    """Write the world into `room/state.sqlite`, and each order's number into `tids`."""
    rng = random.Random(f"morning:{SEED}")
    size = WorldSize(
        orders=len(WISHES), start=SUNDAY.replace(hour=0), days=1, skus=160, shop=SELLER_NICK, burst=False
    )
    goods = _goods(rng, size.start)
    buyers: dict[str, Buyer] = {}
    store = Store(room / STATE_FILE)
    with store.transaction():
        put_shop(store, size, SEED)
        put_goods(store, goods)
        for number, wish in enumerate(WISHES):
            buyers[wish.name] = buyers[wish.buyer] if wish.buyer else _buyer(rng, number, wish.province)
            trade = _order(rng, wish, buyers[wish.name], goods, number)
            tids[wish.name] = str(trade["tid"])
            trade["_planned"] = True  # nothing happens after shipping but what is told here
            steps = [(wish.at, "create", trade), (wish.at + timedelta(minutes=1), "pay", None), *wish.later]
            rows = [(format_time(at), kind, tids[wish.name], pack(arg)) for at, kind, arg in steps]
            store.run_many("INSERT INTO event (at, kind, tid, arg) VALUES (?, ?, ?, ?)", rows)
    store.close()


def _goods(rng: random.Random, start: datetime) -> list[dict[str, Any]]:
    """Of a usual shop's goods the few of the story, enough of each."""
    kept = []
    for item in make_goods(rng, skus=160, start=start):
        item["skus"] = [
            one
            for one in item["skus"]
            if one["outer_id"] in GOODS and one["outer_id"].startswith(item["outer_id"])
        ]
        if item["skus"] or item["outer_id"] in GOODS:
            for sku in item["skus"]:
                sku["quantity"] = 80 + len(sku["outer_id"])
            item["num"] = sum(one["quantity"] for one in item["skus"]) or 90
            kept.append(item)
    return kept  # fmt: skip


def _buyer(rng: random.Random, number: int, province: str) -> Buyer:
    buyer = make_buyer(rng, number)
    home = buyer.home
    while not home["receiver_state"].startswith(province):
        home = make_receiver(rng)
    return replace(buyer, home=home)


def _order(
    rng: random.Random, wish: Wish, buyer: Buyer, goods: Sequence[dict[str, Any]], number: int
) -> dict[str, Any]:
    """Trades are made until one holds what was wished."""
    wanted = [
        one
        for one in offers_of(goods)
        if (one.sku["outer_id"] if one.sku else one.item["outer_id"]) in wish.goods
    ]
    basket = Basket(shop=SELLER_NICK, buyer=buyer, receiver=buyer.home, created=wish.at, offers=wanted)
    while True:
        trade = make_trade(rng, basket, number)
        nums = [line["num"] for line in trade["orders"]]
        if nums == [wish.pieces] * len(wish.goods):
            return trade
