"""The values methods, through gspread and raw."""

from __future__ import annotations

import gspread
import pytest
from gspread.exceptions import APIError
from gspread.utils import ValueInputOption, ValueRenderOption

from sync_engine.sandbox.google.staff import Desk
from tests.google.client import Raw

V4 = "/v4/spreadsheets/"
USER = ValueInputOption.user_entered


def test_null_skips_and_empty_clears(tab: gspread.Worksheet) -> None:
    tab.update([["a", "b", "c"], ["d", "e", "f"]], "A1:C2")
    tab.update([["x", None, ""], [None, None, "z"]], "A1:C2")
    assert tab.get_values("A1:C2") == [["x", "b", ""], ["d", "e", "z"]]


def test_counts_of_an_update_leave_nulls_out(raw: Raw, book: str) -> None:
    told = raw(
        "PUT", f"{V4}{book}/values/A1:C2", {"values": [[1, None, 2], [None]]}, valueInputOption="RAW"
    ).json()
    assert (told["updatedRows"], told["updatedColumns"], told["updatedCells"]) == (1, 2, 2)
    assert told["updatedRange"] == "Sheet1!A1:C2"


def test_whole_rows_are_echoed(raw: Raw, book: str) -> None:
    raw("PUT", f"{V4}{book}/values/A1:D1", {"values": [["id", "n", "memo", "x"]]}, valueInputOption="RAW")
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "responseValueRenderOption": "UNFORMATTED_VALUE",
        "data": [
            {"range": "Sheet1!A1:D1", "values": [[None, 7]]},
            {"range": "Sheet1!A2:C2", "values": [["k", None, 3]]},
        ],
    }
    told = raw("POST", f"{V4}{book}/values:batchUpdate", body).json()
    assert told["responses"][0]["updatedData"]["values"] == [["id", 7, "memo", "x"]]
    assert told["responses"][0]["updatedData"]["range"] == "Sheet1!A1:D1"
    assert told["responses"][1]["updatedData"]["values"] == [["k", "", 3]]
    assert told["totalUpdatedCells"] == 3 and told["totalUpdatedSheets"] == 1


def test_values_that_are_no_rows_are_refused(raw: Raw, book: str) -> None:
    """As Google's own answers, recorded in gspread's cassettes, say it: a row is a list, and the body is called `data`."""
    path = f"{V4}{book}/values/A1"
    list_value = "(type.googleapis.com/google.protobuf.ListValue)"
    for values, field, told in (("X", "data.values", '"X"'), ([["a"], 5], "data.values[1]", "5")):
        error = raw("PUT", path, {"values": values}, fits=False, valueInputOption="RAW").json()["error"]
        said = f"Invalid value at '{field}' {list_value}, {told}"
        assert (error["code"], error["status"], error["message"]) == (400, "INVALID_ARGUMENT", said)
        assert error["details"][0]["fieldViolations"] == [{"field": field, "description": said}]
    assert "values" not in raw("GET", path).json()


def test_writing_outside_of_the_range(raw: Raw, book: str) -> None:
    body = {"values": [[1, 2, 3]]}
    answer = raw("PUT", f"{V4}{book}/values/A1:B1", body, valueInputOption="RAW")
    assert answer.status_code == 400
    assert (
        answer.json()["error"]["message"]
        == "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"
    )
    answer = raw("PUT", f"{V4}{book}/values/A1:B1", {"values": [[1], [2]]}, valueInputOption="RAW")
    assert answer.json()["error"]["message"].endswith("tried writing to row [2]")


