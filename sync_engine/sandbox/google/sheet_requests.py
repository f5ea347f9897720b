"""batchUpdate requests about sheets, rows and columns."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox.google import lines
from sync_engine.sandbox.google.book import Sheet, check_size, new_sheet
from sync_engine.sandbox.google.cells import Cell, Formula, Row
from sync_engine.sandbox.google.colors import mirrored
from sync_engine.sandbox.google.formula import copied, renamed
from sync_engine.sandbox.google.grid import Grid, from_json
from sync_engine.sandbox.google.lines import formulas, strip
from sync_engine.sandbox.google.mask import Mask, check, parse, update
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.render import sheet_properties
from sync_engine.sandbox.google.schema import find_ranges
from sync_engine.sandbox.google.work import Work

_COUNTS = {"rowCount", "columnCount"}
_PLAIN = ("hidden", "rightToLeft", "tabColor", "tabColorStyle")


def needed_mask(asked: Json, kind: str) -> Mask:
    """The `fields` of an update; refused if missing."""
    if not asked.get("fields"):
        raise bad(
            "Invalid value: at least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    mask = parse(asked["fields"])
    check(mask, kind)
    return mask


def add_sheet(work: Work, asked: Json) -> Json:
    """addSheet."""
    told = asked.get("properties") or {}
    if told.get("sheetType") not in (None, "GRID"):
        raise bad("Invalid value: only sheets of type GRID can be added")
    grid = told.get("gridProperties") or {}
    number = _free_id(work, told.get("sheetId"))
    title = told.get("title") or _free_title(work)
    _check_title(work, title)
    sheet = new_sheet(number, title, int(grid.get("rowCount") or 1000), int(grid.get("columnCount") or 26))
    sheet.properties = _properties(told)
    _place(work, sheet, told.get("index"))
    check_size(work.book)
    return {"addSheet": {"properties": sheet_properties(work.book, sheet)}}


def _properties(told: Json) -> Json:
    """What is kept of a sheet's properties besides its size, title and place."""
    kept = {name: told[name] for name in _PLAIN if told.get(name)}
    grid = told.get("gridProperties") or {}
    return mirrored(kept) | {name: value for name, value in grid.items() if name not in _COUNTS and value}


def _free_id(work: Work, wanted: Any) -> int:
    if wanted is None:
        return work.fresh_id()
    number = int(wanted)
    if work.book.find(number):
        raise bad(f"Invalid value: a sheet with id {number} already exists")
    if number < 0:
        raise bad("Invalid value: sheetId must not be negative")
    return number


def _free_title(work: Work) -> str:
    number = len(work.book.sheets) + 1
    word = "工作表" if work.book.locale == "zh_CN" else "Sheet"
    while work.book.titled(f"{word}{number}"):
        number += 1
    return f"{word}{number}"


def _check_title(work: Work, title: str, but: Sheet | None = None) -> None:
    other = work.book.titled(title)
    if other and (but is None or other.id != but.id):
        raise bad(f'A sheet with the name "{title}" already exists. Please enter another name.')
    if not title or len(title) > 100:
        raise bad("Invalid value: a sheet's title has 1 to 100 characters")


def _place(work: Work, sheet: Sheet, index: Any) -> None:
    at = len(work.book.sheets) if index is None else int(index)
    if not 0 <= at <= len(work.book.sheets):
        raise bad(f"Invalid value: index {at} is out of bounds: {len(work.book.sheets)} sheets")
    work.adopt(sheet)
    work.book.sheets.insert(at, sheet)


def delete_sheet(work: Work, asked: Json) -> Json:
    """deleteSheet: what names it elsewhere goes with it; formulas get #REF! through the missing sheet."""
    sheet = work.book.sheet(int(asked.get("sheetId") or 0))
    work.guard_sheet(sheet)
    seen = [each for each in work.book.sheets if each is not sheet and not each.properties.get("hidden")]
    if not seen:
        raise bad("You can't remove all the visible sheets in a document.")
    work.book.sheets = [each for each in work.book.sheets if each is not sheet]
    book = work.book
    book.named = {n: each for n, each in book.named.items() if each["range"].get("sheetId", 0) != sheet.id}
    book.metadata = {n: each for n, each in book.metadata.items() if on_sheet(each) != sheet.id}
    work.told("delete sheet", sheet, {})
    return {}


