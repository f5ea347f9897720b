"""A workbook open in Excel as a Grid.

People notice three things of it: a write empties Excel's list of things to undo and ends a running copy (the marching
ants), as every write from outside does; so nothing is written where nothing differs. And while it writes, for a moment,
keys and clicks do nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sync_engine.clock import Pace
from sync_engine.stores.excel.cells import raw_of
from sync_engine.stores.excel.finding import Finder, OpenBook
from sync_engine.stores.excel.hands import CELLS_PER_CALL
from sync_engine.stores.excel.stillness import BY_HAND, STILL, UNASKED, Stillness
from sync_engine.stores.excel.writing import write
from sync_engine.stores.grid.port import Contents, Page, Put
from sync_engine.stores.memory_cells import Raw

_PLACE = re.compile(r"^=(?:'((?:[^']|'')+)'|([^'!]+))!\$([A-Z]{1,3})\$(\d+)$")
_Names = dict[str, tuple[str, int, int]]


class ExcelGrid:
    """See `Grid`. No object of Excel outlives the piece of work it was fetched for."""

    def __init__(self, workbook: Path, *, pace: Pace | None = None, notes: Path | None = None) -> None:
        """
        Args:
            pace: how time passes while Excel is busy; the machine's own unless told otherwise.
            notes: the folder for the note of what is to be given back; the system's for short-lived files otherwise.
        """
        self._finder = Finder(workbook, pace=pace, notes=notes)
        self._hands = self._finder.hands
        self._open: OpenBook | None = None
        self._still: Stillness | None = None
        self._names: _Names = {}
        self._named_by: object = None

    @contextmanager
    def _book(self) -> Iterator[OpenBook]:
        if self._open is not None:
            yield self._open
            return
        self._open = self._finder.must()
        try:
            yield self._open
        finally:
            self._open = None

    @property
    def at_once(self) -> bool:
        """See `Grid.at_once`. On macOS Excel cannot be asked to hold keys back."""
        return self._hands.holds_keys

    # -- reading -----------------------------------------------------------------------------------------------------

    def contents(self) -> Contents:
        """See `Grid.contents`. Names take two calls each, so they are asked for anew only where a header line changed."""
        with self._book() as at:
            sheets = self._hands.sheets(at.book)
            mark = self._mark(at.book, sheets)
            if mark != self._named_by:
                self._names = self._named(at.book)
                self._named_by = self._mark(at.book, sheets)
            return Contents(tabs=tuple(sheets), names=self._names)

    def _mark(self, book: Any, sheets: Mapping[str, Any]) -> object:
        """What tells that names may point elsewhere: their number, and the lines they point at."""
        lines = {tab: {row for name, row, _ in self._names.values() if name == tab} or {1} for tab in sheets}
        heads = []
        for tab, sheet in sheets.items():
            _, width = self._hands.size(sheet)
            for row in sorted(lines[tab]):
                values = self._hands.values(self._hands.cells(sheet, row, 1, 1, width))
                heads.append((tab, row, tuple(values[0])))
        return self._hands.name_count(book), tuple(heads)

    def _named(self, book: Any) -> _Names:
        found: _Names = {}
        for name, refers in self._hands.names(book):
            place = _PLACE.match(refers)
            if place and "!" not in name:
                tab = place[1].replace("''", "'") if place[1] else place[2]
                found[name] = (tab, int(place[4]), _column(place[3]))
        return found

    def pages(self, tabs: Sequence[str]) -> Mapping[str, Page]:
        """See `Grid.pages`."""
        with self._book() as at:
            sheets = self._hands.sheets(at.book)
            return {tab: self._page(tab, sheets[tab]) for tab in tabs if tab in sheets}

    def _page(self, tab: str, sheet: Any) -> Page:
        hands = self._hands
        height, width = hands.size(sheet)
        rows: list[list[Raw]] = []
        step = max(CELLS_PER_CALL // width, 1)
        while len(rows) < height:
            block = hands.cells(sheet, len(rows) + 1, 1, min(step, height - len(rows)), width)
            if rows and not hands.filled(hands.cells(sheet, len(rows) + 1, 1, height - len(rows), width)):
                break  # a format that somebody gave to a million rows
            rows += self._rows(block)
        totals = max((hands.totals_row(table) for table in hands.tables(sheet)), default=0)
        return Page(tab=tab, cells=rows, totals=totals)

    def _rows(self, block: Any) -> list[list[Raw]]:
        values, formulas = self._hands.values(block), self._hands.formulas(block)
        if formulas is None:
            return [[raw_of(value, None) for value in row] for row in values]
        return [
            [raw_of(value, formula) for value, formula in zip(row, line, strict=True)]
            for row, line in zip(values, formulas, strict=True)
        ]

    # -- writing -----------------------------------------------------------------------------------------------------

    def put(self, puts: Sequence[Put]) -> Sequence[Put]:
        """See `Grid.put`. Formulas are worked out once, at the end, by Excel itself."""
        if not puts:
            return ()
        with self.held(), self._book() as at:
            assert self._still is not None, "held"
            with self._still.without(BY_HAND):
                return write(self._hands, self._hands.sheets(at.book), puts, self._still.opened)

    @contextmanager
    def held(self) -> Iterator[None]:
        """See `Grid.held`. People's keys and clicks do nothing meanwhile; on macOS Excel cannot be asked for that."""
        if self._still is not None:
            yield
            return
        with self._book() as at:
            self._still = Stillness(self._hands, at.app, self._finder.note())
            try:
                with self._still.without(STILL):
                    yield
            finally:
                self._still = None

    # -- the program -------------------------------------------------------------------------------------------------

    def is_open(self) -> bool:
        """Whether a running Excel has the workbook open for editing. GridBusy where an Excel does not answer."""
        return self._finder.look() is not None

    def save(self) -> bool:
        """Store the workbook where it is, without macros and questions; False where Excel does not, for once or at all."""
        with self.held(), self._book() as at:
            assert self._still is not None, "held"
            with self._still.without(UNASKED):
                return self._hands.save(at.book)

    def close(self) -> None:
        """Nothing of Excel is kept, so there is nothing to let go of but what was known of the workbook."""
        self._names, self._named_by = {}, None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def find_open(workbook: Path, *, pace: Pace | None = None, notes: Path | None = None) -> ExcelGrid | None:
    """The workbook in a running Excel; None where none has it open for editing, or there is no Excel or xlwings here.

    Raises:
        GridBusy: an Excel is there and does not answer, so nobody can tell.
    """
    grid = ExcelGrid(workbook, pace=pace, notes=notes)
    return grid if grid.is_open() else None
