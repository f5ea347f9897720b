"""The pictures of two hours in the life of a warehouse, and the check that the story says what happened.

python -m docs.warehouse_story          writes docs/pictures/desk-*.png; needs soffice and pdftoppm
python -m docs.warehouse_story --check  lives through it and checks the text, draws nothing

Everything the page quotes (`so`, after >, and in lines set in by four) must stand in a cell, a paper or a history of this run.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from docs.albums import PICTURES, Shot, album, office, pages, trimmed
from docs.warehouse_morning import WAVES, Morning, live
from sync_engine.trail import Event

PAGE = Path(__file__).parent / "warehouse-story.zh-CN.md"
QUOTED = re.compile(r"`([^`\n]+)`|^ *> (.+)$|^ {4}(.+)$", re.M)
TYPED = ("biaomao ", "python ", "docs/")
"""What a quotation begins with that people type."""
PAPER_DPI = 90


def of(head: str, *parts: str) -> Callable[[Worksheet], Sequence[int]]:
    """The headings, and the rows whose cell below `head` holds one of these, in this order."""

    def rows(sheet: Worksheet) -> Sequence[int]:
        heads = {str(sheet.cell(1, n).value): n for n in range(1, sheet.max_column + 1)}
        shown = [(n, str(sheet.cell(n, heads[head]).value or "")) for n in range(2, sheet.max_row + 1)]
        return [1, *(n for part in parts for n, text in shown if part in text)]

    return rows


def shots(shop: Morning) -> tuple[Shot, ...]:
    """What is pictured."""
    tid = shop.tids
    night = [name for name in tid if name not in ("stuck", "back", "arrived")]
    parcels = [tid[name] for name in ("pair one", "pair two", "split", "gift", "express", "plain", "medium")]
    scans = [tid[name] for name in ("mixed up", "two pieces", "last moment", "plain", "gift", "pair one")]
    codes = [str(row["运单号"]) for one in scans for row in shop.rows("运单", 订单编号=one)[:1]]
    return (
        Shot(name="audit", moment="eight", sheet="订单", columns=("tid", "stage", "audit", "pay_time", "goods", "paid_amount", "audit_why"),
             rows=of("订单编号", *(tid[name] for name in night))),
        Shot(name="parcels", moment="eight", sheet="运单", columns=("package_id", "waybill_code", "cp_code", "part", "goods", "freight", "courier_why"),
             rows=of("订单编号", *parcels), last=74),
        Shot(name="waves", moment="waves", sheet="波次", columns=("wave_id", "kind", "progress", "picker", "courier", "parcel_count", "kinds", "pieces", "weight_kg", "print_log"),
             rows=of("波次", WAVES), last=26),
        Shot(name="checks", moment="alarms", sheet="验货", columns=("check_id", "result", "waybill", "scan1", "scan2", "scan3", "weight", "packer", "told"),
             rows=of("运单号", *codes), last=64),
        Shot(name="stopped", moment="stopped", sheet="售后", columns=("refund_id", "status", "kind", "tid", "fee", "parcel", "stock", "money"),
             rows=of("订单编号", tid["last moment"], tid["gone"]), last=32),
        Shot(name="own", moment="own", sheet="手工订单", columns=("own_id", "state", "receiver", "phone", "address", "goods", "amount", "ready", "sure", "order", "problem"),
             rows=of("行号", "O"), last=32),
        Shot(name="returns", moment="returned", sheet="退货登记", columns=("return_id", "scan", "good", "defective", "state", "goods", "order", "problem"),
             rows=of("登记号", "R")),
        Shot(name="todo", moment="ten", sheet="待处理", columns=("state", "severity", "sheet", "row_key", "since", "reason", "advice"),
             rows=of("状态", "待处理"), last=50),
    )  # fmt: skip


def papers(shop: Morning, folder: Path) -> None:
    """The wave of mixed parcels as it lies on the table: the pick list beside its labels."""
    (wave,) = [row for row in shop.rows("波次", 类型="多品") if str(row["波次"]).startswith(WAVES)]
    pdf = shop.config.room("waves") / f"{wave['波次']}.pdf"
    first, *rest = pages(pdf, 1, 1 + int(wave["包裹数"]), folder, PAPER_DPI)
    sheets = []
    for page in (first, *rest):
        trimmed(page, folder / f"paper-{page.name}")  # the pick list's foot is cut off below the labels
        sheets.append(Image.open(folder / f"paper-{page.name}").convert("RGB"))
    size = sum(one.width for one in sheets), max(one.height for one in sheets[1:])
    made = Image.new("RGB", size, "white")
    left = 0
    for one in sheets:
        made.paste(one, (left, 0))
        left += one.width
    made.quantize(32).save(PICTURES / "desk-papers.png", optimize=True)


def told_lines(events: Sequence[Event]) -> list[str]:
    """A history as `biaomao history` shows it, one line each."""
    return [f"{one.at:%H:%M} {one.who} {one.where} {one.what}" for one in events]


def untrue(shop: Morning) -> list[str]:
    """What the page quotes and nothing of the run shows."""
    known = [*told_lines(shop.history)]
    for path in shop.moments.values():
        book = openpyxl.load_workbook(path, read_only=True)
        for sheet in book:
            sheet.reset_dimensions()
            known += [
                str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
            ]
        book.close()
    for pdf in shop.config.room("waves").glob("*.pdf"):
        done = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True)
        known.append(done.stdout.decode())
    pool = "\n".join(known)
    quoted = ["".join(found) for found in QUOTED.findall(PAGE.read_text("utf-8"))]
    assert len(quoted) > 50, quoted
    return [text for text in quoted if not text.startswith(TYPED) and text not in pool]


def main() -> None:
    """Live, check, draw."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shop = live(folder)
        wrong = untrue(shop)
        if wrong:
            raise SystemExit("the story says what did not happen:\n" + "\n".join(wrong))
        if "--check" in sys.argv[1:]:
            return
        wanted = shots(shop)
        album(wanted, shop.moments, folder / "album.xlsx")
        found = pages(office(folder, "pdf", folder / "album.xlsx"), 1, len(wanted), folder)
        for shot, page in zip(wanted, found, strict=True):
            trimmed(page, PICTURES / f"desk-{shot.name}.png")
        papers(shop, folder)


if __name__ == "__main__":
    main()
