"""A person's look at one tab, with the same gestures as a hand in a workbook file (`sandbox.staff.Desk`)."""

from __future__ import annotations

from collections.abc import Iterator

from sync_engine.sandbox.google.cells import Value
from sync_engine.sandbox.google.staff import Desk


class Hand:
    """Rows count from 1, columns go by header."""

    def __init__(self, desk: Desk, tab: str) -> None:
        self._desk, self._tab = desk, tab
        grid = desk.rows(tab)
        self._columns = {str(text): at for at, text in enumerate(grid[0]) if text not in (None, "")}

    def rows(self) -> Iterator[int]:
        """Numbers of the rows that hold something, below the header."""
        for number, row in enumerate(self._desk.rows(self._tab)[1:], start=2):
            if any(value not in (None, "") for value in row):
                yield number

    def see(self, row: int, header: str) -> str:
        """What a cell holds."""
        return _text(self._desk.value(self._tab, row - 1, self._columns[header]))

    def find(self, header: str, text: str) -> int:
        """The row whose cell shows `text`."""
        return next(row for row in self.rows() if self.see(row, header) == text)

    def type(self, row: int, header: str, text: str | int) -> None:
        """Type into a cell; "" clears it."""
        self._desk.type(self._tab, row - 1, self._columns[header], str(text))

    def sort(self, header: str, *, reverse: bool = False) -> None:
        """Sort by one column."""
        self._desk.sort(self._tab, self._columns[header], reverse)

    def insert_blank_row(self, before: int) -> None:
        """An empty row above row `before`."""
        self._desk.insert_rows(self._tab, before - 1)

    def save(self) -> None:
        """Google saves by itself."""


def _text(value: Value) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
