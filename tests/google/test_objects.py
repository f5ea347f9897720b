"""What lies on cells: protections, rules, filters, tables, charts, bands, groups, validation, developer metadata."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.utils import ValidationConditionType

from sync_engine.sandbox.google.refusal import Refusal
from sync_engine.sandbox.google.serve import ROBOT, GoogleSandbox
from sync_engine.sandbox.google.staff import Desk
from sync_engine.sandbox.google.work import PROTECTED
from tests.google.client import Raw
from tests.google.test_batch import COLUMN, ROW, area, fill, text

V4 = "/v4/spreadsheets/"


def get(raw: Raw, book: str, what: str) -> Any:
    """One field of the first sheet."""
    return raw("GET", f"{V4}{book}", fields=f"sheets.{what}").json()["sheets"][0].get(what)


def write(raw: Raw, book: str, where: str, *values: Any) -> Any:
    return raw("PUT", f"{V4}{book}/values/{where}", {"values": [list(values)]}, valueInputOption="RAW")


def test_protection_shuts_out_who_is_no_editor(
    raw: Raw, book: str, desk: Desk, sandbox: GoogleSandbox
) -> None:
    desk.protect("Sheet1", "A1:B2")
    refused = write(raw, book, "A1", "x")
    assert refused.status_code == 400 and PROTECTED in refused.json()["error"]["message"]
    assert write(raw, book, "C1", "x").status_code == 200
    assert write(raw, book, "A1:C1", None, None, "row-wide with nulls").status_code == 200
    for asked in (
        {"deleteDimension": {"range": ROW | {"startIndex": 1, "endIndex": 2}}},
        {"sortRange": {"range": area(0, 5, 0, 3), "sortSpecs": [{"dimensionIndex": 0}]}},
        {"deleteSheet": {"sheetId": 0}},
        {"insertDimension": {"range": ROW | {"startIndex": 1, "endIndex": 2}}},
        {"moveDimension": {"source": ROW | {"startIndex": 0, "endIndex": 1}, "destinationIndex": 5}},
        {"copyPaste": {"source": area(5, 6, 0, 1), "destination": area(0, 1, 0, 1)}},
        {"findReplace": {"find": "mine", "replacement": "x", "allSheets": True}},
    ):
        desk.type("Sheet1", 0, 0, "mine")
        if "deleteSheet" in asked and len(desk.book.sheets) == 1:
            desk.add_tab("more")
        assert raw.batch(book, asked).status_code == 400, asked
    desk.type("Sheet1", 0, 0, "the owner may")


def test_owner_is_never_shut_out_and_staff_is(
    raw: Raw, book: str, desk: Desk, sandbox: GoogleSandbox
) -> None:
    told = raw.ok(
        book, {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}, "description": "lock"}}}
    )
    made = told["replies"][0]["addProtectedRange"]["protectedRange"]
    assert (
        made["editors"]["users"] == [ROBOT] and made["requestingUserCanEdit"] is True and made["range"] == {}
    )
    desk.type("Sheet1", 0, 0, "owner")
    sandbox.staff.share(book, "wang@example.com")
    wang = sandbox.person("wang@example.com").open(book)
    with pytest.raises(Refusal, match="protected"):
        wang.type("Sheet1", 1, 0, "x")
    with pytest.raises(Refusal, match="protected"):
        wang.sort("Sheet1", 0)
    raw.ok(book, {"deleteProtectedRange": {"protectedRangeId": made["protectedRangeId"]}})
    wang.type("Sheet1", 1, 0, "x")


def test_warning_only_and_holes(raw: Raw, book: str, desk: Desk) -> None:
    desk.protect("Sheet1", "A1:A2", warning=True)
    assert write(raw, book, "A1", "x").status_code == 200
    told = raw.ok(
        book,
        {
            "addProtectedRange": {
                "protectedRange": {"range": {"sheetId": 0}, "unprotectedRanges": [area(0, 9, 3, 4)]}
            }
        },
    )
    number = told["replies"][0]["addProtectedRange"]["protectedRange"]["protectedRangeId"]
    assert len(get(raw, book, "protectedRanges")) == 2
    new = {"protectedRangeId": number, "editors": {"users": ["lin@example.com"]}}
    raw.ok(book, {"updateProtectedRange": {"protectedRange": new, "fields": "editors"}})
    assert write(raw, book, "A9", "still mine").status_code == 200


def test_holes_let_others_in(sandbox: GoogleSandbox, raw: Raw, book: str, desk: Desk) -> None:
    wang = Raw(sandbox, "wang@example.com")
    sandbox.staff.share(book, "wang@example.com")
    raw.ok(
        book,
        {
            "addProtectedRange": {
                "protectedRange": {"range": {"sheetId": 0}, "unprotectedRanges": [area(0, 9, 3, 4)]}
            }
        },
    )
    assert write(wang, book, "D2", "ok").status_code == 200
    assert write(wang, book, "C2:D2", "no", "ok").status_code == 400
    hidden = get(wang, book, "protectedRanges")[0]
    assert "editors" not in hidden and "requestingUserCanEdit" not in hidden
    assert (
        wang.batch(
            book, {"deleteProtectedRange": {"protectedRangeId": hidden["protectedRangeId"]}}
        ).status_code
        == 400
    )


def test_protection_through_gspread(tab: gspread.Worksheet, spreadsheet: gspread.Spreadsheet) -> None:
    tab.add_protected_range("A1:B2", editor_users_emails=["wang@example.com"], description="d")
    found = spreadsheet.list_protected_ranges(tab.id)
    assert found[0]["editors"]["users"] == ["wang@example.com", ROBOT]
    tab.delete_protected_range(found[0]["protectedRangeId"])
    assert spreadsheet.list_protected_ranges(tab.id) == []


def test_conditional_formats(raw: Raw, book: str) -> None:
    rule = {
        "ranges": [area(1, 10, 0, 1)],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"backgroundColor": {"red": 1}}},
    }
    grade = {
        "ranges": [area(1, 10, 1, 2)],
        "gradientRule": {
            "minpoint": {"type": "MIN", "color": {"red": 1}},
            "maxpoint": {"type": "MAX", "color": {"green": 1}},
        },
    }
    raw.ok(
        book,
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"addConditionalFormatRule": {"rule": grade, "index": 0}},
    )
    assert "gradientRule" in get(raw, book, "conditionalFormats")[0]
    told = raw.ok(book, {"updateConditionalFormatRule": {"sheetId": 0, "index": 0, "newIndex": 1}})
    assert told["replies"][0]["updateConditionalFormatRule"]["oldIndex"] == 0
    raw.ok(book, {"insertDimension": {"range": ROW | {"startIndex": 0, "endIndex": 1}}})
    assert get(raw, book, "conditionalFormats")[0]["ranges"][0]["startRowIndex"] == 2
    told = raw.ok(book, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})
    assert "booleanRule" in told["replies"][0]["deleteConditionalFormatRule"]["rule"]
    assert raw.batch(book, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 5}}).status_code == 400
    assert (
        raw.batch(book, {"addConditionalFormatRule": {"rule": {"ranges": [area(0, 1, 0, 1)]}}}).status_code
        == 400
    )


def test_validation_is_kept_and_asked_of_people_only(
    tab: gspread.Worksheet, raw: Raw, book: str, desk: Desk
) -> None:
    tab.add_validation(
        "A1:A3", ValidationConditionType.one_of_list, ["顺丰", "中通"], strict=True, showCustomUi=True
    )
    desk.type("Sheet1", 0, 0, "中通")
    with pytest.raises(Refusal, match="validation"):
        desk.type("Sheet1", 0, 0, "马车")
    assert write(raw, book, "A1", "马车").status_code == 200
    told = raw("GET", f"{V4}{book}", fields="sheets.data.rowData.values.dataValidation").json()
    rule = told["sheets"][0]["data"][0]["rowData"][2]["values"][0]["dataValidation"]
    assert rule["condition"]["type"] == "ONE_OF_LIST" and rule["strict"] is True
    raw.ok(book, {"setDataValidation": {"range": area(0, 3, 0, 1)}})
    assert desk.book.sheets[0].cell(1, 0).validation is None


def test_filters(tab: gspread.Worksheet, raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["k"], ["b"], ["a"])
    tab.set_basic_filter("A1:A3")
    assert get(raw, book, "basicFilter")["range"]["endRowIndex"] == 3
    tab.insert_row(["h"], 1)
    assert get(raw, book, "basicFilter")["range"]["startRowIndex"] == 1
    sorted_filter = {
        "range": area(1, 4, 0, 1),
        "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}],
    }
    raw.ok(book, {"setBasicFilter": {"filter": sorted_filter}})
    assert [row[0] for row in desk.rows("Sheet1")] == ["h", "k", "a", "b"]
    tab.clear_basic_filter()
    assert get(raw, book, "basicFilter") is None
    told = raw.ok(book, {"addFilterView": {"filter": {"title": "v", "range": area(0, 3, 0, 1)}}})
    number = told["replies"][0]["addFilterView"]["filter"]["filterViewId"]
    raw.ok(book, {"updateFilterView": {"filter": {"filterViewId": number, "title": "w"}, "fields": "title"}})
    raw.ok(book, {"duplicateFilterView": {"filterId": number}})
    assert [each["title"] for each in get(raw, book, "filterViews")] == ["w", "Copy of w"]
    raw.ok(book, {"deleteFilterView": {"filterId": number}})
    assert len(get(raw, book, "filterViews")) == 1


def table_of(raw: Raw, book: str, rows: int = 3) -> dict[str, Any]:
    columns = [
        {"columnIndex": 0, "columnName": "sku", "columnType": "TEXT"},
        {"columnIndex": 1, "columnName": "qty", "columnType": "DOUBLE"},
    ]
    table = {"name": "stock", "range": area(0, rows, 0, 2), "columnProperties": columns}
    told = raw.ok(book, {"addTable": {"table": table}})
    return told["replies"][0]["addTable"]["table"]


def test_table_takes_rows_into_its_body(raw: Raw, book: str, desk: Desk) -> None:
    made = table_of(raw, book)
    assert desk.rows("Sheet1") == [["sku", "qty"]]
    desk.type("Sheet1", 5, 0, "below")
    body = {"tableId": made["tableId"], "rows": [text("a", 1), text("b", 2)], "fields": "userEnteredValue"}
    raw.ok(book, {"appendCells": body})
    assert desk.rows("Sheet1")[1:3] == [["a", 1], ["b", 2]]
    raw.ok(book, {"appendCells": body})
    assert get(raw, book, "tables")[0]["range"]["endRowIndex"] == 5
    raw.ok(book, {"appendCells": body})
    assert desk.rows("Sheet1")[5:8] == [["a", 1], ["b", 2], ["below", None]]
    assert get(raw, book, "tables")[0]["range"]["endRowIndex"] == 7


def test_tables_are_checked_updated_and_deleted(raw: Raw, book: str, desk: Desk) -> None:
    made = table_of(raw, book)
    assert (
        raw.batch(book, {"addTable": {"table": {"name": "x", "range": area(2, 5, 0, 1)}}}).status_code == 400
    )
    assert (
        raw.batch(book, {"addTable": {"table": {"name": "STOCK", "range": area(2, 5, 5, 6)}}}).status_code
        == 400
    )
    new = {"tableId": made["tableId"], "name": "stock2", "range": area(0, 9, 0, 3)}
    raw.ok(book, {"updateTable": {"table": new, "fields": "name,range"}})
    told = get(raw, book, "tables")[0]
    assert told["name"] == "stock2" and [each["columnName"] for each in told["columnProperties"]] == [
        "sku",
        "qty",
        "Column 3",
    ]
    raw.ok(book, {"insertDimension": {"range": COLUMN | {"startIndex": 1, "endIndex": 2}}})
    assert len(get(raw, book, "tables")[0]["columnProperties"]) == 4
    raw.ok(book, {"deleteTable": {"tableId": made["tableId"]}})
    assert get(raw, book, "tables") is None and desk.rows("Sheet1") == []


def test_charts_are_kept_and_follow(raw: Raw, book: str) -> None:
    source = {"sourceRange": {"sources": [area(0, 5, 0, 1)]}}
    spec = {
        "title": "销量",
        "basicChart": {"chartType": "LINE", "domains": [{"domain": source}], "series": [{"series": source}]},
    }
    place = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 1, "columnIndex": 4}}}
    told = raw.ok(book, {"addChart": {"chart": {"spec": spec, "position": place}}})
    number = told["replies"][0]["addChart"]["chart"]["chartId"]
    raw.ok(book, {"insertDimension": {"range": ROW | {"startIndex": 0, "endIndex": 2}}})
    chart = get(raw, book, "charts")[0]
    grid = chart["spec"]["basicChart"]["series"][0]["series"]["sourceRange"]["sources"][0]
    assert grid == {"startRowIndex": 2, "endRowIndex": 7, "startColumnIndex": 0, "endColumnIndex": 1}
    raw.ok(book, {"updateChartSpec": {"chartId": number, "spec": {"title": "x", "pieChart": {}}}})
    raw.ok(
        book,
        {
            "updateEmbeddedObjectPosition": {
                "objectId": number,
                "newPosition": {"overlayPosition": {"widthPixels": 5}},
                "fields": "overlayPosition.widthPixels",
            }
        },
    )
    assert get(raw, book, "charts")[0]["position"]["overlayPosition"]["widthPixels"] == 5
    raw.ok(book, {"deleteEmbeddedObject": {"objectId": number}})
    assert get(raw, book, "charts") is None


def test_bands_and_groups(raw: Raw, book: str, tab: gspread.Worksheet) -> None:
    band = {
        "range": area(0, 9, 0, 3),
        "rowProperties": {"firstBandColor": {"red": 1}, "secondBandColor": {"blue": 1}},
    }
    told = raw.ok(book, {"addBanding": {"bandedRange": band}})
    number = told["replies"][0]["addBanding"]["bandedRange"]["bandedRangeId"]
    assert raw.batch(book, {"addBanding": {"bandedRange": band}}).status_code == 400
    raw.ok(
        book,
        {
            "updateBanding": {
                "bandedRange": {"bandedRangeId": number, "range": area(0, 5, 0, 3)},
                "fields": "range",
            }
        },
    )
    raw.ok(book, {"deleteBanding": {"bandedRangeId": number}})
    tab.add_dimension_group_rows(1, 8)
    tab.add_dimension_group_rows(2, 4)
    assert [each["depth"] for each in tab.list_dimension_group_rows()] == [1, 2]
    group = {"range": ROW | {"startIndex": 2, "endIndex": 4}, "depth": 2, "collapsed": True}
    raw.ok(book, {"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}})
    tab.delete_dimension_group_rows(2, 4)
    assert len(tab.list_dimension_group_rows()) == 1


def test_named_ranges(raw: Raw, book: str, spreadsheet: gspread.Spreadsheet) -> None:
    told = raw.ok(book, {"addNamedRange": {"namedRange": {"name": "rates", "range": area(0, 2, 0, 2)}}})
    number = told["replies"][0]["addNamedRange"]["namedRange"]["namedRangeId"]
    raw.ok(
        book,
        {"updateNamedRange": {"namedRange": {"namedRangeId": number, "name": "rates2"}, "fields": "name"}},
    )
    assert [each["name"] for each in spreadsheet.list_named_ranges()] == ["rates2"]
    for name in ("A1", "1x", "a b", "rates2", "true"):
        assert (
            raw.batch(
                book, {"addNamedRange": {"namedRange": {"name": name, "range": area(0, 2, 0, 2)}}}
            ).status_code
            == 400
        )
    raw.ok(book, {"deleteNamedRange": {"namedRangeId": number}})


def meta(row: int, value: str, number: int = 0, key: str = "r") -> dict[str, Any]:
    told = {
        "metadataKey": key,
        "metadataValue": value,
        "visibility": "DOCUMENT",
        "location": {"dimensionRange": ROW | {"startIndex": row, "endIndex": row + 1}},
    }
    return {
        "createDeveloperMetadata": {"developerMetadata": told | ({"metadataId": number} if number else {})}
    }


def lookup(**told: Any) -> dict[str, Any]:
    return {"developerMetadataLookup": told}


def test_metadata_follows_its_row_but_not_a_sort(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["b", "2"], ["a", "1"], ["c", "3"])
    raw.ok(book, meta(0, "row b", 7), meta(2, "row c", 8))
    raw.ok(book, {"insertDimension": {"range": ROW | {"startIndex": 0, "endIndex": 1}}})
    told = raw("GET", f"{V4}{book}/developerMetadata/8").json()
    assert told["location"]["dimensionRange"] == {"dimension": "ROWS", "startIndex": 3, "endIndex": 4}
    found = raw(
        "POST", f"{V4}{book}/values:batchGetByDataFilter", {"dataFilters": [lookup(metadataValue="row c")]}
    ).json()
    assert found["valueRanges"][0]["valueRange"]["values"] == [["c", "3"]]
    desk.sort("Sheet1", 0, area="A2:B4")
    found = raw(
        "POST", f"{V4}{book}/values:batchGetByDataFilter", {"dataFilters": [lookup(metadataId=7)]}
    ).json()
    assert found["valueRanges"][0]["valueRange"]["values"] == [["a", "1"]]
    desk.delete_rows("Sheet1", 1)
    assert raw("GET", f"{V4}{book}/developerMetadata/7").status_code == 404


def test_metadata_is_searched_changed_and_deleted(raw: Raw, book: str) -> None:
    whole = {
        "metadataKey": "v",
        "metadataValue": "1",
        "visibility": "DOCUMENT",
        "location": {"spreadsheet": True},
    }
    sheet = {"metadataKey": "s", "visibility": "PROJECT", "location": {"sheetId": 0}}
    raw.ok(
        book,
        meta(4, "x", 5),
        {"createDeveloperMetadata": {"developerMetadata": whole}},
        {"createDeveloperMetadata": {"developerMetadata": sheet}},
    )
    search = f"{V4}{book}/developerMetadata:search"
    assert (
        len(
            raw("POST", search, {"dataFilters": [lookup(visibility="DOCUMENT")]}).json()[
                "matchedDeveloperMetadata"
            ]
        )
        == 2
    )
    assert (
        len(
            raw("POST", search, {"dataFilters": [lookup(locationType="SHEET")]}).json()[
                "matchedDeveloperMetadata"
            ]
        )
        == 1
    )
    assert (
        len(raw("POST", search, {"dataFilters": [{"a1Range": "A5:B5"}]}).json()["matchedDeveloperMetadata"])
        == 2
    )
    assert raw("POST", search, {"dataFilters": [lookup(metadataKey="none")]}).json() == {}
    told = raw.ok(
        book,
        {
            "updateDeveloperMetadata": {
                "dataFilters": [lookup(metadataId=5)],
                "developerMetadata": {"metadataValue": "y"},
                "fields": "metadataValue",
            }
        },
    )
    assert told["replies"][0]["updateDeveloperMetadata"]["developerMetadata"][0]["metadataValue"] == "y"
    told = raw.ok(book, {"deleteDeveloperMetadata": {"dataFilter": lookup(metadataKey="r")}})
    assert len(told["replies"][0]["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]) == 1
    assert raw("GET", f"{V4}{book}").json()["developerMetadata"][0]["metadataKey"] == "v"


def test_metadata_limits(raw: Raw, book: str) -> None:
    raw.ok(book, meta(0, "x" * 29_998, 1))
    answer = raw.batch(book, meta(1, "yy", 2))
    assert answer.status_code == 400 and "quota of 30000" in answer.json()["error"]["message"]
    assert raw.batch(book, meta(1, "", 1)).status_code == 400
    two = {"dimensionRange": ROW | {"startIndex": 0, "endIndex": 2}}
    told = {"metadataKey": "k", "visibility": "DOCUMENT", "location": two}
    assert raw.batch(book, {"createDeveloperMetadata": {"developerMetadata": told}}).status_code == 400


def test_values_by_data_filter(raw: Raw, book: str, desk: Desk) -> None:
    fill(desk, ["k1", "old", "memo"], ["k2", "old", ""])
    raw.ok(book, meta(0, "one"), meta(1, "two"))
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "data": [
            {"dataFilter": lookup(metadataValue="two"), "values": [[None, "new"]]},
            {"dataFilter": {"a1Range": "Sheet1!C1"}, "values": [["m"]]},
        ],
    }
    told = raw("POST", f"{V4}{book}/values:batchUpdateByDataFilter", body).json()
    assert told["responses"][0]["updatedData"]["values"] == [["k2", "new"]]
    assert desk.rows("Sheet1") == [["k1", "old", "m"], ["k2", "new", None]]
    wide = {
        "valueInputOption": "RAW",
        "data": [{"dataFilter": lookup(metadataValue="two"), "values": [["a"], ["b"]]}],
    }
    assert raw("POST", f"{V4}{book}/values:batchUpdateByDataFilter", wide).status_code == 400
    raw("POST", f"{V4}{book}/values:batchClearByDataFilter", {"dataFilters": [lookup(metadataValue="one")]})
    assert desk.rows("Sheet1") == [[None, None], ["k2", "new"]]
    told = raw(
        "POST",
        f"{V4}{book}:getByDataFilter",
        {"dataFilters": [lookup(metadataValue="two")], "includeGridData": True},
    ).json()
    assert told["sheets"][0]["data"][0]["startRow"] == 1


def test_sheet_zero_is_left_out_of_ranges(tab: gspread.Worksheet, raw: Raw, book: str) -> None:
    tab.merge_cells("A1:B2")
    tab.define_named_range("A1:B2", "n")
    told = raw("GET", f"{V4}{book}").json()
    assert told["sheets"][0]["properties"]["sheetId"] == 0
    assert (
        "sheetId" not in told["sheets"][0]["merges"][0] and "sheetId" not in told["namedRanges"][0]["range"]
    )
    mask = raw("GET", f"{V4}{book}", fields="sheets/properties(title,sheetId),namedRanges.name").json()
    assert mask == {
        "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}],
        "namedRanges": [{"name": "n"}],
    }
    bad = raw("GET", f"{V4}{book}", fields="sheets.nope")
    assert bad.status_code == 400
    assert bad.json()["error"]["details"][0]["fieldViolations"][0]["field"] == "sheets.nope"
