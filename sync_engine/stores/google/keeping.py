"""Writing cells of Google Sheets and keeping what stood in them, in one call.

No call of Google's writes only where a cell still holds what it held. But one call may copy cells first and write them
then, and Google does all of a call or nothing, with nobody in between. So every cell to be written is copied to a hidden tab
of ours, with the key of its row; the answer says what was copied there, and what the rows hold now. Where the answer is lost,
the hidden tab still says it: a stamp names the call it is of. Beside it stands what the next process needs to know (`last`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync_engine.stores.google import wire
from sync_engine.stores.google.last import Copied, described
from sync_engine.stores.grid.mend import mark
from sync_engine.stores.grid.port import Page, Put
from sync_engine.stores.memory_cells import Raw

TAB = "_biaomao"
"""The hidden tab. It holds what the last write found in the cells it wrote; who deletes it loses nothing."""
TAB_ID = 1_906_282_031
"""Its number; ours to choose, and the same in every spreadsheet so that a call which makes it can also use it."""
_ABOUT_A_COPY = 380
"""Bytes of the request that copies one block."""
_ABOUT_A_WRITE = 260
"""Bytes of the request that writes one block, without its values."""
_ABOUT_A_ROW = 60
"""Bytes of asking for one row in the answer."""

Columns = Mapping[str, Sequence[int]]
"""Of each tab the columns of the key."""
Names = Mapping[str, tuple[str, Mapping[int, str]]]
"""Of each tab its table, and the names of its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A row in which a write landed."""

    put: Put
    stood: Mapping[int, Raw]  # what stood in the cells that were written, and in those of the key, by column
    row: Sequence[Raw] | None  # the row with the write in it; None where the answer was lost

    @property
    def meant(self) -> bool:
        """Whether it is the row that was meant, by the cells that say so."""
        guard = self.put.guard
        if self.row is None and not guard.keys() <= self.stood.keys():
            return False
        row = {**dict(enumerate(self.row or (), 1)), **self.stood}
        return all(mark(row.get(at)) == mark(raw) for at, raw in guard.items())

    @property
    def undone(self) -> Put:
        """What gives it back what it held."""
        held = {at: self.stood.get(at) for at in self.put.cells}
        return Put(tab=self.put.tab, row=self.put.row, cells=held)


@dataclass(slots=True, kw_only=True)
class _Block:
    """Cells side by side in one row or in rows below each other."""

    tab: str
    row: int
    left: int
    written: bool  # else it is only copied: the cells of the key
    rows: list[list[Raw]] = field(default_factory=list)
    kept: int = 0  # the row of the hidden tab, from 0, where its first row is copied to

    @property
    def right(self) -> int:
        """Its last column."""
        return self.left - 1 + len(self.rows[0])

    def area(self, sheet_id: int, top: int) -> dict[str, int]:
        """Where it lies, or its copy, in Google's words."""
        return {
            "sheetId": sheet_id, "startRowIndex": top, "endRowIndex": top + len(self.rows),
            "startColumnIndex": self.left - 1, "endColumnIndex": self.right,
        }  # fmt: skip

    def copied(self, names: Names) -> Copied:
        """What it is a copy of, in words that outlive this process."""
        table, columns = names[self.tab]
        return Copied(
            table=table, left=self.left, names=tuple(columns[at] for at in range(self.left, self.right + 1)),
            row=self.row, kept=self.kept, rows=len(self.rows),
        )  # fmt: skip

    def requests(self, sheet_id: int) -> Iterator[dict[str, Any]]:
        """Copy it, then write it."""
        there = self.area(sheet_id, self.row - 1)
        kept = self.area(TAB_ID, self.kept)
        yield {"copyPaste": {"source": there, "destination": kept, "pasteType": "PASTE_VALUES"}}
        if self.written:
            yield {
                "updateCells": {"range": there, "rows": [*map(_row, self.rows)], "fields": "userEnteredValue"}
            }


