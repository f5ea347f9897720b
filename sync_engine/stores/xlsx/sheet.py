"""One sheet part: its rows as byte chunks, its header, and which cell belongs to which column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from lxml import etree

from sync_engine.stores.port import Fault, FaultKind
from sync_engine.stores.xlsx.cells import SharedText, read_raw
from workbook_templates.schema import Lang, Table, defined_name

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROW_OPEN = re.compile(rb"<row\b([^>]*?)(/?)>")
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.S)
_REF = re.compile(rb'\br="([A-Z]+)\d+"')
_KIND = re.compile(rb'\bt="(\w+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_HAS_CONTENT = re.compile(rb"<v[ >]|<is[ >]|<f[ >]")


@cache
def column_number(letters: str) -> int:
    """A -> 1, AA -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@cache
def column_letters(number: int) -> str:
    """1 -> A, 27 -> AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@cache
def column_bytes(number: int) -> bytes:
    """As a sheet's XML spells a column."""
    return column_letters(number).encode()


def normalised(part: bytes) -> bytes:
    """The part with the main namespace as the default one, as nearly every program writes it."""
    if b"<sheetData" in part:
        return part
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(part, parser)
    spaces = {None: MAIN, **{prefix: uri for prefix, uri in root.nsmap.items() if prefix and uri != MAIN}}
    fresh = etree.Element(root.tag, attrib=dict(root.attrib), nsmap=spaces)  # type: ignore[arg-type]
    fresh.extend(list(root))
    etree.cleanup_namespaces(fresh, keep_ns_prefixes=[str(prefix) for prefix in spaces if prefix])
    return etree.tostring(fresh, xml_declaration=True, encoding="UTF-8", standalone=True)


@dataclass(slots=True)
class Chunk:
    """One `<row>` element: its number and its bytes."""

    number: int
    data: bytes

    @property
    def filled(self) -> bool:
        """Whether any cell holds something."""
        return _HAS_CONTENT.search(self.data) is not None


@dataclass(frozen=True, slots=True)
class Cell:
    """One `<c>` element of a row, with where it stands in the row's bytes."""

    column: int
    start: int
    end: int
    kind: bytes
    style: bytes
    inner: bytes


def cells_of(row: bytes) -> Iterator[Cell]:
    """The cells of a row, counting where they carry no reference."""
    column = 0
    for found in _CELL.finditer(row):
        head = found[1]
        ref = _REF.search(head)
        column = column_number(ref[1].decode()) if ref else column + 1
        kind, style = _KIND.search(head), _STYLE.search(head)
        yield Cell(
            column,
            found.start(),
            found.end(),
            kind[1] if kind else b"",
            style[1] if style else b"",
            found[2] or b"",
        )


def split_rows(body: bytes) -> list[Chunk]:
    """The rows of a sheetData body."""
    chunks: list[Chunk] = []
    pieces = body.split(b"</row>")
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        if not last and piece.startswith(b'<row r="') and piece.find(b"<row", 4) < 0:
            end = piece.index(b'"', 8)
            chunks.append(Chunk(int(piece[8:end]), piece + b"</row>"))
        else:
            _split_slowly(piece, chunks, closed=not last)
    return chunks


def _split_slowly(piece: bytes, chunks: list[Chunk], *, closed: bool) -> None:
    """Rows that are self-closing, carry no number, or have white space between them."""
    for found in _ROW_OPEN.finditer(piece):
        number = _ROW_NUMBER.search(found[1])
        at = int(number[1]) if number else (chunks[-1].number + 1 if chunks else 1)
        if found[2]:
            chunks.append(Chunk(at, piece[found.start() : found.end()]))
        elif closed:
            chunks.append(Chunk(at, piece[found.start() :] + b"</row>"))
            return


@dataclass(slots=True)
class Layout:
    """Where a table's columns stand in its sheet."""

    table: Table
    lang: Lang
    header_row: int
    columns: dict[str, int] = field(default_factory=dict)  # name -> column number
    faults: list[Fault] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether rows can be told apart."""
        return all(name in self.columns for name in self.table.key)

    def signature(self) -> str:
        """Changes when a column moves: rows read under another layout must be read anew."""
        return f"{self.header_row}:" + ",".join(f"{name}={at}" for name, at in sorted(self.columns.items()))


def find_layout(
    table: Table, chunks: list[Chunk], shared: SharedText, names: dict[str, tuple[int, int]]
) -> Layout:
    """Find the columns by header in either language, else by the defined name of the header cell.

    Args:
        names: defined name -> (row, column) of the cell it points at, for names that point into this sheet.
    """
    rows = [names[n][0] for n in (defined_name(table, table.column(k)) for k in table.key) if n in names]
    header_row = rows[0] if rows else 1
    header = next((chunk.data for chunk in chunks if chunk.number == header_row), b"")
    texts = {cell.column: read_raw(cell.kind, cell.inner, shared).text.strip() for cell in cells_of(header)}
    lang = _language(table, texts)
    layout = Layout(table=table, lang=lang, header_row=header_row)
    for column in table.columns:
        wanted = (column.zh.strip(), column.en.strip())
        places = [at for at, text in sorted(texts.items()) if text in wanted]
        named = names.get(defined_name(table, column))
        if len(places) > 1:
            best = named[1] if named and named[1] in places else places[0]
            layout.columns[column.name] = best
            layout.faults.append(Fault(kind=FaultKind.HEADER_TWICE, table=table.name, column=column.name))
        elif places:
            layout.columns[column.name] = places[0]
        elif named and named[0] == header_row and not _is_other_header(table, texts.get(named[1], "")):
            layout.columns[column.name] = named[1]
            layout.faults.append(Fault(
                kind=FaultKind.COLUMN_RENAMED, table=table.name, column=column.name, shown=texts.get(named[1], ""),
            ))  # fmt: skip
        else:
            key = column.name in table.key
            kind = FaultKind.KEY_COLUMN_MISSING if key else FaultKind.COLUMN_MISSING
            layout.faults.append(
                Fault(kind=kind, table=table.name, column=column.name, shown=column.header(lang))
            )
    return layout


def _language(table: Table, texts: dict[int, str]) -> Lang:
    shown = set(texts.values())
    english = sum(column.en in shown for column in table.columns)
    chinese = sum(column.zh in shown for column in table.columns)
    return Lang.EN if english > chinese else Lang.ZH


def _is_other_header(table: Table, text: str) -> bool:
    return any(text in (column.zh, column.en) for column in table.columns)
