"""A person at a real LibreOffice, and our store at the same document."""

from __future__ import annotations

import json
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from addin.libreoffice import install
from addin.libreoffice.installing import plain_environment
from sync_engine.stores.google.wire import letters
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.libreoffice.grid import OfficeGrid
from sync_engine.stores.libreoffice.notes import ROOM
from sync_engine.stores.libreoffice.process import Hand, python_with_uno
from sync_engine.stores.memory_cells import Formula, Raw, serial, shown
from tests.calc.office import a_process, at_home, missing, own_office
from tests.stores.desk import Desk
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import KEY_SEPARATOR, Lang, Table, defined_name

HAND = Path(__file__).with_name("office_hand.py")


class Office:
    """A running LibreOffice. Every method of `office_hand.Hand` can be asked for."""

    def __init__(
        self, pipe: str, hand: subprocess.Popen[str], home: Path, program: subprocess.Popen[str]
    ) -> None:
        self.pipe, self._hand, self.home, self.program = pipe, hand, home, program
        self.engine = Hand(pipe)

    def leave(self) -> None:
        """Quit as people do: it must end, and take its note away."""
        assert self.quit()
        self.program.wait(20)
        assert not list((self.home / ROOM).glob("office-*.json"))

    def __getattr__(self, name: str) -> Any:
        def ask(*given: object) -> Any:
            assert self._hand.stdin is not None and self._hand.stdout is not None
            self._hand.stdin.write(json.dumps({"do": name, "given": given}) + "\n")
            self._hand.stdin.flush()
            line = self._hand.stdout.readline()
            assert line, "the person's hand is gone"
            answer = json.loads(line)
            assert "error" not in answer, f"{name}: {answer['error']}"
            return answer["value"]

        return ask


@contextmanager
def running_office(room: Path, *, extension: bool = True, display: str = "") -> Iterator[Office]:
    """LibreOffice with a profile and a home of its own, and a person's hand in it; both ended afterwards.

    Without `extension` the engine works from outside. With `display` there is a window on that X display.
    """
    home, pipe = room / "home", f"biaomao{secrets.token_hex(8)}"
    home.mkdir(parents=True, exist_ok=True)
    office = own_office(room)
    with at_home(home):
        if extension:
            install(office)
        environment = {**plain_environment(), **({"DISPLAY": display} if display else {})}
    flags = ["--norestore", "--nologo", "--nodefault", "--nolockcheck", f"--accept=pipe,name={pipe};urp"]
    words = ["soffice", *office.options, *flags, *([] if display else ["--headless"])]
    python = python_with_uno()
    assert python is not None, missing()
    with (
        a_process(words, environment) as program,
        a_process([python, str(HAND), pipe, "60"], environment) as hand,
    ):
        running = Office(pipe, hand, home, program)
        try:
            yield running
            running.leave()
        finally:
            running.engine.close()


