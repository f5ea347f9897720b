"""Troubles to practise on, switched on and off at run time and remembered with the world.

A `Rule` says what goes wrong, for which methods and when; `Switches` say which of the undocumented behaviours of the
real services the sandbox shows. Chance is seeded, so the same requests meet the same troubles.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, TypeVar

KINDS = (
    "lost",  # done, but the connection closes before the answer
    "http",  # an HTTP 502 with an HTML page instead of an answer
    "html",  # HTTP 200 with an HTML page
    "isp",  # error isp.remote-service-error
    "ban",  # code 7 "This ban will last for N more seconds", for `seconds`
    "slow",  # the answer comes after `seconds` of real time
    "token",  # the session expires now
    "balance",  # courier accounts run dry for this call
    "shift",  # after the answer, one trade of the window changes: pages move
    "duplicate",  # the page holds one row twice
    "shuffle",  # the rows of the page are not in order
    "hide",  # one row of the page is left out this time
    "crowd",  # several trades of the window are changed in its last second
)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One trouble.

    Strikes the calls of methods matching `api` (`*` wildcards): the `nth` of them (1 = first) if given, else each with
    `probability`; at most `times` times (0 = no end). `after` = the effect is done before the trouble (http, html, isp).
    """

    kind: str
    api: str = "*"
    probability: float = 0.0
    nth: int = 0
    times: int = 0
    after: bool = False
    seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Behaviours no document settles; the defaults are the harsher ones."""

    repeat: str = "new"  # a waybill asked for again: "new" number, or the "same"
    batch_fails: str = "whole"  # one bad entry fails the "whole" batch, or only its "entry"
    not_found: str = (
        "empty"  # query.by.tradecode without waybill: success without it ("empty") or not success ("fail")
    )
    invisible_seconds: int = 0  # how long a new waybill is missing from query.by.tradecode
    cancelled_visible: bool = False  # whether query.by.tradecode still shows cancelled waybills
    cancel_again: bool = False  # cancel_result for what was cancelled before
    refreshable: bool = True  # whether this app's session can be refreshed
    calls_per_second: int = 0  # per method, by the sandbox's clock; 0 = no limit
    calls_per_day: int = 0  # all methods together; 0 = no limit
    trace_trouble: float = 0.0  # share of parcels that get into trouble on their way
    trace_late_minutes: int = 0  # how long an event takes to be told
    trace_signed_at_once: bool = False  # as the documents warn of waybills told by offline.send


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Everything that can be set through `POST /sandbox/faults`."""

    rules: tuple[Rule, ...] = ()
    switches: Switches = field(default_factory=Switches)

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"rules": [asdict(rule) for rule in self.rules], "switches": asdict(self.switches)}


def faults_from(value: Mapping[str, Any]) -> Faults:
    """Faults from JSON values; ValueError names what is not known."""
    rules = tuple(_build(Rule, each) for each in value.get("rules", ()))
    for rule in rules:
        if rule.kind not in KINDS:
            raise ValueError(f"unknown fault kind: {rule.kind}")
    return Faults(rules=rules, switches=_build(Switches, value.get("switches", {})))


def _build(kind: type[_T], value: Mapping[str, Any]) -> _T:
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(value) - known:
        raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
    return kind(**value)


Counts = dict[str, list[int]]
"""Rule number -> [calls seen, times struck]; kept with the world."""


def striking(faults: Faults, counts: Counts, api: str, seed: int) -> list[Rule]:
    """The rules that strike this call; `counts` is moved on."""
    return [rule for number, rule in enumerate(faults.rules) if _strikes(number, rule, counts, api, seed)]


def _strikes(number: int, rule: Rule, counts: Counts, api: str, seed: int) -> bool:
    if not fnmatchcase(api, rule.api):
        return False
    count = counts.setdefault(str(number), [0, 0])
    count[0] += 1
    if rule.times and count[1] >= rule.times:
        return False
    chance = random.Random(f"{seed}:fault:{number}:{count[0]}").random()
    struck = count[0] == rule.nth if rule.nth else chance < rule.probability
    count[1] += struck
    return struck
