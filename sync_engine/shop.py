"""One tick of one shop: the only function runners call. An order's way is read here from top to bottom.

    read the sheet -> look at Tmall -> plan -> commit -> act -> (plan, commit, act until quiet) -> show -> settle

The sheet is read before Tmall is asked, because after a loss of the journal it is the sheet that says which orders
to ask for; the store finds and checks every row anew when it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sync_engine.aftersale import adopt_refunds, after_sale_due, mind_refunds
from sync_engine.analysing import analyse_if_due, keep_analysed
from sync_engine.archive_room import LookingRoom
from sync_engine.archiving import ARCHIVING, archive_months
from sync_engine.bill_archiving import archive_bills, mind_bill_archives
from sync_engine.billdesk import look_at_bills
from sync_engine.binning import rename_bins
from sync_engine.books import adopt_books, desk_of, keep_books, keeps_books
from sync_engine.buying import is_due as buying_is_due
from sync_engine.buying import plan_buying, settle_buying
from sync_engine.checkdesk import ASKED
from sync_engine.courierdesk import look_at_courier_bills
from sync_engine.desks import TAKEN_OVER, mind_other_desk
from sync_engine.errors import OutsideError
from sync_engine.execute import Outcome, drain, find_waybills, sellers_of
from sync_engine.gather import Request, read_policy
from sync_engine.gifting import plan_gifts
from sync_engine.intent import Intent, IntentKind, is_due
from sync_engine.joining import gather_with_fellows, in_units, note_new_labels, place_unit, to_print
from sync_engine.journal.bill_archive import UNDER_WAY
from sync_engine.journal.journal import Journal
from sync_engine.obey import obey
from sync_engine.observe import Seen, observe, of_shop
from sync_engine.owndesk import mind_own, own_due, read_whole, set_aside, with_asks, with_own
from sync_engine.parcel import Waybill
from sync_engine.picking import mind_picks, pick_parcels
from sync_engine.placing import Shelves, lines_in_place, reserving_anew, waiting_for
from sync_engine.plan.bundling import parts_text
from sync_engine.plan.desk import NOTHING, Counts
from sync_engine.plan.order import plan_order
from sync_engine.plan.ownorders import OWN, is_own
from sync_engine.plan.printed import printed
from sync_engine.plan.sheet import Found
from sync_engine.plan.stage import touched_by_rules
from sync_engine.plan.telling import any_overdue
from sync_engine.planned import commit_order, may_post, packages_after
from sync_engine.pricing import plan_prices, prices_due, told_price
from sync_engine.recover import adopt, adopt_late, leaves_a_trace, open_tids
from sync_engine.refilling import keep_refills, plan_refills
from sync_engine.resting import lay_to_rest, waking
from sync_engine.returning import take_returns
from sync_engine.settle import numbers_given, settle
from sync_engine.show import ODD, Display, show
from sync_engine.state import Shop, Step, TickState
from sync_engine.stockledger import adopt_moves, post_documents, post_order
from sync_engine.stockroom_plan import RULES_CHANGE, plan_marked_stock
from sync_engine.stores.port import WriteReport
from sync_engine.supplier_orders import make_orders
from sync_engine.supplying import keep_supplies
from sync_engine.titling import look_at_titles
from sync_engine.tracking import ask_for_parcels, follow_parcels, tracking_due
from sync_engine.unmatched import look_for_unmatched
from sync_engine.upgrade_command import upgrade_if_asked
from sync_engine.verifying import answer_checks, look_at_checks, scanned_orders
from sync_engine.view import View
from sync_engine.waving import answer_waves, orders_of_waves, print_waves, reprint_waves
from workbook_templates.tables import LINES, ORDERS, PRODUCTS, STOCK, TODO, WAYBILLS
from workbook_templates.words import say

ROUNDS = 4
"""Buying, printing and telling Tmall follow each other in one tick; more rounds than steps would go in circles."""
WITHOUT_TRACE = timedelta(minutes=1)  # asked again so soon whether anything of ours stands in the workbook
UNREAD = "items_unread"  # items whose figures may be older than the orders we know: told nothing meanwhile
ASK_AGAIN = "ask_carrier_again"  # orders under way when the journal was made anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a tick did and what it left open."""

    at: datetime
    idle: bool = False
    counts: Counts = NOTHING
    written: int = 0
    refused: int = 0
    pending: str = ""  # why the workbook was not written
    troubles: tuple[str, ...] = ()
    blocked: bool = False  # a person must re-authorise
    open_todos: int = 0
    waiting: int = 0  # intents that are pending or in doubt
    said: str = ""  # what a command that was asked of this tick came to
    alarm: bool = False  # whether that is an alarm
    goes_on: bool = False  # rows got their number: the next tick looks at them


