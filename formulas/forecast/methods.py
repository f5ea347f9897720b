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
from workbook_templates.schema import Lang

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to forecast: weekly totals in, weekly totals to come out."""

    name: str
    zh: str
    en: str
    weekly: Callable[[Demand, int], Floats] | None = None  # None: works on days, or on the others
    yardstick: bool = False  # only to be compared with

    def label(self, lang: Lang) -> str:
        """What people call it."""
        return self.zh if lang is Lang.ZH else self.en


MEAN, WEEKDAYS, NAIVE = "mean", "weekdays", "naive"
METHODS: tuple[Method, ...] = (
    Method(name="ses", zh="指数平滑", en="exponential smoothing", weekly=ses),
    Method(name="theta", zh="Theta(一半趋势)", en="Theta", weekly=theta),
    Method(name="imapa", zh="IMAPA(多时段合并)", en="IMAPA", weekly=imapa),
    Method(name="sba", zh="SBA(间断销售)", en="SBA", weekly=sba),
    Method(name="tsb", zh="TSB(会停销)", en="TSB", weekly=tsb),
    Method(name=WEEKDAYS, zh="按星期几平滑", en="smoothed by weekday"),
    Method(name=MEAN, zh="以上平均", en="mean of the above"),
    Method(name=NAIVE, zh="照上周", en="as last week", weekly=naive),
    Method(name="mean4", zh="近四周平均", en="mean of four weeks", weekly=lambda d, h: window_mean(d, h, 4), yardstick=True),
    Method(name="seasonal", zh="照四周前", en="as four weeks ago", weekly=lambda d, h: seasonal_naive(d, h, 4), yardstick=True),
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
