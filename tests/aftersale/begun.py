"""Shops that were begun once and are gone on with by many tests: each gets a copy, with a journal of its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.engine.rig import Rig


@cache
def _begun(begin: Callable[..., Rig], arguments: tuple[object, ...]) -> Rig:
    return begin(*arguments)


def gone_on(begin: Callable[..., Rig], *arguments: object, path: Path | None = None) -> Rig:
    """A copy of the shop that `begin` makes, as it is after its journal was lost and built anew."""
    held = _begun(begin, arguments)
    world, sheet, carrier = copy.deepcopy((held.world, held.sheet, held.carrier))
    rig = Rig(world=world, sheet=sheet, path=path)
    rig.carrier = carrier
    rig.start()
    rig.tick(0)
    rig.tick(15)
    rig.world.log.clear()
    rig.carrier.orders.clear()
    return rig
