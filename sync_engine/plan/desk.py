"""What the small tables show: 商品, 待处理, 命令, 同步记录, 设置. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sync_engine.clock import format_time, parse_time
from sync_engine.plan.words import say
from sync_engine.stockroom import KnownSku
from sync_engine.todo import Todo
from sync_engine.values import clean_text
from workbook_templates.commands import COMMANDS_BY_NAME, COMMANDS_LIST, Command
from workbook_templates.schema import Lang, Value
from workbook_templates.settings import SETTINGS_BY_NAME, SETTINGS_LIST, Setting
from workbook_templates.tables import BY_NAME

Row = dict[str, Value]


def product_row(
    known: KnownSku, shop: str, lang: Lang, wishes: Mapping[str, Value], *, shared: bool = False
) -> Row:
    """A SKU's row.

    Args:
        shop: what the sheets call the shop that sells it.
        wishes: our cells beside the price and the title staff want.
        shared: whether another SKU of that shop has the same merchant code.
    """
    sku = known.sku
    problem = (
        ""
        if sku.outer_id
        else say(
            lang, "天猫上没有商家编码,库存按 SKU ID 计", "No merchant code at Tmall: stock is kept by SKU id"
        )
    )
    if shared:
        problem = say(
            lang,
            "同一店铺还有别的 SKU 用这个商家编码,可卖数平分",
            "Another SKU of this shop has the same merchant code: the offer is split evenly",
        )
    return {
        **wishes,
        "sku_key": sku.sku_key,
        "outer_id": sku.outer_id,
        "title": clean_text(sku.title),
        "sku_text": clean_text(sku.sku_text),
        "status": sku.status,
        "price": sku.price,
        "tmall_qty": sku.quantity,
        "tmall_barcode": sku.barcode,
        "problem": problem,
        "shop": clean_text(shop),
        "num_iid": sku.num_iid,
        "modified": sku.modified,
    }


def todo_row(todo: Todo, lang: Lang) -> Row:
    """A to-do's row."""
    return {
        "todo_id": todo.todo_id,
        "state": "solved" if todo.solved_at else "open",
        "severity": todo.severity,
        "sheet": BY_NAME[todo.table].sheet(lang) if todo.table in BY_NAME else todo.table,
        "row_key": _called(todo, lang),
        "reason": clean_text(todo.reason),
        "advice": clean_text(todo.advice),
        "typed": clean_text(todo.typed),
        "ours": clean_text(todo.ours),
        "since": todo.since,
        "solved_at": todo.solved_at,
    }


def _called(todo: Todo, lang: Lang) -> str:
    """What people call the row: its key, or the caption of a setting or command."""
    if todo.table == "settings" and todo.row_key in SETTINGS_BY_NAME:
        return SETTINGS_BY_NAME[todo.row_key].label(lang)
    if todo.table == "commands" and todo.row_key in COMMANDS_BY_NAME:
        return COMMANDS_BY_NAME[todo.row_key].label(lang)
    return todo.row_key


def key_called(table: str, shown: str) -> str:
    """The key of the row people call `shown`: the other way round."""
    captions: dict[str, tuple[Setting | Command, ...]] = {
        "settings": SETTINGS_LIST,
        "commands": COMMANDS_LIST,
    }
    named = captions.get(table, ())
    return next((one.name for one in named if shown in (one.label_zh, one.label_en)), shown)


def setting_row(name: str, problem: str, lang: Lang) -> Row:
    """A setting's row."""
    setting = SETTINGS_BY_NAME[name]
    return {
        "setting": name,
        "label": setting.label(lang),
        "title": setting.title(lang),
        "default": setting.shown_default(lang),
        "allowed": setting.allowed(lang),
        "problem": problem,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """What became of a command's tick."""

    seen_go: bool = False
    answer: str = ""
    answered_at: datetime | None = None

    def text(self) -> str:
        """As the journal keeps it."""
        return (
            f"{int(self.seen_go)}|{format_time(self.answered_at) if self.answered_at else ''}|{self.answer}"
        )


def obeyed_from_text(text: str) -> Obeyed:
    """What `Obeyed.text` wrote."""
    seen, at, answer = text.split("|", 2)
    return Obeyed(seen_go=seen == "1", answer=answer, answered_at=parse_time(at))


def obeyed_from_cells(cells: Mapping[str, Value]) -> Obeyed:
    """What the row itself tells, after the journal was lost."""
    at = cells.get("answered_at")
    return Obeyed(
        seen_go=cells.get("seen_go") is True,
        answer=str(cells.get("answer") or ""),
        answered_at=at if isinstance(at, datetime) else None,
    )


def command_row(name: str, obeyed: Obeyed, lang: Lang) -> Row:
    """A command's row."""
    return {
        "command": name,
        "label": COMMANDS_BY_NAME[name].label(lang),
        "title": COMMANDS_BY_NAME[name].title(lang),
        "answer": clean_text(obeyed.answer),
        "answered_at": obeyed.answered_at,
        "seen_go": obeyed.seen_go,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a tick did, in numbers."""

    orders_new: int = 0
    orders_changed: int = 0
    waybills: int = 0
    cancelled: int = 0
    shipped: int = 0
    stock_pushed: int = 0
    put_back: int = 0
    todo: int = 0

    @property
    def any(self) -> bool:
        """Whether anything happened."""
        return self != Counts()


NOTHING = Counts()


def log_row(log_id: str, at: datetime, counts: Counts, note: str, desk: str = "") -> Row:
    """A tick's row in 同步记录."""
    return {
        "log_id": log_id,
        "at": at,
        "orders_new": counts.orders_new,
        "orders_changed": counts.orders_changed,
        "waybills": counts.waybills,
        "cancelled": counts.cancelled,
        "shipped": counts.shipped,
        "stock_pushed": counts.stock_pushed,
        "put_back": counts.put_back,
        "todo": counts.todo,
        "note": clean_text(note),
        "computer": clean_text(desk),
    }
