"""Another waybill for a parcel that left: what staff typed under 换成单号 goes to Tmall once. Pure.

Facts of `taobao.logistics.consign.resend`: only for orders that were shipped, within 50 days for waybills told by offline.send, and
only from one own-arranged courier to another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync_engine.intent import Intent, IntentKind, IntentState, resend_key
from sync_engine.parcel import Package
from sync_engine.plan.draft import Draft
from sync_engine.plan.facts import OrderFacts, Wish
from sync_engine.plan.words import clock_text, say
from sync_engine.trade import ENDED
from workbook_templates.schema import Lang, Value

LONGEST = timedelta(days=50)
_NUMBER = re.compile(r"[A-Za-z0-9-]{6,40}")


def wish_from(cells: Mapping[str, Value]) -> Wish | None:
    """What staff typed in a parcel's row; None where they typed nothing."""
    code = "".join(str(cells.get("new_code") or "").split())
    return Wish(code=code, cp_code=str(cells.get("new_courier") or "")) if code else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """What becomes of a wish. `action`: "" nothing | "told" Tmall has it already | "ask"."""

    action: str = ""
    told: str = ""  # what the parcel's row says


def resend_of(facts: OrderFacts, package: Package, now: datetime, lang: Lang) -> Resend:
    """What becomes of what staff typed for a parcel."""
    wish, done = facts.resend_wanted.get(package.package_id), _done_text(package, lang)
    if wish is None or wish.code == package.waybill_code:
        return Resend(told=done)
    lines = [line for line in facts.trade.lines if line.oid in package.oids]
    if package.state == "shipped" and lines and all(line.invoice_no == wish.code for line in lines):
        return Resend(action="told", told=done)
    if why := _why_not(facts, package, wish, now, lang):
        return Resend(told=why)
    intents = [one for one in facts.intents.values() if _is_about(one, package)]
    if any(one.in_doubt for one in intents):
        return Resend(told=say(lang, "正在核实天猫换了没有", "Being asked whether Tmall took it"))
    refused = next(
        (one for one in intents if one.doc["code"] == wish.code and one.state is IntentState.REFUSED), None
    )
    if refused:
        return Resend(
            told=say(lang, f"天猫不接受:{refused.answer}。改对再填", f"Tmall refused: {refused.answer}. Put it right")
        )  # fmt: skip
    return Resend(action="ask", told=say(lang, "等着通知天猫", "To be told to Tmall"))


def _is_about(intent: Intent, package: Package) -> bool:
    return intent.kind is IntentKind.RESEND and intent.subject == package.package_id


def _done_text(package: Package, lang: Lang) -> str:
    if not package.earlier or package.resent_at is None:
        return ""
    old = package.earlier[-1]
    return say(
        lang, f"{clock_text(package.resent_at)} 由 {old} 换成", f"{clock_text(package.resent_at)}: instead of {old}"
    )  # fmt: skip


def _why_not(facts: OrderFacts, package: Package, wish: Wish, now: datetime, lang: Lang) -> str:
    if package.state != "shipped":
        return say(
            lang, "还没发货,不能换:作废后重取,或改订单的“指定快递”", "Not sent yet: cancel it, or choose another courier in the order"
        )  # fmt: skip
    if not _NUMBER.fullmatch(wish.code):
        return say(
            lang,
            f"“{wish.code}”不像运单号,没有通知",
            f'"{wish.code}" is no waybill number: nothing was told',
        )
    if wish.code in package.earlier:
        return say(lang, "这是换掉的旧单号,没有通知", "That number was replaced before: nothing was told")
    if facts.trade.status in ENDED:
        return say(lang, "订单已结束,不能换单号", "The order has ended: its number stays")
    if package.shipped_at and now - package.shipped_at > LONGEST:
        return say(
            lang, "发货超过 50 天,天猫不让换单号", "Sent more than 50 days ago: Tmall takes no other number"
        )
    return ""


def plan_resends(draft: Draft) -> None:
    """Ask for the change, or take over one that Tmall has; what is not wanted any more is not told."""
    for package in draft.live():
        found = resend_of(draft.facts, package, draft.now, draft.policy.lang)
        wish = draft.facts.resend_wanted.get(package.package_id)
        key = resend_key(draft.policy.shop, package.package_id, wish.code) if wish else ""
        for intent in draft.facts.intents.values():
            if (
                _is_about(intent, package)
                and intent.state is IntentState.PENDING
                and (found.action != "ask" or intent.key != key)
            ):
                draft.drop.append(intent.key)
        if wish is None:
            continue
        cp_code = wish.cp_code or package.cp_code
        if found.action == "told":
            intent_of = draft.intent(key)
            when = intent_of.called_at if intent_of else None
            draft.put(resent(package, wish.code, cp_code, when or draft.now))
        elif found.action == "ask":
            others = [line for line in draft.facts.trade.lines if line.oid not in package.oids]
            draft.ask(
                IntentKind.RESEND, key, package.package_id,
                code=wish.code, cp_code=cp_code, sub_oids=",".join(package.oids) if others else "",
            )  # fmt: skip


def resent(package: Package, code: str, cp_code: str, when: datetime) -> Package:
    """A parcel with another number."""
    return replace(
        package, waybill_code=code, cp_code=cp_code, earlier=(*package.earlier, package.waybill_code), resent_at=when
    )  # fmt: skip
