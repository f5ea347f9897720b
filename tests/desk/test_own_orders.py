"""手工订单: orders of no platform go the way of all others, Tmall is told nothing, and plain personal data stays in its cells."""

from __future__ import annotations

import copy
import sqlite3
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.ownshop import note_left
from sync_engine.plan.ownlines import Followed, follow, make_lines, with_amounts
from sync_engine.plan.ownorders import Goods, good_phone, is_own, owners, read_own
from sync_engine.trade import Line
from tests.desk.test_merging import setting
from tests.engine.dying import lost_and_killed_at
from tests.engine.rig import Rig
from workbook_templates.schema import Lang, Value

NAME, PHONE, STREET = "诸葛小满", "13812345678", "文三路 478 号 3 幢 602"
ADDRESS = f"浙江省杭州市西湖区{STREET}"
SECRETS = (NAME, PHONE, "3 幢 602", "602")
CUP = Goods(code="A-1", num_iid="7", sku_id="9", title="杯", sku_text="白")


def opened(path: Path | None = None) -> Rig:
    """A shop with one product that tells Tmall when the label is made."""
    rig = Rig(path=path)
    rig.world.sku("801", 100)
    setting(rig, "ship_when", "面单生成时")
    rig.tick(0)
    return rig


@pytest.fixture
def rig() -> Rig:
    return opened()


def own(rig: Rig, **cells: Value) -> None:
    full: dict[str, Value] = {
        "receiver": NAME, "phone": PHONE, "address": ADDRESS, "goods": "A-1×2", "amount": Decimal("59.80"), "ready": True,
    }  # fmt: skip
    rig.sheet.add("own_orders", **{**full, **cells})


def only(rig: Rig, table: str) -> dict[str, Value]:
    (row,) = rig.sheet.tables[table]
    return row


def sold_to(rig: Rig) -> list[tuple[str, str, str, str]]:
    return [
        (o.receiver.name, o.receiver.mobile, o.receiver.address, o.receiver.oaid) for o in rig.carrier.orders
    ]


def test_it_goes_the_way_of_all_orders_and_tmall_hears_nothing(rig: Rig) -> None:
    own(rig, memo="老客户")
    rig.settle()
    row, order = only(rig, "own_orders"), only(rig, "orders")
    assert row["state"] == "sent" and row["problem"] in ("", None) and row["order"] == order["tid"]
    assert (row["province"], row["city"], row["district"], row["sure"]) == ("浙江省", "杭州市", "西湖区", 100)
    assert (order["stage"], order["total_amount"], order["seller_memo"], order["shop"]) == (
        "shipped",
        Decimal("59.80"),
        "老客户",
        "手工",
    )
    assert order["courier_why"] and order["province"] == "浙江省"
    ((name, phone, street, oaid),) = sold_to(rig)
    assert (name, phone, oaid) == (NAME, PHONE, "") and "602" in street
    assert rig.row("stock", "A-1")["shipped"] == 2
    assert not rig.world.effects("ship") and only(rig, "waybills")["state"] == "shipped"
    assert rig.tick().idle


def test_plain_data_stays_in_its_cells_and_is_wiped(tmp_path: Path) -> None:
    rig = opened(tmp_path / "journal.sqlite")
    own(rig)
    rig.settle()
    assert only(rig, "own_orders")["state"] == "sent"
    elsewhere = [
        str(value)
        for name, rows in rig.sheet.tables.items()
        if name != "own_orders"
        for row in rows
        for value in row.values()
    ]
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        kept = "\n".join(db.iterdump())
    for secret in SECRETS:
        assert secret not in kept and not any(secret in text for text in elsewhere if not text.isdecimal())
    assert only(rig, "own_orders")["phone"] == PHONE
    rig.tick(60 * 24 * 15)
    rig.settle()
    row = only(rig, "own_orders")
    assert row["wiped_at"] and all(secret not in f"{row}" for secret in SECRETS[:3])
    before = dict(row)
    rig.lose_journal()
    rig.settle()
    assert only(rig, "own_orders") == before and len(rig.world.waybills) == 1 and rig.tick().idle


INCOMPLETE: tuple[tuple[dict[str, Value], str], ...] = (
    ({"phone": "1381234567"}, "电话格式不对"), ({"phone": None}, "没填电话"), ({"receiver": "诸**"}, "不能带 *"),
    ({"address": "二楼左手第三间"}, "地址"), ({"goods": "NOPE×1"}, "“NOPE×1”在“商品”里找不到"), ({"goods": ""}, "没填商品"),
    ({"amount": None}, "没填金额"), ({"of_order": "123"}, "类型要选补发或换货"), ({"ready": None}, "可以发"),
)  # fmt: skip
WHOLE: dict[str, Value] = {
    "receiver": NAME, "address": ADDRESS, "goods": "A-1", "amount": Decimal(0), "ready": True, "of_order": None,
}  # fmt: skip


