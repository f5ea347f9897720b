"""The statement sheets as a spreadsheet program worked them out, cell by cell against the functions that say the same of sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl

from formulas.accounting.chart import Chart
from formulas.accounting.reports import (
    Balance,
    Sum,
    balance_sheet,
    cash_flow,
    income_statement,
    trial_balance,
    vat_of,
)
from workbook_templates.schema import Lang
from workbook_templates.statements import BALANCE_SHEET, CASH_FLOW, FIRST, INCOME_STATEMENT, SHEETS

Row = Sequence[object]
Cells = Mapping[str, list[Row]]
Figures = Iterator[tuple[str, object, Decimal]]
"""A cell by name, what it shows, what it should."""
ZERO = Decimal("0.00")
LAST = 260
CHECKS = (("trial", 2, 5), ("trial", 3, 5), ("balance", 3, 4), ("cash", 4, 2), ("income", 4, 0))
"""Cells (sheet, row, column from 0) that say something only where a statement does not agree with itself or with 凭证."""


def compare_cells(path: Path, sums: Sequence[Sum], chart: Chart) -> list[str]:
    """What differs, of the month the workbook shows; says how many cells were compared."""
    book = openpyxl.load_workbook(path, data_only=True, read_only=True)
    cells = {
        name: list(book[sheet[Lang.ZH]].iter_rows(max_row=LAST, values_only=True))
        for name, sheet in SHEETS.items()
        if name in ("trial", "income", "cash", "balance", "vat")
    }
    month = int(str(cells["trial"][2][1]))
    balances, count, wrong = trial_balance(sums, month), 0, list[str]()
    figures = (
        *_trial(cells, balances, chart),
        *_forms(cells, sums, balances, month, chart),
        *_vat(cells, sums, month, chart),
    )
    for name, shown, want in figures:
        count += 1
        if shown is not None and not isinstance(shown, int | float | str):
            wrong.append(f"{name}: {shown!r}")
        elif Decimal(str(shown or 0)).quantize(ZERO) != want:
            wrong.append(f"{name}: {shown}, want {want}")
    for name, row, column in CHECKS:
        if cells[name][row - 1][column]:
            wrong.append(f"{name}: {cells[name][row - 1][column]}")
    print(f"  {count} cells of the statement sheets of {month} compared with the functions")
    return wrong


def _trial(cells: Cells, balances: Mapping[str, Balance], chart: Chart) -> Figures:
    shown = {str(row[0]): row for row in cells["trial"][FIRST - 1 : FIRST + 249] if row[0]}
    for code in sorted({*shown, *balances, *chart.accounts}):
        held, row = balances.get(code), shown.get(code)
        want = (
            held.year_opening, held.opening, held.debit, held.credit, held.year_debit, held.year_credit, held.closing,
        ) if held else (ZERO,) * 7  # fmt: skip
        for n, figure in enumerate(want, 5):
            yield f"科目余额 {code}, column {n + 1}", row[n] if row else "no row", figure


def _forms(
    cells: Cells, sums: Sequence[Sum], balances: Mapping[str, Balance], month: int, chart: Chart
) -> Figures:
    income, cash = income_statement(balances, chart), cash_flow(sums, month)
    for name, form, values in (("income", INCOME_STATEMENT, income), ("cash", CASH_FLOW, cash)):
        for at, one in enumerate(form, FIRST - 1):
            for n, figure in zip((2, 3), values[one.line], strict=True):
                yield f"{name} line {one.line}, column {n + 1}", cells[name][at][n], figure
    sheet = balance_sheet(sums, month)
    for one in BALANCE_SHEET:
        at, first = (FIRST + one.line - 2, 0) if one.line <= 30 else (FIRST + one.line - 32, 4)
        yield f"balance line number {one.line}", cells["balance"][at][first + 1], Decimal(one.line)
        for n, figure in zip((2, 3), sheet[one.line], strict=True):
            yield f"balance line {one.line}, column {first + n + 1}", cells["balance"][at][first + n], figure


def _vat(cells: Cells, sums: Sequence[Sum], month: int, chart: Chart) -> Figures:
    first = month - (month % 100 - 1) % 3
    for column, months in ((3, [month]), (2, list(range(first, month + 1)))):
        vat = vat_of(sums, months, chart)
        for n, figure in enumerate((vat.sales, vat.output, vat.input, vat.taken_back, vat.small)):
            yield f"VAT row {FIRST + n}, column {column + 1}", cells["vat"][FIRST - 1 + n][column], figure
