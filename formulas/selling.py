"""How many pieces each shop shows: a formula for each shop, shares and ceilings, and never more in sum than there is.

Definitions (facts, section 1.8): sellable = actual − all reservations; safe sellable = max(sellable − safety stock, 0);
what is shown is rounded down (one system rounds 9.5 up to 10 and oversells) and never below 0.

Pieces are given out, not computed for each shop alone: a campaign's pieces first, then the shops by level, each from the
warehouses it counts. What one shop was given no other is given. Whatever the formulas say, the sum is at most what is
sellable in those warehouses; goods in transit count for shops that say so only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from fractions import Fraction

from formulas.expression import Formula, Slip, number_text, read_formula
from workbook_templates.schema import Lang
from workbook_templates.words import say

_LABELS: Mapping[str, tuple[str, str]] = {
    "actual": ("实际库存", "on hand"),
    "in_warehouse": ("仓库预占", "reserved in the warehouse"),
    "pinned": ("指定仓预占", "reserved for a warehouse"),
    "overall": ("全局预占", "reserved without a warehouse"),
    "by_shop": ("店铺预占", "reserved by this shop"),
    "warehouse_sellable": ("仓库可售", "sellable in the warehouses"),
    "sellable": ("可售库存", "sellable"),
    "safety": ("安全库存", "safety stock"),
    "safe": ("安全可售", "safe sellable"),
    "in_transit": ("在途", "in transit"),
}
NAMES: Mapping[str, str] = {zh: name for name, (zh, _) in _LABELS.items()} | {name: name for name in _LABELS}
"""What people may write in a formula: the Chinese name, or the engine's own."""
TRANSIT = "在途"
"""Stands for the goods in transit where warehouses are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Pieces of one SKU in one warehouse."""

    actual: int
    in_warehouse: int = 0  # reserved by orders this warehouse ships
    pinned: int = 0  # reserved by orders somebody pinned to it
    in_transit: int = 0

    @property
    def free(self) -> int:
        """What is not reserved here; below 0 it is a hole that goods elsewhere have to fill."""
        return self.actual - self.in_warehouse - self.pinned


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellable:
    """All there is of one SKU: by warehouse, and what is reserved without one."""

    warehouses: Mapping[str, Held]
    overall: int = 0
    by_shop: Mapping[str, int] = field(default_factory=dict)
    safety: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRule:
    """How one shop shows its stock. None: not said here, so the next wider rule holds (SKU, then item, then shop)."""

    formula: Formula | None = None
    percent: Decimal | None = None  # of what is sellable in its warehouses: at most that
    ceiling: int | None = None  # never more than this
    low_below: int | None = None  # fewer than this show `low_shows` instead, as far as there are as many
    low_shows: int | None = None
    campaign: int | None = None  # pieces promised to a campaign in this shop: set aside before all else
    warehouses: frozenset[str] | None = None  # None: all
    counts_transit: bool | None = None
    level: int | None = None  # bigger is served first
    safety: int | None = None  # instead of the goods' own safety stock
    upload: bool | None = None  # False: this shop's figure is left alone and gets no pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a shop shows, and why. None: its figure is left alone."""

    pieces: int | None
    zh: str
    en: str

    def why(self, lang: Lang) -> str:
        """The sentence."""
        return say(lang, self.zh, self.en)


def _standard() -> Formula:
    formula = read_formula("{可售库存-安全库存}", NAMES)
    assert isinstance(formula, Formula)
    return formula


_KEEPS_BACK = frozenset({"safety", "safe"})
"""A formula with one of these names keeps the safety stock back: also from what other shops left."""
STANDARD = _standard()
"""The formula where nobody chose one."""


def read_rule_formula(text: str) -> Formula | Slip:
    """The formula of a rule as typed; the standard one for an empty cell."""
    return read_formula(text, NAMES) if text.strip() else STANDARD


def combined(rules: Iterable[ShopRule | None]) -> ShopRule:
    """One rule of several, the narrowest first: each part from the first that says anything about it."""
    given = [rule for rule in rules if rule is not None]
    return ShopRule(**{
        part.name: next((value for rule in given if (value := getattr(rule, part.name)) is not None), None)
        for part in fields(ShopRule)
    })  # fmt: skip


def offers(stock: Sellable, rules: Mapping[str, ShopRule]) -> dict[str, Offer]:
    """What each shop shows of one SKU. The numbers add up to no more than is sellable."""
    shops = sorted(rules, key=lambda shop: (-(rules[shop].level or 0), shop))
    live = [shop for shop in shops if rules[shop].upload is not False]
    left = _Left(stock, {shop: _counted(stock, rules[shop]) for shop in live})
    aside = {
        shop: left.give(shop, max(0, rules[shop].campaign or 0)) for shop in live if rules[shop].campaign
    }
    found: dict[str, Offer] = {}
    for shop in shops:
        if shop not in live:
            found[shop] = Offer(pieces=None, zh="这个店铺不上传库存", en="this shop's figure is left alone")
            continue
        found[shop] = _offer(shop, stock, rules[shop], left, aside.get(shop))
    return found


