"""A classified bill row as a fact, and the items it may be (declared in workbook_templates/bill_items.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from workbook_templates.bill_items import (
    BY_ORDER,
    GROUPS,
    ITEM_BY_CODE,
    ITEM_CHOICES,
    ITEMS,
    OUTSIDE_PROFIT,
    UNCLASSIFIED,
    Group,
    Item,
    Sign,
)

__all__ = [
    "BY_ORDER", "GROUPS", "ITEMS", "ITEM_BY_CODE", "ITEM_CHOICES", "OUTSIDE_PROFIT", "UNCLASSIFIED", "BillFact", "Group", "Item",
    "Sign",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BillFact:
    """A bill row once it is classified: what posting, profit and matching work with. One row is one fact, never more.

    `key` is the row's key in 支付宝账单 (流水号 and leg). `amount` is signed: in is positive, out negative. `tid` is "" where
    the row belongs to no order; `order_month` ("2026-10") is the month of that order's payment, "" where unknown.
    """

    key: str
    account: str
    at: datetime
    amount: Decimal
    balance: Decimal
    item: str  # code of an Item
    tid: str = ""
    order_month: str = ""
    remark: str = ""

    @property
    def month(self) -> str:
        """The month of the bill it stands in: a refund of an earlier month's order counts in its own month."""
        return f"{self.at:%Y-%m}"

    @property
    def reverses(self) -> bool:
        """Whether it takes an earlier row back: a fee returned, a refund recalled."""
        sign = ITEM_BY_CODE[self.item].sign
        return (sign is Sign.IN and self.amount < 0) or (sign is Sign.OUT and self.amount > 0)

    @property
    def crosses_months(self) -> bool:
        """Whether its order is known to be of another month."""
        return self.order_month not in ("", self.month)
