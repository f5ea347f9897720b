"""What the plan knows of one order: Tmall's side, ours, and what people typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sync_engine.intent import Intent
from sync_engine.parcel import Package
from sync_engine.todo import Todo
from sync_engine.trade import CLOSED, REFUND_OPEN, TO_SHIP, Line, Neighbour, Refund, Trade
from workbook_templates.schema import Value

if TYPE_CHECKING:
    from sync_engine.plan.audit import Audit
    from sync_engine.plan.gifts import GiftPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStaff:
    """What people typed in the order's row."""

    hold: bool = False
    courier_wanted: str = ""
    warehouse_wanted: str = ""
    ship_mark: bool = False
    memo_wanted: str = ""
    keep_apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStaff:
    """What people typed in a line's row."""

    package_no: int = 1
    returned_qty: int = 0
    defective_qty: int = 0
    returned_at: datetime | None = None


NO_LINE_STAFF = LineStaff()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Another waybill that staff typed for a parcel which left; `cp_code` "" is the courier it has."""

    code: str
    cp_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the lines of an order ship from, and why."""

    by_line: Mapping[str, str] = field(default_factory=dict)  # warehouse id by oid
    why: str = ""
    note: str = ""  # what is out of stock
    short: bool = False  # whether the order waits for it
    wanted: str = ""  # the warehouse staff named; "" where they named none
    problem: str = ""  # staff named one that does not exist: the order waits


NOWHERE = Placement()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What becomes of an order's part in a parcel it shares, as decided for the parcel as a whole.

    `action`: "" stay | dissolve (nothing is bought: forget it) | leave (taken out, the parcel goes on) | give_back (its
    waybill is cancelled) | resume (the courier would not cancel: it goes on).
    """

    action: str = ""
    reason: str = ""
    relabel: bool = False  # the parcel holds less than its label says
    follow: Package | None = None  # the part whose label is this one's label too
    stopped: str = ""  # why another order keeps the whole parcel back
    marked: bool = False  # whether any of its orders is marked as handed over
    share: CourierChoice | None = None  # its part of weight and freight
    contents: str = ""  # fingerprint of what lies in the whole parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What an order has to do with others of the same receiver."""

    note: str = ""  # with which orders it goes, or why with none
    since: datetime | None = None  # payment of the first that goes along: the wait counts from it
    make: Package | None = None  # its part of a parcel to be made now
    duties: Mapping[str, Duty] = field(default_factory=dict)  # by parcel id
    taken_out: tuple[str, ...] = ()  # what was taken out of its parcel after its label was made
    left_late: tuple[str, ...] = ()  # what was taken out of it after Tmall was told of the parcel


ALONE = Joint()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """Everything known of one order at one moment."""

    trade: Trade
    refunds: tuple[Refund, ...] = ()
    packages: tuple[Package, ...] = ()
    intents: Mapping[str, Intent] = field(default_factory=dict)
    staff: OrderStaff = OrderStaff()
    lines: Mapping[str, LineStaff] = field(default_factory=dict)
    cancel_wanted: frozenset[str] = frozenset()
    resend_wanted: Mapping[str, Wish] = field(default_factory=dict)  # by parcel
    placement: Placement = NOWHERE
    neighbours: tuple[Neighbour, ...] = ()
    joint: Joint = ALONE
    gifts: GiftPlan | None = None  # what a parcel made now is given along
    approved: bool = False  # a person's tick under 审核通过
    approval_key: str = ""  # the order's fingerprint that tick, or the purchase, is for
    parts: Mapping[str, Mapping[str, int]] = field(
        default_factory=dict
    )  # of lines that are bundles: pieces of each part
    visible: bool = True  # False while its row vanished in a mass deletion nobody has explained

    def line_staff(self, oid: str) -> LineStaff:
        """What people typed for a line."""
        return self.lines.get(oid, NO_LINE_STAFF)

    def warehouse_of(self, oid: str) -> str:
        """Where a line ships or shipped from: its parcel's warehouse, else the one decided; "" where nothing was."""
        held = next((p.warehouse for p in reversed(self.packages) if p.live and oid in p.contents), "")
        return held or self.placement.by_line.get(oid, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierChoice:
    """The courier for one parcel, and why."""

    cp_code: str  # "" where nothing decides
    why: str
    weight_g: int
    freight: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """What is to be done for one order, and what its row shows."""

    stage: str
    problem: str = ""
    todos: tuple[Todo, ...] = ()
    packages: tuple[Package, ...] = ()  # new or changed
    gone_packages: tuple[str, ...] = ()  # nothing was bought for them: forget
    intents: tuple[Intent, ...] = ()
    drop: tuple[str, ...] = ()  # keys of pending intents whose reason went away
    to_print: tuple[str, ...] = ()  # package ids
    choice: CourierChoice | None = None
    audit: Audit | None = None
    live: bool = False
    wake_at: datetime | None = None  # when the passing of time alone changes this plan

    @property
    def acts(self) -> bool:
        """Whether it asks for anything beyond showing."""
        return bool(self.packages or self.gone_packages or self.intents or self.drop or self.to_print)


def is_dead(line: Line) -> bool:
    """Never to be sent: refunded or closed before it left."""
    return line.refunded and not line.was_shipped


def is_asked(line: Line) -> bool:
    """The buyer wants the money back and the goods have not left."""
    return line.refund_status in REFUND_OPEN and not line.was_shipped and line.status not in CLOSED


def is_sendable(line: Line) -> bool:
    """To be sent now as far as the platform is concerned."""
    return line.status == "WAIT_SELLER_SEND_GOODS" and not is_dead(line) and not is_asked(line)


def is_open(trade: Trade) -> bool:
    """Paid and not wholly sent."""
    return trade.status in TO_SHIP or trade.status == "PAID_FORBID_CONSIGN"


def order_staff(cells: Mapping[str, Value]) -> OrderStaff:
    """Read an order's staff cells."""
    return OrderStaff(
        hold=cells.get("hold") is True,
        courier_wanted=str(cells.get("courier_wanted") or ""),
        warehouse_wanted=str(cells.get("warehouse_wanted") or ""),
        ship_mark=cells.get("ship_mark") is True,
        memo_wanted=str(cells.get("memo_wanted") or ""),
        keep_apart=cells.get("keep_apart") is True,
    )


def line_staff(cells: Mapping[str, Value]) -> LineStaff:
    """Read a line's staff cells, and when a return was first seen."""
    number, at = cells.get("package_no"), cells.get("returned_at")
    good, bad = (
        max(0, int(value)) if isinstance(value := cells.get(name), int | Decimal) else 0
        for name in ("returned_qty", "defective_qty")
    )
    return LineStaff(
        package_no=int(number) if isinstance(number, int | Decimal) else 1,
        returned_qty=good,
        defective_qty=bad,
        returned_at=at if isinstance(at, datetime) else None,
    )
