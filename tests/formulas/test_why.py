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
