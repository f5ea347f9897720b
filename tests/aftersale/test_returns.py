"""售后 and 退货登记 through the engine: mirrored, counted in once, corrected by the difference, with the journal kept and lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sync_engine.trade import Trade
from tests.aftersale.shop import RETURNS, back, moves, refund, scan, sent_back, shipped, todos
from tests.engine.rig import Rig


def test_a_return_is_mirrored_scanned_and_posted_once_at_the_cost_of_its_sale() -> None:
    rig = shipped(3)
    refund(rig, "1001", "WAIT_SELLER_AGREE")
    rig.settle()
    row = rig.row("refunds", "91001")
    assert (row["status"], row["kind"], row["back"]) == ("WAIT_SELLER_AGREE", "goods", "wait")
    assert (row["fee"], row["num"], row["tid"], row["phase"]) == (Decimal("30.00"), 3, "1001", "onsale")
    assert "拒绝" in str(row["advice"])
    assert "已发出" in str(row["parcel"])
    assert [key for key, _ in todos(rig)] == ["91001"]
    refund(rig, "1001", "WAIT_BUYER_RETURN_GOODS")
    rig.settle()
    assert not todos(rig)
    told = sent_back(rig)
    rig.settle()
    row = rig.row("refunds", "91001")
    assert (row["sid"], row["back"], row["company"], row["version"]) == (
        "YT700", "coming", "圆通速递", told.version,
    )  # fmt: skip
    scan(rig, " yt700 ")
    rig.settle()
    entered = rig.row("returns", "R001")
    assert (entered["state"], entered["order"], entered["refund"]) == ("inspect", "1001", "91001")
    assert "A-1" in str(entered["goods"])
    assert not moves(rig, *RETURNS)
    rig.sheet.type("returns", "R001", good=2, defective=1)
    rig.settle()
    assert moves(rig, *RETURNS) == [("return_defective", "A-1", 1, False), ("return_good", "A-1", 2, False)]
    stock = rig.row("stock", "A-1")
    assert (stock["on_hand"], rig.row("balances", "A-1/W001")["defective"]) == (99, 1)
    sale = next(row for row in rig.sheet.tables["moves"] if row["kind"] == "sale")
    assert {row["origin"] for row in rig.sheet.tables["moves"] if row["kind"] in RETURNS} == {sale["move_id"]}
    row = rig.row("refunds", "91001")
    assert (row["back"], row["good"], row["defective"]) == ("here", 2, 1)
    assert [key for key, _ in todos(rig)] == ["91001"], "to be confirmed at Tmall"
    refund(rig, "1001", "SUCCESS")
    rig.settle()
    assert not todos(rig)
    assert "已退 30.00" in str(rig.row("refunds", "91001")["money"])
    before = len(rig.sheet.tables["moves"])
    rig.lose_journal()
    rig.settle()
    assert len(rig.sheet.tables["moves"]) == before
    assert back(rig) == 3
    assert rig.row("returns", "R001")["state"] == "counted"


def test_correcting_the_numbers_posts_the_difference() -> None:
    rig = shipped(2)
    sent_back(rig)
    rig.settle()
    scan(rig, "91001", good=2)
    rig.settle()
    assert back(rig) == 2
    rig.sheet.type("returns", "R001", good=1, defective=1)
    rig.settle()
    assert sorted(moves(rig, *RETURNS)) == [
        ("return_defective", "A-1", 1, False), ("return_good", "A-1", 1, True), ("return_good", "A-1", 2, False),
    ]  # fmt: skip
    assert rig.row("balances", "A-1/W001")["defective"] == 1
    assert rig.row("stock", "A-1")["on_hand"] == 99
    rig.sheet.type("returns", "R001", good=None, defective=None)
    rig.settle()
    assert (back(rig), rig.row("returns", "R001")["state"]) == (0, "inspect")
    assert rig.row("refunds", "91001")["good"] is None


def test_the_same_parcel_scanned_twice_counts_once_and_is_told() -> None:
    rig = shipped(1)
    sent_back(rig)
    rig.settle()
    scan(rig, "YT700", good=1)
    scan(rig, "YT700", good=1)
    rig.settle()
    states = [(row["return_id"], row["state"]) for row in rig.sheet.tables["returns"]]
    assert states == [("R001", "counted"), ("R002", "stuck")]
    assert back(rig) == 1
    assert "R002" in [key for key, _ in todos(rig)]
    rig.lose_journal()
    rig.settle()
    assert back(rig) == 1
    assert [row["state"] for row in rig.sheet.tables["returns"]] == ["counted", "stuck"]
    del rig.sheet.tables["returns"][1]
    rig.settle()
    assert "R002" not in [key for key, _ in todos(rig)]


def test_a_deleted_row_that_counts_comes_back() -> None:
    rig = shipped(1)
    sent_back(rig)
    rig.settle()
    scan(rig, "YT700", good=1)
    rig.settle()
    rig.sheet.tables["returns"].clear()
    rig.settle()
    assert (rig.row("returns", "R001")["scan"], back(rig)) == ("YT700", 1)


def test_several_kinds_in_one_parcel() -> None:
    rig = shipped(1, 2)
    for oid in ("10011", "10012"):
        sent_back(rig, oid)
    rig.settle()
    scan(rig, "YT700", good=2, defective=1)
    rig.settle()
    assert "几种货" in str(rig.row("returns", "R001")["problem"])
    assert back(rig) == 0
    rig.sheet.type("returns", "R001", code="A-1", good=1, defective=None)
    scan(rig, "YT700", code="A-2", good=1, defective=1)
    rig.settle()
    assert back(rig) == 3
    assert rig.row("balances", "A-2/W001")["defective"] == 1
    assert {row["back"] for row in rig.sheet.tables["refunds"]} == {"here"}


def test_a_whole_parcel_refused_by_the_buyer_is_scanned_by_our_own_waybill() -> None:
    rig = shipped(1, 2)
    code = str(rig.row("waybills", "1001-1")["waybill_code"])
    scan(rig, code, good=3)
    rig.settle()
    assert (back(rig), rig.row("returns", "R001")["order"]) == (3, "1001")
    assert [(key, "没有对应的退款" in str(why)) for key, why in todos(rig)] == [("R001", True)]
    for oid in ("10011", "10012"):
        refund(rig, oid, "SUCCESS", has_good_return=False, dispute_type="REFUND")
    rig.settle()
    assert not todos(rig)
    assert back(rig) == 3


def test_a_number_nobody_knows_and_too_many_pieces_stop_nothing_else() -> None:
    rig = shipped(2)
    sent_back(rig)
    rig.settle()
    scan(rig, "WHAT-1", good=1)
    scan(rig, "YT700", good=3)
    scan(rig, "YT700", good=2)
    rig.settle()
    rows = rig.sheet.tables["returns"]
    assert [row["state"] for row in rows] == ["stuck", "stuck", "counted"]
    assert "对不上" in str(rows[0]["problem"]) and "没有登记" not in str(rows[0]["problem"]), (
        "the state says so"
    )
    assert back(rig) == 2
    assert [key for key, _ in todos(rig)].count("R001") == 1


def test_a_refund_that_comes_after_the_parcel_is_found_by_itself() -> None:
    rig = shipped(1)
    scan(rig, "YT700", good=1)
    rig.settle()
    assert rig.row("returns", "R001")["state"] == "stuck"
    sent_back(rig)
    rig.settle()
    assert rig.row("returns", "R001")["state"] == "counted"
    assert back(rig) == 1


def test_money_went_back_and_the_goods_did_not() -> None:
    rig = shipped(2)
    refund(rig, "1001", "SUCCESS", sid="YT700")
    rig.settle()
    assert rig.row("refunds", "91001")["back"] == "unreturned"
    assert not todos(rig)
    rig.world.clock.sleep(3 * 86400)
    rig.settle()
    assert [key for key, _ in todos(rig)] == ["91001"]
    rig.lose_journal()
    rig.settle()
    assert [key for key, _ in todos(rig)] == ["91001"]
    scan(rig, "YT700", good=2)
    rig.settle()
    assert not todos(rig)
    assert back(rig) == 2


def test_a_refund_before_shipping_stops_the_parcel_and_says_so() -> None:
    rig = Rig()
    rig.world.sku("801", 100)
    rig.settle()
    rig.world.order("1001", 1)
    rig.settle()
    refund(rig, "1001", "WAIT_SELLER_AGREE", has_good_return=False, dispute_type="REFUND")
    rig.settle()
    row = rig.row("refunds", "91001")
    assert (row["kind"], row["back"]) == ("before", "none")
    assert "拦下" in str(row["parcel"])
    assert "放开" in str(row["stock"])
    refund(rig, "1001", "SUCCESS")
    rig.world.change_lines("1001", status="TRADE_CLOSED")
    rig.world.change("1001", status="TRADE_CLOSED")
    rig.settle()
    row = rig.row("refunds", "91001")
    assert "作废" in str(row["parcel"])
    assert "已放开" in str(row["stock"])
    assert rig.row("stock", "A-1")["reserved"] in (0, None)
    scan(rig, "91001", good=1)
    rig.settle()
    assert "还没发出" in str(rig.row("returns", "R001")["problem"])
    assert back(rig) == 0


def test_typed_in_both_sheets_the_goods_are_counted_once() -> None:
    rig = shipped(2)
    sent_back(rig)
    rig.settle()
    rig.sheet.type("lines", "1001", returned_qty=1)
    rig.settle()
    scan(rig, "YT700", good=1)
    rig.settle()
    assert back(rig) == 1


def test_rows_of_old_refunds_stay_and_a_return_of_one_still_counts() -> None:
    """The journal is lost long after; Tmall shows neither the refund nor the order at the first look any more."""
    rig = shipped(2)
    sent_back(rig)
    rig.settle()
    rig.world.change("1001", status="TRADE_FINISHED")
    rig.settle()
    rig.world.clock.sleep(40 * 86400)
    rig.lose_journal()
    rig.settle()
    assert rig.row("refunds", "91001")["sid"] == "YT700"
    scan(rig, "YT700", good=2)
    rig.settle()
    assert rig.row("returns", "R001")["state"] == "counted"
    assert back(rig) == 2


def test_scanned_goods_count_as_good_at_once_where_the_setting_says_so() -> None:
    rig = shipped(2)
    rig.sheet.type("settings", "return_uncounted", value="全算良品")
    sent_back(rig)
    rig.settle()
    scan(rig, "YT700")
    rig.settle()
    assert back(rig) == 2
    rig.sheet.type("returns", "R001", defective=2)
    rig.settle()
    assert rig.row("balances", "A-1/W001")["defective"] == 2


@pytest.mark.parametrize(
    ("dispute", "goods", "kind"),
    [("REFUND", False, "money"), ("TMALL_EXCHANGE", True, "exchange"), ("RESHIPPING", False, "reship"), ("", True, "goods"), ("NEW_ONE", False, "money")],
)  # fmt: skip
def test_kinds(dispute: str, goods: bool, kind: str) -> None:
    rig = shipped(1)
    refund(rig, "1001", "WAIT_SELLER_AGREE", dispute_type=dispute, has_good_return=goods)
    rig.settle()
    assert rig.row("refunds", "91001")["kind"] == kind


def test_a_refund_of_an_order_nobody_knows_has_its_row() -> None:
    rig = shipped(1)
    trade: Trade = rig.world.trades["1001"]
    old = trade.created - timedelta(days=80)
    told = refund(rig, "1001", "WAIT_SELLER_AGREE")
    rig.world.refunds["95"] = replace(told, refund_id="95", tid="999", oid="999", created=old)
    lines = tuple(replace(line, oid="998") for line in rig.world.trades["1001"].lines)
    rig.world.trades["998"] = replace(trade, tid="998", created=old, modified=old, lines=lines)
    rig.world.refunds["94"] = replace(told, refund_id="94", tid="998", oid="998", created=old)
    rig.settle()
    row = rig.row("refunds", "95")
    assert (row["tid"], row["fee"]) == ("999", Decimal("10.00"))
    assert "重新核对" in str(row["problem"])
    assert rig.row("orders", "998")["stage"] == "shipped", "one that Tmall still knows is fetched"
    assert rig.row("refunds", "94")["kind"] == "goods"
