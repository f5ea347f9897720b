"""Parcels that several orders share, from the purchase to the door: who stays, who is taken out, when all of it waits. Pure.

Before its waybill is bought, one order that no longer fits undoes the whole; it is made anew of those that do. Afterwards a part whose
order was cancelled, re-addressed or taken away by staff leaves and the label is made again; where it is the order the waybill
was bought for, the waybill is given back and everybody gets a new one. Once Tmall was told of one of its orders the parcel is on its
way: who then wishes another courier or warehouse for another of them comes too late. Nothing of a parcel is told while a part of it must not go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync_engine.intent import IntentState, buy_key, cancel_key, ship_key
from sync_engine.parcel import Package, address_key
from sync_engine.plan.audit import audit_order
from sync_engine.plan.contents import contents_key
from sync_engine.plan.facts import CourierChoice, Duty, Joint, OrderFacts, is_dead, is_sendable
from sync_engine.plan.joining import joint_order, share_out, together, why_alone
from sync_engine.plan.policy import Policy
from sync_engine.plan.rows import gift_lines
from sync_engine.plan.stage import find_hold
from sync_engine.plan.words import say
from sync_engine.trade import Line

UNTOLD = ("", "?")


@dataclass(frozen=True, slots=True)
class Part:
    """One order's part of a shared parcel."""

    facts: OrderFacts
    package: Package

    @property
    def lines(self) -> list[Line]:
        """Its lines as Tmall has them now."""
        return [line for line in self.facts.trade.lines if line.oid in self.package.oids]

    @property
    def alive(self) -> list[Line]:
        """Its lines that are still to be sent, or were."""
        return [line for line in self.lines if not is_dead(line)]

    @property
    def told(self) -> bool:
        """Whether Tmall has it as shipped with this parcel's number."""
        code = self.package.waybill_code
        return self.package.state == "shipped" or bool(
            code and any(line.invoice_no == code for line in self.lines)
        )

    @property
    def under_way(self) -> bool:
        """Whether Tmall has it as shipped and the buyer does not have it yet."""
        return self.told and self.facts.trade.status in ("SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS")

    def in_doubt(self, key: str) -> bool:
        """Whether an effect may have been done."""
        known = self.facts.intents.get(key)
        return known is not None and known.in_doubt

    @property
    def goes_to(self) -> str:
        """Fingerprint of where it goes by now."""
        return address_key(self.facts.trade.receiver)


def keep_together(
    members: Sequence[OrderFacts], gone: Sequence[Package], policy: Policy, now: datetime
) -> dict[str, Joint]:
    """What becomes of each order's part of the parcel these share, by tid.

    Args:
        gone: parts that were taken out of it.
    """
    parts = [
        Part(facts, package)
        for facts in members
        for package in facts.packages
        if package.joined and package.live
    ]
    duties = _duties(parts, policy, now)
    found: dict[str, Joint] = {}
    for part in parts:
        tid, package = part.facts.trade.tid, part.package
        left = [(p, _taken_out(p, policy)) for p in gone if p.package_id in package.joined and p.tid != tid]
        texts = [together(package, policy.lang, [p.package_id for p, _ in left]), *(text for _, text in left)]
        labelled = [(p, text) for p, text in left if p.printed_at]
        found[tid] = Joint(
            note=say(policy.lang, ";", "; ").join(filter(None, texts)), duties={package.package_id: duties[package.package_id]},
            taken_out=tuple(text for _, text in labelled) if package.state in ("bought", "printed") else (),
            left_late=tuple(text for p, text in labelled if part.under_way and _after_telling(p, package)),
        )  # fmt: skip
    return found


def _taken_out(gone: Package, policy: Policy) -> str:
    return say(policy.lang, f"{gone.tid} 已拿出:{gone.problem}", f"{gone.tid} was taken out: {gone.problem}")


def _after_telling(gone: Package, stays: Package) -> bool:
    """Whether a part left a parcel when Tmall had it as shipped already, so that no new label could say so."""
    return bool(gone.cancelled_at and stays.shipped_at and gone.cancelled_at >= stays.shipped_at)


