"""`python -m tests.sim --seeds 0-999`: many seeded days, each replayed by its number."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.sim.day import Told, simulate

FAST_DISK = Path("/dev/shm")


def one_day(seed: int, kind: str, sessions: int) -> Told:
    """A day in a folder of its own; a broken engine is a violation too."""
    folder = Path(tempfile.mkdtemp(prefix="sim-", dir=FAST_DISK if FAST_DISK.is_dir() else None))
    try:
        return simulate(seed, folder / "shop", kind=kind, sessions=sessions)
    except Exception:
        return Told(seed, wrong=[traceback.format_exc()])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run the seeds; 1 if any of them broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim")
    parser.add_argument("--seeds", default="0-99", help="one number, or first-last")
    parser.add_argument(
        "--store", choices=("memory", "program", "excel", "google", "office", "xlsx"), default="memory"
    )
    parser.add_argument("--sessions", type=int, default=24, help="how often the person works")
    parser.add_argument(
        "--story", type=int, default=25, help="last lines of the story of a day that went wrong"
    )
    wanted = parser.parse_args()
    first, _, last = wanted.seeds.partition("-")
    logging.disable()
    began, bad, struck, sums = time.monotonic(), [], Counter[str](), Counter[str]()
    for seed in range(int(first), int(last or first) + 1):
        told = one_day(seed, wanted.store, wanted.sessions)
        struck.update(told.struck)
        sums.update(
            orders=told.orders, ticks=told.ticks, keystrokes=told.keystrokes, effects=len(told.effects)
        )
        if told.wrong:
            bad.append(seed)
            print(
                f"seed {seed} ({wanted.store}):",
                *[f"  {line}" for line in told.story[len(told.story) - wanted.story :]],
                sep="\n",
            )
            print(*[f"  ! {line}" for line in told.wrong[:12]], sep="\n", flush=True)
            print(
                f"  replay: python -m tests.sim --seeds {seed} --store {wanted.store} --sessions {wanted.sessions}"
            )
    days = int(last or first) - int(first) + 1
    print(
        f"{days} days, {len(bad)} broke a promise {bad[:30]}, {time.monotonic() - began:.0f} s; {dict(sums)}"
    )
    print("troubles:", ", ".join(f"{name} {times}" for name, times in sorted(struck.items())))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
