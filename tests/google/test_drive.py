"""Drive v3 as gspread and others use it."""

from __future__ import annotations

import io
import zipfile

import gspread
import openpyxl
import pytest
from gspread.exceptions import APIError, SpreadsheetNotFound

from sync_engine.sandbox.google.serve import PERSON, ROBOT, GoogleSandbox
from sync_engine.sandbox.google.staff import Desk
from tests.google.client import Raw

FILES = "/drive/v3/files"
SHEETS = "application/vnd.google-apps.spreadsheet"


def test_create_open_list_delete(client: gspread.Client) -> None:
    made = client.create("店铺 'A'")
    client.create("other")
    assert client.open("店铺 'A'").id == made.id and client.open_by_url(made.url).id == made.id
    assert [each["name"] for each in client.list_spreadsheet_files()] == ["other", "店铺 'A'"]
    assert made.creationTime.endswith("Z") and made.get_lastUpdateTime() == made.creationTime
    client.del_spreadsheet(made.id)
    with pytest.raises(SpreadsheetNotFound):
        client.open("店铺 'A'")
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key(made.id)


def test_a_stranger_sees_nothing(sandbox: GoogleSandbox, book: str) -> None:
    stranger = Raw(sandbox, "stranger@example.com")
    answer = stranger("GET", f"/v4/spreadsheets/{book}")
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    answer = stranger("GET", f"{FILES}/{book}")
    assert answer.status_code == 404
    assert answer.json()["error"]["errors"][0] == {
        "domain": "global",
        "reason": "notFound",
        "message": f"File not found: {book}.",
        "locationType": "parameter",
        "location": "fileId",
    }
    assert stranger("GET", FILES).json()["files"] == []
    assert stranger("GET", "/v4/spreadsheets/nothing").status_code == 404


def test_a_reader_reads(sandbox: GoogleSandbox, book: str) -> None:
    sandbox.staff.share(book, "reader@example.com", "reader")
    reader = Raw(sandbox, "reader@example.com")
    assert reader("GET", f"/v4/spreadsheets/{book}/values/A1").status_code == 200
    answer = reader("PUT", f"/v4/spreadsheets/{book}/values/A1", {"values": [[1]]}, valueInputOption="RAW")
    assert answer.status_code == 403
    assert reader("DELETE", f"{FILES}/{book}").status_code == 403
    assert reader("GET", f"{FILES}/{book}/permissions").status_code == 403
    sandbox.staff.share(book, "reader@example.com", "")
    assert reader("GET", f"/v4/spreadsheets/{book}/values/A1").status_code == 403


def test_sharing(client: gspread.Client, sandbox: GoogleSandbox) -> None:
    made = client.create("x")
    made.share("wang@example.com", perm_type="user", role="writer", notify=False)
    made.share(None, perm_type="anyone", role="reader")
    found = {each["type"] + ":" + each["role"] for each in made.list_permissions()}
    assert found == {"user:owner", "user:writer", "anyone:reader"}
    wang = Raw(sandbox, "wang@example.com")
    assert wang("PUT", f"/v4/spreadsheets/{made.id}/values/A1", {"values": [[1]]}, valueInputOption="RAW").ok
    made.remove_permissions("wang@example.com", role="writer")
    assert (
        wang(
            "PUT", f"/v4/spreadsheets/{made.id}/values/A1", {"values": [[1]]}, valueInputOption="RAW"
        ).status_code
        == 403
    )
    assert wang("GET", f"/v4/spreadsheets/{made.id}/values/A1").ok
    with pytest.raises(APIError, match="emailAddress"):
        made.share("nobody", perm_type="user", role="writer")


def test_owner_cannot_be_removed(raw: Raw, book: str, sandbox: GoogleSandbox) -> None:
    assert (
        raw("DELETE", f"{FILES}/{book}/permissions/{sandbox.world.permission_id(PERSON)}").status_code == 403
    )
    assert raw("DELETE", f"{FILES}/{book}/permissions/1").status_code == 404


def test_copy_is_the_callers_own(
    client: gspread.Client, spreadsheet: gspread.Spreadsheet, desk: Desk, sandbox: GoogleSandbox
) -> None:
    desk.type("Sheet1", 0, 0, "x")
    copy = client.copy(spreadsheet.id, title="copy")
    assert copy.sheet1.acell("A1").value == "x" and copy.title == "copy"
    copy.sheet1.update_acell("A1", "y")
    assert desk.entered("Sheet1", 0, 0) == "x"
    assert sandbox.world.files[copy.id].owner == ROBOT


def test_versions_count_changes(raw: Raw, book: str, desk: Desk) -> None:
    def version() -> int:
        return int(raw("GET", f"{FILES}/{book}", fields="version").json()["version"])

    before = version()
    desk.type("Sheet1", 0, 0, "x")
    assert version() == before + 1
    raw("GET", f"/v4/spreadsheets/{book}/values/A1")
    assert version() == before + 1


