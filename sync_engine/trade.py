"""What Tmall tells us: trades, their lines, refunds and items, as frozen values.

Field meanings: the official trade, order, refund and item tables. Receiver fields are as masked by the platform;
there is no field for plain personal data here on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

ZERO = Decimal("0.00")

UNPAID = frozenset({"TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING", "WAIT_PRE_AUTH_CONFIRM"})
TO_SHIP = frozenset({"WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART"})
SHIPPED = frozenset({"WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED"})
CLOSED = frozenset({"TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"})
ENDED = CLOSED | {"TRADE_FINISHED"}
REFUND_OPEN = frozenset({"WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where a parcel goes, masked, with the key Cainiao resolves it by."""

    name: str = ""
    mobile: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    address: str = ""
    zip: str = ""
    oaid: str = ""

    @property
    def street(self) -> str:
        """Town and address; where the address names the town already, it is not named twice."""
        return self.address if self.address.startswith(self.town) else f"{self.town}{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sub-order."""

    oid: str
    num_iid: str = ""
    sku_id: str = ""
    outer_iid: str = ""
    outer_sku_id: str = ""
    title: str = ""
    sku_text: str = ""  # sku_properties_name, "颜色:黑色;尺码:L"
    num: int = 1
    price: Decimal = ZERO
    amount: Decimal = ZERO  # divide_order_fee where given, else payment
    status: str = ""
    refund_status: str = "NO_REFUND"
    refund_id: str = ""
    invoice_no: str = ""  # the waybill Tmall has on record
    logistics_company: str = ""
    consign_time: datetime | None = None
    end_time: datetime | None = None
    category: str = ""  # Tmall's leaf category (cid)
    bound_to: tuple[str, ...] = ()  # lines that go into the same parcel (bind_oid, bind_oids)
    gift: bool = (
        False  # given along: by the platform (is_gift, is_free_gift), or a gift of ours put into a parcel
    )
    oversold: bool = False  # Tmall says it sold more than it had (is_oversold)

    @property
    def outer_id(self) -> str:
        """The merchant code the shop knows the goods by."""
        return self.outer_sku_id or self.outer_iid

    @property
    def sku_key(self) -> str:
        """Identity of what was bought: the SKU, or the item where it has none."""
        return self.sku_id or self.num_iid

    @property
    def was_shipped(self) -> bool:
        """Whether the goods left, also where the trade was closed by a refund afterwards."""
        return self.status in SHIPPED or self.consign_time is not None or bool(self.invoice_no)

    @property
    def refunded(self) -> bool:
        """Whether this line is dead: refunded in full or closed."""
        return self.refund_status == "SUCCESS" or self.status in CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One trade with all its lines."""

    tid: str
    status: str
    created: datetime
    modified: datetime
    pay_time: datetime | None = None
    consign_time: datetime | None = None
    end_time: datetime | None = None
    type: str = ""
    shop: str = ""  # Trade.title is the shop's name
    buyer_nick: str = ""
    buyer_open_uid: str = ""
    buyer_message: str = ""
    seller_memo: str = ""
    seller_flag: int = 0
    payment: Decimal = ZERO
    post_fee: Decimal = ZERO
    step_trade_status: str = ""
    holds: tuple[str, ...] = ()  # names of the platform's hold flags that are set
    receiver: Receiver = Receiver()
    lines: tuple[Line, ...] = ()
    promotions: tuple[str, ...] = ()  # names of the promotions used
    seller: str = ""  # which of our shops, by its name in config.toml; "" is the first
    promised: datetime | None = (
        None  # promise_sign_time, where it reads as a time: its format is not documented
    )
    purpose: str = ""  # of an order of 手工订单: plain | reship | exchange
    origin: str = ""  # the order a reshipped or exchanged parcel is sent after
    for_refund: str = ""  # the refund it is sent for


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another order of the same buyer that is not paid yet or not sent yet."""

    tid: str
    unpaid: bool
    same_receiver: bool  # equal OAID: within one shop and natural week that is the same receiver
    elsewhere: bool  # another receiver for sure: other OAID in the same week, or another area


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One refund; `fee` is what goes to the buyer."""

    refund_id: str
    tid: str
    oid: str
    status: str
    fee: Decimal
    modified: datetime
    has_good_return: bool = False
    num: int = 0
    reason: str = ""
    sid: str = ""  # waybill of the return
    company: str = ""  # the courier of the return, by name
    created: datetime | None = None
    phase: str = ""  # onsale | aftersale
    version: str = ""  # a timestamp in digits: what an answer to the refund has to name
    dispute_type: str = ""
    good_status: str = ""
    constraint: str = ""  # operation_contraint, as the platform spells it: cannot_refuse | refund_onweb
    outer_id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One SKU at Tmall, or an item without SKUs (then `sku_id` is empty)."""

    num_iid: str
    sku_id: str
    outer_id: str
    title: str
    sku_text: str
    price: Decimal
    quantity: int
    status: str  # onsale | instock | delete
    modified: datetime | None = None
    sub_stock: int = 2  # Tmall takes stock down: 1 when ordered, 2 when paid
    seller: str = ""  # which of our shops, by its name in config.toml; "" is the first
    barcode: str = ""

    @property
    def sku_key(self) -> str:
        """Identity: the SKU, or the item where it has none."""
        return self.sku_id or self.num_iid
