"""The exported books, judged by the programs they are for: bean-check and hledger, run as programs."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from formulas.accounting.export import (
    VOUCHER_COLUMNS,
    hledger_name,
    to_beancount,
    to_hledger,
    to_voucher_list,
)
from formulas.accounting.posting import Fact
from tests.books.histories import START, Keeper
from tests.books.test_statements import RULES, business

NASTY = ("=1+1", 'a"b\\c', "行一\n行二", "x;y|z", "  两  空  ", "@SUM(A1)", "*", "(括号)", "tag:1, 2")
PERIODS = (202610, 202611)


@pytest.fixture(scope="module")
def books() -> Keeper:
    keeper = business()
    for number, text in enumerate(NASTY):
        fact = Fact(
            kind="freight",
            ref=f"x:{number}",
            on=START,
            amount=Decimal("1.10"),
            partner=text,
            tid=text,
            sku=text,
            memo=text,
        )
        keeper.post(fact)
    return keeper


def by_month(keeper: Keeper) -> dict[tuple[str, int], Decimal]:
    """What changed in each account in each month."""
    found: dict[tuple[str, int], Decimal] = {}
    for one in keeper.vouchers:
        for line in one.lines:
            key = (line.account, one.period)
            found[key] = found.get(key, Decimal(0)) + line.net
    return {key: net for key, net in found.items() if net}


def test_hledger_finds_nothing_and_has_the_same_balances(books: Keeper, tmp_path: Path) -> None:
    if shutil.which("hledger") is None:
        pytest.skip("hledger is not installed: `apt-get install hledger`")
    path = tmp_path / "books.journal"
    path.write_text(to_hledger(books.vouchers, RULES.chart, "山月茶器"), "utf-8")
    utf8 = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    subprocess.run(["hledger", "-f", path, "check", "--strict"], check=True, env=utf8)
    subprocess.run(["hledger", "-f", path, "check", "ordereddates", "uniqueleafnames"], check=True, env=utf8)
    codes = {hledger_name(account): code for code, account in RULES.chart.accounts.items()}
    told: dict[tuple[str, int], Decimal] = {}
    for period in PERIODS:
        month = f"{period // 100}-{period % 100:02d}"
        said = subprocess.run(
            ["hledger", "-f", path, "balance", "--flat", "-O", "csv", "-p", month], check=True, env=utf8, capture_output=True
        )  # fmt: skip
        for name, amount in list(csv.reader(io.StringIO(said.stdout.decode())))[1:-1]:
            told[codes[name], period] = Decimal(amount.removesuffix(" CNY"))
    assert told == by_month(books)


def bean_check() -> str | None:
    """The program, where it is installed; it is never imported."""
    return os.environ.get("BEAN_CHECK") or shutil.which("bean-check")


def test_bean_check_finds_nothing_in_the_books_with_their_balances_stated(
    books: Keeper, tmp_path: Path
) -> None:
    program = bean_check()
    if program is None:
        pytest.skip(
            "bean-check is not installed: `pip install beancount` in an environment of its own, and set BEAN_CHECK"
        )
    text = to_beancount(books.vouchers, RULES.chart, "山月茶器")
    names = {line.split()[2].split(":")[1]: line.split()[2] for line in text.splitlines() if " open " in line}
    stated, running = [], dict[str, Decimal]()
    for period, day in zip(PERIODS, ("2026-11-01", "2026-12-01"), strict=True):
        for (code, month), net in by_month(books).items():
            if month == period:
                running[code] = running.get(code, Decimal(0)) + net
        for code, balance in running.items():
            name = next(full for head, full in names.items() if _code(head) == code)
            stated.append(f"{day} balance {name}  {balance} CNY")
    path = tmp_path / "books.beancount"
    path.write_text(text + "\n".join(stated) + "\n", "utf-8")
    done = subprocess.run([program, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    path.write_text(
        path.read_text("utf-8") + f"2026-12-01 balance {next(iter(names.values()))}  123.45 CNY\n", "utf-8"
    )
    assert subprocess.run([program, path], capture_output=True, check=False).returncode, (
        "a wrong balance is seen"
    )


def _code(head: str) -> str:
    parts = [part for part in head.split("-") if part.isascii() and part.isdecimal()]
    return ".".join(parts)


def test_the_voucher_list_is_whole_and_no_formula(books: Keeper) -> None:
    rows = list(csv.DictReader(io.StringIO(to_voucher_list(books.vouchers, RULES.chart))))
    assert tuple(rows[0]) == VOUCHER_COLUMNS and len(rows) == sum(len(one.lines) for one in books.vouchers)
    for name in ("借方金额", "贷方金额"):
        assert any(row[name].startswith("-") for row in rows)
    debit, credit = (sum(Decimal(row[name] or 0) for row in rows) for name in ("借方金额", "贷方金额"))
    assert debit == credit > 0
    for row in rows:
        assert not any(
            row[name][:1] in tuple("=+-@") and row[name] for name in ("摘要", "往来单位", "业务号")
        )