def test_fields_and_pages(raw: Raw, client: gspread.Client) -> None:
    for number in range(3):
        client.create(f"n{number}")
    first = raw("GET", FILES, pageSize=2, fields="nextPageToken,files(name)").json()
    assert first["files"] == [{"name": "n2"}, {"name": "n1"}]
    rest = raw("GET", FILES, pageSize=2, pageToken=first["nextPageToken"]).json()
    assert [each["name"] for each in rest["files"]] == ["n0"] and "nextPageToken" not in rest
    assert set(rest["files"][0]) == {"kind", "id", "name", "mimeType"}
    assert raw("GET", FILES, q="name = 'n1' and trashed = false").json()["files"][0]["name"] == "n1"
    assert raw("GET", FILES, q="nonsense").status_code == 400
    assert raw("GET", FILES, pageToken="x").status_code == 400


def test_shared_drives(raw: Raw, sandbox: GoogleSandbox) -> None:
    drive = sandbox.world.add_drive("公司", {ROBOT: "fileOrganizer", PERSON: "organizer"})
    body = {"name": "in drive", "mimeType": SHEETS, "parents": [drive]}
    made = raw("POST", FILES, body, supportsAllDrives="true", fields="id,driveId").json()
    assert made["driveId"] == drive
    assert raw("GET", f"{FILES}/{made['id']}").status_code == 404
    assert raw("GET", f"{FILES}/{made['id']}", supportsAllDrives="true").ok
    assert raw("GET", FILES).json()["files"] == []
    both = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
    assert len(raw("GET", FILES, **both).json()["files"]) == 1
    assert len(raw("GET", FILES, q=f"'{drive}' in parents", **both).json()["files"]) == 1
    assert raw("DELETE", f"{FILES}/{made['id']}", supportsAllDrives="true").status_code == 403


def test_folders(client: gspread.Client, raw: Raw) -> None:
    folder = raw("POST", FILES, {"name": "f", "mimeType": "application/vnd.google-apps.folder"}).json()["id"]
    made = client.create("inside", folder_id=folder)
    assert [each["id"] for each in client.list_spreadsheet_files(folder_id=folder)] == [made.id]
    assert client.open("inside", folder_id=folder).id == made.id


def test_exports(client: gspread.Client, spreadsheet: gspread.Spreadsheet, desk: Desk) -> None:
    desk.paste("Sheet1", 0, 0, [["a,b", "1"], ["c", "=B1+1"]])
    assert client.export(spreadsheet.id, gspread.utils.ExportFormat.CSV) == b'"a,b",1\r\nc,2'
    assert client.export(spreadsheet.id, gspread.utils.ExportFormat.TSV) == b"a,b\t1\r\nc\t2"
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.export(spreadsheet.id, gspread.utils.ExportFormat.EXCEL))
    )["Sheet1"]
    assert sheet["A1"].value == "a,b" and sheet["B2"].value == "=B1+1"
    assert client.export(spreadsheet.id, gspread.utils.ExportFormat.PDF).startswith(b"%PDF")
    pages = zipfile.ZipFile(io.BytesIO(client.export(spreadsheet.id, gspread.utils.ExportFormat.ZIPPED_HTML)))
    assert pages.namelist() == ["Sheet1.html"]
    with pytest.raises(APIError, match="ODS"):
        client.export(spreadsheet.id, gspread.utils.ExportFormat.OPEN_OFFICE_SHEET)


def test_csv_import_replaces_everything(client: gspread.Client, spreadsheet: gspread.Spreadsheet) -> None:
    spreadsheet.add_worksheet("more", 5, 5)
    client.import_csv(spreadsheet.id, "sku,qty\nA-1,5\n")
    assert [each.title for each in spreadsheet.worksheets()] == ["Sheet1"]
    assert spreadsheet.sheet1.get_all_values() == [["sku", "qty"], ["A-1", "5"]]


def test_comments(raw: Raw, book: str) -> None:
    path = f"{FILES}/{book}/comments"
    assert raw("GET", path).status_code == 400
    raw("POST", path, {"content": "看一下"}, fields="id,content")
    told = raw("GET", path, fields="comments(content,author(emailAddress))").json()
    assert told == {"comments": [{"content": "看一下", "author": {"emailAddress": ROBOT}}]}


def test_rename_is_the_spreadsheets_title(raw: Raw, book: str, desk: Desk) -> None:
    raw("PATCH", f"{FILES}/{book}", {"name": "新名"})
    assert desk.book.properties["title"] == "新名"
    assert raw("PATCH", f"{FILES}/{book}", {"starred": True}).status_code == 501


def test_unknown_paths(raw: Raw) -> None:
    for verb, path in (("GET", "/v4/nothing"), ("POST", "/v4/spreadsheets/x"), ("PUT", "/drive/v3/files")):
        assert raw.session.request(verb, raw.base + path, timeout=5).status_code == 404


def test_a_change_is_later(client: gspread.Client) -> None:
    made = client.create("x")
    before = made.get_lastUpdateTime()
    made.update_title("y")
    assert made.get_lastUpdateTime() > before


def test_gspread_says_what_a_403_is(client: gspread.Client, sandbox: GoogleSandbox) -> None:
    theirs = sandbox.create("private", owner="somebody@example.com", writers=())
    with pytest.raises(PermissionError):
        client.open_by_key(theirs)
