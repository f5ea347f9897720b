"""A real Calc with our extension, in a profile of its own: started, driven through `hand.py`, ended by its process id."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from addin.libreoffice import Office, find_office, install
from addin.libreoffice.installing import plain_environment

HAND = Path(__file__).with_name("hand.py")
SECONDS = 90
"""How long anything asked of Calc may take."""


def missing() -> str:
    """Why there is no Calc to test with; "" where there is one."""
    if shutil.which("soffice") is None or shutil.which("unopkg") is None:
        return "LibreOffice is not installed: `apt-get install libreoffice-calc`"
    if _python() is None:
        return "no Python with `uno` was found: `apt-get install python3-uno`"
    return ""


def _python() -> str | None:
    """A Python that has `uno`."""
    for name in ("/usr/bin/python3", shutil.which("python3") or sys.executable):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if subprocess.run([name, "-c", "import uno"], capture_output=True, timeout=30).returncode == 0:
                return name
    return None


class Calc:
    """A running Calc. Every method of `hand.Hand` can be asked for: `calc.read("doc", "A1:B2")`."""

    def __init__(self, home: Path, hand: subprocess.Popen[str]) -> None:
        self.home, self._hand = home, hand
        self.hear()

    def __getattr__(self, name: str) -> Any:
        def ask(*given: object) -> Any:
            assert self._hand.stdin is not None
            self._hand.stdin.write(json.dumps({"do": name, "given": given}) + "\n")
            self._hand.stdin.flush()
            answer = self.hear()
            assert "error" not in answer, answer["error"]
            return answer["value"]

        return ask

    def hear(self) -> Any:
        """The next answer."""
        assert self._hand.stdout is not None
        ready, _, _ = select.select([self._hand.stdout], [], [], SECONDS)
        assert ready, f"Calc did not answer within {SECONDS} s"
        line = self._hand.stdout.readline()
        assert line, "Calc's hand is gone"
        return json.loads(line)


def own_office(room: Path) -> Office:
    """The machine's LibreOffice with a profile, and a place for all users, inside `room`."""
    shared = room / "shared"
    shared.mkdir(parents=True, exist_ok=True)
    options = (
        f"-env:UserInstallation={(room / 'profile').as_uri()}",
        f"-env:UNO_SHARED_PACKAGES_CACHE={shared.as_uri()}",
    )
    return replace(find_office(), options=options)


@contextmanager
def running_calc(room: Path, *, window: bool = False) -> Iterator[Calc]:
    """Calc with the extension installed and a home of its own under `room`; ended afterwards, whatever happens."""
    home = room / "home"
    home.mkdir(parents=True, exist_ok=True)
    office = own_office(room)
    with at_home(home):
        install(office)
        environment = plain_environment()
    pipe = f"biaomao{secrets.token_hex(8)}"
    flags = ["--norestore", "--nologo", "--nodefault", "--nolockcheck", f"--accept=pipe,name={pipe};urp"]
    words = ["soffice", *office.options, *flags, *([] if window else ["--headless"])]
    python = _python()
    assert python is not None, missing()
    with (
        a_process(words, environment),
        a_process([python, str(HAND), pipe, str(SECONDS)], environment) as hand,
    ):
        yield Calc(home, hand)


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    names = ("HOME", "USERPROFILE")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, str(home)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def a_process(words: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process group of its own, ended with all its children."""
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
        env=environment, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
                break
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
