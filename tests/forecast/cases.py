"""Series of every kind a shop has: steady, rising, weekly, rare, dead, short; made from a seed."""

from __future__ import annotations

import numpy as np

from formulas.forecast.smoothing import Floats

AHEAD = 9


def series() -> dict[str, Floats]:
    """Days of sales by name."""
    chance = np.random.default_rng(20261111)
    weekly = np.tile([3.0, 1, 1, 2, 4, 9, 8], 17)
    found = {
        "steady": chance.poisson(12, 119).astype(np.float64),
        "rising": chance.poisson(np.linspace(1, 30, 120)).astype(np.float64),
        "weekly": chance.poisson(weekly).astype(np.float64),
        "rare": chance.poisson(0.15, 366) * chance.integers(1, 6, 366).astype(np.float64),
        "very rare": (chance.random(200) < 0.03) * 2.0,
        "dying": np.concatenate([chance.poisson(6, 60), np.zeros(40)]).astype(np.float64),
        "late": np.concatenate([np.zeros(33), chance.poisson(2, 50)]).astype(np.float64),
        "jump": np.concatenate([chance.poisson(2, 50), chance.poisson(20, 47)]).astype(np.float64),
        "short": np.array([2.0, 0, 3, 1, 0, 0, 5, 2, 1]),
        "even": np.full(40, 4.0),
    }
    assert all(values.any() for values in found.values())
    return found
