"""Forecasting methods over many series at once: naive ones, exponential smoothing, Theta, and those for rare sales.

A block of series is a `Demand`: one column a series, one row a day (or week), the newest last. A series begins in its own
row; what stands above is 0 and counts as never having been. Each method gives what it expects of the rows to come,
never less than 0, of shape (ahead, series).

Sources: simple exponential smoothing (Brown 1956) with its weight found by golden section on the squared one-step errors;
Croston (1972) with Syntetos and Boylan's correction of 0.95 (2005); Teunter, Syntetos and Babai (2011); IMAPA
(Petropoulos and Kourentzes 2015); Theta (Assimakopoulos and Nikolopoulos 2000) in the form of Fiorucci et al. (2016).
Initial values and bounds are those of statsforecast 2.1.1, against which the tests compare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_GOLDEN = (5**0.5 - 1) / 2
_TOLERANCE = 1e-8
SBA = 0.95
"""Syntetos and Boylan's correction of Croston's bias for its weight of 0.1."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A block of series.

    Args:
        rows: pieces, of shape (time, series), the newest last; 0 above a series' begin.
        begin: the first row of each series.
    """

    rows: Floats
    begin: Whole

    @property
    def length(self) -> Whole:
        """How many rows each series has."""
        return len(self.rows) - self.begin

    def until(self, row: int) -> Demand:
        """What was known before `row`; series that begin later are empty."""
        return Demand(self.rows[:row], np.minimum(self.begin, row))

    def pick(self, which: NDArray[np.bool_] | Whole) -> Demand:
        """Some of the series."""
        return Demand(np.ascontiguousarray(self.rows[:, which]), self.begin[which])


def demand_of(rows: Floats, *, from_first_sale: bool = True) -> Demand:
    """A block whose series begin with their first sale, or all with the first row."""
    sold = rows > 0
    first = np.where(sold.any(axis=0), sold.argmax(axis=0), len(rows))
    begin = first if from_first_sale else np.zeros(rows.shape[1], dtype=np.int64)
    return Demand(np.asarray(rows, dtype=np.float64), begin.astype(np.int64))


# -- smoothing a block -----------------------------------------------------------------------------------------------


def smooth(demand: Demand, weight: Floats | float) -> tuple[Floats, Floats]:
    """Simple exponential smoothing: the level after the last row, and the sum of squared one-step errors."""
    count = demand.rows.shape[1]
    level, squares = np.zeros(count), np.zeros(count)
    starts = _starts(demand)
    gap = np.empty(count)
    for row, values in enumerate(demand.rows):
        np.subtract(values, level, out=gap)
        beginning = starts.get(row)
        if beginning is not None:
            gap[beginning] = 0.0
            level[beginning] = values[beginning]
        squares += gap * gap
        gap *= weight
        level += gap
    return level, squares


def _starts(demand: Demand) -> dict[int, Whole]:
    order = np.argsort(demand.begin, kind="stable")
    rows, first = np.unique(demand.begin[order], return_index=True)
    return dict(zip(rows.tolist(), np.split(order, first[1:]), strict=True))


def best_weight(demand: Demand, low: float, high: float) -> Floats:
    """The weight between `low` and `high` with the least squared one-step errors."""
    return _golden(lambda weight: smooth(demand, weight)[1], low, high, demand.rows.shape[1])


def _golden(squares: Callable[[Floats], Floats], low: float, high: float, count: int) -> Floats:
    """Golden section for many series at once; where two weights do equally well, the middle between them."""
    left, right = np.full(count, low), np.full(count, high)
    inner, outer = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
    at_inner, at_outer = squares(inner), squares(outer)
    while count and (right - left).max() > _TOLERANCE:
        lower, even = at_inner < at_outer, at_inner == at_outer
        middle = (left + right) / 2
        left, right = np.where(lower, left, inner), np.where(lower, outer, right)
        left, right = np.where(even, middle, left), np.where(even, middle, right)
        kept, kept_at = np.where(lower, inner, outer), np.where(lower, at_inner, at_outer)
        width = _GOLDEN * (right - left)
        tried = np.where(lower, right - width, left + width)
        at_tried = squares(tried)
        inner, outer = np.where(lower, tried, kept), np.where(lower, kept, tried)
        at_inner, at_outer = np.where(lower, at_tried, kept_at), np.where(lower, kept_at, at_tried)
        at_outer = np.where(even, at_inner, at_outer)
    return np.asarray((left + right) / 2)


def _flat(level: Floats, ahead: int) -> Floats:
    """The same for every row to come, never below 0."""
    return np.repeat(np.maximum(level, 0.0)[None, :], ahead, axis=0)


# -- methods ---------------------------------------------------------------------------------------------------------


def naive(demand: Demand, ahead: int) -> Floats:
    """Tomorrow as today."""
    return _flat(demand.rows[-1], ahead)


def seasonal_naive(demand: Demand, ahead: int, season: int = 7) -> Floats:
    """Each weekday as it was last week; shorter series as if nothing had been sold before."""
    last = np.zeros((season, demand.rows.shape[1]))
    known = demand.rows[-season:]
    last[season - len(known) :] = known
    return np.maximum(last[np.arange(ahead) % season], 0.0)


def window_mean(demand: Demand, ahead: int, window: int = 28) -> Floats:
    """The mean of the last four weeks, or of what there is of them."""
    rows = demand.rows[-window:]
    days = np.clip(demand.length, 1, len(rows))
    return _flat(rows.sum(axis=0) / days, ahead)


def ses(demand: Demand, ahead: int) -> Floats:
    """Simple exponential smoothing; weight between 0.01 and 0.99."""
    return _flat(smooth(demand, best_weight(demand, 0.01, 0.99))[0], ahead)


def seasonal_weekly(demand: Demand, ahead: int, season: int = 7) -> Floats:
    """A smoothed level for each weekday of its own; a weekday without history gets the plain level."""
    size, count = demand.rows.shape
    plain = smooth(demand, 0.1)[0]
    whole = (
        size - demand.length // season * season
    )  # the first row of whole weeks, counted back from the newest
    rows = np.where(np.arange(size)[:, None] >= whole, demand.rows, 0.0)
    ahead_of = np.empty((season, count))
    for step in range(season):
        part_rows = rows[(size + step) % season :: season]
        part = Demand(part_rows, len(part_rows) - demand.length // season)
        level = smooth(part, best_weight(part, 0.01, 0.99))[0]
        ahead_of[step] = np.where(part.length > 0, level, plain)
    return np.maximum(ahead_of[np.arange(ahead) % season], 0.0)


def sba(demand: Demand, ahead: int) -> Floats:
    """Croston's size of a sale over the rows between sales, both smoothed by 0.1, times 0.95."""
    size, gap, _ = _sales(demand, 0.1)
    return _flat(SBA * np.divide(size, gap, out=np.zeros_like(size), where=gap > 0), ahead)


