"""The seventeen methods of Sheets v4 on a world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sync_engine.sandbox.google import batch, metadata, values
from sync_engine.sandbox.google.book import Book, Sheet, check_size, new_sheet
from sync_engine.sandbox.google.colors import mirrored
from sync_engine.sandbox.google.log import Call
from sync_engine.sandbox.google.mask import Mask
from sync_engine.sandbox.google.refusal import Json, Refusal, bad, not_ours
from sync_engine.sandbox.google.render import Render, sheet_properties
from sync_engine.sandbox.google.schema import check_body
from sync_engine.sandbox.google.sheet_requests import copied_sheet
from sync_engine.sandbox.google.work import Work
from sync_engine.sandbox.google.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: the parts of its path, its query and its body."""

    call: Call
    path: list[str]
    query: Json
    body: Json
    mask: Mask | None


Method = Callable[["Sheets", Asked], Json]


@dataclass(slots=True)
class Sheets:
    """Sheets v4."""

    world: World

    def _book(self, asked: Asked) -> Book:
        return self.world.book(asked.path[0], asked.call.caller)

    def _change(self, asked: Asked, act: Callable[[Work], Json]) -> Json:
        return self.world.change(asked.path[0], asked.call, act)

    def _render(self, asked: Asked) -> Render:
        owner = self.world.owns(asked.path[0], asked.call.caller)
        return Render(self._book(asked), asked.call.caller, owner, asked.mask)

    def create(self, asked: Asked) -> Json:
        """spreadsheets.create: with properties and sheets; no cells (a 501 says so)."""
        check_body(asked.body, "Spreadsheet")
        if extra := asked.body.keys() - {"properties", "sheets"}:
            raise not_ours(f"spreadsheets.create {', '.join(sorted(extra))}")
        properties = asked.body.get("properties") or {}
        file = self.world.create_file(properties.get("title") or "Untitled spreadsheet", asked.call.caller)
        try:
            self.world.change(file.id, asked.call, lambda work: self._fill(work, asked.body))
        except Refusal:
            self.world.delete_file(file.id)
            raise
        return Render(self.world.books[file.id], asked.call.caller, True).spreadsheet()

    @staticmethod
    def _fill(work: Work, body: Json) -> None:
        work.book.properties |= {
            name: value for name, value in (body.get("properties") or {}).items() if value
        }
        wanted = body.get("sheets") or []
        sheets: list[Sheet] = []
        for at, each in enumerate(wanted):
            if extra := each.keys() - {"properties"}:
                raise not_ours(f"spreadsheets.create sheets.{', '.join(sorted(extra))}")
            told = each.get("properties") or {}
            grid = told.get("gridProperties") or {}
            number = int(told["sheetId"]) if told.get("sheetId") is not None else work.fresh_id() if at else 0
            sheet = new_sheet(
                number,
                told.get("title") or f"Sheet{at + 1}",
                int(grid.get("rowCount") or 1000),
                int(grid.get("columnCount") or 26),
            )
            plain = {
                n: v
                for n, v in told.items()
                if n in ("hidden", "rightToLeft", "tabColor", "tabColorStyle") and v
            }
            sheet.properties = mirrored(plain) | {
                n: v for n, v in grid.items() if n not in ("rowCount", "columnCount") and v
            }
            if any(sheet.id == e.id or sheet.title.lower() == e.title.lower() for e in sheets):
                raise bad("Invalid value: sheets must differ in id and title")
            sheets.append(sheet)
        if sheets:
            work.book.sheets = sheets
        check_size(work.book)

    def get(self, asked: Asked) -> Json:
        """spreadsheets.get. A mask overrides includeGridData, as Google documents it."""
        book = self._book(asked)
        grids = [book.area(each) for each in asked.query["ranges"]] if asked.query.get("ranges") else None
        data = bool(asked.query.get("includeGridData")) or _asks_data(asked.mask)
        return self._render(asked).spreadsheet(grids, data)

    def get_filtered(self, asked: Asked) -> Json:
        """spreadsheets.getByDataFilter."""
        check_body(asked.body, "GetSpreadsheetByDataFilterRequest")
        book = self._book(asked)
        filters = asked.body.get("dataFilters") or []
        grids = [grid for each in filters for grid in metadata.ranges(book, each)] if filters else None
        data = bool(asked.body.get("includeGridData")) or _asks_data(asked.mask)
        return self._render(asked).spreadsheet(grids, data)

    def batch_update(self, asked: Asked) -> Json:
        """spreadsheets.batchUpdate."""
        body = asked.body
        check_body(body, "BatchUpdateSpreadsheetRequest")
        replies = self._change(asked, lambda work: {"replies": batch.run(work, body.get("requests") or [])})
        told = {"spreadsheetId": asked.path[0], **replies}
        if body.get("includeSpreadsheetInResponse"):
            book = self._book(asked)
            grids = (
                [book.area(each) for each in body["responseRanges"]] if body.get("responseRanges") else None
            )
            render = self._render(asked)
            render.mask = (asked.mask or {}).get("updatedSpreadsheet") or None
            told["updatedSpreadsheet"] = render.spreadsheet(grids, bool(body.get("responseIncludeGridData")))
        return told

    def values_get(self, asked: Asked) -> Json:
        """values.get."""
        book = self._book(asked)
        return values.get(book, book.area(asked.path[1]), values.reading(asked.query))

    def values_batch_get(self, asked: Asked) -> Json:
        """values.batchGet."""
        book, options = self._book(asked), values.reading(asked.query)
        found = [values.get(book, book.area(each), options) for each in asked.query.get("ranges") or []]
        return {"spreadsheetId": book.id} | ({"valueRanges": found} if found else {})

    def values_batch_get_filtered(self, asked: Asked) -> Json:
        """values.batchGetByDataFilter."""
        check_body(asked.body, "BatchGetValuesByDataFilterRequest")
        return values.batch_get_filtered(self._book(asked), asked.body)

    def values_update(self, asked: Asked) -> Json:
        """values.update."""
        check_body(asked.body, "ValueRange", inside="data")
        options = values.writing(asked.query)
        _check_range(asked)
        return self._change(
            asked, lambda w: values.update(w, w.book.area(asked.path[1]), asked.body, options)
        )

    def values_append(self, asked: Asked) -> Json:
        """values.append."""
        check_body(asked.body, "ValueRange", inside="data")
        options = values.writing(asked.query)
        insert = asked.query.get("insertDataOption") == "INSERT_ROWS"
        _check_range(asked)
        return self._change(
            asked, lambda w: values.append(w, w.book.area(asked.path[1]), asked.body, options, insert)
        )

    def values_clear(self, asked: Asked) -> Json:
        """values.clear."""
        check_body(asked.body, "ClearValuesRequest")
        cleared = self._change(asked, lambda w: {"clearedRange": values.clear(w, w.book.area(asked.path[1]))})
        return {"spreadsheetId": asked.path[0], **cleared}

    def values_batch_update(self, asked: Asked) -> Json:
        """values.batchUpdate."""
        check_body(asked.body, "BatchUpdateValuesRequest")
        return self._change(asked, lambda w: values.batch_update(w, asked.body))

    def values_batch_update_filtered(self, asked: Asked) -> Json:
        """values.batchUpdateByDataFilter."""
        check_body(asked.body, "BatchUpdateValuesByDataFilterRequest")
        return self._change(asked, lambda w: values.batch_update_filtered(w, asked.body))

    def values_batch_clear(self, asked: Asked) -> Json:
        """values.batchClear."""
        check_body(asked.body, "BatchClearValuesRequest")

        def act(work: Work) -> Json:
            return {
                "clearedRanges": [
                    values.clear(work, work.book.area(each)) for each in asked.body.get("ranges") or []
                ]
            }

        return {"spreadsheetId": asked.path[0], **self._change(asked, act)}

    def values_batch_clear_filtered(self, asked: Asked) -> Json:
        """values.batchClearByDataFilter."""
        check_body(asked.body, "BatchClearValuesByDataFilterRequest")
        return self._change(asked, lambda w: values.batch_clear_filtered(w, asked.body))

    def metadata_get(self, asked: Asked) -> Json:
        """developerMetadata.get."""
        if not asked.path[1].isdigit():
            raise bad(f"Invalid value at 'metadata_id' (TYPE_INT32), \"{asked.path[1]}\"")
        return metadata.one(self._book(asked), int(asked.path[1]))

    def metadata_search(self, asked: Asked) -> Json:
        """developerMetadata.search."""
        check_body(asked.body, "SearchDeveloperMetadataRequest")
        return metadata.search(self._book(asked), asked.body)

    def copy_to(self, asked: Asked) -> Json:
        """sheets.copyTo: into another spreadsheet the caller may write, or the same one."""
        check_body(asked.body, "CopySheetToAnotherSpreadsheetRequest")
        book = self._book(asked)
        number = int(asked.path[1]) if asked.path[1].lstrip("-").isdigit() else -1
        source = book.find(number)
        if source is None:
            raise Refusal(400, f"The sheet ({asked.path[1]}) does not exist.")

        def act(work: Work) -> Json:
            title, copies = f"Copy of {source.title}", 1
            while work.book.titled(title):
                copies += 1
                title = f"Copy of {source.title} {copies}"
            sheet = copied_sheet(source, work.fresh_id(), title, work)
            work.adopt(sheet)
            work.book.sheets.append(sheet)
            check_size(work.book)
            return sheet_properties(work.book, sheet)

        return self.world.change(asked.body.get("destinationSpreadsheetId") or "", asked.call, act)


