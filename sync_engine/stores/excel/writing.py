"""Writing into the sheets of an open workbook: look at the rows, make room, write in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
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

Opened = Callable[[str, Any], AbstractContextManager[None]]
"""A sheet, by tab, whose cells are free inside."""


def write(hands: Hands, sheets: Mapping[str, Any], puts: Sequence[Put], opened: Opened) -> list[Put]:
    """Write all puts whose rows are the ones that were meant; gives the others.

    Every sheet is opened before the first cell is written, so that a sheet which cannot be opened stops the whole.
    """
    groups = by_tab(puts)
    missed = [put for put in puts if put.tab not in sheets]
    with ExitStack() as stack:
        there = {tab: own for tab, own in groups.items() if tab in sheets}
        for tab in there:
            stack.enter_context(opened(tab, sheets[tab]))
        for tab, own in there.items():
            missed += _Writing(hands, sheets[tab]).write(own)
    return missed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """New rows that follow each other, and the row they are like."""

    row: int
    many: int
    like: int
    formulas: Mapping[int, str]  # relative ones, by column


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

        Where the writing fails in between, new rows are taken back whole: formulas without contents would be a gap, and
        a row with its key but without its formulas would never get them. White cells are left to who types there.
        """
        models = self._models([put for put in fresh if put.like], width)
        try:
            if fresh:
                self._reach(fresh)
                self._dress(models, width)
            yield
        except BaseException:
            self._take_back(fresh, models)
            raise

    def _take_back(self, fresh: Sequence[Put], models: Sequence[_Model]) -> None:
        """Excel may be gone, or stay busy: the error we come from says so."""
        with suppress(GridBusy):
            for block in blocks([replace(put, cells=dict.fromkeys(put.cells)) for put in fresh]):
                self._hands.clear(self._cells(block.row, block.column, block.height, block.width))
            for model in models:
                for at in model.formulas:
                    self._hands.clear(self._cells(model.row, at, model.many))

    def _reach(self, fresh: Sequence[Put]) -> None:
        """A table object that ends above the last new row grows over them all; what does not touch it is not its own."""
        rows, first = [put.row for put in fresh], min(put.row for put in fresh)
        for table in self._hands.tables(self._sheet):
            top, left, height, width = self._hands.table_place(table)
            if first <= top + height <= max(rows) and not self._hands.totals_row(table):
                self._hands.resize_table(table, self._cells(top, left, max(rows) - top + 1, width))

    def _models(self, fresh: Sequence[Put], width: int) -> list[_Model]:
        """What rows that follow each other are like: formulas of the row above, in columns that are not written."""
        found = []
        for first, many in spans([put.row for put in fresh]):
            own = [put for put in fresh if first <= put.row < first + many]
            like, ours = min(put.like for put in own), {at for put in own for at in (*put.cells, *put.bare)}
            cells = self._cells(like, 1, 1, width)
            formulas: dict[int, str] = {}
            if (texts := self._hands.formulas(cells)) is not None:
                shows, relative = self._hands.values(cells)[0], self._hands.relative_formulas(cells)[0]
                formulas = {
                    at: relative[at - 1]
                    for at, (text, value) in enumerate(zip(texts[0], shows, strict=True), 1)
                    if at not in ours and isinstance(text, str) and text.startswith("=") and text != value
                }
            found.append(_Model(row=first, many=many, like=like, formulas=formulas))
        return found

    def _dress(self, models: Sequence[_Model], width: int) -> None:
        """Looks of all rows in one call; formulas a column at a time."""
        for model in models:
            through = self._cells(model.like, 1, model.row + model.many - model.like, width)
            self._hands.fill_looks(self._cells(model.like, 1, 1, width), through)
            for at, text in model.formulas.items():
                self._hands.put_relative(self._cells(model.row, at, model.many), text)

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
