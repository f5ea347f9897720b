"""What the benchmarks share: a stopwatch, the memory a process took, and the command line of those that come in sizes."""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_memory() -> str:
    """The most memory this process held, in words."""
    return f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def each_size(about: str | None, run: Callable[..., None]) -> None:
    """`run(rows, skip=...)` for each size the command line names."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--skip-openpyxl", action="store_true")
    given = parser.parse_args()
    for rows in given.rows:
        run(rows, skip=given.skip_openpyxl)
