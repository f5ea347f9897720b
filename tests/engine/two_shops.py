"""Two shops in memory on one stock, for tests of shop rules and bundles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sync_engine.execute import Outside
from sync_engine.plan.rows import Row
from sync_engine.trade import Line, Sku, Trade
from tests.engine.rig import Rig
from tests.engine.world import FakeTmall, World

FIRST, SECOND = "测试店", "二店"


class TwoShops:
    """The rig with a second world; goods are put on sale in either, orders come from either."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.worlds = {FIRST: self.rig.world, SECOND: World(clock=self.rig.world.clock)}
        self.orders = 0
        self.join()

    def join(self) -> None:
        """(Again) after the engine was started anew."""
        self.rig.shop = replace(
            self.rig.shop,
            outside=Outside(
                tmall=FakeTmall(self.worlds[FIRST]), carrier=self.rig.carrier, clock=self.rig.world.clock,
                more_shops={SECOND: FakeTmall(self.worlds[SECOND])},
            ),
        )  # fmt: skip

    def sell(self, shop: str, code: str, shown: int, item: str = "") -> str:
        """Goods in a shop; gives their SKU id."""
        world = self.worlds[shop]
        number = f"{1 if shop == FIRST else 2}{len(world.skus):03d}"
        world.skus[number] = Sku(
            num_iid=item or f"9{number}", sku_id=number, outer_id=code, title=code, sku_text="", price=Decimal("10.00"),
            quantity=shown, status="onsale",
        )  # fmt: skip
        return number

    def buy(self, shop: str, code: str, pieces: int = 1) -> str:
        """Somebody buys and pays."""
        world, self.orders = self.worlds[shop], self.orders + 1
        sku = next(one for one in world.skus.values() if one.outer_id == code)
        assert sku.quantity >= pieces, "sold more than was on show"
        world.skus[sku.sku_id] = replace(sku, quantity=sku.quantity - pieces)
        tid, now = f"{self.orders:06d}", world.clock.now()
        line = Line(
            oid=tid, num_iid=sku.num_iid, sku_id=sku.sku_id, outer_sku_id=code, num=pieces, status="WAIT_SELLER_SEND_GOODS"
        )  # fmt: skip
        world.trades[tid] = Trade(
            tid=tid, status="WAIT_SELLER_SEND_GOODS", created=now, modified=now, pay_time=now, lines=(line,)
        )
        return tid

    def count(self, **pieces: int) -> None:
        """Staff count goods."""
        for code, there in pieces.items():
            self.rig.sheet.type("stock", code, counted=there)
        self.settle()

    def settle(self) -> None:
        """Tick until the figures stand still."""
        for _ in range(4):
            self.rig.tick(11)

    def shown(self, code: str) -> list[int]:
        """What each shop shows."""
        return [
            sum(sku.quantity for sku in world.skus.values() if sku.outer_id == code)
            for world in self.worlds.values()
        ]

    def row(self, shop: str, code: str) -> Row:
        """The row of 店铺库存."""
        return self.rig.row("shop_stock", f"{code}/{shop}")
