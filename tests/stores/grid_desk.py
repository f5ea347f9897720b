"""A running program in little: a workbook of cells that a `Grid` reaches and a person works in. The simplest one there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from sync_engine.stores.grid.port import Contents, GridBusy, Page, Put
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.memory_cells import Formula, Raw, serial, shown
from tests.stores.desk import Desk, Unseen
from tests.stores.tables import CONTRACT_TABLES
from workbook_templates.schema import KEY_SEPARATOR, Lang, Table, defined_name

MOMENTS = ("before_put", "after_guards", "after_put")
"""Of a write, in which a person may act."""


def as_kept(raw: Raw) -> Raw:
    """A cell as a program keeps it: numbers are doubles, a moment is a number."""
    if isinstance(raw, datetime):
        raw = serial(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        return None if raw == "" else raw
    kept = Decimal(repr(float(raw)))
    return int(kept) if kept == kept.to_integral_value() else kept


class LittleProgram:
    """Tabs of rows of cells; implements `Grid`. It can neither hold keys back nor look and write in one step."""

    at_once = False

    def __init__(self, tables: Iterable[Table] = CONTRACT_TABLES, lang: Lang = Lang.ZH) -> None:
        self.tables = {table.name: table for table in tables}
        self.tabs: dict[str, list[list[Raw]]] = {}
        self.names: dict[str, tuple[str, int, int]] = {}
        self.totals: dict[str, str] = {}
        self.busy = ""
        self.before_put: Callable[[], None] = lambda: None
        self.after_guards: Callable[[], None] = lambda: None
        self.after_put: Callable[[], None] = lambda: None
        self.calls: list[str] = []
        for table in self.tables.values():
            self.tabs[table.sheet(lang)] = [[column.header(lang) for column in table.columns]]
            for at, column in enumerate(table.columns, 1):
                self.names[defined_name(table, column)] = (table.sheet(lang), 1, at)

    def slip(self, moment: str, puts: int, act: Callable[[], None]) -> None:
        """Let a person act in this moment of a write, when so many others have been."""
        setattr(self, moment, (lambda: self.slip(moment, puts - 1, act)) if puts else act)

    # -- the engine's side -------------------------------------------------------------------------------------------

    def contents(self) -> Contents:
        self._answer("contents")
        return Contents(tabs=tuple(self.tabs), names=dict(self.names))

    def pages(self, tabs: Sequence[str]) -> Mapping[str, Page]:
        self._answer("pages")
        found = {}
        for tab in tabs:
            if tab in self.tabs:
                cells = [list(row) for row in self.tabs[tab]]
                totals = len(cells) + 1 if tab in self.totals else 0
                extra: list[list[Raw]] = [[self.totals[tab]]] if totals else []
                found[tab] = Page(tab=tab, cells=cells + extra, totals=totals)
        return found

    def put(self, puts: Sequence[Put]) -> Sequence[Put]:
        self._answer("put")
        hook, self.before_put = self.before_put, lambda: None
        hook()
        missed = [put for put in puts if not self._meant(put)]
        hook, self.after_guards = self.after_guards, lambda: None
        hook()
        for put in puts:
            if put not in missed:
                for at, raw in put.cells.items():
                    self._cell(put.tab, put.row, at, raw)
        hook, self.after_put = self.after_put, lambda: None
        hook()
        return missed

    @contextmanager
    def held(self) -> Iterator[None]:
        self._answer("hold")
        yield

    def _answer(self, what: str) -> None:
        self.calls.append(what)
        if self.busy and what in ("hold", "put"):
            raise GridBusy(self.busy)

    def _meant(self, put: Put) -> bool:
        rows = self.tabs[put.tab]
        row = rows[put.row - 1] if put.row <= len(rows) else []
        if put.new:
            return all(raw is None for raw in row)
        return all(
            shown(row[at - 1] if at <= len(row) else None) == shown(raw) for at, raw in put.guard.items()
        )

    def _cell(self, tab: str, row: int, at: int, raw: Raw) -> None:
        rows = self.tabs[tab]
        while len(rows) < row:
            rows.append([])
        rows[row - 1] += [None] * (at - len(rows[row - 1]))
        rows[row - 1][at - 1] = as_kept(raw)


class LittlePerson(Unseen):
    """Who works in it."""

    def __init__(self, program: LittleProgram) -> None:
        self._marks = set()
        self.program = program

    def _tab(self, table: str) -> str:
        declared = self.program.tables[table]
        for tab in (declared.zh, declared.en):
            if tab in self.program.tabs:
                return tab
        prefix = f"bm_{table}_"
        return next(tab for name, (tab, _, _) in self.program.names.items() if name.startswith(prefix))

    def _at(self, table: str, column: str) -> int:
        declared = self.program.tables[table].column(column)
        named = self.program.names.get(defined_name(self.program.tables[table], declared))
        heads = self.program.tabs[self._tab(table)][0]
        if named and shown(heads[named[2] - 1]) in (declared.zh, declared.en):
            return named[2] - 1
        for at, text in enumerate(heads):
            if text in (declared.zh, declared.en):
                return at
        if named:
            return named[2] - 1
        raise KeyError(column)

    def _rows(self, table: str) -> list[list[Raw]]:
        return self.program.tabs[self._tab(table)]

    def _get(self, row: list[Raw], at: int) -> Raw:
        return row[at] if at < len(row) else None

    def _key(self, table: str, row: list[Raw]) -> str:
        parts = [self._get(row, self._at(table, name)) for name in self.program.tables[table].key]
        return (
            "" if any(part is None for part in parts) else KEY_SEPARATOR.join(shown(p).strip() for p in parts)
        )

    def _row(self, table: str, key: str) -> list[Raw]:
        for row in self._rows(table)[1:]:
            if self._key(table, row) == key and any(raw is not None for raw in row):
                return row
        raise KeyError(key)

    def type(self, table: str, key: str, column: str, value: Raw) -> None:
        row, at = self._row(table, key), self._at(table, column)
        row += [None] * (at + 1 - len(row))
        row[at] = as_kept(value)

    def insert(self, table: str, index: int, cells: Mapping[str, Raw]) -> None:
        rows = self._rows(table)
        row: list[Raw] = [None] * len(rows[0])
        for column, value in cells.items():
            row[self._at(table, column)] = as_kept(value)
        rows.insert(len(rows) if index < 0 else index + 1, row)

    def sort(self, table: str, column: str, reverse: bool = False) -> None:
        rows, at = self._rows(table), self._at(table, column)
        filled = [row for row in rows[1:] if self._get(row, at) is not None]
        empty = [row for row in rows[1:] if self._get(row, at) is None]
        filled.sort(key=lambda row: self._order(row[at]), reverse=reverse)
        rows[1:] = filled + empty

    def _order(self, raw: Raw) -> tuple[int, Decimal, str]:
        raw = raw.value if isinstance(raw, Formula) else raw
        if isinstance(raw, int | Decimal):
            return (0, Decimal(raw), "")
        return (1, Decimal(0), shown(raw))

    def delete(self, table: str, keys: Iterable[str]) -> None:
        for key in keys:
            row = self._row(table, key)
            rows = self._rows(table)
            rows[:] = [one for one in rows if one is not row]

    def copy_row(self, table: str, key: str) -> None:
        self._rows(table).append(list(self._row(table, key)))

    def rename_header(self, table: str, column: str, text: str) -> None:
        self._rows(table)[0][self._at(table, column)] = text

    def lose_name(self, table: str, column: str) -> None:
        declared = self.program.tables[table]
        del self.program.names[defined_name(declared, declared.column(column))]

    def _shift(
        self, table: str, change: Callable[[list[Raw]], None], where: Callable[[int], int | None]
    ) -> None:
        tab, rows = self._tab(table), self._rows(table)
        width = max(len(row) for row in rows)
        for row in rows:
            row += [None] * (width - len(row))
            change(row)
        for name, (at_tab, line, at) in list(self.program.names.items()):
            if at_tab == tab:
                new = where(at - 1)
                if new is None:
                    del self.program.names[name]
                else:
                    self.program.names[name] = (tab, line, new + 1)

    def move_column(self, table: str, column: str, index: int) -> None:
        at = self._at(table, column)
        order = [n for n in range(max(len(row) for row in self._rows(table))) if n != at]
        order.insert(index, at)

        def change(row: list[Raw]) -> None:
            row[:] = [row[n] for n in order]

        self._shift(table, change, order.index)

    def insert_column(self, table: str, index: int, header: str) -> None:
        self._shift(table, lambda row: row.insert(index, None), lambda at: at + (at >= index))
        self._rows(table)[0][index] = header

    def delete_column(self, table: str, column: str) -> None:
        at = self._at(table, column)

        def change(row: list[Raw]) -> None:
            del row[at]

        self._shift(table, change, lambda n: None if n == at else n - (n > at))

    def delete_sheet(self, table: str) -> None:
        tab = self._tab(table)
        del self.program.tabs[tab]
        self.program.names = {name: to for name, to in self.program.names.items() if to[0] != tab}

    def totals_row(self, table: str, text: str) -> None:
        self.program.totals[self._tab(table)] = text

    def open_file(self) -> None:
        self.program.busy = "有人正在编辑单元格 / somebody is editing a cell"

    def close_file(self) -> None:
        self.program.busy = ""

    def sees(self, table: str, key: str, column: str) -> Raw:
        return self._get(self._row(table, key), self._at(table, column))

    def keys(self, table: str) -> list[str]:
        return [self._key(table, row) for row in self._rows(table)[1:] if any(raw is not None for raw in row)]


class LittleDesk(Desk):
    """A GridStore over the little program."""

    def __init__(self, lang: Lang) -> None:
        self.program = LittleProgram(CONTRACT_TABLES, lang)
        super().__init__(self._open(lang), LittlePerson(self.program), lang)

    def _open(self, lang: Lang) -> GridStore:
        return GridStore(self.program, tables=CONTRACT_TABLES, lang=lang)

    def reopen(self) -> None:
        self.store = self._open(self.lang)
