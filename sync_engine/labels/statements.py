"""The statements of a month as PDF: 利润表, 资产负债表, 现金流量表 and the trial balance, A4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from formulas.accounting.chart import Chart
from formulas.accounting.reports import Sum, balance_sheet, cash_flow, income_statement, trial_balance
from sync_engine.labels.pen import Align, Box, Pen
from workbook_templates.schema import Lang
from workbook_templates.statements import BALANCE_SHEET, CASH_FLOW, INCOME_STATEMENT, SHEETS, Row
from workbook_templates.words import say

A4 = (210.0, 297.0)
_MARGIN, _HEAD, _FOOT = 14.0, 22.0, 8.0
_SIZE = 8.5
Pair = tuple[Decimal, Decimal]
Cells = Sequence[str]
_ALIGN: Mapping[int, tuple[Align, ...]] = {
    4: ("left", "center", "right", "right"),
    6: ("left", "left", "right", "right", "right", "right"),
}


def render_statements(
    sums: Sequence[Sum], period: int, chart: Chart, details: Mapping[str, int], shop: str, path: Path, lang: Lang
) -> tuple[str, ...]:  # fmt: skip
    """Write the PDF; the characters no font had. BusyError if somebody has it open."""
    pen = Pen(*A4, f"{shop} {period}")
    balances = trial_balance(sums, period)
    year, month = say(lang, "本年累计金额", "This year"), say(lang, "本月金额", "This month")
    _form(
        pen,
        "income",
        "会小企02表",
        INCOME_STATEMENT,
        income_statement(balances, chart, details),
        (year, month),
        shop,
        period,
        lang,
    )
    _form(pen, "balance", "会小企01表", BALANCE_SHEET, balance_sheet(sums, period),
          (say(lang, "期末余额", "Closing"), say(lang, "年初余额", "Year opening")), shop, period, lang)  # fmt: skip
    _form(pen, "cash", "会小企03表", CASH_FLOW, cash_flow(sums, period), (year, month), shop, period, lang)
    heads = (
        ("科目", "名称", "期初余额", "本期借方", "本期贷方", "期末余额")
        if lang is Lang.ZH
        else ("Account", "Name", "Opening", "Debit", "Credit", "Closing")
    )
    rows = []
    for code, one in balances.items():
        account = chart.get(code)
        rows.append(
            (
                code,
                account.title(lang) if account else "",
                *map(_money, (one.opening, one.debit, one.credit, one.closing)),
            )
        )
    sums_of_all = [
        sum((getattr(one, name) for one in balances.values()), Decimal(0))
        for name in ("opening", "debit", "credit", "closing")
    ]
    rows.append((say(lang, "合计", "Total"), "", *map(_money, sums_of_all)))
    _table(
        pen,
        (SHEETS["trial"][lang], "", shop, period),
        heads,
        rows,
        (24.0, 46.0, 28.0, 28.0, 28.0, 28.0),
        {len(rows) - 1},
        lang,
    )
    return pen.save(path, lang)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}" if amount else ""


def _form(
    pen: Pen, name: str, form: str, rows: Sequence[Row], values: Mapping[int, Pair], heads: tuple[str, str], shop: str, period: int, lang: Lang
) -> None:  # fmt: skip
    lines = [
        ("　" * row.depth + say(lang, row.zh, row.en), str(row.line), *map(_money, values[row.line]))
        for row in rows
    ]
    strong = {at for at, row in enumerate(rows) if row.total}
    head = (say(lang, "项目", "Item"), say(lang, "行次", "Line"), *heads)
    _table(pen, (SHEETS[name][lang], form, shop, period), head, lines, (94.0, 14.0, 37.0, 37.0), strong, lang)


def _table(
    pen: Pen, top: tuple[str, str, str, int], heads: Cells, rows: Sequence[Cells], widths: Sequence[float], strong: set[int], lang: Lang
) -> None:  # fmt: skip
    inside = pen.page.pad(_MARGIN, _MARGIN)
    room = inside.h - _HEAD - _FOOT
    height = min(6.2, room / (len(rows) + 1)) if len(rows) < 58 else 4.6
    per_page = max(1, int(room / height) - 1)
    pages = [rows[n : n + per_page] for n in range(0, len(rows), per_page)] or [[]]
    for number, part in enumerate(pages):
        _title(pen, inside, top, lang)
        y = inside.y + _HEAD
        _line(pen, inside.x, y, height, heads, widths, bold=True, grey=True)
        for at, cells in enumerate(part):
            y += height
            _line(pen, inside.x, y, height, cells, widths, bold=number * per_page + at in strong)
        pen.text(
            Box(inside.x, inside.bottom - _FOOT + 2, inside.w, _FOOT - 2),
            f"{number + 1} / {len(pages)}",
            7.0,
            align="center",
        )
        pen.next_page()


def _title(pen: Pen, inside: Box, top: tuple[str, str, str, int], lang: Lang) -> None:
    title, form, shop, period = top
    pen.text(Box(inside.x, inside.y, inside.w, 9.0), title, 15.0, align="center", bold=True, one_line=True)
    below = Box(inside.x, inside.y + 13.0, inside.w, 6.0)
    pen.text(below, say(lang, f"编制单位:{shop}", f"Company: {shop}"), 8.5, one_line=True)
    pen.text(below, f"{period // 100}-{period % 100:02d}", 8.5, align="center", one_line=True)
    pen.text(below, f"{form}  {say(lang, '单位:元', 'yuan')}", 8.5, align="right", one_line=True)


def _line(
    pen: Pen, x: float, y: float, height: float, cells: Cells, widths: Sequence[float], *, bold: bool = False, grey: bool = False
) -> None:  # fmt: skip
    aligns = _ALIGN[len(widths)]
    for cell, width, align in zip(cells, widths, aligns, strict=True):
        box = Box(x, y, width, height)
        if grey:
            pen.block(box, 0.9)
        pen.frame(box, 0.12)
        if cell:
            indent = 3.0 * (len(cell) - len(cell.lstrip("　")))
            inner = Box(x + 1.2 + indent, y, width - 2.4 - indent, height)
            pen.text(
                inner,
                cell.lstrip("　"),
                _SIZE,
                5.0,
                align="center" if grey else align,
                bold=bold,
                one_line=True,
            )
        x += width