def on_sheet(metadata: Json) -> int | None:
    """The sheet a developer metadata stands on, if any."""
    place = metadata["location"]
    span = place.get("dimensionRange")
    if span:
        return int(span.get("sheetId", 0))
    return None if place["locationType"] == "SPREADSHEET" else int(place.get("sheetId", 0))


def copied_sheet(source: Sheet, number: int, title: str, work: Work) -> Sheet:
    """A sheet's copy: cells and objects, with ids of its own; no metadata (ASSUMED), no named ranges."""

    def change(grid: Json) -> Json | None:
        return grid | {"sheetId": number} if grid.get("sheetId", 0) == source.id else grid

    sheet = source.copy()
    sheet.id, sheet.title = number, title
    sheet.merges = [change(each) or each for each in source.merges]
    sheet.conditional = [find_ranges(each, "@ConditionalFormatRule", change) for each in source.conditional]
    sheet.basic_filter = (
        find_ranges(source.basic_filter, "@BasicFilter", change) if source.basic_filter else None
    )
    for name, kind, key in _OBJECTS:
        fresh: dict[Any, Json] = {}
        for each in getattr(source, name).values():
            new_id: Any = work.fresh_id()
            while new_id in fresh:
                new_id = work.fresh_id()
            fresh[str(new_id) if name == "tables" else new_id] = find_ranges(each, kind, change) | {
                key: str(new_id) if name == "tables" else new_id
            }
        setattr(sheet, name, fresh)
    used = {table["name"].lower() for each in work.book.sheets for table in each.tables.values()}
    for number_of, table in list(sheet.tables.items()):
        name, suffix = table["name"], 1
        while name.lower() in used:
            suffix += 1
            name = f"{table['name']}_{suffix}"
        used.add(name.lower())
        sheet.tables[number_of] = table | {"name": name}
    groups = [
        [g | {"range": g["range"] | {"sheetId": number}} for g in each]
        for each in (source.row_groups, source.column_groups)
    ]
    sheet.row_groups, sheet.column_groups = groups
    return sheet


_OBJECTS = (
    ("protected", "@ProtectedRange", "protectedRangeId"),
    ("filter_views", "@FilterView", "filterViewId"),
    ("tables", "@Table", "tableId"),
    ("charts", "@EmbeddedChart", "chartId"),
    ("banded", "@BandedRange", "bandedRangeId"),
)


def duplicate_sheet(work: Work, asked: Json) -> Json:
    """duplicateSheet."""
    source = work.book.sheet(int(asked.get("sourceSheetId") or 0))
    number = _free_id(work, asked.get("newSheetId"))
    title = asked.get("newSheetName") or _copy_title(work, source.title)
    _check_title(work, title)
    sheet = copied_sheet(source, number, title, work)
    _place(work, sheet, asked.get("insertSheetIndex") or 0)
    check_size(work.book)
    return {"duplicateSheet": {"properties": sheet_properties(work.book, sheet)}}


def _copy_title(work: Work, title: str) -> str:
    name, number = f"Copy of {title}", 1
    while work.book.titled(name):
        number += 1
        name = f"Copy of {title} {number}"
    return name


