"""One command of the 命令 sheet given from outside the sheet: by a ribbon button, a task pane, another process."""

from __future__ import annotations

from dataclasses import dataclass

from sync_engine.errors import BiaomaoError
from sync_engine.obey import ordered
from sync_engine.permits import may_not
from sync_engine.pressing import press
from sync_engine.shop import Report
from sync_engine.state import Shop
from sync_engine.trail import note_command
from workbook_templates.commands import COMMANDS_BY_NAME
from workbook_templates.schema import Lang
from workbook_templates.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command came to: one sentence for the person who gave it."""

    answer: str
    good: bool
    report: Report | None = None


def run_command(shop: Shop, command: str, argument: str = "", who: str = "") -> Done:
    """Do what a command says, and a sync with it; `who` gave it. KeyError for a command that is not declared."""
    caption = COMMANDS_BY_NAME[command].label(shop.lang)
    if why := may_not(shop.journal, who, command, shop.lang):
        return Done(answer=why, good=False)
    try:
        with shop.journal.transaction():
            if command != "history":
                note_command(shop.journal, shop.clock.now(), command, argument, who)
            request, text = ordered(command, argument, shop.journal, shop.clock.now(), shop.lang)
        if command == "history":
            return Done(answer=f"{caption}: {text.strip()}", good=True)
        if command == "backup":
            shop.backup("command")
            return Done(answer=f"{caption}: {text}", good=True)
        if command == "upgrade":
            return Done(answer=f"{caption}: {shop.upgrade()}", good=True)
        report = press(shop, request)
    except BiaomaoError as error:
        return Done(answer=f"{caption}: {error}", good=False)
    wrong = "; ".join(dict.fromkeys([*report.troubles, *([report.pending] if report.pending else [])]))
    if wrong:
        return Done(answer=f"{caption}: {wrong}", good=False, report=report)
    if report.said:
        return Done(answer=f"{caption}: {report.said}", good=not report.alarm, report=report)
    return Done(answer=f"{caption}: {text}{_numbers(report, shop.lang)}", good=True, report=report)


def _numbers(report: Report, lang: Lang) -> str:
    """What changed, in a few words."""
    counts = report.counts
    words = (
        ("新订单", "new orders", counts.orders_new), ("变动", "changed", counts.orders_changed),
        ("取单号", "waybills", counts.waybills), ("发货", "shipped", counts.shipped),
        ("改库存", "stock set", counts.stock_pushed), ("待处理", "open to-dos", report.open_todos),
    )  # fmt: skip
    parts = [f"{say(lang, zh, en)} {number}" for zh, en, number in words if number]
    return (
        say(lang, ";", "; ") + say(lang, ",", ", ").join(parts)
        if parts
        else say(lang, ";没有变化", "; nothing changed")
    )
