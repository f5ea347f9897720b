"""The world of a Double-11 hour: orders of every case the order desk knows, and beforehand what will happen to each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sync_engine.clock import SHANGHAI, format_time
from sync_engine.sandbox.buyers import make_buyer, make_receiver
from sync_engine.sandbox.credentials import SELLER_NICK
from sync_engine.sandbox.goods import make_goods
from sync_engine.sandbox.money import fen, yuan
from sync_engine.sandbox.orders import POISON, Basket, make_trade, offers_of
from sync_engine.sandbox.plans import HOLDS, Step
from sync_engine.sandbox.store import Store, pack
from sync_engine.sandbox.world import STATE_FILE, WorldSize, put_goods, put_shop

START = datetime(2026, 11, 11, 0, 0, 0, tzinfo=SHANGHAI)
MEMOS = (
    "发顺丰,运费我们出",
    "老客户,优先发",
    "核对颜色再发",
    "买家说取消",
    "要开发票",
    "赠品:收纳袋x1",
    "=1+1 礼物",
)
FATES = (
    ("plain", 640), ("unpaid", 20), ("unpaid, closed", 15), ("paid late", 30), ("presale", 20), ("presale, forfeited", 5),
    ("hold, released", 25), ("hold for good", 15), ("address early", 25), ("address late", 25), ("refund early", 50),
    ("refund at the waybill", 25), ("refund before the wave", 40), ("refund late", 15), ("memo late", 50),
)  # fmt: skip
"""What becomes of orders by themselves, and how often in a thousand."""
_MINUTE = 60


@dataclass
class Hour:
    """What the world was made of."""

    folder: Path
    fates: dict[str, str] = field(default_factory=dict)  # by order
    along: set[str] = field(
        default_factory=set
    )  # orders of a buyer who had ordered before, to the same receiver
    noted: set[str] = field(default_factory=set)  # orders with a memo that comes later
    held: dict[str, tuple[datetime, datetime | None]] = field(default_factory=dict)  # by order: since, until
    moved: dict[str, datetime] = field(default_factory=dict)  # by order: when its address changes


def create_hour(folder: Path, *, seed: int, orders: int) -> Hour:
    """Write a world into `folder/state.sqlite`: `orders` within an hour from midnight, most of them in its first ten minutes."""
    rng, hour = random.Random(f"hour:{seed}"), Hour(folder)
    size = WorldSize(
        orders=orders, start=START, days=1, skus=max(40, min(300, orders // 3)), shop=SELLER_NICK, burst=True
    )
    store = Store(folder / STATE_FILE)
    with store.transaction():
        goods = make_goods(rng, skus=size.skus, start=size.start)
        for sku in (sku for item in goods for sku in item["skus"]):
            sku["quantity"] *= max(1, orders // 1000)
        put_shop(store, size, seed)
        put_goods(store, goods)
        offers, before = offers_of(goods), list[Basket]()
        rows = []
        for number, created in enumerate(_moments(rng, orders)):
            again = rng.choice(before) if before and rng.random() < 0.12 else None
            buyer = again.buyer if again else make_buyer(rng, number)
            basket = Basket(
                shop=size.shop, buyer=buyer, receiver=again.receiver if again else buyer.home, created=created, offers=offers, generous=True,
            )  # fmt: skip
            before.append(basket)
            trade = make_trade(rng, basket, number)
            tid = str(trade["tid"])
            if again:
                hour.along.add(tid)
            steps = _steps(rng, trade, created, hour)
            rows += [(format_time(at), kind, tid, pack(arg)) for at, kind, arg in steps]
        store.run_many("INSERT INTO event (at, kind, tid, arg) VALUES (?, ?, ?, ?)", rows)
    store.close()
    return hour


def _moments(rng: random.Random, orders: int) -> list[datetime]:
    return sorted(
        START + timedelta(seconds=rng.randrange(600 if rng.random() < 0.6 else 3600)) for _ in range(orders)
    )


def _after(moment: datetime, rng: random.Random, low: float, high: float) -> datetime:
    """Some minutes later."""
    return moment + timedelta(seconds=rng.randrange(round(low * _MINUTE), round(high * _MINUTE)))


def _steps(rng: random.Random, trade: dict[str, Any], created: datetime, hour: Hour) -> list[Step]:
    """Everything that will happen to one order by itself, its creation first."""
    fate = rng.choices([name for name, _ in FATES], [often for _, often in FATES])[0]
    hour.fates[str(trade["tid"])] = fate
    if rng.random() < 0.08:
        trade |= {"buyer_message": rng.choice(POISON), "has_buyer_message": True}
    if fate == "refund at the waybill":
        trade["_refund_on_waybill"] = True
    steps: list[Step] = [(created, "create", trade)]
    paid = _paid(rng, trade, fate, created, steps)
    if rng.random() < 0.06:
        note = {"memo": rng.choice(MEMOS), "flag": rng.randrange(0, 6)}
        steps.append((_after(created, rng, 0.2, 6), "memo", note))
        hour.noted.add(str(trade["tid"]))
    if paid is not None:
        steps += _later(rng, trade, fate, paid, hour)
    return steps


def _paid(
    rng: random.Random, trade: dict[str, Any], fate: str, created: datetime, steps: list[Step]
) -> datetime | None:
    """How it is paid; the moment of full payment, or None."""
    if fate == "unpaid":
        return None
    if fate == "unpaid, closed":
        steps.append((_after(created, rng, 5, 60), "timeout", None))
        return None
    if fate.startswith("presale"):
        trade |= {
            "type": "step", "step_trade_status": "FRONT_NOPAID_FINAL_NOPAID", "step_paid_fee": "0.00",
            "_deposit": yuan(fen(trade["payment"]) // 5),
        }  # fmt: skip
        steps.append((_after(created, rng, 0.2, 2), "deposit", None))
        final = _after(created, rng, 5, 60)
        steps.append((final, "forfeit" if fate.endswith("forfeited") else "pay", None))
        return None if fate.endswith("forfeited") else final
    paid = _after(created, rng, 15, 70) if fate == "paid late" else _after(created, rng, 0.1, 3)
    steps.append((paid, "pay", None))
    return paid


def _later(
    rng: random.Random, trade: dict[str, Any], fate: str, paid: datetime, hour: Hour
) -> Iterator[Step]:
    """What happens between payment and the end of the desk's work."""
    if fate.startswith("hold"):
        trade["_hold"] = rng.choice(("PAID_FORBID_CONSIGN", *HOLDS))
        until = _after(paid, rng, 5, 70) if fate == "hold, released" else None
        hour.held[str(trade["tid"])] = paid, until
        if until:
            yield until, "release", None
    elif fate.startswith("address"):
        when = _after(paid, rng, 1, 8) if fate == "address early" else _after(paid, rng, 15, 60)
        hour.moved[str(trade["tid"])] = when
        yield when, "address", make_receiver(rng)
    elif fate == "memo late":
        yield _after(paid, rng, 8, 60), "memo", {"memo": rng.choice(MEMOS), "flag": rng.randrange(0, 6)}
    elif fate == "refund early":
        yield _after(paid, rng, 0.5, 9), "ask", _wish(rng, trade)
    elif fate == "refund before the wave":
        yield _after(paid, rng, 10, 60), "ask", _wish(rng, trade)
    elif fate == "refund late":
        yield _after(paid, rng, 60, 170), "ask", _wish(rng, trade)


def _wish(rng: random.Random, trade: dict[str, Any]) -> dict[str, Any]:
    """A refund of the whole order or of a line: granted, taken back, or not answered in these hours."""
    lines = len(trade["orders"])
    whole = lines == 1 or rng.random() < 0.4
    fate = rng.choices(("agree", "withdraw", "none"), (60, 20, 20))[0]
    return {
        "lines": None if whole else [rng.randrange(lines)], "reason": "不想要了", "fate": "agree" if fate == "none" else fate,
        "wait": 20 * 3600 if fate == "none" else rng.randrange(20, 40 * _MINUTE),
    }  # fmt: skip
