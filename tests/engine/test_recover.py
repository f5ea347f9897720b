"""After the journal was lost, with something odd in the waybill rows: nothing is given back or sent that must not be."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.engine.rig import Rig


@pytest.fixture
def rig() -> Rig:
    """A shop with one printed parcel."""
    rig = Rig()
    rig.world.order("1001", 1)
    rig.settle()
    assert rig.row("waybills", "1001-1")["state"] == "printed"
    return rig


def hide_cancelled(rig: Rig) -> None:
    """The carrier that answers only for waybills that live."""
    rig.world.waybills = [waybill for waybill in rig.world.waybills if not waybill.cancelled]


def unmark_cancelled(rig: Rig) -> None:
    """The carrier that shows waybills given back like any other."""
    rig.world.waybills = [replace(waybill, cancelled=False) for waybill in rig.world.waybills]


def test_a_waybill_tmall_was_told_of_is_never_given_back(rig: Rig) -> None:
    """The first number is erased from the sheet, the second left with the parcel before the sheet could show it."""
    rig.sheet.type("orders", "1001", courier_wanted="SF", ship_mark=True)
    rig.sheet.open_elsewhere = "open"
    for _ in range(3):
        rig.tick()
    rig.sheet.open_elsewhere = ""
    told = rig.world.effects("ship")
    assert [effect[3] for effect in told] == ["SF"]
    rig.sheet.type("waybills", "1001-1", waybill_code="")
    hide_cancelled(rig)
    rig.lose_journal()
    rig.settle()
    assert rig.world.effects("cancel") == [("cancel", "ZTO0000000001")]
    assert rig.world.effects("ship") == told
    second = rig.row("waybills", "1001-2")
    assert (second["state"], second["waybill_code"], second["oids"]) == ("shipped", told[0][2], "1001")
    assert rig.row("orders", "1001")["stage"] == "shipped"


def test_a_number_erased_from_the_sheet_that_the_carrier_does_not_know_is_no_parcel(rig: Rig) -> None:
    rig.sheet.type("waybills", "1001-1", waybill_code="")
    rig.carrier.cancel("ZTO", "ZTO0000000001")
    hide_cancelled(rig)
    rig.lose_journal()
    rig.settle()
    first = rig.row("waybills", "1001-1")
    assert (first["state"], "清空" in str(first["problem"])) == ("cancelled", True)
    assert [effect[2] for effect in rig.world.effects("buy")] == ["1001-1", "1001-2"]


def test_a_number_erased_from_the_sheet_comes_back_from_the_carrier(rig: Rig) -> None:
    rig.sheet.type("waybills", "1001-1", waybill_code="")
    rig.lose_journal()
    rig.settle()
    assert rig.row("waybills", "1001-1")["waybill_code"] == "ZTO0000000001"
    assert len(rig.world.effects("buy")) == 1


def test_of_a_copied_row_the_copy_that_tells_more_counts(rig: Rig) -> None:
    """One copy was given back in the sheet; the carrier still shows the number as if it lived."""
    rig.sheet.type("orders", "1001", hold=True)
    rig.sheet.type("waybills", "1001-1", cancel_wanted=True)
    rig.settle()
    assert rig.row("waybills", "1001-1")["state"] == "cancelled"
    rig.sheet.tables["waybills"].append(dict(rig.row("waybills", "1001-1")))
    unmark_cancelled(rig)
    rig.lose_journal()
    rig.tick()
    rig.sheet.type("orders", "1001", ship_mark=True, hold=False)
    rig.tick(30)
    rig.tick(30)
    assert not [effect for effect in rig.world.effects("ship") if effect[2] == "ZTO0000000001"]


def test_a_purchase_that_becomes_visible_later_is_found_though_its_order_died(rig: Rig) -> None:
    """Bought a moment before the journal was lost, not yet in the sheet, and the order is cancelled meanwhile."""
    rig.world.order("1002", 1)
    rig.carrier.hidden = timedelta(minutes=5)
    rig.tick(0)
    rig.sheet.open_elsewhere = "open"
    rig.tick(11)
    assert [effect[2] for effect in rig.world.effects("buy")] == ["1001-1", "1002-1"]
    rig.sheet.open_elsewhere = ""
    rig.world.change("1002", status="TRADE_CLOSED")
    rig.world.change_lines("1002", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.lose_journal()
    rig.tick(1)
    assert "1002-1" not in rig.sheet.keys("waybills")
    rig.settle()
    assert rig.row("waybills", "1002-1")["state"] == "cancelled"
    assert len(rig.world.effects("buy")) == 2


def test_an_order_whose_row_was_copied_is_asked_for_all_the_same(rig: Rig) -> None:
    rig.world.clock.sleep(86400 * 40)
    rig.sheet.tables["orders"].append(dict(rig.row("orders", "1001")))
    rig.sheet.type("waybills", "1001-1", waybill_code="", state="buying", bought_at=None, printed_at=None)
    rig.lose_journal()
    rig.tick()
    assert rig.row("waybills", "1001-1")["waybill_code"] == "ZTO0000000001"


def test_a_parcel_given_up_is_no_longer_shown_as_under_way(rig: Rig) -> None:
    rig.sheet.type("orders", "1001", hold=True)
    rig.sheet.type(
        "waybills",
        "1001-1",
        waybill_code="",
        state="unknown",
        bought_at=None,
        printed_at=None,
        cancel_wanted=True,
    )
    rig.world.waybills.clear()
    rig.lose_journal()
    rig.settle()
    assert rig.row("waybills", "1001-1")["state"] == "cancelled"


def test_a_row_of_a_parcel_given_up_does_not_hide_the_waybill_bought_since(rig: Rig) -> None:
    """An earlier copy of the workbook, of the moment when the parcel was given up to be made anew, and no journal."""
    rig.sheet.type(
        "waybills",
        "1001-1",
        waybill_code="",
        state="cancelled",
        bought_at=None,
        printed_at=None,
        cp_code="SF",
    )
    rig.lose_journal()
    rig.settle()
    first = rig.row("waybills", "1001-1")
    assert (first["state"], first["waybill_code"], first["cp_code"]) == ("printed", "ZTO0000000001", "ZTO")
    assert [effect[2] for effect in rig.world.effects("buy")] == ["1001-1"]
    assert not rig.world.effects("cancel")


def test_an_earlier_copy_is_seen_by_a_new_journal_that_told_nothing_yet(rig: Rig) -> None:
    earlier = deepcopy(rig.sheet.tables)
    rig.world.order("1002", 1, status="WAIT_BUYER_PAY")  # its row may be deleted: nothing of it is under way
    rig.settle()
    logged = len(rig.sheet.tables["log"])
    rig.lose_journal()
    rig.settle()
    assert len(rig.sheet.tables["log"]) == logged
    rig.sheet.tables = earlier
    rig.settle()
    assert rig.row("orders", "1002")["status"] == "WAIT_BUYER_PAY" and rig.row("lines", "1002")


def test_what_was_told_of_an_earlier_copy_stays_told(rig: Rig) -> None:
    earlier = deepcopy(rig.sheet.tables)
    rig.world.order("1002", 1)
    rig.settle()
    rig.sheet.tables = earlier
    rig.settle()

    def told() -> list[object]:
        return [row["state"] for row in rig.sheet.tables["todo"] if "较早的一份" in str(row["reason"])]

    assert told() and set(told()) == {"open"}
    before = told()
    rig.lose_journal()
    rig.settle()
    assert told() == before


def test_an_order_number_typed_over_is_told_and_its_order_comes_back(rig: Rig) -> None:
    rig.row("orders", "1001")["tid"] = "999"
    rig.settle()

    def told() -> list[object]:
        return [row["state"] for row in rig.sheet.tables["todo"] if "被改成了 999" in str(row["reason"])]

    assert sorted(rig.sheet.keys("orders")) == ["1001", "999"] and told() == ["open"]
    rig.lose_journal()
    rig.settle()
    assert told() == ["open"]
    rig.sheet.tables["orders"].remove(rig.row("orders", "999"))
    rig.settle()
    assert rig.tick().idle and rig.stages()["1001"] == "to_ship"


def test_what_was_typed_where_no_number_was_bought_is_no_number() -> None:
    """The journal is lost before the next sync could put it back."""
    rig = Rig()
    rig.world.refuse_buy = "余额不足"
    rig.world.order("1001", 1)
    rig.settle()
    assert not rig.row("waybills", "1001-1")["waybill_code"] and not rig.printed
    rig.sheet.type("waybills", "1001-1", waybill_code="火星42")
    rig.lose_journal()
    rig.tick()
    assert not rig.printed
    rig.world.refuse_buy = ""
    rig.sheet.type("orders", "1001", courier_wanted="SF")
    rig.settle()
    (sold,) = rig.world.waybills
    shown = [
        (row["waybill_code"], row["state"]) for row in rig.sheet.tables["waybills"] if row["waybill_code"]
    ]
    assert shown == [(sold.waybill_code, "printed")]


def test_a_key_erased_before_a_new_journal_wrote_its_row_is_put_back(rig: Rig) -> None:
    """The order is done with, so that nothing but its row makes the engine look at it again."""
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    rig.sheet.type("lines", "1001", status="WAIT_SELLER_SEND_GOODS", waybill_code=None, package_no=1)
    rig.lose_journal()
    rig.sheet.under_next_write(lambda: rig.sheet.type("lines", "1001", oid=None))
    rig.tick()
    rig.settle()
    (line,) = rig.sheet.tables["lines"]
    assert (line["oid"], line["status"], line["package_no"]) == ("1001", "WAIT_BUYER_CONFIRM_GOODS", 1)
    assert line["waybill_code"] == "ZTO0000000001"


def test_a_warehouse_typed_over_in_the_ledger_is_not_where_a_parcel_left_from(rig: Rig) -> None:
    """The row is not taken over, for it does not agree with its seal; neither is what it says of the parcel."""
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    sale = next(key for key in rig.sheet.keys("moves") if key.startswith("sale:"))
    left = rig.row("waybills", "1001-1")["warehouse"]
    rig.sheet.type("moves", sale, warehouse="火星")
    rig.lose_journal()
    rig.settle()
    assert rig.row("waybills", "1001-1")["warehouse"] == left == "W001 主仓"
    assert rig.row("moves", sale)["warehouse"] == "W001"


def test_nothing_is_bought_while_nothing_of_ours_stands_in_the_workbook() -> None:
    """A new journal could not know that there was one before it."""
    rig = Rig()
    rig.sheet.open_elsewhere = "open"
    rig.tick()
    rig.world.order("1001", 1)
    rig.tick(15)
    assert not rig.world.effects("buy")
    rig.lose_journal()
    rig.sheet.open_elsewhere = ""
    rig.settle()
    assert len(rig.world.effects("buy")) == 1


def test_a_purchase_whose_order_never_came_into_the_workbook_is_not_made_again() -> None:
    rig = Rig()
    rig.world.sku("801", 100)
    rig.settle()
    rig.world.order("1001", 1)
    rig.sheet.open_elsewhere = "open"
    rig.tick(15)
    assert len(rig.world.effects("buy")) == 1 and not rig.stages()
    rig.sheet.open_elsewhere = ""
    rig.carrier.hidden = timedelta(minutes=9)
    rig.lose_journal()
    rig.tick(1)
    rig.settle()
    assert len(rig.world.effects("buy")) == 1
    assert rig.row("waybills", "1001-1")["waybill_code"] == "ZTO0000000001"
