"""The values methods: get, update, append, clear, their batches, and the same by data filter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sync_engine.sandbox.google import lines, metadata
from sync_engine.sandbox.google.book import Book, Sheet, check_size
from sync_engine.sandbox.google.cells import Cell, Row
from sync_engine.sandbox.google.grid import Grid, a1, column_name
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.render import matrix
from sync_engine.sandbox.google.typed import entered
from sync_engine.sandbox.google.work import Work

_KINDS = (str, bool, int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How values are read from a request and told in an answer."""

    raw: bool = True
    echo: bool = False
    how: str = "FORMATTED_VALUE"
    dates: str = "SERIAL_NUMBER"
    major: str = "ROWS"


def reading(told: Json) -> Options:
    """Options of a get."""
    major = told.get("majorDimension")
    return Options(
        how=told.get("valueRenderOption") or "FORMATTED_VALUE",
        dates=told.get("dateTimeRenderOption") or "SERIAL_NUMBER",
        major="COLUMNS" if major == "COLUMNS" else "ROWS",
    )


def writing(told: Json) -> Options:
    """Options of a write; refused without valueInputOption."""
    if told.get("valueInputOption") not in ("RAW", "USER_ENTERED"):
        raise bad("'valueInputOption' is required but not specified")
    return Options(
        raw=told["valueInputOption"] == "RAW",
        echo=bool(told.get("includeValuesInResponse")),
        how=told.get("responseValueRenderOption") or "FORMATTED_VALUE",
        dates=told.get("responseDateTimeRenderOption") or "SERIAL_NUMBER",
    )


def label(book: Book, grid: Grid) -> str:
    """The A1 text of a range cut at the grid."""
    sheet = book.sheet(grid.sheet)
    return a1(sheet.title, sheet.full(grid))


def get(book: Book, grid: Grid, options: Options) -> Json:
    """A ValueRange; without `values` where all is empty."""
    values = matrix(book, grid, options.how, options.dates, options.major)
    told: Json = {"range": label(book, grid), "majorDimension": options.major}
    return told | ({"values": values} if values else {})


def _rows(body: Json) -> list[list[Any]]:
    """The values of a body as rows."""
    values = body.get("values") or []
    for at, line in enumerate(values):
        for place, value in enumerate(line):
            if value is not None and not isinstance(value, _KINDS):
                kind = "struct_value" if isinstance(value, dict) else "list_value"
                raise bad(f"Invalid values[{at}][{place}]: {kind} {{\n}}\n")
    if body.get("majorDimension") == "COLUMNS":
        height = max((len(line) for line in values), default=0)
        return [[line[at] if at < len(line) else None for line in values] for at in range(height)]
    return list(values)


def update(work: Work, grid: Grid, body: Json, options: Options, *, grow: bool = True) -> Json:
    """Write a ValueRange from the range's first cell on.

    Null cells are skipped, "" clears. A range of more than one cell must hold all that is written. From a single cell the
    values may go on, and the grid grows with them (ASSUMED; `grow`).
    """
    sheet, rows = work.sheet(grid.sheet), _rows(body)
    top, bottom, left, right = sheet.full(grid).box
    height, width = len(rows), max((len(row) for row in rows), default=0)
    single = bottom - top == 1 and right - left == 1 and grow
    anchored = single or grid == Grid(sheet=sheet.id)
    if not anchored:
        _check_inside(work.book, grid, rows)
    elif (more := top + height - len(sheet.cells)) > 0:
        lines.append(work, sheet, True, more)
    if anchored and (more := left + width - sheet.size[1]) > 0:
        lines.append(work, sheet, False, more)
    if anchored:
        check_size(work.book)
    used = Grid(sheet=sheet.id, top=top, bottom=top + max(height, 1), left=left, right=left + max(width, 1))
    _guard_cells(work, sheet, top, left, rows)
    count = [_put(work, sheet, top + at, left, row, options) for at, row in enumerate(rows)]
    return _updated(work.book, grid if not anchored else used, used, count, rows, options, anchored)


