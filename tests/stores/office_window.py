"""A LibreOffice with a window on a screen of its own, and a person at its keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.calc.office import missing as no_office

SECONDS = 20


def missing() -> str:
    """Why there is no window to test with; "" where there is one."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            return f"{program} is not installed: `apt-get install {program.lower()}`"
    return no_office()


@contextmanager
def a_screen() -> Iterator[str]:
    """An X display nobody sees; its name."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    process = subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)


class Keyboard:
    """Keys that go to the window in front."""

    def __init__(self, display: str) -> None:
        self._env = {**os.environ, "DISPLAY": display}

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self._env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return done.stdout

    def focus(self, title: str) -> None:
        """Wait for the window whose title starts so, and choose it."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for window in self._do("search", "--onlyvisible", "--name", ".*").split():
                if self._do("getwindowname", window).startswith(title):
                    self._do("windowfocus", "--sync", window)
                    time.sleep(1)
                    return
            time.sleep(0.2)
        raise AssertionError(f"no window {title} within {SECONDS} s")

    def press(self, *keys: str) -> None:
        self._do("key", *keys)
        time.sleep(0.5)

    def type(self, text: str) -> None:
        """At the pace of somebody quick; a new line is the Return key."""
        self._do(*_strokes(text))
        time.sleep(0.5)

    def start_typing(self, text: str) -> subprocess.Popen[bytes]:
        """The same, while others go on."""
        return subprocess.Popen(["xdotool", *_strokes(text)], env=self._env)


def _strokes(text: str) -> list[str]:
    words: list[str] = []
    for n, line in enumerate(text.split("\n")):
        words += ["key", "Return"] if n else []
        words += ["type", "--delay", "25", "--args", "1", line] if line else []
    return words
