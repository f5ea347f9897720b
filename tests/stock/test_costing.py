"""Costs against pieces counted one by one, over random histories with back-dated moves; and recomputation in parts."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.costing import STEP, CostRules, Method, Scope, cost
from formulas.ledger import extend, post
from formulas.pools import Unknown
from tests.stock.histories import history
from tests.stock.oracle import Judge

RULES = [
    CostRules(
        method=method,
        scope=scope,
        unknown=unknown,
        fixed={"S0": Decimal("4.25")} if unknown is Unknown.FIXED else {},
    )
    for method in Method
    for scope in Scope
    for unknown in Unknown
]


def judged(lane, rules, sku="S0") -> Judge:
    return Judge(
        lane.moves, refused=lane.refused, fifo=rules.method is Method.FIFO, whole=rules.scope is Scope.WHOLE, unknown=str(rules.unknown),
        fixed=rules.fixed.get(sku),
    )  # fmt: skip


def check_against_pieces(moves, rules) -> None:
    ledger = post(moves)
    costs = cost(ledger, rules)
    for sku, track in costs.tracks.items():
        judge = judged(track.lane, rules, sku)
        assert list(judge.lines) == [move.move_id for move in track.lane.moves]
        assert judge.lines == {
            move.move_id: line for move, line in zip(track.lane.moves, track.lines, strict=True)
        }
        heaps = {place: (heap.pieces, heap.value) for place, heap in judge.heaps.items()}
        assert heaps == {place: (pool.pieces, pool.value) for place, pool in track.pools.items()}
    assert costs.accounts().balanced


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: f"{rules.method}-{rules.scope}-{rules.unknown}")
def test_every_line_equals_the_pieces_counted_one_by_one(rules: CostRules) -> None:
    for seed in range(25):
        check_against_pieces(history(seed, 60, skus=1 + seed % 2, short=0.1 + seed % 3 / 10), rules)


@given(st.integers(0, 2**32), st.sampled_from(RULES), st.floats(0, 0.4), st.integers(1, 60))
def test_every_line_equals_the_pieces_counted_one_by_one_anywhere(seed, rules, short, hours) -> None:
    check_against_pieces(history(seed, 40, short=short, hours=hours), rules)


@pytest.mark.parametrize("rules", RULES[::3])
def test_what_suppliers_brought_is_what_the_documents_say(rules: CostRules) -> None:
    for seed in range(20):
        moves = history(seed, 80)
        costs = cost(post(moves), rules)
        judge = judged(costs.tracks["S0"].lane, rules)
        assert costs.accounts().supplied == judge.supplied
        assert costs.accounts().balanced


@given(st.integers(0, 2**32), st.sampled_from(RULES))
def test_any_order_of_entry_gives_the_same(seed: int, rules: CostRules) -> None:
    moves = history(seed, 50, skus=2, hours=12)
    shuffled = moves.copy()
    random.Random(seed).shuffle(shuffled)
    assert post(moves) == post(shuffled)
    assert cost(post(moves), rules).tracks == cost(post(shuffled), rules).tracks


@pytest.mark.parametrize("rules", RULES[::4])
@pytest.mark.parametrize("seed", range(6))
def test_in_parts_is_exactly_the_whole(rules: CostRules, seed: int) -> None:
    """Long enough for several marks; batches of every size, with moves dated anywhere before."""
    chance = random.Random(seed)
    moves = history(seed, 4 * STEP, short=0.15, backdate=0.05)
    ledger = post(moves[:100])
    costs = cost(ledger, rules)
    done = 100
    while done < len(moves):
        size = chance.choice([1, 2, 28, 60, 156])
        ledger = extend(ledger, moves[done : done + size])
        costs = cost(ledger, rules, costs)
        done += size
        assert costs == cost(ledger, rules)
    assert ledger == post(moves)
    assert cost(ledger, rules, costs).tracks["S0"] is costs.tracks["S0"]


@pytest.mark.parametrize("size", [STEP - 1, STEP, STEP + 1, 2 * STEP])
def test_more_moves_at_the_very_edge_of_a_mark(size: int) -> None:
    moves = [one for one in history(5, 3 * STEP, backdate=0) if one.kind in ("purchase", "sale")]
    first, ledger = post(moves[:size]), post(moves)
    assert cost(ledger, RULES[0], cost(first, RULES[0])) == cost(ledger, RULES[0])
    assert cost(first, RULES[0], cost(ledger, RULES[0])) == cost(first, RULES[0])


@pytest.mark.parametrize("seed", range(8))
def test_corrected_documents_recompute_to_the_same_as_never_wrong(seed: int) -> None:
    """Moves taken out, put in and changed anywhere: from the earlier result or from nothing, the same."""
    chance = random.Random(seed)
    rules = RULES[seed % len(RULES)]
    moves = history(seed, 3 * STEP, short=0.2)
    costs = cost(post(moves), rules)
    for _ in range(6):
        place = chance.randrange(len(moves))
        moves = [*moves[:place], *moves[place + chance.choice([1, 3]) :], *history(chance.random(), 2)]
        costs = cost(post(moves), rules, costs)
        assert costs == cost(post(moves), rules)


@pytest.mark.parametrize("rules", RULES[::4])
def test_an_earlier_result_stays_as_it_was(rules: CostRules) -> None:
    moves = history(2, 2 * STEP + 20, backdate=0)
    first = post(moves[: 2 * STEP])
    costs = cost(first, rules)
    for more in (moves[2 * STEP :], history(9, 3, hours=1)):
        cost(extend(first, more), rules, costs)
        assert costs == cost(first, rules)


def test_other_rules_are_another_computation() -> None:
    ledger = post(history(3, 60))
    before = cost(ledger, RULES[0])
    assert cost(ledger, RULES[-1], before) == cost(ledger, RULES[-1])
