"""What `biaomao history` and `biaomao copy` do: a document's way, and a copy that shows no cost."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table as Shown

from sync_engine.cli_report import as_json, console
from sync_engine.clock import format_time
from sync_engine.errors import UserError
from sync_engine.nocost import copy_without_cost
from sync_engine.opening import open_shop
from sync_engine.trail import commands_given, history_of
from workbook_templates.schema import Lang


def history(folder: Path, key: str, *, json: bool) -> None:
    """Print what is known of a document, oldest first; of the commands where no key is given."""
    with open_shop(folder, rehearsal=True) as opened:
        journal, lang = opened.shop.journal, opened.config.lang
        events = history_of(journal, key, lang) if key else commands_given(journal, lang)
    if key and not events:
        raise UserError(
            f"没有“{key}”的记录:填订单编号、运单号、退款编号、包裹号、设置名或一行的编号 / nothing is known of {key}: "
            "give an order, waybill, refund or parcel number, a setting's name or the key of a row"
        )
    if json:
        as_json({
            "events": [
                {"at": format_time(one.at), "who": one.who, "where": one.where, "what": one.what} for one in events
            ]
        })  # fmt: skip
        return
    heads = ("时间", "谁", "在哪", "什么") if lang is Lang.ZH else ("When", "Who", "Where", "What")
    table = Shown(*heads, box=None, pad_edge=False)
    for one in events:
        table.add_row(format_time(one.at), one.who, one.where, one.what)
    console.print(table)


def copy(folder: Path, out: Path, *, json: bool) -> None:
    """Write a workbook to read that holds no cost."""
    with open_shop(folder, rehearsal=True) as opened:
        config = opened.config
        if out.resolve() == config.workbook.resolve() or out.suffix.lower() != ".xlsx":
            raise UserError(
                "副本要写到另一个 .xlsx 文件 / the copy goes to another .xlsx file than the workbook"
            )
        rows = copy_without_cost(opened.shop.store.read({}), out, config.lang, config.shop)
    if json:
        as_json({"out": str(out), "rows": rows})
    else:
        console.print(
            f"已写好 {out},没有成本、运费、采购和账 / written, without costs, freight, purchases and books"
        )
