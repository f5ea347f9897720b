"""A parcel's gifts as the cells of its row tell them: people read them, and the journal is rebuilt from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync_engine.parcel import Gift
from sync_engine.plan.gifts import ITEM


def gifts_text(gifts: Iterable[Gift]) -> str:
    """The 赠品 cell of a parcel: people read it, and the journal is rebuilt from it."""
    return "、".join(f"{gift.rule_id}:{gift.code}×{gift.num}" for gift in gifts)


def gift_key_text(gifts: Sequence[Gift], day: str, buyer: str) -> str:
    """What caps count, for the hidden cell beside it."""
    times = {gift.rule_id: gift.times for gift in gifts}
    return " ".join([day, buyer or "-", *(f"{rule}={n}" for rule, n in times.items())]) if gifts else ""


def gifts_from_text(text: str, key: str) -> tuple[tuple[Gift, ...], str, str]:
    """(gifts, day, buyer) as the two cells tell them; what cannot be read is left out."""
    day, buyer, *counts = [*key.split(), "", ""]
    times = {rule: int(n) for rule, _, n in (part.partition("=") for part in counts) if n.isdigit()}
    found = []
    for part in text.split("、"):
        rule_id, _, item = part.partition(":")
        match = ITEM.fullmatch(item.strip())
        if rule_id and match:
            found.append(
                Gift(
                    rule_id=rule_id,
                    code=match["code"],
                    num=int(match["num"] or 1),
                    times=times.get(rule_id, 1),
                )
            )
    return tuple(found), day, "" if buyer == "-" else buyer
