"""How this shop works: settings, courier rules and freight rates as people typed them, read once for each tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from formulas.freight import Rate, rates_from
from formulas.rates import decimal_of, read_rates, typed_anything
from sync_engine.plan.bins import NO_BINS, Bins
from sync_engine.plan.places import MAIN, Places
from sync_engine.plan.words import say, split_words
from workbook_templates.schema import Lang, Value
from workbook_templates.settings import SETTINGS_BY_NAME, SETTINGS_LIST
from workbook_templates.tables.choices import CHEAPEST

if TYPE_CHECKING:
    from sync_engine.plan.audit import AuditRule
    from sync_engine.plan.gifts import GiftRule
    from sync_engine.plan.splitting import SplitRule

Cells = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierRule:
    """One row of 快递规则: every filled-in condition must hold."""

    rule_id: str
    priority: int
    title: str
    courier: str  # cp_code or CHEAPEST
    provinces: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    weight_from: Decimal | None = None
    weight_below: Decimal | None = None
    amount_from: Decimal | None = None
    amount_below: Decimal | None = None
    skus: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """What the product sheet says of one SKU."""

    weight_g: Decimal | None = None
    volume_cm3: Decimal | None = None
    short_name: str = ""
    bin: str = ""
    barcode: str = ""
    title: str = ""
    sku_text: str = ""


Taken = tuple[tuple[str, int], ...]
"""Pieces taken from each of some bins."""

ONE_PLACE = Places(names={MAIN: MAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that governs decisions and is not a fact of an order."""

    shop: str = "shop"  # key prefix: the shop's id in intents
    more_shops: tuple[str, ...] = ()  # names of further shops that sell from the same stock
    lang: Lang = Lang.ZH
    settings: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[CourierRule, ...] = ()
    audit_rules: tuple[AuditRule, ...] = ()
    rates: tuple[Rate, ...] = ()
    goods: Mapping[str, Goods] = field(default_factory=dict)  # by sku_key
    places: Places = ONE_PLACE
    bins: Bins = NO_BINS
    picked: Mapping[str, Mapping[str, Taken]] = field(
        default_factory=dict
    )  # of parcels being printed: bins and pieces of each code
    gift_rules: tuple[GiftRule, ...] = ()
    split_rules: tuple[SplitRule, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)  # sku_key of a merchant code, the first of several
    quiet_until: datetime | None = (
        None  # after a rebuild: purchases made before the loss may not be visible yet
    )
    print_now: bool = False  # a person asked: make labels although auto_print is off
    reprint: frozenset[str] = frozenset()  # tids whose labels a person wants again
    buy_now: bool = False  # a person asked: buy although auto_buy is off
    ship_now: frozenset[str] = frozenset()  # tids a person asked to ship by command; {"*"} for all
    printed_now: frozenset[str] = (
        frozenset()
    )  # parcels whose label this sync made: nobody handed them over before

    def setting(self, name: str) -> str:
        """A setting's value, the default where nothing good was typed."""
        return self.settings.get(name, SETTINGS_BY_NAME[name].default)

    def shop_named(self, seller: str, title: str = "") -> str:
        """What the sheets call a shop.

        Args:
            seller: "" for the first shop.
            title: what Tmall calls it; shown where there is one shop only, so that one name stands in all tables.
        """
        return seller or (title if title and not self.more_shops else self.shop)

    def number(self, name: str) -> Decimal:
        """A numeric setting."""
        return Decimal(self.setting(name))

    def main_bin(self, warehouse: str, code: str) -> str:
        """The bin goods are picked from first in a warehouse; "" for none."""
        known = self.goods.get(self.codes.get(code, code))
        return self.bins.main(warehouse, code, known.bin if known else "", self.places.main)

    def at(self, warehouse: str) -> Policy:
        """The same with the freight rates of one warehouse."""
        rates = rates_from(self.rates, {warehouse, self.places.names.get(warehouse, warehouse)})
        return self if len(rates) == len(self.rates) else replace(self, rates=rates)

    @property
    def buffer(self) -> timedelta:
        """How long an order rests after payment before a waybill is bought."""
        return timedelta(minutes=float(self.number("buffer_minutes")))

    def ships_by_command(self, tid: str, package_id: str) -> bool:
        """Whether a command said that a parcel of this order left: not of one that had no label when it was given."""
        return package_id not in self.printed_now and ("*" in self.ship_now or tid in self.ship_now)


