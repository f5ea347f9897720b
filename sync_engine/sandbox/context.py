"""What a method of the gateway works with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from sync_engine.sandbox.faults import Switches
from sync_engine.sandbox.refusal import business
from sync_engine.sandbox.store import Doc, Store

Params = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request's surroundings; `now` is the sandbox's time as platform text, `rng` belongs to the request."""

    store: Store
    now: str
    seed: int
    switches: Switches
    rng: random.Random

    def trade(self, tid: int) -> Doc:
        """A trade of the shop; refuses a number the platform does not know."""
        found = self.store.trade(tid)
        if found is None:
            raise business("isv.trade-not-exist", "交易订单不存在")
        return found


def types_of(asked: str) -> list[str]:
    """The trade types a `type` parameter covers: guarantee_trade stands for fixed price and auction as well."""
    named = [part.strip() for part in asked.split(",")]
    return [*named, "fixed", "auction"] if "guarantee_trade" in named else named


def page_of(p: Params, largest: int) -> tuple[int, int]:
    """(page_no, page_size) with the platform's defaults; refuses what is out of range."""
    number, size = p.get("page_no", 1), p.get("page_size", 40)
    if number < 1:
        raise business("isv.invalid-parameter:page_no", "非法参数")
    if not 1 <= size <= largest:
        raise business("isv.invalid-parameter:page_size", "非法参数")
    return number, size
