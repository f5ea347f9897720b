"""Who works in Excel, through xlwings: the same hands for the Excel in little and for a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sync_engine.stores.excel.cells import raw_of
from sync_engine.stores.excel.hands import square
from sync_engine.stores.memory_cells import Formula, Raw, serial, shown
from workbook_templates.schema import KEY_SEPARATOR, Lang, Table, defined_name

PASSWORD = "von Anna"
FREE_FORMATS = (True, True, True, False, True)
"""Protect drawings, contents, scenarios; not only against people; formats may be changed."""

_T = TypeVar("_T")
Do = Callable[[Callable[[], object]], None]


class ExcelPerson:
    """See `Person`. `book` gives the workbook as xlwings knows it; `do` lets an act happen when the program
    listens, `looks` lets somebody look who is not us."""

    def __init__(
        self, book: Callable[[], Any], tables: Iterable[Table], lang: Lang, do: Do,
        looks: Callable[[], AbstractContextManager[None]], shows: Callable[[str, Raw], None],
    ) -> None:  # fmt: skip
        self._book, self._do, self._looks, self._shows, self.lang = book, do, looks, shows, lang
        self._tables = {table.name: table for table in tables}
        self._seen: dict[object, Any] | None = None
        self._merges: list[tuple[str, int, int]] = []

    # -- looking -----------------------------------------------------------------------------------------------------

    def _sheet(self, table: str) -> Any:
        return self._book().sheets[self._tables[table].sheet(self.lang)]

    def cells(self, table: str) -> list[list[Raw]]:
        """A whole sheet, from A1 on."""
        return self._cells(self._sheet(table))

    def _cells(self, sheet: Any) -> list[list[Raw]]:
        used = sheet.used_range
        last = (used.row + used.shape[0] - 1, used.column + used.shape[1] - 1)
        whole = sheet.range((1, 1), last)
        values, formulas = square(whole.api.Value2), square(whole.api.Formula)
        return [
            [raw_of(one, text) for one, text in zip(row, line, strict=True)]
            for row, line in zip(values, formulas, strict=True)
        ]

    def _at(self, table: str, cells: list[list[Raw]], column: str) -> int:
        """The column, from 1: by its header, by its name where that is no help."""
        declared = self._tables[table].column(column)
        found = [at for at, raw in enumerate(cells[0], 1) if raw in (declared.zh, declared.en)]
        if len(found) == 1:
            return found[0]
        wanted = defined_name(self._tables[table], declared)
        for name in self._book().names:
            if name.name == wanted:
                letters = name.refers_to.rpartition("!")[2].split("$")[1]
                return sum((ord(letter) - 64) * 26**n for n, letter in enumerate(reversed(letters)))
        if found:
            return found[0]
        raise KeyError(column)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Inside, each sheet is looked at once."""
        self._seen = {}
        try:
            yield
        finally:
            self._seen = None

    def _once(self, what: object, look: Callable[[], _T]) -> _T:
        if self._seen is None:
            return look()
        if what not in self._seen:
            self._seen[what] = look()
        found: _T = self._seen[what]
        return found

    def _keyed(self, table: str) -> tuple[Any, list[list[Raw]], list[tuple[int, str]]]:
        """The sheet, its cells, and every row with content: its number and its key."""
        return self._once(table, lambda: self._look(table))

    def _look(self, table: str) -> tuple[Any, list[list[Raw]], list[tuple[int, str]]]:
        sheet = self._sheet(table)
        cells = self._cells(sheet)
        ats = [self._at(table, cells, name) - 1 for name in self._tables[table].key]
        rows = []
        for number, row in enumerate(cells[1:], 2):
            if any(raw not in (None, "") for raw in row):
                parts = [row[at] for at in ats]
                whole = all(raw is not None for raw in parts)
                rows.append(
                    (number, KEY_SEPARATOR.join(shown(raw).strip() for raw in parts) if whole else "")
                )
        return sheet, cells, rows

    def _row(self, table: str, key: str) -> tuple[Any, list[list[Raw]], int]:
        sheet, cells, rows = self._keyed(table)
        for number, one in rows:
            if one == key:
                return sheet, cells, number
        raise KeyError(key)

    def sees(self, table: str, key: str, column: str) -> Raw:
        with self._looks():
            _, cells, row = self._row(table, key)
            at = self._once((table, column), lambda: self._at(table, cells, column))
            return cells[row - 1][at - 1]

    def keys(self, table: str) -> list[str]:
        with self._looks():
            return [key for _, key in self._keyed(table)[2]]

    # -- typing ------------------------------------------------------------------------------------------------------

    def _set(self, cell: Any, value: Raw) -> None:
        """What a person gets into a cell: text as text, where need be with the format for it."""
        native = cell.api
        if isinstance(value, Formula):
            self._shows(value.text, value.value)
            native.NumberFormat, native.Formula = "General", value.text
        elif isinstance(value, str) and value:
            native.NumberFormat, native.Value2 = "@", value
        elif isinstance(value, bool) or value is None or value == "":
            native.Value2 = None if value == "" else value
        else:
            if native.NumberFormat == "@":
                native.NumberFormat = "General"
            native.Value2 = float(serial(value) if isinstance(value, datetime) else Decimal(value))

    def type(self, table: str, key: str, column: str, value: Raw) -> None:
        def act() -> None:
            sheet, cells, row = self._row(table, key)
            self._set(sheet.range((row, self._at(table, cells, column))), value)

        self._do(act)

    def insert(self, table: str, index: int, cells: Mapping[str, Raw]) -> None:
        def act() -> None:
            sheet, grid, rows = self._keyed(table)
            filled = [number for number, _ in rows]
            row = max(filled, default=1) + 1 if index < 0 else index + 2
            if index >= 0 and row <= max(filled, default=1):
                sheet.range((row, 1)).api.EntireRow.Insert()
            for column, value in cells.items():
                self._set(sheet.range((row, self._at(table, grid, column))), value)
            self._reach(sheet, row)

        self._do(act)

    def _reach(self, sheet: Any, row: int) -> None:
        """A table grows by itself when somebody types right below it; xlwings must be told."""
        for table in sheet.tables:
            whole = table.range
            if row == whole.row + whole.shape[0] and not table.show_totals:
                table.resize(sheet.range((whole.row, whole.column), (row, whole.column + whole.shape[1] - 1)))

    def copy_row(self, table: str, key: str) -> None:
        def act() -> None:
            sheet, cells, row = self._row(table, key)
            to = max(number for number, _ in self._keyed(table)[2]) + 1
            width = len(cells[0])
            sheet.range((row, 1), (row, width)).copy(sheet.range((to, 1), (to, width)))
            self._reach(sheet, to)

        self._do(act)

    def sort(self, table: str, column: str, reverse: bool = False) -> None:
        def act() -> None:
            sheet = self._sheet(table)
            listed = next(iter(sheet.tables))
            at = self._at(table, self._cells(sheet), column)
            listed.sort(at - listed.range.column + 1, not reverse)

        self._do(act)

    def delete(self, table: str, keys: Iterable[str]) -> None:
        for key in keys:
            self._do(lambda key=key: self._delete(table, key))  # type: ignore[misc]

    def _delete(self, table: str, key: str) -> None:
        sheet, _, row = self._row(table, key)
        sheet.range((row, 1)).api.EntireRow.Delete()

    # -- columns and sheets ------------------------------------------------------------------------------------------

    def rename_header(self, table: str, column: str, text: str) -> None:
        def act() -> None:
            sheet = self._sheet(table)
            self._set(sheet.range((1, self._at(table, self._cells(sheet), column))), text)

        self._do(act)

    def lose_name(self, table: str, column: str) -> None:
        declared = self._tables[table]
        self._do(lambda: self._book().names[defined_name(declared, declared.column(column))].delete())

    def move_column(self, table: str, column: str, index: int) -> None:
        def act() -> None:
            sheet = self._sheet(table)
            at = self._at(table, self._cells(sheet), column)
            to = index + 1 if index + 1 <= at else index + 2
            sheet.range((1, at)).api.EntireColumn.Cut()
            sheet.range((1, to)).api.EntireColumn.Insert()

        self._do(act)

    def insert_column(self, table: str, index: int, header: str) -> None:
        def act() -> None:
            sheet = self._sheet(table)
            sheet.range((1, index + 1)).api.EntireColumn.Insert()
            self._set(sheet.range((1, index + 1)), header)

        self._do(act)

    def delete_column(self, table: str, column: str) -> None:
        def act() -> None:
            sheet = self._sheet(table)
            sheet.range((1, self._at(table, self._cells(sheet), column))).api.EntireColumn.Delete()

        self._do(act)

    def delete_sheet(self, table: str) -> None:
        self._do(lambda: self._sheet(table).delete())

    def totals_row(self, table: str, text: str) -> None:
        def act() -> None:
            listed = next(iter(self._sheet(table).tables))
            listed.show_totals = True
            at = listed.totals_row_range
            self._set(self._sheet(table).range((at.row, at.column)), text)

        self._do(act)

    # -- how it looks ------------------------------------------------------------------------------------------------

    def hide(self, table: str, key: str) -> None:
        def act() -> None:
            sheet, _, row = self._row(table, key)
            sheet.range((row, 1)).api.EntireRow.Hidden = True

        self._do(act)

    def filter(self, table: str, column: str, text: str) -> None:
        def act() -> None:
            sheet = self._sheet(table)
            listed = next(iter(sheet.tables)).range
            listed.api.AutoFilter(self._at(table, self._cells(sheet), column) - listed.column + 1, text)

        self._do(act)

    def hidden(self, table: str, key: str) -> bool:
        with self._looks():
            sheet, _, row = self._row(table, key)
            return bool(sheet.range((row, 1)).api.EntireRow.Hidden)

    def merge(self, table: str, key: str, first: str, last: str) -> None:
        def act() -> None:
            sheet, cells, row = self._row(table, key)
            left, right = (self._at(table, cells, name) for name in (first, last))
            sheet.range((row, left + 1), (row, right)).clear_contents()  # else the program asks
            sheet.range((row, left), (row, right)).api.Merge()
            self._merges.append((sheet.name, row, left))

        self._do(act)

    def merged(self, table: str) -> int:
        with self._looks():
            sheet = self._sheet(table)
            ours = [(row, at) for name, row, at in self._merges if name == sheet.name]
            return sum(bool(sheet.range(place).api.MergeCells) for place in ours)

    def protect(self, table: str) -> None:
        self._do(lambda: self._sheet(table).api.Protect("", *FREE_FORMATS))

    def protected(self, table: str) -> bool:
        with self._looks():
            return bool(self._sheet(table).api.ProtectContents)

    # -- not now -----------------------------------------------------------------------------------------------------

    def open_file(self) -> None:
        """People put a password on their sheets: all can be read, nothing of ours written."""
        self._do(lambda: [sheet.api.Protect(PASSWORD, *FREE_FORMATS) for sheet in self._book().sheets])

    def close_file(self) -> None:
        self._do(lambda: [sheet.api.Unprotect(PASSWORD) for sheet in self._book().sheets])
