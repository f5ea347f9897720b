"""A purchase order for a supplier: A4, one row for each kind of goods, with the sums."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sync_engine.labels.pen import Align, Box, Pen
from sync_engine.plan.supplier_order import OrderLine, SupplierOrder
from workbook_templates.schema import Lang
from workbook_templates.words import say

A4 = (210.0, 297.0)
_MARGIN = 12.0
_HEAD = 30.0
_ROW = 9.0
_FOOT = 9.0
_PAD = 1.0
_COLUMNS: tuple[tuple[str, str, float, Align], ...] = (
    ("序", "No.", 9.0, "center"),
    ("商家编码", "Code", 36.0, "left"),
    ("商品", "Goods", 62.0, "left"),
    ("数量", "Pieces", 17.0, "right"),
    ("单价", "Price", 18.0, "right"),
    ("金额", "Amount", 22.0, "right"),
    ("到货", "Due", 22.0, "center"),
)


def render_purchase_order(
    order: SupplierOrder, shop: str, at: datetime, path: Path, lang: Lang = Lang.ZH
) -> None:
    """Write the PDF; as many pages as the lines need. BusyError if the file is open elsewhere."""
    pen = Pen(*A4, f"{say(lang, '采购单', 'Purchase order')} {order.order_id}")
    inside = pen.page.pad(_MARGIN, _MARGIN)
    most = int((inside.h - _HEAD - _FOOT - 2 * _ROW) // _ROW)
    pages = [order.lines[start : start + most] for start in range(0, len(order.lines), most)]
    number = 0
    for page, lines in enumerate(pages, 1):
        _head(pen, inside, order, shop, at, lang)
        y = inside.y + _HEAD
        _heads(pen, Box(inside.x, y, inside.w, _ROW), lang)
        for line in lines:
            y += _ROW
            number += 1
            _line(pen, Box(inside.x, y, inside.w, _ROW), number, line)
            pen.rule(inside.x, y + _ROW, inside.right, y + _ROW, 0.15)
        if page == len(pages):
            _sum(pen, Box(inside.x, y + _ROW, inside.w, _ROW), order, lang)
        foot = Box(inside.x, inside.bottom - _FOOT, inside.w, _FOOT)
        pen.text(foot, say(lang, f"第 {page} 页 / 共 {len(pages)} 页", f"Page {page} of {len(pages)}"), 8.5, align="center", place="bottom", one_line=True)  # fmt: skip
        pen.next_page()
    pen.save(path, lang)


def _head(pen: Pen, inside: Box, order: SupplierOrder, shop: str, at: datetime, lang: Lang) -> None:
    title, first, second, _ = inside.rows(14.0, 7.0, 7.0)
    pen.text(title, say(lang, "采购单", "Purchase order"), 24.0, bold=True, one_line=True)
    pen.text(title, order.order_id, 14.0, 8.0, align="right", bold=True, one_line=True)
    supplier = " ".join(filter(None, (order.supplier, order.contact)))
    pen.text(first, f"{say(lang, '供应商', 'Supplier')}: {supplier}", 11.0, 7.0, one_line=True)
    pen.text(second, f"{say(lang, '订货', 'Ordered by')}: {shop}   {at:%Y-%m-%d}", 11.0, 7.0, one_line=True)


def _cells(row: Box) -> list[Box]:
    return [cell.pad(_PAD, 0.5) for cell in row.columns(*(width for _, _, width, _ in _COLUMNS))][
        : len(_COLUMNS)
    ]


def _heads(pen: Pen, row: Box, lang: Lang) -> None:
    pen.block(row, 0.88)
    for (zh, en, _, align), cell in zip(_COLUMNS, _cells(row), strict=True):
        pen.text(cell, say(lang, zh, en), 10.0, 6.0, align=align, bold=True, one_line=True)


def _line(pen: Pen, row: Box, number: int, line: OrderLine) -> None:
    texts = (
        str(number), line.code, line.title, str(line.pieces), "" if line.price is None else f"{line.price:.2f}",
        "" if line.amount is None else f"{line.amount:,.2f}", f"{line.due:%Y-%m-%d}" if line.due else "",
    )  # fmt: skip
    for (_, _, _, align), cell, text in zip(_COLUMNS, _cells(row), texts, strict=True):
        pen.text(cell, text, 9.5, 5.5, align=align)


def _sum(pen: Pen, row: Box, order: SupplierOrder, lang: Lang) -> None:
    amount = (
        ""
        if order.amount is None
        else say(lang, f",金额 {order.amount:,.2f} 元", f", {order.amount:,.2f} yuan")
    )
    said = say(lang, f"合计 {len(order.lines)} 种 {order.pieces} 件{amount}", f"In all {len(order.lines)} kinds, {order.pieces} pieces{amount}")  # fmt: skip
    pen.text(row, said, 11.0, 7.0, bold=True, one_line=True)
