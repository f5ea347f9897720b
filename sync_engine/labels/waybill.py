"""Waybill labels: 76x130 mm single (一联) and 100x180 mm double (二联, 110 + 70), one page for each parcel.

Sizes and parts: facts on waybill papers. These are the shop's own labels (self-run tests, couriers outside the
platform); a platform waybill's official print goes through the Cainiao client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from sync_engine.errors import UserError
from sync_engine.labels.code128 import dots_per_module, encodable, groups_of
from sync_engine.labels.goods_area import goods_area
from sync_engine.labels.pages import Drawn, write_pages
from sync_engine.labels.pen import Box, Pen
from sync_engine.labels.values import Label
from sync_engine.mask import DEFAULT_RULE, MaskRule, mask_address, mask_name, mask_phone, mask_text
from workbook_templates.schema import Lang

Paper = Literal["76x130", "100x180"]
PAPERS: dict[str, tuple[float, float]] = {"76x130": (76.0, 130.0), "100x180": (100.0, 180.0)}
"""Paper name -> width and height in millimetres."""
MARGIN = 2.0
FIRST_PART = 110.0
"""Height of the courier's part of the double paper, millimetres."""


def render_labels(
    labels: Sequence[Label],
    paper: Paper,
    path: Path,
    *,
    lang: Lang = Lang.ZH,
    rule: MaskRule = DEFAULT_RULE,
) -> tuple[str, ...]:
    """Write a PDF with one label a page, in the given order, exactly the paper's size.

    The same labels give the same bytes. Returns the characters no font had (drawn as 〓), sorted. Raises UserError if
    there is no label, or a waybill number is one Code 128 or the paper cannot carry, and then writes nothing;
    BusyError if the file is open elsewhere. `lang` is the language of those sentences; the labels are Chinese.
    """
    return write_pages(draw_labels(labels, paper, lang, rule), path, lang)


def draw_labels(
    labels: Sequence[Label], paper: Paper, lang: Lang = Lang.ZH, rule: MaskRule = DEFAULT_RULE
) -> Drawn:
    """One label a page, on pages the size of the paper. Raises like `render_labels`."""
    check_labels(labels, paper, lang)
    pen = Pen(*PAPERS[paper], f"面单 {labels[0].batch} {labels[0].shop}")
    draw = {"76x130": _single, "100x180": _double}[paper]
    for label in labels:
        draw(pen, masked(label, rule))
        pen.next_page()
    return pen.drawn()


def check_labels(labels: Sequence[Label], paper: Paper, lang: Lang) -> None:
    """Raise UserError where a label could be printed but not be scanned."""
    if not labels:
        raise UserError(
            "这一批没有要打印的面单。" if lang is Lang.ZH else "There is no label to print in this batch."
        )
    for label in labels:
        code = label.waybill_code
        if not encodable(code):
            raise UserError(_bad_code(label, lang))
        if dots_per_module(code, PAPERS[paper][0]) < 2:
            raise UserError(_long_code(label, paper, lang))


def _bad_code(label: Label, lang: Lang) -> str:
    if lang is Lang.ZH:
        return f"包裹 {label.package_id} 的运单号「{label.waybill_code}」印不成条码(只能是字母和数字),请先核对或重新取号。"
    return (
        f"The waybill number {label.waybill_code!r} of parcel {label.package_id} cannot be a barcode (letters and digits "
        f"only): check it or buy the waybill again."
    )


def _long_code(label: Label, paper: Paper, lang: Lang) -> str:
    if lang is Lang.ZH:
        return f"包裹 {label.package_id} 的运单号「{label.waybill_code}」太长,{paper} 面单纸印不下可扫的条码,请换大一号的面单纸。"
    return (
        f"The waybill number {label.waybill_code!r} of parcel {label.package_id} is too long for a barcode on {paper} "
        f"paper: choose a larger paper."
    )


def masked(label: Label, rule: MaskRule = DEFAULT_RULE) -> Label:
    """The label with every personal text masked; one that came masked is unchanged."""
    return replace(
        label,
        receiver_name=mask_name(label.receiver_name),
        receiver_phone=mask_phone(label.receiver_phone, rule),
        receiver_address=mask_address(label.receiver_address),
        memo=mask_text(label.memo, rule),
    )


