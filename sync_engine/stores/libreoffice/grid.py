"""A workbook open in LibreOffice as a Grid. The hand that does the work is a process of its own: it may die, we may not."""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sync_engine.stores.grid.port import Contents, GridBusy, Page, Put
from sync_engine.stores.memory_cells import EXACT_DIGITS, Formula, Raw, serial

HAND = Path(__file__).with_name("hand.py")
SECONDS = 60.0
"""How long LibreOffice may take for one request; a dialog that waits for somebody takes longer."""
CONNECTING = 5.0


class OfficeGrid:
    """See `Grid`. Use `find_open` to get one."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def contents(self) -> Contents:
        """See `Grid.contents`."""
        said = self._hand.ask("contents")
        names = {name: (tab, row, at) for name, (tab, row, at) in said["names"].items()}
        return Contents(tabs=tuple(said["tabs"]), names=names)

    def pages(self, tabs: Sequence[str]) -> Mapping[str, Page]:
        """See `Grid.pages`."""
        said = self._hand.ask("pages", list(tabs))
        return {
            tab: Page(
                tab=tab, cells=[[raw_of(one) for one in row] for row in page["rows"]], totals=page["totals"]
            )
            for tab, page in said.items()
        }

    def put(self, puts: Sequence[Put]) -> Sequence[Put]:
        """See `Grid.put`. One step of undo in the program."""
        missed = self._hand.ask("put", [_put(put) for put in puts])
        return [puts[n] for n in missed]

    @contextmanager
    def held(self) -> Iterator[None]:
        """People's keys are never held up here: should we die meanwhile, their window would stay dead. Guards and the
        look after the write take care of what they do.
        """
        yield

    def save(self) -> bool:
        """Store the document where it is; False where that cannot be."""
        return bool(self._hand.ask("save"))

    def close(self) -> None:
        """Let go of the program; it goes on."""
        self._hand.close()


class Hand:
    """The process that talks to LibreOffice. `open` tells whether our workbook was open there when it started."""

    def __init__(self, address: str, workbook: Path, python: str, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process = subprocess.Popen(
            [python, str(HAND), address, str(workbook), str(CONNECTING)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, encoding="utf-8", env=_plain(),
        )  # fmt: skip
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            found = self._hear()
        except GridBusy:
            self.close()
            found = {"open": False, "readonly": False}
        self.open, self.readonly = bool(found["open"]), bool(found["readonly"])

    def ask(self, do: str, *given: object) -> Any:
        """One request. GridBusy where there is no answer in time, or the workbook was closed meanwhile."""
        pipe = self._process.stdin
        assert pipe is not None, "opened as a pipe"
        try:
            pipe.write(json.dumps({"do": do, "given": given}) + "\n")
            pipe.flush()
        except (OSError, ValueError):
            raise GridBusy(_CLOSED) from None
        return self._hear()

    def _listen(self) -> None:
        assert self._process.stdout is not None, "opened as a pipe"
        with contextlib.suppress(ValueError, OSError):
            for line in self._process.stdout:
                self._answers.put(line)
        self._answers.put("")

    def _hear(self) -> Any:
        try:
            line = self._answers.get(timeout=self._seconds)
        except queue.Empty:
            self.close()
            raise GridBusy(_SILENT) from None
        if not line:
            raise GridBusy(_CLOSED)
        answer = json.loads(line)
        if answer.get("gone"):
            raise GridBusy(_CLOSED)
        if "error" in answer:
            raise GridBusy(f"{_REFUSED} ({answer['error'].splitlines()[0]})")
        return answer["value"]

    def close(self) -> None:
        """End the process and wait for it."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                assert self._process.stdin is not None, "opened as a pipe"
                self._process.stdin.close()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


_CLOSED = "工作簿刚在 LibreOffice 里关闭,改动下次同步再写入 / the workbook was just closed in LibreOffice: changes go in with the next sync"
_SILENT = "LibreOffice 没有回应(可能开着对话框),改动先留着 / LibreOffice does not answer (a dialog may be open): changes wait"
_REFUSED = "LibreOffice 现在不让写,改动先留着 / LibreOffice does not take changes now: they wait"


def find_open(address: str, workbook: Path) -> OfficeGrid | None:
    """The workbook in a LibreOffice that listens at `address` ("pipe,name=..."); None where it is not open there."""
    python = python_with_uno()
    if python is None:
        return None
    hand = Hand(address, workbook, python)
    if hand.open and not hand.readonly:
        return OfficeGrid(hand)
    hand.close()
    return None


@cache
def python_with_uno() -> str | None:
    """A Python that can talk to LibreOffice: the system's, or the one that LibreOffice brings."""
    names = ["/usr/bin/python3", shutil.which("python3") or sys.executable]
    office = shutil.which("soffice")
    if office:
        folder = Path(office).resolve().parent
        names = [*map(str, (folder / "python", folder / "python.exe", folder / "python.bin")), *names]
    for name in names:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(
                [name, "-c", "import uno"], capture_output=True, timeout=30, check=False, env=_plain()
            )
            if done.returncode == 0:
                return name
    return None


def _plain() -> dict[str, str]:
    """Our environment without what is meant for our own Python."""
    import os

    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }


def raw_of(one: Any) -> Raw:
    """A cell as the hand tells it."""
    if isinstance(one, dict):
        shows = one["shows"]
        return Formula(one["formula"], None if shows is None else raw_of(shows))  # type: ignore[arg-type]
    if one is None or isinstance(one, str | bool):
        return one
    whole = int(one)
    return whole if whole == one and abs(whole) < 10 ** (EXACT_DIGITS + 3) else Decimal(repr(float(one)))


def _put(put: Put) -> dict[str, Any]:
    return {
        "tab": put.tab, "row": put.row, "new": put.new, "like": put.like,
        "cells": {at: _sent(raw) for at, raw in put.cells.items()},
        "guard": {at: _guard(raw) for at, raw in put.guard.items()},
    }  # fmt: skip


def _sent(raw: Raw) -> Any:
    if isinstance(raw, datetime):
        return {"date": float(serial(raw))}
    if isinstance(raw, Formula):
        return raw.text
    return float(raw) if isinstance(raw, int | Decimal) else raw


def _guard(raw: Raw) -> Any:
    if isinstance(raw, Formula):
        return _guard(raw.value)
    return float(serial(raw)) if isinstance(raw, datetime) else _sent(raw)
