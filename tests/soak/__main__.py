"""`python3 run.py soak --minutes 30`: days, workbooks, races, planted bugs, kills and chaos, for as long as you like, and a report.

First come the tests marked long, whatever they take.

The report goes to docs/soak.md: what was run, which troubles struck how often, and what broke (nothing may). Seeds go on from
`--seed`, so that two soaks need not see the same days.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from sync_engine.chaos.driver import ENGINE
from sync_engine.chaos.judge import LOST
from sync_engine.chaos.run import Wish, run_chaos
from sync_engine.sandbox.google.serve import GoogleSandbox
from tests.sim.__main__ import one_day
from tests.sim.day import Told, simulate
from tests.sim.in_google import TROUBLES
from tests.sim.plants import PLANTS, SEEDS, first_day
from tests.sim.trees import trees
from tests.sim.weather import PLACES, place_of
from tests.soak.kill9 import main as kill
from tests.stores.google_desk import GoogleDesk, requests_of_tables
from tests.stores.grid_desk import MOMENTS, LittleDesk
from tests.stores.races import Ledger, Races
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang

REPORT = Path(__file__).resolve().parents[2] / "docs" / "soak.md"
SHARES = {
    "trees": 0.04,
    "days": 0.35,
    "programs": 0.06,
    "workbooks": 0.06,
    "google": 0.12,
    "office": 0.06,
    "replays": 0.03,
    "races": 0.08,
    "plants": 0.09,
    "kills": 0.07,
    "chaos": 0.04,
}
"""How the minutes are shared out. What has begun is brought to its end."""
ENOUGH = 20
"""A trouble that struck less often proves little: the report names it."""
EXPECTED = (
    *(f"died {place}" for place in PLACES),
    *(f"Google {kind}" for kind in dict.fromkeys(kind for kind, _ in TROUBLES)),
    *(f"a person works {moment.replace('_', ' ')}" for moment in MOMENTS),
)  # fmt: skip
"""Rare ones, named also where they never struck."""
CARELESS = (sys.executable, "-m", "tests.soak.careless")
CHAOS_COUNTS = (
    "ticks",
    "kills",
    "keystrokes",
    "kept",
    "shown_as_conflict",
    "lost",
    "wrong_cells",
    "rows_moved",
    "orders",
)


@dataclass
class Part:
    """One part of a soak."""

    title: str
    counts: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def days(first: int, seconds: float, store: str, sessions: int, workers: int) -> Part:
    """Seeded days until the time is over."""
    part = Part(f"simulated days ({store})")
    began, seed = time.monotonic(), first
    with ProcessPoolExecutor(workers) as pool:
        while time.monotonic() - began < seconds:
            seeds = range(seed, seed + (1 if store == "office" else 4) * workers)
            for told in pool.map(one_day, seeds, [store] * len(seeds), [sessions] * len(seeds)):
                _take(part, told, store, sessions)
            seed = seeds.stop
    part.seconds = time.monotonic() - began
    return part


def _take(part: Part, told: Told, store: str, sessions: int) -> None:
    part.counts.update(
        days=1, orders=told.orders, ticks=told.ticks, keystrokes=told.keystrokes, effects=len(told.effects)
    )
    part.struck.update({_kind(name): times for name, times in told.struck.items()})
    replay = f"python -m tests.sim --seeds {told.seed} --store {store} --sessions {sessions}"
    part.wrong += [f"{line} ({replay})" for line in told.wrong[:3]]


def _kind(trouble: str) -> str:
    """Where a process died is told apart by kind, not by statement."""
    died = trouble.removeprefix("died at ")
    return trouble if died == trouble else f"died {place_of(died)}"


def long_tests(workers: int) -> Part:
    """The tests marked long, which repeat at length what the suite tests."""
    part, began = Part("tests marked long"), time.monotonic()
    command = [sys.executable, "-P", "-m", "pytest", "--long", "-m", "long", "-n", str(workers)]
    done = subprocess.run(
        [*command, "--dist", "worksteal"], cwd=REPORT.parents[1], capture_output=True, text=True
    )
    for line in done.stdout.splitlines():
        if line.startswith(("FAILED", "ERROR")):
            part.wrong.append(line)
    part.counts.update(
        {name: int(n) for n, name in re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout)}
    )
    if done.returncode not in (0, 1) or not part.counts:
        part.wrong.append(f"pytest ended with {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}")
    part.seconds = time.monotonic() - began
    return part


def forest(first: int, seconds: float) -> Part:
    """The planner alone: small trees of rows, until the time is over."""
    part, began, seed = (
        Part("trees of rows changed on both sides (the planner alone)"),
        time.monotonic(),
        first,
    )
    slowest = 0
    while time.monotonic() - began < seconds:
        counts, wrong = trees(range(seed, seed + 1000))
        slowest = max(slowest, counts.pop("slowest"))
        part.counts.update(counts)
        part.wrong += wrong[:3]
        seed += 1000
    part.counts["rounds to quiet at most"] = slowest
    part.seconds = time.monotonic() - began
    return part


def replays(first: int, seconds: float) -> Part:
    """The same seed twice gives the same day."""
    part = Part("days lived twice")
    began = time.monotonic()
    for seed in count(first):
        if part.counts["days"] and time.monotonic() - began > seconds:
            break
        with tempfile.TemporaryDirectory() as room:
            one, two = (simulate(seed, Path(room) / name, sessions=12) for name in ("one", "two"))
        part.counts["days"] += 1
        if (one.story, one.effects, one.struck) != (two.story, two.effects, two.struck):
            part.wrong.append(f"seed {seed} went differently the second time")
    part.seconds = time.monotonic() - began
    return part


def plants(first: int, seconds: float) -> Part:
    """Planted bugs are found: all of them where the time suffices, else others each time."""
    part = Part("planted bugs")
    began = time.monotonic()
    for plant in random.Random(f"plants:{first}").sample(PLANTS, len(PLANTS)):
        if part.counts["planted"] and time.monotonic() - began > seconds:
            break
        found = first_day(plant, range(SEEDS[plant], SEEDS[plant] + 1))[0]
        found = first_day(plant, range(200))[0] if found is None else found
        part.counts["planted"] += 1
        part.counts["found"] += found is not None
        if found is None:
            part.wrong.append(f"{plant.__name__} was not found")
    part.seconds = time.monotonic() - began
    return part


def races(first: int, seconds: float) -> Iterator[Part]:
    """Writes that meet a person, in the little program and in the stand-in for Google."""
    yield _races("a person in the rows being written (running program)", first, seconds / 2, _little)
    with GoogleSandbox() as sandbox, tempfile.TemporaryDirectory() as room:
        path = Path(room) / "book.xlsx"
        make_book(path, CONTRACT_TABLES, Lang.ZH)
        requests = requests_of_tables(path, Lang.ZH, CONTRACT_TABLES)

        def google(seed: int) -> Ledger:
            desk = GoogleDesk(sandbox, Path(room), requests, Lang.ZH, fresh=1e9)

            def slip(act: Callable[[], None]) -> None:
                sandbox.before("write", lambda *_: act())

            return Races(desk, seed, slip, columns=seed % 2 == 1, over=True, both=seed % 3 == 0).run(20)

        yield _races("a person in the rows being written (Google Sheets)", first, seconds / 2, google)


def _little(seed: int) -> Ledger:
    desk = LittleDesk(Lang.ZH)
    chance = random.Random(seed)

    def slip(act: Callable[[], None]) -> None:
        desk.program.slip(chance.choice(MOMENTS), chance.randrange(3), act)

    return Races(desk, seed, slip, columns=seed % 2 == 1, both=True).run(20)


def _races(title: str, first: int, seconds: float, run: Callable[[int], Ledger]) -> Part:
    part, began, seed = Part(title), time.monotonic(), first
    while time.monotonic() - began < seconds:
        ledger = run(seed)
        part.counts.update(
            syncs=20,
            met=ledger.met,
            keystrokes=ledger.keystrokes,
            cells=ledger.writes,
            refused=ledger.refused,
            typed_over=ledger.over,
        )
        part.wrong += [f"seed {seed}: {line}" for line in ledger.wrong[:3]]
        seed += 1
    part.seconds = time.monotonic() - began
    return part


def kills(first: int, seconds: float) -> Part:
    """A real `watch`, killed with SIGKILL again and again."""
    part, began = Part("a real watch killed with SIGKILL"), time.monotonic()
    number = max(5, int(seconds / 3.2))
    broke = kill(["--kills", str(number), "--seed", str(first), "--orders", str(min(300, 3 * number))])
    part.counts["kills"] = number
    part.wrong += ["promises were broken; the table above says which"] if broke else []
    part.seconds = time.monotonic() - began
    return part


def chaos(first: int, seconds: float) -> Iterator[Part]:
    """The demonstration people can watch, sound and with a careless engine: its closing table must tell them apart."""
    for title, engine in (
        ("chaos on the stand-in for Google", ENGINE),
        ("the same with an engine that says nothing of what it puts back", CARELESS),
    ):
        part, began = Part(title), time.monotonic()
        with tempfile.TemporaryDirectory() as room:
            wish = Wish(
                folder=Path(room) / "chaos",
                seconds=seconds / 4,
                staff=4,
                seed=first,
                lang=Lang.ZH,
                engine=engine,
            )
            outcome = run_chaos(wish, lambda *_: None)
        told = outcome.as_data()
        part.counts.update({name: int(str(told[name])) for name in CHAOS_COUNTS})
        lost = outcome.verdict.fates[LOST]
        if engine is CARELESS and not lost:
            part.wrong.append("the careless engine was not found out")
        if engine is ENGINE and not outcome.good:
            part.wrong += [str(line) for line in outcome.verdict.said[:5]] or [
                "a promise was broken, or no rest found"
            ]
        part.seconds = time.monotonic() - began
        yield part


def report(parts: list[Part], first: int) -> str:
    """The page."""
    lines = [
        "# The last soak", "",
        f"`python3 run.py soak`, {datetime.now(UTC):%Y-%m-%d}, seeds from {first} on. Every number is a count of one run on one machine;",
        "a violation is a promise that the judges outside the engine (the sandbox's log, the carrier's state, the sheet as another",
        "program reads it, a ledger of what people typed) saw broken.", "",
        "| part | what was run | seconds | violations |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    for part in parts:
        counts = ", ".join(f"{number:,} {name}" for name, number in part.counts.items())
        lines.append(f"| {part.title} | {counts} | {part.seconds:.0f} | {len(part.wrong)} |")
    struck: Counter[str] = sum((part.struck for part in parts), Counter())
    lines += ["", "Troubles that struck:", "", "| trouble | times |", "| --- | --- |"]
    lines += [f"| {name} | {times:,} |" for name, times in sorted(struck.items())]
    rare = sorted(name for name in {*struck, *EXPECTED} if struck[name] < ENOUGH)
    if rare:
        lines += ["", f"Struck fewer than {ENOUGH} times, so that they prove little here: {', '.join(rare)}."]
    wrong = [line for part in parts for line in part.wrong]
    lines += ["", *(["What broke:", "", *(f"- {line}" for line in wrong)] if wrong else ["Nothing broke."])]
    return "\n".join(lines) + "\n"


def main() -> int:
    """The command; 1 if anything broke."""
    parser = argparse.ArgumentParser(prog="run.py soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=REPORT)
    wanted = parser.parse_args()
    logging.disable()
    seconds, first = wanted.minutes * 60, wanted.seed
    parts: list[Part] = []

    def done(part: Part) -> None:
        parts.append(part)
        print(
            f"{part.title}: {dict(part.counts)}, {len(part.wrong)} violations, {part.seconds:.0f} s",
            flush=True,
        )

    done(long_tests(wanted.workers))
    done(forest(first, seconds * SHARES["trees"]))
    done(days(first, seconds * SHARES["days"], "memory", 24, wanted.workers))
    done(days(first, seconds * SHARES["programs"], "program", 24, wanted.workers))
    done(days(first, seconds * SHARES["workbooks"], "xlsx", 10, wanted.workers))
    done(days(first, seconds * SHARES["google"], "google", 20, wanted.workers))
    done(days(first, seconds * SHARES["office"], "office", 8, wanted.workers))
    done(replays(first, seconds * SHARES["replays"]))
    for part in races(first, seconds * SHARES["races"]):
        done(part)
    done(plants(first, seconds * SHARES["plants"]))
    done(kills(first, seconds * SHARES["kills"]))
    for part in chaos(first, seconds * SHARES["chaos"]):
        done(part)
    wanted.out.write_text(report(parts, first), "utf-8")
    print(f"{wanted.out}", flush=True)
    return 1 if any(part.wrong for part in parts) else 0


if __name__ == "__main__":
    sys.exit(main())
