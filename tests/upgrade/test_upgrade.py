"""An older workbook gets what it lacks, and nothing that stands in it changes."""

from __future__ import annotations

import os
import re
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from sync_engine.config import CONFIG_NAME, Config, default_text, load_config
from sync_engine.errors import BusyError
from sync_engine.opening import init_folder, open_shop
from sync_engine.sandbox.world import create_world
from sync_engine.shop import tick
from sync_engine.stores.xlsx.sheet import cells_of, column_letters
from sync_engine.stores.xlsx.upgrade import lacking
from sync_engine.upgrading import look_for_upgrade, upgrade_workbook
from tests.cli.conftest import said_by
from tests.engine.rig import Rig
from tests.sandbox.raw import START
from tests.upgrade.older import GONE, LESS, make_older
from tests.xlsx.packed import changed, members, part
from tests.xlsx.rich import OWN, make_rich
from workbook_templates.build import build_workbook
from workbook_templates.extras import Extras, Formula
from workbook_templates.schema import Lang, defined_name
from workbook_templates.spare import build_spare
from workbook_templates.tables import BY_NAME


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An older workbook with thirty orders and everything people put beside them."""
    path = tmp_path_factory.mktemp("older") / "店铺.xlsm"
    make_older(path, make_rich)
    return path


@pytest.fixture(scope="module")
def newer(rich: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The shop of that workbook after its upgrade."""
    config = shop_with(tmp_path_factory.mktemp("newer"), rich)
    upgrade_workbook(config, nothing)
    return config


@pytest.fixture(scope="module")
def book(newer: Config) -> Any:
    """The upgraded workbook as another program reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it knows no sparklines
        return openpyxl.load_workbook(newer.workbook)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain older workbook: one sheet and two columns less, and never any statements."""
    path = tmp_path_factory.mktemp("small") / "店铺.xlsx"
    rows = {"products": [{"sku_key": "1", "note": "x"}]}
    make_older(
        path, lambda path: build_workbook(path, rows=rows), gone={"gift_rules"}, less={"products": {"supplier", "cost"}},
        dashboard=False,
    )  # fmt: skip
    return path


