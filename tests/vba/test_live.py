"""Commands through RunPython with a stand-in for Excel: the work, the progress, a busy Excel, the sentence at the end."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from addin.excel.live import PAUSES, politely, run
from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.opening import init_folder, make_sandbox
from workbook_templates.schema import Lang

START = datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)
REJECTED = Exception(-2147418111, "Call was rejected by callee.", None, None)
BUSY = Exception(-2147352567, "Exception occurred.", (0, None, None, None, 0, -2146777998), None)


class App:
    """Excel: what stood in its status bar and what it told, turning calls away for a while."""

    def __init__(self, *refusals: Exception) -> None:
        self.bar: list[object] = []
        self.told: list[str] = []
        self.refusals = list(refusals)

    @property
    def status_bar(self) -> object:
        return self.bar[-1]

    @status_bar.setter
    def status_bar(self, value: object) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.bar.append(value)

    def alert(self, prompt: str, title: str) -> None:
        assert title in ("表猫", "Biaomao")
        self.told.append(prompt)


class Book:
    """The workbook the macro was called from."""

    def __init__(self, path: Path, app: App) -> None:
        self.fullname, self.app = str(path), app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sandbox shop, and a home without a hub."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    shop = tmp_path / "shop"
    make_sandbox(init_folder(shop, Lang.ZH), seed=4, orders=3, start=START)
    return shop


def test_a_sync_is_done_with_progress_and_one_sentence(folder: Path) -> None:
    app = App()
    workbook = next(folder.glob("*.xlsx"))
    before = workbook.read_bytes()
    sentence = run("sync", "", Book(workbook, app), VirtualClock(START))
    assert app.told == [sentence] and sentence.startswith("同步: 同步了一次")
    assert workbook.read_bytes() != before
    steps = list(dict.fromkeys(app.bar))  # it may act in several rounds
    assert steps == [*(f"同步 {n}/5" for n in range(1, 6)), False]


def test_a_busy_excel_is_tried_again_and_never_stops_the_work(folder: Path) -> None:
    app, clock = App(*[REJECTED, BUSY] * 20), VirtualClock(START)
    sentence = run("backup", "", Book(folder / "x.xlsm", app), clock)
    assert sentence.startswith("备份: ") and app.told == [sentence]
    assert list((folder / "backups").iterdir()) and clock.now() > START


def test_a_failure_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    app = App()
    assert "没有命令" in run("format", "", Book(folder / "x.xlsm", app), VirtualClock(START))
    assert "config.toml" in run("sync", "", Book(tmp_path / "elsewhere" / "x.xlsm", app), VirtualClock(START))
    (folder / "config.toml").write_text("shop = [", "utf-8")
    assert "config.toml" in run("sync", "", Book(folder / "x.xlsm", app), VirtualClock(START))
    assert len(app.told) == 3 and not any("Traceback" in one for one in app.told)


def test_a_broken_program_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("addin.excel.live.runner", lambda *_: broken)
    app = App()
    run("sync", "", Book(folder / "x.xlsm", app), VirtualClock(START))
    assert app.told == ["程序出错(ZeroDivisionError),请运行 biaomao doctor"] and app.bar == [False]


def test_tries_are_bounded_and_other_errors_pass() -> None:
    tries = 0

    def always() -> None:
        nonlocal tries
        tries += 1
        raise REJECTED

    assert not politely(always, VirtualClock(START)) and tries == len(PAUSES) + 1

    def wrong() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        politely(wrong, VirtualClock(START))
