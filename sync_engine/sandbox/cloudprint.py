"""A stand-in for the cloud-print client: the WebSocket protocol of the desktop component, printers that always have paper."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from sync_engine.clock import Clock, format_time

_VERSION = "1.5.3"
Message = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """A printer the component knows; a `broken` one takes tasks and then reports that they failed."""

    name: str
    status: str = "enable"
    broken: bool = False


PRINTERS = (
    Printer(name="表猫标签打印机"),
    Printer(name="备用打印机"),
    Printer(name="坏掉的打印机", broken=True),
)


class CloudPrintServer:
    """Answers like the component on ws://localhost:13528 and tells what it printed in `folder/cloudprint.jsonl`.

    `refuse_repeated_tasks`: whether a taskID seen before is turned away (undocumented, so it can be switched);
    `silent`: accept tasks and never notify, as when the component is closed half-way.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        port: int = 0,
        printers: Sequence[Printer] = PRINTERS,
        refuse_repeated_tasks: bool = True,
        silent: bool = False,
    ) -> None:
        """`port` 0 takes a free one."""
        self._log, self._clock, self._port = folder / "cloudprint.jsonl", clock, port
        self._printers = {printer.name: printer for printer in printers}
        self._default = printers[0].name
        self.refuse_repeated_tasks, self.silent = refuse_repeated_tasks, silent
        self._lock = threading.Lock()
        self._tasks, self._documents = _remembered(self._log)
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Its address while it runs."""
        port = self._server.socket.getsockname()[1] if self._server else self._port
        return f"ws://127.0.0.1:{port}"

    def start(self) -> str:
        """Serve in the background; its address."""
        if self._server is None:
            self._server = serve(self._talk, "127.0.0.1", self._port)
            threading.Thread(target=self._server.serve_forever, name="cloudprint", daemon=True).start()
        return self.url

    def stop(self) -> None:
        """Stop serving; may be called twice."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def __enter__(self) -> CloudPrintServer:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _talk(self, connection: ServerConnection) -> None:
        try:
            for text in connection:
                for answer in self._answers(text):
                    connection.send(json.dumps(answer, ensure_ascii=False))
        except ConnectionClosed:
            return

    def _answers(self, text: str | bytes) -> list[Message]:
        """The reply to one frame and the notices after it."""
        try:
            asked = json.loads(text)
            command, head = asked["cmd"], {"cmd": asked["cmd"], "requestID": asked["requestID"]}
        except (ValueError, TypeError, KeyError):
            return [{"status": "failed", "msg": "bad request"}]
        if command == "print":
            with self._lock:
                return self._print(head, asked)
        answer = self._commands().get(command)
        return [head | (answer(asked) if answer else {"status": "failed", "msg": f"unknown cmd {command}"})]

    def _commands(self) -> dict[str, Callable[[Message], Message]]:
        return {
            "getPrinters": self._get_printers,
            "getPrinterConfig": self._get_config,
            "setPrinterConfig": lambda asked: {"status": "success", "msg": ""},
            "getAgentInfo": lambda asked: {"version": _VERSION, "status": "success"},
            "getGlobalConfig": lambda asked: {"status": "success", "notifyOnTaskFailure": True},
            "setGlobalConfig": lambda asked: {"status": "success", "msg": ""},
            "getTaskStatus": lambda asked: {
                "printStatus": [self._tasks[t] for t in asked["taskID"] if t in self._tasks]
            },
            "getDocumentStatus": self._get_documents,
        }

    def _get_printers(self, asked: Message) -> Message:
        shown = [
            {"name": each.name, "status": each.status, "type": "local"} for each in self._printers.values()
        ]
        return {"status": "success", "msg": "", "defaultPrinter": self._default, "printers": shown}

    def _get_config(self, asked: Message) -> Message:
        paper = {"width": 76, "height": 130}
        return {
            "status": "success",
            "printer": {"name": asked.get("printer", self._default), "paperSize": paper},
        }

    def _get_documents(self, asked: Message) -> Message:
        ids = asked.get("documentIDs", [])
        return {
            "printStatus": [
                {"documentID": d, "status": self._documents[d]} for d in ids if d in self._documents
            ]
        }

    def _print(self, head: Message, asked: Message) -> list[Message]:
        task = asked.get("task")
        problem = self._problem(task)
        reply = head | {"taskID": task.get("taskID", "") if isinstance(task, dict) else ""}
        if problem or not isinstance(task, dict):
            return [reply | {"status": "failed", "msg": problem}]
        accepted = reply | {"status": "success", "msg": ""}
        if task.get("preview"):
            return [accepted | {"previewURL": "http://127.0.0.1/preview.pdf"}]
        notices = self._run(task)
        return [accepted] if self.silent else [accepted, *notices]

    def _problem(self, task: Any) -> str:
        """Why a task is turned away, or empty."""
        if not isinstance(task, dict) or not task.get("taskID") or not task.get("documents"):
            return "task must have taskID and documents"
        if task.get("printer", "") not in ("", *self._printers):
            return "printer not found"
        if self.refuse_repeated_tasks and task["taskID"] in self._tasks:
            return "taskID repeated"
        good = all(_is_document(document) for document in task["documents"])
        return (
            ""
            if good
            else "document must have documentID and contents with templateURL and data or encryptedData"
        )

    def _run(self, task: Message) -> list[Message]:
        """Print and write it down; the notices a client gets."""
        printer = self._printers[task.get("printer") or self._default]
        ids = [str(document["documentID"]) for document in task["documents"]]
        end = "failed" if printer.broken else "printed"
        self._tasks[task["taskID"]] = {"taskID": task["taskID"], "status": end}
        self._documents |= dict.fromkeys(ids, end)
        line = {
            "at": format_time(self._clock.now()),
            "printer": printer.name,
            "taskID": task["taskID"],
            "status": end,
        }
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | {"documents": ids}, ensure_ascii=False) + "\n")
        return [_notice(task, printer, "rendered", ids), _notice(task, printer, end, ids)]


def _is_document(document: Any) -> bool:
    if not isinstance(document, dict) or not document.get("documentID"):
        return False
    contents = document.get("contents") or []
    whole = [each.get("templateURL") and ("data" in each or "encryptedData" in each) for each in contents]
    return bool(whole) and all(whole)


def _notice(task: Message, printer: Printer, status: str, ids: Sequence[str]) -> Message:
    each = {"rendered": "rendered", "printed": "success", "failed": "failed"}[status]
    shown = [{"documentID": d, "status": each, "msg": "", "detail": "", "printer": printer.name} for d in ids]
    return {
        "cmd": "notifyPrintResult",
        "printer": printer.name,
        "taskID": task["taskID"],
        "taskStatus": status,
        "printStatus": shown,
    }


def _remembered(log: Path) -> tuple[dict[str, Message], dict[str, str]]:
    """Tasks and documents of earlier runs, so that a taskID stays used."""
    tasks: dict[str, Message] = {}
    documents: dict[str, str] = {}
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    for line in lines:
        entry = json.loads(line)
        tasks[entry["taskID"]] = {"taskID": entry["taskID"], "status": entry["status"]}
        documents |= dict.fromkeys(entry["documents"], entry["status"])
    return tasks, documents
