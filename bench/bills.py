"""A bill of 100,000 rows: read and proved, classified, matched. Each phase in seconds of this process (a busy machine does
not count), and the most memory held.

python -m bench.bills [--rows 10000 100000]
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.measure import each_size, peak_memory
from formulas.bill_rules import Classifier, read_bill_rules
from sync_engine.alipay.read import BillFile, read_bill
from sync_engine.billdesk import index, judge_all
from sync_engine.clock import SHANGHAI
from sync_engine.journal.journal import Journal
from sync_engine.plan.billing import Judged, bill_row
from sync_engine.plan.matching import account_match, dues_of, order_match
from sync_engine.sandbox.alipay.account import Sale, entries_of, of_month
from sync_engine.sandbox.alipay.files import Layout, bill_file
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.schema import Lang, Value

START = datetime(2026, 10, 1, tzinfo=SHANGHAI)
END = datetime(2026, 11, 1, tzinfo=SHANGHAI)
ROWS_A_SALE = 6.2


def seconds(work: Callable[[], object]) -> float:
    """The processor time it takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def sales(rows: int) -> list[Sale]:
    """Sales that make about so many rows."""
    number = int(rows / ROWS_A_SALE)
    step = (END - START - timedelta(days=1)) / number
    return [
        Sale(tid=f"4611686018{n:09d}", paid=1000 + n % 20_000, paid_at=START, confirmed_at=(START + step * n).replace(microsecond=0))
        for n in range(1, number)
    ]  # fmt: skip


def run(rows: int, *, skip: bool) -> None:
    """One size."""
    sold = sales(rows)
    entries = of_month(entries_of(sold, (START,), 1), START, END)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bill.zip"
        path.write_bytes(bill_file(entries, START, END, Layout(columns=16, newest_first=True)))
        print(f"{len(entries)} rows, {path.stat().st_size / 1e6:.1f} MB ZIP; before: {peak_memory()}")
        _phases(path, sold)


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
        account_match(account, "2026-10", journal.bills.of_month(account, "2026-10"), None, {}, Lang.ZH)
        print(
            f"  orders matched   {sum(row is not None and row['list'] == 'matched' for row in states)} of {len(orders)}"
        )

    took = seconds(match)
    print(f"  index and match  {took:6.1f} s")
    whole += took
    took = seconds(lambda: [bill_row(one) for one in judged.values()])
    print(f"  make rows        {took:6.1f} s\n  all              {whole + took:6.1f} s, {peak_memory()}")
    journal.close()


if __name__ == "__main__":
    each_size(__doc__, run)
