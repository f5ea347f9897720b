"""The Office.js add-in: its artefacts, and its page in a real browser with a stand-in for Office."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from addin.hub.guard import MAX_BODY
from addin.hub.wire import MAX_CALLS
from addin.office import OFFICE_JS, build
from addin.office.manifest import LONG, SHORT
from formulas.catalogue import FUNCTIONS
from sync_engine.errors import UserError
from tests.functions.cases import CASES, Case
from tests.functions.test_call import as_arguments
from tests.pane.conftest import TOKEN, Live, Serve
from tests.pane.test_pane import Slow, over, says
from workbook_templates import VERSION
from workbook_templates.commands import COMMANDS_LIST

BASE = "https://shop.example/biaomao"
TYPES = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-in, built."""
    out = tmp_path_factory.mktemp("built")
    build(out, BASE)
    return out / "office"


def test_built_twice_it_is_the_same(room: Path, tmp_path: Path) -> None:
    again = build(tmp_path, f"{BASE}/")
    assert sorted(path.name for path in again) == sorted(path.name for path in room.iterdir())
    assert all(path.read_bytes() == (room / path.name).read_bytes() for path in again)


@pytest.mark.parametrize(
    "base", ["http://shop.example", "shop.example", "https://", "https://x.example/?a=1"]
)
def test_only_https_will_do(tmp_path: Path, base: str) -> None:
    with pytest.raises(UserError, match="https"):
        build(tmp_path, base)


def test_the_manifest_names_only_what_is_there(room: Path) -> None:
    root = ET.fromstring((room / "manifest.xml").read_bytes())
    named = {one.get("resid") for one in root.iter() if one.get("resid")}
    held = {one.get("id") for one in root.iter() if one.tag.startswith(TYPES) and one.get("id")}
    assert named == held
    assert all(len(str(name)) <= 32 for name in held)
    ids = [one.get("id") for one in root.iter() if one.get("id") and not one.tag.startswith(TYPES)]
    assert len(ids) == len(set(ids))
    urls = [
        str(one.get("DefaultValue")) for one in root.iter() if str(one.get("DefaultValue")).startswith("http")
    ]
    assert {url.removeprefix(f"{BASE}/") for url in urls} <= {path.name for path in room.iterdir()}
    assert root.findtext("{*}Version") == f"{VERSION}.0"
    for name, most in (("ShortStrings", SHORT), ("LongStrings", LONG)):
        texts = [one.get("DefaultValue") or one.get("Value") for one in root.iterfind(f".//{{*}}{name}//*")]
        assert texts
        assert all(text and len(text) <= most for text in texts)
    buttons = {one.text for one in root.iterfind(".//{*}FunctionName")}
    assert buttons == {f"bm_{command.name}" for command in COMMANDS_LIST}


def test_every_function_is_described_with_its_arguments(room: Path) -> None:
    told = {one["id"]: one for one in json.loads((room / "functions.json").read_text("utf-8"))["functions"]}
    assert set(told) == {function.name for function in FUNCTIONS}
    for function in FUNCTIONS:
        given = [(one["name"], one["optional"]) for one in told[function.name]["parameters"]]
        assert given == [(one.name, one.optional) for one in function.arguments]


def test_the_page_keeps_within_what_the_hub_takes(room: Path) -> None:
    script = (room / "office.js").read_text("utf-8")
    assert f"MOST_CALLS = {MAX_CALLS};" in script
    assert 0 < int(script.partition("MOST_TEXT = ")[2].partition(";")[0]) < MAX_BODY
    assert "office.js" in OFFICE_JS
    assert not any(path.name == "office.js" and b"Microsoft" in path.read_bytes() for path in room.iterdir())


