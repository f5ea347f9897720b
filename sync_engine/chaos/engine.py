"""The engine as a process of its own, as `biaomao watch` runs it, only more often: `python -m sync_engine.chaos.engine FOLDER`.

Says each tick as a line of JSON. Ends when its input is closed, so that it never outlives who started it.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from sync_engine.cli_report import as_json, report_data
from sync_engine.opening import open_shop
from sync_engine.runners.inline import watch
from sync_engine.shop import Report

EVERY = 1  # seconds


def main(words: list[str]) -> None:
    """Tick until told to stop."""
    stop = threading.Event()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()
    with open_shop(Path(words[0]), flow=True) as opened:
        watch(opened.shop, EVERY, _tell, stop)


def _tell(report: Report | None, text: str) -> None:
    as_json(report_data(report) if report else {"error": text})


def _listen(stop: threading.Event) -> None:
    for _ in sys.stdin:
        continue
    stop.set()


if __name__ == "__main__":
    main(sys.argv[1:])
