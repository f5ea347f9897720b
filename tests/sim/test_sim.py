"""A modest number of seeded days in the suite; `python -m tests.sim --seeds 0-999` lives through many."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.calc.office import missing
from tests.conftest import Counted
from tests.sim.__main__ import one_day
from tests.sim.day import Told, simulate
from tests.sim.human import ACTS
from tests.sim.plants import PLANTS, SEEDS, SLOW, Plant, first_day, money_by_halves
from tests.sim.shrink import Smaller, promise, shrink
from tests.sim.weather import KINDS

DAYS, GROUP = 30, 2
REPLAY = "replay: python -m tests.sim --seeds {} --store {} --sessions {}"


def check(told: Told, store: str, sessions: int, counted: Counted) -> None:
    """Fail with the end of the story and the command that plays it again."""
    if told.wrong:
        again = REPLAY.format(told.seed, store, sessions)
        pytest.fail(
            "\n".join([*told.story[-30:], *(f"! {line}" for line in told.wrong[:20]), again]), pytrace=False
        )
    struck = Counter({re.sub(r" at (before|after) .*", "", name): n for name, n in told.struck.items()})
    counted(
        {
            "days": 1,
            "orders": told.orders,
            "keystrokes": told.keystrokes,
            "ticks": told.ticks,
            "troubles": struck.total(),
        }
    )


@pytest.mark.parametrize("store", ("memory", "program"))
@pytest.mark.parametrize(
    "first", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(GROUP, DAYS // 2, GROUP))]
)
def test_days_with_a_person_at_the_sheet_and_bad_weather(
    first: int, store: str, record_property: object
) -> None:
    """In `program` the person also works within the engine's own write."""
    sums: Counter[str] = Counter()
    for seed in range(first, first + GROUP):
        check(one_day(seed, store, 24), store, 24, sums.update)
    record_property("counted", dict(sums))  # type: ignore[operator]


@pytest.mark.parametrize("seed", (3, pytest.param(11, marks=pytest.mark.long)))
def test_days_in_a_real_workbook(seed: int, counted: Counted) -> None:
    check(one_day(seed, "xlsx", 10), "xlsx", 10, counted)


@pytest.mark.parametrize(
    "seed", (pytest.param(4, marks=pytest.mark.long), pytest.param(7, marks=pytest.mark.long), 5)
)
def test_days_in_an_open_excel(seed: int, counted: Counted) -> None:
    """In 5 and 7 keys cannot be held up while the engine writes; 7 is a shop with service."""
    check(one_day(seed, "excel", 5), "excel", 5, counted)


def test_a_row_that_stood_twice_when_the_journal_was_made_anew(counted: Counted) -> None:
    """Its parcel left from another warehouse than the row, which could not be written, still says."""
    check(one_day(500_031, "memory", 24), "memory", 24, counted)


@pytest.mark.long
@pytest.mark.office
def test_a_day_in_an_open_libreoffice(counted: Counted) -> None:
    if missing():
        pytest.skip(missing())
    check(one_day(3, "office", 5), "office", 5, counted)


@pytest.mark.long
def test_a_day_that_goes_wrong_shrinks_to_what_it_needs() -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        money_by_halves(monkeypatch)
        day = Smaller(0, sessions=2)
        small = shrink(day)
        assert promise(small.live()) == promise(day.live()) != ""
    assert small.sessions == 0 and small.acts == set(ACTS) and small.troubles == set(KINDS)
    assert small.live().wrong == []
    with pytest.raises(ValueError, match="breaks no promise"):
        shrink(small)


def test_the_same_seed_gives_the_same_day(tmp_path: Path) -> None:
    one, two = (simulate(8, tmp_path / name, sessions=12) for name in ("one", "two"))
    assert one.effects == two.effects
    assert one.story == two.story
    assert one.struck == two.struck


@pytest.mark.parametrize(
    "plant",
    [pytest.param(plant, marks=pytest.mark.long) if plant in SLOW else plant for plant in PLANTS],
    ids=lambda plant: plant.__name__,
)
def test_a_planted_bug_is_found(plant: Plant) -> None:
    """On the day that showed it last; where the days have changed since, on one of the next."""
    seed = SEEDS[plant]
    assert (
        first_day(plant, range(seed, seed + 1))[0] is not None or first_day(plant, range(60))[0] is not None
    )
