"""Buyers who ask for refunds, change what they ask for and send goods back within the hours of a day, and couriers who lose their way.

The sandbox's own life takes days for that; these put it on its agenda earlier. What happens then is the sandbox's doing.
"""

from __future__ import annotations

import random
from dataclasses import replace

from sync_engine.clock import Clock, format_time
from sync_engine.sandbox import states
from sync_engine.sandbox.faults import Rule, Switches
from sync_engine.sandbox.money import fen, yuan
from sync_engine.sandbox.store import Doc, Store

ANSWER_APIS = ("taobao.rp.refunds.agree", "taobao.rp.returngoods.agree", "taobao.refund.refuse")
_TRACE = "taobao.logistics.trace.search"
_CALLS = (*ANSWER_APIS, *ANSWER_APIS, "taobao.refund.get", _TRACE, _TRACE)
_LEFT = ("SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED")


class Buyers:
    """Everybody outside a shop with service."""

    def __init__(self, rng: random.Random, clock: Clock) -> None:
        self._rng, self._clock = rng, clock
        self.trouble = rng.choice((0.0, 0.3, 0.7))
        self.late = rng.choice((0, 0, 45))
        self.at_once = rng.random() < 0.1

    def switches(self, switches: Switches) -> Switches:
        """How parcels fare."""
        return replace(
            switches,
            trace_trouble=self.trouble,
            trace_late_minutes=self.late,
            trace_signed_at_once=self.at_once,
        )

    def faults(self) -> tuple[Rule, ...]:
        """Troubles of the calls only such shops make."""
        if self._rng.random() > 0.3:
            return ()
        api = self._rng.choice(_CALLS)
        kind = self._rng.choice(
            ("lost", "http", "isp", "html") if api != _TRACE else ("lost", "shuffle", "duplicate", "hide")
        )
        return (Rule(
            kind=kind, api=api, probability=self._rng.choice((0.4, 1.0)), times=self._rng.choice((0, 1, 3)), after=self._rng.random() < 0.5,
        ),)  # fmt: skip

    def on_the_way(self) -> tuple[Rule, ...]:
        """What answers about a parcel's way look like: events twice, in any order, and some left out."""
        return tuple(
            Rule(kind=kind, api=_TRACE, probability=0.4) for kind in ("shuffle", "duplicate", "hide")
        )

    def go_on(self, store: Store) -> None:
        """What they do next is put on the agenda."""
        with store.transaction():
            for trade in store.docs("SELECT doc FROM trade ORDER BY tid"):
                if trade["status"] in _LEFT:
                    self._ask(store, trade)
            for refund in store.docs("SELECT doc FROM refund ORDER BY refund_id"):
                self._go_on_with(store, refund)

    def _soon(self, low: int, high: int) -> str:
        return states.later(format_time(self._clock.now()), 60 * self._rng.randrange(low, high))

    def _ask(self, store: Store, trade: Doc) -> None:
        rng = self._rng
        for at, line in enumerate(trade["orders"]):
            if "consign_time" not in line or rng.random() > 0.12:
                continue
            goods = rng.random() < 0.75
            store.plan(self._soon(0, 20), "ask", trade["tid"], {
                "lines": [at], "goods": goods, "percent": None if goods or rng.random() < 0.5 else rng.randrange(5, 60),
                "reason": "七天无理由退货" if goods else "少件破损", "fate": rng.choice(("agree", "agree", "withdraw")),
                "wait": 60 * rng.choice((30, 120, 480, 2000)), "sent": 60 * rng.randrange(5, 90), "arrived": 60 * rng.choice((60, 400, 3000)),
            })  # fmt: skip

    def _go_on_with(self, store: Store, refund: Doc) -> None:
        rng, arg = (
            self._rng,
            {"refund_id": refund["refund_id"], "arrived": 60 * self._rng.choice((90, 600, 3000))},
        )
        if refund["status"] == "WAIT_BUYER_RETURN_GOODS" and rng.random() < 0.4:
            store.plan(self._soon(1, 30), "refund_return", refund["tid"], arg)
        elif refund["status"] == "WAIT_SELLER_AGREE" and rng.random() < 0.1:
            self._change(store, refund)
        elif refund["status"] == "SELLER_REFUSE_BUYER" and rng.random() < 0.2:
            store.plan(self._soon(1, 30), "refund_give_up", refund["tid"], arg)

    def _change(self, store: Store, refund: Doc) -> None:
        """The buyer asks for another amount: another version."""
        now, trade = format_time(self._clock.now()), store.trade(refund["tid"])
        worth = fen(refund["total_fee"])
        fee = max(1, worth * self._rng.randrange(30, 101) // 100)
        if trade is None or now <= refund["modified"]:
            return
        version = int(states.when(now).timestamp()) * 1000
        refund |= {
            "refund_fee": yuan(fee),
            "payment": yuan(worth - fee),
            "modified": now,
            "refund_version": version,
        }
        refund["_partial"] = fee < worth
        store.put_refund(refund, trade)