def tick(shop: Shop, request: Request | None = None) -> Report:
    """One whole round for one shop. Safe to be killed anywhere and to be run again at any time."""
    request, journal, now = request or Request(), shop.journal, shop.clock.now()
    shop.tell(Step.READ)
    view = _read(shop, request)
    shop = with_own(shop, view)
    request = with_asks(shop, request)
    shop.tell(Step.LOOK)
    seen = observe(shop.outside.shops, journal, shop.clock, shop.first_days, _to_ask(view, journal, request))
    if _idle(journal, view, seen, request, now):
        return _report(shop, now, seen, idle=True)
    bought = _bought_before(shop, seen, now)
    if bought is None:
        return _report(shop, now, seen)
    shop.tell(Step.PLAN)
    with journal.transaction():
        state = _take_in(shop, view, seen, bought, request, now)
        state.bills = look_at_bills(journal, view, state.reading.policy.number("bill_tolerance"), shop.lang)
        _plan(state, _affected(state))
    _act(state)
    ask_for_parcels(state)
    reprint_waves(state)
    answer_waves(state)
    answer_checks(state)
    with journal.transaction():
        plan_buying(state)
    make_orders(state)
    analyse_if_due(state)
    plan_refills(state)
    shop.tell(Step.WRITE)
    if "backup" in state.orders.given:
        shop.backup("command")
    display = show(state, _counts(state), _note(state))
    if display.edits:
        shop.backup("tick")
        journal.writing.begin(view.attempts(display.edits))
    written = shop.store.write(display.edits, view.token) if display.edits else WriteReport()
    with journal.transaction():
        settle(journal, view, display, written, now, shop.saver)
        lay_to_rest(state, display)
    settle_buying(state, written)
    keep_analysed(state, written)
    keep_refills(state, written)
    keep_supplies(state, written)
    upgrade_if_asked(state)
    if keeps_books(state) and not written.pending:
        archive_months(state, desk_of(state))
    if not written.pending:
        archive_bills(state)
    report = _report(shop, now, seen, display.counts, written, state.done)
    report = replace(report, said=state.checks.answer, alarm=state.checks.alarm)
    return replace(report, goes_on=numbers_given(display, written))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a tick would do: effects outside, and edits of the workbook."""

    intents: tuple[str, ...]
    stock: tuple[str, ...]  # a sentence for each figure that would be changed at Tmall
    prices: tuple[str, ...] = ()  # likewise for each price
    to_print: tuple[str, ...]
    display: Display
    touched: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # orders without a waybill that each rule of 审单规则 decides


def _told_stock(state: TickState, intent: Intent) -> str:
    """One figure that would be changed, and why: `二店 A-1: 5 → 3 (...)`."""
    doc, known = intent.doc, state.shop.journal.mirror.sku(intent.subject)
    shop = state.reading.policy.shop_named(doc.get("shop", ""))
    code = known.stock_code if known else intent.subject
    return f"{shop} {code}: {doc['shown']} → {doc['quantity']} ({doc.get('why', '')})"


class _Rehearsed(Exception):
    """Rolls a rehearsal's transaction back."""


