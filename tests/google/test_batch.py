"""spreadsheets.batchUpdate: atomic, strict, and every kind of request that writes cells or moves them."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.utils import MergeType, PasteType

from sync_engine.sandbox.google.batch import REQUESTS
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.sandbox.google.staff import Desk
from tests.google.client import Raw
from tests.google.make_schema import document

ROW = {"sheetId": 0, "dimension": "ROWS"}
COLUMN = {"sheetId": 0, "dimension": "COLUMNS"}


def area(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> dict[str, int]:
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def text(*values: Any) -> dict[str, Any]:
    """RowData of strings and numbers; None for an empty cell."""

    def one(value: Any) -> dict[str, Any]:
        if value is None:
            return {}
        kind = (
            "boolValue"
            if isinstance(value, bool)
            else "numberValue"
            if isinstance(value, int | float)
            else "stringValue"
        )
        if isinstance(value, str) and value.startswith("="):
            kind = "formulaValue"
        return {"userEnteredValue": {kind: value}}

    return {"values": [one(value) for value in values]}


def fill(desk: Desk, *rows: list[str]) -> None:
    desk.paste("Sheet1", 0, 0, rows)


def test_kinds_are_googles() -> None:
    kinds = set(document("sheets.v4")["schemas"]["Request"]["properties"])
    assert set(REQUESTS) <= kinds and len(REQUESTS) == 57


def test_one_bad_request_undoes_all(raw: Raw, book: str, desk: Desk, sandbox: GoogleSandbox) -> None:
    good = {"updateCells": {"start": {"sheetId": 0}, "rows": [text("x")], "fields": "userEnteredValue"}}
    sheet = {"addSheet": {"properties": {"title": "new"}}}
    version = sandbox.world.files[book].version
    answer = raw.batch(book, good, sheet, {"deleteSheet": {"sheetId": 77}})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Invalid requests[2].deleteSheet: No grid with id: 77"
    assert desk.rows("Sheet1") == [] and len(desk.book.sheets) == 1
    assert sandbox.world.files[book].version == version and not list(sandbox.log.cells())
    assert not sandbox.log.calls[-1].applied


def test_unknown_kind_and_field(raw: Raw, book: str) -> None:
    told = raw.batch(book, {"addShet": {}}, fits=False).json()["error"]
    said = "Invalid JSON payload received. Unknown name \"addShet\" at 'requests[0]': Cannot find field."
    assert told["message"] == said and told["status"] == "INVALID_ARGUMENT"
    assert told["details"][0]["fieldViolations"] == [{"field": "requests[0]", "description": said}]
    told = raw.batch(book, {"addSheet": {"properties": {"title": 5}}}, fits=False).json()["error"]
    assert "Invalid value at 'requests[0].addSheet.properties.title' (TYPE_STRING), 5" in told["message"]
    told = raw.batch(book, {"mergeCells": {"range": area(0, 2, 0, 2), "mergeType": "ALL"}}, fits=False).json()
    assert "TYPE_ENUM" in told["error"]["message"]


def test_what_the_stand_in_cannot_do_is_said(raw: Raw, book: str) -> None:
    answer = raw.batch(book, {"pasteData": {"data": "a,b", "delimiter": ","}})
    assert answer.status_code == 501 and answer.json()["error"]["status"] == "UNIMPLEMENTED"


def test_unknown_query_parameter(raw: Raw, book: str) -> None:
    answer = raw("GET", f"/v4/spreadsheets/{book}", fits=False, nope="1")
    assert answer.status_code == 400 and "Cannot bind query parameter" in answer.json()["error"]["message"]


def test_empty_batch_and_broken_json(raw: Raw, book: str) -> None:
    assert raw.batch(book).json()["error"]["message"] == "Must specify at least one request."
    url = f"{raw.base}/v4/spreadsheets/{book}:batchUpdate"
    assert raw.session.post(url, data=b"{", timeout=5).status_code == 400
    assert raw.session.post(url, data=b"[]", timeout=5).status_code == 400


def test_update_cells_over_a_range_clears_the_rest(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["a", "b", "c"], ["d", "e", "f"])
    raw.ok(
        book, {"updateCells": {"range": area(0, 2, 0, 2), "rows": [text("x")], "fields": "userEnteredValue"}}
    )
    assert desk.rows("Sheet1") == [["x", None, "c"], [None, None, "f"]]


def test_masks_touch_only_their_fields(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["5"])
    cell = {
        "userEnteredValue": {"numberValue": 9},
        "note": "hi",
        "userEnteredFormat": {"textFormat": {"bold": True, "italic": True}},
    }
    body = {"range": area(0, 1, 0, 1), "cell": cell, "fields": "note,userEnteredFormat(textFormat.bold)"}
    raw.ok(book, {"repeatCell": body})
    made = desk.book.sheets[0].cell(0, 0)
    assert (made.entered, made.note, made.format) == (5, "hi", {"textFormat": {"bold": True}})
    raw.ok(book, {"repeatCell": body | {"cell": {}}})
    made = desk.book.sheets[0].cell(0, 0)
    assert (made.entered, made.note, made.format) == (5, None, None)
    assert raw.batch(book, {"repeatCell": body | {"fields": "notes"}}).status_code == 400
    assert raw.batch(book, {"repeatCell": body | {"fields": ""}}).status_code == 400


def test_colours_mirror(raw: Raw, book: str) -> None:
    cell = {"userEnteredFormat": {"backgroundColor": {"red": 1, "green": 0, "blue": 0.5}}}
    raw.ok(
        book,
        {
            "repeatCell": {
                "range": area(0, 1, 0, 1),
                "cell": cell,
                "fields": "userEnteredFormat.backgroundColor",
            }
        },
    )
    told = raw(
        "GET", f"/v4/spreadsheets/{book}", fields="sheets.data.rowData.values.userEnteredFormat"
    ).json()
    form = told["sheets"][0]["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"]
    assert form == {
        "backgroundColor": {"red": 1, "blue": 0.49803922},
        "backgroundColorStyle": {"rgbColor": {"red": 1, "blue": 0.49803922}},
    }


def test_repeated_formulas_go_along(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["1"], ["2"], ["3"])
    cell = {"userEnteredValue": {"formulaValue": "=A1*10"}}
    raw.ok(book, {"repeatCell": {"range": area(0, 3, 1, 2), "cell": cell, "fields": "userEnteredValue"}})
    assert [row[1] for row in desk.rows("Sheet1")] == [10, 20, 30]


def test_append_cells_go_after_the_last_row_with_data(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["h"], ["a"])
    desk.type("Sheet1", 6, 3, "far")
    raw.ok(
        book,
        {"appendCells": {"sheetId": 0, "rows": [text("n1"), text("n2", 2)], "fields": "userEnteredValue"}},
    )
    assert desk.rows("Sheet1")[7:] == [["n1", None, None, None], ["n2", 2, None, None]]


def test_append_cells_grow_the_grid(raw: Raw, book: str, tab: gspread.Worksheet, desk: Desk) -> None:
    tab.resize(1, 1)
    fill(desk, ["a"])
    raw.ok(book, {"appendCells": {"sheetId": 0, "rows": [text("x", "y")], "fields": "*"}})
    assert desk.book.sheets[0].size == (2, 2) and desk.rows("Sheet1") == [["a", None], ["x", "y"]]


def test_state_after_the_batch_comes_along(raw: Raw, book: str, desk: Desk) -> None:
    told = raw.ok(
        book,
        {"updateCells": {"start": {"sheetId": 0}, "rows": [text("id", 1)], "fields": "userEnteredValue"}},
        includeSpreadsheetInResponse=True,
        responseRanges=["A1:B1"],
        responseIncludeGridData=True,
    )
    values = told["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert [each["formattedValue"] for each in values] == ["id", "1"]
    assert told["replies"] == [{}]


def test_sort_moves_cells_and_formats_not_rows(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["sku", "n"], ["b", "2"], ["", ""], ["a", "10"], ["c", ""])
    raw.ok(
        book,
        {
            "updateDimensionProperties": {
                "range": ROW | {"startIndex": 1, "endIndex": 2},
                "properties": {"pixelSize": 50},
                "fields": "pixelSize",
            }
        },
    )
    raw.ok(
        book,
        {
            "sortRange": {
                "range": area(1, 5, 0, 2),
                "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}],
            }
        },
    )
    assert desk.rows("Sheet1") == [["sku", "n"], ["a", 10], ["b", 2], [None, None], ["c", None]]
    told = raw(
        "GET", f"/v4/spreadsheets/{book}", ranges="A1:A3", fields="sheets.data.rowMetadata.pixelSize"
    ).json()
    assert [each["pixelSize"] for each in told["sheets"][0]["data"][0]["rowMetadata"]] == [21, 50, 21]
    assert (
        raw.batch(
            book, {"sortRange": {"range": area(1, 3, 0, 2), "sortSpecs": [{"dimensionIndex": 5}]}}
        ).status_code
        == 400
    )


def test_sort_order_of_kinds(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["TRUE"], ["b"], ["10"], ["A"], [""], ["9"])
    raw.ok(
        book,
        {
            "sortRange": {
                "range": area(0, 6, 0, 1),
                "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}],
            }
        },
    )
    assert [row[0] for row in desk.rows("Sheet1")] == [9, 10, "A", "b", True]


def test_insert_and_delete_move_everything(raw: Raw, book: str, desk: Desk, tab: gspread.Worksheet) -> None:
    fill(desk, ["a", "1"], ["b", "2"], ["sum", "=SUM(B1:B2)"])
    tab.define_named_range("A2:B2", "second")
    tab.merge_cells("D2:E3")
    tab.insert_rows([["new", 5]], 2, value_input_option="RAW")
    assert desk.rows("Sheet1")[3][:2] == ["sum", 8] and desk.entered("Sheet1", 3, 1) == "=SUM(B1:B3)"
    assert tab.get("second") == [["b", "2"]]
    assert desk.book.sheets[0].merges == [area(2, 4, 3, 5)]
    tab.delete_rows(3)
    assert desk.entered("Sheet1", 2, 1) == "=SUM(B1:B2)" and desk.book.named == {}
    tab.insert_cols([["c0"]], 1)
    assert desk.rows("Sheet1")[2][1:3] == ["sum", 6]
    assert desk.entered("Sheet1", 2, 2) == "=SUM(C1:C2)"


def test_move_dimension(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["a", "1"], ["b", "2"], ["c", "3"], ["=B1", ""])
    raw.ok(book, {"moveDimension": {"source": ROW | {"startIndex": 0, "endIndex": 1}, "destinationIndex": 3}})
    assert desk.rows("Sheet1") == [["b", 2], ["c", 3], ["a", 1], [1, None]]
    assert desk.entered("Sheet1", 3, 0) == "=B3"
    raw.ok(
        book, {"moveDimension": {"source": COLUMN | {"startIndex": 1, "endIndex": 2}, "destinationIndex": 0}}
    )
    assert desk.rows("Sheet1")[0] == [2, "b"] and desk.entered("Sheet1", 3, 1) == "=A3"


def test_insert_range_and_delete_range(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["a", "1"], ["b", "2"])
    raw.ok(book, {"insertRange": {"range": area(0, 1, 0, 1), "shiftDimension": "ROWS"}})
    assert desk.rows("Sheet1") == [[None, 1], ["a", 2], ["b", None]]
    raw.ok(book, {"deleteRange": {"range": area(0, 1, 0, 1), "shiftDimension": "ROWS"}})
    assert desk.rows("Sheet1") == [["a", 1], ["b", 2]]
    raw.ok(book, {"insertRange": {"range": area(0, 1, 0, 1), "shiftDimension": "COLUMNS"}})
    assert desk.rows("Sheet1")[0] == [None, "a", 1]
    raw.ok(book, {"deleteRange": {"range": area(0, 1, 0, 2), "shiftDimension": "COLUMNS"}})
    assert desk.rows("Sheet1")[0] == [1, None]


def test_append_dimension_and_limits(raw: Raw, book: str, desk: Desk) -> None:
    raw.ok(book, {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 4}})
    assert desk.book.sheets[0].size == (1000, 30)
    answer = raw.batch(book, {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 400_000}})
    assert answer.status_code == 400 and "10000000 cells" in answer.json()["error"]["message"]
    answer = raw.batch(book, {"deleteDimension": {"range": COLUMN | {"startIndex": 0, "endIndex": 30}}})
    assert answer.json()["error"]["message"].endswith("it is not possible to delete all the columns.")


def test_hidden_rows_are_read_and_written(tab: gspread.Worksheet, raw: Raw, book: str) -> None:
    tab.update([["a"], ["b"], ["c"]], "A1:A3")
    tab.hide_rows(1, 2)
    assert tab.col_values(1) == ["a", "b", "c"]
    told = raw(
        "GET", f"/v4/spreadsheets/{book}", ranges="A1:A3", fields="sheets.data.rowMetadata.hiddenByUser"
    ).json()
    assert told["sheets"][0]["data"][0]["rowMetadata"] == [{}, {"hiddenByUser": True}, {}]
    tab.unhide_rows(1, 2)


def test_merges(tab: gspread.Worksheet, raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["a", "b"], ["c", "d"])
    tab.merge_cells("A1:B2", MergeType.merge_rows)
    assert desk.rows("Sheet1") == [["a"], ["c"]]
    tab.unmerge_cells("A1:B2")
    tab.merge_cells("A1:B2")
    assert raw.batch(book, {"unmergeCells": {"range": area(0, 1, 0, 1)}}).status_code == 400
    assert desk.rows("Sheet1") == [["a"]]


def test_copy_and_cut(tab: gspread.Worksheet, desk: Desk) -> None:
    fill(desk, ["1", "=A1+1"], ["3", "=A2+1"])
    tab.copy_range("A1:B2", "D1:E4")
    assert desk.entered("Sheet1", 2, 4) == "=D3+1" and desk.value("Sheet1", 3, 4) == 4
    tab.copy_range("B1:B2", "G1", paste_type=PasteType.values)
    assert desk.entered("Sheet1", 1, 6) == 4
    tab.cut_range("A1:A2", "H1")
    assert desk.entered("Sheet1", 0, 0) is None and desk.entered("Sheet1", 1, 7) == 3


def test_find_replace(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["Tee red", "tee"], ["5", '=LEN("tee")'])
    told = raw.ok(book, {"findReplace": {"find": "tee", "replacement": "shirt", "allSheets": True}})
    assert told["replies"] == [
        {"findReplace": {"valuesChanged": 2, "rowsChanged": 1, "sheetsChanged": 1, "occurrencesChanged": 2}}
    ]
    told = raw.ok(
        book,
        {
            "findReplace": {
                "find": r"^(\w+) (\w+)$",
                "replacement": "$2 $1",
                "searchByRegex": True,
                "sheetId": 0,
            }
        },
    )
    assert desk.entered("Sheet1", 0, 0) == "red shirt"
    told = raw.ok(
        book,
        {
            "findReplace": {
                "find": "5",
                "replacement": "6",
                "range": area(0, 2, 0, 2),
                "matchEntireCell": True,
            }
        },
    )
    assert desk.entered("Sheet1", 1, 0) == 6
    assert (
        raw.batch(book, {"findReplace": {"find": "(", "searchByRegex": True, "allSheets": True}}).status_code
        == 400
    )


def test_trim_and_duplicates(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["a  b ", "1"], ["a b", "2"], ["A b", "3"], ["c", "4"])
    told = raw.ok(book, {"trimWhitespace": {"range": area(0, 4, 0, 1)}})
    assert told["replies"][0]["trimWhitespace"]["cellsChangedCount"] == 1
    told = raw.ok(
        book,
        {
            "deleteDuplicates": {
                "range": area(0, 4, 0, 2),
                "comparisonColumns": [COLUMN | {"startIndex": 0, "endIndex": 1}],
            }
        },
    )
    assert told["replies"][0]["deleteDuplicates"]["duplicatesRemovedCount"] == 2
    assert desk.rows("Sheet1") == [["a b", 1], ["c", 4]]


def test_borders(raw: Raw, book: str, desk: Desk) -> None:
    line = {"style": "SOLID"}
    raw.ok(book, {"updateBorders": {"range": area(0, 2, 0, 2), "top": line, "innerVertical": line}})
    sheet = desk.book.sheets[0]
    assert sheet.cell(0, 0).format == {"borders": {"top": line, "right": line}}
    assert sheet.cell(1, 1).format == {"borders": {"left": line}}


@pytest.mark.parametrize(
    "bad", [area(3, 2, 0, 1), area(0, 1001, 0, 1), area(0, 1, 0, 27), area(-1, 1, 0, 1), area(0, 1, 0, 1, 5)]
)
def test_ranges_must_be_on_the_grid(raw: Raw, book: str, bad: dict[str, int]) -> None:
    assert raw.batch(book, {"mergeCells": {"range": bad, "mergeType": "MERGE_ALL"}}).status_code == 400


def test_sheets_come_and_go(spreadsheet: gspread.Spreadsheet, raw: Raw, book: str, desk: Desk) -> None:
    first = spreadsheet.sheet1
    second = spreadsheet.add_worksheet("订单", 50, 6)
    first.update([["=订单!A1"]], "A1", value_input_option="USER_ENTERED")
    second.update([[7]], "A1")
    assert first.acell("A1").value == "7"
    second.update_title("Orders")
    assert desk.entered("Sheet1", 0, 0) == "=Orders!A1" and first.acell("A1").value == "7"
    third = second.duplicate(new_sheet_name="Copy")
    assert third.acell("A1").value == "7" and third.row_count == 50
    spreadsheet.reorder_worksheets([third, second, first])
    assert [each.title for each in spreadsheet.worksheets()] == ["Copy", "Orders", "Sheet1"]
    spreadsheet.del_worksheet(second)
    assert first.acell("A1").value == "#REF!"
    same = raw.batch(book, {"addSheet": {"properties": {"title": "copy"}}})
    assert 'A sheet with the name "copy" already exists' in same.json()["error"]["message"]
    third.hide()
    with pytest.raises(gspread.exceptions.APIError, match="visible"):
        spreadsheet.del_worksheet(first)


def test_sheet_properties(
    client: gspread.Client, tab: gspread.Worksheet, spreadsheet: gspread.Spreadsheet
) -> None:
    tab.freeze(rows=1, cols=2)
    again = spreadsheet.sheet1
    assert (again.frozen_row_count, again.frozen_col_count) == (1, 2)
    tab.freeze(0, 0)
    assert spreadsheet.sheet1.frozen_row_count == 0
    tab.update_tab_color("#FF0000")
    assert spreadsheet.sheet1.get_tab_color() == "#FF0000"
    tab.clear_tab_color()
    assert spreadsheet.sheet1.get_tab_color() is None
    spreadsheet.update_title("新店")
    spreadsheet.update_locale("zh_CN")
    assert spreadsheet.fetch_sheet_metadata()["properties"]["locale"] == "zh_CN"
    assert client.openall()[0].title == "新店"


def test_copy_to_another_spreadsheet(client: gspread.Client, tab: gspread.Worksheet) -> None:
    tab.update([["x"]], "A1")
    other = client.create("other")
    told = tab.copy_to(other.id)
    assert told["title"] == "Copy of Sheet1" and other.worksheet("Copy of Sheet1").acell("A1").value == "x"


@pytest.mark.long
def test_fifty_thousand_rows_are_quick(raw: Raw, book: str, desk: Desk) -> None:
    import time

    raw.ok(book, {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 49_000}})
    body = {"values": [[f"k{n}", n] for n in range(50_000)]}
    started = time.perf_counter()
    told = raw("PUT", f"/v4/spreadsheets/{book}/values/A1:B50000", body, valueInputOption="RAW").json()
    assert told["updatedCells"] == 100_000
    filled = time.perf_counter()
    for at in range(20):
        raw.ok(
            book,
            {
                "updateCells": {
                    "start": {"sheetId": 0, "rowIndex": at * 2500},
                    "rows": [text("y")],
                    "fields": "userEnteredValue",
                }
            },
        )
    desk.sort("Sheet1", 1, descending=True)
    ended = time.perf_counter()
    assert filled - started < 15 and ended - filled < 15
    assert desk.value("Sheet1", 1, 0) == "k49999"
