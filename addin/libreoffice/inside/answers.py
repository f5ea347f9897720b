"""The functions' answers as Calc takes them: here where this Python can, else from the engine's own Python beside us."""

from __future__ import annotations

import json
import math
import struct
import subprocess
import sys
import threading
from typing import Any

from addin.libreoffice.inside.places import PYTHON_NOTE, read_note

NEEDS = (3, 11)
"""The Python the functions are written for."""


def calc_error(code: int) -> float:
    """The number Calc reads as its error `code`: a NaN that carries it in its low 32 bits."""
    number: float = struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000 + code))[0]
    assert math.isnan(number)
    return number


ERRORS = {"#N/A": calc_error(32767), "#VALUE!": calc_error(519), "#NUM!": calc_error(503)}
"""Calc's codes for the errors a function gives."""
NOTHING = ((ERRORS["#N/A"],),)


class Local:
    """Answers worked out in this process."""

    def __init__(self) -> None:
        from addin.libreoffice.inside.shops import Shops
        from formulas.declare import CellError
        from sync_engine.clock import SystemClock

        self._shops, self._error = Shops(SystemClock()), CellError
        self.forget = self._shops.forget

    def ask(self, name: str, arguments: list[Any], url: str | None) -> Any:
        """What the cells show: rows, as Calc takes them; one of one for a single value."""
        result = self._shops.ask(name, arguments, url)
        if isinstance(result, list):
            return tuple([tuple([self._cell(cell) for cell in row]) for row in result])
        return ((self._cell(result),),)

    def _cell(self, value: Any) -> Any:
        if isinstance(value, self._error):
            return ERRORS[value.code]
        return float(value) if isinstance(value, (int, float)) else value


class Beside:
    """Answers of the engine's Python, one line there and one back; started when first asked, again if it died."""

    def __init__(self, words: list[str]) -> None:
        self._words, self._lock = words, threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, name: str, arguments: list[Any], url: str | None) -> Any:
        """What the cells show, as `Local` gives it; #N/A where that Python is gone."""
        line = json.dumps([name, arguments, url])
        with self._lock:
            try:
                told = self._talk(line)
            except (OSError, ValueError):
                self._process = None
                return NOTHING
        if isinstance(told, list):
            return tuple([tuple([_read(cell) for cell in row]) for row in told])
        return ((_read(told),),)

    def forget(self) -> None:
        """Look for news at the next question."""
        self.ask("", [], None)

    def _talk(self, line: str) -> Any:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _read(cell: Any) -> Any:
    if isinstance(cell, dict):
        return ERRORS[cell["error"]]
    return float(cell) if isinstance(cell, (int, float)) else cell


class Nobody:
    """Where no Python can answer: every cell shows #N/A."""

    def ask(self, name: str, arguments: list[Any], url: str | None) -> Any:
        """#N/A."""
        return NOTHING

    def forget(self) -> None:
        """There is nothing to forget."""


def _choose() -> Any:
    if sys.version_info >= NEEDS:
        return Local()
    note = read_note(PYTHON_NOTE)
    return Beside([str(note["python"]), "-m", "addin.libreoffice.worker"]) if note else Nobody()


_chosen: list[Any] = []


def answers() -> Any:
    """Who answers, chosen once for all cells and buttons of this office."""
    if not _chosen:
        _chosen.append(_choose())
    return _chosen[0]
