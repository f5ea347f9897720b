"""A spreadsheet: its sheets, cells and the things that lie on them. Copied on write, so that a batch is all or nothing.

Everything inside is replaced, never changed in place, except the containers of a sheet that `Draft` has copied for itself.
Objects (protected ranges, charts ...) are kept as the API's own messages, with `sheetId` always told in every range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sync_engine.sandbox.google.calculate import Calculation, Matrix
from sync_engine.sandbox.google.cells import EMPTY, Cell, Formula, Row, Value
from sync_engine.sandbox.google.grid import Grid, cells_of, column_name, split_sheet
from sync_engine.sandbox.google.refusal import Json, bad

MOST_CELLS = 10_000_000


@dataclass(slots=True)
class Sheet:
    """A tab. `lines` and `columns` hold each row's and column's properties, None for plain ones; `cells` as many rows."""

    id: int
    title: str
    cells: list[Row | None]
    lines: list[Json | None]
    columns: list[Json | None]
    properties: Json = field(default_factory=dict)
    merges: list[Json] = field(default_factory=list)
    protected: dict[int, Json] = field(default_factory=dict)
    conditional: list[Json] = field(default_factory=list)
    basic_filter: Json | None = None
    filter_views: dict[int, Json] = field(default_factory=dict)
    tables: dict[str, Json] = field(default_factory=dict)
    charts: dict[int, Json] = field(default_factory=dict)
    banded: dict[int, Json] = field(default_factory=dict)
    row_groups: list[Json] = field(default_factory=list)
    column_groups: list[Json] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return len(self.cells), len(self.columns)

    def copy(self) -> Sheet:
        """The same with containers of its own."""
        own = {n: getattr(self, n).copy() for n in _CONTAINERS}
        return replace(self, **own)

    def cell(self, row: int, column: int) -> Cell:
        """One cell; EMPTY where nothing stands."""
        found = self.cells[row] if row < len(self.cells) else None
        return found.get(column, EMPTY) if found else EMPTY

    def full(self, grid: Grid) -> Grid:
        """A range of this sheet with every end given."""
        return grid.within(*self.size)

    def end_of_data(self, grid: Grid | None = None) -> int:
        """The row after the last one with a value, in a range's columns if one is given."""
        top, bottom, left, right = self.full(grid or Grid(sheet=self.id)).box
        for row in range(bottom - 1, top - 1, -1):
            found = self.cells[row]
            if found and any(left <= at < right and cell.entered is not None for at, cell in found.items()):
                return row + 1
        return top


_CONTAINERS = (
    "cells", "lines", "columns", "properties", "merges", "protected", "conditional", "filter_views", "tables", "charts",
    "banded", "row_groups", "column_groups",
)  # fmt: skip


def new_sheet(number: int, title: str, rows: int = 1000, columns: int = 26) -> Sheet:
    """An empty sheet."""
    if rows < 1 or columns < 1:
        raise bad("Invalid value: a grid must have at least one row and one column")
    return Sheet(id=number, title=title, cells=[None] * rows, lines=[None] * rows, columns=[None] * columns)


