"""An engine for `xlwings.engines` in front of the Excel in little: its programs, workbooks, sheets, names, tables, ranges."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlwings
from xlwings import base_classes

from tests.stores import excel_model as model
from tests.stores.excel_model import Listed
from tests.stores.excel_program import ALLOWED, DISCONNECTED, Program, com_error, error_1004
from tests.stores.excel_ranges import ComRange


@contextmanager
def running(*programs: Program) -> Iterator[None]:
    """xlwings knows these Excels, and no others."""
    engines = xlwings.engines
    before = (engines.active, list(engines.engines), dict(engines.engines_by_name))
    engines.engines[:] = []
    engines.engines_by_name.clear()
    engines.add(xlwings.Engine(impl=Engine(programs)))
    engines.active = engines["excel"]
    try:
        yield
    finally:
        engines.active = before[0]
        engines.engines[:] = before[1]
        engines.engines_by_name.clear()
        engines.engines_by_name.update(before[2])


# -- xlwings' engine -------------------------------------------------------------------------------------------------


class Engine:
    name, type = "excel", "desktop"

    def __init__(self, programs: tuple[Program, ...]) -> None:
        self.apps = Apps(programs)


class Apps(base_classes.Apps):
    def __init__(self, programs: tuple[Program, ...]) -> None:
        self._programs = programs

    def _alive(self) -> list[Program]:
        return [one for one in self._programs if one.state != "quit"]

    def keys(self) -> list[int]:
        return [one.pid for one in self._alive()]

    def __iter__(self) -> Iterator[App]:
        return (App(one) for one in self._alive())

    def __len__(self) -> int:
        return len(self._alive())

    def __getitem__(self, pid: int) -> App:
        return next(App(one) for one in self._alive() if one.pid == pid)


def _setting(name: str) -> property:
    def get(self: App) -> Any:
        self.program.call(f"get {name}")
        return self.program.settings[name]

    def put(self: App, value: Any) -> None:
        self.program.set(name, value)

    return property(get, put)


class App(base_classes.App):
    def __init__(self, program: Program) -> None:
        self.program = program

    @property
    def pid(self) -> int:
        return self.program.pid

    @property
    def engine(self) -> Any:
        return xlwings.engines["excel"].impl

    interactive, screen_updating = _setting("interactive"), _setting("screen_updating")
    enable_events, calculation = _setting("enable_events"), _setting("calculation")
    display_alerts = _setting("display_alerts")

    @property
    def api(self) -> ComApp:
        self.program.call("Application")
        return ComApp(self.program)

    @property
    def books(self) -> Books:
        self.program.call("Workbooks")
        return Books(self.program)

    def activate(self, steal_focus: bool = False) -> None:
        raise AssertionError("people's focus was stolen")


class ComApp:
    def __init__(self, program: Program) -> None:
        self._program = program
        self.WorksheetFunction = self

    def CountA(self, cells: ComRange) -> float:  # noqa: N802
        self._program.call("CountA", cells.size)
        return float(sum(bool(cell and cell.filled) for cell in cells.there()))


class Books(base_classes.Books):
    def __init__(self, program: Program) -> None:
        self._program = program

    def __iter__(self) -> Iterator[Book]:
        return (Book(self._program, one) for one in list(self._program.books))

    def __len__(self) -> int:
        return len(self._program.books)

    def __call__(self, name: str | int) -> Book:
        for one in self:
            if name in (one.name, 1):  # nobody asks for the second
                return one
        raise KeyError(name)

    @property
    def app(self) -> App:
        return App(self._program)

    def open(self, fullname: str, *_: object, **__: object) -> Book:
        return Book(self._program, self._program.open(Path(fullname)))


class Book(base_classes.Book):
    def __init__(self, program: Program, book: model.Workbook) -> None:
        self._program, self._book = program, book

    def _call(self, what: str) -> model.Workbook:
        self._program.call(what)
        if self._book not in self._program.books:
            raise com_error(DISCONNECTED)
        return self._book

    @property
    def app(self) -> App:
        return App(self._program)

    @property
    def name(self) -> str:
        return self._call("Name").path.name

    @property
    def fullname(self) -> str:
        """Of a workbook in OneDrive xlwings looks for the local path by its address, and may find none."""
        book = self._call("FullName")
        if book.address:
            raise xlwings.XlwingsError(f"Couldn't find the local path of {book.address}")
        return str(book.path)

    @property
    def api(self) -> Book:
        return self

    @property
    def ReadOnly(self) -> bool:  # noqa: N802
        return self._call("ReadOnly").read_only

    @property
    def Date1904(self) -> bool:  # noqa: N802
        return self._call("Date1904").date_1904

    @property
    def Saved(self) -> bool:  # noqa: N802
        return self._call("Saved").saved

    def Close(self, save: bool) -> None:  # noqa: N802
        self._program.close(self._call("Close"), save=save)

    def Save(self) -> None:  # noqa: N802
        self._program.save(self._call("Save"))

    @property
    def sheets(self) -> Sheets:
        return Sheets(self._program, self, self._call("Worksheets"))

    @property
    def names(self) -> Names:
        return Names(self._program, self._call("Names"))

    def activate(self) -> None:
        raise AssertionError("another workbook was brought to the front")


class Names(base_classes.Names):
    def __init__(self, program: Program, book: model.Workbook) -> None:
        self._program, self._book = program, book

    def __len__(self) -> int:
        self._program.call("Names.Count")
        return len(self._book.names)

    def __call__(self, which: int | str) -> Name:
        name = which if isinstance(which, str) else list(self._book.names)[which - 1]
        return Name(self._program, self._book, name)


class Name(base_classes.Name):
    def __init__(self, program: Program, book: model.Workbook, name: str) -> None:
        self._program, self._book, self._name = program, book, name

    @property
    def name(self) -> str:
        self._program.call("Name.Name")
        return self._name

    @property
    def refers_to(self) -> str:
        self._program.call("Name.RefersTo")
        sheet, row, column = self._book.names[self._name]
        return f"='{sheet.name}'!${model.get_column_letter(column)}${row}"

    def delete(self) -> None:
        self._program.call("Name.Delete", writes=True)
        del self._book.names[self._name]


class Sheets(base_classes.Sheets):
    def __init__(self, program: Program, book: Book, held: model.Workbook) -> None:
        self._program, self._book, self._held = program, book, held

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self._program, self._book, self._held, one) for one in list(self._held.sheets))

    def __len__(self) -> int:
        return len(self._held.sheets)

    def __call__(self, which: str | int) -> Sheet:
        sheet = self._held.sheet(which) if isinstance(which, str) else self._held.sheets[which - 1]
        return Sheet(self._program, self._book, self._held, sheet)


class Sheet(base_classes.Sheet):
    def __init__(self, program: Program, book: Book, held: model.Workbook, sheet: model.Sheet) -> None:
        self.program, self._book, self.held, self.sheet = program, book, held, sheet

    def call(self, what: str, cells: int = 1, *, writes: bool = False) -> None:
        self.program.call(what, cells, writes=writes)
        if self.held not in self.program.books or self.sheet not in self.held.sheets:
            raise com_error(DISCONNECTED)

    @property
    def name(self) -> str:
        self.call("Sheet.Name")
        return self.sheet.name

    @property
    def book(self) -> Book:
        return self._book

    @property
    def api(self) -> ComSheet:
        return ComSheet(self)

    def range(self, one: Any, other: Any = None) -> Range:
        row, column = (one.row, one.column) if isinstance(one, Range) else one
        self.call("Range")
        if other is None:
            return Range(self, row, column, 1, 1)
        last, right = (other.row, other.column) if isinstance(other, Range) else other
        return Range(self, row, column, last - row + 1, right - column + 1)

    @property
    def used_range(self) -> Range:
        self.call("UsedRange")
        return Range(self, 1, 1, *self.sheet.used())

    @property
    def tables(self) -> Tables:
        self.call("ListObjects")
        return Tables(self)

    def delete(self) -> None:
        self.call("Sheet.Delete", writes=True)
        self.held.sheets.remove(self.sheet)
        self.held.names = {name: at for name, at in self.held.names.items() if at[0] is not self.sheet}

    def activate(self) -> None:
        raise AssertionError("another sheet was brought to the front")

    select = activate


class ComSheet:
    def __init__(self, owner: Sheet) -> None:
        self._owner = owner

    @property
    def ProtectContents(self) -> bool:  # noqa: N802
        self._owner.call("ProtectContents")
        return self._owner.sheet.protected is not None

    @property
    def Protection(self) -> ComSheet:  # noqa: N802
        self._owner.call("Protection")
        return self

    def __getattr__(self, name: str) -> bool:
        if name not in (*ALLOWED, "ProtectDrawingObjects", "ProtectScenarios"):
            raise AttributeError(name)
        self._owner.call(name)
        how = self._owner.sheet.protected or {}
        return bool(how.get(name.replace("Protect", "") if name.startswith("Protect") else name))

    def Unprotect(self, password: str) -> None:  # noqa: N802
        self._owner.call("Unprotect", writes=True)
        how = self._owner.sheet.protected
        if how and how["password"] != password:
            raise error_1004("the password you supplied is not correct")
        self._owner.sheet.protected = None

    def Protect(  # noqa: N802
        self, password: str, drawings: bool = True, contents: bool = True, scenarios: bool = True, ui_only: bool = False,
        *allowed: bool,
    ) -> None:  # fmt: skip
        self._owner.call("Protect", writes=True)
        assert contents
        how = dict(zip(ALLOWED, allowed, strict=False))
        self._owner.sheet.protected = {
            "password": password, "DrawingObjects": drawings, "Scenarios": scenarios, "ui_only": ui_only, **how,
        }  # fmt: skip


class Tables(base_classes.Tables):
    def __init__(self, owner: Sheet) -> None:
        self._owner = owner

    def __len__(self) -> int:
        return len(self._owner.sheet.tables)

    def __iter__(self) -> Iterator[Table]:
        return (Table(self._owner, one) for one in list(self._owner.sheet.tables))

    def __call__(self, which: int | str) -> Table:
        return (
            list(self)[which - 1]
            if isinstance(which, int)
            else next(t for t in self if t.listed.name == which)
        )


class Table(base_classes.Table):
    def __init__(self, owner: Sheet, listed: Listed) -> None:
        self._owner, self.listed = owner, listed

    @property
    def range(self) -> Range:
        self._owner.call("ListObject.Range")
        t = self.listed
        return Range(self._owner, t.top, t.left, t.bottom - t.top + 1, t.right - t.left + 1)

    @property
    def show_totals(self) -> bool:
        self._owner.call("ShowTotals")
        return self.listed.totals

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        self._owner.call("ShowTotals", writes=True)
        if value and not self.listed.totals:
            self._owner.sheet.insert_rows(self.listed.bottom + 1)
            self.listed.bottom += 1
        self.listed.totals = value

    @property
    def totals_row_range(self) -> Range | None:
        self._owner.call("TotalsRowRange")
        t = self.listed
        return Range(self._owner, t.bottom, t.left, 1, t.right - t.left + 1) if t.totals else None

    def resize(self, cells: Any) -> None:
        self._owner.call("ListObject.Resize", writes=True)
        t, to = self.listed, cells.api
        if self._owner.sheet.protected and not self._owner.sheet.protected.get("nothing"):
            raise error_1004("the sheet is protected")
        if (to.top, to.left) != (t.top, t.left) or t.totals:
            raise error_1004("the table cannot be resized so")
        before, t.bottom, t.right = t.bottom, to.bottom, to.right
        for column in range(t.left, t.right + 1):
            formulas = {
                (cell.formula if (cell := self._owner.sheet.get(row, column)) else None)
                for row in range(t.top + 1, before + 1)
            }
            if len(formulas) == 1 and (formula := formulas.pop()):
                for row in range(before + 1, t.bottom + 1):
                    cell = self._owner.sheet.cell(row, column)
                    cell.formula = cell.formula or formula
        self._owner.program.changed()

    def sort(self, keys: list[int], ascending: list[bool]) -> None:
        self._owner.call("Sort", writes=True)
        t = self.listed
        last = t.bottom - t.totals
        key = t.left + keys[0] - 1
        self._owner.sheet.sort(t.top + 1, t.left, last, t.right, key, ascending[0])


class Range(base_classes.Range):
    def __init__(self, owner: Sheet, row: int, column: int, height: int, width: int) -> None:
        self.owner, self._place = owner, (row, column, height, width)
        self.options: dict[str, Any] = {}

    @property
    def row(self) -> int:
        return self._place[0]

    @property
    def column(self) -> int:
        return self._place[1]

    @property
    def shape(self) -> tuple[int, int]:
        return self._place[2:]

    @property
    def sheet(self) -> Sheet:
        return self.owner

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    @property
    def api(self) -> ComRange:
        bottom, right = self.row + self.shape[0] - 1, self.column + self.shape[1] - 1
        return ComRange(self.owner, self.row, self.column, bottom, right)

    def clear_contents(self) -> None:
        self.api.Value2 = None

    def autofill(self, destination: Any, type_: str) -> None:
        assert type_ == "fill_formats"
        self.api.fill_formats(destination.api)

    def copy(self, destination: Any = None) -> None:
        self.api.copy_to(destination.api)
