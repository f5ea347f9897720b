"""Ranges of the Excel in little, as COM objects: what xlwings gives as `.api`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tests.stores import excel_model as model
from tests.stores.excel_model import ERRORS, LAST_COLUMN, LAST_ROW, Cell, Refused
from tests.stores.excel_program import Program, error_1004


class Owner(Protocol):
    """The sheet a range is of."""

    program: Program
    held: model.Workbook
    sheet: model.Sheet

    def call(self, what: str, cells: int = 1, *, writes: bool = False) -> None: ...


class ComRange:
    def __init__(self, owner: Owner, top: int, left: int, bottom: int, right: int) -> None:
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
        things = [thing for line in self._rows(data) for thing in line]
        try:
            for (row, column), thing in zip(self.places(), things, strict=True):
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

    def Merge(self) -> None:  # noqa: N802
        self._change("Merge")
        self.owner.sheet.merged.append((self.top, self.left, self.bottom, self.right))

    @property
    def MergeCells(self) -> bool:  # noqa: N802
        self.owner.call("MergeCells", self.size)
        return any(
            top <= self.top <= bottom and left <= self.left <= right
            for top, left, bottom, right in self.owner.sheet.merged
        )

    def AutoFilter(self, field: int, criterion: str) -> None:  # noqa: N802
        self.owner.call("AutoFilter", writes=True)
        for row in range(self.top + 1, self.bottom + 1):
            cell = self.owner.sheet.get(row, self.left + field - 1)
            if (cell.value if cell else None) != criterion:
                self.owner.sheet.hidden.add(row)

    @property
    def EntireRow(self) -> WholeRow:  # noqa: N802
        return WholeRow(self.owner, self.top, self.bottom)

    @property
    def EntireColumn(self) -> WholeColumn:  # noqa: N802
        return WholeColumn(self.owner, self.left)


class WholeRow:
    def __init__(self, owner: Owner, top: int, bottom: int) -> None:
        self._owner, self._top, self._bottom = owner, top, bottom

    @property
    def Hidden(self) -> bool:  # noqa: N802
        self._owner.call("get Hidden")
        return self._top in self._owner.sheet.hidden

    @Hidden.setter
    def Hidden(self, value: bool) -> None:  # noqa: N802
        self._owner.call("set Hidden", writes=True)
        rows = set(range(self._top, self._bottom + 1))
        hidden = self._owner.sheet.hidden
        self._owner.sheet.hidden = hidden | rows if value else hidden - rows

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
    def __init__(self, owner: Owner, at: int) -> None:
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
