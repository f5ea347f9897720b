"""A copy of the workbook to read, for people who are not to see what things cost.

One spreadsheet shows everybody all of it: hidden sheets and locked cells keep no secret. What is not to be seen must not be
in the file. So the copy is made of what is named here, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sync_engine.stores.port import Snapshot
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import (
    BALANCES,
    BINS,
    BUNDLES,
    CHECKS,
    COUNTS,
    LINES,
    ORDERS,
    PRODUCTS,
    REFILLS,
    REFUNDS,
    RETURNS,
    SHELVINGS,
    SHOP_STOCK,
    STOCK,
    TABLES,
    TRANSFERS,
    WAREHOUSES,
    WAVES,
    WAYBILLS,
)
from workbook_templates.words import say

SHOWN = (
    ORDERS, LINES, WAYBILLS, WAVES, CHECKS, REFUNDS, RETURNS, PRODUCTS, STOCK, SHOP_STOCK, BALANCES, BINS, COUNTS, SHELVINGS, TRANSFERS, REFILLS,
    WAREHOUSES, BUNDLES,
)  # fmt: skip
"""What the copy has; every other sheet is empty in it."""
LEFT_OUT: Mapping[str, frozenset[str]] = {
    ORDERS.name: frozenset({"freight", "courier_why", "warehouse_why"}), WAYBILLS.name: frozenset({"freight", "courier_why"}),
    PRODUCTS.name: frozenset({"cost"}), BALANCES.name: frozenset({"unit_cost", "value"}), COUNTS.name: frozenset({"value"}),
    WAREHOUSES.name: frozenset({"value"}), REFUNDS.name: frozenset({"stock"}),
}  # fmt: skip
"""Columns that tell costs, or sentences that do."""


def copy_without_cost(snapshot: Snapshot, path: Path, lang: Lang, shop: str) -> dict[str, int]:
    """Write the copy; gives the rows of each sheet."""
    rows: dict[str, list[Mapping[str, Value]]] = {table.name: [] for table in TABLES}
    for table in SHOWN:
        hidden = LEFT_OUT.get(table.name, frozenset())
        for row in snapshot.tables[table.name].changed:
            rows[table.name].append({name: value for name, value in row.cells.items() if name not in hidden})
    build_workbook(
        path, lang, rows=rows, shop=f"{shop}{say(lang, '(不含成本的副本,只供查看)', ' (a copy to read, without costs)')}"
    )  # fmt: skip
    return {name: len(found) for name, found in rows.items() if found}
