"""The methods a forecast is chosen from, each declared once, working on whole weeks counted back from the newest day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from formulas.forecast.smoothing import (
    Demand,
    Floats,
    combined,
    demand_of,
    imapa,
    naive,
    sba,
    seasonal_naive,
    seasonal_weekly,
    ses,
    theta,
    tsb,
    window_mean,
)
from workbook_templates.schema import Choice, Lang
from workbook_templates.tables.choices import FORECAST_METHODS

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to forecast: weekly totals in, weekly totals to come out."""

    choice: Choice  # its name, and what people call it
    weekly: Callable[[Demand, int], Floats] | None = None  # None: works on days, or on the others
    yardstick: bool = False  # only to be compared with

    @property
    def name(self) -> str:
        """What the engine calls it."""
        return self.choice.name

    def label(self, lang: Lang) -> str:
        """What people call it."""
        return self.choice.label(lang)


MEAN, WEEKDAYS, NAIVE = "mean", "weekdays", "naive"
_WEEKLY: Mapping[str, Callable[[Demand, int], Floats]] = {
    "ses": ses, "theta": theta, "imapa": imapa, "sba": sba, "tsb": tsb, NAIVE: naive,
}  # fmt: skip
METHODS: tuple[Method, ...] = (
    *(Method(choice=choice, weekly=_WEEKLY.get(choice.name)) for choice in FORECAST_METHODS),
    Method(choice=Choice("mean4", "近四周平均", "mean of four weeks"), weekly=lambda d, h: window_mean(d, h, 4), yardstick=True),
    Method(choice=Choice("seasonal", "照四周前", "as four weeks ago"), weekly=lambda d, h: seasonal_naive(d, h, 4), yardstick=True),
)  # fmt: skip
BY_NAME: Mapping[str, Method] = {method.name: method for method in METHODS}
CHOICES = tuple(method.name for method in METHODS if not method.yardstick)


def weeks_of(days: Floats) -> Floats:
    """Weekly totals; the oldest days that fill no week are left out."""
    whole = len(days) // WEEK
    return np.asarray(days[len(days) - whole * WEEK :].reshape(whole, WEEK, days.shape[1]).sum(axis=1))


def all_forecasts(days: Floats, weeks_ahead: int, *, yardsticks: bool = False) -> dict[str, Floats]:
    """What each method expects of the weeks to come.

    Args:
        days: pieces sold each day, of shape (days, series), the newest last; at least one week.
        weeks_ahead: how far to look.
        yardsticks: whether the plain ones that are never chosen are wanted too.
    """
    weekly = demand_of(weeks_of(days))
    wanted = [method for method in METHODS if method.weekly and (yardsticks or not method.yardstick)]
    found = {method.name: method.weekly(weekly, weeks_ahead) for method in wanted if method.weekly}
    daily = seasonal_weekly(demand_of(days), weeks_ahead * WEEK, WEEK)
    found[WEEKDAYS] = daily.reshape(weeks_ahead, WEEK, days.shape[1]).sum(axis=1)
    found[MEAN] = combined(tuple(found[name] for name in CHOICES if name not in (MEAN, NAIVE)))
    return {method.name: found[method.name] for method in METHODS if method.name in found}
