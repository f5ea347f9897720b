"""A month's bill moved to its file: written, read back, taken out of the workbook, found again after a loss of the journal.
Seconds of this process (a busy machine does not count), and the most memory held.

    python -m bench.archive [--rows 5000 35000]

The workbook has the month and a tenth of it of the next one. No orders are in it: nothing waits for a match.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench.bills import END, START, sales, seconds
from bench.measure import peak_memory
from sync_engine.archive_room import FileRoom
from sync_engine.bill_archiving import adopt_bill_archives, archive_bills
from sync_engine.books_kept import TO_POST
from sync_engine.clock import VirtualClock
from sync_engine.collector import spare_collector
from sync_engine.config import Config
from sync_engine.execute import Outside
from sync_engine.importing import import_file
from sync_engine.journal.journal import Journal
from sync_engine.journal.vouchers import Period
from sync_engine.opening import init_folder
from sync_engine.sandbox.alipay.account import entries_of, of_month
from sync_engine.sandbox.alipay.files import Layout, bill_file
from sync_engine.state import Shop
from sync_engine.stores.port import SheetRow, row_digest
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.view import View
from tests.engine.world import FakeCarrier, FakeTmall, World
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import BILLS, MATCHES, PERIODS

LATER = END + timedelta(days=70)
OCTOBER = 202610
CLOSED = Period(period=OCTOBER, state="closed")


@dataclass
class Bench:
    """A shop's folder, and what is done in it."""

    config: Config
    room: FileRoom
    journal: Journal
    shop: Shop = field(init=False)

    def __post_init__(self) -> None:
        world = World(clock=VirtualClock(LATER))
        store = XlsxStore(self.config.workbook, self.config.folder / "cache")
        self.shop = Shop(
            name="归档", lang=Lang.ZH, journal=self.journal, store=store, clock=world.clock,
            outside=Outside(tmall=FakeTmall(world), carrier=FakeCarrier(world), clock=world.clock),
            print_labels=lambda *_: None, backup=lambda _: None, archive=self.room,
        )  # fmt: skip

    def read(self) -> View:
        return View(self.journal, self.shop.store.read(self.journal.rows.digests()), "", Lang.ZH)

    def sync(self) -> None:
        """What a tick does with archives, and nothing else of a tick."""
        policy = SimpleNamespace(number=lambda _: 1, setting=lambda _: "yes")
        state: Any = SimpleNamespace(
            shop=self.shop, view=self.read(), now=LATER, reading=SimpleNamespace(policy=policy)
        )
        archive_bills(state)

    def name_the_file(self) -> None:
        """会计期间 as the tick's write would leave it."""
        names = self.journal.vouchers.periods()[OCTOBER].bill_archive
        cells = {**PERIODS.blank, "period": str(OCTOBER), "bill_archive": names}
        self.journal.rows.put(
            PERIODS.name, [SheetRow(key=str(OCTOBER), cells=cells, digest=row_digest(cells))]
        )


def bill_of(path: Path, rows: int, start: datetime, end: datetime) -> Path:
    entries = of_month(entries_of(sales(rows, start), (start,), 1), start, end)
    path.write_bytes(bill_file(entries, start, end, Layout(columns=16)))
    return path


def run(rows: int, folder: Path) -> None:
    """One size."""
    config = init_folder(folder, Lang.ZH)
    build_workbook(config.workbook, Lang.ZH, rows={"bill_rules": bill_rule_rows(Lang.ZH)})
    bench = Bench(config, FileRoom(config, lambda _: None), Journal(folder / "journal.sqlite", LATER))
    journal, shop = bench.journal, bench.shop
    bill = bill_of(folder / "october.zip", rows, START, END)
    done = import_file(shop, bill)
    import_file(shop, bill_of(folder / "november.zip", rows // 10, END, END + timedelta(days=30)))
    for name in (BILLS.name, MATCHES.name, TO_POST):
        journal.rows.clean(name, journal.rows.marked(name))
    journal.vouchers.put_period(CLOSED)

    def tell(what: str, work: Callable[[], object], more: Callable[[], str] = str) -> None:
        print(f"  {what:<46}{seconds(work):6.1f} s  {more()}, {peak_memory()}", flush=True)

    def size() -> str:
        return f"workbook of {config.workbook.stat().st_size / 1e6:.1f} MB"

    print(f"{done.new} rows; {size()}, {peak_memory()}")
    tell("read the workbook whole", lambda: shop.store.read({}), size)
    tell("prove, write the file, read it back", bench.sync, lambda: files(bench))
    bench.name_the_file()
    tell("take the rows out", bench.sync, size)
    assert journal.rows.count(BILLS.name) == journal.bills.count("2026-11"), "all of October left"
    tell("a sync with nothing to archive", bench.sync)
    tell("read the workbook whole", lambda: shop.store.read({}), size)
    tell("the same bill again", lambda: same(shop, bill, done.new))
    tell("a new journal: rows from their file", lambda: anew(bench, done.new))
    journal.close()


def files(bench: Bench) -> str:
    names = bench.journal.vouchers.periods()[OCTOBER].bill_archive.split("\n")
    paths = [bench.config.workbook.parent / name for name in names]
    return f"file of {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB"


def same(shop: Shop, bill: Path, rows: int) -> None:
    again = import_file(shop, bill)
    assert (again.new, again.changed, again.same) == (0, 0, rows)


def anew(bench: Bench, rows: int) -> None:
    journal = Journal(None, LATER)
    journal.vouchers.put_period(
        replace(CLOSED, bill_archive=bench.journal.vouchers.periods()[OCTOBER].bill_archive)
    )
    adopt_bill_archives(journal, View(journal, bench.shop.store.read({}), "", Lang.ZH), bench.room)
    assert journal.bill_archive.count("2026-10") == rows
    journal.close()


def main() -> None:
    """Each size the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 35_000])
    spare_collector()
    for rows in parser.parse_args().rows:
        with tempfile.TemporaryDirectory() as folder:
            run(rows, Path(folder))


if __name__ == "__main__":
    main()
