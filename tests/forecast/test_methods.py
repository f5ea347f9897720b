"""Every forecasting method: against statsforecast, and by the laws any forecast of sales keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.forecast import smoothing
from formulas.forecast.methods import CHOICES, METHODS, all_forecasts, weeks_of
from formulas.forecast.smoothing import Demand, Floats, demand_of
from tests.forecast import oracle
from tests.forecast.cases import AHEAD, series

Forecast = Callable[[Demand, int], Floats]
COMPARED: dict[str, Forecast] = {
    "ses": smoothing.ses, "sba": smoothing.sba, "tsb": smoothing.tsb, "imapa": smoothing.imapa,
    "weekdays": smoothing.seasonal_weekly, "naive": smoothing.naive, "seasonal": smoothing.seasonal_naive,
    "mean": smoothing.window_mean,
}  # fmt: skip
CLOSE = 1e-6


def remembered() -> dict[str, dict[str, Any]]:
    """What statsforecast said when it was asked last."""
    return dict(json.loads(oracle.AGREED.read_text("utf-8")))


def whole(values: Floats) -> Demand:
    """A block of one series that begins with its first row."""
    return demand_of(values[:, None], from_first_sale=False)


@pytest.mark.parametrize("name", series())
def test_each_method_says_what_statsforecast_says(name: str) -> None:
    """Rows before the first sale count as rows here, as they do there."""
    said, values = remembered()[name], series()[name]
    compared = [key for key in COMPARED if key in said]
    assert len(compared) >= 7
    for key in compared:
        assert COMPARED[key](whole(values), AHEAD)[:, 0] == pytest.approx(said[key], abs=CLOSE), key


@pytest.mark.parametrize("name", series())
def test_theta_says_the_same_for_the_same_weight_and_fits_no_worse(name: str) -> None:
    said, block = remembered()[name], whole(series()[name])
    weight, first = np.array([said["theta_weight"]]), np.array([said["theta_first"]])
    assert smoothing.theta_ahead(block, weight, first, AHEAD)[:, 0] == pytest.approx(said["theta"], abs=CLOSE)
    ours = smoothing.fit_theta(block)
    assert ours.squares[0] <= said["theta_squares"] * (1 + 1e-9) + 1e-12


def test_what_is_remembered_is_what_statsforecast_says() -> None:
    pytest.importorskip(
        "statsforecast", reason="statsforecast is not installed: only what it said before was compared"
    )
    for name, said in oracle.ask().items():
        for key, values in remembered()[name].items():
            assert said[key] == pytest.approx(values, abs=1e-9), (name, key)


@pytest.fixture(scope="module")
def block() -> Floats:
    length = 119
    block = np.stack([values[-length:] for values in series().values() if len(values) >= length], axis=1)
    block[:40, 0] = 0.0  # begins later than the others
    return block


@pytest.fixture(scope="module")
def together(block: Floats) -> dict[str, Floats]:
    return all_forecasts(block, 4)


@pytest.fixture(scope="module")
def alone(block: Floats) -> list[dict[str, Floats]]:
    return [all_forecasts(block[:, [column]], 4) for column in range(block.shape[1])]


@pytest.mark.parametrize("name", CHOICES)
def test_a_block_forecasts_as_its_series_do_alone(
    name: str, together: dict[str, Floats], alone: list[dict[str, Floats]]
) -> None:
    for column, one in enumerate(alone):
        assert together[name][:, column] == pytest.approx(one[name][:, 0], abs=1e-6)


days = st.lists(st.integers(0, 40), min_size=7, max_size=80).map(
    lambda one: np.array(one, dtype=np.float64)[:, None]
)


@given(days)
def test_no_forecast_is_below_nothing_or_not_a_number(sold: Floats) -> None:
    for name, weeks in all_forecasts(sold, 3, yardsticks=True).items():
        assert weeks.shape == (3, 1)
        assert np.isfinite(weeks).all() and (weeks >= 0).all(), name


@given(days, st.integers(1, 60))
def test_days_before_the_first_sale_change_nothing(sold: Floats, before: int) -> None:
    earlier = np.concatenate([np.zeros((before * 7, 1)), sold])
    first, then = all_forecasts(sold, 2), all_forecasts(earlier, 2)
    cut = weeks_of(sold)
    if sold.any() and cut.any() and len(sold) % 7 == 0:
        for name in CHOICES:
            assert then[name] == pytest.approx(first[name], rel=1e-6, abs=1e-6), name


@given(days)
def test_ten_times_the_sales_are_ten_times_the_forecast(sold: Floats) -> None:
    once, tenfold = all_forecasts(sold, 2), all_forecasts(sold * 10, 2)
    for name in CHOICES:
        assert tenfold[name] == pytest.approx(once[name] * 10, rel=1e-4, abs=1e-3), name


def test_goods_that_sell_the_same_every_day_go_on_so() -> None:
    for name, weeks in all_forecasts(np.full((70, 2), 3.0), 4, yardsticks=True).items():
        expected = 21.0 * (smoothing.SBA if name == "sba" else 1)
        if name == "mean":
            expected = 21.0 * (5 + smoothing.SBA) / 6
        assert weeks == pytest.approx(expected, rel=1e-3), name


def test_goods_that_never_sold_are_expected_not_to() -> None:
    for weeks in all_forecasts(np.zeros((70, 3)), 4, yardsticks=True).values():
        assert not weeks.any()


def test_dead_goods_fade_out_with_tsb_and_not_with_sba() -> None:
    dying = series()["dying"][:, None]
    found = all_forecasts(dying, 1)
    assert found["tsb"][0, 0] < found["sba"][0, 0] / 3


def test_every_method_has_a_name_in_both_languages() -> None:
    assert (
        len({method.choice.zh for method in METHODS})
        == len({method.choice.en for method in METHODS})
        == len(METHODS)
    )
