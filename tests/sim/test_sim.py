"""A modest number of seeded days in the suite; `python -m tests.sim --seeds 0-999` lives through many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sim.__main__ import one_day
from tests.sim.day import Told, simulate
from tests.sim.plants import PLANTS, SEEDS, Plant, first_day

DAYS, GROUP = 24, 6
REPLAY = "replay: python -m tests.sim --seeds {} --store {} --sessions {}"


def check(told: Told, store: str, sessions: int) -> None:
    """Fail with the end of the story and the command that plays it again."""
    if told.wrong:
        again = REPLAY.format(told.seed, store, sessions)
        pytest.fail(
            "\n".join([*told.story[-30:], *(f"! {line}" for line in told.wrong[:20]), again]), pytrace=False
        )


@pytest.mark.parametrize("first", range(0, DAYS, GROUP))
def test_days_with_a_person_at_the_sheet_and_bad_weather(first: int) -> None:
    for seed in range(first, first + GROUP):
        check(one_day(seed, "memory", 24), "memory", 24)


@pytest.mark.parametrize("seed", (3, 11))
def test_days_in_a_real_workbook(seed: int) -> None:
    check(one_day(seed, "xlsx", 10), "xlsx", 10)


def test_the_same_seed_gives_the_same_day(tmp_path: Path) -> None:
    one, two = (simulate(8, tmp_path / name, sessions=12) for name in ("one", "two"))
    assert one.effects == two.effects
    assert one.story == two.story
    assert one.struck == two.struck


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant) -> None:
    """On the day that showed it last; where the days have changed since, on one of the next."""
    seed = SEEDS[plant]
    assert (
        first_day(plant, range(seed, seed + 1))[0] is not None or first_day(plant, range(60))[0] is not None
    )
