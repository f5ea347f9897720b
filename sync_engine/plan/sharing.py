"""How the pieces of one kind of goods are given out to the SKUs that sell them, in whichever shop. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from formulas.selling import Sellable, ShopRule, offers
from formulas.stock import share
from sync_engine.plan.shoprules import Selling, StockRule, merged
from sync_engine.plan.words import say
from sync_engine.stockroom import KnownSku
from workbook_templates.schema import Lang

REST = "\uffff"
"""Stands for all SKUs that no rule gives a number of their own: they share evenly what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """SKUs of one shop that the same rules are for."""

    name: str
    seller: str
    skus: tuple[KnownSku, ...]
    rules: tuple[StockRule, ...] = ()
    only_lower: bool = False

    @property
    def shown(self) -> int:
        """Pieces Tmall shows."""
        return sum(known.sku.quantity for known in self.skus)

    @property
    def says(self) -> ShopRule:
        """What the rules say together."""
        rule = merged(self.rules)
        if self.only_lower or any(one.broken for one in self.rules):
            most = self.shown if rule.ceiling is None else min(self.shown, rule.ceiling)
            return replace(rule, ceiling=most)
        return rule

    @property
    def locked(self) -> bool:
        """A campaign's lock: the figure stays as it is."""
        return any(rule.locked for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFigure:
    """What a shop should show of one kind of goods, in pieces; None: its figure is left alone."""

    seller: str
    skus: tuple[KnownSku, ...]
    wanted: int | None
    rules: tuple[str, ...] = ()
    why: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What each SKU should show, which of them are told so, and the figure of each shop."""

    wanted: Mapping[str, int]  # by sku_key, of those told
    told: tuple[KnownSku, ...]
    figures: tuple[ShopFigure, ...]
    why: Mapping[str, str] = field(default_factory=dict)  # by sku_key


def share_out(
    code: str, skus: Sequence[KnownSku], stock: Sellable, selling: Selling, named: Mapping[str, str], lang: Lang, *,
    only_lower: bool = False,
) -> Shared:  # fmt: skip
    """Give the pieces out: campaigns first, then shops with a number of their own by level, the rest evenly.

    Together no more than is sellable: a figure that is locked counts as given. A figure that may not be told counts for
    nothing, and says so.

    Args:
        skus: those that are sold.
        named: what the sheets call each shop, by seller.
        only_lower: no figure is raised, whatever the rules say.
    """
    units = _units(code, skus, selling, named, only_lower)
    left_alone = [unit for unit in units if unit.says.upload is False and not unit.locked]
    locked = [unit for unit in units if unit.locked]
    live = [unit for unit in units if unit not in left_alone and unit not in locked]
    held = sum(unit.shown for unit in locked)
    stock = replace(stock, overall=stock.overall + held)
    given = _given(live, stock, lang)
    wanted: dict[str, int] = {}
    figures: list[ShopFigure] = []
    why: dict[str, str] = {}
    for unit in live:
        parts, text = given[unit.name]
        wanted |= parts
        why |= dict.fromkeys(parts, text)
        figures.append(_figure(unit, sum(parts.values()), text))
    over = held - max(0, _free(stock) + held)
    for unit in locked:
        wanted |= {known.sku.sku_key: known.sku.quantity for known in unit.skus}
        problem = say(lang, f"锁定期间显示的比可卖的多 {over} 件", f"Locked figures are {over} above what is sellable") if over > 0 else ""  # fmt: skip
        figures.append(
            _figure(
                unit,
                unit.shown,
                say(lang, f"活动锁定,保持 {unit.shown}", f"locked, stays {unit.shown}"),
                problem,
            )
        )
    for unit in left_alone:
        problem = (
            say(lang, "它显示的不在分配之内", "What it shows is outside of what is given out")
            if unit.shown
            else ""
        )
        figures.append(
            _figure(unit, None, say(lang, "这个店铺不上传库存", "this shop's figure is left alone"), problem)
        )
    told = tuple(known for unit in (*live, *locked) for known in unit.skus)
    return Shared(wanted=wanted, told=told, figures=tuple(figures), why=why)


def _figure(unit: Unit, wanted: int | None, why: str, problem: str = "") -> ShopFigure:
    ids = tuple(rule.rule_id for rule in unit.rules)
    return ShopFigure(seller=unit.seller, skus=unit.skus, wanted=wanted, rules=ids, why=why, problem=problem)


def _units(code: str, skus: Sequence[KnownSku], selling: Selling, named: Mapping[str, str], only_lower: bool) -> list[Unit]:  # fmt: skip
    found: dict[tuple[str, tuple[str, ...]], Unit] = {}
    for known in sorted(skus, key=lambda one: one.sku.sku_key):
        sku, shop = known.sku, named.get(known.sku.seller, known.sku.seller)
        rules = tuple(selling.for_sku(shop, code, sku.num_iid, sku.sku_key))
        key = (sku.seller, tuple(rule.rule_id for rule in rules))
        before = found.get(key)
        skus_so_far = before.skus if before else ()
        first = not any(unit.seller == sku.seller for other, unit in found.items() if other != key)
        name = (before.name if before else "") or (shop if first else f"{shop}:{','.join(key[1])}")
        found[key] = Unit(
            name=name, seller=sku.seller, skus=(*skus_so_far, known), rules=rules, only_lower=only_lower
        )
    return list(found.values())


def _has_own_number(rule: ShopRule) -> bool:
    parts = (
        rule.formula,
        rule.percent,
        rule.low_below,
        rule.campaign,
        rule.warehouses,
        rule.counts_transit,
        rule.level,
        rule.safety,
    )
    return any(part is not None for part in parts)


Given = dict[str, tuple[dict[str, int], str]]


def _given(units: Sequence[Unit], stock: Sellable, lang: Lang) -> Given:
    """Pieces by SKU and the sentence, for each unit."""
    own = {unit.name: unit for unit in units if _has_own_number(unit.says)}
    rest = [unit for unit in units if unit.name not in own]
    rules = {name: unit.says for name, unit in own.items()}
    lowest = min((rule.level or 0 for rule in rules.values()), default=0) - 1
    found = offers(stock, {**rules, REST: ShopRule(level=lowest)} if rest else rules)
    without = [name for name in own if found[name].pieces is None]
    if without:  # the formula has no result: what is shown is only lowered
        rules |= {name: ShopRule(ceiling=own[name].shown, level=lowest) for name in without}
        slips = {name: found[name].why(lang) for name in without}
        found = offers(stock, {**rules, REST: ShopRule(level=lowest)} if rest else rules)
    else:
        slips = {}
    given: Given = {}
    for name, unit in own.items():
        pieces = found[name].pieces or 0
        text = say(lang, ";", "; ").join(filter(None, (slips.get(name, ""), found[name].why(lang))))
        given[name] = (_over_skus(pieces, unit.skus), text)
    if rest:
        given |= _evenly(found[REST].pieces or 0, found[REST].why(lang), rest, lang)
    return given


def _over_skus(pieces: int, skus: Sequence[KnownSku]) -> dict[str, int]:
    parts = share(pieces, len(skus))
    return {known.sku.sku_key: part for known, part in zip(skus, parts, strict=True)}


def _evenly(pieces: int, why: str, units: Sequence[Unit], lang: Lang) -> Given:
    """What is left, shared over SKUs; one with a ceiling takes no more than its part of it."""
    members = sorted((known.sku.sku_key, unit.name) for unit in units for known in unit.skus)
    caps = {unit.name: unit.says.ceiling for unit in units}
    room: dict[str, int | None] = {}
    for unit in units:
        cap = caps[unit.name]
        room |= {k.sku.sku_key: None for k in unit.skus} if cap is None else _over_skus(cap, unit.skus)
    parts = dict.fromkeys((key for key, _ in members), 0)
    left, open_keys = pieces, [key for key, _ in members]
    while left and open_keys:
        for key, part in zip(open_keys, share(left, len(open_keys)), strict=True):
            limit = room[key]
            more = part if limit is None else min(part, limit - parts[key])
            parts[key] += more
            left -= more
        still = [key for key in open_keys if room[key] is None or parts[key] < (room[key] or 0)]
        if len(still) == len(open_keys):
            break
        open_keys = still
    given: Given = {}
    for unit in units:
        mine = {known.sku.sku_key: parts[known.sku.sku_key] for known in unit.skus}
        cap, got = caps[unit.name], sum(mine.values())
        text = why
        if len(members) > 1:
            text += say(
                lang,
                f";{len(members)} 个 SKU 平分,这里 {got}",
                f"; shared by {len(members)} SKUs, here {got}",
            )
        if cap is not None and got == cap:
            text += say(lang, f"(上限 {cap})", f" (ceiling {cap})")
        given[unit.name] = (mine, text)
    return given


def _free(stock: Sellable) -> int:
    return sum(held.free for held in stock.warehouses.values()) - stock.overall - sum(stock.by_shop.values())
