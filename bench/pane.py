"""Functions through a browser: 10,000 cells of the Office.js add-in in a real Chromium, against one request for each cell.

python -m bench.pane

The page, its functions and the hub are the real ones; a small stand-in plays Office. One request a cell is measured on
500 cells, both at the hub and from the browser, and scaled.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import uvicorn
from playwright.sync_api import sync_playwright

from addin.hub.app import Hub, make_app
from addin.hub.guard import Door
from addin.hub.jobs import Jobs
from addin.hub.serve import listen
from addin.office import OFFICE_JS, build
from bench.measure import seconds
from sync_engine.clock import SystemClock
from sync_engine.readmodel import ReadModel
from tests.hub.conftest import make_journal, nothing
from tests.pane.conftest import TOKEN, found_chromium, start_chromium
from workbook_templates.schema import Lang

CELLS, SINGLE, ROUNDS = 10_000, 500, 3
ORIGIN = "https://shop.example"
TIMED = """async (cells) => {
  const start = performance.now();
  const rows = await calculate(cells);
  return [(performance.now() - start) / 1000, rows.flat(2).filter((cell) => typeof cell.value === "number").length];
}"""
ALONE = """async ([url, token, many]) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const body = JSON.stringify({ calls: [["CHARGEDKG", [1.2]]] });
  const start = performance.now();
  for (let n = 0; n < many; n += 1) await (await fetch(url, { method: "POST", headers, body })).json();
  return (performance.now() - start) / 1000;
}"""


def with_hub(work: Callable[[str, list[str]], None]) -> None:
    """Do something beside a hub: its address, and every request it was asked for."""
    with tempfile.TemporaryDirectory() as name, listen(0) as listener:
        path = Path(name) / "journal.sqlite"
        journal, port, asked = make_journal(path), listener.getsockname()[1], list[str]()
        hub = Hub(
            shop="", lang=Lang.ZH, door=Door(port=port, token=TOKEN, a_second=100_000, origins=frozenset({ORIGIN})),
            model=ReadModel(path, Lang.ZH), jobs=Jobs(nothing, Lang.ZH), clock=SystemClock(),
        )  # fmt: skip
        app = make_app(hub)

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                asked.append(f"{scope['method']} {scope['path']}")
            await app(scope, receive, send)

        server = uvicorn.Server(uvicorn.Config(counted, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        work(f"http://127.0.0.1:{port}", asked)
        server.should_exit = True
        thread.join(10)
        journal.close()


def in_office(browser: Any, room: Path, url: str) -> Any:
    """The add-in's page, connected to the hub; nothing of it comes from the net."""
    context = browser.new_context()
    context.grant_permissions(["local-network-access"], origin=ORIGIN)
    kinds = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}

    def give(route: Any) -> None:
        path = room / route.request.url.rpartition("/")[2]
        route.fulfill(body=path.read_bytes(), content_type=kinds.get(path.suffix, "image/svg+xml"))

    host = Path(__file__).parents[1] / "tests" / "pane" / "host.js"
    context.route(f"{ORIGIN}/**", give)
    context.route(OFFICE_JS, lambda route: route.fulfill(path=host, content_type="text/javascript"))
    page = context.new_page()
    page.goto(f"{ORIGIN}/index.html")
    page.fill("#address", f"{url}/pane/index.html#{TOKEN}")
    page.press("#address", "Enter")
    page.wait_for_selector("#often button")
    return page


def measure(url: str, asked: list[str]) -> None:
    """One table: all cells in one request, and one by one."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as player:
        room = build(Path(name), ORIGIN)[0].parent
        browser = start_chromium(player)
        page = in_office(browser, room, url)
        took = min(recalculated(page, asked, shift) for shift in range(ROUNDS))
        size = len(json.dumps({"calls": cells(0)}))
        page.context.unroute_all()
        own = browser.new_page()
        own.goto(
            f"{url}/pane/index.html"
        )  # the hub's own page: no preflight, the kindest case for one by one
        single = own.evaluate(ALONE, [f"{url}/v1/functions", TOKEN, SINGLE]) * CELLS / SINGLE
        browser.close()
    alone = at_the_hub(url)
    print(f"{CELLS} cells of =ERP.CHARGEDKG through Chromium, one POST of about {size // 1000} kB")
    for label, spent in (
        ("browser, one request", took),
        ("browser, one request a cell", single),
        ("hub, one request a cell", alone),
    ):
        print(f"  {label:<28}{spent:8.2f} s {CELLS / spent:12,.0f} calls/s {spent / took:8.1f} x")


def cells(shift: int) -> list[list[object]]:
    """Calls that are all different, so that nothing is asked only once for several cells."""
    return [["CHARGEDKG", [[[n / 100 + shift * 1000]]], 4] for n in range(1, CELLS + 1)]


def recalculated(page: Any, asked: list[str], shift: int) -> float:
    """Seconds of one recalculation, as the page sees it; exactly one request, and every cell a number."""
    before = asked.count("POST /v1/functions")
    spent, numbers = page.evaluate(TIMED, cells(shift))
    assert numbers == CELLS
    assert asked.count("POST /v1/functions") == before + 1
    return float(spent)


def at_the_hub(url: str) -> float:
    """Seconds for all cells when each is a request of its own, on a connection that is kept."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"

    def ask() -> None:
        answer = session.post(f"{url}/v1/functions", json={"calls": [["CHARGEDKG", [1.2]]]}, timeout=60)
        assert len(answer.json()["results"]) == 1

    ask()
    return seconds(lambda: [ask() for _ in range(SINGLE)]) * CELLS / SINGLE


def main() -> int:
    """Print the table; says so where there is no Chromium."""
    if found_chromium() is None:
        print("Chromium is not installed: apt-get install chromium")
        return 1
    with_hub(measure)
    return 0


if __name__ == "__main__":
    sys.exit(main())
