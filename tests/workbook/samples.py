"""A small made-up shop for pictures and tests: about sixty orders over two weeks, masked names only."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from workbook_templates.schema import Value

Row = dict[str, Value]
SHANGHAI = timezone(timedelta(hours=8), "CST")
NOW = datetime(2026, 11, 11, 21, 30, tzinfo=SHANGHAI)

TODAY = NOW.replace(hour=0, minute=0)
EDGES = {
    0: TODAY - timedelta(days=13, seconds=1),  # the last second before the days shown
    1: TODAY - timedelta(days=13),
    2: TODAY - timedelta(seconds=1),
    3: TODAY,
}
"""Orders placed at the edges of the days the dashboard shows."""

GOODS = (
    ("CUP-350-WH", "手工陶瓷马克杯 350ml 带盖勺", "白色", "39.90", 420),
    ("CUP-350-BK", "手工陶瓷马克杯 350ml 带盖勺", "黑色", "39.90", 420),
    ("TEA-LJ-250", "明前龙井绿茶 250g 罐装", "一级", "168.00", 330),
    ("TEA-TGY-500", "安溪铁观音 清香型 500g", "特级", "128.00", 620),
    ("POT-ZS-200", "宜兴紫砂壶 手工西施壶 200cc", "朱泥", "299.00", 380),
    ("TRAY-BM-L", "重竹茶盘 干湿两用", "大号 46×28cm", "189.00", 2600),
    ("SET-TRV-4", "旅行茶具套装 一壶四杯", "天青", "119.00", 880),
    ("FLT-SS-01", "304 不锈钢茶漏", "标准", "15.80", 45),
    ("MAT-CT-60", "棉麻茶席布 60×30cm", "靛蓝", "26.00", 120),
    ("CAN-XL-01", "锡罐茶叶罐 密封", "大号", "79.00", 350),
    ("GIFT-BOX-A", "礼盒包装 含手提袋", "红金", "12.00", 260),
    ("CUP-GL-6", "高硼硅玻璃品茗杯 6 只装", "透明", "35.00", 300),
)
PLACES = (
    ("广东省", "深圳市", "南山区"), ("浙江省", "杭州市", "西湖区"), ("江苏省", "苏州市", "工业园区"), ("上海", "上海市", "浦东新区"),
    ("北京", "北京市", "朝阳区"), ("四川省", "成都市", "武侯区"), ("山东省", "青岛市", "市南区"), ("湖北省", "武汉市", "洪山区"),
    ("福建省", "厦门市", "思明区"), ("河南省", "郑州市", "金水区"), ("新疆维吾尔自治区", "乌鲁木齐市", "天山区"),
    ("辽宁省", "大连市", "中山区"), ("内蒙古自治区", "呼和浩特市", "赛罕区"), ("广东省", "广州市", "天河区"), ("浙江省", "宁波市", "鄞州区"),
)  # fmt: skip
COURIERS = ("ZTO", "YTO", "YUNDA", "JT", "STO")
STAGES = {
    "WAIT_BUYER_PAY": ("unpaid",),
    "WAIT_SELLER_SEND_GOODS": ("buying", "to_print", "to_ship", "to_ship", "person", "hold"),
    "SELLER_CONSIGNED_PART": ("part_shipped",),
    "WAIT_BUYER_CONFIRM_GOODS": ("shipped",),
    "TRADE_FINISHED": ("finished",),
    "TRADE_CLOSED": ("closed",),
    "TRADE_CLOSED_BY_TAOBAO": ("closed",),
}
MASKED = ("张**", "李**", "王**", "陈*", "刘**", "周**", "吴*", "郑**")
PROBLEM = "收货地址不在任何快递的运费表里:请在“指定快递”里选一家,或在运费表里补上新疆的价格。"


def sample_rows(orders: int = 60, seed: int = 7) -> dict[str, list[Row]]:
    """Rows of every table that the engine would fill."""
    rng = random.Random(seed)
    rows: dict[str, list[Row]] = {"orders": [], "lines": [], "waybills": []}
    for n in range(orders):
        order, lines = _order(rng, n, orders)
        rows["orders"].append(order)
        rows["lines"].extend(lines)
        if order["stage"] in ("to_print", "to_ship", "part_shipped", "shipped", "finished"):
            rows["waybills"].append(_waybill(order, lines, n))
    rows["products"] = [_product(n) for n in range(len(GOODS))]
    rows["stock"] = [_stock(rng, n, rows["lines"]) for n in range(len(GOODS))]
    rows["todo"] = _todos(rows["orders"])
    rows["log"] = [_log(rng, n) for n in range(18)]
    return rows


def _status(rng: random.Random, age: timedelta) -> str:
    if age > timedelta(days=8):
        return rng.choice(
            ("TRADE_FINISHED", "TRADE_FINISHED", "TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")
        )
    if age > timedelta(days=2):
        return rng.choice(
            (
                "WAIT_BUYER_CONFIRM_GOODS",
                "WAIT_BUYER_CONFIRM_GOODS",
                "TRADE_FINISHED",
                "SELLER_CONSIGNED_PART",
            )
        )
    return rng.choice(("WAIT_SELLER_SEND_GOODS",) * 5 + ("WAIT_BUYER_CONFIRM_GOODS", "WAIT_BUYER_PAY"))


def _order(rng: random.Random, n: int, total: int) -> tuple[Row, list[Row]]:
    created = EDGES.get(n) or NOW - timedelta(
        minutes=int(13.5 * 24 * 60 * ((total - n) / total) ** 1.6), seconds=rng.randrange(60)
    )
    status = _status(rng, NOW - created)
    stage = rng.choice(STAGES[status])
    tid = f"36{n:04}{rng.randrange(10**12, 10**13)}"
    paid_at = (
        None if status in ("WAIT_BUYER_PAY", "TRADE_CLOSED_BY_TAOBAO") else created + timedelta(minutes=3)
    )
    shipped = status in ("WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED", "SELLER_CONSIGNED_PART")
    consign = min(created + timedelta(hours=20), NOW) if shipped else None
    lines = [_line(rng, tid, k, status, consign) for k in range(rng.choice((1, 1, 1, 2, 2, 3)))]
    total_amount = sum((Decimal(str(line["amount"])) for line in lines), Decimal(0))
    refund = total_amount if status == "TRADE_CLOSED" else Decimal(0)
    province, city, district = PLACES[0] if n in EDGES else rng.choice(PLACES)
    courier = "POSTB" if province.startswith("新疆") else rng.choice(COURIERS)
    chosen = stage not in ("unpaid", "closed") or shipped
    person = stage == "person"
    order: Row = {
        "tid": tid, "stage": stage, "problem": PROBLEM if person else "", "status": status,
        "refund_status": "SUCCESS" if refund else rng.choice(("NO_REFUND",) * 9 + ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS")),
        "hold": stage == "hold", "courier_wanted": "SF" if n % 17 == 3 else None, "ship_mark": stage == "shipped" and n % 2 == 0,
        "note": "老客户,多放两包试喝装" if n % 11 == 5 else None, "memo_wanted": None,
        "seller_memo": "发顺丰" if n % 17 == 3 else "", "seller_flag": rng.choice((0, 0, 0, 1, 4)),
        "buyer_message": rng.choice(("", "", "", "", "请用纸箱包好,谢谢!", "=1+1 在家,放快递柜")),
        "goods": ";".join(f"{line['outer_id']}×{line['num']}" for line in lines),
        "quantity": sum(int(str(line["num"])) for line in lines), "total_amount": total_amount,
        "paid_amount": (total_amount - refund) if paid_at else Decimal(0), "refund_amount": refund, "post_fee": Decimal(0),
        "courier": courier if chosen and not person else None,
        "courier_why": f"规则 R005“其余选最便宜”→ 比价:{courier} 3.00、SF 18.00;计费重量 1.2 kg(估重 1.1 + 包材 0.1)" if chosen and not person else "",
        "weight_kg": Decimal("1.2"), "freight": Decimal("3.00") + Decimal(n % 5) / 10 if chosen and not person else None,
        "waybill_codes": f"7736{n:04}81234567"[:15] if shipped or stage in ("to_print", "to_ship") else "",
        "buyer": f"t{n % 10}**{n % 7}", "receiver": f"{rng.choice(MASKED)},*******{rng.randrange(1000, 10000)}",
        "province": province, "city": city, "district": district, "address": "***街道***号***室", "created": created,
        "pay_time": paid_at, "consign_time": consign, "end_time": NOW if status.startswith("TRADE_") else None,
        "modified": created + timedelta(hours=1), "shop": "山月茶器旗舰店", "source": "天猫接口",
    }  # fmt: skip
    return order, lines


def _line(rng: random.Random, tid: str, k: int, status: str, consign: datetime | None) -> Row:
    code, title, text, price, _ = rng.choice(GOODS)
    num = rng.choice((1, 1, 1, 2, 3))
    return {
        "oid": f"{int(tid) + k}", "tid": tid, "outer_id": code, "title": title, "sku_text": text, "num": num,
        "price": Decimal(price), "amount": Decimal(price) * num, "status": status,
        "refund_status": "SUCCESS" if status == "TRADE_CLOSED" else "NO_REFUND",
        "refund_amount": Decimal(price) * num if status == "TRADE_CLOSED" else Decimal(0),
        "package_no": None, "package_id": f"{tid}-1", "consign_time": consign, "num_iid": "68" + code[:3].encode().hex(),
        "sku_id": "5" + code.encode().hex()[:14],
    }  # fmt: skip


def _waybill(order: Row, lines: list[Row], n: int) -> Row:
    state = {"to_print": "bought", "to_ship": "printed"}.get(str(order["stage"]), "shipped")
    consign = order["consign_time"]
    return {
        "package_id": f"{order['tid']}-1", "waybill_code": order["waybill_codes"], "state": "refused" if n % 29 == 28 else state,
        "problem": "中通网点余额不足:请联系网点充值,充值后自动重试。" if n % 29 == 28 else "", "cp_code": order["courier"],
        "tid": order["tid"], "part": "1/1", "goods": order["goods"], "oids": ",".join(str(line["oid"]) for line in lines),
        "weight_kg": order["weight_kg"], "freight": order["freight"], "bought_at": order["pay_time"],
        "batch": "20261111-2030-1" if state != "bought" else None, "printed_at": order["pay_time"] if state != "bought" else None,
        "shipped_at": consign if state == "shipped" else None,
    }  # fmt: skip


def _product(n: int) -> Row:
    code, title, text, price, grams = GOODS[n]
    return {
        "sku_key": "5" + code.encode().hex()[:14], "outer_id": code, "title": title, "sku_text": text,
        "status": "instock" if n == 10 else "onsale", "price": Decimal(price), "tmall_qty": 120 - 9 * n,
        "weight_g": Decimal(grams) if n % 5 else None, "bin": f"A-{n // 4 + 1}-{n % 4 + 1}", "short_name": title[:6],
        "cost": Decimal(price) / 2, "problem": "" if n % 5 else "没有填重量:暂按 500 克估运费。", "num_iid": f"68{n:010}",
        "modified": NOW - timedelta(days=n),
    }  # fmt: skip


def _stock(rng: random.Random, n: int, lines: list[Row]) -> Row:
    code, title, text, _, _ = GOODS[n]
    counted = rng.choice((6, 18, 60, 200, 350))
    mine = [line for line in lines if line["outer_id"] == code]
    shipped = sum(int(str(line["num"])) for line in mine if line["consign_time"])
    reserved = sum(int(str(line["num"])) for line in mine if line["status"] == "WAIT_SELLER_SEND_GOODS")
    on_hand = counted - shipped
    sellable = max(on_hand - reserved, 0)
    return {
        "stock_code": code, "title": f"{title} {text}", "counted": counted, "safety": None, "push": "yes" if n % 6 else "no",
        "counted_at": NOW - timedelta(days=13), "shipped": shipped, "returned": 0, "on_hand": on_hand, "reserved": reserved,
        "sellable": sellable, "tmall_qty": sellable, "why": f"{counted} − {shipped} + 0 = {on_hand};{on_hand} − {reserved} − 0 = {sellable}",
        "problem": "账上是负数:请盘点一次。" if on_hand < 0 else "",
    }  # fmt: skip


def _todos(orders: list[Row]) -> list[Row]:
    rows: list[Row] = []
    for n, order in enumerate([order for order in orders if order["stage"] == "person"], 1):
        rows.append({
            "todo_id": f"T{n:010}", "state": "open", "severity": "stop", "sheet": "订单", "row_key": order["tid"],
            "reason": "没有快递送到这个地址:运费表里没有新疆。", "advice": "在这一单的“指定快递”里选一家,或在运费表里补上价格。",
            "since": NOW - timedelta(hours=n),
        })  # fmt: skip
    rows.append({
        "todo_id": "T9900000001", "state": "open", "severity": "tell", "sheet": "库存", "row_key": "CUP-350-WH",
        "reason": "“可卖”被改成 99,已改回。", "advice": "要改库存请填“盘点数”。", "typed": "99", "ours": "12", "since": NOW,
    })  # fmt: skip
    rows.append({
        "todo_id": "T9900000002", "state": "solved", "severity": "ask", "sheet": "商品", "row_key": "MAT-CT-60",
        "reason": "没有商家编码。", "advice": "在天猫后台给这个 SKU 填商家编码。", "since": NOW - timedelta(days=3),
        "solved_at": NOW - timedelta(days=1), "done": True,
    })  # fmt: skip
    return rows


def _log(rng: random.Random, n: int) -> Row:
    return {
        "log_id": f"20261111-{n:04}", "at": NOW - timedelta(minutes=10 * (18 - n)), "orders_new": rng.randrange(6),
        "orders_changed": rng.randrange(9), "waybills": rng.randrange(5), "cancelled": 0, "shipped": rng.randrange(5),
        "stock_pushed": rng.randrange(4), "put_back": int(n == 9), "todo": int(n == 9),
        "note": "天猫限流,13 秒后自动重试,已补齐。" if n == 12 else "",
    }  # fmt: skip


def expected_dashboard(rows: Mapping[str, list[Row]], back: timedelta = timedelta()) -> dict[str, object]:
    """What the dashboard must show, worked out in Python from the same rows, `back` before the newest order's day."""
    orders, lines = rows["orders"], rows["lines"]
    day = max(_date(order["created"]) for order in orders) - back
    first = day - timedelta(days=13)
    today = {
        field: [o for o in orders if o[field] and _date(o[field]) == day]
        for field in ("created", "pay_time", "consign_time")
    }
    stages = [str(order["stage"]) for order in orders]
    recent = [order for order in orders if first <= _date(order["created"]) <= day]
    sold: dict[str, int] = {}
    for line in lines:
        shipped = line["consign_time"] is not None and first <= _date(line["consign_time"]) <= day
        pieces = int(str(line["num"])) * (int(shipped) + int(line["status"] == "WAIT_SELLER_SEND_GOODS"))
        sold[str(line["outer_id"])] = sold.get(str(line["outer_id"]), 0) + pieces
    return {
        "day": day,
        "created": len(today["created"]),
        "sales": sum((Decimal(str(o["paid_amount"])) for o in today["pay_time"]), Decimal(0)),
        "consigned": len(today["consign_time"]),
        "to_ship": sum(stages.count(stage) for stage in ("buying", "to_print", "to_ship", "part_shipped")),
        "person": stages.count("person"),
        "todos": sum(row["state"] == "open" for row in rows["todo"]),
        "refunds": sum(
            o["refund_status"]
            in ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS")
            for o in orders
        ),
        "low": sum(isinstance(row["sellable"], int) and row["sellable"] <= 5 for row in rows["stock"]),
        "stages": {stage: stages.count(stage) for stage in set(stages)},
        "days": {
            first + timedelta(days=n): sum(_date(o["created"]) == first + timedelta(days=n) for o in orders)
            for n in range(14)
        },
        "couriers": _tally(recent, "courier"),
        "provinces": _tally(recent, "province"),
        "sold": {code: pieces for code, pieces in sold.items() if pieces},
    }


def _tally(rows: list[Row], field: str) -> dict[str, int]:
    values = [str(row[field]) for row in rows if row[field]]
    return {value: values.count(value) for value in values}


def _date(value: Value) -> datetime:
    assert isinstance(value, datetime)
    return value.replace(hour=0, minute=0, second=0, tzinfo=None)
