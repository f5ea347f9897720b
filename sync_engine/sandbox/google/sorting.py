"""Sorting: contents of cells change rows; rows themselves, their heights and their metadata stay (ASSUMED for metadata)."""

from __future__ import annotations

from functools import cmp_to_key

from sync_engine.sandbox.google.book import Sheet
from sync_engine.sandbox.google.cells import Cell, Error, Row, Value
from sync_engine.sandbox.google.grid import Grid
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.sheet_requests import sorted_formula
from sync_engine.sandbox.google.work import Work


def sort_range(work: Work, asked: Json) -> Json:
    """sortRange."""
    sheet, grid = work.grid(asked.get("range"))
    specs = asked.get("sortSpecs") or []
    if not specs:
        raise bad("Invalid value: at least one sortSpec is needed")
    if any(each.keys() - {"dimensionIndex", "sortOrder"} for each in specs):
        raise bad("Invalid value: the stand-in sorts by dimensionIndex and sortOrder only")
    _, _, left, right = grid.box
    keys = [(int(each.get("dimensionIndex") or 0), each.get("sortOrder") == "DESCENDING") for each in specs]
    if any(not left <= column < right for column, _ in keys):
        raise bad("Invalid value: a sort column lies outside of the range")
    work.guard(sheet, grid)
    sort(work, sheet, grid, keys)
    return {}


def sort(work: Work, sheet: Sheet, grid: Grid, keys: list[tuple[int, bool]]) -> None:
    """Sort a range by (column, descending)."""
    top, bottom, left, right = grid.box
    worth = {row: [work.book.value(sheet, row, column) for column, _ in keys] for row in range(top, bottom)}
    order = list(range(top, bottom))
    for at in range(len(keys) - 1, -1, -1):
        down = keys[at][1]
        order.sort(key=cmp_to_key(lambda a, b, at=at, down=down: _compare(worth[a][at], worth[b][at], down)))  # type: ignore[misc]
    old = sheet.cells[top:bottom]
    for place, origin in enumerate(order):
        moved = {
            c: sorted_formula(cell, top + place - origin)
            for c, cell in (old[origin - top] or {}).items()
            if left <= c < right
        }
        kept: Row = {c: cell for c, cell in (old[place] or {}).items() if not left <= c < right}
        sheet.cells[top + place] = (kept | moved) or None
    work.told("sort", sheet, {"range": grid.as_json(), "order": order})


def _rank(value: Value) -> tuple[int, float | str]:
    """Numbers, then texts, then truth values, then errors; empty cells come last whatever the order."""
    if isinstance(value, bool):
        return 2, float(value)
    if isinstance(value, int | float):
        return 0, float(value)
    return (3, value.kind) if isinstance(value, Error) else (1, (value or "").lower())


def _compare(one: Value, two: Value, down: bool) -> int:
    if one is None or two is None:
        return (one is None) - (two is None)
    a, b = _rank(one), _rank(two)
    if a == b:
        return 0
    less = a[0] < b[0] if a[0] != b[0] else a[1] < b[1]  # type: ignore[operator]
    return -1 if less != down else 1


def delete_duplicates(work: Work, asked: Json) -> Json:
    """deleteDuplicates: later rows with the same values go, the rest moves up."""
    sheet, grid = work.grid(asked.get("range"))
    work.guard(sheet, grid)
    top, bottom, left, right = grid.box
    spans = asked.get("comparisonColumns") or [{"startIndex": left, "endIndex": right}]
    columns = [
        c
        for span in spans
        for c in range(int(span.get("startIndex") or 0), int(span.get("endIndex") or right))
    ]
    seen: set[tuple[Value, ...]] = set()
    kept: list[dict[int, Cell]] = []
    for row in range(top, bottom):
        key = tuple(v.lower() if isinstance(v := work.book.value(sheet, row, c), str) else v for c in columns)
        if key not in seen:
            seen.add(key)
            kept.append({c: cell for c, cell in (sheet.cells[row] or {}).items() if left <= c < right})
    removed = bottom - top - len(kept)
    for row in range(top, bottom):
        rest = {c: cell for c, cell in (sheet.cells[row] or {}).items() if not left <= c < right}
        sheet.cells[row] = (rest | (kept[row - top] if row - top < len(kept) else {})) or None
    work.told("delete duplicates", sheet, {"range": grid.as_json(), "removed": removed})
    return {"deleteDuplicates": {"duplicatesRemovedCount": removed} if removed else {}}
