"""Workbooks as an earlier version made them: without some of today's tables, columns and statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from pathlib import Path
from unittest import mock

from sync_engine import opening
from workbook_templates import build
from workbook_templates.schema import Table
from workbook_templates.tables import TABLES

GONE = frozenset({"warehouses", "gift_rules", "shop_rules", "courier_rules"})
LESS = {
    "products": frozenset({"supplier", "category", "status"}),
    "orders": frozenset({"courier", "problem", "pay_time"}),
    "postings": frozenset({"period", "debit"}),
}


def older_tables(gone: Set[str], less: Mapping[str, Set[str]]) -> tuple[Table, ...]:
    """Today's declarations without these tables and columns."""
    return tuple(
        replace(table, columns=tuple(column for column in table.columns if column.name not in less.get(table.name, ())))
        for table in TABLES
        if table.name not in gone
    )  # fmt: skip


def make_older(
    path: Path, make: Callable[[Path], object], *, gone: Set[str] = GONE, less: Mapping[str, Set[str]] = LESS, dashboard: bool = True,
) -> None:  # fmt: skip
    """Let `make` build a workbook from those declarations, without statements."""

    def nothing(*args: object) -> None:
        """Draws nothing."""

    with (
        mock.patch.object(opening, "build_workbook", build.build_workbook),  # not one that was built before
        mock.patch.object(build, "TABLES", older_tables(gone, less)),
        mock.patch.object(build, "write_statements", nothing),
        mock.patch.object(build, "write_dashboard", build.write_dashboard if dashboard else nothing),
    ):
        make(path)
