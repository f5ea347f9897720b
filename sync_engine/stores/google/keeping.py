"""Writing cells of Google Sheets and keeping what stood in them, in one call.

No call of Google's writes only where a cell still holds what it held. But one call may copy cells first and write them
then, and Google does all of a call or nothing, with nobody in between. So every cell to be written is copied to a hidden tab
of ours; the answer says what was copied there, and what the rows hold now.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync_engine.stores.google import wire
from sync_engine.stores.grid.port import Page, Put
from sync_engine.stores.memory_cells import Raw

TAB = "_biaomao"
"""The hidden tab. It holds what the last write found in the cells it wrote; who deletes it loses nothing."""
TAB_ID = 1_906_282_031
"""Its number; ours to choose, and the same in every spreadsheet so that a call which makes it can also use it."""
_ABOUT_A_BLOCK = 620
"""Bytes of the requests that copy and write one block, without its values."""
_ABOUT_A_ROW = 60
"""Bytes of asking for one row in the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A row in which a write landed."""

    put: Put
    stood: Mapping[int, Raw]  # what stood in the cells that were written, by column
    row: Sequence[Raw]  # the row with the write in it


@dataclass(slots=True, kw_only=True)
class _Block:
    """Cells side by side in one row or in rows below each other, all of them written."""

    tab: str
    row: int
    left: int
    rows: list[list[Raw]] = field(default_factory=list)
    kept: int = 0  # the row of the hidden tab, from 0, where its first row is copied to

    def area(self, sheet_id: int, top: int) -> dict[str, int]:
        """Where it lies, or its copy, in Google's words."""
        return {
            "sheetId": sheet_id, "startRowIndex": top, "endRowIndex": top + len(self.rows),
            "startColumnIndex": self.left - 1, "endColumnIndex": self.left - 1 + len(self.rows[0]),
        }  # fmt: skip


class Batch:
    """The puts of one call. Blocks are as large as they can be: many rows with the same columns are few requests."""

    def __init__(self) -> None:
        self.puts: list[Put] = []
        self.size = 0  # bytes, at most
        self._blocks: list[_Block] = []
        self._open: dict[tuple[str, int, int, int], _Block] = {}  # by tab, columns, and the row below
        self._parts: list[list[tuple[_Block, int]]] = []

    def add(self, put: Put) -> None:
        """One more."""
        parts = []
        self.size += _ABOUT_A_ROW
        for left, values in _runs(put.cells):
            where = (put.tab, left, left + len(values), put.row)
            if (block := self._open.pop(where, None)) is None:
                block = _Block(tab=put.tab, row=put.row, left=left)
                self._blocks.append(block)
                self.size += _ABOUT_A_BLOCK
            parts.append((block, len(block.rows)))
            block.rows.append(values)
            self._open[*where[:3], put.row + 1] = block
            self.size += _bytes(values)
        self.puts.append(put)
        self._parts.append(parts)

    def body(
        self, ids: Mapping[str, int], heads: Mapping[str, int], widths: Mapping[str, int]
    ) -> dict[str, Any]:
        """The body of `spreadsheets:batchUpdate`.

        Args:
            ids: the number of each tab; without the hidden one it is made.
            heads: the row of each tab's header, which is asked for too.
            widths: how many columns of each tab's rows are asked for.
        """
        rows = 0
        for block in self._blocks:
            block.kept, rows = rows, rows + len(block.rows)
        columns = max(block.left - 1 + len(block.rows[0]) for block in self._blocks)
        requests = [*_hidden_tab(TAB in ids, rows, columns)]
        for block in self._blocks:
            there = block.area(ids[block.tab], block.row - 1)
            copy = {
                "source": there,
                "destination": block.area(TAB_ID, block.kept),
                "pasteType": "PASTE_VALUES",
            }
            values = [
                {"values": [{"userEnteredValue": wire.entered(raw)} for raw in row]} for row in block.rows
            ]
            write = {"range": there, "rows": values, "fields": "userEnteredValue"}
            requests += [{"copyPaste": copy}, {"updateCells": write}]
        ranges = [wire.row_range(TAB, 1, columns, rows), *self._asked(heads, widths)]
        return {
            "requests": requests, "includeSpreadsheetInResponse": True, "responseIncludeGridData": True,
            "responseRanges": ranges,
        }  # fmt: skip

    def _asked(self, heads: Mapping[str, int], widths: Mapping[str, int]) -> Iterator[str]:
        for tab, wide in widths.items():
            yield wire.row_range(tab, heads[tab], wide)
            rows = sorted({put.row for put in self.puts if put.tab == tab})
            for first, last in _stretches(rows):
                yield wire.row_range(tab, first, wide, last)

    def hits(self, pages: Mapping[str, Page]) -> list[Hit]:
        """What the answer's pages say of each put."""
        copied = pages[TAB].cells
        found = []
        for put, parts in zip(self.puts, self._parts, strict=True):
            stood = {
                block.left + n: _at(copied, block.kept + at, block.left - 1 + n)
                for block, at in parts
                for n in range(len(block.rows[at]))
            }
            cells = pages[put.tab].cells
            found.append(Hit(put=put, stood=stood, row=cells[put.row - 1] if put.row <= len(cells) else ()))
        return found


def batches(puts: Sequence[Put], payload: int) -> Iterator[Batch]:
    """Puts in their order, as many to a call as its payload, in bytes, allows."""
    batch = Batch()
    for put in puts:
        if batch.puts and batch.size + _weight(put) > payload:
            yield batch
            batch = Batch()
        batch.add(put)
    if batch.puts:
        yield batch


def _weight(put: Put) -> int:
    """Bytes of a put, at most: where nothing of it joins a block above."""
    return _ABOUT_A_ROW + sum(_ABOUT_A_BLOCK + _bytes(values) for _, values in _runs(put.cells))


def _bytes(values: Sequence[Raw]) -> int:
    return sum(len(json.dumps(wire.entered(raw))) + 24 for raw in values)


def _runs(cells: Mapping[int, Raw]) -> Iterator[tuple[int, list[Raw]]]:
    """Cells side by side: the first one's column, and what is to stand in them."""
    ats = sorted(cells)
    for first, last in _stretches(ats):
        yield first, [cells[at] for at in range(first, last + 1)]


def _stretches(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of ascending numbers without a gap."""
    start = 0
    for n in range(1, len(numbers) + 1):
        if n == len(numbers) or numbers[n] != numbers[n - 1] + 1:
            yield numbers[start], numbers[n - 1]
            start = n


def _hidden_tab(there: bool, rows: int, columns: int) -> Iterator[dict[str, Any]]:
    """The hidden tab, empty, just as large as is needed."""
    size = {"rowCount": rows, "columnCount": columns}
    if not there:
        yield {
            "addSheet": {
                "properties": {"sheetId": TAB_ID, "title": TAB, "hidden": True, "gridProperties": size}
            }
        }
        return
    wanted = {"sheetId": TAB_ID, "gridProperties": size}
    yield {"updateSheetProperties": {"properties": wanted, "fields": "gridProperties(rowCount,columnCount)"}}
    yield {"updateCells": {"range": {"sheetId": TAB_ID}, "fields": "userEnteredValue"}}


def _at(cells: Sequence[Sequence[Raw]], row: int, column: int) -> Raw:
    return cells[row][column] if row < len(cells) and column < len(cells[row]) else None
