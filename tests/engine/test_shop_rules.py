"""店铺规则: what each shop is told to show, why, and what holds while a row will not do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sync_engine.gather import Request
from sync_engine.shop import rehearse
from tests.engine.two_shops import FIRST, SECOND, TwoShops


@pytest.fixture
def two() -> TwoShops:
    """A in both shops, 100 of them; B in the first, 30."""
    two = TwoShops()
    two.sell(FIRST, "A", 40)
    two.sell(SECOND, "A", 40)
    two.sell(FIRST, "B", 30)
    two.rig.tick(1)
    two.count(A=100)
    return two


def add(two: TwoShops, **cells: object) -> str:
    two.rig.sheet.add("shop_rules", **cells)  # type: ignore[arg-type]
    two.settle()
    return str(two.rig.sheet.tables["shop_rules"][-1]["rule_id"])


def test_without_rules_shops_share_evenly_and_the_row_says_so(two: TwoShops) -> None:
    assert two.shown("A") == [50, 50]
    row = two.row(SECOND, "A")
    assert (row["shown"], row["wanted"], row["told"]) == (50, 50, 50)
    assert row["told_at"]
    assert "可售库存 100 − 安全库存 0) = 100" in str(row["why"])
    assert "平分,这里 50" in str(row["why"])


def test_two_shops_that_show_the_same_pieces_begin_with_those_and_not_twice() -> None:
    two = TwoShops()
    two.sell(FIRST, "A", 9)
    two.sell(SECOND, "A", 9)
    two.buy(FIRST, "A", 2)
    two.settle()
    assert two.rig.row("stock", "A")["on_hand"] == 9
    assert sum(two.shown("A")) == 7


def test_a_formula_and_a_share_are_rounded_down(two: TwoShops) -> None:
    two.count(A=19)
    add(two, shops=SECOND, formula="{可售库存} * 50%")
    assert two.shown("A") == [10, 9], "9.5 is 9, and the rest is what is left"
    assert "取整 9" in str(two.row(SECOND, "A")["why"])
    two.rig.sheet.tables["shop_rules"][0].update(formula=None, percent=Decimal(33))
    two.settle()
    assert two.shown("A") == [13, 6]


def test_the_change_reaches_tmall_within_one_tick(two: TwoShops) -> None:
    rule = add(two, shops=SECOND, goods="A")
    two.rig.sheet.type("shop_rules", rule, ceiling=7)
    two.rig.tick(1)
    assert two.shown("A") == [93, 7]
    two.rig.tick(1)
    assert [two.row(shop, "A")["told"] for shop in (FIRST, SECOND)] == [93, 7]


def test_narrower_rules_come_first_part_by_part(two: TwoShops) -> None:
    add(two, shops=SECOND, ceiling=30, safety=5)
    add(two, goods="A*", ceiling=20)
    narrow = add(two, shops=SECOND, goods="B、A", ceiling=3)
    assert two.shown("A")[1] == 3
    assert str(two.row(SECOND, "A")["rules"]).startswith(narrow)
    two.rig.sheet.type("shop_rules", narrow, enabled="no")
    two.settle()
    assert two.shown("A") == [20, 20]


def test_safety_stock_is_kept_from_every_shop(two: TwoShops) -> None:
    two.rig.sheet.type("stock", "A", safety=10)
    add(two, shops=FIRST, formula="{可售库存-安全库存}", level=2)
    assert two.shown("A") == [90, 0]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"formula": "{可售库存}*"}, "没写完"),
        ({"formula": "__import__('os').system('x')"}, "不认识"),
        ({"percent": Decimal(120)}, "0 到 100"),
        ({"ceiling": -1}, "不能小于 0"),
        ({"warehouses": "月球仓"}, "月球仓"),
    ],
)
def test_a_wrong_row_is_told_beside_it_and_only_lowers(
    two: TwoShops, cells: dict[str, object], says: str
) -> None:
    add(two, shops=SECOND, ceiling=10)
    assert two.shown("A") == [90, 10]
    two.rig.sheet.tables["shop_rules"][0].update({"ceiling": None, **cells})
    two.settle()
    problem = str(two.rig.sheet.tables["shop_rules"][0]["problem"])
    assert says in problem
    assert "只减不加" in problem
    assert two.shown("A") == [90, 10], "not raised"
    two.count(A=8)
    assert sum(two.shown("A")) <= 8
    assert two.shown("B") == [30, 0], "other goods go on"


def test_a_rule_of_a_shop_that_is_none_is_not_used(two: TwoShops) -> None:
    add(two, shops="三店", ceiling=1)
    assert "没有“三店”" in str(two.rig.sheet.tables["shop_rules"][0]["problem"])
    assert two.shown("A") == [50, 50]


def test_a_division_by_0_only_lowers_too(two: TwoShops) -> None:
    add(two, shops=SECOND, formula="{可售库存} / {店铺预占}")
    assert two.shown("A") == [50, 50]
    assert "除数是 0" in str(two.row(SECOND, "A")["why"])


def test_a_locked_figure_stays_and_the_others_mind_it(two: TwoShops) -> None:
    add(two, shops=SECOND, lock=True)
    two.count(A=60)
    assert two.shown("A") == [10, 50]
    two.count(A=30)
    assert two.shown("A") == [0, 50]
    assert "20 件" in str(two.row(SECOND, "A")["problem"])


def test_a_shop_that_is_never_uploaded_gets_nothing_and_is_left_alone(two: TwoShops) -> None:
    add(two, shops=SECOND, upload="no")
    two.count(A=60)
    assert two.shown("A") == [60, 50]
    assert two.row(SECOND, "A")["wanted"] is None


def test_a_rule_begins_and_ends_by_itself(two: TwoShops) -> None:
    now = two.rig.world.clock.now()
    two.rig.sheet.add(
        "shop_rules",
        shops=SECOND,
        campaign=80,
        valid_from=now + timedelta(hours=2),
        valid_to=now + timedelta(hours=4),
    )
    two.settle()
    assert two.shown("A") == [50, 50]
    two.rig.tick(90)
    assert two.shown("A")[1] >= 80
    two.rig.tick(120)
    assert two.shown("A") == [50, 50]


def test_a_dry_run_shows_it_and_does_nothing(two: TwoShops) -> None:
    rule = add(two, shops=SECOND)
    two.rig.sheet.type("shop_rules", rule, ceiling=7)
    found = rehearse(two.rig.shop, Request())
    assert found is not None
    assert any("50 → 7" in text for text in found.stock)
    assert any(edit.table == "shop_stock" and edit.cells.get("wanted") == 7 for edit in found.display.edits)
    assert two.shown("A") == [50, 50]


def test_what_was_told_is_kept_with_its_reason(two: TwoShops) -> None:
    add(two, shops=SECOND, ceiling=7)
    journal = two.rig.journal
    assert journal is not None
    told = [i for i in journal.intents.of(["2000"]) if i.doc["quantity"] == "7"]
    assert "上限 7" in told[0].doc["why"]


def test_a_shop_that_is_configured_no_more_takes_no_share_and_is_told_nothing(two: TwoShops) -> None:
    shop = two.rig.shop
    two.rig.shop = replace(shop, outside=replace(shop.outside, more_shops={}))
    two.count(A=90)
    assert two.shown("A") == [90, 50]
