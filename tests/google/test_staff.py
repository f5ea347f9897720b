"""People at work beside the client: hooks between read and write, the history of cells, and the room on disk."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import gspread
import pytest

from sync_engine.sandbox.google.refusal import Refusal
from sync_engine.sandbox.google.serve import PERSON, ROBOT, GoogleSandbox
from sync_engine.sandbox.google.staff import Desk
from tests.google.client import Raw, connect
from tests.google.test_batch import ROW, area, fill

BATCH = "spreadsheets.values.batchUpdate"


def test_a_sort_between_read_and_write(sandbox: GoogleSandbox, tab: gspread.Worksheet, desk: Desk) -> None:
    fill(desk, ["id", "n"], ["k2", "0"], ["k1", "0"])
    rows = tab.get_all_values()
    sandbox.before(BATCH, lambda call: desk.sort("Sheet1", 0))
    at = 1 + next(n for n, row in enumerate(rows) if row[0] == "k2")
    told = tab.batch_update(
        [{"range": f"A{at}:B{at}", "values": [[None, 5]]}], include_values_in_response=True
    )
    assert told["responses"][0]["updatedData"]["values"] == [["k1", "5"]]
    (change,) = sandbox.log.cells(staff=False)
    assert (change.who, change.row, change.column, change.before, change.after) == (ROBOT, 1, 1, 0, 5)
    assert change.row_after == {0: "k1", 1: 5}
    assert [(who, move.kind) for _, who, move in sandbox.log.moves()] == [(PERSON, "sort")]
    names = [each.name for each in sandbox.log.all][-2:]
    assert names == [BATCH, "staff.sort"]


def test_hooks_run_once_and_by_kind(sandbox: GoogleSandbox, raw: Raw, book: str, desk: Desk) -> None:
    seen: list[int] = []
    sandbox.before("write", lambda call: seen.append(call.number))
    raw("GET", f"/v4/spreadsheets/{book}")
    for _ in range(2):
        raw("POST", f"/v4/spreadsheets/{book}/values/A1:clear", {})
    assert len(seen) == 1


def test_history_tells_people_from_clients(
    sandbox: GoogleSandbox, tab: gspread.Worksheet, desk: Desk
) -> None:
    desk.type("Sheet1", 0, 0, "手写")
    tab.update([["手写", "x"]], "A1:B1")
    people = list(sandbox.log.cells(staff=True))
    robot = list(sandbox.log.cells(staff=False))
    assert [(each.who, each.after) for each in people] == [(PERSON, "手写")]
    assert [(each.column, each.after) for each in robot] == [(1, "x")]
    assert [each.column for each in sandbox.log.touched(staff=False)] == [0, 1]
    assert robot[0].call == sandbox.log.named("spreadsheets.values.update")[0].number


def test_calls_are_logged_whole(sandbox: GoogleSandbox, tab: gspread.Worksheet, book: str) -> None:
    tab.update([["x"]], "A1")
    call = sandbox.log.calls[-1]
    assert (call.method, call.name, call.kind, call.caller) == (
        "PUT",
        "spreadsheets.values.update",
        "write",
        ROBOT,
    )
    assert call.body["values"] == [["x"]] and ("valueInputOption", "RAW") in call.query
    assert (call.status, call.applied) == (200, True) and call.time.endswith("Z")
    reads = [each.applied for each in sandbox.log.calls if each.kind == "read"]
    assert reads and not any(reads)


def test_acts(desk: Desk, book: str) -> None:
    fill(desk, ["sku", "qty", "memo"], ["b", "2", ""], ["a", "1", "=B3*2"])
    desk.sort("Sheet1", 0)
    assert desk.rows("Sheet1")[1] == ["a", 1, 2] and desk.entered("Sheet1", 1, 2) == "=B2*2"
    desk.copy_row("Sheet1", 1, 3)
    assert desk.rows("Sheet1")[3] == ["a", 1, 2] and desk.entered("Sheet1", 3, 2) == "=B4*2"
    desk.copy_row("Sheet1", 3, 1)
    assert desk.entered("Sheet1", 1, 2) == "=B2*2" and len(desk.rows("Sheet1")) == 5
    desk.delete_rows("Sheet1", 3, 2)
    desk.insert_rows("Sheet1", 1)
    desk.move_rows("Sheet1", 1, 3)
    desk.insert_columns("Sheet1", 0)
    desk.move_columns("Sheet1", 2, 1)
    desk.rename_column("Sheet1", 1, "数量")
    assert desk.rows("Sheet1")[0] == [None, "数量", "sku", "memo"]
    desk.delete_columns("Sheet1", 0)
    desk.clear("Sheet1", "A1:A1")
    desk.hide_rows("Sheet1", 1)
    desk.rename("Sheet1", "库存")
    desk.add_tab("x")
    desk.duplicate_tab("库存", "库存2")
    desk.delete_tab("x")
    assert [each.title for each in desk.book.sheets] == ["库存", "库存2"]
    assert desk.find("库存", 1, "a") == 1
    with pytest.raises(LookupError):
        desk.find("库存", 1, "nobody")


def test_typing_is_like_in_the_interface(desk: Desk, raw: Raw, book: str) -> None:
    fill(desk, ["007", "'007", "2026-11-11", "=1+1", ""])
    assert desk.rows("Sheet1") == [[7, "007", 46337, 2]]
    shown = raw("GET", f"/v4/spreadsheets/{book}/values/A1:D1").json()["values"]
    assert shown == [["7", "007", "2026-11-11", "2"]]


def test_refused_acts_leave_nothing(desk: Desk, sandbox: GoogleSandbox, book: str) -> None:
    with pytest.raises(Refusal):
        desk.delete_rows("Sheet1", 0, 5000)
    assert sandbox.log.acts[-1].applied is False and sandbox.log.moves() == []
    stranger = sandbox.person("stranger@example.com")
    with pytest.raises(Refusal):
        stranger.open(book)


def test_a_later_process_finds_everything(tmp_path: Path, account_key: dict[str, str]) -> None:
    room = tmp_path / "room"
    with GoogleSandbox(room) as sandbox:
        sandbox.tokens.keys.update(account_key)
        path = sandbox.credentials(tmp_path)
        old = json.loads(path.read_text("utf-8"))["private_key"]
        book = sandbox.create("店铺")
        raw, desk = Raw(sandbox), sandbox.staff.open(book)
        fill(desk, ["a", "=LEN(A1)", "TRUE", "2026-11-11"])
        rule = {"ranges": [area(0, 1, 0, 1)], "booleanRule": {"condition": {"type": "NOT_BLANK"}}}
        raw.ok(
            book,
            {"addProtectedRange": {"protectedRange": {"range": area(5, 6, 0, 1)}}},
            {"addNamedRange": {"namedRange": {"name": "n", "range": area(0, 1, 0, 1)}}},
            {"addTable": {"table": {"name": "t", "range": area(10, 13, 0, 2)}}},
            {"addConditionalFormatRule": {"rule": rule}},
            {
                "updateDimensionProperties": {
                    "range": ROW | {"startIndex": 2, "endIndex": 3},
                    "properties": {"hiddenByUser": True},
                    "fields": "*",
                }
            },
            {
                "createDeveloperMetadata": {
                    "developerMetadata": {
                        "metadataId": 5,
                        "metadataKey": "k",
                        "visibility": "DOCUMENT",
                        "location": {"sheetId": 0},
                    }
                }
            },
        )
        whole = raw("GET", f"/v4/spreadsheets/{book}", includeGridData=True).json()
        sandbox._keeper = None  # as if killed: nothing is kept at the end
    with GoogleSandbox(room) as sandbox:
        assert json.loads(sandbox.credentials(tmp_path).read_text("utf-8"))["private_key"] == old
        assert Raw(sandbox)("GET", f"/v4/spreadsheets/{book}", includeGridData=True).json() == whole
        assert connect(sandbox, tmp_path).open_by_key(book).sheet1.acell("B1").value == "1"
    assert len((room / "calls.jsonl").read_text("utf-8").splitlines()) > 3


def test_deleted_files_are_gone_from_the_room(tmp_path: Path) -> None:
    with GoogleSandbox(tmp_path) as sandbox:
        book = sandbox.create("x", owner=ROBOT)
        assert (tmp_path / "books" / f"{book}.json").exists()
        assert Raw(sandbox)("DELETE", f"/drive/v3/files/{book}").status_code == 204
    assert not (tmp_path / "books" / f"{book}.json").exists()


def test_same_seed_same_ids() -> None:
    with GoogleSandbox(seed=3) as one, GoogleSandbox(seed=3) as two, GoogleSandbox(seed=4) as three:
        assert one.create("a") == two.create("a") != three.create("a")


def test_race(sandbox: GoogleSandbox, tab: gspread.Worksheet, desk: Desk) -> None:
    """Row-wide writes with nulls and echoed values: each cell that met a sort is seen in the same call."""
    rng = Random(7)
    fill(desk, ["id", "engine"], *[[f"k{n}", "0"] for n in range(40)])
    wrong = seen = 0
    for turn in range(1, 31):
        rows = tab.get_all_values()
        if rng.random() < 0.5:
            down = turn % 2 == 0
            sandbox.before(BATCH, lambda call, down=down: desk.sort("Sheet1", 0, descending=down))
        picked = rng.sample(range(1, 41), 5)
        body = [{"range": f"A{at + 1}:B{at + 1}", "values": [[None, turn]]} for at in picked]
        told = tab.batch_update(body, include_values_in_response=True)
        call = sandbox.log.named(BATCH)[-1].number
        hit = [each.row_after[0] for each in sandbox.log.touched(staff=False, since=call)]
        wanted = [rows[at][0] for at in picked]
        wrong += sum(a != b for a, b in zip(hit, wanted, strict=True))
        echoed = [each["updatedData"]["values"][0][0] for each in told["responses"]]
        seen += sum(a != b for a, b in zip(echoed, wanted, strict=True))
    assert wrong == seen > 0
