"""The hand as a process of its own: it may die, we may not. Nothing is waited for without end."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Any

from sync_engine.errors import WorkbookError
from sync_engine.stores.grid.port import GridBusy
from sync_engine.stores.libreoffice.words import (
    CLOSED,
    DIALOG,
    FAILED,
    MOVING,
    PASSWORD,
    READ_ONLY,
    SILENT,
    TYPING,
)

SECONDS = 60.0
"""How long LibreOffice may take for one request: a long sort or recalculation holds everything up."""
_ROOT = Path(__file__).resolve().parents[3]
_START = "import sys; sys.path.append(sys.argv.pop(1)); from sync_engine.stores.libreoffice.hand import main; main()"
_PROBE_SECONDS = 30

_SAID = {
    CLOSED: "工作簿刚在 LibreOffice 里关闭,改动下次同步再写入 / the workbook was closed in LibreOffice just now: changes go in with the next sync",
    DIALOG: "LibreOffice 正开着一个对话框,改动先留着,请先关闭对话框 / a dialog is open in LibreOffice: changes wait, close it first",
    READ_ONLY: "工作簿在 LibreOffice 里以只读方式打开,改动先留着,请关闭后重新打开以便编辑 / the workbook is open read-only in LibreOffice: changes wait, open it for editing",
    PASSWORD: "工作表“{what}”加了密码保护,改动先留着,请去掉密码 / sheet {what} is protected by a password: changes wait, take the password off",
    TYPING: "有人正在“{what}”要写入的单元格里输入,改动先留着,输完后再同步 / somebody is typing in a cell of {what} that is to be written: changes wait until they are done",
    MOVING: "“{what}”正在被反复改动,改动留到下次同步 / {what} kept changing while it was read: changes wait for the next sync",
    SILENT: "LibreOffice 没有回应,改动先留着,下次同步再试 / LibreOffice does not answer: changes wait for the next sync",
    FAILED: "LibreOffice 现在不让写({what}),改动先留着 / LibreOffice does not take this now ({what}): changes wait",
}  # fmt: skip


class Hand:
    """Asks the process; starts it anew where it died. Used by one thread at a time."""

    def __init__(self, pipe: str, *, seconds: float = SECONDS) -> None:
        self._pipe, self._seconds = pipe, seconds
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def ask(self, workbook: Path, do: str, *given: object) -> Any:
        """One request. GridBusy, in one sentence, where it was not done; WorkbookError where no Python has `uno`."""
        process = self._running()
        assert process.stdin is not None, "opened as a pipe"
        try:
            process.stdin.write(json.dumps({"path": str(workbook), "do": do, "given": given}) + "\n")
            process.stdin.flush()
            line = self._answers.get(timeout=self._seconds)
        except (OSError, ValueError):
            line = ""
        except queue.Empty:
            self.close()
            raise GridBusy(sentence(SILENT)) from None
        if not line:
            self.close()
            raise GridBusy(sentence(CLOSED))
        said = json.loads(line)
        if "busy" in said:
            raise GridBusy(sentence(said["busy"], said["what"]))
        return said["value"]

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        python = python_with_uno()
        if python is None:
            raise WorkbookError(
                "没有找到带 uno 的 Python:请安装 python3-uno / no Python with `uno` was found: install python3-uno"
            )
        words = [python, "-c", _START, str(_ROOT), self._pipe]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", env=_plain(),
            start_new_session=True,
        )  # fmt: skip
        self._answers = queue.Queue()
        threading.Thread(target=_listen, args=(self._process, self._answers), daemon=True).start()
        return self._process

    def close(self) -> None:
        """Close the line: the hand ends after what it is at; one that hangs is ended."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None, "opened as a pipe"
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listen(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    """Pass on what the process says; an empty line once it is gone."""
    assert process.stdout is not None, "opened as a pipe"
    with process.stdout as lines, contextlib.suppress(ValueError, OSError):
        for line in lines:
            answers.put(line)
    answers.put("")


def sentence(why: str, what: str = "") -> str:
    """For people, in both languages."""
    return _SAID[why].format(what=what)


@cache
def python_with_uno() -> str | None:
    """A Python that can talk to LibreOffice: the system's, or the one that LibreOffice brings; None where there is none."""
    names = ["/usr/bin/python3", shutil.which("python3") or sys.executable]
    if office := shutil.which("soffice"):
        folder = Path(office).resolve().parent
        names = [*(str(folder / name) for name in ("python", "python.exe", "python.bin")), *names]
    names.append("/Applications/LibreOffice.app/Contents/Resources/python")
    for name in names:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            words = [name, "-c", "import uno"]
            done = subprocess.run(
                words, capture_output=True, timeout=_PROBE_SECONDS, check=False, env=_plain()
            )
            if done.returncode == 0:
                return name
    return None


def _plain() -> dict[str, str]:
    """Our environment without what is meant for our own Python."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
