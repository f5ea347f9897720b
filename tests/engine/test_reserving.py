"""An order reserves when it is paid, or when it is made: as the item is set at Tmall, or as the shop's setting says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.rig import Rig


def shown(rig: Rig) -> tuple[object, object, int]:
    """(reserved, sellable, what Tmall shows)"""
    row = rig.row("stock", "A-1")
    return row["reserved"], row["sellable"], rig.world.skus["801"].quantity


def tmall_adds(rig: Rig, pieces: int) -> None:
    sku = rig.world.skus["801"]
    rig.world.skus["801"] = replace(sku, quantity=sku.quantity + pieces)


def pay(rig: Rig, tid: str) -> None:
    """The buyer pays: an item that is taken down at payment goes down now."""
    if rig.world.skus["801"].sub_stock != 1:
        tmall_adds(rig, -rig.world.trades[tid].lines[0].num)
    rig.world.change_lines(tid, status="WAIT_SELLER_SEND_GOODS")
    rig.world.change(tid, status="WAIT_SELLER_SEND_GOODS", pay_time=rig.world.clock.now())


@pytest.mark.parametrize("setting", [None, "下单"])
@pytest.mark.parametrize("sub_stock", [1, 2])
def test_an_unpaid_order_reserves_where_it_is_wanted_and_gives_back_what_it_did(
    setting: str | None, sub_stock: int
) -> None:
    rig = Rig()
    rig.world.skus["801"] = replace(rig.world.sku("801", 10), sub_stock=sub_stock)
    rig.settle()
    rig.sheet.type("settings", "reserve_at", value=setting)
    for tid in ("1001", "1002"):
        rig.world.order(tid, 3, status="WAIT_BUYER_PAY")
        if sub_stock == 1:  # Tmall took it down at ordering
            tmall_adds(rig, -3)
    rig.settle()
    early = sub_stock == 1 or setting is not None
    assert shown(rig) == ((6, 4, 4) if early else (0, 10, 10))
    pay(rig, "1001")
    rig.settle()
    assert shown(rig) == ((6, 4, 4) if early else (3, 7, 7)), "paying takes nothing a second time"
    rig.world.change_lines("1002", status="TRADE_CLOSED")
    rig.world.change("1002", status="TRADE_CLOSED")
    if sub_stock == 1:
        tmall_adds(rig, 3)
    rig.settle()
    assert shown(rig) == (3, 7, 7)
    assert rig.tick().idle


def test_the_setting_counts_at_once_for_orders_that_wait() -> None:
    rig = Rig()
    rig.world.skus["801"] = replace(rig.world.sku("801", 10), sub_stock=2)
    rig.settle()
    rig.world.order("1001", 3, status="WAIT_BUYER_PAY")
    rig.settle()
    for value, told in (("下单", (3, 7, 7)), (None, (0, 10, 10))):
        rig.sheet.type("settings", "reserve_at", value=value)
        rig.settle()
        assert shown(rig) == told


@pytest.mark.parametrize("first", [1, 2])
def test_an_item_set_anew_counts_for_orders_that_wait_and_nothing_is_offered_twice(first: int) -> None:
    """Set to 拍下减, what waits is reserved. Set to 付款减, what Tmall took at ordering stays so until it is paid or closed."""
    rig = Rig()
    rig.world.skus["801"] = replace(rig.world.sku("801", 10), sub_stock=first)
    rig.settle()
    for tid in ("1001", "1002"):
        rig.world.order(tid, 3, status="WAIT_BUYER_PAY")
        if first == 1:
            tmall_adds(rig, -3)
    rig.settle()
    assert shown(rig) == ((6, 4, 4) if first == 1 else (0, 10, 10))
    rig.world.skus["801"] = replace(rig.world.skus["801"], sub_stock=3 - first)
    rig.world.change("1001", buyer_message="在吗")  # any news of the item's orders has it read again
    rig.settle()
    assert shown(rig) == (6, 4, 4)
    if first == 2:  # the one that was ordered under 付款减 is taken down when it is paid
        tmall_adds(rig, -3)
    rig.world.change_lines("1001", status="WAIT_SELLER_SEND_GOODS")
    rig.world.change("1001", status="WAIT_SELLER_SEND_GOODS", pay_time=rig.world.clock.now())
    rig.settle()
    assert shown(rig) == (6, 4, 4)
    rig.world.change_lines("1002", status="TRADE_CLOSED")
    rig.world.change("1002", status="TRADE_CLOSED")
    if first == 1:
        tmall_adds(rig, 3)
    rig.settle()
    assert shown(rig) == (3, 7, 7)
    assert rig.tick().idle
