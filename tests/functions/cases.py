"""One shop and one table of questions to it: run through Python, the hub and every host that can run here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.book import Book, Row
from sync_engine.clock import SHANGHAI
from workbook_templates.schema import Value, row_key
from workbook_templates.tables import BY_NAME

AS_OF = datetime(2026, 11, 12, 9, 30, tzinfo=SHANGHAI)
A, B, C = "2912345678901234561", "2912345678901234562", "2912345678901234563"
SHOP, OTHER = "山月旗舰店", "山月专卖店"


def at(day: int, hour: int = 10) -> datetime:
    """A time in November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=SHANGHAI)


def _order(tid: str, day: int, paid: str, **more: Value) -> dict[str, Value]:
    return {
        "tid": tid, "stage": "shipped", "status": "WAIT_BUYER_CONFIRM_GOODS", "created": at(day), "pay_time": at(day, 11),
        "paid_amount": Decimal(paid), "total_amount": Decimal(paid), "quantity": 1, "shop": SHOP, **more,
    }  # fmt: skip


def _line(oid: str, tid: str, code: str, num: int, amount: str, **more: Value) -> dict[str, Value]:
    return {
        "oid": oid, "tid": tid, "outer_id": code, "num": num, "amount": Decimal(amount), "status": "WAIT_BUYER_CONFIRM_GOODS",
        "refund_status": "NO_REFUND", **more,
    }  # fmt: skip


def _sum(month: int, account: str, kind: str = "received", **amounts: str) -> dict[str, Value]:
    key = f"{month}/{account}/{kind}/-/-"
    return {"sum_id": key, "period": month, "account": account, "kind": kind, **{name: Decimal(one) for name, one in amounts.items()}}  # fmt: skip


def _posting(voucher: str, line: str, account: str, memo: str = "", problem: str | None = None, **amounts: str) -> dict[str, Value]:  # fmt: skip
    found = {name: Decimal(one) for name, one in amounts.items()}
    return {"voucher": voucher, "line": line, "on": at(10, 12), "account": account, "memo": memo, "problem": problem, **found}  # fmt: skip


def _bill(number: str, tid: str, day: int, item: str, **amounts: str) -> dict[str, Value]:
    leg = "in" if "income" in amounts else "out"
    found = {name: Decimal(one) for name, one in amounts.items()}
    return {"account": "2088123456789012", "log_id": number, "leg": leg, "at": at(day, 12), "balance": Decimal(0), "item": item, "tid": tid, **found}  # fmt: skip


