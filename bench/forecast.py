"""Forecasts of a year of real sales (16 stores, 864 SKUs) against the plain ways, and a replay of the year's purchases.

    python -m bench.forecast [--replay-only] [--stores]

At each moment of the back-test the method of each SKU is chosen from trials that had ended by then; what it expects of
the next four weeks is compared with what came. The replay buys once a week from a supplier that takes seven days, give
or take one and a half: by our proposals, by "thirty days of the mean", and by as
many days of the mean as bring the same stock, or the same service. A sale that finds no stock is lost.
The year is laptop_sales_2008 of the MIT package dmba.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from bench.measure import peak_memory
from formulas.forecast.choosing import AHEAD, TRIALS, choose, forecast, picked, trials
from formulas.forecast.methods import BY_NAME, CHOICES, WEEK, all_forecasts
from formulas.forecast.smoothing import Floats
from formulas.replenish import Expected, Policy, Terms, grade_of, levels, order_pieces
from workbook_templates.schema import Lang

YEAR = Path(__file__).resolve().parents[2] / "shared" / "data" / "laptop_sales_2008_daily_store_sku.csv.gz"
FIRST = date(2008, 1, 1)
DAYS = 366


def read_year() -> Floats:
    """Pieces by day, store and SKU."""
    with gzip.open(YEAR, "rt", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    stores, skus = (sorted({row[name] for row in rows}) for name in ("store", "sku"))
    store_at, sku_at = ({name: at for at, name in enumerate(names)} for names in (stores, skus))
    sold = np.zeros((DAYS, len(stores), len(skus)))
    for row in rows:
        day = (date.fromisoformat(row["date"]) - FIRST).days
        sold[day, store_at[row["store"]], sku_at[row["sku"]]] += int(row["units"])
    return sold


@dataclass(slots=True)
class Measured:
    """A method's errors added up over moments and series."""

    scaled: list[Floats] = field(default_factory=list)
    missed: float = 0.0
    over: float = 0.0
    came: float = 0.0

    @property
    def rmsse(self) -> float:
        """Mean over all trials of all series."""
        return float(np.concatenate(self.scaled).mean())

    @property
    def wape(self) -> float:
        """Absolute error over what was sold."""
        return self.missed / self.came


