"""The pick list: A4, one row for each stop of the picker, with a box to tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reportlab.lib.units import mm

from sync_engine.labels.fit import LEADING
from sync_engine.labels.glyphs import clean
from sync_engine.labels.pages import Drawn, write_pages
from sync_engine.labels.pen import Align, Box, Pen
from sync_engine.labels.picking import check_totals, kinds_of, parcels_of, totals, walking_order
from sync_engine.labels.values import PickLine
from workbook_templates.schema import Lang

A4 = (210.0, 297.0)
_MARGIN = 10.0
_HEAD = 18.0
_COLUMN_HEAD = 7.0
_FOOT = 9.0
_SIZE = 9.0
_SMALL = 7.5
_MOST_LINES = 4
_PAD = 1.0

_WORDS = {
    Lang.ZH: ("拣货单", "批次", "打印", "第 {page} 页 / 共 {pages} 页", "没有要拣的货。"),
    Lang.EN: ("Pick list", "Batch", "Printed", "Page {page} of {pages}", "Nothing to pick."),
}
_TOTALS = {
    Lang.ZH: "合计 {kinds} 种 {pieces} 件,装 {parcels} 个包裹(按商品 {pieces} 件 = 按包裹 {by_parcel} 件)",
    Lang.EN: "In all {kinds} kinds, {pieces} pieces for {parcels} parcels (by goods {pieces} = by parcel {by_parcel})",
}
_MORE = {Lang.ZH: "…共 {n} 个包裹", Lang.EN: "… {n} parcels in all"}
_COLUMNS: tuple[tuple[str, str, float, Align], ...] = (
    ("✓", "✓", 8.0, "center"),
    ("序", "No.", 9.0, "center"),
    ("货位", "Bin", 20.0, "left"),
    ("商家编码", "Code", 30.0, "left"),
    ("商品 / 规格", "Goods / variant", 54.0, "left"),
    ("条码", "Barcode", 27.0, "left"),
    ("数量", "Qty", 13.0, "right"),
    ("包裹号×件", "Parcel × pieces", 29.0, "left"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One pick line with the height it takes, millimetres."""

    number: int
    line: PickLine
    refs: str
    height: float


def render_pick_list(
    lines: Sequence[PickLine], batch: str, printed_at: datetime, shop: str, path: Path, lang: Lang = Lang.ZH
) -> tuple[str, ...]:
    """Write an A4 PDF, sorted by bin and code whatever the order of `lines`.

    Raises ValueError if totals by goods and by parcel differ (the lines were made wrong), BusyError if the file is open
    elsewhere. Returns the characters no font had, sorted.
    """
    return write_pages(draw_pick_list(lines, batch, printed_at, shop, lang), path, lang)


def draw_pick_list(
    lines: Sequence[PickLine], batch: str, printed_at: datetime, shop: str, lang: Lang = Lang.ZH
) -> Drawn:
    """The list on A4 pages. Raises like `render_pick_list`."""
    check_totals(lines)
    pen = Pen(*A4, f"{_WORDS[lang][0]} {batch} {shop}")
    ordered = sorted(lines, key=walking_order)
    pages = _pages(pen, ordered, lang)
    for number, rows in enumerate(pages, 1):
        body = _frame(pen, (batch, f"{printed_at:%Y-%m-%d %H:%M}", shop), number, len(pages), lang)
        y = _rows(pen, body, rows)
        if number == len(pages):
            _sum(pen, Box(body.x, y + 1.0, body.w, 7.0), ordered, lang)
        pen.next_page()
    return pen.drawn()


def _body(pen: Pen) -> Box:
    inside = pen.page.pad(_MARGIN, _MARGIN)
    return Box(inside.x, inside.y + _HEAD + _COLUMN_HEAD, inside.w, inside.h - _HEAD - _COLUMN_HEAD - _FOOT)


def _pages(pen: Pen, lines: Sequence[PickLine], lang: Lang) -> list[list[Row]]:
    """Rows in pages; the last page keeps room for the totals."""
    room = _body(pen).h - 9.0
    pages: list[list[Row]] = [[]]
    used = 0.0
    for number, line in enumerate(lines, 1):
        row = _row(pen, number, line, lang)
        if pages[-1] and used + row.height > room:
            pages.append([])
            used = 0.0
        pages[-1].append(row)
        used += row.height
    return pages


def _row(pen: Pen, number: int, line: PickLine, lang: Lang) -> Row:
    width = _COLUMNS[-1][2] - 2 * _PAD
    refs = _refs(pen, line, width, lang)
    heights = [
        _lines_high(pen, line.title, _COLUMNS[4][2], _SIZE, 2)
        + _lines_high(pen, line.sku_text, _COLUMNS[4][2], _SIZE, 2),
        _lines_high(pen, line.outer_id, _COLUMNS[3][2], _SIZE, 2),
        _lines_high(pen, refs, _COLUMNS[-1][2], _SMALL, _MOST_LINES),
        6.0,
    ]
    return Row(number, line, refs, max(heights) + 2 * _PAD)


