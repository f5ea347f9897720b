"""Where a shop works: in a workbook file, or in a Google spreadsheet."""

from __future__ import annotations

from pathlib import Path

from sync_engine.config import Config
from sync_engine.stores.port import SheetStore
from sync_engine.stores.xlsx.store import XlsxStore


def open_store(config: Config, room: Path | None = None) -> SheetStore:
    """The store of a shop.

    Args:
        room: where what is remembered between ticks lies; the shop's own folder for it unless told otherwise.
    """
    if config.google.spreadsheet:
        from sync_engine.stores.google.opening import open_spreadsheet

        return open_spreadsheet(config.google, config.lang)
    return XlsxStore(config.workbook, room or config.room("journal"), lang=config.lang)
