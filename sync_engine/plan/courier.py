"""Which courier takes a parcel, step by step, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from formulas.freight import Quote, Rate, cheapest, quote
from formulas.places import same_place
from sync_engine.plan.facts import CourierChoice
from sync_engine.plan.policy import CHEAPEST, CourierRule, Policy
from sync_engine.plan.words import label, say
from sync_engine.trade import Line, Trade
from workbook_templates.tables.choices import COURIERS

GRAMS = Decimal(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What matters about a parcel when a courier is chosen."""

    trade: Trade
    lines: tuple[Line, ...]
    weight_kg: Decimal
    volume_cm3: Decimal | None
    guessed: int  # lines whose weight is the default


def weigh(trade: Trade, lines: Iterable[Line], policy: Policy) -> Parcel:
    """A parcel's weight with packing, and its volume where every product has its sides filled in."""
    kept = tuple(lines)
    default = policy.number("default_weight_g")
    grams, volume, guessed = policy.number("packing_weight_g"), Decimal(0), 0
    complete = True
    for line in kept:
        goods = policy.goods.get(line.sku_key)
        weight = goods.weight_g if goods else None
        guessed += weight is None
        grams += (default if weight is None else weight) * line.num
        complete &= bool(goods and goods.volume_cm3)
        volume += (goods.volume_cm3 or Decimal(0)) * line.num if goods else Decimal(0)
    return Parcel(
        trade=trade,
        lines=kept,
        weight_kg=grams / GRAMS,
        volume_cm3=volume if complete and volume else None,
        guessed=guessed,
    )


def reckon(parcel: Parcel, wanted: str, cp_code: str, policy: Policy) -> CourierChoice:
    """What a parcel that has its waybill weighs and costs: with the reason its courier would be chosen for now, where it would."""
    choice = choose(parcel, wanted, policy)
    if choice.cp_code == cp_code:
        return choice
    named, name = choose(parcel, cp_code, policy), label(COURIERS, cp_code, policy.lang)
    _, mark, rest = named.why.partition(say(policy.lang, ";", "; "))
    return replace(
        named, why=say(policy.lang, f"单号已是{name}的", f"It has a waybill of {name}") + mark + rest
    )


def choose(parcel: Parcel, wanted: str, policy: Policy) -> CourierChoice:
    """The courier for a parcel: staff's word, else the first rule that holds, else the cheapest, else the default."""
    steps: list[str] = []
    cp_code, best = _decide(parcel, wanted, policy, steps)
    if best:
        steps.append(_priced(best, policy))
    if parcel.guessed and cp_code:
        steps.append(
            say(
                policy.lang,
                f"{parcel.guessed} 种商品没填重量,按默认值估",
                f"{parcel.guessed} weights guessed",
            )
        )
    return CourierChoice(
        cp_code=cp_code,
        why=say(policy.lang, ";", "; ").join(steps),
        weight_g=int((parcel.weight_kg * GRAMS).to_integral_value(ROUND_CEILING)),
        freight=best.price if best else None,
    )


def _decide(parcel: Parcel, wanted: str, policy: Policy, steps: list[str]) -> tuple[str, Quote | None]:
    lang = policy.lang
    if wanted:
        steps.append(
            say(
                lang,
                f"店里指定{label(COURIERS, wanted, lang)}",
                f"Chosen by staff: {label(COURIERS, wanted, lang)}",
            )
        )
        return wanted, _priced_or_why(parcel, wanted, policy, steps)
    rule = next((rule for rule in policy.rules if rule_holds(rule, parcel, policy)), None)
    if rule and rule.courier != CHEAPEST.name:
        name = label(COURIERS, rule.courier, lang)
        steps.append(
            say(
                lang,
                f"规则“{rule.title}”({rule.rule_id})→{name}",
                f'Rule "{rule.title}" ({rule.rule_id}): {name}',
            )
        )
        return rule.courier, _priced_or_why(parcel, rule.courier, policy, steps)
    if rule:
        steps.append(
            say(
                lang,
                f"规则“{rule.title}”({rule.rule_id})→最便宜",
                f'Rule "{rule.title}" ({rule.rule_id}): cheapest',
            )
        )
    best = cheapest(_quotes(parcel, policy))
    if best:
        name = label(COURIERS, best.courier, lang)
        steps.append(say(lang, f"运费表里最便宜:{name}", f"Cheapest in the freight table: {name}"))
        return best.courier, best
    default = policy.setting("default_courier")
    if default:
        steps.append(
            say(
                lang,
                f"运费表里没有价格,用默认快递{label(COURIERS, default, lang)}",
                f"No price found: default {label(COURIERS, default, lang)}",
            )
        )
        return default, None
    steps.append(say(lang, "规则和运费表都没有结果", "Neither rules nor freight table decide"))
    return "", None


