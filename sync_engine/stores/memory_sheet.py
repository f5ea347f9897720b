"""One sheet of the memory store: headers with their defined names, rows of raw cells, and places that know both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sync_engine.stores.memory_cells import Formula, Raw, decode, encode, is_damaged, shown
from sync_engine.stores.port import Fault, FaultKind, SheetRow, row_digest, same
from workbook_templates.schema import Lang, Table, Value, defined_name, row_key


@dataclass(slots=True, eq=False)
class Head:
    """A header cell: its text and the defined name that points at it ("" if none)."""

    text: str
    name: str = ""


@dataclass(slots=True, eq=False)
class Row:
    """The cells of one sheet row, one for each header; `read` is what they were last read as."""

    cells: list[Raw]
    read: SheetRow | None = None
    number: int = 0  # where it stands in a sheet of a program; 0: as far down as its place in the list


@dataclass(slots=True, eq=False)
class Sheet:
    """A table's sheet as people see it."""

    table: Table
    lang: Lang
    heads: list[Head] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    below: str = ""
    missing: bool = False
    _columns: dict[str, int] | None = None
    _faults: tuple[Fault, ...] = ()
    _index: dict[str, list[Row]] | None = None

    def __post_init__(self) -> None:
        if not self.heads:
            columns = self.table.columns
            self.heads = [Head(c.header(self.lang), defined_name(self.table, c)) for c in columns]

    def copy(self) -> Sheet:
        """The same sheet once more, with a life of its own."""
        heads = [Head(head.text, head.name) for head in self.heads]
        rows = [Row(list(row.cells)) for row in self.rows]
        return Sheet(self.table, self.lang, heads, rows, self.below, self.missing)

    # -- columns -----------------------------------------------------------------------------------------------------

    def look_anew(self) -> None:
        """The header changed: columns are found and rows are read anew."""
        self._columns = self._index = None
        for row in self.rows:
            row.read = None

    @property
    def columns(self) -> Mapping[str, int]:
        """Where each column stands that was found."""
        if self._columns is None:
            self._columns, self._faults = _find_columns(self)
        return self._columns

    @property
    def usable(self) -> bool:
        """Whether rows can be told apart."""
        return not self.missing and all(name in self.columns for name in self.table.key)

    def faults(self) -> tuple[Fault, ...]:
        """What is odd about the sheet as a whole."""
        if self.missing:
            return (
                Fault(kind=FaultKind.SHEET_MISSING, table=self.table.name, shown=self.table.sheet(self.lang)),
            )
        _ = self.columns
        if not self.below:
            return self._faults
        place = f"A{len(self.rows) + 2}"
        below = Fault(kind=FaultKind.BELOW_TABLE, table=self.table.name, shown=self.below, place=place)
        return (*self._faults, below)

    def head_of(self, column: str) -> Head:
        """The header cell of a column."""
        return self.heads[self.columns[column]]

    def move_column(self, column: str, index: int) -> None:
        """Cut and insert."""
        at = self.columns[column]
        self.heads.insert(index, self.heads.pop(at))
        for row in self.rows:
            row.cells.insert(index, row.cells.pop(at))
        self.look_anew()

    def insert_column(self, index: int, header: str) -> None:
        """A column that is none of ours."""
        self.heads.insert(index, Head(header))
        for row in self.rows:
            row.cells.insert(index, None)
        self.look_anew()

    def delete_column(self, column: str) -> None:
        """A column with its cells."""
        at = self.columns[column]
        del self.heads[at]
        for row in self.rows:
            del row.cells[at]
        self.look_anew()

    # -- rows --------------------------------------------------------------------------------------------------------

    def places(self) -> Iterator[Place]:
        """Every row, top to bottom."""
        return (Place(self, row) for row in self.rows)

    def places_of(self, key: str) -> list[Place]:
        """The rows with this key, top to bottom."""
        return [Place(self, row) for row in self._rows_by_key().get(key, ())]

    def _rows_by_key(self) -> dict[str, list[Row]]:
        if self._index is None:
            self._index = {}
            for place in self.places():
                self._index.setdefault(place.read().key, []).append(place.row)
        return self._index

    def rekey(self, row: Row, old: str, new: str) -> None:
        """A row's key may have changed: keep the index in step."""
        if self._index is not None and old != new:
            self._index[old].remove(row)
            self._index.setdefault(new, []).append(row)

    def place_of(self, key: str) -> Place:
        """The first row with this key; KeyError if there is none. For "" the first row with content and no key."""
        for place in self.places_of(key):
            if not place.blank:
                return place
        raise KeyError(key)

    def insert(self, index: int) -> Place:
        """An empty row at `index`."""
        row = Row([None] * len(self.heads))
        self.rows.insert(index, row)
        if self._index is not None:
            self._index.setdefault("", []).append(row)
        return Place(self, row)

    def append(self) -> Place:
        """A row below the last one that holds something, also in a column that is none of ours."""
        last = len(self.rows)
        while last and all(raw in (None, "") for raw in self.rows[last - 1].cells):
            last -= 1
        return self.insert(last)

    def delete(self, place: Place) -> None:
        """Take a row away."""
        self.rows.remove(place.row)
        self._index = None

    def copy_row(self, key: str, index: int) -> None:
        """The same cells once more."""
        copied = Row(list(self.place_of(key).row.cells))
        self.rows.insert(len(self.rows) if index < 0 else index, copied)
        self._index = None

    def sort(self, column: str, reverse: bool) -> None:
        """By what the column holds: numbers and times before text, empty cells last."""
        at = self.columns[column]
        filled = [row for row in self.rows if row.cells[at] not in (None, "")]
        empty = [row for row in self.rows if row.cells[at] in (None, "")]
        self.rows = sorted(filled, key=lambda row: _order(row.cells[at]), reverse=reverse) + empty
        self._index = None


