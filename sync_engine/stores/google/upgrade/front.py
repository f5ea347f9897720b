"""Today's dashboard in a spreadsheet: the one there was stays, under another name at the end, and formulas follow it there."""

from __future__ import annotations

from collections.abc import Iterator

from sync_engine.stores.google.upgrade.look import Json, Spread
from sync_engine.stores.google.upgrade.parts import Spare, new_sheet
from sync_engine.stores.memory_cells import Formula
from sync_engine.stores.xlsx.upgrade.front import formulas_today, front_tabs, old_name, plain
from workbook_templates.dashboard import MARK, VERSION
from workbook_templates.schema import Lang


def front_is_old(spread: Spread, lang: Lang) -> bool:
    """Whether the dashboard is of an earlier version. One that somebody deleted is not asked for."""
    if not all(tab in spread.pages for tab in front_tabs(lang)):
        return False
    mark = spread.marks.get(MARK)
    if mark is not None:
        return mark.isdigit() and int(mark) < VERSION
    held = [_formulas(spread, tab) for tab in front_tabs(lang)]
    return all(held) and held != [set(part.values()) for part in formulas_today(lang)]


def _formulas(spread: Spread, tab: str) -> set[str]:
    return {plain(raw.text[1:]) for row in spread.pages[tab].cells for raw in row if isinstance(raw, Formula)}


def renewed(spread: Spread, spare: Spare, first_id: int) -> Iterator[Json]:
    """One batch: the old sheets get other names, the new ones are drawn, and the version is noted."""
    tabs, ids = front_tabs(spare.lang), dict(spread.ids)
    for tab in tabs:
        name = old_name(tab, spare.lang, spread.ids)
        told = {"sheetId": spread.ids[tab], "title": name, "index": len(spread.ids)}
        yield {"updateSheetProperties": {"properties": told, "fields": "title,index"}}
    ids |= {tab: first_id + n for n, tab in enumerate(tabs)}
    requests = [list(new_sheet(spare, tab, ids[tab], 0, ids)) for tab in tabs]
    for added, *_ in requests:  # both are there before a formula of one reads the other
        yield added
    place = list(spread.ids).index(tabs[0])
    yield {
        "updateSheetProperties": {"properties": {"sheetId": ids[tabs[0]], "index": place}, "fields": "index"}
    }
    end = {"sheetId": ids[tabs[1]], "index": len(spread.ids) + len(tabs)}
    yield {"updateSheetProperties": {"properties": end, "fields": "index"}}
    for _, *rest in requests:
        yield from rest
    yield marked(spread.marks)


def marked(marks: object = ()) -> Json:
    """The version of the dashboard, noted in the spreadsheet."""
    told: Json = {"metadataKey": MARK, "metadataValue": str(VERSION)}
    if isinstance(marks, dict) and MARK in marks:
        which = [{"developerMetadataLookup": {"metadataKey": MARK}}]
        return {
            "updateDeveloperMetadata": {
                "dataFilters": which,
                "developerMetadata": told,
                "fields": "metadataValue",
            }
        }
    made = {**told, "location": {"spreadsheet": True}, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": made}}


__all__ = ["front_is_old", "marked", "renewed"]