def rehearse(shop: Shop, request: Request | None = None) -> Rehearsal | None:
    """A dry run: the plan of a tick, with nothing changed anywhere; None where Tmall or the carrier did not answer."""
    request, journal, now = request or Request(), shop.journal, shop.clock.now()
    dry = say(shop.lang, "试运行不写文件", "a dry run writes nothing")
    shop = replace(shop, archive=LookingRoom(shop.archive, dry) if shop.archive else None)
    view = _read(shop, request)
    shop = with_own(shop, view)
    request = with_asks(shop, request)
    seen = observe(shop.outside.shops, journal, shop.clock, shop.first_days, _to_ask(view, journal, request))
    bought = _bought_before(shop, seen, now)
    if bought is None:
        return None
    result: list[Rehearsal] = []
    try:
        with journal.transaction():
            journal.rests.wake_all()  # what each rule would touch is asked of all
            state = _take_in(shop, view, seen, bought, request, now)
            state.bills = look_at_bills(
                journal, view, state.reading.policy.number("bill_tolerance"), shop.lang
            )
            _plan(state, _affected(state))
            plan_buying(state)
            pending = journal.intents.open()
            intents = tuple(intent.key for intent in pending)
            told = tuple(_told_stock(state, intent) for intent in pending if intent.kind is IntentKind.STOCK)
            prices = tuple(told_price(state, intent) for intent in pending if intent.kind is IntentKind.PRICE)
            to_print = tuple(i for plan in state.plans.values() for i in plan.to_print)
            touched = touched_by_rules(state.facts, state.plans)
            display = show(state, _counts(state), "")
            result.append(
                Rehearsal(
                    intents=intents,
                    stock=told,
                    prices=prices,
                    to_print=to_print,
                    display=display,
                    touched=touched,
                )
            )
            raise _Rehearsed
    except _Rehearsed:
        return result[0]


# -- observing ------------------------------------------------------------------------------------------------------


def _read(shop: Shop, request: Request) -> View:
    known = shop.journal.rows.digests()
    snapshot, own = set_aside(shop.store.read(read_whole(known)), known)
    view = View(shop.journal, snapshot, request.deletion or shop.journal.meta("deletion") or "", shop.lang)
    view.plain = own
    mind_other_desk(view, shop.journal, shop.desk, shop.lang)
    return view


def _to_ask(view: View, journal: Journal, request: Request) -> list[str]:
    waiting = (journal.meta("ask") or "").split()
    return [tid for tid in dict.fromkeys([*view.unknown_orders(), *waiting, *request.ask]) if not is_own(tid)]


def _idle(journal: Journal, view: View, seen: Seen, request: Request, now: datetime) -> bool:
    """Nothing changed anywhere and nothing is due: most ticks end here."""
    if (
        _asks_again(journal, now)
        or not seen.quiet
        or request != Request()
        or not all(_untouched(found) for found in view.found.values())
    ):
        return False
    wake = journal.moment("wake_at")
    if (
        _ruled_anew(journal, now)
        or journal.meta(UNREAD)
        or journal.meta(ASKED)
        or journal.meta(ODD)
        or journal.meta(ARCHIVING)
        or any(map(journal.meta, UNDER_WAY))
        or _first_looked_at(journal, seen)
        or (wake is not None and now >= wake)
    ):
        return False
    if (
        journal.rows.any_marked()
        or journal.writing.any_open()
        or journal.intents.open()
        or any_overdue(journal.mirror.fallen(), now)
        or buying_is_due(journal, now)
        or prices_due(journal, now)
        or after_sale_due(journal, now)
        or tracking_due(journal, now)
        or own_due(journal, now)
    ):
        return False
    with journal.transaction():
        _keep_items_due(journal, seen)
        _advance(journal, seen)
    return True


def _ruled_anew(journal: Journal, now: datetime) -> bool:
    """Whether a shop rule began or ended meanwhile."""
    change = journal.moment(RULES_CHANGE)
    return change is not None and now >= change


def _untouched(found: Found) -> bool:
    return not (found.rows or found.restore or found.accept or found.repairs or found.adopt or found.todos)


def _bought_before(shop: Shop, seen: Seen, now: datetime) -> list[Waybill] | None:
    """What the carrier sold for the orders in sight: asked on a first look at a shop, and once more when a purchase made
    just before it must have become visible. None: no shop's first look was answered, so nothing may start.
    """
    journal, found = shop.journal, list[Waybill]()
    first = _never_looked(shop)
    for name in sorted(_first_looked_at(journal, seen)):
        own = (trade for trade in seen.trades.values() if trade.seller == name)
        try:
            found += find_waybills(shop.outside, dict.fromkeys(open_tids(own), name))
        except OutsideError as error:
            seen.troubles.append(str(error))
            seen.leave_out(name)
    if first:
        return found if seen.reached else None
    if _asks_again(journal, now):
        try:
            found += find_waybills(shop.outside, sellers_of(journal, (journal.meta(ASK_AGAIN) or "").split()))
            seen.carrier_asked = True
        except OutsideError as error:
            seen.troubles.append(str(error))
    return found


