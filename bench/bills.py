"""A bill of 100,000 rows: read and proved, classified, matched. Each phase in seconds of this process (a busy machine does
not count), and the most memory held.

    python -m bench.bills [--rows 10000 100000] [--workbook]

`--workbook` takes the same bill the whole way: into the workbook of a shop that has the orders, matched there by the next tick.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

from bench.measure import peak_memory
from formulas.bill_rules import Classifier, read_bill_rules
from sync_engine.alipay.read import BillFile, read_bill
from sync_engine.billdesk import index, judge_all
from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.collector import spare_collector
from sync_engine.execute import Outside
from sync_engine.imported import Imported
from sync_engine.importing import import_file
from sync_engine.journal.journal import Journal
from sync_engine.plan.billing import Judged, bill_row
from sync_engine.plan.matching import account_match, dues_of, order_match
from sync_engine.sandbox.alipay.account import Sale, entries_of, of_month
from sync_engine.sandbox.alipay.files import Layout, bill_file
from sync_engine.shop import tick
from sync_engine.state import Shop
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.trade import Line, Receiver, Trade
from tests.engine.world import FakeCarrier, FakeTmall, World
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang, Value

START = datetime(2026, 10, 1, tzinfo=SHANGHAI)
END = datetime(2026, 11, 1, tzinfo=SHANGHAI)
ROWS_A_SALE = 6.2


def seconds(work: Callable[[], object]) -> float:
    """The processor time it takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def sales(rows: int, start: datetime = START) -> list[Sale]:
    """Sales that make about so many rows in the month that begins at `start`."""
    number = int(rows / ROWS_A_SALE)
    step = ((start + timedelta(days=32)).replace(day=1) - start - timedelta(days=1)) / number
    return [
        Sale(tid=f"4611686018{n:09d}", paid=1000 + n % 20_000, paid_at=start, confirmed_at=(start + step * n).replace(microsecond=0))
        for n in range(1, number)
    ]  # fmt: skip


