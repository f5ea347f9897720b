"""What touches Excel: each method is one call, or few, through xlwings and its COM objects. `MacHands` is for appscript.

No method activates, selects or scrolls anything, and none keeps an object of Excel. `Range.Find` and `SpecialCells` are
not used: the first changes what people last searched for, the second overlooks filtered rows.
"""

from __future__ import annotations

import atexit
import importlib
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from sync_engine.stores.excel.trouble import Patience, Trouble, locked, trouble
from sync_engine.stores.grid.port import GridBusy

_T = TypeVar("_T")
Rows = Sequence[Sequence[Any]]
App: TypeAlias = Any
Book: TypeAlias = Any
Sheet: TypeAlias = Any
Range: TypeAlias = Any
Native: TypeAlias = Any

CELLS_PER_CALL = 500_000
"""More at once is no faster, and costs Excel memory."""
ALLOWANCES = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns", "AllowInsertingRows",
    "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows", "AllowSorting", "AllowFiltering",
    "AllowUsingPivotTables",
)  # fmt: skip

_log = logging.getLogger("biaomao.excel")


def load_xlwings() -> Any:
    """xlwings, set up as a guest in people's Excel; None where it is not installed or knows no Excel here.

    Two habits of it are taken away. It repeats a rejected call for ever, so that a dialog left open would hang us; we
    count our own tries. And when Python ends, it kills each Excel that shows no workbook.
    """
    try:
        xlwings = importlib.import_module("xlwings")
    except ImportError:
        return None
    windows = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        windows.N_COM_ATTEMPTS = 1  # type: ignore[attr-defined]
        atexit.unregister(windows.cleanup)
    return xlwings if any(engine.name == "excel" for engine in xlwings.engines) else None


