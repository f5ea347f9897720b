"""A headless LibreOffice of our own that runs the VBA: own profile, own pipe, a time limit on every answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pyopenvba import ExcelFile

from addin.excel.package import read_parts, write_parts

ANSWER_SECONDS = 90
DRIVER = Path(__file__).with_name("driver.py")
_UNO = ("/usr/lib/python3/dist-packages", "/usr/lib/libreoffice/program", "/opt/libreoffice/program")
_ADDIN = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
_BOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def interpreter() -> tuple[str, str]:
    """A Python that can import uno, and the path it needs; skips where there is none."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc python3-uno")
    pythons = [sys.executable, "/usr/bin/python3", "/usr/lib/libreoffice/program/python"]
    for python in filter(os.path.exists, pythons):
        for place in ("", *filter(os.path.isdir, _UNO)):
            words = [python, "-c", "import sys; sys.path.append(sys.argv[1] or '.'); import uno", place]
            if subprocess.run(words, capture_output=True, timeout=30).returncode == 0:
                return python, place
    pytest.skip("no Python here can import uno: apt-get install python3-uno")


class Office:
    """One LibreOffice; each method of the driver by its name."""

    def __init__(self, room: Path, home: Path) -> None:
        python, place = interpreter()
        env = {**os.environ, "HOME": str(home), "UNO_PATH": place}
        env.pop("USERPROFILE", None)
        profile = (room / "profile").as_uri()
        self.home = home
        self.process = subprocess.Popen(
            [python, str(DRIVER), profile, f"biaomao-vba-{os.getpid()}"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env,
        )  # fmt: skip
        assert self._line() == "ready", "LibreOffice did not start"

    def _line(self) -> str:
        assert self.process.stdout is not None
        timer = threading.Timer(ANSWER_SECONDS, self.process.kill)
        timer.start()
        try:
            return self.process.stdout.readline().strip()
        finally:
            timer.cancel()

    def ask(self, name: str, *words: object) -> Any:
        """Do one thing; the driver's answer. Fails on an error and on silence."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([name, words]) + "\n")
        self.process.stdin.flush()
        line = self._line()
        assert line, f"LibreOffice did not answer {name} within {ANSWER_SECONDS} s"
        answer = json.loads(line)
        assert "error" not in answer, answer
        return answer["result"]

    def end(self) -> None:
        """Close LibreOffice."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()


def with_probe(source: Path, to: Path, probe: str) -> Path:
    """A copy of one of our Excel files that LibreOffice loads, with a module of the test in it."""
    parts = read_parts(source)
    types = parts["[Content_Types].xml"].replace(_ADDIN.encode(), _BOOK.encode())
    write_parts(to, {**parts, "[Content_Types].xml": types})
    with ExcelFile(to) as file:
        file.vba_project().add_module("Probe", probe.replace("\n", "\r\n"))
        file.save()
    return to
