"""What people enter about stock, from the sheet to the ledger and back, with the journal kept and lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from formulas.ledger import balances, post
from sync_engine.plan.stockrows import move_from_row
from tests.engine.rig import Rig
from workbook_templates.schema import Value

CODE = "A-1"


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A shop with two warehouses and one product of which Tmall shows 100."""
    shop = Rig()
    shop.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    shop.sheet.add("warehouses", warehouse="W002", name="二仓", negative="forbid", for_sale="no")
    shop.world.sku("801", 100)
    shop.world.sku("802", 0)
    shop.settle()
    yield shop
    assert_adds_up(shop)
    assert_a_lost_journal_changes_nothing(shop)


def assert_a_lost_journal_changes_nothing(shop: Rig) -> None:
    shop.lose_journal()
    told, before = list(shop.world.log), tables(shop)
    shop.settle()
    assert tables(shop) == before
    assert shop.world.log == told


def tables(rig: Rig) -> dict[str, list[dict[str, Value]]]:
    return {
        name: sorted((dict(row) for row in rows), key=str)
        for name, rows in rig.sheet.tables.items()
        if name not in ("log", "settings", "commands")
    }


def assert_adds_up(rig: Rig) -> None:
    """Opening + in − out = on hand, by the moves as the sheet shows them; the stock row is the sum for sale."""
    shown = [move_from_row(row) for row in rig.sheet.tables["moves"]]
    assert all(shown)
    computed = balances(post(one.move for one in shown if one))
    for row in rig.sheet.tables["balances"]:
        held = (
            computed[str(row["stock_code"]), str(row["warehouse"])]
            if row["on_hand"] or row["in_transit"]
            else None
        )
        if held:
            assert (row["on_hand"], row["defective"], row["in_transit"]) == (
                held.on_hand, held.defective, held.in_transit,
            )  # fmt: skip
        mine = [r for r in rig.sheet.tables["moves"]
                if (r["stock_code"], r["warehouse"]) == (row["stock_code"], row["warehouse"])]  # fmt: skip
        assert sum(int(str(r["change"] or 0)) for r in mine) == (row["on_hand"] or 0) + (
            row["defective"] or 0
        )  # type: ignore[operator]
        assert (
            sum((Decimal(str(r["stock_value"] or 0)) for r in mine if not r["defective"]), Decimal(0))
            == row["value"]
        )
    sell = {place["warehouse"] for place in rig.sheet.tables["warehouses"] if place["for_sale"] != "no"}
    for row in rig.sheet.tables["stock"]:
        for_sale = [
            b
            for b in rig.sheet.tables["balances"]
            if b["stock_code"] == row["stock_code"] and b["warehouse"] in sell
        ]
        assert row["on_hand"] == sum(int(str(b["on_hand"])) for b in for_sale)
        parts = [int(str(row[name] or 0)) for name in ("counted", "shipped", "returned", "other")]
        assert row["on_hand"] == parts[0] - parts[1] + parts[2] + parts[3]


def moved(rig: Rig) -> list[dict[str, Value]]:
    return [row for row in rig.sheet.tables["moves"] if row["stock_code"] == CODE]


def balance(rig: Rig, place: str = "W001") -> dict[str, Value]:
    return rig.row("balances", f"{CODE}/{place}")


def test_a_purchase_is_received_in_parts_priced_later_and_sent_back(rig: Rig) -> None:
    rig.sheet.add("purchases", supplier="厂家", stock_code=CODE, pieces=50)
    rig.settle()
    assert rig.row("purchases", "P001")["state"] == "ordered" and balance(rig)["ordered"] == 50
    rig.sheet.type("purchases", "P001", received=20)
    rig.settle()
    row = rig.row("purchases", "P001")
    assert (row["state"], row["open"], balance(rig)["on_hand"], balance(rig)["ordered"]) == (
        "partly",
        30,
        120,
        30,
    )
    assert rig.row("stock", CODE)["sellable"] == 120 and rig.world.skus["801"].quantity == 120
    rig.sheet.type("purchases", "P001", received=55, unit_cost=Decimal("2.50"), freight=Decimal("10.00"))
    rig.settle()
    row = rig.row("purchases", "P001")
    assert (row["state"], row["open"], row["amount"]) == ("over", 0, Decimal("147.50"))  # 55 × 2.50 + 10
    assert balance(rig)["value"] == Decimal("147.50") and balance(rig)["on_hand"] == 155
    rig.sheet.type("purchases", "P001", sent_back=5)
    rig.settle()
    assert balance(rig)["on_hand"] == 150
    assert rig.row("stock", CODE)["other"] == 50
    rig.sheet.type("purchases", "P001", sent_back=60)
    rig.settle()
    assert "多于累计实收" in str(rig.row("purchases", "P001")["problem"]) and balance(rig)["on_hand"] == 150
    rig.sheet.type("purchases", "P001", sent_back=5)
    rig.settle()
    assert not rig.row("purchases", "P001")["problem"]


