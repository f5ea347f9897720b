"""The print client's WebSocket, as the component speaks it and as it breaks off."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from sync_engine.carriers.cloudprint import CloudPrint, PrintDocument, print_client
from sync_engine.clock import VirtualClock
from sync_engine.errors import NotSent, OutcomeUnknown, Refused
from sync_engine.sandbox.cloudprint import CloudPrintServer
from tests.sandbox.raw import START
from tests.tmall.odd import Odd, odd_server

DATA = json.dumps({"encryptedData": "AES:x", "signature": "MD:y", "templateURL": "http://t/101", "ver": "v"})
LABEL = PrintDocument(waybill_code="ZT1", print_data=DATA)


@pytest.fixture
def component(tmp_path: Path) -> Iterator[CloudPrintServer]:
    with CloudPrintServer(tmp_path, VirtualClock(START)) as server:
        yield server


@pytest.fixture
def client(component: CloudPrintServer) -> Iterator[CloudPrint]:
    with print_client(component.url, timeout=2) as found:
        yield found


def printed(folder: Path) -> list[Any]:
    path = folder / "cloudprint.jsonl"
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def test_printers(client: CloudPrint) -> None:
    printers = client.printers()
    assert [one.name for one in printers] == ["表猫标签打印机", "备用打印机", "坏掉的打印机"]
    assert [one.default for one in printers] == [True, False, False]
    assert all(one.enabled for one in printers)


def test_a_label_comes_out_of_the_printer_asked_for(client: CloudPrint, tmp_path: Path) -> None:
    client.print_one("t1", LABEL)
    client.print_one("t2", PrintDocument(waybill_code="ZT2", print_data=DATA), "备用打印机")
    assert [(one["printer"], one["documents"], one["status"]) for one in printed(tmp_path)] == [
        ("表猫标签打印机", ["ZT1"], "printed"), ("备用打印机", ["ZT2"], "printed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "document", "printer", "why"),
    [
        ("t1", LABEL, "没有的打印机", "printer not found"),
        ("t1", LABEL, "坏掉的打印机", "ZT1"),
        ("t1", PrintDocument(waybill_code="ZT1", print_data="{}"), "", "templateURL"),
        ("t1", PrintDocument(waybill_code="ZT1", print_data=""), "", "ZT1 没有可打印的面单数据"),
        ("t1", PrintDocument(waybill_code="ZT1", print_data="{"), "", "ZT1 没有可打印的面单数据"),
    ],
)
def test_what_cannot_be_printed_is_told(
    client: CloudPrint, task: str, document: PrintDocument, printer: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        client.print_one(task, document, printer)
    client.print_one("t2", LABEL)  # and the next one still comes out


def test_one_task_is_printed_once(client: CloudPrint, tmp_path: Path) -> None:
    client.print_one("t1", LABEL)
    with pytest.raises(Refused, match="repeated"):
        client.print_one("t1", LABEL)
    assert len(printed(tmp_path)) == 1


def test_no_word_from_the_printer_is_a_doubt(component: CloudPrintServer, tmp_path: Path) -> None:
    component.silent = True
    with print_client(component.url, timeout=0.2) as client, pytest.raises(OutcomeUnknown, match="打印结果"):
        client.print_one("t1", LABEL)


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9", "http://nonsense", "ws://", ""])
def test_no_client_on_this_machine(url: str) -> None:
    with pytest.raises(NotSent, match="打印组件没有运行"), print_client(url):
        pass


def test_another_program_on_the_port() -> None:
    with odd_server() as odd:
        odd.says(Odd(body=b"hello"))
        url = odd.url.replace("http://", "ws://")
        with pytest.raises(NotSent, match="打印组件没有运行"), print_client(url):
            pass


# -- a component that misbehaves ------------------------------------------------------------------------------------

Talk = Callable[[ServerConnection, dict[str, Any]], None]


@contextmanager
def talking(talk: Talk, timeout: float = 0.3) -> Iterator[CloudPrint]:
    """A client of a component that answers each frame by `talk`."""

    def listen(connection: ServerConnection) -> None:
        for text in connection:
            talk(connection, json.loads(text))

    server = serve(listen, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with print_client(f"ws://127.0.0.1:{server.socket.getsockname()[1]}", timeout=timeout) as client:
            yield client
    finally:
        server.shutdown()
        thread.join()


def accepted(asked: dict[str, Any]) -> str:
    return json.dumps({"cmd": "print", "requestID": asked["requestID"], "status": "success"})


def notice(task: str, status: str) -> str:
    return json.dumps({"cmd": "notifyPrintResult", "taskID": task, "taskStatus": status, "printStatus": []})


def silent(connection: ServerConnection, asked: dict[str, Any]) -> None:
    return


def hangs_up(connection: ServerConnection, asked: dict[str, Any]) -> None:
    connection.close()


def hangs_up_after_accepting(connection: ServerConnection, asked: dict[str, Any]) -> None:
    connection.send(accepted(asked))
    connection.close()


def talks_nonsense(connection: ServerConnection, asked: dict[str, Any]) -> None:
    connection.send("{")


def talks_of_others(connection: ServerConnection, asked: dict[str, Any]) -> None:
    for text in ("[]", '"x"', notice("other", "printed"), accepted({"requestID": "other"}), accepted(asked)):
        connection.send(text)
    connection.send(notice("other", "printed"))
    connection.send(notice("t1", "rendered"))


@pytest.mark.parametrize(
    "talk", [silent, hangs_up, hangs_up_after_accepting, talks_nonsense, talks_of_others]
)
def test_whatever_breaks_off_is_a_doubt(talk: Talk) -> None:
    with talking(talk) as client, pytest.raises(OutcomeUnknown):
        client.print_one("t1", LABEL)


def test_a_connection_that_is_gone_before_we_speak() -> None:
    with talking(hangs_up) as client:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match="断开"):
                client.printers()


def test_the_result_may_come_before_the_reply() -> None:
    def hasty(connection: ServerConnection, asked: dict[str, Any]) -> None:
        connection.send(notice("t1", "printed"))
        connection.send(accepted(asked))

    with talking(hasty) as client:
        client.print_one("t1", LABEL)


def test_printers_told_in_other_shapes() -> None:
    answers = iter([{}, {"printers": None}, {"printers": [{"name": "甲"}, {}, "x"], "defaultPrinter": "甲"}])

    def odd(connection: ServerConnection, asked: dict[str, Any]) -> None:
        connection.send(json.dumps({"cmd": "getPrinters", "requestID": asked["requestID"], **next(answers)}))

    with talking(odd) as client:
        assert client.printers() == []
        assert client.printers() == []
        (one,) = client.printers()
        assert (one.name, one.enabled, one.default) == ("甲", False, True)
