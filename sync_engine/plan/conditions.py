"""Conditions people type in rule rows: read once for each tick, tried on an order, and told in words that are true of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from formulas.places import same_place
from formulas.rates import decimal_of
from sync_engine.plan.courier import weigh
from sync_engine.plan.facts import is_dead
from sync_engine.plan.policy import Cells, Policy
from sync_engine.plan.words import clock_text, say, split_words
from sync_engine.trade import Line, Trade
from workbook_templates.schema import Lang, Value

FLAGS = ("灰", "红", "黄", "绿", "蓝", "紫")
"""Seller flags 0 to 5 (facts, section 2.3)."""
_FLAG_WORDS: Mapping[str, int] = {
    **{zh: n for n, zh in enumerate(FLAGS)}, **{f"{zh}旗": n for n, zh in enumerate(FLAGS)},
    **{str(n): n for n in range(6)}, "粉": 5,
    "grey": 0, "red": 1, "yellow": 2, "green": 3, "blue": 4, "purple": 5, "pink": 5,
}  # fmt: skip
TYPE_WORDS: Mapping[str, str] = {"预售": "step", "presale": "step", "货到付款": "cod", "一口价": "fixed"}
TYPES = frozenset({
    "fixed", "auction", "guarantee_trade", "auto_delivery", "ec", "cod", "step", "independent_simple_trade",
    "independent_shop_trade", "game_equipment", "shopex_trade", "netcn_trade", "external_trade", "instant_trade",
    "b2c_cod", "hotel_trade", "super_market_trade", "super_market_cod_trade", "taohua", "waimai", "o2o_offlinetrade",
    "nopaid", "eticket", "tmall_i18n", "pre_auth_type", "fenxiao",
})  # fmt: skip
"""Trade types the platform names (facts, section 2.1)."""


class Slip(Exception):
    """A rule that will not do; its text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One filled-in condition: words, or bounds of which the lower is included and the upper is not."""

    name: str
    words: tuple[str, ...] = ()
    low: Decimal | None = None
    below: Decimal | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Case:
    """An order as conditions see it; `lines` are those that still count."""

    trade: Trade
    lines: tuple[Line, ...]
    policy: Policy

    @cached_property
    def weight_kg(self) -> Decimal:
        """The estimated weight with packing."""
        return weigh(self.trade, self.lines, self.policy).weight_kg

    @cached_property
    def pieces(self) -> int:
        """Pieces in all."""
        return sum(line.num for line in self.lines)

    @cached_property
    def kinds(self) -> int:
        """Different products."""
        return len({line.sku_key for line in self.lines})


def case_of(trade: Trade, policy: Policy) -> Case:
    """An order with the lines that are neither refunded nor closed."""
    return Case(trade=trade, lines=tuple(line for line in trade.lines if not is_dead(line)), policy=policy)


_BOUNDS = (
    ("amount", "金额", "amount"), ("pieces", "件数", "items"), ("kinds", "种数", "kinds"),
    ("weight", "重量", "weight"),
)  # fmt: skip
_LISTS = ("shops", "provinces", "cities", "places", "skus", "only_skus", "keywords", "flags", "types")


def read_conditions(cells: Cells, lang: Lang) -> tuple[Condition, ...]:
    """The conditions a row has filled in. Slip for one that cannot be meant."""
    found: list[Condition] = []
    for name in _LISTS:
        if words := split_words(cells.get(name)):
            found.append(Condition(name=name, words=_known_words(name, words, lang)))
    for name, zh, en in _BOUNDS:
        low, below = decimal_of(cells.get(f"{name}_from")), decimal_of(cells.get(f"{name}_below"))
        if low is not None and below is not None and low >= below:
            raise Slip(say(lang, f"{zh}的下限不小于上限,这条规则没有生效", f"The {en} bounds are crossed: not used"))  # fmt: skip
        if low is not None or below is not None:
            found.append(Condition(name=name, low=low, below=below))
    found.extend(_times(cells, lang))
    return tuple(found)


def _known_words(name: str, words: tuple[str, ...], lang: Lang) -> tuple[str, ...]:
    if name == "flags":
        wrong = [word for word in words if word.lower() not in _FLAG_WORDS]
        if wrong:
            raise Slip(say(lang, f"没有“{wrong[0]}”这种旗,请填 灰、红、黄、绿、蓝、紫 或 0–5,这条规则没有生效", f'There is no flag "{wrong[0]}": grey, red, yellow, green, blue, purple or 0-5; not used'))  # fmt: skip
        return tuple(str(_FLAG_WORDS[word.lower()]) for word in words)
    if name == "types":
        codes = tuple(TYPE_WORDS.get(word.lower(), word.lower()) for word in words)
        wrong = [code for code in codes if code not in TYPES]
        if wrong:
            raise Slip(say(lang, f"天猫没有“{wrong[0]}”这种交易类型,这条规则没有生效", f'Tmall has no trade type "{wrong[0]}": not used'))  # fmt: skip
        return codes
    return words


def _times(cells: Cells, lang: Lang) -> Iterable[Condition]:
    for name, start, end, zh, en in (
        ("paid", "valid_from", "valid_to", "时间", "time"),
        ("not_paid", "except_from", "except_to", "除外时间", "excepted time"),
    ):
        since, until = _moment(cells.get(start)), _moment(cells.get(end))
        if since is not None and until is not None and since >= until:
            raise Slip(say(lang, f"{zh}的下限不小于上限,这条规则没有生效", f"The {en} bounds are crossed: not used"))  # fmt: skip
        if name == "not_paid" and (since is None) != (until is None):
            raise Slip(say(lang, "除外的开始和结束要都填,这条规则没有生效", "Fill in both ends of the exception: not used"))  # fmt: skip
        if since is not None or until is not None:
            yield Condition(name=name, since=since, until=until)


def _moment(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None


def unmet(conditions: Iterable[Condition], case: Case) -> Condition | None:
    """The first condition that does not hold; None if all do."""
    return next((one for one in conditions if not _TESTS[one.name](one, case)), None)


def told(conditions: Iterable[Condition], case: Case, lang: Lang) -> str:
    """What holds, with the order's own figures; only for conditions that all hold."""
    return say(lang, "、", ", ").join(_text(one, case, lang) for one in conditions)


