"""One seeded day of a shop: the real engine against the real sandbox, with a person at the sheet and bad weather."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sync_engine.carriers.cainiao import CainiaoCarrier
from sync_engine.clock import SHANGHAI, VirtualClock, format_time
from sync_engine.errors import BusyError, NotSent
from sync_engine.execute import Outside as Ports
from sync_engine.journal.journal import Journal
from sync_engine.observe import held_for_good
from sync_engine.parcel import Sender
from sync_engine.sandbox import credentials as own
from sync_engine.sandbox.faults import Faults
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.world import STATE_FILE, create_world
from sync_engine.shop import Report, tick
from sync_engine.state import Shop
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.memory import MemoryStore
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.tmall.client import TmallClient
from sync_engine.tmall.gateway import Gateway
from tests.sim.buyers import Buyers
from tests.sim.commits import Commits
from tests.sim.hands import FileHands, Hands, MemoryHands, ProgramHands
from tests.sim.human import Human, Record
from tests.sim.in_excel import ExcelHands, ExcelSide
from tests.sim.in_google import GoogleHands, GoogleSide
from tests.sim.in_office import OfficeHands, OfficeSide
from tests.sim.judge import held_orders_wait, violations
from tests.sim.judge_service import Way, served, ways_told
from tests.sim.kept import lost_keystrokes
from tests.sim.mischief import cloud_over, second_computer, take_over, turn_back
from tests.sim.outside import History, history_of, outside_of
from tests.sim.service import PICTURE, WITH_SERVICE, Service
from tests.sim.sheets import differences
from tests.sim.weather import Died, Interrupted, Rarely, Skewed, Weather, remove_journal
from tests.stores.grid_desk import LittlePerson, LittleProgram
from tests.workbook.made import new_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES

START = datetime(2026, 11, 11, 9, 0, 0, tzinfo=SHANGHAI)
STEPS = (0, 1, 3, 10, 10, 20, 45)  # minutes between ticks
SENDER = Sender(
    name=own.SENDER_NAME, mobile=own.SENDER_MOBILE, province=own.SENDER_PROVINCE, city=own.SENDER_CITY,
    district=own.SENDER_DISTRICT, detail=own.SENDER_DETAIL,
)  # fmt: skip
SKEWS = (0, 0, 0, -100, -7, 5, 45, 100, 170)  # seconds the shop's clock is ahead
QUIET_TICKS = 80
ARRIVING = (2, 2, 3, 3, 6, 12, 12, 24, 24, 24, 2)
"""Hours between ticks until every parcel that arrives at all has been asked for after it did."""
WITH_BINS = 0.35
"""How many of the shops keep their stock by bin."""


@dataclass
class Told:
    """How a day went."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    ticks: int = 0
    orders: int = 0
    keystrokes: int = 0
    effects: list[tuple[str, ...]] = field(default_factory=list)


