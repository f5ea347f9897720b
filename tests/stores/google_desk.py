"""A person at a Google spreadsheet of the stand-in, and our store at the same one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from google.oauth2.service_account import Credentials
from requests import post

from sync_engine.sandbox.google import object_requests
from sync_engine.sandbox.google.cells import Formula as Typed
from sync_engine.sandbox.google.grid import Grid as Area
from sync_engine.sandbox.google.serve import PERSON, ROBOT, GoogleSandbox
from sync_engine.sandbox.google.staff import Desk as Browser
from sync_engine.stores.google.auth import SCOPES
from sync_engine.stores.google.builder import open_book
from sync_engine.stores.google.building import charts, rules, sheets
from sync_engine.stores.google.building.cells import Looks
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.store import GoogleStore
from sync_engine.stores.google.wire import letters
from sync_engine.stores.memory_cells import Formula, Raw, serial, shown
from tests.stores.desk import Desk
from tests.stores.tables import CONTRACT_TABLES
from workbook_templates.schema import KEY_SEPARATOR, Lang, Table, defined_name

MADE: WeakKeyDictionary[GoogleSandbox, dict[int, tuple[str, list[dict[str, Any]]]]] = WeakKeyDictionary()
"""The spreadsheet that was made of a list of requests, by the list's identity."""
KEYS: WeakKeyDictionary[GoogleSandbox, Credentials] = WeakKeyDictionary()