def test_batch_is_all_or_nothing(raw: Raw, book: str, desk: Desk) -> None:
    data = [{"range": "A1", "values": [["ok"]]}, {"range": "Nope!A1", "values": [["no"]]}]
    answer = raw("POST", f"{V4}{book}/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert answer.status_code == 400 and answer.json()["error"]["message"] == "Unable to parse range: Nope!A1"
    assert desk.rows("Sheet1") == []


def test_value_input_option_is_needed(raw: Raw, book: str) -> None:
    answer = raw("PUT", f"{V4}{book}/values/A1", {"values": [[1]]})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "'valueInputOption' is required but not specified"


def test_render_options(tab: gspread.Worksheet) -> None:
    tab.update([["2026-11-11", "=1/3", "12.5%", "2,000.50", True]], "A1:E1", value_input_option=USER)
    assert tab.get("A1:E1") == [["2026-11-11", "0.3333333333", "12.50%", "2,000.50", "TRUE"]]
    assert tab.get("A1:E1", value_render_option=ValueRenderOption.unformatted) == [
        [46337, 1 / 3, 0.125, 2000.5, True]
    ]
    assert tab.get("A1:E1", value_render_option=ValueRenderOption.formula) == [
        [46337, "=1/3", 0.125, 2000.5, True]
    ]
    plain = tab.get(
        "A1:B1", value_render_option=ValueRenderOption.unformatted, date_time_render_option="FORMATTED_STRING"
    )
    assert plain == [["2026-11-11", 1 / 3]]


def test_columns_and_trailing_blanks(tab: gspread.Worksheet) -> None:
    tab.update([["a", "", ""], ["", "b", ""], ["", "", ""]], "A1:C3")
    assert tab.get("A1:C3") == [["a"], ["", "b"]]
    assert tab.get("A1:C3", major_dimension="COLUMNS") == [["a"], ["", "b"]]
    tab.update([["1", "2"], ["3"]], "E1", major_dimension="COLUMNS")
    assert tab.get("E1:F2") == [["1", "3"], ["2"]]


def test_batch_get_and_clear(tab: gspread.Worksheet) -> None:
    tab.batch_update([{"range": "A1:B1", "values": [[1, 2]]}, {"range": "A3", "values": [[3]]}])
    assert tab.batch_get(["A1:B1", "A3"], value_render_option="UNFORMATTED_VALUE") == [[[1, 2]], [[3]]]
    tab.batch_clear(["A1", "A3"])
    assert tab.get("A1:B3") == [["", "2"]]


def test_append_finds_the_table(tab: gspread.Worksheet, raw: Raw, book: str) -> None:
    tab.update([["h1", "h2"], ["a", "b"]], "B2:C3")
    told = tab.append_row(["c", "d"])
    assert told["tableRange"] == "Sheet1!B2:C3" and told["updates"]["updatedRange"] == "Sheet1!B4:C4"
    told = raw("POST", f"{V4}{book}/values/F1:append", {"values": [["x"]]}, valueInputOption="RAW").json()
    assert "tableRange" not in told and told["updates"]["updatedRange"] == "Sheet1!F1"


def test_append_grows_the_grid(tab: gspread.Worksheet) -> None:
    tab.resize(2, 2)
    tab.append_rows([["1", "2"], ["3", "4"], ["5", "6", "7"]])
    tab_again = tab.spreadsheet.sheet1
    assert (tab_again.row_count, tab_again.col_count) == (3, 3)


def test_append_inserts_rows(tab: gspread.Worksheet) -> None:
    tab.update([["a"], ["b"], [""], ["foot"]], "A1:A4")
    tab.append_rows([["c"], ["d"]], insert_data_option="INSERT_ROWS", table_range="A1:A2")
    assert tab.col_values(1) == ["a", "b", "c", "d", "", "foot"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("A1:B2", "Sheet1!A1:B2"),
        ("Sheet1", "Sheet1!A1:Z1000"),
        ("A:C", "Sheet1!A1:C1000"),
        ("2:3", "Sheet1!A2:Z3"),
        ("B2:B", "Sheet1!B2:B1000"),
        ("A1:1", "Sheet1!A1:Z1"),
        ("R2C3", "Sheet1!C2"),
        ("'Sheet1'!C3:A1", "Sheet1!A1:C3"),
        ("$A$1:$B2", "Sheet1!A1:B2"),
        ("Y999:ZZ2000", "Sheet1!Y999:Z1000"),
    ],
)
def test_ranges(raw: Raw, book: str, asked: str, answered: str) -> None:
    assert raw("GET", f"{V4}{book}/values/{asked}").json()["range"] == answered


@pytest.mark.parametrize("asked", ["Nope!A1", "A0", "hello world", "Sheet1!", "Sheet1!A1:B2:C3", "AA1001"])
def test_bad_ranges(raw: Raw, book: str, asked: str) -> None:
    assert raw("GET", f"{V4}{book}/values/{asked}").status_code == 400


def test_beyond_the_grid(raw: Raw, book: str) -> None:
    told = raw("GET", f"{V4}{book}/values/A1001").json()["error"]
    assert told["message"] == "Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"


def test_quoted_titles(spreadsheet: gspread.Spreadsheet) -> None:
    tab = spreadsheet.add_worksheet("老板's 表!", 5, 5)
    tab.update([["x"]], "A1")
    assert tab.acell("A1").value == "x"
    assert spreadsheet.values_get("'老板''s 表!'!A1")["range"] == "'老板''s 表!'!A1"


def test_named_range_as_a_range(tab: gspread.Worksheet) -> None:
    tab.update([["q"]], "B2")
    tab.define_named_range("B2:C3", "stock_now")
    assert tab.get("stock_now") == [["q"]]


