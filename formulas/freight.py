"""Freight: what a courier charges for a parcel, by area and weight, and which courier is cheapest.

Rules (facts, sections 1.5 and 6 on freight tables): charged weight is the larger of actual and volumetric weight;
within a row's weight band either a flat price or first weight plus further steps, each step begun counts whole;
rows that name the city come before rows for the province, those before rows for all other areas; money is rounded
half up to fen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from formulas.declare import bad_number
from formulas.places import same_place

OTHER_WORDS = frozenset({"其他", "其它", "other", "others"})
"""What people write in a rate's provinces for every area that is not listed, in lower case."""
FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row of a freight table: a courier, an area, a weight band in kg, and its prices in yuan."""

    rate_id: str
    courier: str
    warehouse: str = ""  # name or id of the warehouse it is for; "": for any
    provinces: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    other: bool = False  # stands for all areas no row of the courier names
    weight_from: Decimal = Decimal(0)  # exclusive, but 0 holds a parcel nobody has weighed as well
    weight_to: Decimal | None = None  # inclusive
    first_kg: Decimal | None = None
    first_price: Decimal = Decimal(0)
    step_kg: Decimal | None = None  # None: 1 kg
    step_price: Decimal | None = None  # None: the first price is flat
    volume_ratio: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price in yuan for one parcel, the row it came from and the weight it was charged for in kg."""

    courier: str
    price: Decimal
    rate_id: str
    charged_kg: Decimal


def volumetric_kg(volume_cm3: Decimal, ratio: Decimal) -> Decimal:
    """Volume in cubic centimetres as kilograms: length × width × height ÷ ratio. CellError for a ratio of 0."""
    if ratio <= 0:
        raise bad_number("抛比要大于 0", "the volume ratio must be above 0")
    return volume_cm3 / ratio


def charged_kg(weight_kg: Decimal, volume_kg: Decimal | None) -> Decimal:
    """The larger of actual and volumetric weight, in kg, rounded up to the gram."""
    larger = max(weight_kg, volume_kg or Decimal(0))
    return larger.quantize(Decimal("0.001"), rounding=ROUND_CEILING)


def freight_price(rate: Rate, kg: Decimal) -> Decimal:
    """The price of one row in yuan for a charged weight in kg."""
    if rate.step_price is None or rate.first_kg is None or kg <= rate.first_kg:
        return rate.first_price.quantize(FEN, rounding=ROUND_HALF_UP)
    steps = ((kg - rate.first_kg) / (rate.step_kg or Decimal(1))).to_integral_value(rounding=ROUND_CEILING)
    return (rate.first_price + steps * rate.step_price).quantize(FEN, rounding=ROUND_HALF_UP)


def quote(
    rates: Sequence[Rate], courier: str, province: str, city: str, weight_kg: Decimal, *,
    volume_cm3: Decimal | None = None, default_ratio: Decimal = Decimal(8000),
) -> Quote | None:  # fmt: skip
    """One courier's price for a parcel; None where its table has no row for the area and weight."""
    own = [rate for rate in rates if rate.courier == courier]
    for candidates in _by_nearness(own, province, city):
        for rate in candidates:
            volume = volumetric_kg(volume_cm3, rate.volume_ratio or default_ratio) if volume_cm3 else None
            kg = charged_kg(weight_kg, volume)
            if (rate.weight_from < kg or not rate.weight_from) and (
                rate.weight_to is None or kg <= rate.weight_to
            ):
                return Quote(
                    courier=courier, price=freight_price(rate, kg), rate_id=rate.rate_id, charged_kg=kg
                )
    return None


def _by_nearness(
    rates: Sequence[Rate], province: str, city: str
) -> tuple[list[Rate], list[Rate], list[Rate]]:
    """Rows for the city, rows for the province, and rows for areas nobody named."""
    in_province = [rate for rate in rates if any(same_place(name, province) for name in rate.provinces)]
    for_city = [rate for rate in in_province if any(same_place(name, city) for name in rate.cities)]
    for_province = [rate for rate in in_province if not rate.cities]
    rest = [rate for rate in rates if rate.other and not rate.cities]
    return for_city, for_province, [] if for_city or for_province else rest


def rates_from(rates: Sequence[Rate], names: Collection[str]) -> tuple[Rate, ...]:
    """The rates for parcels of one warehouse, known by these names: a courier's own rows for it, else its rows for any."""
    if not any(rate.warehouse for rate in rates):
        return tuple(rates)
    own = {rate.courier for rate in rates if rate.warehouse in names and rate.warehouse}
    return tuple(
        rate for rate in rates if (rate.warehouse in names if rate.warehouse else rate.courier not in own)
    )


def cheapest(quotes: Iterable[Quote]) -> Quote | None:
    """The lowest price; of equal ones the first by courier code. None for no quotes."""
    return min(quotes, key=lambda one: (one.price, one.courier, one.rate_id), default=None)