def _duties(parts: Sequence[Part], policy: Policy, now: datetime) -> dict[str, Duty]:
    host = next((part for part in parts if not part.package.is_guest), None)
    if not any(part.package.waybill_code for part in parts):
        return _before(parts, host, policy, now)
    duties = _after(parts, host, policy)
    shrunk = any(not part.told and 0 < len(part.alive) < len(part.package.oids) for part in parts)
    if host and shrunk and host.package.package_id not in duties:
        duties[host.package.package_id] = Duty(relabel=True)
    relabel = any(duty.relabel for duty in duties.values())
    staying = sorted(
        (part for part in parts if not duties.get(part.package.package_id, Duty()).action),
        key=lambda part: part.package.is_guest,
    )
    fewer = relabel or any(duty.action == "leave" for duty in duties.values())
    shares = _shares(staying if fewer else parts, policy, anew=fewer)
    contents = contents_key([(part.facts, part.package) for part in staying], policy)
    marked = any(
        part.facts.staff.ship_mark or policy.ships_by_command(part.facts.trade.tid, part.package.package_id)
        for part in parts
    )
    for part in parts:
        duty = duties.get(part.package.package_id, Duty())
        stopped = "" if part.told else _stopped(part, parts, host, policy, now)
        duties[part.package.package_id] = Duty(
            action=duty.action, reason=duty.reason, relabel=duty.relabel, stopped=stopped, marked=marked,
            follow=host.package if host and part is not host and host.package.state == "printed" and not relabel else None,
            share=shares.get(part.package.package_id), contents=contents,
        )  # fmt: skip
    return duties


# -- before the waybill -----------------------------------------------------------------------------------------------


def _before(parts: Sequence[Part], host: Part | None, policy: Policy, now: datetime) -> dict[str, Duty]:
    """All stay, or the parcel is undone; while the purchase is in doubt nothing is touched."""
    if host and host.in_doubt(buy_key(policy.shop, host.package.package_id)):
        return {part.package.package_id: Duty() for part in parts}
    reason = "" if host else say(policy.lang, "主单不在了", "its first order is gone")
    if host and len(parts) != len(host.package.joined):
        reason = say(policy.lang, "有的单不在了", "an order of it is gone")
    for part in parts:
        reason = reason or _unfit(part, host, policy, now)
    action = "dissolve" if reason else ""
    return {part.package.package_id: Duty(action=action, reason=reason) for part in parts}


def _unfit(part: Part, host: Part | None, policy: Policy, now: datetime) -> str:
    """Why a part does not fit the parcel any more."""
    lang, tid, trade = policy.lang, part.facts.trade.tid, part.facts.trade
    alone = why_alone(part.facts, policy, now)
    if alone:
        return f"{tid} {alone}"
    if host and trade.receiver.oaid != host.facts.trade.receiver.oaid:
        return say(lang, f"{tid} 改了地址", f"{tid} goes to another address")
    if {line.oid for line in trade.lines if is_sendable(line)} != set(part.package.oids):
        return say(lang, f"{tid} 的商品变了", f"the goods of {tid} changed")
    wanted = part.facts.staff.courier_wanted
    if wanted and wanted != part.package.cp_code:
        return say(lang, f"{tid} 指定了别的快递", f"{tid} wants another courier")
    if _other_warehouse(part, policy):
        return say(lang, f"{tid} 指定了别的仓库", f"{tid} is to ship from another warehouse")
    return ""


# -- after the waybill ------------------------------------------------------------------------------------------------


def _after(parts: Sequence[Part], host: Part | None, policy: Policy) -> dict[str, Duty]:
    lang = policy.lang
    if host and host.package.state == "cancelling":
        return _with_the_host(parts, host, policy)
    if host is None and all(part.package.state == "cancelling" for part in parts):
        return {part.package.package_id: Duty(action="leave", reason=part.package.problem) for part in parts}
    leaving = {
        part.package.package_id: reason
        for part in parts
        if not part.told and (reason := _why_leave(part, parts, host, policy))
    }
    if not leaving:
        return {}
    told = any(part.told for part in parts)
    asking = any(part.in_doubt(ship_key(policy.shop, part.package.package_id)) for part in parts)
    if host and host.package.package_id in leaving and not told:
        reason = leaving[host.package.package_id]
        text = say(lang, f"主单 {host.facts.trade.tid} {reason},整个包裹重新取号", f"{host.facts.trade.tid} {reason}: the parcel gets a new waybill")  # fmt: skip
        return (
            {}
            if asking
            else {part.package.package_id: Duty(action="give_back", reason=text) for part in parts}
        )
    duties = {
        part.package.package_id: Duty(action="leave" if part.package.waybill_code else "dissolve", reason=leaving[part.package.package_id])
        for part in parts
        if part.package.package_id in leaving and not part.in_doubt(ship_key(policy.shop, part.package.package_id))
    }  # fmt: skip
    if host and host.package.package_id not in duties and duties and not told:
        duties[host.package.package_id] = Duty(relabel=True)
    return duties


