"""The shop of a Double-11 hour: the real engine with its files, the real sandbox without a network, rules of every kind, some wrong."""

from __future__ import annotations

import random
import time
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.rush_world import START, Hour, create_hour
from sync_engine.carriers.cainiao import CainiaoCarrier
from sync_engine.clock import Clock, VirtualClock, format_time
from sync_engine.config import Config
from sync_engine.execute import Outside
from sync_engine.gather import Request
from sync_engine.journal.journal import Journal
from sync_engine.observe import held_for_good
from sync_engine.opening import init_folder
from sync_engine.parcel import Sender
from sync_engine.printing import Printer
from sync_engine.sandbox import credentials as own
from sync_engine.sandbox.server import Sandbox
from sync_engine.shop import Report, tick
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.tmall.client import TmallClient
from sync_engine.tmall.gateway import Files, Gateway
from workbook_templates.build import build_workbook
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang, Value

Rows = list[Mapping[str, Value]]
SENDER = Sender(
    name=own.SENDER_NAME, mobile=own.SENDER_MOBILE, province=own.SENDER_PROVINCE, city=own.SENDER_CITY,
    district=own.SENDER_DISTRICT, detail=own.SENDER_DETAIL,
)  # fmt: skip
WRONG = {
    "audit_rules": {"A901", "A902", "A903"},
    "split_rules": {"S901"},
    "gift_rules": {"G901"},
    "courier_rules": {"R901"},
}
"""Rows that cannot be meant: each says so beside itself and does nothing."""
MOMENTS = (9, 14, 26, 40, 55, 70, 90, 120, 150, 180)
"""Minutes after midnight at which the shop syncs."""
LOOKED_AT = {"orders": "stage", "products": "outer_id"}
"""The column of a tab that people go by."""
SETTINGS = {"auto_print": "否", "ship_when": "面单生成时", "audit_goods": "转人工", "push_stock": "否"}


def rule_rows() -> dict[str, Rows]:
    """Rules of every kind, with some that will not do among them."""
    rows = {name: list(found) for name, found in default_rows(Lang.ZH).items()}
    rows["settings"] = [
        {**row, "value": SETTINGS[str(row["setting"])]} if row["setting"] in SETTINGS else row for row in rows["settings"]
    ]  # fmt: skip
    audit: Rows = [
        {"rule_id": "A101", "priority": 60, "title": "备注说取消", "outcome": "cancel", "keywords": "取消"},
        {"rule_id": "A102", "priority": 50, "title": "老客户直放", "outcome": "pass", "keywords": "老客户"},
        {"rule_id": "A103", "priority": 40, "title": "西北等天气", "outcome": "hold", "provinces": "新疆、西藏、青海", "hold_until": START + timedelta(minutes=50)},
        {"rule_id": "A104", "priority": 35, "title": "核对后再发", "outcome": "hold", "keywords": "核对"},
        {"rule_id": "A105", "priority": 30, "title": "大额先看", "outcome": "person", "amount_from": Decimal(1200)},
        {"rule_id": "A106", "priority": 20, "title": "件数多先看", "outcome": "person", "pieces_from": 12},
        {"rule_id": "A107", "priority": 10, "title": "紫旗先看", "outcome": "person", "flags": "紫"},
        {"rule_id": "A901", "priority": 99, "title": "上下限反了", "outcome": "hold", "amount_from": Decimal(500), "amount_below": Decimal(100)},
        {"rule_id": "A902", "priority": 99, "title": "没有这种旗", "outcome": "hold", "flags": "粉红旗"},
        {"rule_id": "A903", "priority": 99, "title": "没有条件", "outcome": "hold"},
    ]  # fmt: skip
    rows["audit_rules"] += audit
    split: Rows = [
        {"rule_id": "S001", "priority": 20, "title": "猫砂单独装", "by": "alone", "skus": "BM-MS*"},
        {"rule_id": "S002", "priority": 10, "title": "一包最多8件", "by": "pieces", "limit": Decimal(8)},
        {"rule_id": "S901", "priority": 30, "title": "没写上限", "by": "weight"},
    ]
    rows["split_rules"] = split
    gifts: Rows = [
        {"rule_id": "G101", "priority": 30, "title": "满399送", "type": "band", "gifts": "GIFT-BIG×1", "amount_from": Decimal(399)},
        {"rule_id": "G102", "priority": 20, "title": "满199送", "type": "band", "gifts": "GIFT-A×1", "amount_from": Decimal(199), "amount_below": Decimal(399)},
        {"rule_id": "G103", "priority": 10, "title": "袜子每3双送", "type": "times", "gifts": "SOCK-X×1", "skus": "BM-WZ*", "every": 3, "most": 2},
        {"rule_id": "G901", "priority": 40, "title": "没写赠品", "type": "band", "amount_from": Decimal(1)},
    ]  # fmt: skip
    rows["gift_rules"] += gifts
    courier: Rows = [
        {"rule_id": "R101", "enabled": "yes", "priority": 95, "title": "写了顺丰就顺丰", "courier": "SF", "keywords": "顺丰"},
        {"rule_id": "R102", "enabled": "yes", "priority": 50, "title": "大件走德邦", "courier": "DBKD", "weight_from": Decimal(15)},
        {"rule_id": "R901", "enabled": "yes", "priority": 99, "title": "没选快递", "provinces": "浙江"},
    ]  # fmt: skip
    rows["courier_rules"] += courier
    return rows


