"""What a workbook is inside Excel, as far as our cells can meet it: cells that parse what is put into them, tables, names.

Numbers are doubles. A text put into a cell is looked at as if somebody typed it, unless the cell's format is text. A
number put into a cell whose format is text becomes a text. Formulas are kept relative to where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.cell import MergedCell
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
TEXT = "@"
CELL_UNITS, ARRAY_LIMIT = 32_767, 8_203
ERRORS = {
    "#NULL!": -2146826288, "#DIV/0!": -2146826281, "#VALUE!": -2146826273, "#REF!": -2146826265, "#NAME?": -2146826259,
    "#NUM!": -2146826252, "#N/A": -2146826246,
}  # fmt: skip
A1 = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")
R1C1 = re.compile(r"R(?:\[(-?\d+)\]|(\d+))?C(?:\[(-?\d+)\]|(\d+))?")
NUMBER = re.compile(r"[+-]?[¥$￥]?\s*(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?\s*%?$")
DATES = re.compile(
    r"(\d{1,4}[-/]\d{1,2}([-/]\d{1,4})?|\d{4}年\d{1,2}月(\d{1,2}日)?|\d{1,2}月\d{1,2}日)( \d{1,2}:\d{2}(:\d{2})?)?$"
)
TIMES = re.compile(r"\d{1,2}:\d{2}(:\d{2})?$")

ALLOWANCES = {
    "AllowFormattingCells": "formatCells", "AllowFormattingColumns": "formatColumns", "AllowFormattingRows": "formatRows",
    "AllowInsertingColumns": "insertColumns", "AllowInsertingRows": "insertRows",
    "AllowInsertingHyperlinks": "insertHyperlinks", "AllowDeletingColumns": "deleteColumns",
    "AllowDeletingRows": "deleteRows", "AllowSorting": "sort", "AllowFiltering": "autoFilter",
    "AllowUsingPivotTables": "pivotTables",
}  # fmt: skip
"""What a protected sheet may allow, and what the file says where it does not."""

Value = str | float | bool | int | None  # an int is an error value, as in COM


class Refused(Exception):
    """Excel's error 1004."""


@dataclass(slots=True)
class Cell:
    value: Value = None
    formula: str | None = None  # relative (R1C1), with the leading =
    format: str = "General"
    locked: bool = True
    prefix: bool = False  # was typed with an apostrophe

    def copy(self) -> Cell:
        return Cell(self.value, self.formula, self.format, self.locked, self.prefix)

    @property
    def filled(self) -> bool:
        return self.value is not None or self.formula is not None


@dataclass(slots=True)
class Listed:
    """A table object: its place, its header in the first row."""

    name: str
    top: int
    left: int
    bottom: int
    right: int
    totals: bool = False


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parsed(text: str) -> tuple[Value, str | None, bool, str | None]:
    """What Excel makes of a text in a cell that is no text cell: value, formula (A1), prefix, number format."""
    if text.startswith("'"):
        return text[1:], None, True, None
    if text.startswith("=") or (text[:1] in "+-@\t" and not NUMBER.match(text.strip()) and len(text) > 1):
        body = text.strip().lstrip("=")
        if not body or re.search(r"[*\s]{2}|\d{2} \d|[|']", body):
            raise Refused("there is a problem with this formula")
        return None, f"={body.lstrip('@')}", False, None
    bare = text.strip()
    if NUMBER.match(bare):
        number = float(re.sub(r"[,¥$￥%\s]", "", bare))
        return (number / 100, None, False, "0.00%") if bare.endswith("%") else (number, None, False, None)
    if DATES.match(bare):
        return 46000.0, None, False, "yyyy/m/d"
    if TIMES.match(bare):
        return 0.5, None, False, "h:mm"
    if bare.upper() in ("TRUE", "FALSE"):
        return bare.upper() == "TRUE", None, False, None
    if bare.upper() in ERRORS:
        return ERRORS[bare.upper()], None, False, None
    return text, None, False, None


