"""Functions through the hub: 10,000 cells in one request against one request for each cell.

python -m bench.hub
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import requests
import uvicorn

from addin.hub.app import Hub, make_app
from addin.hub.guard import Door
from addin.hub.jobs import Jobs
from addin.hub.serve import listen
from bench.measure import seconds
from formulas.call import call
from sync_engine.clock import SystemClock
from sync_engine.readmodel import ReadModel
from tests.functions.cases import book
from tests.hub.conftest import TOKEN, make_journal, nothing
from workbook_templates.schema import Lang

CELLS, SINGLE = 10_000, 500


def main() -> None:
    """Print calls a second on each path."""
    with tempfile.TemporaryDirectory() as name, listen(0) as listener:
        path = Path(name) / "journal.sqlite"
        journal = make_journal(path)
        port = listener.getsockname()[1]
        hub = Hub(
            shop="", lang=Lang.ZH, door=Door(port=port, token=TOKEN, a_second=100_000), model=ReadModel(path, Lang.ZH),
            jobs=Jobs(nothing, Lang.ZH), clock=SystemClock(),
        )  # fmt: skip
        server = uvicorn.Server(uvicorn.Config(make_app(hub), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        measure(f"http://127.0.0.1:{port}")
        server.should_exit = True
        thread.join(10)
        journal.close()


def measure(url: str) -> None:
    """In Python itself, all in one request, and one by one on a connection that is kept."""
    shop, session = book(), requests.Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    one = ["STOCK", ["BM-001-BK"]]

    def ask(calls: list[object]) -> None:
        answer = session.post(f"{url}/v1/functions", json={"calls": calls}, timeout=60)
        assert len(answer.json()["results"]) == len(calls)

    ask([one])
    alone = seconds(lambda: [call("STOCK", ["BM-001-BK"], shop) for _ in range(CELLS)])
    batch = seconds(lambda: ask([one] * CELLS))
    single = seconds(lambda: [ask([one]) for _ in range(SINGLE)]) * CELLS / SINGLE
    print(f"{CELLS} cells of =ERP.STOCK")
    for name, took in (
        ("in Python", alone),
        ("hub, one request", batch),
        ("hub, one request a cell", single),
    ):
        print(f"  {name:<26}{took:8.2f} s {CELLS / took:12,.0f} calls/s {single / took:8.1f} x")


if __name__ == "__main__":
    main()
