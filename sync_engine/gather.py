"""Gathering what the plan needs: the policy from small tables, and the facts of some orders."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from formulas.campaign_prices import CampaignPrice, read_campaign_prices
from sync_engine.journal.journal import Journal
from sync_engine.parts import PartsFinder
from sync_engine.plan.audit import approval, read_audit_rules
from sync_engine.plan.bins import NO_BINS, read_bins
from sync_engine.plan.bundling import NONE, Bundles, read_bundles
from sync_engine.plan.facts import OrderFacts, line_staff, order_staff
from sync_engine.plan.gifts import read_gift_rules
from sync_engine.plan.places import Places, read_places
from sync_engine.plan.policy import Policy, read_codes, read_goods, read_rates, read_rules, read_settings
from sync_engine.plan.resending import wish_from
from sync_engine.plan.returning import with_returns
from sync_engine.plan.roles import read_roles
from sync_engine.plan.shoprules import Selling, groups_of, read_shop_rules
from sync_engine.plan.splitting import read_split_rules
from sync_engine.plan.tracking import TrackRule, read_track_rules
from sync_engine.view import View
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import (
    AUDIT_RULES,
    BINS,
    BUNDLES,
    CAMPAIGNS,
    COURIER_RULES,
    FREIGHT,
    GIFT_RULES,
    LINES,
    ORDERS,
    PRODUCTS,
    ROLES,
    SETTINGS,
    SHOP_RULES,
    SPLIT_RULES,
    TRACK_RULES,
    WAREHOUSES,
    WAYBILLS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asked of this tick beyond the usual."""

    buy_now: bool = False
    print_now: bool = False
    reprint: frozenset[str] = frozenset()
    why: str = ""  # why labels are wanted again; without it none is made again
    ship_now: frozenset[str] = frozenset()
    scans: tuple[str, ...] = ()  # parcels scanned by command: waybill, then codes
    ask: tuple[str, ...] = ()
    deletion: str = ""  # restore | accept
    propose: bool = False  # work the purchase proposals out now
    waves: bool = False  # sort what is to be printed into waves
    purchase_orders: frozenset[str] = frozenset()  # orders to make files of; "" stands for today's

    def joined(self, other: Request) -> Request:
        """Both requests in one."""
        return Request(
            buy_now=self.buy_now or other.buy_now,
            print_now=self.print_now or other.print_now,
            reprint=self.reprint | other.reprint,
            why=self.why or other.why,
            ship_now=self.ship_now | other.ship_now,
            scans=(*self.scans, *other.scans),
            ask=(*self.ask, *other.ask),
            deletion=self.deletion or other.deletion,
            propose=self.propose or other.propose,
            waves=self.waves or other.waves,
            purchase_orders=self.purchase_orders | other.purchase_orders,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The policy, and a sentence for each row of the small tables that will not do."""

    policy: Policy
    places: Places
    problems: dict[str, dict[str, str]]  # by table, by row key
    selling: Selling = field(default_factory=Selling)
    bundles: Bundles = NONE
    products: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)  # rows of 商品
    prices: Sequence[CampaignPrice] = ()
    track_rules: Sequence[TrackRule] = ()


def read_policy(
    view: View, shop: str, lang: Lang, request: Request, quiet_until: datetime | None, now: datetime,
    used: Collection[str] = (), more_shops: tuple[str, ...] = (), codes_now: Callable[[], Collection[str]] = frozenset,
) -> Reading:  # fmt: skip
    """The shop's policy as it stands in the workbook.

    Args:
        used: the warehouses anything was posted to.
        more_shops: names of further shops that sell from the same stock.
        now: which shop rules hold.
        codes_now: all merchant codes there are; asked where there are bundles.
    """
    settings, setting_problems = read_settings(view.all(SETTINGS.name), lang)
    rules, rule_problems = read_rules(view.all(COURIER_RULES.name), lang)
    audit_rules, audit_problems = read_audit_rules(view.all(AUDIT_RULES.name), lang)
    gift_rules, gift_problems = read_gift_rules(_gift_rows(view), lang, now)
    split_rules, split_problems = read_split_rules(view.all(SPLIT_RULES.name), lang)
    prices, price_problems = read_campaign_prices(view.all(CAMPAIGNS.name), lang)
    track_rules, track_problems = read_track_rules(view.all(TRACK_RULES.name), lang)
    rates, rate_problems = read_rates(view.all(FREIGHT.name), lang)
    places, place_problems = read_places(view.all(WAREHOUSES.name), used, lang)
    for rate in rates:
        if rate.warehouse and places.find(rate.warehouse) is None:
            rate_problems[rate.rate_id] = places.unknown(rate.warehouse, lang)
    products, bundle_rows = view.all(PRODUCTS.name), view.all(BUNDLES.name)
    shops, rows = (shop, *more_shops), view.all(SHOP_RULES.name)
    selling, shop_problems = (
        read_shop_rules(rows, shops, places, groups_of(products), now, lang) if rows else (Selling(), {})
    )
    bundles, bundle_problems = read_bundles(bundle_rows, codes_now(), lang) if bundle_rows else (NONE, {})
    bin_rows = view.all(BINS.name)
    bins = read_bins(bin_rows, places, codes_now(), lang) if bin_rows else NO_BINS
    policy = Policy(
        bins=bins, shop=shop, more_shops=more_shops, lang=lang, settings=settings, rules=rules, audit_rules=audit_rules, rates=rates,
        places=places, goods=read_goods(products), gift_rules=gift_rules, split_rules=split_rules, codes=read_codes(products), quiet_until=quiet_until, print_now=request.print_now,
        reprint=request.reprint if request.why else frozenset(), buy_now=request.buy_now, ship_now=request.ship_now,
    )  # fmt: skip
    problems = {
        SETTINGS.name: setting_problems,
        COURIER_RULES.name: rule_problems,
        AUDIT_RULES.name: audit_problems,
        FREIGHT.name: rate_problems,
        GIFT_RULES.name: gift_problems,
        SPLIT_RULES.name: split_problems,
        WAREHOUSES.name: place_problems,
        SHOP_RULES.name: shop_problems,
        BUNDLES.name: bundle_problems,
        CAMPAIGNS.name: price_problems,
        TRACK_RULES.name: track_problems,
        BINS.name: dict(bins.problems),
        ROLES.name: read_roles(view.all(ROLES.name), lang)[1],
    }
    return Reading(
        policy=policy, places=places, problems=problems, selling=selling, bundles=bundles, products=products, prices=prices,
        track_rules=track_rules,
    )  # fmt: skip


def _gift_rows(view: View) -> dict[str, dict[str, Value]]:
    """The rows of 赠品规则, with the time each was made as we wrote it, whatever was typed over that."""
    return {
        key: {**cells, "made_at": (view.base(GIFT_RULES.name, key) or cells).get("made_at")}
        for key, cells in view.all(GIFT_RULES.name).items()
    }


def gather(
    journal: Journal, view: View, tids: Iterable[str], bundles: Bundles = NONE
) -> dict[str, OrderFacts]:
    """Everything known of these orders, from the journal and the sheet."""
    trades = journal.mirror.trades(tids)
    refunds = journal.mirror.refunds_of(trades)
    packages = journal.mirror.packages_of(trades)
    subjects = [*trades, *(p.package_id for group in packages.values() for p in group)]
    intents: dict[str, dict[str, object]] = {}
    for intent in journal.intents.of(subjects):
        tid = intent.subject.rpartition("-")[0] or intent.subject
        intents.setdefault(tid, {})[intent.key] = intent
    view.load(ORDERS.name, trades)
    view.load(LINES.name, (line.oid for trade in trades.values() for line in trade.lines))
    parcels = [p for group in packages.values() for p in group]
    view.load(WAYBILLS.name, {one for p in parcels for one in (p.package_id, *p.joined[:1])})
    asking, came_back = set(view.found[ORDERS.name].asking), journal.returns.of_orders(trades)
    neighbours = journal.mirror.neighbours(trades.values())
    approvals = {tid: approval(view.base(ORDERS.name, tid), view.typed(ORDERS.name, tid)) for tid in trades}
    parts = PartsFinder(journal, view, bundles, trades)
    return {
        tid: OrderFacts(
            trade=trade,
            refunds=tuple(refunds.get(tid, ())),
            packages=tuple(packages.get(tid, ())),
            intents=intents.get(tid, {}),  # type: ignore[arg-type]
            staff=order_staff(view.typed(ORDERS.name, tid)),
            lines={
                line.oid: with_returns(
                    line_staff(view.typed(LINES.name, line.oid)), came_back.get(line.oid, ())
                )
                for line in trade.lines
            },
            cancel_wanted=frozenset(
                p.package_id
                for p in packages.get(tid, ())
                if view.typed(WAYBILLS.name, p.package_id).get("cancel_wanted") is True
            ),
            resend_wanted={
                p.package_id: wish
                for p in packages.get(tid, ())
                if (wish := wish_from(view.typed(WAYBILLS.name, p.package_id)))
                or (p.is_guest and (wish := wish_from(view.typed(WAYBILLS.name, p.joined[0]))))
            },
            neighbours=neighbours.get(tid, ()),
            approved=approvals[tid][0],
            approval_key=approvals[tid][1],
            visible=tid not in asking,
            parts=parts.of(trade, packages.get(tid, ())),
        )
        for tid, trade in trades.items()
    }
