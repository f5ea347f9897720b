"""Troubles and quotas: what the client meets, and what the log says really happened."""

from __future__ import annotations

import threading
from datetime import datetime

import gspread
import pytest
import requests
from gspread.exceptions import APIError

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.sandbox.google.faults import GOOGLES_QUOTA, Quota
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.sandbox.google.staff import Desk
from tests.google.client import Raw

UPDATE = "spreadsheets.values.update"


def put(raw: Raw, book: str, value: str = "x", where: str = "A1") -> requests.Response:
    return raw(
        "PUT", f"/v4/spreadsheets/{book}/values/{where}", {"values": [[value]]}, valueInputOption="RAW"
    )


@pytest.mark.parametrize(
    ("kind", "status", "applied"),
    [
        ("429", 429, False),
        ("500", 500, False),
        ("503", 503, False),
        ("revoked", 403, False),
        ("expired", 401, False),
        ("500_after", 500, True),
        ("503_after", 503, True),
        ("slow", 200, True),
    ],
)
def test_answers(
    sandbox: GoogleSandbox, raw: Raw, book: str, desk: Desk, kind: str, status: int, applied: bool
) -> None:
    sandbox.faults.add(kind, UPDATE, seconds=0.05)
    answer = put(raw, book)
    assert answer.status_code == status
    call = sandbox.log.named(UPDATE)[0]
    assert (call.applied, call.fault, call.status) == (applied, kind, status)
    assert (desk.entered("Sheet1", 0, 0) == "x") is applied
    if kind != "expired":
        assert put(raw, book).status_code == 200