class OfficePerson:
    """Who works in LibreOffice."""

    def __init__(self, office: Office, lang: Lang, tables: Iterable[Table] = CONTRACT_TABLES) -> None:
        self.office, self.lang = office, lang
        self._tables = {table.name: table for table in tables}
        self._seen: dict[str, Any] | None = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Nobody acts meanwhile: what was looked at once is not looked at again."""
        self._seen = {}
        try:
            yield
        finally:
            self._seen = None

    def _look(self, what: str, *given: str) -> Any:
        if self._seen is None:
            return getattr(self.office, what)(*given)
        mark = "/".join((what, *given))
        if mark not in self._seen:
            self._seen[mark] = getattr(self.office, what)(*given)
        return self._seen[mark]

    def _table(self, table: str) -> tuple[Table, str, list[list[list[Any]]]]:
        declared = self._tables[table]
        tab = declared.sheet(self.lang)
        return declared, tab, self._look("cells", tab)

    def cells(self, table: str) -> list[list[list[Any]]]:
        """Kind, value and formula of every cell of a tab."""
        return self._table(table)[2]

    def _at(self, declared: Table, cells: list[list[list[Any]]], column: str) -> int:
        """Where a column stands: by its name where that still points at it, else by its header."""
        wanted = declared.column(column)
        texts = [cell[1] for cell in cells[0]]
        found = [at for at, text in enumerate(texts) if text in (wanted.zh, wanted.en)]
        if len(found) == 1:
            return found[0]
        place = self._look("names").get(defined_name(declared, wanted), "")
        letters = place.rpartition(".")[2].replace("$", "").rstrip("0123456789")
        named = sum((ord(letter) - 64) * 26**n for n, letter in enumerate(reversed(letters))) - 1
        if named >= 0 and (not found or named in found):
            return named
        if found:
            return found[0]
        raise KeyError(column)

    def _keys(self, table: str) -> tuple[Table, str, list[list[list[Any]]], list[str]]:
        declared, tab, cells = self._table(table)
        ats = [self._at(declared, cells, name) for name in declared.key]
        keys = []
        for row in cells[1:]:
            parts = [row[at] for at in ats]
            whole = all(part[0] != "empty" for part in parts)
            keys.append(KEY_SEPARATOR.join(shown(raw_of(part)).strip() for part in parts) if whole else "")
        return declared, tab, cells, keys

    def _row(self, table: str, key: str) -> tuple[Table, str, list[list[list[Any]]], int]:
        declared, tab, cells, keys = self._keys(table)
        for n, one in enumerate(keys, start=1):
            if one == key and any(cell[0] != "empty" for cell in cells[n]):
                return declared, tab, cells, n
        raise KeyError(key)

    def _set(self, tab: str, row: int, column: int, value: Raw) -> None:
        if value is None or value == "":
            self.office.set(tab, row, column, "empty", None)
        elif isinstance(value, bool):
            self.office.set(tab, row, column, "bool", value)
        elif isinstance(value, Formula):
            self.office.set(tab, row, column, "formula", value.text)
        elif isinstance(value, str):
            self.office.set(tab, row, column, "text", value)
        else:
            self.office.set(
                tab, row, column, "number", float(serial(value) if isinstance(value, datetime) else value)
            )

    def type(self, table: str, key: str, column: str, value: Raw) -> None:
        declared, tab, cells, row = self._row(table, key)
        self._set(tab, row, self._at(declared, cells, column), value)

    def insert(self, table: str, index: int, cells: Mapping[str, Raw]) -> None:
        declared, tab, grid, _ = self._keys(table)
        filled = [n for n, row in enumerate(grid) if any(cell[0] != "empty" for cell in row)]
        row = max(filled) + 1 if index < 0 else index + 1
        if index >= 0:
            self.office.insert_rows(tab, row)
        for column, value in cells.items():
            self._set(tab, row, self._at(declared, grid, column), value)

    def sort(self, table: str, column: str, reverse: bool = False) -> None:
        declared, tab, cells = self._table(table)
        self.office.sort(tab, self._at(declared, cells, column), reverse)

    def delete(self, table: str, keys: Iterable[str]) -> None:
        for key in keys:
            _, tab, _, row = self._row(table, key)
            self.office.delete_row(tab, row)

    def copy_row(self, table: str, key: str) -> None:
        _, tab, cells, row = self._row(table, key)
        filled = [n for n, line in enumerate(cells) if any(cell[0] != "empty" for cell in line)]
        self.office.copy_row(tab, row, max(filled) + 1)

    def rename_header(self, table: str, column: str, text: str) -> None:
        declared, tab, cells = self._table(table)
        self.office.set(tab, 0, self._at(declared, cells, column), "text", text)

    def lose_name(self, table: str, column: str) -> None:
        declared = self._tables[table]
        self.office.lose_name(defined_name(declared, declared.column(column)))

    def move_column(self, table: str, column: str, index: int) -> None:
        declared, tab, cells = self._table(table)
        self.office.move_column(tab, self._at(declared, cells, column), index)

    def insert_column(self, table: str, index: int, header: str) -> None:
        self.office.insert_column(self._tables[table].sheet(self.lang), index, header)

    def delete_column(self, table: str, column: str) -> None:
        declared, tab, cells = self._table(table)
        self.office.delete_column(tab, self._at(declared, cells, column))

    def delete_sheet(self, table: str) -> None:
        self.office.delete_sheet(self._tables[table].sheet(self.lang))

    def totals_row(self, table: str, text: str) -> None:
        self.office.totals(self._tables[table].sheet(self.lang), text)

    def hide(self, table: str, key: str) -> None:
        _, tab, _, row = self._row(table, key)
        self.office.hide_row(tab, row)

    def filter(self, table: str, column: str, text: str) -> None:
        declared, tab, cells = self._table(table)
        self.office.filter_column(tab, self._at(declared, cells, column), text)

    def hidden(self, table: str, key: str) -> bool:
        _, tab, _, row = self._row(table, key)
        return not self.office.visible(tab, row)

    def merge(self, table: str, key: str, first: str, last: str) -> None:
        declared, tab, cells, row = self._row(table, key)
        left, right = (self._at(declared, cells, name) for name in (first, last))
        for column in range(left + 1, right + 1):
            self._set(tab, row, column, None)  # as the program does when a person merges and lets it
        self.office.merge(tab, f"{letters(left + 1)}{row + 1}:{letters(right + 1)}{row + 1}")

    def merged(self, table: str) -> int:
        return int(self.office.merged(self._tables[table].sheet(self.lang)))

    def protect(self, table: str) -> None:
        self.office.protect(self._tables[table].sheet(self.lang), "")

    def protected(self, table: str) -> bool:
        return bool(self.office.is_protected(self._tables[table].sheet(self.lang)))

    def open_file(self) -> None:
        """A password on every sheet: LibreOffice then takes nothing from us, and people type on in their cells."""
        self.office.protect_all("secret")

    def close_file(self) -> None:
        self.office.unprotect_all("secret")

    def sees(self, table: str, key: str, column: str) -> Raw:
        declared, _, cells, row = self._row(table, key)
        at = self._at(declared, cells, column)
        return raw_of(cells[row][at]) if at < len(cells[row]) else None

    def keys(self, table: str) -> list[str]:
        _, _, cells, keys = self._keys(table)
        return [
            key for key, row in zip(keys, cells[1:], strict=True) if any(cell[0] != "empty" for cell in row)
        ]


def raw_of(cell: list[Any]) -> Raw:
    """What stands in a cell."""
    kind, value = cell[0], cell[1]
    if kind == "empty":
        return None
    if kind == "formula":
        return Formula(
            cell[2], value if isinstance(value, str) else None if value is None else _number(value)
        )
    return str(value) if kind == "text" else _number(value)


def _number(value: float) -> int | Decimal:
    return int(value) if value == int(value) and abs(value) < 1e18 else Decimal(repr(value))


@cache
def _empty_book(lang: Lang) -> bytes:
    with tempfile.TemporaryDirectory() as room:
        make_book(path := Path(room) / "book.xlsx", CONTRACT_TABLES, lang)
        return path.read_bytes()


class OfficeDesk(Desk):
    """A document open in LibreOffice. Without a window it opens in half the time; all else is the same."""

    def __init__(
        self,
        office: Office,
        path: Path,
        lang: Lang,
        *,
        shown: bool = False,
        grid: type[OfficeGrid] = OfficeGrid,
    ) -> None:
        path.write_bytes(_empty_book(lang))
        office.open(str(path), shown)
        self.office, self.path, self.lang, self._grid = office, path, lang, grid
        self.person_of = OfficePerson(office, lang)
        super().__init__(self._open(), self.person_of, lang)

    def _open(self) -> GridStore:
        self.grid = self._grid(self.path, self.office.engine)
        return GridStore(self.grid, tables=CONTRACT_TABLES, lang=self.lang)

    def reopen(self) -> None:
        self.store = self._open()

    def close(self) -> None:
        self.office.close()
