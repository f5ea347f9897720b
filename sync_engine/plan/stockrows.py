"""What the sheets of the stock room show: moves, stock by warehouse, and beside each document what came of it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from formulas.moves import Move, MoveKind
from sync_engine.plan.documents import Entered
from sync_engine.plan.landing import amount_of
from sync_engine.plan.moving import net
from sync_engine.plan.places import Places
from sync_engine.plan.words import say
from sync_engine.stockroom import Balance, Posted
from sync_engine.values import clean_text
from workbook_templates.schema import KEY_SEPARATOR, Lang, Table, Value
from workbook_templates.tables import COUNTS, ENTRIES, PURCHASES, SHELVINGS, TRANSFERS

Row = dict[str, Value]
Cells = Mapping[str, Value]


def move_row(posted: Posted) -> Row:
    """A move's row."""
    move, line = posted.move, posted.line
    return {
        "move_id": move.move_id, "at": move.at, "kind": str(move.kind), "stock_code": move.sku, "warehouse": move.warehouse,
        "pieces": move.pieces, "change": line.change if line else None, "after": line.after if line else None,
        "unit_cost": move.unit_cost, "extra": move.extra or None,
        "stock_value": line.stock_value if line else None, "sold": (line.sold or None) if line else None,
        "variance": (line.variance or None) if line else None, "why": clean_text(line.why) if line else "",
        "bin": move.bin, "defective": move.defective, "to": move.to, "origin": move.origin, "reverses": move.reverses,
        "source": move.source, "seal": seal_of(move), "posted_at": posted.posted_at, "problem": clean_text(line.problem) if line else "",
    }  # fmt: skip


def stray_row(lang: Lang) -> Row:
    """What a row of 库存流水 shows that is no move of the ledger: typed by hand, or changed while the journal was lost."""
    said = say(
        lang,
        "这一行不是表猫入账的,不算数;可以删除,进出请填“出入库”或“盘点”",
        "Not posted by Biaomao, so it does not count: delete it, and enter a receipt or a count",
    )
    return {
        "change": None,
        "after": None,
        "stock_value": None,
        "sold": None,
        "variance": None,
        "problem": said,
    }


def seal_of(move: Move) -> str:
    """Sixteen signs made from what a move says, so that a row whose cells were changed is not taken for the move."""
    numbers = (Decimal(move.pieces), move.unit_cost, move.extra)
    parts = [
        move.move_id,
        move.at.isoformat(),
        str(move.kind),
        move.sku,
        move.warehouse,
        move.bin,
        move.to,
        move.source,
    ]
    parts += [move.origin, move.reverses, str(move.defective)]
    parts += ["" if number is None else f"{number.normalize():f}" for number in numbers]
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def move_from_row(cells: Cells) -> Posted | None:
    """A move as its row tells it: how the journal is rebuilt from the workbook. None where the row was changed."""
    kind, at, pieces = cells.get("kind"), cells.get("at"), cells.get("pieces")
    if kind not in set(MoveKind) or not isinstance(at, datetime) or not isinstance(pieces, int | Decimal):
        return None
    unit, extra, posted_at = cells.get("unit_cost"), cells.get("extra"), cells.get("posted_at")
    texts = {name: str(cells.get(name) or "") for name in ("move_id", "stock_code", "warehouse")}
    if not all(texts.values()):
        return None
    move = Move(
        move_id=texts["move_id"], at=at, kind=MoveKind(str(kind)), sku=texts["stock_code"], warehouse=texts["warehouse"],
        pieces=int(pieces), unit_cost=Decimal(unit) if isinstance(unit, int | Decimal) else None,
        extra=Decimal(extra) if isinstance(extra, int | Decimal) else Decimal(0), bin=str(cells.get("bin") or ""),
        to=str(cells.get("to") or ""), source=str(cells.get("source") or ""), origin=str(cells.get("origin") or ""),
        reverses=str(cells.get("reverses") or ""), defective=cells.get("defective") is True,
    )  # fmt: skip
    if cells.get("seal") != seal_of(move):
        return None
    return Posted(move=move, posted_at=posted_at if isinstance(posted_at, datetime) else at)