def tsb(demand: Demand, ahead: int, weight_size: float = 0.2, weight_chance: float = 0.2) -> Floats:
    """Size of a sale times the chance of one; the chance falls while nothing sells, so that dead goods fade out."""
    size, _, _ = _sales(demand, weight_size)
    chance, _ = smooth(Demand((demand.rows > 0).astype(np.float64), demand.begin), weight_chance)
    return _flat(size * chance, ahead)


def imapa(demand: Demand, ahead: int) -> Floats:
    """The mean of smoothed forecasts over blocks of 1, 2, 3 ... rows, up to the mean gap between sales."""
    _, _, gap = _sales(demand, 0.1)
    deepest = np.maximum(np.rint(gap), 1).astype(np.int64)
    total = np.zeros(demand.rows.shape[1])
    for block in range(1, int(deepest.max(initial=1)) + 1):
        which = np.flatnonzero(deepest >= block)
        part = _in_blocks(demand.pick(which), block)
        total[which] += smooth(part, best_weight(part, 0.1, 0.3))[0] / block
    return _flat(total / deepest, ahead)


def theta(demand: Demand, ahead: int) -> Floats:
    """Half the trend: a line through the series and a smoothed one, weight and first level by least squares."""
    fitted = fit_theta(demand)
    return theta_ahead(demand, fitted.weight, fitted.first, ahead)


def combined(parts: tuple[Floats, ...]) -> Floats:
    """The mean of several methods' forecasts."""
    return np.asarray(np.mean(np.stack(parts), axis=0))


# -- sales that are rare ---------------------------------------------------------------------------------------------