def update_sheet(work: Work, asked: Json) -> Json:
    """updateSheetProperties."""
    told = asked.get("properties") or {}
    mask = needed_mask(asked, "@SheetProperties")
    sheet = work.sheet(int(told.get("sheetId") or 0))
    if "*" in mask:
        mask = {
            "title": {},
            "index": {},
            "hidden": {},
            "tabColor": {},
            "rightToLeft": {},
            "gridProperties": {},
        }
    if "title" in mask:
        _retitle(work, sheet, told.get("title") or "")
    if "index" in mask and told.get("index") is not None:
        _reorder(work, sheet, int(told["index"]))
    for name in ("hidden", "rightToLeft"):
        if name in mask:
            _set(sheet, name, told.get(name))
    if (
        told.get("hidden")
        and "hidden" in mask
        and all(each.properties.get("hidden") for each in work.book.sheets)
    ):
        raise bad("You can't hide all the sheets in a document.")
    if mask.keys() & {"tabColor", "tabColorStyle"}:
        colours = mirrored({n: v for n, v in told.items() if n in ("tabColor", "tabColorStyle") and v})
        for name in ("tabColor", "tabColorStyle"):
            _set(sheet, name, colours.get(name))
    if "gridProperties" in mask:
        _regrid(work, sheet, told.get("gridProperties") or {}, mask["gridProperties"])
    return {}


def _set(sheet: Sheet, name: str, value: Any) -> None:
    if value:
        sheet.properties[name] = value
    else:
        sheet.properties.pop(name, None)


def _retitle(work: Work, sheet: Sheet, title: str) -> None:
    _check_title(work, title, sheet)
    old, sheet.title = sheet.title, title
    for each in list(work.book.sheets):
        for row, column, cell in formulas(each):
            new = renamed(str(cell.entered), old, title)
            if new != cell.entered:
                own = work.sheet(each.id)
                changed = Cell(new, cell.format, cell.note, cell.validation, cell.more)
                own.cells[row] = (own.cells[row] or {}) | {column: changed}
    work.told("rename sheet", sheet, {"from": old})


def _reorder(work: Work, sheet: Sheet, index: int) -> None:
    """Google counts the new place before the sheet leaves its old one."""
    sheets = work.book.sheets
    old = next(at for at, each in enumerate(sheets) if each.id == sheet.id)
    if not 0 <= index <= len(sheets):
        raise bad(f"Invalid value: index {index} is out of bounds: {len(sheets)} sheets")
    rest = [each for each in sheets if each.id != sheet.id]
    rest.insert(index - 1 if index > old else index, sheet)
    work.book.sheets = rest


def _regrid(work: Work, sheet: Sheet, told: Json, mask: Mask) -> None:
    names = set(mask) or {"rowCount", "columnCount", "frozenRowCount", "frozenColumnCount", "hideGridlines"}
    if "*" in names:
        names = {"rowCount", "columnCount", "frozenRowCount", "frozenColumnCount", "hideGridlines"}
    rows, columns = sheet.size
    if "rowCount" in names and told.get("rowCount") is not None:
        rows = int(told["rowCount"])
    if "columnCount" in names and told.get("columnCount") is not None:
        columns = int(told["columnCount"])
    if (rows, columns) != sheet.size:
        lines.resize(work, sheet, rows, columns)
        check_size(work.book)
    for name in names - _COUNTS:
        value = told.get(name)
        if (
            name in ("frozenRowCount", "frozenColumnCount")
            and value
            and int(value) >= (rows if "Row" in name else columns)
        ):
            kind = "rows" if "Row" in name else "columns"
            raise bad(f"You can't freeze all visible {kind} on the sheet.")
        _set(sheet, name, value)


def update_spreadsheet(work: Work, asked: Json) -> Json:
    """updateSpreadsheetProperties."""
    told = asked.get("properties") or {}
    mask = needed_mask(asked, "@SpreadsheetProperties")
    if "title" in mask and not told.get("title"):
        raise bad("Invalid value: the title must not be empty")
    work.book.properties = update(work.book.properties, told, mask)
    return {}


def _span(work: Work, value: Json | None) -> tuple[Sheet, bool, int, int]:
    """Sheet, rows or columns, start, end of a DimensionRange."""
    told = value or {}
    if told.get("dimension") not in ("ROWS", "COLUMNS"):
        raise bad("Invalid value: a dimension must be ROWS or COLUMNS")
    sheet, rows = work.sheet(int(told.get("sheetId") or 0)), told["dimension"] == "ROWS"
    size = sheet.size[0 if rows else 1]
    start = int(told.get("startIndex") or 0)
    end = size if told.get("endIndex") is None else int(told["endIndex"])
    if start < 0 or end <= start:
        raise bad("Invalid value: endIndex must be above startIndex, and none below 0")
    return sheet, rows, start, end


