"""A rush on scarce goods that two shops sell from one stock, with people who buy within every call."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sync_engine.errors import Answer, NotSent, OutcomeUnknown
from sync_engine.execute import Outside
from sync_engine.parcel import Held, nothing_held
from sync_engine.trade import Line, Sku, Trade
from tests.engine.rig import Rig
from tests.engine.world import FakeTmall, World

SHOPS = ("", "二店")


class BusyTmall(FakeTmall):
    """A shop where people buy within every call, orders appear late, and calls are lost, late or not sent."""

    def __init__(self, world: World, rush: Rush) -> None:
        super().__init__(world)
        self.rush = rush
        self.late: list[tuple[str, Sequence[tuple[str, int]], str]] = []

    def changed_trades(self, since: object, until: object, held: Held = nothing_held) -> list[Trade]:
        found = super().changed_trades(since, until, held)  # type: ignore[arg-type]
        if self.rush.calm:
            return found
        fresh = self.world.clock.now().timestamp() - 90
        return [t for t in found if t.modified.timestamp() < fresh or self.rush.rng.random() > 0.1]

    def change_stock(self, num_iid: str, changes: Sequence[tuple[str, int]], biz_key: str) -> None:
        chance = 1.0 if self.rush.calm else self.rush.rng.random()
        for late in self.late:
            FakeTmall.change_stock(self, *late)
        self.late.clear()
        if chance < 0.08:
            raise NotSent(Answer(api="change_stock", text="no route"))
        if chance < 0.16:
            self.late.append((num_iid, changes, biz_key))
            raise OutcomeUnknown(Answer(api="change_stock", text="timed out"))
        if chance < 0.24:
            self.world.lose_reply.add("change_stock")
        super().change_stock(num_iid, changes, biz_key)


@dataclass
class Rush:
    """Two shops, one stock, and what is there of it."""

    seed: int
    codes: int
    pieces: tuple[int, int] = (15, 60)  # of each, from and to
    rng: random.Random = field(init=False)
    rig: Rig = field(init=False)
    worlds: list[World] = field(init=False)
    stock: dict[str, int] = field(default_factory=dict)
    sold: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    wanted: int = 0
    calm: bool = True
    worst: int = 0  # most pieces that were promised beyond what there is
    sku_of: dict[tuple[int, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.rig = Rig()
        self.worlds = [self.rig.world, World(clock=self.rig.world.clock)]
        for n in range(self.codes):
            code, there = f"S-{n:02d}", self.rng.randint(*self.pieces)
            self.stock[code] = there
            for shop, world in enumerate(self.worlds):
                sku_id = f"{shop + 1}{n:04d}"
                self.sku_of[shop, code] = sku_id
                world.skus[sku_id] = Sku(
                    num_iid=f"{shop + 1}{n // 10:03d}", sku_id=sku_id, outer_id=code, title="商品", sku_text=code,
                    price=Decimal("10.00"), quantity=there // 2 if shop else there - there // 2, status="onsale",
                )  # fmt: skip
        ports = [BusyTmall(world, self) for world in self.worlds]
        self.rig.shop = replace(
            self.rig.shop,
            outside=Outside(
                tmall=ports[0], carrier=self.rig.carrier, clock=self.rig.world.clock, more_shops={SHOPS[1]: ports[1]}
            ),
        )  # fmt: skip
        self.rig.tick(1)
        for (
            code,
            there,
        ) in (
            self.stock.items()
        ):  # two shops show it: only somebody who counts knows whether it is twice the same
            self.rig.sheet.type("stock", code, counted=there)
        self.rig.tick(1)
        for world in self.worlds:
            world.before = world.after = self.people

    def people(self, name: str) -> None:
        """A few people buy what a shop shows them."""
        for _ in range(0 if self.calm else self.rng.randrange(5)):
            if self.attempts < self.wanted:
                self.buy()
        for code, there in self.stock.items():
            shown = sum(world.skus[self.sku_of[n, code]].quantity for n, world in enumerate(self.worlds))
            self.worst = max(self.worst, shown + self.sold[code] - there)

    def buy(self) -> None:
        """One person, one to three pieces, more of them in the first shop."""
        self.attempts += 1
        shop = int(self.rng.random() < 0.3)
        code = f"S-{min(self.rng.randrange(self.codes), self.rng.randrange(self.codes)):02d}"
        world, sku_id, pieces = self.worlds[shop], self.sku_of[shop, code], self.rng.choice((1, 1, 1, 2, 3))
        sku, now = world.skus[sku_id], world.clock.now()
        if sku.quantity < pieces:
            return
        world.skus[sku_id] = replace(sku, quantity=sku.quantity - pieces)
        self.sold[code] += pieces
        tid = f"{shop + 1}{self.attempts:07d}"
        line = Line(
            oid=tid,
            num_iid=sku.num_iid,
            sku_id=sku_id,
            outer_sku_id=code,
            num=pieces,
            status="WAIT_SELLER_SEND_GOODS",
        )
        world.trades[tid] = Trade(
            tid=tid, status="WAIT_SELLER_SEND_GOODS", created=now, modified=now, pay_time=now, lines=(line,)
        )

    def live(self, attempts: int) -> None:
        """So many people come, a few within each call; then it becomes quiet."""
        self.wanted, self.calm = attempts, False
        while self.attempts < attempts:
            self.rig.tick(0.5)
            for _ in range(attempts // 60):
                self.people("between")
        self.calm = True
        for _ in range(8):
            self.rig.tick(5)
