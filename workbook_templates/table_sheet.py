"""One table as a sheet: header, rows, widths, formats, freezing, protection, printing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import LAST_ROW, Book, Property, display_width, paint_columns, put, shown
from workbook_templates.palette import CELL_FILL, HEADER_FILL, INK, LINE, NUMBER_FORMAT, PAPER, SOFT_INK
from workbook_templates.rules import add_rules
from workbook_templates.schema import Column, Kind, Lang, Owner, Table, Value, defined_name
from workbook_templates.tables.areas import COLOURS

TABLE_NAME = "bm_{}"
"""The name of the Excel table object of a sheet."""

ROW_HEIGHT = 30.0
"""Points: two lines of text. Programs differ in whether they fit rows to wrapped text when they open a file."""

_LINE_HEIGHT = 14.0
_PAGE_WIDTH = 220.0
HEADED = frozenset({"orders", "stock", "purchases", "counts", "postings"})
"""Lists that people print over many pages: each page repeats the header. LibreOffice takes 0.4 seconds for each such
sheet when it opens the workbook, so the others go without."""

_TEXT_KINDS = (Kind.ID, Kind.TEXT)
_NUMBER_KINDS = (Kind.MONEY, Kind.NUMBER, Kind.COUNT)
_MIDDLE_KINDS = (Kind.CHOICE, Kind.TICK, Kind.TIME)
_WIDEST_CHOICE = 18.0
_HEADER_ROOM = 4.0

ALLOWED = (
    "objects", "scenarios", "format_cells", "format_columns", "format_rows", "insert_columns", "insert_rows",
    "insert_hyperlinks", "delete_columns", "delete_rows", "sort", "autofilter", "pivot_tables",
)  # fmt: skip
"""Everything a protected sheet still lets people do, as far as Excel knows how."""


def write_table(book: Book, sheet: Worksheet, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
    """Fill `sheet` with `table`: header in row 1, `rows` from row 2, one blank formatted row if there are none."""
    _columns(book, sheet, table)
    _header(book, sheet, table, max(len(rows), 1))
    _body(book, sheet, table, rows)
    _names(book, table)
    add_rules(book, sheet, table, rows)
    _view(sheet, table)
    _print_setup(book, sheet, table)
    if book.protect and not table.staff_rows:
        protect_sheet(sheet)


def protect_sheet(sheet: Worksheet) -> None:
    """Protect a sheet without a password, with every allowance there is."""
    sheet.protect("", dict.fromkeys(ALLOWED, True))


def cell_look(book: Book, table: Table, column: Column) -> Format:
    """The format of a column's data cells.

    Cells of a table to which people add rows are unlocked throughout: Excel deletes and sorts rows only where no cell
    is locked.
    """
    look: dict[str, Property] = {
        "num_format": NUMBER_FORMAT[column.kind], "valign": "vcenter", "bg_color": CELL_FILL[column.owner],
        "font_color": INK, "border": 1, "border_color": LINE,
        "locked": column.owner.ours and not table.staff_rows,
    }  # fmt: skip
    if column.kind in _TEXT_KINDS:
        look |= {"quote_prefix": True, "align": "left", "indent": 1}
    if column.kind in _MIDDLE_KINDS:
        look["align"] = "center"
    if column.kind in _NUMBER_KINDS:
        look |= {"align": "right", "indent": 1}
    if column.kind is Kind.CHOICE:
        look["shrink"] = True
    if column.wrap:
        look["text_wrap"] = True
    return book.look(**look)


def row_height(table: Table, row: Mapping[str, Value]) -> float:
    """Points a row needs to show its wrapped texts; `ROW_HEIGHT` for up to two lines."""
    wrapped = [
        (column.width, str(row[column.name]))
        for column in table.columns
        if column.wrap and row.get(column.name)
    ]
    lines = max((_lines(text, width) for width, text in wrapped), default=1)
    return max(ROW_HEIGHT, lines * _LINE_HEIGHT + 4)


def _lines(text: str, width: float) -> int:
    return sum(math.ceil(max(display_width(part), 1) / max(width - 2, 1)) for part in text.split("\n"))


def _columns(book: Book, sheet: Worksheet, table: Table) -> None:
    for n, column in enumerate(table.columns):
        options = {"hidden": True} if column.hidden else {}
        sheet.set_column(n, n, _width(book, column), cell_look(book, table, column), options)
    free = book.look(locked=False, font_color=SOFT_INK, bg_color=PAPER)
    paint_columns(sheet, len(table.columns), free)
    sheet.set_default_row(ROW_HEIGHT)


def _width(book: Book, column: Column) -> float:
    """The declared width, or what the longest choice needs and a header of two lines beside its filter arrow."""
    labels = [choice.label(book.lang) for choice in column.choices]
    longest = max((display_width(label) for label in labels), default=0)
    header = column.header(book.lang)
    words = header.split() if book.lang is Lang.EN else []
    needed = max(display_width(header) / 2, *(display_width(word) for word in words), 0) + _HEADER_ROOM
    return max(column.width, min(longest + 2, _WIDEST_CHOICE), needed)


def _header(book: Book, sheet: Worksheet, table: Table, height: int) -> None:
    looks = [_header_look(book, column.owner) for column in table.columns]
    columns = [
        {"header": column.header(book.lang), "header_format": look}
        for column, look in zip(table.columns, looks, strict=True)
    ]
    options = {"name": TABLE_NAME.format(table.name), "style": None, "columns": columns}
    sheet.add_table(0, 0, height, len(table.columns) - 1, options)
    sheet.set_row(0, 36)


def _header_look(book: Book, owner: Owner) -> Format:
    return book.look(
        bold=True, font_color=PAPER, bg_color=HEADER_FILL[owner], valign="vcenter", align="left", indent=1, text_wrap=True,
        right=1, right_color=PAPER, num_format="@",
    )  # fmt: skip


def _body(book: Book, sheet: Worksheet, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
    cells = [(n, column, cell_look(book, table, column)) for n, column in enumerate(table.columns)]
    for at, row in enumerate(rows or [{}], 1):
        height = row_height(table, row)
        if height > ROW_HEIGHT:
            sheet.set_row(at, height)
        for n, column, look in cells:
            put(sheet, at, n, shown(column, row.get(column.name), book.lang), look)


def _names(book: Book, table: Table) -> None:
    for n, column in enumerate(table.columns):
        book.file.define_name(
            defined_name(table, column), f"='{table.sheet(book.lang)}'!${xl_col_to_name(n)}$1"
        )


def _view(sheet: Worksheet, table: Table) -> None:
    sheet.freeze_panes(1, table.freeze)
    sheet.set_zoom(100)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(COLOURS.get(table.name, HEADER_FILL[Owner.ENGINE]))
    texts = [n for n, column in enumerate(table.columns) if column.kind in (Kind.ID, Kind.TEXT)]
    ranges = " ".join(f"{xl_col_to_name(n)}2:{xl_col_to_name(n)}{LAST_ROW + 1}" for n in texts)
    sheet.ignore_errors({"number_stored_as_text": ranges})


def _print_setup(book: Book, sheet: Worksheet, table: Table) -> None:
    width = sum(_width(book, column) for column in table.columns if not column.hidden)
    pages = math.ceil(width / _PAGE_WIDTH)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(pages, 0)
    if table.name in HEADED:
        sheet.repeat_rows(0)
        if pages > 1:
            sheet.repeat_columns(0, table.freeze - 1)
    sheet.set_footer(f"&L&8{book.shop.replace('&', '&&')}&C&8{table.sheet(book.lang)}&R&8&P / &N")
