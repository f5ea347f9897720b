"""Other clients, and the gate itself: Google's own library, gspread without a changed session, the documents' shapes."""

from __future__ import annotations

from pathlib import Path

import gspread
import pytest
import requests
from google.auth.transport.requests import AuthorizedSession
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from gspread.http_client import HTTPClient

from sync_engine.sandbox.google.schema import api, check_body
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.sandbox.google.staff import Desk
from tests.google import make_schema
from tests.google.client import HOSTS, Raw, account
from tests.google.discovery import check_exchange, document, wrong


@pytest.mark.filterwarnings("ignore")
def test_googles_own_client(sandbox: GoogleSandbox, tmp_path: Path, book: str) -> None:
    who = account(sandbox, tmp_path)
    with build("sheets", "v4", credentials=who, client_options={"api_endpoint": sandbox.url}) as sheets:
        values = sheets.spreadsheets().values()
        told = values.update(
            spreadsheetId=book, range="A1:B1", valueInputOption="RAW", body={"values": [["x", 1]]}
        ).execute()
        assert told["updatedCells"] == 2
        assert values.get(spreadsheetId=book, range="A1:B1").execute()["values"] == [["x", "1"]]
        found = sheets.spreadsheets().developerMetadata()
        body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "k"}}]}
        assert found.search(spreadsheetId=book, body=body).execute() == {}
        with pytest.raises(HttpError) as caught:
            sheets.spreadsheets().batchUpdate(
                spreadsheetId=book, body={"requests": [{"deleteSheet": {"sheetId": 4}}]}
            ).execute()
        assert caught.value.status_code == 400 and "No grid with id: 4" in caught.value.reason
    with build(
        "drive", "v3", credentials=who, client_options={"api_endpoint": f"{sandbox.url}/drive/v3/"}
    ) as drive:
        assert drive.files().get(fileId=book, fields="name").execute() == {"name": "店铺"}
        assert drive.files().export(fileId=book, mimeType="text/csv").execute() == b"x,1"


def test_gspread_with_its_public_hook(sandbox: GoogleSandbox, tmp_path: Path, book: str) -> None:
    class Local(HTTPClient):
        def request(self, method, endpoint, *args, **more):  # type: ignore[no-untyped-def]
            for host in HOSTS:
                endpoint = endpoint.replace(host, sandbox.url)
            return super().request(method, endpoint, *args, **more)

    path = sandbox.credentials(tmp_path)
    client = gspread.service_account(filename=path, http_client=Local)
    client.http_client.auth._is_regional_access_boundary_lookup_required = lambda: False
    assert client.open_by_key(book).title == "店铺"
    assert isinstance(client.http_client.session, AuthorizedSession)


def test_schema_is_what_the_documents_say() -> None:
    assert make_schema.TARGET.read_text("utf-8") == make_schema.made()
    assert len(api("sheets")["schemas"]) == len(document("sheets.v4")["schemas"])


def test_create_with_sheets(raw: Raw, sandbox: GoogleSandbox) -> None:
    body = {
        "properties": {"title": "新店", "locale": "zh_CN"},
        "sheets": [
            {
                "properties": {
                    "title": "订单",
                    "gridProperties": {"rowCount": 5, "columnCount": 3, "frozenRowCount": 1},
                }
            },
            {"properties": {"title": "库存"}},
        ],
    }
    told = raw("POST", "/v4/spreadsheets", body).json()
    assert [each["properties"]["title"] for each in told["sheets"]] == ["订单", "库存"]
    assert told["sheets"][0]["properties"]["gridProperties"] == {
        "rowCount": 5,
        "columnCount": 3,
        "frozenRowCount": 1,
    }
    desk = sandbox.person("biaomao@biaomao-sandbox.iam.gserviceaccount.com").open(told["spreadsheetId"])
    desk.type("订单", 1, 0, "2026/11/11")
    shown = raw("GET", f"/v4/spreadsheets/{told['spreadsheetId']}/values/订单!A2").json()["values"]
    assert shown == [["2026/11/11"]]
    before = len(sandbox.world.files)
    same = {"sheets": [{"properties": {"title": "a"}}, {"properties": {"title": "A"}}]}
    assert raw("POST", "/v4/spreadsheets", same).status_code == 400 and len(sandbox.world.files) == before


def test_gate_catches_what_is_not_documented(raw: Raw, book: str) -> None:
    schemas = document("sheets.v4")["schemas"]
    spec = {"$ref": "Spreadsheet"}
    assert list(wrong({"spreadsheetId": 5}, spec, schemas, "x")) == ["x.spreadsheetId: 5 is no string"]
    assert list(wrong({"sheets": [{"props": {}}]}, spec, schemas, "x")) == ["x.sheets[0].props: unknown"]
    kind = {"sheets": [{"properties": {"sheetType": "ROUND"}}]}
    assert "of the choices" in next(iter(wrong(kind, spec, schemas, "x")))
    answer = raw("GET", f"/v4/spreadsheets/{book}")
    answer._content = b'{"nope": 1}'
    with pytest.raises(AssertionError, match="nope"):
        check_exchange(answer)
    strange = requests.Response()
    strange.request = requests.Request("GET", "http://x/v4/spreadsheets/a/b/c").prepare()
    with pytest.raises(AssertionError, match="no method"):
        check_exchange(strange)


def test_bodies_are_checked_deeply() -> None:
    from sync_engine.sandbox.google.refusal import Refusal

    check_body(
        {"requests": [{"addSheet": {"properties": {"title": "x", "sheetId": 5}}}]},
        "BatchUpdateSpreadsheetRequest",
    )
    with pytest.raises(Refusal) as caught:
        check_body(
            {"requests": [{"addSheet": {"properties": {"sheetId": 2**31, "tint": 1}}}, {"x": 1}]},
            "BatchUpdateSpreadsheetRequest",
        )
    found = caught.value.details[0]["fieldViolations"]
    assert [each["field"] for each in found] == [
        "requests[0].addSheet.properties.sheetId",
        "requests[0].addSheet.properties",
        "requests[1]",
    ]


def test_connections_stay_open(raw: Raw, book: str, desk: Desk) -> None:
    """Two hundred calls on one connection within a second: no packet waits for another."""
    import time

    started = time.perf_counter()
    for _ in range(200):
        raw.session.get(f"{raw.base}/v4/spreadsheets/{book}/values/A1", timeout=5)
    assert time.perf_counter() - started < 3
