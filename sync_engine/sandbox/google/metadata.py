"""Developer metadata, and the data filters that find ranges by it."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox.google.book import Book
from sync_engine.sandbox.google.grid import Grid, from_json
from sync_engine.sandbox.google.mask import update
from sync_engine.sandbox.google.refusal import Json, Refusal, bad
from sync_engine.sandbox.google.sheet_requests import needed_mask, on_sheet
from sync_engine.sandbox.google.work import Work

QUOTA = 30_000
"""Characters of keys and values: for the spreadsheet itself, and for each sheet (Google's guide)."""


def create(work: Work, asked: Json) -> Json:
    """createDeveloperMetadata."""
    told = asked.get("developerMetadata") or {}
    if not told.get("metadataKey"):
        raise bad("Invalid value: metadataKey must be given")
    if told.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise bad("Invalid value: visibility must be DOCUMENT or PROJECT")
    number = int(told.get("metadataId") or 0)
    if number and number in work.book.metadata:
        raise bad(f"Invalid value: metadata with id {number} already exists")
    while not number or number in work.book.metadata:
        number = work.rng.randrange(1, 2**31 - 1)
    made = {
        "metadataId": number,
        "metadataKey": told["metadataKey"],
        "location": location(work.book, told.get("location") or {}),
        "visibility": told["visibility"],
    }
    if told.get("metadataValue"):
        made["metadataValue"] = told["metadataValue"]
    work.book.metadata[number] = made
    _check_quota(work.book, on_sheet(made))
    return {"createDeveloperMetadata": {"developerMetadata": shown(made)}}


def location(book: Book, told: Json) -> Json:
    """A whole location: one of the spreadsheet, a sheet, one row or one column."""
    if told.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if span := told.get("dimensionRange"):
        if span.get("dimension") not in ("ROWS", "COLUMNS"):
            raise bad("Invalid value: a dimension must be ROWS or COLUMNS")
        sheet = book.sheet(int(span.get("sheetId") or 0))
        start, end = int(span.get("startIndex") or 0), int(span.get("endIndex") or 0)
        if end - start != 1:
            raise bad("Invalid value: metadata can be on one row or column only")
        if not 0 <= start < sheet.size[0 if span["dimension"] == "ROWS" else 1]:
            raise bad("Invalid value: the location lies outside of the grid")
        whole = {"sheetId": sheet.id, "dimension": span["dimension"], "startIndex": start, "endIndex": end}
        return {"locationType": span["dimension"].rstrip("S"), "dimensionRange": whole}
    if "sheetId" in told:
        return {"locationType": "SHEET", "sheetId": book.sheet(int(told["sheetId"])).id}
    raise bad("Invalid value: a location must be given")


def shown(metadata: Json) -> Json:
    """Metadata as it is answered: sheetId 0 is left out of a row's place."""
    place = metadata["location"]
    span = place.get("dimensionRange")
    if span and not span["sheetId"]:
        short = {name: value for name, value in span.items() if name != "sheetId"}
        return metadata | {"location": place | {"dimensionRange": short}}
    return metadata


def _check_quota(book: Book, sheet: int | None) -> None:
    used = sum(
        len(each["metadataKey"]) + len(each.get("metadataValue", ""))
        for each in book.metadata.values()
        if on_sheet(each) == sheet
    )
    if used > QUOTA:
        raise bad(f"Adding this metadata would exceed the quota of {QUOTA} characters.")


def change(work: Work, asked: Json) -> Json:
    """updateDeveloperMetadata."""
    told = asked.get("developerMetadata") or {}
    mask = needed_mask(asked, "@DeveloperMetadata")
    changed = []
    for number in _found(work.book, asked.get("dataFilters") or []):
        old = work.book.metadata[number]
        new = update(old, told, mask) | {"metadataId": number}
        if "location" in mask:
            new["location"] = location(work.book, told.get("location") or {})
        if not new.get("metadataKey"):
            raise bad("Invalid value: metadataKey must not be empty")
        work.book.metadata[number] = new
        _check_quota(work.book, on_sheet(new))
        changed.append(shown(new))
    return {"updateDeveloperMetadata": {"developerMetadata": changed} if changed else {}}


def delete(work: Work, asked: Json) -> Json:
    """deleteDeveloperMetadata."""
    gone = [work.book.metadata.pop(number) for number in _found(work.book, [asked.get("dataFilter") or {}])]
    return {
        "deleteDeveloperMetadata": {"deletedDeveloperMetadata": [shown(each) for each in gone]}
        if gone
        else {}
    }


def _found(book: Book, filters: list[Json]) -> list[int]:
    if not filters:
        raise bad("Invalid value: at least one data filter is needed")
    return [number for number, each in book.metadata.items() if any(matches(book, each, f) for f in filters)]


def matches(book: Book, metadata: Json, data_filter: Json) -> bool:
    """Whether a data filter takes this metadata."""
    if lookup := data_filter.get("developerMetadataLookup"):
        return _looked_up(book, metadata, lookup)
    grid = _place_of(book, metadata)
    wanted = filter_grid(book, data_filter)
    return grid is not None and wanted is not None and wanted.meets(grid)


def _looked_up(book: Book, metadata: Json, lookup: Json) -> bool:
    place = metadata["location"]
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if lookup.get(name) is not None and _same(lookup[name], name) != metadata.get(name):
            return False
    if lookup.get("locationType") not in (None, place["locationType"]):
        return False
    if not lookup.get("metadataLocation"):
        return True
    wanted = location(book, lookup["metadataLocation"])
    if lookup.get("locationMatchingStrategy") != "INTERSECTING_LOCATION":
        return bool(wanted == place)
    mine, theirs = _place_of(book, metadata), _place_of(book, {"location": wanted})
    return mine is None or theirs is None or mine.meets(theirs)


def _same(value: Any, name: str) -> Any:
    return int(value) if name == "metadataId" else value


def _place_of(book: Book, metadata: Json) -> Grid | None:
    """The range metadata is on; None for the spreadsheet."""
    place = metadata["location"]
    if span := place.get("dimensionRange"):
        if span["dimension"] == "ROWS":
            return Grid(sheet=span["sheetId"], top=span["startIndex"], bottom=span["endIndex"])
        return Grid(sheet=span["sheetId"], left=span["startIndex"], right=span["endIndex"])
    return None if place["locationType"] == "SPREADSHEET" else Grid(sheet=place["sheetId"])


def filter_grid(book: Book, data_filter: Json) -> Grid | None:
    """The range of a filter that names one."""
    if text := data_filter.get("a1Range"):
        return book.area(text)
    if data_filter.get("gridRange") is not None:
        grid = from_json(data_filter["gridRange"])
        book.sheet(grid.sheet)
        return grid
    return None


def ranges(book: Book, data_filter: Json) -> list[Grid]:
    """The ranges a data filter stands for, now: one for a range, one for each metadata it finds."""
    if lookup := data_filter.get("developerMetadataLookup"):
        places = [_place_of(book, each) for each in book.metadata.values() if _looked_up(book, each, lookup)]
        return [place for place in places if place is not None]
    grid = filter_grid(book, data_filter)
    if grid is None:
        raise bad("Invalid value: a data filter must have a1Range, gridRange or developerMetadataLookup")
    return [grid]


def one(book: Book, number: int) -> Json:
    """developerMetadata.get."""
    if number not in book.metadata:
        raise Refusal(404, f"No developer metadata with ID {number}")
    return shown(book.metadata[number])


def search(book: Book, body: Json) -> Json:
    """developerMetadata.search."""
    filters = body.get("dataFilters") or []
    if not filters:
        raise bad("Invalid value: at least one data filter is needed")
    found = []
    for each in book.metadata.values():
        hit = [f for f in filters if matches(book, each, f)]
        if hit:
            found.append({"developerMetadata": shown(each), "dataFilters": hit})
    return {"matchedDeveloperMetadata": found} if found else {}