@pytest.fixture
def config(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A shop with the plain one."""
    monkeypatch.setattr(lacking, "SHEETS", {})
    return shop_with(tmp_path, small)


def shop_with(folder: Path, workbook: Path) -> Config:
    """A shop folder with this workbook, of which no tick was made."""
    (folder / CONFIG_NAME).write_text(default_text(), "utf-8")
    config = load_config(folder)
    config.workbook.write_bytes(workbook.read_bytes())
    return config


def nothing(why: str) -> None:
    """No backup."""


def cells(path: Path, name: str) -> dict[str, bytes]:
    """Every cell of a sheet with contents or a format, as its bytes."""
    xml = part(path, name).encode()
    found = {}
    for row in re.findall(rb"<row\b.*?</row>", xml, re.S):
        number = re.search(rb'\br="(\d+)"', row)
        assert number is not None
        for cell in cells_of(row):
            found[f"{cell.column}/{number[1].decode()}"] = row[cell.start : cell.end]
    return found


def sheet_part(path: Path, tab: str) -> str:
    book = part(path, "xl/workbook.xml")
    relation = re.search(rf'<sheet [^>]*name="{tab}"[^>]*r:id="(\w+)"', book)
    assert relation is not None
    target = re.search(rf'Id="{relation[1]}"[^>]*Target="([^"]*)"', part(path, "xl/_rels/workbook.xml.rels"))
    assert target is not None
    return f"xl/{target[1]}"


class TestPatch:
    def test_what_is_not_concerned_stays_byte_for_byte(self, rich: Path, newer: Config) -> None:
        before, after = members(rich), members(newer.workbook)
        touched = {name for name in changed(before, after) if name in before}
        tables = {
            name for name in before
            if name.startswith("xl/tables/") and any(f'"bm_{table}"' in part(rich, name) for table in LESS)
        }  # fmt: skip
        sheets = {sheet_part(rich, tab) for tab in ("看板", "订单", "商品", "凭证")}
        lists = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml"}
        assert touched == tables | sheets | lists
        assert list(after)[: len(before)] == list(before), "new parts stand at the end"
        for name in sheets:
            now = cells(newer.workbook, name)
            assert {ref: now.get(ref) for ref in cells(rich, name)} == cells(rich, name)

    def test_the_new_parts_are_sound_and_another_reader_reads_them(self, newer: Config, book: Any) -> None:
        with zipfile.ZipFile(newer.workbook) as file:
            assert file.testzip() is None
            for name in file.namelist():
                if name.endswith((".xml", ".rels")):
                    ElementTree.fromstring(file.read(name))
        for name in GONE:
            table = BY_NAME[name]
            sheet = book[table.zh]
            assert [cell.value for cell in sheet[1]][: len(table.columns)] == [
                column.zh for column in table.columns
            ]
        products = book["商品"]
        heads = [cell.value for cell in products[1]]
        assert set(heads[-3:]) == {"状态", "类目", "供应商"} and products.tables[
            "bm_products"
        ].ref.startswith(f"A1:{column_letters(len(heads))}")
        assert [column.name for column in products.tables["bm_products"].tableColumns] == heads
        ids = [one.id for sheet in book for one in sheet.tables.values()]
        assert len(set(ids)) == len(ids)
        for name, columns in LESS.items():
            for column in columns:
                ref = book.defined_names[defined_name(BY_NAME[name], BY_NAME[name].column(column))].attr_text
                tab, place = ref.replace("'", "").replace("$", "").split("!")
                assert book[tab][place].value == BY_NAME[name].column(column).zh
        links = {
            cell.hyperlink.location
            for row in book["看板"].iter_rows(min_row=70)
            for cell in row
            if cell.hyperlink
        }
        assert {f"'{BY_NAME[name].zh}'!A1" for name in GONE} <= links
        assert book[OWN]["B2"].value == "=SUM(bm_orders[总金额])"
        assert "选项2" not in book.sheetnames, "the drop-down list that was there is used"

    def test_cells_of_new_columns_wear_their_own_format(self, book: Any) -> None:
        sheet = book["订单"]
        heads = {cell.value: cell.column for cell in sheet[1]}
        paid, courier = sheet.cell(2, heads["付款时间"]), sheet.cell(2, heads["快递"])
        assert paid.number_format == "yyyy-mm-dd hh:mm" and paid.protection.locked
        assert sheet.cell(31, heads["付款时间"]).number_format == "yyyy-mm-dd hh:mm"
        assert sheet.cell(2, heads["处理状态"]).fill.fgColor.rgb == courier.fill.fgColor.rgb
        goods = {cell.value: cell.column for cell in book["商品"][1]}
        supplier = book["商品"].cell(2, goods["供应商"])
        assert not supplier.protection.locked

    def test_a_second_run_finds_nothing(self, newer: Config) -> None:
        config, whole = newer, newer.workbook.read_bytes()
        assert look_for_upgrade(config).sentence(Lang.ZH) == "不缺什么,不用升级"
        upgrade_workbook(config, nothing)
        assert config.workbook.read_bytes() == whole

    def test_statements_read_the_columns_where_they_are(self, book: Any, tmp_path: Path) -> None:
        """凭证 got two columns at its right end, so that a new workbook's letters would read others."""
        path = tmp_path / "new.xlsx"
        build_spare(path, Lang.ZH, (), {}, statements=True)
        theirs = dict(
            re.findall(r'<c r="([A-Z]+[6-8])"[^>]*><f>([^<]*)</f>', part(path, "xl/worksheets/sheet1.xml"))
        )
        for name, least in (("account_sums", 6), ("postings", 1)):
            sheet = BY_NAME[name].zh
            heads = {column_letters(cell.column): cell.value for cell in book[sheet][1]}
            declared = {column_letters(n): column.zh for n, column in enumerate(BY_NAME[name].columns, 1)}
            seen = 0
            for place, formula in theirs.items():
                here = book["科目余额"][place].value
                if f"'{sheet}'!" in formula:
                    meant = [declared[letter] for letter in re.findall(rf"'{sheet}'!\$([A-Z]+):", formula)]
                    assert [heads[letter] for letter in re.findall(rf"'{sheet}'!\$([A-Z]+):", here)] == meant
                    seen += 1
            assert seen > least

    def test_killed_before_the_file_is_replaced_nothing_is_half(
        self, config: Config, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = config.workbook.read_bytes()

        def die(handle: int) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", die)
            with pytest.raises(KeyboardInterrupt):
                upgrade_workbook(config, nothing)
        assert config.workbook.read_bytes() == whole
        assert not [one for one in config.workbook.parent.iterdir() if one.suffix == ".tmp"]
        upgrade_workbook(config, nothing)
        assert config.workbook.read_bytes() != whole

    def test_an_open_workbook_is_left_alone(self, config: Config) -> None:
        whole = config.workbook.read_bytes()
        config.workbook.with_name(f".~lock.{config.workbook.name}#").write_text(",小王,pc,2026;", "utf-8")
        with pytest.raises(BusyError, match="先保存、关闭"):
            upgrade_workbook(config, nothing)
        assert config.workbook.read_bytes() == whole


def rows_of(path: Path, tab: str) -> list[list[Any]]:
    """A sheet's cells as another program reads them."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(tab).to_python(skip_empty_area=False)


def test_what_people_made_of_their_sheets_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own columns are taken into the table, what is in the way is told, a renamed column stays theirs."""
    monkeypatch.setattr(lacking, "SHEETS", {})
    less = {"products": {"supplier", "cost"}, "bundles": {"note"}, "suppliers": set(BY_NAME["suppliers"].key)}
    width = {
        name: len(BY_NAME[name].columns) - len(less.get(name, ()))
        for name in ("products", "bundles", "partners")
    }
    note = [c.name for c in BY_NAME["campaigns"].columns].index("note")
    extras = Extras(cells={
        "商品": {(0, width["products"]): "我的毛利", (1, width["products"]): Formula("=F2-1"),
               (0, width["products"] + 1): "谁负责", (1, width["products"] + 1): "小王"},
        "组合": {(4, width["bundles"]): "随手记的"},
        "大促": {(0, note): "我的备注"},
    })  # fmt: skip
    path = tmp_path / "old.xlsx"
    make_older(
        path,
        lambda path: build_workbook(path, extras=extras),
        gone={"gift_rules"},
        less=less,
        dashboard=False,
    )
    config = shop_with(tmp_path, path)
    done = upgrade_workbook(config, nothing)
    assert done.added[0] == "加工作表“赠品规则”" and "您自己的列(我的毛利、谁负责)" in done.added[-1]
    key = column_letters(width["bundles"] + 1)
    assert done.blocked == (
        f"“组合”缺 备注,但 {key} 列右边挨着有别的内容,加不进去:把那里的内容移到别处再升级",
        "“供应商”找不到身份列,这张表不升级:先把表头改回来",
    )
    heads, first = rows_of(config.workbook, "商品")[:2]
    assert (
        heads[width["products"] :] == ["我的毛利", "谁负责", "供应商", "成本"]
        and first[width["products"] + 1] == "小王"
    )
    table = next(text for text in tables_of(config.workbook) if '"bm_products"' in text)
    names = re.findall(r'<tableColumn [^>]*name="([^"]*)"', table)
    assert names == heads and f'ref="A1:{column_letters(len(heads))}2"' in table
    assert (
        "我的备注" in rows_of(config.workbook, "大促")[0]
        and "备注" not in rows_of(config.workbook, "大促")[0]
    )
    assert any("随手记的" in row for row in rows_of(config.workbook, "组合"))


def tables_of(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as file:
        return [file.read(name).decode() for name in file.namelist() if "/tables/" in name]


def test_the_tick_works_with_the_new_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is told with the command's name; after it the new columns are filled and the to-dos are solved."""
    folder = tmp_path / "shop"
    monkeypatch.setattr(lacking, "SHEETS", {})
    make_older(
        folder, lambda path: init_folder(path, Lang.ZH), gone=GONE - {"courier_rules"}, dashboard=False
    )
    config = load_config(folder)
    create_world(config.room("sandbox"), seed=3, orders=12, start=START, skus=6, shop=config.shop)
    with open_shop(folder) as opened:
        opened.shop.clock.sleep(8 * 3600)
        tick(opened.shop)
    assert any("biaomao upgrade" in str(row) for row in rows_of(config.workbook, "待处理"))
    orders = rows_of(config.workbook, "订单")
    assert len(orders) > 3 and "付款时间" not in orders[0]
    looked = said_by("upgrade", "--dry-run", "--json", "--folder", folder)
    assert looked.code == 0 and len(looked.json["added"]) == 6
    assert rows_of(config.workbook, "订单") == orders
    done = said_by("upgrade", "--folder", folder)
    assert "加工作表“仓库”" in done.out and any(
        "before_upgrade" in one.name for one in (folder / "backups").iterdir()
    )
    with open_shop(folder) as opened:
        opened.shop.clock.sleep(60)
        assert not tick(opened.shop).pending
    now = rows_of(config.workbook, "订单")
    paid = now[0].index("付款时间")
    assert all(row[paid] for row in now[1:] if row[now[0].index("处理状态")] not in ("", "待付款", "已关闭"))
    todos = rows_of(config.workbook, "待处理")
    state = todos[0].index("状态")
    assert {row[state] for row in todos[1:] if "biaomao upgrade" in str(row)} == {"已解决"}


def test_the_command_in_the_sheet_is_answered(tmp_path: Path) -> None:
    rig = Rig()
    rig.shop = replace(rig.shop, upgrade=lambda: "加工作表“仓库”")
    tick(rig.shop)
    rig.sheet.type("commands", "upgrade", go=True)
    rig.world.clock.sleep(60)
    tick(rig.shop)
    rig.world.clock.sleep(60)
    tick(rig.shop)
    assert rig.sheet.row("commands", "upgrade")["answer"] == "加工作表“仓库”"
