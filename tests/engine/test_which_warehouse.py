"""Which warehouse an order ships from: decided with a reason, kept, overruled by staff, and right in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from sync_engine.parcel import Sender
from tests.engine.rig import Rig
from tests.engine.test_stock_room import assert_adds_up, tables
from workbook_templates.schema import Value

SOUTH = {
    "sender_name": "南仓", "sender_mobile": "13800000001", "sender_province": "广东省", "sender_city": "广州市",
    "sender_district": "白云区", "sender_detail": "石井大道2号仓",
}  # fmt: skip


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A shop with two warehouses that sell: the main one has 100 of A-1 and none of A-2, the other 10 of each."""
    shop = Rig()
    shop.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    shop.sheet.add("warehouses", warehouse="W002", name="南仓", negative="list", for_sale="yes", **SOUTH)
    shop.world.sku("801", 100)
    shop.world.sku("802", 0)
    shop.settle()
    shop.sheet.type("settings", "buffer_minutes", value="0")
    for code in ("A-1", "A-2"):
        shop.sheet.add("entries", kind="purchase", stock_code=code, warehouse="南仓", pieces=10, post=True)
    shop.settle()
    yield shop
    assert_adds_up(shop)
    for row in shop.sheet.tables["balances"]:
        assert row["available"] == (row["on_hand"] or 0) - (row["reserved"] or 0)  # type: ignore[operator]
    shop.lose_journal()
    told, before = list(shop.world.log), tables(shop)
    shop.settle()
    after = tables(shop)
    if not before["refills"]:  # none were due this morning; a new journal looks again
        after["refills"] = []
    assert after == before, "a lost journal changes nothing"
    assert shop.world.log == told


def balance(rig: Rig, code: str = "A-1", warehouse: str = "W001") -> dict[str, Value]:
    return next(
        dict(row) for row in rig.sheet.tables["balances"]
        if (row["stock_code"], row["warehouse"]) == (code, warehouse)
    )  # fmt: skip


def ship(rig: Rig, tid: str) -> None:
    rig.sheet.type("orders", tid, ship_mark=True)
    rig.settle()


def rate(rig: Rig, warehouse: str, price: int) -> None:
    rig.sheet.add("freight", courier="ZTO", provinces="其他", warehouse=warehouse, first_price=Decimal(price))


def test_the_main_warehouse_ships_where_nothing_tells_them_apart(rig: Rig) -> None:
    rig.world.order("1001", 3)
    rig.settle()
    row = rig.row("orders", "1001")
    assert row["warehouse"] == "W001 主仓" == rig.row("lines", "1001")["warehouse"]
    assert row["warehouse_why"] == "主仓能一包发齐,运费 3.00 元;南仓 3.00 元"
    assert (balance(rig)["reserved"], balance(rig)["available"]) == (3, 97)
    assert rig.carrier.senders == {"1001-1": None}
    ship(rig, "1001")
    assert (balance(rig)["on_hand"], balance(rig)["reserved"]) == (97, 0)


def test_the_cheaper_one_ships_with_its_own_sender_and_its_stock_goes_down(rig: Rig) -> None:
    rate(rig, "南仓", 2)
    rig.settle()
    rig.world.order("1001", 3)
    rig.settle()
    row = rig.row("orders", "1001")
    assert (row["warehouse"], row["freight"]) == ("W002 南仓", Decimal("2.00"))
    assert row["warehouse_why"] == "南仓能一包发齐,运费 2.00 元;主仓 3.00 元"
    assert rig.row("waybills", "1001-1")["warehouse"] == "W002 南仓"
    sender = Sender(**{name.removeprefix("sender_"): value for name, value in SOUTH.items()})
    assert rig.carrier.senders == {"1001-1": sender}
    assert (balance(rig, warehouse="W002")["reserved"], balance(rig)["reserved"]) == (3, 0)
    ship(rig, "1001")
    assert rig.row("moves", "sale:1001:1001")["warehouse"] == "W002"
    assert (balance(rig, warehouse="W002")["on_hand"], balance(rig)["on_hand"]) == (7, 100)
    rig.sheet.type("lines", "1001", returned_qty=1)
    rig.settle()
    assert balance(rig, warehouse="W002")["on_hand"] == 8, "it comes back to where it left from"


