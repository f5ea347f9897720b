"""One order's way through the engine, judged by the world's own log and by the sheet."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from sync_engine.trade import Receiver, Refund
from tests.engine.rig import Rig
from tests.engine.world import START
from workbook_templates.tables import BY_NAME


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_paid_order_is_bought_printed_and_waits_for_the_mark(rig: Rig) -> None:
    rig.world.order("1001", 2)
    rig.tick(0)
    assert rig.row("orders", "1001")["stage"] == "buying"
    assert not rig.world.effects("buy")
    rig.tick(11)
    assert [e[1] for e in rig.world.effects("buy")] == ["1001"]
    row = rig.row("orders", "1001")
    assert row["stage"] == "to_ship"
    assert row["courier"] == "ZTO"
    assert "最便宜" in str(row["courier_why"])
    assert rig.printed == [(rig.printed[0][0], ("1001-1",))]
    assert not rig.world.effects("ship")
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.tick()
    code = rig.row("waybills", "1001-1")["waybill_code"]
    assert rig.world.effects("ship") == [("ship", "1001", code, "ZTO", "")]
    rig.tick()
    assert rig.row("orders", "1001")["stage"] == "shipped"


def test_a_command_to_ship_means_parcels_that_had_their_label_when_it_was_given(rig: Rig) -> None:
    """Also of orders that share a parcel; Tmall fines what is told as sent and was not."""
    everything = frozenset({"*"})
    rig.world.order("1001", 1)
    rig.settle()
    rig.world.order("1002", 1)
    rig.world.clock.sleep(3600)
    assert rig.tick(0, ship_now=everything).counts.waybills == 1, (
        "it came, and got its label, in this very sync"
    )
    assert [entry[1] for entry in rig.world.effects("ship")] == ["1001"]
    rig.settle()
    assert [entry[1] for entry in rig.world.effects("ship")] == ["1001"]
    rig.tick(0, ship_now=everything)
    assert [entry[1] for entry in rig.world.effects("ship")] == ["1001", "1002"]


def test_a_second_run_changes_nothing(rig: Rig) -> None:
    rig.sheet.add("settings", setting="ship_when", value="面单生成时")
    for n in range(5):
        rig.world.order(f"10{n}", 1, 2)
    rig.settle()
    before = [list(map(dict, rows)) for rows in rig.sheet.tables.values()]
    log = list(rig.world.log)
    assert rig.tick().idle
    assert [list(map(dict, rows)) for rows in rig.sheet.tables.values()] == before
    assert rig.world.log == log


def test_staff_choice_of_courier_wins_and_is_explained(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.tick(0)
    rig.sheet.type("orders", "1001", courier_wanted="SF")
    rig.settle()
    assert rig.row("orders", "1001")["courier"] == "SF"
    assert "店里指定顺丰" in str(rig.row("orders", "1001")["courier_why"])


def test_changing_the_courier_gives_the_first_waybill_back(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.sheet.type("orders", "1001", courier_wanted="SF")
    rig.settle()
    assert rig.world.effects("cancel") == [("cancel", "ZTO0000000001")]
    assert [(e[0], e[2]) for e in rig.world.effects("buy")] == [("buy", "1001-1"), ("buy", "1001-2")]
    assert rig.row("waybills", "1001-1")["state"] == "cancelled"
    assert rig.row("orders", "1001")["waybill_codes"] == rig.row("waybills", "1001-2")["waybill_code"]


def test_no_waybill_for_an_order_refunded_while_it_rests(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.tick(0)
    rig.world.change("1001", status="TRADE_CLOSED")
    rig.world.change_lines("1001", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.settle()
    assert not rig.world.effects("buy")
    assert rig.row("orders", "1001")["stage"] == "closed"


def test_a_waybill_is_given_back_when_the_order_dies_after_purchase(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.world.change_lines("1001", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.world.change("1001", status="TRADE_CLOSED")
    rig.settle()
    assert rig.world.effects("cancel") == [("cancel", "ZTO0000000001")]
    assert rig.row("waybills", "1001-1")["state"] == "cancelled"


def test_a_refund_asked_for_holds_the_order_and_a_withdrawn_one_lets_it_go(rig: Rig) -> None:
    rig.world.order("1001", 1, 1)
    rig.tick(0)
    rig.world.change_lines("1001", ["10011"], refund_status="WAIT_SELLER_AGREE")
    rig.tick(20)
    assert rig.row("orders", "1001")["stage"] == "hold"
    assert [row["reason"] for row in rig.sheet.tables["todo"] if row["state"] == "open"]
    rig.world.change_lines("1001", ["10011"], refund_status="CLOSED")
    rig.settle()
    assert len(rig.world.effects("buy")) == 1
    assert all(row["state"] == "solved" for row in rig.sheet.tables["todo"])


def test_a_part_refund_takes_the_goods_out_and_prints_again(rig: Rig) -> None:
    rig.world.order("1001", 1, 1)
    rig.settle()
    rig.world.change_lines("1001", ["10012"], refund_status="SUCCESS", status="TRADE_CLOSED")
    rig.settle()
    assert len(rig.world.effects("buy")) == 1
    assert rig.row("waybills", "1001-1")["oids"] == "10011"
    assert len(rig.printed) == 2


def test_parcel_numbers_split_an_order(rig: Rig) -> None:
    rig.world.order("1001", 1, 1)
    rig.tick(0)
    rig.sheet.type("lines", "10012", package_no=2)
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert [(e[2]) for e in rig.world.effects("buy")] == ["1001-1", "1001-2"]
    assert [e[4] for e in rig.world.effects("ship")] == ["10011", "10012"]
    assert rig.row("waybills", "1001-2")["part"] == "2/2"


def test_an_address_change_updates_the_waybill(rig: Rig) -> None:
    trade = rig.world.order("1001", 1)
    rig.settle()
    rig.world.change("1001", receiver=replace(trade.receiver, oaid="oaid-new", city="宁波市"))
    rig.settle()
    assert rig.world.effects("update") == [("update", "1001-1", "ZTO0000000001", "oaid-new")]
    assert len(rig.world.effects("buy")) == 1
    assert len(rig.printed) == 2


def test_a_hold_by_staff_stops_everything(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.tick(0)
    rig.sheet.type("orders", "1001", hold=True)
    rig.tick(60)
    assert not rig.world.effects("buy")
    assert rig.row("orders", "1001")["stage"] == "hold"
    rig.sheet.type("orders", "1001", hold=False)
    rig.settle()
    assert len(rig.world.effects("buy")) == 1


def test_what_is_typed_over_our_cell_is_put_back_and_shown(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.sheet.type("orders", "1001", province="火星", note="请放门口")
    rig.tick()
    assert rig.row("orders", "1001")["province"] == "浙江省"
    assert rig.row("orders", "1001")["note"] == "请放门口"
    todo = next(row for row in rig.sheet.tables["todo"] if row["typed"] == "火星")
    assert (todo["ours"], todo["row_key"]) == ("浙江省", "1001")
    rig.sheet.type("todo", str(todo["todo_id"]), done=True)
    rig.tick()
    assert rig.row("todo", str(todo["todo_id"]))["state"] == "solved"


def test_what_is_typed_over_an_order_leaves_open_what_is_wrong_with_it(rig: Rig) -> None:
    rig.world.refuse_buy = "余额不足"
    rig.world.order("1001", 1)
    rig.tick(60)
    (todo,) = (row for row in rig.sheet.tables["todo"] if "余额不足" in str(row["reason"]))
    rig.sheet.type("orders", "1001", province="火星")
    rig.tick()
    assert rig.row("orders", "1001")["province"] == "浙江省"
    assert rig.row("todo", str(todo["todo_id"]))["state"] == "open"


def test_stock_follows_shipments_returns_and_counts(rig: Rig) -> None:
    rig.world.sku("801", 50)
    rig.world.order("1001", 3)
    rig.settle()
    row = rig.row("stock", "A-1")
    assert (row["counted"], row["on_hand"], row["reserved"], row["sellable"]) == (50, 50, 3, 47)
    assert not rig.world.effects("stock")
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    row = rig.row("stock", "A-1")
    assert (row["shipped"], row["on_hand"], row["reserved"], row["sellable"]) == (3, 47, 0, 47)
    rig.sheet.type("lines", "1001", returned_qty=1)
    rig.settle()
    assert rig.row("stock", "A-1")["on_hand"] == 48
    assert rig.world.effects("stock") == [("stock", "801", "48")]
    rig.sheet.type("stock", "A-1", counted=10, safety=4)
    rig.settle()
    row = rig.row("stock", "A-1")
    assert (row["on_hand"], row["sellable"], row["shipped"]) == (10, 6, 0)
    assert rig.world.effects("stock")[-1] == ("stock", "801", "6")


def test_refund_before_shipping_gives_the_goods_back_to_sale(rig: Rig) -> None:
    rig.world.sku("801", 50)
    rig.world.order("1001", 3)
    rig.tick(0)
    rig.world.change_lines("1001", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.world.change("1001", status="TRADE_CLOSED")
    rig.world.refunds["R1"] = Refund(
        refund_id="R1",
        tid="1001",
        oid="1001",
        status="SUCCESS",
        fee=Decimal("30.00"),
        modified=rig.world.clock.now(),
    )
    rig.settle()
    assert rig.world.effects("stock") == [("stock", "801", "50")]
    row = rig.row("orders", "1001")
    assert (row["total_amount"], row["paid_amount"], row["refund_amount"]) == (30, 0, 30)


def test_a_lost_reply_is_settled_by_asking(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.tick(0)
    rig.world.lose_reply.add("buy")
    rig.settle()
    assert len(rig.world.effects("buy")) == 1
    rig.world.lose_reply.add("ship")
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert len(rig.world.effects("ship")) == 1
    assert rig.row("waybills", "1001-1")["state"] == "shipped"


def test_a_purchase_in_doubt_is_not_made_again_for_an_order_that_was_stopped_meanwhile(rig: Rig) -> None:
    """Found by the simulator: once the carrier was seen to know nothing of it, it was bought without another thought."""
    rig.world.order("1001", 1)
    rig.tick(0)
    rig.world.lose_request.add("buy")
    rig.tick(11)
    rig.sheet.type("orders", "1001", hold=True)
    rig.settle()
    assert rig.world.effects("buy") == []
    rig.sheet.type("orders", "1001", hold=None)
    rig.settle()
    assert len(rig.world.effects("buy")) == 1


def test_a_purchase_that_could_not_be_sent_is_withdrawn_when_the_order_is_stopped(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.world.not_sent.add("buy")
    rig.tick(11)
    rig.sheet.type("orders", "1001", hold=True)
    rig.world.not_sent.clear()
    rig.settle()
    assert rig.world.effects("buy") == []
    rig.sheet.type("orders", "1001", hold=None)
    rig.settle()
    assert len(rig.world.effects("buy")) == 1


def test_a_refused_purchase_is_shown_and_tried_again(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.world.refuse_buy = "电子面单余额不足"
    rig.tick(11)
    rig.tick(1)
    assert rig.row("orders", "1001")["stage"] == "person"
    assert "余额不足" in str(rig.row("orders", "1001")["problem"])
    rig.world.refuse_buy = ""
    rig.tick(40)
    assert rig.row("orders", "1001")["stage"] == "to_ship"
    assert all(row["state"] == "solved" for row in rig.sheet.tables["todo"])


def test_an_open_workbook_loses_nothing(rig: Rig) -> None:
    rig.sheet.open_elsewhere = "有人开着"
    rig.world.order("1001", 1)
    assert rig.tick(11).pending
    assert rig.sheet.tables["orders"] == []
    rig.sheet.open_elsewhere = ""
    rig.settle()
    assert len(rig.world.effects("buy")) == 1
    assert rig.stages() == {"1001": "to_ship"}


def test_a_deleted_row_still_holds_while_it_comes_back(rig: Rig) -> None:
    """A row that is gone for the moment says what it said: its hold is no leave to buy, its return is not taken back."""
    rig.world.order("1001", 2)
    rig.tick(0)
    rig.sheet.type("orders", "1001", hold=True)
    rig.tick(0)
    rig.sheet.tables["orders"] = [row for row in rig.sheet.tables["orders"] if row["tid"] != "1001"]
    rig.tick(30)
    assert not rig.world.effects("buy")
    rig.tick(30)
    assert rig.row("orders", "1001")["hold"] is True and not rig.world.effects("buy")
    rig.sheet.type("orders", "1001", hold=None)
    rig.settle()
    assert len(rig.world.effects("buy")) == 1


def test_a_deleted_open_row_comes_back_with_what_people_typed(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.sheet.type("orders", "1001", note="重要")
    rig.tick()
    rig.sheet.tables["orders"].clear()
    rig.settle()
    assert rig.row("orders", "1001")["note"] == "重要"


def test_a_line_deleted_while_its_done_order_is_looked_at_keeps_what_came_back(rig: Rig) -> None:
    """Found by the simulator: the row came back and said 1, and the ledger had taken it back."""
    rig.world.sku("801", 100)
    rig.settle()
    rig.world.order("1001", 2)
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    rig.sheet.type("lines", "1001", defective_qty=1)
    rig.settle()
    rig.sheet.type("orders", "1001", note="查一下")
    rig.sheet.tables["lines"].clear()
    rig.settle()
    line = rig.row("lines", "1001")
    assert line["defective_qty"] == 1 and line["returned_at"] is not None
    assert [row["change"] for row in rig.sheet.tables["moves"] if row["kind"] == "return_defective"] == [1]


def test_orders_on_hold_wait_though_their_deletion_was_confirmed(rig: Rig) -> None:
    """They are not done, so their rows come back, with their hold."""
    for n in range(30):
        rig.world.order(f"2{n:03d}", 1)
    rig.tick(0)
    for n in range(30):
        rig.sheet.type("orders", f"2{n:03d}", hold=True)
    rig.tick(0)
    rig.sheet.tables["orders"].clear()
    rig.tick(30)
    rig.sheet.type("commands", "accept_deletion", go=True)
    rig.settle()
    assert not rig.world.effects("buy")
    assert all(row["hold"] is True for row in rig.sheet.tables["orders"])


def test_a_mass_deletion_stops_and_asks(rig: Rig) -> None:
    for n in range(30):
        rig.world.order(f"2{n:03d}", 1)
    rig.tick(0)
    kept = [dict(row) for row in rig.sheet.tables["orders"]]
    rig.sheet.tables["orders"].clear()
    rig.tick(30)
    assert rig.sheet.tables["orders"] == []
    assert not rig.world.effects("buy")
    assert any("30 行不见了" in str(row["reason"]) for row in rig.sheet.tables["todo"])
    rig.sheet.type("commands", "restore_rows", go=True)
    rig.tick()
    rig.settle()
    assert sorted(rig.sheet.keys("orders")) == sorted(str(row["tid"]) for row in kept)
    assert len(rig.world.effects("buy")) == 30


def test_an_erased_key_is_put_back(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.world.order("1002", 2)
    rig.settle()
    rig.sheet.type("orders", "1001", tid=None, note="手滑")
    rig.settle()
    assert rig.row("orders", "1001")["note"] == "手滑"
    assert len(rig.sheet.tables["orders"]) == 2


def test_an_erased_key_is_put_back_though_our_cells_were_typed_over_too(rig: Rig) -> None:
    """Found by the simulator: the row was taken for deleted, and a person's note went with it."""
    rig.world.order("1001", 1)
    rig.world.order("1002", 2)
    rig.settle()
    rig.sheet.type("orders", "1001", tid=None, note="手滑", courier="火星")
    rig.settle()
    assert rig.row("orders", "1001")["note"] == "手滑"
    assert len(rig.sheet.tables["orders"]) == 2
    assert any(row["typed"] == "火星" for row in rig.sheet.tables["todo"])


