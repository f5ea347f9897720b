"""Tables: a name, a range with a header row, and columns with types."""

from __future__ import annotations

from sync_engine.sandbox.google import lines
from sync_engine.sandbox.google.book import Book, Sheet
from sync_engine.sandbox.google.cells import Cell
from sync_engine.sandbox.google.grid import Grid, from_json
from sync_engine.sandbox.google.mask import parse, update
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.work import Work


def with_columns(sheet: Sheet, table: Json, given: dict[int, Json]) -> Json:
    """The table with properties for each of its columns; names come from `given`, the header cells, or "Column N"."""
    top, _, left, right = sheet.full(from_json(table["range"])).box
    columns, used = [], set[str]()
    for index in range(right - left):
        header = sheet.cell(top, left + index).entered
        told = given.get(index, {})
        name = told.get("columnName") or (str(header) if header is not None else f"Column {index + 1}")
        wanted, number = name, 1
        while name in used:
            number += 1
            name = f"{wanted} {number}"
        used.add(name)
        column = {"columnIndex": index, "columnName": name} if index else {"columnName": name}
        columns.append(
            told | column | ({} if told.get("columnType") else {"columnType": "TEXT"} if told else {})
        )
    return table | {"columnProperties": columns}


def add(work: Work, asked: Json) -> Json:
    """addTable."""
    wanted = dict(asked.get("table") or {})
    sheet, grid = work.grid(wanted.get("range"))
    work.guard(sheet, grid)
    number = str(wanted.get("tableId") or work.fresh_id())
    if any(number in each.tables for each in work.book.sheets):
        raise bad(f"Invalid value: a table with id {number} exists already")
    _check_free(sheet, grid, "")
    if not wanted.get("name"):
        wanted["name"] = f"Table{1 + sum(len(each.tables) for each in work.book.sheets)}"
    _check_name(work.book, wanted["name"], "")
    table = with_columns(sheet, wanted | {"tableId": number, "range": grid.as_json()}, _given(wanted))
    sheet.tables[number] = table
    _write_headers(work, sheet, table)
    return {"addTable": {"table": table}}


def _given(table: Json) -> dict[int, Json]:
    given = {int(each.get("columnIndex", 0)): each for each in table.get("columnProperties", [])}
    for each in given.values():
        if each.get("columnType") == "DROPDOWN" and not each.get("dataValidationRule"):
            raise bad("Invalid value: a DROPDOWN column needs a dataValidationRule")
    return given


def _check_free(sheet: Sheet, grid: Grid, but: str) -> None:
    top, bottom, _, _ = grid.box
    if bottom - top < 2:
        raise bad("Invalid value: a table needs a header row and at least one row below it")
    for name, other in sheet.tables.items():
        if name != but and from_json(other["range"]).meets(grid):
            raise bad("You can't add a table that overlaps with another table.")


def _check_name(book: Book, name: str, but: str) -> None:
    for sheet in book.sheets:
        for number, other in sheet.tables.items():
            if number != but and other["name"].lower() == name.lower():
                raise bad(f'Invalid value: a table with the name "{name}" already exists')


def _write_headers(work: Work, sheet: Sheet, table: Json) -> None:
    top, _, left, _ = sheet.full(from_json(table["range"])).box
    row = {}
    for each in table["columnProperties"]:
        at = left + each.get("columnIndex", 0)
        cell = sheet.cell(top, at)
        if cell.entered != each["columnName"]:
            row[at] = Cell(each["columnName"], cell.format, cell.note, cell.validation, cell.more)
    if row:
        work.write_row(sheet, top, row)


def find(work: Work, number: str) -> tuple[Sheet, Json]:
    """A table and its sheet."""
    for sheet in work.book.sheets:
        if number in sheet.tables:
            return work.sheet(sheet.id), sheet.tables[number]
    raise bad(f"No table with id: {number}")


def change(work: Work, asked: Json) -> Json:
    """updateTable."""
    told = asked.get("table") or {}
    sheet, old = find(work, told.get("tableId", ""))
    work.guard(sheet, from_json(old["range"]))
    new = update(old, told, parse(asked["fields"])) | {"tableId": old["tableId"]}
    grid = work.grid(new.get("range"))[1]
    if grid.sheet != sheet.id or (grid.top, grid.left) != sheet.full(from_json(old["range"])).box[::2]:
        raise bad("Invalid value: a table's range must keep its first cell")
    _check_free(sheet, grid, old["tableId"])
    _check_name(work.book, new["name"], old["tableId"])
    table = with_columns(sheet, new | {"range": grid.as_json()}, _given(new))
    sheet.tables[old["tableId"]] = table
    _write_headers(work, sheet, table)
    return {}


def delete(work: Work, asked: Json) -> Json:
    """deleteTable: the table goes, with its cells, as in the user interface."""
    sheet, old = find(work, asked.get("tableId", ""))
    grid = sheet.full(from_json(old["range"]))
    work.guard(sheet, grid)
    del sheet.tables[old["tableId"]]
    for row, column, _ in list(work.book.cells(sheet, grid)):
        work.write(sheet, row, column, Cell())
    return {}


def room(work: Work, number: str, count: int) -> tuple[Sheet, int, int]:
    """Where `count` rows go in a table's body: the sheet, the row and the column; the table grows where it must.

    Rows go after the last one with data. Where something stands below, whole rows are inserted (ASSUMED).
    """
    sheet, table = find(work, number)
    top, bottom, left, right = sheet.full(from_json(table["range"])).box
    start = max(
        sheet.end_of_data(Grid(sheet=sheet.id, top=top, bottom=bottom, left=left, right=right)), top + 1
    )
    missing = start + count - bottom
    if missing > 0:
        below = Grid(
            sheet=sheet.id, top=bottom, bottom=min(bottom + missing, len(sheet.cells)), left=left, right=right
        )
        if bottom >= len(sheet.cells):
            lines.append(work, sheet, True, missing)
        elif any(cell.entered is not None for _, _, cell in work.book.cells(sheet, below)):
            lines.insert(work, sheet, True, bottom, missing, like_before=True)
        elif bottom + missing > len(sheet.cells):
            lines.append(work, sheet, True, bottom + missing - len(sheet.cells))
        current = sheet.tables[number]
        sheet.tables[number] = current | {"range": current["range"] | {"endRowIndex": bottom + missing}}
    return sheet, start, left
