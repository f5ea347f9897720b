"""The functions in a real Calc: the table of cases, ranges, blanks, files there and back, which shop answers."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from formulas.catalogue import FUNCTIONS
from tests.calc.conftest import make_shop
from tests.calc.office import Calc
from tests.functions.cases import CASES, Case

pytestmark = pytest.mark.office

CODES = {32767: "#N/A", 519: "#VALUE!", 503: "#NUM!"}
TYPES = {"#N/A": 7, "#VALUE!": 3, "#NUM!": 6}
WIDE = 6
"""Rows each case gets in the sheet: no table of a case is longer."""


def area(number: int, case: Case) -> str:
    """Where the case stands: column A and those beside it."""
    rows = case.shows if isinstance(case.shows, list) else [[None]]
    top = number * WIDE + 1
    return f"A{top}:{'ABCDEF'[len(rows[0]) - 1]}{top + len(rows) - 1}"


def shown(cells: list[list[object]]) -> object:
    """What the cells show, as the table of cases writes it."""
    rows = [[CODES[cell["error"]] if isinstance(cell, dict) else cell for cell in row] for row in cells]
    return rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0]


def expected(case: Case) -> object:
    return pytest.approx(case.shows, abs=1e-9) if isinstance(case.shows, int | float) else case.shows


@pytest.fixture(scope="module")
def book_of_cases(shop: Path) -> Path:
    """Every case as a formula of an xlsx no spreadsheet program has worked out yet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for number, case in enumerate(CASES):
        where = area(number, case)
        start = where.partition(":")[0]
        sheet[start] = ArrayFormula(where, case.formula) if isinstance(case.shows, list) else case.formula
        sheet[f"G{number * WIDE + 1}"] = f"=ERROR.TYPE({start})"
        sheet[f"H{number * WIDE + 1}"] = f"=ISERROR({start})"
    path = shop / "cases.xlsx"
    book.save(path)
    return path


@pytest.fixture(scope="module")
def opened(calc: Calc, book_of_cases: Path) -> dict[str, list[list[object]]]:
    """All cells of that file in Calc, and of the files Calc wrote from it: xlsx, ods."""
    calc.open("cases", book_of_cases.as_uri())
    last = len(CASES) * WIDE
    found = {"": calc.read("cases", f"A1:H{last}")}
    for kind in ("xlsx", "ods"):
        path = book_of_cases.with_name(f"again.{kind}")
        calc.save("cases", path.as_uri())
        calc.open("again", path.as_uri())
        found[f"{kind} as opened"] = calc.read("again", f"A1:H{last}")
        calc.recalculate("again")
        found[f"{kind} worked out again"] = calc.read("again", f"A1:H{last}")
        calc.close("again")
    calc.close("cases")
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].formula)
def test_every_case_shows_the_same_in_calc(opened: dict[str, list[list[object]]], number: int) -> None:
    case, top = CASES[number], number * WIDE
    rows = case.shows if isinstance(case.shows, list) else [[None]]
    for when, cells in opened.items():
        mine = [row[: len(rows[0])] for row in cells[top : top + len(rows)]]
        assert shown(mine) == expected(case), when
        if isinstance(case.shows, str) and case.shows in TYPES:
            assert cells[top][6:] == [TYPES[case.shows], 1], when
        else:
            assert cells[top][6:] == [{"error": 32767}, 0], when


def test_the_files_keep_the_names(opened: object, book_of_cases: Path) -> None:
    with zipfile.ZipFile(book_of_cases.with_name("again.xlsx")) as archive:
        xlsx = archive.read("xl/worksheets/sheet1.xml").decode()
    with zipfile.ZipFile(book_of_cases.with_name("again.ods")) as archive:
        ods = archive.read("content.xml").decode()
    for function in FUNCTIONS:
        assert re.search(rf"<f [^>]*>{re.escape(function.dotted)}\(", xlsx), function.name
        assert f'"of:={function.dotted}(' in ods, function.name
    assert "BIAOMAO" not in xlsx.upper() + ods.upper()


def test_typed_by_hand_in_a_file_that_is_not_saved_yet(calc: Calc) -> None:
    pure = {f"A{n + 1}": case for n, case in enumerate(CASES) if case.name in ("VOLUMEKG", "VAT", "ONHAND")}
    calc.open("new")
    calc.type("new", {where: case.formula for where, case in pure.items()})
    for where, case in pure.items():
        assert shown(calc.read("new", where)) == expected(case), case.formula
    calc.close("new")


@pytest.fixture
def sheet(calc: Calc, shop: Path):
    """A workbook in the shop's folder."""
    path = shop / "sheet.ods"
    calc.open("sheet")
    calc.save("sheet", path.as_uri())
    calc.close("sheet")
    calc.open("sheet", path.as_uri())
    yield calc
    calc.close("sheet")


def test_a_column_in_a_column_out(sheet: Calc) -> None:
    codes = ["BM-001-BK", "BM-002", "", "BM-009", "007"]
    sheet.fill("sheet", "A1:A5", [[code] for code in codes])
    sheet.array("sheet", "B1:B5", "=ERP.STOCK(A1:A5)")
    sheet.type("sheet", {"C1": "=SUM(ERP.STOCK(A1:A2))", "C2": "=ERP.STOCK(A1)*2&ERP.STOCK(A5)"})
    got = [shown([row]) for row in sheet.read("sheet", "B1:B5")]
    assert got == [12, -1, "#VALUE!", "#N/A", 3]
    assert sheet.read("sheet", "C1:C2") == [[11], ["243"]]


