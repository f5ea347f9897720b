"""Rules, freight, splits and gifts worked out once more from the sheet's own cells and Tmall's own fields, knowing nothing of the engine.

Only what the hour's rules use is understood; anything else is an error, so that no statement passes unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

Doc = Mapping[str, Any]
Row = Mapping[str, str]
FLAGS = ("灰", "红", "黄", "绿", "蓝", "紫")
DEAD = ("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")
ASKED = ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS")
OPEN = ("WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART", "PAID_FORBID_CONSIGN")
FEN = Decimal("0.01")
LIMITS = {"amount_from", "amount_below", "pieces_from", "weight_from"}
WORDS = {"provinces", "keywords", "flags"}
BESIDE = {
    "rule_id", "enabled", "priority", "title", "outcome", "courier", "note", "problem", "hold_until", "by", "limit", "skus",
    "type", "gifts", "every", "most", "given", "made_at",
}  # fmt: skip
"""Cells of a rule that are no condition of the order as a whole."""


def words(text: str) -> list[str]:
    """What stands in a cell that lists words."""
    return [word for word in re.split(r"[、,,\s]+", text) if word]


def dead(line: Doc) -> bool:
    """Whether a line was refunded or closed before it left."""
    return "consign_time" not in line and (line["status"] in DEAD or line["refund_status"] == "SUCCESS")


def asked(line: Doc) -> bool:
    """Whether a refund is asked for a line that has not left."""
    return "consign_time" not in line and line["refund_status"] in ASKED and line["status"] not in DEAD


def alive(trade: Doc) -> list[Doc]:
    """Lines that still count."""
    return [line for line in trade["orders"] if not dead(line)]


def code_of(line: Doc) -> str:
    """The merchant code, else the item's."""
    return str(line.get("outer_sku_id") or line.get("outer_iid") or "")


def said(trade: Doc) -> str:
    """What buyer and seller wrote."""
    return f"{trade.get('buyer_message') or ''}\n{trade.get('seller_memo') or ''}"


def of_code(pattern: str, code: str) -> bool:
    """Whether a code is meant; `*` at the end matches a beginning."""
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


def holds(rule: Row, trade: Doc, kilograms: Decimal) -> bool:
    """Whether every condition of a rule's row is true of an order."""
    filled = {name for name, text in rule.items() if text} - BESIDE
    if filled - LIMITS - WORDS:
        raise ValueError(f"conditions nobody can check: {filled - LIMITS - WORDS}")
    measured = {
        "amount": Decimal(trade["payment"]), "pieces": Decimal(sum(line["num"] for line in alive(trade))), "weight": kilograms,
    }  # fmt: skip
    for name in filled & LIMITS:
        value = measured[name.partition("_")[0]]
        if value < Decimal(rule[name]) if name.endswith("from") else value >= Decimal(rule[name]):
            return False
    tests = {
        "provinces": lambda word: trade["receiver_state"].startswith(word),
        "keywords": lambda word: word in said(trade),
        "flags": lambda word: FLAGS[trade["seller_flag"]] == word,
    }
    return all(any(tests[name](word) for word in words(rule[name])) for name in filled & WORDS)


def in_order(rules: Iterable[Row]) -> list[Row]:
    """Rules that may act, the highest priority first."""
    used = [rule for rule in rules if rule["enabled"] != "no" and not rule["problem"]]
    return sorted(used, key=lambda rule: (-int(rule["priority"] or 0), rule["rule_id"]))


def first_rule(rules: Iterable[Row], trade: Doc, kilograms: Decimal, at: str) -> Row | None:
    """The rule that decides at a moment."""
    return next(
        (rule for rule in in_order(rules)
         if not (rule.get("hold_until") and at >= rule["hold_until"]) and holds(rule, trade, kilograms)),
        None,
    )  # fmt: skip


def kilograms(
    goods: Iterable[tuple[str, int]], grams: Mapping[str, str], *, packing: int = 100, default: int = 500
) -> tuple[Decimal, int]:
    """The weight of (weight's key, pieces) with packing, and of how many nobody said what they weigh."""
    total, guessed = Decimal(packing), 0
    for key, pieces in goods:
        known = grams.get(key) or ""
        guessed += not known
        total += Decimal(known or default) * pieces
    return total / 1000, guessed


