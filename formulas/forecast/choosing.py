"""Which method suits which goods: a rolling-origin back-test on the shop's own history, and what it showed.

From several moments of the past each method forecasts the weeks that followed; its error is measured in units of what
one week's step usually was (RMSSE: Hyndman and Koehler 2006). A few trials say little of one kind of goods, and the best of
eight by a few trials is mostly luck: so the mean of the methods is taken, unless another one was better in the goods' own
trials by more than `CLEARLY` standard errors of the difference. "As last week" is one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from formulas.forecast.methods import CHOICES, MEAN, NAIVE, WEEK, all_forecasts, weeks_of
from formulas.forecast.smoothing import Floats, Whole, demand_of

AHEAD = 4  # weeks
LEAST = 8  # weeks of history a trial needs
TRIALS = 10
EVERY = 2  # weeks from trial to trial
CLEARLY = 2.0
ENOUGH = 3  # trials, before anything is clear


@dataclass(frozen=True, slots=True)
class Trial:
    """One forecast made in the past: what was expected, what came.

    `expected` and `came` are weekly totals of shape (ahead, series); `scale` is the mean square of a week's step before,
    `counts` says for which series the trial says anything.
    """

    week: int
    expected: Mapping[str, Floats]
    came: Floats
    scale: Floats
    counts: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

    def rmsse(self, method: str) -> Floats:
        """Root mean squared scaled error of each series."""
        squares = ((self.expected[method] - self.came) ** 2).mean(axis=0)
        return np.asarray(np.sqrt(squares / np.where(self.scale > 0, self.scale, 1.0)))


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for each series and how it did in the trials.

    Attributes:
        method: index into `CHOICES`.
        rmsse, naive_rmsse: mean over the trials of the series; nan without trials.
        wape: absolute error of a week over what was sold. bias: expected − came over what was sold; both nan without sales.
        deviation: root mean square of the error of one week, pieces; where there was no trial that of the history's own
            weeks, at least as much as sales by chance have (Poisson).
        trials: how many there were.
    """

    method: Whole
    rmsse: Floats
    naive_rmsse: Floats
    wape: Floats
    bias: Floats
    deviation: Floats
    trials: Whole

    @property
    def beats_naive(self) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether the chosen method did better in the trials than "as last week"."""
        return np.nan_to_num(self.rmsse, nan=np.inf) < np.nan_to_num(self.naive_rmsse, nan=np.inf)


def trials(days: Floats, *, most: int = TRIALS, every: int = EVERY, ahead: int = AHEAD, yardsticks: bool = False) -> list[Trial]:  # fmt: skip
    """The trials a history allows, the newest last."""
    weeks = weeks_of(days)
    last = len(weeks) - ahead
    starts = list(range(last, LEAST - 1, -every))[:most]
    return [_trial(days, weeks, week, ahead, yardsticks) for week in reversed(starts)]


def _trial(days: Floats, weeks: Floats, week: int, ahead: int, yardsticks: bool) -> Trial:
    cut = len(days) - (len(weeks) - week) * WEEK
    known = demand_of(weeks[:week])
    steps = np.diff(known.rows, axis=0) ** 2
    inside = np.arange(1, week)[:, None] > known.begin[None, :]
    scale = np.where(inside, steps, 0.0).sum(axis=0) / np.maximum(inside.sum(axis=0), 1)
    return Trial(
        week, all_forecasts(days[:cut], ahead, yardsticks=yardsticks), weeks[week : week + ahead], scale,
        (known.length >= LEAST) & (scale > 0),
    )  # fmt: skip


def choose(done: Sequence[Trial], days: Floats) -> Choice:
    """The method for each series: the mean of them all, or one that was clearly better in its trials."""
    count = days.shape[1]
    sums, gains, squares = ({name: np.zeros(count) for name in CHOICES} for _ in range(3))
    number = np.zeros(count, dtype=np.int64)
    for trial in done:
        number += trial.counts
        usual = trial.rmsse(MEAN)
        for name in CHOICES:
            own = trial.rmsse(name)
            gain = np.where(trial.counts, usual - own, 0.0)
            sums[name] += np.where(trial.counts, own, 0.0)
            gains[name] += gain
            squares[name] += gain**2
    clear = np.stack([_clear_gain(gains[name], squares[name], number) for name in CHOICES])
    clear[CHOICES.index(MEAN)] = 0.0
    return _measured(done, days, clear.argmax(axis=0).astype(np.int64), sums, number)


def _clear_gain(gains: Floats, squares: Floats, number: Whole) -> Floats:
    """The mean gain over the usual method, of series where it is clear; −1 elsewhere."""
    mean = gains / np.maximum(number, 1)
    spread = np.maximum(squares - number * mean**2, 0.0) / np.maximum(number - 1, 1)
    return np.where(
        (number >= ENOUGH) & (mean > CLEARLY * np.sqrt(spread / np.maximum(number, 1))), mean, -1.0
    )


def _measured(
    done: Sequence[Trial], days: Floats, method: Whole, sums: Mapping[str, Floats], number: Whole
) -> Choice:
    count = len(method)
    missed, over, sold, squares = (np.zeros(count) for _ in range(4))
    for trial in done:
        gap = np.where(trial.counts, picked(trial.expected, method) - trial.came, 0.0)
        missed += np.abs(gap).sum(axis=0)
        over += gap.sum(axis=0)
        squares += (gap**2).mean(axis=0)
        sold += np.where(trial.counts, trial.came, 0.0).sum(axis=0)
    chosen = np.stack([sums[name] for name in CHOICES])[method, np.arange(count)]
    tried = number > 0
    weeks = weeks_of(days)
    level = weeks.mean(axis=0) if len(weeks) else days.mean(axis=0) * WEEK if len(days) else np.zeros(count)
    own = np.maximum(weeks.std(axis=0) if len(weeks) else 0.0, np.sqrt(level))
    return Choice(
        method=method, rmsse=_over(chosen, number), naive_rmsse=_over(sums[NAIVE], number), wape=_over(missed, sold),
        bias=_over(over, sold), deviation=np.where(tried, np.sqrt(squares / np.maximum(number, 1)), own), trials=number,
    )  # fmt: skip


def _over(above: Floats, below: Floats | Whole) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=np.asarray(below) > 0))


def picked(forecasts: Mapping[str, Floats], method: Whole) -> Floats:
    """Of several methods' forecasts each series' own."""
    stacked = np.stack([forecasts[name] for name in CHOICES])
    return np.asarray(np.take_along_axis(stacked, method[None, None, :], axis=0)[0])


@dataclass(frozen=True, slots=True)
class Outlook:
    """What each series is expected to sell in the weeks to come, of shape (weeks, series), and how that was found."""

    weeks: Floats
    choice: Choice


def forecast(days: Floats, weeks_ahead: int = AHEAD) -> Outlook:
    """Choose by the past and look ahead; without a whole week of history the mean of the days there are.

    Args:
        days: pieces sold each day, of shape (days, series), the newest last.
        weeks_ahead: how many weeks to look ahead.
    """
    if len(days) < WEEK:
        level = days.mean(axis=0) * WEEK if len(days) else np.zeros(days.shape[1])
        return Outlook(np.repeat(level[None, :], weeks_ahead, axis=0), choose([], days))
    choice = choose(trials(days), days)
    return Outlook(picked(all_forecasts(days, weeks_ahead), choice.method), choice)
