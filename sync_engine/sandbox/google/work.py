"""One change of a spreadsheet in the making: who makes it, what it touches, and what may be told about it afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sync_engine.sandbox.google.book import Book, Sheet
from sync_engine.sandbox.google.cells import EMPTY, Cell, Row
from sync_engine.sandbox.google.grid import Grid, from_json
from sync_engine.sandbox.google.refusal import Json, bad

PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if you "
    "need to edit."
)


@dataclass(frozen=True, slots=True)
class RowChange:
    """Cells of one row that were written, `wrote` their columns; before and after are the whole row, for those who judge."""

    sheet: int
    title: str
    row: int
    before: Row
    after: Row
    wrote: tuple[int, ...]

    def columns(self) -> Iterator[int]:
        """The columns whose cell is another now."""
        for column in sorted(self.before.keys() | self.after.keys()):
            if self.before.get(column, EMPTY) != self.after.get(column, EMPTY):
                yield column


@dataclass(frozen=True, slots=True)
class Move:
    """Cells that changed places without being written: sort, insert, delete, move ..."""

    kind: str
    sheet: int
    title: str
    detail: Json


@dataclass(slots=True)
class Work:
    """A draft of a book, changed by `caller`; `owner` marks the one protection never shuts out."""

    book: Book
    caller: str
    owner: bool
    rng: random.Random
    changes: list[RowChange | Move] = field(default_factory=list)
    _own: set[int] = field(default_factory=set)

    def sheet(self, number: int) -> Sheet:
        """A sheet to change; refused if there is none."""
        found = self.book.sheet(number)
        if number not in self._own:
            self._own.add(number)
            copy = found.copy()
            self.book.sheets = [copy if each is found else each for each in self.book.sheets]
            return copy
        return found

    def adopt(self, sheet: Sheet) -> None:
        """Count a sheet made in this work as copied already."""
        self._own.add(sheet.id)

    def fresh_id(self) -> int:
        """An id for a sheet or an object, not used yet in this book."""
        while True:
            number = self.rng.randrange(1, 2**31 - 1)
            if number not in self.ids():
                return number

    def ids(self) -> set[int]:
        """Ids of sheets and objects in use."""
        used: set[int] = set()
        for sheet in self.book.sheets:
            used |= {sheet.id, *sheet.protected, *sheet.filter_views, *sheet.charts, *sheet.banded}
        return used

    def grid(self, value: Json | None) -> tuple[Sheet, Grid]:
        """The sheet and the full range a GridRange means; refused if it is none or out of the grid."""
        if value is None:
            raise bad("Invalid value: range is required")
        asked = from_json(value)
        sheet = self.sheet(asked.sheet)
        _check_order(asked)
        rows, columns = sheet.size
        if (
            max(asked.top or 0, (asked.bottom or 1) - 1) >= rows
            or max(asked.left or 0, (asked.right or 1) - 1) >= columns
        ):
            text = f"Range exceeds grid limits. Max rows: {rows}, max columns: {columns}"
            raise bad(text)
        return sheet, sheet.full(asked)

    def write_row(self, sheet: Sheet, row: int, cells: Row) -> None:
        """Put cells into a row, and remember it for the history."""
        before = sheet.cells[row] or {}
        after = before | cells
        for column, cell in cells.items():
            if not cell:
                after.pop(column, None)
        self._put(sheet, row, before, after, sorted(cells))

    def paint(
        self, sheet: Sheet, grid: Grid, change: Callable[[Cell], Cell], place: Callable[[Cell, int, int], Cell] | None = None
    ) -> None:  # fmt: skip
        """Change each cell of a range alike; rows that were one and the same stay one, so that thousands cost little.

        `place` makes of a changed cell the one so many rows and columns from the range's corner: where it differs from
        the cell it was given, its row is one of its own.
        """
        top, bottom, left, right = grid.box
        cells: dict[int, tuple[Cell, Cell]] = {}
        rows: dict[int, tuple[Row | None, Row, Row]] = {}
        for number in range(top, bottom):
            before = sheet.cells[number]
            if id(before) in rows:
                _, was, after = rows[id(before)]
                if was or after:
                    self._put(sheet, number, was, after, range(left, right))
                continue
            was, new, alike = before or {}, {}, True
            for at in range(left, right):
                old = was.get(at, EMPTY)
                if id(old) not in cells:
                    cells[id(old)] = (old, change(old))
                cell = cells[id(old)][1]
                new[at] = place(cell, number - top, at - left) if place else cell
                alike = alike and new[at] is cell
            after = {at: cell for at, cell in (was | new).items() if cell}
            if was or after:
                self._put(sheet, number, was, after, range(left, right))
            if alike:
                rows[id(before)] = (before, was, after)

    def _put(self, sheet: Sheet, row: int, before: Row, after: Row, columns: Iterable[int]) -> None:
        sheet.cells[row] = after or None
        self.changes.append(RowChange(sheet.id, sheet.title, row, before, after, tuple(columns)))

    def write(self, sheet: Sheet, row: int, column: int, cell: Cell) -> None:
        """Put one cell."""
        self.write_row(sheet, row, {column: cell})

    def told(self, kind: str, sheet: Sheet, detail: Json) -> None:
        """Remember that cells changed places."""
        self.changes.append(Move(kind, sheet.id, sheet.title, detail))

    def guard(self, sheet: Sheet, grid: Grid) -> None:
        """Refuse where the range meets one protected against the caller."""
        if self.owner:
            return
        for each in sheet.protected.values():
            if self.shut_out(each) and self._covers(sheet, each, grid):
                raise bad(PROTECTED)

    def shut_out(self, protected: Json) -> bool:
        """Whether a protection holds against the caller."""
        if self.owner or protected.get("warningOnly"):
            return False
        return self.caller not in (protected.get("editors") or {}).get("users", [])

    def _covers(self, sheet: Sheet, protected: Json, grid: Grid) -> bool:
        area = self.protected_area(sheet, protected)
        if area is None or not area.meets(grid):
            return False
        free = [from_json(each) for each in protected.get("unprotectedRanges", [])]
        return not any(each.holds(grid) for each in free)

    def protected_area(self, sheet: Sheet, protected: Json) -> Grid | None:
        """The range a protection covers, by itself, by a named range or by a table."""
        if name := protected.get("namedRangeId"):
            found = self.book.named.get(name)
            return from_json(found["range"]) if found else None
        if table := protected.get("tableId"):
            return from_json(sheet.tables[table]["range"]) if table in sheet.tables else None
        return from_json(protected["range"])

    def guard_sheet(self, sheet: Sheet) -> None:
        """Refuse what needs the whole sheet free: to delete it, or to change its size where all of it is protected."""
        if any(self.shut_out(each) for each in sheet.protected.values()):
            raise bad(PROTECTED)


def _check_order(grid: Grid) -> None:
    for start, end in ((grid.top, grid.bottom), (grid.left, grid.right)):
        if (start or 0) < 0 or (end is not None and end <= (start or 0)):
            raise bad("Invalid value: the end of a range must be behind its start, and no index below 0")
