"""Starting the hub: a free port on the loopback, a token for this start, and a note where programs find both."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from addin.hub.app import Hub, make_app
from addin.hub.guard import MAX_AT_ONCE, Door
from addin.hub.jobs import Jobs, runner
from sync_engine.clock import SystemClock
from sync_engine.config import load_config
from sync_engine.errors import BusyError
from sync_engine.opening import JOURNAL_FILE
from sync_engine.readmodel import ReadModel
from sync_engine.runners.inline import stop_on_signals

NOTE = "hub.json"


def note_path() -> Path:
    """Where the running hub of this user is written down; readable by this user alone."""
    return Path.home() / ".biaomao" / NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A hub that runs: its address, its token and its shop folder."""

    url: str
    token: str
    folder: str
    pid: int


def find_hub() -> Running | None:
    """The hub this user's note tells of; it may have died since."""
    try:
        data = json.loads(note_path().read_text("utf-8"))
        return Running(url=data["url"], token=data["token"], folder=data["folder"], pid=data["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def serve(
    folder: Path, *, port: int = 0, origins: tuple[str, ...] = (), ready: Callable[[Running], None]
) -> None:
    """Serve a shop folder until told to stop.

    Args:
        origins: exact origins of add-in pages served elsewhere.
        ready: called once with the address, before the first request.
    """
    config = load_config(folder)
    listener = listen(port)
    number = listener.getsockname()[1]
    running = Running(
        url=f"http://127.0.0.1:{number}",
        token=secrets.token_hex(32),
        folder=str(folder.resolve()),
        pid=os.getpid(),
    )
    hub = Hub(
        shop=config.shop, lang=config.lang, door=Door(port=number, token=running.token, origins=frozenset(origins)),
        model=ReadModel(config.room("journal") / JOURNAL_FILE, config.lang), jobs=Jobs(runner(folder, config.lang), config.lang),
        clock=SystemClock(),
    )  # fmt: skip
    server = uvicorn.Server(uvicorn.Config(
        make_app(hub), log_level="warning", access_log=False, limit_concurrency=MAX_AT_ONCE + 1, timeout_keep_alive=10,
        server_header=False, h11_max_incomplete_event_size=65_536,
    ))  # fmt: skip
    _write_note(running)
    try:
        with (
            stop_on_signals()
        ):  # the server hands a signal on once it has ended: the note is still to be removed
            ready(running)
            server.run(sockets=[listener])
    finally:
        if (found := find_hub()) is not None and found.token == running.token:
            note_path().unlink(missing_ok=True)


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback; 0 takes a free port.

    The protocol is named because asyncio sends small answers at once (TCP_NODELAY) only on sockets that name it: without
    it every answer waits 40 ms.

    Raises:
        BusyError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise BusyError(
            f"端口 {port} 被别的程序占用,请换一个 / port {port} is taken: choose another"
        ) from None
    return listener


def _write_note(running: Running) -> None:
    path = note_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(
            {"url": running.url, "token": running.token, "folder": running.folder, "pid": running.pid}, file
        )
    draft.replace(path)
