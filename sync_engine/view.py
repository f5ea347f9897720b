"""The workbook as this tick knows it: rows just read over the merge base."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sync_engine.checkdesk import highest_used
from sync_engine.journal.journal import Journal
from sync_engine.plan.merge import Strays, as_written, attempted, typed_under
from sync_engine.plan.sheet import Found, look_at, number_of
from sync_engine.stores.port import RowEdit, SheetRow, Snapshot, TableView
from sync_engine.todo import Todo
from sync_engine.trade import ENDED
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import (
    ACCOUNTS,
    ANALYSIS,
    BILLS,
    BINS,
    BY_NAME,
    CHECKS,
    COURIER_BILLS,
    COURIER_STATS,
    LINES,
    LOG,
    MOVES,
    ORDERS,
    POSTINGS,
    REFILLS,
    RETURNS,
    SUMS,
    TABLES,
    TODO,
    WAREHOUSES,
    WAYBILLS,
)

Cells = Mapping[str, Value]


LAST_SYNC = "last_sync"
"""The row of 同步记录 that was written last."""


def _without_archived(
    view: TableView, archived: set[str], journal: Journal
) -> tuple[TableView, tuple[str, ...]]:
    """Rows of archived months that are not in 凭证 or 支付宝账单 any more: nobody deleted them."""
    moved = set[str]()
    if view.table == POSTINGS.name and archived:
        moved = {key for key in view.gone if key.partition("-")[0] in archived}
    elif view.table == BILLS.name and view.gone:
        moved = journal.bill_archive.keys_among(view.gone)
    if not moved:
        return view, ()
    gone = tuple(key for key in view.gone if key not in moved)
    return replace(view, gone=gone), tuple(sorted(moved))


class View:
    """Cells by table and key: what the sheet shows now, and what it showed when last settled."""

    def __init__(self, journal: Journal, snapshot: Snapshot, answer: str, lang: Lang) -> None:
        self._journal = journal
        self._loaded: dict[str, dict[str, Cells]] = {table.name: {} for table in TABLES}
        self._asked: dict[str, set[str]] = {table.name: set() for table in TABLES}
        self._attempts = journal.writing.open()
        self._strays = {
            table: Strays((one for tries in rows.values() for one in tries), partial(self._settled, table))
            for table, rows in self._attempts.items()
        }
        self.token = snapshot.token
        self._last_found, self._lang = snapshot.last_found, lang
        self.plain: Mapping[str, Cells] = {}  # every row of 手工订单 as it stands, whatever is known of it
        self._gone_accounts = frozenset(snapshot.tables[ACCOUNTS.name].gone)
        self.found: dict[str, Found] = {}
        self.turned_back = turned_back = _turned_back(journal, snapshot)
        archived = {str(one) for one in journal.vouchers.archived()}
        for table in TABLES:
            view, moved = _without_archived(snapshot.tables[table.name], archived, journal)
            self.found[table.name] = look_at(
                table,
                view,
                journal.rows.count(table.name) if view.gone or view.keyless else 0,
                partial(self._bases, table.name),
                self._keeps(table.name),
                answer,
                lang,
                turned_back,
                self._highest(view, snapshot) if table.staff_rows and view.keyless else 0,
            )
            if moved:
                self.found[table.name] = replace(
                    self.found[table.name], accept=(*self.found[table.name].accept, *moved)
                )

    def _highest(self, view: TableView, snapshot: Snapshot) -> int:
        """The highest number a row has or had: what a deleted document posted is not taken for a new one's."""
        if view.table == CHECKS.name:
            used, mine = highest_used(self._journal, snapshot.tables[WAYBILLS.name]), []
        else:
            used = self._journal.moves.highest(view.table)
            posted = (str(row.cells.get("source") or "") for row in snapshot.tables[MOVES.name].changed)
            mine = [one.rpartition("/")[2] for one in posted if one.startswith(f"{view.table}/")]
        known = self._journal.rows.digests()[view.table]
        keys = (*known, *mine, *(row.key for row in (*view.changed, *view.doubled)))
        return max((*map(number_of, keys), used))

    def _bases(self, table: str, keys: Sequence[str]) -> Mapping[str, Cells]:
        self.load(table, keys)
        return {key: self._loaded[table][key] for key in keys if key in self._loaded[table]}

    def _keeps(self, table: str) -> Callable[[str, Cells], bool]:
        """Which deleted rows come back: those of orders under way, open to-dos, and rows that are ours alone."""

        def keeps(key: str, cells: Cells) -> bool:
            if table == ORDERS.name:
                return key in self._live
            if table in (LINES.name, WAYBILLS.name):
                return str(cells.get("tid") or "") in self._live
            if table == TODO.name:
                return cells.get("state") == "open" and cells.get("done") is not True
            if table == MOVES.name:
                return key in self._journal.moves.get([key])
            if table == POSTINGS.name:  # a row of somebody's own may be deleted
                return self._journal.vouchers.holds(key.partition("/")[0])
            if table == SUMS.name:
                return self._journal.vouchers.holds_sum(key)
            if table == COURIER_BILLS.name:
                return False  # a bill that was mended is imported again after its rows were deleted
            if table == BILLS.name:
                return key in self._journal.bills.get([key]) or bool(self._journal.bill_archive.lost())
            if table == ACCOUNTS.name:
                code = str(cells.get("code") or "")
                return code in self._journal.vouchers.accounts() and not self._stands_elsewhere(key, code)
            if table == REFILLS.name:
                return cells.get("pieces") is not None
            if table == ANALYSIS.name:
                return cells.get("rank") is not None  # what is no more may be deleted
            if table == COURIER_STATS.name:
                return bool(cells.get("parcels"))  # likewise
            if table == RETURNS.name:  # it comes back while it counts: empty its numbers to take it back
                return key in self._journal.returns.ids()
            if table == BINS.name:
                return bool(cells.get("pieces") or cells.get("defective"))
            if table == WAREHOUSES.name:
                return key in self._journal.moves.warehouses()
            return not BY_NAME[table].staff_rows

        return keeps

    def _stands_elsewhere(self, key: str, code: str) -> bool:
        """Whether another row of 科目 has this code: the one too many may be deleted."""
        return any(
            cells.get("code") == code and other != key and other not in self._gone_accounts
            for other, cells in self._journal.rows.all(ACCOUNTS.name).items()
        )

    @property
    def _live(self) -> set[str]:
        return self._journal.mirror.live_tids()

    def load(self, table: str, keys: Iterable[str]) -> None:
        """Fetch the base of these rows at once."""
        wanted = set(keys) - self._asked[table]
        if wanted:
            self._asked[table] |= wanted
            self._loaded[table].update(self._journal.rows.get(table, wanted))

    def base(self, table: str, key: str) -> Cells | None:
        """The row as last settled; None if we never saw it."""
        if key not in self._asked[table]:
            self.load(table, [key])
        return self._loaded[table].get(key)

    def merge_base(self, table: str, key: str) -> Cells | None:
        """The base to merge a row on: as last settled, and what we wrote since without hearing the end of it."""
        attempts = self._attempts.get(table, {}).get(key, ())
        return as_written(self.base(table, key), attempts, self.cells(table, key), self._strays.get(table))

    def _settled(self, table: str) -> Iterable[Cells]:
        return self._journal.rows.all(table).values()

    def attempts(self, edits: Iterable[RowEdit]) -> Iterator[tuple[str, str, Cells]]:
        """What the journal notes before these edits are written: (table, key, cells)."""
        for edit in edits:
            earlier = self._attempts.get(edit.table, {}).get(edit.key, ())
            for cells in attempted(edit, self.base(edit.table, edit.key), earlier):
                yield edit.table, edit.key, cells

    def cells(self, table: str, key: str) -> Cells | None:
        """The row as it stands in the sheet; None if it is not there."""
        row = self.found[table].rows.get(key)
        if row is not None:
            return row.cells
        found = self.found[table]
        if key in found.restore or key in found.accept or key in found.asking:
            return None
        return self.base(table, key)

    def typed(self, table: str, key: str) -> Cells:
        """What people typed in a row: as it stands, or as last settled where the row was deleted and comes back, as any row
        of an order does that is looked at in the same sync.
        """
        found, of_order = self.cells(table, key), table in (ORDERS.name, LINES.name, WAYBILLS.name)
        if found is None and (of_order or key not in self.found[table].accept):
            found = self.base(table, key)
        return found or {}

    def row(self, table: str, key: str) -> SheetRow | None:
        """The row as just read, if it changed."""
        return self.found[table].rows.get(key)

    def all(self, table: str) -> dict[str, Cells]:
        """Every row of a small table as it stands in the sheet."""
        found = self.found[table]
        rows: dict[str, Cells] = dict(self._journal.rows.all(table))
        for key in (*found.accept, *found.asking):
            rows.pop(key, None)
        rows.update({key: row.cells for key, row in found.rows.items()})
        return rows

    def keys(self, table: str) -> set[str]:
        """Keys of every row of a table, as large as it may be, as it stands in the sheet."""
        found = self.found[table]
        return (self._journal.rows.keys(table) - {*found.accept, *found.asking}) | found.rows.keys()

    def keys_with(self, table: str, column: str) -> set[str]:
        """Keys of rows whose cell in `column` is filled, as the sheet stands, without reading the whole table."""
        found = self.found[table]
        keys = self._journal.rows.keys_with(table, column) - {*found.accept, *found.asking, *found.rows}
        return keys | {key for key, row in found.rows.items() if row.cells.get(column) is not None}

    def typed_under(self) -> Iterator[Todo]:
        """What the last write found that a process sent which was ended before it could look."""
        for (table, key), cells in self._last_found.items():
            tried = self._attempts.get(table, {}).get(key, ())
            base, sheet = self.base(table, key), self.cells(table, key)
            yield from typed_under(BY_NAME[table], key, cells, base, tried, sheet, self._lang)

    def unknown_orders(self) -> list[str]:
        """Orders in the sheet that came from Tmall, are not ended, and that the journal does not hold."""
        found = self.found[ORDERS.name]
        rows = [*found.rows.values(), *found.doubled]
        known = self._journal.mirror.known_trades() if rows else set()
        return [
            row.key
            for row in rows
            if row.key not in known and row.cells.get("status") not in ENDED and row.cells.get("stage") != "imported"
            and row.cells.get("status")
        ]  # fmt: skip


def _turned_back(journal: Journal, snapshot: Snapshot) -> str:
    """The sync that the workbook does not know of although the journal settled it; "" where it knows the newest one.

    Then somebody put an earlier copy of the workbook back, and what is missing since was not deleted by anybody.
    """
    newest = journal.meta(LAST_SYNC) or ""
    return newest if newest in snapshot.tables[LOG.name].gone else ""