def test_a_receipt_typed_too_high_is_taken_back(rig: Rig) -> None:
    rig.sheet.add("purchases", stock_code=CODE, pieces=50, received=500, unit_cost=Decimal("1.00"))
    rig.settle()
    assert balance(rig)["on_hand"] == 600
    rig.sheet.type("purchases", "P001", received=50)
    rig.settle()
    assert (balance(rig)["on_hand"], balance(rig)["value"]) == (150, Decimal("50.00"))
    kinds = [(row["kind"], row["pieces"], bool(row["reverses"])) for row in moved(rig)]
    assert kinds == [("opening", 100, False), ("purchase", 500, False), ("purchase", 450, True)]


def test_a_count_is_posted_once_when_it_is_ticked(rig: Rig) -> None:
    rig.sheet.add("counts", stock_code=CODE, counted=90)
    rig.settle()
    assert balance(rig)["on_hand"] == 100, "not ticked yet"
    rig.sheet.type("counts", "C001", post=True)
    rig.settle()
    row = rig.row("counts", "C001")
    assert (row["book"], row["difference"], balance(rig)["on_hand"]) == (100, -10, 90)
    assert rig.row("stock", CODE)["other"] == -10
    rig.sheet.type("counts", "C001", counted=80)
    rig.settle()
    assert balance(rig)["on_hand"] == 90 and "没有生效" in str(rig.row("counts", "C001")["problem"])


def test_a_back_dated_receipt_changes_what_a_later_count_found(rig: Rig) -> None:
    rig.sheet.add("counts", stock_code=CODE, counted=110, post=True)
    rig.settle()
    assert rig.row("counts", "C001")["difference"] == 10
    before = rig.row("moves", "count:C001")["at"]
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=10, post=True, unit_cost=Decimal(3),
                  at=before - timedelta(minutes=1))  # type: ignore[operator]  # fmt: skip
    rig.settle()
    assert (rig.row("counts", "C001")["difference"], balance(rig)["on_hand"]) == (0, 110)


def test_the_count_of_the_stock_sheet_is_a_count_of_the_main_warehouse(rig: Rig) -> None:
    rig.world.order("1001", 3)
    rig.sheet.type("settings", "ship_when", value="面单生成时")
    rig.settle()
    assert rig.row("stock", CODE)["on_hand"] == 97
    rig.sheet.type("stock", CODE, counted=60)
    rig.settle()
    row = rig.row("stock", CODE)
    assert (row["on_hand"], row["shipped"], row["other"] or 0) == (60, 0, 0)
    assert [r["kind"] for r in moved(rig)] == ["opening", "sale", "count"]


def test_a_transfer_is_on_its_way_until_it_arrives(rig: Rig) -> None:
    rig.sheet.add("transfers", stock_code=CODE, **{"from": "主仓", "to": "二仓"}, pieces=30, received=3)
    rig.settle()
    assert "还没勾" in str(rig.row("transfers", "T001")["problem"]) and balance(rig)["on_hand"] == 100
    rig.sheet.type("transfers", "T001", sent=True, received=None)
    rig.settle()
    assert rig.row("transfers", "T001")["state"] == "sent"
    assert (balance(rig)["on_hand"], balance(rig, "W002")["in_transit"]) == (70, 30)
    assert rig.row("stock", CODE)["on_hand"] == 70 and rig.world.skus["801"].quantity == 70
    rig.sheet.type("transfers", "T001", received=20, back=4)
    rig.settle()
    row = rig.row("transfers", "T001")
    assert (row["state"], row["in_transit"]) == ("partly", 6)
    assert (balance(rig)["on_hand"], balance(rig, "W002")["on_hand"], balance(rig, "W002")["in_transit"]) == (
        74,
        20,
        6,
    )
    rig.sheet.type("transfers", "T001", received=40)
    rig.settle()
    assert (
        "可小不可大" in str(rig.row("transfers", "T001")["problem"]) and balance(rig, "W002")["on_hand"] == 20
    )
    rig.sheet.type("transfers", "T001", received=26)
    rig.settle()
    assert rig.row("transfers", "T001")["state"] == "done" and not rig.row("transfers", "T001")["problem"]


