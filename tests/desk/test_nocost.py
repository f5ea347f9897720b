"""The copy without costs: a figure that stands in a cost column is nowhere in the file."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.nocost import LEFT_OUT, SHOWN, copy_without_cost
from sync_engine.stores.port import SheetRow, Snapshot, TableView
from sync_engine.stores.xlsx.store import XlsxStore
from workbook_templates.schema import Kind, Lang, Value
from workbook_templates.tables import TABLES

SECRET = Decimal("7317.53")
WORDS = "7317.53 元"
NOT_COSTS = {
    "orders": {"total_amount", "paid_amount", "refund_amount", "post_fee", "weight_kg"}, "lines": {"price", "amount", "refund_amount"},
    "waybills": {"weight_kg", "weighed_kg"}, "waves": {"weight_kg"}, "refunds": {"fee"}, "refills": {"daily"}, "bundles": {"percent"},
    "products": {"price", "wanted_price", "price_next", "price_ok_for", "weight_g", "length_cm", "width_cm", "height_cm"},
}  # fmt: skip
"""Money and measures that may be seen: what buyers paid, and what things weigh."""


def planted() -> Snapshot:
    """A row in every table, with the secret wherever a cost can stand."""
    tables = {}
    for table in TABLES:
        hidden = LEFT_OUT.get(table.name, frozenset())
        may = NOT_COSTS.get(table.name, set())
        cells: dict[str, Value] = {}
        for column in table.columns:
            if column.kind in (Kind.MONEY, Kind.NUMBER) and column.name not in may:
                cells[column.name] = SECRET
            elif column.name in hidden or (table not in SHOWN and column.kind is Kind.TEXT):
                cells[column.name] = WORDS
        cells |= dict.fromkeys(table.key, f"{table.name}-1")
        tables[table.name] = TableView(table=table.name, changed=(SheetRow(key="x", cells=cells, digest=""),))
    return Snapshot(token="", tables=tables)


@pytest.mark.parametrize("lang", [Lang.ZH, Lang.EN])
def test_no_cost_is_anywhere_in_the_file(tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "copy.xlsx"
    rows = copy_without_cost(planted(), path, lang, "店")
    assert rows == {table.name: 1 for table in SHOWN}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert b"7317" not in archive.read(name), name
    shown = XlsxStore(path, tmp_path, lang=lang).read({})
    assert [row.key for row in shown.tables["orders"].changed] == ["orders-1"]
