"""Starts the engine's process, hears what it says, and kills it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sync_engine.clock import Pace

ENGINE = (sys.executable, "-m", "sync_engine.chaos.engine")
_ROOT = Path(__file__).resolve().parents[2]
LAST_WORDS = "engine.err"


class Driver:
    """The engine of one shop folder. At most one process runs at a time."""

    def __init__(
        self, folder: Path, pace: Pace, environment: Mapping[str, str], words: Sequence[str] = ENGINE
    ) -> None:
        """`words` is the command; the folder is added."""
        self._folder, self._pace, self._words = folder, pace, words
        self._environment = {**os.environ, **environment, "PYTHONIOENCODING": "utf-8"}
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._said: list[dict[str, Any]] = []
        self.ticks = self.kills = self.broke = 0
        self.last = ""

    def start(self) -> None:
        """A new process."""
        with (self._folder / LAST_WORDS).open("ab") as errors:
            self._process = subprocess.Popen(
                [*self._words, str(self._folder)], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                encoding="utf-8", env=self._environment, start_new_session=os.name == "posix",
                creationflags=0 if os.name == "posix" else 0x00000200,  # Ctrl-C in the terminal is not for it
            )  # fmt: skip
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None, "opened as a pipe"
        with process.stdout as lines, contextlib.suppress(ValueError, OSError):
            for line in lines:
                self._hear(line)

    def _hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:  # killed in the middle of a line
            return
        with self._lock:
            self._said.append(said)
            self.ticks += 1
            self.last = said.get("error") or _line(said)

    def alive(self) -> bool:
        """Whether it runs; one that ended by itself is counted as broken."""
        if self._process is None:
            return False
        if self._process.poll() is None:
            return True
        self.broke += 1
        _close_input(self._process)
        self._process = None
        return False

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    def kill(self) -> None:
        """SIGKILL, or TerminateProcess: no last word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            _close_input(self._process)
            self._process = None
            self.kills += 1

    def stop(self) -> None:
        """Let it finish the tick it is at, and end."""
        process, self._process = self._process, None
        if process is None:
            return
        _close_input(process)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def heard(self) -> list[dict[str, Any]]:
        """What it said since this was asked last, whichever process it was."""
        with self._lock:
            said, self._said = self._said, []
            return said


def _close_input(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None, "opened as a pipe"
    with contextlib.suppress(OSError):
        process.stdin.close()


def is_quiet(said: Mapping[str, Any]) -> bool:
    """Whether a tick found nothing to do and waits for nothing."""
    if "error" in said:
        return False
    done = not (said["rows_written"] or said["rows_refused"] or said["waiting"])
    return bool(said["idle"] or (done and not said["pending"] and not said["troubles"]))


def _line(said: Mapping[str, Any]) -> str:
    if said["idle"]:
        return f"{said['at'][11:]} ·"
    return f"{said['at'][11:]}  {said['rows_written']} ✓  {said['rows_refused']} ↺  {'; '.join([*said['troubles'], said['pending']])}"
