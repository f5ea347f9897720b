"""A workbook in memory with a human side, for engine tests only: the real stores have their own contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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


class TestSheet:
    """Rows by table, as people and the engine left them."""

    __test__ = False

    def __init__(self) -> None:
        self.tables: dict[str, list[Cells]] = {table.name: [] for table in TABLES}
        self.open_elsewhere = ""
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None

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
            SheetRow(key=k, cells=dict(c), digest=row_digest(c))
            for k, c in zip(keys, self.tables[name], strict=True)
        ]
        twice = {key for key in keys if key and keys.count(key) > 1}
        faults = tuple(Fault(kind=FaultKind.KEY_TWICE, table=table.name, key=key) for key in sorted(twice))
        return TableView(
            table=name,
            changed=tuple(r for r in rows if r.key and r.key not in twice and known.get(r.key) != r.digest),
            gone=tuple(key for key in known if key not in keys),
            doubled=tuple(r for r in rows if r.key in twice),
            keyless=tuple(
                r for r in rows if not r.key and any(v not in (None, "") for v in r.cells.values())
            ),
            total=sum(map(bool, keys)),
            faults=faults,
        )

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        self.before("read")
        return Snapshot(token="t", tables=self._views(known))

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        self.before("write")
        if self.open_elsewhere:
            return WriteReport(pending=self.open_elsewhere)
        refused: list[Refusal] = []
        keys: list[tuple[str, str]] = []
        for edit in edits:
            why = self._apply(edit)
            if why:
                refused.append(Refusal(table=edit.table, key=edit.key, why=why))
            else:
                keys.append((edit.table, edit.key))
        self.after("write")
        written = tuple(
            SheetRowAt(table=table, row=SheetRow(key=key, cells=dict(self.row(table, key)), digest=row_digest(self.row(table, key))))
            for table, key in keys
        )  # fmt: skip
        return WriteReport(written=written, refused=tuple(refused))

    def _apply(self, edit: RowEdit) -> str:
        keys = self.keys(edit.table)
        if edit.match is not None:
            for row, key in zip(self.tables[edit.table], keys, strict=True):
                if not key and all(same(row.get(n), v) for n, v in edit.match.items()):
                    row.update(edit.cells)
                    return ""
            return "gone"
        if edit.new:
            if edit.key in keys:
                return "exists"
            self.add(edit.table, **edit.cells)
            return ""
        if keys.count(edit.key) != 1:
            return "twice" if edit.key in keys else "gone"
        row = self.row(edit.table, edit.key)
        if any(not same(row.get(name), value) for name, value in edit.expect.items()):
            return "changed"
        row.update(edit.cells)
        return ""
