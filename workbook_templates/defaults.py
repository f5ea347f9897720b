"""What a new workbook starts with: sample courier rules, a sample freight table, all settings, all commands.

The freight numbers are samples. Their shape (flat to 3 kg, then by the kilogram; dear in 海南, 内蒙古, 西藏 and 新疆)
follows medians of real contract tables of 2021; a shop replaces them by its own contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workbook_templates.accounts import SMALL_ACCOUNTS, SUB_ACCOUNTS
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.posting_rules import POSTING_RULES
from workbook_templates.schema import Lang, Value
from workbook_templates.settings import SETTINGS_LIST
from workbook_templates.statements import DETAIL_LINES
from workbook_templates.track_rules import track_rule_rows

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Zone:
    """One area of the sample freight table; prices in yuan for a parcel of the first weight, and for each kg more."""

    provinces: str
    first_kg: Decimal
    first: Decimal
    step: Decimal
    flat_to: Decimal | None = None  # a first band with one price, up to this many kg


ZONES: tuple[Zone, ...] = (
    Zone("江苏、浙江、上海、安徽", Decimal(3), Decimal("2.90"), Decimal("1.30"), Decimal(3)),
    Zone("广东、福建、江西、湖南、湖北、河南、河北、山东、山西、陕西、四川、重庆、云南、贵州、广西",
         Decimal(3), Decimal("3.00"), Decimal("1.50"), Decimal(3)),
    Zone("北京、天津", Decimal(3), Decimal("3.50"), Decimal("1.60")),
    Zone("辽宁、吉林、黑龙江", Decimal(3), Decimal("3.50"), Decimal("2.75")),
    Zone("甘肃、青海、宁夏", Decimal(1), Decimal("5.50"), Decimal("2.50")),
    Zone("海南、内蒙古", Decimal(1), Decimal("7.50"), Decimal("5.50")),
    Zone("新疆、西藏", Decimal(1), Decimal("16.00"), Decimal("5.00")),
)  # fmt: skip

_OFFSETS: tuple[tuple[str, Decimal], ...] = (
    ("ZTO", Decimal("0.20")),
    ("YTO", Decimal("0.00")),
    ("YUNDA", Decimal("-0.05")),
    ("STO", Decimal("0.05")),
    ("JT", Decimal("-0.15")),
    ("POSTB", Decimal("0.90")),
)
_POST_FAR = (Decimal("12.00"), Decimal("4.50"))


def default_rows(lang: Lang) -> dict[str, list[Row]]:
    """Rows by table name for a new workbook in this language."""
    return {
        "warehouses": _warehouses(lang),
        "bill_rules": bill_rule_rows(lang),
        "audit_rules": _audit_rules(lang),
        "gift_rules": _gift_rules(lang),
        "courier_rules": _rules(lang),
        "freight": _freight(lang),
        "settings": _settings(lang),
        "commands": _commands(lang),
        "accounts": _accounts(lang),
        "posting_rules": _posting_rules(lang),
        "track_rules": track_rule_rows(),
    }


def _warehouses(lang: Lang) -> list[Row]:
    name = "主仓" if lang is Lang.ZH else "Main"
    return [{"warehouse": "W001", "name": name, "negative": "list", "for_sale": "yes"}]


def _accounts(lang: Lang) -> list[Row]:
    listed = sorted((*SMALL_ACCOUNTS, *SUB_ACCOUNTS))
    return [
        {
            "account_id": f"A{n:03}",
            "code": code,
            "name": zh if lang is Lang.ZH else en,
            "detail": DETAIL_LINES.get(code),
        }
        for n, (code, zh, en) in enumerate(listed, 1)
    ]


def _posting_rules(lang: Lang) -> list[Row]:
    return [
        {
            "rule_id": rule.rule_id, "kind": rule.kind, "amount": rule.amount, "default_debit": rule.debit,
            "default_credit": rule.credit, "why": rule.zh if lang is Lang.ZH else rule.en, "mode": rule.mode or None,
            "payer": rule.payer or None,
        }
        for rule in POSTING_RULES
    ]  # fmt: skip


def _settings(lang: Lang) -> list[Row]:
    return [
        {
            "setting": s.name,
            "label": s.label(lang),
            "title": s.title(lang),
            "default": s.shown_default(lang),
            "allowed": s.allowed(lang),
        }
        for s in SETTINGS_LIST
    ]


def _commands(lang: Lang) -> list[Row]:
    return [{"command": c.name, "label": c.label(lang), "title": c.title(lang)} for c in COMMANDS_LIST]


def _rates() -> list[dict[str, Value]]:
    rows: list[dict[str, Value]] = []
    for courier, offset in _OFFSETS:
        for zone in ZONES:
            rows.extend(_zone_rates(courier, offset, zone))
    return rows


def _zone_rates(courier: str, offset: Decimal, zone: Zone) -> list[dict[str, Value]]:
    far = courier == "POSTB" and zone is ZONES[-1]
    first, step = _POST_FAR if far else (zone.first + offset, zone.step)
    common: dict[str, Value] = {"courier": courier, "enabled": "yes", "provinces": zone.provinces}
    by_weight: dict[str, Value] = {"first_kg": zone.first_kg, "first_price": first, "step_kg": Decimal(1),
                                   "step_price": step}  # fmt: skip
    if zone.flat_to is None:
        return [{**common, **by_weight}]
    return [
        {**common, "weight_to": zone.flat_to, "first_price": first},
        {**common, "weight_from": zone.flat_to, **by_weight},
    ]


def _freight(lang: Lang) -> list[Row]:
    note = "样例价,请换成合同价" if lang is Lang.ZH else "sample: put in your contract's"
    return [{"rate_id": f"F{n:03}", **row, "note": note} for n, row in enumerate(_rates(), 1)]


def _audit_rules(lang: Lang) -> list[Row]:
    zh = lang is Lang.ZH
    note = "样例,需要时启用" if zh else "sample: enable if wanted"
    rules: list[dict[str, Value]] = [
        {"priority": 100, "title": "要开票、改地址先看" if zh else "Invoice or address asked for", "outcome": "person",
         "keywords": "发票、改地址、换地址"},
        {"priority": 90, "title": "大额订单先看" if zh else "Large orders", "outcome": "person", "amount_from": Decimal("1000.00")},
        {"priority": 80, "title": "红旗先扣着" if zh else "Red flag waits", "outcome": "hold", "flags": "红" if zh else "red"},
    ]  # fmt: skip
    return [{"rule_id": f"A{n:03}", "enabled": "no", **rule, "note": note} for n, rule in enumerate(rules, 1)]


def _gift_rules(lang: Lang) -> list[Row]:
    zh = lang is Lang.ZH
    note = "样例,换成自己的赠品再启用" if zh else "sample: put in your own gift, then enable it"
    rules: list[dict[str, Value]] = [
        {"priority": 20, "title": "满 199 送" if zh else "199 and more", "type": "band", "gifts": "GIFT-A×1", "amount_from": Decimal("199.00")},
        {"priority": 10, "title": "满 99 送" if zh else "99 and more", "type": "band", "gifts": "GIFT-B×1", "amount_from": Decimal("99.00"), "amount_below": Decimal("199.00")},
    ]  # fmt: skip
    return [{"rule_id": f"G{n:03}", "enabled": "no", **rule, "note": note} for n, rule in enumerate(rules, 1)]


def _rules(lang: Lang) -> list[Row]:
    zh = lang is Lang.ZH
    rules: list[dict[str, Value]] = [
        {"enabled": "yes", "priority": 100, "title": "新疆西藏走邮政" if zh else "Far west by post", "courier": "POSTB",
         "provinces": "新疆、西藏", "note": "邮政到得最全" if zh else "Post reaches every village"},
        {"enabled": "no", "priority": 90, "title": "备注写了顺丰" if zh else "SF asked for", "courier": "SF",
         "keywords": "发顺丰、加钱顺丰", "note": "样例,需要时启用" if zh else "sample: enable if wanted"},
        {"enabled": "no", "priority": 80, "title": "贵重订单走顺丰" if zh else "Valuable by SF", "courier": "SF",
         "amount_from": Decimal("1000.00"), "note": "样例,需要时启用" if zh else "sample: enable if wanted"},
        {"enabled": "no", "priority": 70, "title": "大件走德邦" if zh else "Heavy by Deppon", "courier": "DBKD",
         "weight_from": Decimal("15.00"), "note": "样例,需要时启用" if zh else "sample: enable if wanted"},
        {"enabled": "yes", "priority": 0, "title": "其余选最便宜" if zh else "Everything else", "courier": "CHEAPEST",
         "note": "按运费表比价" if zh else "by the freight table"},
    ]  # fmt: skip
    return [{"rule_id": f"R{n:03}", **rule} for n, rule in enumerate(rules, 1)]