def code_ok(pattern: str, code: str) -> bool:
    """Whether a merchant code is meant by a word of a rule; `*` at its end matches a beginning."""
    if pattern.endswith("*"):
        return bool(code) and code.startswith(pattern[:-1])
    return code == pattern


def _within(value: Decimal | int, one: Condition) -> bool:
    return (one.low is None or value >= one.low) and (one.below is None or value < one.below)


def _paid(trade: Trade, one: Condition) -> bool:
    at = trade.pay_time
    return at is not None and (one.since is None or at >= one.since) and (one.until is None or at < one.until)


def _city(trade: Trade) -> str:
    return trade.receiver.city or trade.receiver.district


def _words(trade: Trade) -> str:
    return f"{trade.buyer_message}\n{trade.seller_memo}"


def _street(trade: Trade) -> str:
    receiver = trade.receiver
    return f"{receiver.district}\n{receiver.town}\n{receiver.address}"


def _codes(case: Case, one: Condition) -> list[str]:
    return [line.outer_id for line in case.lines if any(code_ok(word, line.outer_id) for word in one.words)]


_TESTS: Mapping[str, Callable[[Condition, Case], bool]] = {
    "shops": lambda one, case: case.trade.shop in one.words,
    "provinces": lambda one, case: any(same_place(word, case.trade.receiver.province) for word in one.words),
    "cities": lambda one, case: any(same_place(word, _city(case.trade)) for word in one.words),
    "places": lambda one, case: any(word in _street(case.trade) for word in one.words),
    "skus": lambda one, case: bool(_codes(case, one)),
    "only_skus": lambda one, case: bool(case.lines) and len(_codes(case, one)) == len(case.lines),
    "keywords": lambda one, case: any(word in _words(case.trade) for word in one.words),
    "flags": lambda one, case: str(case.trade.seller_flag) in one.words,
    "types": lambda one, case: case.trade.type in one.words,
    "amount": lambda one, case: _within(case.trade.payment, one),
    "pieces": lambda one, case: _within(case.pieces, one),
    "kinds": lambda one, case: _within(case.kinds, one),
    "weight": lambda one, case: _within(case.weight_kg, one),
    "paid": lambda one, case: _paid(case.trade, one),
    "not_paid": lambda one, case: not _paid(case.trade, one),
}


def _first(words: Iterable[str], text: str) -> str:
    return next(word for word in words if word in text)


def _text(one: Condition, case: Case, lang: Lang) -> str:
    trade = case.trade
    if one.name in ("amount", "pieces", "kinds", "weight"):
        values = {
            "amount": trade.payment,
            "pieces": case.pieces,
            "kinds": case.kinds,
            "weight": case.weight_kg,
        }
        zh, en = next((zh, en) for name, zh, en in _BOUNDS if name == one.name)
        low = f"{one.low}≤" if one.low is not None else ""
        below = f"<{one.below}" if one.below is not None else ""
        return f"{low}{say(lang, zh, en)} {values[one.name]}{below}"
    if one.name in ("paid", "not_paid"):
        paid = clock_text(trade.pay_time) if trade.pay_time else "-"
        what = say(lang, "付款时间", "paid") if one.name == "paid" else say(lang, "付款不在除外时间", "paid outside the exception")  # fmt: skip
        return f"{what} {paid}"
    texts: Mapping[str, Callable[[], tuple[str, str, str]]] = {
        "shops": lambda: ("店铺", "shop", trade.shop),
        "provinces": lambda: ("省", "province", trade.receiver.province),
        "cities": lambda: ("市", "city", _city(trade)),
        "places": lambda: ("地址含", "address has", _first(one.words, _street(trade))),
        "skus": lambda: ("含编码", "has code", _codes(case, one)[0]),
        "only_skus": lambda: ("只有编码", "only codes", say(lang, "、", ", ").join(dict.fromkeys(_codes(case, one)))),
        "keywords": lambda: ("留言/备注含", "message or memo has", _first(one.words, _words(trade))),
        "flags": lambda: ("旗帜", "flag", say(lang, FLAGS[trade.seller_flag], str(trade.seller_flag))),
        "types": lambda: ("交易类型", "type", trade.type),
    }  # fmt: skip
    zh, en, seen = texts[one.name]()
    return f"{say(lang, zh, en)}“{seen}”" if lang is Lang.ZH else f'{say(lang, zh, en)} "{seen}"'


__all__ = [
    "FLAGS",
    "TYPES",
    "Case",
    "Condition",
    "Slip",
    "case_of",
    "code_ok",
    "read_conditions",
    "told",
    "unmet",
]