def values_for(stock: Sellable, shop: str, rule: ShopRule) -> dict[str, int]:
    """The number behind each name of a formula, for one shop: over the warehouses it counts."""
    held = [one for name, one in stock.warehouses.items() if name in _counted(stock, rule)]
    free = sum(one.free for one in held)
    sellable = free - stock.overall - sum(stock.by_shop.values())
    return {
        "actual": sum(one.actual for one in held),
        "in_warehouse": sum(one.in_warehouse for one in held),
        "pinned": sum(one.pinned for one in held),
        "overall": stock.overall,
        "by_shop": stock.by_shop.get(shop, 0),
        "warehouse_sellable": free,
        "sellable": sellable,
        "safety": safety_of(stock, rule),
        "safe": max(sellable - safety_of(stock, rule), 0),
        "in_transit": sum(one.in_transit for one in held),
    }


def safety_of(stock: Sellable, rule: ShopRule) -> int:
    """Pieces this shop keeps back: its rule's word, else the goods' own."""
    return stock.safety if rule.safety is None else max(0, rule.safety)


def _counted(stock: Sellable, rule: ShopRule) -> frozenset[str]:
    names = (
        frozenset(stock.warehouses) if rule.warehouses is None else rule.warehouses & stock.warehouses.keys()
    )
    return names | {TRANSIT} if rule.counts_transit else names


class _Left:
    """What has not been given to any shop yet: by warehouse, on the shelves altogether, and with what is in transit."""

    def __init__(self, stock: Sellable, counted: Mapping[str, frozenset[str]]) -> None:
        self.counted = counted
        self.pieces = {name: max(0, held.free) for name, held in stock.warehouses.items()}
        self.pieces[TRANSIT] = sum(max(0, held.in_transit) for held in stock.warehouses.values())
        used = frozenset().union(*counted.values()) if counted else frozenset()
        shelves = sum(
            held.free if name in used else min(0, held.free) for name, held in stock.warehouses.items()
        )
        there = shelves - stock.overall - sum(stock.by_shop.values())
        self.shelves = max(0, there)
        self.total = max(0, there + (self.pieces[TRANSIT] if TRANSIT in used else 0))

    def most(self, shop: str) -> int:
        """The most this shop can still be given."""
        return sum(self._from(shop, self.total).values())

    def give(self, shop: str, wanted: int) -> int:
        """Give as many of these as there are."""
        taken = self._from(shop, wanted)
        for name, took in taken.items():
            self.pieces[name] -= took
            self.shelves -= took if name != TRANSIT else 0
            self.total -= took
        return sum(taken.values())

    def _from(self, shop: str, wanted: int) -> dict[str, int]:
        """From where: the warehouses fewest other shops count come first."""
        others = [names for other, names in self.counted.items() if other != shop]
        found: dict[str, int] = {}
        need, shelves = min(wanted, self.total), self.shelves
        for name in sorted(self.counted[shop], key=lambda one: (sum(one in names for names in others), one)):
            took = min(need, self.pieces[name], shelves if name != TRANSIT else need)
            found[name] = took
            need -= took
            shelves -= took if name != TRANSIT else 0
        return found


def _offer(shop: str, stock: Sellable, rule: ShopRule, left: _Left, aside: int | None) -> Offer:
    formula, values = rule.formula or STANDARD, values_for(stock, shop, rule)
    result = formula.value(values)
    if isinstance(result, Slip):
        return Offer(pieces=None, zh=f"公式算不出来({result.text(Lang.ZH)}),库存没有改", en=f"The formula has no result ({result.text(Lang.EN)}): left alone")  # fmt: skip
    wanted = max(0, result.__floor__())
    zh = [
        f"{formula.shown(values, {name: one for name, (one, _) in _LABELS.items()})} = {_down(result, '取整')}"
    ]
    en = [
        f"{formula.shown(values, {name: one for name, (_, one) in _LABELS.items()})} = {_down(result, 'rounded down')}"
    ]
    wanted = _limited(wanted, values, rule, zh, en)
    kept = aside or 0
    if kept:
        zh.append(f"活动锁定 {kept}")
        en.append(f"{kept} kept for a campaign")
    back = (
        safety_of(stock, rule) if formula.names() & _KEEPS_BACK else 0
    )  # pieces no shop is given, whoever came first
    most = min(left.most(shop), max(0, left.total - back)) + kept
    given = kept + left.give(shop, max(0, min(wanted, most) - kept))
    if wanted > most:
        zh.append(f"别的店铺分走后只剩 {most}")
        en.append(f"only {most} left after the other shops and reservations")
    zh.append(f"显示 {given}")
    en.append(f"shows {given}")
    return Offer(pieces=given, zh=";".join(zh), en="; ".join(en))


def _down(result: Fraction, words: str) -> str:
    whole = result.__floor__()
    exact = number_text(result)
    return exact if result == whole else f"{exact}, {words} {whole}"


def _limited(wanted: int, values: Mapping[str, int], rule: ShopRule, zh: list[str], en: list[str]) -> int:
    """The number after share, ceiling and lower limit, with what each did."""
    if rule.percent is not None:
        share = max(0, (Fraction(max(0, values["sellable"])) * Fraction(rule.percent) / 100).__floor__())
        if share < wanted:
            zh.append(f"份额 {rule.percent}% = {share}")
            en.append(f"share {rule.percent}% = {share}")
            wanted = share
    if rule.ceiling is not None and wanted > rule.ceiling:
        wanted = max(0, rule.ceiling)
        zh.append(f"上限 {wanted}")
        en.append(f"ceiling {wanted}")
    if rule.low_below is not None and wanted < rule.low_below:
        wanted = max(0, rule.low_shows or 0)
        zh.append(f"少于 {rule.low_below} 件时显示 {wanted}")
        en.append(f"fewer than {rule.low_below}: {wanted}")
    return wanted
