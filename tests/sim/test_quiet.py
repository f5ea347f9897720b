"""How long a day waits until the shop is quiet: while buyers come, and then as long as the engine may take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync_engine.clock import format_time
from sync_engine.shop import Report
from tests.sim.day import QUIET_TICKS, START, Day

NOTHING = Report(at=START, idle=True)
SOMETHING = Report(at=START, written=1)


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    """A day of which nothing has been lived; its orders come until far into the night."""
    one = Day(3_100_960, tmp_path / "shop")
    yield one
    one.close()


def ticks(day: Day, monkeypatch: pytest.MonkeyPatch, busy: Callable[[str], bool]) -> list[str]:
    """The moments of the ticks of a day that is busy as long as `busy` says."""
    moments: list[str] = []

    def tick() -> Report:
        moments.append(format_time(day.clock.now()))
        return SOMETHING if busy(moments[-1]) else NOTHING

    monkeypatch.setattr(day, "tick", tick)
    day.quiet()
    return moments


def test_while_buyers_come_a_shop_need_not_fall_quiet(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    last = day._last_order()
    moments = ticks(day, monkeypatch, lambda now: now <= last)
    assert len(moments) > QUIET_TICKS and day.told.wrong == []
    assert [now > last for now in moments[-3:]] == [False, True, True]


def test_who_is_never_quiet_is_told_of(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    last = day._last_order()
    moments = ticks(day, monkeypatch, lambda _: True)
    assert sum(now > last for now in moments) == QUIET_TICKS
    assert day.told.wrong == [f"never became quiet in {QUIET_TICKS} ticks"]


def test_where_nobody_comes_any_more_every_tick_counts(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    with day.sandbox._store.transaction():
        day.sandbox._store.run("DELETE FROM event WHERE kind = 'create'")
    assert day._last_order() == ""
    assert len(ticks(day, monkeypatch, lambda _: True)) == QUIET_TICKS
