"""Orders of one receiver side by side: placed one after the other, then told which of them share a parcel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sync_engine.gather import gather
from sync_engine.parcel import Package
from sync_engine.placing import Shelves, in_turn, lines_in_place, place_order
from sync_engine.plan.facts import Joint, OrderFacts
from sync_engine.plan.joining import apart_note, join_orders, may_join
from sync_engine.plan.together import keep_together
from sync_engine.state import TickState
from sync_engine.stockroom import KnownSku
from workbook_templates.tables import ORDERS

Unit = list[tuple[str, OrderFacts]]
Known = Mapping[str, KnownSku]
Printable = tuple[OrderFacts, Package]


def gather_with_fellows(state: TickState, tids: Iterable[str]) -> dict[str, OrderFacts]:
    """Everything known of these orders, and of those that share a parcel with one of them."""
    journal, bundles = state.shop.journal, state.reading.bundles
    orders = gather(journal, state.view, tids, bundles)
    fellows = {
        one.rpartition("-")[0]
        for facts in orders.values()
        for package in facts.packages
        if package.live and (package.state != "shipped" or package.package_id in facts.resend_wanted)
        for one in package.joined
    }
    missing = fellows - orders.keys()
    return {**orders, **gather(journal, state.view, missing, bundles)} if missing else orders


def in_units(orders: Mapping[str, OrderFacts], *, merging: bool) -> list[Unit]:
    """Orders as they were paid; those that share a parcel, or could, side by side where the first of them stands.

    Args:
        merging: whether orders may be put together now.
    """
    units: dict[str, Unit] = {}
    for tid, facts in in_turn(orders):
        shared = next((p.joined[0] for p in facts.packages if p.joined and p.live), "")
        receiver = f"{facts.trade.seller}\t{facts.trade.receiver.oaid}"
        key = shared or (receiver if merging and may_join(facts) else tid)
        units.setdefault(key, []).append((tid, facts))
    return list(units.values())


def place_unit(state: TickState, unit: Unit, skus: Known, shelves: Shelves) -> Unit:
    """The orders of a unit with where they ship from and with which of the others they go."""
    policy = state.reading.policy
    if len(unit) == 1 and not any(package.joined and package.live for package in unit[0][1].packages):
        tid, facts = unit[0]
        joint = Joint(note=apart_note(facts, policy.lang) or _noted_before(state, facts))
        return [(tid, replace(place_order(state, facts, skus, shelves), joint=joint))]
    placed = _placed(state, unit, skus, shelves)
    members = list(placed.values())
    if any(p.joined and p.live for facts in members for p in facts.packages):
        joints = keep_together(members, _taken_out(state, members), policy, state.now)
    else:
        joints = join_orders(members, policy, state.now)
    return [(tid, replace(facts, joint=joints[tid])) for tid, facts in placed.items()]


def _noted_before(state: TickState, facts: OrderFacts) -> str:
    """Why it went by itself, as was said when its waybill was asked for."""
    tid = facts.trade.tid
    if not any(package.live for package in facts.packages):
        return ""
    before = state.facts.get(tid)
    shown = state.view.base(ORDERS.name, tid) or state.view.cells(ORDERS.name, tid) or {}
    return before.joint.note if before else str(shown.get("merged") or "")


def _taken_out(state: TickState, members: Iterable[OrderFacts]) -> list[Package]:
    """Parts that left the parcel these share."""
    ids = {one for facts in members for p in facts.packages if p.live for one in p.joined}
    found = (state.shop.journal.mirror.package(one) for one in sorted(ids))
    return [part for part in found if part and not part.live and part.problem]


def _placed(state: TickState, unit: Unit, skus: Known, shelves: Shelves) -> dict[str, OrderFacts]:
    """Each placed with what the ones before it take set aside; the shelves are left as they were."""
    placed: dict[str, OrderFacts] = {}
    taken: list[tuple[str, str, int]] = []
    for tid, facts in unit:
        placed[tid] = place_order(state, facts, skus, shelves)
        before = state.shop.journal.mirror.lines_of(tid)
        lines = lines_in_place(state, placed[tid], skus, shelves)
        taken += [(line.stock_code, line.warehouse, line.reserved) for line in lines]
        taken += [(code, place, -reserved) for _, code, reserved, place in before]
    for code, place, pieces in taken:
        shelves.change(code, place, -pieces)
    return placed


def to_print(state: TickState) -> list[Printable]:
    """The parcels of a batch; what goes along in one follows it."""
    wanted: list[Printable] = []
    for tid, plan in state.plans.items():
        for package in state.facts[tid].packages:
            if package.package_id in plan.to_print:
                wanted.append((state.facts[tid], package))
                wanted.extend(_along(state, package))
    return wanted


def note_new_labels(state: TickState, wanted: Iterable[Printable]) -> None:
    """Remember which parcels get their first label in this tick, so that a command to ship does not mean them."""
    policy = state.reading.policy
    if not policy.ship_now:
        return  # nobody gave it: another policy would have every order planned anew
    fresh = {package.package_id for _, package in wanted if package.state != "printed"}
    state.reading = replace(state.reading, policy=replace(policy, printed_now=policy.printed_now | fresh))


def _along(state: TickState, package: Package) -> Iterable[Printable]:
    for one in package.fellows:
        facts = state.facts.get(one.rpartition("-")[0])
        for part in facts.packages if facts else ():
            if facts and part.package_id == one and part.live and part.waybill_code == package.waybill_code:
                yield facts, part
