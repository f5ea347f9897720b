"""Excel in little behind xlwings: an engine for `xlwings.engines`, with the COM objects xlwings gives as `.api`.

Every access is a call into the program: counted, logged with its size, turned away while a cell is edited or a dialog is
open, failing where a test says so. A person works in the same program; while `Interactive` is False they wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlwings
from xlwings import base_classes

from tests.stores import excel_model as model
from tests.stores.excel_model import ERRORS, LAST_COLUMN, LAST_ROW, Cell, Listed, Refused

SETTINGS = {
    "interactive": True,
    "screen_updating": True,
    "enable_events": True,
    "calculation": "automatic",
    "display_alerts": True,
}
CALL_REJECTED, RETRY_LATER, EXCEPTION, VBA_IGNORE = -2147418111, -2147417846, -2147352567, -2146777998
ERROR_1004, SERVER_UNAVAILABLE, DISCONNECTED = -2146827284, -2147023174, -2147417848
ALLOWED = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns", "AllowInsertingRows",
    "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting", "AllowFiltering",
    "AllowUsingPivotTables",
)  # fmt: skip


class com_error(Exception):  # noqa: N801 - pywin32's own name
    """As pywin32 raises it: (code, text, what Excel says, which argument)."""

    def __init__(self, code: int, inner: int | None = None, text: str = "") -> None:
        said = (0, "Microsoft Excel", text, None, 0, inner) if inner is not None else None
        super().__init__(code, "Exception occurred.", said, None)
        self.hresult, self.excepinfo = code, said


def rejected() -> com_error:
    return com_error(CALL_REJECTED)


def ignored() -> com_error:
    return com_error(EXCEPTION, VBA_IGNORE)


def error_1004(text: str = "") -> com_error:
    return com_error(EXCEPTION, ERROR_1004, text)


def unavailable() -> com_error:
    return com_error(SERVER_UNAVAILABLE)


class Program:
    """One running Excel."""

    def __init__(self, pid: int = 4711) -> None:
        self.pid = pid
        self.books: list[model.Workbook] = []
        self.settings: dict[str, Any] = dict(SETTINGS)
        self.state = "ready"  # or "editing", "dialog", "quit"
        self.patience = 0  # how many calls are turned away before the person is done
        self.literal_apostrophes = False  # whether a text cell keeps a first apostrophe: versions may differ
        self.active, self.selection = "", "A1"
        self.cut_copy_mode: str | None = None
        self.log: list[tuple[str, int]] = []
        self.count = 0
        self.at: dict[int, Callable[[], object]] = {}  # a person's act right before a call
        self.fail: dict[int, Exception] = {}
        self.undo: list[str] = []
        self.waiting: list[Callable[[], object]] = []
        self._by_person = 0

    # -- calls from outside ------------------------------------------------------------------------------------------

    def call(self, what: str, cells: int = 1, *, writes: bool = False) -> None:
        if self._by_person:
            return
        self.count += 1
        if act := self.at.pop(self.count, None):
            self.person(act)
        if error := self.fail.pop(self.count, None):
            raise error
        if self.state == "quit":
            raise unavailable()
        if self.state in ("editing", "dialog"):
            self.patience -= 1
            if self.patience == 0:
                self.state = "ready"
            raise ignored() if self.state == "editing" else rejected()
        self.log.append((what, cells))
        if writes:
            self.undo.clear()
            self.cut_copy_mode = None

    def calls(self, *names: str) -> list[tuple[str, int]]:
        return [one for one in self.log if not names or one[0] in names]

    def set(self, name: str, value: Any) -> None:
        self.call(f"set {name}")
        self.settings[name] = value
        if name == "calculation" and value == "automatic":
            self.calculate()
        if name == "interactive" and value:
            waiting, self.waiting = self.waiting, []
            for act in waiting:
                self.person(act)

    def changed(self) -> None:
        """Something was put into a cell."""
        if self.settings["calculation"] == "automatic":
            self.calculate()

    def calculate(self) -> None:
        for book in self.books:
            book.calculate()

    # -- the person --------------------------------------------------------------------------------------------------

    def person(self, act: Callable[[], object]) -> None:
        """Somebody at the keyboard; keys wait while the program does not listen."""
        if not self.settings["interactive"]:
            self.waiting.append(act)
            return
        with self.looks():
            act()
            self.calculate()
            self.undo.append("typing")
            for book in self.books:
                book.saved = False

    @contextmanager
    def looks(self) -> Iterator[None]:
        """What is asked inside is asked by the person's eyes, not by us."""
        self._by_person += 1
        try:
            yield
        finally:
            self._by_person -= 1

    def open(self, path: Path) -> model.Workbook:
        book = model.load(path)
        return self.show(book)

    def show(self, book: model.Workbook) -> model.Workbook:
        """A workbook, with the owner file that Office leaves beside it."""
        self.books.append(book)
        self.active = self.active or book.sheets[0].name
        owner_file(book.path).write_bytes(b"\x04Anna" + b" " * 160)
        return book

    def close(self, book: model.Workbook, *, save: bool = True) -> None:
        if save:
            model.save(book)
        self.books.remove(book)
        owner_file(book.path).unlink(missing_ok=True)

    def quit(self) -> None:
        """Crashed, or ended: what was not saved is gone."""
        for book in list(self.books):
            self.close(book, save=False)
        self.state = "quit"


