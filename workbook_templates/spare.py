"""A workbook of spare parts: the sheets that an older workbook lacks, drawn as a new workbook would have them.

Nothing of it is opened by people; the upgrade takes from it what it adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xlsxwriter.workbook import Workbook

from workbook_templates.book import LIST_SHEET, Book
from workbook_templates.build import book_options, write_lists
from workbook_templates.dashboard import write_dashboard
from workbook_templates.dashboard.canvas import Canvas
from workbook_templates.dashboard.data import DATA_SHEET, write_data
from workbook_templates.dashboard.directory import draw_directory
from workbook_templates.guide import write_guide
from workbook_templates.plain_sheet import PlainSheet
from workbook_templates.schema import Column, Kind, Lang, Owner, Table, Value
from workbook_templates.statement_sheets import write_statements
from workbook_templates.table_sheet import protect_sheet, write_table
from workbook_templates.tables import DASHBOARD_SHEET, README_SHEET

_SCRATCH = "·"


def filler(n: int) -> Column:
    """A column that stands where an older workbook has one of people's own."""
    name = f"{_SCRATCH}{n}"
    return Column(
        name=name,
        zh=name,
        en=name,
        owner=Owner.STAFF,
        kind=Kind.TEXT,
        help_zh=name,
        help_en=name,
        hidden=True,
    )


def build_spare(
    path: Path, lang: Lang, tables: Sequence[Table], rows: Mapping[str, Sequence[Mapping[str, Value]]], *,
    shop: str = "", protect: bool = True, statements: bool = False, links: Sequence[str] = (), link_row: int = 0,
    dashboard: bool = False, guide: bool = False,
) -> None:  # fmt: skip
    """Write sheets for these tables to `path`.

    Args:
        rows: what a table begins with, by its name.
        statements: whether the statement sheets are drawn, too.
        links: tabs a directory on the dashboard's sheet links to.
        link_row: where that directory begins, zero-based.
        dashboard: whether the whole dashboard is drawn instead, with the figures behind it.
        guide: whether the guide is drawn, too.
    """
    with Workbook(str(path), book_options(lang)) as file:
        file.worksheet_class = PlainSheet
        book = Book(file=file, lang=lang, protect=protect, shop=shop)
        for table in tables:
            write_table(book, file.add_worksheet(table.sheet(lang)), table, rows.get(table.name, ()))
        if statements:
            write_statements(book, file.add_worksheet)
        if dashboard:
            sheet, data_sheet = (file.add_worksheet(tabs[lang]) for tabs in (DASHBOARD_SHEET, DATA_SHEET))
            write_dashboard(book, sheet, data_sheet)
            data_sheet.hide()
            if protect:
                protect_sheet(sheet)
                protect_sheet(data_sheet)
        elif links:
            sheet = file.add_worksheet(DASHBOARD_SHEET[lang])
            data_sheet = file.add_worksheet(_SCRATCH)
            canvas = Canvas(book, sheet, write_data(book, data_sheet), data_sheet)
            draw_directory(canvas, link_row, frozenset(links))
        if guide:
            write_guide(book, file.add_worksheet(README_SHEET[lang]))
        write_lists(book)


__all__ = ["LIST_SHEET", "build_spare", "filler"]
