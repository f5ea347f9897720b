"""`python -m tests.soak.kill9 --kills 100 --seed 1`: a real `watch` beside a real `sandbox`, killed again and again.

Two processes as a shop runs them. Each life of `watch` is ended with SIGKILL (TerminateProcess on Windows) at a random
moment; while it is dead a person edits the workbook. At the end the sandbox is killed too, the shop is left to settle,
and everything is judged from the sandbox's log and state and from the workbook as another program reads it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sync_engine.clock import SystemClock, VirtualClock
from sync_engine.opening import init_folder, make_sandbox, open_shop
from sync_engine.sandbox.serve import find_running, resume_time
from sync_engine.shop import Report, tick
from tests.sim.day import is_quiet, lost_keystrokes
from tests.sim.hands import FileHands
from tests.sim.human import Human
from tests.sim.judge import violations
from tests.sim.outside import history_of, outside_of
from workbook_templates.schema import Lang

ROOT = Path(__file__).resolve().parents[2]
SPEED = 200.0  # simulated seconds in a second
STARTING = (0.0, 1.3)  # seconds after its first request can come: a new process reads, asks, buys and writes
ACTS = ("ship", "write_note", "hold", "choose_courier", "write_memo", "take_return", "count_stock", "weigh", "type_over",
        "sort", "insert_blank", "number_parcel", "cancel")  # fmt: skip
QUIET_TICKS = 120


@dataclass
class Outcome:
    """What the soak came to."""

    kills: int = 0
    ended: list[str] = field(default_factory=list)  # lives that ended by themselves
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """One command of the command line as a process of its own, its words kept in a file."""
    said = (folder / f"{words[0]}.out").open("ab")
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "sync_engine.cli", *words, "--folder", str(folder)], cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=os.name == "posix",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
    finally:
        said.close()


def end(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL, or TerminateProcess: nothing in the process gets a last word."""
    process.kill()
    process.wait(timeout=30)


@contextmanager
def sandbox_running(folder: Path) -> Iterator[None]:
    """The sandbox as a process of its own; killed at the end, like everything here."""
    process = start(folder, "sandbox", "--speed", str(SPEED))
    try:
        until = time.monotonic() + 30
        while find_running(folder / "sandbox") is None:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((folder / "sandbox.out").read_text("utf-8"))
            time.sleep(0.1)
        yield
    finally:
        end(process)


def make_shop(folder: Path, *, orders: int, seed: int) -> None:
    """A new shop folder whose `watch` looks as often as the settings allow."""
    config = init_folder(folder, Lang.ZH)
    path = folder / "config.toml"
    path.write_text(path.read_text("utf-8").replace("every_seconds = 60", "every_seconds = 5"), "utf-8")
    morning = SystemClock().now().replace(hour=8, minute=0, second=0)
    make_sandbox(config, seed=seed, orders=orders, start=morning)