def read_settings(rows: Mapping[str, Cells], lang: Lang) -> tuple[dict[str, str], dict[str, str]]:
    """Values by setting name, and a sentence for each that will not do."""
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for setting in SETTINGS_LIST:
        typed = str(rows.get(setting.name, {}).get("value") or "").strip()
        if not typed:
            continue
        value = setting.read(typed)
        if value is None:
            problems[setting.name] = say(
                lang,
                f"“{typed}”不能用,现在按默认值“{setting.shown_default(lang)}”;可填:{setting.allowed(lang)}",
                f'"{typed}" will not do, so the default "{setting.shown_default(lang)}" is used; '
                f"allowed: {setting.allowed(lang)}",
            )
        else:
            values[setting.name] = value
    return values, problems


def read_rules(rows: Mapping[str, Cells], lang: Lang) -> tuple[tuple[CourierRule, ...], dict[str, str]]:
    """Usable rules, highest priority first, and a sentence for each row that will not do."""
    rules: list[CourierRule] = []
    problems: dict[str, str] = {}
    for rule_id, cells in rows.items():
        if cells.get("enabled") == "no" or not typed_anything(cells, "rule_id", "problem"):
            continue
        if not cells.get("courier"):
            problems[rule_id] = say(
                lang, "没选“用哪家”,这条规则没有生效", "No courier chosen: this rule is not used"
            )
        elif problem := _crossed(cells, lang):
            problems[rule_id] = problem
        else:
            rules.append(_rule(rule_id, cells))
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id))), problems


def _crossed(cells: Cells, lang: Lang) -> str:
    """A sentence if a lower bound is not below its upper bound."""
    for low, high, zh, en in (
        ("weight_from", "weight_below", "重量", "weight"),
        ("amount_from", "amount_below", "金额", "amount"),
        ("valid_from", "valid_to", "时间", "time"),
    ):
        start, end = cells.get(low), cells.get(high)
        if start is not None and end is not None and not start < end:  # type: ignore[operator]
            return say(
                lang, f"{zh}的下限不小于上限,这条规则没有生效", f"The {en} bounds are crossed: not used"
            )
    return ""


def _rule(rule_id: str, cells: Cells) -> CourierRule:
    return CourierRule(
        rule_id=rule_id,
        priority=int(number) if isinstance(number := cells.get("priority"), int | Decimal) else 0,
        title=str(cells.get("title") or rule_id),
        courier=str(cells.get("courier")),
        provinces=split_words(cells.get("provinces")),
        cities=split_words(cells.get("cities")),
        weight_from=decimal_of(cells.get("weight_from")),
        weight_below=decimal_of(cells.get("weight_below")),
        amount_from=decimal_of(cells.get("amount_from")),
        amount_below=decimal_of(cells.get("amount_below")),
        skus=split_words(cells.get("skus")),
        shops=split_words(cells.get("shops")),
        keywords=split_words(cells.get("keywords")),
        valid_from=_moment(cells.get("valid_from")),
        valid_to=_moment(cells.get("valid_to")),
    )


def read_goods(rows: Mapping[str, Cells]) -> dict[str, Goods]:
    """What the product sheet says, by sku_key."""
    return {key: _goods(cells) for key, cells in rows.items()}


def read_codes(rows: Mapping[str, Cells]) -> dict[str, str]:
    """The first sku_key of each merchant code."""
    found: dict[str, str] = {}
    for key, cells in rows.items():
        if code := str(cells.get("outer_id") or ""):
            found.setdefault(code, key)
    return found


def _goods(cells: Cells) -> Goods:
    sides = [decimal_of(cells.get(name)) for name in ("length_cm", "width_cm", "height_cm")]
    volume = Decimal(1)
    for side in sides:
        volume *= side or Decimal(0)
    return Goods(
        weight_g=decimal_of(cells.get("weight_g")),
        volume_cm3=volume or None,
        short_name=str(cells.get("short_name") or ""),
        bin=str(cells.get("bin") or ""),
        barcode=barcode_of(cells),
        title=str(cells.get("title") or ""),
        sku_text=str(cells.get("sku_text") or ""),
    )


def barcode_of(cells: Cells) -> str:
    """A product's barcode: what people typed, else what Tmall says."""
    return str(cells.get("barcode") or "").strip() or str(cells.get("tmall_barcode") or "")


def _moment(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None


__all__ = [
    "CHEAPEST",
    "CourierRule",
    "Goods",
    "Policy",
    "barcode_of",
    "read_codes",
    "read_goods",
    "read_rates",
    "read_rules",
    "read_settings",
]
