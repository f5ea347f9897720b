"""When and how much to buy: the calendar, the sums, the rounding, and a year of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.declare import CellError
from formulas.replenish import (
    Expected,
    Policy,
    Terms,
    grade_of,
    levels,
    order_pieces,
    order_quantity,
    packed,
    why_order,
)  # fmt: skip
from workbook_templates.schema import Lang

MONDAY = date(2026, 1, 5)
POLICY = Policy(service={"A": 0.98, "B": 0.95, "C": 0.9}, cycle_days=14)


def test_days_to_cover_reach_from_today_to_the_arrival_of_the_order_after_the_next() -> None:
    mondays = Terms(lead_days=7, order_days=frozenset({0}))
    assert mondays.days_to_cover(MONDAY) == 14
    assert mondays.days_to_cover(MONDAY + timedelta(days=1)) == 6 + 7 + 7
    assert Terms(lead_days=3).days_to_cover(MONDAY) == 4


def test_the_spring_festival_is_covered_before_it_comes() -> None:
    """Closed from 2026-02-10 to 02-24: the last order before it must last until the first after it arrives."""
    closed = (date(2026, 2, 10), date(2026, 2, 24))
    terms = Terms(lead_days=5, order_days=frozenset({0}), closed=(closed,))
    last = date(2026, 2, 9)
    assert terms.order_day(last + timedelta(days=1)) == date(2026, 3, 2)
    assert terms.arrival(last) == date(2026, 3, 1)
    assert terms.days_to_cover(last) == (date(2026, 3, 7) - last).days


def test_a_supplier_that_is_always_closed_does_not_hang_us() -> None:
    never = Terms(closed=((date(2000, 1, 1), date(2100, 1, 1)),))
    assert never.days_to_cover(MONDAY) >= 0


def test_the_reorder_point_is_the_newsvendor_quantity_of_its_period() -> None:
    """stockpyl's documented example: mean 120, deviation 10, critical ratio 18/20, base stock 132.8155."""
    terms = Terms(lead_days=0)
    expected = Expected(daily=[120.0], week_deviation=10 * 7**0.5)
    found = levels(expected, terms, Policy(service={"A": 0.9}, cycle_days=1), "A", MONDAY)
    assert (found.cover_days, found.reorder_at, found.up_to) == (1, 133, 253)


def test_the_same_against_stockpyl() -> None:
    stockpyl = pytest.importorskip("stockpyl.newsvendor", reason="stockpyl is not installed: only its documented example was compared")  # fmt: skip
    for mean, deviation, service in ((120, 10, 0.9), (35, 12, 0.98), (4, 3, 0.95)):
        base, _ = stockpyl.newsvendor_normal(1 - service, service, mean, deviation)
        found = levels(
            Expected(daily=[float(mean)], week_deviation=deviation * 7**0.5), Terms(lead_days=0), Policy(service={"A": service}), "A", MONDAY
        )  # fmt: skip
        assert found.reorder_at - 1 <= base + 1 and found.reorder_at >= base - 1e-6


def test_a_lead_time_that_varies_needs_more_stock() -> None:
    expected = Expected(daily=[10.0] * 60, week_deviation=5.0)
    sure = levels(expected, Terms(lead_days=10), POLICY, "A", MONDAY)
    unsure = levels(expected, Terms(lead_days=10, lead_deviation=3), POLICY, "A", MONDAY)
    assert unsure.expected == sure.expected and unsure.safety > sure.safety
    assert unsure.safety == pytest.approx(2.0537 * (11 / 7 * 25 + 100 * 9) ** 0.5, abs=1)


def test_a_campaign_beyond_the_forecast_is_bought_for() -> None:
    usual = [10.0] * 40
    campaign = [*usual[:8], 100.0, *usual[9:]]
    calm = levels(Expected(daily=usual, week_deviation=5.0), Terms(lead_days=10), POLICY, "B", MONDAY)
    busy = levels(Expected(daily=campaign, week_deviation=5.0), Terms(lead_days=10), POLICY, "B", MONDAY)
    assert busy.reorder_at - calm.reorder_at == 90


pieces = st.integers(-50, 500)


@given(pieces, st.integers(0, 300), st.integers(0, 300), st.integers(0, 60), st.integers(1, 24))
def test_an_order_fills_up_in_whole_packs_and_only_below_the_reorder_point(
    position: int, reorder_at: int, more: int, minimum: int, pack: int
) -> None:
    up_to = reorder_at + more
    ordered = order_pieces(position, reorder_at, up_to, minimum, pack)
    if position >= reorder_at:
        assert ordered == 0
        return
    assert ordered % pack == 0 and ordered >= minimum
    assert position + ordered >= up_to
    assert ordered - pack < max(up_to - position, minimum)
    assert (
        order_quantity(
            Decimal(position), Decimal(reorder_at), Decimal(up_to), Decimal(minimum), Decimal(pack)
        )
        == ordered
    )


def test_nothing_to_order_is_not_rounded_up_to_a_pack() -> None:
    assert packed(0, 100, 12) == 0 and packed(-3, 100, 12) == 0 and packed(1, 100, 12) == 108


def test_odd_numbers_in_a_cell_get_a_sentence() -> None:
    with pytest.raises(CellError, match="fill up"):
        order_quantity(Decimal(1), Decimal(9), Decimal(5))
    with pytest.raises(CellError, match="pack"):
        order_quantity(Decimal(1), Decimal(5), Decimal(9), None, Decimal(0))


amounts = st.dictionaries(
    st.text("ABCDEFG", min_size=1, max_size=3), st.integers(0, 9999).map(Decimal), max_size=20
)


@given(amounts)
def test_classes_follow_sales(sold: dict[str, Decimal]) -> None:
    grades = grade_of(sold)
    assert grades.keys() == sold.keys()
    ranked = sorted(sold, key=lambda code: (-sold[code], code))
    assert "".join(grades[code] for code in ranked) == "".join(sorted(grades[code] for code in ranked))
    assert all(grades[code] == "C" for code in sold if not sold[code])
    total = sum(sold.values())
    if total:
        assert grades[ranked[0]] == "A"
        of_a = sum(sold[code] for code in sold if grades[code] == "A")
        assert of_a >= total * Decimal("0.8") or set(grades.values()) == {"A"}


def test_the_why_holds_every_number_of_the_sum() -> None:
    terms = Terms(lead_days=7, minimum=30, pack=12)
    found = levels(Expected(daily=[5.0] * 60, week_deviation=4.0), terms, POLICY, "A", MONDAY)
    ordered = order_pieces(10, found.reorder_at, found.up_to, terms.minimum, terms.pack)
    for lang in Lang:
        said = why_order(found, 10, ordered, terms, "A", 0.98, lang)
        for number in (found.cover_days, found.safety, found.reorder_at, 10, found.up_to, 12, 30):
            assert str(number) in said
    assert "够了" in why_order(found, 999, 0, terms, "A", 0.98, Lang.ZH)


@pytest.mark.long
@pytest.mark.data
def test_a_year_bought_by_our_proposals_serves_more_from_less(shared_data: object) -> None:
    """A sixth of the goods; all of them in `bench.forecast`."""
    from bench.forecast import read_year, replay

    sold = read_year().sum(axis=1)[:, ::6]
    ours, rule = replay(sold), replay(sold, 30)
    assert ours.service > rule.service and ours.held < rule.held and ours.orders < rule.orders
