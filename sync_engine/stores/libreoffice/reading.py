"""What stands in a workbook, in as few calls as LibreOffice's interface allows. Rows and columns count from 1 outside of UNO."""

from __future__ import annotations

import re
from typing import Any

from com.sun.star.sheet.CellFlags import FORMULA

from sync_engine.stores.libreoffice.words import MOVING, Busy

ROUNDS = 5
TAB = "\x01"
"""What a tab in a text of several lines comes back as."""
_PLACE = re.compile(r"^\$?(?:'((?:[^']|'')+)'|([^.']+))\.\$?([A-Z]+)\$?(\d+)$")
_LOGICAL = 1024
"""com.sun.star.util.NumberFormat.LOGICAL: TRUE typed into a cell is a 1 that is shown so."""

_names_known: dict[str, Any] = {}
"""What `_names` found and of which state, by document: from outside each name takes two calls of a millisecond."""


def contents(model: Any, alone: bool) -> dict[str, Any]:
    """Tabs, and names that mean one cell."""
    sheets = model.Sheets
    tabs = list(sheets.ElementNames)
    if alone:
        return {"tabs": tabs, "names": _names(model)}
    heads = [sheets.getByName(tab).getCellRangeByPosition(0, 0, 255, 0).getDataArray() for tab in tabs]
    state = (tabs, heads, model.NamedRanges.ElementNames)
    known = _names_known.get(model.URL)
    if known is None or known[0] != state:
        known = _names_known[model.URL] = (state, _names(model))
    return {"tabs": tabs, "names": known[1]}


def _names(model: Any) -> dict[str, Any]:
    found = {}
    every = model.NamedRanges
    for name in every.ElementNames:
        place = _PLACE.match(every.getByName(name).Content)
        if place:
            tab = place.group(1).replace("''", "'") if place.group(1) else place.group(2)
            found[name] = [tab, int(place.group(4)), _number(place.group(3))]
    return found


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def pages(model: Any, tabs: list[str], *, alone: bool, large: int) -> dict[str, Any]:
    """Tabs whole; a tab of more than `large` cells is left to who can read it without stopping the window."""
    sheets = model.Sheets
    found: dict[str, Any] = {}
    for tab in tabs:
        if sheets.hasByName(tab):
            sheet = sheets.getByName(tab)
            end = used(sheet)
            big = alone and (end[0] + 1) * (end[1] + 1) > large
            found[tab] = None if big else page(model, sheet, alone)
    return found


def page(model: Any, sheet: Any, alone: bool) -> dict[str, Any]:
    """One tab from A1 on. Texts come as texts, numbers as numbers, errors as null; formulas and truth values are listed
    beside.

    From outside, values and formulas are two calls: somebody may sort in between, which shows, and then both are read
    anew. Busy where that does not come to rest.
    """
    for _ in range(ROUNDS):
        end = used(sheet)
        cells = sheet.getCellRangeByPosition(0, 0, end[1], end[0])
        rows = cells.getDataArray()
        formulas = _formulas(sheet, cells)
        if alone or (used(sheet) == end and _agree(sheet, cells, rows, formulas)):
            return {
                "rows": [*map(with_tabs, rows)], "formulas": formulas, "truths": _truths(model, cells), "totals": _totals(model, sheet),
            }  # fmt: skip
    raise Busy(MOVING, sheet.Name)


def with_tabs(row: Any) -> Any:
    """A row of values; in a text of several lines a tab is told as the character 1."""
    if not any(isinstance(one, str) and TAB in one for one in row):
        return row
    return tuple(one.replace(TAB, "\t") if isinstance(one, str) else one for one in row)


def used(sheet: Any) -> tuple[int, int]:
    """The last row and column that hold something, from 0."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    address = cursor.RangeAddress
    return (address.EndRow, address.EndColumn)


def block(sheet: Any, address: Any) -> Any:
    """The cells of an address."""
    return sheet.getCellRangeByPosition(
        address.StartColumn, address.StartRow, address.EndColumn, address.EndRow
    )


def _formulas(sheet: Any, cells: Any) -> list[list[Any]]:
    """Blocks of formulas: top, left, texts."""
    return [
        [one.StartRow, one.StartColumn, block(sheet, one).getFormulaArray()]
        for one in cells.queryContentCells(FORMULA).RangeAddresses
    ]


def _agree(sheet: Any, cells: Any, rows: Any, formulas: list[list[Any]]) -> bool:
    """Whether the formulas still stand where they were found, and show what was read before."""
    there = cells.queryContentCells(FORMULA).RangeAddresses
    if [[one.StartRow, one.StartColumn] for one in there] != [found[:2] for found in formulas]:
        return False
    for one in there:
        read = tuple(row[one.StartColumn : one.EndColumn + 1] for row in rows[one.StartRow : one.EndRow + 1])
        if block(sheet, one).getDataArray() != read:
            return False
    return True


def _truths(model: Any, cells: Any) -> list[list[int]]:
    """Blocks of cells that are shown as true or false: top, left, bottom, right."""
    found, kinds, formats = [], {}, model.NumberFormats
    every = cells.getUniqueCellFormatRanges()
    for number in range(every.Count):
        alike = every.getByIndex(number)
        key = alike.NumberFormat
        if key not in kinds:
            kinds[key] = formats.getByKey(key).Type
        if kinds[key] & _LOGICAL:
            found += [
                [one.StartRow, one.StartColumn, one.EndRow, one.EndColumn] for one in alike.RangeAddresses
            ]
    return found


def lists(model: Any, sheet: Any) -> list[Any]:
    """The table objects of a tab: LibreOffice calls them database ranges."""
    every, at = model.DatabaseRanges, sheet.RangeAddress.Sheet
    ranges = [every.getByName(name) for name in every.ElementNames]
    return [one for one in ranges if one.DataArea.Sheet == at]


def _totals(model: Any, sheet: Any) -> int:
    """The row in which a table shows totals; 0 where there is none."""
    return next(
        (one.DataArea.EndRow + 1 for one in lists(model, sheet) if getattr(one, "TotalsRow", False)), 0
    )
