"""Make a Google spreadsheet of a workbook file, whole, and check it cell by cell."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.workbook import Workbook

from sync_engine.errors import OutsideError
from sync_engine.stores.google.building import charts, rules, sheets
from sync_engine.stores.google.building.cells import Looks
from sync_engine.stores.google.building.units import Json
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.store import PAYLOAD
from workbook_templates.dashboard import MARK
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import TABLES

DRIVE_FILES = "https://www.googleapis.com/drive/v3/files"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new spreadsheet."""

    spreadsheet_id: str
    url: str
    cells: int


def make_spreadsheet(calls: Calls, path: Path, title: str, *, lang: Lang, drive_folder: str = "") -> Made:
    """Make a spreadsheet that is the workbook at `path`. What fails half-way is taken away again.

    Args:
        drive_folder: id of a folder, best in a Shared drive: a service account cannot own files.
    """
    book = open_book(path)
    spreadsheet_id = _create(calls, title, drive_folder)
    try:
        for body in sheets.chunks(list(requests_of(book, lang)), PAYLOAD):
            calls.batch_update(spreadsheet_id, {"requests": body})
    except OutsideError:
        _throw_away(calls, spreadsheet_id)
        raise
    url = f"https://docs.google.com/spreadsheets/d/{spreadsheet_id}"
    cells = sum(cell.value is not None for sheet in book for row in sheet.iter_rows() for cell in row)
    return Made(spreadsheet_id=spreadsheet_id, url=url, cells=cells)


def open_book(path: Path) -> Workbook:
    """The workbook as openpyxl reads it: formulas as formulas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it cannot keep matters only to who saves with it
        return openpyxl.load_workbook(path)


def _create(calls: Calls, title: str, drive_folder: str) -> str:
    body: Json = {"name": title, "mimeType": SPREADSHEET}
    if drive_folder:
        body["parents"] = [drive_folder]
    answer = calls.request("post", DRIVE_FILES, json=body, params={"supportsAllDrives": True})
    return str(answer.json()["id"])


def _throw_away(calls: Calls, spreadsheet_id: str) -> None:
    """Into the trash: in a Shared drive a content manager may not delete for good. What went wrong first is what is told."""
    with suppress(OutsideError):
        where = f"{DRIVE_FILES}/{spreadsheet_id}"
        calls.request("patch", where, json={"trashed": True}, params={"supportsAllDrives": True})


def requests_of(book: Workbook, lang: Lang) -> Iterator[Json]:
    """Everything a new spreadsheet needs to be this workbook."""
    locale = "zh_CN" if lang is Lang.ZH else "en_US"
    properties = {"locale": locale, "timeZone": "Asia/Shanghai"}
    yield {"updateSpreadsheetProperties": {"properties": properties, "fields": "locale,timeZone"}}
    yield from sheets.add_sheets(book)
    yield from sheets.name_ranges(book)
    ids, looks = sheets.sheet_ids(book), Looks()
    for name, sheet_id in ids.items():
        yield from sheets.fill_sheet(book[name], sheet_id, looks)
        yield from rules.sheet_rules(book[name], sheet_id, _table_of(name), lang)
        yield from charts.sheet_charts(book[name], ids)
    yield from sheets.add_tables(book)
    if MARK in book.defined_names:
        version = str(book.defined_names[MARK].attr_text).strip('"')
        yield {
            "createDeveloperMetadata": {
                "developerMetadata": {
                    "metadataKey": MARK, "metadataValue": version, "location": {"spreadsheet": True}, "visibility": "DOCUMENT",
                }
            }
        }  # fmt: skip


def _table_of(tab: str) -> Table | None:
    return next((table for table in TABLES if tab in (table.zh, table.en)), None)