def test_what_is_not_complete_goes_nowhere_and_says_what_is_missing(rig: Rig) -> None:
    for cells, _ in INCOMPLETE:
        own(rig, **cells)
    rig.settle()
    rows = [dict(row) for row in rig.sheet.tables["own_orders"]]
    assert not rig.sheet.tables["orders"] and not rig.world.waybills
    for row, (cells, says) in zip(rows, INCOMPLETE, strict=True):
        waits = cells.get("ready", True) is True
        assert says in str(row["problem"]) and (row["state"] == "person") is waits
        assert str(row["problem"]).startswith("还没接单") is waits, "the number it shows is no order yet"
    assert asked_for(rig) == [row["own_id"] for row in rows[:-1]]
    for number, row in enumerate(rows):
        rig.sheet.type("own_orders", str(row["own_id"]), **WHOLE, phone=f"1381234567{number}")
    rig.settle()
    states = {row["state"] for row in rig.sheet.tables["own_orders"]}
    assert states == {"sent"} and not asked_for(rig) and len(rig.world.waybills) == len(rows)


def asked_for(rig: Rig) -> list[Value]:
    """Rows of 手工订单 that open to-dos are about."""
    return sorted(
        row["row_key"]
        for row in rig.sheet.tables["todo"]
        if row["state"] == "open" and "手工订单" in str(row["reason"])
    )  # type: ignore[type-var]


def test_a_place_that_is_not_sure_waits_for_a_person(rig: Rig) -> None:
    own(rig, address="鼓楼区中山北路 26 号")
    rig.settle()
    row = only(rig, "own_orders")
    assert row["state"] == "person" and int(str(row["sure"])) < 80 and not rig.world.waybills


def alive(rig: Rig) -> list[str]:
    return [one.waybill_code for one in rig.world.waybills if not one.cancelled]


def test_edited_after_the_waybill(rig: Rig) -> None:
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    own(rig)
    rig.settle()
    key = str(only(rig, "own_orders")["own_id"])
    rig.sheet.type("own_orders", key, address="浙江省杭州市上城区解放路 9 号 1 室")
    rig.settle()
    (update,) = rig.world.effects("update")
    assert [update[2]] == alive(rig)
    rig.sheet.type("own_orders", key, goods="A-1×5")
    rig.settle()
    (code,) = alive(rig)
    order, lines = only(rig, "orders"), rig.sheet.tables["lines"]
    assert (len(rig.world.waybills), rig.world.effects("cancel")) == (2, [("cancel", update[2])])
    assert [(line["num"], line["status"], line["amount"]) for line in lines] == [
        (2, "TRADE_CLOSED", 0), (5, "WAIT_SELLER_SEND_GOODS", Decimal("59.80")),
    ]  # fmt: skip
    assert "退" not in str(order["audit"])
    assert (order["quantity"], order["waybill_codes"], rig.row("stock", "A-1")["reserved"]) == (5, code, 5)
    assert rig.carrier.orders[-1].items[0].count == 5 and rig.carrier.orders[-1].receiver.district == "上城区"
    rig.lose_journal()
    rig.settle()
    assert alive(rig) == [code] and len(rig.world.waybills) == 2
    rig.sheet.type("own_orders", key, cancel=True)
    rig.settle()
    assert (
        not alive(rig)
        and only(rig, "own_orders")["state"] == "cancelled"
        and only(rig, "orders")["stage"] == "closed"
    )


def test_changed_goods_are_audited_again(rig: Rig) -> None:
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    rig.sheet.type("settings", "reaudit", value="转人工")
    own(rig)
    rig.settle()
    rig.sheet.type("own_orders", str(only(rig, "own_orders")["own_id"]), goods="A-1×5")
    rig.settle()
    order = only(rig, "orders")
    assert order["stage"] == "person" and "审核后改了商品" in str(order["problem"]) and not alive(rig)


