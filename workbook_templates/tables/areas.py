"""The tables by what people do with them, in tab order: each area has a tab colour and a line in every directory."""

from __future__ import annotations

from dataclasses import dataclass

from workbook_templates.schema import Lang, Table
from workbook_templates.tables.aftersale import REFUNDS, RETURNS
from workbook_templates.tables.analysis import ANALYSIS
from workbook_templates.tables.audit import AUDIT_RULES
from workbook_templates.tables.bills import BILL_RULES, BILLS, MATCHES
from workbook_templates.tables.books import ACCOUNTS, MANUAL, PARTNERS, PERIODS, POSTINGS, RULES, SUMS
from workbook_templates.tables.bundles import BUNDLES
from workbook_templates.tables.buying import CAMPAIGNS, PROPOSALS, SUPPLIERS
from workbook_templates.tables.checks import CHECKS
from workbook_templates.tables.courier_bills import COURIER_BILLS
from workbook_templates.tables.desk import COMMANDS, LOG, SETTINGS, TODO
from workbook_templates.tables.freight import COURIER_RULES, FREIGHT
from workbook_templates.tables.gifts import GIFT_RULES
from workbook_templates.tables.goods import PRODUCTS, STOCK
from workbook_templates.tables.invoices import INVOICES
from workbook_templates.tables.orders import LINES, ORDERS, WAYBILLS
from workbook_templates.tables.own import OWN_ORDERS
from workbook_templates.tables.refills import REFILLS
from workbook_templates.tables.roles import ROLES
from workbook_templates.tables.selling import SHOP_RULES, SHOP_STOCK
from workbook_templates.tables.splits import SPLIT_RULES
from workbook_templates.tables.stockroom import (
    BALANCES,
    BINS,
    COUNTS,
    ENTRIES,
    MOVES,
    PURCHASES,
    SHELVINGS,
    TRANSFERS,
    WAREHOUSES,
)  # fmt: skip
from workbook_templates.tables.tracking import COURIER_STATS, TRACK_RULES
from workbook_templates.tables.waves import WAVES


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Tables that the same people use for the same work."""

    zh: str
    en: str
    colour: str  # of the tabs
    tables: tuple[Table, ...]

    def label(self, lang: Lang) -> str:
        """What people call it."""
        return self.zh if lang is Lang.ZH else self.en


AREAS: tuple[Area, ...] = (
    Area(
        zh="订单", en="Orders", colour="#DD7A2B",
        tables=(ORDERS, LINES, OWN_ORDERS, WAYBILLS, WAVES, CHECKS, REFUNDS, RETURNS, TODO, COMMANDS),
    ),
    Area(
        zh="商品与库存", en="Goods", colour="#2F855A",
        tables=(PRODUCTS, STOCK, SHOP_STOCK, BALANCES, BINS, COUNTS, ENTRIES, SHELVINGS, REFILLS, TRANSFERS, MOVES, WAREHOUSES, BUNDLES, ANALYSIS),
    ),
    Area(zh="采购", en="Buying", colour="#7A5AA6", tables=(PROPOSALS, PURCHASES, SUPPLIERS, CAMPAIGNS)),
    Area(
        zh="对账与账簿", en="Money", colour="#3E7CB1",
        tables=(BILLS, MATCHES, COURIER_BILLS, COURIER_STATS, POSTINGS, MANUAL, INVOICES, PERIODS, ACCOUNTS, PARTNERS, SUMS),
    ),
    Area(
        zh="规则", en="Rules", colour="#B7791F",
        tables=(AUDIT_RULES, SPLIT_RULES, GIFT_RULES, COURIER_RULES, FREIGHT, TRACK_RULES, SHOP_RULES, BILL_RULES, RULES),
    ),
    Area(zh="系统", en="System", colour="#64748B", tables=(SETTINGS, ROLES, LOG)),
)  # fmt: skip
STATEMENTS_COLOUR = "#4F7F6A"
COLOURS = {table.name: area.colour for area in AREAS for table in area.tables}
"""Tab colour by table."""
