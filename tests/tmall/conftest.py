from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from sync_engine.clock import VirtualClock
from sync_engine.sandbox import credentials
from sync_engine.sandbox.faults import Faults, Rule, Switches
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.world import create_world
from sync_engine.tmall.client import TmallClient
from sync_engine.tmall.gateway import Gateway, http_transport
from tests.sandbox.raw import START, Raw
from tests.tmall.odd import OddServer, odd_server


@dataclass
class Outside:
    """A sandbox shop in the evening of its day, and our client for it."""

    folder: Path
    clock: VirtualClock
    sandbox: Sandbox
    gateway: Gateway
    client: TmallClient
    raw: Raw

    def log(self, api: str = "") -> list[Any]:
        lines = (self.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if not api or line["api"] == api]

    def trouble(self, *rules: Rule, **switches: Any) -> None:
        self.sandbox.set_faults(Faults(rules=rules, switches=Switches(**switches)))

    def open(self, **more: Any) -> Gateway:
        """Another gateway of the same shop."""
        return gateway_for(self.sandbox.url, self.clock, **more)


def gateway_for(url: str, clock: VirtualClock, **more: Any) -> Gateway:
    named = {"app_key": credentials.APP_KEY, "secret": credentials.APP_SECRET, "session": credentials.SESSION}
    return Gateway(url, clock=clock, **{**named, **more})


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world nobody has touched, to be copied."""
    folder = tmp_path_factory.mktemp("world")
    create_world(folder, seed=3, orders=120, start=START, skus=120)
    clock = VirtualClock(START)
    clock.sleep(12 * 3600)
    sandbox = Sandbox(folder, clock)
    sandbox.advance()
    sandbox.stop()
    return folder


@pytest.fixture
def outside(world: Path, tmp_path: Path) -> Iterator[Outside]:
    folder = tmp_path / "sandbox"
    shutil.copytree(world, folder)
    clock = VirtualClock(START)
    clock.sleep(12 * 3600)
    with Sandbox(folder, clock) as sandbox:
        gateway, raw = gateway_for(sandbox.url, clock), Raw(sandbox.url, clock)
        yield Outside(folder, clock, sandbox, gateway, TmallClient(gateway), raw)
        raw.close()


@pytest.fixture(scope="session")
def odd_for_all() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def odd(odd_for_all: OddServer) -> OddServer:
    odd_for_all.asked.clear()
    odd_for_all.answers.clear()
    return odd_for_all


Odded = Callable[..., Gateway]


@pytest.fixture
def gateway(odd: OddServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Odded]:
    """A gateway that talks to the odd server, quick to lose its patience."""
    opened: list[requests.Session] = []
    make = requests.Session

    def remembered() -> requests.Session:
        opened.append(make())
        return opened[-1]

    monkeypatch.setattr(requests, "Session", remembered)

    def build(clock: VirtualClock | None = None, **more: Any) -> Gateway:
        given = {"timeout": 0.3, "transport": http_transport(), **more}
        return gateway_for(odd.url, clock or VirtualClock(START), **given)

    yield build
    for session in opened:
        session.close()
