"""合单: orders of one receiver in one parcel, seen in the sheet, in the courier's log and in what Tmall is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync_engine.errors import Answer, NotSent
from sync_engine.trade import Line, Receiver, Trade
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from workbook_templates.schema import Value

HOME = Receiver(name="张**", mobile="138****0000", province="浙江省", city="杭州市", district="余杭区", address="文***", oaid="oaid-home")  # fmt: skip
AWAY = replace(HOME, oaid="oaid-away")


def order(rig: Rig, tid: str, *nums: int, receiver: Receiver = HOME, **more: object) -> Trade:
    return rig.world.order(tid, *nums, **{"buyer_open_uid": "U1", "receiver": receiver, **more})  # type: ignore[arg-type]


def two(rig: Rig) -> None:
    """Two orders of one buyer to one receiver, a minute apart."""
    order(rig, "1001", 1, 2)
    rig.world.clock.sleep(60)
    order(rig, "1002", 3)


def setting(rig: Rig, name: str, value: str) -> None:
    rig.sheet.add("settings", setting=name, value=value)


def bought(rig: Rig) -> list[tuple[str, tuple[str, ...]]]:
    """(parcel, orders that go along) of each waybill sold."""
    return [(one.package_id, one.more_tids) for one in rig.carrier.orders]


def shipped(rig: Rig) -> list[tuple[str, str]]:
    return [(entry[1], entry[2]) for entry in rig.world.effects("ship")]


def states(rig: Rig) -> dict[str, Value]:
    return {str(row["package_id"]): row["state"] for row in rig.sheet.tables["waybills"]}


def reasons(rig: Rig) -> str:
    return " | ".join(str(row["reason"]) for row in rig.sheet.tables["todo"] if row["state"] == "open")


def die(rig: Rig, tid: str) -> None:
    """The order is refunded and closed before it leaves."""
    rig.world.change_lines(tid, status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.world.change(tid, status="TRADE_CLOSED")


def ask_back(rig: Rig, tid: str) -> None:
    rig.world.change_lines(tid, refund_status="WAIT_SELLER_AGREE")


def test_two_orders_of_one_receiver_are_one_waybill_printed_once_and_each_told_with_it() -> None:
    rig = Rig()
    two(rig)
    rig.settle()
    assert bought(rig) == [("1001-1", ("1002",))]
    assert rig.carrier.orders[0].receiver.oaid == "oaid-home"
    assert [item.count for item in rig.carrier.orders[0].items] == [1, 2, 3]
    assert rig.printed == [(rig.printed[0][0], ("1001-1", "1002-1"))]
    rig.sheet.type("orders", "1002", ship_mark=True)  # the parcel was handed over: all of it
    rig.settle()
    code = rig.world.waybills[0].waybill_code
    assert shipped(rig) == [("1001", code), ("1002", code)]
    assert rig.stages() == {"1001": "shipped", "1002": "shipped"}
    assert "与 1002 合一个包裹 1001-1:同一收货人(OAID 相同)" in str(rig.row("orders", "1001")["merged"])
    assert "与 1001 合一个包裹 1001-1" in str(rig.row("orders", "1002")["merged"])
    assert [row["joined"] for row in rig.sheet.tables["waybills"]] == ["1001-1 1002-1"] * 2
    assert [row["waybill_code"] for row in rig.sheet.tables["waybills"]] == [code] * 2


def test_weight_and_freight_of_the_parts_add_up_to_those_of_the_parcel() -> None:
    rig = Rig()
    rig.sheet.tables["freight"].clear()
    rig.sheet.add("freight", rate_id="F001", courier="ZTO", provinces="其他", first_kg=Decimal(1),
                  first_price=Decimal("3.01"), step_kg=Decimal(1), step_price=Decimal("1.37"))  # fmt: skip
    two(rig)
    order(rig, "1003", 1)
    rig.settle()
    rows = rig.sheet.tables["waybills"]
    assert (
        sum(Decimal(str(row["weight_kg"])) * 1000 for row in rows)
        == rig.carrier.orders[0].weight_g
        == 7 * 500 + 100
    )
    assert sum(Decimal(str(row["freight"])) for row in rows) == Decimal("3.01") + 3 * Decimal("1.37")
    assert [row["freight"] for row in rig.sheet.tables["orders"]] == [row["freight"] for row in rows]
    assert "按重量分摊" in str(rows[1]["courier_why"])


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"receiver": AWAY}, ""),
        ({"receiver": replace(HOME, oaid="")}, ""),
        ({"buyer_open_uid": "U2"}, "不是同一买家"),
        ({"buyer_open_uid": ""}, "不是同一买家"),
        ({"type": "cod"}, "是货到付款"),
        ({"type": "step"}, "是预售单"),
        ({"seller_memo": "送人"}, "有留言、备注或旗帜"),
        ({"seller_flag": 1}, "有留言、备注或旗帜"),
        ({"holds": ("top_hold",)}, "在等:平台暂不允许发货"),
        ({"seller": "二店"}, ""),
    ],
)
def test_what_goes_by_itself(how: dict[str, object], why: str) -> None:
    rig = Rig()
    order(rig, "1001", 1)
    order(rig, "1002", 1, **how)
    rig.tick(0)
    assert why in str(rig.row("orders", "1002")["merged"])
    rig.tick(11)
    assert ("1001-1", ("1002",)) not in bought(rig)


@pytest.mark.parametrize(
    ("name", "value", "how"),
    [
        ("merge_buyer", "不同买家也合", {"buyer_open_uid": "U2"}),
        ("merge_presale", "是", {"type": "step"}),
        ("merge_noted", "是", {"buyer_message": "快一点"}),
    ],
)
def test_settings_let_special_orders_go_along(name: str, value: str, how: dict[str, object]) -> None:
    rig = Rig()
    setting(rig, name, value)
    order(rig, "1001", 1)
    order(rig, "1002", 1, **how)
    rig.settle()
    assert bought(rig) == [("1001-1", ("1002",))]


def test_limits_and_the_switch() -> None:
    rig = Rig()
    setting(rig, "merge_limit", "2")
    for tid in ("1001", "1002", "1003", "1004", "1005"):
        order(rig, tid, 1)
    rig.settle()
    assert bought(rig) == [("1001-1", ("1002",)), ("1003-1", ("1004",)), ("1005-1", ())]
    off = Rig()
    setting(off, "merge_orders", "否")
    two(off)
    off.settle()
    assert bought(off) == [("1001-1", ()), ("1002-1", ())]
    heavy = Rig()
    setting(heavy, "merge_weight", "2.5")
    two(heavy)
    heavy.settle()
    assert bought(heavy) == [("1001-1", ()), ("1002-1", ())]
    assert "合起来超过 2.5 kg" in str(heavy.row("orders", "1002")["merged"])


def test_staff_keep_an_order_apart_until_its_waybill_is_bought() -> None:
    rig = Rig()
    two(rig)
    rig.tick(0)
    assert "合一个包裹" in str(rig.row("orders", "1002")["merged"])
    assert not bought(rig)
    rig.sheet.type("orders", "1002", keep_apart=True)
    rig.settle()
    assert bought(rig) == [("1001-1", ()), ("1002-1", ())]
    assert "不合:本单选了“不合单”" in str(rig.row("orders", "1002")["merged"])
    assert "1002 选了“不合单”" in str(rig.row("orders", "1001")["merged"])


def test_an_order_whose_waybill_staff_want_gone_is_not_asked_along() -> None:
    rig = Rig()
    order(rig, "1001", 1)
    rig.settle()
    rig.sheet.type("waybills", "1001-1", cancel_wanted=True)
    rig.settle()
    assert states(rig) == {"1001-1": "cancelled"}
    order(rig, "1002", 2)
    rig.settle()
    assert rig.tick().idle  # nobody waits for a parcel that its first order never makes
    assert bought(rig) == [("1001-1", ()), ("1002-1", ())]
    assert "不合:1001 的单号店里选了作废" in str(rig.row("orders", "1002")["merged"])
    rig.sheet.type("waybills", "1001-1", cancel_wanted=None)
    rig.settle()
    assert bought(rig)[2:] == [("1001-2", ())]


def test_who_waits_for_the_audit_is_left_behind_and_the_first_wait_counts() -> None:
    rig = Rig()
    rig.sheet.add("audit_rules", rule_id="A001", outcome="person", pieces_from=Decimal(9))
    order(rig, "1001", 1)
    order(rig, "1002", 9)
    rig.tick(0)
    assert "在等:规则" in str(rig.row("orders", "1002")["merged"])
    rig.world.clock.sleep(8 * 60)
    order(rig, "1003", 1)
    rig.tick(3)
    assert bought(rig) == [("1001-1", ("1003",))]  # paid three minutes ago


def test_undone_before_the_waybill_while_the_courier_refuses() -> None:
    rig = Rig()
    rig.world.refuse_buy = "余额不足"
    two(rig)
    rig.tick(0)
    rig.tick(12)
    assert states(rig) == {"1001-1": "refused", "1002-1": "buying"}
    die(rig, "1001")
    rig.world.refuse_buy = ""
    rig.settle()
    assert bought(rig) == [("1002-1", ())]
    assert states(rig)["1001-1"] == "cancelled"


def test_a_part_that_dies_after_the_label_leaves_and_the_label_is_made_again() -> None:
    rig = Rig()
    two(rig)
    rig.settle()
    die(rig, "1002")
    rig.tick()
    assert states(rig) == {"1001-1": "printed", "1002-1": "cancelled"}
    assert not rig.world.effects("cancel")
    assert [ids for _, ids in rig.printed] == [("1001-1", "1002-1"), ("1001-1",)]
    assert "1002 已拿出:已退款或关闭" in reasons(rig)
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert [tid for tid, _ in shipped(rig)] == ["1001"]
    assert "1002 已拿出" not in reasons(rig)


def test_who_stays_weighs_and_costs_what_is_left() -> None:
    rig, alone, pair = Rig(), Rig(), Rig()
    two(rig)
    order(rig, "1003", 4)
    two(pair)
    order(alone, "1001", 1, 2)
    for each in (rig, alone, pair):
        each.settle()
    figures = ("weight_kg", "freight", "courier_why")
    die(rig, "1003")
    rig.tick()
    for package in ("1001-1", "1002-1"):
        assert [rig.row("waybills", package)[name] for name in figures] == [
            pair.row("waybills", package)[name] for name in figures
        ]
    die(rig, "1002")
    rig.tick()
    assert [rig.row("waybills", "1001-1")[name] for name in figures] == [
        alone.row("waybills", "1001-1")[name] for name in figures
    ]
    settled = dict(rig.row("waybills", "1001-1"))
    rig.tick()
    assert rig.row("waybills", "1001-1") == settled


def test_a_lighter_parcel_keeps_its_courier_and_says_so() -> None:
    rig = Rig()
    two(rig)
    rig.settle()
    was = rig.row("waybills", "1001-1")["cp_code"]
    rig.sheet.add("courier_rules", rule_id="R1", title="轻的走韵达", courier="YUNDA", priority=1)
    die(rig, "1002")
    rig.settle()
    row = rig.row("waybills", "1001-1")
    assert was == row["cp_code"] != "YUNDA" and str(row["courier_why"]).startswith("单号已是")
    assert "1002" not in str(row["courier_why"]) and "店里指定" not in str(row["courier_why"])


def test_where_the_first_order_dies_the_rest_gets_a_new_waybill() -> None:
    rig = Rig()
    two(rig)
    order(rig, "1003", 1)
    rig.settle()
    die(rig, "1001")
    rig.settle()
    assert bought(rig) == [("1001-1", ("1002", "1003")), ("1002-2", ("1003",))]
    assert rig.world.waybills[0].cancelled
    rig.sheet.type("orders", "1003", ship_mark=True)
    rig.settle()
    assert shipped(rig) == [(tid, rig.world.waybills[1].waybill_code) for tid in ("1002", "1003")]


def test_a_refund_asked_for_stops_the_whole_parcel_and_staff_may_take_it_out() -> None:
    rig = Rig()
    two(rig)
    rig.settle()
    ask_back(rig, "1002")
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.tick()
    assert not shipped(rig)
    assert "同包裹的 1002 现在不能发" in str(rig.row("orders", "1001")["problem"])
    rig.sheet.type("waybills", "1002-1", cancel_wanted=True)
    rig.settle()
    assert [tid for tid, _ in shipped(rig)] == ["1001"]
    assert states(rig) == {"1001-1": "shipped", "1002-1": "cancelled"}


def test_another_address_pulls_an_order_out_and_the_same_new_one_keeps_them_together() -> None:
    rig = Rig()
    two(rig)
    rig.settle()
    rig.world.change("1002", receiver=AWAY)
    rig.settle()
    assert bought(rig) == [("1001-1", ("1002",)), ("1002-2", ())]
    assert rig.carrier.orders[1].receiver.oaid == "oaid-away"
    assert not rig.world.effects("update")
    both = Rig()
    two(both)
    both.settle()
    for tid in ("1001", "1002"):
        both.world.change(tid, receiver=AWAY)
    both.settle()
    assert both.world.effects("update") == [
        ("update", "1001-1", both.world.waybills[0].waybill_code, "oaid-away")
    ]
    assert states(both) == {"1001-1": "printed", "1002-1": "printed"}
    assert [ids for _, ids in both.printed] == [("1001-1", "1002-1")] * 2


def told_of_all_but(left: str, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parcel of both is marked as shipped; the word of one of them does not reach Tmall."""
    tell = rig.shop.outside.tmall.ship

    def ship(tid: str, *how: Any) -> None:
        if tid == left:
            raise NotSent(Answer(api="ship", text="no route"))
        tell(tid, *how)

    rig.sheet.type("orders", "1001", ship_mark=True)
    with monkeypatch.context() as patch:
        patch.setattr(rig.shop.outside.tmall, "ship", ship)
        rig.tick()