def test_ids_stay_text(tab: gspread.Worksheet) -> None:
    number = "123456789012345678"
    tab.format("A:B", {"numberFormat": {"type": "TEXT"}})
    tab.update([[number]], "A1", raw=True)
    tab.update([[number, 12]], "A2:B2", value_input_option=USER)
    assert tab.get("A1:B2", value_render_option="UNFORMATTED_VALUE") == [[number], [number, "12"]]
    tab.update([[number]], "D1", value_input_option=USER)
    assert tab.get("D1", value_render_option="UNFORMATTED_VALUE") == [[123456789012345680]]
    assert tab.acell("D1").value == "1.23457E+17"


def test_raw_keeps_what_looks_like_a_formula(tab: gspread.Worksheet) -> None:
    tab.update([["=1+1", "'x", "TRUE"]], "A1:C1", raw=True)
    assert tab.get("A1:C1", value_render_option="FORMULA") == [["=1+1", "'x", "TRUE"]]
    tab.update([["=1+1", "'x", "TRUE"]], "A2:C2", value_input_option=USER)
    assert tab.get("A2:C2", value_render_option="UNFORMATTED_VALUE") == [[2, "x", True]]


def test_struct_value_is_refused(raw: Raw, book: str) -> None:
    answer = raw("PUT", f"{V4}{book}/values/A1", {"values": [[{"a": 1}]]}, valueInputOption="RAW")
    assert answer.status_code == 400 and "Invalid values[0][0]" in answer.json()["error"]["message"]


def test_values_wider_than_a_start_grow_the_grid(tab: gspread.Worksheet) -> None:
    tab.resize(2, 2)
    tab.update([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert tab.get("C3") == [["9"]]
    with pytest.raises(APIError, match="exceeds grid limits"):
        tab.update([[1]], "A9")


def test_get_all_records_and_find(tab: gspread.Worksheet) -> None:
    tab.update([["sku", "qty"], ["A-1", 5], ["A-2", 7]], "A1:B3")
    assert tab.get_all_records() == [{"sku": "A-1", "qty": 5}, {"sku": "A-2", "qty": 7}]
    found = tab.find("A-2")
    assert found is not None and (found.row, found.col) == (3, 1)


def test_clear_keeps_formats(tab: gspread.Worksheet, raw: Raw, book: str) -> None:
    tab.update([["x"]], "A1")
    tab.format("A1", {"textFormat": {"bold": True}})
    tab.clear()
    told = raw("GET", f"{V4}{book}", ranges="A1", includeGridData=True).json()
    cell = told["sheets"][0]["data"][0]["rowData"][0]["values"][0]
    assert "userEnteredValue" not in cell and cell["userEnteredFormat"]["textFormat"]["bold"] is True


def test_error_is_told_from_text(raw: Raw, book: str, desk: Desk) -> None:
    desk.paste("Sheet1", 0, 0, [["=NA()", "#N/A", "=1/0", "=FOO(1)"]])
    shown = raw("GET", f"{V4}{book}/values/A1:D1", valueRenderOption="UNFORMATTED_VALUE").json()["values"]
    assert shown == [["#NAME?", "#N/A", "#DIV/0!", "#NAME?"]]
    mask = "sheets.data.rowData.values(effectiveValue,userEnteredValue)"
    cells = raw("GET", f"{V4}{book}", fields=mask).json()["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert cells[1] == {
        "effectiveValue": {"stringValue": "#N/A"},
        "userEnteredValue": {"stringValue": "#N/A"},
    }
    assert cells[2]["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"
    assert cells[3]["effectiveValue"]["errorValue"] == {"type": "NAME", "message": "Unknown function: 'FOO'."}


def test_two_tables_side_by_side(tab: gspread.Worksheet) -> None:
    """Appending to the whole sheet goes below the right one (gspread's issue 537); a table range says which."""
    tab.append_row(["a", "", "c"])
    tab.append_row(["x", "", "z"])
    assert tab.row_values(2) == ["", "", "x", "", "z"]
    tab.append_row(["y"], table_range="A1")
    assert tab.row_values(2) == ["y", "", "x", "", "z"]


def test_rows_with_gaps_are_one_table(tab: gspread.Worksheet) -> None:
    tab.update([["h1", "h2", "h3"], ["a", "", "c"]], "B2")
    assert tab.append_row(["x", "", "z"])["tableRange"] == "Sheet1!B2:D3"
    assert tab.row_values(4) == ["", "x", "", "z"]