def test_a_transfer_that_waited_for_its_warehouse_is_posted_whole(rig: Rig) -> None:
    rig.sheet.add(
        "transfers",
        stock_code=CODE,
        **{"from": "主仓", "to": "三仓"},
        pieces=30,
        sent=True,
        received=27,
        back=1,
    )
    rig.settle()
    assert "没有“三仓”" in str(rig.row("transfers", "T001")["problem"])
    rig.sheet.add("warehouses", name="三仓")
    rig.settle()
    row = rig.row("transfers", "T001")
    assert row["in_transit"] == 2 and not row["problem"]
    assert rig.row("balances", f"{CODE}/W003")["on_hand"] == 27


def test_a_warehouse_that_forbids_it_does_not_go_below_zero(rig: Rig) -> None:
    rig.sheet.add("entries", kind="adjustment", stock_code=CODE, warehouse="二仓", pieces=-5, post=True)
    rig.settle()
    assert "不许负库存" in str(rig.row("entries", "E001")["problem"])
    assert rig.row("entries", "E001")["posted_at"] is None
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, warehouse="二仓", pieces=8, post=True)
    rig.settle()
    assert rig.row("entries", "E002")["posted_at"] is not None
    assert balance(rig, "W002")["on_hand"] == 3, "the refused one is tried again and now fits"
    assert rig.row("warehouses", "W002")["pieces"] == 3


def test_an_entry_is_reversed_once_and_stays_so(rig: Rig) -> None:
    rig.sheet.add("entries", kind="adjustment", stock_code=CODE, pieces=-7, post=True)
    rig.settle()
    assert balance(rig)["on_hand"] == 93
    rig.sheet.type("entries", "E001", reverse=True)
    rig.settle()
    assert balance(rig)["on_hand"] == 100 and rig.row("entries", "E001")["reversed_at"] is not None
    rig.sheet.type("entries", "E001", reverse=None)
    rig.settle()
    assert balance(rig)["on_hand"] == 100 and "已红冲" in str(rig.row("entries", "E001")["problem"])


@pytest.mark.parametrize(
    ("table", "cells", "said"),
    [
        ("entries", {"kind": "purchase", "stock_code": "没有这个", "pieces": 3, "post": True}, "没有编码"),
        ("entries", {"kind": "purchase", "stock_code": CODE, "post": True}, "缺“数量”"),
        ("entries", {"stock_code": CODE, "pieces": 3, "post": True}, "缺“类型”"),
        ("entries", {"kind": "purchase", "stock_code": CODE, "pieces": -3, "post": True}, "不小于 1"),
        ("entries", {"kind": "adjustment", "stock_code": CODE, "pieces": 0, "post": True}, "不能是 0"),
        ("counts", {"stock_code": CODE, "counted": 5, "warehouse": "三仓", "post": True}, "可填:主仓、二仓"),
        ("counts", {"stock_code": CODE, "post": True}, "缺“实盘数”"),
        ("transfers", {"stock_code": CODE, "from": "主仓", "to": "主仓", "pieces": 3, "sent": True}, "相同"),
        ("transfers", {"stock_code": CODE, "from": "主仓", "pieces": 3, "sent": True}, "缺“收货仓库”"),
        ("purchases", {"stock_code": "X", "pieces": 3, "received": 1}, "没有编码"),
    ],
)  # fmt: skip
def test_a_row_that_will_not_do_says_why_and_stops_no_other(
    rig: Rig, table: str, cells: dict[str, Value], said: str
) -> None:
    rig.sheet.add(table, **cells)
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=1, post=True)
    rig.settle()
    bad = rig.sheet.tables[table][0]
    assert said in str(bad["problem"])
    assert balance(rig)["on_hand"] == 101


def test_a_time_that_is_still_to_come_is_not_posted(rig: Rig) -> None:
    rig.sheet.add(
        "counts", stock_code=CODE, counted=5, post=True, at=rig.world.clock.now() + timedelta(days=3)
    )
    rig.settle()
    assert "还没到" in str(rig.row("counts", "C001")["problem"]) and balance(rig)["on_hand"] == 100
    rig.world.clock.sleep(4 * 86400)
    rig.sheet.type("counts", "C001", note="到了")
    rig.settle()
    assert balance(rig)["on_hand"] == 5


def test_returns_typed_up_and_down_come_in_and_go_out_again(rig: Rig) -> None:
    rig.sheet.type("settings", "ship_when", value="面单生成时")
    rig.world.order("1001", 3)
    rig.settle()
    rig.sheet.type("lines", "1001", returned_qty=2)
    rig.settle()
    assert balance(rig)["on_hand"] == 99
    rig.sheet.type("lines", "1001", returned_qty=1)
    rig.settle()
    assert balance(rig)["on_hand"] == 98
    rig.sheet.type("lines", "1001", returned_qty=3)
    rig.settle()
    assert (balance(rig)["on_hand"], rig.row("stock", CODE)["returned"]) == (100, 3)


