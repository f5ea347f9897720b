"""Pure: a row's bytes and new cell contents in, the row's new bytes out; and the ranges that grow with a table."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from sync_engine.stores.xlsx.cells import EMPTY, Written
from sync_engine.stores.xlsx.sheet import Cell, cells_of, column_bytes, column_letters, column_number
from sync_engine.stores.xlsx.styles import Styles

_OPEN = re.compile(rb"<row\b([^>]*?)(/?)>")
_SPANS = re.compile(rb'\s+spans="[^"]*"')
_NUMBER = re.compile(rb'\s+r="\d+"')
_HEIGHT = re.compile(rb'\s+(?:hidden|collapsed|outlineLevel)="[^"]*"')
_MASTER = re.compile(rb'<f\b[^>]*\bt="shared"[^>]*\bref="')
_ARRAY = re.compile(rb'<f\b[^>]*\bt="(?:array|dataTable)"')
_RANGE = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)(:\$?[A-Z]{1,3}\$?)(\d+)")


_Worn = tuple[int, bytes, bytes, bytes]
"""A column, `<c r="A`, its style, `" s="3"`."""


class CannotReplace(Exception):
    """A cell of an array formula or data table, or the master of shared formulas: it is left alone."""


def cell_xml(number: int, row: int, style: bytes, written: Written) -> bytes:
    """One `<c>` element; b"" for an empty cell without a format."""
    ref = b"%s%d" % (column_letters(number).encode(), row)
    dressed = b' s="%s"' % style if style else b""
    if not written.inner:
        return b'<c r="%s"%s/>' % (ref, dressed) if style else b""
    return b'<c r="%s"%s%s>%s</c>' % (ref, dressed, written.kind, written.inner)


def style_for(written: Written, style: bytes, styles: Styles, *, time: bool = False) -> bytes:
    """The format a new content needs on top of the cell's own."""
    if written.quoted:
        return styles.quoted(style)
    return styles.dated(style) if time and written.inner else style


def set_cells(
    row: bytes, number: int, contents: Mapping[int, Written], times: frozenset[int], defaults: Mapping[int, bytes],
    styles: Styles,
) -> bytes:  # fmt: skip
    """The row with some cells replaced; every other cell stays as the bytes it was.

    Args:
        contents: by column number.
        times: columns that hold times.
        defaults: format by column for cells the row does not have yet.
    """
    opened = _OPEN.match(row)
    assert opened is not None, "a row begins with <row"
    if opened[2]:
        row = row[: opened.start(2)] + b"></row>"
        opened = _OPEN.match(row)
        assert opened is not None
    old = {cell.column: cell for cell in cells_of(row)}
    pieces: list[tuple[int, bytes]] = []
    for column, cell in old.items():
        if column not in contents:
            pieces.append((column, _with_ref(row[cell.start : cell.end], column, number)))
    for column, written in contents.items():
        known = old.get(column)
        if known is not None:
            _check_formula(row[known.start : known.end])
        style = known.style if known is not None else defaults.get(column, b"")
        style = style_for(written, style, styles, time=column in times)
        pieces.append((column, cell_xml(column, number, style, written)))
    body = b"".join(piece for _, piece in sorted(pieces, key=lambda pair: pair[0]))
    tail = row[_end_of_cells(row, opened.end(), list(old.values())) :]
    head = _SPANS.sub(b"", row[: opened.end()])
    return head + body + tail


def formulas_under(row: bytes, number: int, contents: Container[int]) -> set[bytes]:
    """References of the cells to be replaced that hold a formula now."""
    if b"<f" not in row:
        return set()
    held = (cell.column for cell in cells_of(row) if cell.column in contents and b"<f" in cell.inner)
    return {f"{column_letters(column)}{number}".encode() for column in held}


def _end_of_cells(row: bytes, start: int, cells: list[Cell]) -> int:
    return max((cell.end for cell in cells), default=start)


def _with_ref(cell: bytes, column: int, row: int) -> bytes:
    if re.match(rb'<c\b[^>]*\br="', cell):
        return cell
    return cell.replace(b"<c", b'<c r="%s"' % f"{column_letters(column)}{row}".encode(), 1)


def _check_formula(cell: bytes) -> None:
    if b"<f" in cell and (_MASTER.search(cell) or _ARRAY.search(cell)):
        raise CannotReplace


@dataclass(frozen=True, slots=True)
class Dress:
    """What a new row wears: the attributes of the row above and the format of each of its cells."""

    head: bytes
    styles: Mapping[int, bytes]
    cells: tuple[_Worn, ...] = ()  # of each style, in order


