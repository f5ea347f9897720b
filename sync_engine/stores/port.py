"""The SheetStore port: rows in, rows out, addressed by key.

A store knows tables (`workbook_templates.schema.Table`), finds columns by header in either language or by the
defined name of the header cell, finds rows by key, and never takes a row number from its caller. What is odd in
a sheet is told as values (`Fault`), never guessed and never raised; a workbook that cannot be read at all raises
`WorkbookError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from workbook_templates.schema import Value


class FaultKind(StrEnum):
    """What can be odd about a sheet, a row or a cell."""

    SHEET_MISSING = "sheet_missing"
    KEY_COLUMN_MISSING = "key_column_missing"  # the table is left alone: appending could double every row
    COLUMN_MISSING = "column_missing"
    COLUMN_RENAMED = "column_renamed"  # found by its defined name
    HEADER_TWICE = "header_twice"
    KEY_TWICE = "key_twice"  # both rows are left alone
    KEY_ERASED = "key_erased"  # a row with content and no key
    FORMULA_IN_OURS = "formula_in_ours"
    NUMBER_FOR_TEXT = "number_for_text"  # e.g. an id typed as a number; damaged if longer than 15 digits
    BAD_VALUE = "bad_value"  # cannot be read as the column's kind
    BELOW_TABLE = "below_table"  # something stands where rows would be appended


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something odd, with where it is and what stands there."""

    kind: FaultKind
    table: str
    key: str = ""
    column: str = ""
    shown: str = ""  # what the cell or header shows
    place: str = ""  # for people: "D17"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row as read. `cells` holds every column of the table that was found; an empty cell is None.

    A STAFF cell that cannot be read as its kind is None in `cells` and named in `faults`; for our own columns the
    cell then holds the raw text, so that what was typed can be kept and shown. Trailing and leading blanks of ids and
    choices are stripped; CHOICE cells hold the choice's machine name; TICK cells hold a bool; MONEY has 2 places.
    """

    key: str
    cells: Mapping[str, Value]
    digest: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """What a read found in one table."""

    table: str
    changed: tuple[SheetRow, ...] = ()  # rows that are new or differ from `known`, in sheet order
    gone: tuple[str, ...] = ()  # known keys that are not in the sheet any more
    doubled: tuple[SheetRow, ...] = ()  # every row whose key stands more than once
    keyless: tuple[SheetRow, ...] = ()  # rows with content and no key: new staff rows, or erased keys
    total: int = 0  # rows with a key
    faults: tuple[
        Fault, ...
    ] = ()  # of the table as a whole; duplicate keys are here, and not in `changed` or `gone`
    usable: bool = True  # False: do not write to it

    @property
    def quiet(self) -> bool:
        """True where nothing changed since `known`."""
        return not (self.changed or self.gone or self.keyless or self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The workbook as read at one moment. `token` names that state; a write says which state it is based on.

    `last_found`: where a store keeps it, what the last write of an earlier process found in the cells it wrote, by table and key.
    """

    token: str
    tables: Mapping[str, TableView] = field(default_factory=dict)
    last_found: Mapping[tuple[str, str], Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEdit:
    """New values for some cells of one row.

    For an existing row, `expect` are the values of our cells the edit was planned against: if one differs in the
    sheet at the moment of writing, nothing of the row is written and the row comes back as `Refusal`. With `new` the
    row is appended unless its key is already there (then refused with "exists"). For a keyless row people made
    (`match`), the row whose cells equal `match` and which has no key gets its key and cells.
    """

    table: str
    key: str
    cells: Mapping[str, Value]
    expect: Mapping[str, Value] = field(default_factory=dict)
    new: bool = False
    match: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that was not written, and why: gone | exists | twice | changed | unusable | below_table."""

    table: str
    key: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReport:
    """What a write did. `pending` is a sentence why nothing was written at all (the file is open elsewhere)."""

    written: tuple[SheetRowAt, ...] = ()
    refused: tuple[Refusal, ...] = ()
    pending: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRowAt:
    """A row as it stands in the sheet after a write, read back."""

    table: str
    row: SheetRow


class SheetStore(Protocol):
    """A workbook's tables."""

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """Read every table; `known[table][key]` is the digest of the row as last settled.

        Rows equal to what is known are left out, so that the cost of a tick follows what changed.
        """
        ...

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        """Write all edits in one operation, read them back, and say what stands there now.

        `token` is of the read the edits were planned on; where the workbook changed since, every row is found and
        checked anew in the same operation.
        """
        ...


_RICH = (Decimal, datetime)


def canonical(value: Value) -> str:
    """A value as one unambiguous text, the same for every store: equal values give equal texts."""
    if isinstance(value, str):  # nearly every cell
        return f"s{value}" if value else ""
    if value is None or value is False:
        return ""
    if value is True:
        return "b1"
    if isinstance(value, _RICH):
        return _canonical(value)
    return f"n{value}"


@lru_cache(maxsize=8192)
def _canonical(value: Decimal | datetime) -> str:
    """Rows beside each other have the same moments and amounts."""
    if isinstance(value, datetime):
        return f"t{value.isoformat()[:19]}"
    text = format(value.normalize(), "f")
    return "n0" if text in ("0", "-0") else f"n{text}"


def texts_of(cells: Mapping[str, Value]) -> dict[str, str]:
    """The canonical text of each cell that holds something."""
    return {
        name: f"s{value}" if value.__class__ is str else canonical(value)
        for name, value in cells.items()
        if value is not None and (value or canonical(value))
    }


def row_digest(cells: Mapping[str, Value]) -> str:
    """A short fingerprint of a row's values, independent of column order and of empty cells."""
    texts = texts_of(cells)
    parts = [f"{name}\x1f{texts[name]}" for name in sorted(texts)]
    return hashlib.blake2b("\x1e".join(parts).encode(), digest_size=9).hexdigest()


def same(left: Value, right: Value) -> bool:
    """Whether two cell values mean the same: an empty text, no tick and an empty cell are equal."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return canonical(left) == canonical(right)
