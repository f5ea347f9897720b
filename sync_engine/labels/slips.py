"""Packing slips: A4 with two A5 halves a page, one slip for each parcel in label order; a long one goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sync_engine.errors import UserError
from sync_engine.labels.code128 import encodable, groups_of
from sync_engine.labels.pages import Drawn, write_pages
from sync_engine.labels.pen import Align, Box, Pen
from sync_engine.labels.picking import kinds_of
from sync_engine.labels.picklist import A4
from sync_engine.labels.values import Goods, PackingSlip
from sync_engine.mask import DEFAULT_RULE, MaskRule, mask_name, mask_phone, mask_text
from workbook_templates.schema import Lang

_HALF = A4[1] / 2
_MARGIN = 9.0
_ROW = 7.6
_ROWS = 11
_COLUMNS: tuple[tuple[str, str, float, Align], ...] = (
    ("✓", "✓", 8.0, "center"),
    ("货位", "Bin", 20.0, "left"),
    ("商家编码", "Code", 34.0, "left"),
    ("商品", "Goods", 70.0, "left"),
    ("规格", "Variant", 44.0, "left"),
    ("数量", "Qty", 16.0, "right"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed texts of a slip in one language."""

    title: str
    order: str
    batch: str
    total: str
    memo: str
    message: str
    sheet: str


_WORDS = {
    Lang.ZH: Words(
        "发货单", "订单", "批次", "合计 {kinds} 种 {pieces} 件", "备注:", "买家留言:", "(第 {n}/{m} 张)"
    ),
    Lang.EN: Words(
        "Packing slip",
        "Order",
        "Batch",
        "{kinds} kinds, {pieces} pieces",
        "Memo: ",
        "Buyer: ",
        " (sheet {n}/{m})",
    ),
}


def render_packing_slips(
    slips: Sequence[PackingSlip], path: Path, lang: Lang = Lang.ZH, *, rule: MaskRule = DEFAULT_RULE
) -> tuple[str, ...]:
    """Write an A4 PDF, two slips a page, in the order of `slips`.

    Raises UserError if there is none, BusyError if the file is open elsewhere. Returns the characters no font had.
    """
    return write_pages(draw_packing_slips(slips, lang, rule), path, lang)


def draw_packing_slips(
    slips: Sequence[PackingSlip], lang: Lang = Lang.ZH, rule: MaskRule = DEFAULT_RULE
) -> Drawn:
    """Two slips a page, on A4 pages. Raises like `render_packing_slips`."""
    if not slips:
        raise UserError(
            "这一批没有要打印的发货单。"
            if lang is Lang.ZH
            else "There is no packing slip to print in this batch."
        )
    pen = Pen(*A4, f"{_WORDS[lang].title} {slips[0].batch} {slips[0].shop}")
    sheets = [
        (masked(slip, rule), number, part) for slip in slips for number, part in enumerate(_parts(slip))
    ]
    for at, (slip, number, goods) in enumerate(sheets):
        upper = at % 2 == 0
        if upper and at:
            pen.next_page()
        if upper:
            pen.rule(0.0, _HALF, A4[0], _HALF, 0.15, dash=(2.0, 2.0))
        half = Box(0.0, 0.0 if upper else _HALF, A4[0], _HALF).pad(_MARGIN, _MARGIN - 2.0)
        _draw(pen, half, slip, goods, number, lang)
    pen.next_page()
    return pen.drawn()


def masked(slip: PackingSlip, rule: MaskRule = DEFAULT_RULE) -> PackingSlip:
    """The slip with every personal text masked; one that came masked is unchanged."""
    return replace(
        slip,
        receiver_name=mask_name(slip.receiver_name),
        receiver_phone=mask_phone(slip.receiver_phone, rule),
        memo=mask_text(slip.memo, rule),
        message=mask_text(slip.message, rule),
    )


def _parts(slip: PackingSlip) -> list[tuple[Goods, ...]]:
    return [slip.goods[at : at + _ROWS] for at in range(0, max(1, len(slip.goods)), _ROWS)]