def test_a_line_that_names_its_order_is_not_taken_for_one_of_another_order(rig: Rig) -> None:
    """Both bought the same, so that their rows are alike; the other one's was deleted."""
    rig.world.order("1001", 1, status="WAIT_BUYER_PAY")
    rig.world.order("1002", 1, status="WAIT_BUYER_PAY")
    rig.settle()
    rig.sheet.type("lines", "1001", oid=None, title="火星", package_no=1)
    rig.sheet.tables["lines"] = [row for row in rig.sheet.tables["lines"] if row["oid"] != "1002"]
    rig.settle()
    lines = {row["oid"]: (row["tid"], row["package_no"]) for row in rig.sheet.tables["lines"]}
    assert lines == {"1001": ("1001", 1)}


@pytest.mark.parametrize("table", ["orders", "lines", "waybills", "products", "stock", "settings", "log"])
def test_after_an_erased_key_was_put_back_nothing_is_left_to_do(rig: Rig, table: str) -> None:
    """Also in rows of an order that is done with, which nothing else makes the engine look at."""
    rig.world.order("1001", 1)
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    row = rig.sheet.tables[table][-1]
    (name,) = BY_NAME[table].key
    key, row[name] = row[name], None
    rig.settle()
    assert row[name] == key


def test_two_rows_that_could_be_meant_keep_their_erased_keys(rig: Rig) -> None:
    """Which is which is never guessed."""
    rig.world.order("1001", 1)
    rig.settle()
    row = dict(rig.row("orders", "1001"))
    rig.sheet.type("orders", "1001", tid=None, courier="火星")
    rig.sheet.tables["orders"].append({**row, "tid": None, "courier": "木星"})
    rig.tick()
    assert [one["tid"] for one in rig.sheet.tables["orders"] if one["courier"] in ("火星", "木星")] == [
        None,
        None,
    ]