def dress_of(model: bytes | None) -> Dress:
    """The dress of the row above, or of the table's blank row."""
    if model is None:
        return Dress(b"", {})
    opened = _OPEN.match(model)
    assert opened is not None, "a row begins with <row"
    head = _HEIGHT.sub(b"", _NUMBER.sub(b"", _SPANS.sub(b"", opened[1])))
    worn = {cell.column: cell.style for cell in cells_of(model) if cell.style}
    return Dress(head, worn, _worn(worn, worn))


def _worn(columns: Iterable[int], styles: Mapping[int, bytes]) -> tuple[_Worn, ...]:
    """What stands before and behind a cell's row number, for some columns."""
    return tuple(
        (at, b'<c r="' + column_bytes(at), style, b'" s="%s"' % style if style else b'"')
        for at, style in ((at, styles.get(at, b"")) for at in sorted(columns))
    )


def new_row(
    number: int, dress: Dress, contents: Mapping[int, Written], times: frozenset[int], styles: Styles
) -> bytes:
    """A new row, dressed cell by cell."""
    row = b"%d" % number
    pieces = [b'<row r="%s"%s>' % (row, dress.head)]
    known = contents.keys() <= dress.styles.keys()
    worn = dress.cells if known else _worn({*dress.styles, *contents}, dress.styles)
    for column, opened, style, dressed in worn:
        kind, inner, quoted = contents.get(column, EMPTY)
        if not inner:
            if style:
                pieces += (opened, row, dressed, b"/>")
            continue
        if quoted or column in times:
            own = style_for(Written(kind, inner, quoted), style, styles, time=column in times)
            dressed = b'" s="%s"' % own if own else b'"'
        pieces += (opened, row, dressed, kind, b">", inner, b"</c>")
    pieces.append(b"</row>")
    return b"".join(pieces)


def grow_ranges(text: str, old_last: int, new_last: int) -> str:
    """Ranges that end exactly at the table's old last row end at the new one."""

    def grown(found: re.Match[str]) -> str:
        if int(found[4]) != old_last or int(found[2]) > old_last:
            return found[0]
        return f"{found[1]}{found[2]}{found[3]}{new_last}"

    return _RANGE.sub(grown, text)


_SQREF = re.compile(rb'\b(?:sqref|ref)="([^"]*)"')
_XM_SQREF = re.compile(rb"(<xm:sqref>)(.*?)(</xm:sqref>)", re.S)
_AUTOFILTER = re.compile(rb"<autoFilter\b[^>]*>")
_GROWING = re.compile(rb"<(?:conditionalFormatting|dataValidation|protectedRange|ignoredError)\b[^>]*>")
_DIMENSION = re.compile(rb'(<dimension\b[^>]*\bref=")([^"]*)(")')


def grow_tail(tail: bytes, old_last: int, new_last: int) -> bytes:
    """What follows sheetData, with validations, formats and filters over the table's rows grown."""
    return tail if new_last <= old_last else fit_tail(tail, old_last, new_last)


def fit_tail(tail: bytes, old_last: int, new_last: int) -> bytes:
    """The same for a table that ends earlier or later than before."""

    def attribute(found: re.Match[bytes]) -> bytes:
        return found[0].replace(found[1], grow_ranges(found[1].decode(), old_last, new_last).encode())

    def element(found: re.Match[bytes]) -> bytes:
        return _SQREF.sub(attribute, found[0])

    def extended(found: re.Match[bytes]) -> bytes:
        return found[1] + grow_ranges(found[2].decode(), old_last, new_last).encode() + found[3]

    tail = _GROWING.sub(element, tail)
    tail = _AUTOFILTER.sub(element, tail, count=1)
    return _XM_SQREF.sub(extended, tail)


def grow_dimension(head: bytes, new_last: int, last_column: int) -> bytes:
    """The sheet's dimension, grown to hold the new rows."""

    def grown(found: re.Match[bytes]) -> bytes:
        parts = found[2].decode().split(":")
        last = re.fullmatch(r"([A-Z]+)(\d+)", parts[-1])
        if last is None:
            return found[0]
        column = max(column_number(last[1]), last_column)
        row = max(int(last[2]), new_last)
        return found[1] + f"{parts[0]}:{column_letters(column)}{row}".encode() + found[3]

    return _DIMENSION.sub(grown, head, count=1)
