"""A shop's ports, and what one tick carries from step to step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from formulas.costing import CostRules
from sync_engine.archive_room import ArchiveRoom
from sync_engine.billdesk import BillDesk
from sync_engine.checkdesk import CheckDesk
from sync_engine.clock import Clock
from sync_engine.courierdesk import CourierDesk
from sync_engine.execute import Outcome, Outside
from sync_engine.gather import Reading, Request
from sync_engine.journal.journal import Journal
from sync_engine.obey import Orders
from sync_engine.observe import Seen
from sync_engine.ownshop import OwnShop
from sync_engine.parcel import Package
from sync_engine.plan.books import Desk
from sync_engine.plan.buying import Bought
from sync_engine.plan.documents import Entered
from sync_engine.plan.facts import OrderFacts, OrderPlan
from sync_engine.plan.figures import Figures
from sync_engine.plan.policy import Policy
from sync_engine.plan.stock import StockPlan
from sync_engine.plan.supplier_order import SupplierOrder
from sync_engine.stockroom import Lying
from sync_engine.stores.port import SheetStore
from sync_engine.todo import Todo
from sync_engine.view import View
from workbook_templates.schema import Lang, Value


class Step(StrEnum):
    """Where a tick is, for a progress bar."""

    READ = "read"  # the workbook
    LOOK = "look"  # at Tmall
    PLAN = "plan"
    ACT = "act"  # buy, print, tell Tmall
    WRITE = "write"  # the workbook


def nobody_listens(step: Step) -> None:
    """Where nobody wants to know."""


PrintLabels = Callable[[str, Sequence[tuple[OrderFacts, Package]], Policy], None]
"""Makes a batch's labels and lists: (batch, parcels with their orders, policy)."""


PrintOrders = Callable[[Sequence[SupplierOrder]], None]
"""Makes the files of purchase orders."""


def never_upgraded() -> str:
    """Where the workbook is not a file that can be upgraded."""
    return ""


def nobody() -> str:
    """Where nobody knows."""
    return ""


def nobody_orders(orders: Sequence[SupplierOrder]) -> None:
    """Where no files are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop's ports and particulars."""

    name: str  # part of every intent's key
    lang: Lang
    journal: Journal
    store: SheetStore
    outside: Outside
    clock: Clock
    print_labels: PrintLabels
    backup: Callable[[str], None]  # called with the reason before the workbook is written
    print_orders: PrintOrders = nobody_orders
    upgrade: Callable[[], str] = never_upgraded  # adds missing sheets and columns; tells what was added
    saver: Callable[[], str] = nobody  # who saved the workbook last; "" where nobody knows
    archive: ArchiveRoom | None = None  # where rows of closed months go; None: they stay
    first_days: int = 7
    bill_accounts: tuple[str, ...] = ()  # Alipay accounts; none: those there are bills of
    own: OwnShop | None = None  # the shop behind 手工订单, for one tick
    desk: str = ""  # this computer, as 同步记录 names them; "": not told apart
    tell: Callable[[Step], None] = nobody_listens  # may raise to stop the tick there: it goes on next time


@dataclass(slots=True, kw_only=True)
class TickState:
    """What one tick knows so far."""

    shop: Shop
    view: View
    seen: Seen
    orders: Orders
    reading: Reading
    request: Request  # what people asked, in the sheet or elsewhere
    now: datetime
    unread: set[str] = field(default_factory=set)  # items whose figures may be older than the orders we know
    whole: bool = True  # every shop was looked at at least once: what all of them sold is known
    new_tids: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)  # orders whose rows or facts changed
    by_shelves: set[str] = field(default_factory=set)  # orders whose place depends on what lies free
    facts: dict[str, OrderFacts] = field(default_factory=dict)
    plans: dict[str, OrderPlan] = field(default_factory=dict)
    planned_on: dict[str, tuple[OrderFacts, Policy]] = field(
        default_factory=dict
    )  # what each plan was made of
    stock: dict[str, StockPlan] = field(default_factory=dict)
    entered: dict[tuple[str, str], Entered] = field(default_factory=dict)  # documents read, by table and key
    prices: dict[str, dict[str, Value]] = field(default_factory=dict)  # our price cells of 商品, by sku_key
    titles: dict[str, dict[str, Value]] = field(default_factory=dict)
    figures: dict[str, tuple[object, Figures]] = field(
        default_factory=dict
    )  # by goods, with what they rest on
    lying: dict[str, dict[str, Lying]] = field(default_factory=dict)  # by goods and warehouse
    refills: dict[str, dict[str, Value]] = field(
        default_factory=dict
    )  # rows of 调拨建议 worked out in this tick
    refills_due: bool = False
    refills_opened: set[str] = field(default_factory=set)  # proposals whose transfer is written in this tick
    sold_in: dict[str, dict[str, int]] = field(
        default_factory=dict
    )  # pieces sold of late, by goods and warehouse
    analysis: dict[str, Mapping[str, Value]] = field(
        default_factory=dict
    )  # rows of 销售分析 worked out in this tick
    services: dict[str, Mapping[str, Value]] = field(
        default_factory=dict
    )  # rows of 快递统计 worked out in this tick
    returns: dict[str, Mapping[str, Value]] = field(default_factory=dict)  # rows of 退货登记 looked at
    refunds: dict[str, Mapping[str, Value]] = field(default_factory=dict)  # rows of 售后 looked at
    supplies: dict[str, dict[str, Value]] = field(
        default_factory=dict
    )  # rows of 手工订单 to be made, by refund
    costing: CostRules | None = None
    books: Desk | None = None  # chart and posting rules, once read
    manual: dict[str, tuple[str, str, str]] = field(
        default_factory=dict
    )  # by row: voucher, its reversal, problem
    invoices: dict[str, Mapping[str, Value]] = field(default_factory=dict)  # our cells of 费用与进项, by row
    booked: dict[str, str] = field(default_factory=dict)  # beside rows of 手工订单: their vouchers
    book_problems: list[Todo] = field(default_factory=list)
    bills: BillDesk = field(default_factory=BillDesk)
    courier: CourierDesk = field(default_factory=CourierDesk)
    checks: CheckDesk = field(default_factory=CheckDesk)
    bought: Bought = field(default_factory=Bought)
    new_todos: int = 0
    todo_ids: set[str] = field(default_factory=set)  # to-dos whose rows are to be shown anew
    done: Outcome = field(default_factory=Outcome)
    printed: int = 0
    batches_made: int = 0
    waves_made: int = 0

    def planned_as_is(self, facts: OrderFacts) -> OrderPlan | None:
        """The plan of an order where it was made, and committed, of the very same facts under the same policy: a tick plans
        more than once, and most orders are not touched by what is done in between.
        """
        before = self.planned_on.get(facts.trade.tid)
        same = before is not None and before[1] is self.reading.policy and before[0] == facts
        return self.plans[facts.trade.tid] if same else None

    def keep_plan(self, facts: OrderFacts, plan: OrderPlan) -> None:
        """Remember a plan, and what it was made of."""
        self.planned_on[facts.trade.tid] = facts, self.reading.policy
        self.plans[facts.trade.tid] = plan

    def go_on_with(self, package: Package) -> None:
        """Let this tick go on with a parcel as it is now; nothing where it does not look at its order."""
        facts = self.facts.get(package.tid)
        if facts is not None:
            kept = (package if one.package_id == package.package_id else one for one in facts.packages)
            self.facts[package.tid] = replace(facts, packages=tuple(kept))