@pytest.mark.parametrize(("kind", "applied"), [("cut", False), ("cut_after", True), ("timeout", True)])
def test_no_answer(sandbox: GoogleSandbox, raw: Raw, book: str, desk: Desk, kind: str, applied: bool) -> None:
    sandbox.faults.add(kind, UPDATE, seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        put(raw, book)
    call = sandbox.log.named(UPDATE)[0]
    assert (call.applied, call.status) == (applied, 0)
    assert (desk.entered("Sheet1", 0, 0) == "x") is applied


def test_client_gives_up_before_a_withheld_answer(sandbox: GoogleSandbox, raw: Raw, book: str) -> None:
    sandbox.faults.add("timeout", UPDATE, seconds=60)
    with pytest.raises(requests.ReadTimeout):
        url = f"{raw.base}/v4/spreadsheets/{book}/values/A1?valueInputOption=RAW"
        raw.session.put(url, json={"values": [[1]]}, timeout=0.2)
    assert put(raw, book).status_code == 200


def test_google_auth_renews_an_expired_token_by_itself(
    sandbox: GoogleSandbox, tab: gspread.Worksheet
) -> None:
    sandbox.faults.add("expired", UPDATE)
    tab.update([["x"]], "A1")
    assert [(each.status, each.applied) for each in sandbox.log.named(UPDATE)] == [(401, False), (200, True)]


def test_revoked_through_gspread(sandbox: GoogleSandbox, client: gspread.Client, book: str) -> None:
    sandbox.faults.add("revoked", "spreadsheets.get")
    with pytest.raises(PermissionError):
        client.open_by_key(book)


def test_next_n_and_wildcards(sandbox: GoogleSandbox, raw: Raw, book: str) -> None:
    sandbox.faults.add("503", "write", next=2)
    assert raw("GET", f"/v4/spreadsheets/{book}/values/A1").status_code == 200
    assert [put(raw, book).status_code for _ in range(3)] == [503, 503, 200]
    sandbox.faults.add("500", "spreadsheets.values.*", caller="somebody@*")
    assert put(raw, book).status_code == 200
    with pytest.raises(ValueError, match="unknown kind"):
        sandbox.faults.add("502")


def test_chance_is_replayed(account_key: dict[str, str]) -> None:
    def run() -> list[int]:
        with GoogleSandbox(seed=5) as sandbox:
            book, raw = sandbox.create("x"), Raw(sandbox)
            sandbox.faults.add("503", "write", probability=0.4)
            return [put(raw, book).status_code for _ in range(20)]

    first = run()
    assert first == run() and {200, 503} == set(first)


def test_quota_of_a_minute() -> None:
    clock = VirtualClock(datetime(2026, 11, 11, tzinfo=SHANGHAI))
    with GoogleSandbox(clock=clock) as sandbox:
        book, raw = sandbox.create("x"), Raw(sandbox)
        sandbox.faults.quota = Quota(read=3, write=2, project=4)
        assert [put(raw, book).status_code for _ in range(3)] == [200, 200, 429]
        told = put(raw, book).json()["error"]
        assert told["status"] == "RESOURCE_EXHAUSTED"
        assert "'Write requests' and limit 'Write requests per minute per user'" in told["message"]
        assert told["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
        assert raw("GET", f"/v4/spreadsheets/{book}").status_code == 200
        clock.sleep(61)
        assert put(raw, book).status_code == 200
        sandbox.staff.share(book, "wang@example.com")
        sandbox.staff.share(book, "zhao@example.com")
        others = [Raw(sandbox, "wang@example.com"), Raw(sandbox, "zhao@example.com")]
        assert [put(each, book).status_code for each in (*others, raw, others[0])] == [200, 200, 200, 429]
    assert (GOOGLES_QUOTA.read, GOOGLES_QUOTA.write, GOOGLES_QUOTA.project) == (60, 60, 300)


def test_append_that_was_applied_and_said_503(
    sandbox: GoogleSandbox, tab: gspread.Worksheet, desk: Desk
) -> None:
    sandbox.faults.add("503_after", "spreadsheets.values.append")
    with pytest.raises(APIError):
        tab.append_row(["id-1"])
    tab.append_row(["id-1"])
    assert desk.rows("Sheet1") == [["id-1"], ["id-1"]]


def test_admin_door(sandbox: GoogleSandbox, raw: Raw, book: str) -> None:
    key = {"Authorization": f"Bearer {sandbox.admin_token}"}
    told = {"troubles": [{"kind": "429", "method": UPDATE, "next": 1}], "quota": {"read": 9}}
    assert requests.post(f"{sandbox.url}/sandbox/faults", json=told, timeout=5).status_code == 401
    assert (
        requests.post(f"{sandbox.url}/sandbox/faults", json=told, headers=key, timeout=5).json()["quota"][
            "read"
        ]
        == 9
    )
    assert put(raw, book).status_code == 429
    bad = {"troubles": [{"kind": "x"}]}
    assert requests.post(f"{sandbox.url}/sandbox/faults", json=bad, headers=key, timeout=5).status_code == 400
    log = requests.get(f"{sandbox.url}/sandbox/log", headers=key, timeout=5).json()
    assert log[-1]["name"] == UPDATE and log[-1]["fault"] == "429"
    assert (
        requests.get(f"{sandbox.url}/sandbox/state", headers=key, timeout=5).json()["files"][0]["id"] == book
    )
    assert requests.get(f"{sandbox.url}/sandbox/nope", headers=key, timeout=5).status_code == 404


def test_many_at_once(sandbox: GoogleSandbox, raw: Raw, book: str, desk: Desk) -> None:
    """Forty appends of four threads: every one lands, on a row of its own."""

    def work(name: int) -> None:
        mine = Raw(sandbox)
        for at in range(10):
            row = {"values": [{"userEnteredValue": {"stringValue": f"{name}-{at}"}}]}
            mine.ok(book, {"appendCells": {"sheetId": 0, "rows": [row], "fields": "userEnteredValue"}})

    threads = [threading.Thread(target=work, args=(each,)) for each in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(row[0] for row in desk.rows("Sheet1")) == sorted(
        f"{n}-{at}" for n in range(4) for at in range(10)
    )