def _lines_high(pen: Pen, text: str, width: float, size: float, most: int) -> float:
    box = Box(0.0, 0.0, width - 2 * _PAD, most * size * LEADING / mm + 0.05)
    return len(pen.fitted(text, box, size, size).lines) * size * LEADING / mm + 0.05


def _refs(pen: Pen, line: PickLine, width: float, lang: Lang) -> str:
    """`#12×1  #13×2`, and how many parcels in all where they do not fit."""
    parts = [f"#{clean(short_no)}×{count}" for short_no, count in line.refs[:60]]
    box = Box(0.0, 0.0, width, _MOST_LINES * _SMALL * LEADING / mm + 0.05)
    text = "  ".join(parts)
    if len(line.refs) <= len(parts) and not pen.fitted(text, box, _SMALL, _SMALL).cut:
        return text
    more = _MORE[lang].format(n=len(line.refs))
    while parts and pen.fitted("  ".join([*parts, more]), box, _SMALL, _SMALL).cut:
        parts.pop()
    return "  ".join([*parts, more])


def _frame(pen: Pen, about: tuple[str, str, str], page: int, pages: int, lang: Lang) -> Box:
    """Title, column heads and page number; returns where the rows go."""
    title, batch_word, printed_word, page_word = _WORDS[lang][:4]
    batch, printed, shop = about
    inside = pen.page.pad(_MARGIN, _MARGIN)
    head, columns, _ = inside.rows(_HEAD, _COLUMN_HEAD)
    name, details = head.columns(60.0)
    pen.text(name, title, 24.0, bold=True, one_line=True)
    upper, lower, _ = details.rows(head.h / 2, head.h / 2)
    pen.text(upper, shop, 12.0, 7.0, align="right", place="bottom", bold=True, one_line=True)
    pen.text(
        lower, f"{batch_word} {batch}   {printed_word} {printed}", 9.0, 6.0, align="right", one_line=True
    )
    pen.block(columns, 0.88)
    for (zh, en, _, align), cell in zip(_COLUMNS, _cells(columns), strict=True):
        pen.text(
            cell.pad(_PAD), zh if lang is Lang.ZH else en, 9.0, 6.0, align=align, bold=True, one_line=True
        )
    foot = Box(inside.x, inside.bottom - _FOOT, inside.w, _FOOT)
    pen.text(
        foot, page_word.format(page=page, pages=pages), 8.5, align="center", place="bottom", one_line=True
    )
    return _body(pen)


def _cells(row: Box) -> list[Box]:
    return row.columns(*(width for _, _, width, _ in _COLUMNS))[:-1]


def _rows(pen: Pen, body: Box, rows: Sequence[Row]) -> float:
    y = body.y
    for row in rows:
        _draw(pen, Box(body.x, y, body.w, row.height), row)
        y += row.height
        pen.rule(body.x, y, body.right, y, 0.15)
    return y


def _draw(pen: Pen, box: Box, row: Row) -> None:
    tick, number, place, code, goods, barcode, count, refs = [cell.pad(_PAD, 0.6) for cell in _cells(box)]
    side = 4.2
    pen.frame(Box(tick.x + (tick.w - side) / 2, box.y + (box.h - side) / 2, side, side), 0.3)
    line = row.line
    pen.text(number, str(row.number), _SIZE, 6.0, align="center", one_line=True)
    pen.text(place, line.bin or "—", 12.0, 7.0, bold=True)
    pen.text(code, line.outer_id or "—", _SIZE, 6.0, bold=True)
    if line.sku_text and line.title:
        title_high = _lines_high(pen, line.title, _COLUMNS[4][2], _SIZE, 2)
        title, variant = goods.rows(min(title_high, goods.h / 2 + 2.0))
        pen.text(title, line.title, _SIZE, 7.0, place="top")
        pen.text(variant, line.sku_text, _SIZE, 6.0, place="top", bold=True)
    else:
        pen.text(goods, line.title or line.sku_text, _SIZE, 6.0)
    pen.text(barcode, line.barcode, _SIZE, 6.0, one_line=True)
    pen.text(count, str(line.count), 14.0, 8.0, align="right", bold=True, one_line=True)
    pen.text(refs, row.refs, _SMALL, 5.0)


def _sum(pen: Pen, box: Box, lines: Sequence[PickLine], lang: Lang) -> None:
    pieces, by_parcel = totals(lines)
    said = _TOTALS[lang].format(
        kinds=kinds_of(lines), pieces=pieces, by_parcel=by_parcel, parcels=parcels_of(lines)
    )
    pen.text(box, said if lines else _WORDS[lang][4], 10.0, 7.0, bold=True, one_line=True)
