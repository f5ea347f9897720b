"""The task pane in a real browser, against a real hub."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from addin.hub.jobs import Job, runner
from sync_engine.clock import SHANGHAI
from sync_engine.journal.journal import Journal
from sync_engine.opening import init_folder, make_sandbox
from sync_engine.state import Step
from tests.hub.conftest import settled
from tests.pane.conftest import TOKEN, Live, Serve
from tests.sim.sheets import read_workbook
from workbook_templates.schema import Lang

pytestmark = pytest.mark.browser
START = datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)
HOSTILE = '<img src=x onerror="document.title=1">=1+1'


class Slow:
    """A command that waits at a step until it is let go on."""

    def __init__(self) -> None:
        self.done, self.go = list[str](), threading.Event()

    def __call__(self, job: Job, told: Callable[[Step], None]) -> tuple[bool, str]:
        told(Step.LOOK)
        assert self.go.wait(20)
        told(Step.WRITE)
        self.done.append(f"{job.command} {job.argument}".strip())
        return True, f"好了 {job.command}"


def ready(page: Any, live: Live) -> Any:
    """The pane, open and filled."""
    page.goto(live.pane)
    page.wait_for_selector("#commands button")
    return page


def says(page: Any, where: str, text: str) -> None:
    """Wait until the pane shows a text; any, where it is empty. The page's own rules forbid scripts from strings."""
    page.locator(where).filter(has_text=re.compile(re.escape(text) if text else ".")).wait_for()


