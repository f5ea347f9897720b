"""Closing month after month: what one leaves the next begins with, and the last is what lies there."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from formulas.closing import close
from formulas.costing import STEP, CostRules, Method, Scope, cost
from formulas.ledger import balances, post
from tests.stock.histories import at, history


@given(
    st.integers(0, 2**32),
    st.sampled_from(Method),
    st.sampled_from(Scope),
    st.lists(st.integers(0, 41), max_size=4),
)
def test_months_join_and_end_at_what_is_there(
    seed: int, method: Method, scope: Scope, cuts: list[int]
) -> None:
    """Any cuts, the same moment twice and empty months among them; long enough to begin at a mark."""
    ledger = post(history(seed, STEP + 40, skus=1 + seed % 2))
    costs = cost(ledger, CostRules(method=method, scope=scope))
    edges = [at(0), *map(at, sorted(cuts)), at(41)]
    last: dict[tuple[str, str, bool], tuple[int, Decimal]] = {}
    supplied = 0
    for start, end in pairwise(edges):
        closing = close(costs, start, end)
        assert closing.accounts.balanced
        supplied += closing.accounts.supplied
        opened = {(r.sku, r.warehouse, r.defective): (r.opening, r.opening_value) for r in closing.rows}
        nothing = (0, Decimal(0))
        assert all(opened.get(key, nothing) == last.get(key, nothing) for key in opened.keys() | last.keys())
        for row in closing.rows:
            assert row.opening + row.received - row.issued == row.closing
            assert row.opening_value + row.received_value - row.issued_value == row.closing_value
            last[row.sku, row.warehouse, row.defective] = (row.closing, row.closing_value)
    assert supplied == costs.accounts().supplied
    pieces: Counter[tuple[str, bool]] = Counter()
    for (sku, _), balance in balances(ledger).items():
        coming = balance.in_transit if scope is Scope.WHOLE else 0
        pieces[sku, False] += balance.on_hand
        pieces[sku, True] += balance.defective
        pieces[sku, False] += coming
    if scope is Scope.WHOLE:  # defective goods on their way are told with the good ones by the balance
        assert sum(pieces.values()) == sum(there for there, _ in last.values())
    else:
        for key in pieces:
            assert pieces[key] == sum(
                there for (sku, _, bad), (there, _) in last.items() if (sku, bad) == key
            )
    for (sku, warehouse, bad), (_, value) in last.items():
        assert costs.tracks[sku].pools[warehouse, bad].value == value * 100
