"""A spreadsheet as the API answers it."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox.google.book import Book, Sheet
from sync_engine.sandbox.google.cells import Cell, Formula, Value, extended, number_format
from sync_engine.sandbox.google.formats import default_pattern, is_date, shown
from sync_engine.sandbox.google.grid import Grid
from sync_engine.sandbox.google.mask import Mask, Picked, below, pick, wants
from sync_engine.sandbox.google.refusal import Json
from sync_engine.sandbox.google.schema import find_ranges

_WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: Json = {
    "backgroundColor": _WHITE,
    "backgroundColorStyle": {"rgbColor": _WHITE},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
}
"""What cells look like that have no format of their own."""


def default_properties(title: str, locale: str, zone: str) -> Json:
    """The properties of a new spreadsheet."""
    return {
        "title": title,
        "locale": locale,
        "autoRecalc": "ON_CHANGE",
        "timeZone": zone,
        "defaultFormat": DEFAULT_FORMAT,
    }


def sheet_properties(book: Book, sheet: Sheet) -> Json:
    """A sheet's properties."""
    rows, columns = sheet.size
    index = next((at for at, each in enumerate(book.sheets) if each.id == sheet.id), 0)
    grid_names = {
        "frozenRowCount",
        "frozenColumnCount",
        "hideGridlines",
        "rowGroupControlAfter",
        "columnGroupControlAfter",
    }
    grid = {"rowCount": rows, "columnCount": columns} | {
        n: v for n, v in sheet.properties.items() if n in grid_names
    }
    told = {
        "sheetId": sheet.id,
        "title": sheet.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": grid,
    }
    return told | {name: value for name, value in sheet.properties.items() if name not in grid_names}


def without_sheet_0(value: Any, kind: str) -> Any:
    """A message in which no range tells sheet 0, as Google answers."""
    return find_ranges(value, kind, lambda grid: {n: v for n, v in grid.items() if n != "sheetId" or v})


KEPT_ROWS = 100_000