def price(rate: Row, kg: Decimal) -> Decimal | None:
    """What one row of the freight table charges; None where the weight is not its."""
    if (rate["weight_from"] and kg <= Decimal(rate["weight_from"])) or (
        rate["weight_to"] and kg > Decimal(rate["weight_to"])
    ):
        return None
    first, base = Decimal(rate["first_price"]), rate["first_kg"]
    if not rate["step_price"] or not base or kg <= Decimal(base):
        return first.quantize(FEN)
    steps = ((kg - Decimal(base)) / Decimal(rate["step_kg"] or 1)).to_integral_value(ROUND_CEILING)
    return (first + steps * Decimal(rate["step_price"])).quantize(FEN)


def prices(table: Iterable[Row], province: str, kg: Decimal) -> dict[str, tuple[Decimal, str]]:
    """Each courier's price and the row it comes from."""
    found: dict[str, tuple[Decimal, str]] = {}
    for rate in table:
        if (
            rate["courier"] in found
            or rate["enabled"] == "no"
            or not any(province.startswith(p) for p in words(rate["provinces"]))
        ):
            continue
        if (amount := price(rate, kg)) is not None:
            found[rate["courier"]] = amount, rate["rate_id"]
    return found


def split(trade: Doc, rules: Iterable[Row]) -> int:
    """How many parcels the split rules make of what an order has to send."""
    lines = [
        line
        for line in trade["orders"]
        if line["status"] == "WAIT_SELLER_SEND_GOODS" and not asked(line) and not dead(line)
    ]
    groups = [lines] if lines else []
    for rule in in_order(rules):
        if rule["by"] == "alone":
            groups = [part for group in groups for part in _alone(group, words(rule["skus"]))]
        elif rule["by"] == "pieces":
            groups = [part for group in groups for part in _filled(group, Decimal(rule["limit"]))]
        else:
            raise ValueError(f"a way of splitting nobody can check: {rule['by']}")
    return len(groups)


def _alone(group: Sequence[Doc], codes: Sequence[str]) -> list[list[Doc]]:
    named = [line for line in group if any(of_code(code, code_of(line)) for code in codes)]
    rest = [line for line in group if line not in named]
    return [*([line] for line in named), *([rest] if rest else [])]


def _filled(group: Sequence[Doc], limit: Decimal) -> list[list[Doc]]:
    """The largest first, each into the first parcel it fits in."""
    parcels: list[list[Doc]] = []
    for line in sorted(group, key=lambda one: -one["num"]):
        room = next((one for one in parcels if sum(each["num"] for each in one) + line["num"] <= limit), None)
        if room is None:
            parcels.append(room := [])
        room.append(line)
    return parcels


def gifts(trade: Doc, rules: Iterable[Row]) -> dict[str, int]:
    """What a paid order is given: pieces by rule and code."""
    found: dict[str, int] = {}
    lines = alive(trade)
    amount = sum((Decimal(line["divide_order_fee"]) for line in lines), Decimal(0))
    bands: list[tuple[Decimal, Row]] = []
    for rule in in_order(rules):
        if rule["type"] == "band":
            low, below = Decimal(rule["amount_from"]), rule["amount_below"]
            if amount >= low and not (below and amount >= Decimal(below)):
                bands.append((low, rule))
        elif rule["type"] == "times":
            pieces = sum(
                line["num"]
                for line in lines
                if any(of_code(code, code_of(line)) for code in words(rule["skus"]))
            )
            times = min(pieces // int(rule["every"]), int(rule["most"] or 10**6))
            if times:
                found[_given(rule)] = times
        else:
            raise ValueError(f"a kind of gift nobody can check: {rule['type']}")
    if bands:
        found[_given(max(bands, key=lambda one: one[0])[1])] = 1
    return found


def _given(rule: Row) -> str:
    code, _, pieces = rule["gifts"].partition("×")
    if pieces != "1":
        raise ValueError(f"gifts nobody can check: {rule['gifts']}")
    return f"{rule['rule_id']}:{code}"
