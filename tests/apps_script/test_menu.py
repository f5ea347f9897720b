"""The menu, its ticks and the hints while typing; and an engine in memory that obeys what the menu ticked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from addin.google.declared import item_name
from tests.apps_script.node import run, sheets_of
from tests.engine.rig import Rig
from workbook_templates.commands import COMMANDS_BY_NAME, COMMANDS_LIST
from workbook_templates.schema import TICK_MARK, Lang
from workbook_templates.tables import BY_NAME, TABLES

SHEET = BY_NAME["commands"]
COLUMN = {column.name: n for n, column in enumerate(SHEET.columns, 1)}


@pytest.fixture
def rig() -> Rig:
    """A shop whose engine ran once, so that the sheet 命令 has its rows."""
    rig = Rig()
    rig.world.order("1001", 1)
    rig.tick()
    return rig


def press(project: Path, rig: Rig, name: str, *answers: str | None, **more: Any) -> dict[str, Any]:
    """Press an item of the menu on the sheet as it stands, and let its writes stand there."""
    asked = run(
        project, sheets=sheets_of(rig.sheet.tables, rig.shop.lang), calls=[[item_name(COMMANDS_BY_NAME[name]), []]],
        answers=list(answers), **more,
    )  # fmt: skip
    assert asked["results"] == [None], asked["results"]
    for sheet, row, column, value in asked["log"]["writes"]:
        assert sheet == SHEET.zh
        cells = rig.sheet.tables["commands"][row - 2]
        cells[SHEET.columns[column - 1].name] = (
            value == TICK_MARK if column == COLUMN["go"] else value or None
        )
    assert asked["log"]["locks"] == (1 if more.get("locked") else 0)
    return dict(asked["log"])


@pytest.mark.parametrize("lang", list(Lang))
def test_the_menu_has_every_command_and_every_item_a_function(project: Path, lang: Lang) -> None:
    log = run(project, sheets=sheets_of({}, lang), calls=[["onOpen", []], ["onInstall", []]])["log"]
    title = "表猫" if lang is Lang.ZH else "Biaomao"
    wanted = [[title, command.label(lang), item_name(command)] for command in COMMANDS_LIST]
    assert log["menu"] == wanted * 2
    source = (project / "Menu.gs").read_text("utf-8")
    assert all(f"function {name}() {{" in source for _, _, name in wanted)


def test_a_press_is_obeyed_once_and_answered(project: Path, rig: Rig) -> None:
    assert press(project, rig, "backup")["toasts"] == [["备份", "下次同步时执行,回答写在“命令”表里"]]
    again = press(project, rig, "backup")
    assert again["writes"] == [] and "不用再点" in again["toasts"][0][1]
    rig.tick()
    row = rig.row("commands", "backup")
    assert "已执行" in str(row["answer"]) and row["answered_at"] and row["seen_go"]
    answered = row["answered_at"]
    rig.tick()
    assert rig.row("commands", "backup")["answered_at"] == answered  # once
    log = press(project, rig, "backup")
    assert "已清空" in log["toasts"][0][1] and [one[3] for one in log["writes"]] == [""]
    assert "下次同步后再点" in press(project, rig, "backup")["toasts"][0][1]
    rig.tick()
    press(project, rig, "backup")
    rig.tick()
    assert rig.row("commands", "backup")["answered_at"] != answered


def test_the_argument_is_asked_for_and_reaches_the_engine(project: Path, rig: Rig) -> None:
    log = press(project, rig, "refresh", " 1001 ", active=["订单", 2, 5])
    ((title, text),) = log["prompts"]
    assert title == "重新核对" and "订单编号" in text and text.endswith("选中的订单:1001")
    assert [one[3] for one in log["writes"]] == ["1001", TICK_MARK]
    rig.tick()
    assert "已执行" in str(rig.row("commands", "refresh")["answer"])
    assert rig.row("commands", "refresh")["argument"] == "1001"


def test_a_change_of_mind_writes_nothing(project: Path, rig: Rig) -> None:
    for name in ("ship", "accept_deletion"):
        log = press(project, rig, name, None)
        assert len(log["prompts"]) == 1 and log["writes"] == [] and log["toasts"] == []
    assert press(project, rig, "accept_deletion", "OK")["writes"][1][3] == TICK_MARK
    assert press(project, rig, "sync")["prompts"] == []


def test_a_busy_or_odd_sheet_is_one_sentence(project: Path, rig: Rig) -> None:
    assert "正忙" in press(project, rig, "sync", locked=True)["toasts"][0][1]
    sheets = sheets_of({})
    call = [[item_name(COMMANDS_BY_NAME["sync"]), []]]
    for odd, told in ((sheets, "找不到这个命令"), ({"订单": [["x"]]}, "没有“命令”这张表")):
        log = run(project, sheets=odd, calls=call)["log"]
        assert told in log["toasts"][0][1] and log["writes"] == [] and log["locks"] == 0


@pytest.mark.parametrize("lang", Lang)
def test_touching_a_column_of_the_engine_is_told_and_nothing_is_written(project: Path, lang: Lang) -> None:
    columns = [(table, at, column) for table in TABLES for at, column in enumerate(table.columns, start=1)]
    calls = [["onEdit", [table.sheet(lang), 2, at]] for table, at, _ in columns]
    whole = run(project, sheets=sheets_of({table.name: [{}] for table in TABLES}, lang), calls=calls)["log"]
    ours = [column.header(lang) for _, _, column in columns if column.owner.ours]
    hints = [text for _, text in whole["toasts"] if "表猫填写" in text or "kept by Biaomao" in text]
    assert len(hints) == len(ours) and all(name in text for name, text in zip(ours, hints, strict=True))
    assert whole["writes"] == []


@pytest.mark.parametrize("table", [table for table in TABLES if not any(c.owner.ours for c in table.columns)])
def test_a_sheet_of_people_alone_is_theirs(project: Path, table: Any) -> None:
    calls = [["onEdit", [table.sheet(Lang.ZH), 2, at]] for at in range(1, len(table.columns) + 1)]
    assert run(project, sheets=sheets_of({table.name: [{}]}), calls=calls)["log"]["toasts"] == []


def test_hints_for_headers_ticks_and_whole_blocks(project: Path, rig: Rig) -> None:
    calls = [
        ["onEdit", ["订单", 1, 3]],
        ["onEdit", ["命令", 2, COLUMN["go"]]],
        ["onEdit", ["库存", 2, 3, 4, 8]],
        ["onEdit", ["看板", 2, 3]],
        ["onEdit", ["订单", 2, 60]],
    ]
    sheets = {**sheets_of(rig.sheet.tables), "看板": [["x"]]}
    toasts = [text for _, text in run(project, sheets=sheets, calls=calls)["log"]["toasts"]]
    assert toasts == [
        "第一行是表头,请不要改动", "下次同步时执行,回答写在旁边", "“盘点时间”由表猫填写,下次同步时会改回",
    ]  # fmt: skip
