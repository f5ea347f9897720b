"""说明: one page for the people of the shop."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book


def write_guide(book: Book, sheet: Worksheet) -> None:
    """Fill the guide sheet."""
    sheet.hide_gridlines(2)
