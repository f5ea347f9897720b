"""A rush over HTTP: two shops with a sandbox world each, one workbook, bundles, choices, returns, and calls whose answers are lost.

Everything is counted from outside: what the worlds sold and show, and what the journal says was told and why.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.opening import Opened, init_folder, open_shop
from sync_engine.plan.bundling import parts_from
from sync_engine.sandbox.faults import Faults, Rule
from sync_engine.sandbox.rush import create_rush
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.staff import Desk
from sync_engine.services import sandbox_rooms
from sync_engine.shop import tick
from tests.sandbox.raw import Raw
from workbook_templates.build import build_workbook
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import LINES

START = datetime(2026, 11, 11, 0, 0, 0, tzinfo=SHANGHAI)
TOLD = "tmall.item.quantity.update"
TROUBLES = (
    Rule(kind="lost", api=TOLD, probability=0.10),  # done, and the answer never comes
    Rule(kind="isp", api=TOLD, probability=0.05, after=True),  # done, and an error is told
    Rule(kind="http", api=TOLD, probability=0.05),  # not done, and nobody can tell
    Rule(kind="http", api="taobao.trades.sold.increment.get", probability=0.02),
)


@dataclass
class HttpRush:
    """Scarce goods A-00 ..., sets SET-0 ... of two of them, one choice ANY among three of them."""

    folder: Path
    seed: int = 1
    codes: int = 50
    people: int = 7000
    minutes: int = 40
    pieces: tuple[int, int] = (150, 260)
    returns: int = 15
    pause: float = 45  # seconds between two ticks
    tell: Callable[[str], None] = lambda text: None
    stock: dict[str, int] = field(default_factory=dict)
    ticks: int = 0
    worst: int = -(
        10**9
    )  # most pieces of one kind that were sold or on show beyond what there was, after any tick
    troubles: int = 0
    back: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        rng = random.Random(self.seed)
        names = [f"A-{n:02d}" for n in range(self.codes)]
        self.stock = {code: rng.randint(*self.pieces) for code in names}
        self.sets = {
            f"SET-{n}": {names[2 * n]: 1, names[2 * n + 1]: 2} for n in range(min(4, self.codes // 4))
        }
        self.choice = tuple(names[-3:])
        config = init_folder(self.folder, Lang.ZH, shops=2)
        parts = [(code, part, times, False) for code, of in self.sets.items() for part, times in of.items()]
        parts += [("ANY", part, 1, True) for part in self.choice]
        rows = [
            {"bundle_id": f"B{n:03d}", "bundle": code, "part": part, "pieces": times, "pick_one": pick}
            for n, (code, part, times, pick) in enumerate(parts, 1)
        ]
        config.workbook.unlink()
        build_workbook(
            config.workbook, Lang.ZH, shop=config.shop, rows={"bundles": rows, "settings": _settings()}
        )
        self.rooms = sandbox_rooms(config)
        for number, (room, shop) in enumerate(zip(self.rooms, config.shops, strict=True), start=1):
            shown = {
                **(self.stock if number == 1 else dict.fromkeys(names, 0)),
                **dict.fromkeys(self.sets, 0),
                "ANY": 0,
            }
            people = self.people * (2 if number == 1 else 1) // 3
            create_rush(
                room, seed=self.seed, number=number, shop=shop, start=START, shown=shown, people=people, minutes=self.minutes
            )  # fmt: skip
            with Sandbox(room, VirtualClock(START)) as sandbox:
                sandbox.set_faults(Faults(rules=TROUBLES))

    # -- living through it -----------------------------------------------------------------------------------------

    def live(self) -> list[Intent]:
        """Open the shop, let everybody come, and tick on until it is quiet; gives what was told."""
        clock = VirtualClock(START, 0.03)
        with open_shop(self.folder, clock=clock) as opened:
            self._tick(opened)
            clock.sleep(120)
            self._tick(opened)
            clock.advance_to(START + timedelta(minutes=10))
            end = START + timedelta(minutes=self.minutes + 11)
            sent: list[tuple[str, str]] = []
            while clock.now() < end:
                clock.sleep(self.pause)
                self._tick(opened)
                if self.back:
                    continue
                if sent:
                    self._take_back(sent)
                elif self.orders() > self.people // 8:
                    sent = self._send(opened, clock)
            for _ in range(4):
                clock.sleep(700)
                self._tick(opened)
            asked = opened.shop.journal.intents.of(self._skus())
            self.lines = {
                row.key: dict(row.cells) for row in opened.shop.store.read({}).tables[LINES.name].changed
            }
            self.rows = {
                row.key: dict(row.cells) for row in opened.shop.store.read({}).tables["stock"].changed
            }
        return [intent for intent in asked if intent.kind is IntentKind.STOCK]

    def _tick(self, opened: Opened) -> None:
        report = tick(opened.shop)
        self.ticks += 1
        self.troubles += len(report.troubles)
        self.worst = max(self.worst, *self.beyond().values())
        self.tell(f"{report.at:%H:%M:%S} tick {self.ticks}: {self.orders():,} orders")

    def _send(self, opened: Opened, clock: VirtualClock) -> list[tuple[str, str]]:
        """Somebody in the first shop sends a few parcels without us: (oid, code)."""
        found = []
        with self._db(0) as db:
            docs = [json.loads(doc) for (doc,) in db.execute("SELECT doc FROM trade ORDER BY tid")]
        single = [
            doc for doc in docs if len(doc["orders"]) == 1 and doc["status"] == "WAIT_SELLER_SEND_GOODS"
        ]
        raw = Raw(opened.tmall._gateway._url, clock)
        for number, doc in enumerate(single[: self.returns]):
            answer = raw.ship(doc, f"YT{number:013d}")
            assert "sub_code" not in answer, answer
            if answer:
                found.append((str(doc["orders"][0]["oid"]), str(doc["orders"][0]["outer_sku_id"])))
        raw.close()
        return found

    def _take_back(self, sent: list[tuple[str, str]]) -> None:
        """Staff type that one piece of each came back."""
        desk = Desk(self.folder / "店铺.xlsx", LINES.zh)
        for oid, code in sent:
            row = desk.find(LINES.column("oid").zh, oid)
            desk.type(row, LINES.column("returned_qty").zh, 1)
            parts = parts_from(desk.see(row, LINES.column("parts").zh)) or {code: 1}
            self.back.update(parts)
        desk.save()

    # -- counting from outside ---------------------------------------------------------------------------------------

    @contextmanager
    def _db(self, shop: int) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.rooms[shop] / "state.sqlite", timeout=30)) as db:
            yield db

    def _skus(self) -> list[str]:
        return [key for shop in (0, 1) for key in self._rows(shop, "SELECT sku_id FROM sku")]

    def _rows(self, shop: int, sql: str) -> list[str]:
        with self._db(shop) as db:
            return [one for (one,) in db.execute(sql)]

    def orders(self) -> int:
        return sum(int(self._rows(shop, "SELECT count(*) FROM trade")[0]) for shop in (0, 1))

    def oversold(self) -> int:
        """Lines the platform itself marks: more sold than was on show."""
        return sum(
            '"is_oversold":true' in doc
            for shop in (0, 1)
            for doc in self._rows(shop, "SELECT doc FROM trade")
        )

    def sold(self) -> Counter[str]:
        """Pieces sold by code, sets and the choice as such."""
        found: Counter[str] = Counter()
        for shop in (0, 1):
            for doc in self._rows(shop, "SELECT doc FROM trade"):
                for line in json.loads(doc)["orders"]:
                    found[line["outer_sku_id"]] += line["num"]
        return found

    def shown(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for shop in (0, 1):
            for doc in self._rows(shop, "SELECT doc FROM sku"):
                sku = json.loads(doc)
                found[sku["outer_id"]] += sku["quantity"]
        return found

    def beyond(self) -> dict[str, int]:
        """Pieces sold or on show beyond what there is, by code; of the choice's parts all together."""
        taken = self.sold() + self.shown()
        for code, parts in self.sets.items():
            for part, times in parts.items():
                taken[part] += taken[code] * times
        over = {code: taken[code] - there - self.back[code] for code, there in self.stock.items()}
        group = sum(over[code] for code in self.choice) + taken["ANY"]
        return {**over, "ANY": group}

    def sold_by_part(self) -> Counter[str]:
        """Pieces sold of each single kind, as the sheet says what every line was made of."""
        found: Counter[str] = Counter()
        for shop in (0, 1):
            for doc in self._rows(shop, "SELECT doc FROM trade"):
                for line in json.loads(doc)["orders"]:
                    code = line["outer_sku_id"]
                    text = str((self.lines.get(str(line["oid"])) or {}).get("parts") or "")
                    for part, times in (parts_from(text) or {code: 1}).items():
                        found[part] += times * line["num"]
        return found


