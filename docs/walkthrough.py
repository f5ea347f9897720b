"""The pictures of the accountant's walk-through: a small month lived through in a real workbook, drawn by LibreOffice.

python -m docs.walkthrough          writes docs/pictures/books-*.png; needs soffice and pdftoppm
"""

from __future__ import annotations

import copy
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell import MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops, ImageOps

from bench.quarter import Live, costs
from bench.quarter_truth import MONTHS, quarter_of
from sync_engine.importing import import_file
from sync_engine.sandbox.alipay.account import of_month
from sync_engine.sandbox.alipay.files import Layout, bill_file
from workbook_templates.dashboard import PROFIT, TODOS
from workbook_templates.schema import Lang
from workbook_templates.tables import BY_NAME, DASHBOARD_SHEET

PICTURES = Path(__file__).parent / "pictures"
ORDERS = 90
DPI = 110
LAST_WIDTH = 60
"""The last column of a picture is so wide: what stands in it does not run out of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: some columns and rows of a sheet, as they stood at a moment."""

    name: str
    moment: str
    sheet: str
    columns: Sequence[str] = ()  # of a declared table; empty: the sheet as it is, `letters` wide
    rows: Callable[[Worksheet], Sequence[int]]


def _head(number: int) -> Callable[[Worksheet], Sequence[int]]:
    return lambda sheet: range(1, min(number, sheet.max_row) + 1)


def _mixed(sheet: Worksheet) -> Sequence[int]:
    """The first orders of 对账, and its rows of transfers and of the account's month."""
    others = [n for n in range(2, sheet.max_row + 1) if "/" in str(sheet.cell(n, 1).value or "")]
    return [*range(1, 9), *others]


def _of_an_order(sheet: Worksheet) -> Sequence[int]:
    """The opening voucher, and everything of the order with the most rows."""
    heads = {str(sheet.cell(1, n).value): n for n in range(1, sheet.max_column + 1)}
    tids = [sheet.cell(n, heads["订单编号"]).value for n in range(1, sheet.max_row + 1)]
    chosen = max((tid for tid in set(tids[1:]) if tid), key=tids.count)
    return [*range(1, 5), *(n for n, tid in enumerate(tids, 1) if tid == chosen)]


SHOTS = (
    Shot(name="bill", moment="refused", sheet="支付宝账单", rows=_head(13),
         columns=("log_id", "at", "income", "outgo", "balance", "item", "tid", "item_wanted", "remark")),
    Shot(name="refused", moment="refused", sheet="会计期间", rows=_head(3), columns=("period", "state", "wanted", "vouchers", "debit", "credit", "checklist")),
    Shot(name="matches", moment="closed", sheet="对账", rows=_mixed,
         columns=("match_id", "list", "state", "due", "refundable", "received", "refunded", "difference", "fees", "why")),
    Shot(name="vouchers", moment="closed", sheet="凭证", rows=_of_an_order, columns=("voucher", "line", "on", "memo", "account", "account_name", "debit", "credit", "kind", "ref")),
    Shot(name="closed", moment="closed", sheet="会计期间", rows=_head(3), columns=("period", "state", "wanted", "vouchers", "debit", "credit", "closed_at", "seal", "trail")),
    Shot(name="income", moment="closed", sheet="利润表", rows=lambda sheet: range(1, 38)),
)  # fmt: skip


def live(folder: Path) -> dict[str, Path]:
    """October: the bill comes, closing is refused because of one row, and then done. The workbook at both moments."""
    quarter = quarter_of(ORDERS)
    shop, (start, ends) = Live(folder, quarter), MONTHS[:2]
    shop.sync()
    shop.type("products", **costs(shop))
    shop.sync()
    shop.until(ends)  # what happens in November is not told any more
    shop.world.clock.sleep(10 * 3600)
    shop.sync()
    bill = folder / "20887654321_202610_账务明细.zip"
    bill.write_bytes(bill_file(of_month(quarter.entries, start, ends), start, ends, Layout(columns=16)))
    import_file(shop.shop, bill)
    shop.sync()
    key = sorted(shop.journal.rows.keys("bills"))[5]
    shop.type("bills", **{key: {"item_wanted": "unclassified"}})
    shop.type("periods", **{"202610": {"wanted": "closed"}})
    shop.sync()
    moments = {"refused": folder / "refused.xlsx", "closed": folder / "closed.xlsx"}
    shutil.copy(shop.path, moments["refused"])
    shop.type("bills", **{key: {"item_wanted": None}})
    shop.sync()
    shutil.copy(shop.path, moments["closed"])
    shop.journal.close()
    return moments


