"""Prices staff want, or a campaign asks for, on their way to Tmall: planned for every row of 商品 that wants one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from formulas.campaign_prices import next_change, price_of
from formulas.rates import decimal_of
from sync_engine.clock import format_time
from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.plan.merge import set_beside_other
from sync_engine.plan.pricing import EMPTY, NOTHING, PricePlan, Wish, plan_price
from sync_engine.plan.shoprules import groups_of
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stockroom import KnownSku
from sync_engine.todo import Todo
from sync_engine.unmatched import grouped
from sync_engine.view import Cells
from workbook_templates.schema import Value
from workbook_templates.tables import PRODUCTS

WAKE = "price_wake"
"""When a campaign's price begins or ends next."""
PREFIX = "price:"


def plan_prices(state: TickState, skus: Mapping[str, KnownSku]) -> bool:
    """Plan the prices of all rows that want one, and commit the plan. True if anything is to be told. Inside the
    transaction.
    """
    journal, view, campaigns = state.shop.journal, state.view, state.reading.prices
    change = next_change(campaigns, state.now)
    journal.set_meta(WAKE, format_time(change) if change else "")
    rows = {key: cells for key, cells in state.reading.products.items() if _concerns(cells)}
    if not rows and not journal.todos.open_subjects(PREFIX):
        return False
    view.load(PRODUCTS.name, rows)
    newest = newest_changes(journal, rows)
    plans: dict[str, PricePlan] = {}
    asked = False
    for key, cells in rows.items():
        known = skus.get(key)
        if known is None or known.sku.seller not in state.shop.outside.shops:
            continue
        ours = view.base(PRODUCTS.name, key) or cells
        plan = plans[key] = _plan_row(state, known, cells, ours, newest.get(key))
        asked |= _commit(state, known, plan, newest.get(key))
        if any(ours.get(name) != value for name, value in plan.row.items()):
            journal.rows.mark({PRODUCTS.name: [key]})
    state.prices = {key: plan.row for key, plan in plans.items()}
    _tell(state, plans)
    return asked


def prices_due(journal: Journal, now: datetime) -> bool:
    """Whether a campaign's price began or ended meanwhile."""
    wake = journal.moment(WAKE)
    return wake is not None and now >= wake


def price_cells(state: TickState, sku_key: str) -> Mapping[str, Value]:
    """Our price cells of a row of 商品."""
    return state.prices.get(sku_key, EMPTY)


def _concerns(cells: Cells) -> bool:
    return any(cells.get(name) not in (None, "") for name in ("wanted_price", *EMPTY))


def newest_changes(journal: Journal, keys: Iterable[str]) -> dict[str, Intent]:
    """The newest change asked for each SKU."""
    found: dict[str, Intent] = {}
    for intent in journal.intents.of(keys):
        before = found.get(intent.subject)
        if intent.kind is IntentKind.PRICE and (before is None or number_of(intent) > number_of(before)):
            found[intent.subject] = intent
    return found


def number_of(intent: Intent) -> int:
    """How many changes of this SKU were asked for before."""
    return int(intent.key.rpartition(":")[2])


def _plan_row(state: TickState, known: KnownSku, cells: Cells, ours: Cells, last: Intent | None) -> PricePlan:
    policy, lang = state.reading.policy, state.shop.lang
    wanted, cost = decimal_of(cells.get("wanted_price")), decimal_of(cells.get("cost"))
    other = set_beside_other("price_ok", "price_next", "price_ok_for", ours, cells)
    wish = Wish(
        shown=known.sku.price, wanted=wanted, cost=cost, ticked=cells.get("price_ok") is True,
        ok_for=NOTHING if other else decimal_of(ours.get("price_ok_for")), next=decimal_of(ours.get("price_next")),
    )  # fmt: skip
    groups = groups_of({"": cells}).get("", frozenset())
    priced = price_of(
        state.reading.prices,
        state.now,
        known.stock_code,
        groups,
        wanted if wanted is not None else Decimal(0),
        cost,
        lang,
    )
    on = policy.setting("push_price") == "yes" and known.sku.status != "delete"
    return plan_price(
        wish, priced, on=on, limit=policy.number("price_limit"), last=last, now=state.now, lang=lang
    )


