"""Freight-in to the last fen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.costing import CostRules, cost
from formulas.landed import Goods, ShareBy, distribute, freight_in
from formulas.ledger import post
from formulas.moves import MoveKind
from tests.stock.histories import move

K = MoveKind
D = Decimal


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("10.00", (1, 1, 1), ("3.34", "3.33", "3.33")), ("0.01", (1, 5), ("0.00", "0.01")), ("0.02", (1, 1, 1), ("0.01", "0.01", "0.00")),
        ("-10.00", (1, 1, 1), ("-3.34", "-3.33", "-3.33")), ("5.00", (0, 0), ("2.50", "2.50")), ("7.77", (0, 3), ("0.00", "7.77")),
        ("100.00", ("33.3", "66.7"), ("33.30", "66.70")), ("0", (1, 2), ("0.00", "0.00")),
    ],
)  # fmt: skip
def test_the_last_fen_has_its_place(total: str, weights: tuple, parts: tuple[str, ...]) -> None:
    assert distribute(D(total), [D(weight) for weight in weights]) == tuple(D(part) for part in parts)


@given(
    st.decimals(-10_000, 10_000, places=2), st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=30)
)
def test_the_parts_are_the_whole_and_each_is_within_a_fen_of_its_share(total: Decimal, weights) -> None:
    parts = distribute(total, weights)
    assert sum(parts) == total
    if any(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - total * weight / sum(weights)) < D("0.01000001")


def test_nothing_to_share_out_over() -> None:
    for bad in ([], [-1, 2]):
        with pytest.raises(ValueError, match="weights"):
            distribute(D(1), bad)


def test_by_value_weight_or_pieces() -> None:
    lines = [
        Goods(pieces=10, amount=D(300), weight_g=D(100)),
        Goods(pieces=30, amount=D(100), weight_g=D(300)),
    ]
    assert freight_in(D(40), lines, ShareBy.VALUE) == (D("30.00"), D("10.00"))
    assert freight_in(D(40), lines, ShareBy.WEIGHT) == (D("4.00"), D("36.00"))
    assert freight_in(D(40), lines, ShareBy.PIECES) == (D("10.00"), D("30.00"))
    unweighed = [lines[0], Goods(pieces=30, amount=D(100))]
    assert freight_in(D(40), unweighed, ShareBy.WEIGHT) == (D("30.00"), D("10.00"))


def test_freight_in_is_part_of_what_goods_cost() -> None:
    extras = freight_in(
        D("0.10"), [Goods(pieces=3, amount=D(30)), Goods(pieces=3, amount=D(30))], ShareBy.VALUE
    )
    moves = [move(K.PURCHASE, n, 3, cost=10, extra=extra) for n, extra in enumerate(extras)]
    costs = cost(post([*moves, move(K.SALE, 1, 6, 1)]), CostRules())
    assert costs.accounts().sold == 6010
