"""`python -m tests.sim.shrink SEED [--store memory]`: the smallest day of that seed which still goes wrong, and its story.

The same seed with fewer sessions, with acts of the person left out, and with kinds of trouble left out, one after the
other, for as long as the same promise stays broken. What is left out is drawn all the same, so that the rest of the day
stays as it was.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.sim.day import Day, Told, simulate
from tests.sim.human import ACTS
from tests.sim.weather import KINDS


@dataclass(frozen=True)
class Smaller:
    """A day with something left out."""

    seed: int
    store: str = "memory"
    sessions: int = 24
    acts: frozenset[str] = frozenset()  # left out
    troubles: frozenset[str] = frozenset()  # left out

    def live(self, also: Callable[[Day], None] = lambda day: None) -> Told:
        """Live through it."""

        def change(day: Day) -> None:
            day.human.without = self.acts
            day.weather.without = self.troubles
            also(day)

        with tempfile.TemporaryDirectory() as room:
            return simulate(
                self.seed, Path(room) / "shop", kind=self.store, sessions=self.sessions, change=change
            )


def promise(told: Told) -> str:
    """Which promise was broken first, without the numbers of this very order."""
    return re.sub(r"[A-Z]*\d[\d-]*", "#", told.wrong[0])[:60] if told.wrong else ""


def shrink(day: Smaller, also: Callable[[Day], None] = lambda day: None) -> Smaller:
    """The smallest day that breaks the same promise."""
    broken = promise(day.live(also))
    if not broken:
        raise ValueError(f"seed {day.seed} breaks no promise")

    def breaks(smaller: Smaller) -> bool:
        return promise(smaller.live(also)) == broken

    low, high = 0, day.sessions
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if breaks(replace(day, sessions=middle)) else (middle + 1, high)
    if breaks(replace(day, sessions=high)):
        day = replace(day, sessions=high)
    for kind in KINDS:
        if breaks(less := replace(day, troubles=day.troubles | {kind})):
            day = less
    for act in ACTS:
        if breaks(less := replace(day, acts=day.acts | {act})):
            day = less
    return day


def main() -> int:
    """Shrink one seed and tell its story; 1 where it breaks no promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.shrink")
    parser.add_argument("seed", type=int)
    parser.add_argument("--store", choices=("memory", "program", "excel", "xlsx"), default="memory")
    parser.add_argument("--sessions", type=int, default=24)
    wanted = parser.parse_args()
    logging.disable()
    try:
        day = shrink(Smaller(wanted.seed, wanted.store, wanted.sessions))
    except ValueError as error:
        print(error)
        return 1
    told = day.live()
    print(*told.story, *(f"! {line}" for line in told.wrong), sep="\n")
    print(
        f"{day.sessions} sessions; needed: {sorted(set(ACTS) - day.acts)} and {sorted(set(KINDS) - day.troubles)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
