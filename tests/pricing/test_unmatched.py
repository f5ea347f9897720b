"""Products whose merchant code is empty or doubled: told once, grouped where they are many, gone when matched."""

from __future__ import annotations

from dataclasses import replace

from sync_engine.unmatched import ONE_BY_ONE
from tests.engine.rig import Rig


def open_reasons(rig: Rig, code: str = "") -> list[str]:
    return [
        str(one["reason"])
        for one in rig.sheet.tables["todo"]
        if one["state"] == "open" and code in str(one["reason"])
    ]


def change(rig: Rig, sku: str, **more: object) -> None:
    rig.world.skus[sku] = replace(rig.world.skus[sku], modified=rig.world.clock.now(), **more)  # type: ignore[arg-type]


def test_a_sku_without_a_code_is_told_until_it_has_one() -> None:
    rig = Rig()
    rig.world.sku("801", 5)
    change(rig, "801", outer_id="")
    rig.tick()
    assert open_reasons(rig) == ["SKU 801 在天猫没有商家编码,库存按 SKU ID 单独计"]
    (todo,) = rig.sheet.tables["todo"]
    assert "商品编辑页填上商家编码" in str(todo["advice"])
    rig.settle()
    assert len(rig.sheet.tables["todo"]) == 1
    change(rig, "801", outer_id="A-9")
    rig.tick(60 * 7)
    assert open_reasons(rig) == [] and not rig.row("products", "801")["problem"]


def test_a_code_on_two_skus_of_a_shop_is_told_once_and_beside_both() -> None:
    rig = Rig()
    for sku in ("801", "802"):
        rig.world.sku(sku, 5)
        change(rig, sku, outer_id="SAME")
    rig.tick()
    assert open_reasons(rig) == ["“测试店”有 2 个 SKU 都用商家编码 SAME,可卖数平分"]
    assert all("还有别的 SKU" in str(rig.row("products", sku)["problem"]) for sku in ("801", "802"))
    change(rig, "802", outer_id="OTHER")
    rig.tick(60 * 7)
    assert open_reasons(rig) == [] and not rig.row("products", "801")["problem"]


def test_many_are_one_todo_and_what_was_deleted_at_tmall_is_none() -> None:
    rig = Rig()
    for n in range(ONE_BY_ONE + 5):
        rig.world.sku(f"9{n:03d}", 5)
        change(rig, f"9{n:03d}", outer_id="")
    rig.tick()
    assert open_reasons(rig) == ["“测试店”有 15 个 SKU 没有商家编码,例如 9000、9001、9002"]
    for n in range(ONE_BY_ONE, ONE_BY_ONE + 5):
        change(rig, f"9{n:03d}", status="delete")
    rig.tick(60 * 7)
    assert len(open_reasons(rig)) == ONE_BY_ONE
    rig.lose_journal()
    rig.settle()
    assert len(open_reasons(rig)) == ONE_BY_ONE