def _draw(pen: Pen, box: Box, slip: PackingSlip, goods: Sequence[Goods], number: int, lang: Lang) -> None:
    words, sheets = _WORDS[lang], len(_parts(slip))
    head, columns, body, foot = box.rows(27.0, 6.0, len(goods) * _ROW)
    _head(pen, head, slip, words, words.sheet.format(n=number + 1, m=sheets) if sheets > 1 else "")
    pen.block(columns, 0.88)
    for (zh, en, _, align), cell in zip(_COLUMNS, _cells(columns), strict=True):
        pen.text(
            cell.pad(1.0), zh if lang is Lang.ZH else en, 9.0, 6.0, align=align, bold=True, one_line=True
        )
    for at, kind in enumerate(goods):
        row = Box(body.x, body.y + at * _ROW, body.w, _ROW)
        _row(pen, row, kind)
        pen.rule(row.x, row.bottom, row.right, row.bottom, 0.15)
    _foot(pen, Box(foot.x, foot.y, foot.w, box.h - 33.0 - _ROWS * _ROW), slip, words)


def _head(pen: Pen, box: Box, slip: PackingSlip, words: Words, sheet: str) -> None:
    left, right = box.columns(box.w - 74.0)
    title, who, order, batch, _ = left.rows(10.0, 6.0, 5.0, 5.0)
    short = Box(title.x, title.y + 0.8, 20.0 if slip.short_no else 0.0, 8.0)
    if slip.short_no:
        pen.badge(short, f"#{slip.short_no}", 18.0)
    name = Box(short.right + 2.0, title.y, title.right - short.right - 2.0, title.h)
    pen.text(name, f"{words.title}{sheet}  {slip.shop}", 16.0, 8.0, bold=True, one_line=True)
    receiver = "  ".join(filter(None, (slip.receiver_name, slip.receiver_phone, slip.courier_name)))
    pen.text(who, receiver, 10.0, 6.0, bold=True, one_line=True)
    pen.text(order, f"{words.order} {slip.tid}   {slip.part}/{slip.parts}", 9.0, 6.0, one_line=True)
    pen.text(batch, f"{words.batch} {slip.batch}   {slip.printed_at:%Y-%m-%d %H:%M}", 8.0, 6.0, one_line=True)
    bars, text, _ = right.rows(14.0, 5.5)
    if encodable(slip.waybill_code) and pen.barcode(bars.pad(0.0, 0.8), slip.waybill_code, most_dots=3):
        pen.text(text, groups_of(slip.waybill_code), 10.0, 6.0, align="center", one_line=True)
    else:
        pen.text(bars, slip.waybill_code, 12.0, 6.0, align="right", one_line=True)


def _cells(row: Box) -> list[Box]:
    return row.columns(*(width for _, _, width, _ in _COLUMNS))[:-1]


def _row(pen: Pen, row: Box, goods: Goods) -> None:
    tick, place, code, title, variant, count = [cell.pad(1.0, 0.3) for cell in _cells(row)]
    side = 4.0
    pen.frame(Box(tick.x + (tick.w - side) / 2, row.y + (row.h - side) / 2, side, side), 0.3)
    pen.text(place, goods.bin or "—", 9.5, 6.0, bold=True)
    pen.text(code, goods.outer_id or "—", 9.0, 6.0)
    pen.text(title, goods.title, 9.0, 6.0)
    pen.text(variant, goods.sku_text, 9.0, 6.0, bold=True)
    pen.text(count, str(goods.count), 13.0, 7.0, align="right", bold=True, one_line=True)


def _foot(pen: Pen, box: Box, slip: PackingSlip, words: Words) -> None:
    total, notes = box.rows(7.0)
    said = words.total.format(kinds=kinds_of(slip.goods), pieces=slip.pieces)
    pen.text(total, said, 10.0, 7.0, align="right", bold=True, one_line=True)
    memo, message = notes.rows(notes.h / 2)
    if slip.memo:
        pen.text(memo, words.memo + slip.memo, 9.0, 5.5, bold=True, place="top")
    if slip.message:
        pen.text(message, words.message + slip.message, 9.0, 5.5, place="top")
