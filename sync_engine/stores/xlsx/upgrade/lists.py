"""Drop-down lists on the hidden sheet: what a name of one offers."""

from __future__ import annotations

import re

from sync_engine.stores.xlsx.cells import SharedText, read_raw
from sync_engine.stores.xlsx.loaded import Loaded
from sync_engine.stores.xlsx.sheet import cells_of, split_rows
from sync_engine.stores.xlsx.upgrade.spare import Spare

LIST_NAME = re.compile(r"\bbm_list_(\d+)\b")


def labels_of(loaded: Loaded, name: str) -> list[str]:
    """What a list of the workbook offers; nothing for a name that is not one of ours."""
    if not LIST_NAME.fullmatch(name) or name not in loaded.book.names:
        return []
    tab, _, column = loaded.book.names[name]
    if tab not in loaded.book.sheets:
        return []
    return _column(loaded.package.read(loaded.book.sheets[tab]), loaded.shared, column)


def spare_labels(spare: Spare, name: str) -> list[str]:
    """What a list of the spare parts offers."""
    tab, _, column = spare.book.names[name]
    shared = SharedText(spare.package.read(spare.book.shared_part))
    return _column(spare.package.read(spare.book.sheets[tab]), shared, column)


def _column(part: bytes, shared: SharedText, column: int) -> list[str]:
    found = []
    body = part[part.find(b">", part.find(b"<sheetData")) + 1 : part.rfind(b"</sheetData>")]
    for chunk in split_rows(body):
        for cell in cells_of(chunk.data):
            if cell.column == column and cell.inner:
                found.append(read_raw(cell.kind, cell.inner, shared).text)
    return found


__all__ = ["LIST_NAME", "labels_of", "spare_labels"]