def test_one_parcel_before_two_and_what_others_reserved_is_not_free(rig: Rig) -> None:
    rig.world.order("1001", 1, 8)
    rig.settle()
    assert rig.row("orders", "1001")["warehouse"] == "W002 南仓"
    assert "主仓货不够" in str(rig.row("orders", "1001")["warehouse_why"])
    rig.world.order("1002", 1, 8)
    rig.settle()
    row = rig.row("orders", "1002")
    assert row["warehouse_why"] == "⚠ 各仓合计缺货:A-2 缺 6 件"
    assert row["waybill_codes"], "bought all the same, as the setting says"


def test_an_order_waits_for_goods_where_the_shop_says_so_and_goes_on_when_they_come(rig: Rig) -> None:
    rig.sheet.type("settings", "out_of_stock", value="等货")
    rig.world.order("1001", 1, 18)
    rig.settle()
    row = rig.row("orders", "1001")
    assert (row["stage"], row["waybill_codes"] or "") == ("hold", "") and "A-2 缺 8 件" in str(row["problem"])
    rig.sheet.add("entries", kind="purchase", stock_code="A-2", warehouse="南仓", pieces=8, post=True)
    rig.settle()
    row = rig.row("orders", "1001")
    assert row["waybill_codes"] and not row["problem"] and row["warehouse"] == "W002 南仓"


def test_a_split_only_where_it_is_allowed(rig: Rig) -> None:
    rig.sheet.type("settings", "out_of_stock", value="等货")
    rig.world.order("1001", 50, 5)
    rig.settle()
    assert "允许分仓发货" in str(rig.row("orders", "1001")["problem"]) and not rig.carrier.senders
    rig.sheet.type("settings", "split_orders", value="是")
    rig.settle()
    row = rig.row("orders", "1001")
    assert row["warehouse"] == "W001 主仓、W002 南仓" and "分 2 包" in str(row["warehouse_why"])
    assert [rig.row("lines", oid)["warehouse"] for oid in ("10011", "10012")] == ["W001 主仓", "W002 南仓"]
    assert len(rig.carrier.senders) == 2 and len({repr(one) for one in rig.carrier.senders.values()}) == 2
    ship(rig, "1001")
    assert (balance(rig)["on_hand"], balance(rig, "A-2", "W002")["on_hand"]) == (50, 5)
    assert rig.row("orders", "1001")["stage"] == "shipped"


def test_staff_choose_another_warehouse_before_and_after_the_waybill(rig: Rig) -> None:
    rig.world.order("1001", 3)
    rig.settle()
    first = rig.row("orders", "1001")["waybill_codes"]
    rig.sheet.type("orders", "1001", warehouse_wanted="南仓")
    rig.settle()
    row = rig.row("orders", "1001")
    assert (row["warehouse"], row["warehouse_why"]) == ("W002 南仓", "店里指定南仓")
    assert row["waybill_codes"] != first and ("cancel", first) in rig.world.log, (
        "another sender: another label"
    )
    assert (balance(rig, warehouse="W002")["reserved"], balance(rig)["reserved"]) == (3, 0)
    rig.sheet.type("orders", "1001", warehouse_wanted="北仓")
    rig.settle()
    assert rig.row("orders", "1001")["waybill_codes"] == row["waybill_codes"], "it is bought: nothing to do"
    rig.world.order("1002", 3)
    rig.tick(0)
    rig.sheet.type("orders", "1002", warehouse_wanted="北仓", hold=None)
    rig.settle()


def test_a_warehouse_that_does_not_exist_stops_the_purchase_and_says_which_there_are(rig: Rig) -> None:
    rig.sheet.type("settings", "buffer_minutes", value="30")
    rig.settle()
    rig.world.order("1001", 3)
    rig.tick(1)
    rig.sheet.type("orders", "1001", warehouse_wanted="北仓")
    rig.tick(60)
    row = rig.row("orders", "1001")
    assert (row["stage"], "没有“北仓”这个仓库,可填:主仓、南仓" in str(row["problem"])) == ("person", True)
    assert not rig.carrier.senders
    rig.sheet.type("orders", "1001", warehouse_wanted="W002")
    rig.settle()
    assert rig.row("orders", "1001")["warehouse"] == "W002 南仓" and len(rig.carrier.senders) == 1


