"""Settling: what was written and read becomes the merge base; what could not be written stays marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from sync_engine.desks import TAKEN_OVER
from sync_engine.journal.journal import Journal
from sync_engine.show import Display
from sync_engine.stores.port import RowEdit, SheetRow, WriteReport, row_digest, same
from sync_engine.trail import KEPT, changes_of
from sync_engine.view import LAST_SYNC, View
from workbook_templates.tables import BY_NAME, LINES, LOG, ORDERS, OWN_ORDERS, PRODUCTS, REFUNDS, WAYBILLS

_BESIDE = {
    REFUNDS.name: {"answer": "version"}, ORDERS.name: {"audit_ok": "order_key"}, PRODUCTS.name: {"price_ok": "price_next"},
}  # fmt: skip
"""Words of people by the cell of ours that tells what they were given to."""
TRIMMED = "trail_trimmed"  # the day on which old changes were last let go


def settle(
    journal: Journal,
    view: View,
    display: Display,
    report: WriteReport,
    now: datetime,
    saver: Callable[[], str] = lambda: "",
) -> None:
    """Record the outcome of a tick in one transaction.

    A row that was refused, or a workbook that was not written at all, leaves its base as it was: the next tick sees
    the same difference again and tries again.

    Args:
        saver: who saved the workbook last, where the file tells.
    """
    edited = {(edit.table, edit.key): edit for edit in display.edits}
    written: dict[str, dict[str, SheetRow]] = {}
    for at in report.written:
        edit = edited.get((at.table, at.row.key))
        written.setdefault(at.table, {})[at.row.key] = _as_planned(edit, at.row, view) if edit else at.row
    with journal.transaction():
        for todo in display.put_back:
            journal.record(now, "put_back", {"row": todo.subject, "column": todo.column, "typed": todo.typed})
        for table, found in view.found.items():
            as_read = [row for key, row in found.rows.items() if (table, key) not in edited]
            done = written.get(table, {})
            _note_changes(journal, table, [*as_read, *done.values()], now, saver)
            journal.rows.put(table, [*as_read, *_lost_unknown(view, table, report), *done.values()])
            journal.rows.clean(table, {*done, *display.right[table]})
            if not report.pending:
                journal.rows.forget(table, _stays_away(found.accept, done))
        for key in written.get(LOG.name, ()):
            if edited[LOG.name, key].new:
                journal.set_meta(LAST_SYNC, key)
                journal.set_meta(TAKEN_OVER, "")
        if journal.meta(LAST_SYNC) is None and (told := view.found[LOG.name].rows):
            journal.set_meta(LAST_SYNC, max(told))  # a new journal, and nothing of its own to tell yet
        if not report.pending:
            journal.writing.end((refusal.table, refusal.key) for refusal in report.refused)
        journal.rows.mark(_named(display, report, view))
        journal.rows.mark({ORDERS.name: _unwritten_orders(display, report, view)})
        if journal.meta(TRIMMED) != f"{now:%Y-%m-%d}":
            journal.trail.forget(now - KEPT)
            journal.set_meta(TRIMMED, f"{now:%Y-%m-%d}")
        if not report.pending and journal.meta("deletion"):
            _end_deletion(journal, view)


def _note_changes(
    journal: Journal, table: str, rows: list[SheetRow], now: datetime, saver: Callable[[], str]
) -> None:
    if rows:
        before = journal.rows.get(table, (row.key for row in rows))
        journal.trail.note(changes_of(BY_NAME[table], before, rows, now, saver))


def _as_planned(edit: RowEdit, row: SheetRow, view: View) -> SheetRow:
    """A written row as its merge base: what people typed into it after it was read is left out, so that the next
    tick still sees it as new. So is everything that was typed into a row whose erased key was put back just now. A word
    that is given to what the row shows was given to what it showed before this write.
    """
    base = view.base(edit.table, edit.key) if edit.match else None
    seen = base or edit.match or ({} if edit.new else view.cells(edit.table, edit.key) or {})
    meanwhile = {
        name: seen[name]
        for name, value in row.cells.items()
        if name in seen and name not in edit.cells and not same(value, seen[name])
    }
    if not meanwhile:
        return row
    words = _BESIDE.get(edit.table, {})
    beside = (words[name] for name in meanwhile if name in words)
    before = {name: seen[name] for name in beside if name in seen and name in edit.cells}
    cells = {**row.cells, **meanwhile, **before}
    return replace(row, cells=cells, digest=row_digest(cells))


def _named(display: Display, report: WriteReport, view: View) -> dict[str, list[str]]:
    """Rows that have just got their key: looked at in full next time, a line with its order; of a log row nothing is
    worked out anew.
    """
    written = {(at.table, at.row.key) for at in report.written}
    named: dict[str, list[str]] = {}
    for edit in display.edits:
        if edit.match is None or (edit.table, edit.key) not in written or edit.table == LOG.name:
            continue
        if edit.table == LINES.name:
            tid = (view.base(LINES.name, edit.key) or {}).get("tid")
            named.setdefault(ORDERS.name, []).extend([str(tid)] if tid else [])
        else:
            named.setdefault(edit.table, []).append(edit.key)
    return named


def numbers_given(display: Display, report: WriteReport) -> bool:
    """Whether a row that people made got a number in this write, without which nothing more could be done with it."""
    written = {(at.table, at.row.key) for at in report.written}
    own = (
        edit.table == OWN_ORDERS.name and edit.cells.get("order") and (edit.table, edit.key) in written
        for edit in display.edits
    )  # fmt: skip
    named = any(edit.match is not None and (edit.table, edit.key) in written for edit in display.edits)
    return named or any(own)


def _lost_unknown(view: View, table: str, report: WriteReport) -> list[SheetRow]:
    """Rows never settled whose key was not there any more at the write: remembered as read, so that the next tick can
    tell a key that was erased, and a row that was deleted, from one there never was.
    """
    gone = [one.key for one in report.refused if one.table == table and one.why == "gone"]
    rows = (row for key in gone if (row := view.row(table, key)))
    return [row for row in rows if view.base(table, row.key) is None]


def _unwritten_orders(display: Display, report: WriteReport, view: View) -> set[str]:
    """Orders with a row that was refused or could not be written: they are looked at again, also if done with."""
    written = {(at.table, at.row.key) for at in report.written}
    tids = set()
    for edit in display.edits:
        if edit.table in (ORDERS.name, LINES.name, WAYBILLS.name) and (edit.table, edit.key) not in written:
            known = view.base(edit.table, edit.key) or view.cells(edit.table, edit.key) or {}
            cells = edit.cells if "tid" in edit.cells else known
            tids.add(str(cells.get("tid") or ""))
    return tids - {""}


def _stays_away(accepted: Iterable[str], written: dict[str, SheetRow]) -> list[str]:
    return [key for key in accepted if key not in written]


def _end_deletion(journal: Journal, view: View) -> None:
    """A word about a mass deletion holds for the rows it was said of, not for the next one."""
    if any(found.restore or found.accept for found in view.found.values()):
        journal.set_meta("deletion", "")
