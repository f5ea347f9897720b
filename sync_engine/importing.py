"""Bringing a back-office export into the workbook: rows that are new are added, cells that differ are changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sync_engine.imports.read import read_export
from sync_engine.journal.journal import Journal
from sync_engine.plan.merge import merge_row
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit, SheetRow, WriteReport
from sync_engine.view import View
from workbook_templates.schema import Table, Value
from workbook_templates.tables import LINES, ORDERS

TABLE_OF: dict[str, Table] = {"orders": ORDERS, "lines": LINES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one file brought."""

    file: str
    kind: str
    rows: int
    new: int
    changed: int
    same: int
    skipped: int  # orders the gateway keeps true anyway
    problems: tuple[str, ...]
    pending: str = ""


def import_file(shop: Shop, path: Path) -> Imported:
    """Import one file. UserError where it is no export at all; rows that will not do are named and left out."""
    export = read_export(path, shop.lang)
    table = TABLE_OF[export.kind]
    view = View(shop.journal, shop.store.read(shop.journal.rows.digests()), "", shop.lang)
    rows = {str(row[table.key[0]]): row for row in export.rows}
    mine = _kept_by_gateway(shop.journal, table, rows)
    edits, same = _edits(table, view, {key: row for key, row in rows.items() if key not in mine}, shop)
    if edits:
        shop.backup("import")
    report = shop.store.write(edits, view.token) if edits else WriteReport()
    _settle(shop.journal, report)
    new = sum(edit.new for edit in edits)
    return Imported(
        file=path.name, kind=export.kind, rows=len(export.rows), new=new, changed=len(edits) - new, same=same,
        skipped=len(mine), problems=export.problems, pending=report.pending,
    )  # fmt: skip


def _kept_by_gateway(journal: Journal, table: Table, rows: Mapping[str, Mapping[str, Value]]) -> set[str]:
    """Rows of orders we know from the gateway: what it tells is newer and finer than any export."""
    known = journal.mirror.known_trades()
    return {key for key, row in rows.items() if str(row.get("tid") or "") in known} if known else set()


def _edits(
    table: Table, view: View, rows: Mapping[str, Mapping[str, Value]], shop: Shop
) -> tuple[list[RowEdit], int]:
    view.load(table.name, rows)
    edits: list[RowEdit] = []
    same = 0
    for key, row in rows.items():
        ours = {
            name: value for name, value in row.items() if table.has(name) and table.column(name).owner.ours
        }
        if table is ORDERS:
            ours["stage"] = "imported"
        sheet = view.cells(table.name, key)
        if sheet is not None:  # a row keeps the name of the file that first brought it
            ours.pop("source", None)
        edit = merge_row(table, key, ours, None, sheet, shop.lang).edit
        if edit is None:
            same += 1
        else:
            edits.append(edit)
    return edits, same


def _settle(journal: Journal, report: WriteReport) -> None:
    """What was written becomes the merge base; everything else is for the next tick to look at."""
    written: dict[str, list[SheetRow]] = {}
    for at in report.written:
        written.setdefault(at.table, []).append(at.row)
    with journal.transaction():
        for table, rows in written.items():
            journal.rows.put(table, rows)