def _sales(demand: Demand, weight: float) -> tuple[Floats, Floats, Floats]:
    """Smoothed size of a sale, smoothed rows between sales, and their plain mean; 0 where nothing was sold."""
    count = demand.rows.shape[1]
    size, gap, seen = np.zeros(count), np.zeros(count), np.zeros(count)
    last = demand.begin - 1.0
    for row, values in enumerate(demand.rows):
        which = np.flatnonzero(values > 0)
        if not which.size:
            continue
        since, amount = row - last[which], values[which]
        again = seen[which] > 0
        size[which] = np.where(again, size[which] + weight * (amount - size[which]), amount)
        gap[which] = np.where(again, gap[which] + weight * (since - gap[which]), since)
        seen[which] += 1
        last[which] = row
    mean = np.divide(last + 1 - demand.begin, seen, out=np.zeros(count), where=seen > 0)
    return size, gap, mean


def _in_blocks(demand: Demand, block: int) -> Demand:
    """Sums of `block` rows, counted from the newest; rows that fill no block are left out."""
    size, count = demand.rows.shape
    blocks = size // block
    rows = demand.rows[size - blocks * block :].reshape(blocks, block, count).sum(axis=1)
    begin = blocks - demand.length // block
    rows[np.arange(blocks)[:, None] < begin[None, :]] = 0.0
    return Demand(rows, begin)


# -- Theta -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThetaFit:
    """Weight and first level of each series, with the mean of the squares they leave."""

    weight: Floats
    first: Floats
    squares: Floats


def fit_theta(demand: Demand) -> ThetaFit:
    """Weight and first level with the least squared errors from the fourth row on.

    For a weight, errors are linear in the first level: the best level is a division, and golden section finds the weight.
    """

    count = demand.rows.shape[1]
    weight = _golden(lambda tried: _theta_squares(demand, tried)[0], 0.1, 0.99, count)
    squares, first = _theta_squares(demand, weight)
    return ThetaFit(weight, first, squares)


def _line(demand: Demand) -> tuple[Floats, Floats]:
    """Intercept and slope of the line through each series, its rows numbered from 1."""
    number = np.maximum(demand.length, 1).astype(np.float64)
    at = np.arange(len(demand.rows))[:, None] - demand.begin[None, :] + 1.0
    mean = demand.rows.sum(axis=0) / number
    moment = (at * demand.rows).sum(axis=0) / number
    slope = np.where(number > 1, 6 * (2 * moment - (1 + number) * mean) / np.maximum(number**2 - 1, 1), 0.0)
    return mean - (number + 1) * slope / 2, slope


def _theta_squares(demand: Demand, weight: Floats) -> tuple[Floats, Floats]:
    """Least sum of squares for a weight, and the first level that reaches it."""
    cut, slope = _line(demand)
    count = demand.rows.shape[1]
    level, power = np.zeros(count), np.ones(count)  # level from a first level of 0; what one of 1 would leave
    square, mixed, powers = np.zeros(count), np.zeros(count), np.zeros(count)
    begin = demand.begin
    for row, values in enumerate(demand.rows):
        live = begin <= row
        tail = power * (1 - weight)
        drift = 0.5 * (cut * power + slope * (1 - tail) / weight)
        gap = values - level - drift
        counts = live & (row - begin >= 3)
        square += np.where(counts, gap * gap, 0.0)
        mixed += np.where(counts, gap * power, 0.0)
        powers += np.where(counts, power * power, 0.0)
        level = np.where(live, level + weight * (values - level), level)
        power = np.where(live, tail, power)
    first = np.divide(mixed, powers, out=np.zeros(count), where=powers > 1e-300)
    return square - first * mixed, first


def theta_ahead(demand: Demand, weight: Floats, first: Floats, ahead: int) -> Floats:
    """Theta's forecast for a given weight and first level; series of fewer than four rows get their mean."""
    cut, slope = _line(demand)
    length = demand.length
    level = first + np.zeros(demand.rows.shape[1])
    for row, values in enumerate(demand.rows):
        level = np.where(demand.begin <= row, level + weight * (values - level), level)
    short = demand.rows.sum(axis=0) / np.maximum(length, 1)
    coming = np.empty((ahead, demand.rows.shape[1]))
    for step in range(ahead):
        power = (1 - weight) ** (length + step)
        one = level + 0.5 * (cut * power + slope * (1 - power * (1 - weight)) / weight)
        coming[step] = np.where(length > 3, one, short)
        level = level + weight * (one - level)
    return np.maximum(coming, 0.0)
