"""Parcels, the waybills bought for them, and the courier and Tmall ports that act on them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sync_engine.trade import Receiver, Refund, Sku, Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Where parcels leave from; must equal an address subscribed with the courier."""

    name: str
    mobile: str
    province: str
    city: str
    district: str
    detail: str
    town: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """One kind of goods in a parcel."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillOrder:
    """What is asked of the courier for one parcel. `package_id` is `{tid}-{n}` and is what a purchase is found by."""

    package_id: str
    tid: str
    receiver: Receiver
    items: tuple[Packed, ...]
    weight_g: int
    value: Decimal
    sender: Sender | None = None  # None: the shop's own address; one for all orders of a call
    more_tids: tuple[str, ...] = ()  # further trades of the same receiver whose goods lie in the parcel
    oaid_tid: str = ""  # the trade the receiver's OAID belongs to; "": this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """A waybill number the courier gave, with what the cloud-print client needs to print it."""

    package_id: str  # "" where the courier's answer does not tell
    tid: str
    cp_code: str
    waybill_code: str
    print_data: str = ""  # JSON text, encrypted or with masked fields only
    cancelled: bool = False
    sorting: str = ""  # 大头笔
    hub: str = ""  # 集包地
    route: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillRefusal:
    """Why one parcel of a batch got no waybill."""

    package_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillAccount:
    """What a courier subscription still has."""

    cp_code: str
    branch_name: str
    balance: int | None  # None for couriers that keep no balance
    addresses: tuple[Sender, ...] = ()  # name and mobile empty


class CarrierPort(Protocol):
    """The electronic-waybill service. Every method may raise NotSent, Refused, NotAllowed or OutcomeUnknown."""

    batch_size: int

    def buy(self, cp_code: str, orders: Sequence[WaybillOrder]) -> list[Waybill | WaybillRefusal]:
        """Buy one waybill for each order, at most `batch_size`; an error means the whole batch."""
        ...

    def find(self, tids: Sequence[str]) -> list[Waybill]:
        """Every waybill bought for these trades so far, cancelled ones marked; at most `batch_size` trades."""
        ...

    def update(self, cp_code: str, waybill_code: str, order: WaybillOrder) -> Waybill:
        """Change receiver or contents of a waybill that has not left."""
        ...

    def cancel(self, cp_code: str, waybill_code: str) -> bool:
        """Give a waybill back; False if the courier says it is too late."""
        ...

    def accounts(self) -> list[WaybillAccount]:
        """Subscriptions and what they still have."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One tracking event."""

    at: datetime | None
    text: str
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the platform knows of a parcel's way."""

    out_sid: str = ""  # the waybill it is about; "" where it does not say
    status: str = ""  # the platform's own word for the trade's logistics
    steps: tuple[TraceStep, ...] = ()


Held = Callable[[str, datetime], bool]
"""Whether a trade as modified at some time needs no reading any more."""


def nothing_held(_tid: str, _modified: datetime) -> bool:
    """Where every trade is wanted in full."""
    return False


