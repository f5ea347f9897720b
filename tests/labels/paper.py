"""Sample parcels, and what a reader of the printed page can tell: sizes, texts, barcodes, ink."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from sync_engine.clock import SHANGHAI
from sync_engine.labels import Goods, Label, PackingSlip

MOMENT = datetime(2026, 11, 11, 10, 30, tzinfo=SHANGHAI)

LABEL = Label(
    package_id="2345678901234567890-1",
    tid="2345678901234567890",
    cp_code="ZTO",
    courier_name="中通快递",
    waybill_code="78123456789012",
    printed_at=MOMENT,
    receiver_name="陈**",
    receiver_phone="*******1234",
    receiver_province="浙江省",
    receiver_city="杭州市",
    receiver_district="西湖区",
    receiver_address="转塘街道象山路***号",
    sender_name="云杉家居",
    sender_phone="0579-88001234",
    sender_address="浙江省金华市义乌市福田街道商博路1号仓",
    sorting="杭州-西湖",
    hub="杭州转",
    hub_code="571A",
    route="440-B17 023",
    items=(("山茶花马克杯 白 350ml", 2), ("亚麻餐垫 灰蓝 30×40", 4), ("CUP-LID-08", 1)),
    weight_kg=Decimal("1.250"),
    shop="云杉旗舰店",
    memo="易碎,多垫一层气泡膜",
    batch="20261111-103000",
    short_no="12",
)
CODES = (
    "78123456789012",
    "YT1234567890123",
    "4312345678901",
    "SF1234567890123",
    "JD0123456789012",
    "DPK123456789012",
    "JDVA12345678901-1-1-",
    "1",
    "EE123456789CN",
)
GOODS = Goods(
    outer_id="CUP-01",
    title="山茶花马克杯",
    sku_text="颜色:白",
    barcode="6901234567892",
    bin="A-01-2",
    count=2,
)
SLIP = PackingSlip(
    package_id="2345678901234567890-1",
    tid="2345678901234567890",
    waybill_code="78123456789012",
    goods=(GOODS,),
    printed_at=MOMENT,
    short_no="12",
    courier_name="中通快递",
    receiver_name="陈**",
    receiver_phone="*******1234",
    shop="云杉旗舰店",
    batch="20261111-103000",
)


def label(**changed: Any) -> Label:
    """The sample label with some fields changed."""
    return replace(LABEL, **changed)


def sizes_mm(path: Path) -> list[tuple[float, float]]:
    """Width and height of each page in millimetres."""
    with pypdfium2.PdfDocument(path) as document:
        return [tuple(round(points * 25.4 / 72, 3) for points in page.get_size()) for page in document]  # type: ignore[misc]


def texts(path: Path) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def printed(path: Path, dpi: int) -> list[Image.Image]:
    """Each page as a thermal printer sets it: dots, black or white."""
    with pypdfium2.PdfDocument(path) as document:
        pictures = [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    return [picture.point(lambda grey: 255 if grey > 127 else 0) for picture in pictures]


def scanned(path: Path, dpi: int) -> list[list[str]]:
    """The Code 128 numbers a scanner reads on each page, top to bottom."""
    pages = []
    for picture in printed(path, dpi):
        found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.Code128)
        pages.append([code.text for code in sorted(found, key=lambda code: code.position.top_left.y)])
    return pages


def boxes(path: Path) -> list[list[tuple[str, tuple[float, float, float, float]]]]:
    """Each page's visible characters with the ink's box (left, bottom, right, top) in points."""
    pages = []
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            text = page.get_textpage()
            marks = [(text.get_text_range(at, 1), text.get_charbox(at)) for at in range(text.count_chars())]
            pages.append([(mark, box) for mark, box in marks if mark.strip()])
    return pages


def overlapping(path: Path) -> list[tuple[str, str]]:
    """Pairs of characters printed over each other: sharing more of the smaller one's box than neighbours in a line (Vj) do."""
    found = []
    for page in boxes(path):
        ordered = sorted(page, key=lambda mark: mark[1][0])
        for at, (mark, box) in enumerate(ordered):
            for other, its in ordered[at + 1 :]:
                if its[0] >= box[2]:
                    break
                if _shared(box, its) > 0.3 * min(_area(box), _area(its)):
                    found.append((mark, other))
    return found


def _area(box: tuple[float, float, float, float]) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _shared(one: tuple[float, float, float, float], two: tuple[float, float, float, float]) -> float:
    return _area((max(one[0], two[0]), max(one[1], two[1]), min(one[2], two[2]), min(one[3], two[3])))


def ink_outside(path: Path) -> bool:
    """Whether anything is drawn beyond the edge of the paper."""
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            width, height = page.get_size()
            page.set_mediabox(-60, -60, width + 60, height + 60)
            page.set_cropbox(-60, -60, width + 60, height + 60)
            picture = page.render(scale=1).to_pil().convert("L")
            picture.paste(255, (60, 60, picture.width - 60, picture.height - 60))
            if picture.getextrema()[0] < 250:
                return True
    return False