def test_defective_returns_lie_apart_at_the_cost_of_their_sale_and_are_never_offered(rig: Rig) -> None:
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=100, unit_cost=Decimal(6), post=True)
    rig.sheet.type("settings", "ship_when", value="面单生成时")
    rig.settle()
    rig.world.order("1001", 4)
    rig.settle()
    sold = rig.row("moves", "sale:1001:1001")["sold"]
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=100, unit_cost=Decimal(90), post=True)
    rig.settle()
    offered = rig.row("stock", CODE)["sellable"]
    rig.sheet.type("lines", "1001", defective_qty=3)
    rig.settle()
    back = rig.row("moves", "return_defective:1001:1001:1")
    assert (back["origin"], back["sold"], back["change"]) == ("sale:1001:1001", -sold * 3 / 4, 3)  # type: ignore[operator]
    assert (balance(rig)["defective"], balance(rig)["on_hand"]) == (3, 296)
    assert rig.row("stock", CODE)["sellable"] == offered == rig.world.skus["801"].quantity
    rig.sheet.type("lines", "1001", returned_qty=2, defective_qty=9)
    rig.settle()
    assert "按入库 2 件、次品 2 件算" in str(rig.row("lines", "1001")["problem"])
    assert (balance(rig)["defective"], balance(rig)["on_hand"]) == (2, 298)
    rig.sheet.type("lines", "1001", returned_qty=None, defective_qty=1)
    rig.settle()
    assert (balance(rig)["defective"], balance(rig)["on_hand"]) == (1, 296)
    assert rig.row("stock", CODE)["returned"] == 0


def test_the_cost_of_the_product_sheet_values_what_nothing_else_is_known_of(rig: Rig) -> None:
    rig.sheet.type("products", "801", cost=Decimal("4.00"))
    rig.settle()
    assert (balance(rig)["unit_cost"], balance(rig)["value"]) == (Decimal("4.0000"), Decimal("400.00"))
    rig.sheet.type("settings", "costing", value="先进先出")
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=100, unit_cost=Decimal(6), post=True)
    rig.settle()
    rig.sheet.add("entries", kind="adjustment", stock_code=CODE, pieces=-100, post=True)
    rig.settle()
    assert balance(rig)["unit_cost"] == Decimal("6.0000"), "first in, first out"
    rig.sheet.type("settings", "costing", value="移动加权平均")
    rig.settle()
    assert balance(rig)["unit_cost"] == Decimal("5.0000")


def test_what_is_typed_over_a_posted_move_is_put_back(rig: Rig) -> None:
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=10, post=True)
    rig.settle()
    rig.sheet.type("moves", "purchase:E001", pieces=9999)
    rig.settle()
    assert rig.row("moves", "purchase:E001")["pieces"] == 10 and balance(rig)["on_hand"] == 110
    assert any("9999" in str(row["typed"]) for row in rig.sheet.tables["todo"])


def test_the_number_of_a_deleted_document_is_not_given_again(rig: Rig) -> None:
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=10, post=True)
    rig.settle()
    rig.sheet.tables["entries"].clear()
    rig.settle()
    rig.lose_journal()
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=5, post=True)
    rig.settle()
    assert rig.sheet.keys("entries") == ["E002"] and balance(rig)["on_hand"] == 115


def test_a_warehouse_is_renamed_and_what_lies_there_stays(rig: Rig) -> None:
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, warehouse="二仓", pieces=8, post=True)
    rig.settle()
    rig.sheet.type("warehouses", "W002", name="杭州仓")
    rig.settle()
    assert (balance(rig, "W002")["on_hand"], balance(rig, "W002")["name"]) == (8, "杭州仓")
    assert (
        "没有“二仓”" in str(rig.row("entries", "E001")["problem"])
        or not rig.row("entries", "E001")["problem"]
    )


def test_a_move_typed_over_when_the_journal_was_lost_is_made_anew_or_told(rig: Rig) -> None:
    rig.sheet.type("settings", "ship_when", value="面单生成时")
    rig.sheet.add("counts", stock_code=CODE, counted=90, post=True)
    rig.settle()
    rig.world.order("1001", 3)
    rig.settle()
    assert balance(rig)["on_hand"] == 87
    rig.sheet.type("moves", "count:C001", pieces=9)
    rig.sheet.type("moves", "sale:1001:1001", stock_code="别的")
    rig.lose_journal()
    rig.settle()
    assert (balance(rig)["on_hand"], rig.row("stock", CODE)["on_hand"]) == (87, 87)
    assert rig.row("moves", "count:C001")["pieces"] == 90
    told = {row["row_key"] for row in rig.sheet.tables["todo"] if "校验码" in str(row["reason"])}
    assert told == {"count:C001", "sale:1001:1001"}


