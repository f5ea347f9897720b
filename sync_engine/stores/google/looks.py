"""How a column's cells look in Google Sheets."""

from __future__ import annotations

from workbook_templates.schema import Column, Kind

_FORMATS = {
    Kind.MONEY: {"type": "NUMBER", "pattern": "#,##0.00"},
    Kind.NUMBER: {"type": "NUMBER", "pattern": "0.####"},
    Kind.COUNT: {"type": "NUMBER", "pattern": "0"},
    Kind.TIME: {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"},
}
_TEXT = {"type": "TEXT", "pattern": "@"}


def number_format(column: Column) -> dict[str, str]:
    """The number format of a column: ids and everything typed as words are text, so that no digit is lost."""
    return _FORMATS.get(column.kind, _TEXT)
