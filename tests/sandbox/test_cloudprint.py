"""The cloud-print stand-in speaks the component's WebSocket protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from sync_engine.clock import VirtualClock
from sync_engine.sandbox.cloudprint import CloudPrintServer
from tests.sandbox.raw import START


@pytest.fixture
def printing(tmp_path: Path) -> Iterator[tuple[CloudPrintServer, ClientConnection]]:
    with CloudPrintServer(tmp_path, VirtualClock(START)) as server, connect(server.url) as client:
        yield server, client


def ask(client: ClientConnection, command: str, **more: Any) -> Any:
    client.send(json.dumps({"cmd": command, "requestID": "r1", "version": "1.0", **more}))
    answer = json.loads(client.recv(5))
    assert (answer["cmd"], answer["requestID"]) == (command, "r1")
    return answer


def task(task_id: str = "t1", printer: str = "", **more: Any) -> dict[str, Any]:
    contents = [{"encryptedData": "AES:x", "signature": "MD:y", "templateURL": "http://t/101", "ver": "v"}]
    return {
        "taskID": task_id,
        "printer": printer,
        "documents": [{"documentID": "YT1", "contents": contents}],
        **more,
    }


def test_printers(printing: Any) -> None:
    answer = ask(printing[1], "getPrinters")
    assert answer["defaultPrinter"] in [printer["name"] for printer in answer["printers"]]
    assert {printer["status"] for printer in answer["printers"]} == {"enable"}


def test_a_task_is_accepted_then_rendered_then_printed(printing: Any, tmp_path: Path) -> None:
    client = printing[1]
    assert ask(client, "print", task=task())["status"] == "success"
    rendered, printed = (json.loads(client.recv(5)) for _ in range(2))
    assert [each["taskStatus"] for each in (rendered, printed)] == ["rendered", "printed"]
    assert printed["cmd"] == "notifyPrintResult"
    assert "requestID" not in printed
    assert printed["printStatus"][0]["documentID"] == "YT1"
    (line,) = (tmp_path / "cloudprint.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["documents"] == ["YT1"]
    assert ask(client, "getTaskStatus", taskID=["t1", "t9"])["printStatus"] == [
        {"taskID": "t1", "status": "printed"}
    ]
    assert ask(client, "getDocumentStatus", documentIDs=["YT1"])["printStatus"][0]["status"] == "printed"


def test_task_numbers_are_used_once(printing: Any, tmp_path: Path) -> None:
    server, client = printing
    ask(client, "print", task=task())
    for _ in range(2):
        client.recv(5)
    assert ask(client, "print", task=task())["status"] == "failed"
    again = CloudPrintServer(tmp_path, VirtualClock(START))
    with again, connect(again.url) as other:
        assert ask(other, "print", task=task())["status"] == "failed"
    server.refuse_repeated_tasks = False
    assert ask(client, "print", task=task())["status"] == "success"


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"taskID": "x"},
        task(printer="nowhere"),
        {"taskID": "x", "documents": [{"documentID": "1", "contents": []}]},
        {"taskID": "x", "documents": [{"documentID": "1", "contents": [{"data": {}}]}]},
        {"taskID": "x", "documents": [{"contents": [{"data": {}, "templateURL": "t"}]}]},
    ],
)
def test_bad_tasks(printing: Any, bad: dict[str, Any], tmp_path: Path) -> None:
    assert ask(printing[1], "print", task=bad)["status"] == "failed"
    assert not (tmp_path / "cloudprint.jsonl").exists()


def test_a_broken_printer_fails_afterwards(printing: Any) -> None:
    client = printing[1]
    assert ask(client, "print", task=task(printer="坏掉的打印机"))["status"] == "success"
    assert [json.loads(client.recv(5))["taskStatus"] for _ in range(2)] == ["rendered", "failed"]


def test_preview_prints_nothing(printing: Any, tmp_path: Path) -> None:
    assert "previewURL" in ask(printing[1], "print", task=task(preview=True))
    assert not (tmp_path / "cloudprint.jsonl").exists()


def test_nonsense_is_answered(printing: Any) -> None:
    client = printing[1]
    for text in ("{", "[]", '{"cmd": "print"}'):
        client.send(text)
        assert json.loads(client.recv(5))["status"] == "failed"
    assert ask(client, "dance")["status"] == "failed"
    assert ask(client, "getAgentInfo")["version"]
