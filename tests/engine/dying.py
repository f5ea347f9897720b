"""A shop's life in steps, in which the process dies once, at the n-th point where it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.engine.rig import Rig
from tests.engine.test_crash import Counter, connect_with, quiet
from tests.engine.world import Died

Step = Callable[[], object]


def nothing(rig: Rig) -> None:
    """No more than that."""


def live_and_die(
    folder: Path,
    at: int,
    life: Callable[[Rig], Iterable[Step]],
    *,
    keep: bool,
    before: Callable[[Rig], object] = nothing,
    restarted: Callable[[Rig], object] = nothing,
) -> tuple[Rig, int]:
    """The shop at rest after its life, and how many points there were.

    Args:
        at: the point at which it dies; 0: nowhere.
        life: the steps; after each the engine runs until it is quiet.
        keep: whether the journal outlives the process.
        before: what comes before anything can die.
        restarted: what is done to each new process.
    """
    counter = Counter(at)
    counter.armed = False
    rig = Rig(path=folder / f"{at}-{keep}.sqlite", connect=connect_with(counter))
    before(rig)
    rig.world.before = rig.world.after = rig.sheet.before = rig.sheet.after = counter.point
    counter.armed = True
    for step in life(rig):
        step()
        try:
            quiet(rig)
        except Died:
            rig.start() if keep else rig.lose_journal()
            restarted(rig)
            quiet(rig)
            rig.world.clock.sleep(700)  # after a loss of the journal purchases rest for a while
            quiet(rig)
    counter.armed = False
    quiet(rig)
    return rig, counter.seen


def lost_and_killed_at(rig: Rig, point: int, ticks: int, between: Callable[[], None] = lambda: None) -> None:
    """Ticks, one of which is ended at this step of sheet or world with the journal gone; then calm. It must come to that step."""
    left = point

    def die(name: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt(name)

    rig.sheet.before = rig.sheet.after = die
    rig.world.before = rig.world.after = die  # type: ignore[method-assign]
    for _ in range(ticks):
        between()
        try:
            rig.tick(10)
        except KeyboardInterrupt:
            rig.lose_journal()
    rig.sheet.before = rig.sheet.after = lambda name: None
    rig.world.before = rig.world.after = lambda name: None  # type: ignore[method-assign]
    rig.settle()
    assert left <= 0, "it was killed"
