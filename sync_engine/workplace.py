"""Where a shop works: in a workbook file, through a program that has it open, or in a Google spreadsheet."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from sync_engine.config import Config
from sync_engine.stores.choosing import LiveOrFile, OpenWorkbook
from sync_engine.stores.port import SheetStore
from sync_engine.stores.xlsx.locks import open_elsewhere
from sync_engine.stores.xlsx.store import XlsxStore

EXCEL_SYSTEMS = ("win32", "darwin")
"""Where Excel runs. Elsewhere nobody looks for it, and xlwings, which takes a moment to load, stays unloaded."""


def open_store(config: Config, room: Path | None = None) -> SheetStore:
    """The store of a shop.

    Args:
        room: where what is remembered between ticks lies; the shop's own folder for it unless told otherwise.
    """
    if config.google.spreadsheet:
        from sync_engine.stores.google.opening import open_spreadsheet

        return open_spreadsheet(config.google, config.lang)
    file = XlsxStore(config.workbook, room or config.room("journal"), lang=config.lang)
    return LiveOrFile(
        config.workbook, file, partial(_held, config), (_in_libreoffice, _in_excel), lang=config.lang
    )


def _held(config: Config) -> bool:
    return bool(open_elsewhere(config.workbook, config.lang))


def _in_libreoffice(workbook: Path) -> OpenWorkbook | None:
    from sync_engine.stores.libreoffice.grid import find_open

    return find_open(workbook.resolve())


def _in_excel(workbook: Path) -> OpenWorkbook | None:
    if sys.platform not in EXCEL_SYSTEMS:
        return None
    from sync_engine.stores.excel.grid import find_open

    return find_open(workbook.resolve())
