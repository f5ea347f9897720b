"""Rows to values, quickly: the common forms of a cell are read by one expression, all others the careful way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from sync_engine.stores.port import Fault, FaultKind, SheetRow, row_digest
from sync_engine.stores.xlsx.cells import Raw, Read, SharedText, cached, damaged, read_raw, read_value
from sync_engine.stores.xlsx.sheet import Chunk, Layout, cells_of, column_letters
from workbook_templates.schema import Column, Kind, Value, row_key

SEEN_MOST = 50_000
_QUICK = re.compile(
    rb'<c r="([A-Z]+)\d+"(?: s="\d+")?(?: t="(\w+)")?(?:/>|>(?:<is><t>([^<&]*)</t></is></c>|(.*?)</c>))', re.S
)
_Found = tuple[bytes, bytes, bytes, bytes]
"""A cell: its column's letters, its kind, its text where that is plain, else what stands in it."""
_PLAIN_MONEY = re.compile(rb"<v>(-?[0-9]{1,11}(?:\.[0-9]{1,2})?)</v>")
_FEN = Decimal("0.01")


class RowReader:
    """Reads rows of one layout."""

    def __init__(self, layout: Layout, shared: SharedText, date_1904: bool) -> None:
        self._layout, self._shared, self._date_1904 = layout, shared, date_1904
        self._seen: dict[_Found, Value] = {}  # the same bytes in the same column mean the same
        self._empty: dict[str, Value] = dict.fromkeys(layout.columns)
        self._columns = {
            column_letters(at).encode(): (
                name,
                layout.table.column(name),
                _quick_text(layout.table.column(name)),
            )
            for name, at in layout.columns.items()
        }

    def read(self, chunk: Chunk) -> SheetRow:
        """A row's cells as values, with what is odd about them."""
        cells = dict(self._empty)
        faults: list[Fault] = []
        if len(self._seen) > SEEN_MOST:
            self._seen.clear()
        for cell in self._cells(chunk.data):
            letters, kind, plain, inner = cell
            place = self._columns.get(letters)
            if place is None or not (plain or inner):
                continue
            name, column, quick = place
            ordinary = plain and kind == b"inlineStr" and b"_x" not in plain
            if ordinary and column.kind is Kind.ID:  # no two are the same: nothing to be remembered
                cells[name] = plain.decode().strip() or None
                continue
            known = self._seen.get(cell)
            if known is not None:
                cells[name] = known
                continue
            if quick is not None:
                if ordinary and (value := quick(plain.decode())) is not None:
                    cells[name] = self._seen[cell] = value
                    continue
            elif column.kind is Kind.MONEY and not kind and (found := _PLAIN_MONEY.fullmatch(inner)):
                cells[name] = self._seen[cell] = Decimal(found[1].decode()).quantize(_FEN)
                continue
            read = self._careful(kind, inner or b"<is><t>%s</t></is>" % plain, column)
            cells[name] = read.value
            if read.value is not None and not read.fault:
                self._seen[cell] = read.value
            if read.fault:
                where = f"{letters.decode()}{chunk.number}"
                faults.append(
                    Fault(
                        kind=read.fault,
                        table=self._layout.table.name,
                        column=name,
                        shown=read.shown,
                        place=where,
                    )
                )
        key = "" if any(map(self._spoils_key, faults)) else row_key(self._layout.table, cells)
        return SheetRow(key=key, cells=cells, digest=_digest(cells, faults), faults=tuple(faults))

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


def _quick_text(column: Column) -> Callable[[str], Value] | None:
    """How plain text becomes this column's value without further looks; None (or a None answer): the careful way."""
    if column.kind is Kind.TEXT:
        return lambda text: text or None
    if column.kind is Kind.CHOICE:
        names = {label: choice.name for choice in column.choices for label in (choice.en, choice.zh)}
        return names.get
    return None


def _digest(cells: dict[str, Value], faults: list[Fault]) -> str:
    """Of the values, and of what could not be read: a cell that holds nonsense is not the same as an empty one."""
    if not faults:
        return row_digest(cells)
    odd: dict[str, Value] = {f"?{fault.column}": f"{fault.kind}:{fault.shown}" for fault in faults}
    return row_digest({**cells, **odd})


__all__ = ["RowReader"]
