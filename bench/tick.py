"""A whole tick on a large order book, as ratios in one run: 100 orders changed at Tmall and 1,000 new ones.

    python -m bench.tick --rows 10000 100000 [--skip-openpyxl]

Against openpyxl loading, changing and saving the same file; against the floor (inflating and deflating the changed
sheet parts alone); and a tick with nothing to do. The outside is in memory, the journal and the workbook are real files.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl

from bench.measure import each_size, peak_memory, seconds
from sync_engine.execute import Outside
from sync_engine.journal.journal import Journal
from sync_engine.shop import tick
from sync_engine.state import Shop
from sync_engine.stores.xlsx.package import Package, deflate
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.trade import Line, Receiver, Trade
from tests.engine.world import FakeCarrier, FakeTmall, World
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang

CHANGED, NEW = 100, 1000


def trade(world: World, number: int, status: str) -> Trade:
    """One order of one line."""
    tid, at = str(4_100_000_000_000_000_000 + number), world.clock.now() - timedelta(days=2)
    line = Line(
        oid=tid, num_iid="600000000001", sku_id="5000000000001", outer_sku_id="BM-001-BK", title="轻便运动鞋",
        sku_text="颜色分类:黑色;尺码:42", num=1, price=Decimal("199.00"), amount=Decimal("189.00"), status=status,
        invoice_no=f"JT{number:013d}", consign_time=at,
    )  # fmt: skip
    return Trade(
        tid=tid, status=status, created=at, modified=at, pay_time=at, consign_time=at, shop="测试店", buyer_nick="买**",
        payment=Decimal("189.00"), lines=(line,), buyer_message="请尽快发货,谢谢", seller_memo="老客户",
        receiver=Receiver(name="张**", mobile="138****0000", province="浙江省", city="杭州市", district="余杭区",
                          address="文一西路**号", oaid=f"oaid{number:060d}"),
    )  # fmt: skip


class Bench:
    """A shop with `rows` orders already in the workbook."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.path, self.rows, self.folder = folder / "店铺.xlsx", rows, folder
        build_workbook(self.path, Lang.ZH)
        self.world = World()
        self.world.trades = {
            one.tid: one for one in (trade(self.world, n, "TRADE_FINISHED") for n in range(rows))
        }
        self.journal = Journal(folder / "journal.sqlite", self.world.clock.now())
        self.shop = self._shop()
        for _ in range(3):
            tick(self.shop)

    def _shop(self) -> Shop:
        clock = self.world.clock
        outside = Outside(tmall=FakeTmall(self.world), carrier=FakeCarrier(self.world), clock=clock)
        return Shop(
            name="bench", lang=Lang.ZH, journal=self.journal, store=XlsxStore(self.path, self.folder / "cache"),
            outside=outside, clock=clock, print_labels=lambda *_: None, backup=lambda _: None,
        )  # fmt: skip

    def change(self) -> None:
        """Tmall changes 100 orders and gets 1,000 new ones."""
        self.world.clock.sleep(600)
        now, step = self.world.clock.now(), max(1, self.rows // CHANGED)
        for tid in list(self.world.trades)[: self.rows : step][:CHANGED]:
            old = self.world.trades[tid]
            self.world.trades[tid] = replace(old, modified=now, seller_memo=f"改 {now:%H%M%S}")
        start = len(self.world.trades)
        for number in range(start, start + NEW):
            one = replace(trade(self.world, number, "WAIT_BUYER_CONFIRM_GOODS"), modified=now, created=now)
            self.world.trades[one.tid] = one

    def fresh_process(self) -> None:
        """Forget what is in memory, as a new process would."""
        self.shop = self._shop()


def floor(path: Path) -> float:
    """Inflate and deflate the two sheet parts that change, and nothing else."""
    package = Package(path.read_bytes())
    names = [
        name for name in package.names() if name in ("xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml")
    ]
    return seconds(lambda: [deflate(package.read(name)) for name in names])


def by_openpyxl(path: Path, folder: Path) -> float:
    """Load, change 100 rows, append 1,000 to both sheets, save."""
    copy = folder / "openpyxl.xlsx"
    shutil.copy(path, copy)

    def work() -> None:
        book = openpyxl.load_workbook(copy)
        for name in ("订单", "订单明细"):
            sheet = book[name]
            model = [cell.value for cell in sheet[2]]
            for row in range(2, sheet.max_row, max(1, sheet.max_row // CHANGED)):
                sheet.cell(row, 3).value = "改"
            for _ in range(NEW):
                sheet.append(model)
        book.save(copy)

    return seconds(work)


def run(rows: int, *, skip: bool) -> None:
    """One size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        filled = time.perf_counter()
        bench = Bench(folder, rows)
        filled = time.perf_counter() - filled
        idle = min(seconds(lambda: tick(bench.shop)) for _ in range(3))
        bench.fresh_process()
        idle_cold = seconds(lambda: tick(bench.shop))
        bench.change()
        warm = seconds(lambda: tick(bench.shop))
        bench.fresh_process()
        bench.change()
        cold = seconds(lambda: tick(bench.shop))
        low = floor(bench.path)
        slow = 0.0 if skip else by_openpyxl(bench.path, folder)
        size = bench.path.stat().st_size / 1e6
    print(
        f"\n{rows} orders + {rows} lines, {size:.1f} MB; first fill {filled:.1f} s ({rows / filled:.0f} orders/s)"
    )
    print(f"  floor (inflate + deflate of the two parts)   {low:8.3f} s      1.0")
    for what, took in (
        ("tick, {} changed + {} new, running watch", warm),
        ("the same in a new process", cold),
    ):
        ratio = f"{slow / took:6.1f} x faster than openpyxl" if slow else ""
        print(f"  {what.format(CHANGED, NEW):<44} {took:8.3f} s   {took / low:6.1f}   {ratio}")
    print(f"  idle tick, running watch                     {idle:8.3f} s")
    print(f"  idle tick, new process                       {idle_cold:8.3f} s")
    if slow:
        print(f"  openpyxl load + change + save                {slow:8.3f} s   {slow / low:6.1f}")
    print(f"  {peak_memory()}")


if __name__ == "__main__":
    each_size(__doc__, run)
