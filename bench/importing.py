"""A back-office export into a new workbook, and the same file once more.

    python -m bench.importing [FILE]

Without FILE: the real order report beside the project where it is there, else as many made-up orders.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from sync_engine.clock import SHANGHAI
from sync_engine.importing import import_file
from sync_engine.opening import init_folder, open_shop
from sync_engine.sandbox.world import create_world
from workbook_templates.schema import Lang

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "tmall_order_report.csv"
ORDERS = 28_010


def made_up(path: Path) -> Path:
    """An order report of the oldest generation with as many rows as the real one."""
    rng = random.Random(7)
    with path.open("w", encoding="gbk", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ["订单编号", "总金额", "买家实际支付金额", "收货地址", "订单创建时间", "订单付款时间", "退款金额"]
        )
        for number in range(ORDERS):
            made, fen = (
                datetime(2020, 2, 1, tzinfo=SHANGHAI) + timedelta(minutes=number),
                rng.randrange(100, 90_000),
            )
            out.writerow(
                [
                    number + 1,
                    fen / 100,
                    fen / 100,
                    "上海",
                    f"{made:%Y-%m-%d %H:%M:%S}",
                    f"{made:%Y-%m-%d %H:%M:%S}",
                    0,
                ]
            )
    return path


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        file = given.file or (REAL if REAL.exists() else made_up(Path(name) / "export.csv"))
        config = init_folder(folder, Lang.ZH)
        create_world(
            config.room("sandbox"),
            seed=1,
            orders=0,
            start=datetime(2026, 11, 11, tzinfo=SHANGHAI),
            shop=config.shop,
        )
        for what in ("into a new workbook", "the same file again"):
            with open_shop(folder) as opened:
                start = time.perf_counter()
                done = import_file(opened.shop, file)
                took = time.perf_counter() - start
            print(
                f"  import {done.rows} rows, {what:<20} {took:8.3f} s   new {done.new}, changed {done.changed}"
            )
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
