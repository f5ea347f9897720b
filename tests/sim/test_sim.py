"""A modest number of seeded days in the suite; `python -m tests.sim --seeds 0-999` lives through many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sync_engine import show
from sync_engine.carriers.cainiao import CainiaoCarrier
from sync_engine.journal.intents import IntentBook
from sync_engine.plan.merge import merge_row
from tests.sim.__main__ import one_day
from tests.sim.day import Told, simulate

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


Plant = Callable[[pytest.MonkeyPatch], None]


def never_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The carrier is never asked what it sold."""
    monkeypatch.setattr(CainiaoCarrier, "find", lambda self, tids: [])


def notes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal does not note a call before it is made."""
    monkeypatch.setattr(IntentBook, "calling", lambda self, keys, at: None)


def shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is typed over our cells is put back without a word."""
    monkeypatch.setattr(show, "merge_row", lambda *row: replace(merge_row(*row), put_back=()))


@pytest.mark.parametrize("plant", (never_asks, notes_nothing, shows_nothing))
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert any(one_day(seed, "memory", 24).wrong for seed in range(40))
