"""The books as cells ask for them: figures are those of 科目余额, and nothing changes when a month's rows leave the workbook."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings

from formulas.accounting.chart import Standard, below, default_chart
from formulas.accounting.posting import Books, Fact
from formulas.accounting.reports import kind_sums_of, sums_of, trial_balance
from formulas.accounting.vouchers import Line
from formulas.book import Book
from formulas.bookkeeping import FIGURES, account
from formulas.cells import written
from formulas.declare import CellError
from sync_engine.plan.books import Desk
from sync_engine.plan.booksrows import posting_rows, sum_row, voucher_from_rows
from sync_engine.readmodel import READ
from tests.books.asking import ask, book_of
from tests.books.histories import PERIODS, START, Keeper, books, histories, kept
from tests.books.test_archive import Cells, archive, first, of_month, opened, shop
from tests.engine.rig import Rig
from workbook_templates.schema import Lang

MONTHS = (202609, *PERIODS, 202701)


def book_from(keeper: Keeper) -> Book:
    """Its sheets 科目 and 科目汇总."""
    desk = Desk(books=keeper.rules, lang=Lang.ZH, now=START, problems={})
    accounts = {code: {"code": code, "name": one.zh} for code, one in keeper.rules.chart.accounts.items()}
    return Book({"accounts": accounts, "account_sums": {one.key: sum_row(one, desk) for one in kind_sums_of(keeper.vouchers)}}, None)  # fmt: skip


@settings(max_examples=12)
@given(histories, books)
def test_figures_are_those_of_the_trial_balance(history: list[Fact], rules: Books) -> None:
    keeper = kept(history, rules)
    book, sums = book_from(keeper), sums_of(keeper.vouchers)
    heads = {code[:4] for code in rules.chart.accounts}
    for month in MONTHS if sums else ():
        balances = trial_balance(sums, month)
        for code in (*balances, *heads):
            own = [one for at, one in balances.items() if below(at, code)]
            for figure in FIGURES:
                said = account(book, code, month, figure.zh)
                assert said == sum((getattr(one, figure.name) for one in own), Decimal(0)), (code, month)
        assert sum(account(book, head, month) for head in heads) == 0, "all accounts balance"
    with pytest.raises(CellError, match="there is no account 8888" if sums else "nothing was posted yet"):
        account(book, "8888", 202610)


def test_every_account_of_the_chart_is_known_and_stands_at_nothing() -> None:
    keeper = kept([], Books(chart=default_chart(Standard.SMALL), payer="general"))
    keeper.post(Fact(kind="withdrawal", ref="w", on=START, amount=Decimal("5.00")))
    assert {account(book_from(keeper), code, 202609) for code in keeper.rules.chart.accounts} == {0}


def test_a_voucher_of_more_than_99_lines_is_read_and_shown_in_its_order() -> None:
    keeper = Keeper(Books(chart=default_chart(Standard.SMALL), payer="general"))
    lines = [Line(account="5602", debit=Decimal(n)) for n in range(1, 120)]
    keeper.add([*lines, Line(account="1002", credit=Decimal(7140), flow=5)], START, "manual", "manual:工资")
    (made,), desk = keeper.vouchers, Desk(books=keeper.rules, lang=Lang.ZH, now=START, problems={})
    rows = posting_rows(made, desk)
    read = voucher_from_rows(reversed(rows.values()))
    assert read is not None and read.lines == made.lines
    sheet = Book({"postings": dict(reversed(rows.items())), "account_sums": {}}, None)
    shown = ask(sheet, "VOUCHER", made.voucher_id)
    assert isinstance(shown, list) and [row[4] for row in shown[:-1]] == list(range(1, 120))


def rows_by_voucher(rig: Rig) -> dict[str, list[Cells]]:
    """The rows of 凭证, as it stands."""
    found: dict[str, list[Cells]] = {}
    for row in rig.sheet.tables["postings"]:
        found.setdefault(str(row["voucher"]), []).append(row)
    return found


def as_cells(rows: list[Cells]) -> list[list[object]]:
    names = ("on", "account", "account_name", "memo", "debit", "credit")
    return [[written(row[name]) for name in names] for row in rows]


def test_a_voucher_and_a_balance_are_the_same_before_and_after_the_archive(tmp_path: Path) -> None:
    rig, room = shop(tmp_path)
    month, sheet = first(rig), rows_by_voucher(rig)
    accounts = {str(row["account"]) for row in rig.sheet.tables["account_sums"]}

    def answers() -> dict[object, object]:
        book = book_of(rig, tmp_path / "copy.sqlite")
        found = {name: ask(book, "VOUCHER", name) for name in sheet}
        return found | {(a, f.zh): ask(book, "ACCOUNT", a, month, f.zh) for a in accounts for f in FIGURES}

    before = answers()
    assert {name: before[name] for name in sheet} == {name: as_cells(rows) for name, rows in sheet.items()}
    assert any(before[one, "借方"] for one in accounts)
    archive(rig)
    assert of_month(rig, month) == [] and answers() == before
    opened(rig, room, lose=True)
    rig.settle()
    assert answers() == before, "a lost journal changes nothing"
    book, name = book_of(rig, tmp_path / "copy.sqlite"), str(rig.row("periods", month)["archive"])
    assert ask(book, "VOUCHER", f"{month}-9999") == f"#N/A 没有凭证 {month}-9999"
    room.files.clear()
    opened(rig, room, lose=True)
    rig.settle()
    book = book_of(rig, tmp_path / "copy.sqlite")
    assert ask(book, "VOUCHER", f"{month}-0001") == f"#N/A 凭证 {month}-0001 已归档到 {name},这里查不到"
    assert {
        (a, f.zh): ask(book, "ACCOUNT", a, month, f.zh) for a in accounts for f in FIGURES
    }.items() <= before.items()


def test_single_rows_are_never_held_in_memory(tmp_path: Path) -> None:
    assert not {"postings", "bills", "matches"} & set(READ)
    rig = Rig(path=tmp_path / "journal.sqlite")
    rig.settle()
    book = book_of(rig, tmp_path / "copy.sqlite")
    for asked in (("ACCOUNT", "1002", "2026-11"), ("VOUCHER", "202611-0001")):
        assert str(ask(book, *asked)).startswith("#N/A 还没有入过账"), "no books yet"
    assert ask(book, "BILLED", "1001") == "#N/A 支付宝账单里没有订单 1001 的行"
    (tmp_path / "copy.sqlite").unlink()
    assert "日志现在读不了" in str(ask(book, "VOUCHER", "202611-0001"))
