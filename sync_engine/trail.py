"""Who changed what when: noted as rows are settled, and read back for one document with everything else that is known of it.

A sync sees what changed, not who typed: who saved the file last is told where the file tells it, and the time is that of the
sync that saw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sync_engine.intent import IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.journal.trail import Change
from sync_engine.mask import mask_text
from sync_engine.parcel import Package
from sync_engine.plan.merge import shown
from sync_engine.plan.ownorders import is_own, row_of
from sync_engine.plan.words import label, say
from sync_engine.stores.port import SheetRow, same
from sync_engine.trade import Trade
from workbook_templates.bill_items import ITEM_CHOICES
from workbook_templates.commands import COMMANDS_BY_NAME
from workbook_templates.schema import Column, Kind, Lang, Owner, Table, Value
from workbook_templates.settings import SETTINGS_LIST
from workbook_templates.tables import (
    BILLS,
    BY_NAME,
    LINES,
    LOG,
    ORDERS,
    OWN_ORDERS,
    PERIODS,
    POSTINGS,
    PRODUCTS,
    REFUNDS,
    RETURNS,
    SETTINGS,
    TODO,
    WAYBILLS,
)
from workbook_templates.tables.choices import MOVE_KINDS

Cells = Mapping[str, Value]
Document = tuple[str, str]
"""Table and key."""
KEPT = timedelta(days=180)
MOST = 400
"""Events of one document that are told: the newest."""
_UNTOLD = frozenset({TODO.name, LOG.name})
_OURS: Mapping[str, frozenset[str]] = {
    ORDERS.name: frozenset({"stage", "status", "refund_status", "audit", "courier", "waybill_codes", "warehouse", "total_amount"}),
    LINES.name: frozenset({"status", "refund_status", "waybill_code", "package_id"}),
    WAYBILLS.name: frozenset({"state", "waybill_code", "cp_code", "track_state", "new_told", "batch"}),
    REFUNDS.name: frozenset({"status", "back", "answer_told", "fee", "sent"}), OWN_ORDERS.name: frozenset({"state"}), RETURNS.name: frozenset({"state"}),
    PRODUCTS.name: frozenset({"price"}), PERIODS.name: frozenset({"state"}),
}  # fmt: skip
"""Cells of ours whose changes tell a document's way; all that people type is told."""


def changes_of(
    table: Table, before: Mapping[str, Cells], rows: Iterable[SheetRow], at: datetime, who: Callable[[], str]
) -> Iterator[Change]:
    """What differs in rows that were known before."""
    if table.name in _UNTOLD:
        return
    ours = _OURS.get(table.name, frozenset())
    told = [
        column for column in table.columns
        if (column.owner is Owner.STAFF or column.name in ours) and not column.pii and not column.hidden
    ]  # fmt: skip
    for row in rows:
        base = before.get(row.key)
        if base is None:
            continue
        names = [c for c in told if c.name in row.cells and not same(row.cells[c.name], base.get(c.name))]
        if names:
            typed = any(column.owner is Owner.STAFF for column in names)
            yield Change(
                at=at, table=table.name, key=row.key, who=who() if typed else "",
                old={c.name: _masked(base.get(c.name)) for c in names}, new={c.name: _masked(row.cells[c.name]) for c in names},
            )  # fmt: skip


def _masked(value: Value) -> Value:
    """A phone somebody typed into a note is not kept."""
    return mask_text(value) if isinstance(value, str) else value