def opened(
    folder: Path, rows: Mapping[str, Rows], clock: Clock, seed: int, make_world: Callable[[Path], None]
) -> tuple[Config, Sandbox, Shop]:
    """A new shop's folder with its workbook, its world as `make_world` writes it, and its engine: files, but no network."""
    folder.mkdir(parents=True)
    build_workbook(folder / "店铺.xlsx", Lang.ZH, shop="表猫演示旗舰店", rows=rows)
    config = init_folder(folder, Lang.ZH)
    make_world(config.room("sandbox"))
    sandbox = Sandbox(config.room("sandbox"), clock, seed=seed)
    journal = Journal(config.room("journal") / "journal.sqlite", clock.now())

    def send(_url: str, form: Mapping[str, str], _files: Files, _timeout: float) -> str:
        return sandbox.answer(form).body

    gateway = Gateway("sandbox", own.APP_KEY, own.APP_SECRET, own.SESSION, clock, transport=send)
    shop = Shop(
        name=config.shop, lang=Lang.ZH, journal=journal, clock=clock,
        store=XlsxStore(config.workbook, config.room("journal")),
        outside=Outside(
            tmall=TmallClient(gateway, known=held_for_good(journal)),
            carrier=CainiaoCarrier(gateway, sender=SENDER, user_id=own.SELLER_ID), clock=clock,
        ),
        print_labels=Printer(config, SENDER, clock), backup=lambda _: None,
    )  # fmt: skip
    return config, sandbox, shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """One tick: when, how long it took in seconds of this process, and what it did."""

    at: datetime
    busy: float
    report: Report


