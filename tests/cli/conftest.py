from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.errors import NoKeyringError
from typer.testing import CliRunner

from sync_engine.cli import app
from sync_engine.opening import init_folder, open_shop
from sync_engine.sandbox.world import create_world
from sync_engine.shop import tick
from tests.sandbox.raw import START
from workbook_templates.schema import Lang


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str
    crash: BaseException | None

    @property
    def json(self) -> Any:
        """The one JSON object on the standard output; nothing else may stand there."""
        (line,) = self.out.splitlines()
        return json.loads(line)


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests never touch the keyring of whoever runs them."""

    def nobody(*args: str) -> None:
        raise NoKeyringError("none here")

    monkeypatch.setattr(keyring, "get_password", nobody)
    monkeypatch.setattr(keyring, "set_password", nobody)


def said_by(*arguments: object, typed: str = "") -> Said:
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=typed)
    crash = None if isinstance(result.exception, SystemExit) else result.exception
    return Said(result.exit_code, result.stdout, result.stderr, crash)


@pytest.fixture
def run() -> Run:
    """Run a command in this process. A broken program fails the test at once."""

    def run(*arguments: object, typed: str = "") -> Said:
        said = said_by(*arguments, typed=typed)
        if said.crash:
            raise said.crash
        assert "Traceback" not in said.out + said.err
        return said

    return run


@pytest.fixture(scope="session")
def new_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `init` leaves it, with a sandbox nobody has asked anything."""
    folder = tmp_path_factory.mktemp("new") / "shop"
    config = init_folder(folder, Lang.ZH)
    create_world(config.room("sandbox"), seed=3, orders=40, start=START, skus=20, shop=config.shop)
    return folder


@pytest.fixture(scope="session")
def busy_shop(tmp_path_factory: pytest.TempPathFactory, new_shop: Path) -> Path:
    """A folder in the afternoon of its first day: orders in all stages, parcels printed and not shipped."""
    folder = tmp_path_factory.mktemp("busy") / "shop"
    shutil.copytree(new_shop, folder)
    with open_shop(folder) as opened:
        opened.shop.clock.sleep(8 * 3600)
        for _ in range(3):
            tick(opened.shop)
    return folder


@pytest.fixture
def fresh(new_shop: Path, tmp_path: Path) -> Path:
    """A copy of the new shop, in a folder with a blank and Chinese in its name."""
    folder = tmp_path / "我的 店铺#1"
    shutil.copytree(new_shop, folder)
    return folder


@pytest.fixture
def shop(busy_shop: Path, tmp_path: Path) -> Path:
    """A copy of the busy shop."""
    folder = tmp_path / "我的 店铺#1"
    shutil.copytree(busy_shop, folder)
    return folder


def asked_of(folder: Path, api: str = "") -> list[Any]:
    """What the sandbox was asked, by its own log."""
    path = folder / "sandbox" / "log.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [one for one in map(json.loads, lines) if not api or one["api"] == api]