class TmallPort(Protocol):
    """The platform. Every method may raise NotSent, Refused, NotAllowed or OutcomeUnknown."""

    def server_time(self) -> datetime:
        """The gateway's clock: the health check."""
        ...

    def changed_trades(self, since: datetime, until: datetime, held: Held = nothing_held) -> list[Trade]:
        """Every trade modified in [since, until], in full, each once.

        Args:
            held: whether the caller holds a trade (tid) as modified at that time; such trades may be left out.
        """
        ...

    def sold_trades(self, since: datetime, until: datetime) -> list[Trade]:
        """Every trade created in [since, until], in full: for a first fill and for a rebuild."""
        ...

    def trade(self, tid: str) -> Trade | None:
        """One trade in full; None if Tmall does not know it."""
        ...

    def changed_refunds(self, since: datetime, until: datetime) -> list[Refund]:
        """Every refund modified in [since, until], each once."""
        ...

    def refund(self, refund_id: str) -> Refund | None:
        """One refund as it is now; None if Tmall does not know it."""
        ...

    def agree_refund(self, refund: Refund) -> None:
        """Give the money back, for exactly this version of the refund."""
        ...

    def agree_return(self, refund: Refund, address_id: str, remark: str) -> None:
        """Let the buyer send the goods to an address of the shop's address book."""
        ...

    def refuse_refund(self, refund: Refund, message: str, proof: bytes) -> None:
        """Refuse, with the words the buyer reads and a picture."""
        ...

    def changed_skus(self, since: datetime | None, until: datetime) -> list[Sku]:
        """Every SKU of items modified in [since, until]; all items where since is None."""
        ...

    def skus_of(self, num_iids: Sequence[str]) -> list[Sku]:
        """The SKUs of these items as they are now."""
        ...

    def ship(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        """Tell Tmall a parcel left; `sub_oids` only where the trade ships in several parcels."""
        ...

    def resend(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        """Tell Tmall that what left has another waybill; `sub_oids` as in `ship`."""
        ...

    def change_stock(self, num_iid: str, changes: Sequence[tuple[str, int]], biz_key: str) -> None:
        """Add to the quantities of one item [(sku_id, pieces, below 0 to take away)], at most 20, all or none.

        Args:
            changes: sku_id "" for an item without SKUs, which then stands alone.
            biz_key: hexadecimal; the platform carries out a change with a key it knows only once, so a call whose
                reply was lost is made again with the same key and the same changes.
        """
        ...

    def set_prices(self, num_iid: str, prices: Sequence[tuple[str, Decimal]]) -> None:
        """Set the prices of SKUs of one item [(sku_id, yuan)], all or none; sku_id "" for an item without SKUs."""
        ...

    def set_memo(self, tid: str, memo: str) -> None:
        """Replace the seller memo."""
        ...

    def trace(self, tid: str, sub_oids: Sequence[str] | None) -> Trace:
        """Tracking of a shipped trade, or of the parcel with these of its lines; events as they came."""
        ...

    def companies(self) -> dict[str, str]:
        """Courier companies Tmall knows: code -> name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Something given along in a parcel: pieces in all, and how often its rule gave."""

    rule_id: str
    code: str  # merchant code
    num: int
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What scanning and weighing a packed parcel found. It holds for the contents and address of `key` only."""

    key: str = ""  # fingerprint of what lay in it
    row: str = ""  # of 验货 whose scans agree with it
    at: datetime | None = None  # since when
    weighed_g: int = 0  # the whole parcel on the scale
    weight: str = ""  # ok | off | confirmed (by a person) | unjudged (a weight of its goods is not known)
    weigher: str = ""  # row of 验货 with the weight
    after: int = 0  # rows up to this number count no more: goods or address changed since


NOT_CHECKED = Check()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One parcel of an order, from the moment a waybill is to be bought for it.

    `state`: planned | buying | refused | bought | printed | shipped | cancelling | cancelled (what we know for a fact;
    that a call is in doubt is told by its intent).
    """

    package_id: str  # "{tid}-{no}"
    tid: str
    no: int
    oids: tuple[str, ...]
    cp_code: str
    state: str
    waybill_code: str = ""
    why: str = ""
    weight_g: int = 0
    freight: Decimal | None = None
    address_key: str = ""  # of the receiver the waybill was bought for
    bought_at: datetime | None = None
    batch: str = ""
    printed_at: datetime | None = None
    shipped_at: datetime | None = None
    cancelled_at: datetime | None = None
    problem: str = ""
    print_data: str = ""
    sorting: str = ""
    hub: str = ""
    route: str = ""
    warehouse: str = ""  # id of the one it ships from; "": one made before there were several
    gifts: tuple[Gift, ...] = ()
    gifts_why: str = ""
    gift_day: str = ""  # the day caps count it on
    gift_buyer: str = ""  # fingerprint of who got it
    joined: tuple[
        str, ...
    ] = ()  # 合单: ids of all parts of one parcel, first the one its waybill is bought for

    prints: int = 0  # how often its label was made
    print_log: str = ""  # when, in which batch, why again: a line each
    check: Check = NOT_CHECKED  # the same in all parts of a shared parcel
    earlier: tuple[str, ...] = ()  # numbers it had at Tmall before
    resent_at: datetime | None = None  # when it got the one it has

    @property
    def live(self) -> bool:
        """Whether it still stands for goods to send or sent."""
        return self.state not in ("cancelled",)

    @property
    def is_guest(self) -> bool:
        """Whether it goes along in another order's parcel: nothing is bought or printed for it by itself."""
        return bool(self.joined) and self.joined[0] != self.package_id

    @property
    def fellows(self) -> tuple[str, ...]:
        """The other parts of the same parcel."""
        return tuple(one for one in self.joined if one != self.package_id)

    @property
    def contents(self) -> tuple[str, ...]:
        """What lies in it: lines of the order, and a name for each gift."""
        return (*self.oids, *(f"{self.package_id}.{n}" for n, _ in enumerate(self.gifts, start=1)))

    @property
    def settled(self) -> bool:
        """Whether what goes in is settled: a parcel that only the carrier told of is not, until it is described."""
        return self.live and (bool(self.weight_g) or not self.waybill_code)

    @property
    def has_waybill(self) -> bool:
        """Whether a waybill was bought and not given back."""
        return bool(self.waybill_code) and self.state in ("bought", "printed", "cancelling", "shipped")


def address_key(receiver: Receiver) -> str:
    """A short fingerprint of where a parcel goes: it changes when the buyer changes the address."""
    return hashlib.blake2b(receiver.oaid.encode(), digest_size=6).hexdigest() if receiver.oaid else ""