@dataclass
class Live:
    """The shop, its world and its people."""

    folder: Path
    orders: int
    seed: int
    step: float = 0.002
    tell: Callable[[str], None] = lambda _text: None
    ticks: list[Ticked] = field(default_factory=list)
    holds: list[tuple[str, datetime, datetime | None]] = field(
        default_factory=list
    )  # what staff stopped: order, since, until
    approved: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock, self.rng = (
            VirtualClock(START - timedelta(minutes=20), self.step),
            random.Random(f"people:{self.seed}"),
        )

        def world(room: Path) -> None:
            self.hour: Hour = create_hour(room, seed=self.seed, orders=self.orders)

        self.config, self.sandbox, self.shop = opened(self.folder, rule_rows(), self.clock, self.seed, world)
        self.people = XlsxStore(self.config.workbook, self.config.room("cache") / "people")
        self._seen: dict[str, dict[str, tuple[str, Value]]] = {}

    # -- the engine ----------------------------------------------------------------------------------------------

    def tick(self, *, waves: bool = False) -> Report:
        """One tick, with its time and what it did said."""
        at, begun = self.clock.now(), time.process_time()
        report = tick(self.shop, Request(waves=True, print_now=True) if waves else Request())
        self.ticks.append(Ticked(at=at, busy=time.process_time() - begun, report=report))
        counts = report.counts
        self.tell(
            f"{at:%H:%M:%S} {self.ticks[-1].busy:7.1f} s  new {counts.orders_new}, changed {counts.orders_changed}, "
            f"waybills {counts.waybills}, given back {counts.cancelled}, told {counts.shipped}, rows {report.written}"
            f"{' ' + '; '.join(report.troubles) if report.troubles else ''}"
        )
        return report

    def until(self, minutes: float) -> None:
        """Time passes until so many minutes after midnight."""
        self.clock.advance_to(START + timedelta(minutes=minutes))

    # -- the people ----------------------------------------------------------------------------------------------

    def see(self, table: str) -> dict[str, Value]:
        """What people look at in a tab, by key; rows that have not changed since the last look are not read again."""
        known = {
            name: {key: digest for key, (digest, _) in rows.items()} for name, rows in self._seen.items()
        }
        for name, view in self.people.read(known).tables.items():
            rows, column = self._seen.setdefault(name, {}), LOOKED_AT.get(name, "")
            rows |= {row.key: (row.digest, row.cells.get(column)) for row in view.changed}
            for key in view.gone:
                del rows[key]
        return {key: value for key, (_, value) in self._seen[table].items()}

    def type(self, table: str, rows: Mapping[str, Mapping[str, Value]]) -> None:
        """Somebody types into white cells."""
        token = self.people.read(self.shop.journal.rows.digests()).token
        edits = [RowEdit(table=table, key=key, cells=cells) for key, cells in rows.items()]
        done = self.people.write(edits, token)
        assert len(done.written) == len(edits), done

    def weigh(self) -> None:
        """Weights and bins of most goods."""
        rng, found = self.rng, dict[str, Mapping[str, Value]]()
        for key, outer_id in self.see("products").items():
            heavy = str(outer_id or "").startswith("BM-MS")
            grams = 10_200 if heavy else rng.randrange(120, 1400, 10)
            if rng.random() < 0.95:
                found[key] = {
                    "weight_g": Decimal(grams),
                    "bin": f"{rng.choice('ABCD')}-{rng.randint(1, 40):02d}",
                }
        self.type("products", found)

    def decide(self) -> None:
        """What staff do between two ticks: approve some, stop some, let some go on, choose a courier, keep some apart."""
        rng, rows, now = self.rng, self.see("orders"), self.clock.now()
        typed: dict[str, dict[str, Value]] = {}
        waiting = sorted(tid for tid, stage in rows.items() if stage == "person")
        for tid in waiting:
            if rng.random() < 0.25 and tid not in self.approved:
                typed[tid] = {"audit_ok": True}
        fresh = sorted(tid for tid, stage in rows.items() if stage == "buying")
        for tid in rng.sample(fresh, len(fresh) // 60):
            typed[tid] = rng.choice(({"hold": True}, {"courier_wanted": "YTO"}, {"keep_apart": True}))
        bought = sorted(tid for tid, stage in rows.items() if stage == "to_print")
        for tid in rng.sample(bought, len(bought) // 80):
            typed[tid] = {"hold": True}
        for at, (tid, since, until) in enumerate(self.holds):
            if until is None and rng.random() < 0.4:
                typed[tid] = {"hold": None}
                self.holds[at] = tid, since, now
        if typed:
            self.type("orders", typed)
        since = self.clock.now()
        self.approved |= {tid: since for tid, cells in typed.items() if cells.get("audit_ok")}
        self.holds += [(tid, since, None) for tid, cells in typed.items() if cells.get("hold")]

    @property
    def shown_when_approved(self) -> dict[str, str]:
        """The moment of the tick whose rows people saw when they approved, by order."""
        ticks = [one.at for one in self.ticks]
        return {tid: format_time(ticks[bisect(ticks, at) - 1]) for tid, at in self.approved.items()}

    # -- the hour --------------------------------------------------------------------------------------------------

    def live(self, check: Callable[[], None] = lambda: None, moments: Sequence[float] = MOMENTS) -> None:
        """Open the shop, let everybody come, work on until nothing is left to do.

        Args:
            check: called when the desk stands still for a moment.
            moments: minutes after midnight at which it syncs; the waves begin after 20.
        """
        self.tick()
        self.weigh()
        self.until(-5)
        self.tick()
        for minutes in moments:
            self.until(minutes)
            self.tick(waves=minutes >= 20)
            check()
            self.decide()
        for _ in range(12):
            self.clock.sleep(600)
            self.tick(waves=True)
            self.clock.sleep(60)
            if self.tick().idle:
                return
        raise AssertionError("never became quiet")

    def close(self) -> None:
        """Let go of all files."""
        self.shop.journal.close()
        self.sandbox.stop()
