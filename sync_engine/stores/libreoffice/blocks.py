"""Cells into blocks: what lies side by side and below each other goes in one call. Rows and columns count from 1."""

from __future__ import annotations

from typing import Any


class Block:
    """A full rectangle of new cells. A moment is {"date": days}."""

    def __init__(self, left: int, top: int, row: list[Any]) -> None:
        self.left, self.top, self._rows = left, top, [row]

    @property
    def right(self) -> int:
        """The last column."""
        return self.left + len(self._rows[0]) - 1

    @property
    def bottom(self) -> int:
        """The last row."""
        return self.top + len(self._rows) - 1

    def grow(self, left: int, row_number: int, row: list[Any]) -> bool:
        """Take over cells right below; False where they do not fit."""
        fits = left == self.left and len(row) == len(self._rows[0]) and row_number == self.bottom + 1
        if fits:
            self._rows.append(row)
        return fits

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def values(self) -> tuple[tuple[Any, ...], ...]:
        """As LibreOffice takes them: texts, doubles, "" for nothing."""
        return tuple(tuple(_plain(raw) for raw in row) for row in self._rows)

    def number_columns(self) -> list[tuple[int, bool]]:
        """Columns that get a number, and whether it is a moment."""
        found = []
        for n in range(len(self._rows[0])):
            column = [row[n] for row in self._rows]
            if any(isinstance(raw, (dict, float, int)) for raw in column):
                found.append((self.left + n, any(isinstance(raw, dict) for raw in column)))
        return found


def _plain(raw: Any) -> Any:
    if isinstance(raw, dict):
        return float(raw["date"])
    if raw is None:
        return ""
    return raw if isinstance(raw, str) else float(raw)


def blocks(puts: list[Any]) -> list[Block]:
    """The cells of these puts as few blocks."""
    found: dict[tuple[int, int], list[Block]] = {}
    rows: dict[int, dict[int, Any]] = {}
    for one in puts:
        rows.setdefault(int(one["row"]), {}).update({int(at): raw for at, raw in one["cells"].items()})
    for number, cells in sorted(rows.items()):
        for left, right in runs(list(cells), gap=0):
            row = [cells[at] for at in range(left, right + 1)]
            column = found.setdefault((left, right), [])
            if not column or not column[-1].grow(left, number, row):
                column.append(Block(left, number, row))
    return [one for column in found.values() for one in column]


def runs(numbers: list[int], gap: int = 50) -> list[tuple[int, int]]:
    """First and last of stretches; numbers further apart than `gap` are not read together."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and number - found[-1][1] <= gap + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def same(stands: Any, raw: Any) -> bool:
    """Whether a cell holds what it should: text as text, numbers as doubles, nothing as nothing."""
    if raw is None or raw == "":
        return stands is None or stands == ""
    if isinstance(raw, str) or isinstance(stands, str):
        return bool(raw == stands)
    return stands is not None and float(stands) == float(raw)
