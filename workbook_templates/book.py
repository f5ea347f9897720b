"""The workbook being built, as every sheet writer needs it: formats by their look, drop-down lists, language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from workbook_templates.schema import TICK_MARK, Column, Kind, Lang, Value

LAST_ROW = 199_999
"""Zero-based last row that validations and conditional formats reach: row 200,000."""

LAST_COLUMN = 255
"""Zero-based last column that is painted or left open to people beside a table."""

CELL_LIMIT = 32_767
LIST_LIMIT = 250
"""A drop-down typed into the validation itself holds 255 characters at most; longer ones go to the list sheet."""

LIST_SHEET = {Lang.ZH: "选项", Lang.EN: "Choices"}

_UNFIT = re.compile("[^\n\t\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHANGHAI = timezone(timedelta(hours=8), "CST")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's day zero has no zone

Property = str | int | float | bool


@dataclass(slots=True)
class Book:
    """One workbook in the making."""

    file: Workbook
    lang: Lang
    protect: bool
    shop: str = ""
    lists: list[tuple[str, ...]] = field(default_factory=list)
    _formats: dict[tuple[tuple[str, Property], ...], Format] = field(default_factory=dict)

    def look(self, **properties: Property) -> Format:
        """The format with these XlsxWriter properties; the same look is the same format."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(properties)
        return self._formats[key]

    def say(self, zh: str, en: str) -> str:
        """The sentence in the workbook's language."""
        return zh if self.lang is Lang.ZH else en

    def drop_down(self, labels: tuple[str, ...]) -> list[str] | str:
        """The source of a list validation: the labels themselves, or a defined name where they do not fit."""
        if not any("," in label for label in labels) and len(",".join(labels)) <= LIST_LIMIT:
            return list(labels)
        if labels not in self.lists:
            self.lists.append(labels)
        return f"=bm_list_{self.lists.index(labels) + 1}"


def serial(moment: datetime) -> float:
    """A moment as a spreadsheet's day number, Shanghai time; a moment without a zone is taken as Shanghai time."""
    local = moment if moment.tzinfo is None else moment.astimezone(_SHANGHAI).replace(tzinfo=None)
    span = local - _EPOCH
    return span.days + span.seconds / 86_400


def cell_text(text: str) -> str:
    """Text as a cell may hold it: no control characters but line breaks and tabs, at most 32,767 characters."""
    return _UNFIT.sub("", text)[:CELL_LIMIT]


def shown(column: Column, value: Value, lang: Lang) -> str | float | int | None:
    """What a cell of this column shows for a value: labels for choices, ✓ for yes, day numbers for times.

    None is an empty cell. A text comes back as text whatever it begins with: it is never a formula.
    """
    if value is None or value == "" or value is False:
        return None
    if column.kind is Kind.TICK and value is True:
        return TICK_MARK
    if column.kind is Kind.CHOICE:
        return next((c.label(lang) for c in column.choices if c.name == value), cell_text(str(value)))
    if isinstance(value, datetime):
        return serial(value)
    if isinstance(value, (Decimal, int)) and column.kind not in (Kind.ID, Kind.TEXT):
        return float(value) if isinstance(value, Decimal) else value
    return cell_text(str(value))


def paint_columns(sheet: Worksheet, first: int, look: Format, width: float | None = None) -> None:
    """Format the empty columns from `first` on, without claiming that the sheet is that wide."""
    before = sheet.dim_colmax
    sheet.set_column(first, LAST_COLUMN, width, look)
    sheet.dim_colmax = before


def display_width(text: str) -> int:
    """How many characters wide a text shows: a Chinese character takes two places."""
    return sum(2 if character > "\u2e7f" else 1 for character in text)


def put(sheet: Worksheet, row: int, col: int, value: str | float | int | None, look: Format) -> None:
    """Write a value as what it is: text as text, never as a formula, link or number."""
    if value is None:
        sheet.write_blank(row, col, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, col, value, look)
    else:
        sheet.write_number(row, col, value, look)
