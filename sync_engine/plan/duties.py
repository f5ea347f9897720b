"""What an order does about its part of a parcel it shares, once that was decided for the parcel as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sync_engine.intent import buy_key, ship_key
from sync_engine.parcel import Package
from sync_engine.plan.draft import Draft
from sync_engine.plan.facts import Duty, OrderFacts
from sync_engine.plan.policy import Policy
from sync_engine.plan.words import say
from sync_engine.todo import Todo
from workbook_templates.tables import ORDERS


def do_duties(draft: Draft, cancel: Callable[[Draft, Package], None]) -> None:
    """Leave, undo, give back, have the label made again.

    Args:
        cancel: gives the waybill of a parcel back.
    """
    for package in draft.live():
        duty = draft.facts.joint.duties.get(package.package_id)
        if duty is None or package.state == "shipped":
            continue
        if duty.action:
            _act(draft, package, duty, cancel)
        elif duty.relabel and package.state == "printed":
            draft.put(replace(package, state="bought"))
        elif duty.follow and package.state == "bought":
            host = duty.follow
            draft.put(
                replace(
                    package,
                    state="printed",
                    batch=host.batch,
                    printed_at=host.printed_at,
                    prints=host.prints,
                    print_log=host.print_log,
                )
            )


def _act(draft: Draft, package: Package, duty: Duty, cancel: Callable[[Draft, Package], None]) -> None:
    shop, lang = draft.policy.shop, draft.policy.lang
    if duty.action == "dissolve":
        draft.drop.extend(draft.pending(buy_key(shop, package.package_id)))
        draft.packages.pop(package.package_id)
        draft.gone.append(package.package_id)
        draft.notes.append(
            say(lang, f"合单已拆开:{duty.reason}", f"The shared parcel was undone: {duty.reason}")
        )
        return
    if duty.action == "resume":
        if package.state == "cancelling":
            draft.put(replace(package, state="printed" if package.printed_at else "bought", problem=""))
        return
    draft.drop.extend(draft.pending(ship_key(shop, package.package_id)))
    if duty.action == "leave":
        draft.put(replace(package, state="cancelled", cancelled_at=draft.now, problem=duty.reason))
    elif package.is_guest:
        draft.put(replace(package, state="cancelling", problem=duty.reason))
    elif package.state != "cancelling":
        draft.put(replace(package, problem=duty.reason))
        cancel(draft, draft.packages[package.package_id])
    draft.notes.append(
        say(lang, f"合单已拆开:{duty.reason}", f"Taken out of the shared parcel: {duty.reason}")
    )


def taken_out(facts: OrderFacts, policy: Policy) -> tuple[Todo, ...]:
    """What somebody must do where goods lie in a packed parcel that do not belong there any more."""
    tid, lang = facts.trade.tid, policy.lang
    packed = say(lang, "包裹若已装好,取出它的商品,换上重新打印的面单", "Where the parcel is packed, take its goods out and use the label printed anew")  # fmt: skip
    told = say(
        lang, "已告诉天猫发货。货还在店里就取出它的商品,面单照用;已经交给快递就联系网点拦截。办好后在“知道了”选 ✓",
        "Tmall was told that the parcel is shipped. Where it is still here, take its goods out, the label stays; where it has left, ask the courier's branch to stop it. Then choose ✓ under Seen",
    )  # fmt: skip
    found = [*((text, packed) for text in facts.joint.taken_out), *((text, told) for text in facts.joint.left_late)]  # fmt: skip
    return tuple(
        Todo(
            code=f"taken_out-{number}", subject=f"{ORDERS.name}/{tid}", table=ORDERS.name, row_key=tid, reason=text,
            advice=advice, severity="stop",
        )
        for number, (text, advice) in enumerate(found)
    )  # fmt: skip
