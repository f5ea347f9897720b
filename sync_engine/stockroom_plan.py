"""Planning stock for every code that is marked, or whose row people changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from formulas.costing import CostRules
from formulas.selling import Held, Sellable
from sync_engine.binning import bins_of, mark_binned
from sync_engine.clock import format_time
from sync_engine.intent import Intent, IntentKind
from sync_engine.plan.bundling import Bundles, divide, limits_of
from sync_engine.plan.figures import Figures, last_count, since_count, work_out
from sync_engine.plan.sharing import Shared, share_out
from sync_engine.plan.shoprules import as_text
from sync_engine.plan.stock import Ground, StockPlan, decide_count, opening_of, plan_stock
from sync_engine.plan.stockrows import balance_key
from sync_engine.plan.telling import changes, fall_of
from sync_engine.state import TickState
from sync_engine.stockledger import add_moves, mark_costs, rules_of
from sync_engine.stockroom import KnownSku
from workbook_templates.schema import KEY_SEPARATOR
from workbook_templates.tables import BALANCES, BINS, COUNTS, MOVES, PURCHASES, SHOP_STOCK, STOCK, WAREHOUSES

RULES_CHANGE = "shop_rules_change"
"""When a shop rule begins or ends next."""


def plan_marked_stock(state: TickState) -> bool:
    """Plan and commit the stock of all marked codes, and of those that share pieces with them. True if anything is to be
    pushed.
    """
    journal, view, bundles = state.shop.journal, state.view, state.reading.bundles
    found, by_shop = view.found[STOCK.name], view.found[SHOP_STOCK.name]
    _mark_if_ruled_anew(state)
    mark_costs(state)
    mark_binned(state)
    journal.rows.mark({STOCK.name: {known.stock_code for known in journal.mirror.fallen()}})
    codes = journal.rows.marked(STOCK.name) | set(found.rows) | set(found.restore)
    codes |= {key.rpartition(KEY_SEPARATOR)[0] for key in (*by_shop.rows, *by_shop.restore)}
    clusters = {bundles.cluster(code) if bundles.parts else frozenset({code}) for code in codes}
    view.load(STOCK.name, {code for cluster in clusters for code in cluster})
    rules = rules_of(state) if codes else None
    asked = False
    for cluster in sorted(clusters, key=sorted):
        for code, plan in (_plan_cluster(state, cluster, rules) if rules else {}).items():
            state.stock[code] = plan
            for key in plan.drop:
                journal.intents.drop(key)
            for intent in plan.intents:
                journal.intents.add(intent)
                asked = True
            changed, new = journal.todos.settle([f"{STOCK.name}/{code}"], plan.todos, state.now)
            state.todo_ids |= changed
            state.new_todos += new
    return asked


def _mark_if_ruled_anew(state: TickState) -> None:
    """A changed setting, shop rule or bundle changes every offer."""
    journal, policy = state.shop.journal, state.reading.policy
    selling, bundles = state.reading.selling, state.reading.bundles
    rule = f"{policy.setting('push_stock')} {policy.setting('safety_stock')} {as_text(selling.rules)} {bundles.text}"
    change = selling.next_change
    journal.set_meta(RULES_CHANGE, format_time(change) if change else "")
    if journal.meta("stock_rule") != rule:
        journal.rows.mark({STOCK.name: journal.mirror.codes() | bundles.touched})
        journal.set_meta("stock_rule", rule)


def _plan_cluster(state: TickState, codes: frozenset[str], rules: CostRules) -> dict[str, StockPlan]:
    """Plan goods that share pieces: what each offers, how that is given out, and what Tmall is told of all of them."""
    reading, lang = state.reading, state.shop.lang
    policy, bundles = reading.policy, reading.bundles
    grounds = {code: one for code in sorted(codes) if (one := _ground(state, code, rules)) is not None}
    if not grounds:
        return {}
    grounds = _with_unseen(grounds, bundles)
    sold = {code for code, ground in grounds.items() if ground.alive}
    singles = {code: one.offer(policy) for code, one in grounds.items() if code not in bundles.parts}
    division = divide(singles, bundles, codes, sold, lang)
    shared: dict[str, Shared] = {}
    for code, ground in grounds.items():
        made = division.made.get(code, 0) if code in bundles.parts else None
        stock = (
            ground.stock(policy, division.taken.get(code, 0))
            if made is None
            else Sellable(warehouses={"": Held(actual=made)})
        )
        named = {known.sku.seller: policy.shop_named(known.sku.seller) for known in ground.alive}
        shared[code] = share_out(
            code, ground.alive, stock, reading.selling, named, lang, only_lower=code in bundles.broken
        )  # fmt: skip
    asked, drop = _told(state, grounds, shared)
    return {
        code: plan_stock(
            ground, shared[code], [one for one in asked if one.subject in shared[code].wanted],
            [key for key in drop if key in ground.intents], policy, division.taken.get(code, 0),
            division.made.get(code, 0) if code in bundles.parts else None, division.why.get(code, ""),
        )
        for code, ground in grounds.items() if ground.skus
    }  # fmt: skip


def _told(
    state: TickState, grounds: Mapping[str, Ground], shared: Mapping[str, Shared]
) -> tuple[tuple[Intent, ...], tuple[str, ...]]:
    """What to ask of Tmall so that these goods show what they should, none of them promised twice at any moment."""
    policy, bundles = state.reading.policy, state.reading.bundles
    if not state.whole:  # what a shop that was never looked at has sold is not known
        return (), ()
    telling = [code for code, ground in grounds.items() if ground.pushes(policy)]
    skus = [known for code in telling for known in shared[code].told]
    wanted = {key: pieces for code in telling for key, pieces in shared[code].wanted.items()}
    intents = {key: one for code in telling for key, one in grounds[code].intents.items()}
    codes = {known.sku.sku_key: known.stock_code for known in skus}
    limits = limits_of(bundles, codes, wanted) if bundles.parts else None
    return changes(wanted, skus, intents, policy.shop, state.now, state.unread, limits)


def _with_unseen(grounds: Mapping[str, Ground], bundles: Bundles) -> dict[str, Ground]:
    """Pieces that went from the figure of a bundle went from all of its parts, until its order appears."""
    unseen = {code: one.missing for code, one in grounds.items() if code not in bundles.parts}
    for code, ground in grounds.items():
        for part, times in bundles.parts.get(code, {}).items() if ground.missing else ():
            unseen[part] = unseen.get(part, 0) + ground.missing * times
    return {code: replace(one, unseen=unseen.get(code, 0)) for code, one in grounds.items()}


def _ground(state: TickState, code: str, rules: CostRules) -> Ground | None:
    """Post the count people typed and work the goods' ledger out; None for goods nothing can be said of yet."""
    journal, view, now, places = state.shop.journal, state.view, state.now, state.reading.places
    ours = state.shop.outside.shops  # goods of a shop that was taken out of config.toml are not ours to tell
    skus = [known for known in journal.mirror.skus_of_code(code) if known.sku.seller in ours]
    bundle = code in state.reading.bundles.parts
    sheet = view.cells(STOCK.name, code) or view.base(STOCK.name, code)  # a deleted row comes back as typed
    by_sku = journal.mirror.reserved_by_sku(code)
    held = state.stock.get(code)
    if held and sheet is None:  # planned earlier in this tick: the first count stands
        sheet = {**held.row, **held.first}
    if skus and not bundle:
        if sheet is None and not state.whole:
            return None  # what there is to begin with is told by all shops together
        own = [one.move for one in journal.moves.of_source(f"stock/{code}")]
        count = decide_count(code, sheet, opening_of(skus, by_sku), own, places.main, now)
        add_moves(state, [count] if count else [])
    figures = _work_out(state, code, rules)
    if not skus and not any(code in parts for parts in state.reading.bundles.parts.values()):
        return None
    count = (
        None if bundle else last_count([one.move for one in journal.moves.of_source(f"stock/{code}")], code)
    )
    for_sale = {place: one for place, one in figures.balances.items() if place not in places.not_for_sale}
    missing = _unseen(state, skus)
    return Ground(
        code=code, skus=tuple(skus), count=count, since=since_count(figures, count, places), reserved=sum(by_sku.values()),
        by_shop=_by_shop(state, skus, by_sku), unseen=missing, missing=missing, sheet=sheet,
        intents={i.key: i for i in journal.intents.of(k.sku.sku_key for k in skus) if i.kind is IntentKind.STOCK},
        there={place: Held(actual=one.on_hand, in_transit=one.in_transit) for place, one in for_sale.items()},
    )  # fmt: skip