def _check_inside(book: Book, grid: Grid, rows: list[list[Any]]) -> None:
    sheet = book.sheet(grid.sheet)
    top, bottom, left, right = sheet.full(grid).box
    told = a1(sheet.title, sheet.full(grid))
    if top + len(rows) > bottom:
        raise bad(f"Requested writing within range [{told}], but tried writing to row [{bottom + 1}]")
    if any(left + len(row) > right for row in rows):
        raise bad(
            f"Requested writing within range [{told}], but tried writing to column [{column_name(right)}]"
        )


def _guard_cells(work: Work, sheet: Sheet, top: int, left: int, rows: list[list[Any]]) -> None:
    """Only cells that are really written count against a protection."""
    if work.owner or not any(work.shut_out(each) for each in sheet.protected.values()):
        return
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None:
                line, column = top + at, left + place
                work.guard(
                    sheet, Grid(sheet=sheet.id, top=line, bottom=line + 1, left=column, right=column + 1)
                )


def _put(work: Work, sheet: Sheet, row: int, left: int, values: list[Any], options: Options) -> list[int]:
    """Write one row; the columns that were written."""
    cells: Row = {}
    for at, value in enumerate(values):
        if value is None:
            continue
        old = sheet.cell(row, left + at)
        what, form = entered(old, value, work.book.locale, raw=options.raw)
        cells[left + at] = Cell(what, form, old.note, old.validation, old.more)
    if cells:
        work.write_row(sheet, row, cells)
    return list(cells)


def _updated(
    book: Book,
    grid: Grid,
    used: Grid,
    count: list[list[int]],
    rows: list[list[Any]],
    options: Options,
    anchored: bool,
) -> Json:
    """An UpdateValuesResponse: `updatedRange` is what the values span, the echo all of what was asked."""
    told: Json = {"spreadsheetId": book.id, "updatedRange": label(book, used)}
    cells = sum(len(each) for each in count)
    if cells:
        columns = {column for each in count for column in each}
        told |= {
            "updatedRows": sum(bool(each) for each in count),
            "updatedColumns": len(columns),
            "updatedCells": cells,
        }
    if options.echo:
        told["updatedData"] = get(book, used if anchored else grid, options)
    return told


def clear(work: Work, grid: Grid) -> str:
    """Empty the values of a range; formats, notes and rules stay. The range's label."""
    sheet = work.sheet(grid.sheet)
    work.guard(sheet, sheet.full(grid))
    found: dict[int, Row] = {}
    for row, column, cell in work.book.cells(sheet, grid):
        if cell.entered is not None:
            found.setdefault(row, {})[column] = replace(cell, entered=None)
    for row, cells in found.items():
        work.write_row(sheet, row, cells)
    return label(work.book, grid)


def append(work: Work, grid: Grid, body: Json, options: Options, insert: bool) -> Json:
    """values.append: after the table found in the range.

    The table is the block of cells with data around the last filled cell in the range (ASSUMED: Google does not say how it
    looks for it); without one, values go to the range's first cell.
    """
    sheet, rows = work.sheet(grid.sheet), _rows(body)
    table = table_in(sheet, sheet.full(grid))
    top, bottom, left, right = sheet.full(grid).box if table is None else table
    start = top if table is None else bottom
    width = max((len(row) for row in rows), default=0)
    told: Json = {"spreadsheetId": work.book.id}
    if table is not None:
        told["tableRange"] = a1(
            sheet.title, Grid(sheet=sheet.id, top=top, bottom=bottom, left=left, right=right)
        )
    if insert and rows and start < len(sheet.cells):
        lines.insert(work, sheet, True, start, len(rows), like_before=start > 0)
    if (more := start + len(rows) - len(sheet.cells)) > 0:
        lines.append(work, sheet, True, more)
    if (more := left + width - sheet.size[1]) > 0:
        lines.append(work, sheet, False, more)
    check_size(work.book)
    goal = Grid(
        sheet=sheet.id, top=start, bottom=start + max(len(rows), 1), left=left, right=left + max(width, 1)
    )
    told["updates"] = update(work, goal, {"values": rows}, options, grow=False)
    return told


Box = tuple[int, int, int, int]


