"""One order: from what is known of it to what is to be done. Read top to bottom, it is the order's way.

Guarantees it gives, whatever is typed or told: no waybill is asked for an order that is closed, refunded, on hold or
already shipped; a parcel is told to Tmall once, after its waybill; a waybill whose goods died is given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sync_engine.intent import (
    IntentKind,
    IntentState,
    buy_key,
    cancel_key,
    readdress_key,
    ship_key,
)
from sync_engine.parcel import Package, address_key
from sync_engine.plan import courier
from sync_engine.plan.audit import Audit, audit_order
from sync_engine.plan.draft import Draft
from sync_engine.plan.duties import do_duties, taken_out
from sync_engine.plan.facts import (
    CourierChoice,
    OrderFacts,
    OrderPlan,
    is_asked,
    is_dead,
    is_open,
    is_sendable,
)
from sync_engine.plan.gifts import buyer_key, day_of
from sync_engine.plan.joining import next_number
from sync_engine.plan.memo import plan_memo
from sync_engine.plan.policy import Policy
from sync_engine.plan.resending import plan_resends
from sync_engine.plan.rows import gift_lines
from sync_engine.plan.sending import may_tell, unchecked
from sync_engine.plan.splitting import split_lines
from sync_engine.plan.stage import Hold, find_hold, order_todos, problem_text, readdressing, stage_of
from sync_engine.plan.words import say
from sync_engine.trade import Line


def plan_order(facts: OrderFacts, policy: Policy, now: datetime) -> OrderPlan:
    """What is to be done for one order now. Pure and total: any state of the platform gives a plan."""
    draft = Draft(facts, policy, now)
    audit = audit_order(facts, policy, now)
    hold = find_hold(facts, policy, now, audit)
    _follow_tmall(draft)
    do_duties(draft, _cancel)
    _give_back(draft)
    _readdress(draft)
    _describe(draft)
    if hold is None:
        _pack(draft)
        _print(draft)
    else:
        _withdraw(draft, hold)
    if hold is None or not hold.blocks_shipping:
        _ship(draft)
    plan_resends(draft)
    memo = plan_memo(facts, policy)
    draft.intents.extend(memo.intents)
    return _finish(draft, hold, memo.problem, audit)


def _finish(draft: Draft, hold: Hold | None, memo_problem: str, audit: Audit) -> OrderPlan:
    facts, policy = draft.facts, draft.policy
    packages = list(draft.packages.values())
    todos = (
        *order_todos(facts, packages, hold, draft.no_courier, memo_problem, policy),
        *taken_out(facts, policy),
        *unchecked(draft),
    )
    retries = [i.next_at for i in facts.intents.values() if i.next_at and i.state is IntentState.REFUSED]
    moments = (*retries, hold.until if hold else None, audit.until)
    wakes = [moment for moment in moments if moment and moment > draft.now]
    draft.notes.extend(flag.text for flag in audit.flags if flag.code == "overdue")
    return OrderPlan(
        stage=stage_of(facts, packages, hold, draft.no_courier),
        problem=problem_text(todos, hold, draft.notes, policy.lang),
        todos=todos,
        packages=tuple(draft.packages[i] for i in sorted(draft.changed) if i in draft.packages),
        gone_packages=tuple(draft.gone),
        intents=tuple(draft.intents),
        drop=tuple(draft.drop),
        to_print=tuple(draft.to_print),
        choice=draft.choice,
        audit=audit,
        live=_is_live(draft),
        wake_at=min(wakes, default=None),
    )


def _is_live(draft: Draft) -> bool:
    """Whether the order is to be looked at again without a new word from Tmall or staff."""
    unsettled = any(package.live and package.state != "shipped" for package in draft.packages.values())
    asked = any(intent.open for intent in draft.facts.intents.values()) or bool(draft.intents)
    return is_open(draft.facts.trade) or unsettled or asked


def _follow_tmall(draft: Draft) -> None:
    """Parcels Tmall already has as shipped: ours are settled, a waybill nobody used is surplus."""
    lines = {line.oid: line for line in draft.facts.trade.lines}
    for found in draft.live():
        package = found if found.oids else replace(found, oids=_told_with(draft, found))
        own = [lines[oid] for oid in package.oids if oid in lines]
        if package.state == "shipped" or not own or not all(line.was_shipped for line in own):
            continue
        if package.waybill_code and any(line.invoice_no == package.waybill_code for line in own):
            told = draft.intent(ship_key(draft.policy.shop, package.package_id))
            recorded = next((line.consign_time for line in own if line.consign_time), None)
            when = (told.called_at if told else None) or recorded or draft.facts.trade.consign_time
            draft.put(replace(package, state="shipped", shipped_at=package.shipped_at or when or draft.now))
            draft.drop.extend(draft.pending(ship_key(draft.policy.shop, package.package_id)))
        elif all(line.invoice_no for line in own) and not draft.shared(package):
            draft.notes.append(_shipped_elsewhere(own, package, draft.policy))
            _cancel(draft, package)


def _told_with(draft: Draft, package: Package) -> tuple[str, ...]:
    """The lines Tmall has on record with this parcel's waybill."""
    code = package.waybill_code
    return tuple(line.oid for line in draft.facts.trade.lines if code and line.invoice_no == code)


