"""Columns of spare parts, put at the right end of a table: cells, widths, checks, colours, and the table object."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from sync_engine.stores.xlsx.loaded import LoadedSheet
from sync_engine.stores.xlsx.patch import grow_dimension
from sync_engine.stores.xlsx.sheet import Cell, cells_of, column_letters, column_number
from sync_engine.stores.xlsx.upgrade.lacking import Widening, last_of_list
from sync_engine.stores.xlsx.upgrade.text import SHEET_ORDER, children, put_beside, put_in
from workbook_templates.book import LAST_ROW
from workbook_templates.schema import Table
from workbook_templates.spare import filler

_OPEN = re.compile(rb"<row\b([^>]*?)(/?)>")
_SPANS = re.compile(rb'\s+spans="[^"]*"')
_COL = re.compile(r"<col\b[^>]*?/>")
_BOUND = re.compile(r'\b(min|max)="(\d+)"')
_SQREF = re.compile(r'\bsqref="([^"]*)"')
_AREA = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")
_PRIORITY = re.compile(r'\bpriority="(\d+)"')
_FIRST_ROW_REF = re.compile(r"(\$[A-Z]{1,3})2(?!\d)")
_RIGHT = re.compile(r'(\bref="[A-Z]+\d+:)([A-Z]+)(\d+")')
_ID = re.compile(r'<tableColumn\b[^>]*?\bid="(\d+)"')


def as_laid_out(sheet: LoadedSheet, widening: Widening) -> Table:
    """The table as it will stand in this workbook: declared columns where they are, fillers where people's own are."""
    places = {at: sheet.table.column(name) for name, at in sheet.layout.columns.items()}
    places |= {widening.first + n: column for n, column in enumerate(widening.columns)}
    columns = tuple(places.get(at) or filler(at) for at in range(1, max(places) + 1))
    table = sheet.table
    return Table(
        name=table.name, zh=table.zh, en=table.en, key=table.key, columns=columns, about_zh=table.about_zh,
        about_en=table.about_en, staff_rows=table.staff_rows, freeze=table.freeze,
    )  # fmt: skip


def widened(sheet: LoadedSheet, widening: Widening, spare: str) -> tuple[bytes, list[bytes], bytes]:
    """The sheet's head, rows and tail with the new columns; `spare` is the sheet as `as_laid_out` has it."""
    wanted = range(widening.first, widening.first + len(widening.columns))
    head = _with_widths(sheet.head.decode(), spare, wanted)
    last = max((chunk.number for chunk in sheet.chunks), default=1)
    head = grow_dimension(head.encode(), last, wanted[-1]).decode()
    tail = _with_rules(sheet.tail.decode(), spare, wanted, sheet.layout.header_row)
    return head.encode(), _rows(sheet, spare, wanted), tail.encode()


def _rows(sheet: LoadedSheet, spare: str, wanted: range) -> list[bytes]:
    """Every row of the table with a cell in each new column: the header's text, and the column's format below."""
    rows = re.findall(rb"<row\b.*?</row>", spare.encode(), re.S)
    heads = {
        cell.column: rows[0][cell.start : cell.end] for cell in cells_of(rows[0]) if cell.column in wanted
    }
    looks = {cell.column: cell.style for cell in cells_of(rows[1]) if cell.column in wanted}
    header = sheet.layout.header_row
    last = sheet.list_part.last_row if sheet.list_part else max(
        (sheet.chunks[index].number for index in sheet.keys), default=header + 1
    )  # fmt: skip
    made = []
    for chunk in sheet.chunks:
        if chunk.number == header:
            texts = {at: _moved(cell, at, header) for at, cell in heads.items()}
            made.append(_with_cells(chunk.data, chunk.number, texts))
        elif header < chunk.number <= last:
            blanks = {
                at: b'<c r="%s%d" s="%s"/>' % (_letters(at), chunk.number, s) for at, s in looks.items()
            }
            made.append(_with_cells(chunk.data, chunk.number, blanks))
        else:
            made.append(chunk.data)
    return made


def _letters(column: int) -> bytes:
    return column_letters(column).encode()


def _moved(cell: bytes, column: int, row: int) -> bytes:
    return re.sub(rb'\br="[A-Z]+\d+"', b'r="%s%d"' % (_letters(column), row), cell, count=1)


def _with_cells(row: bytes, number: int, new: Mapping[int, bytes]) -> bytes:
    """The row with these cells; nothing stood in them before but perhaps a format."""
    opened = _OPEN.match(row)
    assert opened is not None, "a row begins with <row"
    if opened[2]:
        row = row[: opened.start(2)] + b"></row>"
        opened = _OPEN.match(row)
        assert opened is not None
    cells: list[Cell] = list(cells_of(row))
    kept = [(cell.column, row[cell.start : cell.end]) for cell in cells if cell.column not in new]
    body = b"".join(text for _, text in sorted([*kept, *new.items()], key=lambda pair: pair[0]))
    end = max((cell.end for cell in cells), default=opened.end())
    return _SPANS.sub(b"", row[: opened.end()]) + body + row[end:]


