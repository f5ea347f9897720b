"""What happens to the shop between two ticks: weather, a copy of the workbook put back, a second computer."""

from __future__ import annotations

from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from sync_engine.desks import TAKEN_OVER
from sync_engine.errors import BusyError
from sync_engine.journal.journal import Journal
from sync_engine.shop import tick
from sync_engine.stores.port import SheetStore
from sync_engine.stores.xlsx.store import XlsxStore
from tests.sim.in_google import GoogleSide
from tests.stores.grid_desk import MOMENTS, LittleProgram

if TYPE_CHECKING:
    from tests.sim.day import Day

BETWEEN = 0.15
"""How often people work between the engine's look and its write, or within that."""


def cloud_over(day: Day) -> None:
    """The troubles of the next tick."""
    weather, rng = day.weather, day.rng
    faults = weather.faults(day.switches)
    if day.service and not weather.calm:
        more = day.buyers.faults()
        faults = replace(faults, rules=(*faults.rules, *more))
        weather.struck.update(f"{rule.kind} of after-sale or tracking" for rule in more)
    day.sandbox.set_faults(faults)
    if weather.calm:
        return
    wire, dies_in = (
        rng.choice((0.0, 0.0, 0.0, 0.05, 0.3)),
        rng.choice((0, 0, 0, 0, 0, 0, 0, rng.randrange(1, 250))),
    )
    weather.wire = wire if weather.strikes("wire") else 0.0
    weather.dies_in = dies_in if weather.strikes("die") else 0
    weather.rarely.draw()
    weather.rarely.now = weather.rarely.now if weather.strikes("die") else ""
    jump = rng.choice((-86400.0, 86400.0)) if rng.random() < 0.02 else 0.0
    day.shop_clock.jump = jump if weather.strikes("clock") else 0.0
    if day.shop_clock.jump:
        day.note(f"the shop's clock jumps by {jump} seconds")
        weather.struck["clock jumps"] += 1
    day.store.open_elsewhere = rng.random() < 0.08 and weather.strikes("open elsewhere")
    weather.struck["open elsewhere"] += day.store.open_elsewhere
    meanwhile = rng.random() < BETWEEN
    moment = rng.choice(MOMENTS) if meanwhile and day.program is not None and rng.random() < 0.7 else ""
    meanwhile = meanwhile and weather.strikes("meanwhile")
    weather.struck["a person works between read and write"] += meanwhile and not moment
    day.store.meanwhile = day.human.work if meanwhile and not moment else None
    if meanwhile and moment:
        _slip_in(day, moment)


def _slip_in(day: Day, moment: str) -> None:
    """The person works within the engine's write, once there is one. Grey cells are protected: nobody types over one
    in the very moment in which it is written, but in Google Sheets, whose protection only warns.
    """

    def work() -> None:
        day.weather.struck[f"a person works {moment.replace('_', ' ')}"] += 1
        day.human.over_ours = isinstance(day.program, GoogleSide)
        day.human.work()
        day.human.over_ours = True

    if isinstance(day.program, LittleProgram):
        day.program.slip(moment, day.rng.randrange(2), work)
    else:
        setattr(day.program, moment, work)


def turn_back(day: Day) -> None:
    """Somebody puts a copy of the workbook back that was made some hours ago."""
    if day.weather.calm:
        return
    if day.yesterday is None:
        if day.rng.random() < 0.1:
            day.yesterday = (day.hands.take(), deepcopy(day.human.record))
    elif day.rng.random() < 0.06 and day.weather.strikes("yesterday"):
        book, record = day.yesterday
        day.yesterday = None
        day.forgotten |= day.hidden_numbers()  # a new journal may have read them
        day.hands.put_back(book)
        day.human.back_to(record)
        day.way.forget()
        if day.journal is not None and day.journal.moment("cursor") is None:
            day.forgotten |= day._known_to_the_journal_alone()
        day.note("a copy of the workbook made earlier is put back")
        day.weather.struck["yesterday's workbook"] += 1


def second_computer(day: Day) -> None:
    """Somebody starts Biaomao at home too: it stops before it does anything, unless told to take over."""
    if day.weather.calm or day.rng.random() > 0.04 or not day.hands.keys("log"):
        return
    if not day.weather.strikes("second computer"):
        return
    with closing(Journal(None, day.shop_clock.now())) as journal:
        calls = day.history.calls
        try:
            report = tick(replace(day.shop, journal=journal, store=_another_store(day), desk="LAPTOP"))
        except BusyError:
            day.weather.struck["a second computer"] += 1
        else:
            day.told.wrong.append(f"a second computer did something: {report}")
        if day.history.calls != calls:
            day.told.wrong.append("a second computer asked or did something outside")
    if day.rng.random() < 0.3:
        day.desk = "HOME" if day.desk == "FRONT" else "FRONT"
        day.note(f"{day.desk} takes over")
        day.weather.struck["another computer takes over"] += 1
        take_over(day)


def take_over(day: Day) -> None:
    """What the command leaves: a new journal that says so."""
    day.lose_journal()
    assert day.journal is not None
    with day.journal.transaction():
        day.journal.set_meta(TAKEN_OVER, "now")


def _another_store(day: Day) -> SheetStore:
    if day.kind == "xlsx":
        return XlsxStore(day.folder / "店铺.xlsx", day.folder / "home")
    return day.store.inner
