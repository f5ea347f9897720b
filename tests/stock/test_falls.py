"""Pieces that went from Tmall's figure without an order: waited for, and never forgiven while more of them go."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sync_engine.clock import SHANGHAI
from sync_engine.plan.telling import GRACE, fall_of
from sync_engine.stockroom import KnownSku
from sync_engine.trade import Sku

NOON = datetime(2026, 11, 11, 12, tzinfo=SHANGHAI)


def known(quantity: int, *, fell_at: datetime | None = None, missing: int = 0) -> KnownSku:
    sku = Sku(
        num_iid="7", sku_id="1", outer_id="A", title="鞋", sku_text="", price=Decimal(9), quantity=quantity, status="onsale"
    )  # fmt: skip
    return KnownSku(sku=sku, stock_code="A", revision=0, supply=10, fell_at=fell_at, missing=missing)


def test_what_orders_explain_is_no_fall() -> None:
    assert fall_of(known(7), 3, NOON).missing == 0


def test_what_is_missing_is_waited_for_and_then_forgiven() -> None:
    first = fall_of(known(6), 0, NOON)
    assert (first.missing, first.fell_at, first.supply) == (4, NOON, 10)
    before = known(6, fell_at=NOON, missing=4)
    assert fall_of(before, 0, NOON + GRACE - timedelta(seconds=1)).missing == 4
    assert fall_of(before, 0, NOON + GRACE).missing == 0


def test_a_fall_that_grew_is_waited_for_anew() -> None:
    """Two looks a quarter of an hour apart: what went in the last minute is not forgiven with what went before."""
    late = NOON + GRACE + timedelta(minutes=6)
    grown = fall_of(known(3, fell_at=NOON, missing=4), 0, late)
    assert (grown.missing, grown.fell_at, grown.supply) == (7, late, 10)
    assert fall_of(known(4, fell_at=NOON, missing=4), 2, late).missing == 0


def test_a_clock_put_back_forgives() -> None:
    assert fall_of(known(6, fell_at=NOON, missing=4), 0, NOON - timedelta(hours=1)).missing == 0
