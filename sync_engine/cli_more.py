"""What the longer commands do; `cli.py` declares them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import typer
from rich.progress import Progress
from rich.table import Table as Shown
from rich.text import Text

from sync_engine.carriers.cloudprint import PrintDocument, print_client
from sync_engine.checkup import Finding, check_up
from sync_engine.cli_report import as_json, console, report_data, sentence
from sync_engine.clock import SystemClock
from sync_engine.config import SECRET_NAMES, Config, load_config, set_secret
from sync_engine.demo import run_demo
from sync_engine.demo_summary import Summary, summarise
from sync_engine.errors import ConfigError, Refused, UserError
from sync_engine.importing import Imported
from sync_engine.journal.keeping import set_aside
from sync_engine.opening import (
    JOURNAL_FILE,
    Opened,
    hold,
    init_folder,
    make_sandbox,
    open_backups,
    open_shop,
    take_as_seen,
    take_over,
    time_of,
)
from sync_engine.parcel import Package
from sync_engine.plan.merge import shown
from sync_engine.runners.inline import stop_on_signals
from sync_engine.runners.inline import watch as run_watch
from sync_engine.runners.mailbox import Mailbox
from sync_engine.sandbox.serve import serve
from sync_engine.services import sandbox_rooms
from sync_engine.shop import Report
from sync_engine.stores.backup import Backups
from sync_engine.values import FORMULA_LEADERS
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.tables import BY_NAME


def watch(folder: Path, *, json: bool) -> None:
    """Sync at the configured cadence; a status line tells the last round."""
    with stop_on_signals() as stop, open_shop(folder, flow=True) as opened:

        def tell(report: Report | None, text: str) -> None:
            if json:
                as_json(report_data(report) if report else {"error": text})
            elif report:
                console.print(_status_line(report, opened.config.lang), end="\n" if not report.idle else "\r")
            else:
                sentence(text)

        mailbox = Mailbox(opened.config.room("journal"))
        run_watch(opened.shop, opened.config.every_seconds, tell, stop, mailbox)
    if not json:
        console.print("已停止 / stopped")


def _status_line(report: Report, lang: Lang) -> str:
    counts, zh = report.counts, lang is Lang.ZH
    if report.idle:
        return f"{report.at:%H:%M:%S} {'没有变化' if zh else 'nothing changed'}"
    words = (
        ("新订单", "new", counts.orders_new), ("变动", "changed", counts.orders_changed),
        ("取单号", "waybills", counts.waybills), ("发货", "shipped", counts.shipped),
        ("改库存", "stock", counts.stock_pushed), ("待处理", "to-dos", report.open_todos),
    )  # fmt: skip
    parts = [f"{a if zh else b} {n}" for a, b, n in words if n]
    return " · ".join(
        [f"{report.at:%H:%M:%S}", *parts, *report.troubles[:1], *([report.pending] if report.pending else [])]
    )


def imported_data(one: Imported) -> dict[str, Any]:
    """An import's outcome as plain data."""
    return asdict(one)


def print_in_cloud(folder: Path, tid: str, *, json: bool) -> bool:
    """Send print data of printed parcels that have not left to the Cainiao client, one task each.

    A parcel goes there once for each batch its label is in: again only after somebody asked for a reprint. What one
    printer refuses does not hold up the rest. True if all came out.
    """
    with open_shop(folder) as opened:
        journal = opened.shop.journal
        tids = [tid] if tid else sorted(journal.mirror.live_tids())
        packages = [p for group in journal.mirror.packages_of(tids).values() for p in group]
        wanted = [p for p in packages if p.state == "printed" and journal.meta(_cloud(p)) != p.batch]
        refused: list[str] = []
        with print_client(opened.config.cloudprint) as client:
            for package in wanted:
                document = PrintDocument(waybill_code=package.waybill_code, print_data=package.print_data)
                try:
                    client.print_one(f"{package.package_id}-{package.batch}", document)
                except Refused as error:
                    refused.append(str(error))
                    continue
                journal.set_meta(_cloud(package), package.batch)
    for text in refused:
        sentence(text)
    if not json:
        done = len(wanted) - len(refused)
        console.print(f"已打印 {done} 张 / {done} printed" if wanted else _NOTHING_TO_PRINT)
    return not refused


_NOTHING_TO_PRINT = "没有要打印的面单 / nothing to print"


def _cloud(package: Package) -> str:
    return f"cloudprinted:{package.package_id}"


