"""Who changed what when: one document's way, from what was noted and from what is known anyway."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from sync_engine.commanding import run_command
from sync_engine.stores.xlsx.saver import last_saver
from sync_engine.trail import commands_given, history_of
from tests.aftersale.shop import refund, shipped
from tests.engine.rig import Rig
from workbook_templates.schema import Lang


def lines(rig: Rig, key: str) -> list[tuple[str, str]]:
    assert rig.journal is not None
    return [(one.who, f"{one.where} {one.what}") for one in history_of(rig.journal, key, Lang.ZH)]


def has(rig: Rig, key: str, who: str, text: str) -> bool:
    return any(who == one and text in what for one, what in lines(rig, key))


@pytest.fixture
def rig() -> Rig:
    """An order that left, whose marks were typed by somebody the file names."""
    rig = Rig()
    rig.shop = replace(rig.shop, saver=lambda: "小王")
    return shipped(2, rig=rig)


def test_what_was_sent_after_an_order_is_part_of_its_way(rig: Rig) -> None:
    rig.sheet.add("own_orders", kind="reship", of_order="1001", goods="A-1")
    rig.settle()
    rig.sheet.type("own_orders", "O001", ready=True)
    rig.settle()
    tid = str(rig.row("own_orders", "O001")["order"])
    assert has(rig, "1001", "小王", "手工订单 O001 可以发: 空 → ✓")
    assert has(rig, "1001", "表猫", f"运单 {tid}-1")
    assert not has(rig, tid, "小王", "发货标记"), "the original's own way is told with the original"


def test_an_orders_way_is_told_from_its_start(rig: Rig) -> None:
    rig.sheet.type("orders", "1001", note="客户催单", hold=True)
    rig.settle()
    rig.sheet.type("orders", "1001", note="已答复")
    rig.settle()
    refund(rig, "1001", "WAIT_SELLER_AGREE")
    rig.settle()
    assert has(rig, "1001", "小王", "订单 1001 发货标记: 空 → ✓")
    assert has(rig, "1001", "小王", "店内备注: 客户催单 → 已答复")
    assert has(rig, "1001", "表猫", "处理状态: 待打印 → 已发货") or has(rig, "1001", "表猫", "→ 已发货")
    assert has(rig, "1001", "天猫", "付款时间")
    assert has(rig, "1001", "表猫", "通知天猫发货: 成功")
    assert has(rig, "1001", "表猫", "取单号: 成功")
    assert has(rig, "1001", "表猫", "库存流水:销售出库 A-1")
    assert has(rig, "1001", "表猫", "待处理:")
    assert rig.journal is not None
    events = history_of(rig.journal, "1001", Lang.ZH)
    assert [one.at for one in events] == sorted(one.at for one in events)


def test_what_is_of_one_second_is_told_in_the_order_of_cause(rig: Rig) -> None:
    """Staff mark an order, a waybill is bought, Tmall is told, the cells and the ledger say so."""
    assert rig.journal is not None
    events = history_of(rig.journal, "1001", Lang.ZH)
    for name in ("moves", "trail", "intents"):  # as if the whole way had taken one second
        column = {"moves": "posted_at", "trail": "at", "intents": "called_at"}[name]
        rig.journal.rows._db.run(f"UPDATE {name} SET {column} = '2030-01-01 00:00:00'")
    told = [one.what for one in history_of(rig.journal, "1001", Lang.ZH) if one.at.year == 2030]
    assert len(told) > 5 and len(told) <= len(events)
    steps = ["发货标记: 空 → ✓", "取单号: 成功", "通知天猫发货: 成功", "处理状态: ", "库存流水:销售出库"]
    places = [next(at for at, what in enumerate(told) if step in what) for step in steps]
    assert places == sorted(places)


def test_a_parcel_is_found_by_its_waybill_and_a_setting_by_its_name(rig: Rig) -> None:
    code = str(rig.row("waybills", "1001-1")["waybill_code"])
    assert {what.split()[0] for _, what in lines(rig, code)} == {"运单"}
    rig.sheet.type("settings", "buffer_minutes", value="30")
    rig.settle()
    rig.sheet.type("settings", "buffer_minutes", value="5")
    rig.settle()
    for name in ("buffer_minutes", "付款后等待(分钟)"):
        assert [what for _, what in lines(rig, name)][-1].endswith("值: 30 → 5")
    rig.sheet.type("freight", "F001", note="新合同")
    rig.settle()
    assert has(rig, "F001", "小王", "运费表 F001 备注: 空 → 新合同")
    assert lines(rig, "没有这个") == []


def test_what_was_typed_over_our_cells_is_told(rig: Rig) -> None:
    rig.sheet.type("orders", "1001", stage="closed")
    rig.settle()
    assert has(rig, "1001", "店里的人", "已放回")


def test_masked_cells_and_hidden_ones_are_not_noted(rig: Rig) -> None:
    receiver = replace(rig.world.trades["1001"].receiver, name="李**", mobile="139****1111")
    rig.world.change("1001", receiver=receiver)
    rig.settle()
    rig.sheet.type("orders", "1001", note="打 13912345678 给李四")
    rig.settle()
    assert has(rig, "1001", "小王", "打 139")
    assert not any("13912345678" in what for _, what in lines(rig, "1001"))
    assert not any("139****1111" in what or "李**" in what for _, what in lines(rig, "1001"))


def test_without_the_journal_the_times_of_the_rows_are_left(rig: Rig) -> None:
    rig.lose_journal()
    rig.settle()
    assert has(rig, "1001", "表猫", "取号时间")
    assert not has(rig, "1001", "小王", "发货标记")


def test_old_changes_are_let_go(rig: Rig) -> None:
    assert has(rig, "1001", "小王", "发货标记: 空 → ✓")
    rig.world.clock.sleep(181 * 86400)
    rig.sheet.type("orders", "1001", note="半年后")
    rig.settle()
    assert not has(rig, "1001", "小王", "发货标记: 空 → ✓")
    assert has(rig, "1001", "小王", "半年后")


def test_the_command_answers_in_the_sheet_and_everywhere(rig: Rig) -> None:
    rig.sheet.type("commands", "history", go=True, argument="1001")
    rig.settle()
    answer = str(rig.row("commands", "history")["answer"])
    assert "通知天猫发货: 成功" in answer
    done = run_command(rig.shop, "history", "1001", "王@电脑")
    assert done.good
    assert "通知天猫发货: 成功" in done.answer
    assert "没有" in run_command(rig.shop, "history", "9999").answer
    run_command(rig.shop, "sync", "", "王@电脑")
    assert rig.journal is not None
    assert [(one.who, one.where) for one in commands_given(rig.journal, Lang.ZH)] == [
        ("小王", "查历史"), ("王@电脑", "同步"),
    ]  # fmt: skip


def test_who_saved_a_file_is_read_from_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"

    def file(core: str) -> str:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("docProps/core.xml", core)
        return last_saver(path)

    assert file("<x><cp:lastModifiedBy>王 &amp; 李</cp:lastModifiedBy></x>") == "王 & 李"
    assert file("<cp:lastModifiedBy>Biaomao</cp:lastModifiedBy>") == ""
    assert file("<x/>") == ""
    path.write_bytes(b"no zip")
    assert last_saver(path) == ""
    assert last_saver(tmp_path / "none.xlsx") == ""
