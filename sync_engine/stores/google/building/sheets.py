"""The sheets of a workbook file: tabs, sizes, cells, merges, names, tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sync_engine.stores.google.building.cells import Looks, value_of
from sync_engine.stores.google.building.units import Json, colour, column_pixels, grid_range, row_pixels

SPARE_ROWS = 200
"""Empty rows below the last one, dressed like it: what people type next looks right."""
ROWS_AT_ONCE = 500
_TARGET = re.compile(r"^'?((?:[^']|'')+?)'?!\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?$")


def sheet_ids(book: Workbook) -> dict[str, int]:
    """An id for each tab; the first is not 0, which the new spreadsheet's own first sheet has."""
    return {name: at for at, name in enumerate(book.sheetnames, start=1)}


def add_sheets(book: Workbook) -> Iterator[Json]:
    """Requests that make the tabs, and take away the empty one a new spreadsheet begins with."""
    for name, at in sheet_ids(book).items():
        yield {"addSheet": {"properties": properties_of(book[name], name, at)}}
    yield {"deleteSheet": {"sheetId": 0}}


def properties_of(sheet: Worksheet, name: str, at: int) -> Json:
    """How a new tab is made: its size, what is frozen, its colour."""
    rows, columns = _size(sheet)
    grid: Json = {
        "rowCount": rows,
        "columnCount": columns,
        "hideGridlines": not sheet.sheet_view.showGridLines,
    }
    if sheet.freeze_panes:
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", str(sheet.freeze_panes)).groups()  # type: ignore[union-attr]
        if int(number) > 1:
            grid["frozenRowCount"] = int(number) - 1
        if letters != "A":
            grid["frozenColumnCount"] = column_index_from_string(letters) - 1
    found: Json = {"sheetId": at, "title": name, "index": at, "gridProperties": grid}
    if tint := colour(sheet.sheet_properties.tabColor):
        found["tabColorStyle"] = tint
    if sheet.sheet_state != "visible":
        found["hidden"] = True
    return found


def _size(sheet: Worksheet) -> tuple[int, int]:
    return max(sheet.max_row, 1) + SPARE_ROWS, max(sheet.max_column + 1, 6)


def fill_sheet(sheet: Worksheet, sheet_id: int, looks: Looks) -> Iterator[Json]:
    """Requests that fill one tab: sizes, looks of the empty rows below, cells, merges."""
    yield from _sizes(sheet, sheet_id)
    yield from _below(sheet, sheet_id, looks)
    rows = list(sheet.iter_rows(1, sheet.max_row, 1, sheet.max_column))
    for first in range(0, len(rows), ROWS_AT_ONCE):
        data = [
            {"values": [{"userEnteredValue": value_of(c)} for c in row]}
            for row in rows[first : first + ROWS_AT_ONCE]
        ]
        start = {"sheetId": sheet_id, "rowIndex": first, "columnIndex": 0}
        yield {"updateCells": {"start": start, "rows": data, "fields": "userEnteredValue"}}
    for top, left, bottom, right in _alike(rows):
        cell = {"userEnteredFormat": looks.of(rows[top - 1][left - 1])}
        where = grid_range(sheet_id, top, left, bottom, right)
        yield {"repeatCell": {"range": where, "cell": cell, "fields": "userEnteredFormat"}}
    for merged in sheet.merged_cells.ranges:
        where = grid_range(sheet_id, merged.min_row, merged.min_col, merged.max_row, merged.max_col)
        yield {"mergeCells": {"range": where, "mergeType": "MERGE_ALL"}}


def _alike(rows: Sequence[tuple[Cell | MergedCell, ...]]) -> Iterator[tuple[int, int, int, int]]:
    """Blocks of cells that wear the same look: first row and column, last row and column."""
    open_runs: dict[tuple[int, int, int], int] = {}  # (first column, last column, look) -> first row
    for number, row in enumerate([*rows, ()], start=1):
        runs, at = dict[tuple[int, int, int], int](), 0
        while at < len(row):
            end = at
            while end + 1 < len(row) and row[end + 1].style_id == row[at].style_id:
                end += 1
            if row[at].has_style:
                run = (at + 1, end + 1, row[at].style_id)
                runs[run] = open_runs.get(run, number)
            at = end + 1
        for run, top in open_runs.items():
            if run not in runs:
                yield top, run[0], number - 1, run[1]
        open_runs = runs


def _sizes(sheet: Worksheet, sheet_id: int) -> Iterator[Json]:
    for letters, size in sheet.column_dimensions.items():
        first, last = size.min or column_index_from_string(letters), min(size.max or 0, _size(sheet)[1])
        if first > _size(sheet)[1]:
            continue
        change: Json = {"hiddenByUser": bool(size.hidden)}
        if size.width:
            change["pixelSize"] = column_pixels(size.width)
        yield _dimension(sheet_id, "COLUMNS", first, max(first, last), change)
    for number, height in sheet.row_dimensions.items():
        if height.height:
            yield _dimension(sheet_id, "ROWS", number, number, {"pixelSize": row_pixels(height.height)})


def _dimension(sheet_id: int, kind: str, first: int, last: int, change: Json) -> Json:
    where = {"sheetId": sheet_id, "dimension": kind, "startIndex": first - 1, "endIndex": last}
    return {"updateDimensionProperties": {"range": where, "properties": change, "fields": ",".join(change)}}


def _below(sheet: Worksheet, sheet_id: int, looks: Looks) -> Iterator[Json]:
    """The rows below a table look like its last one."""
    if not sheet.tables:
        return
    for column in range(1, sheet.max_column + 1):
        look = looks.of(sheet.cell(max(sheet.max_row, 2), column))
        where = grid_range(sheet_id, sheet.max_row + 1, column, None, column)
        yield {
            "repeatCell": {"range": where, "cell": {"userEnteredFormat": look}, "fields": "userEnteredFormat"}
        }


def name_ranges(book: Workbook) -> Iterator[Json]:
    """The workbook's defined names."""
    ids = sheet_ids(book)
    for name, defined in book.defined_names.items():
        found = _TARGET.match(defined.attr_text or "")
        if found and (tab := found[1].replace("''", "'")) in ids and not name.startswith("_xlnm"):
            left, top = column_index_from_string(found[2]), int(found[3])
            right, bottom = (column_index_from_string(found[4]), int(found[5])) if found[4] else (left, top)
            yield {
                "addNamedRange": {
                    "namedRange": {"name": name, "range": grid_range(ids[tab], top, left, bottom, right)}
                }
            }


def add_tables(book: Workbook, ids: Mapping[str, int] | None = None) -> Iterator[Json]:
    """Excel's table objects as Google's, on these tabs or on all."""
    ids = sheet_ids(book) if ids is None else ids
    for name, at in ids.items():
        for table in book[name].tables.values():
            left, top, right, bottom = range_boundaries(table.ref)
            assert left and top and right and bottom, "a table has four sides"
            columns = [
                {
                    "columnIndex": n,
                    "columnName": str(book[name].cell(top, left + n).value or get_column_letter(left + n)),
                }
                for n in range(right - left + 1)
            ]
            where = grid_range(at, top, left, bottom, right)
            yield {
                "addTable": {
                    "table": {"name": table.displayName, "range": where, "columnProperties": columns}
                }
            }


def chunks(requests: Sequence[Json], most: int) -> Iterator[list[Json]]:
    """Requests in bodies of at most `most` bytes."""
    body: list[Json] = []
    size = 0
    for request in requests:
        weight = len(json.dumps(request))
        if body and size + weight > most:
            yield body
            body, size = [], 0
        body.append(request)
        size += weight
    if body:
        yield body
