"""A LibreOffice of its own for `biaomao chaos`: with our extension, the shop's workbook open, and hands for the people in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from addin.libreoffice.installing import Office, find_office, install, plain_environment
from sync_engine.chaos.place import Desk, Place, Sight
from sync_engine.config import load_config
from sync_engine.errors import UserError
from sync_engine.stores.libreoffice.process import python_with_uno

HAND = Path(__file__).with_name("chaos_hand.py")
SECONDS = 90.0
"""How long LibreOffice may take to start."""


class OfficePlace:
    """See `Place`. LibreOffice does not lose calls: troubles are at Tmall, at the couriers and in the engine's process."""

    name = "LibreOffice"
    troubles = False

    def __init__(self, hand: subprocess.Popen[str], home: Path) -> None:
        self._hand, self._home, self._lock = hand, home, threading.RLock()

    def desk(self, name: str) -> Desk:
        """See `Place`."""
        return OfficeDesk(self)

    def environment(self) -> Mapping[str, str]:
        """See `Place`."""
        return {"HOME": str(self._home), "USERPROFILE": str(self._home)}

    def trouble(self, on: bool) -> None:
        """See `Place`."""

    def struck(self) -> Mapping[str, int]:
        """See `Place`."""
        return {}

    def met(self) -> int | None:
        """See `Place`."""
        return None

    def ask(self, do: str, *given: object) -> Any:
        """One request to the hand."""
        with self._lock:
            assert self._hand.stdin is not None and self._hand.stdout is not None, "opened as pipes"
            try:
                self._hand.stdin.write(json.dumps({"do": do, "given": given}) + "\n")
                self._hand.stdin.flush()
                line = self._hand.stdout.readline()
            except OSError:
                line = ""
            if not line:
                raise UserError(
                    "LibreOffice 已经关闭,演示到此为止 / LibreOffice was closed: this is the end of it"
                )
            said = json.loads(line)
            if "error" in said:
                raise UserError(f"LibreOffice: {said['error']}")
            return said["value"]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """People act one after the other; the engine never moves a row."""
        with self._lock:
            yield


class OfficeDesk:
    """See `Desk`."""

    def __init__(self, place: OfficePlace) -> None:
        self._place, self.alone = place, place.alone

    def see(self, tab: str) -> Sight:
        """See `Desk`."""
        found: Sight = self._place.ask("see", tab)
        return found

    def type(self, tab: str, row: int, column: int, text: str) -> bool:
        """See `Desk`."""
        return bool(self._place.ask("type", tab, row, column, text))

    def insert(self, tab: str, row: int) -> None:
        """See `Desk`."""
        self._place.ask("insert", tab, row)

    def delete(self, tab: str, row: int) -> None:
        """See `Desk`."""
        self._place.ask("delete", tab, row)

    def copy(self, tab: str, row: int) -> None:
        """See `Desk`."""
        self._place.ask("copy", tab, row)

    def sort(self, tab: str, column: int, reverse: bool) -> None:
        """See `Desk`."""
        self._place.ask("sort", tab, column, reverse)

    def filter(self, tab: str, column: int, text: str) -> bool:
        """See `Desk`."""
        return bool(self._place.ask("filter", tab, column, text))


@contextmanager
def on_libreoffice(folder: Path, seed: int) -> Iterator[Place]:
    """A LibreOffice with the folder's workbook open while the block lasts; with a window where there is a screen."""
    python, program = python_with_uno(), shutil.which("soffice")
    if python is None or program is None:
        raise UserError(
            "没有找到 LibreOffice 或带 uno 的 Python:请安装 libreoffice-calc 和 python3-uno / "
            "LibreOffice or a Python with `uno` is missing: install libreoffice-calc and python3-uno"
        )
    workbook = load_config(folder).workbook.resolve()
    with tempfile.TemporaryDirectory(prefix="biaomao-chaos-") as room:
        home = Path(room) / "home"
        home.mkdir()
        office = _own_office(Path(room))
        with _at_home(home):
            install(office)
            environment = plain_environment()
        pipe = f"chaos{secrets.token_hex(8)}"
        shown = os.name != "posix" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        words = [
            program,
            *office.options,
            "--norestore",
            "--nologo",
            "--nodefault",
            f"--accept=pipe,name={pipe};urp",
        ]
        words += [] if shown else ["--headless"]
        hand = [python, str(HAND), pipe, str(SECONDS)]
        with _process(words, environment), _process(hand, environment) as answering:
            place = OfficePlace(answering, home)
            place.ask("open", str(workbook))
            try:
                yield place
                place.ask("save")
            finally:
                with suppress(UserError):
                    place.ask("quit")


def _own_office(room: Path) -> Office:
    shared = room / "shared"
    shared.mkdir()
    profile = f"-env:UserInstallation={(room / 'profile').as_uri()}"
    return replace(find_office(), options=(profile, f"-env:UNO_SHARED_PACKAGES_CACHE={shared.as_uri()}"))


@contextmanager
def _at_home(home: Path) -> Iterator[None]:
    """What is noted in people's homes goes to this one meanwhile."""
    before = {name: os.environ.get(name) for name in ("HOME", "USERPROFILE")}
    os.environ.update(dict.fromkeys(before, str(home)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _process(words: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process with all its children, ended afterwards."""
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", env=environment,
        start_new_session=os.name == "posix",
    )  # fmt: skip
    try:
        yield process
    finally:
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
