"""The demonstration from beginning to end: a shop of its own, people in its workbook, troubles everywhere, then the verdict."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sync_engine.chaos.diary import Diary
from sync_engine.chaos.driver import ENGINE, Driver, is_quiet
from sync_engine.chaos.judge import judge
from sync_engine.chaos.outside import read_log, read_world
from sync_engine.chaos.people import NAMES, House, Look, Person, look_at
from sync_engine.chaos.place import Place, on_google
from sync_engine.chaos.screen import Outcome, Scene, Tell
from sync_engine.clock import SHANGHAI, Pace, SystemPace, format_time
from sync_engine.config import Config
from sync_engine.errors import UserError
from sync_engine.opening import init_folder
from sync_engine.sandbox.clock import SpeedClock, real_now
from sync_engine.sandbox.faults import Faults, Rule
from sync_engine.sandbox.serve import announced_at
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.world import create_world
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES
from workbook_templates.words import say

MORNING = datetime(2026, 11, 11, 9, 0, 0, tzinfo=SHANGHAI)
SKUS = 40
SPEED = 120.0
"""Simulated seconds in a second: three minutes are a shop's morning."""
STILL = 0.02
"""While the shop comes to rest the world outside hardly moves, so that rest can be told from having missed something."""
PACE = (0.15, 0.9)  # seconds between two things a person does
LIFE = (6.0, 18.0)  # seconds the engine is left alive
DEAD = (0.2, 1.5)  # seconds it stays dead
ACTS_EACH = 3
DOUBTS = 7.0  # seconds in which whatever is in doubt is settled: 14 simulated minutes
REST = 180.0  # seconds the shop may take to come to rest
RULES = (
    Rule(kind="lost", probability=0.03), Rule(kind="http", probability=0.02), Rule(kind="http", probability=0.02, after=True),
    Rule(kind="html", probability=0.01), Rule(kind="isp", probability=0.02), Rule(kind="isp", probability=0.02, after=True),
    Rule(kind="ban", probability=0.01, seconds=30), Rule(kind="shift", probability=0.1), Rule(kind="crowd", probability=0.05),
    Rule(kind="duplicate", probability=0.05), Rule(kind="shuffle", probability=0.05),
    Rule(kind="balance", api="cainiao.waybill.ii.get", probability=0.05),
    Rule(kind="lost", api="cainiao.waybill.ii.get", probability=0.1), Rule(kind="lost", api="taobao.logistics.offline.send", probability=0.1),
)  # fmt: skip
Open = Callable[[Path, int], AbstractContextManager[Place]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for. `open_place` puts the workbook where people work in it; `engine` is the command of the engine."""

    folder: Path
    seconds: float
    staff: int
    seed: int
    lang: Lang
    open_place: Open = on_google
    engine: Sequence[str] = ENGINE
    pace: Pace = field(default_factory=SystemPace)


class Hours:
    """The world's time, whose speed can be changed."""

    def __init__(self, start: datetime, speed: float) -> None:
        self.clock = SpeedClock(real_now(), start, speed)

    def now(self) -> datetime:
        """The time in Shanghai, whole seconds."""
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.sleep(seconds)

    def go_on_at(self, speed: float) -> None:
        """From now on so many simulated seconds a second."""
        self.clock = SpeedClock(real_now(), self.clock.now() + timedelta(seconds=1), speed)


def run_chaos(wish: Wish, tell: Tell) -> Outcome:
    """Make a shop, let everything loose, let it come to rest, and judge.

    Args:
        tell: called several times a second with what is going on.

    Ctrl-C ends the troubles early; a second one judges at once. UserError where the folder holds anything already.
    """
    if wish.folder.exists() and any(wish.folder.iterdir()):
        raise UserError(
            f"{wish.folder} 不是空的:演示只用自己的文件夹,请换一个或先删掉 / "
            f"{wish.folder} is not empty: this works in a folder of its own, choose another or delete it"
        )
    config = init_folder(wish.folder, wish.lang)
    orders = 120 + int(wish.seconds)
    create_world(
        config.room("sandbox"), seed=wish.seed, orders=orders, start=MORNING, skus=SKUS, shop=config.shop
    )
    with ExitStack() as stack:
        place = stack.enter_context(wish.open_place(wish.folder, wish.seed))
        stage = _Stage(wish, config, place, tell)
        stack.callback(stage.close)
        stage.play()
        return stage.verdict()


class _Death(NamedTuple):
    """When the engine is killed: not before a moment (seconds), and not before so many ticks in all."""

    at: float
    ticks: int


class _Stage:
    """Everything that moves."""

    def __init__(self, wish: Wish, config: Config, place: Place, tell: Tell) -> None:
        self._wish, self._place, self._tell, self._pace = wish, place, tell, wish.pace
        self._room = config.room("sandbox")
        self._hours = Hours(MORNING, SPEED)
        self._sandbox = Sandbox(self._room, self._hours, seed=wish.seed)
        self._diary = Diary(wish.folder / "staff.jsonl")
        self._engine = Driver(wish.folder, self._pace, place.environment(), wish.engine)
        house, rng = House(self._diary, self._pace, wish.lang), random.Random(f"chaos:{wish.seed}")
        self._rng = rng
        names = [say(wish.lang, *names) for names in NAMES]
        names += [f"{names[n % len(names)]}{n // len(names) + 1}" for n in range(len(names), wish.staff)]
        self._people = [
            Person(
                name,
                place.desk(f"{NAMES[n % len(NAMES)][1]}{n}"),
                house,
                random.Random(f"{name}:{wish.seed}"),
            )
            for n, name in enumerate(names[: wish.staff])
        ]
        self._stop, self._failed = threading.Event(), list[BaseException]()
        self._began = self._pace.passed()
        self.outcome = Outcome(place=place.name, staff=wish.staff, seed=wish.seed)

    # -- the play --------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Troubles for the time wished for, then rest."""
        self._sandbox.start()
        with announced_at(self._room, self._sandbox.url, self._hours.clock) as announce:
            self._engine.start()
            try:
                self._first_sync()
                self._storm()
            except KeyboardInterrupt:
                self.outcome.interrupted = True
            self.outcome.seconds = round(self._pace.passed() - self._began)
            try:
                self._calm()
                self.outcome.settled = self._rest(announce)
            except KeyboardInterrupt:
                self.outcome.interrupted = True
            self._engine.stop()
        if self._failed:
            raise self._failed[0]

    def _first_sync(self) -> None:
        """People come in when the first orders stand in the workbook."""
        until = self._pace.passed() + REST
        while self._pace.passed() < until and not any(
            said.get("rows_written") for said in self._engine.heard()
        ):
            self._wait(0.2, self._wish.seconds, say(self._wish.lang, "引擎第一次同步", "the first sync"))

    def _storm(self) -> None:
        lang, end = self._wish.lang, self._pace.passed() + self._wish.seconds
        self._sandbox.set_faults(Faults(rules=RULES))
        self._place.trouble(True)
        threads = [
            threading.Thread(target=self._work, args=(person,), daemon=True) for person in self._people
        ]
        for thread in threads:
            thread.start()
        phase = say(lang, "故障中", "troubles")
        death = self._next_death()
        try:
            while ((now := self._pace.passed()) < end or self._slow(now, end)) and not self._failed:
                if now >= death.at and self._engine.ticks >= death.ticks:
                    self._engine.kill()
                    self._wait(self._rng.uniform(*DEAD), end - now, phase)
                    self._engine.start()
                    death = self._next_death()
                self._alive_again()
                self._wait(0.2, end - self._pace.passed(), phase)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(30)

    def _slow(self, now: float, end: float) -> bool:
        """On a machine with much else to do people go on until each has done something."""
        return now < end + REST and self._diary.keystrokes < ACTS_EACH * len(self._people)

    def _next_death(self) -> _Death:
        """One life in three ends wherever it is; the others get through a tick first, however slow the machine is."""
        whole = self._rng.random() < 0.67
        return _Death(self._pace.passed() + self._rng.uniform(*LIFE), self._engine.ticks + whole)

    def _alive_again(self) -> None:
        if not self._engine.alive():
            self._engine.start()

    def _work(self, person: Person) -> None:
        rng = random.Random(f"pace:{person.name}:{self._wish.seed}")
        try:
            while not self._stop.wait(rng.uniform(*PACE)):
                person.act()
        except BaseException as error:
            self._failed.append(error)

    def _calm(self) -> None:
        """No more troubles, no more keys; copies go away, and what is in doubt has time to be settled."""
        self._stop.set()
        self._place.trouble(False)
        self._sandbox.set_faults(Faults())
        for person in self._people:
            person.tidy(all_of_them=True)
        self._alive_again()
        now, ticks = self._pace.passed(), self._engine.ticks
        while self._pace.passed() < now + DOUBTS or (
            self._engine.ticks < ticks + 2 and self._pace.passed() < now + REST
        ):
            self._alive_again()
            self._wait(0.2, 0, say(self._wish.lang, "故障停止,等它平静", "troubles ended: coming to rest"))

    def _rest(self, announce: Callable[[SpeedClock], None]) -> bool:
        """The world stands still; whether the shop comes to rest."""
        self._engine.stop()
        self._hours.go_on_at(STILL)
        announce(self._hours.clock)
        self._engine.heard()
        self._engine.start()
        quiet, end = 0, self._pace.passed() + REST
        while self._pace.passed() < end:
            for said in self._engine.heard():
                quiet = quiet + 1 if is_quiet(said) else 0
            if quiet >= 2:
                return True
            self._alive_again()
            self._wait(0.1, 0, say(self._wish.lang, "故障停止,等它平静", "troubles ended: coming to rest"))
        return False

    def _wait(self, seconds: float, left: float, phase: str) -> None:
        end = self._pace.passed() + seconds
        while True:
            self._sandbox.advance()
            self._tell(self._scene(max(0, round(left)), phase))
            rest = end - self._pace.passed()
            if rest <= 0:
                return
            self._pace.wait(min(0.2, rest))

    def _scene(self, left: int, phase: str) -> Scene:
        return Scene(
            left=left, phase=phase, people=tuple((person.name, person.doing) for person in self._people),
            engine=self._engine.last, alive=self._engine.running, ticks=self._engine.ticks, kills=self._engine.kills,
            keystrokes=self._diary.keystrokes, moved=self._diary.moved, struck=sum(self._place.struck().values()),
            clock=format_time(self._hours.now()),
        )  # fmt: skip

    # -- the verdict -----------------------------------------------------------------------------------------------

    def verdict(self) -> Outcome:
        """Judge by diary, log, state and sheet."""
        desk = self._people[0].desk
        looks: dict[str, Look] = {table.name: look_at(desk, table, self._wish.lang) for table in TABLES}
        self._sandbox.stop()
        history, outcome = read_log(self._room / "log.jsonl"), self.outcome
        outcome.verdict = judge(
            self._diary.entries, looks, read_world(self._room), history, settled=outcome.settled
        )
        outcome.ticks, outcome.kills, outcome.broke = (
            self._engine.ticks,
            self._engine.kills,
            self._engine.broke,
        )
        outcome.moved, outcome.met = self._diary.moved, self._place.met()
        outcome.faults = {say(self._wish.lang, "天猫与菜鸟", "Tmall and Cainiao"): history.struck}
        if self._place.troubles:
            outcome.faults = {self._place.name: self._place.struck(), **outcome.faults}
        return outcome

    def close(self) -> None:
        """End everything that still runs."""
        self._stop.set()
        self._engine.stop()
        self._sandbox.stop()
        self._diary.close()
