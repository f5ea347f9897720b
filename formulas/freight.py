from __future__ import annotations
from dataclasses import dataclass
from decimal import Decimal, ROUND_CEILING, ROUND_HALF_UP
OTHER_WORDS = frozenset({"其他", "其它", "other", "others"})
@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    rate_id: str
    courier: str
    provinces: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    other: bool = False
    weight_from: Decimal = Decimal(0)
    weight_to: Decimal | None = None
    first_kg: Decimal | None = None
    first_price: Decimal = Decimal(0)
    step_kg: Decimal | None = None
    step_price: Decimal | None = None
    volume_ratio: Decimal | None = None
@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    courier: str
    price: Decimal
    rate_id: str
    charged_kg: Decimal
def same_place(a, b):
    def n(x):
        for s in ("壮族自治区","回族自治区","维吾尔自治区","自治区","特别行政区","省","市"):
            x = x.removesuffix(s)
        return x
    return n(a) == n(b)
def quote(rates, courier, province, city, weight_kg, *, volume_cm3=None, default_ratio=Decimal(8000)):
    for r in rates:
        if r.courier == courier and (r.other or any(same_place(p, province) for p in r.provinces)) and r.weight_from < weight_kg and (r.weight_to is None or weight_kg <= r.weight_to):
            price = r.first_price
            if r.step_price and r.first_kg and weight_kg > r.first_kg:
                price += ((weight_kg - r.first_kg) / (r.step_kg or 1)).to_integral_value(ROUND_CEILING) * r.step_price
            return Quote(courier=courier, price=price.quantize(Decimal("0.01"), ROUND_HALF_UP), rate_id=r.rate_id, charged_kg=weight_kg)
    return None
def cheapest(quotes):
    q = list(quotes)
    return min(q, key=lambda x: (x.price, x.courier)) if q else None
