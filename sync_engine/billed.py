"""A classified bill row as a value. Tuples, for a month's bill makes a hundred thousand of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class Billed(NamedTuple):
    """What matching needs of a bill row. Yuan, in positive."""

    key: str
    account: str
    at: datetime
    amount: Decimal
    balance: Decimal
    tid: str
    trade_no: str
    item: str
    log_id: str
    remark: str = ""

    @property
    def month(self) -> str:
        """The month it was booked in, as 2026-10."""
        return f"{self.at:%Y-%m}"


class Moved(NamedTuple):
    """What proving a balance needs of a bill row. Yuan, in positive; `row` is its place among those it was read with."""

    row: int
    log_id: str
    at: datetime
    amount: Decimal
    balance: Decimal

    @property
    def opening(self) -> Decimal:
        """The account's balance before it."""
        return self.balance - self.amount
