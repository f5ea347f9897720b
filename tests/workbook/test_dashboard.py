"""The dashboard's numbers, as LibreOffice works them out, against the same numbers worked out in Python."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import Convert
from tests.workbook.samples import expected_dashboard, sample_rows
from workbook_templates.build import build_workbook
from workbook_templates.dashboard import GOODS, PLACES, TILES, TODOS, TREND
from workbook_templates.dashboard.data import DATA_SHEET
from workbook_templates.schema import Lang
from workbook_templates.tables import BY_NAME, DASHBOARD_SHEET
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, label_of

pytestmark = pytest.mark.office
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def sheets(path: Path) -> tuple[Worksheet, Worksheet]:
    """Dashboard and hidden data sheet with their values."""
    book = openpyxl.load_workbook(path, data_only=True)
    return book.worksheets[0], next(sheet for sheet in book.worksheets if sheet.title in DATA_SHEET.values())


def tiles(sheet: Worksheet) -> list[object]:
    """The eight big numbers."""
    return [sheet.cell(TILES + 2 + 4 * (n // 4), 2 + 6 * (n % 4)).value for n in range(8)]


def pairs(sheet: Worksheet, first: int, key: int, value: int, rows: int) -> dict[str, object]:
    """A list on the dashboard as a dictionary."""
    cells = [(sheet.cell(row, key).value, sheet.cell(row, value).value) for row in range(first, first + rows)]
    return {str(k): v for k, v in cells if k not in (None, "")}


def assert_agrees(path: Path, lang: Lang, wanted: dict[str, object]) -> None:
    sheet, data = sheets(path)
    names = ("created", "sales", "consigned", "to_ship", "person", "todos", "refunds", "low")
    got = dict(zip(names, tiles(sheet), strict=True))
    assert round(Decimal(str(got.pop("sales"))), 2) == wanted["sales"]
    assert got == {name: wanted[name] for name in got}
    stages = pairs(sheet, TREND + 3, 14, 17, len(ORDER_STAGE))
    zh = lang is Lang.ZH
    assert {k: v for k, v in stages.items() if v} == {
        label_of(ORDER_STAGE, k, zh): v for k, v in _dict(wanted, "stages").items()
    }
    days = {data.cell(row, 4).value: data.cell(row, 5).value for row in range(2, 16)}
    assert days == wanted["days"]
    couriers = pairs(sheet, PLACES + 3, 2, 4, 10)
    assert couriers == {label_of(COURIERS, k, zh): v for k, v in _dict(wanted, "couriers").items()}
    assert list(couriers.values()) == sorted(couriers.values(), key=lambda n: -int(str(n)))
    provinces = {re.sub("[A-Za-z ]", "", k): v for k, v in pairs(sheet, PLACES + 3, 14, 16, 10).items()}
    every = {re.sub("(省|市|维吾尔自治区|自治区)$", "", k): v for k, v in _dict(wanted, "provinces").items()}
    assert list(provinces.values()) == sorted(every.values(), reverse=True)[:10]
    assert all(every[name] == count for name, count in provinces.items())
    sold = pairs(sheet, GOODS + 3, 2, 11, 10)
    assert list(sold.values()) == sorted(_dict(wanted, "sold").values(), reverse=True)[:10]
    assert all(_dict(wanted, "sold")[code] == pieces for code, pieces in sold.items())


def _dict(wanted: dict[str, object], name: str) -> dict[str, int]:
    found = wanted[name]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("lang", [Lang.ZH, pytest.param(Lang.EN, marks=pytest.mark.long)], indirect=True)
def test_numbers_agree(filled: Path, lang: Lang, recalculated: Callable[[Path], Path]) -> None:
    rows = sample_rows()
    path = recalculated(filled)
    assert_agrees(path, lang, expected_dashboard(rows))
    sheet, _ = sheets(path)
    low = pairs(sheet, GOODS + 3, 14, 21, 10)
    few = {str(row["stock_code"]): row["sellable"] for row in rows["stock"] if int(str(row["sellable"])) <= 5}
    assert low == few and list(low.values()) == sorted(few.values(), key=lambda n: int(str(n)))
    reasons = [sheet.cell(TODOS + 3 + n, 10).value or "" for n in range(6)]
    assert [r for r in reasons if r] == [row["reason"] for row in rows["todo"] if row["state"] == "open"][:6]


@pytest.mark.long
def test_a_chosen_day(tmp_path: Path, recalculated: Callable[[Path], Path]) -> None:
    """Somebody types a date into the white cell: tiles and lists are of that day."""
    rows = sample_rows()
    path = tmp_path / "shop.xlsx"
    build_workbook(path, rows=rows)
    wanted = expected_dashboard(rows, back=timedelta(days=4))
    day = wanted["day"]
    assert isinstance(day, datetime)
    _type(path, "W2", (day - datetime(1899, 12, 30)).days)
    assert_agrees(recalculated(path), Lang.ZH, wanted)


def test_an_empty_workbook_shows_no_errors(tmp_path: Path, libreoffice: Convert) -> None:
    """Nowhere: every sheet is looked at as text, as it is shown."""
    build_workbook(tmp_path / "shop.xlsx")
    libreoffice(tmp_path / "shop.xlsx", EVERY_SHEET, tmp_path / "out")
    pages = {path.stem.removeprefix("shop-"): path for path in (tmp_path / "out").glob("*.csv")}
    assert {table.zh for table in BY_NAME.values()} <= pages.keys()
    shown = {name: list(csv.reader(path.read_text("utf-8").splitlines())) for name, path in pages.items()}
    board = shown[DASHBOARD_SHEET[Lang.ZH]]
    assert [board[TILES + 1 + 4 * (n // 4)][1 + 6 * (n % 4)].strip("¥ ") for n in range(8)] == ["0"] * 8
    for name, rows in shown.items():
        assert not [text for row in rows for text in row if text.startswith(("#", "Err:"))], name


def test_charts_and_links(filled: Path, lang: Lang) -> None:
    with zipfile.ZipFile(filled) as package:
        charts = [name for name in package.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 5
        found = re.findall(
            rb'<hyperlink ref="[A-Z]+([0-9]+)"[^>]*location="([^"]+)"',
            package.read("xl/worksheets/sheet1.xml"),
        )
    links = [
        link for row, link in found if int(row) < TREND
    ]  # those of the tiles; the directory has a test of its own
    assert len(links) == 8
    targets = {f"'{BY_NAME[name].sheet(lang)}'!A1" for name in ("orders", "waybills", "todo", "stock")}
    assert {link.decode() for link in links} == targets
    sheet = openpyxl.load_workbook(filled).worksheets[0]
    assert not sheet.sheet_view.showGridLines
    assert sheet.protection.sheet and not sheet.protection.password
    open_cells = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert {"W2", "W3"} <= open_cells and len(open_cells) == 4  # two cells, each merged of two


def _type(path: Path, cell: str, number: int) -> None:
    """Put a number into a blank cell of the first sheet."""
    with zipfile.ZipFile(path) as package:
        parts = {info: package.read(info.filename) for info in package.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for info, content in parts.items():
            if info.filename == "xl/worksheets/sheet1.xml":
                pattern = rf'<c r="{cell}" s="(\d+)"/>'.encode()
                content, found = re.subn(
                    pattern, rf'<c r="{cell}" s="\1"><v>{number}</v></c>'.encode(), content
                )
                assert found == 1
            package.writestr(info, content)