class Sheet:
    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[list[Cell | None]] = []
        self.looks: list[tuple[str, bool]] = []  # of whole columns: number format, locked
        self.tables: list[Listed] = []
        self.hidden: set[int] = set()
        self.merged: list[tuple[int, int, int, int]] = []  # first row, first column, last row, last column
        self.protected: dict[str, object] | None = None

    # -- cells -------------------------------------------------------------------------------------------------------

    def get(self, row: int, column: int) -> Cell | None:
        line = self.rows[row - 1] if row <= len(self.rows) else []
        return line[column - 1] if column <= len(line) else None

    def look(self, column: int) -> tuple[str, bool]:
        return self.looks[column - 1] if column <= len(self.looks) else ("General", True)

    def cell(self, row: int, column: int) -> Cell:
        while len(self.rows) < row:
            self.rows.append([])
        line = self.rows[row - 1]
        line += [None] * (column - len(line))
        if (found := line[column - 1]) is None:
            code, locked = self.look(column)
            found = line[column - 1] = Cell(format=code, locked=locked)
        return found

    def used(self) -> tuple[int, int]:
        """The last row and column that ever held something."""
        return max(len(self.rows), 1), max((len(line) for line in self.rows), default=1) or 1

    def covered(self, row: int, column: int) -> bool:
        """Whether a cell lies under a merged one."""
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for top, left, bottom, right in self.merged
        )

    def put(self, row: int, column: int, thing: object, *, together: bool, literal: bool) -> None:
        """Assign, as `Value2` does. `literal`: an apostrophe in a text cell is kept."""
        if self.covered(row, column):
            return
        cell = self.cell(row, column)
        if isinstance(thing, int) and not isinstance(thing, bool):
            assert abs(thing) < 2**31, "COM knows no longer whole numbers"
            thing = float(thing)
        if thing is None or thing == "":
            cell.value, cell.formula, cell.prefix = None, None, False
        elif isinstance(thing, str):
            if units(thing) > CELL_UNITS or (together and units(thing) > ARRAY_LIMIT):
                raise Refused("the text is too long")
            self._put_text(cell, row, column, thing, literal)
        elif isinstance(thing, float) and cell.format == TEXT:
            cell.value, cell.formula = format(Decimal(repr(thing)).normalize(), "f"), None
        else:
            assert isinstance(thing, float | bool), thing
            cell.value, cell.formula, cell.prefix = thing, None, False

    def _put_text(self, cell: Cell, row: int, column: int, text: str, literal: bool) -> None:
        if cell.format == TEXT:
            prefix = text.startswith("'") and not literal
            cell.value, cell.formula, cell.prefix = text[prefix:], None, prefix
            return
        value, formula, prefix, code = parsed(text)
        relative = to_relative(formula, row, column) if formula else None
        cell.value, cell.formula, cell.prefix = value, relative, prefix
        if code and cell.format == "General":
            cell.format = code

    def formula_at(self, row: int, column: int) -> str | None:
        cell = self.get(row, column)
        return to_a1(cell.formula, row, column) if cell and cell.formula else None

    # -- lines -------------------------------------------------------------------------------------------------------

    def insert_rows(self, row: int, many: int = 1) -> None:
        """Whole rows; they look like the row above."""
        above = self.rows[row - 2] if 2 <= row <= len(self.rows) + 1 else []
        for _ in range(many):
            new = [one and Cell(format=one.format, locked=one.locked) for one in above] if row > 2 else []
            if row <= len(self.rows):
                self.rows.insert(row - 1, new)
        self.hidden = {n + many if n >= row else n for n in self.hidden}
        for listed in self.tables:
            listed.top += many if row <= listed.top else 0
            listed.bottom += many if row <= listed.bottom else 0

    def delete_rows(self, row: int, many: int = 1) -> None:
        """Whole rows; a table keeps one line."""
        del self.rows[row - 1 : row - 1 + many]
        self.hidden = {n - many if n >= row + many else n for n in self.hidden if not row <= n < row + many}
        for listed in self.tables:
            gone = sum(listed.top < n <= listed.bottom for n in range(row, row + many))
            listed.top -= many if row + many <= listed.top else 0
            listed.bottom -= many if row + many <= listed.top else gone
            listed.bottom = max(listed.bottom, listed.top + 1)

    def insert_column(self, column: int, cells: list[Cell | None] | None = None) -> None:
        for n, line in enumerate(self.rows):
            if column <= len(line) or cells:
                line += [None] * (column - 1 - len(line))
                line.insert(column - 1, cells[n] if cells else None)
        self.looks.insert(column - 1, self.look(column - 1) if column > 1 else ("General", True))
        for listed in self.tables:
            listed.left += column <= listed.left
            listed.right += column <= listed.right

    def delete_column(self, column: int) -> list[Cell | None]:
        gone = []
        for line in self.rows:
            gone.append(line.pop(column - 1) if column <= len(line) else None)
        if column <= len(self.looks):
            del self.looks[column - 1]
        for listed in self.tables:
            listed.right -= column <= listed.right
            listed.left -= column < listed.left
        return gone

    def sort(self, top: int, left: int, bottom: int, right: int, key: int, ascending: bool) -> None:
        """Numbers before text before truth values, empty last; formulas go with their rows."""
        lines = [
            [self.cell(row, column) for column in range(left, right + 1)] for row in range(top, bottom + 1)
        ]
        filled = [line for line in lines if line[key - left].value is not None]
        empty = [line for line in lines if line[key - left].value is None]
        filled.sort(key=lambda line: order(line[key - left].value), reverse=not ascending)
        for row, line in enumerate(filled + empty, top):
            self.rows[row - 1][left - 1 : right] = line


