"""Parcels that came back: rows of 退货登记 matched with refunds, waybills and orders, and kept ready for the stock ledger.

What a row counts goes through its order's lines (`plan/moving.py`), like what is typed in 订单明细: posted once, at the cost
of its sale, corrected by the difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sync_engine.parcel import Package
from sync_engine.plan.returning import (
    Candidate,
    Counted,
    Matched,
    Reading,
    goods_text,
    matched_from_text,
    matched_text,
    named_by,
    no_match,
    pick,
    read_row,
    scanned,
)
from sync_engine.plan.sheet import number_of
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.todo import Todo
from sync_engine.trade import REFUND_OPEN, Refund, Trade
from sync_engine.view import Cells
from workbook_templates.schema import KEY_SEPARATOR, Value
from workbook_templates.tables import ORDERS, RETURNS, TODO

WAITING = "returns_waiting"
"""Rows that are not matched, not counted, or of goods without a refund: looked at again whenever anything changes."""
_ALIVE = REFUND_OPEN | {"SUCCESS", "WAIT_SELLER_CONSIGN_GOODS", "EXCHANGE_TRANSFORM_TO_REFUND"}


@dataclass(slots=True, kw_only=True)
class _Known:
    """What the journal knows of the numbers on these rows."""

    trades: dict[str, Trade] = field(default_factory=dict)
    refunds: dict[str, list[Refund]] = field(default_factory=dict)  # by order
    by_number: dict[str, list[Refund]] = field(default_factory=dict)  # by refund number and by return waybill
    parcels: dict[str, list[Package]] = field(default_factory=dict)  # by our waybill
    packages: dict[str, list[Package]] = field(default_factory=dict)  # by order


def take_returns(state: TickState) -> None:
    """Read every row of 退货登记 that changed or waits; mark the orders whose goods came back. Inside the transaction."""
    journal, view = state.shop.journal, state.view
    _ask_for_refunded(state)
    found = view.found[RETURNS.name]
    for key in found.accept:
        journal.rows.mark({ORDERS.name: journal.returns.put(key, [])})
    keys = {*found.rows, *found.restore, *journal.rows.marked(RETURNS.name)}
    keys |= set((journal.meta(WAITING) or "").split())
    keys -= {*found.accept, *found.asking}
    if not (keys or found.accept) or not found.usable:
        return
    view.load(RETURNS.name, keys)
    rows = {key: view.typed(RETURNS.name, key) for key in keys}
    matches = {key: _matched_before(state, key, cells) for key, cells in rows.items()}
    known = _look_up(state, rows, matches)
    waiting, todos = set[str](), list[Todo]()
    for key in sorted(rows, key=lambda one: (matches[one] is None, number_of(one), one)):
        reading, lines = _read(state, key, rows[key], matches[key], known)
        tids = journal.returns.put(key, reading.counted)
        journal.rows.mark({ORDERS.name: tids})
        _ask_for(state, tids - known.trades.keys())
        refunded = any(one.refund_id for one in lines)
        if scanned(rows[key]) and (reading.state != "counted" or not refunded):
            waiting.add(key)
        todos += _todos(state, key, reading, lines, refunded=refunded)
    journal.set_meta(WAITING, " ".join(sorted(waiting)))
    journal.rows.mark({RETURNS.name: keys})
    subjects = {f"{RETURNS.name}/{key}" for key in (*keys, *found.accept)}
    changed, new = journal.todos.settle(subjects, todos, state.now)
    journal.rows.mark({TODO.name: changed})  # shown also if we die before the workbook is written
    state.todo_ids |= changed
    state.new_todos += new


def _matched_before(state: TickState, key: str, cells: Cells) -> Matched | None:
    """What the row was matched with, as we wrote it; nothing where another number was scanned since."""
    ours = state.view.base(RETURNS.name, key) or cells
    matched = matched_from_text(ours.get("lines"))
    return matched if matched and matched.by == named_by(cells) else None


def _look_up(state: TickState, rows: Mapping[str, Cells], matches: Mapping[str, Matched | None]) -> _Known:
    """Everything about these rows at once."""
    mirror, known = state.shop.journal.mirror, _Known()
    new = {scanned(cells) for key, cells in rows.items() if matches[key] is None}
    new |= {str(cells.get("scan") or "").strip() for key, cells in rows.items() if matches[key] is None}
    new.discard("")
    tids = {tid for matched in matches.values() if matched for tid, _, _ in matched.lines} | new
    if new:
        for refund in mirror.refunds(new).values():
            known.by_number[refund.refund_id] = [refund]
        for sid, refunds in mirror.refunds_by_waybill(new).items():
            known.by_number.setdefault(sid, []).extend(refunds)
        known.parcels = mirror.packages_by_waybill(new)
        tids |= {one.tid for refunds in known.by_number.values() for one in refunds}
        tids |= {one.tid for parts in known.parcels.values() for one in parts}
    known.trades = mirror.trades(tids)
    known.refunds, known.packages = mirror.refunds_of(tids), mirror.packages_of(tids)
    return known


def _read(
    state: TickState, key: str, cells: Cells, matched: Matched | None, known: _Known
) -> tuple[Reading, list[Candidate]]:
    """One row read, and shown."""
    lang, number = state.shop.lang, scanned(cells)
    if not number:
        empty = Reading()
        state.returns[key] = _row(state, key, cells, empty, [], None)
        return empty, []
    candidates = _of_match(matched, known) if matched else _of_number(number, cells, known)
    lines = candidates if matched else pick(candidates, cells)
    if not lines:
        reading = Reading(problem=no_match(candidates, cells, lang))
    elif all(one.sent <= 0 for one in lines):
        reading = Reading(problem=say(
            lang, "这一单的货还没发出,不会有退货;请核对号码", "These goods have not been sent yet: check the number"
        ))  # fmt: skip
    else:
        others = _others(state, key, lines)
        reading = read_row(
            key, _with_time(state, key, cells), lines, others, state.now, lang,
            uncounted_good=state.reading.policy.setting("return_uncounted") == "good",
        )  # fmt: skip
        if matched is None and reading.state == "counted":
            matched = Matched(
                by=named_by(cells), lines=tuple((one.tid, one.oid, one.expected) for one in lines)
            )
    state.returns[key] = _row(state, key, cells, reading, lines, matched)
    return reading, lines


def _with_time(state: TickState, key: str, cells: Cells) -> Cells:
    """The row with the time we gave it, whatever was typed over that."""
    ours = state.view.base(RETURNS.name, key) or cells
    return {**cells, "received_at": ours.get("received_at")}


def _others(state: TickState, key: str, lines: Iterable[Candidate]) -> dict[str, int]:
    counted = state.shop.journal.returns.of_orders({one.tid for one in lines})
    return {oid: sum(one.pieces for one in found if one.return_id != key) for oid, found in counted.items()}


def _of_match(matched: Matched, known: _Known) -> list[Candidate]:
    """The lines a row was matched with; where their order is not known any more, as the row itself says."""
    return [
        _candidate(tid, oid, known, expected=pieces)
        or Candidate(tid=tid, oid=oid, expected=pieces, sent=pieces, refund_id=_refund_of(tid, oid, known))
        for tid, oid, pieces in matched.lines
    ]


def _of_number(number: str, cells: Cells, known: _Known) -> list[Candidate]:
    """What a number stands for: a refund, the waybill of a return, our own waybill, or an order."""
    for one in dict.fromkeys((number, str(cells.get("scan") or "").strip())):
        if refunds := known.by_number.get(one):
            alive = [refund for refund in refunds if refund.status != "CLOSED"]
            return [_of_refund(refund, known) for refund in alive or refunds]
        if parts := known.parcels.get(one):
            left = [part for part in parts if part.state == "shipped"]
            return _of_lines(((part.tid, oid) for part in left or parts for oid in part.oids), known)
        if trade := known.trades.get(one):
            sent = [(trade.tid, line.oid) for line in trade.lines if _sent(trade, line.oid, known)]
            return _of_lines(sent or ((trade.tid, line.oid) for line in trade.lines), known)
    return []


def _of_refund(refund: Refund, known: _Known) -> Candidate:
    found = _candidate(refund.tid, refund.oid, known, expected=refund.num, refund_id=refund.refund_id)
    return found or Candidate(
        tid=refund.tid, oid=refund.oid, code=refund.outer_id, name=refund.title, expected=refund.num or 1, sent=refund.num or 1,
        refund_id=refund.refund_id,
    )  # fmt: skip


def _of_lines(lines: Iterable[tuple[str, str]], known: _Known) -> list[Candidate]:
    found = (_candidate(tid, oid, known) for tid, oid in dict.fromkeys(lines))
    return [one for one in found if one]


def _candidate(
    tid: str, oid: str, known: _Known, *, expected: int = 0, refund_id: str = ""
) -> Candidate | None:
    trade = known.trades.get(tid)
    line = next((one for one in trade.lines if one.oid == oid), None) if trade else None
    if trade is None or line is None:
        return None
    return Candidate(
        tid=tid, oid=oid, code=line.outer_id, name=line.sku_text or line.title, expected=min(expected, line.num) or line.num,
        sent=line.num if _sent(trade, oid, known) else 0, refund_id=refund_id or _refund_of(tid, oid, known),
    )  # fmt: skip


def _sent(trade: Trade, oid: str, known: _Known) -> bool:
    told = any(line.oid == oid and line.was_shipped for line in trade.lines)
    return told or any(p.state == "shipped" and oid in p.oids for p in known.packages.get(trade.tid, ()))


def _refund_of(tid: str, oid: str, known: _Known) -> str:
    """The refund a line's goods came back for, the newest that was not withdrawn or refused; "" where there is none."""
    own = [one for one in known.refunds.get(tid, ()) if one.oid == oid and one.status in _ALIVE]
    return max(own, key=lambda one: one.modified).refund_id if own else ""