def _commit(state: TickState, known: KnownSku, plan: PricePlan, last: Intent | None) -> bool:
    """Ask for a change, or take one back that is not wanted any more."""
    journal, sku = state.shop.journal, known.sku
    pending = last is not None and last.state is IntentState.PENDING
    doc = {
        "shop": sku.seller, "num_iid": sku.num_iid, "sku_id": sku.sku_id, "shown": str(sku.price), "price": str(plan.ask),
        "why": plan.why,
    }  # fmt: skip
    if (
        pending
        and last is not None
        and (plan.ask is None or any(last.doc.get(name) != doc[name] for name in ("price", "shown")))
    ):
        journal.intents.drop(last.key)
    if plan.ask is None or (last is not None and last.in_doubt):
        return False
    number = 0 if last is None else number_of(last) + (last.state is IntentState.DONE)
    key = f"price:{state.reading.policy.shop}:{sku.sku_key}:{number}"
    if pending and last is not None and all(last.doc.get(name) == doc[name] for name in ("price", "shown")):
        return False  # it goes out as it is, or waits for its time
    journal.intents.add(Intent(key=key, kind=IntentKind.PRICE, subject=sku.sku_key, doc=doc))
    return True


def _tell(state: TickState, plans: Mapping[str, PricePlan]) -> None:
    """To-dos: what waits for a person's tick, and what Tmall refused."""
    journal, lang = state.shop.journal, state.shop.lang
    waits = sorted(key for key, plan in plans.items() if plan.waits)
    refused = sorted(key for key, plan in plans.items() if plan.refused)
    todos: list[Todo] = [
        *grouped(
            "price_waits", f"{PREFIX}waits", waits,
            one=lambda key: say(lang, f"SKU {key} 的改价超过上限,等人准许", f"A price change of SKU {key} is above the limit and waits"),
            many=lambda n, some: say(lang, f"{n} 个 SKU 的改价超过上限,等人准许,例如 {some}", f"{n} price changes are above the limit and wait, for instance {some}"),
            advice=say(lang, "看“商品”表的“改价情况”,没错就在“准许改价”打 ✓", "Look at Price outcome in Products; if it is right, tick Permit"), lang=lang,
        ),
        *grouped(
            "price_refused", f"{PREFIX}refused", refused,
            one=lambda key: say(lang, f"天猫不让改 SKU {key} 的价:{plans[key].refused}", f"Tmall refused a price of SKU {key}: {plans[key].refused}"),
            many=lambda n, some: say(lang, f"天猫不让改 {n} 个 SKU 的价,例如 {some}", f"Tmall refused {n} prices, for instance {some}"),
            advice=say(lang, "多半是活动锁价,活动结束会自动再试;也可到千牛改", "Often a campaign's lock: it is tried again later; or change it at Tmall"), lang=lang,
        ),
    ]  # fmt: skip
    changed, new = journal.todos.settle(
        journal.todos.open_subjects(PREFIX) | {t.subject for t in todos}, todos, state.now
    )
    state.todo_ids |= changed
    state.new_todos += new


def told_price(state: TickState, intent: Intent) -> str:
    """One price that would be changed, and why: `二店 A-1: 售价 100.00 → 80.00 (双11: ...)`."""
    doc, known = intent.doc, state.shop.journal.mirror.sku(intent.subject)
    shop = state.reading.policy.shop_named(doc.get("shop", ""))
    why = f" ({doc['why']})" if doc.get("why") else ""
    price = say(state.shop.lang, "售价", "price")
    return f"{shop} {known.stock_code if known else intent.subject}: {price} {doc['shown']} → {doc['price']}{why}"
