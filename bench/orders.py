"""Orders a second, from the sandbox's gateway over HTTP into a new workbook: rows, couriers, waybills, labels.

    python -m bench.orders [--orders 1000]

Client and sandbox share one process and one core here, so half of the time is the sandbox's.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from datetime import datetime
from pathlib import Path

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.opening import init_folder, make_sandbox, open_shop
from sync_engine.shop import tick
from workbook_templates.schema import Lang

START = datetime(2026, 11, 11, tzinfo=SHANGHAI)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=1000)
    orders = parser.parse_args().orders
    with tempfile.TemporaryDirectory() as name:
        folder, clock = Path(name), VirtualClock(START)
        make_sandbox(init_folder(folder, Lang.ZH), seed=1, orders=orders, start=START, burst=True)
        with open_shop(folder, clock=clock) as opened:
            tick(opened.shop)  # the products
            clock.sleep(24 * 3600)
            start = time.perf_counter()
            report = tick(opened.shop)
            took = time.perf_counter() - start
    counts = report.counts
    print(f"  {counts.orders_new} orders, {counts.waybills} waybills with labels in one tick: {took:.1f} s, "
          f"{counts.orders_new / took:.0f} orders/s")  # fmt: skip
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
