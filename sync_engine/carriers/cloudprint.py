"""The Cainiao print client on this machine: it alone prints platform waybills, over a local WebSocket.

Protocol (facts, section 6.5): JSON text frames with cmd, requestID and version 1.0. The reply to `print` only says the
task was taken; what became of it comes later as `notifyPrintResult` without a requestID.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from sync_engine.errors import Answer, NotSent, OutcomeUnknown, Refused

API = "cloudprint"
VERSION = "1.0"
NOTICE = "notifyPrintResult"
_LOST = "打印组件断开 / connection to the print client lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterInfo:
    """A printer the client knows."""

    name: str
    enabled: bool
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintDocument:
    """One waybill to print: its number and the print data the courier gave for it."""

    waybill_code: str
    print_data: str


class CloudPrint:
    """One connection to the print client."""

    def __init__(self, connection: ClientConnection, timeout: float) -> None:
        self._connection, self._timeout, self._number = connection, timeout, 0
        self._notices: list[dict[str, Any]] = []  # told before anybody waited for them

    def printers(self) -> list[PrinterInfo]:
        """The printers, the default one marked."""
        answer = self._ask("getPrinters", {})
        default = str(answer.get("defaultPrinter", ""))
        return [
            PrinterInfo(
                name=str(one["name"]), enabled=one.get("status") == "enable", default=one["name"] == default
            )
            for one in answer.get("printers") or []
            if isinstance(one, dict) and one.get("name")
        ]

    def print_one(self, task_id: str, document: PrintDocument, printer: str = "") -> None:
        """Print one waybill as a task of its own, and wait until the client says it came out.

        Raises:
            Refused: the client would not, the printer failed, or there is nothing that could be printed.
            OutcomeUnknown: no word within the time: look at the printer before printing again.
        """
        try:
            contents = [json.loads(document.print_data)]
        except ValueError as error:
            text = f"{document.waybill_code} 没有可打印的面单数据 / no print data for it"
            raise Refused(Answer(api=API, text=text)) from error
        task = {
            "taskID": task_id, "preview": False, "printer": printer, "firstDocumentNumber": 1, "totalDocumentCount": 1,
            "documents": [{"documentID": document.waybill_code, "contents": contents}],
        }  # fmt: skip
        answer = self._ask("print", {"task": task})
        if answer.get("status") == "failed":
            raise Refused(Answer(api=API, text=str(answer.get("msg", ""))))
        self._wait_printed(task_id)

    def _wait_printed(self, task_id: str) -> None:
        until = time.monotonic() + self._timeout
        while (left := until - time.monotonic()) > 0:
            frame = self._notices.pop(0) if self._notices else self._receive(left)
            if frame.get("cmd") != NOTICE or frame.get("taskID") != task_id:
                continue
            if frame.get("taskStatus") == "printed":
                return
            if frame.get("taskStatus") == "failed":
                raise Refused(Answer(api=API, text=_failure(frame.get("printStatus", []))))
        raise OutcomeUnknown(Answer(api=API, text="打印结果没有回来 / no word from the printer"))

    def _ask(self, cmd: str, more: Mapping[str, Any]) -> dict[str, Any]:
        self._number += 1
        request_id = f"biaomao-{self._number}"
        self._send({"cmd": cmd, "requestID": request_id, "version": VERSION, **more})
        until = time.monotonic() + self._timeout
        while (left := until - time.monotonic()) > 0:
            frame = self._receive(left)
            if frame.get("requestID") == request_id:
                return frame
            if frame.get("cmd") == NOTICE:
                self._notices.append(frame)
        raise OutcomeUnknown(Answer(api=API, text=f"{cmd}: 没有答复 / no answer"))

    def _send(self, frame: Mapping[str, Any]) -> None:
        try:
            self._connection.send(json.dumps(frame))
        except (WebSocketException, OSError) as error:
            raise OutcomeUnknown(Answer(api=API, text=f"{_LOST}: {error}")) from error

    def _receive(self, seconds: float) -> dict[str, Any]:
        try:
            frame = json.loads(self._connection.recv(timeout=seconds))
        except TimeoutError:
            return {}
        except (WebSocketException, OSError, ValueError) as error:
            raise OutcomeUnknown(Answer(api=API, text=f"{_LOST}: {error}")) from error
        return frame if isinstance(frame, dict) else {}


def _failure(status: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{one.get('documentID')}: {one.get('msg') or one.get('detail') or 'failed'}" for one in status
    )


@contextmanager
def print_client(url: str, timeout: float = 30.0) -> Iterator[CloudPrint]:
    """Connect to the client; NotSent where none runs on this machine."""
    try:
        connection = connect(url, open_timeout=5, proxy=None)
    except (OSError, WebSocketException) as error:
        raise NotSent(
            Answer(api=API, text=f"打印组件没有运行({url}) / the print client does not run: {error}")
        ) from error
    with connection:
        yield CloudPrint(connection, timeout)