def _shipped_elsewhere(lines: Sequence[Line], package: Package, policy: Policy) -> str:
    number = lines[0].invoice_no
    if not package.waybill_code:
        return say(policy.lang, f"已在别处用 {number} 发货", f"Shipped elsewhere with {number}")
    return say(
        policy.lang,
        f"已在别处用 {number} 发货,单号 {package.waybill_code} 作废",
        f"Shipped elsewhere with {number}; waybill {package.waybill_code} is given back",
    )


def _give_back(draft: Draft) -> None:
    """Waybills whose goods died, that staff want gone, or whose courier staff changed; lines that died leave."""
    facts = draft.facts
    lines = {line.oid: line for line in facts.trade.lines}
    for package in draft.live():
        if (
            package.state == "cancelling"
            and not package.is_guest
            and draft.intent(cancel_key(draft.policy.shop, package.package_id)) is None
        ):
            _cancel(draft, package)  # the journal was lost while it was being given back
        if package.state in ("shipped", "cancelling"):
            continue
        alive = tuple(oid for oid in package.oids if oid in lines and not is_dead(lines[oid]))
        other = facts.staff.courier_wanted
        elsewhere = _moves_away(draft, package)
        if not draft.shared(package) and (
            not alive
            or package.package_id in facts.cancel_wanted
            or elsewhere
            or (other and other != package.cp_code)
        ):
            _cancel(draft, package)
        elif alive and alive != package.oids:
            package = draft.packages[package.package_id]
            again = "bought" if package.state == "printed" else package.state
            draft.put(replace(package, oids=alive, state=again))
            draft.notes.append(
                say(
                    draft.policy.lang,
                    f"包裹 {package.no} 里有商品已退款,已拿掉",
                    f"Refunded goods were taken out of parcel {package.no}",
                )
            )


def _moves_away(draft: Draft, package: Package) -> bool:
    """Whether staff want a parcel to leave from a warehouse with another address on the label; with the same one, or
    before anything was bought, it just leaves from there.
    """
    wanted, senders = draft.facts.placement.wanted, draft.policy.places.senders
    if not wanted or wanted == package.warehouse:
        return False
    if senders.get(wanted) != senders.get(package.warehouse):
        return True
    draft.put(replace(draft.packages[package.package_id], warehouse=wanted))
    return False


def _cancel(draft: Draft, package: Package) -> None:
    """Give a waybill back; where none was bought, forget the parcel; where either is in doubt, wait for the answer."""
    told = draft.intent(ship_key(draft.policy.shop, package.package_id))
    if (told and told.in_doubt) or _told_with(draft, package):
        return  # it may have left, or did
    buy = draft.intent(buy_key(draft.policy.shop, package.package_id))
    if package.waybill_code:
        draft.put(replace(package, state="cancelling"))
        draft.drop.extend(draft.pending(ship_key(draft.policy.shop, package.package_id)))
        draft.ask(
            IntentKind.CANCEL, cancel_key(draft.policy.shop, package.package_id), package.package_id,
            cp_code=package.cp_code, waybill_code=package.waybill_code,
        )  # fmt: skip
    elif buy is None or not buy.in_doubt:
        draft.drop.extend(draft.pending(buy_key(draft.policy.shop, package.package_id)))
        draft.packages.pop(package.package_id)
        draft.gone.append(package.package_id)


def _withdraw(draft: Draft, hold: Hold) -> None:
    """What an order that now waits asked for and nobody carried out yet; asked for again when it goes on."""
    for package in draft.live():
        draft.drop.extend(draft.pending(buy_key(draft.policy.shop, package.package_id)))
        if hold.blocks_shipping:
            draft.drop.extend(draft.pending(ship_key(draft.policy.shop, package.package_id)))


