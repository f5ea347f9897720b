"""Rows and columns that come, go and move, and everything that moves with them.

Ranges, merges, tables, charts, named ranges, metadata of rows and columns, and references in formulas follow. What lay
wholly on deleted rows or columns goes with them.
"""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox.google.book import Sheet, check_size
from sync_engine.sandbox.google.cells import Cell, Formula, Row
from sync_engine.sandbox.google.formula import shifted
from sync_engine.sandbox.google.grid import Ends, Grid, change_grid, deleted, inserted, moved, moved_line
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.schema import find_ranges
from sync_engine.sandbox.google.work import Work


def strip(sheet: Sheet, rows: bool, start: int, end: int) -> Grid:
    """The range of whole rows or columns."""
    if rows:
        return Grid(sheet=sheet.id, top=start, bottom=end)
    return Grid(sheet=sheet.id, left=start, right=end)


def insert(work: Work, sheet: Sheet, rows: bool, at: int, count: int, like_before: bool = False) -> None:
    """`count` empty rows or columns before line `at`; formats come from the line before or after."""
    if count < 1:
        raise bad("Invalid value: nothing to insert")
    pattern = _pattern(sheet, rows, at - 1 if like_before else at)
    if rows:
        fresh: list[Row | None] = [dict(pattern) or None for _ in range(count)]
        sheet.cells[at:at] = fresh
        sheet.lines[at:at] = [None] * count
    else:
        sheet.columns[at:at] = [None] * count
        _each_row(sheet, lambda row: {(c if c < at else c + count): cell for c, cell in row.items()})
        for number, row in enumerate(sheet.cells):
            if number in pattern:
                sheet.cells[number] = (row or {}) | {at + n: pattern[number] for n in range(count)}
    check_size(work.book)
    follow(work, sheet, rows, inserted(at, count))
    work.told("insert", sheet, _detail(rows, at=at, count=count))


def _pattern(sheet: Sheet, rows: bool, line: int) -> Row:
    """The formats and rules of a line, without its values."""
    if line < 0 or line >= sheet.size[0 if rows else 1]:
        return {}
    if rows:
        found = dict(sheet.cells[line] or {})
    else:
        found = {n: row[line] for n, row in enumerate(sheet.cells) if row and line in row}
    plain = {at: Cell(None, cell.format, None, cell.validation) for at, cell in found.items()}
    return {at: cell for at, cell in plain.items() if cell}


def delete(work: Work, sheet: Sheet, rows: bool, at: int, count: int) -> None:
    """Rows or columns go, with what is on them."""
    if count >= sheet.size[0 if rows else 1]:
        raise bad(f"Sorry, it is not possible to delete all the {'rows' if rows else 'columns'}.")
    if rows:
        del sheet.cells[at : at + count]
        del sheet.lines[at : at + count]
    else:
        del sheet.columns[at : at + count]
        stop = at + count
        _each_row(
            sheet, lambda row: {(c if c < at else c - count): v for c, v in row.items() if not at <= c < stop}
        )
    _thaw(sheet, rows, at, count)
    follow(work, sheet, rows, deleted(at, count))
    work.told("delete", sheet, _detail(rows, at=at, count=count))


def _thaw(sheet: Sheet, rows: bool, at: int, count: int) -> None:
    """Deleted lines are not frozen any more."""
    name = "frozenRowCount" if rows else "frozenColumnCount"
    frozen = sheet.properties.get(name, 0)
    left = frozen - max(0, min(at + count, frozen) - at)
    if frozen and left:
        sheet.properties[name] = left
    else:
        sheet.properties.pop(name, None)


def move(work: Work, sheet: Sheet, rows: bool, at: int, count: int, to: int) -> None:
    """Rows or columns go before line `to`, counted before the move."""
    if at <= to <= at + count:
        return
    lists: list[list[Any]] = [sheet.cells, sheet.lines] if rows else [sheet.columns]
    for each in lists:
        block = each[at : at + count]
        del each[at : at + count]
        place = to if to <= at else to - count
        each[place:place] = block
    if not rows:
        _each_row(sheet, lambda row: {moved_line(c, at, count, to): cell for c, cell in row.items()})
    follow(work, sheet, rows, moved(at, count, to))
    work.told("move", sheet, _detail(rows, at=at, count=count, to=to))


def append(work: Work, sheet: Sheet, rows: bool, count: int) -> None:
    """Empty lines at the end."""
    if count < 1:
        raise bad("Invalid value: length must be above 0")
    if rows:
        sheet.cells += [None] * count
        sheet.lines += [None] * count
    else:
        sheet.columns += [None] * count
    check_size(work.book)


def resize(work: Work, sheet: Sheet, rows: int, columns: int) -> None:
    """Another size of the grid; lines come and go at the end."""
    if rows < 1 or columns < 1:
        raise bad("Invalid value: a grid must have at least one row and one column")
    for along, wanted in ((True, rows), (False, columns)):
        has = sheet.size[0 if along else 1]
        if wanted > has:
            append(work, sheet, along, wanted - has)
        elif wanted < has:
            work.guard(sheet, strip(sheet, along, wanted, has))
            delete(work, sheet, along, wanted, has - wanted)


def _each_row(sheet: Sheet, change: Any) -> None:
    sheet.cells[:] = [(change(row) or None) if row else None for row in sheet.cells]