class Cause(IntEnum):
    """What comes before what where both are of one second: a sync works from the first to the last."""

    TMALL = 0  # what happened there
    STAFF = 1  # what people typed
    CALL = 2  # what was done outside
    OURS = 3  # what our cells and the ledger said then
    FOUND = 4  # what needed a person, or no longer did


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a document."""

    at: datetime
    who: str
    where: str  # sheet and key
    what: str
    cause: Cause


def history_of(journal: Journal, typed: str, lang: Lang) -> list[Event]:
    """Everything known of a document, oldest first, in the order of cause where it is of one second: an order, parcel, waybill, refund, setting or any other row by its key.
    Empty where nothing is.
    """
    documents = documents_of(journal, typed.strip(), lang)
    if not documents:
        return []
    events = [
        *_changes(journal, documents, lang),
        *_times(journal, documents, lang),
        *_effects(journal, documents, lang),
        *_findings(journal, documents, lang),
        *_moves(journal, documents, lang),
        *_booked(journal, documents, lang),
        *_put_back(journal, documents, lang),
    ]
    ordered = sorted(dict.fromkeys(events), key=lambda one: (one.at, one.cause))
    return ordered[-MOST:]


def documents_of(journal: Journal, key: str, lang: Lang) -> list[Document]:
    """The rows a key means: an order with its lines, parcels and refunds, and what was sent after it; one parcel; else every
    row so called.
    """
    trade = journal.mirror.trades([key]).get(key)
    if trade is not None:
        sent_after = journal.mirror.sent_after(key)
        return [document for one in (trade, *sent_after) for document in _of_order(journal, one)]
    packages = journal.mirror.packages_by_waybill([key]).get(key, [])
    if packages:
        return _parcels(packages)
    for setting in SETTINGS_LIST:
        if key in (setting.name, setting.label_zh, setting.label_en):
            return [(SETTINGS.name, setting.name)]
    vouchers = journal.vouchers.get([key])
    if vouchers:
        bill = vouchers[key].ref.removeprefix("bill:")
        return [(POSTINGS.name, key), *([(BILLS.name, bill)] if bill != vouchers[key].ref else [])]
    held = {table for table in BY_NAME if _cells_of(journal, table, key)}
    return [(table, key) for table in BY_NAME if table in held | journal.trail.tables_of(key)]


def _of_order(journal: Journal, trade: Trade) -> Iterator[Document]:
    """An order with its lines, parcels and refunds, and its row of 手工订单 where it stands there."""
    tid = trade.tid
    yield ORDERS.name, tid
    yield from ((LINES.name, line.oid) for line in trade.lines)
    yield from _parcels(journal.mirror.packages_of([tid]).get(tid, []))
    yield from ((REFUNDS.name, refund.refund_id) for refund in journal.mirror.refunds_of([tid]).get(tid, []))
    if is_own(tid):
        yield OWN_ORDERS.name, row_of(tid)


def _cells_of(journal: Journal, table: str, key: str) -> Cells:
    """A row as last settled, or as it was moved to an archive; nothing where it is not known."""
    known = journal.rows.get(table, [key]).get(key)
    if known is None and table == BILLS.name:
        return journal.bill_archive.known([key]).get(key, {})
    return known or {}


def _parcels(packages: Iterable[Package]) -> list[Document]:
    return [(WAYBILLS.name, package.package_id) for package in packages]


def _where(document: Document, lang: Lang) -> str:
    table, key = document
    return f"{BY_NAME[table].sheet(lang)} {key}"


def _by(owner: Owner, who: str, lang: Lang) -> str:
    if owner is Owner.STAFF:
        return who or say(lang, "店里的人", "staff")
    return say(lang, "天猫", "Tmall") if owner is Owner.TMALL else say(lang, "表猫", "Biaomao")


def _cause(owner: Owner) -> Cause:
    return {Owner.STAFF: Cause.STAFF, Owner.TMALL: Cause.TMALL}.get(owner, Cause.OURS)


def _changes(journal: Journal, documents: list[Document], lang: Lang) -> Iterator[Event]:
    for change in journal.trail.of(documents):
        table = BY_NAME[change.table]
        for name, value in change.new.items():
            column = table.column(name)
            yield Event(
                at=change.at, who=_by(column.owner, change.who, lang), where=_where((change.table, change.key), lang),
                what=f"{column.header(lang)}: {_cell(column, change.old.get(name), lang)} → {_cell(column, value, lang)}",
                cause=_cause(column.owner),
            )  # fmt: skip


def _cell(column: Column, value: Value, lang: Lang) -> str:
    text = label(column.choices, str(value), lang) if column.kind is Kind.CHOICE and value else shown(column, value)  # fmt: skip
    return text or say(lang, "空", "empty")


def _times(journal: Journal, documents: list[Document], lang: Lang) -> Iterator[Event]:
    """The times that stand in the rows themselves: they outlive the journal."""
    for table, key in documents:
        cells = _cells_of(journal, table, key)
        for column in BY_NAME[table].columns:
            at = cells.get(column.name)
            if isinstance(at, datetime) and column.name != "modified":
                yield Event(at=at, who=_by(column.owner, "", lang), where=_where((table, key), lang), what=column.header(lang), cause=_cause(column.owner))  # fmt: skip


_EFFECTS = {
    IntentKind.BUY: ("取单号", "buy waybill"), IntentKind.CANCEL: ("作废单号", "cancel waybill"),
    IntentKind.READDRESS: ("改面单地址", "change address"), IntentKind.SHIP: ("通知天猫发货", "tell Tmall it left"),
    IntentKind.RESEND: ("通知天猫换单号", "tell Tmall of another waybill"), IntentKind.STOCK: ("改库存", "set stock"),
    IntentKind.PRICE: ("改价", "set price"), IntentKind.MEMO: ("改卖家备注", "set memo"),
    IntentKind.REFUND: ("答复退款", "answer refund"),
}  # fmt: skip
_ENDS = {
    IntentState.PENDING: ("还没做", "to be done"), IntentState.CALLING: ("在做", "under way"), IntentState.DONE: ("成功", "done"),
    IntentState.REFUSED: ("被拒", "refused"), IntentState.UNKNOWN: ("核实中", "in doubt"), IntentState.DROPPED: ("不做了", "dropped"),
}  # fmt: skip


def _effects(journal: Journal, documents: list[Document], lang: Lang) -> Iterator[Event]:
    """What was done outside for it."""
    places = {key: (table, key) for table, key in documents}
    steps = list(_EFFECTS)  # a waybill is bought before Tmall is told of it
    for intent in sorted(journal.intents.of(places), key=lambda one: steps.index(one.kind)):
        if intent.called_at is not None:
            what, end = say(lang, *_EFFECTS[intent.kind]), say(lang, *_ENDS[intent.state])
            more = f" ({intent.answer})" if intent.answer else ""
            yield Event(
                at=intent.called_at, who=say(lang, "表猫", "Biaomao"), where=_where(places[intent.subject], lang), what=f"{what}: {end}{more}",
                cause=Cause.CALL,
            )  # fmt: skip


def _findings(journal: Journal, documents: list[Document], lang: Lang) -> Iterator[Event]:
    """What needed a person, and when it was settled."""
    who = say(lang, "表猫", "Biaomao")
    for todo in journal.todos.about(documents):
        where = _where((todo.table, todo.row_key), lang)
        if todo.since:
            yield Event(at=todo.since, who=who, where=where, what=say(lang, f"待处理:{todo.reason}", f"To-do: {todo.reason}"), cause=Cause.FOUND)  # fmt: skip
        if todo.solved_at:
            yield Event(at=todo.solved_at, who=who, where=where, what=say(lang, f"已解决:{todo.reason}", f"Settled: {todo.reason}"), cause=Cause.FOUND)  # fmt: skip


def _moves(journal: Journal, documents: list[Document], lang: Lang) -> Iterator[Event]:
    for table, key in documents:
        for posted in journal.moves.of_source(f"{table}/{key}"):
            move = posted.move
            kind = label(MOVE_KINDS, move.kind.value, lang)
            back = say(lang, "(冲回)", " (reversed)") if move.reverses else ""
            yield Event(
                at=posted.posted_at, who=say(lang, "表猫", "Biaomao"), where=_where((table, key), lang),
                what=say(lang, f"库存流水:{kind}{back} {move.sku} {move.pieces} 件", f"stock move: {kind}{back} {move.sku}, {move.pieces}"),
                cause=Cause.OURS,
            )  # fmt: skip


def _booked(journal: Journal, documents: list[Document], lang: Lang) -> Iterator[Event]:
    """What Alipay booked, wherever its row stands, and what the books posted of it."""
    tids, keys, ids = (
        [key for table, key in documents if table == name]
        for name in (ORDERS.name, BILLS.name, POSTINGS.name)
    )
    rows = [
        *journal.bills.get(keys).values(),
        *(row for some in journal.bills.of_orders(tids).values() for row in some),
    ]
    files = journal.bill_archive.files_of(row.key for row in rows)
    for row in rows:
        place = f"({files[row.key]})" if row.key in files else ""
        yield Event(
            at=row.at, who=say(lang, "支付宝", "Alipay"), where=f"{_where((BILLS.name, row.key), lang)}{place}",
            what=f"{label(ITEM_CHOICES, row.item, lang)} {row.amount:+.2f}", cause=Cause.TMALL,
        )  # fmt: skip
    posted = journal.vouchers.of_refs(
        [*(f"bill:{row.key}" for row in rows), *(f"sale:{tid}" for tid in tids)]
    )
    vouchers = {one.voucher_id: one for some in posted.values() for one in some} | journal.vouchers.get(ids)
    for name, one in vouchers.items():
        sides = [
            f"{say(lang, '借', 'debit')} {line.account} {line.debit:.2f}" if line.debit else f"{say(lang, '贷', 'credit')} {line.account} {line.credit:.2f}"
            for line in one.lines
        ]  # fmt: skip
        yield Event(
            at=one.posted_at or one.on, who=say(lang, "表猫", "Biaomao"), where=_where((POSTINGS.name, name), lang),
            what=say(lang, "、", ", ").join(sides), cause=Cause.OURS,
        )  # fmt: skip


def _put_back(journal: Journal, documents: list[Document], lang: Lang) -> Iterator[Event]:
    """What somebody typed over cells of ours."""
    wanted = {f"{table}/{key}": (table, key) for table, key in documents}
    for at, doc in journal.events("put_back"):
        document = wanted.get(doc.get("row", ""))
        if document is not None and BY_NAME[document[0]].has(doc.get("column", "")):
            header = BY_NAME[document[0]].column(doc["column"]).header(lang)
            yield Event(
                at=at, who=say(lang, "店里的人", "staff"), where=_where(document, lang),
                what=say(lang, f"改了表猫的格子“{header}”为“{doc.get('typed', '')}”,已放回", f'typed "{doc.get("typed", "")}" over {header}: put back'),
                cause=Cause.STAFF,
            )  # fmt: skip


def note_command(journal: Journal, at: datetime, name: str, argument: str, who: str) -> None:
    """A command somebody gave is kept with the changes of its row."""
    journal.record(at, "command", {"row": name, "argument": argument, "who": who})


def commands_given(journal: Journal, lang: Lang) -> list[Event]:
    """The commands people gave, oldest first."""
    return [
        Event(
            at=at, who=doc.get("who") or say(lang, "店里的人", "staff"), where=COMMANDS_BY_NAME[doc["row"]].label(lang), what=doc.get("argument", ""), cause=Cause.STAFF,
        )
        for at, doc in journal.events("command") if doc.get("row") in COMMANDS_BY_NAME
    ][-MOST:]  # fmt: skip


def told(events: Iterable[Event]) -> str:
    """Events as lines of a cell or of a terminal."""
    return "\n".join(f"{one.at:%m-%d %H:%M} {one.who} {one.where} {one.what}" for one in events)