def _never_looked(shop: Shop) -> bool:
    """Whether no shop was ever looked at: a first run, or the first after the journal was lost."""
    return all(shop.journal.moment(of_shop("cursor", name)) is None for name in shop.outside.shops)


def _first_looked_at(journal: Journal, seen: Seen) -> set[str]:
    """Shops that were looked at for the first time just now."""
    return {name for name in seen.reached if journal.moment(of_shop("cursor", name)) is None}


def _asks_again(journal: Journal, now: datetime) -> bool:
    quiet_until = journal.moment("quiet_until")
    return bool(journal.meta(ASK_AGAIN)) and (quiet_until is None or is_due(quiet_until, now))


# -- planning -------------------------------------------------------------------------------------------------------


def _take_in(
    shop: Shop, view: View, seen: Seen, bought: Sequence[Waybill], request: Request, now: datetime
) -> TickState:
    """Remember what Tmall told and what people asked, and mark what that changes. Inside the transaction."""
    journal = shop.journal
    first, new = _never_looked(shop), _first_looked_at(journal, seen)
    _remember(journal, seen)
    if first:
        adopt(journal, view, seen.trades, bought, now, shop.lang)
        adopt_refunds(journal, view)
        adopt_moves(journal, view, now, shop.lang)
        adopt_books(journal, view, now, shop.lang, shop.archive)
        if leaves_a_trace(journal, view):
            journal.set_moment("quiet_until", seen.until + shop.outside.settle)
            journal.set_meta(ASK_AGAIN, " ".join(open_tids(seen.trades.values())))
    else:
        adopt_late(journal, view, bought, now)
        if seen.carrier_asked:
            journal.set_meta(ASK_AGAIN, "")
        _ask_for_new_shops(journal, seen, new, now)
    held_back = (journal.meta(UNREAD) or "").split()
    unread = _keep_items_due(journal, seen)
    journal.rows.mark({STOCK.name: journal.mirror.codes_of_items(held_back)})
    journal.set_meta(UNREAD, " ".join(sorted(unread)))
    _advance(journal, seen)
    whole = all(journal.moment(of_shop("cursor", name)) is not None for name in shop.outside.shops)
    if new and whole:
        journal.rows.mark({STOCK.name: journal.mirror.codes()})
    orders = obey(journal, view, now, shop.lang, shop.saver)
    quiet_until, asked = journal.moment("quiet_until"), request.joined(orders.request)
    if not first and not leaves_a_trace(journal, view):  # a purchase would be forgotten with the journal
        quiet_until = now + WITHOUT_TRACE
    state = TickState(
        shop=shop, view=view, seen=seen, orders=orders, now=now, unread=unread, whole=whole, new_tids=_new_tids(view, seen),
        request=asked,
        reading=read_policy(
            view, shop.name, shop.lang, asked, quiet_until, now, journal.moves.warehouses(),
            tuple(name for name in shop.outside.more_shops if name != OWN), lambda: journal.mirror.codes() | journal.moves.skus(),
        ),
    )  # fmt: skip
    take_returns(state)
    mind_own(state)
    mind_bill_archives(state)
    return state


def _ask_for_new_shops(journal: Journal, seen: Seen, new: set[str], now: datetime) -> None:
    """Shops first looked at while purchases made before a loss of the journal may still be invisible."""
    quiet_until = journal.moment("quiet_until")
    if new and quiet_until is not None and now < quiet_until:
        tids = open_tids(trade for trade in seen.trades.values() if trade.seller in new)
        journal.set_meta(ASK_AGAIN, " ".join([*(journal.meta(ASK_AGAIN) or "").split(), *tids]))


def _remember(journal: Journal, seen: Seen) -> None:
    reset = set[str]()  # SKUs that are now taken down at another moment
    for sku in seen.skus.values():
        before, code = journal.mirror.sku(sku.sku_key), sku.outer_id or sku.sku_key
        reset |= {sku.sku_key} if before and before.sku.sub_stock != sku.sub_stock else set()
        journal.mirror.put_sku(sku, code)
        journal.rows.mark(
            {PRODUCTS.name: [sku.sku_key], STOCK.name: {code, before.stock_code if before else code}}
        )
    for trade in seen.trades.values():
        journal.mirror.put_trade(trade, live=True)
    for refund in seen.refunds.values():
        journal.mirror.put_refund(refund)
    refunded = journal.mirror.trades(refund.tid for refund in seen.refunds.values())
    journal.rows.mark({ORDERS.name: {*seen.trades, *refunded, *waiting_for(journal, reset)}})