def order(value: Value) -> tuple[int, float, str]:
    if isinstance(value, bool):
        return (2, float(value), "")
    return (1, 0.0, value.casefold()) if isinstance(value, str) else (0, float(value or 0), "")


@dataclass
class Workbook:
    path: Path
    sheets: list[Sheet] = field(default_factory=list)
    names: dict[str, tuple[Sheet, int, int]] = field(default_factory=dict)
    shown: dict[str, Value] = field(
        default_factory=dict
    )  # what formulas show that we cannot work out: by their A1 text
    read_only: bool = False
    date_1904: bool = False
    saved: bool = True
    address: str = ""  # in OneDrive

    def sheet(self, name: str) -> Sheet:
        return next(one for one in self.sheets if one.name.casefold() == name.casefold())

    def calculate(self) -> None:
        for sheet in self.sheets:
            for n, line in enumerate(sheet.rows, 1):
                for at, cell in enumerate(line, 1):
                    if cell is not None and cell.formula is not None:
                        cell.value = self._worked_out(sheet, cell.formula, n, at)

    def _worked_out(self, sheet: Sheet, formula: str, row: int, column: int) -> Value:
        """Products and sums of cells and numbers; other formulas show what they are said to."""
        text = to_a1(formula, row, column)
        if text in self.shown:
            return self.shown[text]
        total = 1.0
        for part in text[1:].split("*"):
            place = A1.fullmatch(part)
            found: Value = None
            if place:
                cell = sheet.get(int(place[4]), column_index_from_string(place[2]))
                found = cell.value if cell else None
            elif NUMBER.match(part):
                found = float(part)
            else:
                return ERRORS["#NAME?"]
            if isinstance(found, str) or (isinstance(found, int) and not isinstance(found, bool)):
                return found if text.count("*") == 0 else ERRORS["#VALUE!"]
            total *= float(found or 0)
        return total

    def move_names(
        self, sheet: Sheet, moved: dict[int, int | None] | None = None, rows: tuple[int, int] | None = None
    ) -> None:
        """After columns moved (old to new), or `rows` = (from, by) were put in."""
        for name, (at, row, column) in list(self.names.items()):
            if at is not sheet:
                continue
            if rows and row >= rows[0]:
                row += rows[1]
            if moved is not None:
                new = moved.get(column, column)
                if new is None:
                    del self.names[name]
                    continue
                column = new
            self.names[name] = (sheet, row, column)


def to_relative(text: str, row: int, column: int) -> str:
    def one(found: re.Match[str]) -> str:
        at, line = column_index_from_string(found[2]), int(found[4])
        left = f"R{line}" if found[3] else f"R[{line - row}]" if line != row else "R"
        return left + (f"C{at}" if found[1] else f"C[{at - column}]" if at != column else "C")

    return A1.sub(one, text)


def to_a1(text: str, row: int, column: int) -> str:
    def one(found: re.Match[str]) -> str:
        line = f"${found[2]}" if found[2] else str(row + int(found[1] or 0))
        at = (
            f"${get_column_letter(int(found[4]))}"
            if found[4]
            else get_column_letter(column + int(found[3] or 0))
        )
        return at + line

    return R1C1.sub(one, text)


# -- files ------------------------------------------------------------------------------------------------------------


