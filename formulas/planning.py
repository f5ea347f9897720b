"""How much stock to keep: safety stock, reorder point, days of stock.

Formulas (facts, section 4.3): σ_L = sqrt(L·σ_d² + d²·σ_L²); safety stock = z·σ_L; reorder point = d·L + safety stock,
with d and σ_d the mean and deviation of a day's demand, L and σ_L those of the lead time in days.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from statistics import NormalDist

from formulas.declare import bad_number

_TENTH = Decimal("0.1")


def safety_stock(
    daily_deviation: Decimal, lead_days: Decimal, service: Decimal, daily_mean: Decimal | None = None,
    lead_deviation: Decimal | None = None,
) -> int:  # fmt: skip
    """Pieces to keep so that a cycle is served with probability `service` (0.95 or 95 %), rounded up."""
    level = float(service / 100 if service > 1 else service)
    if not 0 < level < 1:
        raise bad_number(
            "服务水平要在 0 和 1 之间,如 0.95", "the service level lies between 0 and 1, for instance 0.95"
        )
    if daily_deviation < 0 or lead_days < 0 or (lead_deviation or 0) < 0:
        raise bad_number("标准差和天数不能是负数", "deviations and days cannot be negative")
    if lead_deviation and daily_mean is None:
        raise bad_number(
            "填了交期标准差,就要填日均销量", "with a deviation of the lead time the daily mean is needed"
        )
    spread = (
        float(lead_days) * float(daily_deviation) ** 2
        + float(daily_mean or 0) ** 2 * float(lead_deviation or 0) ** 2
    )
    pieces = NormalDist().inv_cdf(level) * spread**0.5
    return max(0, rounded_up(Decimal(repr(pieces))))


def reorder_point(daily_mean: Decimal, lead_days: Decimal, safety: Decimal) -> int:
    """Stock at which to order again: demand over the lead time and the safety stock, rounded up to pieces."""
    if daily_mean < 0 or lead_days < 0:
        raise bad_number("销量和天数不能是负数", "demand and days cannot be negative")
    return rounded_up(daily_mean * lead_days + safety)


def days_of_stock(pieces: Decimal, daily_mean: Decimal) -> Decimal:
    """For how many days the stock lasts at this pace, to a tenth of a day."""
    if daily_mean <= 0:
        raise bad_number("日均销量要大于 0", "the daily mean must be above 0")
    return (max(pieces, Decimal(0)) / daily_mean).quantize(_TENTH)


def rounded_up(pieces: Decimal) -> int:
    """Whole pieces; what is left of a float's noise does not make one more."""
    return int(pieces.quantize(Decimal("0.000001")).to_integral_value(ROUND_CEILING))