def _order(raw: Raw) -> tuple[int, Decimal, str]:
    if isinstance(raw, Formula):
        raw = raw.value
    if isinstance(raw, datetime):
        return (0, Decimal(int(raw.timestamp())), "")
    if isinstance(raw, int | Decimal):
        return (0, Decimal(raw), "")
    return (1, Decimal(0), shown(raw))


def _find_columns(sheet: Sheet) -> tuple[dict[str, int], tuple[Fault, ...]]:
    """By header in either language, else by defined name; of two equal headers the named one, else the first."""
    table, found, faults = sheet.table, dict[str, int](), list[Fault]()
    texts = [head.text.strip() for head in sheet.heads]
    names = {head.name: n for n, head in enumerate(sheet.heads) if head.name}
    headers = {text for column in table.columns for text in (column.zh, column.en)}
    for column in table.columns:
        at = [n for n, text in enumerate(texts) if text in (column.zh, column.en)]
        named = names.get(defined_name(table, column))
        kind, text = None, ""
        if at:
            found[column.name] = named if named in at and named is not None else at[0]
            kind, text = (FaultKind.HEADER_TWICE, texts[at[0]]) if len(at) > 1 else (None, "")
        elif named is not None and texts[named] not in headers:
            found[column.name] = named
            kind, text = FaultKind.COLUMN_RENAMED, texts[named]
        else:
            kind = FaultKind.KEY_COLUMN_MISSING if column.name in table.key else FaultKind.COLUMN_MISSING
            text = column.header(sheet.lang)
        if kind:
            faults.append(Fault(kind=kind, table=table.name, column=column.name, shown=text))
    return found, tuple(faults)


@dataclass(slots=True)
class Place:
    """One row of a sheet: read it, write it, type into it."""

    sheet: Sheet
    row: Row

    @property
    def blank(self) -> bool:
        """Whether no cell of ours holds anything."""
        return all(self.row.cells[at] in (None, "") for at in self.sheet.columns.values())

    def raw(self, column: str) -> Raw:
        """What stands in a cell."""
        return self.row.cells[self.sheet.columns[column]]

    def set(self, column: str, raw: Raw) -> None:
        """Type into a cell."""
        before = self.read().key
        self.row.cells[self.sheet.columns[column]] = None if raw == "" else raw
        self.row.read = None
        self.sheet.rekey(self.row, before, self.read().key)

    def become(self, cells: Sequence[Raw]) -> None:
        """Let the row hold these cells."""
        before = self.read().key
        self.row.cells, self.row.read = list(cells), None
        self.sheet.rekey(self.row, before, self.read().key)

    def read(self) -> SheetRow:
        """The row as values; rows with faults are read each time, because where they stand may have changed."""
        columns = self.sheet.columns
        if self.row.read is None or self.row.read.faults:
            self.row.read = _read(self, columns)
        return self.row.read

    def write(self, cells: Mapping[str, Value]) -> bool:
        """Write the engine's values into the columns that are there. True if a cell is different now."""
        was, changed = self.read(), False
        for name, value in cells.items():
            at = self.sheet.columns.get(name)
            column = self.sheet.table.column(name)
            raw = encode(column, value, self.sheet.lang)
            if at is None or (
                same(was.cells.get(name), decode(column, raw).value) and _typed_alike(self.row.cells[at], raw)
            ):
                continue
            self.row.cells[at] = raw
            changed = True
        self.row.read = None
        self.sheet.rekey(self.row, was.key, self.read().key)
        return changed


def _typed_alike(one: Raw, other: Raw) -> bool:
    """Whether both are the same sort of cell: a number where text belongs is not left standing."""
    return isinstance(one, str) == isinstance(other, str) and not isinstance(one, Formula)


def _read(place: Place, columns: Mapping[str, int]) -> SheetRow:
    table, raws = place.sheet.table, place.row.cells
    readings = {name: decode(table.column(name), raws[at]) for name, at in columns.items()}
    cells = {name: reading.value for name, reading in readings.items()}
    odd = {name: reading for name, reading in readings.items() if reading.kind}
    faults = tuple(
        Fault(
            kind=reading.kind,
            table=table.name,
            column=name,
            shown=reading.shown,
            place=_address(place, columns[name]),
        )
        for name, reading in odd.items()
        if reading.kind
    )
    # what cannot be read counts too: a cell that now holds nonsense is a change people must hear of
    marks: dict[str, Value] = {f"?{name}": f"{reading.kind}:{reading.shown}" for name, reading in odd.items()}
    whole = not any(_is_lost(raws[columns[name]]) for name in table.key if name in odd)
    key = row_key(table, cells) if whole else ""
    return SheetRow(key=key, cells=cells, digest=row_digest({**cells, **marks}), faults=faults)


def key_of(sheet: Sheet, raws: Sequence[Raw]) -> str:
    """The key of a row by its cells alone, which need not stand in the sheet; "" where they do not say it."""
    cells: dict[str, Value] = {}
    for name in sheet.table.key:
        reading = decode(sheet.table.column(name), raw := raws[sheet.columns[name]])
        if reading.kind and _is_lost(raw):
            return ""
        cells[name] = reading.value
    return row_key(sheet.table, cells)


def _is_lost(raw: Raw) -> bool:
    """Whether a key cell no longer says which row it is: a formula, a date, or a number that lost its last digits."""
    return not isinstance(raw, (int, Decimal)) or isinstance(raw, bool) or is_damaged(raw)


def _address(place: Place, at: int) -> str:
    number, letters = at + 1, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{place.row.number or place.sheet.rows.index(place.row) + 2}"
