"""Whether Tmall is told of a printed parcel now: the shop's setting, a person's word, and what was found when it was packed."""

from __future__ import annotations

from datetime import datetime

from sync_engine.intent import ship_key
from sync_engine.parcel import Package
from sync_engine.plan.audit import audit_order
from sync_engine.plan.checked import has_passed, kept_back
from sync_engine.plan.contents import contents_key
from sync_engine.plan.draft import Draft
from sync_engine.plan.facts import OrderFacts, is_dead, is_open, is_sendable
from sync_engine.plan.policy import Policy
from sync_engine.plan.stage import find_hold, readdressing
from sync_engine.plan.words import say
from sync_engine.todo import Todo
from workbook_templates.tables import ORDERS


def may_tell(draft: Draft, package: Package) -> bool:
    """Whether Tmall is to be told of a parcel that is ready; what keeps it back is noted."""
    policy = draft.policy
    asked = is_marked(draft, package) or policy.setting("ship_when") == "print"
    if not asked and policy.setting("ship_when") != "check" and not package.check.key:
        return False
    key = _key(draft, package)
    why = kept_back(package, key, policy)
    if why:
        draft.drop.extend(draft.pending(ship_key(policy.shop, package.package_id)))
    if why and (asked or why == "weight"):
        draft.kept_back.append((package, why))
        draft.notes.append(_reason(package, why, draft))
    by_check = policy.setting("ship_when") == "check" and has_passed(package, key)
    return not why and (asked or by_check)


def is_marked(draft: Draft, package: Package) -> bool:
    """Whether a person said that a parcel of the order was handed over."""
    facts, policy = draft.facts, draft.policy
    return (
        facts.staff.ship_mark
        or policy.ships_by_command(facts.trade.tid, package.package_id)
        or any(duty.marked for duty in facts.joint.duties.values())
    )


def _key(draft: Draft, package: Package) -> str:
    """Fingerprint of what lies in a parcel: of all of it where orders share it."""
    duty = draft.facts.joint.duties.get(package.package_id)
    return duty.contents if duty else contents_key([(draft.facts, package)], draft.policy)


def _reason(package: Package, why: str, draft: Draft) -> str:
    sentences = {
        "verify": ("还没验货", "it was not checked"), "weigh": ("还没称重", "it was not weighed"),
        "weight": ("称的重量不对", "its weight is off"),
    }  # fmt: skip
    zh, en = sentences[why]
    code = package.waybill_code
    return say(draft.policy.lang, f"运单 {code} {zh},没有通知天猫发货", f"Tmall is not told of {code}: {en}")


def unchecked(draft: Draft) -> tuple[Todo, ...]:
    """What somebody must do about parcels that are kept back although a person said they go, or whose weight is off."""
    facts, lang = draft.facts, draft.policy.lang
    tid = facts.trade.tid
    advice = {
        "weight": say(lang, "开箱看看;没错就在“验货”那一行的“重量无误”选 ✓", "Look inside; if it is right choose ✓ under Weight is right in its row of the packing check"),
        "verify": say(lang, "在“验货”里扫这个运单和商品;验过自动通知", "Scan its waybill and goods in the packing check; it is told by itself then"),
        "weigh": say(lang, "在“验货”里填它的重量;称过自动通知", "Type its weight in the packing check; it is told by itself then"),
    }  # fmt: skip
    return tuple(
        Todo(
            code=f"unchecked-{package.no}", subject=f"{ORDERS.name}/{tid}", table=ORDERS.name, row_key=tid,
            reason=_reason(package, why, draft), advice=advice[why], severity="ask",
        )
        for package, why in draft.kept_back
        if why == "weight" or facts.staff.ship_mark
    )  # fmt: skip


def why_stopped(facts: OrderFacts, package: Package, policy: Policy, now: datetime) -> str:
    """Why somebody who holds an order's part of a parcel must not send it; "" if it may go."""
    lang, trade = policy.lang, facts.trade
    if package.state in ("cancelling", "cancelled"):
        return say(lang, "这个单号已作废,撕掉面单", "this waybill is void, tear the label off")
    if package.state == "shipped":
        return ""
    hold = find_hold(facts, policy, now, audit_order(facts, policy, now))
    if hold is not None and hold.blocks_shipping and hold.reason:
        return hold.reason
    if not is_open(trade):
        return say(lang, f"订单 {trade.tid} 已关闭", f"the order {trade.tid} is closed")
    own = [line for line in trade.lines if line.oid in package.oids]
    if any(not is_sendable(line) and not is_dead(line) for line in own):
        return say(lang, "有商品在申请退款", "a refund is asked for some of its goods")
    if package.package_id in {intent.subject for intent in readdressing(facts, facts.packages)}:
        return say(lang, "买家改了地址,等新面单", "the buyer changed the address: wait for the new label")
    if package.state != "printed":
        return say(lang, "面单还没打,或内容、地址变了要重打", "its label is still to be made, or made again")
    return ""
