"""batchUpdate requests that write cells: updateCells, appendCells, repeatCell, copy and cut, find and replace, borders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sync_engine.sandbox.google import lines, tables
from sync_engine.sandbox.google.book import Sheet
from sync_engine.sandbox.google.cells import EMPTY, Cell, Formula, Row, extended, from_extended
from sync_engine.sandbox.google.colors import mirrored
from sync_engine.sandbox.google.formula import copied
from sync_engine.sandbox.google.grid import Grid, from_json
from sync_engine.sandbox.google.mask import Mask, check, parse, update
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.typed import parse as parse_typed
from sync_engine.sandbox.google.work import Work

_READ_ONLY = {"effectiveValue", "formattedValue", "effectiveFormat", "hyperlink"}
_KEPT = ("textFormatRuns", "chipRuns", "pivotTable", "dataSourceTable", "dataSourceFormula")


def cell_mask(text: str | None) -> Mask:
    """The mask of a cell update; refused if it is missing or names what is none of a cell's."""
    if not text:
        raise bad(
            "Invalid value: at least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    mask = parse(text)
    check(mask, "@CellData")
    return mask


def merged(old: Cell, data: Json, mask: Mask) -> Cell:
    """A cell after an update through a mask."""
    if "*" in mask:
        mask = {
            "userEnteredValue": {},
            "userEnteredFormat": {},
            "note": {},
            "dataValidation": {},
            **{n: {} for n in _KEPT},
        }
    entered, form, note, validation, more = old.entered, old.format, old.note, old.validation, old.more
    for name, below in mask.items():
        told = data.get(name)
        if name in _READ_ONLY:
            continue
        if name == "userEnteredValue":
            entered = from_extended(told)
        elif name == "userEnteredFormat":
            new = mirrored(told) if told else {}
            form = (update(form or {}, new, _both_colours(below)) if below else new) or None
        elif name == "note":
            note = told or None
        elif name == "dataValidation":
            validation = told or None
        elif told or more:
            more = update(more or {}, {name: told}, {name: {}}) or None
    return Cell(entered=entered, format=form, note=note, validation=validation, more=more)


def _both_colours(mask: Mask) -> Mask:
    """A mask that names one of a colour's two forms means both."""
    done: Mask = {}
    for name, below in mask.items():
        done[name] = _both_colours(below) if below and name in ("textFormat", "borders") else below
        if name.endswith("Color"):
            done[name + "Style"] = {}
        elif name.endswith("ColorStyle"):
            done[name.removesuffix("Style")] = {}
    return done


def update_cells(work: Work, asked: Json) -> Json:
    """updateCells: rows from `start` on, or over `range`, whose cells without data are cleared of the mask's fields."""
    mask = cell_mask(asked.get("fields"))
    rows = asked.get("rows") or []
    if asked.get("range") is not None:
        sheet, grid = work.grid(asked["range"])
        top, bottom, left, right = grid.box
        if len(rows) > bottom - top or any(len(row.get("values") or []) > right - left for row in rows):
            raise bad("Attempting to write outside of the range")
    elif asked.get("start") is not None:
        sheet, top, left, bottom, right = _from_start(work, asked["start"], rows)
    else:
        raise bad("Invalid value: updateCells needs a start or a range")
    if bottom > top and right > left:
        work.guard(sheet, Grid(sheet=sheet.id, top=top, bottom=bottom, left=left, right=right))
    whole = asked.get("range") is not None
    for number in range(top, bottom):
        data = (rows[number - top].get("values") or []) if number - top < len(rows) else []
        _put_row(work, sheet, number, left, right if whole else left + len(data), data, mask)
    return {}


def _put_row(work: Work, sheet: Sheet, row: int, left: int, right: int, data: list[Json], mask: Mask) -> None:
    cells: Row = {}
    for at in range(left, right):
        old = sheet.cell(row, at)
        new = merged(old, (data[at - left] or {}) if at - left < len(data) else {}, mask)
        if new or old:
            cells[at] = new
    if cells:
        work.write_row(sheet, row, cells)


def _from_start(work: Work, start: Json, rows: list[Json]) -> tuple[Sheet, int, int, int, int]:
    sheet = work.sheet(int(start.get("sheetId") or 0))
    top, left = int(start.get("rowIndex") or 0), int(start.get("columnIndex") or 0)
    width = max((len(row.get("values") or []) for row in rows), default=0)
    if top < 0 or left < 0 or top + len(rows) > sheet.size[0] or left + width > sheet.size[1]:
        raise bad(
            f"GridCoordinate exceeds grid limits. Max rows: {sheet.size[0]}, max columns: {sheet.size[1]}"
        )
    return sheet, top, left, top + len(rows), left + width


def append_cells(work: Work, asked: Json) -> Json:
    """appendCells: after the last row with data of a sheet, or of a table's body; rows are added where they are missing."""
    mask = cell_mask(asked.get("fields"))
    rows = asked.get("rows") or []
    width = max((len(row.get("values") or []) for row in rows), default=0)
    if asked.get("tableId"):
        sheet, top, left = tables.room(work, asked["tableId"], len(rows))
    else:
        sheet, left = work.sheet(int(asked.get("sheetId") or 0)), 0
        top = sheet.end_of_data()
        if top + len(rows) > len(sheet.cells):
            lines.append(work, sheet, True, top + len(rows) - len(sheet.cells))
    if left + width > sheet.size[1]:
        lines.append(work, sheet, False, left + width - sheet.size[1])
    if rows and width:
        work.guard(
            sheet, Grid(sheet=sheet.id, top=top, bottom=top + len(rows), left=left, right=left + width)
        )
    for number, row in enumerate(rows):
        data = row.get("values") or []
        _put_row(work, sheet, top + number, left, left + len(data), data, mask)
    return {}


def repeat_cell(work: Work, asked: Json) -> Json:
    """repeatCell: the same in every cell; the relative references of a formula it writes go along."""
    mask = cell_mask(asked.get("fields"))
    sheet, grid = work.grid(asked.get("range"))
    work.guard(sheet, grid)
    data = asked.get("cell") or {}
    writes = "*" in mask or "userEnteredValue" in mask
    work.paint(sheet, grid, lambda old: merged(old, data, mask), _along if writes else None)
    return {}


def _along(cell: Cell, down: int, right: int) -> Cell:
    """The cell so many rows and columns further: a formula's relative references go along."""
    return (
        replace(cell, entered=copied(cell.entered, down, right))
        if isinstance(cell.entered, Formula)
        else cell
    )


def set_validation(work: Work, asked: Json) -> Json:
    """setDataValidation; without a rule the cells' rules go."""
    sheet, grid = work.grid(asked.get("range"))
    work.guard(sheet, grid)
    rule = asked.get("rule")
    work.paint(sheet, grid, lambda old: replace(old, validation=rule))
    return {}


def _pasted(
    old: Cell, new: Cell, kind: str, work: Work, source: Sheet, place: tuple[int, int], by: tuple[int, int]
) -> Cell:
    entered = new.entered
    if isinstance(entered, Formula):
        entered = copied(entered, *by)
    if kind in ("PASTE_NORMAL", "PASTE_NO_BORDERS"):
        form = new.format
        if kind == "PASTE_NO_BORDERS" and form:
            form = {name: each for name, each in form.items() if name != "borders"}
        return replace(new, entered=entered, format=form)
    if kind == "PASTE_VALUES":
        value = work.book.value(source, *place) if isinstance(entered, Formula) else entered
        shown = value if value is None or isinstance(value, bool | int | float | str) else value.shown
        return replace(old, entered=shown)
    if kind == "PASTE_FORMULA":
        return replace(old, entered=entered)
    if kind == "PASTE_FORMAT":
        return replace(old, format=new.format)
    return replace(old, validation=new.validation) if kind == "PASTE_DATA_VALIDATION" else old


def copy_paste(work: Work, asked: Json) -> Json:
    """copyPaste: the source is repeated over a larger destination, as the interface does."""
    source, area = work.grid(asked.get("source"))
    kind = asked.get("pasteType") or "PASTE_NORMAL"
    turn = asked.get("pasteOrientation") == "TRANSPOSE"
    top, bottom, left, right = area.box
    block = [[source.cell(row, column) for column in range(left, right)] for row in range(top, bottom)]
    if turn:
        block = [list(row) for row in zip(*block, strict=True)]
    target, goal = _destination(work, asked, len(block), len(block[0]))
    work.guard(target, goal)
    first, last, start, end = goal.box
    for row in range(first, last):
        cells: Row = {}
        for column in range(start, end):
            down, across = (row - first) % len(block), (column - start) % len(block[0])
            origin = (top + across, left + down) if turn else (top + down, left + across)
            by = row - origin[0], column - origin[1]
            cells[column] = _pasted(
                target.cell(row, column), block[down][across], kind, work, source, origin, by
            )
        work.write_row(target, row, cells)
    return {}


def _destination(work: Work, asked: Json, rows: int, columns: int) -> tuple[Sheet, Grid]:
    """Where a paste goes: as wide as asked, in whole copies of the source, at least one."""
    wish = from_json(asked.get("destination") or {})
    sheet = work.sheet(wish.sheet)
    top, bottom, left, right = sheet.full(wish).box
    high = max(1, (bottom - top) // rows) * rows
    wide = max(1, (right - left) // columns) * columns
    grid = Grid(sheet=sheet.id, top=top, bottom=top + high, left=left, right=left + wide)
    return work.grid(grid.as_json())


def cut_paste(work: Work, asked: Json) -> Json:
    """cutPaste: the cells leave their place as they are; what is pasted over is gone."""
    source, area = work.grid(asked.get("source"))
    place = asked.get("destination") or {}
    target = work.sheet(int(place.get("sheetId") or 0))
    top, bottom, left, right = area.box
    first, start = int(place.get("rowIndex") or 0), int(place.get("columnIndex") or 0)
    goal = Grid(
        sheet=target.id, top=first, bottom=first + bottom - top, left=start, right=start + right - left
    )
    work.grid(goal.as_json())
    work.guard(source, area)
    work.guard(target, goal)
    kind = asked.get("pasteType") or "PASTE_NORMAL"
    block = [[source.cell(row, column) for column in range(left, right)] for row in range(top, bottom)]
    values = (
        {(r, c): work.book.value(source, r, c) for r in range(top, bottom) for c in range(left, right)}
        if kind == "PASTE_VALUES"
        else {}
    )
    for row in range(top, bottom):
        work.write_row(source, row, dict.fromkeys(range(left, right), EMPTY))
    for down, row_cells in enumerate(block):
        cells: Row = {}
        for across, cell in enumerate(row_cells):
            old = target.cell(first + down, start + across)
            place_of = (top + down, left + across)
            cells[start + across] = _cut(old, cell, kind, values.get(place_of))
        work.write_row(target, first + down, cells)
    return {}


def _cut(old: Cell, cell: Cell, kind: str, value: object) -> Cell:
    if kind in ("PASTE_NORMAL", "PASTE_NO_BORDERS"):
        return cell
    if kind == "PASTE_VALUES":
        return replace(old, entered=value if isinstance(value, bool | int | float | str) else None)
    if kind == "PASTE_FORMAT":
        return replace(old, format=cell.format)
    if kind == "PASTE_DATA_VALIDATION":
        return replace(old, validation=cell.validation)
    return replace(old, entered=cell.entered) if kind == "PASTE_FORMULA" else old


def find_replace(work: Work, asked: Json) -> Json:
    """findReplace, with its counts."""
    if not asked.get("find"):
        raise bad("Invalid value: find must not be empty")
    flags = 0 if asked.get("matchCase") else re.IGNORECASE
    try:
        pattern = re.compile(asked["find"] if asked.get("searchByRegex") else re.escape(asked["find"]), flags)
    except re.error as wrong:
        raise bad(f"Invalid value: not a regular expression: {wrong}") from None
    target = asked.get("replacement") or ""
    if not asked.get("searchByRegex"):
        target = target.replace("\\", "\\\\")
    else:
        target = re.sub(r"\$(\d)", r"\\\1", target)
    count = {"values": 0, "formulas": 0, "occurrences": 0}
    rows, sheets = set[tuple[int, int]](), set[int]()
    for sheet, row, column, cell in _searched(work, asked):
        formula = isinstance(cell.entered, Formula)
        if formula and not asked.get("includeFormulas"):
            continue
        text = _searched_text(cell)
        if text is None or (asked.get("matchEntireCell") and not pattern.fullmatch(text)):
            continue
        new, times = pattern.subn(target, text)
        if not times:
            continue
        own = work.sheet(sheet.id)
        work.guard(own, Grid(sheet=sheet.id, top=row, bottom=row + 1, left=column, right=column + 1))
        entered = Formula(new) if formula and new.startswith("=") else parse_typed(new, work.book.locale)[0]
        work.write(own, row, column, replace(cell, entered=entered))
        count["formulas" if formula else "values"] += 1
        count["occurrences"] += times
        rows.add((sheet.id, row))
        sheets.add(sheet.id)
    told = {
        "valuesChanged": count["values"],
        "formulasChanged": count["formulas"],
        "rowsChanged": len(rows),
        "sheetsChanged": len(sheets),
        "occurrencesChanged": count["occurrences"],
    }
    return {"findReplace": {name: number for name, number in told.items() if number}}


def _searched_text(cell: Cell) -> str | None:
    if cell.entered is None:
        return None
    if isinstance(cell.entered, bool):
        return "TRUE" if cell.entered else "FALSE"
    return str(cell.entered)


def _searched(work: Work, asked: Json) -> Iterator[tuple[Sheet, int, int, Cell]]:
    if asked.get("range") is not None:
        areas = [work.grid(asked["range"])]
    elif asked.get("allSheets"):
        areas = [(sheet, Grid(sheet=sheet.id)) for sheet in work.book.sheets]
    elif asked.get("sheetId") is not None:
        areas = [(work.book.sheet(int(asked["sheetId"])), Grid(sheet=int(asked["sheetId"])))]
    else:
        raise bad("Invalid value: findReplace needs a range, a sheetId or allSheets")
    for sheet, grid in areas:
        yield from ((sheet, row, column, cell) for row, column, cell in list(work.book.cells(sheet, grid)))


def trim_whitespace(work: Work, asked: Json) -> Json:
    """trimWhitespace: outer spaces go, inner ones become one."""
    sheet, grid = work.grid(asked.get("range"))
    work.guard(sheet, grid)
    count = 0
    for row, column, cell in list(work.book.cells(sheet, grid)):
        if isinstance(cell.entered, str) and not isinstance(cell.entered, Formula):
            trimmed = " ".join(cell.entered.split()) or None
            if trimmed != cell.entered:
                work.write(sheet, row, column, replace(cell, entered=trimmed))
                count += 1
    return {"trimWhitespace": {"cellsChangedCount": count}}


def update_borders(work: Work, asked: Json) -> Json:
    """updateBorders: sides of the range, and between its cells."""
    sheet, grid = work.grid(asked.get("range"))
    work.guard(sheet, grid)
    top, bottom, left, right = grid.box
    for row in range(top, bottom):
        cells: Row = {}
        for column in range(left, right):
            cell = sheet.cell(row, column)
            borders = dict((cell.format or {}).get("borders") or {})
            for side, edge, inner in (
                ("top", row == top, "innerHorizontal"), ("bottom", row == bottom - 1, "innerHorizontal"),
                ("left", column == left, "innerVertical"), ("right", column == right - 1, "innerVertical"),
            ):  # fmt: skip
                name = side if edge else inner
                if name in asked:
                    borders.pop(side, None)
                    if (asked[name] or {}).get("style", "NONE") != "NONE":
                        borders[side] = asked[name]
            form = {n: v for n, v in (cell.format or {}).items() if n != "borders"} | (
                {"borders": borders} if borders else {}
            )
            cells[column] = replace(cell, format=form or None)
        work.write_row(sheet, row, cells)
    return {}


def value_json(cell: Cell) -> Json | None:
    """The cell's userEnteredValue."""
    return None if cell.entered is None else extended(cell.entered)
