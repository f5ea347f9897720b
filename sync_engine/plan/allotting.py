"""Which warehouse an order ships from, with its reason. Pure.

What was decided stays, as long as that warehouse can ship what it was chosen for: a plan that changes its mind with every
count would send a picker from shelf to shelf. A warehouse that staff name beats everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from formulas.allocation import Allocation, Lines, allocate
from formulas.places import same_place
from sync_engine.plan import courier
from sync_engine.plan.facts import OrderFacts, Placement
from sync_engine.plan.places import Places
from sync_engine.plan.policy import Policy
from sync_engine.plan.words import say

Needs = Mapping[str, Mapping[str, int]]
"""Pieces by goods, by line: what is still to leave and is in no parcel yet."""
_LACKING = "⚠ "
"""The reason of an order nothing can ship begins so: it is decided anew each time."""
There = Callable[[str, str], int]
"""Pieces of some goods (second) in a warehouse (first) that nobody else's order has reserved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One order whose lines are to be shared out."""

    facts: OrderFacts
    needs: Needs
    there: There
    policy: Policy
    prior: Mapping[str, str] = field(default_factory=dict)  # warehouse by line, as decided before
    prior_why: str = ""

    @property
    def places(self) -> Places:
        """The warehouses there are."""
        return self.policy.places

    def names(self, keys: Iterable[str]) -> str:
        """Warehouses as people call them."""
        return say(self.policy.lang, "、", ", ").join(
            self.places.names.get(key, key) for key in dict.fromkeys(keys)
        )


def decide(ask: Question) -> Placement:
    """Where each line ships from."""
    wanted = ask.facts.staff.warehouse_wanted.strip()
    named = ask.places.find(wanted) if wanted else None
    if wanted and named is None:
        return Placement(
            by_line=ask.prior, why=ask.prior_why, problem=ask.places.unknown(wanted, ask.policy.lang)
        )
    if not ask.needs:
        return Placement(by_line=ask.prior, why=ask.prior_why, wanted=named or "")
    if named is not None:
        return _as_wanted(ask, named)
    serving = ask.places.serving(ask.facts.trade.receiver.province)
    if len(ask.places.names) == 1:
        return Placement(by_line={**ask.prior, **dict.fromkeys(ask.needs, ask.places.main)})
    if _still_good(ask, serving):
        return Placement(by_line=ask.prior, why=ask.prior_why)
    return _allotted(ask, serving)


def _as_wanted(ask: Question, place: str) -> Placement:
    name, lang = ask.names([place]), ask.policy.lang
    short = _short(ask, [place])
    notes = [say(lang, f"{name}缺货:{short}", f"{name} lacks: {short}")] if short else []
    provinces = ask.places.ships_to.get(place)
    province = ask.facts.trade.receiver.province
    if provinces and not any(same_place(word, province) for word in provinces):
        notes.append(say(lang, f"{name}一般不发{province}", f"{name} does not usually send to {province}"))
    return Placement(
        by_line={**ask.prior, **dict.fromkeys(ask.needs, place)}, wanted=place, why=_by_staff(ask, place), note=say(lang, ";", "; ").join(notes),
    )  # fmt: skip


def _by_staff(ask: Question, place: str) -> str:
    name = ask.names([place])
    return say(ask.policy.lang, f"店里指定{name}", f"{name} by order of staff")


def _still_good(ask: Question, serving: list[str]) -> bool:
    """Whether every line may and can ship from where it was to ship from."""
    held = [ask.prior.get(oid, "") for oid in ask.needs]
    if (
        not ask.prior_why
        or ask.prior_why.startswith(_LACKING)
        or not set(held) <= set(serving)
        or ask.prior_why == _by_staff(ask, held[0])
    ):
        return False
    left: dict[tuple[str, str], int] = {}
    for oid, goods in ask.needs.items():
        for code, pieces in goods.items():
            at = (ask.prior[oid], code)
            left[at] = left.get(at, ask.there(*at)) - pieces
    return all(pieces >= 0 for pieces in left.values())


