"""A person at an xlsx file: every act loads the file with openpyxl, changes a grid of cells, and saves it."""

from __future__ import annotations

import copy
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.workbook import Workbook
from openpyxl.worksheet.filters import FilterColumn, Filters
from openpyxl.worksheet.table import TableColumn
from openpyxl.worksheet.worksheet import Worksheet
from xlsxwriter.workbook import Workbook as NewBook

from sync_engine.stores.memory_cells import Formula, Raw
from sync_engine.stores.xlsx.store import XlsxStore
from tests.stores.desk import Desk
from workbook_templates.book import Book
from workbook_templates.schema import KEY_SEPARATOR, Lang, Table, defined_name
from workbook_templates.table_sheet import write_table

SHOWN_BY_FORMULA = "biaomao-shown:"
ERRORS = {"=1/0": "#DIV/0!", "=NA()": "#N/A"}


def make_book(path: Path, tables: Iterable[Table], lang: Lang) -> None:
    """A workbook with these tables, empty, made by the house's own builder."""
    path.write_bytes(_made(tuple(tables), lang))


@cache
def _made(tables: tuple[Table, ...], lang: Lang) -> bytes:
    made = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with NewBook(made, options) as file:
        book = Book(file=file, lang=lang, protect=False)
        for table in tables:
            write_table(book, file.add_worksheet(table.sheet(lang)), table, ())
    return made.getvalue()


@dataclass
class Held:
    """A cell as it stands: value, sort and look."""

    value: Any = None
    sort: str = "n"
    style: Any = None

    @property
    def empty(self) -> bool:
        return self.value in (None, "")


@dataclass
class Head:
    text: str
    names: list[str]
    look: Any


