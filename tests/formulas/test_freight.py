"""Freight by hand: tables worked out on paper, and laws that hold for every table."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.freight import Quote, Rate, charged_kg, cheapest, freight_price, quote, volumetric_kg

D = Decimal


def rate(courier: str = "ZTO", rate_id: str = "F1", **more: object) -> Rate:
    """A row as people write it; texts become decimals."""
    numbers = {"weight_from", "weight_to", "first_kg", "first_price", "step_kg", "step_price", "volume_ratio"}
    values = {name: D(str(value)) if name in numbers else value for name, value in more.items()}
    return Rate(courier=courier, rate_id=rate_id, **values)  # type: ignore[arg-type]


STEPS = rate(first_kg=1, first_price="3.5", step_kg=1, step_price="1.2", other=True)
HALVES = rate(first_kg="0.5", first_price="12", step_kg="0.5", step_price="2.25", other=True)
FLAT = rate(first_price="4.005", other=True)


@pytest.mark.parametrize(
    ("row", "kg", "price"),
    [
        (STEPS, "0", "3.50"), (STEPS, "0.001", "3.50"), (STEPS, "1", "3.50"), (STEPS, "1.001", "4.70"),
        (STEPS, "2", "4.70"), (STEPS, "2.001", "5.90"), (STEPS, "10", "14.30"), (STEPS, "49.5", "62.30"),
        (HALVES, "0.5", "12.00"), (HALVES, "0.501", "14.25"), (HALVES, "1", "14.25"), (HALVES, "1.2", "16.50"),
        (FLAT, "0.2", "4.01"), (FLAT, "80", "4.01"),
        (rate(first_kg=1, first_price=3, step_price=1, other=True), "3.2", "6.00"),  # a step is 1 kg unless told
        (rate(first_kg=1, first_price=3, other=True), "3.2", "3.00"),  # no price for more weight: flat
        (rate(first_kg=1, first_price=3, step_kg="0.1", step_price="0.1", other=True), "1.3", "3.30"),
    ],
)  # fmt: skip
def test_first_and_further_weight(row: Rate, kg: str, price: str) -> None:
    assert str(freight_price(row, D(kg))) == price
    found = quote([row], "ZTO", "浙江省", "杭州市", D(kg))
    assert found is not None
    assert str(found.price) == price


BANDS = [
    rate(rate_id="A", weight_to="0.5", first_price="2.2", other=True),
    rate(rate_id="B", weight_from="0.5", weight_to=1, first_price="2.6", other=True),
    rate(rate_id="C", weight_from=1, weight_to=3, first_price="4", other=True),
    rate(rate_id="D", weight_from=3, first_kg=3, first_price="5", step_kg=1, step_price="0.9", other=True),
]


@pytest.mark.parametrize(
    ("kg", "rate_id", "price"),
    [("0", "A", "2.20"), ("0.5", "A", "2.20"), ("0.501", "B", "2.60"), ("1", "B", "2.60"), ("1.001", "C", "4.00"),
     ("3", "C", "4.00"), ("3.001", "D", "5.90"), ("4", "D", "5.90"), ("4.2", "D", "6.80")],
)  # fmt: skip
def test_bands_hold_their_upper_end(kg: str, rate_id: str, price: str) -> None:
    found = quote(BANDS, "ZTO", "浙江", "", D(kg))
    assert found is not None
    assert (found.rate_id, str(found.price)) == (rate_id, price)


def test_a_weight_outside_every_band_has_no_price() -> None:
    assert quote(BANDS[:3], "ZTO", "浙江", "", D("3.001")) is None
    assert quote(BANDS[1:], "ZTO", "浙江", "", D("0.3")) is None


@pytest.mark.parametrize(
    ("volume", "ratio", "weight", "charged"),
    [(8000, 8000, "0.4", "1.000"), (30 * 20 * 15, 8000, "0.4", "1.125"), (30 * 20 * 15, 6000, "0.4", "1.500"),
     (30 * 20 * 15, 8000, "1.2", "1.200"), (1, 8000, "0", "0.001"), (10_000, 12_000, "0.1", "0.834")],
)  # fmt: skip
def test_the_larger_of_actual_and_volumetric_weight(
    volume: int, ratio: int, weight: str, charged: str
) -> None:
    assert str(charged_kg(D(weight), volumetric_kg(D(volume), D(ratio)))) == charged
    found = quote([rate(volume_ratio=ratio, other=True)], "ZTO", "浙江", "", D(weight), volume_cm3=D(volume))
    assert found is not None
    assert str(found.charged_kg) == charged


def test_the_ratio_of_the_row_goes_before_the_usual_one() -> None:
    usual = quote([rate(other=True)], "ZTO", "浙江", "", D("0.1"), volume_cm3=D(6000), default_ratio=D(6000))
    own = quote(
        [rate(other=True, volume_ratio=3000)],
        "ZTO",
        "浙江",
        "",
        D("0.1"),
        volume_cm3=D(6000),
        default_ratio=D(6000),
    )
    assert usual is not None
    assert own is not None
    assert (usual.charged_kg, own.charged_kg) == (D("1.000"), D("2.000"))
    assert charged_kg(D("0.25"), None) == D("0.250")


@pytest.mark.parametrize("ratio", [0, -6000])
def test_no_ratio_of_nothing(ratio: int) -> None:
    with pytest.raises(ValueError, match="above 0"):
        volumetric_kg(D(1), D(ratio))


TABLE = [
    rate(rate_id="near", provinces=("浙江", "江苏", "上海"), first_price=3),
    rate(rate_id="city", provinces=("浙江",), cities=("杭州",), first_price=2),
    rate(rate_id="far", provinces=("新疆", "西藏"), first_kg=1, first_price=18, step_kg=1, step_price=15),
    rate(rate_id="rest", other=True, first_price=6),
    rate("YTO", "only", provinces=("浙江",), first_price=1),
]


@pytest.mark.parametrize(
    ("province", "city", "rate_id"),
    [
        ("浙江省", "杭州市", "city"), ("浙江省", "宁波市", "near"), ("上海", "上海市", "near"), ("上海市", "", "near"),
        ("新疆维吾尔自治区", "乌鲁木齐市", "far"), ("西藏自治区", "拉萨市", "far"), ("广西壮族自治区", "南宁市", "rest"),
        ("江苏省", "杭州市", "near"), ("", "", "rest"), ("火星", "", "rest"),
    ],
)  # fmt: skip
def test_the_nearest_row_counts(province: str, city: str, rate_id: str) -> None:
    found = quote(TABLE, "ZTO", province, city, D(1))
    assert found is not None
    assert found.rate_id == rate_id


def test_no_row_no_price() -> None:
    assert quote(TABLE, "YTO", "广东省", "广州市", D(1)) is None
    assert quote(TABLE, "SF", "浙江省", "杭州市", D(1)) is None
    assert quote([], "ZTO", "浙江省", "杭州市", D(1)) is None


def test_a_place_that_is_named_is_not_the_rest() -> None:
    """The row for all other areas is for areas nobody names, even where the named row has no band for the weight."""
    rows = [rate(rate_id="near", provinces=("浙江",), weight_to=1), rate(rate_id="rest", other=True)]
    assert quote(rows, "ZTO", "浙江省", "", D(2)) is None
    assert quote(rows, "ZTO", "广东省", "", D(2)) is not None


def test_the_cheapest() -> None:
    quotes = [
        Quote(courier=courier, price=D(price), rate_id="F", charged_kg=D(1))
        for courier, price in (("YTO", "3.00"), ("ZTO", "2.90"), ("STO", "2.90"), ("SF", "20"))
    ]
    best = cheapest(quotes)
    assert best is not None
    assert best.courier == "STO"  # equal prices: by code, so that it is always the same
    assert cheapest(reversed(quotes)) == best
    assert cheapest([]) is None


# -- laws -----------------------------------------------------------------------------------------------------------

grams = st.integers(0, 60_000).map(lambda g: D(g) / 1000)
prices = st.integers(0, 50_000).map(lambda f: D(f) / 100)
rates = st.builds(
    Rate, rate_id=st.just("F"), courier=st.just("ZTO"), other=st.just(True),
    first_kg=st.none() | st.sampled_from([D("0.5"), D(1), D("1.5"), D(3)]), first_price=prices,
    step_kg=st.none() | st.sampled_from([D("0.1"), D("0.5"), D(1), D("0.3")]), step_price=st.none() | prices,
)  # fmt: skip


@given(rates, grams, grams)
def test_more_weight_never_costs_less(row: Rate, one: Decimal, other: Decimal) -> None:
    light, heavy = sorted((one, other))
    assert freight_price(row, light) <= freight_price(row, heavy)


@given(rates, grams)
def test_a_price_is_never_negative_and_whole_fen(row: Rate, kg: Decimal) -> None:
    price = freight_price(row, kg)
    assert price >= 0
    assert price.as_tuple().exponent == -2


@given(rates, grams)
def test_an_independent_reckoning_agrees(row: Rate, kg: Decimal) -> None:
    """The same in fractions: first price, and one step price for each step begun."""
    total = Fraction(row.first_price)
    if row.first_kg is not None and row.step_price is not None:
        rest, step = Fraction(kg) - Fraction(row.first_kg), Fraction(row.step_kg or 1)
        begun = 0
        while rest > 0:
            rest, begun = rest - step, begun + 1
        total += begun * Fraction(row.step_price)
    assert Fraction(freight_price(row, kg)) == Fraction(round(total * 100), 100)


@given(st.integers(0, 200_000), st.integers(1, 20_000), grams)
def test_charged_weight_is_never_below_either(volume: int, ratio: int, kg: Decimal) -> None:
    bulky = volumetric_kg(D(volume), D(ratio))
    charged = charged_kg(kg, bulky)
    assert charged >= kg
    assert charged >= bulky
    assert charged - max(kg, bulky) < D("0.001")
    assert charged == charged.quantize(D("0.001"), ROUND_CEILING)


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), prices), max_size=6))
def test_nothing_is_cheaper_than_the_cheapest(offers: list[tuple[str, Decimal]]) -> None:
    quotes = [Quote(courier=courier, price=price, rate_id="F", charged_kg=D(1)) for courier, price in offers]
    best = cheapest(quotes)
    assert (best is None) == (not offers)
    assert best is None or all(best.price <= one.price for one in quotes)
