"""What is there and what may be sold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.stock import on_hand, sellable, share, why_sellable
from workbook_templates.schema import Lang

pieces = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("counted", "shipped", "returned", "reserved", "safety", "there", "offer"),
    [
        (50, 0, 0, 0, 0, 50, 50), (50, 3, 1, 5, 10, 48, 33), (5, 0, 0, 5, 0, 5, 0), (5, 0, 0, 6, 0, 5, 0),
        (0, 2, 0, 0, 0, -2, 0), (0, 2, 5, 1, 1, 3, 1), (10, 0, 0, 0, 20, 10, 0),
    ],
)  # fmt: skip
def test_by_hand(
    counted: int, shipped: int, returned: int, reserved: int, safety: int, there: int, offer: int
) -> None:
    assert on_hand(counted, shipped, returned) == there
    assert sellable(there, reserved, safety) == offer
    for lang in Lang:
        said = why_sellable(counted, shipped, returned, reserved, safety, lang)
        for number in (counted, shipped, returned, reserved, safety, there, offer):
            assert str(number) in said


@given(st.integers(-1000, 10_000), pieces, pieces)
def test_never_more_than_there_is_and_never_negative(there: int, reserved: int, safety: int) -> None:
    offer = sellable(there, reserved, safety)
    assert 0 <= offer <= max(0, there)
    assert offer + reserved + safety <= there or offer == 0


@given(st.integers(-1000, 1000), pieces, pieces, st.integers(0, 50))
def test_less_to_sell_with_more_reserved_or_kept_back(
    there: int, reserved: int, safety: int, more: int
) -> None:
    offer = sellable(there, reserved, safety)
    assert sellable(there, reserved + more, safety) <= offer
    assert sellable(there, reserved, safety + more) <= offer
    assert sellable(there + more, reserved, safety) >= offer


@given(pieces, st.integers(0, 40))
def test_shares_never_promise_a_piece_twice(offer: int, parts: int) -> None:
    shares = share(offer, parts)
    assert len(shares) == parts
    assert sum(shares) == (offer if parts else 0)
    assert all(one >= 0 for one in shares)
    assert not shares or max(shares) - min(shares) <= 1
    assert list(shares) == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("offer", "parts", "shares"),
    [(7, 3, (3, 2, 2)), (0, 3, (0, 0, 0)), (2, 3, (1, 1, 0)), (5, 1, (5,)), (5, 0, ())],
)
def test_shares_by_hand(offer: int, parts: int, shares: tuple[int, ...]) -> None:
    assert share(offer, parts) == shares


def test_nothing_can_be_offered_below_zero() -> None:
    with pytest.raises(ValueError, match="negative"):
        share(-1, 2)
