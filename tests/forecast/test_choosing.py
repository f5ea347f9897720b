"""The choice by back-test: that it looks only back, that it finds what is there, and what it says of itself."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
import pytest

from formulas.forecast.campaigns import Campaign, daily, multiples, usual
from formulas.forecast.choosing import AHEAD, CLEARLY, LEAST, TRIALS, Trial, choose, forecast, picked, trials
from formulas.forecast.methods import CHOICES, MEAN, NAIVE
from formulas.forecast.smoothing import Floats
from tests.forecast.cases import series

FIRST = dt.date(2026, 1, 5)


def block(seed: int = 3, weeks: int = 40) -> Floats:
    """Twelve goods of four kinds."""
    chance = np.random.default_rng(seed)
    size = weeks * 7
    kinds = [chance.poisson(5, (size, 3)), chance.poisson(0.2, (size, 3)), chance.poisson(np.linspace(1, 12, size)[:, None], (size, 3))]  # fmt: skip
    kinds.append((chance.random((size, 3)) < 0.1) * chance.integers(1, 9, (size, 3)))
    return np.concatenate(kinds, axis=1).astype(np.float64)


@functools.cache
def tried() -> tuple[Trial, ...]:
    """The trials of those goods."""
    return tuple(trials(block()))


def test_a_trial_knows_nothing_of_what_came_after_it() -> None:
    days = block()
    changed = days.copy()
    first = tried()[0]
    changed[first.week * 7 :] = 1000.0
    (again,) = trials(changed[: (first.week + AHEAD) * 7], most=1)
    assert again.week == first.week
    for name in CHOICES:
        assert again.expected[name] == pytest.approx(first.expected[name])
    assert not np.array_equal(again.came, first.came)


def test_trials_count_for_goods_with_eight_weeks_of_history_only() -> None:
    days = block()
    days[: 25 * 7, 0] = 0.0
    found = trials(days, most=99, every=3)
    for trial in found:
        assert trial.week >= LEAST
        assert bool(trial.counts[0]) == (trial.week - 25 >= LEAST)
    assert {bool(trial.counts[0]) for trial in found} == {True, False}
    assert len(tried()) == TRIALS


def test_the_newest_trial_ends_with_the_history() -> None:
    days = block()
    newest = tried()[-1]
    assert newest.came.sum() == days[-AHEAD * 7 :].sum()


def test_measures_are_what_they_say() -> None:
    """Worked out anew, series by series, in plain Python."""
    days = block()
    done = tried()
    choice = choose(done, days)
    for column in range(days.shape[1]):
        name = CHOICES[choice.method[column]]
        gaps, came, scaled = [], 0.0, []
        for trial in done:
            week_gaps = [trial.expected[name][w, column] - trial.came[w, column] for w in range(AHEAD)]
            known = [days[7 * w : 7 * w + 7, column].sum() for w in range(trial.week)]
            start = next(number for number, value in enumerate(known) if value > 0)
            steps = [(b - a) ** 2 for a, b in zip(known[start:], known[start + 1 :], strict=False)]
            scaled.append((sum(g * g for g in week_gaps) / AHEAD / (sum(steps) / len(steps))) ** 0.5)
            gaps += week_gaps
            came += trial.came[:, column].sum()
        assert choice.rmsse[column] == pytest.approx(sum(scaled) / len(scaled))
        assert choice.wape[column] == pytest.approx(sum(map(abs, gaps)) / came)
        assert choice.bias[column] == pytest.approx(sum(gaps) / came)
        assert choice.deviation[column] == pytest.approx((sum(g * g for g in gaps) / len(gaps)) ** 0.5)


def test_the_mean_of_the_methods_is_left_only_for_what_was_clearly_better() -> None:
    """Worked out anew for each series, with the standard error of the difference."""
    days = block()
    done = tried()
    choice = choose(done, days)
    for column in range(days.shape[1]):
        own = {name: np.array([trial.rmsse(name)[column] for trial in done]) for name in CHOICES}
        clear = {MEAN: 0.0}
        for name in CHOICES:
            gain = own[MEAN] - own[name]
            if name != MEAN and gain.mean() > CLEARLY * gain.std(ddof=1) / len(done) ** 0.5:
                clear[name] = gain.mean()
        assert CHOICES[choice.method[column]] == max(clear, key=lambda name: clear[name])
    assert len({*choice.method.tolist()}) > 1


def test_goods_for_which_last_week_is_best_get_last_week() -> None:
    came = np.full((AHEAD, 1), 30.0)
    guesses = {name: came + (0.0 if name == NAIVE else 9.0) for name in CHOICES}
    scale, counts = np.ones(1), np.ones(1, dtype=np.bool_)
    done = [Trial(week, guesses, came, scale, counts) for week in (20, 22, 24)]
    choice = choose(done, np.full((196, 1), 30 / 7))
    assert CHOICES[choice.method[0]] == NAIVE
    assert not choice.beats_naive.any()
    assert CHOICES[choose(done[:2], np.full((196, 1), 30 / 7)).method[0]] == MEAN, "two trials are not enough"


def test_without_history_the_mean_of_all_is_taken_and_nothing_is_claimed() -> None:
    young = forecast(series()["short"][:, None])
    assert CHOICES[young.choice.method[0]] == MEAN
    assert np.isnan(young.choice.rmsse[0]) and not young.choice.beats_naive[0]
    assert forecast(np.array([[2.0], [4.0]])).weeks[:, 0] == pytest.approx(21.0)
    assert not forecast(np.zeros((0, 2))).weeks.any()


def test_each_series_gets_its_own_method() -> None:
    days = block()
    done = trials(days)[-1]
    method = np.arange(days.shape[1]) % len(CHOICES)
    mixed = picked(done.expected, method)
    for column, number in enumerate(method):
        assert np.array_equal(mixed[:, column], done.expected[CHOICES[number]][:, column])


def test_a_past_campaign_does_not_raise_what_follows_and_a_coming_one_is_expected() -> None:
    codes = ["BM-1", "BM-2"]
    past = Campaign(name="618", start=FIRST + dt.timedelta(days=60), end=FIRST + dt.timedelta(days=66), multiple=5, codes=frozenset({"BM-1"}))  # fmt: skip
    coming = Campaign(
        name="双11", start=FIRST + dt.timedelta(days=77), end=FIRST + dt.timedelta(days=78), multiple=8
    )
    sold = np.full((70, 2), 10.0)
    sold[60:67, 0] *= 5
    calm = usual(sold, multiples([past, coming], codes, FIRST, 70))
    assert calm == pytest.approx(10.0)
    ahead = daily(np.full((2, 2), 70.0), multiples([past, coming], codes, FIRST + dt.timedelta(days=70), 14))
    assert (
        ahead[:7] == pytest.approx(10.0)
        and ahead[7:9] == pytest.approx(80.0)
        and ahead[9:] == pytest.approx(10.0)
    )
    both = multiples([coming, coming], codes, coming.start, 1)
    assert both[0].tolist() == [64.0, 64.0]


@pytest.mark.data
def test_a_year_of_real_sales_is_forecast_better_than_by_the_plain_ways(shared_data: object) -> None:
    """Each moment's choice knows only the trials before it; the whole table is printed by `bench.forecast`."""
    from bench.forecast import backtest, read_year

    year = read_year()
    table = backtest(year.sum(axis=1)[:, ::4], first=28)
    for plain in ("naive", "mean4", "seasonal"):
        assert table["chosen"].rmsse < table[plain].rmsse
        assert table["chosen"].wape < table[plain].wape