class Hands:
    """Excel on Windows."""

    holds_keys = True

    def __init__(self, patience: Patience) -> None:
        self.patience = patience

    def _try(self, act: Callable[[], _T]) -> _T:
        return self.patience.call(act)

    # -- programs and workbooks --------------------------------------------------------------------------------------

    def apps(self, xlwings: Any) -> list[App]:
        """The running Excels that show a workbook."""
        engine = next(one for one in xlwings.engines if one.name == "excel")
        return self._try(lambda: list(engine.apps))

    def books(self, app: App) -> list[Book]:
        """The workbooks open in one of them; none where it shows nothing but its start screen."""
        try:
            return self._try(lambda: list(app.books))
        except OSError:  # xlwings finds no workbook window to hold on to
            return []

    def name(self, book: Book) -> str:
        """The file's name."""
        return self._try(lambda: str(book.name))

    def fullname(self, book: Book) -> str:
        """The full path; for a workbook in OneDrive the local one, as far as xlwings can tell, else ""."""
        try:
            return self._try(lambda: str(book.fullname))
        except Exception as error:
            if type(error).__name__ == "XlwingsError":
                return ""
            raise

    def read_only(self, book: Book) -> bool:
        """Whether it cannot be saved where it is."""
        return self._try(lambda: bool(book.api.ReadOnly))

    def is_1904(self, book: Book) -> bool:
        """Whether its dates count from 1904."""
        return self._try(lambda: bool(book.api.Date1904))

    def save(self, book: Book) -> bool:
        """Save it where it is; False where Excel refuses (the disk is full, a share is gone) or leaves it unsaved."""
        try:
            self._save(book)
        except GridBusy as busy:
            if trouble(busy.__cause__ or busy) is not Trouble.REFUSED:
                raise
            _log.warning("the workbook could not be saved: %s", busy)
            return False
        return self._saved(book)

    def _save(self, book: Book) -> None:
        self._try(lambda: book.api.Save())

    def _saved(self, book: Book) -> bool:
        return self._try(lambda: bool(book.api.Saved))

    def pid(self, app: App) -> int:
        """The number of the process."""
        return self._try(lambda: int(app.pid))

    # -- what a program can be asked to leave alone ------------------------------------------------------------------

    def get(self, app: App, name: str) -> Any:
        """A setting of the program, by xlwings' name."""
        return self._try(lambda: getattr(app, name))

    def set(self, app: App, name: str, value: object) -> None:
        """Change it."""
        self._try(lambda: setattr(app, name, value))

    # -- contents ----------------------------------------------------------------------------------------------------

    def sheets(self, book: Book) -> dict[str, Sheet]:
        """Worksheets by name."""
        sheets = self._try(lambda: list(book.sheets))
        return {self._try(lambda one=one: str(one.name)): one for one in sheets}  # type: ignore[misc]

    def name_count(self, book: Book) -> int:
        """How many defined names there are."""
        return self._try(lambda: len(book.impl.names))

    def names(self, book: Book) -> Iterator[tuple[str, str]]:
        """Defined names with what they refer to; two calls each, so ask rarely."""
        for name in self._try(lambda: list(book.names)):
            text = self._try(lambda name=name: str(name.name))  # type: ignore[misc]
            yield text, self._try(lambda name=name: str(name.refers_to or ""))  # type: ignore[misc]

    def size(self, sheet: Sheet) -> tuple[int, int]:
        """The last used row and column."""
        used = self._try(lambda: sheet.used_range)
        row, column, (height, width) = self._try(lambda: (used.row, used.column, used.shape))
        return row + height - 1, column + width - 1

    def cells(self, sheet: Sheet, row: int, column: int, height: int, width: int) -> Range:
        """A rectangle of cells."""
        return self._try(lambda: sheet.range((row, column), (row + height - 1, column + width - 1)))

    def filled(self, cells: Range) -> bool:
        """Whether anything stands in a rectangle."""
        return self._try(lambda: bool(cells.sheet.book.app.api.WorksheetFunction.CountA(cells.api)))

    def values(self, cells: Range) -> Rows:
        """What stands there: text, doubles (dates too), truth values, None, and error values as whole numbers."""
        return square(self._try(lambda: cells.api.Value2))

    def formulas(self, cells: Range) -> Rows | None:
        """The formulas, or texts; None where there is no formula at all."""
        if self._try(lambda: cells.api.HasFormula) is False:
            return None
        return square(self._try(lambda: cells.api.Formula))

    def tables(self, sheet: Sheet) -> list[Native]:
        """Table objects."""
        return self._try(lambda: list(sheet.tables))

    def totals_row(self, table: Native) -> int:
        """The row in which it shows totals, or 0."""
        return self._try(lambda: int(table.totals_row_range.row) if table.show_totals else 0)

    # -- writing -----------------------------------------------------------------------------------------------------

    def put(self, cells: Range, rows: Rows) -> None:
        """Values into a rectangle."""
        one = len(rows) == 1 and len(rows[0]) == 1
        data = rows[0][0] if one else tuple(map(tuple, rows))
        self._try(lambda: setattr(cells.api, "Value2", data))

    def put_formula(self, cells: Range, text: str) -> None:
        """One formula into one cell."""
        self._try(lambda: setattr(cells.api, "Formula", text))

    def number_format(self, cells: Range) -> str | None:
        """The cells' number format; None where they differ."""
        found = self._try(lambda: cells.api.NumberFormat)
        return found if isinstance(found, str) else None

    def set_number_format(self, cells: Range, code: str) -> None:
        """Change it."""
        self._try(lambda: setattr(cells.api, "NumberFormat", code))

    def fill_looks(self, like: Range, through: Range) -> None:
        """Give cells below `like` its looks, without its contents and without the clipboard. Looks are not worth a failure."""
        try:
            self._try(lambda: like.autofill(through, "fill_formats"))
        except GridBusy as busy:
            if trouble(busy.__cause__ or busy) is not Trouble.REFUSED:
                raise
            _log.info("looks of new rows: %s", busy)

    def relative_formulas(self, cells: Range) -> Rows:
        """Formulas as they read in every row (R1C1)."""
        return square(self._try(lambda: cells.api.FormulaR1C1))

    def put_relative(self, cells: Range, text: str) -> None:
        """One formula into all of these cells, each for its own row."""
        self._try(lambda: setattr(cells.api, "FormulaR1C1", text))

    def clear(self, cells: Range) -> None:
        """Take contents away; looks stay."""
        self._try(cells.clear_contents)

    def table_place(self, table: Native) -> tuple[int, int, int, int]:
        """First row, first column, rows and columns of a table object."""
        whole = self._try(lambda: table.range)
        return self._try(lambda: (whole.row, whole.column, *whole.shape))

    def resize_table(self, table: Native, cells: Range) -> None:
        """Let a table object reach over these cells."""
        self._try(lambda: table.resize(cells))

    # -- protection --------------------------------------------------------------------------------------------------

    def protection(self, sheet: Sheet) -> Mapping[str, bool] | None:
        """How a sheet is protected; None where its cells are free."""
        native = self._try(lambda: sheet.api)
        if not self._try(lambda: bool(native.ProtectContents)):
            return None
        allowed = self._try(lambda: native.Protection)
        found = {one: self._try(lambda one=one: bool(getattr(allowed, one))) for one in ALLOWANCES}  # type: ignore[misc]
        drawings = self._try(lambda: bool(native.ProtectDrawingObjects))
        scenarios = self._try(lambda: bool(native.ProtectScenarios))
        return {"DrawingObjects": drawings, "Contents": True, "Scenarios": scenarios, **found}

    def unprotect(self, sheet: Sheet) -> None:
        """Open a sheet protected without a password. GridBusy where it has one."""
        tab = self._try(lambda: str(sheet.name))
        try:
            self._try(lambda: sheet.api.Unprotect(""))
        except GridBusy as busy:
            if trouble(busy.__cause__ or busy) is Trouble.REFUSED:
                raise GridBusy(locked(tab)) from None
            raise

    def protect(self, sheet: Sheet, how: Mapping[str, bool]) -> None:
        """Protect it as it was, without a password."""
        words = [
            how["DrawingObjects"],
            how["Contents"],
            how["Scenarios"],
            False,
            *(how[one] for one in ALLOWANCES),
        ]
        self.patience.longer().call(lambda: sheet.api.Protect("", *words))