def _with_the_host(parts: Iterable[Part], host: Part, policy: Policy) -> dict[str, Duty]:
    """The waybill is being given back: its parts with it, unless the courier said it is too late."""
    known = host.facts.intents.get(cancel_key(policy.shop, host.package.package_id))
    refused = known is not None and known.state is IntentState.REFUSED
    text = say(policy.lang, "单号在作废", "its waybill is being cancelled")
    return {
        part.package.package_id: Duty(action="resume" if refused else "give_back", reason=text)
        for part in parts
        if part is not host and not part.told
    }


def _why_leave(part: Part, parts: Sequence[Part], host: Part | None, policy: Policy) -> str:
    """Why a part is taken out of its parcel."""
    lang, package = policy.lang, part.package
    lines = part.lines
    if not package.waybill_code:
        return say(lang, "没有这个包裹的单号", "has no number of this parcel")
    if all(is_dead(line) for line in lines):
        return say(lang, "已退款或关闭", "was refunded or closed")
    if package.package_id in part.facts.cancel_wanted:
        return say(lang, "店里选了作废", "was cancelled by staff")
    wanted, left = part.facts.staff.courier_wanted, any(one.told for one in parts)
    if not left and ((wanted and wanted != package.cp_code) or _other_warehouse(part, policy)):
        return say(lang, "指定了别的快递或仓库", "is to go by another courier or from another warehouse")
    if all(line.was_shipped for line in lines):
        return say(lang, "已在别处发货", "was shipped elsewhere")
    key = host.package.address_key if host else package.address_key
    key = (host or part).goes_to if key in UNTOLD else key
    moved = [one for one in parts if not one.told and one.goes_to != key]
    whole = len({one.goes_to for one in parts}) == 1
    return say(lang, "改了收货地址", "goes to another address") if part in moved and not whole else ""


def _other_warehouse(part: Part, policy: Policy) -> bool:
    wanted, senders = part.facts.placement.wanted, policy.places.senders
    here = part.package.warehouse
    return bool(wanted) and wanted != here and senders.get(wanted) != senders.get(here)


def _stopped(part: Part, parts: Sequence[Part], host: Part | None, policy: Policy, now: datetime) -> str:
    """Why the rest of the parcel keeps a part back."""
    for other in parts:
        if other is part or other.told:
            continue
        reason = _must_wait(other, policy, now)
        if reason:
            tid = other.facts.trade.tid
            return say(policy.lang, f"同包裹的 {tid} 现在不能发:{reason}", f"{tid} in the same parcel must not go now: {reason}")  # fmt: skip
    if host and host is not part and host.package.address_key not in ("", host.goes_to) and not host.told:
        return say(policy.lang, "包裹在改地址", "the parcel is being re-addressed")
    return ""


def _must_wait(part: Part, policy: Policy, now: datetime) -> str:
    hold = find_hold(part.facts, policy, now, audit_order(part.facts, policy, now))
    if hold is not None and hold.blocks_shipping and hold.code != "not_open":
        return hold.reason
    if any(not is_sendable(line) and not is_dead(line) for line in part.lines):
        return say(policy.lang, "有商品现在不能发", "it has goods that cannot be sent now")
    return ""


def _shares(parts: Sequence[Part], policy: Policy, *, anew: bool) -> Mapping[str, CourierChoice]:
    """Weight and freight of parts, shared out as when the parcel was made.

    Args:
        anew: the parcel holds less than it did; else only parts are asked about that nothing but the carrier told of.
    """
    asked = [part.package.package_id for part in parts if anew or not part.package.weight_g]
    if not asked:
        return {}
    first = parts[0].package
    rated = policy.at(first.warehouse or policy.places.main)
    contents = []
    for part in parts:
        gifts = part.package.gifts or (part.facts.gifts.gifts if part.facts.gifts else ())
        along = Package(package_id="", tid="", no=0, oids=(), cp_code="", state="", gifts=gifts)
        contents.append([*(part.alive if anew else part.lines), *gift_lines(along, policy)])
    trade = joint_order([part.facts for part in parts]).trade
    wanted = next(filter(None, (part.facts.staff.courier_wanted for part in parts)), "")
    shares = share_out(
        trade, contents, wanted, rated, [part.facts.trade.tid for part in parts], cp_code=first.cp_code
    )
    found = {part.package.package_id: share for part, share in zip(parts, shares, strict=True)}
    return {package_id: found[package_id] for package_id in asked}
