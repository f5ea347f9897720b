"""Every table of the workbook, in tab order."""

from __future__ import annotations

from workbook_templates.schema import Lang, Table
from workbook_templates.tables.aftersale import REFUNDS, RETURNS
from workbook_templates.tables.analysis import ANALYSIS
from workbook_templates.tables.areas import AREAS
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

TABLES: tuple[Table, ...] = tuple(table for area in AREAS for table in area.tables)
BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

DASHBOARD_SHEET = {Lang.ZH: "看板", Lang.EN: "Dashboard"}
README_SHEET = {Lang.ZH: "说明", Lang.EN: "Guide"}

__all__ = [
    "ACCOUNTS", "ANALYSIS", "AREAS", "AUDIT_RULES", "BALANCES", "BILLS", "BILL_RULES", "BINS", "BUNDLES", "BY_NAME", "CAMPAIGNS", "CHECKS", "COMMANDS", "COUNTS", "COURIER_BILLS", "COURIER_RULES", "COURIER_STATS", "DASHBOARD_SHEET", "ENTRIES", "FREIGHT", "GIFT_RULES", "INVOICES", "LINES",
    "LOG", "MANUAL", "MATCHES", "MOVES", "ORDERS", "OWN_ORDERS", "PARTNERS", "PERIODS", "POSTINGS", "PRODUCTS", "PROPOSALS", "PURCHASES", "README_SHEET", "REFILLS", "REFUNDS", "RETURNS", "ROLES", "RULES", "SETTINGS", "SHELVINGS", "SHOP_RULES", "SHOP_STOCK", "SPLIT_RULES", "STOCK", "SUMS", "SUPPLIERS",
    "TABLES", "TODO", "TRACK_RULES", "TRANSFERS", "WAREHOUSES", "WAVES", "WAYBILLS",
]  # fmt: skip
