"""A desk: a store with the person who works in the same workbook. One for each kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from sync_engine.stores.memory import MemoryStore
from sync_engine.stores.memory_cells import Formula, Raw
from sync_engine.stores.port import RowEdit, SheetRow, SheetStore, TableView, WriteReport
from tests.stores.tables import CONTRACT_TABLES, ITEMS
from workbook_templates.schema import Lang, Value


class Person(Protocol):
    """What people do to a workbook. Columns are told by machine name, rows by key."""

    def type(self, table: str, key: str, column: str, value: Raw) -> None: ...
    def insert(self, table: str, index: int, cells: Mapping[str, Raw]) -> None: ...
    def sort(self, table: str, column: str, reverse: bool = False) -> None: ...
    def delete(self, table: str, keys: Iterable[str]) -> None: ...
    def copy_row(self, table: str, key: str) -> None: ...
    def rename_header(self, table: str, column: str, text: str) -> None: ...
    def lose_name(self, table: str, column: str) -> None: ...
    def move_column(self, table: str, column: str, index: int) -> None: ...
    def insert_column(self, table: str, index: int, header: str) -> None: ...
    def delete_column(self, table: str, column: str) -> None: ...
    def delete_sheet(self, table: str) -> None: ...
    def totals_row(self, table: str, text: str) -> None: ...
    def hide(self, table: str, key: str) -> None: ...
    def filter(self, table: str, column: str, text: str) -> None: ...
    def hidden(self, table: str, key: str) -> bool: ...
    def merge(self, table: str, key: str, first: str, last: str) -> None: ...
    def merged(self, table: str) -> int: ...
    def protect(self, table: str) -> None: ...
    def protected(self, table: str) -> bool: ...
    def open_file(self) -> None: ...
    def close_file(self) -> None: ...
    def sees(self, table: str, key: str, column: str) -> Raw: ...
    def keys(self, table: str) -> list[str]: ...


class Desk:
    """A store, its person, and short ways to say what a test needs."""

    def __init__(self, store: SheetStore, person: Person, lang: Lang) -> None:
        self.store, self.person, self.lang = store, person, lang
        self.token = ""

    def reopen(self) -> None:
        """The engine starts anew and remembers nothing."""

    # -- reading -----------------------------------------------------------------------------------------------------

    def view(self, table: str, known: Mapping[str, str] | None = None) -> TableView:
        snapshot = self.store.read({table: known or {}})
        self.token = snapshot.token
        return snapshot.tables[table]

    def row(self, table: str, key: str) -> SheetRow:
        return next(row for row in self.view(table).changed if row.key == key)

    def cell(self, table: str, key: str, column: str) -> Value:
        return self.row(table, key).cells[column]

    def digests(self) -> dict[str, dict[str, str]]:
        tables = self.store.read({}).tables
        return {name: {row.key: row.digest for row in view.changed} for name, view in tables.items()}

    # -- writing -----------------------------------------------------------------------------------------------------

    def write(self, *edits: RowEdit) -> WriteReport:
        return self.store.write(edits, self.token)

    def add(self, table: str, key: str, **cells: Value) -> SheetRow:
        """Append a row and return it as it then stands."""
        name = {"items": "item_id", "rules": "rule_id"}.get(table)
        full = {name: key, **cells} if name else cells
        report = self.write(RowEdit(table=table, key=key, cells=full, new=True))
        assert not report.refused and not report.pending, report
        assert [at.row.key for at in report.written] == [key]
        return report.written[0].row

    def put(self, table: str, key: str, **cells: Value) -> WriteReport:
        return self.write(RowEdit(table=table, key=key, cells=cells))


# -- memory -----------------------------------------------------------------------------------------------------------


class Unseen:
    """What a workbook without looks knows of hiding, merging and protecting: which cells are left, and no more."""

    _marks: set[tuple[str, str]]

    def hide(self, table: str, key: str) -> None:
        self._marks.add((table, key))

    def filter(self, table: str, column: str, text: str) -> None:
        self._marks |= {(table, key) for key in self.keys(table) if self.sees(table, key, column) != text}

    def hidden(self, table: str, key: str) -> bool:
        return (table, key) in self._marks

    def merge(self, table: str, key: str, first: str, last: str) -> None:
        names = [column.name for column in ITEMS.columns]
        for column in names[names.index(first) + 1 : names.index(last) + 1]:
            self.type(table, key, column, None)
        self._marks.add((table, "merged"))

    def merged(self, table: str) -> int:
        return int((table, "merged") in self._marks)

    def protect(self, table: str) -> None:
        self._marks.add((table, "protected"))

    def protected(self, table: str) -> bool:
        return (table, "protected") in self._marks

    type: Callable[[str, str, str, Raw], None]
    sees: Callable[[str, str, str], Raw]
    keys: Callable[[str], list[str]]


class MemoryPerson(Unseen):
    """A person at a `MemoryStore`."""

    def __init__(self, store: MemoryStore) -> None:
        self._marks = set()
        self._store = store
        self.type, self.insert, self.sort = store.staff_type, store.staff_insert, store.staff_sort
        self.delete, self.copy_row = store.staff_delete, store.staff_copy_row
        self.rename_header, self.lose_name = store.rename_header, store.lose_name
        self.move_column, self.insert_column = store.move_column, store.insert_column
        self.delete_column, self.delete_sheet = store.delete_column, store.delete_sheet
        self.totals_row, self.keys, self.sees = store.staff_below, store.keys, store.staff_sees

    def open_file(self) -> None:
        self._store.trouble.pending = "店铺.xlsx 正被打开"

    def close_file(self) -> None:
        self._store.trouble.pending = ""


def memory_desk(lang: Lang) -> Desk:
    store = MemoryStore(CONTRACT_TABLES, lang)
    return Desk(store, MemoryPerson(store), lang)


def sort_of(raw: Raw) -> str:
    """What sort of cell it is, as every spreadsheet tells them apart."""
    if raw is None:
        return "empty"
    if isinstance(raw, Formula):
        return "formula"
    if isinstance(raw, bool):
        return "bool"
    return "text" if isinstance(raw, str) else "number"