class MacHands(Hands):
    """Excel on macOS, through appscript: it has no COM objects, and cannot make the keyboard wait.

    Not tried on a Mac yet. What is known from xlwings: dates come as moments, error values as empty cells unless asked
    for, `Interactive` does not exist.
    """

    holds_keys = False

    def read_only(self, book: Book) -> bool:
        """See `Hands`."""
        return self._try(lambda: bool(book.api.read_only.get()))

    def is_1904(self, book: Book) -> bool:
        """See `Hands`."""
        return self._try(lambda: bool(book.api.date_1904.get()))

    def _save(self, book: Book) -> None:
        self._try(lambda: book.api.save(timeout=-1))

    def _saved(self, book: Book) -> bool:
        return self._try(lambda: bool(book.api.saved.get()))

    def filled(self, cells: Range) -> bool:
        """See `Hands`; there is no cheap way to ask."""
        return True

    def values(self, cells: Range) -> Rows:
        """See `Hands`. `value2` gives dates as numbers; an error value comes as an empty cell."""
        found = square(self._try(lambda: cells.api.value2.get()))
        return [[None if type(one).__name__ == "Keyword" else one for one in row] for row in found]

    def formulas(self, cells: Range) -> Rows | None:
        """See `Hands`."""
        return square(self._try(lambda: cells.formula))

    def put(self, cells: Range, rows: Rows) -> None:
        """See `Hands`. An empty cell is an empty text here."""
        data = [["" if one is None else one for one in row] for row in rows]
        self._try(
            lambda: setattr(cells, "raw_value", data if len(data) > 1 or len(data[0]) > 1 else data[0][0])
        )

    def put_formula(self, cells: Range, text: str) -> None:
        """See `Hands`."""
        self._try(lambda: setattr(cells, "formula", text))

    def number_format(self, cells: Range) -> str | None:
        """See `Hands`."""
        found = self._try(lambda: cells.number_format)
        return found if isinstance(found, str) else None

    def set_number_format(self, cells: Range, code: str) -> None:
        """See `Hands`."""
        self._try(lambda: setattr(cells, "number_format", code))

    def relative_formulas(self, cells: Range) -> Rows:
        """See `Hands`."""
        return square(self._try(lambda: cells.api.formula_r1c1.get()))

    def put_relative(self, cells: Range, text: str) -> None:
        """See `Hands`."""
        self._try(lambda: cells.api.formula_r1c1.set(text))

    def protection(self, sheet: Sheet) -> Mapping[str, bool] | None:
        """See `Hands`. A protected sheet cannot be put back exactly as it was, so it is not opened."""
        if not self._try(lambda: bool(sheet.api.protect_contents.get())):
            return None
        raise GridBusy(locked(self._try(lambda: str(sheet.name))))


def square(data: Any) -> Rows:
    """A range's contents as rows: Excel gives one cell as itself, and macOS one row as a flat list."""
    if not isinstance(data, list | tuple):
        return ((data,),)
    if data and not isinstance(data[0], list | tuple):
        return (data,)
    return data


def hands_for_here(patience: Patience) -> Hands:
    """The ones for this system."""
    return MacHands(patience) if sys.platform == "darwin" else Hands(patience)