class Render:
    """Answers about one state of a book, for one caller, as far as a mask asks for them."""

    def __init__(self, book: Book, caller: str, owner: bool, mask: Mask | None = None) -> None:
        self.book, self.caller, self.owner, self.mask = book, caller, owner, mask
        self._costly: frozenset[str] | None = None

    def spreadsheet(self, grids: list[Grid] | None = None, data: bool = False) -> Json:
        """The whole; with `grids`, only the sheets they are on, and data of just these ranges."""
        book = self.book
        wanted = None if grids is None else {grid.sheet for grid in grids}
        sheets = [each for each in book.sheets if wanted is None or each.id in wanted]
        told: Json = {"spreadsheetId": book.id, "properties": book.properties}
        told["sheets"] = [self.sheet(each, grids, data) for each in sheets]
        if book.named:
            told["namedRanges"] = [without_sheet_0(each, "@NamedRange") for each in book.named.values()]
        told["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{book.id}/edit"
        if own := self._metadata(lambda place: place["locationType"] == "SPREADSHEET"):
            told["developerMetadata"] = own
        return told

    def _metadata(self, test: Any) -> list[Json]:
        from sync_engine.sandbox.google.metadata import shown as shown_metadata

        return [shown_metadata(each) for each in self.book.metadata.values() if test(each["location"])]

    def sheet(self, sheet: Sheet, grids: list[Grid] | None, data: bool) -> Json:
        """One sheet."""
        told: Json = {"properties": sheet_properties(self.book, sheet)}
        if data and wants(self.mask, "sheets", "data"):
            areas = [grid for grid in grids or [Grid(sheet=sheet.id)] if grid.sheet == sheet.id]
            told["data"] = [self.grid_data(sheet, grid) for grid in areas]
        told |= self._objects(sheet)
        own = self._metadata(lambda place: place["locationType"] == "SHEET" and place["sheetId"] == sheet.id)
        if own:
            told["developerMetadata"] = own
        return told

    def _objects(self, sheet: Sheet) -> Json:
        lists: list[tuple[str, str, list[Json]]] = [
            ("merges", "@GridRange", sheet.merges),
            ("conditionalFormats", "@ConditionalFormatRule", sheet.conditional),
            ("filterViews", "@FilterView", list(sheet.filter_views.values())),
            (
                "protectedRanges",
                "@ProtectedRange",
                [self._protected(each) for each in sheet.protected.values()],
            ),
            ("charts", "@EmbeddedChart", list(sheet.charts.values())),
            ("bandedRanges", "@BandedRange", list(sheet.banded.values())),
            ("tables", "@Table", list(sheet.tables.values())),
            ("rowGroups", "", sheet.row_groups),
            ("columnGroups", "", sheet.column_groups),
        ]
        told: Json = {
            name: [without_sheet_0(e, kind) for e in found] if kind else found
            for name, kind, found in lists
            if found
        }
        if sheet.basic_filter:
            told["basicFilter"] = without_sheet_0(sheet.basic_filter, "@BasicFilter")
        return told

    def _protected(self, protected: Json) -> Json:
        users = (protected.get("editors") or {}).get("users", [])
        if self.owner or protected.get("warningOnly") or self.caller in users:
            return protected | {"requestingUserCanEdit": True}
        return {name: each for name, each in protected.items() if name != "editors"}

    def grid_data(self, sheet: Sheet, grid: Grid) -> Json:
        """Cells and dimensions of a range; trailing empty rows and cells are left out."""
        top, bottom, left, right = sheet.full(grid).box
        told: Json = {}
        if top:
            told["startRow"] = top
        if left:
            told["startColumn"] = left
        if wants(self.mask, "sheets", "data", "rowData"):
            rows = self._rows(sheet, grid)
            while rows and not rows[-1]:
                rows.pop()
            if rows:
                shown = [{"values": row} if row else {} for row in rows]
                told["rowData"] = shown if self._cells() is None else Picked(shown)
        for name, props, span, size in (
            ("rowMetadata", sheet.lines, (top, bottom), 21), ("columnMetadata", sheet.columns, (left, right), 100)
        ):  # fmt: skip
            if wants(self.mask, "sheets", "data", name):
                told[name] = self._dimensions(sheet, props, span, size, rows=name == "rowMetadata")
        return told

    def _dimensions(
        self, sheet: Sheet, props: list[Json | None], span: tuple[int, int], size: int, rows: bool
    ) -> list[Json]:
        from sync_engine.sandbox.google.metadata import shown as shown_metadata

        kind = "ROWS" if rows else "COLUMNS"
        found = [{"pixelSize": size} | (props[at] or {}) for at in range(*span)]
        for each in self.book.metadata.values():
            place = each["location"].get("dimensionRange")
            if place and place["sheetId"] == sheet.id and place["dimension"] == kind:
                at = place["startIndex"]
                if span[0] <= at < span[1]:
                    found[at - span[0]].setdefault("developerMetadata", []).append(shown_metadata(each))
        return found

    def _cells(self) -> Mask | None:
        """What is asked of cells, where that is named field by field and none of it is worked out from other cells."""
        if self._asked() & {"effectiveValue", "formattedValue", "effectiveFormat"}:
            return None
        return below(self.mask, "sheets", "data", "rowData", "values") or None

    def _rows(self, sheet: Sheet, grid: Grid) -> list[list[Json]]:
        """The cells of a range, row by row."""
        top, bottom, left, right = sheet.full(grid).box
        mask, known = self._cells(), self.book.told
        if mask is None:
            return [self._row(sheet, row, left, right) for row in range(top, bottom)]
        asked, rows = f"{left}:{right} {mask}", []
        if len(known) > KEPT_ROWS:
            known.clear()
        for row in range(top, bottom):
            cells = sheet.cells[row]
            found = known.get((id(cells), asked)) if cells else (cells, [])
            if cells and (found is None or found[0] is not cells):
                found = known[id(cells), asked] = (cells, pick(self._row(sheet, row, left, right), mask))
            rows.append(found[1] if found else [])
        return rows

    def _row(self, sheet: Sheet, row: int, left: int, right: int) -> list[Json]:
        cells = sheet.cells[row]
        if not cells:
            return []
        last = max((at for at in cells if left <= at < right), default=left - 1)
        bare = not self._asked() & {"userEnteredFormat", "effectiveFormat"}
        return [
            self.cell(sheet, row, at, cell)
            if (cell := cells.get(at)) and not (bare and cell.only_formatted)
            else {}
            for at in range(left, last + 1)
        ]

    def _asked(self) -> frozenset[str]:
        """Which of the costly or frequent parts of a cell the mask asks for."""
        if self._costly is None:
            names = ("effectiveValue", "formattedValue", "effectiveFormat", "userEnteredFormat")
            path = ("sheets", "data", "rowData", "values")
            self._costly = frozenset(name for name in names if wants(self.mask, *path, name))
        return self._costly

    def cell(self, sheet: Sheet, row: int, column: int, cell: Cell) -> Json:
        """One cell's data; what the mask does not ask for is not worked out."""
        told: Json = {}
        asked = self._asked()
        if cell.entered is not None:
            told["userEnteredValue"] = extended(cell.entered)
            if "effectiveValue" in asked or "formattedValue" in asked:
                value = self.book.value(sheet, row, column)
                if value is not None:
                    told["effectiveValue"] = extended(value)
                told["formattedValue"] = shown(value, number_format(cell), self.book.locale)
        if cell.format and "userEnteredFormat" in asked:
            told["userEnteredFormat"] = cell.format
        if "effectiveFormat" in asked and (cell.format or cell.entered is not None):
            told["effectiveFormat"] = effective(cell, self.book.locale)
        if cell.note:
            told["note"] = cell.note
        if cell.validation:
            told["dataValidation"] = cell.validation
        return told | cell.more if cell.more else told


def effective(cell: Cell, locale: str) -> Json:
    """The format a cell is shown with: its own over the default one."""
    own = dict(cell.format or {})
    form = own.get("numberFormat")
    if form and not form.get("pattern"):
        own["numberFormat"] = form | {"pattern": default_pattern(form.get("type", ""), locale)}
    done = DEFAULT_FORMAT | own
    done["textFormat"] = DEFAULT_FORMAT["textFormat"] | own.get("textFormat", {})
    return done


def rendered(book: Book, sheet: Sheet, row: int, column: int, how: str, dates: str) -> Value:
    """A cell's value as values.get answers it: FORMATTED_VALUE, UNFORMATTED_VALUE or FORMULA."""
    cell = sheet.cell(row, column)
    if cell.entered is None:
        return ""
    if how == "FORMULA" and isinstance(cell.entered, Formula):
        return str(cell.entered)
    value = book.value(sheet, row, column)
    form = number_format(cell)
    if how == "FORMATTED_VALUE" or not isinstance(value, bool | int | float | str):
        return shown(value, form, book.locale)
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and dates == "FORMATTED_STRING"
        and is_date(form)
    ):
        return shown(value, form, book.locale)
    return value


def matrix(book: Book, grid: Grid, how: str, dates: str, major: str, trim: bool = True) -> list[list[Value]]:
    """Values of a range; trailing empty cells, rows and columns are left out."""
    sheet = book.sheet(grid.sheet)
    top, bottom, left, right = sheet.full(grid).box
    if trim:
        bottom = max(
            top, sheet.end_of_data(Grid(sheet=sheet.id, top=top, bottom=bottom, left=left, right=right))
        )
    rows: list[list[Value]] = []
    for row in range(top, bottom):
        if not sheet.cells[row]:
            rows.append([""] * (right - left))
            continue
        rows.append([rendered(book, sheet, row, column, how, dates) for column in range(left, right)])
    lines: list[list[Value]] = (
        [list(line) for line in zip(*rows, strict=True)] if major == "COLUMNS" else list(rows)
    )
    if trim:
        for line in lines:
            while line and line[-1] == "":
                line.pop()
        while lines and not lines[-1]:
            lines.pop()
    return lines
