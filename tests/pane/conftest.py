"""A real Chromium, a real hub on a port of its own, and the pages it serves."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from addin.hub.app import Hub, make_app
from addin.hub.guard import Door
from addin.hub.jobs import Jobs, Run
from addin.hub.serve import listen
from sync_engine.clock import SystemClock
from sync_engine.journal.journal import Journal
from sync_engine.readmodel import ReadModel
from tests.hub.conftest import make_journal, nothing
from workbook_templates.schema import Lang

TOKEN = "5a" * 32
QUIET = (
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic", "--disable-gpu",
)  # fmt: skip


def found_chromium() -> str | None:
    """The system's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def start_chromium(player: Any) -> Any:
    """That Chromium without a window, which asks nobody but the pages it is given. Root has no sandbox for it."""
    alone = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    return player.chromium.launch(executable_path=found_chromium(), args=[*QUIET, *alone])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of a worker; skips, saying so, where there is none."""
    if found_chromium() is None:
        pytest.skip("Chromium is not installed: `python3 run.py test` as root, or apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as player:
        browser = start_chromium(player)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page as narrow as a task pane may be; an error in its scripts fails the test."""
    context = chromium.new_context(viewport={"width": 320, "height": 700}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page, broken = context.new_page(), list[str]()
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


@dataclass
class Live:
    """A hub that answers on the loopback."""

    url: str
    jobs: Jobs
    server: uvicorn.Server
    thread: threading.Thread
    asked: list[str] = field(default_factory=list)  # method and path of every request

    @property
    def pane(self) -> str:
        """The pane's address, with its token."""
        return f"{self.url}/pane/index.html#{TOKEN}"

    def stop(self) -> None:
        """End it, as when its window is closed."""
        self.server.should_exit = True
        self.thread.join(10)


Serve = Callable[..., Live]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """The shop of the table of cases."""
    journal = make_journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


@pytest.fixture
def serve(tmp_path: Path, journal: Journal) -> Iterator[Serve]:
    """`serve(run, lang=..., origins=...)`: a hub on that shop."""
    with contextlib.ExitStack() as ends:

        def start(
            run: Run = nothing,
            *,
            lang: Lang = Lang.ZH,
            origins: tuple[str, ...] = (),
            database: Path | None = None,
        ) -> Live:
            listener = listen(0)
            ends.callback(listener.close)
            port = listener.getsockname()[1]
            hub = Hub(
                shop="测试店", lang=lang, door=Door(port=port, token=TOKEN, origins=frozenset(origins)),
                model=ReadModel(database or tmp_path / "journal.sqlite", lang), jobs=Jobs(run, lang), clock=SystemClock(),
            )  # fmt: skip
            app, asked = make_app(hub), list[str]()

            async def counted(scope: Any, receive: Any, send: Any) -> None:
                if scope["type"] == "http":
                    asked.append(f"{scope['method']} {scope['path']}")
                await app(scope, receive, send)

            server = uvicorn.Server(uvicorn.Config(counted, log_level="error", lifespan="off"))
            thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
            thread.start()
            live = Live(f"http://127.0.0.1:{port}", hub.jobs, server, thread, asked)
            ends.callback(live.stop)
            return live

        yield start
