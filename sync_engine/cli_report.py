"""What the command line shows: tables for people, one JSON object for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sync_engine.importing import Imported
from sync_engine.plan.merge import shown
from sync_engine.shop import Rehearsal, Report
from workbook_templates.schema import Lang
from workbook_templates.tables import BY_NAME, LOG

console = Console(highlight=False, markup=False, emoji=False)
"""What people see. Texts of buyers and of the platform hold brackets, so none is read as markup."""
problems = Console(stderr=True, highlight=False, markup=False, emoji=False)


def progress_bar(*, quiet: bool = False) -> Progress:
    """A bar for people; nothing where nobody looks."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=problems, transient=True, disable=quiet or not problems.is_terminal)


def sentence(text: object, *, warning: bool = False) -> None:
    """One sentence about what went wrong, on one line."""
    problems.print(str(text), style="yellow" if warning else "red", soft_wrap=True)


def as_json(data: Mapping[str, Any]) -> None:
    """One JSON object on one line."""
    print(json.dumps(data, ensure_ascii=False, default=str), flush=True)  # noqa: T201 - this is the output


def report_data(report: Report) -> dict[str, Any]:
    """A tick's report as plain data."""
    return {
        "at": f"{report.at:%Y-%m-%d %H:%M:%S}", "idle": report.idle, **asdict(report.counts),
        "rows_written": report.written, "rows_refused": report.refused, "pending": report.pending,
        "troubles": list(report.troubles), "blocked": report.blocked, "open_todos": report.open_todos,
        "waiting": report.waiting,
    }  # fmt: skip


def show_report(report: Report, lang: Lang) -> None:
    """A tick's report as a table."""
    zh = lang is Lang.ZH
    if report.idle:
        console.print("没有变化" if zh else "Nothing changed")
    table = Table(title="同步结果" if zh else "Sync", show_header=False)
    counts = asdict(report.counts)
    for column in LOG.columns:
        if counts.get(column.name):
            table.add_row(column.header(lang), str(counts[column.name]))
    table.add_row("写入行" if zh else "Rows written", str(report.written))
    table.add_row("待处理" if zh else "Open to-dos", str(report.open_todos))
    if not report.idle:
        console.print(table)
    for text in (*report.troubles, report.pending):
        if text:
            sentence(text, warning=True)


def show_rehearsal(rehearsal: Rehearsal, lang: Lang) -> None:
    """What a tick would do."""
    zh = lang is Lang.ZH
    effects = Table(
        title="将要做的事(没有执行)" if zh else "What would be done (nothing was)", show_header=False
    )
    for key in rehearsal.intents:
        if not key.startswith(("stock:", "price:")):
            effects.add_row(key)
    for text in (*rehearsal.stock, *rehearsal.prices):
        effects.add_row(text)
    for package_id in rehearsal.to_print:
        effects.add_row(f"print:{package_id}")
    console.print(effects)
    if rehearsal.touched:
        rules = Table("审单规则" if zh else "Audit rule", "订单" if zh else "Orders", "")
        for rule_id, tids in sorted(rehearsal.touched.items()):
            shown_tids = " ".join(tids[:20])
            rules.add_row(rule_id, str(len(tids)), f"{shown_tids} …" if len(tids) > 20 else shown_tids)
        console.print(rules)
    cells = Table("表" if zh else "Sheet", "行" if zh else "Row", "改动" if zh else "Change")
    for edit in rehearsal.display.edits[:200]:
        table = BY_NAME[edit.table]
        mark = ("新增" if zh else "new") if edit.new else ""
        texts = [
            f"{table.column(name).header(lang)}={shown(table.column(name), value)}"
            for name, value in edit.cells.items()
            if value not in (None, "")
        ]
        cells.add_row(table.sheet(lang), edit.key, f"{mark} {'; '.join(texts[:6])}")
    console.print(cells)
    more = len(rehearsal.display.edits) - 200
    if more > 0:
        console.print(f"… 另有 {more} 行" if zh else f"… and {more} more rows")


def show_imported(results: list[Imported], lang: Lang) -> None:
    """What files brought."""
    zh = lang is Lang.ZH
    heads = (
        ("文件", "行", "新增", "改动", "相同", "跳过")
        if zh
        else ("File", "Rows", "New", "Changed", "Same", "Skipped")
    )
    table = Table(*heads)
    for one in results:
        table.add_row(one.file, *(str(n) for n in (one.rows, one.new, one.changed, one.same, one.skipped)))
    console.print(table)
    for one in results:
        for text in one.problems[:50]:
            sentence(text, warning=True)
        if len(one.problems) > 50:
            sentence(f"… {len(one.problems) - 50}", warning=True)
        if one.pending:
            sentence(one.pending, warning=True)
