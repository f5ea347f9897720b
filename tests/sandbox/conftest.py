from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sync_engine.clock import VirtualClock
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.world import create_world
from tests.sandbox.raw import START, Raw


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Makes a world and serves it; `.raw` calls it, `.clock` moves it."""
    opened: list[Any] = []

    def make(orders: int = 60, seed: int = 3, hours: float = 0, folder: str = "sandbox", **more: Any) -> Any:
        path = tmp_path / folder
        if not (path / "state.sqlite").exists():
            create_world(path, seed=seed, orders=orders, start=START, skus=120, **more)
        clock = VirtualClock(START)
        clock.sleep(hours * 3600)
        sandbox = Sandbox(path, clock)
        shop = SimpleNamespace(folder=path, clock=clock, sandbox=sandbox, raw=Raw(sandbox.start(), clock))
        opened.append(shop)
        return shop

    yield make
    for shop in opened:
        shop.raw.close()
        shop.sandbox.stop()


@pytest.fixture
def shop(open_shop: Callable[..., Any]) -> Any:
    """A shop in the evening of its day."""
    return open_shop(hours=12)
