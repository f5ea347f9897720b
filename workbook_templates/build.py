"""Turns the declarations into a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from xlsxwriter.workbook import Workbook

from workbook_templates.book import LIST_SHEET, Book
from workbook_templates.dashboard import write_dashboard
from workbook_templates.dashboard.data import DATA_SHEET
from workbook_templates.defaults import default_rows
from workbook_templates.extras import Extras, write_extras
from workbook_templates.guide import write_guide
from workbook_templates.palette import FONT, FONT_SIZE
from workbook_templates.plain_sheet import PlainSheet
from workbook_templates.schema import Lang, Value
from workbook_templates.statement_sheets import write_statements
from workbook_templates.table_sheet import protect_sheet, write_table
from workbook_templates.tables import DASHBOARD_SHEET, README_SHEET, TABLES

_MADE = datetime(2026, 1, 1)  # noqa: DTZ001  a fixed date, so that the same input gives the same bytes


def build_workbook(
    path: Path,
    lang: Lang = Lang.ZH,
    *,
    rows: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
    shop: str = "",
    protect: bool = True,
    extras: Extras | None = None,
) -> None:
    """Write a new workbook to `path`, replacing what is there.

    `rows[table]` are the rows of a table by column name, values as in `schema.Value` (choices by machine name, ticks
    as bool). A table that is not in `rows` starts with its defaults (settings, commands, sample courier rules and
    freight table; empty for the others); give it an empty sequence to have it empty. `protect=False` leaves every
    sheet unprotected. `extras` are cells of people's own, written last. The same arguments give the same bytes.
    """
    filled = {**default_rows(lang), **(rows or {})}
    with Workbook(str(path), book_options(lang)) as file:
        file.worksheet_class = PlainSheet
        book = Book(file=file, lang=lang, protect=protect, shop=shop)
        file.set_properties(
            {"title": shop or book.say("表猫", "Biaomao"), "author": "Biaomao", "created": _MADE}
        )
        dashboard = file.add_worksheet(DASHBOARD_SHEET[lang])
        guide = file.add_worksheet(README_SHEET[lang])
        own = extras.cells if extras else {}
        for table in TABLES:
            sheet = file.add_worksheet(table.sheet(lang))
            write_table(book, sheet, table, filled.get(table.name, ()))
            write_extras(book, sheet, own.get(table.sheet(lang), {}), len(table.columns))
        write_statements(book, file.add_worksheet)
        write_guide(book, guide)
        data = file.add_worksheet(DATA_SHEET[lang])
        write_dashboard(book, dashboard, data)
        declared = {sheet.get_name() for sheet in file.worksheets()}
        for tab, cells in own.items():
            if tab not in declared:
                write_extras(book, file.add_worksheet(tab), cells, 0)
        data.hide()
        if protect:
            protect_sheet(dashboard)
            protect_sheet(data)
        write_lists(book)


def book_options(lang: Lang) -> dict[str, object]:
    """What XlsxWriter is told of a workbook of ours: text stays text, and the house's font."""
    return {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT[lang], "font_size": FONT_SIZE[lang], "font_scheme": "none"},
    }  # fmt: skip


def write_lists(book: Book) -> None:
    """The hidden sheet with the drop-down lists that are too long for a validation."""
    if not book.lists:
        return
    sheet = book.file.add_worksheet(LIST_SHEET[book.lang])
    for n, labels in enumerate(book.lists):
        sheet.write_column(0, n, labels)
        column = chr(ord("A") + n)
        book.file.define_name(
            f"bm_list_{n + 1}", f"='{LIST_SHEET[book.lang]}'!${column}$1:${column}${len(labels)}"
        )
    sheet.hide()