def load(path: Path) -> Workbook:
    """A workbook as Excel opens it."""
    file = openpyxl.load_workbook(path)
    book = Workbook(path, date_1904=file.epoch.year == 1904)
    for tab in file.worksheets:
        book.sheets.append(_loaded(tab))
    for name, defined in file.defined_names.items():
        tab, _, place = defined.attr_text.rpartition("!")
        found = A1.fullmatch(place)
        if found:
            book.names[name] = (book.sheet(tab.strip("'")), int(found[4]), column_index_from_string(found[2]))
    return book


def _loaded(tab: Worksheet) -> Sheet:
    sheet = Sheet(tab.title)
    for letter, dimension in tab.column_dimensions.items():
        first, last = dimension.min or column_index_from_string(letter), dimension.max or 0
        for at in range(first, min(last, 60) + 1):
            sheet.looks += [("General", True)] * (at - len(sheet.looks))
            sheet.looks[at - 1] = (dimension.number_format, dimension.protection.locked is not False)
    for row in tab.iter_rows():
        for one in row:
            if one.value is not None or one.has_style:
                cell = sheet.cell(one.row, one.column)
                cell.format, cell.locked = one.number_format, one.protection.locked is not False
                if one.data_type == "f":
                    cell.formula = to_relative(str(one.value), one.row, one.column)
                else:
                    cell.value = _value(one.value)
    for listed in tab.tables.values():
        first, last = (A1.fullmatch(part) for part in listed.ref.split(":"))
        assert first and last
        sheet.tables.append(Listed(
            listed.name, int(first[4]), column_index_from_string(first[2]), int(last[4]) , column_index_from_string(last[2]),
            bool(listed.totalsRowCount),
        ))  # fmt: skip
    if tab.protection.sheet:
        how = {name: not getattr(tab.protection, word) for name, word in ALLOWANCES.items()}
        drawings, scenarios = bool(tab.protection.objects), bool(tab.protection.scenarios)
        sheet.protected = {"password": tab.protection.password or "", "DrawingObjects": drawings,
                           "Scenarios": scenarios, "ui_only": False, **how}  # fmt: skip
    return sheet


def _value(found: object) -> Value:
    if found is None or isinstance(found, str | bool):
        return found
    if isinstance(found, int | float):
        return float(found)
    return float(openpyxl.utils.datetime.to_excel(found))


def save(book: Workbook) -> None:
    """Write cells, tables and names into the file it came from."""
    file = openpyxl.load_workbook(book.path)
    for sheet in book.sheets:
        tab = file[sheet.name]
        tab.protection.sheet = sheet.protected is not None
        height, width = max(tab.max_row, sheet.used()[0]), max(tab.max_column, sheet.used()[1])
        for row in range(1, height + 1):
            for column in range(1, width + 1):
                _save_cell(sheet, tab, row, column)
        for listed in tab.tables.values():
            own = next(one for one in sheet.tables if one.name == listed.name)
            listed.ref = f"{get_column_letter(own.left)}{own.top}:{get_column_letter(own.right)}{own.bottom}"
            if listed.autoFilter is not None:
                listed.autoFilter.ref = listed.ref
    file.save(book.path)
    book.saved = True


def _save_cell(sheet: Sheet, tab: Worksheet, row: int, column: int) -> None:
    cell, one = sheet.get(row, column), tab.cell(row, column)
    if isinstance(one, MergedCell):
        return
    formula = sheet.formula_at(row, column)
    one.value = formula or (cell.value if cell else None)
    if isinstance(one.value, str):
        one.data_type = "f" if formula else "s"
    if cell:
        one.number_format = cell.format


def copied(book: Workbook, path: Path) -> Workbook:
    """The same workbook once more, at another place."""
    new = Workbook(path, date_1904=book.date_1904, shown=dict(book.shown))
    for sheet in book.sheets:
        one = Sheet(sheet.name)
        one.rows = [[cell and cell.copy() for cell in line] for line in sheet.rows]
        one.looks = list(sheet.looks)
        one.hidden, one.merged, one.protected = (
            set(sheet.hidden),
            list(sheet.merged),
            sheet.protected and dict(sheet.protected),
        )
        one.tables = [Listed(t.name, t.top, t.left, t.bottom, t.right, t.totals) for t in sheet.tables]
        new.sheets.append(one)
    new.names = {name: (new.sheet(at.name), row, column) for name, (at, row, column) in book.names.items()}
    return new


def grid_of(top: int, left: int, bottom: int, right: int) -> Iterator[tuple[int, int]]:
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def cells_of(rows: Iterable[Iterable[object]]) -> int:
    return sum(len(list(row)) for row in rows)