class Grid:
    """A sheet as rows of cells under headers that know their defined names."""

    def __init__(self, table: Table, book: Workbook, sheet: Worksheet) -> None:
        self.table, self._book, self._sheet = table, book, sheet
        width = max((c.column for c in sheet[1] if c.value is not None), default=0)
        self.heads = [Head(str(c.value or ""), [], copy.copy(c._style)) for c in sheet[1][:width]]
        for name, defined in book.defined_names.items():
            tab, _, cell = defined.attr_text.rpartition("!")
            if tab.strip("'") == sheet.title and cell.endswith("$1") and name.startswith("bm_"):
                at = openpyxl.utils.column_index_from_string(coordinate_from_string(cell.replace("$", ""))[0])
                self.heads[at - 1].names.append(name)
        self.totals: list[Held] | None = None
        body = [
            [Held(c.value, c.data_type, copy.copy(c._style)) for c in row[:width]]
            for row in sheet.iter_rows(min_row=2)
        ]
        listed = next(iter(sheet.tables.values()), None)
        if listed is not None and listed.totalsRowCount:
            self.totals = body[int(listed.ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 2]
            body.remove(self.totals)
        while body and all(held.empty for held in body[-1]):
            self.blank = body.pop()
        self.rows = body

    def at(self, column: str) -> int:
        declared = self.table.column(column)
        for n, head in enumerate(self.heads):
            if head.text in (declared.zh, declared.en) or defined_name(self.table, declared) in head.names:
                return n
        raise KeyError(column)

    def key(self, row: list[Held]) -> str:
        parts = [row[self.at(name)] for name in self.table.key]
        if any(part.empty for part in parts):
            return ""
        return KEY_SEPARATOR.join(str(part.value).strip() for part in parts)

    def find(self, key: str) -> list[Held]:
        for row in self.rows:
            if self.key(row) == key:
                return row
        raise KeyError(key)

    def new_row(self) -> list[Held]:
        model = self.rows[-1] if self.rows else getattr(self, "blank", None)
        return [Held(style=copy.copy(model[n].style) if model else None) for n in range(len(self.heads))]

    def store(self) -> None:
        """Write everything back into the sheet."""
        sheet = self._sheet
        sheet.delete_rows(2, sheet.max_row)
        sheet.delete_cols(1, sheet.max_column)
        for n, head in enumerate(self.heads, 1):
            cell = sheet.cell(1, n, head.text)
            cell._style = copy.copy(head.look)
        rows = [*self.rows] or [self.new_row()]
        for at, row in enumerate([*rows, *([self.totals] if self.totals else [])], 2):
            for n, held in enumerate(row, 1):
                cell = sheet.cell(at, n)
                cell.value = held.value
                if held.style is not None:
                    cell._style = copy.copy(held.style)
                if isinstance(held.value, str):
                    cell.data_type = held.sort
        self._store_names()
        self._store_list(len(rows) + 1)

    def _store_names(self) -> None:
        prefix = f"bm_{self.table.name}_"
        for name in [name for name in self._book.defined_names if name.startswith(prefix)]:
            del self._book.defined_names[name]
        for n, head in enumerate(self.heads, 1):
            for name in head.names:
                where = f"'{self._sheet.title}'!${get_column_letter(n)}$1"
                self._book.defined_names[name] = openpyxl.workbook.defined_name.DefinedName(
                    name, attr_text=where
                )

    def _store_list(self, last: int) -> None:
        listed = next(iter(self._sheet.tables.values()), None)
        if listed is None:
            return
        extra = 1 if self.totals else 0
        listed.totalsRowCount = extra or None
        end = get_column_letter(len(self.heads))
        listed.ref = f"A1:{end}{last + extra}"
        if listed.autoFilter is not None:
            listed.autoFilter.ref = f"A1:{end}{last}"
        listed.tableColumns = [
            TableColumn(id=n, name=head.text or f"列{n}") for n, head in enumerate(self.heads, 1)
        ]


class XlsxPerson:
    """Edits the file as people do: always the whole file is saved."""

    def __init__(self, path: Path, tables: Iterable[Table], lang: Lang) -> None:
        self._path, self._lang = path, lang
        self._tables = {table.name: table for table in tables}
        self._shown: dict[str, object] = {}

    @contextmanager
    def _grid(self, table: str, *, save: bool = True) -> Iterator[Grid]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(self._path)
            declared = self._tables[table]
            grid = Grid(declared, book, book[declared.sheet(self._lang)])
            yield grid
            if save:
                grid.store()
                book.save(self._path)
                self._fill_in_results()

    def _fill_in_results(self) -> None:
        """openpyxl writes formulas without what they show: put it in, as a spreadsheet program would."""
        if not self._shown:
            return
        with zipfile.ZipFile(self._path) as old:
            parts = [(info, old.read(info)) for info in old.infolist()]
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED) as new:
            for info, data in parts:
                if info.filename.startswith("xl/worksheets/"):
                    for formula, shown in self._shown.items():
                        data = _with_result(data.decode(), formula, shown).encode()
                new.writestr(info, data)

    def type(self, table: str, key: str, column: str, value: Raw) -> None:
        with self._grid(table) as grid:
            self._set(grid.find(key)[grid.at(column)], value)

    def _set(self, held: Held, value: Raw) -> None:
        if isinstance(value, Formula):
            held.value, held.sort = value.text, "f"
            shown = ERRORS.get(value.text, value.value)
            if shown is not None:
                self._shown[value.text] = shown
        elif isinstance(value, datetime):
            held.value, held.sort = value.replace(tzinfo=None), "d"
        else:
            held.value, held.sort = None if value == "" else value, "s" if isinstance(value, str) else "n"

    def insert(self, table: str, index: int, cells: Mapping[str, Raw]) -> None:
        with self._grid(table) as grid:
            row = grid.new_row()
            for column, value in cells.items():
                self._set(row[grid.at(column)], value)
            grid.rows.insert(len(grid.rows) if index < 0 else index, row)

    def sort(self, table: str, column: str, reverse: bool = False) -> None:
        with self._grid(table) as grid:
            at = grid.at(column)
            grid.rows.sort(key=lambda row: (row[at].empty, str(row[at].value)), reverse=reverse)

    def delete(self, table: str, keys: Iterable[str]) -> None:
        with self._grid(table) as grid:
            for key in keys:
                grid.rows.remove(grid.find(key))

    def copy_row(self, table: str, key: str) -> None:
        with self._grid(table) as grid:
            grid.rows.append([copy.copy(held) for held in grid.find(key)])

    def rename_header(self, table: str, column: str, text: str) -> None:
        with self._grid(table) as grid:
            grid.heads[grid.at(column)].text = text

    def lose_name(self, table: str, column: str) -> None:
        with self._grid(table) as grid:
            grid.heads[grid.at(column)].names.clear()

    def move_column(self, table: str, column: str, index: int) -> None:
        with self._grid(table) as grid:
            at = grid.at(column)
            for line in (grid.heads, *grid.rows):
                line.insert(index, line.pop(at))

    def insert_column(self, table: str, index: int, header: str) -> None:
        with self._grid(table) as grid:
            grid.heads.insert(index, Head(header, [], copy.copy(grid.heads[0].look)))
            for row in grid.rows:
                row.insert(index, Held())

    def delete_column(self, table: str, column: str) -> None:
        with self._grid(table) as grid:
            at = grid.at(column)
            for line in (grid.heads, *grid.rows):
                del line[at]

    def delete_sheet(self, table: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(self._path)
            del book[self._tables[table].sheet(self._lang)]
            book.save(self._path)

    def totals_row(self, table: str, text: str) -> None:
        with self._grid(table) as grid:
            grid.totals = [Held(text if n == 1 else None, "s") for n in range(len(grid.heads))]

    @contextmanager
    def _sheet(self, table: str, *, save: bool = True) -> Iterator[Worksheet]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(self._path)
            yield book[self._tables[table].sheet(self._lang)]
            if save:
                book.save(self._path)

    def _line(self, table: str, key: str) -> int:
        with self._grid(table, save=False) as grid:
            return next(n for n, row in enumerate(grid.rows, 2) if grid.key(row) == key)

    def hide(self, table: str, key: str) -> None:
        at = self._line(table, key)
        with self._sheet(table) as sheet:
            sheet.row_dimensions[at].hidden = True

    def filter(self, table: str, column: str, text: str) -> None:
        with self._grid(table, save=False) as grid:
            at = grid.at(column)
            away = [n for n, row in enumerate(grid.rows, 2) if row[at].value != text]
        with self._sheet(table) as sheet:
            listed = next(iter(sheet.tables.values()))
            listed.autoFilter.filterColumn = [FilterColumn(colId=at, filters=Filters(filter=[text]))]
            for row in away:
                sheet.row_dimensions[row].hidden = True

    def hidden(self, table: str, key: str) -> bool:
        at = self._line(table, key)
        with self._sheet(table, save=False) as sheet:
            return bool(sheet.row_dimensions[at].hidden)

    def merge(self, table: str, key: str, first: str, last: str) -> None:
        at = self._line(table, key)
        with self._grid(table, save=False) as grid:
            left, right = grid.at(first) + 1, grid.at(last) + 1
        with self._sheet(table) as sheet:
            sheet.merge_cells(start_row=at, end_row=at, start_column=left, end_column=right)

    def merged(self, table: str) -> int:
        with self._sheet(table, save=False) as sheet:
            return len(sheet.merged_cells.ranges)

    def protect(self, table: str) -> None:
        with self._sheet(table) as sheet:
            sheet.protection.sheet = True

    def protected(self, table: str) -> bool:
        with self._sheet(table, save=False) as sheet:
            return bool(sheet.protection.sheet)

    def open_file(self) -> None:
        self._path.with_name(f"~${self._path.name}").write_bytes(b"\x04Anna" + b" " * 160)

    def close_file(self) -> None:
        self._path.with_name(f"~${self._path.name}").unlink()

    def sees(self, table: str, key: str, column: str) -> Raw:
        with self._grid(table, save=False) as grid:
            held = grid.find(key)[grid.at(column)]
            if held.empty:
                return None
            if held.sort == "f":
                return Formula(held.value)
            return Decimal(repr(held.value)) if isinstance(held.value, float) else held.value

    def keys(self, table: str) -> list[str]:
        with self._grid(table, save=False) as grid:
            return [grid.key(row) for row in grid.rows if not all(held.empty for held in row)]


def _with_result(xml: str, formula: str, shown: object) -> str:
    """A formula's `<c>` with what it shows."""
    text = formula[1:].replace("&", "&amp;").replace("<", "&lt;")
    pattern = re.compile(rf"<c ([^>]*?)(?: t=\"\w+\")?><f>{re.escape(text)}</f><v ?/?>(?:[^<]*</v>)?")
    kind = ""
    if isinstance(shown, str):
        kind = ' t="e"' if shown in ERRORS.values() else ' t="str"'
    return pattern.sub(rf"<c \1{kind}><f>{text}</f><v>{shown}</v>", xml)


class XlsxDesk(Desk):
    """A desk over a file."""

    def __init__(
        self, folder: Path, tables: tuple[Table, ...], lang: Lang, make: Callable[[Path], None]
    ) -> None:
        self.path, self.cache = folder / "店铺.xlsx", folder / "cache"
        self.tables = tables
        make(self.path)
        super().__init__(
            XlsxStore(self.path, self.cache, tables=tables, lang=lang),
            XlsxPerson(self.path, tables, lang),
            lang,
        )

    def reopen(self) -> None:
        for file in self.cache.glob("*"):
            file.unlink()
        self.store = XlsxStore(self.path, self.cache, tables=self.tables, lang=self.lang)
