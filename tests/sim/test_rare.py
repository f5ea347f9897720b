"""Troubles that are seldom met are looked for, and a soak says which of them proved little; people bear odd cells."""

from __future__ import annotations

from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from sync_engine.stores.memory import MemoryStore
from tests.sim.day import Day
from tests.sim.hands import MemoryHands
from tests.sim.human import Human
from tests.sim.judge import each_waybill_once
from tests.sim.judge_service import scanned_first
from tests.sim.mischief import turn_back
from tests.sim.outside import Bought, History, Outside, Told
from tests.sim.service import Scanned, Service
from tests.sim.weather import PLACES, RARELY, Died, Rarely, Weather, place_of
from tests.soak.__main__ import ENOUGH, EXPECTED, Part, _kind, report


def test_on_some_days_the_process_dies_where_it_seldom_would() -> None:
    """Two hundred days of 24 ticks, without a tick."""
    drawn, days = Counter[str](), 0
    for seed in range(200):
        rarely = Rarely(seed)
        for _ in range(24):
            rarely.draw()
            drawn[rarely.now] += 1
        days += rarely._one
    assert RARELY * 140 < days < RARELY * 260 and all(drawn[place] > ENOUGH for place in PLACES)
    assert not any(Rarely(None)._one for _ in range(9))


@pytest.mark.parametrize(("point", "place"), [
    ("before taobao.trade.memo.update", "before a call"), ("after UPDATE meta SET", "after a statement of the journal"),
    ("after write", "after another step"), ("print", "at print"), ("backup", "at backup"),
])  # fmt: skip
def test_it_dies_at_the_place_that_was_drawn_and_nowhere_else(point: str, place: str) -> None:
    weather = Weather(Random(1))
    weather.rarely.now, weather.rarely.passes = place, 2
    for other in ("before read", "after INSERT", "before x.y"):
        if place_of(other) != place:
            weather.point(other)
    weather.point(point)
    with pytest.raises(Died):
        weather.point(point)
    weather.point(point)  # the next process
    assert place_of(point) == place and [_kind(name) for name in weather.struck] == [f"died {place}"]


def test_a_soak_names_what_it_hardly_met_and_what_it_never_met() -> None:
    part = Part("days", struck=Counter(dict.fromkeys(EXPECTED[1:], ENOUGH) | {"crowd": 3}))
    told = report([part], 1)
    assert f"Struck fewer than {ENOUGH} times, so that they prove little here: crowd, {EXPECTED[0]}." in told
    part.struck.update({"crowd": ENOUGH, EXPECTED[0]: ENOUGH})
    assert "Struck fewer" not in report([part], 1)


@pytest.mark.parametrize(("num", "scanned"), [("3", 3), ("火星89", 1), ("", 1)])
def test_who_scans_reads_what_a_cell_shows_whatever_was_typed_over_it(num: str, scanned: int) -> None:
    store = MemoryStore()
    store.staff_insert("lines", -1, {"oid": "11", "outer_id": "A-1", "num": num})
    store.staff_insert("waybills", -1, {"package_id": "1-1", "oids": "11"})
    service = Service(cast(Human, SimpleNamespace(hands=MemoryHands(store), ship=None)), Random(1))
    assert service._pieces(["1-1"]) == {"A-1": scanned}


@pytest.mark.parametrize(
    ("state", "hidden", "excused"),
    [("cancelled", True, True), ("cancelled", False, False), ("printed", True, False)],
)
def test_only_a_number_nobody_can_name_any_more_may_be_typed_over(
    state: str, hidden: bool, excused: bool
) -> None:
    row = {"package_id": "1-1", "tid": "1", "state": state, "waybill_code": "火星29", "oids": ""}
    history = History(bought=[Bought(1, "", "1-1", "ZTO", "78", ("1",))], given_back=[(2, "78")])
    unknown = {("copied waybills", "1-1")} | ({("hidden waybills", "1-1")} if hidden else set())
    told = list(each_waybill_once(history, Outside({}, {}, {}), {"waybills": [row], "todo": []}, unknown))
    assert told == ([] if excused else ["the sheet shows 火星29 for 1-1, which nobody sold"])


@pytest.mark.parametrize(("rows", "scanned", "broken"), [(2, 2, 0), (2, 1, 1), (1, 2, 0), (1, 0, 1)])
def test_what_was_in_a_shared_parcel_is_asked_while_all_its_rows_are_there(
    rows: int, scanned: int, broken: int
) -> None:
    """Rows of an order that is done with may be deleted."""
    joined = "1001-1 1002-1"
    parcels = [
        {"package_id": f"{tid}-1", "waybill_code": "ZT1", "oids": tid, "state": "shipped", "joined": joined}
        for tid in ("1001", "1002")
    ]
    lines = [
        {"oid": tid, "outer_id": f"A-{tid}", "num": "1", "sku_id": "", "num_iid": ""}
        for tid in ("1001", "1002")
    ]
    pieces = tuple((f"A-{tid}", 1) for tid in ("1001", "1002")[:scanned])
    service = SimpleNamespace(
        settings={"ship_needs": "verify", "verify_mode": "goods"}, since="2026-11-11 09:00:00",
        scans=[Scanned("2026-11-11 14:00:00", "ZT1", pieces, "")] if scanned else [],
    )  # fmt: skip
    history = History()
    history.told.append(Told(1, "2026-11-11 14:10:00", "1001", "ZT1", "", True))
    tables = {"products": [], "lines": lines[:rows], "waybills": parcels[:rows]}
    assert len(list(scanned_first(cast(Service, service), history, tables))) == broken


def test_what_nobody_can_know_is_remembered_when_an_earlier_copy_comes_back() -> None:
    """A new journal read the number that was typed over; the copy's people never typed it."""
    over = {("hidden waybills", "1001-1")}
    human = SimpleNamespace(record=None, back_to=lambda record: over.clear())
    day = SimpleNamespace(
        weather=SimpleNamespace(calm=False, strikes=lambda name: True, struck=Counter()), yesterday=("book", "record"),
        rng=SimpleNamespace(random=lambda: 0.0), hands=SimpleNamespace(put_back=lambda book: None), human=human,
        way=SimpleNamespace(forget=lambda: None), journal=None, note=lambda what: None, forgotten=set(),
        hidden_numbers=lambda: set(over),
    )  # fmt: skip
    turn_back(cast(Day, day))
    assert day.forgotten == {("hidden waybills", "1001-1")} and day.yesterday is None
