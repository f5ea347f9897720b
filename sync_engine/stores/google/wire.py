"""Google's JSON into cells and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync_engine.stores.grid.port import Contents, Page
from sync_engine.stores.memory_cells import EXACT_DIGITS, Formula, Raw, serial

_EXACT = 10**EXACT_DIGITS
NAMES = "namedRanges(name,range),sheets(properties(sheetId,title){})"
CELLS = ",data(startRow,startColumn,rowData(values({})))"


def fields(*, cells: bool = True, results: bool = False) -> str:
    """The field mask of a read: what was typed, and what formulas show where there are any."""
    wanted = "userEnteredValue,effectiveValue" if results else "userEnteredValue"
    return NAMES.format(CELLS.format(wanted) if cells else "")


def contents_of(answer: Mapping[str, Any], tabs: Sequence[str] | None = None) -> Contents:
    """Tabs and names of one cell. `tabs` are all tabs, where the answer was asked about some of them only."""
    titles = {
        sheet["properties"].get("sheetId", 0): sheet["properties"]["title"]
        for sheet in answer.get("sheets", ())
    }
    names = {}
    for named in answer.get("namedRanges", ()):
        given = named["range"]
        if (title := titles.get(given.get("sheetId", 0))) is not None:
            row, column = given.get("startRowIndex", 0), given.get("startColumnIndex", 0)
            if (
                given.get("endRowIndex", row + 1) - row == 1
                and given.get("endColumnIndex", column + 1) - column == 1
            ):
                names[named["name"]] = (title, row + 1, column + 1)
    return Contents(tabs=tuple(tabs if tabs is not None else titles.values()), names=names)


def sheet_ids(answer: Mapping[str, Any]) -> dict[str, int]:
    """The id of each tab."""
    return {s["properties"]["title"]: s["properties"].get("sheetId", 0) for s in answer.get("sheets", ())}


def page_of(sheet: Mapping[str, Any]) -> Page:
    """A tab's cells."""
    rows: list[list[Raw]] = []
    for block in sheet.get("data", ()):
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        for number, row in enumerate(block.get("rowData", ()), start=top):
            while len(rows) <= number:
                rows.append([])
            rows[number] += [None] * (left - len(rows[number]))
            values = row.get("values", ())
            rows[number] += (
                [raw_of(cell) if cell else None for cell in values] if any(values) else [None] * len(values)
            )
    return Page(tab=sheet["properties"]["title"], cells=rows)


def has_formula(pages: Iterable[Page]) -> bool:
    """Whether any cell is a formula, so that what it shows must be asked for."""
    return any(isinstance(raw, Formula) for page in pages for row in page.cells if any(row) for raw in row)


def raw_of(cell: Mapping[str, Any]) -> Raw:
    """One cell of GridData."""
    typed = cell.get("userEnteredValue")
    if not typed:
        return None
    if "formulaValue" in typed:
        shows = cell.get("effectiveValue") or {}
        return Formula(typed["formulaValue"], None if "errorValue" in shows else _plain(shows))
    return Formula("", None) if "errorValue" in typed else _plain(typed)


def _plain(value: Mapping[str, Any]) -> str | int | bool | Decimal | None:
    if "stringValue" in value:
        return str(value["stringValue"]) or None
    if "numberValue" in value:
        return number_of(value["numberValue"])
    return bool(value["boolValue"]) if "boolValue" in value else None


def number_of(number: float) -> int | Decimal:
    """A double: whole as an int, else the shortest decimal that gives it."""
    whole = int(number)
    return whole if whole == number and abs(whole) < _EXACT * 1000 else Decimal(repr(float(number)))


def entered(raw: Raw) -> dict[str, Any]:
    """A value as `userEnteredValue`."""
    if raw is None or raw == "":
        return {}
    if isinstance(raw, bool):
        return {"boolValue": raw}
    if isinstance(raw, str):
        return {"stringValue": raw}
    if isinstance(raw, Formula):
        return {"formulaValue": raw.text}
    return {
        "numberValue": float(serial(raw))
        if isinstance(raw, datetime)
        else float(raw)
        if isinstance(raw, Decimal)
        else raw
    }


def letters(column: int) -> str:
    """1 -> A, 27 -> AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def stretches(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of ascending numbers without a gap."""
    start = 0
    for n in range(1, len(numbers) + 1):
        if n == len(numbers) or numbers[n] != numbers[n - 1] + 1:
            yield numbers[start], numbers[n - 1]
            start = n


def row_range(tab: str, row: int, width: int, last: int = 0) -> str:
    """Some rows of a tab in A1 notation: one, or down to `last`."""
    quoted = tab.replace("'", "''")
    return f"'{quoted}'!A{row}:{letters(width)}{last or row}"
