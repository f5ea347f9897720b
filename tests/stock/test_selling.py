"""The number a shop shows: formulas by hand and against Python's own arithmetic, and never a piece promised twice."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from formulas.expression import DEPTH, LENGTH, Formula, Slip, read_formula
from formulas.selling import (
    NAMES,
    STANDARD,
    Held,
    Offer,
    Sellable,
    ShopRule,
    combined,
    offers,
    read_rule_formula,
    values_for,
)
from workbook_templates.schema import Lang

STOCK = Sellable(
    warehouses={"东仓": Held(actual=40, in_warehouse=3), "西仓": Held(actual=9, pinned=2, in_transit=5)},
    overall=2, by_shop={"甲": 1}, safety=5,
)  # fmt: skip


def formula(text: str) -> Formula:
    found = read_rule_formula(text)
    assert isinstance(found, Formula), found.text(Lang.EN)
    return found


def one(stock: Sellable = STOCK, **rule) -> Offer:
    return offers(stock, {"甲": ShopRule(**rule)})["甲"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 36), ("{可售库存-安全库存}", 36), ("{可售库存}", 41), ("{仓库可售}", 44), ("{店铺预占}", 1), ("{安全可售}", 36),
        ("{可售库存} * 80%", Fraction(164, 5)), ("（可售库存－安全库存）×５０％", 18), ("sellable / 3", Fraction(41, 3)),
        ("min({可售库存},10)", 10), ("最大（安全库存，2， 3）", 5), ("floor(sellable/3)", 13), ("10-4-3", 3), ("2+3*4", 14),
        ("24/4/2", 3), ("-(2+3)", -5), ("+5", 5), ("--5", 5), (".5*4", 2), ("50%%", Fraction(1, 200)), ("floor(-0.5)", -1),
        ("{实际库存}-{仓库预占}-{指定仓预占}-{全局预占}-{店铺预占}", 41), ("Sellable", 41), ("在途", 5),
    ],
)  # fmt: skip
def test_formulas_by_hand(text: str, value: Fraction | int) -> None:
    assert formula(text).value(values_for(STOCK, "甲", ShopRule())) == value


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("可售+", 1, "可售库存"), ("{可售库存}+", 8, "没写完"), ("(1+2", 5, ")"), ("{可售库存", 6, "}"), ("1 2", 3, "看不懂"),
        ("2*可售库存数", 3, "不认识"), ("1;2", 2, "看不懂"), ("max(1)", 1, "两个"), ("floor(1,2)", 1, "一个"), ("min 3", 5, "括号"),
        ("1+*2", 3, "看不懂"), ("(1}", 3, ")"), ("__import__('os')", 1, "不认识"), ("可售库存.real", 5, "看不懂"), ("1e9", 2, "看不懂"),
        ("2**3", 3, "看不懂"), ("(" * (DEPTH + 1), DEPTH + 1, "套"), ("1" * (LENGTH + 1), LENGTH + 1, "太长"),
        ("12345678901", 1, "位"), ("lambda:0", 1, "不认识"), ("[1][0]", 1, "看不懂"),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_place(text: str, position: int, says: str) -> None:
    slip = read_rule_formula(text)
    assert isinstance(slip, Slip)
    assert slip.position == position
    assert says in slip.text(Lang.ZH)
    assert str(position) in slip.text(Lang.EN)


def test_a_division_by_0_leaves_the_shops_figure_alone() -> None:
    offer = one(formula=formula("可售库存 / (店铺预占 - 1)"))
    assert offer.pieces is None
    assert "除数是 0" in offer.zh
    assert "division by 0" in offer.en


@st.composite
def expressions(draw, depth: int = 3) -> tuple[str, str]:
    """A formula, and the same for Python with Fractions."""
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            number = draw(st.integers(0, 999))
            return f"{number}", f"F({number})"
        name = draw(st.sampled_from(sorted(NAMES)))
        return draw(st.sampled_from([name, f"{{{name}}}"])), f"v[{NAMES[name]!r}]"
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    way = draw(st.sampled_from(["+", "-", "*", "/", "min", "max", "%", "neg", "floor"]))
    if way in ("min", "max"):
        return f"{way}({left[0]}, {right[0]})", f"{way}({left[1]}, {right[1]})"
    if way == "%":
        return f"({left[0]})%", f"(({left[1]})/100)"
    if way == "neg":
        return f"(-({left[0]}))", f"(-({left[1]}))"
    if way == "floor":
        return f"floor({left[0]})", f"F(floor({left[1]}))"
    return f"({left[0]} {way} {right[0]})", f"({left[1]} {way} {right[1]})"


@given(expressions())
def test_formulas_give_what_python_gives(pair: tuple[str, str]) -> None:
    text, python = pair
    found = read_formula(text, NAMES)
    if len(text) > LENGTH:
        assert isinstance(found, Slip)
        return
    assert isinstance(found, Formula)
    values = {name: Fraction(number) for name, number in values_for(STOCK, "甲", ShopRule()).items()}
    try:
        expected = eval(python, {"F": Fraction, "v": values, "floor": math.floor, "min": min, "max": max})
    except ZeroDivisionError:
        assert isinstance(found.value(values), Slip)
        return
    assert found.value(values) == expected


@given(st.text(max_size=60))
@example("{" * 60)
@example("٣+२")
def test_any_text_is_a_formula_or_a_slip(text: str) -> None:
    found = read_rule_formula(text)
    if isinstance(found, Formula):
        assert isinstance(found.value(values_for(STOCK, "甲", ShopRule())), Fraction | Slip)
    else:
        assert 1 <= found.position <= len(text) + 1


def test_9_5_is_9_and_never_10() -> None:
    """One system rounds stock × coefficient up, 9.5 to 10, and sells what is not there (facts, section 1.8)."""
    stock = Sellable(warehouses={"东仓": Held(actual=19)})
    assert one(stock, formula=formula("可售库存 * 50%")).pieces == 9
    assert one(stock, percent=Decimal(50)).pieces == 9
    assert "9.5" in one(stock, formula=formula("可售库存 * 50%")).zh


def test_every_limit_bites_and_says_so() -> None:
    assert one().pieces == 36
    assert "36" in one().zh
    assert one(percent=Decimal("33.3")).pieces == 13
    assert "份额 33.3% = 13" in one(percent=Decimal("33.3")).zh
    assert one(ceiling=10).pieces == 10
    assert "ceiling 10" in one(ceiling=10).en
    assert one(low_below=40, low_shows=0).pieces == 0
    assert one(low_below=40, low_shows=2).pieces == 2
    assert one(low_below=36, low_shows=2).pieces == 36
    assert one(upload=False).pieces is None
    assert one(formula=formula("0-5")).pieces == 0


def test_a_fixed_low_number_is_never_more_than_there_is() -> None:
    empty = Sellable(warehouses={"东仓": Held(actual=1)})
    assert one(empty, low_below=5, low_shows=3).pieces == 1


def test_reservations_and_holes_take_from_everybody() -> None:
    hole = Sellable(warehouses={"东仓": Held(actual=-4), "西仓": Held(actual=10)})
    assert one(hole, formula=formula("100")).pieces == 6
    reserved = Sellable(warehouses={"东仓": Held(actual=10, in_transit=9)}, overall=8)
    for level, shown in ((1, (2, 9)), (-1, (0, 11))):
        rules = {
            "甲": ShopRule(formula=formula("100"), level=level),
            "乙": ShopRule(formula=formula("100"), counts_transit=True),
        }
        found = offers(reserved, rules)
        assert (found["甲"].pieces, found["乙"].pieces) == shown


def test_a_campaigns_pieces_are_set_aside_before_all_else() -> None:
    rules = {"甲": ShopRule(level=9), "乙": ShopRule(campaign=30), "丙": ShopRule()}
    found = offers(STOCK, rules)
    assert found["甲"].pieces == 6  # 41 sellable, 30 for the campaign, 5 kept back
    assert found["乙"].pieces == 30
    assert found["丙"].pieces == 0
    assert "活动锁定 30" in found["乙"].zh
    assert offers(STOCK, {"乙": ShopRule(campaign=99)})["乙"].pieces == 41  # not more than there is


def test_the_bigger_level_is_served_first() -> None:
    found = offers(STOCK, {"甲": ShopRule(), "乙": ShopRule(level=5, ceiling=30)})
    assert (found["乙"].pieces, found["甲"].pieces) == (30, 6)
    assert "别的店铺分走后只剩 6" in found["甲"].zh
    assert offers(STOCK, {"甲": ShopRule(safety=0), "乙": ShopRule(level=5, ceiling=30)})["甲"].pieces == 11


def test_a_shop_takes_from_what_only_it_counts_first() -> None:
    stock = Sellable(warehouses={"东仓": Held(actual=10), "西仓": Held(actual=10)})
    rules = {
        "甲": ShopRule(level=1, ceiling=10),
        "乙": ShopRule(warehouses=frozenset({"东仓"})),
    }
    assert [one.pieces for one in offers(stock, rules).values()] == [10, 10]


def shown(stock: Sellable, **rules: ShopRule) -> list[int | None]:
    return [offers(stock, rules)[shop].pieces for shop in rules]


def test_what_one_shop_was_given_no_other_is_given() -> None:
    """Each limit by itself: a warehouse, the shelves altogether, the shelves with what is in transit."""
    lots = formula("100")
    east = ShopRule(formula=lots, warehouses=frozenset({"东仓"}))
    two = Sellable(warehouses={"东仓": Held(actual=10), "西仓": Held(actual=50)})
    assert shown(two, a=east, b=east, c=ShopRule(formula=lots, level=-1)) == [10, 0, 50]
    reserved = Sellable(warehouses={"东仓": Held(actual=10, in_transit=9)}, overall=8)
    plain, coming = ShopRule(formula=lots), ShopRule(formula=lots, counts_transit=True, level=-1)
    assert shown(reserved, a=plain, b=plain, c=coming) == [2, 0, 9]
    owed = Sellable(warehouses={"东仓": Held(actual=10, in_transit=9)}, overall=15)
    assert shown(owed, a=coming, b=coming, c=plain) == [4, 0, 0]
    first = ShopRule(formula=lots, counts_transit=True, ceiling=3)
    assert shown(owed, a=first, b=coming) == [3, 1]


def test_a_campaigns_pieces_are_part_of_what_its_shop_shows() -> None:
    assert one(campaign=10).pieces == 36
    assert one(campaign=10, ceiling=4).pieces == 10


def test_narrower_rules_win_part_by_part() -> None:
    sku, item, shop = (
        ShopRule(ceiling=3),
        ShopRule(percent=Decimal(50), ceiling=9),
        ShopRule(level=1, percent=Decimal(80)),
    )
    assert combined([sku, None, item, shop]) == ShopRule(ceiling=3, percent=Decimal(50), level=1)
    assert combined([ShopRule(counts_transit=False), ShopRule(counts_transit=True)]).counts_transit is False


HELD = st.builds(
    Held,
    actual=st.integers(-20, 100),
    in_warehouse=st.integers(0, 30),
    pinned=st.integers(0, 5),
    in_transit=st.integers(0, 30),
)
FORMULAS = [
    "",
    "100",
    "{可售库存}",
    "{实际库存} * 2",
    "{可售库存}*80%",
    "{可售库存}+{在途}",
    "max({仓库可售}, 7)",
    "9/(1-1)",
]
RULE = st.builds(
    ShopRule, formula=st.sampled_from(FORMULAS).map(formula), percent=st.none() | st.decimals(0, 200, places=1),
    ceiling=st.none() | st.integers(0, 50), low_below=st.none() | st.integers(0, 20), low_shows=st.integers(0, 20),
    campaign=st.none() | st.integers(0, 60), level=st.none() | st.integers(-3, 3), upload=st.none() | st.booleans(),
    warehouses=st.none() | st.frozensets(st.sampled_from("东西南北")), counts_transit=st.none() | st.booleans(),
)  # fmt: skip


@settings(max_examples=300)
@given(
    st.dictionaries(st.sampled_from("东西南"), HELD), st.integers(0, 40), st.dictionaries(st.sampled_from("甲乙丙"), st.integers(0, 9)),
    st.integers(0, 30), st.dictionaries(st.sampled_from("甲乙丙丁"), RULE),
)  # fmt: skip
def test_no_piece_is_promised_twice(held, overall, by_shop, safety, rules) -> None:
    stock = Sellable(warehouses=held, overall=overall, by_shop=by_shop, safety=safety)
    found = offers(stock, rules)
    shown = {shop: offer.pieces or 0 for shop, offer in found.items()}
    assert all(pieces >= 0 for pieces in shown.values())
    reserved = overall + sum(by_shop.values())
    transit = sum(one.in_transit for one in held.values())
    everything = sum(one.actual - one.in_warehouse - one.pinned for one in held.values() if one)
    for size in range(1, len(rules) + 1):
        for shops in combinations(rules, size):
            counted = [rules[shop].warehouses for shop in shops]
            names = set(held) if None in counted else set().union(*counted) & set(held)
            coming = transit if any(rules[shop].counts_transit for shop in shops) else 0
            there = sum(
                max(0, held[name].actual - held[name].in_warehouse - held[name].pinned) for name in names
            )
            assert sum(shown[shop] for shop in shops) <= there + coming
            if names == set(held):
                assert sum(shown[shop] for shop in shops) <= max(0, everything - reserved + coming)
    assert {shop for shop, rule in rules.items() if rule.upload is False} <= {
        s for s, o in found.items() if o.pieces is None
    }


@given(st.integers(0, 2**32))
def test_without_rules_the_first_shop_shows_what_is_safely_sellable(seed: int) -> None:
    chance = random.Random(seed)
    stock = Sellable(
        warehouses={"东": Held(actual=chance.randint(-9, 60), in_warehouse=chance.randint(0, 9))},
        overall=chance.randint(0, 9), safety=chance.randint(0, 9),
    )  # fmt: skip
    (held,) = stock.warehouses.values()
    assert one(stock).pieces == max(0, held.actual - held.in_warehouse - stock.overall - stock.safety)
    assert one(stock).pieces == max(0, (STANDARD.value(values_for(stock, "甲", ShopRule()))).__floor__())