def _with_widths(head: str, spare: str, wanted: range) -> str:
    """The sheet's <cols> with those of the new columns; one that reached over them is cut in two."""
    spare_cols = [(low, high, text) for low, high, text in _cols(spare)]
    new = []
    for column in wanted:
        text = next(text for low, high, text in spare_cols if low <= column <= high)
        new.append((column, column, _bounded(text, column, column)))
    old = list(_cols(head))
    for low, high, text in old:
        if high < wanted[0] or low > wanted[-1]:
            new.append((low, high, text))
            continue
        if low < wanted[0]:
            new.append((low, wanted[0] - 1, _bounded(text, low, wanted[0] - 1)))
        if high > wanted[-1]:
            new.append((wanted[-1] + 1, high, _bounded(text, wanted[-1] + 1, high)))
    cols = "<cols>" + "".join(text for _, _, text in sorted(new)) + "</cols>"
    at = head.find("<cols>")
    if at >= 0:
        return head[:at] + cols + head[head.index("</cols>") + len("</cols>") :]
    at = head.rindex("<sheetData")
    return head[:at] + cols + head[at:]


def _cols(xml: str) -> list[tuple[int, int, str]]:
    found = []
    for match in _COL.finditer(xml[: xml.find("<sheetData")]):
        bounds = dict(_BOUND.findall(match[0]))
        found.append((int(bounds["min"]), int(bounds["max"]), match[0]))
    return found


def _bounded(col: str, low: int, high: int) -> str:
    return _BOUND.sub(lambda found: f'{found[1]}="{low if found[1] == "min" else high}"', col)


def _with_rules(tail: str, spare: str, wanted: range, header: int) -> str:
    """What follows the rows with the checks, colours and silenced warnings of the new columns."""
    given = spare[spare.rfind("</sheetData>") :]
    shift = header - 1

    def fit(text: str) -> str:
        areas = _areas(text, wanted, shift)
        if not areas:
            return ""
        text = _SQREF.sub(f'sqref="{areas}"', text, count=1)
        return _FIRST_ROW_REF.sub(lambda ref: f"{ref[1]}{2 + shift}", text) if shift else text

    for child in children(given, 0):
        text = given[child.start : child.end]
        inner = given[child.inner : child.close]
        if child.name == "conditionalFormatting" and (fitted := fit(text)):
            tail = put_beside(tail, child.name, _after(tail, fitted), SHEET_ORDER)
        elif child.name in ("dataValidations", "ignoredErrors"):
            items = [fit(inner[one.start : one.end]) for one in children(inner, 0)]
            items = [item for item in items if item]
            number = len(items) if child.name == "dataValidations" else None
            if items:
                tail = put_in(tail, child.name, "".join(items), SHEET_ORDER, number=number)
    return tail


def _after(tail: str, rule: str) -> str:
    """A colour rule that gives way to those there are."""
    most = max(map(int, _PRIORITY.findall(tail)), default=0)
    return _PRIORITY.sub(lambda found: f'priority="{most + int(found[1])}"', rule)


def _areas(element: str, wanted: range, shift: int) -> str:
    """The parts of an element's ranges that lie in the new columns."""
    given = _SQREF.search(element)
    kept = []
    for area in _AREA.finditer(given[1] if given else ""):
        low, high = column_number(area[1]), column_number(area[3] or area[1])
        low, high = max(low, wanted[0]), min(high, wanted[-1])
        if low > high:
            continue
        first, last = int(area[2]) + shift, int(area[4] or area[2]) + shift
        last = min(last, LAST_ROW + 1 + shift)
        start, end = f"{column_letters(low)}{first}", f"{column_letters(high)}{last}"
        kept.append(start if start == end else f"{start}:{end}")
    return " ".join(kept)


def table_widened(sheet: LoadedSheet, widening: Widening, header: Callable[[int], str]) -> str:
    """The table object reaching over the new columns and those of people between; `header` gives a column's header."""
    found = sheet.list_part
    assert found is not None, "only a table object is widened"
    old, last = last_of_list(sheet), widening.first + len(widening.columns) - 1
    start = found.xml.index("<tableColumns")

    def right(match: re.Match[str]) -> str:
        return f"{match[1]}{column_letters(last)}{match[3]}" if column_number(match[2]) == old else match[0]

    top = _RIGHT.sub(right, found.xml[:start], count=2)
    xml = top + found.xml[start:]
    top_id = max(map(int, _ID.findall(xml)), default=0)
    names = [header(column) for column in range(old + 1, last + 1)]
    quoted = [escape(name, {'"': "&quot;"}) for name in names]
    items = "".join(f'<tableColumn id="{top_id + n}" name="{name}"/>' for n, name in enumerate(quoted, 1))
    return put_in(xml, "tableColumns", items, ("tableColumns",), depth=1, number=len(names))


__all__ = ["as_laid_out", "table_widened", "widened"]
