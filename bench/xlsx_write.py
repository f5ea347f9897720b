"""The write alone, as ratios in one run: 100 changed and 1,000 new rows in a sheet of many.

    python -m bench.xlsx_write --rows 10000 100000 [--skip-openpyxl]

Against the floor (inflating and deflating that sheet part, and nothing else) and against openpyxl loading, changing and
saving the same file. The store has read the file before, as in a running watch.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl

from bench.measure import each_size, peak_memory, seconds
from sync_engine.clock import SHANGHAI
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.package import Package, deflate
from sync_engine.stores.xlsx.store import XlsxStore
from workbook_templates.build import build_workbook
from workbook_templates.schema import Value

CHANGED, NEW = 100, 1000
START = datetime(2026, 11, 11, tzinfo=SHANGHAI)
FIRST = 4_100_000_000_000_000_000
PART = "xl/worksheets/sheet2.xml"


def order(number: int) -> dict[str, Value]:
    """One order's row, every column of a shipped order filled."""
    at = START + timedelta(seconds=number)
    return {
        "tid": str(FIRST + number), "stage": "shipped", "status": "WAIT_BUYER_CONFIRM_GOODS", "refund_status": "NO_REFUND",
        "seller_memo": "老客户", "seller_flag": 1, "buyer_message": "请尽快发货,谢谢", "goods": "BM-001-BK×1", "quantity": 1,
        "total_amount": Decimal("199.00"), "paid_amount": Decimal("189.00"), "refund_amount": Decimal("0.00"),
        "courier": "JT", "courier_why": "规则“其余选最便宜”:极兔;计费 0.6kg,运费 2.85 元(F039)", "weight_kg": Decimal("0.6"),
        "freight": Decimal("2.85"), "waybill_codes": f"JT{number:013d}", "buyer": "买**", "receiver": "张** 138****0000",
        "province": "浙江省", "city": "杭州市", "district": "余杭区", "address": "文一西路**号", "created": at, "pay_time": at,
        "consign_time": at, "modified": at, "shop": "测试店", "source": "天猫接口",
    }  # fmt: skip


def fill(store: XlsxStore, rows: int) -> None:
    """Write the rows that were there before."""
    edits = [RowEdit(table="orders", key=str(FIRST + n), cells=order(n), new=True) for n in range(rows)]
    store.write(edits, store.read({}).token)


def edits(rows: int) -> list[RowEdit]:
    """100 orders spread over the sheet, and 1,000 new ones."""
    changed = [
        RowEdit(
            table="orders", key=str(FIRST + n), cells={"seller_memo": "改"}, expect={"seller_memo": "老客户"}
        )
        for n in range(0, rows, rows // CHANGED)
    ][:CHANGED]
    new = [
        RowEdit(table="orders", key=str(FIRST + n), cells=order(n), new=True) for n in range(rows, rows + NEW)
    ]
    return changed + new


def by_openpyxl(path: Path) -> float:
    """Load, change 100 rows, append 1,000, save."""
    copy = path.with_name("openpyxl.xlsx")
    shutil.copy(path, copy)

    def work() -> None:
        book = openpyxl.load_workbook(copy)
        sheet = book["订单"]
        model = [cell.value for cell in sheet[2]]
        for row in range(2, sheet.max_row, max(1, sheet.max_row // CHANGED)):
            sheet.cell(row, 11).value = "改"
        for _ in range(NEW):
            sheet.append(model)
        book.save(copy)

    return seconds(work)


def run(rows: int, *, skip: bool) -> None:
    """One size."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "店铺.xlsx"
        build_workbook(path)
        store = XlsxStore(path, Path(name) / "cache")
        fill(store, rows)
        slow = 0.0 if skip else by_openpyxl(path)
        package = Package(path.read_bytes())
        low = min(seconds(lambda: deflate(package.read(PART))) for _ in range(3))
        work, token = edits(rows), store.read({}).token
        took = seconds(lambda: store.write(work, token))
        fresh = XlsxStore(path, Path(name) / "cache")
        looked = seconds(lambda: fresh.read({}))
    print(f"\n{rows} orders, {CHANGED} changed + {NEW} new")
    print(f"  floor (inflate + deflate of the sheet part)  {low:8.3f} s      1.0")
    faster = f"   {slow / took:6.1f} x faster than openpyxl" if slow else ""
    print(f"  write                                        {took:8.3f} s   {took / low:6.1f}{faster}")
    print(f"  whole first read in a new process            {looked:8.3f} s   {looked / low:6.1f}")
    if slow:
        print(f"  openpyxl load + change + save                {slow:8.3f} s   {slow / low:6.1f}")
    print(f"  {peak_memory()}")


if __name__ == "__main__":
    each_size(__doc__, run)
