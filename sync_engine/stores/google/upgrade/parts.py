"""What a spreadsheet lacks as requests: whole sheets, and columns cut out of a sheet drawn as it will stand."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sync_engine.errors import WorkbookError
from sync_engine.stores.google import wire
from sync_engine.stores.google.builder import open_book
from sync_engine.stores.google.building import charts, rules, sheets
from sync_engine.stores.google.building.cells import Looks, value_of
from sync_engine.stores.google.building.units import column_pixels, grid_range
from sync_engine.stores.google.upgrade.look import Json, Lacks, Spread, Wider, list_of
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Column, Lang, Table, defined_name
from workbook_templates.spare import build_spare, filler
from workbook_templates.tables import TABLES

_REFERENCE = re.compile(r"'((?:[^']|'')+)'!(\$?)([A-Z]{1,3})(\$?\d+)?(?::(\$?)([A-Z]{1,3})(\$?\d+)?)?")
_ROW_TWO = re.compile(r"(\$[A-Z]{1,3})2(?!\d)")
Places = Mapping[str, Mapping[str, int]]
"""Where the columns of each table stand, by table and column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Spare parts, and how they fit."""

    book: Workbook
    lang: Lang
    places: Places
    tabs: Mapping[str, str]  # tab of each table that is there

    def fitted(self, formula: str) -> str:
        """A formula that reads columns where they stand in the spreadsheet."""
        return _REFERENCE.sub(self._here, formula)

    def _here(self, found: re.Match[str]) -> str:
        table = next((one for one in TABLES if one.sheet(self.lang) == found[1]), None)
        if table is None or table.name not in self.tabs:
            return found[0]
        tab = self.tabs[table.name].replace("'", "''")
        text = f"'{tab}'!{found[2]}{self._letters(table, found[3])}{found[4] or ''}"
        return text + (f":{found[5]}{self._letters(table, found[6])}{found[7] or ''}" if found[6] else "")

    def _letters(self, table: Table, letters: str) -> str:
        at = next(n for n in range(1, 1000) if wire.letters(n) == letters)
        name = table.columns[at - 1].name if at <= len(table.columns) else ""
        place = self.places[table.name].get(name)
        if place is None:
            tab = table.sheet(self.lang)
            raise WorkbookError(
                f"“{tab}”里有报表要用的列找不到:先照“待处理”把表头改回来,再升级 / a column of {tab} that a statement needs is missing"
            )
        return wire.letters(place)


def make_spare(lacks: Lacks, *, shop: str, dashboard: bool) -> Spare:
    """Draw what is missing, in a file that is thrown away."""
    laid = [_laid_out(one) for one in lacks.wider]
    rows = {table.name: default_rows(lacks.lang).get(table.name, ()) for table in lacks.tables}
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "spare.xlsx"
        build_spare(
            path, lacks.lang, [*lacks.tables, *laid], rows, shop=shop, statements=bool(lacks.statements), dashboard=dashboard,
        )  # fmt: skip
        book = open_book(path)
    places = {
        name: {column: at + 1 for column, at in image.sheet.columns.items()}
        for name, image in lacks.images.items()
    }
    for one in lacks.wider:
        places[one.table.name] |= {column.name: one.first + n for n, column in enumerate(one.columns)}
    tabs = {name: image.tab for name, image in lacks.images.items()}
    return Spare(book=book, lang=lacks.lang, places=places, tabs=tabs)


def _laid_out(wider: Wider) -> Table:
    """The table as it will stand: declared columns where they are, fillers where people's own are."""
    table, columns = wider.table, wider.image.sheet.columns
    places = {at + 1: table.column(name) for name, at in columns.items()}
    places |= {wider.first + n: column for n, column in enumerate(wider.columns)}
    return Table(
        name=table.name, zh=table.zh, en=table.en, key=table.key, about_zh=table.about_zh, about_en=table.about_en,
        columns=tuple(places.get(at) or filler(at) for at in range(1, max(places) + 1)), staff_rows=table.staff_rows,
        freeze=table.freeze,
    )  # fmt: skip


def new_sheet(spare: Spare, tab: str, sheet_id: int, place: int, ids: dict[str, int]) -> Iterator[Json]:
    """Everything one new tab needs; `ids` are the tabs its charts may read."""
    sheet = spare.book[tab]
    table = next((one for one in TABLES if one.sheet(spare.lang) == tab), None)
    added = sheets.properties_of(sheet, tab, sheet_id) | {"index": place}
    yield {"addSheet": {"properties": added}}
    yield from filled(spare, tab, sheet_id)
    yield from (_listed(spare, one) for one in rules.sheet_rules(sheet, sheet_id, table, spare.lang))
    yield from charts.sheet_charts(sheet, ids | {tab: sheet_id})
    if table is not None:
        yield from _names(table, table.columns, sheet_id, 1, 1, {})
        yield from (one for one in sheets.add_tables(spare.book, {tab: sheet_id}))


def filled(spare: Spare, tab: str, sheet_id: int) -> Iterator[Json]:
    """The cells of a new tab, formulas reading columns where they are."""
    for request in sheets.fill_sheet(spare.book[tab], sheet_id, Looks()):
        for row in request.get("updateCells", {}).get("rows", ()):
            for cell in row["values"]:
                typed = cell["userEnteredValue"]
                if "formulaValue" in typed:
                    typed["formulaValue"] = spare.fitted(typed["formulaValue"])
        yield request


def _names(
    table: Table, columns: Sequence[Column], sheet_id: int, row: int, first: int, there: Mapping[str, Json]
) -> Iterator[Json]:
    for n, column in enumerate(columns):
        name, where = defined_name(table, column), grid_range(sheet_id, row, first + n, row, first + n)
        if name in there:
            held = {"namedRangeId": there[name]["namedRangeId"], "name": name, "range": where}
            yield {"updateNamedRange": {"namedRange": held, "fields": "range"}}
        else:
            yield {"addNamedRange": {"namedRange": {"name": name, "range": where}}}