class Batch:
    """The puts of one call. Blocks are as large as they can be: many rows with the same columns are few requests.

    Args:
        keys: see `Columns`.
        number: of the calls of one store, so that no two bear the same stamp.

    Attributes:
        above: where it is not the first call of a write, the rows and columns of the hidden tab that the calls before it
            filled; its own copies go below them.
        filled: the rows and columns that hold copies once it is done.
    """

    def __init__(self, keys: Columns, number: int) -> None:
        self.puts: list[Put] = []
        self.above = self.filled = (0, 0)
        self.size = 0  # bytes, at most
        self._keys, self._number, self._stamp = keys, number, ""
        self._blocks: list[_Block] = []
        self._open: dict[tuple[str, int, int, bool, int], _Block] = {}  # what lies in a row directly below
        self._parts: list[list[tuple[_Block, int]]] = []

    def add(self, put: Put) -> None:
        """One more."""
        self.size += _ABOUT_A_ROW
        keys: dict[int, Raw] = {at: None for at in self._keys[put.tab] if at not in put.cells}
        copied = [self._part(put, left, values, False) for left, values in _runs(keys)]
        written = [self._part(put, left, values, True) for left, values in _runs(put.cells)]
        self.puts.append(put)
        self._parts.append([*copied, *written])

    def _part(self, put: Put, left: int, values: list[Raw], written: bool) -> tuple[_Block, int]:
        """The block that cells of a row are in, and the how manieth of its rows they are."""
        where = (put.tab, left, len(values), written)
        if (block := self._open.pop((*where, put.row), None)) is None:
            block = _Block(tab=put.tab, row=put.row, left=left, written=written)
            self._blocks.append(block)
            self.size += _ABOUT_A_COPY + _ABOUT_A_WRITE * written
        self._open[*where, put.row + 1] = block
        self.size += _bytes(values) * written
        block.rows.append(values)
        return block, len(block.rows) - 1

    def body(
        self, ids: Mapping[str, int], heads: Mapping[str, int], widths: Mapping[str, int], names: Names
    ) -> dict[str, Any]:
        """The body of `spreadsheets:batchUpdate`.

        Args:
            ids: the number of each tab; without the hidden one it is made.
            heads: the row of each tab's header, which is asked for too.
            widths: how many columns of each tab's rows are asked for.
            names: what the columns are called.
        """
        first, wide = self.above
        rows = first + 1  # the first one holds the stamp
        for block in self._blocks:
            block.kept, rows = rows, rows + len(block.rows)
        columns = max(block.right for block in self._blocks)
        requests = [each for block in self._blocks for each in block.requests(ids[block.tab])]
        content = hashlib.blake2b(json.dumps(requests).encode(), digest_size=12)
        self._stamp = f"{self._number}:{content.hexdigest()}"
        head = [self._stamp, *described(block.copied(names) for block in self._blocks)]
        self.filled = rows, max(wide, columns, len(head))
        requests[:0] = _hidden_tab(TAB in ids, first, self.filled, head)
        return {
            "requests": requests, "includeSpreadsheetInResponse": True, "responseIncludeGridData": True,
            "responseRanges": [wire.row_range(TAB, first + 1, columns, rows), *self._asked(heads, widths)],
        }  # fmt: skip

    def _asked(self, heads: Mapping[str, int], widths: Mapping[str, int]) -> Iterator[str]:
        for tab, wide in widths.items():
            yield wire.row_range(tab, heads[tab], wide)
            rows = sorted({put.row for put in self.puts if put.tab == tab})
            for first, last in wire.stretches(rows):
                yield wire.row_range(tab, first, wide, last)

    def hits(self, pages: Mapping[str, Page]) -> list[Hit]:
        """Where the puts landed, by the pages of the answer or by the hidden one alone; nothing by that of another call."""
        copied = pages[TAB].cells if TAB in pages else ()
        if _at(copied, self.above[0], 0) != self._stamp:
            return []
        found = []
        for put, parts in zip(self.puts, self._parts, strict=True):
            stood = {
                block.left + n: _at(copied, block.kept + at, block.left - 1 + n)
                for block, at in parts
                for n in range(len(block.rows[at]))
            }
            row = None
            if put.tab in pages:
                row = next(iter(pages[put.tab].cells[put.row - 1 : put.row]), ())
            found.append(Hit(put=put, stood=stood, row=row))
        return found


def batches(puts: Sequence[Put], payload: int, keys: Columns, numbers: Iterator[int]) -> Iterator[Batch]:
    """Puts in their order, as many to a call as its payload, in bytes, allows."""
    batch = Batch(keys, next(numbers))
    for put in puts:
        if batch.puts and batch.size + _weight(put, keys[put.tab]) > payload:
            yield batch
            batch = Batch(keys, next(numbers))
        batch.add(put)
    if batch.puts:
        yield batch


def _weight(put: Put, keys: Sequence[int]) -> int:
    """Bytes of a put, at most: where nothing of it joins a block above."""
    written = sum(_ABOUT_A_COPY + _ABOUT_A_WRITE + _bytes(values) for _, values in _runs(put.cells))
    return _ABOUT_A_ROW + _ABOUT_A_COPY * len(keys) + written


def _bytes(values: Sequence[Raw]) -> int:
    return sum(len(json.dumps(wire.entered(raw))) + 24 for raw in values)


def _runs(cells: Mapping[int, Raw]) -> Iterator[tuple[int, list[Raw]]]:
    """Cells side by side: the first one's column, and what is to stand in them."""
    ats = sorted(cells)
    for first, last in wire.stretches(ats):
        yield first, [cells[at] for at in range(first, last + 1)]


def _hidden_tab(
    there: bool, first: int, filled: tuple[int, int], head: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The hidden tab, just as large as is needed; what follows on the row with the stamp, from 0, is empty."""
    size = {"rowCount": filled[0], "columnCount": filled[1]}
    if there:
        wanted = {"sheetId": TAB_ID, "gridProperties": size}
        fields = "gridProperties(rowCount,columnCount)"
        yield {"updateSheetProperties": {"properties": wanted, "fields": fields}}
    else:
        made = {"sheetId": TAB_ID, "title": TAB, "hidden": True, "gridProperties": size}
        yield {"addSheet": {"properties": made}}
    area = {"sheetId": TAB_ID, "startRowIndex": first}
    yield {"updateCells": {"range": area, "rows": [_row(head)], "fields": "userEnteredValue"}}


def _row(raws: Sequence[Raw]) -> dict[str, Any]:
    return {"values": [{"userEnteredValue": wire.entered(raw)} for raw in raws]}


def _at(cells: Sequence[Sequence[Raw]], row: int, column: int) -> Raw:
    return cells[row][column] if row < len(cells) and column < len(cells[row]) else None
