"""A workbook read into memory: its parts, and each table's sheet cut into rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sync_engine.stores.port import Fault, FaultKind, SheetRow, TableView
from sync_engine.stores.xlsx.book import Book, ListPart, find_list, find_sheet, read_book
from sync_engine.stores.xlsx.cells import SharedText
from sync_engine.stores.xlsx.package import Package
from sync_engine.stores.xlsx.reader import RowReader
from sync_engine.stores.xlsx.sheet import Chunk, Layout, find_layout, normalised, split_rows
from sync_engine.stores.xlsx.sidecar import SheetMemory, Sidecar, row_hash
from workbook_templates.schema import Table

_DATA_OPEN, _DATA_CLOSE = b"<sheetData>", b"</sheetData>"


@dataclass(slots=True)
class LoadedSheet:
    """One table's sheet: what stands before its rows, its rows, and what stands after."""

    table: Table
    part: str
    head: bytes
    chunks: list[Chunk]
    tail: bytes
    layout: Layout
    list_part: ListPart | None
    reader: RowReader
    memory: SheetMemory = field(default_factory=SheetMemory)
    keys: dict[int, str] = field(
        default_factory=dict
    )  # index of chunk -> key, "" for a filled row without one
    digests: dict[str, str] = field(default_factory=dict)

    def data_indexes(self) -> range:
        """Indexes of the chunks below the header."""
        for index, chunk in enumerate(self.chunks):
            if chunk.number > self.layout.header_row:
                return range(index, len(self.chunks))
        return range(0)

    def odd(self) -> bool:
        """Whether there is anything to tell of it though no row changed."""
        keys = self.keys.values()
        totals = self.list_part is not None and self.list_part.totals
        twice = len(set(keys)) != len(keys)
        return bool(self.layout.faults or totals or twice or "" in keys or not self.layout.usable)

    def row(self, index: int) -> SheetRow:
        """One row decoded."""
        return self.reader.read(self.chunks[index])


@dataclass(slots=True)
class Loaded:
    """The workbook at one moment."""

    path: Path
    stat: str
    package: Package
    book: Book
    shared: SharedText
    shared_mark: str
    sheets: dict[str, LoadedSheet]
    missing: tuple[str, ...]

    def sidecar(self) -> Sidecar:
        """What to remember of it."""
        sheets = {name: sheet.memory for name, sheet in self.sheets.items()}
        quiet = not self.missing and not any(sheet.odd() for sheet in self.sheets.values())
        return Sidecar(stat=self.stat, quiet=quiet, shared=self.shared_mark, sheets=sheets)


def load(path: Path, data: bytes, stat: str, tables: tuple[Table, ...], old: Sidecar) -> Loaded:
    """Read the workbook's tables; rows whose bytes are remembered are not decoded."""
    package = Package(data)
    book = read_book(package)
    shared_mark = package.fingerprint(book.shared_part) if book.shared_part else ""
    has_shared = bool(book.shared_part) and book.shared_part in package
    shared = SharedText(package.read(book.shared_part) if has_shared else b"")
    sheets: dict[str, LoadedSheet] = {}
    missing = []
    for table in tables:
        tab = find_sheet(book, table)
        if tab is None:
            missing.append(table.name)
        else:
            sheets[table.name] = _load_sheet(package, book, shared, table, tab)
    loaded = Loaded(path, stat, package, book, shared, shared_mark, sheets, tuple(missing))
    for name, sheet in sheets.items():
        remembered = old.sheets.get(name)
        good = (
            remembered is not None
            and old.shared == shared_mark
            and remembered.signature == sheet.layout.signature()
        )
        _index(sheet, remembered.rows if good and remembered else {})
    return loaded


def _load_sheet(package: Package, book: Book, shared: SharedText, table: Table, tab: str) -> LoadedSheet:
    part = book.sheets[tab]
    xml = normalised(package.read(part))
    start = xml.find(b"<sheetData")
    opened = xml.find(b">", start) + 1
    if xml[opened - 2 : opened] == b"/>":
        head, body, tail = xml[:start] + _DATA_OPEN, b"", _DATA_CLOSE + xml[opened:]
    else:
        end = xml.rfind(_DATA_CLOSE)
        head, body, tail = xml[:opened], xml[opened:end], xml[end:]
    chunks = split_rows(body)
    names = {name: (row, column) for name, (at, row, column) in book.names.items() if at == tab}
    layout = find_layout(table, chunks, shared, names)
    found = find_list(package, part, layout.header_row)
    return LoadedSheet(
        table=table, part=part, head=head, chunks=chunks, tail=tail, layout=layout, list_part=found,
        reader=RowReader(layout, shared, book.date_1904),
        memory=SheetMemory(signature=layout.signature()),
    )  # fmt: skip


def _index(sheet: LoadedSheet, remembered: Mapping[str, tuple[str, str]]) -> None:
    """Key and digest of every filled row, decoding only rows whose bytes are not remembered."""
    if not sheet.layout.usable:
        return
    rows, keys, digests = sheet.memory.rows, sheet.keys, sheet.digests
    totals = _totals_row(sheet)
    for index in sheet.data_indexes():
        chunk = sheet.chunks[index]
        mark = row_hash(chunk.data)
        known = remembered.get(mark)
        if known is None:
            if not chunk.filled or chunk.number == totals:
                continue
            row = sheet.reader.read(chunk)
            if not row.key and not any(value not in (None, "", False) for value in row.cells.values()):
                continue
            known = (row.key, row.digest)
            if row.key and not row.faults:
                rows[mark] = known
        else:
            rows[mark] = known
        keys[index] = known[0]
        digests[known[0]] = known[1]


def _totals_row(sheet: LoadedSheet) -> int:
    found = sheet.list_part
    return found.last_row if found and found.totals else -1


def view_of(loaded: Loaded, name: str, known: Mapping[str, str]) -> TableView:
    """What a table shows that is not yet known."""
    sheet = loaded.sheets.get(name)
    if sheet is None:
        return TableView(table=name, faults=(Fault(kind=FaultKind.SHEET_MISSING, table=name),), usable=False)
    if not sheet.layout.usable:
        return TableView(table=name, faults=tuple(sheet.layout.faults), usable=False)
    counted = Counter(key for key in sheet.keys.values() if key)
    twice = {key for key, number in counted.items() if number > 1}
    changed = [
        sheet.row(index)
        for index, key in sheet.keys.items()
        if key and key not in twice and known.get(key) != sheet.digests[key]
    ]
    faults = [*sheet.layout.faults]
    faults += [Fault(kind=FaultKind.KEY_TWICE, table=name, key=key) for key in sorted(twice)]
    if sheet.list_part and sheet.list_part.totals:
        faults.append(Fault(kind=FaultKind.BELOW_TABLE, table=name))
    return TableView(
        table=name,
        changed=tuple(changed),
        gone=tuple(key for key in known if key not in counted),
        doubled=tuple(sheet.row(index) for index, key in sheet.keys.items() if key in twice),
        keyless=tuple(sheet.row(index) for index, key in sheet.keys.items() if not key),
        total=counted.total(),
        faults=tuple(faults),
    )
