"""Campaigns: days on which a shop sells a multiple of what it usually does, like 618 and 双11.

What was sold on such a day is divided by its multiple before anything is forecast, and what is expected of such a day is
multiplied by it: so a past campaign does not raise the weeks after it, and a coming one is bought for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from formulas.forecast.smoothing import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """From `start` to `end`, both days included, `codes` (empty: all goods) sell `multiple` times as much."""

    name: str
    start: date
    end: date
    multiple: float
    codes: frozenset[str] = frozenset()


def multiples(campaigns: Sequence[Campaign], codes: Sequence[str], first: date, days: int) -> Floats:
    """What each day of each code is a multiple of, of shape (days, codes); campaigns on the same day multiply."""
    found = np.ones((days, len(codes)))
    place: Mapping[str, int] = {code: number for number, code in enumerate(codes)}
    for one in campaigns:
        low, high = max(0, (one.start - first).days), min(days, (one.end - first).days + 1)
        if low >= high or one.multiple <= 0:
            continue
        columns = (
            [place[code] for code in one.codes if code in place] if one.codes else list(range(len(codes)))
        )
        found[low:high, columns] *= one.multiple
    return found


def usual(days: Floats, multiple: Floats) -> Floats:
    """What would have been sold without campaigns."""
    return np.asarray(days / multiple)


def daily(weeks: Floats, multiple: Floats) -> Floats:
    """What is expected of each day to come: a seventh of its week times the day's multiple, of shape (days, series)."""
    days = len(multiple)
    number = np.minimum(np.arange(days) // 7, len(weeks) - 1)
    return np.asarray(weeks[number] / 7 * multiple)


def days_of(first: date, days: int) -> list[date]:
    """The dates from `first` on."""
    return [first + timedelta(days=number) for number in range(days)]