def over(page: Any) -> str:
    """What the pane says once its job is over."""
    page.wait_for_selector("#job", state="hidden")
    says(page, "#said", "")
    return str(page.inner_text("#said"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sandbox shop that was never synced."""
    make_sandbox(init_folder(tmp_path / "shop", Lang.ZH), seed=4, orders=3, start=START)
    return tmp_path / "shop"


def test_one_press_syncs_the_shop_and_shows_how_it_went(page: Any, serve: Serve, folder: Path) -> None:
    live = serve(runner(folder, Lang.ZH), database=folder / "journal" / "journal.sqlite")
    ready(page, live)
    assert "还没有同步过" in page.inner_text("#as-of")
    assert read_workbook(folder / "店铺.xlsx")["products"] == []
    page.evaluate("() => { const b = document.getElementById('sync'); b.click(); b.click(); }")
    page.wait_for_selector("#job", state="visible")
    assert "同步" in over(page)
    assert len(read_workbook(folder / "店铺.xlsx")["products"]) > 0
    assert "数据截至 2026-11-11" in page.inner_text("#as-of")
    assert [job.command for job in live.jobs.all()] == ["sync"]


def test_a_sync_that_fails_is_one_sentence(page: Any, serve: Serve, folder: Path) -> None:
    (folder / "店铺.xlsx").unlink()
    ready(page, serve(runner(folder, Lang.ZH)))
    page.click("#sync")
    assert "找不到工作簿" in over(page)
    assert "bad" in page.get_attribute("#said", "class")
    assert page.is_enabled("#sync")


def test_progress_and_stop(page: Any, serve: Serve) -> None:
    slow = Slow()
    ready(page, serve(slow))
    page.click("#sync")
    says(page, "#step", "看天猫")
    assert 0 < page.evaluate("document.getElementById('bar').value") < 1
    assert page.is_disabled("#sync")
    assert page.is_disabled("#commands button >> nth=0")
    with page.expect_response("**/cancel"):
        page.click("#stop")
    slow.go.set()
    assert "停在半路" in over(page)
    assert slow.done == []


def test_pressed_again_it_is_the_same_job_in_every_window(page: Any, chromium: Any, serve: Serve) -> None:
    slow = Slow()
    live = serve(slow)
    ready(page, live).click("#sync")
    page.wait_for_selector("#job", state="visible")
    other = chromium.new_page()
    ready(other, live)
    other.wait_for_selector("#job", state="visible")
    slow.go.set()
    assert over(page) == over(other) == "好了 sync"
    assert slow.done == ["sync"]
    other.close()


def test_what_cannot_be_taken_back_asks_first(page: Any, serve: Serve) -> None:
    slow = Slow()
    slow.go.set()
    live = serve(slow)
    ready(page, live)
    page.click("text=发货")
    assert "交给快递" in page.inner_text("#ask-first")
    page.click("#ask-no")
    assert not page.is_visible("#ask")
    page.click("text=发货")
    page.fill("#ask-text", " 4100000000000000001 ")
    page.click("#ask-yes")
    over(page)
    page.click("text=确认删除")
    assert page.is_visible("#ask-first")
    assert not page.is_visible("#ask-text")
    page.click("#ask-yes")
    over(page)
    says(page, "#said", "accept_deletion")
    assert slow.done == ["ship 4100000000000000001", "accept_deletion"]


def test_by_keyboard_alone(page: Any, serve: Serve) -> None:
    slow = Slow()
    slow.go.set()
    ready(page, serve(slow))
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "sync"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    over(page)
    page.focus("#commands button >> nth=1")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "ask-text"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "发货"
    assert (slow.done, outline) == (["sync"], "solid")


def test_what_needs_a_person_comes_first_and_is_only_text(page: Any, serve: Serve, journal: Journal) -> None:
    with journal.transaction():
        journal.rows.put("todo", [settled("todo", {
            "todo_id": "T0", "severity": "stop", "state": "open", "sheet": "订单", "row_key": "41", "reason": HOSTILE,
            "advice": HOSTILE, "since": START,
        })])  # fmt: skip
    ready(page, serve())
    first = page.inner_text("#todos li >> nth=0")
    assert HOSTILE in first
    assert "必须处理" in first
    assert page.locator("#todos img").count() == 0
    assert page.title() == "测试店 · 表猫"


def test_search_finds_by_any_word_and_says_when_there_is_nothing(page: Any, serve: Serve) -> None:
    ready(page, serve())
    page.fill("#query", "zt1")
    page.wait_for_selector("#orders li")
    assert "已发货" in page.inner_text("#orders li")
    page.fill("#query", "没有这个")
    page.wait_for_selector("#orders li.none")
    page.fill("#query", "")
    page.wait_for_selector("#orders li", state="detached")


def test_the_other_language(page: Any, serve: Serve) -> None:
    ready(page, serve())
    page.click("#language")
    page.wait_for_selector("#commands >> text=Print labels")
    assert page.inner_text("#sync") == "Sync"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "Needs you" in page.inner_text("#todo")


@pytest.mark.parametrize("lang", list(Lang))
def test_nothing_is_wider_than_a_narrow_pane(page: Any, serve: Serve, journal: Journal, lang: Lang) -> None:
    with journal.transaction():
        journal.rows.put("todo", [settled("todo", {
            "todo_id": "T0", "severity": "tell", "state": "open", "reason": "x" * 300, "row_key": "9" * 80, "since": START,
        })])  # fmt: skip
    ready(page, serve(lang=lang))
    page.fill("#query", "1")
    page.wait_for_selector("#orders li")
    page.click("#commands button >> nth=1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_token_leaves_the_address_and_a_wrong_one_is_told(page: Any, serve: Serve) -> None:
    live = serve()
    ready(page, live)
    assert TOKEN not in page.url
    page.reload()
    page.wait_for_selector("#commands button")
    page.goto(f"{live.url}/pane/index.html#{'0' * 64}")
    page.reload()
    page.wait_for_selector("#said.bad")
    assert "连接已失效" in page.inner_text("#said")
    page.fill("#address", "https://example.com/#x")
    page.press("#address", "Enter")
    says(page, "#said", "网址不对")
    page.fill("#address", f"  {live.pane} ")
    page.press("#address", "Enter")
    page.wait_for_selector("#commands button")


def test_a_hub_that_has_gone_is_one_sentence_that_names_the_other_way(page: Any, serve: Serve) -> None:
    live = serve()
    ready(page, live)
    live.stop()
    page.click("#sync")
    page.wait_for_selector("#said.bad")
    told = page.inner_text("#said")
    assert "biaomao serve" in told
    assert "命令" in told
    assert page.is_enabled("#sync")


def test_without_an_address_it_asks_for_one(page: Any, serve: Serve) -> None:
    page.goto(serve().url)
    assert page.is_visible("#connect")
    assert not page.is_visible("#work")
    assert page.evaluate("document.activeElement.id") == "address"
