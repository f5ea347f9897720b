"""What people put into a workbook beside the declared cells: taken along when the workbook is built anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book, Property, cell_text
from workbook_templates.palette import INK, PAPER, SOFT_INK

Content = str | int | float | bool
"""A cell's content; a formula is a `Formula`."""


class Formula(str):
    """A formula's text, with its leading =."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """Cells by tab and place (row, column from 0). A tab that is not declared is made; a declared one gets them on top."""

    cells: Mapping[str, Mapping[tuple[int, int], Content]] = field(default_factory=dict)


def write_extras(book: Book, sheet: Worksheet, cells: Mapping[tuple[int, int], Content], width: int) -> None:
    """Write cells into a sheet whose first `width` columns are declared."""
    for (row, col), value in cells.items():
        look: dict[str, Property] = {
            "font_color": INK if col < width else SOFT_INK,
            "bg_color": PAPER,
            "locked": False,
        }
        if row == 0 and col >= width:
            look["bold"] = True
        shape = book.look(**look) if width else None
        if isinstance(value, Formula):
            sheet.write_formula(row, col, value, shape, "")
        elif isinstance(value, bool):
            sheet.write_boolean(row, col, value, shape)
        elif isinstance(value, str):
            sheet.write_string(row, col, cell_text(value), shape)
        else:
            sheet.write_number(row, col, value, shape)


__all__ = ["Content", "Extras", "Formula", "write_extras"]
