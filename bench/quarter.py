"""A quarter of a shop, lived through in a real workbook and judged by the sandbox's own accounting: orders as they leave, are
refunded and confirmed, three monthly bills, three months closed. Then every account of every month, the statements, and
what 对账 could not explain.

    python -m bench.quarter [--orders 1000] [--calc] [--keep FOLDER]

`--calc` has LibreOffice open the workbook, recalculate and save it, and compares its statement sheets with the truth, and cell by cell with
the functions.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl

from bench.measure import peak_memory
from bench.quarter_truth import (
    CASH,
    END,
    MONTHS,
    PERIODS,
    Quarter,
    Sold,
    Sums,
    balance_lines,
    income_lines,
    quarter_of,
    truth_of,
)
from bench.statement_cells import compare_cells
from formulas.accounting.chart import Standard, default_chart
from formulas.accounting.reports import Sum, balance_sheet, income_statement, trial_balance
from formulas.accounting.vouchers import check_chain
from sync_engine.clock import VirtualClock
from sync_engine.execute import Outside
from sync_engine.importing import import_file
from sync_engine.journal.journal import Journal
from sync_engine.sandbox.alipay.account import of_month
from sync_engine.sandbox.alipay.files import Layout, bill_file
from sync_engine.shop import tick
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.trade import Line, Receiver, Refund, Sku, Trade
from tests.engine.world import FakeCarrier, FakeTmall, World
from workbook_templates.build import build_workbook
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang, Value
from workbook_templates.statements import FIRST, SHEETS

LOOKS = (10, 20)
"""Days of a month on which the shop is looked at, besides the first of the next."""


def yuan(fen: int) -> Decimal:
    """Fen as yuan."""
    return Decimal(fen).scaleb(-2)


class QuarterTmall(FakeTmall):
    """Tells a refund when the shop next looks: the world stands still while it does, and looks lie days apart."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.told: dict[str, datetime] = {}

    def changed_refunds(self, since: datetime, until: datetime) -> list[Refund]:
        """Those that were told since."""
        return [one for key, one in self.world.refunds.items() if since <= self.told[key] <= until]


class Live:
    """The shop, its world and its workbook."""

    def __init__(self, folder: Path, quarter: Quarter) -> None:
        self.folder, self.quarter, self.path = folder, quarter, folder / "店铺.xlsx"
        self.world = World(clock=VirtualClock(MONTHS[0] + timedelta(hours=1)))
        self.told: dict[str, tuple[object, ...]] = {}
        for one in quarter.goods:
            self.world.skus[str(one.number)] = Sku(
                num_iid="7001", sku_id=str(one.number), outer_id=one.code, title="商品", sku_text="颜色:黑",
                price=Decimal("10.00"), quantity=one.pieces, status="onsale",
            )  # fmt: skip
        build_workbook(self.path, Lang.ZH, rows=self._begun())
        clock, place, self.tmall = self.world.clock, folder / "cache", QuarterTmall(self.world)
        self.journal = Journal(folder / "journal.sqlite", clock.now())
        self.shop = Shop(
            name="季度", lang=Lang.ZH, journal=self.journal, store=XlsxStore(self.path, place), clock=clock,
            outside=Outside(tmall=self.tmall, carrier=FakeCarrier(self.world), clock=clock),
            print_labels=lambda *_: None, backup=lambda _: None,
        )  # fmt: skip

    def _begun(self) -> dict[str, list[Mapping[str, Value]]]:
        """Books switched on, and the accountant's voucher of opening balances."""
        stock = sum(one.cost * one.pieces for one in self.quarter.goods)
        lines = (
            ("1012.01", yuan(CASH), None),
            ("1901", yuan(stock), None),
            ("3104", None, yuan(CASH + stock)),
        )
        return {
            "settings": [
                {**row, "value": "是"} if row["setting"] == "books" else row for row in default_rows(Lang.ZH)["settings"]
            ],
            "manual": [
                {"own_no": "期初", "account": account, "on": MONTHS[0], "debit": debit, "credit": credit, "post": True}
                for account, debit, credit in lines
            ],
        }  # fmt: skip

    def sync(self, most: int = 12) -> None:
        """Tick until nothing happens any more."""
        for _ in range(most):
            self.world.clock.sleep(600)
            if tick(self.shop).idle:
                return
        raise AssertionError("never became quiet")

    def type(self, table: str, **rows: Mapping[str, Value]) -> None:
        """A person types into white cells."""
        store = XlsxStore(self.path, self.folder / "cache")
        token = store.read(self.journal.rows.digests()).token
        report = store.write(
            [RowEdit(table=table, key=key, cells=cells) for key, cells in rows.items()], token
        )
        assert len(report.written) == len(rows), report

    def until(self, at: datetime) -> None:
        """Time passes, and Tmall has what happened."""
        clock = self.world.clock
        clock.sleep((at - clock.now()).total_seconds())
        for one in self.quarter.sold:
            self._tell(one, min(at, END))

    def _tell(self, one: Sold, now: datetime) -> None:
        sale = one.sale
        seen = one.left_at or sale.refunds[0][0]
        if seen > now:
            return
        done = one.left_at is not None and sale.confirmed_at is not None and sale.confirmed_at <= now
        refunds = [(n, at, fen) for n, (at, fen) in enumerate(sale.refunds) if at <= now]
        if self.told.get(sale.tid) == (done, len(refunds)):
            return
        self.told[sale.tid] = (done, len(refunds))
        self.world.put(_trade(one, done=done))
        for n, at, fen in refunds:
            key = f"{sale.tid}-{n}"
            self.tmall.told.setdefault(key, self.world.clock.now())
            self.world.refunds[key] = Refund(
                refund_id=key, tid=sale.tid, oid=sale.tid, status="SUCCESS", fee=yuan(fen), modified=at
            )


