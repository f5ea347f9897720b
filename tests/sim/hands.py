"""A person's hands in a workbook, whatever kind it is: in memory, or a file opened and saved by another program."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from lxml import etree

from sync_engine.sandbox.staff import Desk
from sync_engine.stores.memory import MemoryStore
from sync_engine.stores.memory_cells import Raw, decode, shown
from tests.sim.sheets import Rows, Tables, plain, read_workbook, tables_of
from tests.stores.desk import Person
from tests.stores.grid_desk import LittlePerson
from workbook_templates.schema import KEY_SEPARATOR, Column, Kind, Lang, Table
from workbook_templates.tables import BY_NAME, TABLES

Typed = str | int


class Hands(Protocol):
    """What a person can do. Columns by machine name, rows by key; "" is the first row that has no key."""

    def keys(self, table: str) -> list[str]: ...
    def sees(self, table: str, key: str, column: str) -> str: ...
    def type(self, table: str, key: str, column: str, value: Typed) -> None: ...
    def add(self, table: str, cells: Mapping[str, Typed]) -> None: ...
    def blank_row(self, table: str, index: int) -> None: ...
    def sort(self, table: str, column: str, reverse: bool) -> None: ...
    def delete(self, table: str, key: str) -> None: ...
    def copy(self, table: str, key: str) -> None: ...
    def tables(self) -> Tables: ...
    def take(self) -> object:
        """A copy of the whole workbook."""

    def put_back(self, copied: Any) -> None:
        """The workbook is that copy again."""


class MemoryHands:
    """Hands at a `MemoryStore`."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def keys(self, table: str) -> list[str]:
        return self.store.keys(table)

    def sees(self, table: str, key: str, column: str) -> str:
        return shown(self.store.staff_sees(table, key, column))

    def type(self, table: str, key: str, column: str, value: Typed) -> None:
        self.store.staff_type(table, key, column, value)

    def add(self, table: str, cells: Mapping[str, Typed]) -> None:
        self.store.staff_insert(table, -1, cells)

    def blank_row(self, table: str, index: int) -> None:
        self.store.staff_insert(table, min(index, len(self.store.keys(table))), {})

    def sort(self, table: str, column: str, reverse: bool) -> None:
        self.store.staff_sort(table, column, reverse)

    def delete(self, table: str, key: str) -> None:
        self.store.staff_delete(table, [key])

    def copy(self, table: str, key: str) -> None:
        self.store.staff_copy_row(table, key)

    def tables(self) -> Tables:
        return tables_of({table.name: self.store.rows(table.name) for table in TABLES})

    def take(self) -> object:
        return self.store.save()

    def put_back(self, copied: Any) -> None:
        self.store.restore(copied)


class ProgramHands:
    """Hands at a workbook open in a program."""

    person: Person

    def __init__(self, person: LittlePerson) -> None:
        self.person, self.program = person, person.program

    def keys(self, table: str) -> list[str]:
        return self.person.keys(table)

    def sees(self, table: str, key: str, column: str) -> str:
        return shown(_as_shown(BY_NAME[table].column(column), self.person.sees(table, key, column)))

    def type(self, table: str, key: str, column: str, value: Typed) -> None:
        self.person.type(table, key, column, value)

    def add(self, table: str, cells: Mapping[str, Typed]) -> None:
        self.person.insert(table, -1, cells)

    def blank_row(self, table: str, index: int) -> None:
        self.person.insert(table, min(index, len(self.keys(table))), {})

    def sort(self, table: str, column: str, reverse: bool) -> None:
        self.person.sort(table, column, reverse)

    def delete(self, table: str, key: str) -> None:
        self.person.delete(table, [key])

    def copy(self, table: str, key: str) -> None:
        self.person.copy_row(table, key)

    def tables(self) -> Tables:
        return {table.name: rows_of(table, self.program.tabs[table.sheet(Lang.ZH)]) for table in TABLES}

    def take(self) -> object:
        return copy.deepcopy((self.program.tabs, self.program.names))

    def put_back(self, copied: Any) -> None:
        self.program.tabs, self.program.names = copy.deepcopy(copied)


def rows_of(table: Table, cells: Sequence[Sequence[Raw]]) -> Rows:
    """A table's rows as people read them in a page of cells that begins with its header."""
    heads, *rows = cells
    columns = [(column, heads.index(column.zh)) for column in table.columns]
    return [
        {
            column.name: plain(column, decode(column, row[at] if at < len(row) else None).value)
            for column, at in columns
        }
        for row in rows
        if any(cell is not None for cell in row)
    ]


