"""The buttons of Calc against a real hub on a real shop folder: through LibreOffice's own dispatch, to the end of the job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from python_calamine import CalamineWorkbook

from sync_engine.clock import SHANGHAI
from sync_engine.opening import init_folder, make_sandbox
from tests.calc.office import Calc
from workbook_templates.commands import COMMANDS_BY_NAME, COMMANDS_LIST
from workbook_templates.schema import Lang

pytestmark = pytest.mark.office

START = datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)
SECONDS = 30


class Served:
    """A hub of its own process on a sandbox shop."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        self.folder, self._url = folder, url
        self._known = {"Authorization": f"Bearer {token}"}

    def jobs(self) -> list[dict[str, Any]]:
        """Jobs, newest first."""
        answer = requests.get(f"{self._url}/v1/jobs", headers=self._known, timeout=10)
        assert answer.status_code == 200
        found = answer.json()
        assert isinstance(found, list)
        return found


def until(true: Any, seconds: float = SECONDS) -> bool:
    """Whether it becomes true."""
    return any(true() or threading.Event().wait(0.1) for _ in range(int(seconds * 10)))


def said(calc: Calc, name: str) -> str:
    """The sentence in the window, once there is one."""
    found: list[str] = []
    assert until(lambda: calc.has_bar(name) and (found.append(calc.bar(name)), found[-1])[1])
    return found[-1]


