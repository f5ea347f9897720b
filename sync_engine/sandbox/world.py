"""Makes a shop's world before it runs: goods, buyers and everything that will happen, from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sync_engine.clock import SHANGHAI, format_time
from sync_engine.sandbox.buyers import Buyer, make_buyer, make_receiver
from sync_engine.sandbox.couriers import COURIERS
from sync_engine.sandbox.credentials import SELLER_NICK, keys_of
from sync_engine.sandbox.goods import make_goods
from sync_engine.sandbox.orders import Basket, make_trade, offers_of
from sync_engine.sandbox.plans import plan_life
from sync_engine.sandbox.store import Store, pack

_HOURS = (3, 2, 1, 1, 1, 1, 2, 3, 5, 7, 9, 9, 8, 7, 7, 7, 7, 7, 8, 9, 11, 12, 11, 7)
STATE_FILE = "state.sqlite"
YEAR = 31_525_571  # seconds a session lives, as in a sample of the platform


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSize:
    """How much world to make."""

    orders: int
    start: datetime
    days: int
    skus: int
    shop: str
    burst: bool
    number: int = 1


def create_world(
    folder: Path,
    *,
    seed: int,
    orders: int,
    start: datetime,
    days: int = 1,
    skus: int = 300,
    shop: str = SELLER_NICK,
    burst: bool = False,
    number: int = 1,
) -> None:
    """Write a new world into `folder/state.sqlite`.

    `orders` trades are placed from the evening before `start` until `days` days after it, following a shop's usual
    hours; with `burst` most of them within ten minutes, as at midnight of Double 11. The same arguments make the
    same world. Shop number 2, 3 ... of a seller has keys and ids of its own, and some of the first one's merchant codes. Raises FileExistsError where a world is already.
    """
    path = folder / STATE_FILE
    if path.exists():
        raise FileExistsError(str(path))
    size = WorldSize(
        orders=orders, start=start.astimezone(SHANGHAI), days=days, skus=skus, shop=shop, burst=burst, number=number
    )  # fmt: skip
    rng = random.Random(f"world:{seed}")
    store = Store(path)
    with store.transaction():
        goods = make_goods(rng, skus=skus, start=size.start, number=number)
        put_shop(store, size, seed)
        put_goods(store, goods)
        _put_orders(store, rng, size, goods)
    store.close()


def put_shop(store: Store, size: WorldSize, seed: int) -> None:
    """The shop itself: its keys, its time, its couriers' accounts."""
    born = size.start - timedelta(days=30)
    store.set_meta(
        "world",
        {"seed": seed, "shop": size.shop, "start": format_time(size.start), "days": size.days, "number": size.number},
    )  # fmt: skip
    keys = keys_of(size.number)
    store.set_meta("now", format_time(size.start - timedelta(days=2)))
    store.set_meta(
        "session", {"token": keys.session, "until": format_time(born + timedelta(seconds=YEAR)), "number": 1}
    )
    store.set_meta("refresh", keys.refresh_token)
    rows = [(courier.cp_code, 0 if courier.direct else 100_000, 0, 0) for courier in COURIERS]
    store.run_many("INSERT INTO account VALUES (?, ?, ?, ?)", rows)


def put_goods(store: Store, goods: list[dict[str, Any]]) -> None:
    """Items with their SKUs."""
    for item in goods:
        store.put_item({key: value for key, value in item.items() if key != "skus"})
        for sku in item["skus"]:
            store.put_sku(sku)


def _put_orders(store: Store, rng: random.Random, size: WorldSize, goods: list[dict[str, Any]]) -> None:
    offers = offers_of(goods)
    buyers = [make_buyer(rng, number) for number in range(max(1, size.orders * 3 // 4))]
    rows: list[tuple[str, str, str, str]] = []
    for number, created in enumerate(_moments(rng, size)):
        buyer = rng.choice(buyers)
        basket = Basket(
            shop=size.shop,
            buyer=buyer,
            receiver=_receiver(rng, buyer),
            created=created,
            offers=offers,
            generous=size.burst,
        )
        trade = make_trade(rng, basket, number)
        steps = plan_life(rng, trade, created)
        rows += [(format_time(at), kind, str(trade["tid"]), pack(arg)) for at, kind, arg in steps]
    store.run_many("INSERT INTO event (at, kind, tid, arg) VALUES (?, ?, ?, ?)", rows)


def _receiver(rng: random.Random, buyer: Buyer) -> dict[str, Any]:
    return buyer.home if rng.random() < 0.85 else make_receiver(rng)


def _moments(rng: random.Random, size: WorldSize) -> list[datetime]:
    """When the orders are placed, in order of time."""
    before = round(size.orders * 0.08)
    moments = [size.start - timedelta(seconds=rng.randrange(600, 13 * 3600)) for _ in range(before)]
    rest = size.orders - before
    rushed = round(rest * 0.6) if size.burst else 0
    moments += [size.start + timedelta(seconds=3600 + rng.randrange(0, 600) // 5 * 5) for _ in range(rushed)]
    moments += [_usual_moment(rng, size) for _ in range(rest - rushed)]
    return sorted(moments)


def _usual_moment(rng: random.Random, size: WorldSize) -> datetime:
    """A moment of the days after `start` whose hour of day follows a shop's usual curve."""
    hour = rng.choices(range(24), _HOURS)[0]
    ahead = (hour - size.start.hour) % 24
    into = timedelta(days=rng.randrange(size.days), hours=ahead, seconds=rng.randrange(3600))
    return (
        size.start.replace(minute=0, second=0) + into + timedelta(hours=24 if _too_early(size, ahead) else 0)
    )


def _too_early(size: WorldSize, ahead: int) -> bool:
    return ahead == 0 and (size.start.minute, size.start.second) != (0, 0)
