"""After the journal was lost (or on a first run): take over what the workbook and the carrier already know.

Nothing may be bought before the carrier was asked what was bought for every order under way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sync_engine.journal.journal import Journal
from sync_engine.parcel import Package, Waybill
from sync_engine.plan.desk import key_called, obeyed_from_cells
from sync_engine.plan.facts import is_dead, is_open, line_staff
from sync_engine.plan.rows import package_from_row
from sync_engine.plan.sheet import Found
from sync_engine.plan.stockrows import move_from_row
from sync_engine.plan.words import say
from sync_engine.todo import Todo
from sync_engine.trade import Trade
from sync_engine.view import View
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.tables import COMMANDS, LINES, LOG, MOVES, ORDERS, PRODUCTS, TABLES, TODO, WAYBILLS


def adopt(
    journal: Journal,
    view: View,
    trades: Mapping[str, Trade],
    bought: Sequence[Waybill],
    now: datetime,
    lang: Lang,
) -> None:
    """Rebuild parcels, to-dos and obeyed commands. Runs inside the tick's transaction."""
    packages = {package.package_id: package for package in _shown(view.found[WAYBILLS.name])}
    for waybill in _hosts_first(bought):
        trade = trades.get(waybill.tid)
        if trade:
            package = _from_carrier(waybill, trade, packages, view, now)
            packages[package.package_id] = package
    packages |= _joined(packages.values(), bought)
    taken = _taken_from(view.found[MOVES.name])
    for package in packages.values():
        package = replace(package, warehouse=_left_from(package, taken))
        journal.mirror.put_package(_without_number(package, trades, lang, now))
    _adopt_todos(journal, view)
    for name, row in view.found[COMMANDS.name].rows.items():
        journal.set_meta(f"command:{name}", obeyed_from_cells(row.cells).text())


def adopt_late(journal: Journal, view: View, bought: Sequence[Waybill], now: datetime) -> None:
    """Purchases made just before the journal was lost, that the carrier did not show at the first look."""
    trades = journal.mirror.trades({waybill.tid for waybill in bought})
    packages = {p.package_id: p for group in journal.mirror.packages_of(trades).values() for p in group}
    known = {(package.tid, package.waybill_code) for package in packages.values()}
    new: dict[str, Package] = {}
    for waybill in _hosts_first(bought):
        trade = trades.get(waybill.tid)
        if trade and (waybill.tid, waybill.waybill_code) not in known:
            package = _from_carrier(waybill, trade, packages, view, now)
            packages[package.package_id] = new[package.package_id] = package
    new |= _joined(packages.values(), bought)
    for package in new.values():
        journal.mirror.put_package(package)
    journal.rows.mark({ORDERS.name: [package.tid for package in new.values()]})


def leaves_a_trace(journal: Journal, view: View) -> bool:
    """Whether anything of ours stands in the workbook, from which a new journal would see that there was one before it."""
    ours = (ORDERS.name, PRODUCTS.name, LOG.name)
    return any(view.found[name].rows or journal.rows.count(name) for name in ours)


def _taken_from(found: Found) -> dict[str, str]:
    """The warehouse each line's goods were taken from, as the ledger says: rows that somebody changed say nothing."""
    rows = (row for row in found.rows.values() if row.cells.get("kind") == "sale" and row.cells.get("change"))
    sales = [posted.move for row in rows if (posted := move_from_row(row.cells))]
    return {move.move_id.split(":")[2]: move.warehouse for move in sales}


def _left_from(package: Package, taken: Mapping[str, str]) -> str:
    """Where a parcel left from: its row may be older than the ledger, for one that stands twice is not written."""
    known = (taken[oid] for oid in package.contents if taken.get(oid))
    return next(known, package.warehouse) if package.live else package.warehouse


def _hosts_first(bought: Sequence[Waybill]) -> list[Waybill]:
    """Numbers of the order they were bought for before those of orders whose goods go along."""
    return sorted(bought, key=lambda one: one.package_id.rpartition("-")[0] not in ("", one.tid))


def _joined(packages: Iterable[Package], bought: Sequence[Waybill]) -> dict[str, Package]:
    """Parts of shared parcels that did not know of each other: what the carrier sold one number for."""
    tids: dict[str, set[str]] = {}
    hosts = {waybill.waybill_code: waybill.package_id for waybill in bought}
    for waybill in bought:
        tids.setdefault(waybill.waybill_code, set()).add(waybill.tid)
    shared = {code for code, sold_for in tids.items() if len(sold_for) > 1}
    parts: dict[str, list[Package]] = {}
    for package in packages:
        if package.waybill_code in shared:
            parts.setdefault(package.waybill_code, []).append(package)
    found: dict[str, Package] = {}
    for code, own in parts.items():
        ids = sorted((p.package_id for p in own), key=lambda one: (one != hosts[code], one))
        known = next((p.joined for p in own if p.joined), tuple(ids))
        found |= {p.package_id: replace(p, joined=known) for p in own if len(ids) > 1 and not p.joined}
    return found


_GONE_FURTHEST = ("buying", "bought", "printed", "cancelling", "shipped", "cancelled")


def _shown(found: Found) -> list[Package]:
    """Parcels as their rows tell them; of a row people copied, the copy that tells of the later state, so that
    nothing is done again while both stand there.
    """
    rows = [*found.rows.values(), *found.doubled]
    packages = [package for row in rows if (package := package_from_row(dict(row.cells)))]
    return sorted(packages, key=lambda package: _GONE_FURTHEST.index(package.state))


