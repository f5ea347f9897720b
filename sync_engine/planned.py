"""What becomes of an order's plan: its parcels and intents in the journal."""

from __future__ import annotations

from collections.abc import Sequence

from sync_engine.journal.journal import Journal
from sync_engine.parcel import Package
from sync_engine.plan.facts import OrderFacts, OrderPlan
from sync_engine.trade import Trade
from workbook_templates.tables import WAYBILLS


def packages_after(packages: Sequence[Package], plan: OrderPlan) -> tuple[Package, ...]:
    """An order's parcels as its plan leaves them."""
    kept = {
        package.package_id: package for package in packages if package.package_id not in plan.gone_packages
    }
    kept.update({package.package_id: package for package in plan.packages})
    return tuple(sorted(kept.values(), key=lambda package: package.no))


def commit_order(journal: Journal, trade: Trade, plan: OrderPlan) -> None:
    """Keep an order's plan. Inside the tick's transaction."""
    for package in plan.packages:
        journal.mirror.put_package(package)
    for package_id in plan.gone_packages:
        journal.mirror.drop_package(package_id)
        journal.rows.mark({WAYBILLS.name: [package_id]})
    for key in plan.drop:
        journal.intents.drop(key)
    for intent in plan.intents:
        journal.intents.add(intent)
    journal.mirror.set_live(trade.tid, plan.live)


def may_post(facts: OrderFacts) -> bool:
    """Whether anything of an order left or came back: only that moves goods in the ledger, as soon as they are counted."""
    left = any(package.state == "shipped" for package in facts.packages) or any(
        line.was_shipped for line in facts.trade.lines
    )
    return left or any(
        line.returned_qty or line.defective_qty or line.returned_at for line in facts.lines.values()
    )