def _asks_data(mask: Mask | None) -> bool:
    """Whether a mask names cells' data: then includeGridData does not matter."""
    if not mask:
        return False
    sheets = mask.get("sheets")
    return sheets is not None and "data" in sheets


def _check_range(asked: Asked) -> None:
    """A body's own range must be the path's, where it has one."""
    told = asked.body.get("range")
    if told and told.replace("'", "") != asked.path[1].replace("'", ""):
        raise bad(f"Requested writing within range [{asked.path[1]}], but the body says range [{told}]")


METHODS: dict[str, tuple[str, str, Method]] = {
    "spreadsheets.create": ("POST", "write", Sheets.create),
    "spreadsheets.get": ("GET", "read", Sheets.get),
    "spreadsheets.getByDataFilter": ("POST", "read", Sheets.get_filtered),
    "spreadsheets.batchUpdate": ("POST", "write", Sheets.batch_update),
    "spreadsheets.values.get": ("GET", "read", Sheets.values_get),
    "spreadsheets.values.update": ("PUT", "write", Sheets.values_update),
    "spreadsheets.values.append": ("POST", "write", Sheets.values_append),
    "spreadsheets.values.clear": ("POST", "write", Sheets.values_clear),
    "spreadsheets.values.batchGet": ("GET", "read", Sheets.values_batch_get),
    "spreadsheets.values.batchGetByDataFilter": ("POST", "read", Sheets.values_batch_get_filtered),
    "spreadsheets.values.batchUpdate": ("POST", "write", Sheets.values_batch_update),
    "spreadsheets.values.batchUpdateByDataFilter": ("POST", "write", Sheets.values_batch_update_filtered),
    "spreadsheets.values.batchClear": ("POST", "write", Sheets.values_batch_clear),
    "spreadsheets.values.batchClearByDataFilter": ("POST", "write", Sheets.values_batch_clear_filtered),
    "spreadsheets.developerMetadata.get": ("GET", "read", Sheets.metadata_get),
    "spreadsheets.developerMetadata.search": ("POST", "read", Sheets.metadata_search),
    "spreadsheets.sheets.copyTo": ("POST", "write", Sheets.copy_to),
}
"""Method -> its HTTP verb, the quota it counts for, and what does it."""
RESPONSES = {
    "spreadsheets.create": "Spreadsheet",
    "spreadsheets.get": "Spreadsheet",
    "spreadsheets.getByDataFilter": "Spreadsheet",
    "spreadsheets.batchUpdate": "BatchUpdateSpreadsheetResponse",
    "spreadsheets.values.get": "ValueRange",
    "spreadsheets.values.update": "UpdateValuesResponse",
    "spreadsheets.values.append": "AppendValuesResponse",
    "spreadsheets.values.clear": "ClearValuesResponse",
    "spreadsheets.values.batchGet": "BatchGetValuesResponse",
    "spreadsheets.values.batchGetByDataFilter": "BatchGetValuesByDataFilterResponse",
    "spreadsheets.values.batchUpdate": "BatchUpdateValuesResponse",
    "spreadsheets.values.batchUpdateByDataFilter": "BatchUpdateValuesByDataFilterResponse",
    "spreadsheets.values.batchClear": "BatchClearValuesResponse",
    "spreadsheets.values.batchClearByDataFilter": "BatchClearValuesByDataFilterResponse",
    "spreadsheets.developerMetadata.get": "DeveloperMetadata",
    "spreadsheets.developerMetadata.search": "SearchDeveloperMetadataResponse",
    "spreadsheets.sheets.copyTo": "SheetProperties",
}
"""Method -> the message it answers, which a `fields` mask must fit."""
