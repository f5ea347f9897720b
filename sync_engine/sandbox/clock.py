"""A clock that runs faster than life, so that a day of a shop can be watched in minutes."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sync_engine.clock import SHANGHAI


def real_now() -> datetime:
    """The machine's time in Shanghai with its fractions of a second: an origin for `SpeedClock`."""
    return datetime.now(SHANGHAI)


class SpeedClock:
    """Simulated time = `origin_sim` + (machine's time - `origin_real`) * `speed`.

    Any process given the three numbers tells the same simulated time, which is how a client of a running
    sandbox keeps within the gateway's ten minutes.
    """

    def __init__(self, origin_real: datetime, origin_sim: datetime, speed: float) -> None:
        if speed <= 0:
            raise ValueError("speed must be above 0")
        self.origin_real, self.origin_sim, self.speed = origin_real, origin_sim, speed

    def now(self) -> datetime:
        """The simulated time in Shanghai, whole seconds."""
        passed = (real_now() - self.origin_real).total_seconds() * self.speed
        return (self.origin_sim + timedelta(seconds=passed)).astimezone(SHANGHAI).replace(microsecond=0)

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of simulated time pass."""
        time.sleep(max(0.0, seconds) / self.speed)
