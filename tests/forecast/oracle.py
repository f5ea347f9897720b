"""What statsforecast 2.1.1 says of the shared series: asked where it is installed, remembered in `agreed.json`.

python -m tests.forecast.oracle          (in an environment with statsforecast; writes agreed.json anew)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.forecast.cases import AHEAD, series

AGREED = Path(__file__).with_name("agreed.json")


def ask() -> dict[str, dict[str, Any]]:
    """Each method's forecast by series; of Theta also the weight and first level it found, and the squares they leave."""
    from statsforecast import models
    from statsforecast.theta import forecast_theta, thetamodel

    asked = {
        "ses": models.SimpleExponentialSmoothingOptimized(), "sba": models.CrostonSBA(), "tsb": models.TSB(0.2, 0.2),
        "imapa": models.IMAPA(), "weekdays": models.SeasonalExponentialSmoothingOptimized(season_length=7),
        "naive": models.Naive(), "seasonal": models.SeasonalNaive(season_length=7),
        "mean": models.WindowAverage(window_size=28),
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for name, values in series().items():
        able = {key: model for key, model in asked.items() if len(values) >= 28 or key != "mean"}
        said = {key: _clipped(model.forecast(values, AHEAD)["mean"]) for key, model in able.items()}
        none = float("nan")
        fitted = thetamodel(values, 1, "STM", none, none, none, 3)
        found[name] = {
            **said, "theta": _clipped(forecast_theta(fitted, AHEAD)["mean"]), "theta_weight": float(fitted["par"]["alpha"]),
            "theta_first": float(fitted["par"]["initial_smoothed"]), "theta_squares": float((fitted["residuals"][3:] ** 2).sum()),
        }  # fmt: skip
    return found


def _clipped(values: Any) -> list[float]:
    return [float(value) for value in np.maximum(values, 0.0)]


if __name__ == "__main__":
    AGREED.write_text(json.dumps(ask(), indent=1) + "\n", "utf-8")
    print(AGREED)