def run(rows: int, *, workbook: bool) -> None:
    """One size."""
    sold = sales(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bill.zip"
        booked = _write(path, sold)
        print(f"{booked} rows, {path.stat().st_size / 1e6:.1f} MB ZIP; before: {peak_memory()}")
        if workbook:
            _in_workbook(path, sold)
        else:
            _phases(path, sold)


def _write(path: Path, sold: list[Sale]) -> int:
    """The bill as a file, in a process of its own: the sandbox's rows are no memory of the one that is measured."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_written, path, sold).result()


def _written(path: Path, sold: list[Sale]) -> int:
    entries = of_month(entries_of(sold, (START,), 1), START, END)
    path.write_bytes(bill_file(entries, START, END, Layout(columns=16, newest_first=True)))
    return len(entries)


def _trade(sale: Sale) -> Trade:
    assert sale.confirmed_at is not None
    amount, status = Decimal(sale.paid).scaleb(-2), "TRADE_FINISHED"
    line = Line(
        oid=sale.tid, num_iid="7001", sku_id="801", outer_sku_id="A-1", title="商品", sku_text="颜色:黑", num=1, price=amount,
        amount=amount, status=status, invoice_no=f"JT{int(sale.tid) % 10**13:013d}", consign_time=sale.paid_at,
    )  # fmt: skip
    return Trade(
        tid=sale.tid, status=status, created=sale.paid_at, modified=sale.paid_at, pay_time=sale.paid_at, shop="对账",
        consign_time=sale.paid_at, end_time=sale.confirmed_at, buyer_nick="买**", payment=amount, lines=(line,),
        receiver=Receiver(name="张**", mobile="138****0000", province="浙江省", city="杭州市", district="余杭区",
                          address="文***", oaid=f"oaid-{sale.tid}"),
    )  # fmt: skip


def _in_workbook(path: Path, sold: list[Sale]) -> None:
    """The orders are in the workbook already: what is timed is the bill alone."""
    world = World(clock=VirtualClock(START + timedelta(hours=1)))
    world.trades = {sale.tid: _trade(sale) for sale in sold}
    world.sku("801", 1_000_000)
    book, clock = path.with_name("店铺.xlsx"), world.clock
    build_workbook(book, Lang.ZH, rows={"bill_rules": bill_rule_rows(Lang.ZH)})
    journal = Journal(path.with_name("journal.sqlite"), clock.now())
    shop = Shop(
        name="对账", lang=Lang.ZH, journal=journal, store=XlsxStore(book, path.parent / "cache"), clock=clock,
        outside=Outside(tmall=FakeTmall(world), carrier=FakeCarrier(world), clock=clock),
        print_labels=lambda *_: None, backup=lambda _: None,
    )  # fmt: skip
    for _ in range(3):
        clock.sleep(600)
        tick(shop)
    clock.sleep((END + timedelta(hours=10) - clock.now()).total_seconds())
    tick(shop)  # the day's own work, forecasts and proposals
    print(f"  {len(sold)} orders are in the workbook; {peak_memory()}")
    done: list[Imported] = []
    whole = seconds(lambda: done.append(import_file(shop, path)))
    print(f"  read, prove, classify, write {done[0].new} rows  {whole:6.1f} s, {peak_memory()}")
    clock.sleep(600)
    took = seconds(lambda: tick(shop))
    lists = Counter(str(cells["list"]) for cells in journal.rows.all("matches").values())
    print(f"  tick: match and write the matches     {took:6.1f} s, {dict(lists)}")
    size = book.stat().st_size / 1e6
    print(
        f"  all                                   {whole + took:6.1f} s, workbook of {size:.0f} MB, {peak_memory()}"
    )
    journal.close()


def _phases(path: Path, sold: list[Sale]) -> None:
    found: dict[str, BillFile] = {}
    judged: dict[str, Judged] = {}
    whole = seconds(lambda: found.update(bill=read_bill(path)))
    print(f"  read and prove   {whole:6.1f} s")
    rules, _ = read_bill_rules({str(row["rule_id"]): row for row in bill_rule_rows(Lang.ZH)}, Lang.ZH)
    journal = Journal(None, START)
    lines: dict[str, tuple[object, dict[str, Value]]] = {line.key: (line, {}) for line in found["bill"].lines}
    took = seconds(lambda: judged.update(judge_all(journal, lines, Classifier(rules, Lang.ZH), Lang.ZH)))
    print(
        f"  classify         {took:6.1f} s, {sum(one.item == 'unclassified' for one in judged.values())} unclassified"
    )
    whole += took

    def match() -> None:
        with journal.transaction():
            index(journal, judged.values())
        orders = {
            sale.tid: {"paid_amount": Decimal(sale.paid).scaleb(-2), "status": "TRADE_FINISHED", "pay_time": sale.paid_at, "end_time": sale.confirmed_at}
            for sale in sold
        }  # fmt: skip
        billed = journal.bills.of_orders(orders)
        covered = journal.bills.covered()[1]
        states = [
            order_match(tid, dues_of(cells), billed.get(tid, []), {}, Decimal(0), covered, Lang.ZH) for tid, cells in orders.items()
        ]  # fmt: skip
        account = found["bill"].account
        account_match(account, "2026-10", journal.bills.moved(account, "2026-10"), None, {}, Lang.ZH)
        print(
            f"  orders matched   {sum(row is not None and row['list'] == 'matched' for row in states)} of {len(orders)}"
        )

    took = seconds(match)
    print(f"  index and match  {took:6.1f} s")
    whole += took
    took = seconds(lambda: [bill_row(one) for one in judged.values()])
    print(f"  make rows        {took:6.1f} s\n  all              {whole + took:6.1f} s, {peak_memory()}")
    journal.close()


def main() -> None:
    """Each size the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--workbook", action="store_true")
    given = parser.parse_args()
    spare_collector()  # as whoever opens a shop does
    for rows in given.rows:
        run(rows, workbook=given.workbook)


if __name__ == "__main__":
    main()
