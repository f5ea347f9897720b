"""The custom functions in node: the table of cases, and thousands of random questions answered as Python answers them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from formulas.book import Book
from formulas.call import call
from formulas.catalogue import FUNCTIONS
from formulas.declare import Argument, CellError, Function, Takes
from formulas.tax import PAYERS
from sync_engine.clock import SHANGHAI
from tests.apps_script.conftest import CASE_ROWS
from tests.apps_script.node import run, sheets_of
from tests.functions.cases import AS_OF, CASES, A, B
from tests.functions.test_call import as_arguments
from workbook_templates.provinces import PROVINCES as NAMES
from workbook_templates.schema import Lang, row_key
from workbook_templates.tables import BY_NAME
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, TRADE_STATUS

PROVINCES = [name for name, _ in NAMES]
CODES = ("#N/A", "#VALUE!", "#NUM!")


def shown(result: Any) -> Any:
    """Errors as their codes, thrown ones and those among the rows of a range."""
    if isinstance(result, dict):
        code, _, sentence = result["$error"].partition(" ")
        assert code in CODES and sentence, result
        return code
    if isinstance(result, list):
        return [[next((c for c in CODES if str(x).startswith(f"{c} ")), x) for x in row] for row in result]
    return result


def as_shown(result: Any) -> Any:
    if isinstance(result, list):
        return [[as_shown(cell) for cell in row] for row in result]
    return result.code if isinstance(result, CellError) else result


def near(expected: Any) -> Any:
    if isinstance(expected, list):
        return [[near(cell) for cell in row] for row in expected]
    if isinstance(expected, float) or (isinstance(expected, int) and abs(expected) > 2**53):
        return pytest.approx(float(expected), rel=1e-12, abs=1e-9)  # a cell holds a double
    return expected


@pytest.mark.parametrize("lang", list(Lang))
def test_the_table_of_cases(project: Path, lang: Lang) -> None:
    calls = [[f"ERP_{case.name}", as_arguments(case)] for case in CASES]
    results = run(project, sheets=sheets_of(CASE_ROWS, lang), calls=calls)["results"]
    for case, result in zip(CASES, results, strict=True):
        expected = (
            {
                "已发货": "Shipped",
                "已作废": "Cancelled",
                "中通": "ZTO",
                "交易付款": "Buyer's payment",
                "天猫佣金": "Tmall commission",
            }
            if lang is Lang.EN
            else {}
        )
        wanted = json.loads(json.dumps(case.shows))
        wanted = (
            [[expected.get(c, c) for c in row] for row in wanted]
            if isinstance(wanted, list)
            else expected.get(wanted, wanted)
        )
        assert shown(result) == near(wanted), case.formula
    assert {case.name for case in CASES} == {function.name for function in FUNCTIONS}


def test_an_error_has_the_engines_sentence_in_the_sheets_language(project: Path) -> None:
    calls = [
        ["ERP_STOCK", ["BM-009"]],
        ["ERP_STOCK", [""]],
        ["ERP_ONHAND", [1.5, 1, 1]],
        ["ERP_STOCK", [2912345678901234561]],
    ]
    for lang in Lang:
        told = run(project, sheets=sheets_of(CASE_ROWS, lang), calls=calls)["results"]
        book = _book({**CASE_ROWS}, lang)
        for (name, words), one in zip(calls, told, strict=True):
            error = call(name, words, book, lang)
            assert isinstance(error, CellError) and one["$error"] == f"{error.code} {error.text(lang)}"


def test_a_range_reads_each_sheet_once_and_one_bad_cell_spoils_no_other(project: Path) -> None:
    column = [["BM-001-BK"], ["?"], [""], ["007"]] * 50
    answer = run(project, sheets=sheets_of(CASE_ROWS), calls=[["ERP_STOCK", [column]]])
    assert shown(answer["results"][0]) == [[12], ["#N/A"], ["#VALUE!"], [3]] * 50
    assert answer["results"][0][1] == ["#N/A 没有商家编码 ?"] and answer["log"]["reads"] == 1
    assert answer["log"]["writes"] == []


def test_halves_are_rounded_as_in_python(project: Path) -> None:
    halves = [0.125, -0.125, 0.135, 2.005, 1.25, 0.25, 0.35, -1.25, 0.0005, 1.0005]
    calls: list[list[Any]] = [
        ["ERP_VAT", [one, "general", "2026-11-11", rate]] for one in halves for rate in (0, 25, 100)
    ]
    calls += [["ERP_DAYSOFSTOCK", [one, 1]] for one in halves] + [["ERP_CHARGEDKG", [one]] for one in halves]
    results = run(project, sheets=sheets_of({}), calls=calls)["results"]
    for (name, words), result in zip(calls, results, strict=True):
        assert result == near(as_shown(call(name, words, None))), (name, words)


def test_one_more_argument_of_a_query_only_asks_it_anew(project: Path) -> None:
    calls = [
        ["ERP_STOCK", ["007", "changed"]],
        ["ERP_ASOF", [[["x"]]]],
        ["ERP_STOCK", ["007", 1, 2]],
        ["ERP_ONHAND", [1, 1, 1, 1]],
    ]
    results = run(project, sheets=sheets_of(CASE_ROWS), calls=calls)["results"]
    assert [shown(one) for one in results] == [3, near(46338 + 9.5 / 24), "#VALUE!", "#VALUE!"]


def test_sheets_that_are_missing_or_moved_are_told(project: Path) -> None:
    sheets = sheets_of(CASE_ROWS)
    stock = sheets["库存"]
    sheets["库存"] = [list(reversed(row)) for row in stock]  # people move columns
    assert run(project, sheets=sheets, calls=[["ERP_STOCK", ["007"]]])["results"] == [3]
    stock[0][0] = "编码"
    (told,) = run(project, sheets={**sheets, "库存": stock}, calls=[["ERP_STOCK", ["007"]]])["results"]
    assert told["$error"] == "#N/A “库存”里找不到“商家编码”这一列"
    (told,) = run(project, sheets={"别的": [["a"]]}, calls=[["ERP_STOCK", ["007"]]])["results"]
    assert told["$error"].startswith("#N/A 没有“库存”这张表")
    (told,) = run(project, sheets=sheets_of({}), calls=[["ERP_ASOF", []]])["results"]
    assert told["$error"] == "#N/A 还没有同步过"


def _book(rows: dict[str, Any], lang: Lang = Lang.ZH) -> Book:
    tables = {name: {row_key(BY_NAME[name], row): row for row in some} for name, some in rows.items()}
    return Book(tables, AS_OF, lang)


SHOPS = ("山月旗舰店", "山月专卖店")
STOCKED = ("BM-1", "BM-2", "007", "套装 A")


def random_rows(rng: random.Random) -> dict[str, Any]:
    """A shop with orders, lines and freight rows of every kind."""

    def money() -> Decimal:
        return Decimal(rng.randrange(0, 50000)) / 100

    def moment() -> datetime | None:
        at = datetime(2026, 11, 1, tzinfo=SHANGHAI) + timedelta(seconds=rng.randrange(20 * 86400))
        return rng.choice([at, at, at.replace(hour=0, minute=0, second=0), None])

    orders = [
        {
            "tid": f"29{n:017d}", "stage": rng.choice(ORDER_STAGE).name, "status": rng.choice(TRADE_STATUS).name,
            "created": moment(), "pay_time": moment(), "paid_amount": rng.choice([money(), None]),
            "quantity": rng.choice([1, 2, 3, None]), "shop": rng.choice([*SHOPS, None]),
            "courier": rng.choice([*(c.name for c in COURIERS), None]), "courier_why": rng.choice(["最便宜", None]),
            "waybill_codes": rng.choice(["ZT1 ZT2", None]),
        }
        for n in range(60)
    ]  # fmt: skip
    lines = [
        {
            "oid": str(n), "tid": rng.choice(orders)["tid"] if rng.random() < 0.95 else "0", "outer_id": rng.choice([*STOCKED, None]), "sku_id": rng.choice(["51", "52", None]), "num_iid": rng.choice(["7001", None]),
            "num": rng.choice([1, 5, None]), "amount": rng.choice([money(), None]), "status": rng.choice(TRADE_STATUS).name,
            "refund_status": rng.choice(["SUCCESS", "NO_REFUND", None]), "refund_amount": rng.choice([money(), None, None]),
        }
        for n in range(150)
    ]  # fmt: skip
    kilos = [None, Decimal(0), Decimal("0.5"), Decimal(1), Decimal(3), Decimal("10.25")]
    freight = [
        {
            "rate_id": f"F{n:03d}", "warehouse": rng.choice(["主仓", "W002", "没有的仓", None, None, None]), "courier": rng.choice([*(c.name for c in COURIERS[:4]), None]),
            "enabled": rng.choice(["yes", "no", None, None]),
            "provinces": rng.choice(["、".join(rng.sample(PROVINCES, 6)), "其他", "浙江省，广东", "Other;西藏", "新疆 西藏/青海", None]),
            "cities": rng.choice([None, None, None, "杭州", "广州市、深圳"]), "weight_from": rng.choice(kilos), "weight_to": rng.choice(kilos),
            "first_kg": rng.choice(kilos), "first_price": rng.choice([money(), money(), Decimal("-1"), None]),
            "step_kg": rng.choice(kilos), "step_price": rng.choice([money(), None]), "volume_ratio": rng.choice([None, None, Decimal(6000), Decimal(0)]),
        }
        for n in range(60)
    ]  # fmt: skip
    stock = [
        {"stock_code": code, "on_hand": rng.choice([None, -3, 0, 7]), "reserved": 1, "sellable": None}
        for code in STOCKED[:3]
    ]
    shop_stock = [
        {"stock_code": code, "shop": SHOPS[0], "wanted": rng.choice([None, 0, 5])} for code in STOCKED
    ]
    proposals = [
        {"stock_code": code, "daily": rng.choice([money(), None]), "suggest": rng.choice([0, 24, None])}
        for code in STOCKED[1:]
    ]
    balances = [
        {"stock_code": code, "warehouse": place, "on_hand": rng.choice([0, 4, -1, None]), "in_transit": rng.choice([0, 5, None]),
         "value": rng.choice([money(), None])}
        for code in STOCKED[:3] for place in ("W001", "W002")
    ]  # fmt: skip
    moves = [
        {"move_id": f"m{n}", "at": moment(), "stock_code": rng.choice(STOCKED), "stock_value": rng.choice([money(), -money(), None]),
         "sold": rng.choice([money(), None]), "defective": rng.choice([True, False, None])}
        for n in range(60)
    ]  # fmt: skip
    products = [
        {"sku_key": "51", "outer_id": "BM-9", "num_iid": "7001", "groups": "双11、跑鞋", "category": "鞋"},
        {"sku_key": "52", "outer_id": None, "groups": "跑鞋"},
    ]
    return {
        **random_books(rng, money, moment, [one["tid"] for one in orders]),
        "orders": orders,
        "lines": lines,
        "freight": freight,
        "stock": stock,
        "shop_stock": shop_stock,
        "proposals": proposals,
        "balances": balances,
        "moves": moves,
        "warehouses": [{"warehouse": "W001", "name": "主仓"}, {"warehouse": "W002", "name": "二仓"}],
        "products": products,
        "log": [{"log_id": "1", "at": AS_OF}],
    }


ACCOUNTS = ("1012", "1012.01", "1012.01.a", "1012.010", "5001", "2221.01.02", "9999")


def random_books(rng: random.Random, money: Any, moment: Any, tids: list[str]) -> dict[str, Any]:
    """Accounts, sums, vouchers and bills of every kind, some of them archived or spoiled."""
    amount = lambda: rng.choice([money(), -money(), None, Decimal(0)])  # noqa: E731
    sums = [
        {"sum_id": str(n), "account": rng.choice(ACCOUNTS[:-1]), "period": rng.choice([202512, 202610, 202611, 202611, None]), "debit": amount(), "credit": amount()}
        for n in range(80)
    ]  # fmt: skip
    postings = [
        {"voucher": f"202611-{n // 4 + 1:04d}", "line": f"{n % 4 + 98:02d}", "on": moment(), "account": rng.choice(ACCOUNTS), "debit": amount(), "credit": amount(),
         "memo": rng.choice(["收到货款", None]), "problem": rng.choice([None, None, None, "改过"])}
        for n in range(24)
    ]  # fmt: skip
    bills = [
        {"account": "2088", "log_id": str(n), "leg": "in", "at": moment(), "tid": rng.choice(tids[:9]), "item": rng.choice(["sale_payment", "interest", "新的", None]), "income": amount(), "outgo": amount()}
        for n in range(30)
    ]  # fmt: skip
    return {
        "accounts": [{"account_id": str(n), "code": code, "name": f"科目{n}", "problem": "不对" if code == "9999" else None} for n, code in enumerate((*ACCOUNTS, "1001"))],
        "account_sums": sums, "postings": rng.sample(postings, len(postings)), "bills": bills,
        "periods": [{"period": "202610", "vouchers": 5, "archive": "归档/a.xlsx", "bill_archive": rng.choice(["归档/b.xlsx", None])}, {"period": "202611", "vouchers": 6}],
        "matches": [{"match_id": tid, "rows": rng.choice([0, 2, 4, None])} for tid in tids[:9]],
    }  # fmt: skip


NUMBERS: list[Any] = [
    0,
    1,
    -1,
    0.5,
    0.95,
    95,
    7,
    12.34,
    1000000,
    1e-9,
    1e40,
    -2.5,
    "3",
    "1,234.5",
    " 2 ",
    "x",
    "1e3",
    ".5",
    True,
    None,
]
TEXTS: list[Any] = [
    *STOCKED, "BM-9", "52", "?", "金额", "units", "Orders", "件数", *SHOPS, "浙江", "广东省", "西藏自治区", "北京市", "杭州市", "深圳", "中通",
    "zto", "顺丰", "待发货", "shipped", "On hold", "小规模", "general", A, B, "29" + "0" * 17, "29" + "0" * 16 + "7", 7, 7.5, 29e17, True, "", None,
    *(one.en for one in PAYERS),
]  # fmt: skip
DATES: list[Any] = [
    "2026-11-01", "2026/11/5", "2026年11月11日", "2026-11-11 10:30", "2026-11-11 10:30:59", "2026-02-30", "2028-01-01", "2020-1-1",
    46336, 46340.5, 46330.123456, 0, -1, 3e6, "昨天", True, None,
]  # fmt: skip
MONTHS: list[Any] = [
    "2026-11",
    202611,
    "202610",
    "2026/1",
    "2026年10月",
    202613,
    202600,
    20261,
    202611.5,
    "2026-13",
    "二〇二六",
    *DATES,
]
POOLS = {
    Takes.MONTH: MONTHS,
    Takes.TEXT: TEXTS,
    Takes.NUMBER: NUMBERS,
    Takes.COUNT: [*NUMBERS, 3, 40, 100],
    Takes.DATE: DATES,
}
FITTING: dict[str, list[Any]] = {
    "measure": ["金额", "units", "订单数"], "province": ["浙江", "广东省", "西藏", "青海省", *PROVINCES[:8]], "courier": ["中通", "YTO", "韵达", None],
    "city": ["杭州市", "深圳", None], "warehouse": ["主仓", "W002", "二仓", "三仓", None], "days": [7, 28, 181, None],
    "code": [*STOCKED, "BM-9", "7001", "跑鞋", "鞋", *SHOPS], "by": ["商家编码", "商品", "分组", "category", "店铺", "星期", None, None, None], "weight_kg": [0.3, 0.5, 1, 1.0001, 2.3, 10.25, 11], "service": [0.5, 0.9, 0.95, 0.999, 99.99, 3e-5],
    "start": ["2026-11-01", 46330.25, "2026-11-06"], "end": ["2026-11-18", 46337.123456, "2026-11-11 10:30"], "shop": [*SHOPS, None],
    "account": [*ACCOUNTS, "1001", 1012, 5001], "month": ["2026-11", 202611, "2026-10", "2025-12", "2024-1", 46336], "figure": ["期末余额", "opening", "借方", "Credit", "余额", None],
    "voucher": [*(f"202611-{n:04d}" for n in range(1, 8)), "202610-0005", "202610-0006", "202610-x"], "stage": ["待发货", "shipped", None], "payer": ["小规模", "一般纳税人", "general 9%"], "tid": ["29" + "0" * 16 + str(n) for n in range(9)],
}  # fmt: skip


def random_argument(rng: random.Random, one: Argument) -> Any:
    if one.takes is Takes.COLUMN:
        return [
            [rng.choice([rng.randrange(9), rng.randrange(999) / 8])]
            for _ in range(rng.choice([4, 4, 4, 4, 5]))
        ]
    pool = FITTING.get(one.name, []) if rng.random() < 0.7 else []
    pick: Callable[[], Any] = lambda: rng.choice(pool or POOLS[one.takes])  # noqa: E731
    if rng.random() < 0.06:
        return [[pick()] for _ in range(3)]
    if one.takes is Takes.NUMBER and not pool and rng.random() < 0.6:
        return round(rng.uniform(0, 50), rng.randrange(6))
    return pick()


def random_calls(rng: random.Random, function: Function, many: int) -> list[list[Any]]:
    calls = []
    for _ in range(many):
        width = rng.randrange(function.needed, len(function.arguments) + 1)
        calls.append(
            [f"ERP_{function.name}", [random_argument(rng, one) for one in function.arguments[:width]]]
        )
    return calls


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 6))])
def test_random_questions_to_random_shops_are_answered_as_in_python(project: Path, seed: int) -> None:
    rng = random.Random(seed)
    rows = random_rows(rng)
    book = _book(rows)
    many = 200 if seed else 60
    calls = [one for function in FUNCTIONS for one in random_calls(rng, function, many)]
    results = run(project, sheets=sheets_of(rows), calls=calls)["results"]
    good = dict.fromkeys((function.name for function in FUNCTIONS), 0)
    for (name, words), result in zip(calls, results, strict=True):
        expected = as_shown(call(name, words, book))
        assert shown(result) == near(json.loads(json.dumps(expected))), (name, words, result)
        good[name[4:]] += expected not in CODES
    assert all(good.values()), good