ROWS: dict[str, list[dict[str, Value]]] = {
    "orders": [
        _order(A, 10, "199.80", quantity=3, courier="ZTO", courier_why="运费表里最便宜:中通", waybill_codes="ZT1 ZT2"),
        _order(B, 11, "59.90", stage="to_ship", status="WAIT_SELLER_SEND_GOODS", shop=OTHER, courier="JT"),
        _order(C, 11, "10.00", stage="unpaid", status="WAIT_BUYER_PAY", pay_time=None),
    ],
    "lines": [
        _line("1", A, "BM-001-BK", 2, "120.00"),
        _line("2", A, "BM-002", 1, "79.80"),
        _line("3", B, "BM-001-BK", 1, "59.90", refund_status="SUCCESS", refund_amount=Decimal("59.90")),
        _line("4", C, "BM-001-BK", 9, "10.00", status="WAIT_BUYER_PAY"),
    ],
    "waybills": [
        {
            "package_id": f"{A}-1", "tid": A, "waybill_code": "ZT1", "state": "shipped", "cp_code": "ZTO", "shipped_at": at(10, 12),
            "picked_at": at(10, 15), "signed_at": at(12, 9), "freight": Decimal("3.20"), "weight_kg": Decimal("1.5"), "track_key": "still",
        },
        {
            "package_id": f"{A}-3", "tid": A, "waybill_code": "ZT4", "state": "shipped", "cp_code": "ZTO", "shipped_at": at(10, 20),
            "picked_at": at(10, 18), "joined": f"{A}-3 {B}-3", "freight": Decimal("1.40"), "weight_kg": Decimal("0.5"),
        },
        {
            "package_id": f"{B}-3", "tid": B, "waybill_code": "ZT4", "state": "shipped", "cp_code": "ZTO", "shipped_at": at(10, 20),
            "joined": f"{A}-3 {B}-3", "freight": Decimal("0.60"), "weight_kg": Decimal("0.3"),
        },
        {"package_id": f"{A}-2", "tid": A, "waybill_code": "ZT2", "state": "cancelled"},
        {"package_id": f"{B}-1", "tid": B, "state": "buying"},
    ],
    "products": [
        {"sku_key": "51", "outer_id": "BM-001-BK", "title": "轻便运动鞋", "num_iid": "7001", "groups": "双11、跑鞋", "category": "鞋"},
        {"sku_key": "52", "outer_id": "BM-003", "title": "没卖过"},
    ],
    "stock": [
        {"stock_code": "BM-001-BK", "on_hand": 12, "reserved": 2, "sellable": 7},
        {"stock_code": "BM-002", "on_hand": -1, "reserved": 0, "sellable": 0},
        {"stock_code": "007", "on_hand": 3, "reserved": 0, "sellable": 3},
        {"stock_code": "BM-004"},
    ],
    "proposals": [{"stock_code": "BM-001-BK", "daily": Decimal("1.25"), "suggest": 24}, {"stock_code": "BM-004"}],
    "warehouses": [{"warehouse": "W001", "name": "主仓"}, {"warehouse": "W002", "name": "二仓"}],
    "balances": [
        {"stock_code": "BM-001-BK", "warehouse": "W001", "on_hand": 8, "in_transit": 0, "value": Decimal("240.00")},
        {"stock_code": "BM-001-BK", "warehouse": "W002", "on_hand": 4, "in_transit": 5, "value": Decimal("160.00")},
    ],
    "moves": [
        {"move_id": "m1", "at": at(1), "stock_code": "BM-001-BK", "stock_value": Decimal("460.00")},
        {"move_id": "m2", "at": at(10), "stock_code": "BM-001-BK", "stock_value": Decimal("-60.00"), "sold": Decimal("60.00")},
        {"move_id": "m3", "at": at(11), "stock_code": "BM-001-BK", "stock_value": Decimal("9.00"), "defective": True},
    ],
    "shop_stock": [{"stock_code": "BM-001-BK", "shop": OTHER, "wanted": 3}],
    "accounts": [
        {"account_id": "1", "code": "1012", "name": "其他货币资金"},
        {"account_id": "2", "code": "1012.01", "name": "支付宝"},
        {"account_id": "3", "code": "1012.02", "name": "推广账户"},
        {"account_id": "4", "code": "5001", "name": "主营业务收入"},
        {"account_id": "5", "code": "9999", "name": "不对", "problem": "没有这样的科目"},
        {"account_id": "6", "code": "1001", "name": "库存现金"},
    ],
    "account_sums": [
        _sum(202610, "1012.01", debit="100.10"), _sum(202611, "1012.01", debit="50.00", credit="20.05"),
        _sum(202611, "1012.01", kind="close", credit="0.05"), _sum(202611, "1012.02", debit="7.00"), _sum(202610, "5001", credit="100.10"),
        {"sum_id": "stray", "account": "1012.01", "debit": Decimal("9.00"), "problem": "没有这样的凭证"},
    ],
    "postings": [
        _posting("202611-0001", "01", "1012.01", debit="50.00", memo="收到货款"), _posting("202611-0001", "02", "5001", credit="50.00", memo="收到货款"),
        _posting("202611-0001", "03", "1012", debit="9.00", problem="不是表猫入的账"),
    ],
    "periods": [
        {"period": "202610", "state": "locked", "vouchers": 3, "archive": "归档/店-202610.xlsx", "bill_archive": "归档/店-202610-账单-3f9a1c20de71.xlsx"},
        {"period": "202611", "state": "open", "vouchers": 1},
    ],
    "bills": [
        _bill("1", A, 13, "tmall_commission", outgo="9.99"), _bill("2", A, 12, "sale_payment", income="199.80"), _bill("3", "", 12, "withdrawal", outgo="50.00"),
        _bill("4", C, 12, "sale_payment", income="10.00"),
    ],
    "matches": [{"match_id": A, "rows": 2}, {"match_id": C, "rows": 2}],
    "freight": [
        {"rate_id": "F001", "courier": "ZTO", "provinces": "广东、福建", "first_kg": Decimal(1), "first_price": Decimal("3.20"),
         "step_kg": Decimal(1), "step_price": Decimal("1.10")},
        {"rate_id": "F002", "courier": "YTO", "provinces": "广东", "first_price": Decimal("3.00"), "weight_to": Decimal(1)},
        {"rate_id": "F003", "courier": "YTO", "provinces": "其他", "first_price": Decimal("9.00")},
    ],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A formula as it is typed with dots, the call it makes, and what the cell must show."""

    formula: str
    name: str
    arguments: tuple[object, ...]
    shows: object  # a value, rows of values, or an error code


def _case(name: str, *arguments: object, shows: object) -> Case:
    return Case(f"=ERP.{name}({','.join(_typed(one) for one in arguments)})", name, arguments, shows)


def _typed(argument: object) -> str:
    if argument is None:
        return ""
    if isinstance(argument, str):
        return '"' + argument.replace('"', '""') + '"'
    if isinstance(argument, tuple):
        return "{" + ";".join(_typed(one) for one in argument) + "}"
    return str(argument)


CASES: tuple[Case, ...] = (
    _case("STOCK", "BM-001-BK", shows=12),
    _case("STOCK", "BM-002", shows=-1),
    _case("STOCK", "007", shows=3),
    _case("STOCK", 7, shows="#N/A"),  # the number 7 is not the code 007
    _case("STOCK", "BM-009", shows="#N/A"),
    _case("STOCK", "BM-004", shows="#N/A"),  # not counted yet
    _case("AVAILABLE", "BM-001-BK", shows=7),
    _case("AVAILABLE", "BM-001-BK", OTHER, shows=3),
    _case("AVAILABLE", "BM-001-BK", SHOP, shows="#N/A"),
    _case("RESERVED", "BM-001-BK", shows=2),
    _case("FORECAST", "BM-001-BK", 7, shows=8.75),
    _case("FORECAST", "BM-001-BK", shows=35.00),
    _case("FORECAST", "BM-004", 7, shows="#N/A"),
    _case("FORECAST", "BM-009", shows="#N/A"),
    _case("FORECAST", "BM-001-BK", 0, shows="#NUM!"),
    _case("REORDER", "BM-001-BK", shows=24),
    _case("REORDER", "BM-004", shows="#N/A"),
    _case("REORDER", "BM-009", shows="#N/A"),
    _case("SALES", "金额", "2026-11-01", "2026-11-30", shows=259.70),
    _case("SALES", "amount", "2026-11-10", "2026-11-10", shows=199.80),
    _case("SALES", "件数", "2026-11-01", "2026-11-30", "BM-001-BK", shows=2),
    _case("SALES", "金额", "2026-11-01", "2026-11-30", "BM-001-BK", shows=120.00),
    _case("SALES", "件数", "2026-11-01", "2026-11-30", "BM-003", shows=0),  # known and never sold
    _case("SALES", "金额", "2026-11-01", "2026-11-30", "BM-009", shows="#N/A"),
    _case("SALES", "订单数", "2026-11-01", "2026-11-30", None, OTHER, shows=1),
    _case("SALES", "金额", "2026-11-01", "2026-11-30", "跑鞋", None, "分组", shows=120.00),
    _case("SALES", "件数", "2026-11-01", "2026-11-30", "鞋", OTHER, "类目", shows=0),
    _case("SALES", "件数", "2026-11-01", "2026-11-30", "7001", None, "商品", shows=2),
    _case("SALES", "金额", "2026-11-01", "2026-11-30", "没有的组", None, "分组", shows="#N/A"),
    _case("SALES", "金额", "2026-11-01", "2026-11-30", "跑鞋", None, "星期", shows="#VALUE!"),
    _case("RETURNRATE", "2026-11-01", "2026-11-30", "BM-001-BK", shows=33.3),  # 1 of 3
    _case("RETURNRATE", "2026-11-01", "2026-11-30", "鞋", SHOP, "类目", shows=0),
    _case("RETURNRATE", "2026-11-20", "2026-11-30", "BM-001-BK", shows="#NUM!"),
    _case("COST", "BM-001-BK", shows=33.3333),
    _case("COST", "BM-001-BK", "W002", shows=40),
    _case("COST", "BM-001-BK", "二仓", shows=40),
    _case("COST", "BM-003", shows="#N/A"),
    _case("INTRANSIT", "BM-001-BK", shows=5),
    _case("TURNOVER", "BM-001-BK", "2026-11-02", "2026-11-30", shows=0.14),  # 60 ÷ ((460 + 400) ÷ 2)
    _case("TURNOVER", "BM-001-BK", "2026-10-01", "2026-10-30", shows="#NUM!"),
    _case("SALES", "利润", "2026-11-01", "2026-11-30", shows="#VALUE!"),
    _case("SALES", "金额", "昨天", "2026-11-30", shows="#VALUE!"),
    _case("ORDERS", "2026-11-11", "2026-11-11", shows=2),
    _case("ORDERS", "2026-11-11", "2026-11-11", "待发货", shows=1),
    _case("ORDERS", "2026-11-11", "2026-11-11", "到手", shows="#VALUE!"),
    _case("ORDERS", 46336, 46337, shows=3),  # dates as serial numbers
    _case("PARCELS", "包裹数", "2026-11-10", "2026-11-10", shows=2),
    _case("PARCELS", "parcels", "2026-11-10", "2026-11-10", "极兔", shows=0),
    _case("PARCELS", "揽收小时", "2026-11-10", "2026-11-10", "中通", shows=1.5),
    _case("PARCELS", "签收天数", "2026-11-10", "2026-11-10", "中通", shows=1.9),
    _case("PARCELS", "签收天数", "2026-11-11", "2026-11-12", shows="#NUM!"),
    _case("PARCELS", "问题率", "2026-11-10", "2026-11-10", shows=50),
    _case("PARCELS", "运费", "2026-11-01", "2026-11-30", shows=5.2),
    _case("PARCELS", "每件运费", "2026-11-01", "2026-11-30", shows=2.6),
    _case("PARCELS", "每公斤运费", "2026-11-01", "2026-11-30", shows=2.26),
    _case("PARCELS", "包裹数", "2026-11-10", "2026-11-10", "中通", "海南省", shows=0),
    _case("PARCELS", "快不快", "2026-11-10", "2026-11-10", shows="#VALUE!"),
    _case("PARCELS", "包裹数", "2026-11-10", "2026-11-10", "飞鸽", shows="#N/A"),
    _case("ORDERSTATUS", A, shows="已发货"),
    _case("ORDERSTATUS", "1", shows="#N/A"),
    _case("ORDERSTATUS", 2912345678901234561, shows="#VALUE!"),  # its last digits are lost in a spreadsheet
    _case("WAYBILL", A, shows="ZT1 ZT2"),
    _case("WAYBILL", B, shows=""),
    _case("WAYBILLSTATE", "ZT1", shows="已发货"),
    _case("WAYBILLSTATE", "ZT2", shows="已作废"),
    _case("WAYBILLSTATE", "ZT3", shows="#N/A"),
    _case("COURIER", A, shows=[["中通", "运费表里最便宜:中通"]]),
    _case("ACCOUNT", "1012.01", "2026-11", shows=130.00),
    _case("ACCOUNT", "1012.01", 202611, "期初余额", shows=100.10),
    _case("ACCOUNT", "1012.01", "2026年11月", "借方", shows=50.00),
    _case("ACCOUNT", "1012.01", 46336, "credit", shows=20.10),  # a date of that month
    _case("ACCOUNT", 1012, 202611, shows=137.00),  # with those below it
    _case("ACCOUNT", "1012.01", "202609", shows=0),
    _case("ACCOUNT", "1012.01", "2027-01-15", "opening", shows=130.00),
    _case("ACCOUNT", "5001", "2026/10", "closing balance", shows=-100.10),  # debit less credit, as 科目余额
    _case("ACCOUNT", "1001", "2026-11", shows=0),  # known, and nothing posted to it
    _case("ACCOUNT", "9999", "2026-11", shows="#N/A"),
    _case("ACCOUNT", "1012.03", "2026-11", shows="#N/A"),
    _case("ACCOUNT", "1012.01", "2026-13", shows="#VALUE!"),
    _case("ACCOUNT", "1012.01", 2026.11, shows="#VALUE!"),
    _case("ACCOUNT", "1012.01", "2026-11", "余数", shows="#VALUE!"),
    _case("VOUCHER", "202611-0001", shows=[[46336.5, "1012.01", "支付宝", "收到货款", 50.0, ""], [46336.5, "5001", "主营业务收入", "收到货款", "", 50.0]]),
    _case("VOUCHER", "202611-0002", shows="#N/A"),
    _case("VOUCHER", "202610-0003", shows="#N/A"),  # archived where nobody can look it up
    _case("BILLED", A, shows=[[46338.5, "交易付款", 199.8, "", "2"], [46339.5, "天猫佣金", "", 9.99, "1"]]),
    _case("BILLED", B, shows="#N/A"),
    _case("BILLED", C, shows="#N/A"),  # one of its two rows was archived
    _case("FREIGHT", "广东省", 0.8, shows=3.00),
    _case("FREIGHT", "广东", 2.3, "中通", shows=5.40),
    _case("FREIGHT", "北京", 1, shows=9.00),
    _case("FREIGHT", "北京", 1, "中通", shows="#N/A"),
    _case("FREIGHT", "广东", 0, shows="#VALUE!"),
    _case("FREIGHT", "广东", 0.8, "中通", "", "三仓", shows="#N/A"),
    _case("ASOF", shows=46338 + 9.5 / 24),
    _case("VOLUMEKG", 9000, 8000, shows=1.125),
    _case("VOLUMEKG", 9000, 0, shows="#NUM!"),
    _case("CHARGEDKG", 1.2, 1.125, shows=1.2),
    _case("ONHAND", 100, 12, 1, shows=89),
    _case("ONHAND", 100, 1.5, 1, shows="#VALUE!"),
    _case("SELLABLE", 89, 5, 10, shows=74),
    _case("SAFETYSTOCK", 6, 7, 0.95, shows=27),  # 1.6449 × 6 × √7 = 26.11
    _case("SAFETYSTOCK", 6, 7, 95, 12, 2, shows=48),  # 1.6449 × √(7·36 + 144·4) = 47.33
    _case("SAFETYSTOCK", 6, 7, 100, shows="#NUM!"),
    _case("REORDERPOINT", 12, 7, 27, shows=111),
    _case("DAYSOFSTOCK", 228, 12, shows=19.0),
    _case("DAYSOFSTOCK", 228, 0, shows="#NUM!"),
    _case("VAT", 113, "一般纳税人", "2026-11-11", shows=13.00),
    _case("VAT", 113, "小规模", "2026-11-11", shows=1.12),
    _case("VAT", 113, "小规模", "2028-01-01", shows=3.29),
    _case("VAT", 113, "小规模", "2020-11-11", shows="#N/A"),
    _case("VAT", 106, "小规模", "2020-11-11", 6, shows=6.00),
    _case("RFM", (1, 40, 90, 200, 365), (9, 7, 5, 3, 1), (500, 400, 300, 200, 100), shows=[["555"], ["444"], ["333"], ["222"], ["111"]]),
    _case("RFM", (1, 2), (1,), (1, 2), shows="#VALUE!"),
)  # fmt: skip


def book() -> Book:
    """The shop as functions see it."""
    tables: dict[str, dict[str, Row]] = {
        name: {row_key(BY_NAME[name], row): row for row in rows} for name, rows in ROWS.items()
    }
    return Book(tables, AS_OF)
