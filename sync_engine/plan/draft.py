"""What has been decided so far for one order, while it is planned."""

from __future__ import annotations

from datetime import datetime

from sync_engine.intent import Intent, IntentKind, IntentState, is_due
from sync_engine.parcel import Package
from sync_engine.plan.facts import CourierChoice, OrderFacts
from sync_engine.plan.policy import Policy


class Draft:
    """What has been decided so far for one order; lives only while it is planned."""

    def __init__(self, facts: OrderFacts, policy: Policy, now: datetime) -> None:
        self.facts, self.policy, self.now = facts, policy, now
        self.packages: dict[str, Package] = {package.package_id: package for package in facts.packages}
        self.changed: set[str] = set()
        self.gone: list[str] = []
        self.intents: list[Intent] = []
        self.drop: list[str] = []
        self.to_print: list[str] = []
        self.notes: list[str] = []
        self.choice: CourierChoice | None = None
        self.no_courier = False
        self.kept_back: list[tuple[Package, str]] = []  # printed parcels Tmall is not told of, and why

    def put(self, package: Package) -> None:
        """Add or change a parcel."""
        if self.packages.get(package.package_id) != package:
            self.packages[package.package_id] = package
            self.changed.add(package.package_id)

    def live(self) -> list[Package]:
        """Parcels that stand for goods to send or sent."""
        return [package for package in self.packages.values() if package.live]

    def shared(self, package: Package) -> bool:
        """Whether what becomes of a parcel was decided with the other orders in it."""
        return package.package_id in self.facts.joint.duties

    def intent(self, key: str) -> Intent | None:
        """What became of an effect."""
        return self.facts.intents.get(key)

    def may_add(self, key: str) -> bool:
        """Whether an effect may be asked for: never asked, dropped, or refused long enough ago to try again."""
        known = self.intent(key)
        if known is None or known.state is IntentState.DROPPED:
            return True
        return (
            known.state is IntentState.REFUSED
            and known.next_at is not None
            and is_due(known.next_at, self.now)
        )

    def ask(self, kind: IntentKind, key: str, subject: str, **doc: str) -> None:
        """Ask for an effect unless it was asked for already."""
        if self.may_add(key):
            self.intents.append(Intent(key=key, kind=kind, subject=subject, doc=doc))

    def pending(self, key: str) -> list[str]:
        """The key, where that effect was asked for and not carried out yet."""
        known = self.intent(key)
        return [key] if known and known.state is IntentState.PENDING else []
