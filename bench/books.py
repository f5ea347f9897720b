"""The books at size: posting facts into the journal, the same facts again, a month's chain, and the statement sheets in LibreOffice.

python -m bench.books [VOUCHERS] [ROWS]     100,000 vouchers and 300,000 posting rows; ROWS 0 leaves LibreOffice out
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from pathlib import Path

import openpyxl

from bench.measure import peak_memory
from formulas.accounting.chart import Standard, default_chart
from formulas.accounting.posting import Books, Fact, difference, wanted
from formulas.accounting.reports import balance_sheet, income_statement, kind_sums_of, sums_of, trial_balance
from formulas.accounting.vouchers import Voucher, begin, check_chain, sealed
from sync_engine.clock import SHANGHAI
from sync_engine.journal.journal import Journal
from sync_engine.plan.books import Desk
from sync_engine.plan.booksrows import account_row, posting_rows, sum_row
from workbook_templates.build import build_workbook
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang
from workbook_templates.statements import FIRST, SHEETS

START = datetime(2026, 10, 1, 9, 0, tzinfo=SHANGHAI)
RULES = Books(chart=default_chart(Standard.SMALL))
KINDS = ("sale", "shipment", "cost_of_sales", "received", "commission")
BATCH = 1000


def facts(number: int) -> Iterator[Fact]:
    """Five facts an order, over three months."""
    for n in range(number):
        on = START + timedelta(days=n * 90 // max(number, 1))
        yield Fact(
            kind=KINDS[n % 5], ref=f"fact:{n}", on=on, amount=Decimal(1000 + n % 9000) / 100, tax=Decimal("0.10"),
            tid=f"46116860{n // 5:010d}", sku=f"SKU{n % 800}", memo=f"订单 {n // 5}",
        )  # fmt: skip


def post(journal: Journal, number: int) -> int:
    """Post what the facts ask for beyond what is posted; how many vouchers that made."""
    made, ends, batch = 0, dict[int, tuple[int, str]](), list[Fact]()

    def settle() -> int:
        posted, new = journal.vouchers.of_refs(fact.ref for fact in batch), 0
        for fact in batch:
            lines = difference(
                wanted(fact, RULES), (line for one in posted.get(fact.ref, ()) for line in one.lines)
            )
            if lines:
                period = fact.on.year * 100 + fact.on.month
                last, seal = ends.get(period) or journal.vouchers.last(period)
                draft = Voucher(
                    period=period, number=last + 1, on=fact.on, lines=lines, rule=fact.kind, ref=fact.ref
                )
                voucher = sealed(draft, seal or begin(period))
                journal.vouchers.add([voucher])
                ends[period] = (voucher.number, voucher.seal)
                new += 1
        batch.clear()
        return new

    with journal.transaction():
        for fact in facts(number):
            batch.append(fact)
            if len(batch) == BATCH:
                made += settle()
        return made + settle()


class Watch:
    """Seconds by the clock, and of the processor: programs that were run count too."""

    def __init__(self) -> None:
        self._clock, self._work = time.perf_counter(), _worked()

    def tell(self, what: str, text: str = "") -> None:
        """Print how long something took."""
        clock, work = time.perf_counter() - self._clock, _worked() - self._work
        print(f"{what:<52} {clock:8.2f} s, {work:8.2f} s of work   {text}", flush=True)


def _worked() -> float:
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def in_journal(number: int, room: Path) -> list[Voucher]:
    """Post, post again, check, sum up."""
    journal = Journal(room / "journal.sqlite", START)
    watch = Watch()
    made = post(journal, number)
    watch.tell(f"post {number:,} facts", f"{made:,} vouchers, {peak_memory()}")
    watch = Watch()
    again = post(journal, number)
    watch.tell("the same facts again", f"{again} vouchers")
    vouchers = [one for period in (202610, 202611, 202612) for one in journal.vouchers.of_period(period)]
    watch = Watch()
    broken = [
        check_chain([one for one in vouchers if one.period == period]) for period in (202610, 202611, 202612)
    ]
    watch.tell("check three months' chains", f"broken: {[one for one in broken if one]}")
    watch = Watch()
    sums = journal.vouchers.sums()
    sheet = balance_sheet(sums, 202612)
    income_statement(trial_balance(sums, 202612), RULES.chart)
    watch.tell("statements from the sums", f"assets {sheet[30][0]} = {sheet[53][0]}")
    journal.close()
    return vouchers


def in_calc(vouchers: list[Voucher], rows: int, room: Path) -> None:
    """A workbook with so many posting rows, opened and recalculated by LibreOffice."""
    if shutil.which("soffice") is None:
        print("LibreOffice is not installed: the statement sheets were not timed")
        return
    desk = Desk(books=RULES, lang=Lang.ZH, now=START, problems={"accounts": {}, "posting_rules": {}})
    kept, count = list[Voucher](), 0
    for one in cycle(vouchers):
        if count >= rows:
            break
        kept.append(one)
        count += len(one.lines)
    postings = [row for one in kept for row in posting_rows(one, desk).values()]
    sums = [sum_row(one, desk) for one in kind_sums_of(kept)]
    accounts = [
        {**row, **account_row(str(row["account_id"]), row, desk)} for row in default_rows(Lang.ZH)["accounts"]
    ]
    for filled, saved in ((False, "csv"), (True, "csv"), (True, "xlsx")):
        path = room / f"books{filled}.xlsx"
        begun = {"postings": postings, "account_sums": sums} if filled else {}
        build_workbook(path, Lang.ZH, rows={"accounts": accounts, **begun})
        watch = Watch()
        command = ["soffice", "--headless", f"-env:UserInstallation={(room / 'profile').as_uri()}"]
        command += ["--convert-to", saved, "--outdir", str(room / "out"), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=1800)
        what = "opens, recalculates" if saved == "csv" else "opens, recalculates, saves"
        watch.tell(
            f"LibreOffice {what} {len(postings) if filled else 0:,} rows",
            f"{path.stat().st_size / 1e6:.0f} MB",
        )
    _look(room / "out" / "booksTrue.xlsx", kept)


def _look(path: Path, vouchers: list[Voucher]) -> None:
    """Whether what LibreOffice worked out is what the functions say, of the last month."""
    sheet = openpyxl.load_workbook(path, data_only=True, read_only=True)[SHEETS["trial"][Lang.ZH]]
    balances = trial_balance(sums_of(vouchers), int(sheet["B3"].value))
    shown = {
        str(row[0]): row for row in sheet.iter_rows(min_row=FIRST, max_row=FIRST + 249, values_only=True)
    }
    wrong = [
        code for code, one in balances.items()
        if Decimal(str(shown[code][11] or 0)).quantize(Decimal("0.01")) != one.closing or shown[code][15] == "不符"
    ]  # fmt: skip
    print(
        f"{len(balances)} accounts compared with the functions, {len(wrong)} wrong; checks say: {sheet['F2'].value or ''}{sheet['F3'].value or ''}"
    )


def main() -> None:
    """Run all."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
    with tempfile.TemporaryDirectory() as folder:
        vouchers = in_journal(number, Path(folder))
        if rows:
            in_calc(vouchers, rows, Path(folder))


if __name__ == "__main__":
    main()
