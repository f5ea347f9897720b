"""The task pane in a real browser, against a real hub."""

from __future__ import annotations

import re
import shutil
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
    page.wait_for_selector("#often button")
    return page


def button(command: str) -> str:
    """Where a command's button is."""
    return f"button[data-command={command}]"


def says(page: Any, where: str, text: str) -> None:
    """Wait until the pane shows a text; any, where it is empty. The page's own rules forbid scripts from strings."""
    page.locator(where).filter(has_text=re.compile(re.escape(text) if text else ".")).wait_for()


def over(page: Any) -> str:
    """What the pane says once its job is over."""
    page.wait_for_selector("#job", state="hidden")
    says(page, "#said", "")
    return str(page.inner_text("#said"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox shop that was never synced, to be copied."""
    room = tmp_path_factory.mktemp("fresh") / "shop"
    make_sandbox(init_folder(room, Lang.ZH), seed=4, orders=3, start=START)
    return room


@pytest.fixture
def folder(tmp_path: Path, fresh: Path) -> Path:
    """A sandbox shop that was never synced."""
    return Path(shutil.copytree(fresh, tmp_path / "shop"))


def test_one_press_syncs_the_shop_and_shows_how_it_went(page: Any, serve: Serve, folder: Path) -> None:
    live = serve(runner(folder, Lang.ZH), database=folder / "journal" / "journal.sqlite")
    ready(page, live)
    assert "还没有同步过" in page.inner_text("#as-of")
    assert read_workbook(folder / "店铺.xlsx")["products"] == []
    page.evaluate("() => { const b = document.getElementById('sync'); b.click(); b.click(); }")
    page.wait_for_selector("#job", state="visible")
    assert "同步" in over(page)
    assert len(read_workbook(folder / "店铺.xlsx")["products"]) > 0
    says(page, "#as-of", "数据截至 2026-11-11")
    assert [job.command for job in live.jobs.all()] == ["sync"]


def test_a_sync_that_fails_is_one_sentence(page: Any, serve: Serve, folder: Path) -> None:
    (folder / "店铺.xlsx").unlink()
    ready(page, serve(runner(folder, Lang.ZH)))
    page.click("#sync")
    assert "找不到工作簿" in over(page)
    assert "bad" in page.get_attribute("#said", "class")
    assert page.is_enabled("#sync")


def test_a_workbook_somebody_has_open_is_one_sentence_and_its_end_lets_the_sync_through(
    page: Any, serve: Serve, folder: Path
) -> None:
    lock = folder / ".~lock.店铺.xlsx#"
    lock.write_text(",小王,,,;", "utf-8")
    ready(page, serve(runner(folder, Lang.ZH), database=folder / "journal" / "journal.sqlite"))
    page.click("#sync")
    told = over(page)
    assert "正被打开(由 小王 打开)" in told
    assert "Traceback" not in told
    assert "bad" in page.get_attribute("#said", "class")
    assert read_workbook(folder / "店铺.xlsx")["products"] == []
    lock.unlink()
    page.click("#sync")
    page.wait_for_selector("#said:not(.bad)")
    over(page)
    assert len(read_workbook(folder / "店铺.xlsx")["products"]) > 0


def test_a_service_that_is_down_is_told(page: Any, serve: Serve, folder: Path) -> None:
    ready(page, serve(runner(gone_live(folder), Lang.ZH)))
    page.click("#sync")
    assert "网络不通" in over(page)
    assert "bad" in page.get_attribute("#said", "class")
    assert page.is_enabled("#sync")


def gone_live(folder: Path) -> Path:
    """A shop whose platform is an address of this machine where nobody listens."""
    path = folder / "config.toml"
    text = path.read_text("utf-8").replace('service = "sandbox"', 'service = "live"')
    text = text.replace("https://eco.taobao.com/router/rest", "http://127.0.0.1:9/router/rest")
    for name in ("app_key", "user_id", "name", "mobile", "province", "city", "district", "detail"):
        text = text.replace(f'\n{name} = ""', f'\n{name} = "1"')
    path.write_text(text, "utf-8")
    secrets = folder / "secrets.toml"
    secrets.write_text('app_secret = "x"\nsession = "y"\n', "utf-8")
    secrets.chmod(0o600)
    return folder


def test_progress_and_stop(page: Any, serve: Serve) -> None:
    slow = Slow()
    ready(page, serve(slow))
    page.click("#sync")
    says(page, "#step", "看天猫")
    assert 0 < page.evaluate("document.getElementById('bar').value") < 1
    assert page.is_disabled("#sync")
    assert page.is_disabled(button("print"))
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
    page.click(button("ship"))
    assert "交给快递" in page.inner_text("#ask-first")
    page.click("#ask-no")
    assert not page.is_visible("#ask")
    page.click(button("ship"))
    page.fill("#ask-text", " 4100000000000000001 ")
    page.click("#ask-yes")
    over(page)
    page.click("summary")
    page.click(button("accept_deletion"))
    assert page.is_visible("#ask-first")
    assert not page.is_visible("#ask-text")
    page.click("#ask-yes")
    over(page)
    says(page, "#said", "accept_deletion")
    assert slow.done == ["ship 4100000000000000001", "accept_deletion"]


HERE = "document.activeElement.id || document.activeElement.dataset.command || document.activeElement.tagName"
RING = "getComputedStyle(document.activeElement).outlineStyle"


def test_by_keyboard_alone(page: Any, serve: Serve) -> None:
    slow = Slow()
    ready(page, serve(slow))
    walked = list[str]()
    for _ in range(6):
        page.keyboard.press("Tab")
        walked.append(page.evaluate(HERE))
        assert page.evaluate(RING) == "solid", f"one sees where the keyboard is: {walked[-1]}"
    assert walked == ["language", "sync", "print", "ship", "SUMMARY", "query"]
    page.focus("summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(HERE) == "waves"
    page.focus("#sync")
    page.keyboard.press("Enter")
    page.wait_for_selector("#job", state="visible")
    assert page.evaluate(HERE) == "stop", (
        "the button that was pressed is off, the keyboard is where one goes next"
    )
    slow.go.set()
    over(page)
    assert page.evaluate(HERE) == "sync"
    page.focus(button("ship"))
    page.keyboard.press("Enter")
    assert page.evaluate(HERE) == "ask-text"
    page.keyboard.press("Escape")
    assert page.evaluate(HERE) == "ship"
    page.keyboard.press("Enter")
    page.keyboard.type("41")
    page.keyboard.press("Enter")
    says(page, "#said", "ship")
    assert slow.done == ["sync", "ship 41"]


def test_a_question_that_waited_too_long_says_what_is_under_way(page: Any, serve: Serve) -> None:
    slow = Slow()
    live = serve(slow)
    ready(page, live)
    page.click(button("ship"))
    other = page.context.new_page()
    ready(other, live).click("#sync")
    other.wait_for_selector("#job", state="visible")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("#job", state="visible")
    page.click("#ask-yes")
    says(page, "#said.bad", "正在做“同步”")
    slow.go.set()
    over(page)
    assert slow.done == ["sync"], "what waited was not done behind one's back"


def test_what_needs_a_person_comes_first_and_is_only_text(page: Any, serve: Serve, journal: Journal) -> None:
    with journal.transaction():
        journal.rows.put("todo", [settled("todo", {
            "todo_id": "T0", "severity": "stop", "state": "open", "sheet": "订单", "row_key": "41", "reason": HOSTILE,
            "advice": HOSTILE, "since": START,
        })])  # fmt: skip
    ready(page, serve())
    first = page.inner_text("#todos li >> nth=0")
    assert first.count(HOSTILE) == 2
    assert "必须处理" in first
    assert "订单 · 41" in first
    assert page.locator("#todos img").count() == 0
    assert page.title() == "测试店 · 表猫"


def test_more_to_dos_than_are_shown_are_counted(page: Any, serve: Serve, journal: Journal) -> None:
    with journal.transaction():
        journal.rows.put("todo", [
            settled("todo", {"todo_id": f"T{n}", "severity": "ask", "state": "open", "reason": "?", "since": START})
            for n in range(53)
        ])  # fmt: skip
    ready(page, serve())
    page.wait_for_selector("#todos li >> nth=50")
    assert page.inner_text("#todo-count") == "53"
    assert page.locator("#todos li").count() == 51
    assert "还有 3 条" in page.inner_text("#todos li >> nth=50")


def test_search_finds_by_any_word_and_says_when_there_is_nothing(page: Any, serve: Serve) -> None:
    ready(page, serve())
    page.fill("#query", "zt1")
    page.wait_for_selector("#orders li")
    assert "已发货" in page.inner_text("#orders li")
    assert page.inner_text("#found") == "找到 1 单"
    page.fill("#query", "没有这个")
    says(page, "#found", "没有找到")
    assert page.locator("#orders li").count() == 0
    page.fill("#query", "1")
    page.wait_for_selector("#orders li")
    page.fill("#query", "")
    page.wait_for_selector("#orders li", state="detached")
    assert page.inner_text("#found") == ""


def test_the_other_language(page: Any, serve: Serve) -> None:
    ready(page, serve())
    page.click("#language")
    page.wait_for_selector("#often >> text=Print labels")
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
    page.click("summary")
    page.click(button("ship"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = "[...document.querySelectorAll('button')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    assert page.evaluate(cut) == []


def test_the_token_leaves_the_address_and_a_wrong_one_is_told(page: Any, serve: Serve) -> None:
    live = serve()
    ready(page, live)
    assert TOKEN not in page.url
    page.reload()
    page.wait_for_selector("#often button")
    page.evaluate(
        "location.hash = '0'.repeat(64)"
    )  # a new address in the same window: nothing is loaded anew
    says(page, "#said.bad", "连接已失效")
    assert "0000" not in page.url
    page.evaluate(f"location.hash = '{TOKEN}'")
    page.wait_for_selector("#connect", state="hidden")
    says(page, "#as-of", "2026")
    assert page.inner_text("#said") == ""
    page.evaluate("location.hash = '0'.repeat(64)")
    says(page, "#said.bad", "连接已失效")
    page.fill("#address", "https://example.com/#x")
    page.press("#address", "Enter")
    says(page, "#said", "网址不对")
    page.fill("#address", f"  {live.pane} ")
    page.press("#address", "Enter")
    page.wait_for_selector("#connect", state="hidden")
    page.wait_for_selector("#said", state="hidden")


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
    page.route("**/v1/status", lambda route: route.fulfill(json={
        "shop": "回来了", "language": "zh", "as_of": "", "orders": 0, "to_ship": 0, "open_todos": 0, "running": None,
    }))  # fmt: skip
    page.route("**/v1/todos?*", lambda route: route.fulfill(json=[]))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    says(page, "#shop", "回来了")
    assert page.inner_text("#said") == "", "what is over is not complained of"


def test_a_hub_that_goes_while_a_job_runs_ends_the_waiting(page: Any, serve: Serve) -> None:
    slow = Slow()
    live = serve(slow)
    ready(page, live).click("#sync")
    says(page, "#step", "看天猫")
    live.stop()
    slow.go.set()
    page.wait_for_selector("#job", state="hidden")
    says(page, "#said.bad", "biaomao serve")
    assert page.is_enabled("#sync")


def test_another_program_at_that_address_and_a_busy_hub_are_told_apart(page: Any, serve: Serve) -> None:
    ready(page, serve())
    page.route("**/v1/jobs", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.click("#sync")
    says(page, "#said.bad", "没有正常回答")
    page.unroute("**/v1/jobs")
    page.route("**/v1/jobs", lambda route: route.fulfill(status=429, json={"detail": ""}))
    page.click("#sync")
    says(page, "#said.bad", "请求太多")


def test_without_an_address_it_asks_for_one(page: Any, serve: Serve) -> None:
    page.goto(serve().url)
    assert page.is_visible("#connect")
    assert not page.is_visible("#work")
    assert page.evaluate("document.activeElement.id") == "address"


# -- to be read by everybody ------------------------------------------------------------------------------------------

FAINT = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
  };
  const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const faint = [];
  let seen = 0;
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!element.checkVisibility() || !(own || element.tagName === "INPUT")) continue;
    seen += 1;
    const found = ratio(light(getComputedStyle(element).color), light(behind(element)));
    if (found < 4.5) faint.push(`${element.id || element.className} ${element.textContent} ${found.toFixed(2)}`);
  }
  for (const input of document.querySelectorAll("input")) {
    if (!input.checkVisibility()) continue;
    const border = ratio(light(getComputedStyle(input).borderColor), light(behind(input.parentElement)));
    if (border < 3) faint.push(`border of ${input.id} ${border.toFixed(2)}`);
  }
  return [seen, faint];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_fields_stand_out_in_both_schemes(
    page: Any, serve: Serve, journal: Journal, scheme: str
) -> None:
    with journal.transaction():
        journal.rows.put("todo", [
            settled("todo", {"todo_id": level, "severity": level, "state": "open", "reason": "?", "advice": "!", "sheet": "订单", "since": START})
            for level in ("stop", "ask", "tell")
        ])  # fmt: skip
    slow = Slow()
    page.emulate_media(color_scheme=scheme)
    ready(page, serve(slow))
    page.fill("#query", "1")
    page.wait_for_selector("#orders li")
    page.click("summary")
    page.click(button("ship"))
    shades = [page.evaluate(FAINT)]
    page.click("#ask-no")
    page.click("#sync")
    page.wait_for_selector("#job", state="visible")
    shades.append(page.evaluate(FAINT))  # with buttons that are off
    slow.go.set()
    over(page)
    page.evaluate("location.hash = 'x'")
    page.wait_for_selector("#said.bad")
    shades.append(page.evaluate(FAINT))
    assert [faint for _, faint in shades] == [[], [], []]
    assert min(seen for seen, _ in shades) > 25


def test_what_is_heard(page: Any, serve: Serve) -> None:
    ready(page, serve())
    page.click(button("ship"))
    named = """() => [...document.querySelectorAll("button, input, progress, section, summary")].filter(
      (one) => one.checkVisibility() && !(one.textContent.trim() || one.labels?.length || one.ariaLabelledByElements?.length)
    ).map((one) => one.id)"""
    assert page.evaluate(named) == []
    assert (
        page.evaluate("['said', 'step', 'found'].map((id) => document.getElementById(id).role)")
        == ["status"] * 3
    )
    assert page.evaluate("document.getElementById('bar').ariaLabelledByElements[0].id") == "step"
