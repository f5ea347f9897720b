"""Which warehouse ships, against every way there is; and transfers before purchases."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.allocation import Level, allocate, refill
from workbook_templates.schema import Lang

PRICES = {"东仓": Decimal(5), "西仓": Decimal(4), "南仓": Decimal(6)}


def by_house(name: str, lines) -> Decimal | None:
    return PRICES.get(name)


def test_the_cheapest_that_has_all_of_it() -> None:
    stock = {"东仓": {"A": 5, "B": 5}, "西仓": {"A": 5, "B": 5}, "南仓": {"A": 5}}
    found = allocate({"A": 2, "B": 1}, stock, by_house)
    assert [parcel.warehouse for parcel in found.parcels] == ["西仓"]
    assert found.freight == 4
    assert "西仓" in found.zh
    assert "东仓 5" in found.why(Lang.ZH)


def test_one_dear_parcel_comes_before_two_cheap_ones() -> None:
    stock = {"东仓": {"A": 1}, "西仓": {"B": 1}, "南仓": {"A": 1, "B": 1}}
    dear = {"东仓": Decimal(1), "西仓": Decimal(1), "南仓": Decimal(99)}
    found = allocate({"A": 1, "B": 1}, stock, lambda name, lines: dear[name], may_split=True)
    assert [parcel.warehouse for parcel in found.parcels] == ["南仓"]


def test_a_split_only_where_it_is_allowed() -> None:
    stock = {"东仓": {"A": 1}, "西仓": {"B": 1}, "南仓": {"B": 1}}
    refused = allocate({"A": 1, "B": 1}, stock, by_house)
    assert not refused.parcels
    assert "不许拆" in refused.zh
    found = allocate({"A": 1, "B": 1}, stock, by_house, may_split=True)
    assert [(parcel.warehouse, parcel.lines) for parcel in found.parcels] == [
        ("东仓", {"A": 1}),
        ("西仓", {"B": 1}),
    ]
    assert found.freight == 9
    assert "2 包" in found.zh


def test_in_a_split_the_cheaper_one_ships_what_both_have() -> None:
    def heavy(name: str, lines) -> Decimal:
        return sum(lines.values()) * (Decimal(10) if name == "东仓" else Decimal(1))

    found = allocate({"A": 3}, {"东仓": {"A": 2}, "西仓": {"A": 2}}, heavy, may_split=True)
    assert found.freight == 12
    assert {parcel.warehouse: parcel.lines for parcel in found.parcels} == {
        "西仓": {"A": 2},
        "东仓": {"A": 1},
    }


def test_what_is_missing_is_named() -> None:
    found = allocate({"A": 9, "B": 1}, {"东仓": {"A": 5, "B": 3}, "西仓": {"A": 3}}, by_house, may_split=True)
    assert found.missing == {"A": 1}
    assert "A 缺 1" in found.zh
    nowhere = allocate({"A": 1}, {"北仓": {"A": 5}}, by_house, may_split=True)
    assert not nowhere.parcels
    assert not nowhere.missing
    with pytest.raises(ValueError, match="at least one"):
        allocate({}, {}, by_house)


@given(st.integers(0, 2**32))
def test_never_more_parcels_than_needed_and_one_parcel_at_the_lowest_price(seed: int) -> None:
    chance = random.Random(seed)
    houses = list(PRICES)
    lines = {sku: chance.randint(1, 3) for sku in "AB"}
    stock = {name: {sku: chance.randint(-1, 3) for sku in "AB"} for name in houses}

    def freight(name: str, parcel) -> Decimal:
        return PRICES[name] + sum(parcel.values())

    found = allocate(lines, stock, freight, may_split=True)
    pieces = [sku for sku, number in lines.items() for _ in range(number)]
    ways = [
        way for way in product(houses, repeat=len(pieces))
        if all(
            sum((h, s) == (name, sku) for h, s in zip(way, pieces, strict=True)) <= max(0, stock[name][sku])
            for name in houses for sku in "AB"
        )
    ]  # fmt: skip
    assert bool(found.parcels) == bool(ways)
    if not ways:
        assert found.missing
        return
    fewest = min(len(set(way)) for way in ways)
    assert len(found.parcels) == fewest
    shipped = {sku: sum(parcel.lines.get(sku, 0) for parcel in found.parcels) for sku in "AB"}
    assert shipped == lines
    assert all(0 < n <= stock[p.warehouse][sku] for p in found.parcels for sku, n in p.lines.items())
    if fewest == 1:
        assert found.freight == min(PRICES[way[0]] for way in ways if len(set(way)) == 1) + len(pieces)


def nearby(source: str, to: str) -> Decimal | None:
    return None if "北" in source + to else Decimal(abs("东西南".index(source[0]) - "东西南".index(to[0])))


def test_transfers_before_purchases() -> None:
    levels = [
        Level(sku="A", warehouse="东仓", available=2, minimum=5, target=20),
        Level(sku="A", warehouse="西仓", available=26, minimum=5, target=20),
        Level(sku="A", warehouse="南仓", available=30, minimum=5, target=25),
        Level(sku="A", warehouse="北仓", available=99, minimum=5, target=1),
    ]
    found = refill(levels, nearby)
    assert [(one.source, one.warehouse, one.pieces) for one in found] == [
        ("西仓", "东仓", 6), ("南仓", "东仓", 5), ("", "东仓", 7),
    ]  # fmt: skip
    assert "调 6 件" in found[0].zh
    assert "buy 7" in found[2].why(Lang.EN)
    assert refill(levels[1:], nearby) == ()


@given(st.integers(0, 2**32))
def test_what_is_proposed_fills_every_hole_and_digs_none(seed: int) -> None:
    chance = random.Random(seed)
    levels = [
        Level(sku=sku, warehouse=f"{name}仓", available=chance.randint(-5, 40), minimum=chance.randint(0, 15), target=chance.randint(10, 25))
        for sku in "AB" for name in "东西南北"
    ]  # fmt: skip
    found = refill(levels, nearby)
    for level in levels:
        own = [one for one in found if one.sku == level.sku]
        came = sum(one.pieces for one in own if one.warehouse == level.warehouse)
        went = sum(one.pieces for one in own if one.source == level.warehouse)
        assert came == (max(0, level.target - level.available) if level.available < level.minimum else 0)
        assert went <= max(0, level.available - level.target)
        for one in own:
            spare = {x.warehouse: max(0, x.available - x.target) for x in levels if x.sku == level.sku}
            if not one.source:  # bought only when nobody near has anything left
                given = {name: sum(y.pieces for y in own if y.source == name) for name in spare}
                assert all(
                    given[name] == spare[name] or nearby(name, one.warehouse) is None
                    for name in spare if name != one.warehouse
                )  # fmt: skip
