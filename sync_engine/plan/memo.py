"""The seller memo: what staff want it to be goes to Tmall once for each text they type."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sync_engine.intent import Intent, IntentKind
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.policy import Policy
from sync_engine.plan.words import say

MEMO_BYTES = 1000
"""The platform's limit for a memo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoPlan:
    """An intent, or a sentence why not."""

    intents: tuple[Intent, ...] = ()
    problem: str = ""


def plan_memo(facts: OrderFacts, policy: Policy) -> MemoPlan:
    """Ask for the wanted memo unless Tmall shows it already or this text was sent before."""
    wanted, trade = facts.staff.memo_wanted.strip(), facts.trade
    if not wanted or wanted == trade.seller_memo.strip():
        return MemoPlan()
    if len(wanted.encode()) > MEMO_BYTES:
        return MemoPlan(
            problem=say(
                policy.lang,
                "卖家备注超过 1000 字节,请写短一些",
                "The memo is over 1000 bytes: make it shorter",
            )
        )
    key = f"memo:{policy.shop}:{trade.tid}:{hashlib.blake2b(wanted.encode(), digest_size=8).hexdigest()}"
    known = facts.intents.get(key)
    if known is None:
        return MemoPlan(
            intents=(Intent(key=key, kind=IntentKind.MEMO, subject=trade.tid, doc={"memo": wanted}),)
        )
    return MemoPlan(problem=known.answer if known.state == "refused" else "")