class Day:
    """A shop, its world, its person and its weather."""

    def __init__(self, seed: int, folder: Path, *, kind: str = "memory", calm: bool = False) -> None:
        self.seed, self.folder, self.kind = seed, folder, kind
        self.rng = random.Random(f"day:{seed}")
        self.told = Told(seed)
        room = folder / "sandbox"
        room.mkdir(parents=True)
        create_world(room, seed=seed, orders=self.rng.randrange(12, 45), start=START, skus=14)
        self.clock = VirtualClock(START)
        self.sandbox = Sandbox(room, self.clock, seed=seed)
        self.weather = Weather(random.Random(f"weather:{seed}"), calm=calm)
        self.weather.rarely = Rarely(None if calm else seed)
        self.switches = self.weather.switches()
        self.shop_clock = Skewed(self.clock, 0 if calm else self.weather.rng.choice(SKEWS))
        self.desk = "FRONT"  # the computer at work
        self.lost_journal = False
        self.forgotten: set[tuple[str, str]] = set()
        self.program: LittleProgram | ExcelSide | GoogleSide | OfficeSide | None = None
        self.hands, self.store = self._workbook()
        self.human = Human(self.hands, random.Random(f"human:{seed}"), self.note)
        if random.Random(f"bins:{seed}").random() < WITH_BINS:
            self.human.keep_bins()
        self.service: Service | None = None
        self.buyers = Buyers(random.Random(f"buyers:{seed}"), self.clock)
        self.way = Way()
        if not calm and random.Random(f"service 714:{seed}").random() < WITH_SERVICE:
            self.service = Service(self.human, random.Random(f"at service:{seed}"))
            self.human.beside = self.service.work
            self.switches = self.buyers.switches(self.switches)
        self.yesterday: tuple[object, Record] | None = None
        self.human.now = lambda: format_time(self.clock.now())
        self.journal_path = folder / "journal.sqlite"
        self.commits = Commits()
        self.journal: Journal | None = None
        self.start()

    def _workbook(self) -> tuple[Hands, Interrupted]:
        if self.kind == "memory":
            memory = MemoryStore()
            memory.staff_insert("freight", -1, {"courier": "中通", "provinces": "其他", "first_price": 3})
            memory.staff_insert("warehouses", -1, {"name": "主仓"})
            if self.rng.random() < 0.6:
                memory.staff_insert(
                    "freight",
                    -1,
                    {"courier": "中通", "warehouse": "二仓", "provinces": "其他", "first_price": 2},
                )
                memory.staff_insert("warehouses", -1, {"name": "二仓"})
            return MemoryHands(memory), Interrupted(memory, self.weather)
        if self.kind == "program":
            self.program = little = LittleProgram(TABLES)
            hands = ProgramHands(LittlePerson(little))
            hands.add("freight", {"courier": "中通", "provinces": "其他", "first_price": 3})
            return hands, Interrupted(GridStore(little), self.weather)
        if self.kind == "google":
            self.program = google = GoogleSide(self.folder, own.SELLER_NICK, self.seed)
            return GoogleHands(google), Interrupted(google.store(), self.weather)
        path = self.folder / "店铺.xlsx"
        if self.kind == "excel":
            self.program = side = ExcelSide(path, own.SELLER_NICK, self.seed)
            return ExcelHands(side), Interrupted(side.store(), self.weather)
        if self.kind == "office":
            self.program = office = OfficeSide(path, own.SELLER_NICK, self.seed)
            return OfficeHands(office), Interrupted(office.store(), self.weather)
        new_workbook(path, Lang.ZH, shop=own.SELLER_NICK)
        return FileHands(path), Interrupted(XlsxStore(path, self.folder), self.weather)

    # -- the engine's process ----------------------------------------------------------------------------------

    def start(self) -> None:
        """A new process on what is on disk."""
        if self.journal is not None:
            self.journal.close()
        if isinstance(self.program, LittleProgram):
            self.store.inner = GridStore(self.program)
        elif self.program is not None:
            self.store.inner = self.program.store()
        elif self.kind == "xlsx":
            self.store.inner = XlsxStore(self.folder / "店铺.xlsx", self.folder)
        self.weather.dies_in, self.weather.rarely.now = 0, ""
        self.journal = journal = Journal(
            self.journal_path, self.shop_clock.now(), connect=self.weather.connect
        )
        self.commits.watch(journal)
        gateway = Gateway(
            "sandbox", own.APP_KEY, own.APP_SECRET, own.SESSION, self.shop_clock,
            transport=self.weather.transport(self.sandbox),
        )  # fmt: skip

        self.shop = Shop(
            name=own.SELLER_NICK, lang=Lang.ZH, journal=journal, store=self.store, clock=self.shop_clock,
            outside=Ports(
                tmall=TmallClient(gateway, known=held_for_good(journal)), carrier=CainiaoCarrier(gateway, sender=SENDER, user_id=own.SELLER_ID),
                clock=self.shop_clock, proof=lambda name: PICTURE if name == "a.png" else None,
            ),
            print_labels=lambda *_: self.weather.point("print"), backup=lambda _: self.weather.point("backup"),
            desk=self.desk,
        )  # fmt: skip

    def tick(self) -> Report | None:
        """One tick; None if the process died in it, after which there is a new one."""
        self.told.ticks += 1
        self.told.wrong += self.commits.wrong
        self.commits.wrong.clear()
        try:
            report = tick(self.shop)
        except BusyError:  # the sheet does not say yet, or not any more, who took over
            take_over(self)
            return None
        except NotSent as error:  # told, and tried again at the next tick
            if self.kind != "google":
                raise
            self.note(f"tick came to nothing: {error}")
            return None
        except Died as died:
            lose = self.rng.random() < 0.3
            self.note(f"dies {died}{', the journal is deleted' if lose else ''}")
            if lose:
                self.lose_journal()
            else:
                self.start()
            return None
        self.note(
            f"tick {'idle' if report.idle else f'wrote {report.written}, refused {report.refused}'}"
            f"{', blocked' if report.blocked else ''}{', pending' if report.pending else ''} {'; '.join(report.troubles)[:200]}"
        )
        if report.blocked:
            self.authorise()
        if self.service:
            self.told.wrong += self.way.look(self.hands)
        return report

    def authorise(self) -> None:
        """A person grants the shop's session anew."""
        store = self.sandbox._store
        with store.transaction():
            store.set_meta("session", {**store.meta("session"), "until": "2027-01-01 00:00:00"})

    def lose_journal(self) -> None:
        """The journal is deleted while the engine does not run."""
        if self.journal is not None:
            self.journal.close()
            self.journal = None
        self.forgotten |= self._known_to_the_journal_alone()
        remove_journal(self.journal_path)
        self.lost_journal = True
        self.start()

    def _known_to_the_journal_alone(self) -> set[tuple[str, str]]:
        """Numbers given back that the sheet does not say so of yet: the carrier hides them, or shows them like any
        other, so that even telling one cannot be held against the engine.
        """
        tags = ("forgotten waybills", *(["copied waybills"] if self.switches.cancelled_visible else []))
        shown = {row["waybill_code"] for row in self.hands.tables()["waybills"] if row["cancelled_at"]}
        history = self.history
        lost = {b.package for b in history.bought if b.code in history.cancelled - shown}
        return {(tag, package) for tag in tags for package in lost}

    def _deleted_unread(self) -> None:
        """Rows a person deletes before a new journal has read the sheet: nothing knows of them any more."""
        if self.lost_journal and self.journal is not None and self.journal.moment("cursor") is None:
            self.forgotten |= self._known_to_the_journal_alone()

    def note(self, what: str) -> None:
        """A line of the day's story."""
        self.told.story.append(f"{self.clock.now():%d %H:%M:%S} {what}")

    # -- the day -----------------------------------------------------------------------------------------------

    def live(self, sessions: int) -> None:
        """Ticks, with the person and the weather between and within them."""
        self.tick()
        for _ in range(sessions):
            self.clock.sleep(60 * self.rng.choice(STEPS))
            if self.service:
                self.service.settle_in()
                self.buyers.go_on(self.sandbox._store)
            if self.rng.random() < 0.7:
                self.human.work()
                self._deleted_unread()
            cloud_over(self)
            turn_back(self)
            second_computer(self)
            self.tick()
            if self.rng.random() < 0.02 and self.weather.strikes("journal"):
                self.note("the journal is deleted")
                self.lose_journal()

    def clear_up(self) -> None:
        """No more troubles; the person puts right what only people can, and answers what is asked."""
        self.weather.calm, self.weather.wire, self.weather.dies_in = True, 0.0, 0
        self.weather.rarely.now = ""
        self.store.open_elsewhere, self.store.meanwhile = False, None
        if isinstance(self.program, GoogleSide):
            self.program.calm()
        if self.program is not None:
            for moment in ("before_put", "after_guards", "after_put"):
                setattr(self.program, moment, lambda: None)
        self.shop_clock.jump = self.shop_clock.seconds = 0.0
        self.start()  # whoever puts a clock right starts the machine anew
        self.sandbox.set_faults(Faults(switches=self.switches))
        self.human.tidy()
        self.quiet()
        self.human.answer_deletion()
        self.quiet()
        if self.service and self.service.tracks:
            self.days_pass()

    def days_pass(self) -> None:
        """Parcels arrive, refunds end: nobody is at the sheet."""
        self.sandbox.set_faults(Faults(rules=self.buyers.on_the_way(), switches=self.switches))
        for left, hours in zip(reversed(range(len(ARRIVING))), ARRIVING, strict=True):
            if left == 1:
                self.sandbox.set_faults(Faults(switches=self.switches))
            self.clock.sleep(3600 * hours)
            self.tick()
        self.quiet()

    def quiet(self) -> None:
        """Tick until twice nothing is left to do. The engine has so many ticks for that from when the last buyer came."""
        idle, left, last = 0, QUIET_TICKS, self._last_order()
        while left:
            self.clock.sleep(420)
            left -= format_time(self.clock.now()) > last
            report = self.tick()
            idle = idle + 1 if report and is_quiet(report) else 0
            if idle == 2:
                return
        self.told.wrong.append(f"never became quiet in {QUIET_TICKS} ticks")

    def _last_order(self) -> str:
        """When the last of the orders that are still to come is placed: each keeps the shop busy for half an hour, and in
        a large world they come closer than that until midnight.
        """
        found = self.sandbox._store.row("SELECT MAX(at) FROM event WHERE kind = 'create'")
        return str(found[0] or "") if found else ""

    # -- judging -----------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Everything that must hold once the day has settled."""
        told = self.told
        told.wrong += self.commits.wrong
        told.wrong += lost_keystrokes(self.human, self.hands, over=not self.lost_journal)
        self._remove_keyless()
        before = self.hands.tables()
        report = self.tick()
        if report is None or not is_quiet(report):
            told.wrong.append(f"a further tick did something: {report}")
        told.wrong += [f"a further tick changed {one}" for one in differences(before, self.hands.tables())]
        history, outside = history_of(self.folder), outside_of(self.folder / "sandbox" / STATE_FILE)
        told.wrong += violations(history, outside, before, self.human.record.deleted | self._unwritable())
        told.wrong += held_orders_wait(history, self._holds())
        if self.service:
            told.wrong += served(self.service, history, outside, before, self.human.record)
            told.wrong += (
                ways_told(outside, before, self.sandbox, self.switches) if self.service.tracks else ()
            )
        told.orders, told.keystrokes = len(outside.trades), self.human.record.keystrokes
        told.struck, told.effects = self.weather.struck, history.effects()
        if isinstance(self.program, GoogleSide):
            told.struck += self.program.struck()

    def _unwritable(self) -> set[tuple[str, str]]:
        """Rows that were there twice or lost key or number, in a shop that lost its journal too: nothing knows them."""
        record = self.human.record
        numbers = {(table, key) for table, key, column in record.over if column == "waybill_code"}
        rows = record.copied | record.erased_rows | numbers
        if not self.lost_journal:
            return self.forgotten
        return self.forgotten | self.hidden_numbers() | {("copied " + table, key) for table, key in rows}

    def hidden_numbers(self) -> set[tuple[str, str]]:
        """Numbers typed over, in a shop that lost its journal and whose courier shows no cancelled ones."""
        if not self.lost_journal or self.switches.cancelled_visible:
            return set()
        over = self.human.record.over
        return {("hidden " + table, key) for table, key, column in over if column == "waybill_code"}

    def _holds(self) -> list[tuple[str, str, str]]:
        """What people stopped, in rows that were always there once: of the others nobody can say which row counts."""
        record = self.human.record
        unclear = {
            key for table, key in record.deleted | record.copied | record.erased_rows if table == "orders"
        }
        return [one for one in record.holds if one[0] not in unclear]

    def _remove_keyless(self) -> None:
        """Rows that lost their key for good are in a to-do; the person deletes them as that says."""
        removed = False
        for table in ("orders", "lines", "stock", "waybills"):
            while "" in self.hands.keys(table):
                if not any(
                    "没有" in row["reason"] and row["state"] == "open" for row in self.hands.tables()["todo"]
                ):
                    self.told.wrong.append(f"a row of {table} without a key is not in the to-dos")
                self.hands.delete(table, "")
                removed = True
        if removed:
            self.quiet()

    def close(self) -> None:
        """Let go of all files."""
        if self.journal is not None:
            self.journal.close()
        self.sandbox.stop()
        if isinstance(self.program, ExcelSide | GoogleSide | OfficeSide):
            self.program.close()

    @property
    def history(self) -> History:
        return history_of(self.folder)


def is_quiet(report: Report) -> bool:
    """Nothing was done and nothing waits. What is odd in the sheet may be looked at again and again."""
    done = report.written == report.refused == report.waiting == 0
    return report.idle or (done and not report.pending and not report.troubles)


def simulate(
    seed: int,
    folder: Path,
    *,
    kind: str = "memory",
    sessions: int = 24,
    change: Callable[[Day], None] | None = None,
) -> Told:
    """Live through one day and judge it. `change` may alter the day before it begins."""
    day = Day(seed, folder, kind=kind)
    try:
        if change:
            change(day)
        day.live(sessions)
        day.clear_up()
        day.judge()
    finally:
        day.close()
    return day.told


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)
