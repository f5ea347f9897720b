"""Bringing a courier's bill into 快递账单: rows that are new are added; what is there already changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync_engine.courier_bills.read import CourierFile, read_courier_bill
from sync_engine.errors import UserError
from sync_engine.imported import Imported
from sync_engine.imports.grid import Grid
from sync_engine.plan.courier_bills import CourierLine, line_from_row, line_row, without_row
from sync_engine.plan.merge import merge_row
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit, WriteReport
from sync_engine.view import View
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import COURIER_BILLS
from workbook_templates.words import say

Cells = Mapping[str, Value]


def import_courier_bill(
    shop: Shop, grids: Sequence[Grid], name: str, cp_code: str = "", month: str = ""
) -> Imported:
    """Import one courier's bill, whole or not at all. UserError in one sentence where it is refused.

    Args:
        grids: the file as read.
        cp_code: whose bill it is; "" for what the file says.
        month: of which month, as 2026-10; "" for what the file says.
    """
    view, lang = View(shop.journal, shop.store.read(shop.journal.rows.digests()), "", shop.lang), shop.lang
    if not view.found[COURIER_BILLS.name].usable:
        raise UserError(say(
            lang, f"“{COURIER_BILLS.zh}”表不能用,先处理“待处理”里的提示", f'"{COURIER_BILLS.en}" cannot be used: see the to-dos'
        ))  # fmt: skip
    bill = read_courier_bill(grids, name, lang, cp_code, month)
    lines = {line.key: line for line in bill.lines}
    view.load(COURIER_BILLS.name, lines)
    missing = view.found[COURIER_BILLS.name].missing
    edits: list[RowEdit] = []
    for key, line in lines.items():
        cells = view.cells(COURIER_BILLS.name, key)
        if cells is None:
            row = {column: value for column, value in line_row(line, name).items() if column not in missing}
            merged = merge_row(COURIER_BILLS, key, row, view.base(COURIER_BILLS.name, key), None, lang)
            edits += [merged.edit] if merged.edit else []
        else:
            _refuse_conflict(bill, line, cells, lang)
    if edits:
        shop.backup("import")
        shop.journal.writing.begin(view.attempts(edits))
    report = shop.store.write(edits, view.token) if edits else WriteReport()
    if not report.pending:
        _settle(shop, report)
    written = 0 if report.pending else len(edits) - len(report.refused)
    again = say(
        lang, "这次没有导入,关闭工作簿后请再导入一次", "Nothing was imported: close it and import again"
    )
    return Imported(
        file=name, kind="courier", rows=len(lines), new=written, changed=0, same=len(lines) - len(edits), skipped=0,
        problems=_refusals(report, lang), pending=f"{report.pending} {again}" if report.pending else "",
    )  # fmt: skip


def _refuse_conflict(bill: CourierFile, line: CourierLine, cells: Cells, lang: Lang) -> None:
    """A bill that was mended replaces nothing by itself: somebody has to take the first one back."""
    known = line_from_row(cells)
    if known is None or without_row(known) == without_row(line):
        return
    raise UserError(say(
        lang, f"{bill.name} 第 {line.row} 行(运单 {line.waybill_code})与“{COURIER_BILLS.zh}”里 {line.bill} 的不同:文件 {line.fee} 元 {line.weight_kg}kg,表里 {known.fee} 元 {known.weight_kg}kg;整个文件没有导入。快递公司改过账单的,先把这个账单的行删掉再导入",
        f'{bill.name} row {line.row} (waybill {line.waybill_code}) differs from {line.bill} in "{COURIER_BILLS.en}": the file says {line.fee} yuan, {line.weight_kg} kg, the sheet {known.fee} yuan, {known.weight_kg} kg; nothing of it was imported. If the courier mended its bill, delete its rows and import it again',
    ))  # fmt: skip


def _settle(shop: Shop, report: WriteReport) -> None:
    """What was written becomes the merge base; it is judged at the next tick."""
    journal, rows = shop.journal, [at.row for at in report.written]
    with journal.transaction():
        journal.rows.put(COURIER_BILLS.name, rows)
        journal.rows.mark({COURIER_BILLS.name: [row.key for row in rows]})
        journal.writing.end((refusal.table, refusal.key) for refusal in report.refused)


def _refusals(report: WriteReport, lang: Lang) -> tuple[str, ...]:
    if not report.refused:
        return ()
    rows, number = ", ".join(refusal.key for refusal in report.refused[:5]), len(report.refused)
    return (say(
        lang, f"{number} 行没有写入(表里重复、正被改动或放不下):{rows};处理后请再导入一次",
        f"{number} rows were not written (doubled, being changed, or no room): {rows}; mend it and import again",
    ),)  # fmt: skip
