"""Months of a shop's Alipay account for tests, from the sandbox's own truth."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sync_engine.clock import SHANGHAI
from sync_engine.sandbox.alipay.account import Entry, Sale, entries_of, of_month
from sync_engine.sandbox.alipay.files import Layout, bill_file

OCTOBER = datetime(2026, 10, 1, tzinfo=SHANGHAI)
NOVEMBER = datetime(2026, 11, 1, tzinfo=SHANGHAI)
DECEMBER = datetime(2026, 12, 1, tzinfo=SHANGHAI)


def sales(number: int, seed: int = 1, start: datetime = OCTOBER, days: int = 40) -> list[Sale]:
    """Sales of some weeks: most confirmed after days, some refunded before or after."""
    rng = random.Random(seed)
    found = []
    for n in range(number):
        paid_at = start + timedelta(seconds=rng.randrange(days * 86400))
        confirmed = paid_at + timedelta(days=rng.randrange(2, 12), seconds=rng.randrange(86400))
        paid = rng.randrange(500, 50_000)
        refunds: list[tuple[datetime, int]] = []
        if rng.random() < 0.1:
            refunds.append((paid_at + timedelta(hours=5), rng.choice((paid, paid // 2))))
        elif rng.random() < 0.1:
            refunds.append((confirmed + timedelta(days=3), rng.choice((paid, paid // 3))))
        found.append(Sale(
            tid=f"4611686018{n:09d}", paid=paid, paid_at=paid_at, confirmed_at=confirmed if rng.random() < 0.95 else None,
            refunds=tuple(refunds),
        ))  # fmt: skip
    return found


@cache
def year(number: int = 40, seed: int = 1) -> tuple[Entry, ...]:
    """Entries of October to December."""
    return tuple(entries_of(sales(number, seed), (OCTOBER, NOVEMBER, DECEMBER), seed))


def month(start: datetime = OCTOBER, number: int = 40, seed: int = 1) -> list[Entry]:
    """One month's entries."""
    end = (start + timedelta(days=32)).replace(day=1)
    return of_month(year(number, seed), start, end)


def write(
    folder: Path, start: datetime = OCTOBER, layout: Layout | None = None, defect: str = "", **more: int
) -> Path:
    """A month's file."""
    end = (start + timedelta(days=32)).replace(day=1)
    path = folder / f"bill{start:%Y%m}{defect}.zip"
    path.write_bytes(bill_file(month(start, **more), start, end, layout, defect))
    return path
