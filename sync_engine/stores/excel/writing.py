"""Writing into the sheets of an open workbook: look at the rows, make room, write in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sync_engine.stores.excel.cells import (
    TEXT_FORMAT,
    Block,
    blocks,
    by_tab,
    cut,
    format_for,
    goes_alone,
    is_safe,
    same,
    spans,
    stored,
)
from sync_engine.stores.excel.hands import Hands
from sync_engine.stores.excel.trouble import REFUSED
from sync_engine.stores.grid.port import GridBusy, Put
from sync_engine.stores.memory_cells import Formula, Raw

PROTECT_TRIES = 3


def write(hands: Hands, sheets: Mapping[str, Any], puts: Sequence[Put]) -> list[Put]:
    """Write all puts whose rows are the ones that were meant; gives the others.

    Every sheet is opened before the first cell is written, so that a sheet which cannot be opened stops the whole.
    """
    groups = by_tab(puts)
    if missing := [tab for tab in groups if tab not in sheets]:
        return [put for put in puts if put.tab in missing] + write(
            hands, sheets, [put for put in puts if put.tab not in missing]
        )
    missed: list[Put] = []
    with ExitStack() as stack:
        for tab in groups:
            stack.enter_context(_opened(hands, sheets[tab]))
        for tab, own in groups.items():
            missed += _Writing(hands, sheets[tab]).write(own)
    return missed


@contextmanager
def _opened(hands: Hands, sheet: Any) -> Iterator[None]:
    """A sheet whose cells are free: ours is protected without a password, and is afterwards as it was."""
    how = hands.protection(sheet)
    if how is None:
        yield
        return
    hands.unprotect(sheet)
    try:
        yield
    finally:
        _protected(hands, sheet, how)


def _protected(hands: Hands, sheet: Any, how: Mapping[str, Any]) -> None:
    """As it was. Excel may refuse a call once for no reason it tells; a sheet left open would stay so."""
    for _ in range(PROTECT_TRIES - 1):
        try:
            hands.protect(sheet, how)
        except GridBusy:
            continue
        return
    hands.protect(sheet, how)


class _Writing:
    """Of one sheet."""

    def __init__(self, hands: Hands, sheet: Any) -> None:
        self._hands, self._sheet = hands, sheet

    def _cells(self, row: int, column: int, height: int = 1, width: int = 1) -> Any:
        return self._hands.cells(self._sheet, row, column, height, width)

    def write(self, puts: Sequence[Put]) -> list[Put]:
        height, width = self._hands.size(self._sheet)
        fresh = [put for put in puts if put.new]
        taken = self._taken(fresh, height, width)
        fresh = [put for put in fresh if put.row not in taken]
        with self._room(fresh, width):
            moved = self._moved([put for put in puts if not put.new])
            missed = [put for put in puts if (put.row in taken if put.new else put in moved)]
            for block in blocks([put for put in puts if put not in missed]):
                self._put(block)
        return missed

    # -- is it the row that was meant --------------------------------------------------------------------------------

    def _taken(self, fresh: Sequence[Put], height: int, width: int) -> set[int]:
        """New rows in which something stands by now."""
        taken: set[int] = set()
        for first, many in spans([put.row for put in fresh if put.row <= height]):
            rows = self._hands.values(self._cells(first, 1, many, width))
            taken |= {n for n, row in enumerate(rows, first) if any(one not in (None, "") for one in row)}
        return taken

    def _moved(self, puts: Sequence[Put]) -> list[Put]:
        """Rows whose guarded cells hold something else by now; each guarded column is read in one call."""
        if not puts:
            return []
        first, last = min(put.row for put in puts), max(put.row for put in puts)
        columns = sorted({at for put in puts for at in put.guard})
        stand = {at: self._hands.values(self._cells(first, at, last - first + 1)) for at in columns}
        return [
            put
            for put in puts
            if not all(same(stand[at][put.row - first][0], raw) for at, raw in put.guard.items())
        ]

    # -- room for new rows -------------------------------------------------------------------------------------------

    @contextmanager
    def _room(self, fresh: Sequence[Put], width: int) -> Iterator[None]:
        """New rows get looks and formulas of the row they are like, before they get contents.

        Where the writing fails in between, what came into them is taken away again, also what a table that grew filled in
        by itself: a row of nothing but formulas would be a gap, and one of half our cells a riddle.
        """
        try:
            if fresh:
                self._reach(fresh)
                self._dress([put for put in fresh if put.like], width)
            yield
        except BaseException:
            self._empty(fresh, width)
            raise

    def _empty(self, fresh: Sequence[Put], width: int) -> None:
        """New rows are empty again, but for those in which somebody typed meanwhile."""
        try:
            for put in fresh:
                cells = self._cells(put.row, 1, 1, max(width, *put.cells))
                values = self._hands.values(cells)[0]
                formulas = (self._hands.formulas(cells) or [values])[0]
                ours = all(
                    value in (None, "") or formula != value or same(value, put.cells.get(at))
                    for at, (value, formula) in enumerate(zip(values, formulas, strict=True), 1)
                )
                if ours and any(formula not in (None, "") for formula in formulas):
                    self._hands.clear(cells)
        except GridBusy:
            return  # Excel is gone or stays busy: the error we come from says so

    def _reach(self, fresh: Sequence[Put]) -> None:
        """A table object that ends above the last new row grows over them all; what does not touch it is not its own."""
        rows, first = [put.row for put in fresh], min(put.row for put in fresh)
        for table in self._hands.tables(self._sheet):
            top, left, height, width = self._hands.table_place(table)
            if first <= top + height <= max(rows) and not self._hands.totals_row(table):
                self._hands.resize_table(table, self._cells(top, left, max(rows) - top + 1, width))

    def _dress(self, fresh: Sequence[Put], width: int) -> None:
        """Looks of all rows in one call; formulas a column at a time, in columns that are not written."""
        for first, many in spans([put.row for put in fresh]):
            own = [put for put in fresh if first <= put.row < first + many]
            like = min(put.like for put in own)
            through = self._cells(like, 1, first + many - like, width)
            self._hands.fill_looks(self._cells(like, 1, 1, width), through)
            ours = {at for put in own for at in put.cells}
            model = self._hands.formulas(self._cells(like, 1, 1, width))
            if model is None:
                continue
            shows = self._hands.values(self._cells(like, 1, 1, width))[0]
            relative = self._hands.relative_formulas(self._cells(like, 1, 1, width))[0]
            for at, (text, value) in enumerate(zip(model[0], shows, strict=True), 1):
                if at not in ours and isinstance(text, str) and text.startswith("=") and text != value:
                    self._hands.put_relative(self._cells(first, at, many), relative[at - 1])

    # -- contents ----------------------------------------------------------------------------------------------------

    def _put(self, block: Block) -> None:
        for n in range(block.width):
            self._prepare(block, n, [row[n] for row in block.rows])
        cells = self._cells(block.row, block.column, block.height, block.width)
        one = block.rows[0][0]
        if block.height == block.width == 1 and isinstance(one, Formula):
            self._hands.put_formula(cells, one.text)
        elif isinstance(one, str) and one.startswith("'"):
            self._put_apostrophe(cells, cut(one))
        else:
            self._hands.put(cells, [[stored(raw) for raw in row] for row in block.rows])

    def _put_apostrophe(self, cells: Any, text: str) -> None:
        """Excel takes a first apostrophe for the mark of a text, and leaves it out."""
        for attempt in ("'" + text, text):
            self._hands.put(cells, [[attempt]])
            if self._hands.values(cells)[0][0] == text:
                return
        raise GridBusy(REFUSED)

    def _prepare(self, block: Block, n: int, raws: Sequence[Raw]) -> None:
        """Number formats, so that text stays text, numbers numbers, and moments are shown as such."""
        if all(raw is None for raw in raws) or all(isinstance(raw, str) and _at_ease(raw) for raw in raws):
            return
        column = block.column + n
        present = self._hands.number_format(self._cells(block.row, column, block.height))
        each: Callable[[int], str] = lambda _: present or ""  # noqa: E731
        if present is None:
            each = self._formats(block, column)
        wanted: dict[str, list[int]] = {}
        for at, raw in enumerate(raws):
            if code := format_for(raw, each(at)):
                wanted.setdefault(code, []).append(block.row + at)
        for code, rows in wanted.items():
            for first, many in spans(rows):
                self._hands.set_number_format(self._cells(first, column, many), code)

    def _formats(self, block: Block, column: int) -> Callable[[int], str]:
        """The formats of cells that differ, by halves: a call for each stretch of equal ones."""
        found: list[str] = []

        def look(first: int, many: int) -> None:
            code = self._hands.number_format(self._cells(first, column, many))
            if code is not None or many == 1:
                found.extend([code or TEXT_FORMAT] * many)
                return
            half = many // 2
            look(first, half)
            look(first + half, many - half)

        look(block.row, block.height)
        return found.__getitem__


def _at_ease(text: str) -> bool:
    return is_safe(text) and not goes_alone(text)