def test_a_copied_row_is_left_alone_and_reported(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.sheet.tables["orders"].append(dict(rig.row("orders", "1001")))
    rig.tick()
    rig.tick()
    assert any("两行都是 1001" in str(row["reason"]) for row in rig.sheet.tables["todo"])
    assert len(rig.world.effects("buy")) == 1


def test_a_memo_goes_to_tmall_once(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.sheet.type("orders", "1001", memo_wanted="加急")
    rig.settle()
    assert rig.world.effects("memo") == [("memo", "1001", "加急")]
    assert rig.row("orders", "1001")["seller_memo"] == "加急"


def test_a_new_rule_gets_an_id_and_decides(rig: Rig) -> None:
    rig.sheet.add("courier_rules", courier="EMS", provinces="浙江")
    rig.sheet.add("courier_rules", provinces="浙江")
    rig.tick(0)
    assert all(rig.sheet.keys("courier_rules"))
    rig.tick(0)
    assert "没选" in str(rig.sheet.tables["courier_rules"][1]["problem"])
    rig.world.order("1001", 1)
    rig.settle()
    assert rig.row("orders", "1001")["courier"] == "EMS"


def test_poison_text_stays_text(rig: Rig) -> None:
    rig.world.order(
        "1001",
        1,
        buyer_message='=HYPERLINK("http://x")\x00',
        receiver=Receiver(name="=cmd", province="浙江省", address="@x", oaid="o"),
    )
    rig.settle()
    assert rig.row("orders", "1001")["buyer_message"] == '=HYPERLINK("http://x")'


def test_the_first_look_adopts_what_the_courier_sold_before(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.lose_journal()
    rig.settle()
    assert len(rig.world.effects("buy")) == 1
    assert rig.row("orders", "1001")["stage"] == "to_ship"
    assert START


def test_a_parcel_whose_address_the_courier_will_not_change_stays_here_until_it_has_a_new_waybill(
    rig: Rig,
) -> None:
    rig.sheet.add("settings", setting="ship_when", value="面单生成时")
    rig.world.order("1001", 1)
    rig.sheet.add("settings", setting="auto_print", value="否")
    rig.settle()
    rig.world.refuse_update = "已揽收"
    rig.world.change("1001", receiver=replace(rig.world.trades["1001"].receiver, oaid="moved"))
    rig.tick()
    rig.tick(5, print_now=True)
    assert rig.row("orders", "1001")["stage"] == "person"
    assert "已揽收" in str(rig.row("orders", "1001")["problem"])
    assert not rig.printed
    assert not rig.world.effects("ship")
    rig.sheet.type("waybills", "1001-1", cancel_wanted=True)
    rig.tick()
    rig.sheet.type("waybills", "1001-1", cancel_wanted=None)
    rig.sheet.type("settings", "auto_print", value="是")
    rig.settle()
    assert rig.printed[-1][1] == ("1001-2",)
    assert [effect[2] for effect in rig.world.effects("ship")] == ["ZTO0000000002"]
    assert rig.row("orders", "1001")["problem"] in ("", None)


def test_a_changed_address_reaches_the_courier_before_the_parcel_is_told(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rig.world.change("1001", receiver=replace(rig.world.trades["1001"].receiver, oaid="moved"))
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    names = [effect[0] for effect in rig.world.effects("update", "ship")]
    assert names == ["update", "ship"]
    assert len(rig.printed) == 2


def test_the_number_of_a_new_row_is_nobodys(rig: Rig) -> None:
    """Found by the simulator: numbers were counted from how many rows there are, and met one that was higher."""
    rig.sheet.add("freight", rate_id="F005", courier="SF", provinces="其他")
    rig.tick()
    for courier in ("YTO", "STO", "JT"):
        rig.sheet.add("freight", courier=courier, provinces="其他")
    rig.settle()
    keys = rig.sheet.keys("freight")
    assert len(keys) == len(set(keys)) == 5 and all(keys)