def _readdress(draft: Draft) -> None:
    """The receiver changed after the purchase: the waybill is updated, and printed again."""
    now_at = address_key(draft.facts.trade.receiver)
    for package in draft.live():
        at_home = package.address_key in ("", now_at) or package.is_guest
        if package.state not in ("buying", "refused", "bought", "printed") or at_home:
            continue
        if not package.waybill_code:
            buy = draft.intent(buy_key(draft.policy.shop, package.package_id))
            if buy is None or not buy.in_doubt:
                draft.put(replace(package, address_key=now_at))
            continue
        key = readdress_key(draft.policy.shop, package.package_id, now_at)
        draft.ask(
            IntentKind.READDRESS, key, package.package_id,
            cp_code=package.cp_code, waybill_code=package.waybill_code, address_key=now_at,
        )  # fmt: skip


def _astray(draft: Draft) -> set[str]:
    """Parcels whose label shows an address the buyer has changed: neither printed nor sent as they are."""
    asked = [intent.subject for intent in draft.intents if intent.kind is IntentKind.READDRESS]
    packages = list(draft.packages.values())
    return {*asked, *(intent.subject for intent in readdressing(draft.facts, packages))}


def _describe(draft: Draft) -> None:
    """Parcels adopted from the courier alone get their weight, freight and reason back, and those that became lighter new ones."""
    for package in draft.live():
        if not package.warehouse:
            known = (draft.facts.placement.by_line.get(oid, "") for oid in package.oids)
            package = replace(package, warehouse=next(filter(None, known), draft.policy.places.main))
            draft.put(package)
        lines = [line for line in draft.facts.trade.lines if line.oid in package.oids]
        duty = draft.facts.joint.duties.get(package.package_id)
        share = duty.share if duty else None
        if not package.waybill_code or not lines or (package.weight_g and share is None):
            continue
        gifts = {} if package.weight_g else _gifts(draft)
        if share is None:
            policy = draft.policy.at(package.warehouse)
            lines += gift_lines(replace(package, **gifts), policy)
            share = courier.reckon(
                courier.weigh(draft.facts.trade, lines, policy), "", package.cp_code, policy
            )
        draft.put(replace(package, weight_g=share.weight_g, freight=share.freight, why=share.why, **gifts))


def _pack(draft: Draft) -> None:
    """A parcel and a purchase for every sendable line that has none, by the parcel numbers staff typed."""
    policy, facts = draft.policy, draft.facts
    for package in draft.live():
        if package.state in ("buying", "refused"):
            _buy(draft, package)
    covered = {oid for package in draft.live() for oid in package.oids}
    wished_away = {oid for p in facts.packages if p.package_id in facts.cancel_wanted for oid in p.oids}
    left = [line for line in facts.trade.lines if is_sendable(line) and line.oid not in covered | wished_away]
    waiting = policy.setting("auto_buy") != "yes" and not policy.buy_now
    if left and facts.placement.note:
        draft.notes.append(facts.placement.note)
    if any(duty.action == "dissolve" for duty in facts.joint.duties.values()):
        return  # packed anew in the next round, with whom it then fits
    if left and facts.joint.make:
        _pack_jointly(draft, facts.joint.make, left, waiting=waiting)
        return
    for number, place, group in _by_package(left, facts, policy):
        rated, gifts = policy.at(place), _gifts(draft)
        along = gift_lines(
            Package(package_id="", tid="", no=0, oids=(), cp_code="", state="", **gifts), policy
        )
        parcel = courier.weigh(facts.trade, [*group, *along], rated)
        choice = courier.choose(parcel, facts.staff.courier_wanted, rated)
        draft.choice = draft.choice or choice
        if not choice.cp_code:
            draft.no_courier = True
        elif not waiting:
            package = _new_package(draft, number, group, choice)
            _buy(draft, replace(package, warehouse=place, **gifts))


def _pack_jointly(draft: Draft, part: Package, left: Sequence[Line], *, waiting: bool) -> None:
    """This order's part of a parcel several share; the purchase is asked for with the first one's."""
    draft.choice = CourierChoice(
        cp_code=part.cp_code, why=part.why, weight_g=part.weight_g, freight=part.freight
    )
    if not waiting:
        key, oids = address_key(draft.facts.trade.receiver), tuple(line.oid for line in left)
        package = replace(part, oids=oids, address_key=key, **_gifts(draft))
        draft.put(package)
        _buy(draft, package)


