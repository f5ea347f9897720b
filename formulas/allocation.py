"""Which warehouse ships an order, and how goods get to where they are short: from another warehouse before a supplier.

One parcel comes before two, whatever the freight: a second parcel costs a second label, a second tracking and a buyer who
asks where the rest is. Among as many parcels the cheapest freight wins, among equal ones the first by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, permutations

from workbook_templates.schema import Lang
from workbook_templates.words import say

Lines = Mapping[str, int]
"""Pieces by SKU."""
Freight = Callable[[str, Lines], Decimal | None]
"""What a warehouse's parcel of these goods costs in yuan; None where it does not ship there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one warehouse ships."""

    warehouse: str
    lines: Lines
    freight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The parcels of an order, none where it cannot be shipped; what is missing, and why this way."""

    parcels: tuple[Parcel, ...]
    missing: Lines
    zh: str
    en: str

    @property
    def freight(self) -> Decimal:
        """Yuan for all parcels."""
        return sum((parcel.freight for parcel in self.parcels), Decimal(0))

    def why(self, lang: Lang) -> str:
        """The sentence."""
        return say(lang, self.zh, self.en)


def allocate(
    lines: Lines, stock: Mapping[str, Lines], freight: Freight, *, may_split: bool = False, most_parcels: int = 3,
    near: Callable[[str], int] = lambda name: 0,
) -> Allocation:  # fmt: skip
    """Ship an order from the stock at hand (pieces by SKU by warehouse, reservations taken off).

    An order is shipped whole or not at all. In a split each warehouse ships all it has of what those before it left; all
    choices and orders of warehouses are tried, so the number of parcels is the least there is. ValueError for an order without pieces.

    Args:
        near: how far a warehouse is, where freight does not tell two apart.
    """
    if not lines or min(lines.values()) < 1:
        raise ValueError("an order has at least one piece of each line")
    if one := _best(lines, stock, freight, 1, near):
        return _told(one, stock, lines, freight)
    for parcels in range(2, most_parcels + 1) if may_split else ():
        if found := _best(lines, stock, freight, parcels, near):
            return _told(found, stock, lines, freight)
    return _none(lines, stock, may_split, most_parcels)


def _best(
    lines: Lines, stock: Mapping[str, Lines], freight: Freight, parcels: int, near: Callable[[str], int]
) -> tuple[Parcel, ...] | None:
    """The cheapest way with exactly so many parcels."""
    useful = sorted(name for name, there in stock.items() if any(there.get(sku, 0) > 0 for sku in lines))
    ways = (
        way for houses in combinations(useful, parcels) if _enough(lines, stock, houses)
        for order in permutations(houses) if (way := _filled(lines, stock, freight, order))
    )  # fmt: skip
    return min(
        ways,
        key=lambda way: (
            sum(one.freight for one in way),
            [(near(one.warehouse), one.warehouse) for one in way],
        ),
        default=None,
    )


def _enough(lines: Lines, stock: Mapping[str, Lines], houses: Sequence[str]) -> bool:
    return all(sum(max(0, stock[name].get(sku, 0)) for name in houses) >= need for sku, need in lines.items())


def _filled(
    lines: Lines, stock: Mapping[str, Lines], freight: Freight, order: Sequence[str]
) -> tuple[Parcel, ...] | None:
    """Each warehouse in turn ships what it has of what is still needed; None where one has nothing to ship or cannot."""
    need, parcels = dict(lines), []
    for name in order:
        ships = {
            sku: took for sku, left in need.items() if (took := min(left, max(0, stock[name].get(sku, 0))))
        }
        price = freight(name, ships) if ships else None
        if price is None:
            return None
        parcels.append(Parcel(warehouse=name, lines=ships, freight=price))
        need = {sku: left - ships.get(sku, 0) for sku, left in need.items()}
    return tuple(parcels)


def _told(way: tuple[Parcel, ...], stock: Mapping[str, Lines], lines: Lines, freight: Freight) -> Allocation:
    names = "、".join(parcel.warehouse for parcel in way)
    total = sum((parcel.freight for parcel in way), Decimal(0))
    if len(way) > 1:
        zh = f"没有一个仓库能发齐,拆成 {len(way)} 包从{names}发,运费共 {total} 元"
        en = f"no warehouse has all of it: {len(way)} parcels from {names}, freight {total} yuan"
        return Allocation(parcels=way, missing={}, zh=zh, en=en)
    whole = [name for name in stock if _enough(lines, stock, [name])]
    prices = {name: price for name in whole if (price := freight(name, lines)) is not None}
    others = sorted((price, name) for name, price in prices.items() if name != way[0].warehouse)
    zh, en = (
        f"{names}能一包发齐,运费 {total} 元",
        f"{names} has all of it in one parcel, freight {total} yuan",
    )
    if others:
        zh += f",最便宜(其次 {others[0][1]} {others[0][0]} 元)"
        en += f", the cheapest (next {others[0][1]} at {others[0][0]})"
    return Allocation(parcels=way, missing={}, zh=zh, en=en)


def _none(lines: Lines, stock: Mapping[str, Lines], may_split: bool, most: int) -> Allocation:
    total = {sku: sum(max(0, there.get(sku, 0)) for there in stock.values()) for sku in lines}
    missing = {sku: need - total[sku] for sku, need in lines.items() if need > total[sku]}
    if missing:
        short = "、".join(f"{sku} 缺 {pieces}" for sku, pieces in missing.items())
        brief = ", ".join(f"{sku} {pieces} short" for sku, pieces in missing.items())
        zh, en = (
            f"所有仓库合计也不够:{short};等补货或改单",
            f"all warehouses together lack: {brief}. Restock or change the order",
        )
    elif not may_split:
        zh, en = (
            "没有一个仓库能一包发齐,这单不许拆;可调拨,或允许拆单",
            "no warehouse can ship it whole and it must not be split: transfer goods, or allow a split",
        )
    else:
        zh, en = (
            f"{most} 包之内发不齐,或没有仓库发到这里;请人工指定",
            f"not within {most} parcels, or no warehouse ships there: choose by hand",
        )
    return Allocation(parcels=(), missing=missing, zh=zh, en=en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One SKU in one warehouse: what it can use (on hand − reserved + on its way), when to fill up, and how far."""

    sku: str
    warehouse: str
    available: int
    minimum: int  # fewer than this: fill up
    target: int  # up to this; above it there is some to give away


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Goods to move from another warehouse, or to buy where `source` is ""."""

    sku: str
    source: str
    warehouse: str
    pieces: int
    zh: str
    en: str

    def why(self, lang: Lang) -> str:
        """The sentence."""
        return say(lang, self.zh, self.en)


def refill(levels: Iterable[Level], distance: Callable[[str, str], Decimal | None]) -> tuple[Proposal, ...]:
    """Transfers, then purchases, that fill every warehouse below its minimum up to its target.

    The shortest of stock comes first (by what is missing to the minimum). It takes from the nearest warehouse by
    `distance` (yuan for a transfer, None: no transfers between the two), as much as that has above its own target. What
    no warehouse can give is bought.
    """
    by_sku: dict[str, list[Level]] = {}
    for level in levels:
        by_sku.setdefault(level.sku, []).append(level)
    found = [one for sku in sorted(by_sku) for one in _refill_sku(by_sku[sku], distance)]
    return tuple(sorted(found, key=lambda one: not one.source))


def _refill_sku(
    levels: Sequence[Level], distance: Callable[[str, str], Decimal | None]
) -> Iterator[Proposal]:
    spare = {level.warehouse: max(0, level.available - level.target) for level in levels}
    short = sorted(
        (level for level in levels if level.available < level.minimum),
        key=lambda one: (one.available - one.minimum, one.warehouse),
    )
    for level in short:
        need = max(0, level.target - level.available)
        near = sorted(
            (cost, name) for name, pieces in spare.items()
            if pieces and name != level.warehouse and (cost := distance(name, level.warehouse)) is not None
        )  # fmt: skip
        for cost, name in near:
            if pieces := min(need, spare[name]):
                spare[name] -= pieces
                need -= pieces
                yield _transfer(level, name, pieces, cost)
        if need:
            yield _purchase(level, need)


def _transfer(level: Level, source: str, pieces: int, cost: Decimal) -> Proposal:
    return Proposal(
        sku=level.sku, source=source, warehouse=level.warehouse, pieces=pieces,
        zh=f"{level.warehouse}可用 {level.available} 低于 {level.minimum},{source}超出目标,先调 {pieces} 件(调拨费 {cost} 元)",
        en=f"{level.warehouse} has {level.available}, below {level.minimum}; {source} has more than its target: move {pieces} ({cost} yuan)",
    )  # fmt: skip


def _purchase(level: Level, pieces: int) -> Proposal:
    return Proposal(
        sku=level.sku, source="", warehouse=level.warehouse, pieces=pieces,
        zh=f"{level.warehouse}可用 {level.available} 低于 {level.minimum},别的仓库调不出,再买 {pieces} 件补到 {level.target}",
        en=f"{level.warehouse} has {level.available}, below {level.minimum}, and no other warehouse can give: buy {pieces} to reach {level.target}",
    )  # fmt: skip
