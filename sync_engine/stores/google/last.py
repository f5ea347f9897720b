"""What the last write found in its cells, for the next process where this one is ended before it could look.

The hidden tab holds copies of what stood there (`keeping`). Beside its stamp stands which cells they are copies of. Whether
somebody had typed there only the journal can tell: it notes each write before it is sent, and what the sheet held before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_engine.stores.memory_cells import Raw, decode
from workbook_templates.schema import Table, Value, row_key

LONGEST = 40_000
"""Characters of one text; a cell of Google's holds 50,000."""

STAMP = re.compile(r"\d+:[0-9a-f]{24}")
"""What names a call: its number, and a hash of what it does."""

Found = Mapping[tuple[str, str], Mapping[str, Value]]
"""Cells by table and key of their row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Cells side by side, in one row or in rows below each other, and where their copies stand.

    Attributes:
        left: their first column, from 1, in the sheet and in the hidden tab.
        row: their first row in the sheet, from 1.
        kept: the first row of the copies, from 0.
    """

    table: str
    left: int
    names: tuple[str, ...]
    row: int
    kept: int
    rows: int


def described(copied: Iterable[Copied]) -> list[str]:
    """What says where the copies belong, in texts that go into a cell each."""
    groups: dict[tuple[str, int, tuple[str, ...]], list[list[int]]] = {}
    for one in copied:
        groups.setdefault((one.table, one.left, one.names), []).append([one.row, one.kept, one.rows])
    text = json.dumps([[*group, places] for group, places in groups.items()], separators=(",", ":"))
    return [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)]


def found_by_last(cells: Sequence[Sequence[Raw]], tables: Iterable[Table]) -> Found:
    """What stood in the cells of the last write, by the hidden tab alone; nothing where somebody changed that."""
    by_name = {table.name: table for table in tables}
    rows: dict[tuple[str, int], dict[str, Raw]] = {}
    for one in _understood(cells):
        if one.table in by_name and all(map(by_name[one.table].has, one.names)):
            for n in range(one.rows):
                held = cells[one.kept + n] if one.kept + n < len(cells) else ()
                raws = [*held[one.left - 1 :], *[None] * len(one.names)]
                rows.setdefault((one.table, one.row + n), {}).update(zip(one.names, raws, strict=False))
    found = {}
    for (name, _), raws_by_name in rows.items():
        table = by_name[name]
        values = {column: decode(table.column(column), raw).value for column, raw in raws_by_name.items()}
        if key := row_key(table, values):
            found[name, key] = {column: value for column, value in values.items() if column not in table.key}
    return found


def _understood(cells: Sequence[Sequence[Raw]]) -> Iterator[Copied]:
    """Of each call of the write in turn: below the copies of one stands the stamp of the next."""
    head = 0
    while head < len(cells) and cells[head] and STAMP.fullmatch(str(cells[head][0])):
        texts = [raw for raw in cells[head][1:] if isinstance(raw, str)]
        head += 1
        try:
            groups: Any = json.loads("".join(texts) or "[]")
            for table, left, names, places in groups:
                for row, kept, rows in places:
                    head = max(head, kept + rows)
                    yield Copied(table=table, left=left, names=tuple(names), row=row, kept=kept, rows=rows)
        except (ValueError, TypeError):
            return
