"""A courier's monthly bill and the truth behind it: what it weighed, what its contract says, and what it got wrong.

The layout is one that the documentation describes; prices are the sandbox's own contract, in fen and grams. Shares no code
with what reads bills or works freight out.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import xlsxwriter

from sync_engine.clock import parse_time
from sync_engine.sandbox.couriers import courier
from sync_engine.sandbox.money import yuan
from sync_engine.sandbox.store import Store

KINDS = ("equal", "heavier", "surcharge", "left_out", "doubled", "unknown")
"""What can be true of a row. "left_out" rows are in no bill; "unknown" ones are of no parcel of the shop."""
_SHARES = (70, 10, 7, 7, 4, 2)
_ZONES: tuple[tuple[str, int, int, int], ...] = (
    ("江苏 浙江 上海 安徽", 3000, 290, 130),
    ("广东 福建 江西 湖南 湖北 河南 河北 山东 山西 陕西 四川 重庆 云南 贵州 广西", 3000, 300, 150),
    ("北京 天津", 3000, 350, 160),
    ("辽宁 吉林 黑龙江", 3000, 350, 275),
    ("甘肃 青海 宁夏", 1000, 550, 250),
    ("海南 内蒙古", 1000, 750, 550),
    ("新疆 西藏", 1000, 1600, 500),
)
"""Provinces, grams of the first weight, its price, and that of each kilogram begun beyond it, in fen."""
_OFFSETS = {"ZTO": 20, "YTO": 0, "YUNDA": -5, "STO": 5, "JT": -15}
PRICED = tuple(_OFFSETS)
"""Couriers the sandbox has a contract with."""
HEADERS = ("序号", "寄件日期", "运单号", "目的地", "计费重量(kg)", "总费用(元)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A parcel as the courier took it in."""

    code: str
    province: str
    grams: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledParcel:
    """A row of the bill with what it truly is. Fen and grams."""

    sent: Sent
    fee: int
    grams: int
    kind: str


def charge(cp_code: str, province: str, grams: int) -> int:
    """What the contract says, in fen."""
    for provinces, first, price, step in _ZONES:
        if any(province.startswith(name) for name in provinces.split()):
            more = max(0, -(-(grams - first) // 1000))
            return price + _OFFSETS[cp_code] + more * step
    raise ValueError(f"no price for {province}")


def billed(sent: Sequence[Sent], cp_code: str, seed: int) -> list[BilledParcel]:
    """What becomes of each parcel, the left-out ones among them; then rows of parcels nobody here sent."""
    rng, by = random.Random(f"courier:{seed}:{cp_code}"), courier(cp_code)
    assert by is not None, "a courier that is known"
    found: list[BilledParcel] = []
    for one in sorted(sent, key=lambda parcel: (parcel.at, parcel.code)):
        kind = rng.choices(KINDS, _SHARES)[0]
        grams = one.grams + (rng.randrange(1, 4) * 1000 + 3000 if kind == "heavier" else 0)
        extra = rng.choice((50, 200)) if kind == "surcharge" else 0
        row = BilledParcel(sent=one, fee=charge(cp_code, one.province, grams) + extra, grams=grams, kind="equal" if kind in ("unknown", "doubled") else kind)  # fmt: skip
        found.append(row)
        if kind == "doubled":
            found.append(replace(row, kind="doubled"))
        if kind == "unknown":
            other = replace(one, code=by.new_number(rng), grams=500)
            found.append(BilledParcel(sent=other, fee=charge(cp_code, one.province, 500), grams=500, kind="unknown"))  # fmt: skip
    return found


def bill_rows(rows: Sequence[BilledParcel]) -> list[tuple[str, ...]]:
    """The file's rows: header, parcels, their sum."""
    kept = [row for row in rows if row.kind != "left_out"]
    body = [
        (str(number), f"{row.sent.at:%Y-%m-%d}", row.sent.code, row.sent.province, f"{row.grams / 1000:.3f}", yuan(row.fee))
        for number, row in enumerate(kept, start=1)
    ]  # fmt: skip
    return [HEADERS, *body, ("合计", "", "", "", "", yuan(sum(row.fee for row in kept)))]


def bill_csv(rows: Sequence[BilledParcel]) -> bytes:
    """The bill as couriers' systems write csv: GB18030."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(bill_rows(rows))
    return out.getvalue().encode("gb18030")


def bill_xlsx(rows: Sequence[BilledParcel]) -> bytes:
    """The bill as a workbook with a title above the header."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("对账单")
        sheet.write_string(0, 0, "月结客户对账单")
        for number, cells in enumerate(bill_rows(rows), start=1):
            for column, text in enumerate(cells):
                sheet.write_string(number, column, text)
    return out.getvalue()


def sent_parcels(store: Store, cp_code: str, month: str) -> list[Sent]:
    """The parcels of a world that left with a courier in a month ("2026-10"), at the weight they were handed over with."""
    sql = (
        "SELECT DISTINCT waybill.code, waybill.doc, parcel.at, trade.doc FROM waybill JOIN parcel ON parcel.out_sid = waybill.code "
        "JOIN trade ON trade.tid = parcel.tid WHERE waybill.cp_code = ? AND substr(parcel.at, 1, 7) = ? ORDER BY waybill.code"
    )
    found: dict[str, Sent] = {}
    for code, doc, at, trade in store.rows(sql, (cp_code, month)):
        moment = parse_time(str(at))
        assert moment is not None, "a parcel left at some time"
        grams = int(json.loads(doc)["entry"]["package_info"]["weight"])
        found[str(code)] = Sent(
            code=str(code), province=str(json.loads(trade)["receiver_state"]), grams=grams, at=moment
        )
    return list(found.values())