def balance_key(sku: str, warehouse: str) -> str:
    """The key of a row of 分仓库存."""
    return f"{sku}{KEY_SEPARATOR}{warehouse}"


def balance_row(sku: str, warehouse: str, balance: Balance, places: Places, lang: Lang) -> Row:
    """The row of one kind of goods in one warehouse."""
    below = min(balance.on_hand, balance.defective) < 0
    return {
        "stock_code": sku, "warehouse": warehouse, "name": places.names.get(warehouse, ""), "on_hand": balance.on_hand,
        "reserved": balance.reserved, "available": balance.on_hand - balance.reserved, "defective": balance.defective, "in_transit": balance.in_transit, "ordered": balance.ordered,
        "unit_cost": balance.unit_cost, "value": balance.value,
        "problem": say(lang, "库存为负:请盘点,或补录漏掉的入库", "Below zero: count it, or enter the receipt that is missing") if below else "",
    }  # fmt: skip


def warehouse_row(key: str, problem: str, total: tuple[int, int]) -> Row:
    """What a warehouse's row shows: pieces and yuan in all."""
    pieces, value = total
    return {"warehouse": key, "pieces": pieces, "value": Decimal(value).scaleb(-2), "problem": problem}


def document_row(table: Table, key: str, cells: Cells, posted: Sequence[Posted], entered: Entered) -> Row:
    """What stands beside a document: what it posted, and why not."""
    row = _SHOWN[table.name](cells, posted)
    return {table.key[0]: key, **row, "problem": clean_text(entered.problem)}


def _count(_: Cells, posted: Sequence[Posted]) -> Row:
    if not posted:
        return {"book": None, "difference": None, "value": None, "posted_at": None}
    one = posted[0]
    change = one.line.change if one.line else None
    return {
        "book": one.move.pieces - change if change is not None else None, "difference": change,
        "value": one.line.stock_value if one.line else None, "posted_at": one.posted_at,
    }  # fmt: skip


def _entry(_: Cells, posted: Sequence[Posted]) -> Row:
    return {
        "posted_at": posted[0].posted_at if posted else None,
        "reversed_at": next((one.posted_at for one in posted if one.move.reverses), None),
    }


def _transfer(_: Cells, posted: Sequence[Posted]) -> Row:
    out = next((one for one in posted if one.move.kind is MoveKind.TRANSFER_OUT), None)
    if out is None:
        return {"in_transit": None, "state": "draft", "sent_at": None}
    arrived = net([one.move for one in posted if one.move.kind is MoveKind.TRANSFER_IN])
    left = out.move.pieces - arrived
    state = "done" if left <= 0 else "partly" if arrived else "sent"
    return {"in_transit": left, "state": state, "sent_at": out.posted_at}


def _purchase(cells: Cells, posted: Sequence[Posted]) -> Row:
    ordered, got = _whole(cells, "pieces"), _whole(cells, "received")
    closed = cells.get("closed") is True
    state = "over" if got > ordered > 0 else "done" if got and got == ordered else "closed" if closed else "partly" if got else "ordered"  # fmt: skip
    dates = [one.posted_at for one in posted]
    return {
        "open": 0 if closed else max(0, ordered - got), "amount": amount_of(posted) if posted else None, "state": state,
        "posted_at": max(dates) if dates else None,
    }  # fmt: skip


def _shelving(_: Cells, posted: Sequence[Posted]) -> Row:
    return {"posted_at": posted[0].posted_at if posted else None}


_SHOWN = {
    COUNTS.name: _count, ENTRIES.name: _entry, TRANSFERS.name: _transfer, PURCHASES.name: _purchase, SHELVINGS.name: _shelving,
}  # fmt: skip


def _whole(cells: Cells, name: str) -> int:
    value = cells.get(name)
    return int(value) if isinstance(value, int | Decimal) else 0