def office(folder: Path, kind: str, path: Path) -> Path:
    """Have LibreOffice work out and save a workbook as another kind of file."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        kind,
        "--outdir",
        str(folder / kind),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return folder / kind / f"{path.stem}.{kind}"


def album(books: dict[str, Path], path: Path) -> None:
    """A workbook with a sheet for each picture, one page each."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    open_books = {name: openpyxl.load_workbook(book, data_only=True) for name, book in books.items()}
    for shot in SHOTS:
        source, sheet = open_books[shot.moment][shot.sheet], made.create_sheet(shot.name)
        table = next((one for one in BY_NAME.values() if one.sheet(Lang.ZH) == shot.sheet), None)
        heads = {str(source.cell(1, n).value): n for n in range(1, source.max_column + 1)}
        wide = (
            [heads[table.column(name).zh] for name in shot.columns]
            if table
            else list(range(1, source.max_column + 1))
        )
        _copy(source, sheet, list(shot.rows(source)), wide, declared=table is not None)
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape" if table else "portrait", 8
        sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    made.save(path)


def _copy(
    source: Worksheet, sheet: Worksheet, rows: Sequence[int], columns: Sequence[int], *, declared: bool
) -> None:
    sheet.sheet_view.showGridLines = False
    for x, column in enumerate(columns, 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[get_column_letter(x)].width = source.column_dimensions[letter].width or 10
        if declared and x == len(columns):
            sheet.column_dimensions[get_column_letter(x)].width = LAST_WIDTH
        blank = next((one for one in source[letter][1:] if one.has_style), None) if declared else None
        for y, row in enumerate(rows, 1):
            old, new = source.cell(row, column), sheet.cell(y, x)
            new.value = old.value if not isinstance(old, MergedCell) else None
            for look in ("font", "fill", "border", "alignment", "number_format"):
                setattr(new, look, copy.copy(getattr(old if old.has_style or blank is None else blank, look)))
    for y, row in enumerate(rows, 1):
        sheet.row_dimensions[y].height = source.row_dimensions[row].height
    if list(columns) == list(range(1, len(columns) + 1)):
        for merged in source.merged_cells.ranges:
            if merged.max_row <= len(rows):
                sheet.merge_cells(merged.coord)


def pages(pdf: Path, first: int, last: int, folder: Path, dpi: int = DPI) -> list[Path]:
    """Pages of a PDF as pictures."""
    subprocess.run(
        [
            "pdftoppm",
            "-png",
            "-r",
            str(dpi),
            "-f",
            str(first),
            "-l",
            str(last),
            str(pdf),
            str(folder / pdf.stem),
        ],
        check=True,
    )
    return sorted(folder.glob(f"{pdf.stem}-*.png"))


def trimmed(path: Path, out: Path, box: tuple[float, float] | None = None) -> None:
    """Without its white margins; `box` cuts out a part of the height."""
    picture = Image.open(path).convert("RGB")
    edge = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    picture = picture.crop(edge) if edge else picture
    if box:
        picture = picture.crop((0, int(picture.height * box[0]), picture.width, int(picture.height * box[1])))
    ImageOps.expand(picture, 10, "white").quantize(64).save(out, optimize=True)


def where_profit_stands(path: Path) -> tuple[float, float]:
    """The part of the dashboard's height that profit takes."""
    sheet = openpyxl.load_workbook(path)[DASHBOARD_SHEET[Lang.ZH]]
    heights = [sheet.row_dimensions[row].height or 15 for row in range(1, sheet.max_row + 1)]
    return (sum(heights[:PROFIT]) - 6) / sum(heights), sum(heights[: TODOS - 1]) / sum(heights)


def main() -> None:
    """Make them all."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        moments = live(folder)
        solved = {**moments, "closed": office(folder, "xlsx", moments["closed"])}
        album(solved, folder / "album.xlsx")
        found = pages(office(folder, "pdf", folder / "album.xlsx"), 1, len(SHOTS), folder)
        for shot, page in zip(SHOTS, found, strict=True):
            trimmed(page, PICTURES / f"books-{shot.name}.png")
        (page,) = pages(office(folder, "pdf", moments["closed"]), 1, 1, folder, 2 * DPI)
        trimmed(page, PICTURES / "books-dashboard.png", where_profit_stands(moments["closed"]))


if __name__ == "__main__":
    main()
