"""A rush: 7,000 people, fifty scarce goods, two shops on one stock, calls lost, late and not sent, orders that appear late.

The people buy within the engine's own calls. What counts is the last line: pieces promised beyond the stock, at the worst
moment of all.
"""

from __future__ import annotations

from bench.measure import peak_memory, seconds
from sync_engine.intent import IntentKind
from tests.engine.rush import Rush

PEOPLE, GOODS, PIECES = 7000, 50, (120, 190)


def main() -> None:
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


if __name__ == "__main__":
    main()
