"""Bringing a back-office export into the workbook: rows that are new are added, cells that differ are changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sync_engine.alipay.files import is_bill
from sync_engine.alipay.importing import import_bill
from sync_engine.courier_bills.importing import import_courier_bill
from sync_engine.courier_bills.read import find_header
from sync_engine.errors import WorkbookError
from sync_engine.imported import Imported
from sync_engine.imports.grid import read_grids
from sync_engine.imports.read import Export, Row, read_exports
from sync_engine.journal.journal import Journal
from sync_engine.plan.merge import merge_row
from sync_engine.plan.words import say
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit, SheetRow, WriteReport
from sync_engine.todo import Todo
from sync_engine.view import View
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.tables import LINES, MATCHES, ORDERS, TODO

__all__ = ["Imported", "import_file"]

TABLE_OF: dict[str, Table] = {"orders": ORDERS, "lines": LINES}
IMPORTED = "imported"


@dataclass(slots=True)
class _Batch:
    """What is to be done with the rows of one export."""

    edits: list[RowEdit] = field(default_factory=list)
    put_back: list[Todo] = field(default_factory=list)
    same: int = 0
    skipped: int = 0


def import_file(shop: Shop, path: Path, cp_code: str = "", month: str = "") -> Imported:
    """Import one file. UserError where it is no export at all; rows that will not do are named and left out.

    A cell the file leaves blank though its column is there empties ours, where that is news (`ORDER_BLANKS`). Cells of
    staff are never touched; what was typed over cells of ours is put back and shown in 待处理. Alipay bills are told
    apart by how they begin, couriers' bills by their header.

    Args:
        cp_code: whose bill it is, for a courier's bill that does not say so.
        month: of which month a courier's bill is, where it does not say so.
    """
    if path.is_file() and is_bill(path):
        return import_bill(shop, path)
    grids = read_grids(path, shop.lang)
    if cp_code or find_header(grids):
        return import_courier_bill(shop, grids, path.name, cp_code, month)
    exports = read_exports(path, shop.lang, grids)
    view = View(shop.journal, shop.store.read(shop.journal.rows.digests()), "", shop.lang)
    for export in exports:
        _check_usable(view, TABLE_OF[export.kind], shop.lang)
    batches = [_planned(export, view, shop) for export in exports]
    edits = [edit for batch in batches for edit in batch.edits]
    if edits:
        shop.backup("import")
        shop.journal.writing.begin(view.attempts(edits))
    report = shop.store.write(edits, view.token) if edits else WriteReport()
    if not report.pending:
        _settle(shop, report, [todo for batch in batches for todo in batch.put_back])
    refused = {(refusal.table, refusal.key) for refusal in report.refused}
    written = [] if report.pending else [one for one in edits if (one.table, one.key) not in refused]
    new = sum(edit.new for edit in written)
    return Imported(
        file=path.name, kind="+".join(export.kind for export in exports),
        rows=sum(len(export.rows) for export in exports), new=new, changed=len(written) - new,
        same=sum(batch.same for batch in batches), skipped=sum(batch.skipped for batch in batches),
        problems=(*(text for export in exports for text in export.problems), *_refusals(report, shop.lang)),
        pending=_pending(report, shop.lang),
    )  # fmt: skip


def _check_usable(view: View, table: Table, lang: Lang) -> None:
    found = view.found[table.name]
    if not found.usable:
        why = "; ".join(f"{todo.reason}: {todo.advice}" for todo in found.todos[:1])
        raise WorkbookError(why or say(lang, f"“{table.zh}”不能用", f'"{table.en}" cannot be used'))


def _pending(report: WriteReport, lang: Lang) -> str:
    """An import is not kept for later: the file is still there, so it is simply done again."""
    again = say(
        lang, "这次没有导入,关闭工作簿后请再导入一次", "Nothing was imported: close it and import again"
    )
    return f"{report.pending} {again}" if report.pending else ""


def _refusals(report: WriteReport, lang: Lang) -> list[str]:
    rows = ", ".join(refusal.key for refusal in report.refused[:5])
    number = len(report.refused)
    zh = f"{number} 行没有写入(表里重复、正被改动或放不下):{rows};处理后请再导入一次"
    en = f"{number} rows were not written (doubled, being changed, or no room): {rows}; mend it and import again"
    return [say(lang, zh, en)] if number else []


def _kept_by_gateway(view: View, journal: Journal, rows: Mapping[str, Row]) -> set[str]:
    """Rows of orders we know from the gateway: what it tells is newer and finer than any export.

    After a loss of the journal it is the stage in the sheet that tells where an order came from.
    """
    tids = {str(row.get("tid") or "") for row in rows.values()}
    view.load(ORDERS.name, tids)
    known = {tid for tid in tids if _stage(view, tid) not in ("", IMPORTED)} | journal.mirror.known_trades()
    return {key for key, row in rows.items() if str(row.get("tid") or "") in known}


def _stage(view: View, tid: str) -> str:
    return str((view.cells(ORDERS.name, tid) or {}).get("stage") or "")


def _planned(export: Export, view: View, shop: Shop) -> _Batch:
    table = TABLE_OF[export.kind]
    rows = {str(row[table.key[0]]): row for row in export.rows}
    kept = _kept_by_gateway(view, shop.journal, rows)
    view.load(table.name, rows)
    batch = _Batch(skipped=len(kept))
    for key, row in rows.items():
        if key in kept:
            continue
        sheet, base = view.cells(table.name, key), view.merge_base(table.name, key)
        ours = _ours(table, row, view.found[table.name].missing, new=sheet is None)
        merged = merge_row(table, key, ours, base, sheet, shop.lang)
        batch.put_back.extend(merged.put_back)
        if merged.edit is None:
            batch.same += 1
        else:
            batch.edits.append(merged.edit)
    return batch


def _ours(table: Table, row: Row, missing: frozenset[str], *, new: bool) -> dict[str, Value]:
    """What our cells should show. A row keeps the name of the file that first brought it."""
    ours = {
        name: value
        for name, value in row.items()
        if table.has(name)
        and name not in missing
        and table.column(name).owner.ours
        and (value is not None if new else name != "source")
    }
    if table is ORDERS and "stage" not in missing:
        ours["stage"] = IMPORTED
    return ours


def _settle(shop: Shop, report: WriteReport, put_back: Sequence[Todo]) -> None:
    """What was written becomes the merge base; what was typed over is booked; the rest is for the next tick."""
    journal, written = shop.journal, dict[str, list[SheetRow]]()
    for at in report.written:
        written.setdefault(at.table, []).append(at.row)
    with journal.transaction():
        for table, rows in written.items():
            journal.rows.put(table, rows)
        if journal.bills.covered()[1]:
            journal.rows.mark({MATCHES.name: [row.key for row in written.get(ORDERS.name, ())]})
        journal.writing.end((refusal.table, refusal.key) for refusal in report.refused)
        changed, _ = journal.todos.settle([], put_back, shop.clock.now())
        journal.rows.mark({TODO.name: changed})
