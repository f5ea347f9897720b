"""销售分析 in the sheet: once a day or by command, and each number as the functions of cells give it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from formulas.book import Book
from formulas.catalogue import BY_NAME as FUNCTIONS
from tests.engine.rig import Rig
from workbook_templates.schema import Value, row_key
from workbook_templates.tables import BY_NAME
from workbook_templates.tables.analysis import ANALYSIS_LEVELS


@pytest.fixture
def rig() -> Rig:
    """Two months of a shop: A-1 sells and comes back, A-2 sold long ago."""
    shop = Rig()
    shop.world.sku("801", 500)
    shop.world.sku("802", 100)
    shop.settle()
    shop.sheet.type("settings", "auto_buy", value="否")
    for day, tid in enumerate(("1001", "1002", "1003", "1004")):
        shop.world.order(tid, 2 + day)
        shop.tick(24 * 60 * 9)
    shop.world.order("1005", 1, 4)
    shop.tick(24 * 60)
    shop.world.change_lines("1003", refund_status="SUCCESS", status="TRADE_CLOSED")
    shop.settle()
    return shop


def rows(rig: Rig) -> dict[str, dict[str, Value]]:
    return {str(row["analysis_id"]): dict(row) for row in rig.sheet.tables["analysis"]}


def asked(rig: Rig, name: str, *arguments: object) -> object:
    tables = {
        table: {row_key(BY_NAME[table], row): row for row in found}
        for table, found in rig.sheet.tables.items()
    }
    function, book = FUNCTIONS[name], Book(tables, rig.world.clock.now())
    return function.run(*(book,) if function.query else (), *arguments)


def test_it_is_worked_out_by_command_and_once_a_day(rig: Rig) -> None:
    rig.sheet.type("commands", "analyse", go=True)
    rig.settle()
    first = rows(rig)["sku:A-1"]["made_at"]
    rig.sheet.type("orders", "1001", note="随便")
    rig.settle()
    assert rows(rig)["sku:A-1"]["made_at"] == first, "not again on the same day"
    rig.tick(24 * 60)
    rig.sheet.type("orders", "1001", note="又一天")
    rig.settle()
    assert rows(rig)["sku:A-1"]["made_at"] > first  # type: ignore[operator]
    before = rows(rig)
    rig.lose_journal()
    rig.settle()
    assert rows(rig) == before, "a lost journal works nothing out again on the same day"


def test_every_number_is_what_a_function_gives(rig: Rig) -> None:
    rig.tick(24 * 60)
    rig.sheet.type("commands", "analyse", go=True)
    rig.settle()
    shown = rows(rig)
    assert shown["sku:A-1"]["pieces"] and shown["sku:A-1"]["refunded"] == 4
    assert {str(row["level"]) for row in shown.values()} == {"sku", "item", "shop"}
    for row in shown.values():
        span = (row["period_from"], row["period_to"])
        by = next(one.zh for one in ANALYSIS_LEVELS if one.name == row["level"])
        days = (span[1] - span[0]).days + 1  # type: ignore[operator]
        earlier = (span[0] - timedelta(days=days), span[0] - timedelta(days=1))  # type: ignore[operator]
        for column, measure, when in (
            ("pieces", "件数", span), ("amount", "金额", span), ("pieces_before", "件数", earlier), ("amount_before", "金额", earlier),
        ):  # fmt: skip
            assert asked(rig, "SALES", measure, *when, row["subject"], None, by) == row[column], (row, column)
        if row["refund_rate"] is not None:
            assert asked(rig, "RETURNRATE", *span, row["subject"], None, by) == row["refund_rate"]
        if row["days_of_stock"] is not None:
            pace = Decimal(str(row["pieces"])) / days
            assert asked(rig, "DAYSOFSTOCK", Decimal(str(row["on_hand"])), pace) == row["days_of_stock"]
    assert sum(Decimal(str(row["share"] or 0)) for row in shown.values() if row["level"] == "sku") == 100
    assert [row["rank"] for row in shown.values() if row["level"] == "shop"] == [1]


def test_what_lies_and_does_not_sell_is_named(rig: Rig) -> None:
    rig.sheet.type("settings", "slow_days", value="3")
    rig.tick(24 * 60 * 5)
    rig.sheet.type("commands", "analyse", go=True)
    rig.settle()
    row = rows(rig)["sku:A-2"]
    assert row["problem"] == f"滞销:{row['days_without']} 天没卖,在库 {row['on_hand']} 件"


def test_what_is_typed_over_it_is_put_back(rig: Rig) -> None:
    rig.tick(24 * 60)
    rig.sheet.type("commands", "analyse", go=True)
    rig.settle()
    right = rows(rig)["sku:A-1"]["amount"]
    rig.sheet.type("analysis", "sku:A-1", amount=Decimal("9.99"))
    rig.settle()
    assert rows(rig)["sku:A-1"]["amount"] == right
    assert any("9.99" in str(row["typed"]) for row in rig.sheet.tables["todo"])


def test_goods_that_all_came_back_are_not_said_never_to_have_sold() -> None:
    shop = Rig()
    shop.world.sku("801", 50)
    shop.settle()
    shop.sheet.type("settings", "auto_buy", value="否")
    shop.world.order("1001", 2)
    shop.tick(24 * 60)
    shop.world.change_lines("1001", refund_status="SUCCESS", status="TRADE_CLOSED")
    shop.settle()
    shop.sheet.type("commands", "analyse", go=True)
    shop.settle()
    row = rows(shop)["sku:A-1"]
    assert (row["pieces"], row["refunded"], row["problem"]) == (0, 2, "卖出的 2 件都退款了,在库 50 件")