def test_changed_goods_that_left_are_told_and_the_rest_is_followed(rig: Rig) -> None:
    rig.world.sku("802", 100)
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    rig.sheet.type("settings", "auto_buy", value="否")
    rig.tick(60 * 7)  # until all goods are read anew
    own(rig, goods="A-1×2、A-2")
    rig.settle()
    for number, row in enumerate(rig.sheet.tables["lines"], start=1):
        rig.sheet.type("lines", str(row["oid"]), package_no=number)
    rig.sheet.type("settings", "auto_buy", value="是")
    rig.settle()
    row = only(rig, "own_orders")
    tid, key = str(row["order"]), str(row["own_id"])
    assert len(alive(rig)) == 2 and rig.journal is not None
    note_left(rig.journal, tid, {f"{tid}L1": (alive(rig)[0], rig.world.clock.now())})
    rig.settle()
    assert only(rig, "orders")["status"] == "SELLER_CONSIGNED_PART"
    rig.sheet.type("own_orders", key, goods="A-1×1、A-2×3")
    rig.settle()
    row = only(rig, "own_orders")
    assert "改动不算数" in str(row["problem"]) and len(rig.world.effects("cancel")) == 1
    assert [
        (line["oid"], line["num"]) for line in rig.sheet.tables["lines"] if line["status"] != "TRADE_CLOSED"
    ] == [(f"{tid}L1", 2), (f"{tid}L3", 3)]
    rig.sheet.type("orders", tid, ship_mark=True)
    rig.settle()
    assert only(rig, "own_orders")["state"] == "sent" and only(rig, "orders")["stage"] == "shipped"
    rig.sheet.type("own_orders", key, goods="A-1×9")
    rig.settle()
    row = only(rig, "own_orders")
    assert row["state"] == "sent" and "改动不算数" in str(row["problem"]) and len(rig.world.waybills) == 3
    rig.lose_journal()
    rig.settle()
    assert len(rig.world.waybills) == 3 and rig.row("stock", "A-1")["shipped"] == 2 and rig.tick().idle


def test_changed_goods_leave_a_shared_parcel(rig: Rig) -> None:
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    own(rig)
    own(rig, goods="A-1")
    rig.settle()
    assert len(alive(rig)) == 1
    key = str(rig.sheet.tables["own_orders"][1]["own_id"])
    rig.sheet.type("own_orders", key, goods="A-1×3")
    rig.settle()
    rig.settle()
    sold = {order.package_id: [item.count for item in order.items] for order in rig.carrier.orders}
    live = [row for row in rig.sheet.tables["waybills"] if row["state"] == "printed"]
    assert sorted(str(row["goods"]) for row in live) == ["A-1×2", "A-1×3"] and len(alive(rig)) == 2
    assert sold[str(live[-1]["package_id"])] == [3]


@pytest.mark.parametrize("point", (5, 19))
def test_killed_while_changed_goods_are_followed(tmp_path: Path, point: int) -> None:
    """Each tick ends in the middle and the journal goes: one waybill is left, for the goods as they are now."""
    rig = opened(tmp_path / "journal.sqlite")
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    own(rig)
    rig.settle()
    rig.sheet.type("own_orders", str(only(rig, "own_orders")["own_id"]), goods="A-1×5")
    lost_and_killed_at(rig, point, 3)
    assert len(alive(rig)) == 1 and len(rig.world.waybills) == 2
    assert rig.carrier.orders[-1].items[0].count == 5 and rig.row("stock", "A-1")["reserved"] == 5


EDITS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["A-1", "B-1", "C-1"]), st.integers(1, 4), min_size=1),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(EDITS)
def test_whatever_is_edited_what_left_stays_and_what_is_open_is_what_is_wanted(
    edits: list[tuple[dict[str, int], int]],
) -> None:
    """After each edit some of the open lines leave."""
    lines: tuple[Line, ...] = ()
    left: dict[str, tuple[str, int]] = {}
    for wanted, leaving in edits:
        goods = [(replace(CUP, code=code), num) for code, num in wanted.items()]
        found = follow("S1", goods, lines, left) if lines else Followed(lines=tuple(make_lines("S1", goods)))
        kept = {line.oid: (line.outer_id, line.num) for line in found.lines}
        assert {oid: kept[oid] for oid in left} == left and len(kept) == len(found.lines)
        before, still = (
            [one for one in group if one.status == "WAIT_SELLER_SEND_GOODS" and one.oid not in left]
            for group in (lines, found.lines)
        )
        sent = Counter[str]()
        for code, num in left.values():
            sent[code] += num
        rest = {code: num - sent[code] for code, num in wanted.items() if num > sent[code]}
        if before or not left:
            assert {line.outer_id: line.num for line in still} == rest
        else:
            over = any(sent[code] > wanted.get(code, 0) for code in sent)
            assert not still and found.late is (bool(rest) or over)
        paid = sum(line.amount for line in with_amounts(found.lines, Decimal("10.00")))
        assert paid == (Decimal("10.00") if still or left else 0)
        lines = found.lines
        left |= {line.oid: (line.outer_id, line.num) for line in still[:leaving]}


