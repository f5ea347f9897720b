"""The built workbook: every declared thing is there, in both languages, and text stays text."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from tests.workbook.samples import NOW, Row, sample_rows
from workbook_templates.book import cell_text, serial, shown
from workbook_templates.build import build_workbook
from workbook_templates.guide import named
from workbook_templates.guide_text import SECTIONS
from workbook_templates.schema import Choice, Column, Kind, Lang, Owner, Table, defined_name
from workbook_templates.settings import SETTINGS_LIST
from workbook_templates.statements import SHEETS
from workbook_templates.table_sheet import ROW_HEIGHT, row_height
from workbook_templates.tables import AREAS, BY_NAME, DASHBOARD_SHEET, README_SHEET, TABLES

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
POISON = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://x\")", "{=1}", "＝1", "'=1", "http://x.test", "1E5", "007")  # fmt: skip


def validations(sheet: Worksheet, cell: str) -> list[object]:
    """The validations that apply to a cell."""
    return [v for v in sheet.data_validations.dataValidation if cell in v.sqref]


@pytest.fixture(scope="session")
def book(filled: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(filled)


@pytest.fixture(params=TABLES, ids=lambda table: table.name)
def table(request: pytest.FixtureRequest) -> Table:
    found: Table = request.param
    return found


def test_sheets_stand_in_order(book: openpyxl.Workbook, lang: Lang) -> None:
    names = [
        DASHBOARD_SHEET[lang],
        README_SHEET[lang],
        *(table.sheet(lang) for table in TABLES),
        *(sheet[lang] for sheet in SHEETS.values()),
    ]
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"] == names
    assert book.sheetnames[: len(names)] == names


@pytest.mark.parametrize("lang", list(Lang))
def test_every_sheet_is_one_click_from_the_dashboard(tmp_path: Path, lang: Lang) -> None:
    """With forty tabs nobody finds one by scrolling: the dashboard and the guide link to each, and tabs show their area."""
    build_workbook(tmp_path / "a.xlsx", lang)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    statements = {names[lang] for names in SHEETS.values()}
    for sheet, wanted in (
        (DASHBOARD_SHEET, {table.sheet(lang) for table in TABLES} | statements),
        (README_SHEET, {table.sheet(lang) for table in TABLES}),
    ):
        links = [cell for row in book[sheet[lang]].iter_rows() for cell in row if cell.hyperlink]
        listed = {cell.value: cell.hyperlink.location for cell in links if cell.value in wanted}
        assert listed == {name: f"'{name}'!A1" for name in wanted}
    for area in AREAS:
        for table in area.tables:
            assert book[table.sheet(lang)].sheet_properties.tabColor.rgb[-6:] == area.colour[1:]


def test_headers_names_and_tables(book: openpyxl.Workbook, lang: Lang, table: Table) -> None:
    sheet = book[table.sheet(lang)]
    width = len(table.columns)
    assert [cell.value for cell in sheet[1]] == [column.header(lang) for column in table.columns]
    assert sheet.max_column == width
    found = sheet.tables[f"bm_{table.name}"]
    assert found.ref == f"A1:{get_column_letter(width)}{sheet.max_row}"
    assert found.autoFilter.ref == found.ref
    assert not found.totalsRowCount
    for n, column in enumerate(table.columns, 1):
        wanted = f"'{table.sheet(lang)}'!${get_column_letter(n)}$1"
        assert book.defined_names[defined_name(table, column)].attr_text == wanted
    assert sheet.freeze_panes == f"{get_column_letter(table.freeze + 1)}2"


def test_every_header_explains_itself(book: openpyxl.Workbook, lang: Lang, table: Table) -> None:
    sheet = book[table.sheet(lang)]
    for n, column in enumerate(table.columns, 1):
        (rule,) = validations(sheet, f"{get_column_letter(n)}1")
        assert rule.prompt == column.help(lang) and rule.showInputMessage
        assert column.header(lang) in rule.promptTitle and len(rule.promptTitle) <= 32


def test_staff_cells_are_open_and_ours_are_not(book: openpyxl.Workbook, lang: Lang, table: Table) -> None:
    sheet = book[table.sheet(lang)]
    assert sheet.protection.sheet is not table.staff_rows
    assert not sheet.protection.password
    if not table.staff_rows:
        for allowed in ("sort", "autoFilter", "insertRows", "deleteRows", "insertColumns", "deleteColumns", "formatCells",
                        "formatColumns", "formatRows", "pivotTables", "objects"):  # fmt: skip
            assert getattr(sheet.protection, allowed) is False, allowed
    for n, column in enumerate(table.columns, 1):
        cell = sheet.cell(2, n)
        assert cell.protection.locked is (column.owner.ours and not table.staff_rows)
        assert (cell.fill.fgColor.rgb == "FFFFFFFF") is (column.owner is Owner.STAFF)


def offered(book: openpyxl.Workbook, rule: DataValidation) -> set[str]:
    """What a drop-down offers: written in the rule, or in the hidden sheet its name points to."""
    formula = str(rule.formula1)
    if formula.startswith('"'):
        return set(formula.strip('"').split(","))
    ((sheet, where),) = book.defined_names[formula.removeprefix("=")].destinations
    return {str(cell.value) for (cell,) in book[sheet][where]}


def test_what_may_be_typed(book: openpyxl.Workbook, lang: Lang, table: Table) -> None:
    sheet = book[table.sheet(lang)]
    for n, column in enumerate(table.columns, 1):
        for row in (2, 200_000):
            rules = validations(sheet, f"{get_column_letter(n)}{row}")
            kinds = [rule.type for rule in rules]
            if column.owner.ours:
                assert kinds == ["custom"] and rules[0].formula1 == "FALSE" and rules[0].showErrorMessage
            elif column.kind is Kind.CHOICE:
                assert kinds == ["list"]
                assert all(choice.label(lang) in offered(book, rules[0]) for choice in column.choices)
            elif column.kind is not Kind.TEXT and column.kind is not Kind.ID:
                wanted = {Kind.TICK: "list", Kind.COUNT: "whole", Kind.TIME: "date"}.get(
                    column.kind, "decimal"
                )
                assert kinds == [wanted]
                assert column.kind is Kind.TICK or rules[0].error
    for rule in sheet.data_validations.dataValidation:
        assert len(rule.formula1 or "") <= 257 and len(rule.error or "") <= 255


def test_new_rows_look_right(book: openpyxl.Workbook, lang: Lang, table: Table) -> None:
    """Columns carry the format of their cells, so that a row typed below looks and locks like the others."""
    sheet = book[table.sheet(lang)]
    for n, column in enumerate(table.columns, 1):
        letter, cell = get_column_letter(n), sheet.cell(2, n)
        (whole,) = [d for d in sheet.column_dimensions.values() if d.min <= n <= d.max]
        assert whole._style == cell._style, letter
        wanted = {
            Kind.MONEY: "#,##0.00",
            Kind.COUNT: "0",
            Kind.NUMBER: "0.00##",
            Kind.TIME: "yyyy-mm-dd hh:mm",
        }
        assert cell.number_format == wanted.get(column.kind, "@")
        assert bool(cell.quotePrefix) is (column.kind in (Kind.ID, Kind.TEXT))
        assert bool(whole.hidden) is column.hidden


def test_values_read_back(filled: Path, lang: Lang) -> None:
    rows = sample_rows()
    for name, wanted in rows.items():
        table = BY_NAME[name]
        sheet = CalamineWorkbook.from_path(filled).get_sheet_by_name(table.sheet(lang))
        read = sheet.to_python(skip_empty_area=False)[1:]
        assert len(read) == len(wanted)
        for got, row in zip(read, wanted, strict=True):
            for value, column in zip(got, table.columns, strict=True):
                assert _same(value, column, row, lang), (name, column.name, value, row.get(column.name))


def _same(value: object, column: Column, row: Row, lang: Lang) -> bool:
    meant = row.get(column.name)
    if isinstance(meant, datetime):
        local = meant.replace(tzinfo=None)
        if type(value) is date:  # calamine's reading of a midnight
            value = datetime(value.year, value.month, value.day)
        return isinstance(value, datetime) and abs((value - local).total_seconds()) < 1
    expected = shown(column, meant, lang)
    return value == ("" if expected is None else expected)


def test_labels_not_machine_names(book: openpyxl.Workbook, lang: Lang) -> None:
    sheet = book[BY_NAME["orders"].sheet(lang)]
    stages = {sheet.cell(row, 2).value for row in range(2, sheet.max_row + 1)}
    assert stages <= {choice.label(lang) for choice in BY_NAME["orders"].column("stage").choices}
    assert len(stages) > 4


def test_a_fresh_workbook_has_one_blank_formatted_row(fresh: Path, lang: Lang) -> None:
    book = openpyxl.load_workbook(fresh)
    sheet = book[BY_NAME["orders"].sheet(lang)]
    assert sheet.max_row == 2 and all(cell.value is None and cell.has_style for cell in sheet[2])
    rows = [
        [cell.value for cell in row] for row in book[BY_NAME["settings"].sheet(lang)].iter_rows(min_row=2)
    ]
    assert [row[0] for row in rows] == [setting.label(lang) for setting in SETTINGS_LIST]


def test_an_empty_sequence_empties_a_table(tmp_path: Path) -> None:
    build_workbook(tmp_path / "a.xlsx", rows={"freight": []})
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["运费表"]
    assert sheet.max_row == 2 and sheet["A2"].value is None


def test_unprotected_when_asked(tmp_path: Path) -> None:
    build_workbook(tmp_path / "a.xlsx", protect=False)
    assert not any(sheet.protection.sheet for sheet in openpyxl.load_workbook(tmp_path / "a.xlsx"))


def test_same_input_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        build_workbook(tmp_path / f"{name}.xlsx", rows=sample_rows(12))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_sheets_claim_no_more_than_they_hold(filled: Path, lang: Lang) -> None:
    with zipfile.ZipFile(filled) as package:
        for n, table in enumerate(TABLES, 3):
            root = etree.fromstring(package.read(f"xl/worksheets/sheet{n}.xml"))
            (size,) = root.iter(f"{MAIN}dimension")
            assert re.fullmatch(rf"A1:{get_column_letter(len(table.columns))}\d+", str(size.get("ref")))


def test_every_part_is_sound_xml(filled: Path) -> None:
    with zipfile.ZipFile(filled) as package:
        assert package.testzip() is None
        for name in package.namelist():
            root = etree.fromstring(package.read(name))
            for node in root.iter(f"{MAIN}f"):
                assert "#REF!" not in (node.text or "")


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    _assert_all_text(tmp_path / "a.xlsx", list(POISON))


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(min_size=1, max_size=40), min_size=5, max_size=12))
def test_any_text_survives_as_text(tmp_path: Path, texts: list[str]) -> None:
    _assert_all_text(tmp_path / "a.xlsx", texts)


def _assert_all_text(path: Path, texts: list[str]) -> None:
    """One row for each text, standing in every cell that may hold text: none is a formula, link or number."""
    columns = BY_NAME["orders"].columns
    wordy = [column for column in columns if column.kind in (Kind.TEXT, Kind.ID, Kind.CHOICE)]
    build_workbook(path, rows={"orders": [{column.name: text for column in wordy} for text in texts]})
    with zipfile.ZipFile(path) as package:
        sheet = etree.fromstring(package.read("xl/worksheets/sheet3.xml"))
        assert not list(sheet.iter(f"{MAIN}f")) and not list(sheet.iter(f"{MAIN}hyperlink"))
    rows = list(openpyxl.load_workbook(path)["订单"].iter_rows(min_row=2))
    for cells, text in zip(rows, texts, strict=True):
        for cell, column in zip(cells, columns, strict=True):
            if cell_text(text) and column.kind in (Kind.TEXT, Kind.ID):
                assert cell.quotePrefix and cell.data_type == "s"
                assert _plain(str(cell.value)) == _plain(cell_text(text))


def _plain(text: str) -> str:
    """Without the escapes of control characters, which openpyxl leaves as they stand in the file."""
    return re.sub(r"_x([0-9A-F]{4})_", "", text)


def test_long_lists_go_through_a_name(tmp_path: Path) -> None:
    many = tuple(Choice(f"c{n}", f"某某快递公司第{n}号", f"Courier number {n}") for n in range(40))
    column = BY_NAME["orders"].column("courier_wanted")
    usual = column.choices
    object.__setattr__(column, "choices", many)
    try:
        build_workbook(tmp_path / "a.xlsx")
    finally:
        object.__setattr__(column, "choices", usual)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    (rule,) = validations(book["订单"], f"{get_column_letter(BY_NAME['orders'].columns.index(column) + 1)}2")
    name = rule.formula1.lstrip("=")
    sheet, cells = book.defined_names[name].attr_text.replace("'", "").split("!")
    assert [row[0].value for row in book[sheet][cells.replace("$", "")]] == [choice.zh for choice in many]
    assert book[sheet].sheet_state == "hidden"


def test_times_are_shanghai_day_numbers() -> None:
    assert serial(datetime(1900, 3, 1)) == 61
    assert serial(NOW) == pytest.approx(46337 + 21.5 / 24)


def test_unknown_choice_is_shown_as_it_is() -> None:
    column = BY_NAME["orders"].column("status")
    assert shown(column, "BRAND_NEW_STATUS", Lang.ZH) == "BRAND_NEW_STATUS"
    assert shown(BY_NAME["orders"].column("hold"), True, Lang.ZH) == "✓"
    assert shown(BY_NAME["orders"].column("hold"), False, Lang.ZH) is None
    assert shown(BY_NAME["orders"].column("freight"), Decimal("3.10"), Lang.ZH) == 3.1


def test_rows_grow_with_long_words() -> None:
    table = BY_NAME["orders"]
    assert row_height(table, {"problem": "短"}) == ROW_HEIGHT
    assert row_height(table, {"problem": "很长的原因" * 20}) > 2 * ROW_HEIGHT


def test_guide_names_what_is_there(lang: Lang) -> None:
    for section in SECTIONS:
        for item in section.items:
            pair = item.zh if lang is Lang.ZH else item.en
            assert "[" not in named(pair[1], lang)
    with pytest.raises(KeyError):
        named("[orders.no_such_column]", lang)
