"""The small change of Google's vocabulary: colours, ranges, sizes."""

from __future__ import annotations

from typing import Any

from openpyxl.styles.colors import Color

Json = dict[str, Any]

_PIXELS_PER_CHARACTER = 7
_CELL_PADDING = 5


def colour(given: Color | str | None) -> Json | None:
    """An ARGB colour as a ColorStyle; None for automatic and for colours of a theme, which a spreadsheet lacks."""
    argb = given if isinstance(given, str) else getattr(given, "rgb", None)
    if (
        not isinstance(argb, str)
        or len(argb) != 8
        or (not isinstance(given, str) and given and given.type != "rgb")
    ):
        return None
    red, green, blue = (int(argb[at : at + 2], 16) / 255 for at in (2, 4, 6))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def grid_range(sheet_id: int, top: int, left: int, bottom: int | None, right: int | None) -> Json:
    """A range by its first and last row and column, from 1; None reaches to the end."""
    found: Json = {"sheetId": sheet_id, "startRowIndex": top - 1, "startColumnIndex": left - 1}
    if bottom is not None:
        found["endRowIndex"] = bottom
    if right is not None:
        found["endColumnIndex"] = right
    return found


def column_pixels(characters: float) -> int:
    """The width of a column in pixels."""
    return round(characters * _PIXELS_PER_CHARACTER + _CELL_PADDING)


def row_pixels(points: float) -> int:
    """The height of a row in pixels."""
    return round(points * 4 / 3)