def _detail(rows: bool, **told: int) -> Json:
    return {"dimension": "ROWS" if rows else "COLUMNS", **told}


def follow(work: Work, sheet: Sheet, rows: bool, ends: Ends) -> None:
    """Everything that names places of this sheet goes along with a change of its rows or columns."""

    def change(value: Json) -> Json | None:
        return change_grid(value, sheet.id, rows, ends)

    for each in list(work.book.sheets):
        if each is sheet or _points_elsewhere(each, sheet):
            _follow_objects(work.sheet(each.id), change)
    book = work.book
    moved_named = {name: find_ranges(value, "@NamedRange", change) for name, value in book.named.items()}
    book.named = {name: value for name, value in moved_named.items() if "range" in value}
    _follow_tables(sheet, rows, ends)
    _follow_groups(sheet, rows, ends)
    _follow_metadata(work, sheet, rows, ends)
    _follow_formulas(work, sheet, rows, ends)


def _points_elsewhere(other: Sheet, sheet: Sheet) -> bool:
    return bool(other.charts)


def _follow_objects(sheet: Sheet, change: Any) -> None:
    sheet.merges = [kept for each in sheet.merges if (kept := change(each)) is not None and _wide(kept)]
    sheet.protected = _kept(sheet.protected, "@ProtectedRange", change, own=("namedRangeId", "tableId"))
    sheet.filter_views = _kept(sheet.filter_views, "@FilterView", change)
    sheet.banded = _kept(sheet.banded, "@BandedRange", change)
    sheet.tables = _kept(sheet.tables, "@Table", change)
    sheet.charts = {n: find_ranges(each, "@EmbeddedChart", change) for n, each in sheet.charts.items()}
    rules = [find_ranges(each, "@ConditionalFormatRule", change) for each in sheet.conditional]
    sheet.conditional = [each for each in rules if each["ranges"]]
    if sheet.basic_filter:
        kept = find_ranges(sheet.basic_filter, "@BasicFilter", change)
        sheet.basic_filter = kept if "range" in kept else None


def _wide(grid: dict[str, int]) -> bool:
    """A merge of one cell is none."""
    return (
        grid["endRowIndex"] - grid["startRowIndex"] > 1
        or grid["endColumnIndex"] - grid["startColumnIndex"] > 1
    )


def _kept(objects: dict[Any, Json], kind: str, change: Any, own: tuple[str, ...] = ()) -> dict[Any, Json]:
    done = {number: find_ranges(each, kind, change) for number, each in objects.items()}
    return {n: each for n, each in done.items() if "range" in each or any(name in each for name in own)}


def _follow_tables(sheet: Sheet, rows: bool, ends: Ends) -> None:
    """A table's columns are as many as its range is wide; those of inserted columns get names of their own."""
    if rows:
        return
    for name, table in list(sheet.tables.items()):
        width = table["range"]["endColumnIndex"] - table["range"]["startColumnIndex"]
        known = {each.get("columnIndex", 0): each for each in table.get("columnProperties", [])}
        if len(known) != width:
            from sync_engine.sandbox.google.tables import with_columns

            sheet.tables[name] = with_columns(sheet, table, known)


def _follow_groups(sheet: Sheet, rows: bool, ends: Ends) -> None:
    groups = sheet.row_groups if rows else sheet.column_groups
    done = []
    for group in groups:
        span = group["range"]
        new = ends(span["startIndex"], span["endIndex"])
        if new is not None:
            done.append(group | {"range": span | {"startIndex": new[0], "endIndex": new[1]}})
    if rows:
        sheet.row_groups = done
    else:
        sheet.column_groups = done


def _follow_metadata(work: Work, sheet: Sheet, rows: bool, ends: Ends) -> None:
    """Google: metadata stays with its row or column where that moves, and goes with it where it is deleted."""
    wanted = "ROWS" if rows else "COLUMNS"
    for number, each in list(work.book.metadata.items()):
        span = each["location"].get("dimensionRange")
        if not span or span.get("sheetId", 0) != sheet.id or span["dimension"] != wanted:
            continue
        new = ends(span["startIndex"], span["endIndex"])
        if new is None:
            del work.book.metadata[number]
        elif new != (span["startIndex"], span["endIndex"]):
            place = span | {"startIndex": new[0], "endIndex": new[1]}
            work.book.metadata[number] = each | {"location": each["location"] | {"dimensionRange": place}}


def _follow_formulas(work: Work, sheet: Sheet, rows: bool, ends: Ends) -> None:
    called = sheet.title.lower().replace("'", "''")
    for each in list(work.book.sheets):
        found = formulas(each)
        for number, column, cell in found:
            if each.id != sheet.id and called not in str(cell.entered).lower():
                continue
            new = shifted(str(cell.entered), each.title, sheet.title, rows, ends)
            if new != cell.entered:
                own = work.sheet(each.id)
                changed = Cell(new, cell.format, cell.note, cell.validation, cell.more)
                own.cells[number] = (own.cells[number] or {}) | {column: changed}


def formulas(sheet: Sheet) -> list[tuple[int, int, Cell]]:
    """Row, column and cell of every formula."""
    return [
        (number, column, cell)
        for number, row in enumerate(sheet.cells)
        if row
        for column, cell in row.items()
        if isinstance(cell.entered, Formula)
    ]