def soak(folder: Path, *, kills: int, seed: int, orders: int, seconds: tuple[float, float]) -> Outcome:
    """Kill `watch` so many times, then settle and judge."""
    began, outcome, rng = time.monotonic(), Outcome(), random.Random(f"soak:{seed}")
    make_shop(folder, orders=orders, seed=seed)
    hands = FileHands(folder / "店铺.xlsx")
    human = Human(hands, random.Random(f"hand:{seed}"), lambda _: None, only=ACTS)
    with sandbox_running(folder):
        start_up = open_for_the_first_time(folder)
        for number in range(kills):
            live_and_die(folder, rng, seconds, start_up, outcome)
            if number % 2:
                human.work()
    settle(folder, outcome)
    judge(folder, human, hands, outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def open_for_the_first_time(folder: Path) -> float:
    """One whole tick: before it nothing tells what people typed over from what an earlier version wrote.

    Gives the seconds that a new process takes to its first request on this machine.
    """
    asked, began = requests(folder), time.monotonic()
    process = start(folder, "watch", "--json")
    start_up = 0.0
    try:
        while not whole_ticks(folder):
            if process.poll() is not None or time.monotonic() > began + 60:
                raise RuntimeError((folder / "watch.out").read_text("utf-8", "replace"))
            if not start_up and requests(folder) > asked:
                start_up = time.monotonic() - began
            time.sleep(0.02)
    finally:
        end(process)
    return start_up


def live_and_die(
    folder: Path, rng: random.Random, seconds: tuple[float, float], start_up: float, outcome: Outcome
) -> None:
    """One life of `watch`."""
    drafts, asked, ticked = set(folder.glob(".biaomao-*")), requests(folder), whole_ticks(folder)
    process = start(folder, "watch", "--json")
    low, high = seconds if rng.random() < 0.4 else STARTING
    time.sleep(max(0.0, start_up - 0.1) + rng.uniform(low, high))
    if process.poll() is not None:
        outcome.ended.append(f"life {outcome.kills + 1} ended by itself with {process.returncode}")
    end(process)
    outcome.kills += 1
    outcome.counts["died in its first tick"] += requests(folder) > asked and whole_ticks(folder) == ticked
    outcome.counts["died while writing"] += bool(set(folder.glob(".biaomao-*")) - drafts)
    outcome.counts["died during a call"] += calls_open(folder)


def requests(folder: Path) -> int:
    """How many requests the sandbox has logged."""
    log = folder / "sandbox" / "log.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def whole_ticks(folder: Path) -> int:
    """How many ticks `watch` has told of."""
    said = folder / "watch.out"
    return said.read_bytes().count(b'"idle"') if said.exists() else 0


def calls_open(folder: Path) -> bool:
    """Whether the journal of a dead `watch` has a call that was begun and whose end it never noted."""
    path = folder / "journal" / "journal.sqlite"
    if not path.exists():
        return False
    journal = sqlite3.connect(path)
    try:
        return bool(journal.execute("SELECT count(*) FROM intents WHERE state = 'calling'").fetchone()[0])
    except sqlite3.OperationalError:  # died before the tables were made
        return False
    finally:
        journal.close()


def settle(folder: Path, outcome: Outcome) -> None:
    """Ticks in simulated time until twice nothing is left to do."""
    clock = VirtualClock(resume_time(folder / "sandbox"))
    quiet = 0
    with open_shop(folder, clock=clock) as opened:
        for _ in range(QUIET_TICKS):
            clock.sleep(420)
            report: Report = tick(opened.shop)
            quiet = quiet + 1 if is_quiet(report) else 0
            if quiet == 2:
                return
    outcome.wrong.append(f"never became quiet in {QUIET_TICKS} ticks")


def judge(folder: Path, human: Human, hands: FileHands, outcome: Outcome) -> None:
    """What the log, the platform's state and the workbook say."""
    history, outside, tables = (
        history_of(folder),
        outside_of(folder / "sandbox" / "state.sqlite"),
        hands.tables(),
    )
    outcome.wrong += [*outcome.ended, *violations(history, outside, tables, human.record.deleted)]
    outcome.wrong += lost_keystrokes(human, hands, over=True)
    said = (folder / "watch.out").read_text("utf-8", "replace")
    outcome.wrong += [
        f"watch told of a broken program: {line}" for line in said.splitlines() if "Traceback" in line
    ]
    outcome.counts.update({
        "kills": outcome.kills, "orders": len(outside.trades), "waybills bought": len(history.bought),
        "given back": len(history.given_back), "shipments told": sum(told.ok for told in history.told),
        "stock figures set": len(history.stock), "memos": len(history.memos), "requests": history.calls,
        "keystrokes": human.record.keystrokes, "whole ticks": whole_ticks(folder),
        "drafts left behind": len(list(folder.glob(".biaomao-*"))),
    })  # fmt: skip


def table(outcome: Outcome) -> Iterator[str]:
    """The result, line by line."""
    width = max(len(name) for name in outcome.counts)
    yield from (f"  {name:<{width}}  {number:>8}" for name, number in sorted(outcome.counts.items()))
    yield f"  {'seconds':<{width}}  {outcome.seconds:>8.0f}"
    yield f"  {'promises broken':<{width}}  {len(outcome.wrong):>8}"
    yield from (f"  ! {line}" for line in outcome.wrong[:40])


def main(words: Sequence[str] | None = None) -> int:
    """The command; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.kill9", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=300, help="orders of the simulated day")
    parser.add_argument("--seconds", default="0.3-6", help="how long a life is, shortest-longest")
    parser.add_argument("--folder", type=Path, help="keep the shop here; default: a folder that is removed")
    wanted = parser.parse_args(words)
    low, _, high = wanted.seconds.partition("-")
    folder = wanted.folder or Path(tempfile.mkdtemp(prefix="kill9-"))
    try:
        outcome = soak(
            folder,
            kills=wanted.kills,
            seed=wanted.seed,
            orders=wanted.orders,
            seconds=(float(low), float(high or low)),
        )
    finally:
        if wanted.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(*table(outcome), sep="\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
