"""A classified bill row as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
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