def doctor(folder: Path, secret_name: str, shop: str, *, json: bool) -> bool:
    """Check everything; True if nothing needs mending."""
    if secret_name:
        config = load_config(folder)
        if shop and shop not in config.shops:
            known = "、".join(config.shops)
            raise ConfigError(
                f"config.toml 里没有店铺 {shop},只有 {known} / no such shop, there are: {known}"
            )
        if secret_name not in SECRET_NAMES:
            raise ConfigError(
                f"没有 {secret_name} 这项密钥,只有 {'、'.join(SECRET_NAMES)} / no such credential"
            )
        own = "" if shop == config.shop else shop
        where = set_secret(config, secret_name, typer.prompt(secret_name, hide_input=True), own)
        console.print(f"已保存到 {where} / kept in {where}")
        return True
    findings = check_up(folder)
    if json:
        as_json({"findings": [asdict(one) for one in findings]})
    else:
        _show_findings(findings)
    return all(one.good for one in findings)


def _mark(good: bool) -> Text:
    return Text("✓", style="green") if good else Text("✗", style="red")


def _show_findings(findings: list[Finding]) -> None:
    table = Shown("", "检查 / check", "结果 / result", "怎么办 / what to do")
    for one in findings:
        table.add_row(_mark(one.good), one.what, one.result, one.advice)
    console.print(table)


def _backups(config: Config) -> Backups:
    return open_backups(config, time_of(config))


def backup(folder: Path, *, json: bool) -> None:
    """Back the workbook up now."""
    config = load_config(folder)
    if not config.workbook.is_file():
        raise UserError(f"找不到 {config.workbook},没有可备份的 / there is no workbook to back up")
    made = _backups(config).save(config.workbook, "manual")
    name = made.name if made else ""
    if json:
        as_json({"backup": name})
    elif made:
        console.print(f"已备份:{name} / backed up")
    else:
        console.print("与最近的备份相同,不用再备份 / same as the newest backup")


def restore(folder: Path, name: str, *, json: bool) -> None:
    """List backups, or restore one; the present state is kept as a backup first."""
    config = load_config(folder)
    backups = _backups(config)
    if name:
        with hold(config):
            name = _chosen(backups, name)
            backups.restore(name, config.workbook)
            take_as_seen(config)
    found = backups.list()
    if json:
        as_json({"restored": name, "backups": [one.name for one in found]})
    elif name:
        console.print(f"已恢复 {name};恢复前的样子也留了备份 / restored; the former state was kept too")
    elif not found:
        console.print("还没有备份 / no backups yet")
    else:
        table = Shown("序号 / no.", "时间 / time", "名称 / name")
        for number, one in enumerate(found, start=1):
            table.add_row(str(number), f"{one.at:%Y-%m-%d %H:%M:%S}", Text(one.name, no_wrap=True))
        console.print(table, soft_wrap=True)


def _chosen(backups: Backups, text: str) -> str:
    """A backup's name from what was typed: the name itself, or its number in the list, 1 for the newest."""
    found = backups.list()
    if not text.isascii() or not text.isdigit():
        return text
    if not 1 <= int(text) <= len(found):
        raise UserError(f"没有第 {text} 份备份,共 {len(found)} 份 / there are {len(found)} backups")
    return found[int(text) - 1].name


def drop_journal(folder: Path) -> None:
    """Put the journal aside; the next tick builds a new one."""
    config = load_config(folder)
    room = config.room("journal")
    with hold(config):
        set_aside(room / JOURNAL_FILE, time_of(config).now())
    (room / "xlsx-index.json").unlink(missing_ok=True)


def move_here(folder: Path) -> None:
    """This computer takes the workbook over from another one."""
    take_over(load_config(folder))


def init(folder: Path, language: str, name: str, shops: int, *, google: bool, json: bool) -> None:
    """Make a shop folder; with `google` its workbook is a Google spreadsheet."""
    config = init_folder(folder, _lang(language), name, shops)
    if google:
        from sync_engine.cli_google import move

        move(folder, "google", json=json)
        return
    if json:
        as_json({"folder": str(folder), "workbook": str(config.workbook)})
    else:
        console.print(
            f"店铺文件夹已备好:{folder}\n打开 {config.workbook.name} 看看;运行 biaomao sync 开始同步 / ready"
        )


def _lang(text: str) -> Lang:
    if text not in ("zh", "en"):
        raise UserError(f"language 只能是 zh 或 en,现在是 {text} / language must be zh or en")
    return Lang(text)