def _as_shown(column: Column, raw: Raw) -> Raw:
    """A moment is a number in the cell and shown as a date."""
    read = decode(column, raw).value if column.kind is Kind.TIME else raw
    return read if isinstance(read, datetime) else raw


class FileDesk(Desk):
    """The demo's hand in a file, which can also delete rows and copy them to the end."""

    def delete_row(self, at: int) -> None:
        """Delete a whole row; those below move up."""
        self._data.remove(self._row(at))
        for row in self._data:
            if int(row.get("r")) > at:
                self._move(row, int(row.get("r")) - 1)

    def append_row(self, like: int) -> int:
        """A copy of a row below the last one, which people drag the table over; its number."""
        last = max(int(row.get("r")) for row in self._data)
        number = max([1, *self.rows()]) + 1
        if number > last:
            self._grow_table()
        for row in list(self._data):
            if int(row.get("r")) == number:
                self._data.remove(row)
        model = next((row for row in self._data if int(row.get("r")) == like), None)
        copied = etree.Element(self._data[0].tag) if model is None else copy.deepcopy(model)
        self._move(copied, number)
        place = sum(1 for row in self._data if int(row.get("r")) < number)
        self._data.insert(place, copied)
        return number

    def wipe(self, at: int) -> None:
        """Empty a row's cells."""
        for cell in self._row(at):
            for child in list(cell):
                cell.remove(child)
            cell.attrib.pop("t", None)

    @staticmethod
    def _move(row: etree._Element, number: int) -> None:
        row.set("r", str(number))
        for cell in row:
            cell.set("r", f"{str(cell.get('r')).rstrip('0123456789')}{number}")


class FileHands:
    """Hands at an xlsx file: each act opens it, changes it and saves it whole."""

    def __init__(self, path: Path, lang: Lang = Lang.ZH) -> None:
        self.path, self.lang = path, lang
        self._seen: object = None  # which file the desks for looking are of
        self._looks: dict[str, FileDesk] = {}

    def _desk(self, table: str) -> FileDesk:
        return FileDesk(self.path, BY_NAME[table].sheet(self.lang))

    def _look(self, table: str) -> FileDesk:
        """For looking only: opened once for each table of a file that stays as it is."""
        now = self.path.stat()
        if self._seen != (now.st_ino, now.st_mtime_ns, now.st_size):
            self._seen, self._looks = (now.st_ino, now.st_mtime_ns, now.st_size), {}
        if table not in self._looks:
            self._looks[table] = self._desk(table)
        return self._looks[table]

    def _head(self, table: str, column: str) -> str:
        return BY_NAME[table].column(column).header(self.lang)

    def _at(self, desk: FileDesk, table: str, key: str) -> int:
        """The row with a key; KeyError where there is none."""
        for row in desk.rows():
            if self._key(desk, table, row) == key:
                return row
        raise KeyError(key)

    def _key(self, desk: FileDesk, table: str, row: int) -> str:
        parts = [desk.see(row, self._head(table, part)) for part in BY_NAME[table].key]
        return KEY_SEPARATOR.join(parts) if all(parts) else ""

    def keys(self, table: str) -> list[str]:
        desk = self._look(table)
        return [self._key(desk, table, row) for row in desk.rows()]

    def sees(self, table: str, key: str, column: str) -> str:
        desk = self._look(table)
        return desk.see(self._at(desk, table, key), self._head(table, column))

    def type(self, table: str, key: str, column: str, value: Typed) -> None:
        desk = self._desk(table)
        desk.type(self._at(desk, table, key), self._head(table, column), value)
        desk.save()

    def add(self, table: str, cells: Mapping[str, Typed]) -> None:
        desk = self._desk(table)
        rows = list(desk.rows())
        at = desk.append_row(rows[-1] if rows else 2)
        desk.wipe(at)
        for column, value in cells.items():
            desk.type(at, self._head(table, column), value)
        desk.save()

    def blank_row(self, table: str, index: int) -> None:
        desk = self._desk(table)
        desk.insert_blank_row(2 + index)
        desk.save()

    def sort(self, table: str, column: str, reverse: bool) -> None:
        desk = self._desk(table)
        desk.sort(self._head(table, column), reverse=reverse)
        desk.save()

    def delete(self, table: str, key: str) -> None:
        desk = self._desk(table)
        desk.delete_row(self._at(desk, table, key))
        desk.save()

    def copy(self, table: str, key: str) -> None:
        desk = self._desk(table)
        desk.append_row(self._at(desk, table, key))
        desk.save()

    def tables(self) -> Tables:
        return read_workbook(self.path, self.lang)

    def take(self) -> object:
        return self.path.read_bytes()

    def put_back(self, copied: Any) -> None:
        self.path.write_bytes(copied)
