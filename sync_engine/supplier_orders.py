"""Purchase orders for suppliers: gathered from the sheet when somebody asks, written as Excel and PDF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from sync_engine.clock import Clock
from sync_engine.config import Config
from sync_engine.errors import BusyError
from sync_engine.labels.purchase_order import render_purchase_order
from sync_engine.plan.desk import Obeyed
from sync_engine.plan.supplier_order import SupplierOrder, gather_orders
from sync_engine.plan.words import say
from sync_engine.state import TickState
from workbook_templates.book import cell_text
from workbook_templates.tables import PRODUCTS, PURCHASES, SUPPLIERS

FOLDER = "purchases"
COMMAND = "purchase_orders"


def make_orders(state: TickState) -> None:
    """Make the files this tick was asked for, of lines in the sheet and of those it opened itself; say what was wrong."""
    wanted, lang, journal = state.request.purchase_orders, state.shop.lang, state.shop.journal
    if not wanted:
        return
    orders = _orders(state)
    trouble = ""
    if not orders:
        named = "、".join(filter(None, sorted(wanted)))
        trouble = say(
            lang, f"没有这样的采购单:{named}" if named else "今天还没开采购单",
            f"There is no purchase order {named}" if named else "No purchase order was opened today",
        )  # fmt: skip
    try:
        state.shop.print_orders(orders)
    except BusyError as error:
        trouble = str(error)
    if trouble:
        state.done.troubles.append(trouble)
        if COMMAND in state.orders.given:
            with journal.transaction():
                told = Obeyed(seen_go=True, answer=trouble, answered_at=state.now).text()
                journal.set_meta(f"command:{COMMAND}", told)


def _orders(state: TickState) -> tuple[SupplierOrder, ...]:
    skus = state.shop.journal.mirror.skus()
    titles = {
        skus[key].stock_code: " ".join(str(cells.get(name) or "") for name in ("title", "sku_text")).strip()
        for key, cells in state.view.all(PRODUCTS.name).items()
        if key in skus
    }
    contacts = {
        str(cells.get("name") or ""): str(cells.get("contact") or "")
        for cells in state.view.all(SUPPLIERS.name).values()
    }
    rows = {**state.view.all(PURCHASES.name), **{one.key: one.cells for one in state.bought.opened}}
    return gather_orders(rows, titles, contacts, state.request.purchase_orders, f"{state.now:%Y%m%d}")


class OrderPrinter:
    """Writes an order's two files into the shop's folder."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock

    def __call__(self, orders: Sequence[SupplierOrder]) -> None:
        """Write purchases/ORDER.xlsx and .pdf; a file appears whole or not at all. BusyError if one is open elsewhere."""
        room = self._config.room(FOLDER)
        for order in orders:
            name = re.sub(r'[\\/:*?"<>|\s]+', "-", order.order_id).strip(".-") or "order"
            self._excel(order, room / f"{name}.xlsx")
            draft = room / f".{name}.pdf.tmp"
            render_purchase_order(order, self._config.shop, self._clock.now(), draft, self._config.lang)
            _replace(draft, room / f"{name}.pdf", self._config)

    def _excel(self, order: SupplierOrder, path: Path) -> None:
        lang, draft = self._config.lang, path.with_name(f".{path.name}.tmp")
        book = xlsxwriter.Workbook(draft)
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        day, text = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(say(lang, "采购单", "Purchase order"))
        sheet.write_string(0, 0, cell_text(f"{say(lang, '采购单', 'Purchase order')} {order.order_id}"), bold)
        sheet.write_string(
            1, 0, cell_text(f"{say(lang, '供应商', 'Supplier')}: {order.supplier} {order.contact}".strip())
        )
        sheet.write_string(
            2,
            0,
            cell_text(f"{say(lang, '订货', 'Ordered by')}: {self._config.shop} {self._clock.now():%Y-%m-%d}"),
        )
        heads = say(
            lang, "商家编码,商品,数量,单价,金额,到货日期,备注", "Code,Goods,Pieces,Price,Amount,Due,Note"
        ).split(",")
        for column, head in enumerate(heads):
            sheet.write_string(4, column, head, bold)
        for row, line in enumerate(order.lines, 5):
            sheet.write_string(row, 0, cell_text(line.code), text)
            sheet.write_string(row, 1, cell_text(line.title))
            sheet.write_number(row, 2, line.pieces)
            if line.price is not None and line.amount is not None:
                sheet.write(row, 3, line.price, money)
                sheet.write_formula(row, 4, f"=ROUND(C{row + 1}*D{row + 1},2)", money, line.amount)
            if line.due is not None:
                sheet.write_datetime(row, 5, line.due.replace(tzinfo=None), day)
            sheet.write_string(row, 6, cell_text(line.note))
        last = 5 + len(order.lines)
        sheet.write_string(last, 0, say(lang, "合计", "Total"), bold)
        sheet.write_formula(last, 2, f"=SUM(C6:C{last})", bold, order.pieces)
        if order.amount is not None:
            sheet.write_formula(last, 4, f"=SUM(E6:E{last})", money, order.amount)
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 40)
        sheet.set_column(2, 6, 12)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        book.close()
        _replace(draft, path, self._config)


def _replace(draft: Path, path: Path, config: Config) -> None:
    try:
        draft.replace(path)
    except PermissionError as error:
        draft.unlink(missing_ok=True)
        raise BusyError(
            say(config.lang, f"{path.name} 正被别的程序打开:请关闭后再执行一次", f"{path.name} is open elsewhere: close it and run this again")
        ) from error  # fmt: skip
