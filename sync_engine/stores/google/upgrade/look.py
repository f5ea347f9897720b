"""A spreadsheet as an upgrade looks at it, and what it lacks of what is declared today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync_engine.stores.google import wire
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.grid.image import Image, Readings, find_tab, image_of
from sync_engine.stores.grid.port import Contents, Page
from sync_engine.stores.lacking_words import Wanting, headers, no_key, no_room, to_add
from sync_engine.stores.memory_cells import shown
from workbook_templates.schema import Column, Lang, Table
from workbook_templates.statements import SHEETS
from workbook_templates.tables import TABLES
from workbook_templates.words import say

Json = dict[str, Any]
_FIELDS = (
    "namedRanges(namedRangeId,name,range),developerMetadata(metadataKey,metadataValue),sheets(properties(sheetId,title,"
    "gridProperties(rowCount,columnCount)),tables,conditionalFormats,data(startRow,startColumn,rowData(values(userEnteredValue))))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The spreadsheet at one moment."""

    contents: Contents
    pages: Mapping[str, Page]
    ids: Mapping[str, int]
    columns: Mapping[str, int]  # how many each tab has
    lists: Mapping[str, Sequence[Json]]  # table objects by tab
    colours: Mapping[str, Sequence[Json]]  # conditional formats by tab
    named: Mapping[str, Json]
    marks: Mapping[str, str]  # developer metadata by key

    def free_id(self, more: int = 0) -> int:
        """An id that no tab has."""
        return max(self.ids.values(), default=0) + 1 + more


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider:
    """Columns a table gets at its right end."""

    image: Image
    columns: tuple[Column, ...]
    first: int  # column number of the first one
    taken_in: tuple[str, ...] = ()  # headers of people's own columns between, which become part of the table

    @property
    def table(self) -> Table:
        """What is declared."""
        return self.image.sheet.table


@dataclass(slots=True, kw_only=True)
class Lacks:
    """What is to be added, and a sentence for everything that cannot be."""

    lang: Lang  # of the spreadsheet
    tables: list[Table] = field(default_factory=list)
    wider: list[Wider] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    images: dict[str, Image] = field(default_factory=dict)

    def sentences(self, lang: Lang) -> list[str]:
        """What would be added, a line each."""
        tabs = [table.sheet(self.lang) for table in self.tables] + self.statements
        wanting = [
            Wanting(
                sheet=one.table.sheet(self.lang),
                headers=headers(one.columns, self.lang),
                place=wire.letters(one.first),
                own=one.taken_in,
            )
            for one in self.wider
        ]
        return to_add(tabs, wanting, lang)


def look_at(calls: Calls, spreadsheet_id: str) -> Spread:
    """Read all of it, in one call."""
    answer: Mapping[str, Any] = calls.spreadsheets_get(spreadsheet_id, {"fields": _FIELDS})
    sheets = {sheet["properties"]["title"]: sheet for sheet in answer.get("sheets", ())}
    return Spread(
        contents=wire.contents_of(answer),
        pages={tab: wire.page_of(sheet) for tab, sheet in sheets.items()},
        ids=wire.sheet_ids(answer),
        columns={tab: s["properties"]["gridProperties"]["columnCount"] for tab, s in sheets.items()},
        lists={tab: sheet.get("tables", ()) for tab, sheet in sheets.items()},
        colours={tab: sheet.get("conditionalFormats", ()) for tab, sheet in sheets.items()},
        named={one["name"]: one for one in answer.get("namedRanges", ())},
        marks={
            one["metadataKey"]: one.get("metadataValue", "") for one in answer.get("developerMetadata", ())
        },
    )


def lacking_of(spread: Spread, lang: Lang) -> Lacks:
    """Compare it with the declarations. Sentences are in `lang`."""
    tabs = spread.contents.tabs
    english = sum(table.en in tabs for table in TABLES) > sum(table.zh in tabs for table in TABLES)
    found = Lacks(lang=Lang.EN if english else Lang.ZH)
    for table in TABLES:
        tab = find_tab(spread.contents, table)
        if tab is None:
            found.tables.append(table)
            continue
        image = image_of(table, spread.pages[tab], spread.contents, found.lang, Readings())
        found.images[table.name] = image
        _compare(spread, image, found, lang)
    for names in SHEETS.values():
        if not any(name in tabs for name in names.values()):
            found.statements.append(names[found.lang])
    return found


def _compare(spread: Spread, image: Image, found: Lacks, lang: Lang) -> None:
    table, tab = image.sheet.table, image.tab
    if not image.sheet.usable:
        found.blocked.append(no_key(tab, lang))
        return
    missing = tuple(column for column in table.columns if column.name not in image.sheet.columns)
    if not missing:
        return
    place = _place(spread, image, len(missing))
    if isinstance(place, int):
        letter = wire.letters(place)
        beside = say(
            lang,
            f"{letter} 列右边挨着有别的内容",
            f"something else stands right beside it, from column {letter} on",
        )
        found.blocked.append(no_room(tab, headers(missing, found.lang), beside, lang))
    else:
        found.wider.append(Wider(image=image, columns=missing, first=place[0], taken_in=place[1]))


def list_of(spread: Spread, image: Image) -> Json | None:
    """The table object over a table's rows."""
    for one in spread.lists[image.tab]:
        if one["range"].get("startRowIndex", 0) == image.header_row - 1:
            return one
    return None


def _place(spread: Spread, image: Image, count: int) -> tuple[int, tuple[str, ...]] | int:
    """(first column, headers of people's own columns before it), or the column where something is in the way."""
    page, held = spread.pages[image.tab], list_of(spread, image)
    full = {at for row in page.cells for at, raw in enumerate(row, start=1) if raw not in (None, "")}
    if held is None:
        return max(full | {at + 1 for at in image.sheet.columns.values()}) + 1, ()
    edge = int(held["range"]["endColumnIndex"])
    header = page.cells[image.header_row - 1] if image.header_row <= len(page.cells) else []
    heads = {at: shown(raw).strip() for at, raw in enumerate(header, start=1)}
    names = {text.casefold() for at, text in heads.items() if at <= edge}
    others = {
        at + 1 for one in spread.lists[image.tab] if one is not held
        for at in range(one["range"].get("startColumnIndex", 0), one["range"]["endColumnIndex"])
    }  # fmt: skip
    taken: list[str] = []
    at = edge + 1
    while any(column in full or column in others for column in range(at, at + count)):
        head = heads.get(at, "")
        if at in others or not head or "\n" in head or head.casefold() in names:
            return at
        names.add(head.casefold())
        taken.append(head)
        at += 1
    return at, tuple(taken)


__all__ = ["Json", "Lacks", "Spread", "Wider", "lacking_of", "list_of", "look_at"]
