"""What goes wrong, by chance from a seed: on the wire, at the platform, in the process, with the file."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from sync_engine.clock import Clock
from sync_engine.sandbox.faults import Faults, Rule, Switches
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.uploads import Uploaded
from sync_engine.stores.port import RowEdit, SheetStore, Snapshot, WriteReport
from sync_engine.tmall.gateway import Files, Transport, _Unreachable

WRITES = ("cainiao.waybill.ii.get", "cainiao.waybill.ii.cancel", "cainiao.waybill.ii.update", "taobao.logistics.offline.send",
          "tmall.item.quantity.update", "taobao.trade.memo.update")  # fmt: skip
READS = ("taobao.trades.sold.*", "taobao.trade.fullinfo.get", "taobao.refunds.receive.get", "taobao.items.*",
         "cainiao.waybill.ii.query.*", "*")  # fmt: skip


KINDS = ("die", "wire", "clock", "open elsewhere", "meanwhile", "journal", "yesterday", "second computer", "lost", "http", "html",
         "isp", "ban", "balance", "shift", "duplicate", "shuffle", "crowd", "token")  # fmt: skip
"""What can be left out of a day."""


class Died(BaseException):
    """The process was killed here."""


RARELY = 0.35
"""On how many days the process also dies where it seldom would: nearly all the places it passes are statements of the journal."""
PLACES = (
    "before a call",
    "after a call",
    "before another step",
    "after another step",
    "at print",
    "at backup",
)
"""Where those days let it die."""


def place_of(point: str) -> str:
    """What kind of place a point is: `before a call`, `after a statement of the journal`, `at print` ..."""
    when, _, what = point.partition(" ")
    if when not in ("before", "after"):
        return f"at {point}"
    word = what.split()[0]
    place = "a statement of the journal" if word.isupper() else "a call" if "." in word else "another step"
    return f"{when} {place}"


class Rarely:
    """Deaths at the places that are seldom passed, drawn by themselves so that all other days stay what they are."""

    def __init__(self, seed: int | None) -> None:
        """No such day where there is no seed."""
        self._rng = random.Random(
            f"dies 364:{seed}"
        )  # a stream that leaves the days of `plants.py` as they were
        self._one = seed is not None and self._rng.random() < RARELY
        self.now, self.passes = "", 0  # the kind of place to die at in this tick, and how many of them first

    def draw(self) -> None:
        """The next tick's."""
        self.now = ""
        if self._one and self._rng.random() < 0.35:
            self.now = self._rng.choice((*PLACES, "at print", "at print"))
            self.passes = self._rng.choice(
                (1, 1, 2, 3, 8) if "call" in self.now else (1, 1, 2) if "step" in self.now else (1,)
            )