def _allotted(ask: Question, serving: list[str]) -> Placement:
    """The fewest parcels, then the cheapest; where none can, the first choice all the same, and what is short."""
    lang, province = ask.policy.lang, ask.facts.trade.receiver.province
    freight = _freight(ask)
    found = allocate(
        dict.fromkeys(ask.needs, 1), {place: _whole_lines(ask, place) for place in serving}, freight,
        may_split=ask.policy.setting("split_orders") == "yes", near=lambda place: _far(ask, place),
    )  # fmt: skip
    if found.parcels:
        by_line = {oid: parcel.warehouse for parcel in found.parcels for oid in parcel.lines}
        return Placement(by_line={**ask.prior, **by_line}, why=_why(ask, found, serving, freight))
    held = {ask.prior.get(oid, "") for oid in ask.needs} & set(ask.places.names)
    place = min(held) if held else (serving[0] if serving else ask.places.main)
    short = _short(ask, serving)
    if not serving:
        note = say(lang, f"没有仓库发{province}", f"No warehouse sends to {province}")
    elif short:
        note = say(lang, f"各仓合计缺货:{short}", f"All warehouses together lack: {short}")
    else:
        note = say(lang, "没有一个仓库能一包发齐:可调拨,或在“设置”里允许分仓发货", "No warehouse has all of it: transfer goods, or allow splits in the settings")  # fmt: skip
    return Placement(
        by_line={**ask.prior, **dict.fromkeys(ask.needs, place)}, why=f"{_LACKING}{note}", note=note,
        short=ask.policy.setting("out_of_stock") == "wait",
    )  # fmt: skip


def _whole_lines(ask: Question, place: str) -> dict[str, int]:
    """Which lines a warehouse could ship whole, in the order of the lines: 1 or 0 by line."""
    left: dict[str, int] = {}
    found = {}
    for oid, goods in ask.needs.items():
        fits = all(left.get(code, ask.there(place, code)) >= pieces for code, pieces in goods.items())
        found[oid] = int(fits)
        if fits:
            left |= {code: left.get(code, ask.there(place, code)) - pieces for code, pieces in goods.items()}
    return found


def _freight(ask: Question) -> Callable[[str, Lines], Decimal]:
    """What these lines cost as one parcel from a warehouse; 0 where the freight table does not say."""
    facts, known = ask.facts, dict[tuple[str, tuple[str, ...]], Decimal]()

    def price(place: str, lines: Lines) -> Decimal:
        at = (place, tuple(lines))
        if at not in known:
            kept = [line for line in facts.trade.lines if line.oid in lines]
            policy = ask.policy.at(place)
            choice = courier.choose(
                courier.weigh(facts.trade, kept, policy), facts.staff.courier_wanted, policy
            )
            known[at] = choice.freight or Decimal(0)
        return known[at]

    return price


def _far(ask: Question, place: str) -> int:
    """0 for a warehouse in the receiver's province, where it says where it lies; else 1."""
    sender = ask.places.senders.get(place)
    return 0 if sender and same_place(sender.province, ask.facts.trade.receiver.province) else 1


def _why(
    ask: Question, found: Allocation, serving: list[str], freight: Callable[[str, Lines], Decimal]
) -> str:
    lang, names = ask.policy.lang, ask.names(parcel.warehouse for parcel in found.parcels)
    if len(found.parcels) > 1:
        return say(
            lang, f"没有一个仓库能发齐,分 {len(found.parcels)} 包从{names}发,运费共 {found.freight} 元",
            f"No warehouse has all of it: {len(found.parcels)} parcels from {names}, {found.freight} yuan",
        )  # fmt: skip
    lines = dict.fromkeys(ask.needs, 1)
    others = sorted(
        (freight(place, lines), place) for place in serving
        if place != found.parcels[0].warehouse and all(_whole_lines(ask, place).values())
    )  # fmt: skip
    text = say(
        lang, f"{names}能一包发齐,运费 {found.freight} 元", f"{names} has all of it, {found.freight} yuan"
    )
    if others:
        next_best = ask.names([others[0][1]])
        text += say(lang, f";{next_best} {others[0][0]} 元", f"; {next_best} {others[0][0]} yuan")
    missing = ask.names(place for place in serving if not all(_whole_lines(ask, place).values()))
    return text + (say(lang, f";{missing}货不够", f"; {missing} has not enough") if missing else "")


def _short(ask: Question, places: list[str]) -> str:
    """What these warehouses together lack."""
    total: dict[str, int] = {}
    for goods in ask.needs.values():
        for code, pieces in goods.items():
            total[code] = total.get(code, 0) + pieces
    lacks = {
        code: pieces - there for code, pieces in total.items()
        if (there := sum(max(0, ask.there(place, code)) for place in places)) < pieces
    }  # fmt: skip
    words = (
        say(ask.policy.lang, f"{code} 缺 {pieces} 件", f"{code} by {pieces}")
        for code, pieces in lacks.items()
    )
    return say(ask.policy.lang, "、", ", ").join(words)