def rule_holds(rule: CourierRule, parcel: Parcel, policy: Policy) -> bool:
    """Whether every filled-in condition of a rule holds for a parcel."""
    trade = parcel.trade
    words = f"{trade.buyer_message}\n{trade.seller_memo}"
    return (
        _place_ok(rule.provinces, trade.receiver.province)
        and _place_ok(rule.cities, trade.receiver.city or trade.receiver.district)
        and _within(parcel.weight_kg, rule.weight_from, rule.weight_below)
        and _within(trade.payment, rule.amount_from, rule.amount_below)
        and (
            not rule.skus
            or any(_code_ok(pattern, line.outer_id) for pattern in rule.skus for line in parcel.lines)
        )
        and (not rule.shops or trade.shop in rule.shops or policy.shop_named(trade.seller) in rule.shops)
        and (not rule.keywords or any(word in words for word in rule.keywords))
        and (rule.valid_from is None or (trade.pay_time is not None and trade.pay_time >= rule.valid_from))
        and (rule.valid_to is None or (trade.pay_time is not None and trade.pay_time < rule.valid_to))
    )


def _place_ok(wanted: tuple[str, ...], place: str) -> bool:
    return not wanted or any(same_place(word, place) for word in wanted)


def _within(value: Decimal, low: Decimal | None, below: Decimal | None) -> bool:
    return (low is None or value >= low) and (below is None or value < below)


def _code_ok(pattern: str, code: str) -> bool:
    if pattern.endswith("*"):
        return bool(code) and code.startswith(pattern[:-1])
    return code == pattern


def _quotes(parcel: Parcel, policy: Policy) -> list[Quote]:
    couriers = dict.fromkeys(rate.courier for rate in policy.rates)
    found = (_quote(parcel, courier, policy) for courier in couriers)
    return [one for one in found if one]


def _quote(parcel: Parcel, courier: str, policy: Policy) -> Quote | None:
    rates: tuple[Rate, ...] = tuple(rate for rate in policy.rates if rate.courier == courier)
    receiver = parcel.trade.receiver
    return quote(
        rates,
        courier,
        receiver.province,
        receiver.city or receiver.district,
        parcel.weight_kg,
        volume_cm3=parcel.volume_cm3,
        default_ratio=policy.number("volume_ratio"),
    )


def _priced(best: Quote, policy: Policy) -> str:
    kg = f"{best.charged_kg.normalize():f}"
    return say(
        policy.lang,
        f"计费 {kg}kg,运费 {best.price} 元({best.rate_id})",
        f"{kg} kg charged, {best.price} yuan ({best.rate_id})",
    )


def _priced_or_why(parcel: Parcel, courier: str, policy: Policy, steps: list[str]) -> Quote | None:
    """The price of a courier that was named; where the freight table has none, that is said."""
    best = _quote(parcel, courier, policy)
    if best is None:
        steps.append(_unpriced(parcel, courier, policy))
    return best


def _unpriced(parcel: Parcel, courier: str, policy: Policy) -> str:
    """Why the freight of a parcel stays empty."""
    lang, name = policy.lang, label(COURIERS, courier, policy.lang)
    if not any(rate.courier == courier for rate in policy.rates):
        return say(
            lang, f"运费表里没有{name},估运费空着", f"No row of {name} in the freight table: no estimate"
        )
    receiver, kg = parcel.trade.receiver, f"{parcel.weight_kg.normalize():f}"
    place = " ".join(filter(None, (receiver.province, receiver.city or receiver.district)))
    return say(
        lang,
        f"运费表里{name}没有 {place} {kg}kg 的价,估运费空着",
        f"The freight table has no price of {name} for {place}, {kg} kg: no estimate",
    )