def _keep_items_due(journal: Journal, seen: Seen) -> set[str]:
    """Items still to be read: of trades that were taken in though the look at their shop broke off, and those that were
    sold while they were read.
    """
    due: dict[str, set[str]] = {}
    for trade in seen.trades.values():
        items = {line.num_iid for line in trade.lines if line.num_iid}
        unread = items if trade.seller not in seen.reached else items & seen.unsettled
        due.setdefault(trade.seller, set()).update(unread)
    for shop in {*due, *seen.reached}:
        name = of_shop("items_due", shop)
        if shop not in seen.reached:
            due.setdefault(shop, set()).update((journal.meta(name) or "").split())
        journal.set_meta(name, " ".join(sorted(due.get(shop, ()))))
    return set().union(*due.values())


def _advance(journal: Journal, seen: Seen) -> None:
    for shop, until in seen.reached.items():
        journal.set_moment(of_shop("cursor", shop), until)
    for shop in seen.all_skus & seen.reached.keys():
        journal.set_moment(of_shop("skus_read", shop), seen.reached[shop])
    journal.set_meta("ask", " ".join(seen.unasked))


def _new_tids(view: View, seen: Seen) -> set[str]:
    view.load(ORDERS.name, seen.trades)
    return {
        tid
        for tid in seen.trades
        if view.base(ORDERS.name, tid) is None and view.row(ORDERS.name, tid) is None
    }


def _affected(state: TickState) -> set[str]:
    """Orders to be planned: live ones that do not rest, and those whose rows or facts changed."""
    journal, view = state.shop.journal, state.view
    tids = journal.rows.marked(ORDERS.name) | set(state.seen.trades)
    tids |= scanned_orders(state) | orders_of_waves(state) | reserving_anew(state)
    for table in (ORDERS, LINES, WAYBILLS):
        found = view.found[table.name]
        keys = [*found.rows, *found.restore]
        view.load(table.name, keys)
        for key in keys:
            known = (view.cells(table.name, key) or {}, view.base(table.name, key) or {})
            tids |= {key} if table is ORDERS else {str(cells["tid"]) for cells in known if cells.get("tid")}
    return waking(state, tids)


def _plan(state: TickState, tids: Iterable[str]) -> bool:
    """Plan these orders and the stock they touch, and commit the plan. True if it asks for anything to be done."""
    journal, policy = state.shop.journal, state.reading.policy
    skus, shelves = journal.mirror.skus(), Shelves(state)
    acts = False
    orders = plan_gifts(state, gather_with_fellows(state, tids))
    units = in_units(orders, merging=policy.setting("merge_orders") == "yes")
    for tid, facts in (one for unit in units for one in place_unit(state, unit, skus, shelves)):
        known = state.planned_as_is(facts)
        plan = known or plan_order(facts, policy, state.now)
        acts |= plan.acts
        state.facts[tid] = replace(facts, packages=packages_after(facts.packages, plan))
        if known and not may_post(facts):
            continue
        commit_order(journal, facts.trade, plan)
        state.keep_plan(facts, plan)
        journal.mirror.put_parts(tid, {oid: parts_text(parts) for oid, parts in facts.parts.items()})
        lines = lines_in_place(state, state.facts[tid], skus, shelves)
        codes = journal.mirror.put_stock_lines(tid, lines)
        mind_picks(state, tid, post_order(state, tid, lines))
        changed, new = journal.todos.settle([f"{ORDERS.name}/{tid}"], plan.todos, state.now)
        journal.rows.mark({STOCK.name: codes, ORDERS.name: [tid], TODO.name: changed})
        state.todo_ids |= changed
        state.new_todos += new
    mind_refunds(state)
    follow_parcels(state)
    rename_bins(state)
    post_documents(state)
    _set_wake(journal, state)
    look_for_unmatched(state, skus.values())
    asks = plan_prices(state, skus) or acts
    look_at_titles(state, skus)
    asks = look_at_checks(state) or asks
    asks = plan_marked_stock(state) or asks
    parcels = (package for facts in state.facts.values() for package in facts.packages)
    look_at_courier_bills(journal, state.view, policy, parcels, state.courier)
    keep_books(state)
    return asks


