"""A rush: fifty scarce goods, two shops on one stock, calls lost, late and not sent.

    python -m bench.burst             5,000 orders over HTTP, two sandbox worlds, sets and choices and returns among them
    python -m bench.burst --memory    7,000 people within the engine's own calls, everything outside in memory

What counts is the last lines: pieces sold or on show beyond the stock after any tick (at any moment, in memory), and figures
told whose words do not add up to them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.measure import peak_memory, seconds
from sync_engine.intent import Intent, IntentKind
from tests.engine.http_rush import HttpRush, done, recomputed
from tests.engine.rush import Rush

PEOPLE, GOODS, PIECES = 7000, 50, (120, 190)


def in_memory() -> None:
    """Live through one rush and print what came of it."""
    rush = Rush(seed=1, codes=GOODS, pieces=PIECES)
    took = seconds(lambda: rush.live(PEOPLE))
    journal = rush.rig.journal
    assert journal is not None
    asked = [i for i in journal.intents.of(set(rush.sku_of.values())) if i.kind is IntentKind.STOCK]
    orders = sum(len(world.trades) for world in rush.worlds)
    out = sum(rush.sold[code] == there for code, there in rush.stock.items())
    print(
        f"{PEOPLE:,} people, {orders:,} orders, {sum(rush.sold.values()):,} of {sum(rush.stock.values()):,} pieces sold"
    )
    print(f"{out} of {GOODS} goods sold out; {len(asked):,} changes told, {took:.1f} s, {peak_memory()}")
    print(f"promised beyond the stock, at the worst moment: {rush.worst} pieces")


def over_http(people: int, goods: int, pieces: tuple[int, int], minutes: int) -> None:
    """The rush over HTTP, as a table."""
    with tempfile.TemporaryDirectory() as folder:
        rush = HttpRush(
            Path(folder) / "shop", codes=goods, people=people, minutes=minutes, pieces=pieces,
            tell=lambda text: print(text, file=sys.stderr, flush=True),
        )  # fmt: skip
        asked: list[Intent] = []
        took = seconds(lambda: asked.extend(rush.live()))
        sold, as_sets = rush.sold_by_part(), rush.sold()
        wrong = [text for one in done(asked) if (text := recomputed(one))]
        lines = (
            ("orders, two shops over HTTP", f"{rush.orders():,}"),
            ("people who came", f"{people:,}"),
            ("pieces sold, of pieces there were", f"{sum(sold.values()):,} of {sum(rush.stock.values()):,}"),
            ("kinds of goods sold out", f"{sum(sold[c] >= n + rush.back[c] for c, n in rush.stock.items())} of {goods}"),
            ("sets sold, choices sold", f"{sum(as_sets[c] for c in rush.sets):,}, {as_sets['ANY']:,}"),
            ("pieces that came back", f"{sum(rush.back.values())}"),
            ("figures told, calls that went wrong", f"{len(done(asked)):,}, {rush.troubles}"),
            ("ticks, seconds, memory", f"{rush.ticks}, {took:.0f} s, {peak_memory()}"),
            ("lines the platform marks as oversold", f"{rush.oversold()}"),
            ("sold beyond the stock, worst kind", f"{max(sold[c] - n - rush.back[c] for c, n in rush.stock.items())}"),
            ("sold or on show beyond it after any tick, worst kind", f"{rush.worst}"),
            ("figures whose words give another number", f"{len(wrong)}"),
        )  # fmt: skip
        for name, value in lines:
            print(f"{name:56}{value}")
        print(*wrong[:5], sep="\n")


def main() -> None:
    """One of the two."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--people", type=int, default=9000)
    parser.add_argument("--goods", type=int, default=GOODS)
    parser.add_argument("--pieces", type=int, nargs=2, default=(190, 290))
    parser.add_argument("--minutes", type=int, default=40)
    given = parser.parse_args()
    if given.memory:
        in_memory()
    else:
        over_http(given.people, given.goods, (given.pieces[0], given.pieces[1]), given.minutes)


if __name__ == "__main__":
    main()
