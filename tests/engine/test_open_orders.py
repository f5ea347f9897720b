"""The benchmark of ticks beside many open orders fills its shop as the engine would have, and its ticks plan what changed alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.open_orders import Waiting
from tests.sim.sheets import read_workbook

TABLES = (
    "trades",
    "rests",
    "rest_shelves",
    "buyers",
    "stock_lines",
    "line_parts",
    "dirty",
    "intents",
    "packages",
    "todos",
    "skus",
)


def _left(folder: Path, by_engine: int, warehouses: int) -> dict[str, object]:
    """What a shop of eight orders is after its fill and a tick with two changes."""
    folder.mkdir()
    shop = Waiting(folder, 8, by_engine, warehouses)
    shop.change(2, first=6)
    db = shop.journal.rows._db
    kept: dict[str, object] = {name: sorted(map(repr, db.run(f"SELECT * FROM {name}"))) for name in TABLES}
    rows = "SELECT * FROM rows WHERE tbl IN ('orders', 'lines', 'stock', 'moves', 'balances')"
    kept["rows"] = sorted(map(repr, db.run(rows)))
    sheets = read_workbook(shop.path)
    kept |= {
        name: sorted(sheets[name], key=repr) for name in ("orders", "lines", "stock", "waybills", "todo")
    }
    assert shop.written == 3 and len(sheets["orders"]) == 8
    shop.journal.close()
    return kept


@pytest.mark.long
@pytest.mark.parametrize("warehouses", [1, 2])
def test_a_shop_filled_by_copies_is_what_the_engine_would_have_left(warehouses: int, tmp_path: Path) -> None:
    whole, copied = (_left(tmp_path / str(made), made, warehouses) for made in (8, 3))
    assert whole["rests"] and whole["stock_lines"] and bool(whole["rest_shelves"]) == (warehouses > 1)
    for name, one in whole.items():
        assert copied[name] == one, name
