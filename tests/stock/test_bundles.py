"""Sets and choices: what they move, what they cost, how many there are, and none of their parts promised twice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.bundles import Bundle, bundle_cost, choices, divided, exploded, flat_parts, sets
from formulas.costing import CostRules, Method, cost
from formulas.declare import CellError
from formulas.ledger import Balance, balances, post
from formulas.moves import MoveKind
from tests.stock.histories import move

K = MoveKind
D = Decimal

BUNDLES = {
    "SET": Bundle(sku="SET", parts={"A": 2, "B": 1}),
    "BIG": Bundle(sku="BIG", parts={"SET": 2, "A": 1}),
    "ANY": Bundle(sku="ANY", parts={"A": 1, "B": 1}, pick_one=True),
    "LOOP": Bundle(sku="LOOP", parts={"LOOP2": 1}),
    "LOOP2": Bundle(sku="LOOP2", parts={"LOOP": 1}),
    "NONE": Bundle(sku="NONE", parts={"A": 0}),
}


def test_sets_within_sets_are_their_single_goods() -> None:
    assert flat_parts("BIG", BUNDLES) == {"A": 5, "B": 2}
    assert flat_parts("A", BUNDLES) == {"A": 1}
    for bad in ("ANY", "LOOP", "NONE"):
        with pytest.raises(CellError):
            flat_parts(bad, BUNDLES)


@pytest.mark.parametrize("method", Method)
def test_a_bundles_sale_moves_its_parts_and_costs_what_they_cost(method: Method) -> None:
    buys = [move(K.PURCHASE, 1, 10, cost="1.11"), move(K.PURCHASE, 2, 10, cost="7.77", sku="B")]
    sale = move(K.SALE, 1, 2, 1, sku="SET")
    back = move(K.RETURN_GOOD, 1, 1, 2, sku="SET", origin=sale.move_id)
    ledger = post([*buys, *exploded(sale, BUNDLES), *exploded(back, BUNDLES)])
    assert not ledger.findings
    assert balances(ledger) == {("A", "东仓"): Balance(on_hand=8), ("B", "东仓"): Balance(on_hand=9)}
    costs = cost(ledger, CostRules(method=method))
    assert bundle_cost(costs, sale, BUNDLES) == D("19.98")  # 4 x 1.11 + 2 x 7.77
    assert bundle_cost(costs, back, BUNDLES) == D("-9.99")
    assert exploded(buys[0], BUNDLES) == (buys[0],)


def test_a_bundle_has_nothing_to_count() -> None:
    with pytest.raises(CellError, match="count its parts"):
        exploded(move(K.COUNT, 1, 3, sku="SET"), BUNDLES)


def test_sets_and_choices() -> None:
    assert sets([(7, 2), (9, 3)]) == 3
    assert sets([(7, 2), (-1, 1)]) == 0
    assert choices([3, -2, 4]) == 7
    for bad in ([], [(3, 0)]):
        with pytest.raises(ValueError, match="parts"):
            sets(bad)


def test_sets_take_their_share_and_leave_the_rest() -> None:
    made, left = divided({"A": 20, "B": 9}, [(BUNDLES["SET"], D(50)), (BUNDLES["ANY"], D(10))], BUNDLES)
    assert made == {"SET": 4, "ANY": 2}  # 10 // 2 and 4 // 1 sets; then 2 of A and 0 of B to choose from
    assert left == {"A": 10, "B": 5}
    assert divided({"A": 20}, [(BUNDLES["SET"], D(100))], BUNDLES) == ({"SET": 0}, {"A": 20, "B": 0})


@given(
    st.dictionaries(st.sampled_from("AB"), st.integers(-5, 60)),
    st.lists(
        st.tuples(st.sampled_from(["SET", "BIG", "ANY"]), st.decimals(0, 120, places=1)),
        unique_by=lambda one: one[0],
    ),
)
def test_no_part_is_promised_to_two_sets_or_beside_its_set(pieces, shares) -> None:
    made, left = divided(pieces, [(BUNDLES[name], percent) for name, percent in shares], BUNDLES)
    assert all(number >= 0 for number in [*made.values(), *left.values()])
    there = {sku: max(0, pieces.get(sku, 0)) for sku in "AB"}
    used = {
        sku: sum(made[n] * flat_parts(n, BUNDLES).get(sku, 0) for n in made if n != "ANY") for sku in "AB"
    }
    rest = {sku: there[sku] - used[sku] - left.get(sku, 0) for sku in "AB"}
    assert all(number >= 0 for number in rest.values())
    assert sum(rest.values()) == made.get("ANY", 0)
