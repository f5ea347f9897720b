"""手工订单 in a tick: its rows are read whole each time, as their plain personal data is kept nowhere else; what they came to is shown
beside them, and some days after the parcel left name, phone and address are wiped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sync_engine.gather import Request
from sync_engine.journal.journal import Journal
from sync_engine.mask import mask_name, mask_phone, mask_street
from sync_engine.ownshop import OwnCarrier, OwnShop, left_with
from sync_engine.ownsources import find_sources, note_asked
from sync_engine.painting import Painter
from sync_engine.plan.ownlines import late_text, line_shown
from sync_engine.plan.ownorders import OWN, Goods, Own, Sent, is_own, new_number, owners, read_own
from sync_engine.plan.resupply import KINDS, Source, stopped_late
from sync_engine.plan.words import say
from sync_engine.state import Shop, TickState
from sync_engine.stores.port import Snapshot
from sync_engine.todo import Todo
from sync_engine.trade import Line
from sync_engine.view import Cells, View
from workbook_templates.schema import Value
from workbook_templates.tables import LINES, ORDERS, OWN_ORDERS, PRODUCTS, TODO, WAYBILLS

NAME = OWN_ORDERS.name
WIPE_AT = "own_wipe_at"


def read_whole(known: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """What a store is told is known: nothing of 手工订单, so that all its rows are read."""
    return {name: rows for name, rows in known.items() if name != NAME}


def set_aside(
    snapshot: Snapshot, known: Mapping[str, Mapping[str, str]]
) -> tuple[Snapshot, dict[str, Cells]]:
    """(the snapshot as if known rows had been left out, every row as it stands)."""
    view = snapshot.tables[NAME]
    rows: dict[str, Cells] = {row.key: row.cells for row in view.changed}
    held = known.get(NAME, {})
    there = {*rows, *(row.key for row in view.doubled)}
    changed = tuple(row for row in view.changed if held.get(row.key) != row.digest)
    gone = tuple(key for key in held if key not in there) if view.usable else ()
    seen = replace(view, changed=changed, gone=gone)
    return replace(snapshot, tables={**snapshot.tables, NAME: seen}), rows


def with_own(shop: Shop, view: View) -> Shop:
    """The shop with the one behind 手工订单 beside it, where that has or had any order."""
    rows, journal = view.plain, shop.journal
    if not rows and not journal.meta("own_orders_known"):
        return shop
    own = OwnShop(journal=journal, clock=shop.clock, lang=shop.lang)
    read = _read(shop, view, own) if rows else {}
    own.look(read, rows, _shown_left(view), _deleted(view), _shown_lines(view))
    outside = shop.outside
    carrier = OwnCarrier(outside.own_carrier or outside.carrier, outside.carrier_of, own)
    return replace(shop, own=own, outside=replace(
        outside, more_shops={**outside.more_shops, OWN: own}, more_carriers={**outside.more_carriers, OWN: carrier},
    ))  # fmt: skip


def _read(shop: Shop, view: View, own: OwnShop) -> dict[str, Own]:
    """Every row, plain orders first: a reshipment may be sent after one of them."""
    rows, journal, owner = view.plain, shop.journal, owners(view.plain)
    codes = own.codes = own.codes or _codes(view)
    known = {*(journal.meta("own_orders_known") or "").split(), *view.found[ORDERS.name].rows}
    taken = {key for key, cells in rows.items() if str(cells.get("order") or "") in known}

    def read(key: str, source: Source | None = None) -> Own:
        number = str(rows[key].get("order") or "")
        return read_own(
            key, rows[key], owner=owner.get(number) == key, taken=key in taken, codes=codes, lang=shop.lang, source=source
        )  # fmt: skip

    plain = {key: read(key) for key, cells in rows.items() if cells.get("kind") not in KINDS}
    if len(plain) == len(rows):
        return plain
    sources = find_sources(journal, view, rows, plain, taken, shop.clock.now(), shop.lang)
    own.asks = sources.asks
    return {key: plain[key] if key in plain else read(key, sources.by_row[key]) for key in rows}


def with_asks(shop: Shop, request: Request) -> Request:
    """The request with the orders that reshipments and exchanges are sent after, where they are to be asked for anew."""
    asks = shop.own.asks if shop.own else ()
    return replace(request, ask=(*request.ask, *asks)) if asks else request


def _deleted(view: View) -> list[str]:
    """Orders whose row somebody deleted."""
    gone = () if view.turned_back else view.found[NAME].accept
    view.load(NAME, gone)
    return [str((view.base(NAME, key) or {}).get("order") or "") for key in gone]


def _codes(view: View) -> dict[str, Goods]:
    found: dict[str, Goods] = {}
    for key, cells in view.all(PRODUCTS.name).items():
        code, item = str(cells.get("outer_id") or ""), str(cells.get("num_iid") or key)
        if code:
            found.setdefault(code, Goods(
                code=code, num_iid=item, sku_id="" if key == item else key, title=str(cells.get("title") or ""),
                sku_text=str(cells.get("sku_text") or ""),
            ))  # fmt: skip
    return found


def _shown_left(view: View) -> dict[str, Sent]:
    """What 运单 says left of own orders."""
    found: dict[str, dict[str, tuple[str, datetime]]] = {}
    for row in view.found[WAYBILLS.name].rows.values():
        cells, at = row.cells, row.cells.get("shipped_at")
        tid = str(cells.get("tid") or "")
        if is_own(tid) and cells.get("state") == "shipped" and isinstance(at, datetime):
            code = str(cells.get("waybill_code") or "")
            found.setdefault(tid, {}).update(dict.fromkeys(str(cells.get("oids") or "").split(), (code, at)))
    return dict(found)


def _shown_lines(view: View) -> dict[str, list[Line]]:
    """Lines of own orders whose rows were read."""
    found: dict[str, list[Line]] = {}
    for row in view.found[LINES.name].rows.values():
        if is_own(tid := str(row.cells.get("tid") or "")):
            found.setdefault(tid, []).append(line_shown(row.cells))
    return {tid: sorted(lines, key=lambda line: (len(line.oid), line.oid)) for tid, lines in found.items()}


def own_due(journal: Journal, now: datetime) -> bool:
    """Whether something is to be wiped."""
    at = journal.moment(WIPE_AT)
    return at is not None and now >= at


def mind_own(state: TickState) -> None:
    """What is taken is remembered, what needs a person is told. Inside the transaction."""
    own = state.shop.own
    if own is None:
        return
    own.remember()
    note_asked(state.shop.journal, own.asks, state.seen.missing, state.seen.unasked, state.now)
    if any(row.source for row in own.rows.values()):  # what Tmall told of refunds and what came back since
        own.rows = _read(state.shop, state.view, own)
    lang, todos, subjects = state.shop.lang, list[Todo](), {f"{NAME}/{key}" for key in own.rows}
    for key, row in own.rows.items():
        if row.state == "person":
            todos.append(Todo(
                code="own_order", subject=f"{NAME}/{key}", table=NAME, row_key=key,
                reason=say(lang, f"手工订单 {key} 还不能发", f"Own order {key} cannot be sent yet"), advice=row.problem,
            ))  # fmt: skip
    changed, new = state.shop.journal.todos.settle(subjects, todos, state.now)
    state.shop.journal.rows.mark({TODO.name: changed})
    state.todo_ids |= changed
    state.new_todos += new


def show_own(painter: Painter) -> None:
    """Rows of 手工订单: what was understood, their number, and what is wiped."""
    state, view = painter.state, painter.view
    own = state.shop.own
    if own is None:
        return
    days = timedelta(days=float(state.reading.policy.number("own_days")))
    wipes: list[datetime] = []
    view.load(NAME, own.rows)
    refused = _refused(painter)
    for key, row in own.rows.items():
        cells, trade = view.plain[key], own.trades.get(row.order)
        sent = left_with(painter.journal, row.order) or _when(own, row)
        lines = trade.lines if trade else ()
        gone = row.wiped or (bool(sent) and all(line.was_shipped or line.refunded for line in lines))
        due = max(at for _, at in sent.values()) + days if gone and sent and _has_secrets(cells) else None
        wiped = cells.get("wiped_at")
        late = stopped_late(row.source, _codes_of(sent), state.shop.lang) if gone and row.source else ""
        booked = state.booked.get(key, "" if state.books else _no_books(state, cells))
        changed = late_text(state.shop.lang) if row.order in own.late else ""
        problem = late or changed if gone else row.problem or row.hold or refused.get(row.order, changed)
        painter.paint(
            OWN_ORDERS, key, {**_row(state, row, cells, gone=gone, wipe=due is not None and due <= state.now), "problem": problem, "booked": booked}
        )  # fmt: skip
        if due is not None and wiped is None and due <= state.now:
            _wipe(painter, key, cells)
        elif due is not None and wiped is None:
            wipes.append(due)
    for key in view.found[NAME].restore:
        painter.rest(OWN_ORDERS, key)
    with painter.journal.transaction():
        if wipes:
            painter.journal.set_moment(WIPE_AT, min(wipes))
        else:
            painter.journal.set_meta(WIPE_AT, "")


def _no_books(state: TickState, cells: Cells) -> str:
    typed = isinstance(cells.get("received_on"), datetime)
    return (
        say(state.shop.lang, "没有入账:设置“自动记账”没打开", "Not posted: Keep the books is off")
        if typed
        else ""
    )


def _has_secrets(cells: Cells) -> bool:
    return any(cells.get(name) for name in ("receiver", "phone", "address"))


def _codes_of(sent: Sent) -> str:
    return " ".join(dict.fromkeys(code for code, _ in sent.values() if code))


def _refused(painter: Painter) -> dict[str, str]:
    """Orders whose parcel got no waybill, with what the courier said and what to do."""
    own, lang = painter.state.shop.own, painter.state.shop.lang
    by_order = {row.order: row for row in own.rows.values() if row.state == "taken"} if own else {}
    found = {}
    for tid, packages in painter.journal.mirror.packages_of(by_order).items():
        why = next((one.problem for one in packages if one.state == "refused"), "")
        if why:
            hint = by_order[tid].borrowed
            found[tid] = say(
                lang, f"没取到单号:{why}{';买家地址(OAID)用不了时,在这一行填收货人、电话、地址' if hint else ''}",
                f"No waybill: {why}{'; where the buyer cannot be reached by OAID any more type receiver, phone and address here' if hint else ''}",
            )  # fmt: skip
    return found


def _when(own: OwnShop, row: Own) -> Sent:
    trade = own.trades.get(row.order)
    lines = trade.lines if trade else ()
    return {line.oid: (line.invoice_no, line.consign_time) for line in lines if line.consign_time}


def _row(state: TickState, row: Own, cells: Cells, *, gone: bool, wipe: bool) -> dict[str, Value]:
    place, number, at = row.place, row.order, cells.get("taken_at")
    shown = str(cells.get("order") or "")
    if not number and (not shown or cells.get("ready") is not True):
        number, at = new_number(row.own_id, state.now), state.now
    done = cells.get("wiped_at") is not None or wipe
    told = {} if done else {
        "province": place.province, "city": place.city, "district": place.district,
        "sure": place.confidence if cells.get("address") else None,
    }  # fmt: skip
    return {
        "own_id": row.own_id, "state": "sent" if gone else "waiting" if row.hold else row.state,
        "order": number or shown, "taken_at": at if isinstance(at, datetime) else state.now,
        "wiped_at": cells.get("wiped_at") or (state.now if wipe else None), **told,
    }  # fmt: skip


def _wipe(painter: Painter, key: str, cells: Cells) -> None:
    """Name, phone and address of one row become what a label may show."""
    masked: dict[str, Value] = {
        "receiver": mask_name(str(cells.get("receiver") or "")), "phone": mask_phone(str(cells.get("phone") or "")),
        "address": mask_street(str(cells.get("address") or "")),
    }  # fmt: skip
    painter.put(OWN_ORDERS, key, masked)
