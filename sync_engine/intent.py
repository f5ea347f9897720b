"""Intents: effects that cost money or cannot be undone, each with a key made from the business fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class IntentKind(StrEnum):
    """What is to be done outside."""

    BUY = "waybill"
    CANCEL = "cancel"
    READDRESS = "readdress"
    SHIP = "ship"
    RESEND = "resend"
    STOCK = "stock"
    PRICE = "price"
    MEMO = "memo"
    REFUND = "refund"


class IntentState(StrEnum):
    """pending -> calling -> done | refused | unknown; dropped where the reason for it went away before the call."""

    PENDING = "pending"
    CALLING = "calling"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


LONGEST_WAIT = timedelta(hours=1)
"""Nothing waits longer before it is tried again: a moment further off was set by a clock that was wrong."""

OPEN_STATES = (IntentState.PENDING, IntentState.CALLING, IntentState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One effect. `subject` is what it is about (package_id, tid, sku_key or refund_id); `doc` holds plain text values."""

    key: str
    kind: IntentKind
    subject: str
    doc: Mapping[str, str] = field(default_factory=dict)
    state: IntentState = IntentState.PENDING
    attempts: int = 0
    called_at: datetime | None = None
    next_at: datetime | None = None
    answer: str = ""

    @property
    def open(self) -> bool:
        """Whether it is still to be done or in doubt."""
        return self.state in OPEN_STATES

    @property
    def in_doubt(self) -> bool:
        """Whether it may have been done: to be settled by asking."""
        return self.state in (IntentState.CALLING, IntentState.UNKNOWN)

    def had_time(self, now: datetime, settle: timedelta) -> bool:
        """Whether what was called would show by now; a clock that was put back counts as time enough."""
        return self.called_at is None or not self.called_at <= now < self.called_at + settle


def is_due(next_at: datetime | None, now: datetime) -> bool:
    """Whether what is to be tried again at `next_at` may be tried now."""
    return next_at is None or not now < next_at <= now + LONGEST_WAIT


def buy_key(shop: str, package_id: str) -> str:
    """Key of the purchase of one package's waybill."""
    tid, _, number = package_id.rpartition("-")
    return f"waybill:{shop}:{tid}:{number}"


def ship_key(shop: str, package_id: str) -> str:
    """Key of telling Tmall that one package left."""
    tid, _, number = package_id.rpartition("-")
    return f"ship:{shop}:{tid}:{number}"


def resend_key(shop: str, package_id: str, code: str) -> str:
    """Key of telling Tmall that one package has another waybill, named by its number."""
    return f"resend:{shop}:{package_id}:{code}"


def cancel_key(shop: str, package_id: str) -> str:
    """Key of giving one package's waybill back."""
    tid, _, number = package_id.rpartition("-")
    return f"cancel:{shop}:{tid}:{number}"


def readdress_key(shop: str, package_id: str, address: str) -> str:
    """Key of changing one waybill's receiver to an address, named by its fingerprint."""
    return f"readdress:{shop}:{package_id}:{address}"