def _set_wake(journal: Journal, state: TickState) -> None:
    """When the passing of time alone will change a plan."""
    moments = (*(plan.wake_at for plan in state.plans.values()), journal.rests.next_moment())
    if wakes := [moment for moment in moments if moment]:
        journal.set_moment("wake_at", min(wakes))
    else:
        journal.set_meta("wake_at", "")


# -- acting ---------------------------------------------------------------------------------------------------------


def _act(state: TickState) -> None:
    """Carry out, plan again with what came of it, until nothing more is asked for."""
    shop, journal = state.shop, state.shop.journal
    for _ in range(ROUNDS):
        shop.tell(Step.ACT)
        _print(state)
        outcome = drain(journal, shop.outside, state.reading.policy)
        state.done.join(outcome)
        with journal.transaction():
            again = _plan(state, list(state.facts))
        if not again or outcome.blocked:
            return


def _print(state: TickState) -> None:
    """Labels and lists of one batch: files first, then the journal; a batch made twice is the same batch again."""
    wanted, policy = to_print(state), state.reading.policy
    if policy.reprint:
        state.reading = replace(
            state.reading, policy=replace(policy, reprint=frozenset())
        )  # a wish is met once
    if not wanted:
        return
    note_new_labels(state, wanted)
    policy = pick_parcels(state, wanted)
    if state.request.waves:
        print_waves(state, wanted, policy)
        return
    state.batches_made += 1  # what is bought in this tick is printed after what waited: two files
    number = f"-{state.batches_made}" if state.batches_made > 1 else ""
    batch = f"{state.now:%Y%m%d-%H%M%S}{number}"
    state.shop.print_labels(batch, wanted, policy)
    with state.shop.journal.transaction():
        for package in (package for _, package in wanted if package.state != "shipped"):
            why = state.request.why if package.state == "printed" else ""
            new = printed(package, batch, state.now, state.shop.lang, desk=state.shop.desk, why=why)
            state.shop.journal.mirror.put_package(new)
    state.printed += sum(not package.is_guest for _, package in wanted)


# -- reporting ------------------------------------------------------------------------------------------------------


def _counts(state: TickState) -> Counts:
    done = state.done.done
    changed = {tid for tid in set(state.seen.trades) - state.new_tids if not _is_shown(state, tid)}
    return Counts(
        orders_new=len(state.new_tids),
        orders_changed=len(changed),
        waybills=done[IntentKind.BUY],
        cancelled=done[IntentKind.CANCEL],
        shipped=done[IntentKind.SHIP],
        stock_pushed=done[IntentKind.STOCK],
        todo=state.new_todos,
    )


def _is_shown(state: TickState, tid: str) -> bool:
    """Whether the sheet had this version of the order already, as after a loss of the journal."""
    cells = state.view.cells(ORDERS.name, tid)
    return cells is not None and cells.get("modified") == state.seen.trades[tid].modified


def _note(state: TickState) -> str:
    lang = state.shop.lang
    taken_over = say(lang, "由本机接手", "taken over by this computer")
    begun = taken_over if state.shop.journal.meta(TAKEN_OVER) else ""
    texts = (begun, *state.seen.troubles, state.done.blocked, *state.done.troubles)
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _report(
    shop: Shop,
    now: datetime,
    seen: Seen,
    counts: Counts | None = None,
    written: WriteReport | None = None,
    done: Outcome | None = None,
    *,
    idle: bool = False,
) -> Report:
    written, done = written or WriteReport(), done or Outcome()
    return Report(
        at=now,
        idle=idle,
        counts=counts or Counts(),
        written=len(written.written),
        refused=len(written.refused),
        pending=written.pending,
        troubles=tuple(
            dict.fromkeys(text for text in (*seen.troubles, done.blocked, *done.troubles) if text)
        ),
        blocked=seen.blocked or bool(done.blocked),
        open_todos=shop.journal.todos.open_count(),
        waiting=len(shop.journal.intents.open()),
    )