def test_empty_cells_and_cells_with_errors(sheet: Calc) -> None:
    """An empty cell is a missing argument where a text or a date is wanted; errors go through as they are."""
    formulas = {
        "B1": ("=ERP.STOCK(A1)", "#VALUE!"),
        "B2": ('=ERP.ORDERS("2026-11-11","2026-11-11",A1)', 2),
        "B3": ("=ERP.STOCK(A2)", 532),
        "B4": ("=ERP.CHARGEDKG(1.2,A1)", 1.2),
        "B5": ('=IFERROR(ERP.STOCK("BM-009"),"none")', "none"),
        "B6": ("=IF(ISNA(ERP.STOCK(7)),1,0)", 1),
    }
    sheet.type("sheet", {"A2": "=1/0", **{where: formula for where, (formula, _) in formulas.items()}})
    for where, (formula, wanted) in formulas.items():
        cells = sheet.read("sheet", where)
        assert (cells[0][0]["error"] if wanted == 532 else shown(cells)) == wanted, formula


def test_whole_columns_are_passed_and_their_empty_rest_is_left_out(sheet: Calc) -> None:
    sheet.fill("sheet", "A1:C5", [[1, 9, 500], [40, 7, 400], [90, 5, 300], [200, 3, 200], [365, 1, 100]])
    sheet.array("sheet", "D1:D5", "=ERP.RFM(A1:A9999;B1:B9999;C1:C9999)")
    assert sheet.read("sheet", "D1:D5") == [["555"], ["444"], ["333"], ["222"], ["111"]]


def test_a_workbook_elsewhere_asks_the_shop_of_the_hub_and_says_na_without_one(
    calc: Calc, shop: Path, tmp_path: Path
) -> None:
    note = calc.home / ".biaomao" / "hub.json"
    calc.open("far")
    calc.type("far", {"A1": '=ERP.STOCK("BM-001-BK")', "A2": "=ERP.ASOF()", "A3": "=ERP.VOLUMEKG(9000,8000)"})
    assert [shown([row]) for row in calc.read("far", "A1:A3")] == ["#N/A", "#N/A", 1.125]
    try:
        note.write_text(
            json.dumps({"url": "http://127.0.0.1:1", "token": "x", "folder": str(shop), "pid": 1})
        )
        assert until(lambda: (calc.recalculate("far"), shown(calc.read("far", "A1")) == 12)[1])
        note.write_text("{")
        assert until(lambda: (calc.recalculate("far"), shown(calc.read("far", "A1")) == "#N/A")[1])
    finally:
        note.unlink()
        calc.close("far")


def until(true, tries: int = 40) -> bool:
    """Whether it becomes true: the extension looks for news once a second."""
    from threading import Event

    return any(true() or Event().wait(0.1) for _ in range(tries))


def test_two_shops_open_side_by_side_answer_each_for_itself(sheet: Calc, tmp_path: Path) -> None:
    other = make_shop(tmp_path / "另一家 店")
    import sqlite3

    with sqlite3.connect(other / "journal" / "journal.sqlite") as journal:
        (cells,) = journal.execute("SELECT cells FROM rows WHERE tbl='stock' AND key='007'").fetchone()
        changed = cells.replace('"on_hand":"n3"', '"on_hand":"n4"')
        assert changed != cells
        journal.execute("UPDATE rows SET cells=?, digest='x' WHERE tbl='stock' AND key='007'", (changed,))
    journal.close()
    (other / "config.toml").write_text('[shop]\nlanguage = "en"\n', "utf-8")
    sheet.open("other")
    sheet.save("other", (other / "店铺.ods").as_uri())
    sheet.close("other")
    sheet.open("other", (other / "店铺.ods").as_uri())
    formulas = {"A1": '=ERP.STOCK("007")', "A2": '=ERP.ORDERSTATUS("2912345678901234561")'}
    for name in ("sheet", "other", "sheet"):
        sheet.type(name, formulas)
    assert [sheet.read(name, "A1")[0][0] for name in ("sheet", "other")] == [3, 4]
    assert [sheet.read(name, "A2")[0][0] for name in ("sheet", "other")] == ["已发货", "Shipped"]
    sheet.close("other")


def test_the_function_wizard_knows_them_with_their_arguments_in_order(calc: Calc) -> None:
    known = calc.wizard()
    assert set(known) == {function.dotted for function in FUNCTIONS}
    for function in FUNCTIONS:
        about, arguments = known[function.dotted]
        assert function.en in about and function.example in about
        assert arguments == [one.en for one in function.arguments]


@pytest.mark.long
def test_ten_thousand_cells_are_worked_out_well_under_a_second_on_a_free_core(calc: Calc, shop: Path) -> None:
    """The bound is for a busy machine; `bench/calc.py` measures."""
    count, path = 10_000, shop / "many.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(1, count + 1):
        sheet.append([("BM-001-BK", "BM-002", "007")[number % 3], f"=ERP.STOCK(A{number})"])
    book.save(path)
    calc.open("many", path.as_uri())
    assert calc.read("many", f"B1:B{count}") == [[(12, -1, 3)[number % 3]] for number in range(1, count + 1)]
    assert min(calc.recalculate("many") for _ in range(3)) < 2
    calc.close("many")