class StillPace:
    """Machine time that passes only when waited for."""

    def __init__(self) -> None:
        self.at, self.waited = 0.0, 0.0

    def passed(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += seconds
        self.waited += seconds


def calls_to(sandbox: GoogleSandbox, folder: Path, pace: Any = None) -> Calls:
    """Calls as the stand-in's service account."""
    if sandbox not in KEYS:  # to read a key is slow
        KEYS[sandbox] = Credentials.from_service_account_file(str(sandbox.credentials(folder)), scopes=SCOPES)
    account = KEYS[sandbox].with_scopes(SCOPES)
    account._is_regional_access_boundary_lookup_required = lambda: False  # it would ask Google itself
    calls = Calls(account, base=sandbox.url, pace=pace or StillPace())
    calls.session.trust_env = False
    return calls


def requests_of_tables(path: Path, lang: Lang, tables: Iterable[Table]) -> list[dict[str, Any]]:
    """What makes a spreadsheet of the workbook at `path`."""
    book, looks = open_book(path), Looks()
    ids = sheets.sheet_ids(book)
    found = [*sheets.add_sheets(book), *sheets.name_ranges(book)]
    for name, at in ids.items():
        table = next((table for table in tables if name in (table.zh, table.en)), None)
        found += [*sheets.fill_sheet(book[name], at, looks), *rules.sheet_rules(book[name], at, table, lang)]
        found += charts.sheet_charts(book[name], ids)
    return [*found, *sheets.add_tables(book)]


def kept(value: Raw) -> Any:
    """What a cell then holds in the stand-in."""
    if value is None or value == "":
        return None
    if isinstance(value, Formula):
        return Typed(value.text)
    if isinstance(value, datetime):
        value = serial(value)
    if isinstance(value, bool | str):
        return value
    return float(value)


class GooglePerson:
    """Who works in the browser."""

    def __init__(self, sandbox: GoogleSandbox, file: str, lang: Lang, tables: Iterable[Table]) -> None:
        self.sandbox, self.lang = sandbox, lang
        self.browser: Browser = sandbox.staff.open(file)
        self._tables = {table.name: table for table in tables}
        self._seen: tuple[Any, dict[str, list[list[Raw]]]] = (
            None,
            {},
        )  # a book is never changed: each act makes another

    def _tab(self, table: str) -> str:
        return self._tables[table].sheet(self.lang)

    def _grid(self, table: str) -> list[list[Raw]]:
        if self._seen[0] is not self.browser.book:
            self._seen = (self.browser.book, {})
        if table not in self._seen[1]:
            self._seen[1][table] = self._looked(table)
        return self._seen[1][table]

    def _looked(self, table: str) -> list[list[Raw]]:
        sheet = self.browser.book.titled(self._tab(table))
        assert sheet is not None
        width = 1 + max(
            (at for row in sheet.cells for at, cell in row.items() if cell.entered is not None), default=0
        )
        end = sheet.end_of_data()
        return [[self._raw(table, row, at) for at in range(width)] for row in range(end)]

    def _raw(self, table: str, row: int, at: int) -> Raw:
        entered = self.browser.entered(self._tab(table), row, at)
        if isinstance(entered, Typed):
            value = self.browser.value(self._tab(table), row, at)
            return Formula(str(entered), value if isinstance(value, str | bool) else _number(value))
        if entered is None or isinstance(entered, str | bool):
            return entered or None if isinstance(entered, str) else entered
        return _number(entered)

    def _at(self, table: str, grid: list[list[Raw]], column: str) -> int:
        declared = self._tables[table]
        wanted = declared.column(column)
        found = [at for at, text in enumerate(grid[0]) if text in (wanted.zh, wanted.en)]
        named = self._named(defined_name(declared, wanted))
        if named is not None and (not found or named in found):
            return named
        if found:
            return found[0]
        raise KeyError(column)

    def _named(self, name: str) -> int | None:
        for each in self.browser.book.named.values():
            if each["name"] == name:
                return int(each["range"].get("startColumnIndex", 0))
        return None

    def _keys(self, table: str, grid: list[list[Raw]]) -> list[str]:
        ats = [self._at(table, grid, name) for name in self._tables[table].key]
        keys = []
        for row in grid[1:]:
            parts = [row[at] for at in ats]
            whole = all(part is not None for part in parts)
            keys.append(KEY_SEPARATOR.join(shown(part).strip() for part in parts) if whole else "")
        return keys

    def _row(self, table: str, key: str) -> tuple[list[list[Raw]], int]:
        grid = self._grid(table)
        for n, one in enumerate(self._keys(table, grid), start=1):
            if one == key and any(raw is not None for raw in grid[n]):
                return grid, n
        raise KeyError(key)

    def _put(self, table: str, row: int, cells: Mapping[int, Raw], act: str = "type") -> None:
        """Straight into the cells, as a paste from elsewhere: a number stays one also where text is expected."""

        def do(work: Any, sheet: Any) -> None:
            new = {at: replace(sheet.cell(row, at), entered=kept(raw)) for at, raw in cells.items()}
            work.write_row(sheet, row, new)

        self.browser._act(act, self._tab(table), do, row=row, columns=sorted(cells))

    def type(self, table: str, key: str, column: str, value: Raw) -> None:
        grid, row = self._row(table, key)
        self._put(table, row, {self._at(table, grid, column): value})

    def insert(self, table: str, index: int, cells: Mapping[str, Raw]) -> None:
        grid = self._grid(table)
        row = len(grid) if index < 0 else index + 1
        if index >= 0:
            self.browser.insert_rows(self._tab(table), row)
        self._put(table, row, {self._at(table, grid, name): raw for name, raw in cells.items()})

    def sort(self, table: str, column: str, reverse: bool = False) -> None:
        self.browser.sort(self._tab(table), self._at(table, self._grid(table), column), reverse)

    def delete(self, table: str, keys: Iterable[str]) -> None:
        for key in keys:
            self.browser.delete_rows(self._tab(table), self._row(table, key)[1])

    def copy_row(self, table: str, key: str) -> None:
        grid, row = self._row(table, key)
        self._put(table, len(grid), dict(enumerate(grid[row])), act="copy row")

    def rename_header(self, table: str, column: str, text: str) -> None:
        self._put(table, 0, {self._at(table, self._grid(table), column): text})

    def lose_name(self, table: str, column: str) -> None:
        declared = self._tables[table]
        name = defined_name(declared, declared.column(column))
        number = next(n for n, each in self.browser.book.named.items() if each["name"] == name)

        def do(work: Any, _: Any) -> None:
            object_requests.delete_named(work, {"namedRangeId": number})

        self.browser._act("delete name", self._tab(table), do)

    def move_column(self, table: str, column: str, index: int) -> None:
        at = self._at(table, self._grid(table), column)
        self.browser.move_columns(self._tab(table), at, index + 1 if index > at else index)

    def insert_column(self, table: str, index: int, header: str) -> None:
        self.browser.insert_columns(self._tab(table), index)
        self._put(table, 0, {index: header})

    def delete_column(self, table: str, column: str) -> None:
        self.browser.delete_columns(self._tab(table), self._at(table, self._grid(table), column))

    def delete_sheet(self, table: str) -> None:
        self.browser.delete_tab(self._tab(table))

    def totals_row(self, table: str, text: str) -> None:
        pytest.skip(
            "a table of Google's shows totals in its footer, which is none of the rows: nothing can run over it"
        )

    def hide(self, table: str, key: str) -> None:
        self.browser.hide_rows(self._tab(table), self._row(table, key)[1])

    def filter(self, table: str, column: str, text: str) -> None:
        """The stand-in keeps the filter and hides nothing by it: Google's answers hold filtered rows like others."""
        grid = self._grid(table)
        at, area = self._at(table, grid, column), f"A1:{letters(len(grid[0]))}{len(grid)}"
        away = [shown(row[at]) for row in grid[1:] if shown(row[at]) != text]
        self.browser.filter(self._tab(table), area, {str(at): {"hiddenValues": away}})

    def hidden(self, table: str, key: str) -> bool:
        sheet, row = self.browser.book.titled(self._tab(table)), self._row(table, key)[1]
        assert sheet is not None
        return bool((sheet.lines[row] or {}).get("hiddenByUser"))

    def merge(self, table: str, key: str, first: str, last: str) -> None:
        grid, row = self._row(table, key)
        left, right = self._at(table, grid, first), self._at(table, grid, last)

        def do(work: Any, sheet: Any) -> None:
            span = Area(sheet=sheet.id, top=row, bottom=row + 1, left=left, right=right + 1)
            object_requests.merge_cells(work, {"range": span.as_json()})

        self.browser._act("merge", self._tab(table), do)

    def merged(self, table: str) -> int:
        sheet = self.browser.book.titled(self._tab(table))
        assert sheet is not None
        return len(sheet.merges)

    def protect(self, table: str) -> None:
        """With a warning, as our own ranges are; who is shut out altogether is another case."""
        self.browser.protect(self._tab(table), warning=True)

    def protected(self, table: str) -> bool:
        sheet = self.browser.book.titled(self._tab(table))
        assert sheet is not None
        return any(
            each.get("warningOnly") and "startRowIndex" not in each["range"]
            for each in sheet.protected.values()
        )

    def open_file(self) -> None:
        """Google does not answer writes."""
        self.sandbox.faults.add("503", "write", next=10_000)

    def close_file(self) -> None:
        self.sandbox.faults.clear()

    def sees(self, table: str, key: str, column: str) -> Raw:
        grid, row = self._row(table, key)
        return grid[row][self._at(table, grid, column)]

    def keys(self, table: str) -> list[str]:
        grid = self._grid(table)
        return [
            key
            for key, row in zip(self._keys(table, grid), grid[1:], strict=True)
            if any(r is not None for r in row)
        ]


def _number(value: Any) -> Raw:
    if not isinstance(value, int | float):
        return None
    return int(value) if value == int(value) and abs(value) < 1e18 else Decimal(repr(value))


class GoogleDesk(Desk):
    """A new spreadsheet of the stand-in."""

    def __init__(
        self, sandbox: GoogleSandbox, folder: Path, requests: list[dict[str, Any]], lang: Lang, *, fresh: float = 0.0,
        tables: tuple[Table, ...] = CONTRACT_TABLES,
    ) -> None:  # fmt: skip
        self.sandbox, self.lang, self.tables, self.fresh = sandbox, lang, tables, fresh
        self.pace = StillPace()
        self.calls = calls_to(sandbox, folder, self.pace)
        self.file = self._copied(requests)
        super().__init__(self._open(), GooglePerson(sandbox, self.file, lang, tables), lang)

    def _copied(self, requests: list[dict[str, Any]]) -> str:
        """The person's copy of the spreadsheet these requests make, which is made once in a stand-in."""
        made = MADE.setdefault(self.sandbox, {})
        if id(requests) not in made:
            first = self.sandbox.create("店铺")
            self.calls.batch_update(first, {"requests": requests})
            made[id(requests)] = (first, requests)
        reply = post(
            f"{self.sandbox.url}/drive/v3/files/{made[id(requests)][0]}/copy",
            json={"name": "店铺"},
            timeout=30,
            headers={"Authorization": f"Bearer {self.sandbox.token(PERSON)}"},
        )
        reply.raise_for_status()
        copy = str(reply.json()["id"])
        self.sandbox.staff.share(copy, ROBOT)
        return copy

    def _open(self) -> GoogleStore:
        return GoogleStore(
            self.calls, self.file, tables=self.tables, lang=self.lang, pace=self.pace, fresh=self.fresh
        )

    def reopen(self) -> None:
        self.store = self._open()

    def write(self, *edits: Any) -> Any:
        self.pace.at += 60.0  # the bucket is full again, and the last read is old
        return super().write(*edits)


__all__ = ["PERSON", "GoogleDesk", "GooglePerson", "StillPace", "calls_to", "requests_of_tables"]