def widened(spread: Spread, spare: Spare, wider: Wider) -> Iterator[Json]:
    """The new columns of a table: room, headers, looks, checks, colours, names, and the table object reaching over them."""
    table, image = wider.table, wider.image
    tab, top = image.tab, image.header_row
    sheet_id, sheet = spread.ids[tab], spare.book[table.sheet(spare.lang)]
    wanted = range(wider.first, wider.first + len(wider.columns))
    if (short := wanted[-1] - spread.columns[tab]) > 0:
        yield {"appendDimension": {"sheetId": sheet_id, "dimension": "COLUMNS", "length": short}}
    looks = Looks()
    heads = [sheet.cell(1, at) for at in wanted]
    row = [{"userEnteredValue": value_of(cell), "userEnteredFormat": looks.of(cell)} for cell in heads]
    start = {"sheetId": sheet_id, "rowIndex": top - 1, "columnIndex": wanted[0] - 1}
    yield {"updateCells": {"start": start, "rows": [{"values": row}], "fields": "userEnteredValue,userEnteredFormat"}}  # fmt: skip
    for at in wanted:
        cell = {"userEnteredFormat": looks.of(sheet.cell(2, at))}
        where = grid_range(sheet_id, top + 1, at, None, at)
        yield {"repeatCell": {"range": where, "cell": cell, "fields": "userEnteredFormat"}}
        yield _sized(sheet, sheet_id, at)
    painted = len(spread.colours[tab])
    laid = _laid_out(wider)
    for request in rules.sheet_rules(sheet, sheet_id, laid, spare.lang):
        if cut := _cut(_listed(spare, request), wanted, top - 1):
            if rule := cut.get("addConditionalFormatRule"):
                rule["index"], painted = painted, painted + 1
            yield cut
    yield from _names(table, wider.columns, sheet_id, top, wider.first, spread.named)
    if held := list_of(spread, image):
        left = held["range"].get("startColumnIndex", 0)
        names = [*image.sheet.heads, *([None] * wanted[-1])]
        fresh = {at: str(cell.value) for at, cell in zip(wanted, heads, strict=True)}
        columns = []
        for n in range(wanted[-1] - left):
            known = next(
                (one for one in held.get("columnProperties", ()) if one.get("columnIndex", 0) == n), None
            )
            head = names[left + n]
            text = (
                fresh.get(left + n + 1) or (head.text.strip() if head else "") or wire.letters(left + n + 1)
            )
            columns.append(known or {"columnIndex": n, "columnName": text})
        reach = {**held["range"], "endColumnIndex": wanted[-1]}
        told = {"tableId": held["tableId"], "range": reach, "columnProperties": columns}
        yield {"updateTable": {"table": told, "fields": "range,columnProperties"}}


def _sized(sheet: Worksheet, sheet_id: int, at: int) -> Json:
    found = next(
        (size for size in sheet.column_dimensions.values() if size.min and size.max and size.min <= at <= size.max), None
    )  # fmt: skip
    change: Json = {"hiddenByUser": bool(found and found.hidden)}
    if found and found.width:
        change["pixelSize"] = column_pixels(found.width)
    where = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": at - 1, "endIndex": at}
    return {"updateDimensionProperties": {"range": where, "properties": change, "fields": ",".join(change)}}


def _listed(spare: Spare, request: Json) -> Json:
    """A drop-down that offers its labels itself instead of naming a list the spreadsheet has not."""
    condition = request.get("setDataValidation", {}).get("rule", {}).get("condition", {})
    source = str(condition.get("values", [{}])[0].get("userEnteredValue", "")) if condition else ""
    if condition.get("type") == "ONE_OF_RANGE" and source.startswith("=bm_list_"):
        tab, cells = str(spare.book.defined_names[source[1:]].attr_text).replace("'", "").split("!")
        labels = [cell.value for (cell,) in spare.book[tab][cells.replace("$", "")]]
        condition["type"], condition["values"] = "ONE_OF_LIST", [{"userEnteredValue": label} for label in labels]  # fmt: skip
    return request


def _cut(request: Json, wanted: range, shift: int) -> Json | None:
    """The part of a sheet's rule that is about the new columns, moved down with the header; None where there is none."""
    ((kind, body),) = request.items()
    if kind in ("setDataValidation", "repeatCell"):
        where = _within(body["range"], wanted, shift)
        return {kind: {**body, "range": where}} if where else None
    if kind == "addProtectedRange":
        where = _within(body["protectedRange"]["range"], wanted, shift)
        return {kind: {"protectedRange": {**body["protectedRange"], "range": where}}} if where else None
    if kind == "addConditionalFormatRule":
        rule = body["rule"]
        ranges = [one for given in rule["ranges"] if (one := _within(given, wanted, shift))]
        for value in rule["booleanRule"]["condition"]["values"] if shift else ():
            value["userEnteredValue"] = _ROW_TWO.sub(rf"\g<1>{2 + shift}", value["userEnteredValue"])
        return {kind: {**body, "rule": {**rule, "ranges": ranges}}} if ranges else None
    return None


def _within(where: Json, wanted: range, shift: int) -> Json | None:
    low = max(where["startColumnIndex"], wanted[0] - 1)
    high = min(where["endColumnIndex"], wanted[-1])
    if low >= high:
        return None
    moved = {**where, "startColumnIndex": low, "endColumnIndex": high}
    return moved | {name: where[name] + shift for name in ("startRowIndex", "endRowIndex") if name in where}


__all__ = ["Spare", "filled", "make_spare", "new_sheet", "widened"]
