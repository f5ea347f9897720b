"""The 命令 sheet: a tick is obeyed once, and answered beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync_engine.gather import Request
from sync_engine.journal.journal import Journal
from sync_engine.plan.desk import Obeyed, obeyed_from_text
from sync_engine.plan.roles import read_roles, refusal
from sync_engine.plan.words import say
from sync_engine.trail import history_of, note_command, told
from sync_engine.view import View
from workbook_templates.commands import COMMANDS_BY_NAME
from workbook_templates.schema import Lang
from workbook_templates.tables import COMMANDS, ROLES

REFRESH = timedelta(days=3)
LINES_TOLD = 30
"""Lines of a history in the answer of a command; `biaomao history` tells all."""


@dataclass(slots=True, kw_only=True)
class Orders:
    """What the commands asked for."""

    request: Request = field(default_factory=Request)
    given: list[str] = field(default_factory=list)  # names of commands obeyed in this tick


def obey(
    journal: Journal, view: View, now: datetime, lang: Lang, saver: Callable[[], str] = lambda: ""
) -> Orders:
    """Read the ticks, note what was asked, and write the answers. Runs inside the tick's transaction.

    Args:
        saver: who saved the workbook last, where the file tells.
    """
    orders = Orders()
    roles, _ = read_roles(view.all(ROLES.name), lang)
    for name, cells in view.all(COMMANDS.name).items():
        held = obeyed_from_text(journal.meta(f"command:{name}") or "0||")
        go = cells.get("go") is True
        if go == held.seen_go:
            continue
        answer, at = held.answer, held.answered_at
        if go:
            argument = str(cells.get("argument") or "").strip()
            who = saver()
            if name in COMMANDS_BY_NAME and not roles.may(who, name):
                answer, at = refusal(who, name, lang), now
            else:
                answer, at = _do(name, argument, orders, journal, now, lang), now
                orders.given.append(name)
                note_command(journal, now, name, argument, who)
        journal.set_meta(f"command:{name}", Obeyed(seen_go=go, answer=answer, answered_at=at).text())
        journal.rows.mark({COMMANDS.name: [name]})
    return orders


def _do(name: str, argument: str, orders: Orders, journal: Journal, now: datetime, lang: Lang) -> str:
    if name not in COMMANDS_BY_NAME:
        return say(lang, "没有这个命令", "There is no such command")
    request, text = ordered(name, argument, journal, now, lang)
    orders.request = orders.request.joined(request)
    return say(lang, f"已执行:{text}。清空勾选后可再次执行", f"Done: {text}. Clear the tick to run it again")


def ordered(name: str, argument: str, journal: Journal, now: datetime, lang: Lang) -> tuple[Request, str]:
    """What a command asks of a tick, and what to answer; KeyError for a name that is not declared."""
    if name == "history":
        return Request(), _history(argument, journal, lang)
    request, zh, en = _ACTIONS[name](argument, journal, now)
    return request, say(lang, zh, en)


def _history(argument: str, journal: Journal, lang: Lang) -> str:
    """The newest lines of a document's way, as many as a cell shows well."""
    events = history_of(journal, argument, lang) if argument else []
    if not events:
        return say(lang, f"没有“{argument}”的记录,参数里填订单编号、运单号或一行的编号", f'nothing is known of "{argument}": the argument is an order, a waybill or the key of a row')  # fmt: skip
    head = say(lang, f"{argument} 最近 {min(LINES_TOLD, len(events))} 条", f"{argument}, the newest {min(LINES_TOLD, len(events))}")  # fmt: skip
    return f"{head}\n{told(events[-LINES_TOLD:])}\n"


Action = Callable[[str, Journal, datetime], tuple[Request, str, str]]


def _sync(_argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return Request(), "同步了一次", "synced once"


def _print(_argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return (
        Request(print_now=True),
        "面单、拣货单在 labels/ 和 picklists/ 里",
        "labels and lists are in labels/ and picklists/",
    )


def _waves(_argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return Request(print_now=True, waves=True), "看“波次”表", "see the waves sheet"


def _verify(argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    if not argument:
        return Request(), "参数里填运单号和扫到的条码", "the argument is a waybill and what was scanned"
    return Request(scans=(argument,)), "看“验货”表", "see the packing check"


def _ship(argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    request = Request(ship_now=frozenset({argument or "*"}))
    return request, f"通知发货:{argument or '全部已打印'}", f"told Tmall: {argument or 'all printed'}"


def _reprint(argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    tid, _, why = re.sub(r"[\s,,;;]+", " ", argument).strip().partition(" ")
    if not why:
        return (
            Request(),
            "没有补打:参数里填订单编号和补打原因,如 3000123 卡纸",
            "nothing was printed: the argument is an order number and a reason, as 3000123 paper jam",
        )
    return (
        Request(reprint=frozenset({tid}), why=why),
        f"重新生成 {tid} 的面单:{why}",
        f"labels of {tid} made again: {why}",
    )


def _refresh(argument: str, journal: Journal, now: datetime) -> tuple[Request, str, str]:
    if argument:
        journal.set_meta("ask", f"{journal.meta('ask') or ''} {argument}".strip())
    else:
        journal.set_moment("cursor", now - REFRESH)
    return Request(), "下次同步时重新核对", "Tmall is asked again at the next sync"


def _restore(_argument: str, journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    journal.set_meta("deletion", "restore")
    return Request(), "下次同步时恢复被删的行", "the rows come back at the next sync"


def _accept(_argument: str, journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    journal.set_meta("deletion", "accept")
    return Request(), "下次同步时确认删除", "the deletion is taken as meant at the next sync"


def _backup(_argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return Request(), "备份在 backups/ 里", "the backup is in backups/"


def _propose(_argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return Request(propose=True), "看“补货建议”表", "see the purchase proposals"


def _purchase_orders(argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return (
        Request(purchase_orders=frozenset({argument})),
        f"采购单 {argument or '(今天开的)'} 在 purchases/ 里",
        f"purchase orders ({argument or 'of today'}) are in purchases/",
    )


def _analyse(_argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return Request(), "“销售分析”已重算", "the sales analysis is worked out anew"


def _upgrade(_argument: str, _journal: Journal, _now: datetime) -> tuple[Request, str, str]:
    return (
        Request(),
        "工作簿关着就马上补,补了什么下次同步写在这里",
        "done at once where the workbook is closed; what was added is told here next time",
    )


_ACTIONS: dict[str, Action] = {
    "sync": _sync, "print": _print, "waves": _waves, "verify": _verify, "ship": _ship, "reprint": _reprint, "refresh": _refresh,
    "restore_rows": _restore, "accept_deletion": _accept, "propose": _propose, "analyse": _analyse,
    "purchase_orders": _purchase_orders, "backup": _backup, "upgrade": _upgrade,
}  # fmt: skip
