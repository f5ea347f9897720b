"""Time as a port: Asia/Shanghai, aware, whole seconds. The only module that may read the machine's clock."""

from __future__ import annotations

import time as _time
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Protocol

SHANGHAI = timezone(timedelta(hours=8), "CST")
"""China has had no daylight saving time since 1991, so a fixed offset is exact for every order of a Tmall shop."""

TMALL_FORMAT = "%Y-%m-%d %H:%M:%S"


class Clock(Protocol):
    """Tells and passes time."""

    def now(self) -> datetime:
        """The time in Shanghai, whole seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in Shanghai, whole seconds."""
        return datetime.now(SHANGHAI).replace(microsecond=0)

    def sleep(self, seconds: float) -> None:
        """Really wait."""
        _time.sleep(seconds)


class VirtualClock:
    """A clock that stands still until told otherwise; sleeping moves it. For demos and simulations.

    Args:
        creep: seconds that pass with every look at it, so that others act between and within the engine's calls.
    """

    def __init__(self, start: datetime, creep: float = 0.0) -> None:
        self._now, self._creep = start.astimezone(SHANGHAI), timedelta(seconds=creep)

    def now(self) -> datetime:
        """The simulated time, whole seconds."""
        self._now += self._creep
        return self._now.replace(microsecond=0)

    def sleep(self, seconds: float) -> None:
        """Let simulated time pass at once."""
        self._now += timedelta(seconds=seconds)

    def advance_to(self, moment: datetime) -> None:
        """Move on to `moment`; a moment in the past is ignored."""
        self._now = max(self._now, moment.astimezone(SHANGHAI))


@lru_cache(maxsize=8192)
def parse_time(text: str | None) -> datetime | None:
    """A platform time `yyyy-MM-dd HH:mm:ss` (GMT+8, no zone) as an aware datetime; None for empty."""
    if not text:
        return None
    if len(text) == len("yyyy-MM-dd HH:mm:ss") and text[10] == " " and text[5].isdigit():  # six times faster
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    return datetime.strptime(text, TMALL_FORMAT).replace(tzinfo=SHANGHAI)


@lru_cache(maxsize=8192)
def format_time(moment: datetime) -> str:
    """An aware datetime as the platform writes it."""
    return moment.astimezone(SHANGHAI).strftime(TMALL_FORMAT)


class Pace(Protocol):
    """Machine time for quotas and retries: it never jumps, whatever the shop's clock says."""

    def passed(self) -> float:
        """Seconds since some fixed moment."""
        ...

    def wait(self, seconds: float) -> None:
        """Really let time pass."""
        ...


class SystemPace:
    """The machine's own."""

    def passed(self) -> float:
        """Seconds since some fixed moment."""
        return _time.monotonic()

    def wait(self, seconds: float) -> None:
        """Really wait."""
        _time.sleep(seconds)
