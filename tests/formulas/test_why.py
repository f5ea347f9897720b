"""A price, or the lack of one, is told in the order's row."""

from __future__ import annotations

from decimal import Decimal

from tests.engine.rig import Rig


def test_no_price_and_no_default_waits_for_a_person_and_says_why() -> None:
    rig = Rig()
    rig.sheet.tables["freight"].clear()
    rig.world.order("1001", 1)
    rig.settle()
    row = rig.row("orders", "1001")
    assert not rig.world.effects("buy")
    assert "运费表" in f"{row['courier_why']}{row['problem']}"
    rig.sheet.add("freight", rate_id="F9", courier="STO", provinces="浙江", first_price=Decimal("2.80"))
    rig.settle()
    row = rig.row("orders", "1001")
    assert (row["courier"], row["freight"]) == ("STO", Decimal("2.80"))
    assert "F9" in str(row["courier_why"])


def test_a_courier_without_a_price_says_why_its_freight_is_empty() -> None:
    rig = Rig()
    rig.sheet.tables["freight"].clear()
    rig.sheet.add("freight", rate_id="F9", courier="STO", provinces="西藏", first_price=Decimal("2.80"))
    rig.sheet.add("courier_rules", rule_id="R1", title="全走中通", priority=1, enabled=True, courier="ZTO")
    rig.world.order("1001", 1)
    rig.world.order("1002", 1)
    rig.tick(0)
    rig.sheet.type("orders", "1002", courier_wanted="STO")
    rig.settle()
    first, second = rig.row("orders", "1001"), rig.row("orders", "1002")
    assert (first["courier"], first["freight"], second["courier"], second["freight"]) == (
        "ZTO",
        None,
        "STO",
        None,
    )
    assert "→中通;运费表里没有中通,估运费空着" in str(first["courier_why"])
    assert "运费表里申通没有 浙江省 " in str(second["courier_why"])
    assert str(second["courier_why"]).count("估运费空着") == 1