def _from_carrier(
    waybill: Waybill, trade: Trade, packages: Mapping[str, Package], view: View, now: datetime
) -> Package:
    """A parcel as the carrier knows it: joined with its row, or made anew where the row was never written."""
    own = [p for p in packages.values() if p.tid == trade.tid]
    known = next((p for p in own if p.package_id == waybill.package_id), None) or next(
        (p for p in own if p.waybill_code and p.waybill_code == waybill.waybill_code), None
    )
    if known is None and waybill.package_id:  # what goes along was to go in that parcel
        known = next(
            (p for p in own if p.live and not p.waybill_code and waybill.package_id in p.joined), None
        )
    if known is not None and waybill.waybill_code in known.earlier:
        return known  # it left with this number, and has another since
    if known is None or (_given_up_unbought(known) and not waybill.cancelled):
        known = _unwritten(waybill, trade, packages, view, now)
    state = "cancelled" if waybill.cancelled else known.state
    return replace(
        known, state="bought" if state in ("buying", "planned", "refused", "") else state,
        waybill_code=waybill.waybill_code, cp_code=waybill.cp_code or known.cp_code, print_data=waybill.print_data,
        sorting=waybill.sorting, hub=waybill.hub, route=waybill.route,
        cancelled_at=known.cancelled_at or (trade.modified if waybill.cancelled else None),
    )  # fmt: skip


def _given_up_unbought(package: Package) -> bool:
    """A row that tells of a parcel given up before anything was bought; its number may have been bought since."""
    return package.state == "cancelled" and not package.waybill_code and package.cancelled_at is None


def _without_number(package: Package, trades: Mapping[str, Trade], lang: Lang, now: datetime) -> Package:
    """A parcel that was sold a number which somebody erased: the carrier was asked, and names those that live."""
    asked = package.tid in trades and package.tid in open_tids([trades[package.tid]])
    if package.state != "buying" or package.bought_at is None or not asked:
        return package
    why = say(
        lang,
        "单号被清空,快递那边也没有有效的单号",
        "Its number was erased, and the carrier knows no living one",
    )
    return replace(package, state="cancelled", cancelled_at=now, problem=why)


UNKNOWN_ADDRESS = "?"
"""What the waybill was bought for cannot be told any more: the receiver is sent to the courier once again."""


def _unwritten(
    waybill: Waybill, trade: Trade, packages: Mapping[str, Package], view: View, now: datetime
) -> Package:
    """A purchase the sheet never got to show: its goods are the lines staff numbered so, of those no parcel holds."""
    own = [package for package in packages.values() if package.tid == trade.tid]
    covered = {oid for package in own if package.live for oid in package.oids}
    sold_for, _, number = waybill.package_id.rpartition("-")
    mine = number.isdigit() and sold_for == trade.tid
    no = int(number) if mine else max((package.no for package in own), default=0) + 1
    told = tuple(line.oid for line in trade.lines if line.invoice_no == waybill.waybill_code)
    left = [line.oid for line in trade.lines if line.oid not in covered and not is_dead(line)]
    numbered = [oid for oid in left if line_staff(view.cells(LINES.name, oid) or {}).package_no == no]
    return Package(
        package_id=f"{trade.tid}-{no}", tid=trade.tid, no=no,
        oids=() if waybill.cancelled else told or tuple(numbered or left), cp_code=waybill.cp_code, state="buying",
        bought_at=now, address_key=UNKNOWN_ADDRESS,
    )  # fmt: skip


def open_tids(trades: Iterable[Trade]) -> list[str]:
    """Orders under way: those a purchase could already exist for."""
    return sorted(trade.tid for trade in trades if is_open(trade) or trade.pay_time is not None)


def _adopt_todos(journal: Journal, view: View) -> None:
    """To-dos people already see keep their number and their time.

    What was put back stays shown until it is ticked off. Anything else is held as open under a subject every read
    looks at: found again in this tick it goes on, else its cause is gone and it is solved.
    """
    for row in view.found[TODO.name].rows.values():
        cells = row.cells
        table = next((t for t in TABLES if cells.get("sheet") in (t.zh, t.en)), None)
        if table is None:
            continue
        todo = _todo_of(table, cells)
        known = next((one for one in _events_like(todo, table) if one.todo_id == row.key), None)
        if known is None and todo.typed and todo.severity == "tell":
            known = replace(todo, code="typed_over", subject=f"{table.name}/{todo.row_key}", event=True)
        if known is None and todo.severity == "tell" and not todo.row_key:  # an earlier copy was put back
            known = replace(todo, subject=f"sheet:adopted/{row.key}", event=True)
        if known or not todo.solved_at:
            journal.todos.adopt(row.key, known or replace(todo, subject=f"sheet:adopted/{row.key}"))


def _todo_of(table: Table, cells: Mapping[str, Value]) -> Todo:
    since, solved = cells.get("since"), cells.get("solved_at")
    return Todo(
        code="", subject="", table=table.name, row_key=key_called(table.name, str(cells.get("row_key") or "")),
        reason=str(cells.get("reason") or ""), advice=str(cells.get("advice") or ""),
        severity=str(cells.get("severity") or "tell"), typed=str(cells.get("typed") or ""),
        ours=str(cells.get("ours") or ""), since=since if isinstance(since, datetime) else None,
        solved_at=solved if isinstance(solved, datetime) else None,
    )  # fmt: skip


def _events_like(todo: Todo, table: Table) -> Iterator[Todo]:
    """The events a row may tell of: its number says which one it is."""
    key = todo.row_key
    for code in ("row_restored", "key_retyped"):
        yield replace(todo, code=code, subject=f"sheet:{table.name}/{key}", event=True)
    for code in ("move_changed", "voucher_changed"):
        yield replace(todo, code=code, subject=f"{table.name}/{key}", event=True)
    for column in table.columns:
        yield replace(todo, code="typed_over", subject=f"{table.name}/{key}", column=column.name, event=True)