def test_a_copied_row_is_no_second_order_until_somebody_means_it(rig: Rig) -> None:
    own(rig)
    rig.settle()
    rig.sheet.tables["own_orders"].append({**rig.sheet.tables["own_orders"][0], "own_id": None})
    rig.settle()
    copy = rig.sheet.tables["own_orders"][1]
    assert copy["state"] == "person" and "复制" in str(copy["problem"]) and len(rig.world.waybills) == 1
    rig.sheet.type("own_orders", str(copy["own_id"]), ready=None)
    rig.settle()
    rig.sheet.type("own_orders", str(copy["own_id"]), ready=True)
    rig.settle()
    assert len(rig.world.waybills) == 2 and len({row["order"] for row in rig.sheet.tables["own_orders"]}) == 2


def test_a_deleted_row_gives_its_waybill_back_but_not_one_that_left(rig: Rig) -> None:
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    own(rig)
    rig.settle()
    rig.sheet.tables["own_orders"].clear()
    rig.settle()
    assert rig.world.effects("cancel") and only(rig, "orders")["stage"] == "closed"
    own(rig)
    rig.settle()
    (tid,) = [str(row["tid"]) for row in rig.sheet.tables["orders"] if row["stage"] == "to_ship"]
    rig.sheet.type("orders", tid, ship_mark=True)
    rig.settle()
    rig.sheet.tables["own_orders"].clear()
    rig.settle()
    assert rig.row("orders", tid)["stage"] == "shipped" and len(rig.world.effects("cancel")) == 1


def test_an_erased_key_is_no_new_order(rig: Rig) -> None:
    own(rig)
    rig.settle()
    order = only(rig, "own_orders")["order"]
    only(rig, "own_orders")["own_id"] = None
    rig.settle()
    row = only(rig, "own_orders")
    assert row["own_id"] and row["order"] == order and row["state"] == "sent" and len(rig.world.waybills) == 1


def test_an_earlier_copy_of_the_workbook_takes_nothing_back(rig: Rig) -> None:
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    earlier = copy.deepcopy(rig.sheet.tables)
    own(rig)
    rig.settle()
    rig.sheet.tables = earlier
    rig.settle()
    assert len(rig.world.waybills) == 1 and not rig.world.effects("cancel")
    assert only(rig, "orders")["stage"] == "to_ship" and only(rig, "waybills")["state"] == "printed"


@pytest.mark.parametrize("point", (7, 14, 21, 28, 35))
def test_killed_anywhere_and_the_journal_deleted(tmp_path: Path, point: int) -> None:
    """Each tick ends in the middle, then everything but the workbook is lost: one waybill, one parcel."""
    rig = opened(tmp_path / "journal.sqlite")
    own(rig)
    lost_and_killed_at(rig, point, 4)
    alive = [one for one in rig.world.waybills if not one.cancelled]
    assert len(alive) == 1 and len(rig.world.effects("buy")) == 1
    assert only(rig, "own_orders")["state"] == "sent" and only(rig, "orders")["stage"] == "shipped"


def test_two_orders_to_one_receiver_share_a_parcel(rig: Rig) -> None:
    own(rig)
    own(rig, goods="A-1")
    rig.settle()
    assert len(rig.world.waybills) == 1 and "合一个包裹" in str(rig.sheet.tables["orders"][0]["merged"])
    assert [row["state"] for row in rig.sheet.tables["own_orders"]] == ["sent", "sent"]


@pytest.mark.parametrize(("typed", "phone"), [
    ("138 1234 5678", PHONE), ("+86-138-1234-5678", PHONE), ("0571-88880000", "0571-88880000"), ("400-820-8820", "400-820-8820"),
    ("12812345678", ""), ("138123456789", ""), ("88880000", ""), ("电话见微信", ""), ("", ""),
])  # fmt: skip
def test_phones(typed: str, phone: str) -> None:
    assert good_phone(typed) == phone


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["receiver", "phone", "address", "goods", "memo", "order"]), st.text(max_size=30)
    ),
    st.booleans(),
)
def test_any_row_can_be_read(cells: dict[str, Value], owner: bool) -> None:
    found = read_own(
        "O001",
        {**cells, "ready": True, "amount": Decimal(1)},
        owner=owner,
        taken=False,
        codes={"A-1": CUP},
        lang=Lang.ZH,
    )
    assert (found.state == "taken") is (found.problem == "") and (found.receiver is not None) is (
        found.state == "taken"
    )


def test_a_number_belongs_to_one_row() -> None:
    number = "S261111091500O001"
    assert is_own(number) and not is_own("4165184050080535201")
    assert owners({"O001": {"order": number}, "O002": {"order": number}}) == {number: "O001"}
    assert owners({"O009": {"order": number}}) == {number: "O009"}, (
        "its key was lost: the order is still its own"
    )
