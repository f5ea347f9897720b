"""A Double-11 hour: so many orders with every case of the order desk, through the real engine against the real sandbox.

    python -m bench.rush [--orders 20000] [--seed 11] [--keep FOLDER]

Everything is judged from outside: by the sandbox's and the courier's log, the papers, and the workbook opened by another program.
The engine and the sandbox run in this process, over files, without a network between them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.measure import peak_memory
from bench.rush_judge import Found, judge, look_at
from bench.rush_shop import MOMENTS, Live
from bench.rush_why import Reasons, check_reasons
from sync_engine.clock import format_time
from sync_engine.sandbox.world import STATE_FILE
from tests.sim.outside import outside_of
from tests.sim.sheets import read_workbook


class Watch:
    """Reads the workbook whenever the desk stands still, and checks every reason in it."""

    def __init__(self, live: Live, looks: int) -> None:
        self.live, self.looks = live, looks  # how many looks are still wanted
        self.judged: Counter[str] = Counter()
        self.wrong: list[str] = []  # each once, with the look that found it first
        self._found: set[str] = set()
        self.seen: list[Reasons] = []  # the last look

    def look(self) -> None:
        """Check what stands in the sheet now."""
        if not self.looks:
            return
        self.looks -= 1
        live, last = self.live, self.live.ticks[-1]
        now = Reasons(
            tables=read_workbook(live.config.workbook), outside=outside_of(live.folder / "sandbox" / STATE_FILE),
            seen=format_time(last.at), at=format_time(last.at), approved=live.shown_when_approved,
        )  # fmt: skip
        check_reasons(now)
        self.seen = [now]
        self.judged += now.judged
        self.wrong += [f"{last.at:%H:%M} {text}" for text in now.wrong if text not in self._found]
        self._found.update(now.wrong)


def rush(
    folder: Path, *, orders: int, seed: int, looks: int = 4, tell: Callable[[str], None] = lambda _text: None,
    moments: Sequence[float] = MOMENTS,
) -> tuple[Live, Watch, Found]:  # fmt: skip
    """Live through an hour in a folder and judge it.

    Args:
        looks: at how many moments every reason in the sheet is checked, besides the end.
        moments: minutes after midnight at which the shop syncs.
    """
    live = Live(folder, orders=orders, seed=seed, tell=tell)
    watch = Watch(live, looks)
    try:
        live.live(watch.look, moments)
        watch.looks = 1
        watch.look()
    finally:
        live.close()
    return live, watch, judge(look_at(live))


def tell(live: Live, watch: Watch, found: Found, began: float) -> None:
    """Print what came of it."""
    _table("orders by what became of them", found.counts, sum_of=True)
    _table("cases among them", found.cases)
    _table("parcels, lines, labels", found.facts)
    kinds = {"审单": "audit", "合单": "merging", "不合单": "not merging", "赠品": "gifts", "快递": "couriers"}
    said = Counter[str]()
    for name, times in watch.judged.items():
        said[kinds[name.split(" ")[0]]] += times
    _table(
        "reasons taken apart and found true" if not watch.wrong else "reasons taken apart", said, sum_of=True
    )
    busy = sorted((one.busy for one in live.ticks), reverse=True)
    wrong = [*watch.wrong, *found.wrong]
    print(
        f"\n{len(live.ticks)} ticks, {sum(busy):.0f} s of processor with the sandbox's part, the longest {busy[0]:.1f} s; "
        f"{time.perf_counter() - began:.0f} s in all, {peak_memory()}\nviolations: {len(wrong)}"
    )
    print(*wrong[:60], sep="\n")


def _table(title: str, values: Mapping[str, int], *, sum_of: bool = False) -> None:
    print(f"\n{title}")
    for name, value in values.items():
        print(f"  {name:<44}{value:>10,}")
    if sum_of:
        print(f"  {'= in all':<44}{sum(values.values()):>10,}")


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Live through it, judge it, say it; ends with 1 where anything was wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--keep", type=Path, help="leave the shop's folder here; it must not exist")
    given, began = parser.parse_args(), time.perf_counter()
    with tempfile.TemporaryDirectory() as room:
        result = rush(given.keep or Path(room) / "shop", orders=given.orders, seed=given.seed, tell=_say)
        tell(*result, began)
    if result[1].wrong or result[2].wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
