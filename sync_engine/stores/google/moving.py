"""A shop moves: from its workbook file into Google Sheets, and back. Every cell goes along, and that is checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl.workbook import Workbook

from sync_engine.errors import WorkbookError
from sync_engine.stores.google import wire
from sync_engine.stores.google.builder import Made, make_spreadsheet, open_book
from sync_engine.stores.google.building.cells import value_of
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.keeping import TAB
from sync_engine.stores.grid.image import Image, Readings, find_tab, image_of
from sync_engine.stores.grid.mend import mark
from sync_engine.stores.grid.port import Contents, Page
from sync_engine.stores.memory_cells import Formula, Raw, encode
from workbook_templates.build import build_workbook
from workbook_templates.dashboard.data import DATA_SHEET
from workbook_templates.extras import Content, Extras
from workbook_templates.extras import Formula as Written
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.statements import STATEMENT_TABS
from workbook_templates.tables import DASHBOARD_SHEET, README_SHEET, TABLES

Cells = dict[tuple[str, int, int], str]
"""(tab, row, column) -> what stands there, in one comparable form; empty cells are left out."""


def move_to_google(calls: Calls, path: Path, title: str, *, lang: Lang, drive_folder: str = "") -> Made:
    """Make a spreadsheet of the workbook at `path`. WorkbookError where a cell did not arrive as it was."""
    made = make_spreadsheet(calls, path, title, lang=lang, drive_folder=drive_folder)
    there = cells_of_spreadsheet(read_all(calls, made.spreadsheet_id)[1])
    _compare(cells_of_book(open_book(path)), there, made.url)
    return made


def move_to_file(
    calls: Calls, spreadsheet_id: str, path: Path, *, lang: Lang, shop: str, protect: bool
) -> int:
    """Write the spreadsheet as a workbook file; gives the number of cells. WorkbookError where one did not arrive.

    Declared tables keep their order of rows, their columns stand as declared, and people's own columns follow them; own
    sheets keep contents and formulas, not their looks.
    """
    contents, pages = read_all(calls, spreadsheet_id)
    rows: dict[str, list[dict[str, Value]]] = {}
    own: dict[str, dict[tuple[int, int], Content]] = {}
    for table in TABLES:
        tab = find_tab(contents, table)
        if tab is None:
            raise WorkbookError(
                f"表格里没有“{table.zh}”,没有搬:先运行 biaomao upgrade 补上,再搬 / "
                f"the sheet {table.en} is missing and nothing was moved: run biaomao upgrade first, then move"
            )
        image = image_of(table, pages.pop(tab), contents, lang, Readings())
        rows[table.name], own[table.sheet(lang)] = _table(table, image, lang)
    ours = {
        *DASHBOARD_SHEET.values(),
        *README_SHEET.values(),
        *DATA_SHEET.values(),
        *STATEMENT_TABS,
        "选项",
        "Choices",
        TAB,
    }
    for tab, page in pages.items():
        if tab not in ours:
            own[tab] = {
                (y, x): _content(raw)
                for y, line in enumerate(page.cells)
                for x, raw in enumerate(line)
                if raw is not None
            }
    build_workbook(path, lang, rows=rows, shop=shop, protect=protect, extras=Extras(cells=own))
    return sum(len(cells) for cells in own.values()) + sum(
        len(row) for table in rows.values() for row in table
    )


def _table(
    table: Table, image: Image, lang: Lang
) -> tuple[list[dict[str, Value]], dict[tuple[int, int], Content]]:
    """Rows by column, and on top of them: cells that are not what they read as, and people's own columns."""
    rows: list[dict[str, Value]] = []
    own: dict[tuple[int, int], Content] = {}
    names = [column.name for column in table.columns]
    ours = set(image.sheet.columns.values())
    beside = [at for at in range(len(image.sheet.heads)) if at not in ours]
    for n, at in enumerate(beside):
        if image.sheet.heads[at].text:
            own[0, len(names) + n] = image.sheet.heads[at].text
    for number, place in enumerate(image.sheet.places(), start=1):
        cells = dict(place.read().cells)
        for name, at in image.sheet.columns.items():
            raw = place.row.cells[at]
            if raw is not None and mark(encode(table.column(name), cells.get(name), lang)) != mark(raw):
                own[number, names.index(name)] = _content(raw)
                cells[name] = None
        for n, at in enumerate(beside):
            if place.row.cells[at] is not None:
                own[number, len(names) + n] = _content(place.row.cells[at])
        rows.append(cells)
    return rows, own


def _content(raw: Raw) -> Content:
    if isinstance(raw, Formula):
        return Written(raw.text)
    if isinstance(raw, str | bool | int):
        return raw
    return float(raw)  # type: ignore[arg-type]


def read_all(calls: Calls, spreadsheet_id: str) -> tuple[Contents, dict[str, Page]]:
    """The whole spreadsheet, in one call."""
    answer: Mapping[str, Any] = calls.spreadsheets_get(spreadsheet_id, {"fields": wire.fields()})
    pages = [wire.page_of(sheet) for sheet in answer.get("sheets", ())]
    return wire.contents_of(answer), {page.tab: page for page in pages}


def cells_of_spreadsheet(pages: Mapping[str, Page]) -> Cells:
    """What stands in a spreadsheet."""
    return {
        (tab, y, x): mark(raw)
        for tab, page in pages.items()
        for y, line in enumerate(page.cells, start=1)
        for x, raw in enumerate(line, start=1)
        if raw is not None
    }


def cells_of_book(book: Workbook) -> Cells:
    """What stands in a workbook file."""
    found: Cells = {}
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                if (raw := wire.raw_of({"userEnteredValue": value_of(cell)})) is not None:
                    found[sheet.title, cell.row, cell.column] = mark(raw)  # type: ignore[index]
    return found


def _compare(before: Cells, after: Cells, where: str) -> None:
    wrong = [place for place in before.keys() | after.keys() if before.get(place) != after.get(place)]
    if wrong:
        tab, row, column = sorted(wrong)[0]
        place = f"{tab}!{wire.letters(column)}{row}"
        raise WorkbookError(
            f"搬到 {where} 后有 {len(wrong)} 格不一样(如 {place}),店铺还在原来的工作簿里 / "
            f"{len(wrong)} cells differ after the move (such as {place}): the shop stays in its file"
        )