def owner_file(path: Path) -> Path:
    return path.with_name(f"~${path.name}")


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

    def __call__(self, name: str) -> Book:
        return next(one for one in self if one.name == name)


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
        return str(self._call("FullName").path)

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


class ComRange:
    def __init__(self, owner: Sheet, top: int, left: int, bottom: int, right: int) -> None:
        self.owner, self.top, self.left, self.bottom, self.right = owner, top, left, bottom, right
        assert 1 <= top <= bottom <= LAST_ROW and 1 <= left <= right <= LAST_COLUMN

    @property
    def size(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def places(self) -> Iterator[tuple[int, int]]:
        return model.grid_of(self.top, self.left, self.bottom, self.right)

    def there(self) -> list[Cell | None]:
        return [self.owner.sheet.get(row, column) for row, column in self.places()]

    def _read(self, what: str, one: Callable[[Cell | None, int, int], Any]) -> Any:
        self.owner.call(f"get {what}", self.size)
        get = self.owner.sheet.get
        columns = range(self.left, self.right + 1)
        rows = tuple(
            tuple(one(get(row, at), row, at) for at in columns) for row in range(self.top, self.bottom + 1)
        )
        return rows[0][0] if self.size == 1 else rows

    def _change(self, what: str) -> None:
        self.owner.call(f"set {what}", self.size, writes=True)
        how = self.owner.sheet.protected
        if not how or (how["ui_only"] and not self.owner.program._by_person):
            return
        if what == "NumberFormat" and how.get("AllowFormattingCells"):
            return
        for (row, column), cell in zip(self.places(), self.there(), strict=True):
            if cell.locked if cell else self.owner.sheet.look(column)[1]:
                raise error_1004(f"the cell in row {row} is protected")

    def _rows(self, data: Any) -> list[list[Any]]:
        height, width = self.bottom - self.top + 1, self.right - self.left + 1
        if not isinstance(data, list | tuple):
            return [[data] * width] * height
        assert len(data) == height and all(len(row) == width for row in data), "Excel would fill up with #N/A"
        return [list(row) for row in data]

    @property
    def Value2(self) -> Any:  # noqa: N802
        return self._read("Value2", lambda cell, _, __: cell.value if cell else None)

    @Value2.setter
    def Value2(self, data: Any) -> None:  # noqa: N802
        self._change("Value2")
        literal = self.owner.program.literal_apostrophes
        together = isinstance(data, list | tuple)
        try:
            for (row, column), thing in zip(
                self.places(), (one for row in self._rows(data) for one in row), strict=True
            ):
                self.owner.sheet.put(row, column, thing, together=together, literal=literal)
        except Refused as refused:
            raise error_1004(str(refused)) from None
        finally:
            self.owner.program.changed()

    @property
    def Formula(self) -> Any:  # noqa: N802
        def one(cell: Cell | None, row: int, column: int) -> Any:
            if cell is None or not cell.filled:
                return ""
            if cell.formula:
                return model.to_a1(cell.formula, row, column)
            return _as_typed(cell.value)

        return self._read("Formula", one)

    @Formula.setter
    def Formula(self, data: Any) -> None:  # noqa: N802
        self._change("Formula")
        for row, column in self.places():
            cell = self.owner.sheet.cell(row, column)
            if cell.format == "@":
                cell.value, cell.formula = data, None
            else:
                cell.value, cell.formula = None, model.to_relative(data, row, column)
        self.owner.program.changed()

    @property
    def FormulaR1C1(self) -> Any:  # noqa: N802
        return self._read(
            "FormulaR1C1", lambda cell, _, __: (cell.formula or _as_typed(cell.value)) if cell else ""
        )

    @FormulaR1C1.setter
    def FormulaR1C1(self, text: str) -> None:  # noqa: N802
        self._change("FormulaR1C1")
        for row, column in self.places():
            cell = self.owner.sheet.cell(row, column)
            if cell.format == "@":
                cell.value, cell.formula = text, None
            else:
                cell.formula = text
        self.owner.program.changed()

    @property
    def HasFormula(self) -> bool | None:  # noqa: N802
        self.owner.call("HasFormula", self.size)
        found = {cell is not None and cell.formula is not None for cell in self.there()}
        return None if len(found) == 2 else found.pop()

    @property
    def NumberFormat(self) -> str | None:  # noqa: N802
        self.owner.call("get NumberFormat", self.size)
        found = {
            cell.format if cell else self.owner.sheet.look(at)[0]
            for (_, at), cell in zip(self.places(), self.there(), strict=True)
        }
        return found.pop() if len(found) == 1 else None

    @NumberFormat.setter
    def NumberFormat(self, code: str) -> None:  # noqa: N802
        self._change("NumberFormat")
        for row, column in self.places():
            self.owner.sheet.cell(row, column).format = code

    def fill_formats(self, to: ComRange) -> None:
        """Only what can be seen is filled, and the source must be part of the destination."""
        to._change("AutoFill")
        assert (to.top, to.left, to.right) == (self.top, self.left, self.right) and to.bottom >= self.bottom
        sheet = self.owner.sheet
        for row in range(self.bottom + 1, to.bottom + 1):
            for column in range(self.left, self.right + 1):
                model_cell = sheet.get(self.top, column)
                if row not in sheet.hidden and model_cell is not None:
                    cell = sheet.cell(row, column)
                    cell.format, cell.locked = model_cell.format, model_cell.locked

    # -- what people do ----------------------------------------------------------------------------------------------

    def copy_to(self, to: ComRange) -> None:
        to._change("Copy")
        for row, column in self.places():
            if cell := self.owner.sheet.get(row, column):
                to.owner.sheet.cell(row, 1)
                line = to.owner.sheet.cell(to.top + row - self.top, to.left + column - self.left)
                line.value, line.formula, line.format = cell.value, cell.formula, cell.format

    @property
    def EntireRow(self) -> WholeRow:  # noqa: N802
        return WholeRow(self.owner, self.top, self.bottom)

    @property
    def EntireColumn(self) -> WholeColumn:  # noqa: N802
        return WholeColumn(self.owner, self.left)


class WholeRow:
    def __init__(self, owner: Sheet, top: int, bottom: int) -> None:
        self._owner, self._top, self._bottom = owner, top, bottom

    def Insert(self) -> None:  # noqa: N802
        self._owner.call("Insert", writes=True)
        self._owner.sheet.insert_rows(self._top)
        self._owner.held.move_names(self._owner.sheet, rows=(self._top, 1))

    def Delete(self) -> None:  # noqa: N802
        self._owner.call("Delete", writes=True)
        many = self._bottom - self._top + 1
        self._owner.sheet.delete_rows(self._top, many)
        self._owner.held.move_names(self._owner.sheet, rows=(self._top + many, -many))


_cut: list[WholeColumn] = []


class WholeColumn:
    def __init__(self, owner: Sheet, at: int) -> None:
        self._owner, self._at = owner, at

    def _names(self, moved: dict[int, int | None]) -> None:
        self._owner.held.move_names(self._owner.sheet, moved)

    def Cut(self) -> None:  # noqa: N802
        _cut[:] = [self]

    def Insert(self) -> None:  # noqa: N802
        """An empty column, or the one that was cut."""
        self._owner.call("Insert", writes=True)
        sheet = self._owner.sheet
        if not _cut:
            sheet.insert_column(self._at)
            self._names({n: n + 1 for n in range(self._at, 200)})
            return
        source = _cut.pop()._at
        look, table = sheet.look(source), [(t, t.left, t.right) for t in sheet.tables]
        cells = sheet.delete_column(source)
        to = self._at - (source < self._at)
        sheet.insert_column(to, cells)
        sheet.looks[to - 1] = look
        for t, left, right in table:
            t.left, t.right = left, right
        order = [n for n in range(1, 200) if n != source]
        order.insert(to - 1, source)
        self._names({old: new for new, old in enumerate(order, 1)})

    def Delete(self) -> None:  # noqa: N802
        self._owner.call("Delete", writes=True)
        self._owner.sheet.delete_column(self._at)
        moved: dict[int, int | None] = {n: n - 1 for n in range(self._at + 1, 200)}
        self._names({self._at: None, **moved})


def _as_typed(value: model.Value) -> str:
    """A constant as `Formula` gives it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return next(text for text, code in ERRORS.items() if code == value)
    return value if isinstance(value, str) else f"{value:.15g}"
