"""Stock as values: what a line means for it, sums since a count, and the SKUs that share a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync_engine.trade import Sku


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """What one order line means for stock, in pieces."""

    oid: str
    tid: str
    stock_code: str
    reserved: int = 0
    shipped: int = 0
    shipped_at: datetime | None = None
    returned: int = 0
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSums:
    """Pieces of one stock code since its count."""

    reserved: int
    shipped: int
    returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSku:
    """A SKU with how often we have set its stock."""

    sku: Sku
    stock_code: str
    revision: int