def _trade(one: Sold, *, done: bool) -> Trade:
    sale = one.sale
    status = (
        "TRADE_CLOSED" if one.left_at is None else "TRADE_FINISHED" if done else "WAIT_BUYER_CONFIRM_GOODS"
    )
    line = Line(
        oid=sale.tid, num_iid="7001", sku_id=str(one.goods.number), outer_sku_id=one.goods.code, title="商品", sku_text="颜色:黑",
        num=one.pieces, price=yuan(sale.paid), amount=yuan(sale.paid), status=status, consign_time=one.left_at,
        invoice_no=f"JT{int(sale.tid) % 10**13:013d}" if one.left_at else "",
    )  # fmt: skip
    return Trade(
        tid=sale.tid, status=status, created=sale.paid_at, modified=sale.paid_at, pay_time=sale.paid_at, shop="季度",
        buyer_nick="买**", payment=line.amount, lines=(line,), consign_time=one.left_at,
        end_time=sale.confirmed_at if done else None,
        receiver=Receiver(name="张**", mobile="138****0000", province="浙江省", city="杭州市", district="余杭区",
                          address="文***", oaid=f"oaid-{sale.tid}"),
    )  # fmt: skip


def live(shop: Live) -> None:
    """The quarter, month by month."""
    quarter = shop.quarter
    shop.sync()
    shop.type("products", **costs(shop))
    shop.sync()
    for start, ends, period in zip(MONTHS, (*MONTHS[1:], END), PERIODS, strict=True):
        for at in (*(start.replace(day=day, hour=10) for day in LOOKS), ends + timedelta(hours=10)):
            begun = time.perf_counter()
            shop.until(at)
            shop.sync()
            _say(f"sync on {at:%m-%d}", begun)
        begun = time.perf_counter()
        bill = shop.folder / f"bill{period}.zip"
        bill.write_bytes(
            bill_file(
                of_month(quarter.entries, start, ends), start, ends, Layout(columns=16, newest_first=True)
            )
        )
        done = import_file(shop.shop, bill)
        assert not done.problems, done.problems
        _say(f"bill of {period}, {done.new:,} rows", begun)
        begun = time.perf_counter()
        shop.sync()
        _say("post and match them", begun)
        begun = time.perf_counter()
        shop.type("periods", **{str(period): {"wanted": "closed"}})
        shop.sync()
        _say(f"close {period}", begun)


def costs(shop: Live) -> dict[str, Mapping[str, Value]]:
    """What a person types into 成本价 of 商品, by row."""
    cost = {one.code: yuan(one.cost) for one in shop.quarter.goods}
    skus = shop.journal.mirror.skus()
    return {key: {"cost": cost[known.stock_code]} for key, known in skus.items()}


def _say(what: str, begun: float) -> None:
    print(
        f"  {what:<44} {time.perf_counter() - begun:8.1f} s   {time.process_time():8.1f} s of work since the start   {peak_memory()}",
        flush=True,
    )


# -- judging --------------------------------------------------------------------------------------------------------


def judge(shop: Live, truth: Sums) -> list[str]:
    """Everything that is not as it should be; empty where every fen is."""
    journal, wrong = shop.journal, list[str]()
    sums = journal.vouchers.sums()
    periods = journal.vouchers.periods()
    wrong += [
        f"{key} is {periods[key].state}: {periods[key].checklist}"
        for key in PERIODS
        if periods[key].state != "closed"
    ]
    booked: Sums = {}
    for one in sums:
        if not one.closing and one.account != "1901":
            key = one.period, one.account
            booked[key] = booked.get(key, 0) + int((one.debit - one.credit).scaleb(2))
    compared = sorted({key for key in (*booked, *truth) if booked.get(key) or truth.get(key)})
    wrong += [
        f"{month} {account}: booked {booked.get((month, account), 0)}, truth {truth.get((month, account), 0)} fen"
        for month, account in compared if booked.get((month, account), 0) != truth.get((month, account), 0)
    ]  # fmt: skip
    print(f"  {len(compared)} sums of accounts and months compared with the truth")
    wrong += _statements(sums, truth)
    number = lines = 0
    for period in periods:
        vouchers = journal.vouchers.of_period(period)
        number, lines = number + len(vouchers), lines + sum(len(one.lines) for one in vouchers)
        broken = check_chain(vouchers)
        wrong += [f"{period}: {broken.en}"] if broken else []
        refs = Counter(one.ref for one in vouchers if one.ref.startswith("bill:"))
        wrong += [f"{ref} was posted {times} times" for ref, times in refs.items() if times > 1]
    print(f"  {number:,} vouchers, {lines:,} posting rows, every month's seals in one chain")
    return wrong + _lists(shop)


