"""Cells of a workbook file as CellData: exact values and their looks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula

from sync_engine.stores.google.building.units import Json, colour

_HORIZONTAL = {"left": "LEFT", "center": "CENTER", "right": "RIGHT"}
_VERTICAL = {"top": "TOP", "center": "MIDDLE", "bottom": "BOTTOM"}
_LINES = {
    "thin": "SOLID", "hair": "SOLID", "medium": "SOLID_MEDIUM", "thick": "SOLID_THICK", "dashed": "DASHED",
    "dotted": "DOTTED", "double": "DOUBLE",
}  # fmt: skip


def value_of(cell: Cell | MergedCell) -> Json:
    """`userEnteredValue` of a cell; a text stays text whatever it looks like."""
    value = cell.value
    if value is None or value == "":
        return {}
    if isinstance(value, ArrayFormula):
        return {"formulaValue": f"=ARRAYFORMULA({str(value.text).removeprefix('=')})"}
    if cell.data_type == "f":
        return {"formulaValue": str(value)}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, datetime | date | time | timedelta):
        days: float = to_excel(value)  # type: ignore[no-untyped-call]
        return {"numberValue": days}
    if isinstance(value, int | float | Decimal):
        return {"numberValue": float(value) if isinstance(value, Decimal) else value}
    return {"stringValue": str(value)}


class Looks:
    """`userEnteredFormat` by the styles of one workbook: each is put into words once."""

    def __init__(self) -> None:
        self._known: dict[int, Json] = {}

    def of(self, cell: Cell | MergedCell) -> Json:
        """How a cell looks; {} for the plain look."""
        if not cell.has_style:
            return {}
        if cell.style_id not in self._known:
            self._known[cell.style_id] = _format(cell)
        return self._known[cell.style_id]


def _format(cell: Cell | MergedCell) -> Json:
    font, fill, align, border = cell.font, cell.fill, cell.alignment, cell.border
    text: Json = {"bold": bool(font.b), "italic": bool(font.i), "fontSize": round(font.sz or 10)}
    if font.name:
        text["fontFamily"] = font.name
    if ink := colour(font.color):
        text["foregroundColorStyle"] = ink
    found: Json = {"textFormat": text, "numberFormat": number_format(cell.number_format)}
    if fill.fill_type == "solid" and (paper := colour(fill.fgColor)):
        found["backgroundColorStyle"] = paper
    if align.horizontal in _HORIZONTAL:
        found["horizontalAlignment"] = _HORIZONTAL[align.horizontal]
    if align.vertical in _VERTICAL:
        found["verticalAlignment"] = _VERTICAL[align.vertical]
    found["wrapStrategy"] = "WRAP" if align.wrap_text else "CLIP" if align.shrink_to_fit else "OVERFLOW_CELL"
    borders = {
        side: line for side in ("top", "bottom", "left", "right") if (line := _line(getattr(border, side)))
    }
    if borders:
        found["borders"] = borders
    return found


def _line(side: Any) -> Json | None:
    if side is None or side.style not in _LINES:
        return None
    line: Json = {"style": _LINES[side.style]}
    if ink := colour(side.color):
        line["colorStyle"] = ink
    return line


def number_format(pattern: str) -> Json:
    """An Excel number format as Google's: the patterns used here mean the same in both."""
    if pattern == "@":
        return {"type": "TEXT", "pattern": "@"}
    if pattern == "General":
        return {"type": "NUMBER", "pattern": ""}
    letters = set(pattern.lower())
    if {"y", "m", "d"} & letters and "0" not in letters:
        kind = "DATE_TIME" if "h" in letters else "DATE"
        return {"type": kind, "pattern": pattern}
    return {"type": "PERCENT" if "%" in pattern else "NUMBER", "pattern": pattern}
