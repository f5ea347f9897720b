"""Stock: what is there, what may be sold, and the sentence that shows how it was worked out.

Rules (facts, section 1.8): available = on hand − reserved; what is offered = available − safety stock, never below 0
and always rounded down.
"""

from __future__ import annotations

from workbook_templates.schema import Lang


def on_hand(counted: int, shipped: int, returned: int, other: int = 0) -> int:
    """Pieces that should lie there: counted − shipped + returned + all other moves since the count. May be negative."""
    return counted - shipped + returned + other


def sellable(there: int, reserved: int, safety: int) -> int:
    """Pieces to offer: on hand − reserved − safety stock, never below 0."""
    return max(0, there - reserved - safety)


def share(offer: int, parts: int) -> tuple[int, ...]:
    """An offer split over several SKUs of the same goods: rounded down, so that their sum never exceeds it.

    What the division leaves over goes to the first ones, one piece each. ValueError for a negative offer.
    """
    if offer < 0:
        raise ValueError("an offer cannot be negative")
    if parts == 0:
        return ()
    each, left = divmod(offer, parts)
    return tuple(each + (number < left) for number in range(parts))


def why_sellable(
    counted: int, shipped: int, returned: int, reserved: int, safety: int, lang: Lang, other: int = 0
) -> str:
    """The sum spelled out, as the 怎么算的 column shows it."""
    there = on_hand(counted, shipped, returned, other)
    offer = sellable(there, reserved, safety)
    if lang is Lang.EN:
        more = f" {_signed(other)} other moves" if other else ""
        return (
            f"counted {counted} − shipped {shipped} + returned {returned}{more} = {there} on hand; "
            f"− reserved {reserved} − safety {safety} = {there - reserved - safety}, offered {offer}"
        )
    more = f" {_signed(other, '其他出入')}" if other else ""
    return (
        f"盘点{counted} − 发出{shipped} + 退回{returned}{more} = 在库{there};"
        f"− 占用{reserved} − 安全{safety} = {there - reserved - safety},可卖{offer}"
    )


def _signed(number: int, what: str = "") -> str:
    return f"{'+' if number > 0 else '−'} {what}{abs(number)}"
