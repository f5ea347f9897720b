"""How often Python looks for the garbage that counting references leaves behind."""

from __future__ import annotations

import gc

CONTAINERS = 50_000
OLDER = 10


def spare_collector() -> None:
    """Look after 50,000 new containers instead of 700: a month's bill makes millions that all stay until it is written, and
    walking them again and again took a quarter of its time. What is let go is freed at once as ever.
    """
    gc.set_threshold(CONTAINERS, OLDER, OLDER)