@dataclass(slots=True)
class Book:
    """One state of a spreadsheet."""

    id: str
    properties: Json
    sheets: list[Sheet] = field(default_factory=list)
    named: dict[str, Json] = field(default_factory=dict)
    metadata: dict[int, Json] = field(default_factory=dict)
    next_id: int = 1
    calculation: Calculation | None = None
    told: dict[tuple[int, str], tuple[Row, list[Json]]] = field(default_factory=dict)
    """What rows were answered as, by the row itself and what was asked: kept over all states, for most rows stay."""

    @property
    def locale(self) -> str:
        """Such as zh_CN."""
        return str(self.properties.get("locale", "en_US"))

    def draft(self) -> Book:
        """A copy to change; its sheets are still the same ones."""
        return replace(
            self, properties=dict(self.properties), sheets=list(self.sheets), named=dict(self.named), metadata=dict(self.metadata), calculation=None
        )  # fmt: skip

    def find(self, number: int) -> Sheet | None:
        """A sheet by its id."""
        return next((sheet for sheet in self.sheets if sheet.id == number), None)

    def titled(self, title: str) -> Sheet | None:
        """A sheet by its title; titles differ in more than case."""
        low = title.lower()
        return next((sheet for sheet in self.sheets if sheet.title.lower() == low), None)

    def sheet(self, number: int) -> Sheet:
        """A sheet by its id, or a refusal."""
        found = self.find(number)
        if found is None:
            raise bad(f"No grid with id: {number}")
        return found

    def area(self, text: str) -> Grid:
        """The range an A1 text, a named range or a sheet's title stands for; refused if it stands for nothing."""
        title, rest = split_sheet(text)
        if title is not None:
            sheet = self.titled(title)
            grid = None if sheet is None else self._on_sheet(sheet, rest)
        else:
            grid = cells_of(text, self.sheets[0].id) or self.range_called(text)
            if grid is None and (called := self.titled(text)):
                grid = Grid(sheet=called.id)
        if grid is None:
            raise bad(f"Unable to parse range: {text}")
        return self._on_grid(grid, text)

    def _on_sheet(self, sheet: Sheet, rest: str | None) -> Grid | None:
        """What stands behind a sheet's title: nothing, cells, or a named range of this sheet."""
        if rest is None:
            return Grid(sheet=sheet.id)
        named = self.range_called(rest)
        return cells_of(rest, sheet.id) or (named if named and named.sheet == sheet.id else None)

    def _on_grid(self, grid: Grid, text: str) -> Grid:
        sheet = self.sheet(grid.sheet)
        rows, columns = sheet.size
        if (grid.top or 0) >= rows or (grid.left or 0) >= columns:
            place = f"{column_name(grid.left or 0)}{(grid.top or 0) + 1}"
            if grid.bottom is not None and grid.right is not None:
                last = f"{column_name(grid.right - 1)}{grid.bottom}"
                place += "" if last == place else f":{last}"
            raise bad(
                f"Range ({sheet.title}!{place}) exceeds grid limits. Max rows: {rows}, max columns: {columns}"
            )
        return grid

    # What a calculation asks.

    def sheet_called(self, title: str) -> int | None:
        """The id of a sheet by its title."""
        found = self.titled(title)
        return None if found is None else found.id

    def range_called(self, name: str) -> Grid | None:
        """A named range, or None."""
        from sync_engine.sandbox.google.grid import from_json

        low = name.lower()
        return next(
            (from_json(each["range"]) for each in self.named.values() if each["name"].lower() == low), None
        )

    def values(self, grid: Grid) -> Matrix:
        """Effective values of a range."""
        sheet = self.find(grid.sheet)
        if sheet is None:
            return []
        top, bottom, left, right = sheet.full(grid).box
        return [
            [self.value(sheet, row, column) for column in range(left, right)] for row in range(top, bottom)
        ]

    def value(self, sheet: Sheet, row: int, column: int) -> Value:
        """What a cell is worth."""
        entered = sheet.cell(row, column).entered
        if not isinstance(entered, Formula):
            return entered
        if self.calculation is None:
            self.calculation = Calculation(self)
        return self.calculation.value(sheet.id, row, column, entered)

    def cells(self, sheet: Sheet, grid: Grid) -> Iterator[tuple[int, int, Cell]]:
        """The cells that are there, of a range."""
        top, bottom, left, right = sheet.full(grid).box
        for row in range(top, bottom):
            found = sheet.cells[row]
            if found:
                for column in sorted(found):
                    if left <= column < right:
                        yield row, column, found[column]


def check_size(book: Book) -> None:
    """Refuse a spreadsheet above ten million cells."""
    if sum(len(sheet.cells) * len(sheet.columns) for sheet in book.sheets) > MOST_CELLS:
        text = f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
        raise bad(text)
