"""A table's page as a sheet of rows with keys: what the rules of the memory store, the reference, are applied to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sync_engine.stores.grid.port import Contents, Page
from sync_engine.stores.memory_cells import Raw, shown
from sync_engine.stores.memory_sheet import Head, Place, Row, Sheet
from sync_engine.stores.port import SheetRow
from workbook_templates.schema import Lang, Table, defined_name

_Known = dict[tuple[tuple[Raw, ...], tuple[type, ...]], SheetRow]


@dataclass(slots=True)
class Readings:
    """Rows as last read, by what stood in them: a row that did not change is not read anew."""

    columns: Mapping[str, int] = field(default_factory=dict)
    rows: _Known = field(default_factory=dict)


def find_tab(contents: Contents, table: Table) -> str | None:
    """The tab a table is in: by name in either language, else where most of its defined names point."""
    for name in (table.zh, table.en):
        if name in contents.tabs:
            return name
    prefix = f"bm_{table.name}_"
    tabs = [
        tab
        for name, (tab, _, _) in contents.names.items()
        if name.startswith(prefix) and tab in contents.tabs
    ]
    return max(set(tabs), key=tabs.count) if tabs else None


@dataclass(slots=True, kw_only=True)
class Image:
    """A table's page, cut into header and rows."""

    tab: str
    header_row: int
    sheet: Sheet
    claimed: list[Row] | None = None  # rows kept for new ones of ours; None: they go below the last row

    def number(self, place: Place) -> int:
        """The row of the page a place stands in, from 1."""
        return place.row.number

    def column(self, name: str) -> int:
        """The column of the page, from 1."""
        return self.sheet.columns[name] + 1

    def next_row(self) -> int:
        """The row right below the last one that holds something."""
        return self.header_row + 1 + len(self.sheet.rows)


def missing(table: Table, lang: Lang) -> Sheet:
    """The sheet of a table whose tab is not there."""
    return Sheet(table, lang, missing=True)


def image_of(table: Table, page: Page, contents: Contents, lang: Lang, readings: Readings) -> Image:
    """Cut a page. `readings` is used, and afterwards holds this page's rows."""
    names = {
        name: (row, at)
        for name, (tab, row, at) in contents.names.items()
        if tab == page.tab and name.startswith(f"bm_{table.name}_")
    }
    header_row = _header_row(table, names)
    header = page.cells[header_row - 1] if header_row <= len(page.cells) else ()
    body = _body(page, header_row)
    width = max(
        (
            len(header),
            *(len(cells) for cells in body),
            *(at for row, at in names.values() if row == header_row),
        )
    )
    heads = [Head(shown(raw)) for raw in _padded(header, width)]
    for name, (row, at) in names.items():
        if row == header_row:
            heads[at - 1].name = heads[at - 1].name or name
    rows = [
        Row(_padded(cells, width), number=number) for number, cells in enumerate(body, start=header_row + 1)
    ]
    sheet = Sheet(table, lang, heads or [Head("")], rows, below="Σ" if page.totals else "")
    _remember(sheet, readings)
    return Image(tab=page.tab, header_row=header_row, sheet=sheet)


def _header_row(table: Table, names: Mapping[str, tuple[int, int]]) -> int:
    keys = (defined_name(table, table.column(name)) for name in table.key)
    return next((names[name][0] for name in keys if name in names), 1)


def _body(page: Page, header_row: int) -> list[Sequence[Raw]]:
    """The rows below the header, down to the last one that holds something."""
    body = list(page.cells[header_row : page.totals - 1 if page.totals else None])
    while body and body[-1].count(None) + body[-1].count("") == len(body[-1]):
        body.pop()
    return body


def _padded(cells: Sequence[Raw], width: int) -> list[Raw]:
    return [*cells, *[None] * (width - len(cells))]


def _remember(sheet: Sheet, readings: Readings) -> None:
    """Take over what is known of equal rows, and know this sheet's rows from now on."""
    if not sheet.usable:
        readings.rows = {}
        return
    known = readings.rows if readings.columns == sheet.columns else {}
    fresh: _Known = {}
    for place in sheet.places():
        mark = (tuple(place.row.cells), tuple(map(type, place.row.cells)))
        place.row.read = known.get(mark)
        read = place.read()
        if not read.faults:
            fresh[mark] = read
    readings.columns, readings.rows = dict(sheet.columns), fresh
