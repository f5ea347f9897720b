"""组合 and 任选 in orders, stock and at Tmall: pieces are promised once, parts move, the past stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.engine.two_shops import FIRST, SECOND, TwoShops


@pytest.fixture
def two() -> TwoShops:
    """A and B, 20 of each; the set AB of one A and two B in both shops; A alone in the first."""
    two = TwoShops()
    two.sell(FIRST, "A", 20)
    two.sell(FIRST, "B", 20)
    for shop in (FIRST, SECOND):
        two.sell(shop, "AB", 0)
    bundle(two, "AB", A=1, B=2)
    two.settle()
    two.count(A=20, B=20)
    return two


def bundle(two: TwoShops, code: str, *, pick: bool = False, percent: int | None = None, **parts: int) -> None:
    for part, pieces in parts.items():
        two.rig.sheet.add(
            "bundles", bundle=code, part=part, pieces=pieces, pick_one=pick, percent=None if percent is None else Decimal(percent)
        )  # fmt: skip


def promised(two: TwoShops, part: str, **sets: int) -> int:
    """Pieces of a part that are on show, alone and in sets."""
    return sum(two.shown(part)) + sum(sum(two.shown(code)) * times for code, times in sets.items())


def stock(two: TwoShops, code: str) -> dict[str, object]:
    return dict(two.rig.row("stock", code))


def ship(two: TwoShops, tid: str) -> None:
    """It leaves, told at Tmall by hand."""
    two.settle()
    world = next(one for one in two.worlds.values() if tid in one.trades)
    now = world.clock.now()
    lines = tuple(
        replace(line, status="WAIT_BUYER_CONFIRM_GOODS", consign_time=now, invoice_no="X1")
        for line in world.trades[tid].lines
    )
    world.change(tid, status="WAIT_BUYER_CONFIRM_GOODS", consign_time=now, lines=lines)
    two.settle()


def test_a_bundle_shows_what_its_parts_allow_and_none_is_promised_twice(two: TwoShops) -> None:
    assert sum(two.shown("AB")) == 5  # half of each part: A 10, B 10 ÷ 2
    assert promised(two, "A", AB=1) == 20
    assert promised(two, "B", AB=2) == 20
    row = stock(two, "AB")
    assert (row["sellable"], row["on_hand"]) == (5, None)
    assert "A 20 × 1/2 ÷ 1、B 20 × 1/2 ÷ 2" in str(row["why"])
    assert "10 件留给组合" in str(stock(two, "B")["problem"])


def test_an_order_of_a_bundle_reserves_and_ships_its_parts_and_a_return_brings_them_back(
    two: TwoShops,
) -> None:
    two.rig.sheet.add(
        "entries", kind="adjustment", stock_code="A", pieces=1, unit_cost=Decimal("3.00"), post=True
    )
    two.settle()
    tid = two.buy(SECOND, "AB", 2)
    two.settle()
    assert [stock(two, code)["reserved"] for code in "AB"] == [2, 4]
    assert two.rig.row("lines", tid)["parts"] == "A×1、B×2"
    ship(two, tid)
    assert [stock(two, code)["on_hand"] for code in "AB"] == [19, 16]
    moves = {row["stock_code"]: row for row in two.rig.sheet.tables["moves"] if row["kind"] == "sale"}
    assert {code: row["pieces"] for code, row in moves.items()} == {"A": 2, "B": 4}
    two.rig.sheet.type("lines", tid, returned_qty=1)
    two.settle()
    assert [stock(two, code)["on_hand"] for code in "AB"] == [20, 18]
    assert promised(two, "A", AB=1) <= 20
    assert promised(two, "B", AB=2) <= 18


def test_a_changed_bundle_does_not_rewrite_the_past(two: TwoShops) -> None:
    gone, waiting = two.buy(FIRST, "AB"), two.buy(SECOND, "AB")
    ship(two, gone)
    for row in two.rig.sheet.tables["bundles"]:
        row["pieces"] = 3
    two.settle()
    assert [two.rig.row("lines", tid)["parts"] for tid in (gone, waiting)] == ["A×1、B×2"] * 2
    assert [stock(two, code)["on_hand"] for code in "AB"] == [19, 18]
    assert [stock(two, code)["reserved"] for code in "AB"] == [1, 2]
    fresh = two.buy(FIRST, "AB")
    two.settle()
    assert two.rig.row("lines", fresh)["parts"] == "A×3、B×3"


def test_after_a_loss_of_the_journal_parts_are_as_they_were(two: TwoShops) -> None:
    gone, waiting = two.buy(FIRST, "AB"), two.buy(SECOND, "AB")
    ship(two, gone)
    before = [(stock(two, code)["on_hand"], stock(two, code)["reserved"]) for code in "AB"]
    for row in two.rig.sheet.tables["bundles"]:
        row["pieces"] = 3
    two.settle()
    moves = len(two.rig.sheet.tables["moves"])
    two.rig.lose_journal()
    two.join()
    two.settle()
    assert [(stock(two, code)["on_hand"], stock(two, code)["reserved"]) for code in "AB"] == before
    assert two.rig.row("lines", waiting)["parts"] == "A×1、B×2"
    assert len(two.rig.sheet.tables["moves"]) == moves


def test_orders_that_came_before_somebody_told_of_the_bundle_reserve_parts_too() -> None:
    two = TwoShops()
    for code, shown in (("A", 9), ("S", 3)):
        two.sell(FIRST, code, shown)
    tid = two.buy(FIRST, "S")
    two.settle()
    bundle(two, "S", A=2)
    two.settle()
    two.count(A=9)
    assert two.rig.row("lines", tid)["parts"] == "A×2"
    assert stock(two, "A")["reserved"] == 2
    assert "自己名下还有" in str(stock(two, "S")["problem"])


def test_a_bundle_with_a_code_that_is_none_is_told_beside_its_row_and_only_lowered(two: TwoShops) -> None:
    shown = sum(two.shown("AB"))
    two.rig.sheet.add("bundles", bundle="AB", part="ZZ", pieces=1)
    two.settle()
    assert "没有“ZZ”" in str(two.rig.sheet.tables["bundles"][-1]["problem"])
    two.count(A=60, B=60)
    assert sum(two.shown("AB")) == shown
    assert promised(two, "B", AB=2) <= 60


def test_a_bundle_that_holds_itself_is_told(two: TwoShops) -> None:
    two.rig.sheet.add("bundles", bundle="AB", part="AB", pieces=1)
    two.settle()
    assert "装了它自己" in str(two.rig.sheet.tables["bundles"][0]["problem"])


def test_any_one_of_several_is_the_sum_and_takes_the_part_there_is_most_of() -> None:
    two = TwoShops()
    for code in ("A", "B", "X"):
        two.sell(FIRST, code, 0)
    bundle(two, "X", pick=True, A=1, B=1)
    two.settle()
    two.count(A=11, B=4)
    assert sum(two.shown("X")) == 5 + 2
    assert (sum(two.shown("A")), sum(two.shown("B"))) == (6, 2)
    tids = [two.buy(FIRST, "X") for _ in range(7)]
    two.settle()
    sent = [two.rig.row("lines", tid)["parts"] for tid in tids]
    assert (sent.count("A×1"), sent.count("B×1")) == (5, 2), "each part as far as nobody else has it on show"
    two.rig.sheet.type("lines", tids[0], pick="B")
    two.settle()
    assert two.rig.row("lines", tids[0])["parts"] == "B×1"


def test_raising_single_goods_waits_until_the_bundle_was_lowered(two: TwoShops) -> None:
    """The bundle's lowering is refused for a while: its pieces are promised to nobody else meanwhile."""
    two.worlds[FIRST].not_sent.add("change_stock")
    two.rig.sheet.tables["bundles"][0]["percent"] = two.rig.sheet.tables["bundles"][1]["percent"] = Decimal(0)
    two.settle()
    assert promised(two, "A", AB=1) <= 20
    assert promised(two, "B", AB=2) <= 20
    two.worlds[FIRST].not_sent.clear()
    two.settle()
    assert (sum(two.shown("AB")), sum(two.shown("A")), sum(two.shown("B"))) == (0, 20, 20)
