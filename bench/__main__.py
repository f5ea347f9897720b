"""Every benchmark, one after the other, each in a process of its own so that its peak memory is its own."""

from __future__ import annotations

import subprocess
import sys

ALL = (
    "bench.tick",
    "bench.xlsx_write",
    "bench.importing",
    "bench.orders",
    "bench.hub",
    "bench.calc",
    "bench.pane",
    "bench.google",
    "bench.moves",
    "bench.stockroom",
    "bench.burst",
    "bench.bills",
    "bench.archive",
    "bench.books",
    "bench.quarter",
    "bench.year",
    "bench.forecast",
)


def main() -> int:
    """Run them; arguments go to `bench.tick`."""
    failed = 0
    for name in ALL:
        print(f"\n{name}", flush=True)
        given = sys.argv[1:] if name == "bench.tick" else []
        failed |= subprocess.run([sys.executable, "-m", name, *given], check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
