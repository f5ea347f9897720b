"""A workbook as plain text, read without the engine's store: table -> rows of column name -> text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import python_calamine

from workbook_templates.schema import KEY_SEPARATOR, Column, Kind, Lang
from workbook_templates.tables import TABLES
from workbook_templates.tables.choices import name_of

Rows = list[dict[str, str]]
Tables = dict[str, Rows]


def plain(column: Column, value: Any) -> str:
    """A cell as text: choices by machine name, ticks as ✓, numbers without trailing zeros, times to the second."""
    if value is None or value == "" or value is False:
        return ""
    if column.kind is Kind.TICK:
        return "✓" if value is True or str(value).strip() == "✓" else f"?{value}"
    if isinstance(value, datetime):
        shown = value.replace(tzinfo=None) + timedelta(microseconds=500_000)
        return f"{shown:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d} 00:00:00"
    if isinstance(value, int | float | Decimal):
        number = Decimal(repr(value) if isinstance(value, float) else value)
        text = f"{number.normalize():f}"
        return "0" if text == "-0" else text
    if column.kind is Kind.CHOICE:
        return name_of(column.choices, str(value)) or f"?{value}"
    return str(value)


def tables_of(rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> Tables:
    """Rows of a memory store."""
    return {
        table.name: [{c.name: plain(c, row.get(c.name)) for c in table.columns} for row in rows[table.name]]
        for table in TABLES
    }


def read_workbook(path: Path, lang: Lang = Lang.ZH) -> Tables:
    """Every declared table of a workbook file, found by its headers, rows in sheet order, blank rows left out."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    found: Tables = {}
    for table in TABLES:
        grid = book.get_sheet_by_name(table.sheet(lang)).to_python(skip_empty_area=False)
        heads = [str(cell) for cell in grid[0]]
        columns = [(heads.index(c.header(lang)), c) for c in table.columns]
        rows = [{c.name: plain(c, row[at]) for at, c in columns} for row in grid[1:]]
        found[table.name] = [row for row in rows if any(row.values())]
    return found


def by_key(tables: Tables, name: str) -> dict[str, dict[str, str]]:
    """Rows of a table by key; the last one where a key is there twice."""
    table = next(table for table in TABLES if table.name == name)
    return {KEY_SEPARATOR.join(row[part] for part in table.key): row for row in tables[name]}


def differences(before: Tables, after: Tables, leave_out: frozenset[str] = frozenset()) -> list[str]:
    """Which cells differ between two readings, by table, key and column; the order of rows does not matter."""
    told = []
    for table in TABLES:
        if table.name in leave_out:
            continue
        one, two = by_key(before, table.name), by_key(after, table.name)
        told += [f"{table.name}: {key} is gone" for key in one.keys() - two.keys()]
        told += [f"{table.name}: {key} is new" for key in two.keys() - one.keys()]
        told += [
            f"{table.name}: {key} {name}: {one[key][name]!r} -> {two[key][name]!r}"
            for key in one.keys() & two.keys() for name in one[key] if one[key][name] != two[key][name]
        ]  # fmt: skip
    return told
