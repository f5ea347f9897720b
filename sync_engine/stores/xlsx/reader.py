"""Rows to values, quickly: the common forms of a cell are read by one expression, all others the careful way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from sync_engine.stores.port import Fault, FaultKind, SheetRow, row_digest
from sync_engine.stores.xlsx.cells import (
    EPOCH_1900,
    EPOCH_1904,
    Raw,
    Read,
    SharedText,
    cached,
    damaged,
    read_raw,
    read_value,
)
from sync_engine.stores.xlsx.sheet import Chunk, Layout, cells_of, column_letters
from workbook_templates.schema import Column, Kind, Value, row_key

SEEN_MOST = 10_000
_QUICK = re.compile(
    rb'<c r="([A-Z]+)\d+"(?: s="\d+")?(?: t="(\w+)")?(?:/>|>(?:<is><t>([^<&]*)</t></is></c>|(.*?)</c>))', re.S
)
_Found = tuple[bytes, bytes, bytes, bytes]
"""A cell: its column's letters, its kind, its text where that is plain, else what stands in it."""
_PLAIN_MONEY = re.compile(rb"<v>(-?[0-9]{1,11}(?:\.[0-9]{1,2})?)</v>")
_PLAIN_TIME = re.compile(rb"<v>([1-9][0-9]{0,5}(?:\.[0-9]{1,12})?)</v>")
NEAR = 0.01  # of a second
_FEN = Decimal("0.01")


class _Place:
    """A column, how its common contents are read, and what was read: the same bytes in the same column mean the same."""

    __slots__ = ("column", "last", "name", "quick", "repeats", "seen")

    def __init__(self, column: Column, date_1904: bool) -> None:
        self.column, self.name, self.quick = column, column.name, _quick(column, date_1904)
        self.repeats = column.kind is not Kind.ID
        self.seen: dict[bytes, Value] = {}
        self.last: tuple[bytes, Value] = (b"", None)  # of ids, which repeat in rows beside each other at most


class RowReader:
    """Reads rows of one layout."""

    def __init__(self, layout: Layout, shared: SharedText, date_1904: bool) -> None:
        self._layout, self._shared, self._date_1904 = layout, shared, date_1904
        self._remembered = 0
        self._empty: dict[str, Value] = dict.fromkeys(layout.columns)
        self._columns = {
            column_letters(at).encode(): _Place(layout.table.column(name), date_1904)
            for name, at in layout.columns.items()
        }

    def read(self, chunk: Chunk) -> SheetRow:
        """A row's cells as values, with what is odd about them."""
        cells = dict(self._empty)
        faults: list[Fault] = []
        columns = self._columns
        if self._remembered > SEEN_MOST:
            self._forget()
        for letters, kind, plain, inner in self._cells(chunk.data):
            content = plain or inner
            if not content or (place := columns.get(letters)) is None:
                continue
            usual = kind == b"inlineStr" if plain else not kind  # plain text, or a number
            value = self._at_once(place, content) if usual else None
            if value is not None:
                cells[place.name] = value
                continue
            read = self._careful(kind, inner or b"<is><t>%s</t></is>" % plain, place.column)
            cells[place.name] = read.value
            if usual and read.value is not None and not read.fault:
                self._remember(place, content, read.value)
            if read.fault:
                where = f"{letters.decode()}{chunk.number}"
                faults.append(
                    Fault(
                        kind=read.fault,
                        table=self._layout.table.name,
                        column=place.name,
                        shown=read.shown,
                        place=where,
                    )
                )
        key = "" if any(map(self._spoils_key, faults)) else row_key(self._layout.table, cells)
        return SheetRow(key=key, cells=cells, digest=_digest(cells, faults), faults=tuple(faults))

    def _at_once(self, place: _Place, content: bytes) -> Value:
        """What plain text or a number means, where it was read before or is of the common form; else None."""
        if not place.repeats and content == place.last[0]:
            return place.last[1]
        value = place.seen.get(content)
        if value is None and place.quick is not None:
            value = place.quick(content)
            if value is not None:
                if place.repeats:
                    self._remember(place, content, value)
                else:
                    place.last = (content, value)
        return value

    def _remember(self, place: _Place, content: bytes, value: Value) -> None:
        place.seen[content] = value
        self._remembered += 1

    def _forget(self) -> None:
        self._remembered = 0
        for place in self._columns.values():
            place.seen.clear()

    def _spoils_key(self, fault: Fault) -> bool:
        """Whether a key cell no longer tells which row this is: what stands there may be another row's key."""
        if fault.column not in self._layout.table.key:
            return False
        return fault.kind is not FaultKind.NUMBER_FOR_TEXT or damaged(fault.shown)

    def _cells(self, row: bytes) -> Iterable[_Found]:
        found = _QUICK.findall(row)
        if len(found) == row.count(b"<c ") + row.count(b"<c>"):
            return found
        return ((column_letters(cell.column).encode(), cell.kind, b"", cell.inner) for cell in cells_of(row))

    def _careful(self, kind: bytes, inner: bytes, column: Column) -> Read:
        raw: Raw = read_raw(kind, inner, self._shared)
        if raw.formula and not column.owner.ours:
            raw = cached(inner, kind, self._shared)
        return read_value(raw, column, self._date_1904)


def _quick(column: Column, date_1904: bool) -> Callable[[bytes], Value] | None:
    """How plain text or a number becomes this column's value without further looks; None, or a None answer: the careful way."""
    if column.kind is Kind.TIME:
        return partial(_quick_time, EPOCH_1904 if date_1904 else EPOCH_1900)
    if column.kind is Kind.MONEY:
        return _quick_money
    if column.kind is Kind.ID:
        return lambda text: None if b"_x" in text or text[:1] == b"<" else text.decode().strip() or None
    if column.kind is Kind.TEXT:
        return lambda text: None if b"_x" in text or text[:1] == b"<" else text.decode()
    if column.kind is Kind.CHOICE:
        names: dict[bytes, Value] = {
            label.encode(): choice.name for choice in column.choices for label in (choice.en, choice.zh)
        }
        return names.get
    return None


def _quick_money(inner: bytes) -> Decimal | None:
    found = _PLAIN_MONEY.fullmatch(inner)
    return Decimal(found[1].decode()).quantize(_FEN) if found else None


def _quick_time(epoch: datetime, inner: bytes) -> datetime | None:
    """A time that is a whole second, but for what ten decimals of a day leave open."""
    found = _PLAIN_TIME.fullmatch(inner)
    if not found:
        return None
    passed = float(found[1]) * 86400
    seconds = round(passed)
    return epoch + timedelta(seconds=seconds) if abs(passed - seconds) < NEAR else None


def _digest(cells: dict[str, Value], faults: list[Fault]) -> str:
    """Of the values, and of what could not be read: a cell that holds nonsense is not the same as an empty one."""
    if not faults:
        return row_digest(cells)
    odd: dict[str, Value] = {f"?{fault.column}": f"{fault.kind}:{fault.shown}" for fault in faults}
    return row_digest({**cells, **odd})


__all__ = ["RowReader"]