def test_a_warehouse_that_sends_elsewhere_only_is_left_out(rig: Rig) -> None:
    rate(rig, "南仓", 2)
    rig.sheet.type("warehouses", "W002", ships_to="广东、海南")
    rig.settle()
    rig.world.order("1001", 3)
    rig.settle()
    assert rig.row("orders", "1001")["warehouse"] == "W001 主仓"
    rig.sheet.type("warehouses", "W001", ships_to="海南")
    rig.settle()
    rig.world.order("1002", 3)
    rig.settle()
    assert "没有仓库发浙江省" in str(rig.row("orders", "1002")["warehouse_why"])


def test_a_warehouse_is_renamed_or_closed_while_orders_wait(rig: Rig) -> None:
    rate(rig, "南仓", 2)
    rig.sheet.type("settings", "buffer_minutes", value="600")
    rig.settle()
    rig.world.order("1001", 3)
    rig.world.order("1002", 3)
    rig.tick(1)
    rig.sheet.type("warehouses", "W002", name="广州仓")
    rig.sheet.type("freight", rig.sheet.keys("freight")[-1], warehouse="广州仓")
    rig.tick(1)
    assert rig.row("orders", "1001")["warehouse"] == "W002 广州仓"
    rig.sheet.type("warehouses", "W002", for_sale="no")
    rig.tick(1)
    assert rig.row("orders", "1001")["warehouse"] == "W001 主仓"
    assert (balance(rig)["reserved"], balance(rig, warehouse="W002")["reserved"]) == (6, 0)
    rig.tick(700)
    rig.settle()


def test_an_incomplete_sender_is_told_and_the_shops_own_is_used(rig: Rig) -> None:
    rig.sheet.type("warehouses", "W002", sender_city=None)
    rig.world.order("1001", 1, 5)
    rig.settle()
    assert "要填全" in str(rig.row("warehouses", "W002")["problem"])
    assert rig.carrier.senders == {"1001-1": None}


def test_a_rate_for_a_warehouse_that_does_not_exist_says_so(rig: Rig) -> None:
    rate(rig, "火星", 1)
    rig.settle()
    assert "没有“火星”" in str(rig.row("freight", rig.sheet.keys("freight")[-1])["problem"])
    rig.world.order("1001", 3)
    rig.settle()
    assert rig.row("orders", "1001")["freight"] == Decimal("3.00")


def test_who_paid_first_gets_the_last_pieces(rig: Rig) -> None:
    rig.sheet.type("settings", "out_of_stock", value="等货")
    rig.sheet.type("settings", "buffer_minutes", value="30")
    late = rig.world.order("1001", 1, 8)
    rig.world.clock.sleep(-60)
    rig.world.order("1002", 1, 8)
    rig.world.clock.sleep(60)
    assert late.pay_time is not None
    rig.tick(1)
    rig.tick(40)
    rig.settle()
    assert (rig.row("orders", "1002")["stage"], rig.row("orders", "1001")["stage"]) == ("to_ship", "hold")


def test_where_nothing_is_reserved_any_more_the_row_says_so(rig: Rig) -> None:
    rig.world.sku("803", 50)
    rig.sheet.type("settings", "buffer_minutes", value="600")
    rig.sheet.type("settings", "auto_buy", value="否")
    rig.settle()
    rig.world.order("1001", 3, sku="803")
    rig.tick(1)
    rig.sheet.type("orders", "1001", warehouse_wanted="南仓")
    rig.tick(1)
    assert balance(rig, "A-3", "W002")["reserved"] == 3
    rig.sheet.type("orders", "1001", warehouse_wanted="主仓")
    rig.tick(1)
    assert (balance(rig, "A-3", "W002")["reserved"], balance(rig, "A-3")["reserved"]) == (0, 3)
