"""Commands of a button, given to the hub and followed to their end. Knows nothing of windows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, cast
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from addin.libreoffice.inside.places import HUB_NOTE, own_folder, read_note

SECONDS = 10
"""How long one request may take."""
EVERY = 0.3
"""Seconds between looks at a job."""
MISSES = 5
"""Requests in a row that may fail while a job is followed."""
OVER = ("done", "failed", "cancelled")


class Job(TypedDict):
    """A job as the hub tells it; `progress` runs from 0 to 1."""

    number: str
    label: str
    state: str
    step: str
    progress: float
    answer: str


class Trouble(Exception):
    """Why a command cannot be given: its text is one sentence, Chinese and English."""


class Hub:
    """The hub that runs on this machine."""

    def __init__(self, url: str, token: str, folder: str) -> None:
        self.folder = folder
        self._url, self._token = url, token
        self._open = build_opener(ProxyHandler({})).open  # a proxy of the machine is not for the loopback

    def start(self, command: str, argument: str) -> Job:
        """Give a command; where the same one is under way, that one is meant. Trouble where it is not taken."""
        try:
            return self._ask("POST", "/v1/jobs", {"command": command, "argument": argument})
        except HTTPError as error:
            raise Trouble(_refused(error.code)) from None
        except (OSError, ValueError):
            raise Trouble(NOT_RUNNING) from None

    def job(self, number: str) -> Job:
        """A job as it stands."""
        return self._ask("GET", f"/v1/jobs/{number}")

    def cancel(self, number: str) -> Job:
        """Stop a job at its next step."""
        return self._ask("POST", f"/v1/jobs/{number}/cancel", {})

    def follow(self, job: Job, tell: Callable[[Job], None]) -> Job:
        """Look at a job until it is over; `tell` hears of each look. Trouble where the hub went away."""
        misses, pause = 0, threading.Event()
        while job["state"] not in OVER:
            tell(job)
            pause.wait(EVERY)
            try:
                job, misses = self.job(str(job["number"])), 0
            except HTTPError as error:
                if error.code != 429:
                    raise Trouble(LOST) from None
            except (OSError, ValueError):
                misses += 1
                if misses >= MISSES:
                    raise Trouble(LOST) from None
        return job

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Job:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = Request(f"{self._url}{path}", data=data, headers=headers, method=method)
        with self._open(request, timeout=SECONDS) as answer:
            found = json.loads(answer.read().decode("utf-8"))
        if not isinstance(found, dict) or not found.keys() >= Job.__annotations__.keys():
            raise ValueError("not a job")
        return cast(Job, found)


NOT_RUNNING = (
    "表猫没有在运行:请打开终端运行 biaomao serve --folder 店铺文件夹,再按一次 / "
    "Biaomao is not running: start it with biaomao serve --folder FOLDER, then press again"
)
LOST = (
    "表猫中途停了:请重新启动 biaomao serve,再按一次(做过的事不会重复) / "
    "Biaomao went away: start biaomao serve again and press again; nothing is done twice"
)


def _refused(code: int) -> str:
    if code in (401, 403, 421):
        return (
            "表猫不认识这次请求(可能刚重新启动过):请再按一次 / "
            "Biaomao did not accept the request, it may have been restarted: press again"
        )
    return f"表猫没有接受这个命令({code}):请再按一次 / Biaomao did not take the command ({code}): press again"


def find_hub(url: str) -> Hub:
    """The running hub, if it is the one of the document's shop. Trouble says what to do where it is not."""
    note = read_note(HUB_NOTE)
    if note is None or not all(isinstance(note.get(name), str) for name in ("url", "token", "folder")):
        raise Trouble(NOT_RUNNING)
    own = own_folder(url)
    if own is not None and own.resolve() != Path(note["folder"]).resolve():
        raise Trouble(
            f"正在运行的表猫管的是 {note['folder']},不是这个店铺:请运行 biaomao serve --folder {own} / "
            f"the running Biaomao serves {note['folder']}, not this shop: run biaomao serve --folder {own}"
        )
    if not str(note["url"]).startswith("http://127.0.0.1:"):
        raise Trouble(NOT_RUNNING)
    return Hub(note["url"], note["token"], note["folder"])
