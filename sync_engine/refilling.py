"""调拨建议: worked out once a day; a tick opens one row of 调拨, whatever happens in between.

The id of the row that is opened is made from goods, warehouse and the day of the proposal, so that opening it again is the
same row. That it stands in its sheet is noted beside the proposal only once it was seen there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from formulas.allocation import Level, Proposal, refill
from formulas.analysis import midnight
from formulas.moves import MoveKind
from sync_engine.painting import Painter
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stores.port import WriteReport
from workbook_templates.schema import Value
from workbook_templates.tables import REFILLS, TRANSFERS

DONE = "refilled_on"
DAYS = 28
Row = dict[str, Value]
Cells = Mapping[str, Value]


def plan_refills(state: TickState) -> None:
    """Work the proposals out where they are due; nothing to do in a shop with one warehouse."""
    journal, view, today = state.shop.journal, state.view, f"{state.now:%Y-%m-%d}"
    if len(state.reading.places.names) < 2:
        return
    if not state.request.propose:
        shown = (row.cells.get("proposed_at") for row in view.found[REFILLS.name].rows.values())
        if journal.meta(DONE) is None and any(
            isinstance(at, datetime) and f"{at:%Y-%m-%d}" == today for at in shown
        ):
            with journal.transaction():  # done before the journal was lost
                journal.set_meta(DONE, today)
        if journal.meta(DONE) == today:
            return
    rows = {_id(one): _row(state, one, levels) for one, levels in _proposals(state)}
    for key, cells in view.all(REFILLS.name).items():
        if key not in rows:
            rows[key] = {
                **{name: cells.get(name) for name in ("stock_code", "from", "to")},
                **_none(state, key),
            }
    state.refills, state.refills_due = dict(rows), True


def keep_refills(state: TickState, written: WriteReport) -> None:
    """Remember that today is done; proposals whose transfer was opened are looked at once more."""
    if written.pending:
        return
    with state.shop.journal.transaction():
        if state.refills_due:
            state.shop.journal.set_meta(DONE, f"{state.now:%Y-%m-%d}")
        state.shop.journal.rows.mark({REFILLS.name: state.refills_opened})


def _id(one: Proposal) -> str:
    return f"{one.sku}:{one.warehouse}"


def _proposals(state: TickState) -> Iterable[tuple[Proposal, Mapping[str, Level]]]:
    """Transfers that fill the warehouses that sell; where several give, the one that gives most stands for the day."""
    for code in sorted(state.shop.journal.moves.skus()):
        levels = _levels(state, code)
        found: dict[str, Proposal] = {}
        for one in refill(levels.values(), lambda source, to: _distance(state, source, to)):
            held = found.get(one.warehouse)
            if one.source and (held is None or held.pieces < one.pieces):
                found[one.warehouse] = one
        yield from ((one, levels) for one in found.values())


def _distance(state: TickState, source: str, to: str) -> Decimal:
    """Near is the same province, where both say where they lie; nobody knows what a transfer costs."""
    senders = state.reading.places.senders
    near = source in senders and to in senders and senders[source].province == senders[to].province
    return Decimal(0 if near else 1)


def _levels(state: TickState, code: str) -> dict[str, Level]:
    journal, places, policy = state.shop.journal, state.reading.places, state.reading.policy
    balances, opened = journal.moves.balances(code), _opened(state, code)
    found = {}
    for place in places.names:
        daily = _daily(state, code, place) if place not in places.not_for_sale else Decimal(0)
        held = balances.get(place)
        there = held.on_hand - held.reserved + held.in_transit if held else 0
        found[place] = Level(
            sku=code, warehouse=place, available=there + opened.get(place, 0),
            minimum=_up(daily * policy.number("transfer_days")), target=_up(daily * policy.number("transfer_cover")),
        )  # fmt: skip
    return found


def _up(pieces: Decimal) -> int:
    return int(pieces.to_integral_value(ROUND_CEILING))


def _daily(state: TickState, code: str, place: str) -> Decimal:
    """Pieces a day that left this warehouse, over the last whole days."""
    if code not in state.sold_in:
        end, sold = midnight(state.now), dict[str, int]()
        for one in state.shop.journal.moves.of_sku(code):
            move = one.move
            if (
                move.kind is MoveKind.SALE
                and not move.reverses
                and end - timedelta(days=DAYS) <= move.at < end
            ):
                sold[move.warehouse] = sold.get(move.warehouse, 0) + move.pieces
        state.sold_in[code] = sold
    return Decimal(state.sold_in[code].get(place, 0)) / DAYS


def _opened(state: TickState, code: str) -> dict[str, int]:
    """Pieces of transfers that are written down and not sent yet, by warehouse: more to come, less to give."""
    found: dict[str, int] = {}
    for cells in state.view.all(TRANSFERS.name).values():
        pieces, places = cells.get("pieces"), state.reading.places
        if (
            cells.get("stock_code") != code
            or cells.get("sent") is True
            or not isinstance(pieces, int | Decimal)
        ):
            continue
        for name, sign in (("from", -1), ("to", 1)):
            place = places.find(cells.get(name))
            if place:
                found[place] = found.get(place, 0) + sign * int(pieces)
    return found


def _row(state: TickState, one: Proposal, levels: Mapping[str, Level]) -> Row:
    places, lang, daily = state.reading.places, state.shop.lang, _daily(state, one.sku, one.warehouse)
    to, source = levels[one.warehouse], levels[one.source]
    days, cover = (state.reading.policy.number(name) for name in ("transfer_days", "transfer_cover"))
    shown = daily.quantize(Decimal("0.01"))
    names = (places.names[one.source], places.names[one.warehouse])
    return {
        "refill_id": _id(one), "stock_code": one.sku, "from": names[0], "to": names[1], "pieces": one.pieces,
        "available": to.available, "daily": shown, "proposed_at": state.now,
        "why": say(
            lang,
            f"{names[1]}日均 {shown} × {days} 天 = {to.minimum},可用 {to.available} 不够;补到 {cover} 天 = {to.target},差 {to.target - to.available};"
            f"{names[0]}可用 {source.available},自己留 {source.target},调 {one.pieces} 件",
            f"{names[1]} ships {shown} a day × {days} days = {to.minimum}, and has {to.available}; up to {cover} days = {to.target}, "
            f"{to.target - to.available} missing; {names[0]} has {source.available} and keeps {source.target}: move {one.pieces}",
        ),
    }  # fmt: skip


def _none(state: TickState, key: str) -> Row:
    why = say(state.shop.lang, "现在不用调", "Not needed now")
    return {
        "refill_id": key,
        "pieces": None,
        "available": None,
        "daily": None,
        "why": why,
        "proposed_at": state.now,
    }


def show_refills(painter: Painter) -> None:
    """The proposals, and the rows of 调拨 that ticks ask for."""
    state, view = painter.state, painter.view
    found = view.found[REFILLS.name]
    dirty = state.shop.journal.rows.marked(REFILLS.name)
    wanted = {*found.rows, *found.restore, *dirty, *state.refills}
    view.load(REFILLS.name, wanted)
    for key in sorted(wanted):
        cells = view.cells(REFILLS.name, key)
        base = view.base(REFILLS.name, key) or (cells if key not in state.refills else None) or {}
        row = state.refills.get(key) or {name: base.get(name) for name in _OURS}
        if not row.get("refill_id"):
            painter.rest(REFILLS, key)
            continue
        painter.paint(REFILLS, key, {**row, **_obeyed(painter, cells or {}, {**base, **row})})


_OURS = tuple(column.name for column in REFILLS.ours)


def _obeyed(painter: Painter, cells: Cells, row: Cells) -> Row:
    """Open what is ticked; the row's own cells about it."""
    state, view, lang = painter.state, painter.view, painter.state.shop.lang
    held = str(cells.get("transfer_id") or row.get("transfer_id") or "")
    if cells.get("go") is not True:
        return {"transfer_id": "", "problem": ""}
    if held:
        return {"transfer_id": held, "problem": ""}
    at, pieces = row.get("proposed_at"), row.get("pieces")
    if not isinstance(pieces, int) or not isinstance(at, datetime):
        return {
            "transfer_id": "",
            "problem": say(
                lang, "打了勾,但现在不用调;请清空勾选", "Ticked, but nothing is needed now: clear it"
            ),
        }
    key = f"T{at:%y%m%d}-{row.get('stock_code')}-{str(row['refill_id']).rpartition(':')[2]}"
    if view.cells(TRANSFERS.name, key) is not None or view.base(TRANSFERS.name, key) is not None:
        return {"transfer_id": key, "problem": ""}
    first = {name: row.get(name) for name in ("stock_code", "from", "to", "pieces")}
    painter.paint(
        TRANSFERS,
        key,
        {"transfer_id": key, "in_transit": None, "state": "draft", "sent_at": None, "problem": ""},
        first,
    )
    state.refills_opened.add(str(row["refill_id"]))
    return {"transfer_id": "", "problem": ""}