def _by_shop(state: TickState, skus: Sequence[KnownSku], by_sku: Mapping[str, int]) -> dict[str, int]:
    """What each shop has sold and not sent, by the shop's name."""
    known, found = {one.sku.sku_key: one for one in skus}, dict[str, int]()
    for sku_key, pieces in by_sku.items():
        sold_as = known.get(sku_key) or state.shop.journal.mirror.sku(sku_key)
        if sold_as is not None and pieces:
            name = state.reading.policy.shop_named(sold_as.sku.seller)
            found[name] = found.get(name, 0) + pieces
    return found


def _unseen(state: TickState, skus: Sequence[KnownSku]) -> int:
    """Pieces that went from the figures of these SKUs and that no order explains yet; what was compared is kept."""
    mirror, missing = state.shop.journal.mirror, 0
    for known in skus:
        fall = fall_of(known, mirror.taken(known.sku.sku_key), state.now)
        if (fall.supply, fall.fell_at, fall.missing) != (known.supply, known.fell_at, known.missing):
            mirror.put_supply(known.sku.sku_key, fall.supply, fall.fell_at, fall.missing)
        missing += fall.missing
    return missing


def _work_out(state: TickState, code: str, rules: CostRules) -> Figures:
    """The figures of one kind of goods, kept in the journal; rows that show others are marked.

    A tick plans more than once: what was worked out for the same moves is not worked out again.
    """
    journal, places = state.shop.journal, state.reading.places
    on_order, reserved = journal.moves.on_order(code), journal.mirror.reserved_in(code, places.main)
    stamp = (journal.moves.count_of(code), on_order, reserved)
    before = state.figures.get(code)
    if before is not None and before[0] == stamp:
        return before[1]
    posted = journal.moves.of_sku(code)
    figures = work_out(code, posted, rules, places, on_order, reserved, state.shop.lang)
    state.figures[code] = (stamp, figures)
    gone = set(journal.moves.balances(code)) - set(figures.balances)
    journal.moves.show(figures.lines)
    journal.moves.put_balances(code, figures.balances)
    sources = [one.move.source.split("/", 1) for one in posted if one.move.move_id in figures.lines]
    marks: dict[str, set[str]] = {
        MOVES.name: set(figures.lines),
        BALANCES.name: {balance_key(code, place) for place in {*figures.balances, *gone}},
        WAREHOUSES.name: set(figures.balances),
    }
    for table, key in sources:
        if table in (COUNTS.name, PURCHASES.name):
            marks.setdefault(table, set()).add(key)
    if any(one.bins for one in figures.balances.values()):
        marks[BINS.name] = {bins_of(code)}
    journal.rows.mark(marks)
    return figures
