"""The pictures of the accountant's walk-through: a small month lived through in a real workbook, drawn by LibreOffice.

python -m docs.walkthrough          writes docs/pictures/books-*.png; needs soffice and pdftoppm
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from bench.quarter import Live, costs
from bench.quarter_truth import MONTHS, quarter_of
from docs.albums import DPI, PICTURES, Shot, album, office, pages, trimmed
from sync_engine.importing import import_file
from sync_engine.sandbox.alipay.account import of_month
from sync_engine.sandbox.alipay.files import Layout, bill_file
from workbook_templates.dashboard import PROFIT, TODOS
from workbook_templates.schema import Lang
from workbook_templates.tables import DASHBOARD_SHEET

ORDERS = 90


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
        album(SHOTS, solved, folder / "album.xlsx")
        found = pages(office(folder, "pdf", folder / "album.xlsx"), 1, len(SHOTS), folder)
        for shot, page in zip(SHOTS, found, strict=True):
            trimmed(page, PICTURES / f"books-{shot.name}.png")
        (page,) = pages(office(folder, "pdf", moments["closed"]), 1, 1, folder, 2 * DPI)
        trimmed(page, PICTURES / "books-dashboard.png", where_profit_stands(moments["closed"]))


if __name__ == "__main__":
    main()
