"""The statement sheets, worked out by LibreOffice from the rows of 凭证, against the functions that compute the same from postings."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from bench.statement_cells import compare_cells
from formulas.accounting.chart import Standard, default_chart
from formulas.accounting.posting import Books, Fact
from formulas.accounting.reports import (
    balance_sheet,
    cash_flow,
    income_statement,
    kind_sums_of,
    sums_of,
    trial_balance,
    vat_of,
)
from formulas.accounting.vouchers import Line
from sync_engine.plan.books import Desk
from sync_engine.plan.booksrows import account_row, partner_row, posting_rows, sum_row
from tests.books.histories import START, Keeper
from workbook_templates.build import build_workbook
from workbook_templates.dashboard import PROFIT
from workbook_templates.dashboard.data import DATA_SHEET
from workbook_templates.dashboard.profit import PARTS
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang, Value
from workbook_templates.statements import BALANCE_SHEET, CASH_FLOW, FIRST, INCOME_STATEMENT, SHEETS
from workbook_templates.tables import DASHBOARD_SHEET

RULES = Books(chart=default_chart(Standard.SMALL), payer="general")
D = Decimal


def business() -> Keeper:
    """Two months with every kind of line the forms tell apart; what is closed is still told."""
    keeper = Keeper(RULES)

    def post(kind: str, day: int, amount: str, tax: str = "0.00", **more: str) -> None:
        on = START + timedelta(days=day)
        ref = f"{kind}:{day}:{len(keeper.vouchers)}"
        keeper.post(Fact(kind=kind, ref=ref, on=on, amount=D(amount), tax=D(tax), **more))

    def typed(day: int, *lines: Line) -> None:
        keeper.add(lines, START + timedelta(days=day), "manual", f"manual:{day}")

    typed(0, Line(account="1002", debit=D("50000.00"), flow=15), Line(account="3001", credit=D("50000.00")))
    for month in (0, 31):
        post("purchase", month, "6000.00", partner="甲厂")
        post("purchase_defective", month, "35.50", partner="乙厂")
        post("shipment", month + 1, "4210.77", tid="1", sku="A")
        post("cost_of_sales", month + 2, "3210.77", tid="1", sku="A")
        post("sale", month + 2, "8999.99", "1035.40", partner="山月", tid="1", sku="A")
        post("received", month + 3, "7000.01", partner="山月")
        post("refund", month + 4, "-113.00", "-13.00", partner="山月", tid="1", sku="A")
        post("paid_back", month + 4, "-113.00", partner="山月")
        for kind, amount in (
            ("commission", "449.99"),
            ("affiliate", "88.88"),
            ("insurance", "12.34"),
            ("donation", "1.23"),
        ):
            post(kind, month + 5, amount)
        post("ad_topup", month + 6, "1000.00")
        post("ad_spend", month + 7, "666.66", "37.74")
        post("withdrawal", month + 8, "3000.00")
        post("interest", month + 9, "3.21")
        post("freight", month + 10, "321.00", partner="中通")
        post("count_loss", month + 11, "17.17")
        typed(
            month + 12,
            Line(account="2202.01", debit=D("7000.00"), partner="甲厂"),
            Line(account="1002", credit=D("7000.00"), flow=3),
        )
        typed(month + 13, Line(account="5602", debit=D("2000.00")), Line(account="2211", credit=D("2000.00")))
        typed(
            month + 14,
            Line(account="1601", debit=D("4000.00")),
            Line(account="1002", credit=D("4000.00"), flow=12),
        )
        typed(month + 15, Line(account="5602", debit=D("66.66")), Line(account="1602", credit=D("66.66")))
        typed(
            month + 16,
            Line(account="2203", credit=D("500.00"), partner="大客户"),
            Line(account="1002", debit=D("500.00"), flow=1),
        )
    keeper.close(202610)
    keeper.close(202611)
    return keeper


def rows_of(keeper: Keeper, lang: Lang) -> dict[str, list[Mapping[str, Value]]]:
    desk = Desk(books=RULES, lang=lang, now=START, problems={"accounts": {}, "posting_rules": {}})
    accounts = [
        {**row, **account_row(str(row["account_id"]), row, desk)} for row in default_rows(lang)["accounts"]
    ]
    pairs = {(line.account, line.partner) for one in keeper.vouchers for line in one.lines
             if line.account[:4] in ("1122", "1123", "2202", "2203")}  # fmt: skip
    return {
        "accounts": accounts, "postings": [row for one in keeper.vouchers for row in posting_rows(one, desk).values()],
        "account_sums": [sum_row(one, desk) for one in kind_sums_of(keeper.vouchers)],
        "partners": [partner_row(*pair) for pair in sorted(pairs)],
    }  # fmt: skip


@pytest.fixture(scope="module")
def books() -> Keeper:
    return business()


@pytest.fixture(scope="module")
def recalculated(books: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook as LibreOffice works it out and saves it."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    room = tmp_path_factory.mktemp("statements")
    path = room / "books.xlsx"
    build_workbook(path, Lang.ZH, rows=rows_of(books, Lang.ZH), shop="山月茶器", protect=False)
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation={(room / 'profile').as_uri()}",
        "--convert-to",
        "xlsx",
    ]
    subprocess.run(
        [*command, "--outdir", str(room / "out"), str(path)], check=True, capture_output=True, timeout=180
    )
    return room / "out" / path.name


@pytest.fixture(scope="module")
def seen(recalculated: Path) -> dict[str, openpyxl.worksheet.worksheet.Worksheet]:
    """Its statement sheets, of the last month there is."""
    book = openpyxl.load_workbook(recalculated, data_only=True)
    found = {name: book[sheet[Lang.ZH]] for name, sheet in SHEETS.items()}
    return {**found, "dashboard": book[DASHBOARD_SHEET[Lang.ZH]], "data": book[DATA_SHEET[Lang.ZH]]}


def figure(value: object) -> Decimal:
    """What a cell shows, to the fen; an error or a text is none."""
    assert value is None or value == "" or isinstance(value, int | float), value
    return D(str(value or 0)).quantize(D("0.01"))


@pytest.mark.office
def test_the_statements_agree_with_the_functions_cell_by_cell(
    books: Keeper, seen: dict[str, openpyxl.worksheet.worksheet.Worksheet]
) -> None:
    sums, chart = sums_of(books.vouchers), RULES.chart
    balances = trial_balance(sums, 202611)
    shown = {
        str(row[0].value): row
        for row in seen["trial"].iter_rows(min_row=FIRST, max_row=FIRST + 249)
        if row[0].value
    }
    assert set(shown) == set(chart.accounts)
    for code, row in shown.items():
        held = balances.get(code)
        told = [figure(row[n].value) for n in range(5, 12)]
        want = (
            [
                held.year_opening,
                held.opening,
                held.debit,
                held.credit,
                held.year_debit,
                held.year_credit,
                held.closing,
            ]
            if held
            else [D(0)] * 7
        )
        assert told == want, code
    forms = (
        ("income", INCOME_STATEMENT, income_statement(balances, chart)),
        ("cash", CASH_FLOW, cash_flow(sums, 202611)),
    )
    for name, form, values in forms:
        for at, row in enumerate(form, FIRST):
            told = tuple(figure(seen[name].cell(at, n).value) for n in (3, 4))
            assert told == values[row.line], (name, row.line)
    values = balance_sheet(sums, 202611)
    for row in BALANCE_SHEET:
        at, first = (FIRST + row.line - 1, 1) if row.line <= 30 else (FIRST + row.line - 31, 5)
        assert seen["balance"].cell(at, first + 1).value == row.line
        told = tuple(figure(seen["balance"].cell(at, first + n).value) for n in (2, 3))
        assert told == values[row.line], row.line
    assert values[30][0] == values[53][0] > 0 and values[9][0] > 0 and values[34][0] == D("1000.00")


@pytest.mark.office
def test_the_judge_of_large_workbooks_compares_the_same_cells(books: Keeper, recalculated: Path) -> None:
    sums = sums_of(books.vouchers)
    assert compare_cells(recalculated, sums, RULES.chart) == []
    at = next(
        n
        for n, one in enumerate(sums)
        if one.account == "5601.01" and one.period == 202611 and not one.closing
    )
    sums[at] = replace(sums[at], debit=sums[at].debit + D("0.01"))
    wrong = "\n".join(compare_cells(recalculated, sums, RULES.chart))
    assert "科目余额 5601.01" in wrong and "income line 11" in wrong


@pytest.mark.office
def test_the_dashboard_tells_profit_and_what_it_is_made_of(
    books: Keeper, seen: dict[str, openpyxl.worksheet.worksheet.Worksheet]
) -> None:
    sums, data = sums_of(books.vouchers), seen["data"]
    for at, month in ((6, 202610), (7, 202611)):
        told = income_statement(trial_balance(sums, month), RULES.chart)
        lines = {line: values[1] for line, values in told.items()}
        income, cost, profit = lines[1] + lines[20] + lines[22], lines[2] + lines[3], lines[30] - lines[31]
        assert [data.cell(at, n).value for n in (31, 32)] == [month, f"{month // 100}-{month % 100}"]
        row = [figure(data.cell(at, n).value) for n in (33, 34, 36, 35)]
        assert row == [income, cost, income - cost - profit, profit] and income > cost > 0, month
    assert [figure(data.cell(2, n).value) for n in (33, 34, 35, 36)] == [0, 0, 0, 0]
    balances = trial_balance(sums, 202611)
    shown = {
        str(seen["dashboard"].cell(PROFIT + 3 + n, 14).value): figure(
            seen["dashboard"].cell(PROFIT + 3 + n, 16).value
        )
        for n in range(len(PARTS) + 1)
    }
    assert shown["利润"] == profit and sum(shown.values()) == income
    wanted = {"平台佣金、服务费": "5601.01", "快递": "5601.06", "运费险": "5601.08"}
    for name, code in wanted.items():
        assert shown[name] == -balances[code].month_result > 0, name
    assert shown["推广"] == -balances["5601.03"].month_result - balances["5601.05"].month_result
    assert shown["销售成本、税金"] == cost


@pytest.mark.office
def test_the_vat_worksheet_and_the_checks(
    books: Keeper, seen: dict[str, openpyxl.worksheet.worksheet.Worksheet]
) -> None:
    vat = vat_of(sums_of(books.vouchers), [202611], RULES.chart)
    told = [figure(seen["vat"].cell(FIRST + n, 4).value) for n in range(10)]
    assert (
        told[:5] == [vat.sales, vat.output, vat.input, vat.taken_back, vat.small]
        and vat.output > 0
        and vat.input > 0
    )
    assert told[6:8] == [D("8999.99"), D("-113.00")] and told[8] == vat.due and told[9] == 0
    quarter = vat_of(sums_of(books.vouchers), [202610, 202611], RULES.chart)
    assert figure(seen["vat"].cell(FIRST + 1, 3).value) == quarter.output
    for name, cell in (("trial", "F3"), ("balance", "E3"), ("cash", "C4"), ("income", "A4")):
        assert not seen[name][cell].value, (name, seen[name][cell].value)


def test_the_sheets_are_made_for_printing(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    build_workbook(path, Lang.EN)
    book = openpyxl.load_workbook(path)
    for sheet in SHEETS.values():
        page = book[sheet[Lang.EN]]
        assert (
            page.page_setup.paperSize == 9
            and page.sheet_properties.pageSetUpPr.fitToPage
            and page.protection.sheet
        )
    assert book["Trial balance"]["B3"].protection.locked is False