def _settings() -> list[Mapping[str, Value]]:
    """Nobody buys waybills in the rush: it is about stock."""
    return [
        {**row, "value": "否"} if row["setting"] == "auto_buy" else row
        for row in default_rows(Lang.ZH)["settings"]
    ]


_SUM = re.compile(
    r"盘点(\d+) − 发出(\d+) \+ 退回(\d+)(?: ([+−]) 其他出入(\d+))? = 在库(-?\d+);− 占用(\d+) − 安全(\d+) = (-?\d+),可卖(\d+)"
)
_OFFER = re.compile(
    r"^\(可售库存 (-?\d+) − 安全库存 (\d+)\) = (-?\d+);(?:别的店铺分走后只剩 \d+;)?显示 (\d+)"
)
_PART = re.compile(r"(\d+) 个 SKU 平分,这里 (\d+)")
_SET = re.compile(r"(\d+) × (?:([\d.]+)%|(\d+)(?:/(\d+))?)(?: ÷ (\d+))?")
_STEP = re.compile(r"应为 (\d+),别处降下之前先到 (\d+)$")


def recomputed(intent: Intent) -> str:
    """Work a told figure out again from the words it was told with; a sentence where that gives another one."""
    why, told = intent.doc["why"], int(intent.doc["quantity"])
    offer, part, step = _OFFER.search(why), _PART.search(why), _STEP.search(why)
    if offer is None or part is None:
        return f"not understood: {why}"
    sellable, safety, result, shows = map(int, offer.groups())
    if result != sellable - safety or shows != max(0, result):
        return f"offer: {why}"
    count, here = map(int, part.groups())
    if here not in (shows // count, shows // count + 1):
        return f"share: {why}"
    wanted = int(step[1]) if step else here
    if wanted != here or told != (int(step[2]) if step else here) or told > wanted:
        return f"told {told}: {why}"
    return _sum_wrong(why, sellable)


def _sum_wrong(why: str, sellable: int) -> str:
    """Whether the sum behind what is sellable is wrong: of single goods, of a set, of a choice."""
    if found := _SUM.search(why):
        counted, shipped, returned, there, reserved, safety, result, offered = (
            int(found[n]) for n in (1, 2, 3, 6, 7, 8, 9, 10)
        )
        other = int(found[5] or 0) * (-1 if found[4] == "−" else 1)
        right = counted - shipped + returned + other == there and there - reserved - safety == result
        return (
            "" if right and offered == max(0, result) and sellable <= max(offered, result) else f"sum: {why}"
        )
    each = []
    for pieces, percent, top, bottom, times in _SET.findall(why):
        share = Fraction(percent) / 100 if percent else Fraction(int(top), int(bottom or 1))
        each.append((int(pieces) * share).__floor__() // int(times or 1))
    made = sum(each) if "任选" in why else min(each)
    return "" if made >= sellable else f"parts give {made}: {why}"


def done(asked: list[Intent]) -> list[Intent]:
    """What was carried out."""
    return [intent for intent in asked if intent.state is IntentState.DONE]
