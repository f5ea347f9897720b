"""The stock sheets at size: 10,000 SKUs in 16 warehouses, built in one tick, then 100 SKUs counted.

    python -m bench.stockroom [--skus 10000] [--warehouses 16]

The ledger holds one receipt for each SKU and warehouse; 分仓库存 and 库存流水 get a row for each. Against the floor (packing the two
sheet parts alone) and against openpyxl loading and saving the same file. The outside is in memory, journal and workbook are files.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl

from bench.measure import peak_memory, seconds
from formulas.moves import Move, MoveKind
from sync_engine.execute import Outside
from sync_engine.journal.journal import Journal
from sync_engine.shop import tick
from sync_engine.state import Shop
from sync_engine.stores.xlsx.book import read_book
from sync_engine.stores.xlsx.package import Package, deflate
from sync_engine.stores.xlsx.store import XlsxStore
from tests.engine.world import FakeCarrier, FakeTmall, World
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import BALANCES, MOVES, STOCK

CHANGED = 100


class Bench:
    """A shop whose ledger has a receipt for each SKU and warehouse, and whose sheets are still empty."""

    def __init__(self, folder: Path, skus: int, warehouses: int) -> None:
        self.path, self.folder, self.skus = folder / "店铺.xlsx", folder, skus
        rows: list[dict[str, Value]] = [
            {"warehouse": f"W{number:03}", "name": f"{number}号仓", "negative": "list", "for_sale": "yes"}
            for number in range(1, warehouses + 1)
        ]
        build_workbook(self.path, Lang.ZH, rows={"warehouses": rows})
        self.world = World()
        for number in range(skus):
            sku = self.world.sku(str(5_000_000_000_000 + number), 50 * warehouses)
            self.world.skus[sku.sku_id] = replace(
                sku, outer_id=f"BM-{number:05}", num_iid=str(700_000 + number // 10)
            )
        now = self.world.clock.now()
        self.journal = Journal(folder / "journal.sqlite", now)
        with self.journal.transaction():
            self.journal.moves.add(
                (
                    Move(
                        move_id=f"purchase:P{number:05}:{place}:1", at=now - timedelta(days=1), kind=MoveKind.PURCHASE,
                        sku=f"BM-{number:05}", warehouse=f"W{place:03}", pieces=50, unit_cost=Decimal(number % 97 + 1),
                        source=f"purchases/P{number:05}-{place}",
                    )
                    for number in range(skus) for place in range(1, warehouses + 1)
                ),
                now,
            )  # fmt: skip
        self.shop = self._shop()

    def _shop(self) -> Shop:
        clock = self.world.clock
        outside = Outside(tmall=FakeTmall(self.world), carrier=FakeCarrier(self.world), clock=clock)
        return Shop(
            name="bench", lang=Lang.ZH, journal=self.journal, store=XlsxStore(self.path, self.folder / "cache"),
            outside=outside, clock=clock, print_labels=lambda *_: None, backup=lambda _: None,
        )  # fmt: skip

    def count_some(self) -> None:
        """A hundred SKUs get another receipt: their stock is to be worked out and shown anew."""
        self.world.clock.sleep(600)
        now = self.world.clock.now()
        step = max(1, self.skus // CHANGED)
        codes = [f"BM-{number:05}" for number in range(0, self.skus, step)][:CHANGED]
        with self.journal.transaction():
            new = self.journal.moves.add(
                (
                    Move(
                        move_id=f"purchase:Q{code}:{now:%H%M%S}", at=now, kind=MoveKind.PURCHASE, sku=code, warehouse="W002",
                        pieces=5, unit_cost=Decimal(3), source=f"purchases/Q{code}",
                    )
                    for code in codes
                ),
                now,
            )  # fmt: skip
            self.journal.rows.mark({STOCK.name: codes, "moves": [move.move_id for move in new]})


def floor(path: Path) -> float:
    """Pack the parts of 分仓库存 and 库存流水, and nothing else."""
    package = Package(path.read_bytes())
    sheets = read_book(package).sheets
    texts = [package.read(sheets[table.zh]) for table in (BALANCES, MOVES)]
    return seconds(lambda: [deflate(text) for text in texts])


def timed(bench: Bench, what: str) -> float:
    """One tick, with a line that says how many seconds of processor it took and what it wrote."""
    start = time.process_time()
    report = tick(bench.shop)
    took = time.process_time() - start
    print(
        f"  {what:<44} {took:9.2f} s of processor, {report.written:,} rows written; {peak_memory()}",
        flush=True,
    )
    return took


def processor(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def run(skus: int, warehouses: int, *, skip: bool) -> None:
    """Print one table."""
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), skus, warehouses)
        print(f"  {skus:,} SKUs in {warehouses} warehouses, ledger ready; {peak_memory()}")
        first = timed(bench, "first tick: all rows of the stock room")
        bench.world.clock.sleep(600)
        timed(bench, "second tick: what is told to Tmall")
        bench.count_some()
        changed = timed(bench, f"a tick with {CHANGED} SKUs received")
        bench.world.clock.sleep(600)
        timed(bench, "the next tick")
        bench.world.clock.sleep(600)
        timed(bench, "a tick with nothing to do")
        print(f"  packing the two sheet parts alone: {floor(bench.path):.2f} s")
        if not skip:
            theirs = processor(lambda: openpyxl.load_workbook(bench.path).save(Path(name) / "copy.xlsx"))
            print(
                f"  openpyxl, load and save: {theirs:.1f} s of processor, {theirs / changed:.1f} x that tick, {theirs / first:.1f} x the first; {peak_memory()}"
            )


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--skus", type=int, default=10_000)
    parser.add_argument("--warehouses", type=int, default=16)
    parser.add_argument("--skip-openpyxl", action="store_true")
    given = parser.parse_args()
    run(given.skus, given.warehouses, skip=given.skip_openpyxl)


if __name__ == "__main__":
    main()