def _row(
    state: TickState, key: str, cells: Cells, reading: Reading, lines: Iterable[Candidate], matched: Matched | None
) -> dict[str, Value]:  # fmt: skip
    held: list[Candidate] = list(lines)
    counted: tuple[Counted, ...] = reading.counted
    before = _with_time(state, key, cells).get("received_at")
    return {
        "return_id": key, "state": reading.state if scanned(cells) else None, "problem": reading.problem,
        "goods": goods_text(held, state.shop.lang), "order": " ".join(dict.fromkeys(one.tid for one in held)),
        "refund": " ".join(dict.fromkeys(one.refund_id for one in held if one.refund_id)),
        "received_at": counted[0].at if counted else before if matched else None, "lines": matched_text(matched) if matched else "",
    }  # fmt: skip


def _ask_for(state: TickState, tids: Collection[str]) -> None:
    """Orders nobody knows here are asked for at the next look, so that their goods can be posted."""
    journal = state.shop.journal
    if not tids:
        return
    wanted = [*(journal.meta("ask") or "").split(), *sorted(tids)]
    journal.set_meta("ask", " ".join(dict.fromkeys(wanted)))


def _ask_for_refunded(state: TickState) -> None:
    """Refunds of orders older than what was looked at: those orders are wanted too."""
    tids = {refund.tid for refund in state.seen.refunds.values() if refund.status != "CLOSED"}
    if tids:
        _ask_for(state, tids - state.shop.journal.mirror.trades(tids).keys() - state.seen.missing)


def _todos(
    state: TickState, key: str, reading: Reading, lines: Iterable[Candidate], *, refunded: bool
) -> list[Todo]:
    lang, cells = state.shop.lang, state.view.typed(RETURNS.name, key)
    number = str(cells.get("scan") or "").strip()
    subject = f"{RETURNS.name}{KEY_SEPARATOR}{key}"
    if number and reading.problem:
        return [Todo(
            code="return_stuck", subject=subject, table=RETURNS.name, row_key=key,
            reason=say(lang, f"退货 {number} 没有登记上", f"The return {number} is not counted"), advice=reading.problem,
        )]  # fmt: skip
    if reading.state == "counted" and not refunded:
        orders = say(lang, "、", ", ").join(dict.fromkeys(one.tid for one in lines))
        return [Todo(
            code="return_without_refund", subject=subject, table=RETURNS.name, row_key=key,
            reason=say(lang, f"收到订单 {orders} 的退货,没有对应的退款", f"Goods of order {orders} came back, and no refund is asked for"),
            advice=say(lang, "联系买家:请买家申请退款,或把货寄回;有了退款自动消", "Ask the buyer to apply for a refund, or send the goods back; it goes once there is a refund"),
        )]  # fmt: skip
    return []
