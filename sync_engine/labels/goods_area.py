"""The goods part of a label: what is inside, for the packer, with everything the shop finds the parcel by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm

from sync_engine.labels.fit import LEADING, Measure, cut, wrap
from sync_engine.labels.glyphs import clean
from sync_engine.labels.pen import Box, Pen
from sync_engine.labels.values import Label

_SIZES = (9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
_COUNT_WIDTH = 9.0
_GAP = 0.35
_GUTTER = 4.0
_WIDE = 85.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of goods as printed: wrapped name and count."""

    lines: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What of a parcel's goods fits: column by column, at which size, and the sentence that tells of the rest."""

    columns: tuple[tuple[Entry, ...], ...]
    size: float
    rest: str = ""


def goods_area(pen: Pen, box: Box, label: Label) -> None:
    """Draw heading, goods, memo and footer into the box, nothing outside it."""
    head, rest = box.rows(5.2)
    _head(pen, head, label)
    foot_height = 5.6
    memo_height = _memo_height(pen, box, label.memo)
    listing, memo, foot = rest.rows(rest.h - foot_height - memo_height, memo_height)
    _listing(pen, listing, label.items)
    if memo_height:
        pen.text(memo, f"备注:{label.memo}", 8.5, 6.0, bold=True)
    _foot(pen, foot, label)


def _memo_height(pen: Pen, box: Box, memo: str) -> float:
    """As many lines as the memo needs, three at most."""
    if not clean(memo):
        return 0.0
    lines = len(pen.fitted(f"备注:{memo}", Box(0.0, 0.0, box.w, 11.0), 8.5, 6.0).lines)
    return min(lines, 3) * 8.5 * LEADING / mm + 0.3


def _head(pen: Pen, box: Box, label: Label) -> None:
    short = Box(box.x, box.y + 0.6, 16.0 if label.short_no else 0.0, box.h - 1.0)
    if label.short_no:
        pen.badge(short, f"#{label.short_no}", 11.0)
    weight = f" {label.weight_kg:.2f}kg" if label.weight_kg is not None else ""
    total = f"{len(label.items)} 种 {label.pieces} 件{weight}"
    name, counts = Box(short.right + 1.0, box.y, box.right - short.right - 1.0, box.h).columns(
        (box.right - short.right) * 0.5
    )
    pen.text(name, label.shop, 9.0, 6.0, one_line=True)
    pen.text(counts, total, 9.0, 6.0, align="right", bold=True, one_line=True)


def _foot(pen: Pen, box: Box, label: Label) -> None:
    order, batch = box.rows(box.h / 2)
    pen.text(order, f"订单 {label.tid}", 7.0, 5.0, one_line=True)
    pen.text(batch, " ".join(filter(None, (f"包裹 {label.package_id}", f"批次 {label.batch}" if label.batch else ""))), 7.0, 4.5, one_line=True)  # fmt: skip


def _listing(pen: Pen, box: Box, items: Sequence[tuple[str, int]]) -> None:
    cleaned = [(clean(text) or "—", count) for text, count in items]
    listing = list_goods(cleaned, box.w, box.h, pen.measure)
    row = listing.size * LEADING / mm
    width = (box.w - _GUTTER * (len(listing.columns) - 1)) / len(listing.columns)
    for number, entries in enumerate(listing.columns):
        x, y = box.x + number * (width + _GUTTER), box.y
        for entry in entries:
            _draw_entry(pen, Box(x, y, width, row + 0.01), entry, listing.size)
            y += len(entry.lines) * row + _GAP
    if listing.rest:
        rest = Box(box.x, box.y + len(listing.columns[0]) * (row + _GAP), box.w, row + 0.01)
        pen.text(rest, listing.rest, listing.size, 5.0, one_line=True)


def _draw_entry(pen: Pen, first_row: Box, entry: Entry, size: float) -> None:
    name, count = first_row.columns(first_row.w - _COUNT_WIDTH)
    for number, line in enumerate(entry.lines):
        row = Box(name.x, name.y + number * size * LEADING / mm, name.w, name.h)
        pen.text(row, line, size, 4.0, one_line=True)
    pen.text(count, f"×{entry.count}", size, 4.0, align="right", bold=True, one_line=True)


def list_goods(items: Sequence[tuple[str, int]], width: float, height: float, measure: Measure) -> Listing:
    """Goods in a box of millimetres: one column at the largest size at which all fit on at most two lines each, else
    one line each, on wide paper in two columns, else as many as fit.

    What does not fit is told in one line: `…共N种M件 详见发货单`.
    """
    for size in _SIZES:
        entries = [_entry(item, width, size, 2, measure) for item in items]
        if _height(entries, size) <= height:
            return Listing((tuple(entries),), size)
    number = 2 if width >= _WIDE else 1
    column_width = (width - _GUTTER * (number - 1)) / number
    for size in _SIZES:
        columns = _in_columns([_entry(item, column_width, size, 1, measure) for item in items], number)
        if _height(columns[0], size) <= height:
            return Listing(columns, size)
    return _overflow(items, number, column_width, height, measure)


def _overflow(
    items: Sequence[tuple[str, int]], number: int, width: float, height: float, measure: Measure
) -> Listing:
    size = _SIZES[-1]
    row = size * LEADING / mm
    room = number * max(0, int((height - row) / (row + _GAP)))
    rest = f"…共{len(items)}种{sum(count for _, count in items)}件 详见发货单" if height >= row else ""
    return Listing(
        _in_columns([_entry(item, width, size, 1, measure) for item in items[:room]], number), size, rest
    )


def _in_columns(entries: Sequence[Entry], number: int) -> tuple[tuple[Entry, ...], ...]:
    each = -(-len(entries) // number)
    return tuple(tuple(entries[at * each : (at + 1) * each]) for at in range(number))


def _entry(item: tuple[str, int], width: float, size: float, most: int, measure: Measure) -> Entry:
    text, count = item
    room = (width - _COUNT_WIDTH) * mm / size
    lines = wrap(text[:300], room, measure)
    if len(lines) > most:
        lines = [*lines[: most - 1], cut("".join(lines[most - 1 :]), room, measure)]
    return Entry(tuple(lines), count)


def _height(entries: Sequence[Entry], size: float) -> float:
    return sum(len(entry.lines) * size * LEADING / mm + _GAP for entry in entries)