# -- papers ---------------------------------------------------------------------------------------------------------


def _single(pen: Pen, label: Label) -> None:
    page = pen.page.pad(MARGIN, MARGIN)
    head, sorting, route, code, receiver, sender, goods = page.rows(9.0, 14.0, 10.0, 24.0, 19.0, 9.0)
    _head(pen, head, label, 15.0)
    _routing(pen, sorting, route, label, 36.0)
    _waybill(pen, code.pad(0.0, 1.5), label.waybill_code, 14.0)
    _receiver(pen, receiver, label, 12.5)
    _sender(pen, sender, label, 8.0)
    for row in (head, route, code, receiver, sender):
        pen.rule(page.x, row.bottom, page.right, row.bottom)
    goods_area(pen, goods.pad(0.5, 0.0), label)


def _double(pen: Pen, label: Label) -> None:
    first, second = pen.page.rows(FIRST_PART)
    _courier_part(pen, first.pad(MARGIN, MARGIN), label)
    pen.rule(0.0, FIRST_PART, pen.page.right, FIRST_PART, dash=(2.0, 1.5))
    _receipt(pen, second.pad(MARGIN, MARGIN), label)


def _courier_part(pen: Pen, page: Box, label: Label) -> None:
    head, sorting, route, code, receiver, sender, sign = page.rows(10.5, 17.0, 13.0, 27.0, 19.5, 9.5)
    _head(pen, head, label, 18.0)
    _routing(pen, sorting, route, label, 46.0)
    _waybill(pen, code.pad(0.0, 1.5), label.waybill_code, 16.0)
    _receiver(pen, receiver, label, 13.0)
    _sender(pen, sender, label, 8.5)
    for row in (head, route, code, receiver, sender):
        pen.rule(page.x, row.bottom, page.right, row.bottom)
    about, name, when = sign.pad(0.5).columns(37.0, 31.0)
    pen.text(about, _contents(label), 8.0, 6.0, one_line=True)
    pen.text(name, "签收人:", 8.0)
    pen.text(when, "日期:", 8.0)


def _receipt(pen: Pen, page: Box, label: Label) -> None:
    top, people, goods = page.rows(14.0, 12.0)
    code, courier = top.columns(66.0)
    _waybill(pen, code.pad(0.0, 0.5), label.waybill_code, 9.5, most_dots=3)
    name, part = courier.pad(0.5, 0.5).rows(6.5)
    pen.text(name, label.courier_name or label.cp_code, 12.0, 7.0, align="right", bold=True, one_line=True)
    _part(pen, Box(part.right - 16.0, part.y, 16.0, part.h), label)
    receiver, sender = people.columns(people.w / 2)
    _person(pen, receiver, "收", _who(label.receiver_name, label.receiver_phone), _where(label), 8.0, 8.0)
    _person(pen, sender, "寄", _who(label.sender_name, label.sender_phone), label.sender_address, 8.0, 8.0)
    pen.rule(page.x, top.bottom, page.right, top.bottom)
    pen.rule(page.x, people.bottom, page.right, people.bottom)
    goods_area(pen, goods.pad(0.5, 0.0), label)


# -- parts both papers have -----------------------------------------------------------------------------------------


def _head(pen: Pen, box: Box, label: Label, size: float) -> None:
    inside = box.pad(0.5, 0.8)
    part = Box(inside.right - 17.0, inside.y, 17.0, inside.h)
    courier, when = Box(inside.x, inside.y, inside.w - 18.0, inside.h).columns((inside.w - 18.0) * 0.62)
    pen.text(courier, label.courier_name or label.cp_code, size, 8.0, bold=True, one_line=True)
    pen.text(when, f"{label.printed_at:%Y-%m-%d %H:%M}", 7.0, 6.0, align="right")
    _part(pen, part, label)


def _part(pen: Pen, box: Box, label: Label) -> None:
    """n/m, white on black where the order has several parcels, so that nobody sends half of it."""
    text = f"{label.part}/{label.parts}"
    if label.parts > 1:
        pen.badge(box, text, 17.0, 7.0)
    else:
        pen.frame(box)
        pen.text(box.pad(0.4), text, 17.0, 7.0, align="center", bold=True, one_line=True)


