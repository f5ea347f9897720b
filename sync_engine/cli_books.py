"""What the commands about the books do: exports, and statements as PDF."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from rich.table import Table as Shown

from formulas.accounting.chart import Chart, Standard
from formulas.accounting.export import profit_list, to_beancount, to_hledger, to_voucher_list
from formulas.accounting.reports import profit_by, profit_total
from formulas.accounting.vouchers import ZERO, Voucher
from sync_engine.cli_report import as_json, console
from sync_engine.errors import UserError
from sync_engine.journal.journal import Journal
from sync_engine.labels.statements import render_statements
from sync_engine.opening import open_shop
from sync_engine.plan.books import missing_accounts, read_chart
from sync_engine.plan.policy import read_settings
from sync_engine.profit_parts import PROFIT_BY, parts_of
from workbook_templates.schema import Lang
from workbook_templates.settings import SETTINGS_BY_NAME
from workbook_templates.tables import ACCOUNTS, SETTINGS


def _voucher_list(vouchers: list[Voucher], chart: Chart, _: str) -> str:
    return to_voucher_list(vouchers, chart)


FORMATS: dict[str, Callable[[list[Voucher], Chart, str], str]] = {
    "beancount": to_beancount, "hledger": to_hledger, "kingdee": _voucher_list, "yonyou": _voucher_list, "csv": _voucher_list,
}  # fmt: skip
"""How the books are exported; 金蝶 and 用友 get the documented voucher list."""
SUFFIX = {"beancount": "beancount", "hledger": "journal", "kingdee": "csv", "yonyou": "csv", "csv": "csv"}


def books_of(journal: Journal, lang: Lang) -> tuple[list[Voucher], Chart]:
    """Every voucher and the chart, as last synced.

    Raises:
        UserError: nothing was posted yet.
    """
    vouchers = [one for period in journal.vouchers.periods() for one in journal.vouchers.of_period(period)]
    if not vouchers:
        raise UserError(
            "账簿里还没有凭证:在“设置”里打开“自动记账”并同步一次 / the books are empty: switch them on in the settings and sync"
        )
    typed = read_settings(journal.rows.all(SETTINGS.name), lang)[0]
    standard = Standard(typed.get("standard") or SETTINGS_BY_NAME["standard"].default)
    rows = journal.rows.all(ACCOUNTS.name)
    chart, _, _ = read_chart(rows, standard, lang)
    extra = {one.code: one for one in missing_accounts(rows, standard)}
    return vouchers, Chart(standard=standard, accounts={**extra, **chart.accounts})


def export_books(folder: Path, kind: str, out: Path, *, json: bool) -> None:
    """Write the books to one file."""
    with open_shop(folder) as opened:
        vouchers, chart = books_of(opened.shop.journal, opened.config.lang)
        text = FORMATS[kind](vouchers, chart, opened.shop.name)
    path = out / f"books.{SUFFIX[kind]}" if out.is_dir() or not out.suffix else out
    path.parent.mkdir(parents=True, exist_ok=True)
    encoding = "utf-8-sig" if SUFFIX[kind] == "csv" else "utf-8"
    path.write_text(text, encoding, newline="")
    if json:
        as_json({"out": str(path), "vouchers": len(vouchers)})
    else:
        console.print(f"已导出 {len(vouchers)} 张凭证:{path} / vouchers exported")


def period_from(text: str) -> int:
    """202610 from 2026-10 or 202610.

    Raises:
        UserError: it is no month.
    """
    found = re.fullmatch(r"(20[0-9]{2})-?(0[1-9]|1[0-2])", text.strip())
    if found is None:
        raise UserError(f"月份写成 2026-10 的样子,现在是 {text} / a month is written 2026-10")
    return int(found[1] + found[2])


def profit(folder: Path, month: str, by: str, out: Path | None, *, json: bool) -> None:
    """What each order, SKU, group, shop, campaign or day of a month brought, by account; the parts sum to the month's profit."""
    if by not in PROFIT_BY:
        raise UserError(f"--by 可填 {'、'.join(PROFIT_BY)},现在是 {by} / --by is one of these")
    period = period_from(month)
    with open_shop(folder) as opened:
        lang, journal = opened.config.lang, opened.shop.journal
        vouchers, chart = books_of(journal, lang)
        mine = [one for one in vouchers if one.period == period]
        parts_by = parts_of(by, journal, mine, lang)
    cells = profit_by(mine, chart, by, parts_by)
    total = profit_total(mine, chart)
    parts = sum((cell.profit for cell in cells.values()), ZERO)
    if parts != total:
        raise UserError(
            f"各部分合计 {parts} ≠ 账簿利润 {total},请把这个月的凭证发给维护的人 / the parts do not sum to the ledger"
        )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(profit_list(cells, chart, by), "utf-8-sig", newline="")
    if json:
        as_json(
            {
                "month": period,
                "by": by,
                "total": str(total),
                "profit": {key: str(cell.profit) for key, cell in cells.items()},
            }
        )
        return
    shown = Shown(by, "利润 / profit", title=f"{month} · {total}")
    for key, cell in sorted(cells.items(), key=lambda pair: -pair[1].profit)[:50]:
        shown.add_row(key or "—", f"{cell.profit:,.2f}")
    console.print(shown)
    if out is not None:
        console.print(f"已写入 {out} / written")


def statements(folder: Path, month: str, pdf: Path, *, json: bool) -> None:
    """Write a month's statements as PDF."""
    period = period_from(month)
    with open_shop(folder) as opened:
        lang = opened.config.lang
        vouchers, chart = books_of(opened.shop.journal, lang)
        if chart.standard is not Standard.SMALL:
            raise UserError(
                "报表格式属于小企业会计准则,当前是企业会计准则 / the forms are those of the other standard"
            )
        if all(one.period > period for one in vouchers):
            raise UserError(f"{month} 之前没有凭证 / there are no vouchers up to {month}")
        details = read_chart(opened.shop.journal.rows.all(ACCOUNTS.name), chart.standard, lang)[1]
        path = pdf if pdf.suffix.lower() == ".pdf" else pdf / f"{period}.pdf"
        render_statements(
            opened.shop.journal.vouchers.sums(), period, chart, details, opened.shop.name, path, lang
        )
    if json:
        as_json({"pdf": str(path), "month": period})
    else:
        console.print(f"已生成 {path} / made")