def backtest(days: Floats, *, first: int = 24, every: int = 2) -> dict[str, Measured]:
    """Errors by method, and of the method chosen at each moment, from week `first` on."""
    done = trials(days, most=99, every=every, yardsticks=True)
    table: dict[str, Measured] = {}
    for trial in done:
        if trial.week < first:
            continue
        ended = [one for one in done if one.week + AHEAD <= trial.week][-TRIALS:]
        cut = len(days) - (len(days) // WEEK - trial.week) * WEEK
        chosen = picked(trial.expected, choose(ended, days[:cut]).method)
        for name, weeks in {**trial.expected, "chosen": chosen}.items():
            gap = (weeks - trial.came)[:, trial.counts]
            one = table.setdefault(name, Measured())
            one.missed += float(np.abs(gap).sum())
            one.over += float(gap.sum())
            one.came += float(trial.came[:, trial.counts].sum())
            squares = (gap**2).mean(axis=0) / trial.scale[trial.counts]
            one.scaled.append(np.sqrt(squares))
    return table


def show(title: str, days: Floats, every: int) -> None:
    """Print one table."""
    start = time.perf_counter()
    table = backtest(days, every=every)
    tested = time.perf_counter() - start
    print(f"\n{title}: {days.shape[1]} series, weekly totals, four weeks ahead", flush=True)
    print(f"{'method':32} {'RMSSE':>7} {'WAPE':>7} {'bias':>7}")
    for name in sorted(table, key=lambda one: table[one].rmsse):
        one = table[name]
        label = "chosen by back-test" if name == "chosen" else BY_NAME[name].label(Lang.EN)
        print(f"{label:32} {one.rmsse:7.4f} {one.wape:7.4f} {one.over / one.came:+7.4f}")
    start, busy = time.perf_counter(), time.process_time()
    outlook = forecast(days)
    took, busy = time.perf_counter() - start, time.process_time() - busy
    picks = ", ".join(f"{name} {int((outlook.choice.method == n).sum())}" for n, name in enumerate(CHOICES))
    print(
        f"choosing and forecasting all once {took:.1f} s ({busy:.1f} s of one processor); the table above {tested:.1f} s; {peak_memory()}"
    )
    print(f"chosen: {picks}; {outlook.choice.beats_naive.mean():.0%} beat naive")


TERMS = Terms(lead_days=7, lead_deviation=1.5, order_days=frozenset({0}))
SERVICE = {"A": 0.99, "B": 0.97, "C": 0.93}


@dataclass(slots=True)
class Buyer:
    """Decides once a week: by our proposals, or by so many days of the mean of thirty."""

    thumb_days: float | None = None
    methods: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None = None
    deviation: Floats | None = None
    rounds: int = 0

    def order(self, history: Floats, position: Floats, today: date) -> Floats:
        """Pieces to order of each SKU."""
        if self.thumb_days is not None:
            return np.maximum(0.0, np.ceil(self.thumb_days * history[-30:].mean(axis=0)) - position)
        if self.methods is None or self.deviation is None or self.rounds % 4 == 0:
            choice = choose(trials(history), history)
            self.methods, self.deviation = choice.method, choice.deviation
        self.rounds += 1
        weeks = picked(all_forecasts(history, AHEAD), self.methods)
        daily = np.repeat(weeks / WEEK, WEEK, axis=0)
        sold = history[-12 * WEEK :].sum(axis=0)
        grades = grade_of({str(n): Decimal(int(amount)) for n, amount in enumerate(sold)})
        policy = Policy(service=SERVICE, cycle_days=WEEK)
        wanted = np.zeros(len(position))
        for n in range(len(position)):
            expected = Expected(daily=daily[:, n].tolist(), week_deviation=float(self.deviation[n]))
            found = levels(expected, TERMS, policy, grades[str(n)], today)
            wanted[n] = order_pieces(int(position[n]), found.reorder_at, found.up_to)
        return wanted


@dataclass(frozen=True, slots=True)
class Replay:
    """How a year went."""

    service: float  # pieces served of those asked for
    held: float  # pieces in stock at the end of a day, the mean
    orders: int  # lines ordered
    bought: int


def replay(sold: Floats, thumb_days: float | None = None, start: int = 70, seed: int = 5) -> Replay:
    """Live through the year from day `start` on, with three weeks of stock to begin with."""
    chance, buyer = np.random.default_rng(seed), Buyer(thumb_days)
    hand = np.ceil(sold[start - 28 : start].mean(axis=0) * 21)
    coming: list[tuple[int, Floats]] = []
    served = asked = held = 0.0
    orders = bought = 0
    for day in range(start, len(sold)):
        for _, pieces in (one for one in coming if one[0] == day):
            hand = hand + pieces
        coming = [one for one in coming if one[0] > day]
        today = FIRST + timedelta(days=day)
        if today.weekday() == 0:
            way = np.sum([pieces for _, pieces in coming], axis=0) if coming else np.zeros(len(hand))
            wanted = buyer.order(sold[:day], hand + way, today)
            orders += int((wanted > 0).sum())
            bought += int(wanted.sum())
            coming.append((day + max(1, round(7 + float(chance.normal(0, 1.5)))), wanted))
        taken = np.minimum(hand, sold[day])
        hand = hand - taken
        served, asked, held = served + taken.sum(), asked + sold[day].sum(), held + hand.sum()
    return Replay(service=served / asked, held=held / (len(sold) - start), orders=orders, bought=bought)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replay-only", action="store_true")
    parser.add_argument("--stores", action="store_true", help="the SKUs of each store too")
    given = parser.parse_args()
    if not YEAR.exists():
        print(f"{YEAR.name} is not here: nothing to measure")
        return
    year = read_year()
    by_sku = year.sum(axis=1)
    if not given.replay_only:
        show("864 SKUs", by_sku, every=2)
    if given.stores:
        by_store = year.reshape(DAYS, -1)
        show("SKUs in each of 16 stores", by_store[:, by_store.sum(axis=0) > 0], every=4)
    compare(by_sku)


def compare(sold: Floats) -> None:
    """The replay side by side: the rule of thumb, ours, and the rule with as many days as bring our stock or our service."""
    print(
        f"\n{'ten months replayed, 864 SKUs':40} {'service':>8} {'stock held':>11} {'orders':>8} {'bought':>9}"
    )
    start, busy = time.perf_counter(), time.process_time()
    line = "{:40} {:8.2%} {:11.0f} {:8} {:9}"

    def told(title: str, found: Replay) -> Replay:
        print(line.format(title, found.service, found.held, found.orders, found.bought), flush=True)
        return found

    told("30 days × mean, each week", replay(sold, 30))
    ours = told("our proposals", replay(sold))
    for title, short in (
        ("at our stock", lambda one: one.held < ours.held),
        ("at our service", lambda one: one.service < ours.service),
    ):  # fmt: skip
        low, high = 1.0, 120.0
        for _ in range(9):
            days = (low + high) / 2
            low, high = (days, high) if short(replay(sold, days)) else (low, days)
        told(f"{high:.1f} days × mean: {title}", replay(sold, high))
    print(
        f"replayed in {time.perf_counter() - start:.0f} s, {time.process_time() - busy:.0f} s of the processor"
    )


if __name__ == "__main__":
    main()
