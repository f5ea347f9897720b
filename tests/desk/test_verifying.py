"""验货 in the sheet: scanned, weighed, kept back, and what Tmall was told of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.commanding import run_command
from tests.desk.test_merging import AWAY, ask_back, die, order, reasons, setting, shipped
from tests.desk.test_waves import command
from tests.engine.rig import Rig
from tests.engine.test_crash import Counter, connect_with
from tests.engine.world import Died
from workbook_templates.schema import Value

CUP, TEA = "6901111111111", "6902222222222"


def products(rig: Rig, weight: Decimal | None = Decimal(300)) -> None:
    """Barcodes and weights of what the world sells."""
    for sku_key, code, barcode, name in (
        ("801", "A-1", CUP, "杯子"),
        ("802", "A-2", TEA, "茶"),
        ("803", "A-3", "", "垫子"),
    ):
        if sku_key not in rig.sheet.keys("products"):
            rig.sheet.add("products", sku_key=sku_key)
        rig.sheet.type("products", sku_key, outer_id=code, barcode=barcode, weight_g=weight, short_name=name)


@pytest.fixture
def rig() -> Rig:
    """Parcels on the packing bench: two kinds in one, one by itself, one that goes by the ship mark only after its check."""
    rig = Rig()
    setting(rig, "ship_needs", "验货")
    rig.world.sku("803", 100)
    rig.world.order("1001", 2, 1)
    rig.world.order("1002", 1)
    rig.settle()
    products(rig)
    rig.settle()
    return rig


def test_the_barcode_at_tmall_is_read_where_nobody_typed_another(rig: Rig) -> None:
    at_tmall = {"801": "6909", "803": "6903"}
    for sku_key, barcode in at_tmall.items():
        rig.world.skus[sku_key] = replace(rig.world.skus[sku_key], barcode=barcode)
    rig.world.order("1003", 1, 1, 1)
    rig.settle()
    assert [rig.row("products", key)["tmall_barcode"] for key in at_tmall] == list(at_tmall.values())
    scan(rig, code(rig, "1003"), "6909", TEA, "6903")
    rig.settle()
    row = rig.sheet.tables["checks"][-1]
    assert row["result"] == "wrong" and "6909" in str(row["told"]) and "6903" not in str(row["told"])


def choose(rig: Rig, name: str, value: str) -> None:
    """Somebody changes a setting that stands in the sheet already."""
    rig.sheet.type("settings", name, value=value)


def code(rig: Rig, tid: str) -> str:
    return next(str(row["waybill_code"]) for row in rig.sheet.tables["waybills"] if row["tid"] == tid)


def scan(rig: Rig, waybill: str, *scans: str, **more: Value) -> None:
    """Somebody at the bench fills in a row."""
    cells: dict[str, Value] = {f"scan{n}": text for n, text in enumerate(scans, start=1)}
    rig.sheet.add("checks", waybill=waybill, **cells, **more)


def said(rig: Rig, at: int = -1) -> tuple[Value, str]:
    row = rig.sheet.tables["checks"][at]
    return row["result"], str(row["told"])


def test_marked_parcels_wait_for_their_check_and_are_told_once_they_pass(rig: Rig) -> None:
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.sheet.type("orders", "1002", ship_mark=True)
    rig.settle()
    assert not shipped(rig)
    assert f"运单 {code(rig, '1001')} 还没验货,没有通知天猫发货" in str(rig.row("orders", "1001")["problem"])
    assert "在“验货”里扫这个运单和商品" in " ".join(str(row["advice"]) for row in rig.sheet.tables["todo"])
    scan(rig, code(rig, "1001"), CUP, "A-2")
    rig.tick()
    assert said(rig) == ("open", "还差 杯子×1")  # seen in the very tick in which the row got its number
    rig.settle()
    assert not shipped(rig)
    rig.sheet.tables["checks"][0]["scan3"] = CUP
    rig.settle()
    assert said(rig)[0] == "passed"
    assert said(rig)[1].endswith("验过,已发货")
    assert shipped(rig) == [("1001", code(rig, "1001"))]
    assert rig.row("waybills", "1001-1")["checked_at"] is not None
    assert "1001" not in reasons(rig)
    assert "还没验货" in reasons(rig)  # 1002 still is not


def test_what_does_not_belong_is_an_alarm_and_passes_nothing(rig: Rig) -> None:
    rig.sheet.type("orders", "1001", ship_mark=True)
    scan(rig, code(rig, "1001"), CUP, CUP, CUP, TEA, "A-3", "999")
    scan(rig, "ZTO9999999999", CUP)
    scan(rig, "", CUP)
    rig.settle()
    result, told = said(rig, 0)
    assert result == "wrong"
    assert "垫子 A-3 不是这个包裹的" in told
    assert "不认识条码 999" in told
    assert "杯子 多 1 件(应 2 件)" in told
    assert said(rig, 1) == ("unknown", "没有这个运单号的包裹,别发:核对面单")
    assert said(rig, 2) == ("unknown", "先扫面单上的运单号")
    assert not shipped(rig)


def test_a_second_scan_of_a_checked_parcel_is_an_alarm(rig: Rig) -> None:
    scan(rig, code(rig, "1002"), CUP)
    rig.settle()
    assert said(rig)[0] == "passed"
    scan(rig, code(rig, "1002"), CUP)
    rig.settle()
    assert said(rig)[0] == "again"
    assert "已在 C001 验过,不要再发一份" in said(rig)[1]
    assert said(rig, 0)[0] == "passed"


@pytest.mark.parametrize("how", ["refund asked", "closed", "hold", "forbidden"])
def test_a_parcel_that_must_not_go_says_stop_and_is_never_told(rig: Rig, how: str) -> None:
    waybill = code(rig, "1001")
    rig.sheet.type("orders", "1001", ship_mark=True)
    scan(rig, waybill, CUP, CUP, TEA)
    rig.tick(5)
    assert said(rig)[0] == "passed"  # complete, and not yet told: its row has just got its number
    if how == "refund asked":
        ask_back(rig, "1001")
    elif how == "closed":
        die(rig, "1001")
    elif how == "hold":
        rig.sheet.type("orders", "1001", hold=True)
    else:
        rig.world.change("1001", status="PAID_FORBID_CONSIGN")
    rig.settle()
    assert said(rig)[0] == "stop"
    assert said(rig)[1].startswith("停!别发:")
    assert not shipped(rig)


def test_goods_that_change_after_the_check_are_checked_anew_in_a_new_row(rig: Rig) -> None:
    choose(rig, "refund_asked", "其余照发")
    scan(rig, code(rig, "1001"), CUP, CUP, TEA)
    rig.settle()
    assert said(rig)[0] == "passed"
    rig.world.change_lines("1001", oids=["10012"], refund_status="SUCCESS", status="TRADE_CLOSED")
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert not shipped(rig)
    assert said(rig)[1] == "验过之后订单或地址变了,看清后换一行重新扫"
    scan(rig, code(rig, "1001"), CUP, CUP)
    rig.settle()
    assert shipped(rig) == [("1001", code(rig, "1001"))]


def test_a_parcel_several_orders_share_is_one_check_of_all_of_it() -> None:
    rig = Rig()
    setting(rig, "ship_needs", "验货")
    order(rig, "1001", 1, 2)
    rig.world.clock.sleep(60)
    order(rig, "1002", 3)
    rig.settle()
    products(rig)
    rig.sheet.type("orders", "1002", ship_mark=True)
    waybill = code(rig, "1001")
    scan(rig, waybill, *[CUP] * 4, TEA)
    rig.settle()
    assert said(rig) == ("open", "还差 茶×1")
    assert not shipped(rig)
    rig.sheet.tables["checks"][0]["scan6"] = TEA
    rig.settle()
    assert shipped(rig) == [("1001", waybill), ("1002", waybill)]


def test_an_order_taken_out_of_a_checked_shared_parcel_makes_the_check_void() -> None:
    rig = Rig()
    setting(rig, "ship_needs", "验货")
    order(rig, "1001", 1)
    rig.world.clock.sleep(60)
    order(rig, "1002", 1)
    rig.settle()
    products(rig)
    scan(rig, code(rig, "1001"), CUP, CUP)
    rig.settle()
    assert said(rig)[0] == "passed"
    die(rig, "1002")
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert not shipped(rig)
    scan(rig, code(rig, "1001"), CUP)
    rig.settle()
    assert shipped(rig) == [("1001", code(rig, "1001"))]


def test_a_split_order_is_checked_parcel_by_parcel(rig: Rig) -> None:
    rig.world.order("1003", 1, 1, 1)
    rig.tick(1)
    for number, line in enumerate(("10031", "10032", "10033"), start=1):
        rig.sheet.type("lines", line, package_no=min(number, 2))
    rig.settle()
    products(rig)
    codes = [str(row["waybill_code"]) for row in rig.sheet.tables["waybills"] if row["tid"] == "1003"]
    assert len(codes) == 2
    rig.sheet.type("orders", "1003", ship_mark=True)
    scan(rig, codes[1], TEA, "A-3")
    rig.settle()
    assert said(rig)[0] == "passed"
    assert shipped(rig) == [("1003", codes[1])]


def test_bundles_by_their_own_code_or_by_their_parts_and_gifts_too(rig: Rig) -> None:
    rig.sheet.add("bundles", bundle_id="B001", bundle="A-2", part="A-1", pieces=2)
    rig.sheet.add("bundles", bundle_id="B002", bundle="A-2", part="A-3", pieces=1)
    rig.sheet.add("gift_rules", rule_id="G001", type="goods", gifts="A-3×1", skus="A-2", made_at=None)
    rig.tick(1)
    for tid in ("1003", "1004"):
        rig.world.order(tid, 1, 1, receiver=replace(AWAY, oaid=f"oaid-{tid}"))
    rig.settle()
    products(rig)
    assert rig.row("waybills", "1003-1")["gifts"] == "G001:A-3×1"
    scan(rig, code(rig, "1003"), "A-2", CUP, "A-3")
    scan(rig, code(rig, "1004"), CUP, CUP, CUP, "A-3")
    rig.settle()
    assert said(rig, 0)[0] == "passed"
    assert said(rig, 1) == ("open", "还差 垫子×1")


def test_told_when_the_check_passes_where_the_shop_says_so(rig: Rig) -> None:
    choose(rig, "ship_when", "验货通过时")
    rig.settle()
    assert not shipped(rig)
    assert not rig.row("orders", "1002")["problem"]  # every parcel waits for its check: nothing to be told of
    scan(rig, code(rig, "1002"), CUP)
    rig.settle()
    assert shipped(rig) == [("1002", code(rig, "1002"))]


def test_a_wrong_weight_is_an_alarm_and_holds_until_a_person_confirms_it(rig: Rig) -> None:
    choose(rig, "weigh_hold", "是")
    rig.sheet.type("orders", "1001", ship_mark=True)
    scan(rig, code(rig, "1001"), CUP, CUP, TEA, weight="1.45kg")
    rig.settle()
    assert said(rig)[0] == "weight"
    assert "称 1.45kg,应约 1kg,重了 0.45kg:开箱看看" in said(rig)[1]
    assert not shipped(rig)
    assert "称的重量不对" in reasons(rig)
    rig.sheet.tables["checks"][0]["weight_ok"] = True
    rig.settle()
    assert shipped(rig) == [("1001", code(rig, "1001"))]
    assert rig.row("waybills", "1001-1")["weighed_kg"] == Decimal("1.45")
    assert "称的重量不对" not in reasons(rig)


def test_the_weight_may_be_needed_and_is_not_judged_where_a_weight_is_unknown(rig: Rig) -> None:
    choose(rig, "ship_needs", "称重")
    rig.sheet.type("products", "801", weight_g=None)
    rig.sheet.type("orders", "1002", ship_mark=True)
    scan(rig, code(rig, "1002"))
    rig.settle()
    assert "还没称重" in str(rig.row("orders", "1002")["problem"])
    rig.sheet.tables["checks"][0]["weight"] = "0.4"
    rig.settle()
    assert shipped(rig) == [("1002", code(rig, "1002"))]


def test_nothing_waits_where_no_setting_says_so() -> None:
    rig = Rig()
    rig.world.order("1001", 1)
    rig.settle()
    scan(rig, code(rig, "1001"), "999")
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert shipped(rig) == [("1001", code(rig, "1001"))]


def test_rebuilt_from_the_sheet_and_numbers_are_never_used_twice(rig: Rig) -> None:
    scan(rig, code(rig, "1001"), CUP, CUP, TEA, weight="1.0")
    scan(rig, code(rig, "1002"))
    rig.settle()
    before = [dict(row) for row in rig.sheet.tables["checks"]]
    row = dict(rig.row("waybills", "1001-1"))
    rig.lose_journal()
    rig.settle()
    assert rig.sheet.tables["checks"] == before
    assert rig.row("waybills", "1001-1") == row
    rig.sheet.tables["checks"].clear()  # the day is over
    rig.settle()
    rig.lose_journal()
    scan(rig, code(rig, "1001"), CUP, CUP, TEA)
    rig.settle()
    assert said(rig)[0] == "again"
    assert rig.sheet.keys("checks") == ["C002"]
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert shipped(rig) == [("1001", code(rig, "1001"))]


def test_while_the_workbook_is_open_elsewhere_a_row_is_not_taken_for_another(rig: Rig) -> None:
    rig.sheet.open_elsewhere = "open"
    scan(rig, code(rig, "1002"), CUP)
    rig.tick()
    rig.sheet.tables["checks"].insert(0, {**rig.sheet.tables["checks"][0], "waybill": code(rig, "1001")})
    rig.tick()
    rig.sheet.open_elsewhere = ""
    rig.settle()
    assert [row["result"] for row in rig.sheet.tables["checks"]] == ["open", "passed"]


def test_killed_anywhere_it_comes_to_the_same(tmp_path: Path) -> None:
    def day(die_at: int) -> tuple[list[Value], list[tuple[str, str]], int]:
        counter, rig = Counter(die_at), Rig(path=tmp_path / f"{die_at}.sqlite")
        setting(rig, "ship_needs", "验货")
        rig.world.order("1001", 1, 1)
        rig.settle()
        products(rig)
        rig.sheet.type("orders", "1001", ship_mark=True)
        scan(rig, code(rig, "1001"), CUP, TEA)
        rig.connect = connect_with(counter)
        rig.start()
        for _ in range(2):
            try:
                rig.settle()
            except Died:
                rig.lose_journal() if die_at % 2 else rig.start()
        rig.settle()
        return [row["result"] for row in rig.sheet.tables["checks"]], shipped(rig), counter.seen

    good = day(0)
    assert (good[0], len(good[1])) == (["passed"], 1)
    for at in range(1, good[2] + 1, max(1, good[2] // 6)):
        results, told, _ = day(at)
        assert told == good[1], at
        assert results == ["passed"] or (results == ["sent"] and at % 2), (
            at
        )  # lost between the word to Tmall and the sheet


def scanned_by_command(rig: Rig, text: str) -> str:
    if "verify" not in rig.sheet.keys("commands"):
        rig.sheet.add("commands", command="verify")
    rig.sheet.type("commands", "verify", argument=text)
    command(rig, "verify")
    return str(rig.row("commands", "verify")["answer"])


def test_a_parcel_scanned_by_command_is_answered_and_stands_in_the_sheet(rig: Rig) -> None:
    rig.sheet.type("orders", "1001", ship_mark=True)
    waybill = code(rig, "1001")
    assert scanned_by_command(rig, f"{waybill} {CUP} A-1") == "没验完: 还差 茶×1"
    assert scanned_by_command(rig, f"{waybill} {CUP} A-1 {TEA} 1.02kg").startswith("已验: 3 件都对")
    rows = rig.sheet.tables["checks"]
    assert [(row["check_id"], row["scan1"]) for row in rows] == [
        ("C001", f"{CUP} A-1"),
        ("C002", f"{CUP} A-1 {TEA} 1.02kg"),
    ]
    rig.settle()
    assert shipped(rig) == [("1001", waybill)]
    assert rig.row("waybills", "1001-1")["weighed_kg"] == Decimal("1.02")
    done = run_command(rig.shop, "verify", "ZTO123 999")
    assert (done.answer, done.good) == ("验货: 查无此单: 没有这个运单号的包裹,别发:核对面单", False)
    assert "参数里填运单号" in run_command(rig.shop, "verify").answer


def test_what_was_scanned_by_command_waits_for_the_workbook_and_is_written_once(rig: Rig) -> None:
    rig.sheet.open_elsewhere = "open"
    assert not run_command(rig.shop, "verify", f"{code(rig, '1002')} {CUP}").good  # it says why
    scan(rig, code(rig, "1001"), CUP)  # somebody types meanwhile
    rig.tick()
    rig.sheet.open_elsewhere = ""
    rig.settle()
    assert sorted((row["waybill"], row["result"]) for row in rig.sheet.tables["checks"]) == [
        (code(rig, "1001"), "open"),
        (code(rig, "1002"), "passed"),
    ]
    rig.sheet.after = lambda name: (_ for _ in ()).throw(
        Died
    )  # killed after the write, before it was settled
    with pytest.raises(Died):
        run_command(rig.shop, "verify", f"{code(rig, '1001')} {CUP} {CUP} {TEA}")
    rig.sheet.after = lambda name: None
    rig.start()
    rig.settle()
    assert len(rig.sheet.tables["checks"]) == 3
    assert said(rig)[0] == "passed"