def test_a_row_typed_by_hand_into_the_ledger_does_not_count_and_says_so(rig: Rig) -> None:
    rig.sheet.add(
        "moves", move_id="自己写的", kind="purchase", stock_code=CODE, warehouse="W001", pieces=50, change=50
    )
    rig.settle()
    row = rig.row("moves", "自己写的")
    assert row["change"] is None and "不算数" in str(row["problem"]) and balance(rig)["on_hand"] == 100
    rig.sheet.tables["moves"].remove(row)
    rig.settle()


def test_a_clock_put_back_does_not_post_a_count_again_and_again(rig: Rig) -> None:
    rig.world.clock.sleep(-86400)
    rig.sheet.type("stock", CODE, counted=60)
    rig.settle()
    assert (balance(rig)["on_hand"], [row["kind"] for row in moved(rig)]) == (60, ["opening", "count"])


@pytest.mark.parametrize(
    ("first", "then"), [((3, 0), (1, 2)), ((0, 3), (2, 1)), ((3, 0), (0, 3)), ((0, 3), (3, 0))]
)
@pytest.mark.parametrize("at_once", [True, False])
def test_returns_corrected_by_a_clock_put_back_all_count(
    rig: Rig, first: tuple[int, int], then: tuple[int, int], at_once: bool
) -> None:
    """Found by the simulator: of a sale that had come back whole, the new return counted before the old one was reversed."""
    rig.sheet.type("settings", "ship_when", value="面单生成时")
    rig.world.order("1001", 3)
    rig.settle()
    rig.sheet.type("lines", "1001", returned_qty=first[0], defective_qty=first[1])
    rig.settle()
    if not at_once:
        rig.sheet.type("lines", "1001", returned_qty=None, defective_qty=None)
        rig.settle()
    rig.world.clock.sleep(-86400)
    rig.sheet.type("lines", "1001", returned_qty=then[0], defective_qty=then[1])
    rig.settle()
    assert (balance(rig)["on_hand"], balance(rig)["defective"]) == (97 + then[0], then[1])
    assert all(row["change"] and not row["problem"] for row in moved(rig))


def test_a_transfer_corrected_by_a_clock_put_back_is_posted(rig: Rig) -> None:
    rig.sheet.add("transfers", stock_code=CODE, **{"from": "主仓", "to": "二仓"}, pieces=30, sent=True)
    rig.settle()
    rig.sheet.type("transfers", "T001", received=30)
    rig.settle()
    rig.world.clock.sleep(-86400)
    rig.sheet.type("transfers", "T001", received=10, back=20)
    rig.settle()
    assert not rig.row("transfers", "T001")["problem"]
    assert (balance(rig)["on_hand"], balance(rig, "W002")["on_hand"]) == (90, 10)


def test_a_document_that_lost_its_number_is_not_posted_again(rig: Rig) -> None:
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=10, post=True)
    rig.settle()
    rig.sheet.tables["entries"][0]["entry_id"] = None
    rig.settle()
    assert rig.sheet.keys("entries") == ["E001"] and balance(rig)["on_hand"] == 110


def test_a_warehouse_in_which_goods_lie_comes_back(rig: Rig) -> None:
    rig.sheet.tables["warehouses"].pop(0)
    rig.settle()
    assert sorted(rig.sheet.keys("warehouses")) == ["W001", "W002"] and balance(rig)["on_hand"] == 100


def test_a_row_of_stock_that_was_deleted_comes_back_with_the_figures_of_now(rig: Rig) -> None:
    """As when an earlier copy of the workbook is put back while the goods are reserved elsewhere."""
    rig.sheet.type("warehouses", "W002", for_sale="yes")
    rig.world.order("1001", 3)
    rig.tick(0)
    rig.sheet.type("orders", "1001", warehouse_wanted="二仓", hold=True)
    rig.settle()
    assert (balance(rig, "W002")["on_hand"], balance(rig, "W002")["reserved"]) == (0, 3)
    rig.sheet.tables["balances"].remove(balance(rig, "W002"))
    rig.sheet.type("orders", "1001", warehouse_wanted="主仓")
    rig.settle()
    assert balance(rig)["reserved"] == rig.row("stock", CODE)["reserved"] == 3
    assert balance(rig, "W002")["reserved"] == 0