def _gifts(draft: Draft) -> dict[str, Any]:
    """What the next parcel is given along: nothing where one of the order has gifts already, and what lay in a parcel it just left."""
    plan, trade = draft.facts.gifts, draft.facts.trade
    if any(package.gifts for package in draft.live()):
        return {}
    if plan is None:
        left = [
            p for p in draft.facts.packages if p.live and p.gifts and not draft.packages[p.package_id].live
        ]
        names = ("gifts", "gifts_why", "gift_day", "gift_buyer")
        return {name: getattr(left[0], name) for name in names} if left else {}
    if not plan.gifts:
        return {"gifts_why": plan.why} if plan.why else {}
    return {
        "gifts": plan.gifts, "gifts_why": plan.why, "gift_day": day_of(trade), "gift_buyer": buyer_key(trade),
    }  # fmt: skip


def _by_package(
    lines: Iterable[Line], facts: OrderFacts, policy: Policy
) -> list[tuple[int, str, list[Line]]]:
    """What goes into one parcel: lines with the same parcel number that leave from the same warehouse, split by the rules."""
    main = policy.places.main
    groups: dict[tuple[int, str], list[Line]] = {}
    for line in lines:
        place = facts.placement.by_line.get(line.oid) or main
        groups.setdefault((facts.line_staff(line.oid).package_no, place), []).append(line)
    return [
        (number, place, list(part))
        for (number, place), group in sorted(groups.items())
        for part in split_lines(facts, group, policy).groups
    ]


def _new_package(draft: Draft, wanted_no: int, lines: Sequence[Line], choice: CourierChoice) -> Package:
    """A parcel with a number never used before: a number once cancelled stays the old waybill's."""
    tid = draft.facts.trade.tid
    number = next_number((*draft.packages.values(), *draft.facts.packages), wanted_no)
    return Package(
        package_id=f"{tid}-{number}", tid=tid, no=number, oids=tuple(line.oid for line in lines),
        cp_code=choice.cp_code, state="buying", why=choice.why, weight_g=choice.weight_g, freight=choice.freight,
        address_key=address_key(draft.facts.trade.receiver),
    )  # fmt: skip


def _buy(draft: Draft, package: Package) -> None:
    if package.is_guest:
        return
    key = buy_key(draft.policy.shop, package.package_id)
    known = draft.intent(key)
    if draft.may_add(key):
        draft.put(replace(package, state="buying", problem=""))
        draft.ask(IntentKind.BUY, key, package.package_id, cp_code=package.cp_code)
    elif known and known.state is IntentState.REFUSED and package.state == "buying":
        draft.put(replace(package, state="refused", problem=known.answer))


def _print(draft: Draft) -> None:
    """Labels for parcels that have none yet, or whose contents or receiver changed."""
    asked = draft.policy.setting("auto_print") == "yes" or draft.policy.print_now
    astray = _astray(draft)
    for package in draft.live():
        tids = {one.rpartition("-")[0] for one in (package.package_id, *package.joined)}
        again = package.state == "printed" and bool(tids & draft.policy.reprint)
        fit = package.package_id not in astray and not package.is_guest
        if ((package.state == "bought" and asked) or again) and fit:
            draft.to_print.append(package.package_id)


def _ship(draft: Draft) -> None:
    """Tell Tmall of printed parcels, when the shop's setting or a person says so."""
    facts, policy = draft.facts, draft.policy
    if not is_open(facts.trade) or facts.trade.status == "PAID_FORBID_CONSIGN":
        return
    lines, astray = {line.oid: line for line in facts.trade.lines}, _astray(draft)
    for package in draft.live():
        own = [lines[oid] for oid in package.oids if oid in lines]
        ready = package.state == "printed" and package.package_id not in astray
        if package.state == "bought" and package.check.key:  # checked, and to be labelled anew since
            draft.drop.extend(draft.pending(ship_key(policy.shop, package.package_id)))
        if ready and own and all(is_sendable(line) for line in own) and may_tell(draft, package):
            draft.ask(
                IntentKind.SHIP, ship_key(policy.shop, package.package_id), package.package_id,
                waybill_code=package.waybill_code, cp_code=package.cp_code, sub_oids=_sub_oids(facts, package),
            )  # fmt: skip


def _sub_oids(facts: OrderFacts, package: Package) -> str:
    """The lines to name when telling Tmall: none unless the trade ships in several parcels (both flags or neither)."""
    others = [line for line in facts.trade.lines if line.oid not in package.oids and not is_dead(line)]
    return ",".join(package.oids) if others else ""


__all__ = ["is_asked", "plan_order"]