def _checked(sheet: Sheet, rows: bool, end: int) -> None:
    size = sheet.size[0 if rows else 1]
    if end > size:
        kind = "row" if rows else "column"
        raise bad(f"{kind.capitalize()} index {end} exceeds grid limits. Max {kind}s: {size}")


def insert_dimension(work: Work, asked: Json) -> Json:
    """insertDimension; inside a protected range only its editors may."""
    sheet, rows, start, end = _span(work, asked.get("range"))
    size = sheet.size[0 if rows else 1]
    before = bool(asked.get("inheritFromBefore"))
    if before and start == 0:
        raise bad("Invalid value: inheritFromBefore needs a row or column before")
    if start > size or (start == size and not before):
        raise bad(
            f"range.startIndex[{start}] must be less than the grid size ({size})"
            + (" if inheritFromBefore is false." if start == size else "")
        )
    for each in sheet.protected.values():
        area = work.protected_area(sheet, each)
        if work.shut_out(each) and area is not None and _cuts(area, rows, start):
            work.guard(sheet, strip(sheet, rows, max(start - 1, 0), start + 1))
    lines.insert(work, sheet, rows, start, end - start, before)
    return {}


def _cuts(area: Grid, rows: bool, at: int) -> bool:
    start, end = (area.top, area.bottom) if rows else (area.left, area.right)
    return (start or 0) < at and (end is None or at < end)


def delete_dimension(work: Work, asked: Json) -> Json:
    """deleteDimension."""
    sheet, rows, start, end = _span(work, asked.get("range"))
    _checked(sheet, rows, end)
    work.guard(sheet, strip(sheet, rows, start, end))
    lines.delete(work, sheet, rows, start, end - start)
    return {}


def move_dimension(work: Work, asked: Json) -> Json:
    """moveDimension."""
    sheet, rows, start, end = _span(work, asked.get("source"))
    _checked(sheet, rows, end)
    to = int(asked.get("destinationIndex") or 0)
    if not 0 <= to <= sheet.size[0 if rows else 1]:
        raise bad(f"Invalid value: destinationIndex {to} is out of the grid")
    work.guard(sheet, strip(sheet, rows, start, end))
    lines.move(work, sheet, rows, start, end - start, to)
    return {}


def append_dimension(work: Work, asked: Json) -> Json:
    """appendDimension."""
    if asked.get("dimension") not in ("ROWS", "COLUMNS"):
        raise bad("Invalid value: a dimension must be ROWS or COLUMNS")
    sheet = work.sheet(int(asked.get("sheetId") or 0))
    lines.append(work, sheet, asked["dimension"] == "ROWS", int(asked.get("length") or 0))
    return {}


def update_dimension(work: Work, asked: Json) -> Json:
    """updateDimensionProperties: sizes, hidden or not."""
    sheet, rows, start, end = _span(work, asked.get("range"))
    _checked(sheet, rows, end)
    mask = needed_mask(asked, "@DimensionProperties")
    if mask.keys() - {"*", "hiddenByUser", "pixelSize"}:
        raise bad(
            f"Invalid value: cannot update {', '.join(sorted(mask.keys() - {'*', 'hiddenByUser', 'pixelSize'}))}"
        )
    work.guard(sheet, strip(sheet, rows, start, end))
    told = asked.get("properties") or {}
    props = sheet.lines if rows else sheet.columns
    for at in range(start, end):
        new = {name: value for name, value in update(props[at] or {}, told, mask).items() if value}
        props[at] = new or None
    return {}