@contextmanager
def serving(calc: Calc, folder: Path) -> Iterator[Served]:
    """A shop with a few orders and its hub, which notes itself in Calc's home."""
    make_sandbox(init_folder(folder, Lang.ZH), seed=4, orders=3, start=START)
    words = [sys.executable, "-m", "addin.cli", "serve", "--folder", str(folder), "--json"]
    env = {**os.environ, "HOME": str(calc.home), "USERPROFILE": str(calc.home)}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=env
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Served(folder, told["url"], told["token"])
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def served(calc: Calc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One such shop for most tests here."""
    with serving(calc, tmp_path_factory.mktemp("served")) as one:
        yield one


@pytest.fixture
def window(calc: Calc, served: Served) -> Iterator[Calc]:
    """A workbook in the served shop's folder."""
    path = served.folder / "看板.ods"
    calc.open("board")
    calc.save("board", path.as_uri())
    calc.close("board")
    calc.open("board", path.as_uri())
    yield calc
    calc.close("board")


def test_a_press_runs_the_job_once_shows_its_end_and_works_the_cells_out_again(
    window: Calc, served: Served
) -> None:
    window.type("board", {"A1": "=ERP.ASOF()", "A2": '=ERP.FREIGHT("广东",1)'})
    assert window.read("board", "A1:A2") == [[{"error": 32767}], [{"error": 32767}]]
    before = len(served.jobs())
    assert window.press("board", "biaomao.calc:sync") and window.press("board", "biaomao.calc:sync")
    assert not window.has_bar("board"), "a press gives back before the work is done"
    sentence = said(window, "board")
    jobs = served.jobs()
    assert len(jobs) == before + 1, "pressing twice does the work once"
    assert jobs[0]["command"] == "sync" and jobs[0]["state"] == "done"
    assert sentence.startswith(jobs[0]["answer"])
    assert until(lambda: window.read("board", "A1") == [[46337.375]]), "the cells show what was synced"
    assert window.read("board", "A2")[0][0] > 1


def test_an_argument_goes_along_and_a_refusal_is_shown(window: Calc, served: Served) -> None:
    assert window.press("board", "biaomao.calc:ship", " 4100000000000000001 ")
    sentence = said(window, "board")
    job = served.jobs()[0]
    assert (job["command"], job["argument"]) == ("ship", "4100000000000000001")
    assert job["state"] in ("done", "failed") and sentence == job["answer"]


@pytest.mark.parametrize("command", [one.name for one in COMMANDS_LIST])
def test_every_command_has_its_button(calc: Calc, served: Served, command: str) -> None:
    """Through the handler, with an argument no order has where one is taken."""
    calc.open("all")
    assert calc.press("all", f"biaomao.calc:{command}", "1" if COMMANDS_BY_NAME[command].argument_zh else "")
    sentence = said(calc, "all")
    job = served.jobs()[0]
    assert job["command"] == command and job["state"] in ("done", "failed") and sentence == job["answer"]
    calc.close("all")


def test_a_window_closed_in_the_middle_ends_nothing(calc: Calc, served: Served) -> None:
    calc.open("short")
    assert calc.press("short", "biaomao.calc:backup")
    calc.close("short")
    assert until(lambda: served.jobs()[0]["command"] == "backup" and served.jobs()[0]["state"] == "done")
    assert calc.version()


def test_a_workbook_of_another_shop_is_not_given_to_this_hub(calc: Calc, served: Served, shop: Path) -> None:
    before = served.jobs()
    calc.open("other")
    calc.save("other", (shop / "other.ods").as_uri())
    calc.close("other")
    calc.open("other", (shop / "other.ods").as_uri())
    assert calc.press("other", "biaomao.calc:sync")
    assert f"biaomao serve --folder {shop}" in said(calc, "other")
    assert served.jobs() == before
    calc.close("other")


def test_only_our_addresses_are_answered(window: Calc, served: Served) -> None:
    before = served.jobs()
    assert not window.press("board", "biaomao.other:sync")
    assert window.press("board", "biaomao.calc:format_c") and window.press("board", "biaomao.calc:stop")
    assert served.jobs() == before


def test_a_workbook_held_by_a_program_out_of_reach_is_not_written_and_the_sentence_says_so(
    calc: Calc, tmp_path: Path
) -> None:
    """Its first sync has much to write. Its hub takes the place of the other one, as that of the next test does."""
    with serving(calc, tmp_path) as served:
        book = tmp_path / "店铺.xlsx"
        before = book.read_bytes()
        (tmp_path / ".~lock.店铺.xlsx#").write_text(",小王,FRONT-DESK,11.11.2026 09:00,;", encoding="utf-8")
        calc.open("other")
        try:
            assert calc.press("other", "biaomao.calc:sync")
            sentence = said(calc, "other")
            (job,) = served.jobs()
            assert (
                job["state"] == "failed"
                and "店铺.xlsx 正被打开" in job["answer"]
                and "关闭后自动写入" in job["answer"]
            )
            assert sentence == job["answer"]
            assert book.read_bytes() == before
        finally:
            calc.close("other")


def test_the_shops_own_workbook_open_in_calc_is_synced_under_the_hand_of_who_works_in_it(
    calc: Calc, tmp_path: Path
) -> None:
    """Through Calc, with what was typed and not saved; and stored, so that closing without saving loses nothing."""
    with serving(calc, tmp_path) as served:
        book = tmp_path / "店铺.xlsx"
        calc.open("own", book.as_uri())
        try:
            calc.type_at("own", "快递规则", "A30", "我自己的备注")
            assert calc.press("own", "biaomao.calc:sync")
            sentence = said(calc, "own")
            (job,) = served.jobs()
            assert job["state"] == "done" and sentence.startswith(job["answer"])
            shown = [row[0] for row in calc.read_at("own", "库存", "A2:A900")]
            codes = [code for code in shown if code]
            assert len(codes) > 3 and shown[: len(codes)] == codes
            assert calc.read_at("own", "同步记录", "A2:A3") == [["L20261111090000"], [""]]
            assert calc.read_at("own", "快递规则", "A30") == [["我自己的备注"]]
        finally:
            calc.close("own")
        stored = CalamineWorkbook.from_path(book)
        shown = [row[0] for row in stored.get_sheet_by_name("库存").to_python()]
        assert [code for code in shown if code][1:] == codes
        assert stored.get_sheet_by_name("快递规则").to_python()[29][0] == "我自己的备注"


def test_without_a_hub_one_sentence_says_how_to_start_it(calc: Calc) -> None:
    (calc.home / ".biaomao" / "hub.json").unlink(missing_ok=True)
    calc.open("alone")
    assert calc.press("alone", "biaomao.calc:sync")
    assert "biaomao serve" in said(calc, "alone")
    calc.close("alone")
