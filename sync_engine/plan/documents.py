"""What people enter about stock, and what it posts: counts, other receipts, transfers, purchases. Pure.

A document is compared with what it has posted; the difference is what it still has to post. So posting it again posts
nothing, after a loss of the journal too: ids are made from the row's own id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from formulas.moves import Move, MoveKind, move_id_of
from sync_engine.plan.bins import NO_BINS, Bins, bin_typed, shown_bin, unknown_bin
from sync_engine.plan.landing import freight_moves, price_moves
from sync_engine.plan.moving import behind, net, reversed_part, taken_back
from sync_engine.plan.places import Places
from sync_engine.plan.policy import Goods
from sync_engine.plan.words import clock_text, say
from sync_engine.stockroom import Posted
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.tables import COUNTS, ENTRIES, PURCHASES, SHELVINGS, TRANSFERS

Cells = Mapping[str, Value]
AHEAD = timedelta(hours=12)
"""A time later than this from now is a slip."""


def just_before(now: datetime) -> datetime:
    """The moment of what is posted without a time."""
    return now - timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What documents are read against."""

    places: Places
    codes: Collection[str]  # goods that exist
    lang: Lang
    now: datetime
    bins: Bins = NO_BINS
    goods: Mapping[str, Goods] = field(default_factory=dict)  # their bins are in the main warehouse
    lying: Callable[[str, str, bool], Mapping[str, int]] = field(
        default=lambda code, place, defective: {}
    )  # by bin

    def just_now(self) -> datetime:
        """The moment of what is posted without a time: before whatever leaves in this same second."""
        return just_before(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A document read: moves it asks for beyond what it posted, or why it does not."""

    moves: tuple[Move, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What every document says."""

    key: str
    source: str
    sku: str
    warehouse: str
    bin: str
    defective: bool


class _Slip(Exception):
    """A document that will not do; its text says why."""


def read_document(table: Table, key: str, cells: Cells, posted: Sequence[Posted], desk: Desk) -> Entered:
    """What a row of one of the document sheets still has to post."""
    try:
        return Entered(moves=tuple(_READERS[table.name](key, cells, posted, desk)))
    except _Slip as slip:
        return Entered(problem=str(slip))


def _count(key: str, cells: Cells, posted: Sequence[Posted], desk: Desk) -> list[Move]:
    if posted:
        first = posted[0].move
        _unchanged(cells, first, {"counted": first.pieces, "bin": first.bin}, COUNTS, desk)
        return []
    if cells.get("post") is not True:
        return []
    head = _head(COUNTS, key, cells, desk)
    counted = _whole(cells, "counted", COUNTS, desk, least=0)
    return [_move(MoveKind.COUNT, head, counted, _time(cells, desk))]


def _entry(key: str, cells: Cells, posted: Sequence[Posted], desk: Desk) -> list[Move]:
    if posted:
        first = posted[0].move
        if cells.get("reverse") is True:
            return [] if len(posted) > 1 else [reversed_part(first, abs(first.pieces), 1, desk.just_now())]
        if len(posted) > 1:
            raise _Slip(desk_say(desk, "已红冲,取消打勾不会恢复;要再入账请新写一行", "Already reversed: enter a new row to post it again"))  # fmt: skip
        said: dict[str, int | str] = {"pieces": first.pieces, "kind": str(first.kind), "bin": first.bin}
        _unchanged(cells, first, said, ENTRIES, desk)
        return []
    if cells.get("post") is not True:
        return []
    head = _head(ENTRIES, key, cells, desk)
    kind = MoveKind(str(_needed(cells, "kind", ENTRIES, desk)))
    pieces = _whole(cells, "pieces", ENTRIES, desk, least=None if kind is MoveKind.ADJUSTMENT else 1)
    if pieces == 0:
        raise _Slip(desk_say(desk, "数量不能是 0,请改数量", "0 pieces change nothing: correct them"))
    if pieces < 0 and head.bin:
        _enough(head, head.bin, -pieces, desk)
    return [_move(kind, head, pieces, _time(cells, desk), _price(cells) if pieces > 0 else None)]


def _shelving(key: str, cells: Cells, posted: Sequence[Posted], desk: Desk) -> list[Move]:
    if posted:
        first = posted[0].move
        said: dict[str, int | str] = {"pieces": first.pieces, "from": first.bin, "to": first.to}
        _unchanged(cells, first, said, SHELVINGS, desk)
        return []
    if cells.get("post") is not True:
        return []
    head = _head(SHELVINGS, key, {**cells, "bin": cells.get("from")}, desk)
    target, pieces = bin_typed(cells.get("to")), _whole(cells, "pieces", SHELVINGS, desk, least=1)
    _exists(target, head.warehouse, desk)
    if target == head.bin:
        raise _Slip(desk_say(desk, "两个货位相同,请改一个", "Both bins are the same: correct one of the two"))
    _enough(head, head.bin, pieces, desk)
    return [_move(MoveKind.SHELVE, head, pieces, desk.just_now(), to=target)]


def _exists(name: str, place: str, desk: Desk) -> None:
    """A bin is one that 货位库存 names in that warehouse, or 商品 for the main one: a slip of the pen makes no new shelf."""
    if not name or name in desk.bins.known.get(place, ()):
        return
    if place != desk.places.main or all(name != one.bin for one in desk.goods.values()):
        raise _Slip(unknown_bin(name, place, desk.bins, desk.places, desk.lang))


def _enough(head: _Head, name: str, pieces: int, desk: Desk) -> None:
    """Nothing is taken from where it does not lie."""
    held = desk.lying(head.sku, head.warehouse, head.defective)
    if pieces > held.get(name, 0):
        others = "、".join(
            f"{shown_bin(bin_, desk.lang)} {there}" for bin_, there in held.items() if there > 0
        )
        where, there = shown_bin(name, desk.lang), held.get(name, 0)
        raise _Slip(desk_say(
            desk, f"{where}只有 {there} 件,不够 {pieces} 件,没有入账" + (f"(现在:{others})" if others else "") + ";请改数量,或先盘点这个货位",
            f"{where} holds {there}, fewer than {pieces}: not posted" + (f" (now: {others})" if others else "") + ". Correct the pieces, or count the bin",
        ))  # fmt: skip


def _transfer(key: str, cells: Cells, posted: Sequence[Posted], desk: Desk) -> list[Move]:
    moves = [one.move for one in posted]
    out = next((move for move in moves if move.kind is MoveKind.TRANSFER_OUT), None)
    if out is None:
        if cells.get("sent") is not True:
            if _figure(cells, "received") or _figure(cells, "back"):
                raise _Slip(desk_say(desk, "还没勾“已发出”,实收和退回先不入账", "Not ticked as sent: what arrived is not posted yet"))  # fmt: skip
            return []
        head = _head(TRANSFERS, key, {**cells, "warehouse": _needed(cells, "from", TRANSFERS, desk)}, desk)
        target = _place(_needed(cells, "to", TRANSFERS, desk), desk)
        if target == head.warehouse:
            raise _Slip(desk_say(desk, "发货和收货仓库相同,请改一个", "It goes to where it comes from: correct one of the two"))  # fmt: skip
        pieces = _whole(cells, "pieces", TRANSFERS, desk, least=1)
        return [_move(MoveKind.TRANSFER_OUT, head, pieces, desk.just_now(), to=target)]
    return _arrivals(key, cells, moves, out, desk)


def _arrivals(key: str, cells: Cells, posted: Sequence[Move], out: Move, desk: Desk) -> list[Move]:
    """What arrived, or came back, beyond what is posted. Fewer than sent is fine, more is not (facts, section 1.8)."""
    got, back = (_figure(cells, name) for name in ("received", "back"))
    if got + back > out.pieces:
        raise _Slip(desk_say(
            desk, f"发出 {out.pieces} 件,实收 {got} + 退回 {back} 超过了(可小不可大);多出的请用盘点入账",
            f"{out.pieces} were sent, {got} received + {back} back are more: enter what is too many as a count",
        ))  # fmt: skip
    came = [move for move in posted if move.kind is MoveKind.TRANSFER_IN]
    ways = [
        (name, place, wanted, [move for move in came if move.warehouse == place])
        for name, place, wanted in (("in", out.to, got), ("back", out.warehouse, back))
    ]
    found = [
        move for *_, wanted, mine in ways for move in taken_back(mine, net(mine) - wanted, desk.just_now())
    ]
    at = behind((*came, *found), desk.just_now())
    for name, place, wanted, mine in ways:
        if wanted > net(mine):
            number = 1 + sum(not move.reverses for move in mine)
            head = _Head(
                key=key, source=out.source, sku=out.sku, warehouse=place, bin="", defective=out.defective
            )
            more = wanted - net(mine)
            found.append(
                _move(MoveKind.TRANSFER_IN, head, more, at, origin=out.move_id, parts=(name, str(number)))
            )  # fmt: skip
    _unchanged(cells, out, {"pieces": out.pieces}, TRANSFERS, desk)
    return found


def _purchase(key: str, cells: Cells, posted: Sequence[Posted], desk: Desk) -> list[Move]:
    moves = [one.move for one in posted]
    receipts = [move for move in moves if move.kind is MoveKind.PURCHASE]
    got, back = _figure(cells, "received"), _figure(cells, "sent_back")
    if back > got:
        raise _Slip(desk_say(desk, f"累计退货 {back} 多于累计实收 {got},请改", f"{back} sent back are more than the {got} received: correct it"))  # fmt: skip
    if not receipts and not got:
        return []
    head = _head(PURCHASES, key, cells, desk)
    if receipts and (head.sku, head.warehouse) != (receipts[0].sku, receipts[0].warehouse):
        raise _Slip(
            _posted_differs(PURCHASES, "stock_code" if head.sku != receipts[0].sku else "warehouse", desk)
        )
    more, now = got - back - net(receipts), desk.just_now()
    found: list[Move] = []
    if more > 0:
        number = 1 + sum(not move.reverses for move in receipts)
        found.append(_move(MoveKind.PURCHASE, head, more, now, _price(cells), parts=(str(number),)))
    elif more < 0:
        found = taken_back(receipts, -more, now)
    came = [move for move in (*receipts, *found) if not move.reverses]
    return [
        *found, *price_moves(_price(cells), posted, key, now), *freight_moves(_money(cells, "freight"), came, moves, key, now),
    ]  # fmt: skip


_READERS: Mapping[str, Callable[[str, Cells, Sequence[Posted], Desk], list[Move]]] = {
    COUNTS.name: _count, ENTRIES.name: _entry, TRANSFERS.name: _transfer, SHELVINGS.name: _shelving, PURCHASES.name: _purchase,
}  # fmt: skip
DOCUMENTS = (PURCHASES, COUNTS, ENTRIES, TRANSFERS, SHELVINGS)
"""The sheets that post."""


def _head(table: Table, key: str, cells: Cells, desk: Desk) -> _Head:
    sku = str(_needed(cells, "stock_code", table, desk)).strip()
    if sku not in desk.codes:
        raise _Slip(desk_say(
            desk, f"“商品”里没有编码“{sku}”,没有入账;请核对编码", f'No product has the code "{sku}": not posted. Check the code',
        ))  # fmt: skip
    place, bin_ = _place(cells.get("warehouse"), desk), bin_typed(cells.get("bin"))
    _exists(bin_, place, desk)
    return _Head(
        key=key, source=f"{table.name}/{key}", sku=sku, warehouse=place, bin=bin_, defective=cells.get("defective") is True,
    )  # fmt: skip


def _move(
    kind: MoveKind, head: _Head, pieces: int, at: datetime, unit_cost: Decimal | None = None, *, to: str = "",
    origin: str = "", parts: tuple[str, ...] = (),
) -> Move:  # fmt: skip
    return Move(
        move_id=move_id_of(kind, head.key, *parts), at=at, kind=kind, sku=head.sku, warehouse=head.warehouse,
        pieces=pieces, unit_cost=unit_cost, bin=head.bin, defective=head.defective, source=head.source, to=to, origin=origin,
    )  # fmt: skip


def _place(typed: Value, desk: Desk) -> str:
    place = desk.places.find(typed)
    if place is None:
        raise _Slip(desk.places.unknown(typed, desk.lang))
    return place


def _needed(cells: Cells, name: str, table: Table, desk: Desk) -> Value:
    value = cells.get(name)
    if value in (None, ""):
        header = table.column(name).header(desk.lang)
        raise _Slip(desk_say(desk, f"缺“{header}”,没有入账", f'"{header}" is empty: not posted'))
    return value


def _whole(cells: Cells, name: str, table: Table, desk: Desk, least: int | None) -> int:
    value = _needed(cells, name, table, desk)
    number = int(value) if isinstance(value, int | Decimal) else None
    header = table.column(name).header(desk.lang)
    if number is None or (least is not None and number < least):
        raise _Slip(
            desk_say(desk, f"“{header}”要不小于 {least or 0}", f'"{header}" must be {least or 0} or more')
        )
    return number


def _figure(cells: Cells, name: str) -> int:
    value = cells.get(name)
    return max(0, int(value)) if isinstance(value, int | Decimal) else 0


def _price(cells: Cells) -> Decimal | None:
    value = cells.get("unit_cost")
    return Decimal(value) if isinstance(value, int | Decimal) and value >= 0 else None


def _money(cells: Cells, name: str) -> Decimal:
    value = cells.get(name)
    return max(Decimal(0), Decimal(value)) if isinstance(value, int | Decimal) else Decimal(0)


def _time(cells: Cells, desk: Desk) -> datetime:
    at, before = cells.get("at"), cells.get("posted_at")
    if not isinstance(at, datetime):  # a row that outlived the ledger says when it was posted
        return before - timedelta(seconds=1) if isinstance(before, datetime) else desk.just_now()
    if at > desk.now + AHEAD:
        raise _Slip(desk_say(desk, f"时间 {clock_text(at)} 还没到,没有入账;请改时间", f"{clock_text(at)} is still to come: not posted"))  # fmt: skip
    return at


_BINS = frozenset({"bin", "from", "to"})
"""Cells of a document that name a bin."""


def _unchanged(cells: Cells, move: Move, said: Mapping[str, int | str], table: Table, desk: Desk) -> None:
    """A posted document stands; a row that says something else now is told so."""
    places = {"from": move.warehouse, "to": move.to} if table is TRANSFERS else {"warehouse": move.warehouse}
    for name, place in places.items():
        if desk.places.find(cells.get(name)) not in (place, None):
            raise _Slip(_posted_differs(table, name, desk))
    for name, value in {**said, "stock_code": move.sku}.items():
        typed = bin_typed(cells.get(name)) if name in _BINS else cells.get(name)
        if typed != value:
            raise _Slip(_posted_differs(table, name, desk))
    if table.has("unit_cost") and move.pieces > 0 and _price(cells) != move.unit_cost:
        raise _Slip(_posted_differs(table, "unit_cost", desk))


def _posted_differs(table: Table, name: str, desk: Desk) -> str:
    header = table.column(name).header(desk.lang)
    return desk_say(
        desk, f"已入账,“{header}”后来的改动没有生效;请改回来,要更正请红冲或新写一行",
        f'Already posted: the change of "{header}" does not count. Change it back; to correct it, reverse it or enter a new row',
    )  # fmt: skip


def desk_say(desk: Desk, zh: str, en: str) -> str:
    """The sentence in the desk's language."""
    return say(desk.lang, zh, en)
