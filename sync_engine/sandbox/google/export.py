"""Files as other formats: what Drive's export gives."""

from __future__ import annotations

import csv
import html
import io
import zipfile

from sync_engine.sandbox.google.book import Book, Sheet
from sync_engine.sandbox.google.cells import Error, Formula
from sync_engine.sandbox.google.grid import Grid
from sync_engine.sandbox.google.refusal import Refusal
from sync_engine.sandbox.google.render import matrix

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = ("application/x-vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet")


def exported(book: Book, mime: str) -> bytes:
    """The spreadsheet as `mime`. CSV and TSV hold the first sheet, as Google's do."""
    if mime in ("text/csv", "text/tab-separated-values"):
        return _separated(book, "," if mime == "text/csv" else "\t")
    if mime == XLSX:
        return _xlsx(book)
    if mime == "application/pdf":
        return _pdf(book)
    if mime == "application/zip":
        return _zipped(book)
    if mime in ODS:
        raise Refusal(501, "沙箱不支持导出 ODS / the stand-in does not export ODS")
    raise Refusal(
        400, "The requested conversion is not supported.", reason="badRequest", location="convertTo"
    )


def _shown(book: Book, sheet: Sheet) -> list[list[str]]:
    rows = matrix(book, Grid(sheet=sheet.id), "FORMATTED_VALUE", "FORMATTED_STRING", "ROWS")
    width = max((len(row) for row in rows), default=0)
    return [[str(each) for each in row] + [""] * (width - len(row)) for row in rows]


def _separated(book: Book, mark: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=mark, lineterminator="\r\n").writerows(_shown(book, book.sheets[0]))
    return text.getvalue().removesuffix("\r\n").encode()


def _xlsx(book: Book) -> bytes:
    from openpyxl import Workbook

    target = Workbook()
    target.remove(target.worksheets[0])
    for sheet in book.sheets:
        tab = target.create_sheet(sheet.title[:31])
        for row, column, cell in book.cells(sheet, Grid(sheet=sheet.id)):
            value = cell.entered if isinstance(cell.entered, Formula) else book.value(sheet, row, column)
            place = tab.cell(row + 1, column + 1)
            place.value = (
                value.shown
                if isinstance(value, Error)
                else str(value)
                if isinstance(value, Formula)
                else value
            )
            if isinstance(value, str) and not isinstance(value, Formula):
                place.data_type = "s"
    data = io.BytesIO()
    target.save(data)
    return data.getvalue()


def _pdf(book: Book) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    data = io.BytesIO()
    page = Canvas(data, invariant=True)
    for sheet in book.sheets:
        for at, row in enumerate(_shown(book, sheet)[:60]):
            page.drawString(40, 800 - 12 * at, "  ".join(row).encode("latin-1", "replace").decode("latin-1"))
        page.showPage()
    page.save()
    return data.getvalue()


def _zipped(book: Book) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as target:
        for sheet in book.sheets:
            rows = "".join(
                "<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in row) + "</tr>"
                for row in _shown(book, sheet)
            )
            target.writestr(
                f"{sheet.title.replace('/', '_')}.html", f"<html><body><table>{rows}</table></body></html>"
            )
    return data.getvalue()