def _statements(sums: list[Sum], truth: Sums) -> list[str]:
    chart, wrong = default_chart(Standard.SMALL), list[str]()
    compared = 0
    for period in PERIODS:
        told = income_statement(trial_balance(sums, period), chart)
        year = income_lines(truth, [one for one in PERIODS if one <= period])
        month = income_lines(truth, [period])
        sheet, want = balance_sheet(sums, period), balance_lines(truth, period)
        for line, values in told.items():
            compared += 2
            if values != (yuan(year.get(line, 0)), yuan(month.get(line, 0))):
                wrong.append(
                    f"{period} 利润表 {line}: {values}, truth {year.get(line, 0)} {month.get(line, 0)} fen"
                )
        for line, (closing, _) in sheet.items():
            compared += 1
            if closing != yuan(want.get(line, 0)):
                wrong.append(f"{period} 资产负债表 {line}: {closing}, truth {want.get(line, 0)} fen")
    print(f"  {compared} figures of income statements and balance sheets compared with the truth")
    return wrong


def _lists(shop: Live) -> list[str]:
    """What 对账 says, and rows of the bills nobody has classified."""
    rows = shop.journal.rows.all("matches").values()  # as they stood in the sheet when it was last written
    states = Counter((str(cells["list"]), str(cells["state"])) for cells in rows)
    print("  matching: " + ", ".join(f"{name}/{state} {n:,}" for (name, state), n in sorted(states.items())))
    needs = sum(n for (name, _), n in states.items() if name == "needs")
    unknown = shop.journal.bills.unclassified()
    return [
        *([f"{needs} rows of 对账 need somebody"] if needs else []),
        *([f"not classified: {unknown}"] if unknown else []),
    ]


def in_calc(shop: Live, truth: Sums) -> list[str]:
    """LibreOffice opens the workbook, recalculates and saves it; its statement sheets against the truth."""
    if shutil.which("soffice") is None:
        print("  LibreOffice is not installed: the sheets were not recalculated")
        return []
    begun = time.perf_counter()
    profile = f"-env:UserInstallation={(shop.folder / 'profile').as_uri()}"
    command = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        "xlsx",
        "--outdir",
        str(shop.folder / "out"),
        str(shop.path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=3600)
    _say("LibreOffice opens, recalculates, saves", begun)
    done, sums = shop.folder / "out" / shop.path.name, shop.journal.vouchers.sums()
    return compare_sheets(done, truth) + compare_cells(done, sums, default_chart(Standard.SMALL))


def compare_sheets(path: Path, truth: Sums) -> list[str]:
    """The income statement and the balance sheet as a spreadsheet program has worked them out."""
    book = openpyxl.load_workbook(path, data_only=True, read_only=True)
    month = int(book[SHEETS["trial"][Lang.ZH]]["B3"].value)
    wrong, cells = list[str](), {
        name: list(book[SHEETS[name][Lang.ZH]].iter_rows(min_row=FIRST, max_row=FIRST + 40, values_only=True))
        for name in ("income", "balance")
    }  # fmt: skip
    found = {("income", row[1]): row[2] for row in cells["income"] if isinstance(row[1], int)}
    for first in (0, 4):
        found |= {
            ("balance", row[first + 1]): row[first + 2]
            for row in cells["balance"]
            if isinstance(row[first + 1], int)
        }
    year = [one for one in PERIODS if one <= month]
    want = {("income", line): fen for line, fen in income_lines(truth, year).items()} | {
        ("balance", line): fen for line, fen in balance_lines(truth, month).items()
    }
    for key, value in found.items():
        told = Decimal(str(value or 0)).quantize(Decimal("0.01"))
        if told != yuan(want.get(key, 0)):
            wrong.append(f"sheet {key}: {told}, truth {yuan(want.get(key, 0))}")
    print(f"  {len(found)} cells of the statement sheets of {month} compared with the truth")
    return wrong


def main() -> None:
    """Live through it, judge it, say it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--calc", action="store_true")
    parser.add_argument("--keep", type=Path, help="where the workbook and the journal stay")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        begun = time.perf_counter()
        quarter = quarter_of(given.orders)
        print(
            f"{given.orders:,} orders, {sum(len(one.sale.refunds) for one in quarter.sold):,} refunds, {len(quarter.entries):,} rows of bills"
        )
        shop, truth = Live(folder, quarter), truth_of(quarter)
        live(shop)
        wrong = judge(shop, truth)
        _say(f"all of it, workbook of {shop.path.stat().st_size / 1e6:.0f} MB", begun)
        if given.calc:
            wrong += in_calc(shop, truth)
        shop.journal.close()
    for text in wrong[:40]:
        print(f"  WRONG {text}")
    print("  to the fen" if not wrong else f"  {len(wrong)} things are wrong")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