class Weather:
    """Chance for one day. `calm` is no weather at all."""

    def __init__(self, rng: random.Random, *, calm: bool = False) -> None:
        self.rng, self.calm = rng, calm
        self.dies_in = 0  # points left until the process dies; 0: not in this tick
        self.wire = 0.0  # how often a request or its answer is lost
        self.rarely = Rarely(None)
        self.struck: Counter[str] = Counter()
        self.without: frozenset[str] = frozenset()  # kinds that are drawn and do not strike

    def strikes(self, kind: str) -> bool:
        """Whether a kind of trouble may happen on this day."""
        return not self.calm and kind not in self.without

    # -- the process -------------------------------------------------------------------------------------------

    def point(self, name: str) -> None:
        """A place where the process may die."""
        if self.dies_in:
            self.dies_in -= 1
            if not self.dies_in:
                self._die(name)
        if self.rarely.now and place_of(name) == self.rarely.now:
            self.rarely.passes -= 1
            if self.rarely.passes <= 0:
                self._die(name)

    def _die(self, name: str) -> None:
        self.dies_in, self.rarely.now = 0, ""
        self.struck[f"died at {name}"] += 1
        raise Died(name)

    def connect(self, path: str) -> sqlite3.Connection:
        """A journal whose every statement is such a place."""
        database = sqlite3.connect(path, isolation_level=None, factory=_Fragile)
        database.weather = self
        return database

    # -- the wire ----------------------------------------------------------------------------------------------

    def transport(self, sandbox: Sandbox) -> Transport:
        """The gateway without a network, which loses requests and answers."""

        def send(_url: str, form: Mapping[str, str], files: Files, _timeout: float) -> str:
            api = form["method"]
            self.point(f"before {api}")
            lost = self.rng.random() if self.wire else 1.0
            if lost < self.wire / 3:
                self.struck["not sent"] += 1
                raise _Unreachable("no route")
            if lost < self.wire * 2 / 3:
                self.struck["lost before"] += 1
                raise requests.ConnectionError("reset")
            reply = sandbox.answer({**form, **{name: Uploaded.of(data) for name, data in files.items()}})
            self.point(f"after {api}")
            if reply.drop or lost < self.wire:
                self.struck["lost after"] += 1
                raise requests.ConnectionError("closed")
            return reply.body

        return send

    # -- the platform ------------------------------------------------------------------------------------------

    def switches(self) -> Switches:
        """How the undocumented corners behave on this day."""
        pick = self.rng.choice
        if self.calm:
            return Switches()
        return Switches(
            repeat=pick(("new", "new", "same")), batch_fails=pick(("whole", "entry")), not_found=pick(("empty", "fail")),
            invisible_seconds=pick((0, 0, 60, 400)), cancelled_visible=pick((True, False)), cancel_again=pick((True, False)),
        )  # fmt: skip

    def faults(self, switches: Switches) -> Faults:
        """The troubles of the next tick."""
        if self.calm or self.rng.random() < 0.45:
            return Faults(switches=switches)
        drawn = tuple(self._rule() for _ in range(self.rng.randrange(1, 4)))
        rules = tuple(rule for rule in drawn if rule.kind not in self.without)
        for rule in rules:
            self.struck[f"{rule.kind}{' after' if rule.after else ''}"] += 1
        if self.rng.random() < 0.05 and "token" not in self.without:
            self.struck["token"] += 1
            rules += (Rule(kind="token", api=self.rng.choice((*WRITES, *READS)), nth=1),)
        return Faults(rules=rules, switches=switches)

    def _rule(self) -> Rule:
        kind = self.rng.choice(
            ("lost", "http", "html", "isp", "ban", "balance", "shift", "duplicate", "shuffle", "crowd")
        )
        if kind in ("lost", "http", "html", "isp", "ban"):
            api = self.rng.choice((*WRITES, *WRITES, *READS))
        else:
            api = "cainiao.waybill.ii.get" if kind == "balance" else "taobao.trades.sold.*"
        return Rule(
            kind=kind, api=api, probability=self.rng.choice((0.1, 0.4, 1.0)), times=self.rng.choice((0, 1, 3)),
            after=self.rng.random() < 0.5, seconds=self.rng.choice((1, 60, 1800)),
        )  # fmt: skip


class Skewed:
    """The shop's clock: the world's, some seconds off, and now and then a day off."""

    def __init__(self, world: Clock, seconds: float) -> None:
        self.world, self.seconds, self.jump = world, seconds, 0.0

    def now(self) -> datetime:
        return self.world.now() + timedelta(seconds=self.seconds + self.jump)

    def sleep(self, seconds: float) -> None:
        self.world.sleep(seconds)


class _Fragile(sqlite3.Connection):
    """A connection that may die before or after each statement that writes."""

    weather: Weather

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith(("SELECT", "PRAGMA", "CREATE", "ROLLBACK")):
            return super().execute(sql, *values)
        self.weather.point(f"before {sql[:24]}")
        cursor = super().execute(sql, *values)
        self.weather.point(f"after {sql[:24]}")
        return cursor


class Interrupted:
    """A store at which people go on working between the engine's look and its write, or which is open elsewhere."""

    def __init__(self, inner: SheetStore, weather: Weather) -> None:
        self.inner, self.weather = inner, weather
        self.meanwhile: Callable[[], None] | None = None
        self.open_elsewhere = False

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        self.weather.point("before read")
        snapshot = self.inner.read(known)
        self.weather.point("after read")
        return snapshot

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        if self.meanwhile:
            self.meanwhile()
            self.meanwhile = None
        self.weather.point("before write")
        if self.open_elsewhere:
            return WriteReport(pending="open", token=token)
        report = self.inner.write(edits, token)
        self.weather.point("after write")
        return report


def remove_journal(path: Path) -> None:
    """Delete a journal's files."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