# -- in a browser -----------------------------------------------------------------------------------------------------


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def site(room: Path) -> Iterator[str]:
    """The add-in's pages on an origin of their own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(room))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


def open_in_office(page: Any, site: str, live: Live | None) -> Any:
    """The page as Excel opens it; connected, where there is a hub."""
    host = (Path(__file__).parent / "host.js").read_text("utf-8")
    page.route(OFFICE_JS, lambda route: route.fulfill(body=host, content_type="text/javascript"))
    page.goto(f"{site}/index.html")
    if live:
        page.fill("#address", f"{live.url}/pane/index.html#{TOKEN}")
        page.press("#address", "Enter")
        page.wait_for_selector("#commands button")
    return page


def cell(case: Case) -> list[object]:
    """A call as Excel makes it: every argument a range, even of one cell, and those left out null."""
    given = [value if isinstance(value, list) else [[value]] for value in as_arguments(case)]
    return [case.name, [None if value == [[None]] else value for value in given]]


def plain(rows: list[list[dict[str, Any]]]) -> object:
    shown = [[one.get("error") or one["value"] for one in row] for row in rows]
    return shown[0][0] if len(shown) == len(shown[0]) == 1 else shown


@pytest.mark.browser
def test_every_case_is_as_in_python(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=(site,))
    cases = [
        case for case in CASES if 2912345678901234561 not in case.arguments
    ]  # JavaScript has no such number
    results = open_in_office(page, site, live).evaluate(
        "cells => calculate(cells)", [cell(case) for case in cases]
    )
    for case, rows in zip(cases, results, strict=True):
        want = (
            case.shows[0][0]
            if isinstance(case.shows, list) and len(case.shows) == len(case.shows[0]) == 1
            else case.shows
        )
        assert plain(rows) == (pytest.approx(want, abs=1e-9) if isinstance(want, float) else want), (
            case.formula
        )
    assert live.asked.count("POST /v1/functions") == 1
    message = next(
        rows[0][0]["message"] for case, rows in zip(cases, results, strict=True) if case.shows == "#N/A"
    )
    assert "没有" in message


@pytest.mark.browser
def test_ten_thousand_cells_are_one_request_and_a_range_spills_with_its_errors(
    page: Any, site: str, serve: Serve
) -> None:
    live = serve(origins=(site,))
    open_in_office(page, site, live)
    many = [["CHARGEDKG", [[[n / 100]]]] for n in range(1, 10_001)]
    results = page.evaluate("cells => calculate(cells)", many)
    assert [plain(rows) for rows in results] == [n / 100 for n in range(1, 10_001)]
    assert live.asked.count("POST /v1/functions") == 1
    (column,) = page.evaluate("cells => calculate(cells)", [["STOCK", [[["BM-001-BK"], ["?"]]]]])
    assert plain(column) == [[12], ["#N/A"]]


@pytest.mark.browser
def test_not_connected_and_gone_are_errors_with_a_sentence(page: Any, site: str, serve: Serve) -> None:
    open_in_office(page, site, None)
    (rows,) = page.evaluate("cells => calculate(cells)", [["ASOF", []]])
    assert rows[0][0]["error"] == "#N/A"
    assert "窗格" in rows[0][0]["message"]
    live = serve(origins=(site,))
    open_in_office(page, site, live)
    live.stop()
    (rows,) = page.evaluate("cells => calculate(cells)", [["ASOF", []]])
    assert "biaomao serve" in rows[0][0]["message"]


@pytest.mark.browser
def test_a_ribbon_button_opens_the_pane_and_does_its_command_once(page: Any, site: str, serve: Serve) -> None:
    slow = Slow()
    live = serve(slow, origins=(site,))
    open_in_office(page, site, live)
    press = "name => new Promise(done => asked.actions[name]({ completed: done }))"
    page.evaluate(press, "bm_sync")
    page.evaluate(press, "bm_sync")
    page.wait_for_selector("#job", state="visible")
    slow.go.set()
    assert over(page) == "好了 sync"
    assert (slow.done, page.evaluate("asked.shown")) == (["sync"], 2)
    page.evaluate(press, "bm_ship")
    says(page, "#ask-first", "交给快递")
    assert slow.done == ["sync"]


@pytest.mark.browser
def test_a_page_the_hub_was_not_told_of_is_turned_away(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=("https://other.example",))
    open_in_office(page, site, None)
    page.fill("#address", f"{live.url}/pane/index.html#{TOKEN}")
    page.press("#address", "Enter")
    says(page, "#said.bad", "“命令”")
