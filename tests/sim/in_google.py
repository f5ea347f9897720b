"""A day in a Google spreadsheet of the stand-in: real calls, troubles of Google's own, and a person between read and write."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from sync_engine.sandbox.google.book import Book
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.stores.google.store import GoogleStore
from sync_engine.stores.memory_cells import Raw
from tests.sim.hands import ProgramHands, rows_of
from tests.sim.sheets import Tables
from tests.stores.google_desk import GooglePerson, StillPace, calls_to, requests_of_tables
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES

TROUBLES = (("429", "read"), ("429", "write"), ("503", "read"), ("500", "write"), ("cut", "write"), ("500_after", "write"),
            ("503_after", "write"), ("cut_after", "write"))  # fmt: skip
OFTEN, BADLY = 0.03, 0.15
"""How often each of them strikes; the second on two days of three, on which Google is in a bad way."""
AT_ONCE = 60
"""Requests in one call: a slow machine answers in time."""


@cache
def _empty_shop(shop: str) -> Book:
    """The spreadsheet of an empty shop, made by calls. Books are never changed, so all days begin with this one."""
    sandbox = GoogleSandbox()
    with tempfile.TemporaryDirectory() as room, sandbox:
        path = Path(room) / "book.xlsx"
        build_workbook(path, Lang.ZH, shop=shop, protect=False)
        requests = requests_of_tables(path, Lang.ZH, TABLES)
        file, calls = sandbox.create("店铺"), calls_to(sandbox, Path(room), StillPace())
        for start in range(0, len(requests), AT_ONCE):
            calls.batch_update(file, {"requests": requests[start : start + AT_ONCE]})
        calls.session.close()
        return sandbox.world.books[file]


class GoogleSide:
    """A spreadsheet, the person in it, and our store at it."""

    def __init__(self, folder: Path, shop: str, seed: int) -> None:
        self.sandbox = GoogleSandbox(seed=seed)
        self._calmed = 0  # how often: whoever waited before for a write to come does nothing any more
        self.sandbox.start()
        self.file = self.sandbox.create("店铺")
        self._calls = calls_to(self.sandbox, folder, StillPace())
        self.sandbox.world.books[self.file] = replace(_empty_shop(shop), id=self.file, told={})
        self.person = GooglePerson(self.sandbox, self.file, Lang.ZH, TABLES)
        self.trouble(BADLY if random.Random(f"google:{seed}-x").random() < 0.67 else OFTEN)

    def store(self) -> GoogleStore:
        """Ours, as of a new process."""
        return GoogleStore(self._calls, self.file, pace=StillPace())

    def trouble(self, often: float) -> None:
        """Google has its troubles from now on."""
        for kind, calls in TROUBLES:
            self.sandbox.faults.add(kind, calls, probability=often)

    def calm(self) -> None:
        """No more of them, and nobody waits for the next write."""
        self.sandbox.faults.clear()
        self._calmed += 1

    def struck(self) -> Counter[str]:
        """What struck."""
        return Counter(f"Google {call.fault}" for call in self.sandbox.log.calls if call.fault)

    def close(self) -> None:
        """The server ends."""
        self._calls.session.close()
        self.sandbox.stop()

    def _slip(self, act: Callable[[], None]) -> None:
        calmed = self._calmed
        self.sandbox.before("write", lambda _: act() if calmed == self._calmed else None)

    before_put = property(None, _slip)
    after_guards = property(None, _slip)
    after_put = property(None, _slip)


class GoogleHands(ProgramHands):
    """Hands at that spreadsheet."""

    def __init__(self, side: GoogleSide) -> None:
        self.person, self._side = side.person, side

    def tables(self) -> Tables:
        return {table.name: rows_of(table, self._cells(table.name)) for table in TABLES}

    def _cells(self, table: str) -> list[list[Raw]]:
        return self.person._grid(table)

    def take(self) -> object:
        return self._side.sandbox.world.books[self._side.file]  # it is never changed: each act makes another

    def put_back(self, copied: Any) -> None:
        with self._side.sandbox.world.lock:
            self._side.sandbox.world.books[self._side.file] = copied