def auto_resize(work: Work, asked: Json) -> Json:
    """autoResizeDimensions: the stand-in has no fonts; widths are counted from the text (ASSUMED)."""
    sheet, rows, start, end = _span(work, asked.get("dimensions"))
    _checked(sheet, rows, end)
    props = sheet.lines if rows else sheet.columns
    for at in range(start, end):
        if rows:
            wanted = 21
        else:
            longest = max(
                (
                    len(str(cell.entered))
                    for _, _, cell in work.book.cells(sheet, strip(sheet, False, at, at + 1))
                    if cell.entered is not None
                ),
                default=0,
            )
            wanted = 7 * longest + 10 if longest else 100
        props[at] = {n: v for n, v in ((props[at] or {}) | {"pixelSize": wanted}).items() if v}
    return {}


def _block(work: Work, asked: Json) -> tuple[Sheet, Grid, bool]:
    sheet, grid = work.grid(asked.get("range"))
    if asked.get("shiftDimension") not in ("ROWS", "COLUMNS"):
        raise bad("Invalid value: shiftDimension must be ROWS or COLUMNS")
    rows = asked["shiftDimension"] == "ROWS"
    top, _, left, _ = grid.box
    below = Grid(
        sheet=sheet.id,
        top=top,
        left=left,
        bottom=None if rows else grid.bottom,
        right=grid.right if rows else None,
    )
    work.guard(sheet, below)
    if any(below.meets(merge) and not below.holds(merge) for merge in map(from_json, sheet.merges)):
        raise bad("Invalid value: cells cannot be shifted through a merged range")
    return sheet, grid, rows


def insert_range(work: Work, asked: Json) -> Json:
    """insertRange: cells move down or right; the grid grows where they need it."""
    sheet, grid, rows = _block(work, asked)
    top, bottom, left, right = grid.box
    by = bottom - top if rows else right - left
    if rows:
        need = sheet.end_of_data(Grid(sheet=sheet.id, left=left, right=right)) + by - len(sheet.cells)
    else:
        need = (
            max(
                (
                    c
                    for _, c, cell in work.book.cells(sheet, Grid(sheet=sheet.id, top=top, bottom=bottom))
                    if cell.entered is not None
                ),
                default=-1,
            )
            + 1
            + by
            - sheet.size[1]
        )
    if need > 0:
        lines.append(work, sheet, rows, need)
    _shift(work, sheet, grid, rows, by)
    work.told("insert cells", sheet, {"range": grid.as_json(), "dimension": asked["shiftDimension"]})
    return {}


def delete_range(work: Work, asked: Json) -> Json:
    """deleteRange: cells move up or left."""
    sheet, grid, rows = _block(work, asked)
    top, bottom, left, right = grid.box
    _shift(work, sheet, grid, rows, -((bottom - top) if rows else (right - left)))
    work.told("delete cells", sheet, {"range": grid.as_json(), "dimension": asked["shiftDimension"]})
    return {}


def _shift(work: Work, sheet: Sheet, grid: Grid, rows: bool, by: int) -> None:
    """Cells from the range on move by `by`; those of a range that is deleted are gone."""
    top, bottom, left, right = grid.box
    area = Grid(
        sheet=sheet.id, top=top, left=left, bottom=None if rows else bottom, right=right if rows else None
    )
    found = [(row, column, cell) for row, column, cell in work.book.cells(sheet, area)]
    fresh: dict[int, Row] = {}
    touched = {row for row, _, _ in found}
    height, width = sheet.size
    for row, column, cell in found:
        if by < 0 and (row < bottom if rows else column < right):
            continue
        to = (row + by, column) if rows else (row, column + by)
        if to[0] < height and to[1] < width:
            fresh.setdefault(to[0], {})[to[1]] = cell
    for row in touched | set(fresh):
        rest = {
            c: cell
            for c, cell in (sheet.cells[row] or {}).items()
            if not (c >= left and (not rows or c < right))
        }
        sheet.cells[row] = (rest | fresh.get(row, {})) or None


def sorted_formula(cell: Cell, by: int) -> Cell:
    """A cell that a sort moved `by` rows: relative references go along."""
    if not isinstance(cell.entered, Formula) or not by:
        return cell
    return Cell(copied(cell.entered, by, 0), cell.format, cell.note, cell.validation, cell.more)