def _routing(pen: Pen, sorting: Box, route: Box, label: Label, size: float) -> None:
    """The sorter's part; a courier that gives only a destination gets it as large as the space allows."""
    if not (label.route or label.hub or label.hub_code):
        _sorting(pen, Box(sorting.x, sorting.y, sorting.w, sorting.h + route.h), label, size)
        return
    _sorting(pen, sorting, label, size)
    pen.rule(sorting.x, sorting.bottom, sorting.right, sorting.bottom)
    _route(pen, route, label, size * 0.56)


def _sorting(pen: Pen, box: Box, label: Label, size: float) -> None:
    text = label.sorting or " ".join(
        filter(None, (label.receiver_province, label.receiver_city, label.receiver_district))
    )
    inside = box.pad(0.5, 0.3)
    in_one_line = not pen.fitted(text, Box(0.0, 0.0, inside.w, size * 0.41), size, 20.0).cut
    pen.text(
        inside, text, size, 20.0 if in_one_line else 9.0, align="center", bold=True, one_line=in_one_line
    )


def _route(pen: Pen, box: Box, label: Label, size: float) -> None:
    inside = box.pad(0.5, 0.6)
    if not label.hub and not label.hub_code:
        pen.text(inside, label.route, size, 9.0, align="center", bold=True, one_line=True)
        return
    route, hub = inside.columns(inside.w * 0.5)
    pen.text(route.pad(0.5), label.route, size, 9.0, bold=True, one_line=True)
    pen.rule(hub.x, box.y, hub.x, box.bottom)
    name, code = hub.rows(hub.h * 0.48) if label.hub_code else (hub, hub)
    badge = Box(name.x + 0.8, name.y + (name.h - 3.6) / 2, 9.5, 3.6)
    pen.badge(badge, "集包地", 8.0)
    pen.text(Box(badge.right + 0.8, name.y, name.right - badge.right - 0.8, name.h), label.hub or label.hub_code, 14.0, 6.0, bold=True, one_line=True)  # fmt: skip
    if label.hub_code and not (
        encodable(label.hub_code) and pen.barcode(code.pad(0.3, 0.0), label.hub_code, most_dots=2)
    ):
        pen.text(code.pad(0.8), label.hub_code, 8.0, 6.0, one_line=True)


def _waybill(pen: Pen, box: Box, code: str, size: float, most_dots: int = 4) -> None:
    text_height = size * 0.43
    bars, text = box.rows(box.h - text_height)
    drawn = pen.barcode(
        Box(0.0, bars.y, pen.page.w, bars.h) if box.w > 70 else bars, code, most_dots=most_dots
    )
    pen.text(text if drawn else box, groups_of(code), size, 7.0, align="center", bold=True, one_line=True)


def _receiver(pen: Pen, box: Box, label: Label, size: float) -> None:
    _person(
        pen,
        box,
        "收",
        _who(label.receiver_name, label.receiver_phone),
        _where(label),
        size,
        size - 1.0,
        bold=True,
    )


def _sender(pen: Pen, box: Box, label: Label, size: float) -> None:
    _person(pen, box, "寄", _who(label.sender_name, label.sender_phone), label.sender_address, size, size)


def _person(
    pen: Pen,
    box: Box,
    mark: str,
    who: str,
    where: str,
    size: float,
    address_size: float,
    *,
    bold: bool = False,
) -> None:
    side = 4.2 + size * 0.16
    badge = Box(box.x + 0.5, box.y + 1.0, side, side)
    pen.badge(badge, mark, size * 1.1)
    inside = Box(badge.right + 1.2, box.y + 0.6, box.right - badge.right - 1.7, box.h - 1.0)
    name, address = inside.rows(size * 0.43 + 0.2)
    pen.text(name, who, size, 6.0, bold=bold, one_line=True)
    pen.text(address, where, address_size, 6.0, place="top", bold=bold)


def _who(name: str, phone: str) -> str:
    return "  ".join(filter(None, (name, phone)))


def _where(label: Label) -> str:
    regions = (label.receiver_province, label.receiver_city, label.receiver_district)
    return " ".join(filter(None, (*regions, label.receiver_address)))


def _contents(label: Label) -> str:
    weight = f" {label.weight_kg:.2f}kg" if label.weight_kg is not None else ""
    return f"共 {label.pieces} 件{weight}"
