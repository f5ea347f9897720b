"""Rectangles of cells: A1 notation, Google's half-open ranges, and what happens to them when rows and columns move."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sync_engine.sandbox.google.refusal import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows `top` to `bottom`, columns `left` to `right` of a sheet, counted from 0, ends not included.

    None is an end that was not given: the sheet's edge.
    """

    sheet: int
    top: int | None = None
    bottom: int | None = None
    left: int | None = None
    right: int | None = None

    def within(self, rows: int, columns: int) -> Grid:
        """The same with every end given, cut at the sheet's size."""
        top, left = self.top or 0, self.left or 0
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Grid(sheet=self.sheet, top=top, bottom=max(bottom, top), left=left, right=max(right, left))

    def meets(self, other: Grid) -> bool:
        """Whether the two share a cell."""
        return (
            self.sheet == other.sheet
            and _overlap(self.top, self.bottom, other.top, other.bottom)
            and _overlap(self.left, self.right, other.left, other.right)
        )

    def holds(self, other: Grid) -> bool:
        """Whether every cell of the other is in this one."""
        return (
            self.sheet == other.sheet
            and _inside(self.top, self.bottom, other.top, other.bottom)
            and _inside(self.left, self.right, other.left, other.right)
        )

    def as_json(self) -> Json:
        """A GridRange."""
        ends = {
            "startRowIndex": self.top,
            "endRowIndex": self.bottom,
            "startColumnIndex": self.left,
            "endColumnIndex": self.right,
        }
        return {"sheetId": self.sheet} | {name: at for name, at in ends.items() if at is not None}

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Top, bottom, left, right of a range whose ends are all given."""
        assert self.top is not None and self.bottom is not None
        assert self.left is not None and self.right is not None
        return self.top, self.bottom, self.left, self.right


def _overlap(a: int | None, b: int | None, c: int | None, d: int | None) -> bool:
    return (b is None or (c or 0) < b) and (d is None or (a or 0) < d)


def _inside(a: int | None, b: int | None, c: int | None, d: int | None) -> bool:
    return (a or 0) <= (c or 0) and (b is None or (d is not None and d <= b))


def from_json(value: Json) -> Grid:
    """A Grid from a GridRange."""

    def end(name: str) -> int | None:
        return None if value.get(name) is None else int(value[name])

    return Grid(
        sheet=int(value.get("sheetId") or 0), top=end("startRowIndex"), bottom=end("endRowIndex"), left=end("startColumnIndex"), right=end("endColumnIndex")
    )  # fmt: skip


def column_name(index: int) -> str:
    """0 -> A, 26 -> AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_index(name: str) -> int:
    """A -> 0, AA -> 26."""
    index = 0
    for letter in name.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted(title: str) -> str:
    """A sheet's title as it stands before the `!` of an A1 range."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", title) and not re.fullmatch(
        r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]?\d*", title
    )
    return title if plain else "'" + title.replace("'", "''") + "'"


def a1(title: str, grid: Grid) -> str:
    """The A1 text of a range whose ends are all given; one cell has no colon."""
    top, bottom, left, right = grid.box
    first = f"{column_name(left)}{top + 1}"
    last = f"{column_name(right - 1)}{bottom}"
    return f"{quoted(title)}!{first}" + ("" if first == last else f":{last}")


_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d*)?")
_R1C1 = re.compile(r"R([1-9]\d*)C([1-9]\d*)", re.IGNORECASE)
Corner = tuple[int | None, int | None]


def _corner(text: str) -> Corner | None:
    """(row, column) of one corner; None if it is no corner."""
    if rc := _R1C1.fullmatch(text):
        return int(rc[1]) - 1, int(rc[2]) - 1
    found = _CORNER.fullmatch(text)
    if not text or not found:
        return None
    return (int(found[2]) - 1 if found[2] else None), (column_index(found[1]) if found[1] else None)


def cells_of(text: str, sheet: int) -> Grid | None:
    """The range of an A1 text without sheet ("A1", "B2:C", "3:4", "R1C1:R2C2"); None if it is none."""
    first, colon, last = text.partition(":")
    one, two = _corner(first), _corner(last or first)
    if one is None or two is None or (not colon and None in one):
        return None
    top, bottom = _ends(one[0], two[0])
    left, right = _ends(one[1], two[1])
    return Grid(sheet=sheet, top=top, bottom=bottom, left=left, right=right)


def _ends(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    if first is None and last is None:
        return None, None
    if first is None or last is None:
        return (first if last is None else last), None
    return min(first, last), max(first, last) + 1


def split_sheet(text: str) -> tuple[str | None, str | None]:
    """The sheet's title, if one is given, and the rest of an A1 text; None for no rest."""
    if text.startswith("'"):
        found = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.*))?", text, re.DOTALL)
        return (found[1].replace("''", "'"), found[2]) if found else (None, text)
    title, bang, rest = text.rpartition("!")
    return (title, rest) if bang else (None, text)


Ends = Callable[[int | None, int | None], tuple[int | None, int | None] | None]
"""How a start and an end along one dimension come out of a change; None: nothing is left."""


def inserted(at: int, count: int) -> Ends:
    """`count` lines come in before line `at`."""

    def change(start: int | None, end: int | None) -> tuple[int | None, int | None]:
        return (
            None if start is None else start + (count if start >= at else 0),
            None if end is None else end + (count if end > at else 0),
        )

    return change


def deleted(at: int, count: int) -> Ends:
    """Lines `at` to `at + count` go."""

    def cut(place: int) -> int:
        return place if place <= at else max(at, place - count)

    def change(start: int | None, end: int | None) -> tuple[int | None, int | None] | None:
        new = (None if start is None else cut(start)), (None if end is None else cut(end))
        gone = end is not None and new[1] is not None and (new[0] or 0) >= new[1]
        return None if gone else new

    return change


def moved(at: int, count: int, to: int) -> Ends:
    """Lines `at` to `at + count` go before line `to` (counted before the move).

    A range keeps its lines where they move together; else it spans what its first and last line became (ASSUMED).
    """

    def place(line: int) -> int:
        return moved_line(line, at, count, to)

    def change(start: int | None, end: int | None) -> tuple[int | None, int | None]:
        if start is None or end is None or (start <= min(at, to) and max(at + count, to) <= end):
            return start, end
        one, two = place(start), place(end - 1)
        return min(one, two), max(one, two) + 1

    return change


def moved_line(line: int, at: int, count: int, to: int) -> int:
    """Where a line is after `moved`."""
    if at <= line < at + count:
        return line - at + (to if to <= at else to - count)
    if to <= line < at:
        return line + count
    return line - count if at + count <= line < to else line


def change_grid(value: Json, sheet: int, rows: bool, ends: Ends) -> Json | None:
    """A GridRange after a change along one dimension of a sheet; None if nothing is left."""
    grid = from_json(value)
    if grid.sheet != sheet:
        return value
    new = ends(grid.top, grid.bottom) if rows else ends(grid.left, grid.right)
    if new is None:
        return None
    fields: dict[str, Any] = {"top": new[0], "bottom": new[1]} if rows else {"left": new[0], "right": new[1]}
    return replace(grid, **fields).as_json()