def test_another_courier_wished_for_when_the_parcel_has_left_comes_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tmall was told of one of its orders, and of the other not yet."""
    rig = Rig()
    two(rig)
    rig.settle()
    told_of_all_but("1001", rig, monkeypatch)
    code = rig.world.waybills[0].waybill_code
    assert shipped(rig) == [("1002", code)]
    rig.sheet.type("orders", "1001", courier_wanted="顺丰")
    rig.settle()
    assert len(rig.world.waybills) == 1 and shipped(rig) == [("1002", code), ("1001", code)]
    assert states(rig) == {"1001-1": "shipped", "1002-1": "shipped"}


def test_who_dies_when_tmall_was_told_of_the_other_is_to_be_taken_out_by_somebody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig, alone = Rig(), Rig()
    two(rig)
    order(alone, "1001", 1, 2)
    rig.settle()
    alone.settle()
    told_of_all_but("1002", rig, monkeypatch)
    die(rig, "1002")
    rig.settle()
    assert [tid for tid, _ in shipped(rig)] == ["1001"] and len(rig.printed) == 1
    assert states(rig) == {"1001-1": "shipped", "1002-1": "cancelled"}
    (told,) = [row for row in rig.sheet.tables["todo"] if row["reason"] == "1002 已拿出:已退款或关闭"]
    assert told["row_key"] == "1001" and told["state"] == "open" and "联系网点拦截" in str(told["advice"])
    figures = ("weight_kg", "freight", "courier_why")
    assert [rig.row("waybills", "1001-1")[name] for name in figures] == [
        alone.row("waybills", "1001-1")[name] for name in figures
    ]
    rig.world.change("1001", status="TRADE_FINISHED")
    rig.settle()
    assert told["state"] == "solved"


def test_the_carrier_would_not_take_it_back_so_the_rest_goes_on() -> None:
    rig = Rig()
    two(rig)
    rig.settle()
    rig.carrier.cancel = lambda cp_code, waybill_code: False  # type: ignore[method-assign]
    die(rig, "1001")
    rig.settle()
    assert states(rig) == {"1001-1": "cancelling", "1002-1": "printed"}
    rig.sheet.type("orders", "1002", ship_mark=True)
    rig.settle()
    assert [tid for tid, _ in shipped(rig)] == ["1002"]


def test_a_refund_seen_in_the_last_look_stops_the_purchase_of_the_parcel() -> None:
    rig = Rig()
    two(rig)
    rig.tick(0)
    real, fresh = rig.shop.outside.tmall.trade, []

    def late(tid: str) -> Trade | None:
        fresh.append(tid)
        if tid == "1002":
            die(rig, "1002")
        return real(tid)

    rig.shop.outside.tmall.trade = late  # type: ignore[method-assign]
    rig.world.not_sent.add("changed_trades")  # the look at the beginning of the tick fails
    rig.tick(12)
    assert fresh
    assert not bought(rig)
    rig.world.not_sent.clear()
    rig.settle()
    assert bought(rig) == [("1001-1", ())]


def test_gifts_of_each_order_lie_in_the_shared_parcel() -> None:
    rig = Rig()
    rig.sheet.add(
        "gift_rules", rule_id="G001", type="pieces", pieces_from=Decimal(1), gifts="A-9", each_buyer="是"
    )
    rig.sheet.add("gift_rules", rule_id="G002", type="pieces", pieces_from=Decimal(3), gifts="A-8")
    rig.world.sku("809", 9)
    rig.world.sku("808", 9)
    rig.tick(0)
    two(rig)
    rig.settle()
    given = [str(row["gifts"]) for row in rig.sheet.tables["waybills"]]
    assert sum("G002:A-8×1" in text for text in given) == 2  # per order: each has three pieces
    assert bought(rig) == [("1001-1", ("1002",))]
    assert {item.name for item in rig.carrier.orders[0].items} >= {"赠 A-8"}


def test_the_journal_lost_after_the_purchase_with_and_without_the_rows() -> None:
    for written in (True, False):
        rig = Rig()
        two(rig)
        rig.tick(0)
        rig.sheet.open_elsewhere = "" if written else "open"
        rig.tick(12)
        assert len(bought(rig)) == 1
        rig.sheet.open_elsewhere = ""
        rig.lose_journal()
        rig.settle()
        rig.sheet.type("orders", "1001", ship_mark=True)
        rig.settle()
        assert len(bought(rig)) == 1, written
        assert [tid for tid, _ in shipped(rig)] == ["1001", "1002"], written
        assert [row["joined"] for row in rig.sheet.tables["waybills"]] == ["1001-1 1002-1"] * 2


# -- killed -----------------------------------------------------------------------------------------------------------


def life(rig: Rig) -> list[Step]:
    """Three orders for one parcel; one is refunded after the label, one is sent."""

    def paid() -> None:
        two(rig)
        order(rig, "1003", 1)
        rig.world.clock.sleep(660)

    def refunded() -> None:
        die(rig, "1003")

    def sent() -> None:
        rig.sheet.type("orders", "1002", ship_mark=True)

    return [paid, refunded, sent]


def run(folder: Path, at: int, *, keep: bool) -> tuple[Rig, int]:
    return live_and_die(folder, at, life, keep=keep)


def told(rig: Rig) -> dict[str, object]:
    """What must be the same whatever died."""
    return {
        "bought": bought(rig), "cancelled": rig.world.effects("cancel"), "shipped": shipped(rig), "states": states(rig),
        "joined": [row["joined"] for row in rig.sheet.tables["waybills"]], "stages": rig.stages(),
    }  # fmt: skip


def test_killed_anywhere_one_waybill_and_each_order_told_once(tmp_path: Path) -> None:
    rig, points = run(tmp_path, 10**9, keep=True)
    calm = told(rig)
    assert calm["bought"] == [("1001-1", ("1002", "1003"))]
    for at in range(1, points + 1, max(1, points // 3)):
        keep = at % 2 == 0
        rig, _ = run(tmp_path, at, keep=keep)
        assert told(rig) == calm, (at, keep)


def test_lines_are_what_they_were() -> None:
    """A part of a merged order that dies: the rest of it stays in the parcel, the label is made again."""
    rig = Rig()
    two(rig)
    rig.settle()
    line: Line = rig.world.trades["1001"].lines[0]
    rig.world.change_lines("1001", [line.oid], status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.settle()
    assert [row["oids"] for row in rig.sheet.tables["waybills"]] == ["10012", "1002"]
    assert [ids for _, ids in rig.printed] == [("1001-1", "1002-1")] * 2


def test_who_is_pulled_out_takes_its_gifts_along() -> None:
    rig = Rig()
    rig.sheet.add("gift_rules", rule_id="G002", type="pieces", pieces_from=Decimal(3), gifts="A-8")
    rig.world.sku("808", 9)
    rig.tick(0)
    two(rig)
    rig.settle()
    rig.world.change("1002", receiver=AWAY)
    rig.settle()
    rows = {str(row["package_id"]): row for row in rig.sheet.tables["waybills"]}
    assert (rows["1002-1"]["state"], rows["1002-2"]["state"]) == ("cancelled", "printed")
    for name in ("gifts", "gifts_why", "gift_key"):
        assert rows["1002-2"][name] == rows["1002-1"][name] != ""
    assert rig.row("orders", "1002")["gifts"] == rows["1002-2"]["gifts"]
    assert {item.name for item in rig.carrier.orders[1].items} >= {"赠 A-8"}