def table_in(sheet: Sheet, grid: Grid) -> Box | None:
    """The block of filled cells around the last one in a range: top, bottom, left, right; None for none.

    Cells with an empty column between them are two tables, and the right one is the last (gspread's issue 537).
    """
    top, _, left, right = grid.box
    last = sheet.end_of_data(grid)
    if last == top:
        return None
    row = sheet.cells[last - 1] or {}
    corner = max(at for at, cell in row.items() if left <= at < right and cell.entered is not None)
    box: Box = last - 1, last, corner, corner + 1
    while (wider := _widened(sheet, box)) != box:
        box = wider
    return box


def _widened(sheet: Sheet, box: Box) -> Box:
    """The box with the filled cells next to it."""
    top, bottom, left, right = box

    def filled(row: int, first: int, end: int) -> bool:
        cells = sheet.cells[row] if 0 <= row < len(sheet.cells) else None
        return bool(cells) and any(
            first <= at < end and cell.entered is not None for at, cell in (cells or {}).items()
        )

    while filled(top - 1, left - 1, right + 1):
        top -= 1
    while filled(bottom, left - 1, right + 1):
        bottom += 1
    if any(filled(row, left - 1, left) for row in range(top, bottom)):
        left -= 1
    if any(filled(row, right, right + 1) for row in range(top, bottom)):
        right += 1
    return top, bottom, left, right


def totals(answers: list[Json]) -> Json:
    """The sums of a batch: columns and sheets are counted once each, rows and cells once per range."""
    done = [each for each in answers if each.get("updatedCells")]
    if not done:
        return {}
    return {
        "totalUpdatedRows": sum(each["updatedRows"] for each in done),
        "totalUpdatedColumns": len(_columns(done)),
        "totalUpdatedCells": sum(each["updatedCells"] for each in done),
        "totalUpdatedSheets": len({each["updatedRange"].rpartition("!")[0] for each in done}),
    }


def _columns(answers: list[Json]) -> set[tuple[str, int]]:
    from sync_engine.sandbox.google.grid import cells_of

    found: set[tuple[str, int]] = set()
    for each in answers:
        title, _, cells = each["updatedRange"].rpartition("!")
        grid = cells_of(cells, 0)
        assert grid and grid.left is not None and grid.right is not None
        found |= {(title, column) for column in range(grid.left, grid.right)}
    return found


def batch_update(work: Work, body: Json) -> Json:
    """values.batchUpdate: all or nothing."""
    options = writing(body)
    answers = [
        update(work, work.book.area(each.get("range") or ""), each, options)
        for each in body.get("data") or []
    ]
    return {"spreadsheetId": work.book.id} | totals(answers) | ({"responses": answers} if answers else {})


def batch_update_filtered(work: Work, body: Json) -> Json:
    """values.batchUpdateByDataFilter: ranges are looked up first; a write wider than its range fails."""
    options = writing(body)
    goals = [
        (each, grid)
        for each in body.get("data") or []
        for grid in metadata.ranges(work.book, each.get("dataFilter") or {})
    ]
    answers = []
    for each, grid in goals:
        told = update(work, grid, each, options, grow=False)
        answers.append(
            {name: value for name, value in told.items() if name != "spreadsheetId"}
            | {"dataFilter": each["dataFilter"]}
        )
    return {"spreadsheetId": work.book.id} | totals(answers) | ({"responses": answers} if answers else {})


def batch_get_filtered(book: Book, body: Json) -> Json:
    """values.batchGetByDataFilter: each range once, with the filters it answers."""
    found: dict[str, tuple[Grid, list[Json]]] = {}
    for each in body.get("dataFilters") or []:
        for grid in metadata.ranges(book, each):
            found.setdefault(label(book, grid), (grid, []))[1].append(each)
    options = reading(body)
    ranges = [
        {"valueRange": get(book, grid, options), "dataFilters": filters} for grid, filters in found.values()
    ]
    return {"spreadsheetId": book.id} | ({"valueRanges": ranges} if ranges else {})


def batch_clear_filtered(work: Work, body: Json) -> Json:
    """values.batchClearByDataFilter."""
    grids = [grid for each in body.get("dataFilters") or [] for grid in metadata.ranges(work.book, each)]
    cleared = [clear(work, grid) for grid in grids]
    return {"spreadsheetId": work.book.id} | ({"clearedRanges": cleared} if cleared else {})
