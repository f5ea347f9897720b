"""An older spreadsheet gets what it lacks in place: killed after any step it goes on, and what people made stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from google.oauth2 import service_account

from sync_engine.config import Config, load_config
from sync_engine.google_shop import google_stand_in, move_to_google
from sync_engine.opening import init_folder
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.moving import Cells, cells_of_spreadsheet, read_all
from sync_engine.stores.google.opening import open_calls, open_spreadsheet
from sync_engine.stores.google.upgrade import look, parts
from sync_engine.upgrading import look_for_upgrade, upgrade_workbook
from workbook_templates import build, dashboard
from workbook_templates.build import build_workbook
from workbook_templates.extras import Extras, Formula
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import BY_NAME, TABLES

LESS = {"products": frozenset({"supplier", "category"}), "orders": frozenset({"courier", "pay_time"})}
SOME = frozenset({"products", "orders", "bundles", "freight", "gift_rules", "settings"})
MINE, RULES = (
    "我的",
    {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "只用顺丰"}]}, "strict": False},
)


@dataclass(frozen=True, slots=True)
class Case:
    """The shop, its spreadsheet before and after, what each step said, and how many calls it took."""

    config: Config
    before: Cells
    after: Cells
    steps: list[tuple[str, ...]]
    sheets: dict[str, dict[str, Any]]


def shorter(table: Table) -> Table:
    """The table before its drop-downs grew by their last choice."""
    if table.name != "freight":
        return table
    return replace(table, columns=tuple(replace(one, choices=one.choices[:-1]) for one in table.columns))


def older(path: Path) -> None:
    """A workbook of an earlier version, with an own column right beside the goods and something in the way of the bundles."""
    less = {**LESS, "bundles": frozenset({"note"})}
    tables = tuple(
        shorter(replace(table, columns=tuple(one for one in table.columns if one.name not in less.get(table.name, ()))))
        for table in build.TABLES if table.name != "gift_rules"
    )  # fmt: skip
    goods, bundles = (
        len(next(one for one in tables if one.name == name).columns) for name in ("products", "bundles")
    )
    cells = {
        "商品": {(0, goods): "我的毛利", (1, goods): Formula("=F2-1")},
        "组合": {(4, bundles): "随手记的"},
        MINE: {(0, 0): Formula("='看板'!B6"), (1, 0): "看板!不是公式"},
    }
    rows = {"products": [{"sku_key": "1", "note": "甲"}, {"sku_key": "2"}]}
    with (
        mock.patch.object(build, "TABLES", tables),
        mock.patch.object(dashboard, "VERSION", 0),
        mock.patch.object(dashboard, "draw_profit", lambda *_: None),
    ):
        build_workbook(path, rows=rows, extras=Extras(cells=cells))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """A spreadsheet of a few tables, with neither statements nor a dashboard: those cost the stand-in most."""
    few = tuple(table for table in TABLES if table.name in SOME)
    with pytest.MonkeyPatch.context() as patch:
        for module in (build, look, parts):
            patch.setattr(module, "TABLES", few)
        patch.setattr(look, "SHEETS", {})
        patch.setattr(build, "write_statements", lambda *_: None)
        patch.setattr(build, "write_dashboard", lambda *_: None)
        patch.setattr(build, "write_guide", lambda *_: None)
        yield from stood_up(tmp_path_factory.mktemp("sheets"), patch)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """A whole spreadsheet with the dashboard of an earlier version."""
    with pytest.MonkeyPatch.context() as patch:
        yield from stood_up(tmp_path_factory.mktemp("whole"), patch)


def stood_up(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Case]:
    """Make the older shop, move it to Google, and upgrade it there."""
    patch.setattr(
        service_account.Credentials, "_is_regional_access_boundary_lookup_required", lambda self: False
    )
    patch.setattr(GoogleSandbox, "save", lambda self: None)
    init_folder(folder, Lang.ZH)
    older(load_config(folder).workbook)
    with google_stand_in(folder):
        move_to_google(folder)
        yield upgraded(load_config(folder))


def seen(calls: Calls, where: str, *tabs: str) -> dict[str, dict[str, Any]]:
    """These tabs with everything a test looks at."""
    cells = "userEnteredValue,userEnteredFormat,note,dataValidation"
    fields = f"sheets(properties,tables,protectedRanges,data(rowData(values({cells}))))"
    ranges = [f"'{tab}'!A1:BZ40" for tab in tabs]
    found = calls.spreadsheets_get(where, {"fields": fields, "ranges": ranges})["sheets"]
    return {one["properties"]["title"]: one for one in found}


def upgraded(config: Config) -> Case:
    """Upgrade it, killed before each second call of a run."""
    calls, where = open_calls(config.google), config.google.spreadsheet
    sheets = seen(calls, where, "商品", "运费表")
    at = {title: sheet["properties"]["sheetId"] for title, sheet in sheets.items()}
    heads = sheets["运费表"]["data"][0]["rowData"][0]["values"]
    courier = next(n for n, cell in enumerate(heads) if cell["userEnteredValue"]["stringValue"] == "快递")
    one = {"sheetId": at["运费表"], "startRowIndex": 4, "endRowIndex": 5, "startColumnIndex": courier, "endColumnIndex": courier + 1}  # fmt: skip
    note = {"range": {"sheetId": at["商品"], "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1},
            "cell": {"note": "常卖"}, "fields": "note"}  # fmt: skip
    calls.batch_update(where, {"requests": [{"setDataValidation": {"range": one, "rule": RULES}}, {"repeatCell": note}]})  # fmt: skip
    before = cells_of_spreadsheet(read_all(calls, where)[1])
    steps = []
    real = Calls.batch_update
    for _ in range(9):
        done: list[int] = []

        def once(self: Calls, id: str, body: Any, done: list[int] = done) -> Any:
            if done:
                raise KeyboardInterrupt
            done.append(1)
            return real(self, id, body)

        steps.append(look_for_upgrade(config).added)
        if not steps[-1]:
            break
        with mock.patch.object(Calls, "batch_update", once):
            try:
                upgrade_workbook(config, lambda _: None)
            except KeyboardInterrupt:
                continue
    tabs = ("商品", "运费表", "订单", "赠品规则", "看板数据")
    shown = seen(calls, where, *tabs)
    return Case(config, before, cells_of_spreadsheet(read_all(calls, where)[1]), steps, shown)


def test_each_step_is_done_once_and_the_next_run_goes_on(case: Case) -> None:
    assert [len(step) for step in case.steps] == [6, 5, 3, 2, 0]
    assert any("您自己的列" in line and "算进表格" in line for line in case.steps[0])
    assert "“运费表”的“快递”下拉补上:德邦快递" in case.steps[-2]
    a_second_run_changes_nothing(case)


def a_second_run_changes_nothing(case: Case) -> None:
    with mock.patch.object(Calls, "batch_update", side_effect=AssertionError("nothing is left to write")):
        left = upgrade_workbook(case.config, lambda _: None)
    assert left.added == () and "“组合”缺 备注" in left.blocked[0]
    where = case.config.google.spreadsheet
    assert cells_of_spreadsheet(read_all(open_calls(case.config.google), where)[1]) == case.after


def test_nothing_that_stood_there_changed(case: Case) -> None:
    assert {at: case.after.get(at) for at in case.before} == case.before
    assert case.sheets["商品"]["data"][0]["rowData"][1]["values"][0]["note"] == "常卖"


@pytest.mark.long
def test_formulas_follow_the_old_dashboard_to_its_new_name(whole: Case) -> None:
    kept = {
        ("看板(旧)" if at[0] == "看板" else "看板数据(旧)" if at[0] == "看板数据" else at[0], *at[1:]): text
        for at, text in whole.before.items()
    }
    renamed = {
        at: text.replace("'看板'!", "'看板(旧)'!").replace("'看板数据'!", "'看板数据(旧)'!") if text.startswith("=") else text
        for at, text in kept.items()
    }  # fmt: skip
    assert {at: whole.after.get(at) for at in renamed} == renamed
    assert whole.steps[-2] == ("“看板”换成新的;原来的一张不动,改名“看板(旧)”放到最后,不要了可以删",)
    assert whole.sheets["看板数据"]["properties"]["hidden"]
    a_second_run_changes_nothing(whole)


def test_new_columns_are_whole(case: Case) -> None:
    store = open_spreadsheet(case.config.google, Lang.ZH)
    views = store.read({}).tables
    assert not [fault for name in SOME - {"bundles"} for fault in views[name].faults]
    sheet = case.sheets["商品"]
    first, row = (line["values"] for line in sheet["data"][0]["rowData"][:2])
    heads = [cell.get("userEnteredValue", {}).get("stringValue") for cell in first]
    assert heads[-3:] == ["我的毛利", "类目", "供应商"] or set(heads[-2:]) == {"类目", "供应商"}
    table = sheet["tables"][0]
    assert (
        table["range"]["endColumnIndex"] == len(heads) == sheet["properties"]["gridProperties"]["columnCount"]
    )
    assert [one["columnName"] for one in table["columnProperties"]] == heads
    assert first[-1]["userEnteredFormat"]["textFormat"]["bold"] and first[-1]["note"]
    old, new = row[heads.index("备注")], row[heads.index("供应商")]
    assert new["userEnteredFormat"]["numberFormat"] == old["userEnteredFormat"]["numberFormat"]
    orders = case.sheets["订单"]
    places = [
        cell.get("userEnteredValue", {}).get("stringValue")
        for cell in orders["data"][0]["rowData"][0]["values"]
    ]
    at = places.index("快递")
    assert any(one["range"]["startColumnIndex"] <= at < one["range"]["endColumnIndex"] for one in orders["protectedRanges"])  # fmt: skip
    gift = BY_NAME["gift_rules"]
    assert [cell["userEnteredValue"]["stringValue"] for cell in case.sheets[gift.zh]["data"][0]["rowData"][0]["values"][:3]] == [one.zh for one in gift.columns[:3]]  # fmt: skip


def test_a_drop_down_grows_in_every_cell_that_had_it_and_in_no_other(case: Case) -> None:
    rows = case.sheets["运费表"]["data"][0]["rowData"]
    at = [cell["userEnteredValue"]["stringValue"] for cell in rows[0]["values"]].index("快递")
    rules = [row["values"][at].get("dataValidation") for row in rows[1:] if len(row.get("values", ())) > at]
    labels = [choice.zh for choice in BY_NAME["freight"].column("courier").choices]
    assert rules[3] == RULES
    others = [[one["userEnteredValue"] for one in rule["condition"]["values"]] for n, rule in enumerate(rules) if n != 3]  # fmt: skip
    assert len(others) > 20 and all(one == labels for one in others)
