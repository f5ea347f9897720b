"""A workbook in memory with a human side, for engine tests only: the real stores have their own contract."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from operator import is_

from sync_engine.stores.port import (
    Fault,
    FaultKind,
    Refusal,
    RowEdit,
    SheetRow,
    SheetRowAt,
    Snapshot,
    TableView,
    WriteReport,
    row_digest,
    same,
)  # fmt: skip
from workbook_templates.schema import Value, row_key
from workbook_templates.tables import BY_NAME, TABLES

Cells = dict[str, Value]
Places = dict[str, list[Cells]]
"""Rows by key; those without one below the empty text."""


class TestSheet:
    """Rows by table, as people and the engine left them."""

    __test__ = False

    def __init__(self) -> None:
        self.tables: dict[str, list[Cells]] = {table.name: [] for table in TABLES}
        self.open_elsewhere = ""
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None
        self._digests: dict[
            int, tuple[Cells, Cells, str]
        ] = {}  # by row: itself, what it held, and the digest of that

    def add(self, table: str, **cells: Value) -> None:
        """A person adds a row."""
        full: Cells = {column.name: None for column in BY_NAME[table].columns}
        self.tables[table].append({**full, **cells})

    def row(self, table: str, key: str) -> Cells:
        """A row by key."""
        return next(row for row in self.tables[table] if row_key(BY_NAME[table], row) == key)

    def keys(self, table: str) -> list[str]:
        return [row_key(BY_NAME[table], row) for row in self.tables[table]]

    def type(self, table: str, key: str, **cells: Value) -> None:
        """A person types."""
        self.row(table, key).update(cells)

    def _views(self, known: Mapping[str, Mapping[str, str]]) -> dict[str, TableView]:
        return {table.name: self._view(table.name, known.get(table.name, {})) for table in TABLES}

    def _view(self, name: str, known: Mapping[str, str]) -> TableView:
        table = BY_NAME[name]
        keys = self.keys(name)
        rows = [
            SheetRow(key=k, cells=dict(c), digest=self._digest(c))
            for k, c in zip(keys, self.tables[name], strict=True)
        ]
        count = Counter(keys)
        twice = {key for key in keys if key and count[key] > 1}
        faults = tuple(Fault(kind=FaultKind.KEY_TWICE, table=table.name, key=key) for key in sorted(twice))
        return TableView(
            table=name,
            changed=tuple(r for r in rows if r.key and r.key not in twice and known.get(r.key) != r.digest),
            gone=tuple(key for key in known if key not in count),
            doubled=tuple(r for r in rows if r.key in twice),
            keyless=tuple(
                r for r in rows if not r.key and any(v not in (None, "") for v in r.cells.values())
            ),
            total=sum(map(bool, keys)),
            faults=faults,
        )

    def _digest(self, cells: Cells) -> str:
        """The digest of a row, worked out again where a cell of it is another object."""
        row, held, digest = self._digests.get(id(cells), ({}, {}, ""))
        if (
            row is not cells
            or held.keys() != cells.keys()
            or not all(map(is_, held.values(), cells.values()))
        ):
            digest = row_digest(cells)
            self._digests[id(cells)] = cells, dict(cells), digest
        return digest

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        self.before("read")
        return Snapshot(token="t", tables=self._views(known))

    def under_next_write(self, act: Callable[[], None]) -> None:
        """People do something after the next write was planned and before it comes."""

        def once(name: str) -> None:
            if name == "write":
                self.before = lambda name: None
                act()

        self.before = once

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        self.before("write")
        if self.open_elsewhere:
            return WriteReport(pending=self.open_elsewhere)
        refused: list[Refusal] = []
        done: list[tuple[RowEdit, Cells]] = []
        tables: dict[str, Places] = {}
        for edit in edits:
            if edit.table not in tables:
                tables[edit.table] = self._places(edit.table)
            row = self._apply(edit, tables[edit.table])
            if isinstance(row, str):
                refused.append(Refusal(table=edit.table, key=edit.key, why=row))
            else:
                done.append((edit, row))
        self.after("write")
        written = tuple(
            SheetRowAt(
                table=edit.table, row=SheetRow(key=edit.key, cells=dict(row), digest=self._digest(row))
            )
            for edit, row in done
        )
        return WriteReport(written=written, refused=tuple(refused))

    def _places(self, table: str) -> Places:
        places: Places = defaultdict(list)
        for key, row in zip(self.keys(table), self.tables[table], strict=True):
            places[key].append(row)
        return places

    def _apply(self, edit: RowEdit, places: Places) -> Cells | str:
        """The row as it stands now, or why nothing was written."""
        there = places[edit.key]
        if edit.match is not None:
            for row in places[""]:
                if all(same(row.get(n), v) for n, v in edit.match.items()):
                    row.update(edit.cells)
                    places[""].remove(row)
                    places[row_key(BY_NAME[edit.table], row)].append(row)
                    return row
            return "gone"
        if edit.new:
            if there:
                return "exists"
            self.add(edit.table, **edit.cells)
            there.append(self.tables[edit.table][-1])
            return there[0]
        if len(there) != 1:
            return "twice" if there else "gone"
        if any(not same(there[0].get(name), value) for name, value in edit.expect.items()):
            return "changed"
        there[0].update(edit.cells)
        return there[0]
