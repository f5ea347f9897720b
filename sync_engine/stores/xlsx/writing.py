"""One write: edits applied to the rows in memory, and the parts that change because of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sync_engine.stores.port import Refusal, RowEdit, SheetRow, SheetRowAt, WriteReport, same
from sync_engine.stores.xlsx.book import find_list
from sync_engine.stores.xlsx.calc_chain import unlinked, without
from sync_engine.stores.xlsx.cells import EMPTY, Written, write_value
from sync_engine.stores.xlsx.loaded import Loaded, LoadedSheet
from sync_engine.stores.xlsx.package import Package, Part
from sync_engine.stores.xlsx.patch import (
    CannotReplace,
    Dress,
    dress_of,
    formulas_under,
    grow_dimension,
    grow_tail,
    new_row,
    set_cells,
)
from sync_engine.stores.xlsx.sheet import Chunk
from sync_engine.stores.xlsx.sidecar import row_hash
from sync_engine.stores.xlsx.styles import Styles
from workbook_templates.dashboard.data import DATA_SHEET
from workbook_templates.schema import Column, Kind, Lang, Value
from workbook_templates.statements import STATEMENT_TABS
from workbook_templates.tables import DASHBOARD_SHEET

_CACHED = re.compile(rb"(</f>|<f\b[^>]*/>)\s*<v>[^<]*</v>")
"""A result: it stands behind its formula."""
SMALL = 4_000_000


class _Places:
    """Which chunks hold a key: one in nearly every case, so that a dict of plain numbers finds it."""

    def __init__(self, keys: Mapping[int, str]) -> None:
        self._one = dict(zip(keys.values(), keys, strict=True))
        self._many: dict[str, list[int]] = {}
        if len(self._one) < len(keys):
            for index, key in keys.items():
                self._many.setdefault(key, []).append(index)

    def of(self, key: str) -> list[int]:
        """Chunk indexes of a key."""
        if key in self._many:
            return self._many[key]
        return [self._one[key]] if key in self._one else []

    def put(self, key: str, index: int) -> None:
        """A row that got its key."""
        self._one[key] = index

    def named(self, index: int, key: str) -> None:
        """A row without a key that got one."""
        if "" in self._many:
            self._many[""].remove(index)
        else:
            del self._one[""]
        self.put(key, index)


@dataclass(slots=True)
class _Sheet:
    """A sheet being written."""

    sheet: LoadedSheet
    places: _Places
    times: frozenset[int]
    last_filled: int  # number of the last row that holds something
    old_last: int  # of the table before rows were appended
    last_index: int  # of the last chunk at or above it
    dress: Dress  # what new rows wear
    columns: Mapping[str, tuple[int, Column]]  # where each column stands
    touched: set[int] = field(default_factory=set)
    formulas_gone: set[bytes] = field(default_factory=set)  # references of cells that held one
    grown: bool = False


class Batch:
    """All edits of one write."""

    def __init__(self, loaded: Loaded, lang: Lang) -> None:
        self._loaded, self._lang = loaded, lang
        styles_part = loaded.book.styles_part
        self._styles = Styles(loaded.package.read(styles_part) if styles_part in loaded.package else None)
        self._sheets: dict[str, _Sheet] = {}
        self._new_parts: dict[str, Part] = {}
        self._written: list[SheetRowAt] = []
        self.refused: list[Refusal] = []
        self.gone: tuple[str, ...] = ()  # parts that are left out

    @property
    def touched(self) -> bool:
        """Whether anything is to be written."""
        return any(one.touched for one in self._sheets.values())

    def apply(self, edit: RowEdit) -> None:
        """Apply one edit in memory, or note why not."""
        one = self._sheet(edit.table)
        why = "unusable" if one is None else self._apply(one, edit)
        if why:
            self.refused.append(Refusal(table=edit.table, key=edit.key, why=why))

    def _sheet(self, name: str) -> _Sheet | None:
        if name not in self._sheets:
            sheet = self._loaded.sheets.get(name)
            if sheet is None or not sheet.layout.usable:
                return None
            self._sheets[name] = _prepared(sheet)
        return self._sheets[name]

    def _apply(self, one: _Sheet, edit: RowEdit) -> str:
        places = one.places.of(edit.key)
        if edit.match is not None:
            return self._name_row(one, edit, places)
        if edit.new:
            return "exists" if places else self._append(one, edit)
        if len(places) != 1:
            return "twice" if places else "gone"
        row = one.sheet.row(places[0])
        if any(name in row.cells and not same(row.cells[name], value) for name, value in edit.expect.items()):
            return "changed"
        return self._set(one, places[0], edit.cells)

    def _name_row(self, one: _Sheet, edit: RowEdit, places: list[int]) -> str:
        """Give a row without a key its key."""
        if places:
            return "exists"
        match = edit.match or {}
        for index in one.places.of(""):
            row = one.sheet.row(index)
            if all(same(row.cells.get(name), value) for name, value in match.items()):
                why = self._set(one, index, edit.cells)
                if not why:
                    one.places.named(index, edit.key)
                    one.sheet.keys[index] = edit.key
                return why
        return "gone"

    def _set(self, one: _Sheet, index: int, cells: Mapping[str, Value]) -> str:
        chunk, contents = one.sheet.chunks[index], self._contents(one, cells)
        try:
            data = set_cells(chunk.data, chunk.number, contents, one.times, {}, self._styles)
        except CannotReplace:
            return "array formula"
        one.formulas_gone |= formulas_under(chunk.data, chunk.number, contents)
        one.sheet.memory.rows.pop(row_hash(chunk.data), None)
        one.sheet.chunks[index] = Chunk(chunk.number, data)
        one.touched.add(index)
        return ""

    def _append(self, one: _Sheet, edit: RowEdit) -> str:
        """The next row below the last filled one, dressed like it."""
        found = one.sheet.list_part
        if found and found.totals:
            return "below_table"
        number, chunks = one.last_filled + 1, one.sheet.chunks
        contents = self._contents(one, edit.cells)
        if found:
            formulas = {c: Written(b"", f"<f>{f}</f>".encode()) for c, f in found.formulas.items()}
            contents = {**formulas, **contents}
        following = one.last_index + 1
        if following < len(chunks) and chunks[following].number == number:
            data = set_cells(
                chunks[following].data, number, contents, one.times, one.dress.styles, self._styles
            )
            chunks[following] = Chunk(number, data)
        else:
            chunks.insert(
                following, Chunk(number, new_row(number, one.dress, contents, one.times, self._styles))
            )
        one.last_filled, one.last_index, one.grown = number, following, True
        one.places.put(edit.key, following)
        one.sheet.keys[following] = edit.key
        one.touched.add(following)
        return ""

    def _contents(self, one: _Sheet, cells: Mapping[str, Value]) -> dict[int, Written]:
        lang, date_1904, places = one.sheet.layout.lang, self._loaded.book.date_1904, one.columns
        return {
            places[name][0]: write_value(value, places[name][1], lang, date_1904)
            if value is not None and value != ""
            else EMPTY
            for name, value in cells.items()
            if name in places
        }

    def parts(self) -> dict[str, Part]:
        """The parts that change."""
        parts: dict[str, Part] = {}
        for one in self._sheets.values():
            if one.touched:
                parts.update(_sheet_parts(one))
        styles = self._styles.changed()
        if styles is not None:
            parts[self._loaded.book.styles_part] = styles
        parts.update(self._workbook())
        parts.update(self._chain())
        parts.update(self._dashboard(parts))
        self._new_parts = parts
        return parts

    def _workbook(self) -> dict[str, bytes]:
        """The workbook part, where filter and print ranges grow or it does not yet ask for a calculation on opening."""
        book = self._loaded.book
        for one in self._sheets.values():
            if one.grown:
                tab = next(tab for tab, part in book.sheets.items() if part == one.sheet.part)
                book = replace(book, xml=book.with_ranges(tab, one.old_last, one.last_filled))
        if not book.calculates_on_load():
            book = replace(book, xml=book.with_calculation())
        return {book.part: book.xml.encode()} if book.xml != self._loaded.book.xml else {}

    def _chain(self) -> dict[str, bytes]:
        """The calculation chain without cells whose formula we replaced."""
        book, package = self._loaded.book, self._loaded.package
        gone = {
            book.ids[one.sheet.part].encode(): frozenset(one.formulas_gone) for one in self._sheets.values()
        }
        if book.chain_part not in package or not any(gone.values()):
            return {}
        chain = without(package.read(book.chain_part), gone)
        if chain is not None:
            return {book.chain_part: chain}
        self.gone = (book.chain_part,)
        return unlinked(package, book.part, book.chain_part)

    def _dashboard(self, parts: Mapping[str, Part]) -> dict[str, bytes]:
        """Our dashboard and statements without the results of last time: programs that trust them would show old numbers."""
        fresh: dict[str, bytes] = {}
        for name in (*DASHBOARD_SHEET.values(), *DATA_SHEET.values(), *STATEMENT_TABS):
            part = self._loaded.book.sheets.get(name)
            if part and part not in parts and part in self._loaded.package:
                xml = self._loaded.package.read(part)
                if len(xml) < SMALL and (bare := _CACHED.sub(rb"\1", xml)) != xml:
                    fresh[part] = bare
        return fresh

    def report(self, token: str) -> WriteReport:
        """What stands in the edited rows now."""
        return WriteReport(written=tuple(self._written), refused=tuple(self.refused), token=token)

    def settled(self, data: bytes, stat: str) -> Loaded:
        """The workbook in memory as it now stands on disk, without reading it again."""
        loaded = self._loaded
        for name, one in self._sheets.items():
            for index in sorted(one.touched):
                row = one.sheet.row(index)
                _remember_row(one.sheet, index, row)
                self._written.append(SheetRowAt(table=name, row=row))
            if one.touched:
                pieces = self._new_parts[one.sheet.part]
                assert not isinstance(pieces, bytes), "sheets come in pieces"
                one.sheet.head, one.sheet.tail = pieces[0], pieces[-1]
        loaded.package, loaded.stat = Package(data), stat
        if loaded.book.part in self._new_parts:
            xml = self._new_parts[loaded.book.part]
            assert isinstance(xml, bytes), "only sheets come in pieces"
            loaded.book = replace(loaded.book, xml=xml.decode())
        for one in self._sheets.values():
            if one.touched and one.sheet.list_part and one.sheet.list_part.part in self._new_parts:
                one.sheet.list_part = find_list(loaded.package, one.sheet.part, one.sheet.layout.header_row)
        return loaded


def _remember_row(sheet: LoadedSheet, index: int, row: SheetRow) -> None:
    sheet.digests[row.key] = row.digest
    if not row.faults:
        sheet.memory.rows[row_hash(sheet.chunks[index].data)] = (row.key, row.digest)


def _prepared(sheet: LoadedSheet) -> _Sheet:
    last_index = max(sheet.keys, default=-1)
    header = next((i for i, c in enumerate(sheet.chunks) if c.number == sheet.layout.header_row), -1)
    if last_index < 0:
        last_index, last_filled = header, sheet.layout.header_row
        below = header + 1
        model = sheet.chunks[below].data if below < len(sheet.chunks) else None
    else:
        last_filled, model = sheet.chunks[last_index].number, sheet.chunks[last_index].data
    columns = sheet.layout.columns
    times = frozenset(
        columns[c.name] for c in sheet.table.columns if c.kind is Kind.TIME and c.name in columns
    )
    old_last = sheet.list_part.last_row if sheet.list_part else last_filled
    places = {name: (at, sheet.table.column(name)) for name, at in columns.items()}
    return _Sheet(
        sheet, _Places(sheet.keys), times, last_filled, old_last, last_index, dress_of(model), places
    )


def _sheet_parts(one: _Sheet) -> dict[str, Part]:
    """The sheet in pieces: what stands before its rows, each row, what stands after; and its table where that grew."""
    sheet, parts = one.sheet, dict[str, Part]()
    head, tail = sheet.head, sheet.tail
    if one.grown:
        found = sheet.list_part
        last_column = max(sheet.layout.columns.values())
        head = grow_dimension(head, one.last_filled, last_column)
        tail = grow_tail(tail, one.old_last, one.last_filled)
        if found and one.last_filled > found.last_row:
            parts[found.part] = found.grown(one.last_filled).encode()
    parts[sheet.part] = [head, *[chunk.data for chunk in sheet.chunks], tail]
    return parts
