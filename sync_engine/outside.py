"""Everything that is acted on, and what came of acting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sync_engine.clock import Clock
from sync_engine.intent import IntentKind
from sync_engine.parcel import CarrierPort, TmallPort

RETRY = timedelta(minutes=30)
"""After a refusal: long enough for a person to mend the cause, short enough not to forget."""
BACK_OFF = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything that is acted on, and how long an answer of "nothing was done" must hold before it is believed."""

    tmall: TmallPort
    carrier: CarrierPort
    clock: Clock
    company_codes: dict[str, str] = field(default_factory=dict)  # cp_code -> company_code where they differ
    settle: timedelta = timedelta(minutes=10)
    ask_before_buy: bool = True
    more_shops: Mapping[str, TmallPort] = field(
        default_factory=dict
    )  # shops that sell from the same stock, by name
    more_carriers: Mapping[str, CarrierPort] = field(
        default_factory=dict
    )  # where they have accounts of their own

    own_carrier: CarrierPort | None = (
        None  # the account as it is asked for orders of no platform; None: the first shop's
    )
    proof: Callable[[str], bytes | None] = lambda name: None  # a picture of the folder proofs by its name

    @property
    def shops(self) -> dict[str, TmallPort]:
        """All shops by name, the first under ""."""
        return {"": self.tmall, **self.more_shops}

    def tmall_of(self, shop: str) -> TmallPort:
        """The platform port of a shop; "" is the first one."""
        return self.more_shops.get(shop, self.tmall)

    def carrier_of(self, shop: str) -> CarrierPort:
        """Where a shop's waybills are bought: its own accounts, else those of the first shop."""
        return self.more_carriers.get(shop, self.carrier)


@dataclass(slots=True)
class Outcome:
    """What a drain did."""

    done: Counter[IntentKind] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    blocked: str = ""  # the session expired or permission is missing: a person must act

    def join(self, other: Outcome) -> None:
        """Add what another drain did."""
        self.done.update(other.done)
        self.troubles.extend(other.troubles)
        self.blocked = self.blocked or other.blocked