def export(folder: Path, what: str, out: Path, *, json: bool) -> None:
    """Write tables as csv files that no spreadsheet will take for formulas."""
    if what != "all" and what not in BY_NAME:
        raise UserError(f"没有叫 {what} 的表,可选:all {' '.join(BY_NAME)} / no such table")
    out.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    with open_shop(folder) as opened:
        snapshot = opened.shop.store.read({})
        for table in BY_NAME.values():
            if what in ("all", table.name):
                rows = [row.cells for row in snapshot.tables[table.name].changed]
                written[table.name] = _csv(out / f"{table.name}.csv", table, rows, opened.config.lang)
    if json:
        as_json({"out": str(out), "rows": written})
    else:
        console.print(f"已导出到 {out}:{written} / exported")


def _csv(path: Path, table: Table, rows: list[Mapping[str, Value]], lang: Lang) -> int:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.header(lang) for column in table.columns])
        for row in rows:
            writer.writerow([_harmless(shown(column, row.get(column.name))) for column in table.columns])
    return len(rows)


def _harmless(text: str) -> str:
    """A leading quote keeps a spreadsheet from taking text for a formula; numbers stay numbers."""
    return f"'{text}" if text.startswith(FORMULA_LEADERS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def demo(
    folder: Path, orders: int, seed: int, language: str, shops: int, *, google: bool, json: bool, progress: Progress
) -> None:  # fmt: skip
    """Live through a day, then say what to look at."""
    if (folder / "sandbox" / "state.sqlite").exists():
        raise UserError(
            f"{folder} 里已经有一个演示店铺:换个文件夹,或先删掉它 / {folder} holds a demo already"
        )
    bar = progress.add_task("08:00", total=None)

    def tell(number: int, total: int, text: str) -> None:
        progress.update(bar, completed=number, total=total, description=text)

    if google:
        from sync_engine.cli_google import SHOWN, demo_on_google

        summary, opened = demo_on_google(folder, orders=orders, seed=seed, lang=_lang(language), tell=tell)
        opened = replace(opened, config=replace(opened.config, workbook=folder / SHOWN))
    else:
        day, opened = run_demo(folder, orders=orders, seed=seed, lang=_lang(language), tell=tell, shops=shops)
        summary = summarise(folder, opened.config, day)
    if json:
        as_json(asdict(summary))
    else:
        progress.stop()
        _show_summary(summary, opened, folder)


def _show_summary(summary: Summary, opened: Opened, folder: Path) -> None:
    table = Shown(
        "", "工作簿 / sheet", "沙箱日志 / log", title=f"一天 / one day, {summary.ticks} 次同步 / syncs"
    )
    for name, in_sheet, in_log in summary.lines():
        table.add_row(name, str(in_sheet), Text(f"{in_log} ").append_text(_mark(in_sheet == in_log)))
    console.print(table)
    console.print(
        f"员工改动 {summary.keystrokes} 次,涉及 {summary.cells} 格:{summary.kept} 格在表里,{summary.shown_as_todo} 格放回并记在"
        f"待处理,丢失 {summary.lost} 格 / staff typed {summary.keystrokes} times in {summary.cells} cells: "
        f"{summary.kept} kept, {summary.shown_as_todo} put back and shown, {summary.lost} lost"
    )
    console.print(f"待处理 {summary.open_todos} 件 / open to-dos")
    console.print("\n接下来看什么 / what to open next:")
    for path, what in (
        (opened.config.workbook, "工作簿 / the workbook"),
        (folder / "labels", f"面单 {summary.label_pages} 页 / labels"),
        (folder / "picklists", "拣货单、发货单 / pick lists and packing slips"),
        (folder / "sandbox" / "log.jsonl", "沙箱收到的每个请求 / every request the sandbox answered"),
    ):
        console.print(f"  {path}  {what}")
    console.print(
        f"再同步一次(不会有变化)/ sync again, nothing changes:\n  python3 run.py sync --folder {folder}"
    )


def sandbox(folder: Path, port: int, speed: float, orders: int, seed: int, shops: int = 1) -> None:
    """Serve the sandbox until told to stop."""
    config = init_folder(folder, Lang.ZH, shops=shops)
    make_sandbox(
        config, seed=seed, orders=orders, start=SystemClock().now().replace(hour=8, minute=0, second=0)
    )
    console.print(
        f"沙箱正在运行,Ctrl-C 停止;日志在 {config.room('sandbox') / 'log.jsonl'} / running, Ctrl-C stops it"
    )
    first, *more = sandbox_rooms(config)
    serve(first, port=port, speed=speed, more=more)
