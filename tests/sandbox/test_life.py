"""The world goes on by itself: states, refunds, holds, addresses, stock."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from sync_engine.sandbox import life, states
from sync_engine.sandbox.store import Store
from tests.sandbox.raw import ALL_TYPES, RECEIVER, START

REFUND = "refund_id,tid,oid,status,refund_fee,total_fee,payment,has_good_return,sid,order_status,num,modified,good_status"


def refunds(shop: Any) -> list[Any]:
    answer = shop.raw.call("taobao.refunds.receive.get", fields=REFUND, type=ALL_TYPES, page_size="100")
    return list(answer.get("refunds", {}).get("refund", []))


def ship_everything(shop: Any) -> None:
    for number, trade in enumerate(shop.raw.ready()):
        assert shop.raw.ship(trade, f"YT{number:013d}")["shipping"]["is_success"] is True


def check_trade(trade: Any) -> None:
    """What must hold of every trade at any time."""
    lines = trade["orders"]["order"]
    alive = [o for o in lines if o["status"] not in ("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")]
    if not alive:
        assert trade["status"] == ("TRADE_CLOSED" if "pay_time" in trade else "TRADE_CLOSED_BY_TAOBAO")
        assert "end_time" in trade
    for line in lines:
        assert ("consign_time" in line) == ("invoice_no" in line)
        if line["status"] == "TRADE_CLOSED":
            assert line["refund_status"] == "SUCCESS"
        if "pay_time" in trade and line["status"] != "TRADE_CLOSED_BY_TAOBAO":
            assert "divide_order_fee" in line
    assert trade["created"] <= trade.get("pay_time", "9") <= trade.get("consign_time", "99")
    assert trade["modified"] >= trade["created"]


def test_a_month_of_life(open_shop: Any) -> None:
    shop = open_shop(orders=250, hours=26)
    before = Counter(trade["status"] for trade in shop.raw.trades())
    assert before["WAIT_SELLER_SEND_GOODS"] > 150
    assert before["TRADE_CLOSED"] > 3
    assert before["TRADE_CLOSED_BY_TAOBAO"] + before["WAIT_BUYER_PAY"] > 3
    ship_everything(shop)
    for week in range(6):
        shop.clock.sleep(5 * 86400)
        for row in shop.raw.trades()[week::4]:
            check_trade(shop.raw.full(row["tid"]))
    after = Counter(trade["status"] for trade in shop.raw.trades())
    assert after["TRADE_FINISHED"] > 150
    assert not after["WAIT_BUYER_CONFIRM_GOODS"]
    found = refunds(shop)
    assert {r["status"] for r in found} == {"SUCCESS", "CLOSED"}
    back = [r for r in found if r["has_good_return"] and r["status"] == "SUCCESS"]
    assert back
    assert all(r["sid"] and r["good_status"] == "BUYER_RETURNED_GOODS" for r in back)
    for refund in found:
        assert Decimal(refund["refund_fee"]) + Decimal(refund["payment"]) == Decimal(refund["total_fee"])


def test_finished_trades_paid_out_what_was_paid(open_shop: Any) -> None:
    shop = open_shop(orders=60, hours=26)
    ship_everything(shop)
    shop.clock.sleep(20 * 86400)
    for row in shop.raw.trades(status="TRADE_FINISHED"):
        trade = shop.raw.full(row["tid"])
        if all(o["status"] == "TRADE_FINISHED" for o in trade["orders"]["order"]):
            assert trade["received_payment"] == trade["payment"]


def test_refunds_of_lines_leave_the_rest_to_ship(open_shop: Any) -> None:
    shop = open_shop(orders=400, seed=5, hours=24)
    partly = []
    for row in shop.raw.trades(status="WAIT_SELLER_SEND_GOODS"):
        closed = [o for o in row["orders"]["order"] if o["status"] == "TRADE_CLOSED"]
        if closed:
            partly.append(row)
            assert len(closed) < len(row["orders"]["order"])
    assert partly
    answer = shop.raw.ship(partly[0], "YT0000000000001")
    assert answer["shipping"]["is_success"]
    lines = shop.raw.full(partly[0]["tid"])["orders"]["order"]
    assert {o["status"] for o in lines} == {"TRADE_CLOSED", "WAIT_BUYER_CONFIRM_GOODS"}
    assert all(("invoice_no" in o) == (o["status"] != "TRADE_CLOSED") for o in lines)


def test_unpaid_time_out_and_presale(open_shop: Any) -> None:
    shop = open_shop(orders=400, seed=6, hours=24)
    steps = [shop.raw.full(row["tid"]) for row in shop.raw.trades() if row["type"] == "step"]
    seen = {trade["step_trade_status"] for trade in steps}
    assert {"FRONT_PAID_FINAL_PAID", "FRONT_PAID_FRONT_FORFEITED"} <= seen
    for trade in steps:
        if trade["step_trade_status"] == "FRONT_PAID_FINAL_NOPAID":
            assert trade["status"] == "WAIT_BUYER_PAY"
            assert Decimal("0") < Decimal(trade["step_paid_fee"]) < Decimal(trade["payment"])
    shop.clock.sleep(2 * 86400)
    assert not shop.raw.trades(status="WAIT_BUYER_PAY")


def test_holds_come_and_go(open_shop: Any) -> None:
    shop = open_shop(orders=300, seed=7)
    held: dict[int, str] = {}
    for _ in range(24):
        shop.clock.sleep(3600)
        for row in shop.raw.trades(status="PAID_FORBID_CONSIGN"):
            held[row["tid"]] = row["status"]
            assert shop.raw.ship(row, "YT0000000000009")["sub_code"].endswith(":B02")
    assert held
    shop.clock.sleep(86400)
    assert not shop.raw.trades(status="PAID_FORBID_CONSIGN")
    assert {shop.raw.full(tid)["status"] for tid in held} <= {"WAIT_SELLER_SEND_GOODS", "TRADE_CLOSED"}


def test_a_new_address_brings_a_new_oaid(open_shop: Any) -> None:
    shop = open_shop(orders=200, seed=8)
    seen: dict[int, set[str]] = {}
    fields = f"tid,oaid,{RECEIVER}"
    for _ in range(13):
        rows = shop.raw.call(
            "taobao.trades.sold.get", fields=fields, type=ALL_TYPES, page_size="100", page_no="1"
        )
        rows_too = shop.raw.call(
            "taobao.trades.sold.get", fields=fields, type=ALL_TYPES, page_size="100", page_no="2"
        )
        for trade in [row for page in (rows, rows_too) for row in page.get("trades", {}).get("trade", [])]:
            seen.setdefault(trade["tid"], set()).add(trade["oaid"])
        shop.clock.sleep(2 * 3600)
    moved = [tid for tid, keys in seen.items() if len(keys) > 1]
    assert moved
    line = shop.raw.call("taobao.trade.fullinfo.get", fields="orders", tid=str(moved[0]))["trade"]["orders"][
        "order"
    ][0]
    assert line["modify_address"] == "1"


def quantities(shop: Any) -> dict[str, int]:
    listed: list[Any] = []
    for method in ("taobao.items.onsale.get", "taobao.items.inventory.get"):
        answer = shop.raw.call(method, fields="num_iid,num", page_size="200")
        listed += answer.get("items", {}).get("item", [])
    found: dict[str, int] = {}
    for item in listed:
        answer = shop.raw.call(
            "taobao.item.skus.get", fields="sku_id,quantity", num_iids=str(item["num_iid"])
        )
        skus = answer.get("skus", {}).get("sku", [])
        found |= {str(sku["sku_id"]): sku["quantity"] for sku in skus} or {str(item["num_iid"]): item["num"]}
    return found


def test_stock_falls_by_what_is_sold_and_refunds_do_not_bring_it_back(open_shop: Any) -> None:
    shop = open_shop(orders=150, seed=12, hours=-14)
    before = quantities(shop)
    shop.clock.sleep(14 * 3600 + 50 * 3600)
    after = quantities(shop)
    sold: Counter[str] = Counter()
    refunded = 0
    for row in shop.raw.trades():
        trade = shop.raw.full(row["tid"])
        for line in trade["orders"]["order"]:
            if "pay_time" in trade:
                sold[str(line.get("sku_id", line["num_iid"]))] += line["num"]
                refunded += line["status"] == "TRADE_CLOSED"
    assert refunded > 3
    assert {key: max(0, before[key] - sold[key]) for key in before} == after


def test_order_time_stock_comes_back_when_nobody_pays(open_shop: Any) -> None:
    shop = open_shop(orders=1)
    store = Store(shop.folder / "state.sqlite")
    goods = store.docs("SELECT doc FROM sku LIMIT 1")[0]
    line = {"num_iid": goods["num_iid"], "sku_id": goods["sku_id"], "num": 1, "_sub_stock": 1}
    trade = {
        "tid": 1, "created": "2026-03-02 08:00:00", "modified": "2026-03-02 08:00:00", "status": states.UNPAID,
        "type": "fixed", "buyer_open_uid": "x", "orders": [{"oid": 1, "status": states.UNPAID, **line}],
    }  # fmt: skip
    store.plan("2026-03-02 08:00:00", "create", 1, trade)
    life.advance(store, "2026-03-02 08:00:01")
    held = store.sku(goods["sku_id"])
    assert held is not None
    assert held["quantity"] == max(0, goods["quantity"] - 1)
    store.plan("2026-03-02 09:00:00", "timeout", 1)
    life.advance(store, "2026-03-02 09:00:00")
    back = store.sku(goods["sku_id"])
    assert back is not None
    assert back["quantity"] == held["quantity"] + 1
    store.close()


def test_time_only_goes_forward(open_shop: Any) -> None:
    shop = open_shop(orders=30, hours=20)
    count = len(shop.raw.trades())
    shop.clock._now = START
    shop.raw.clock = shop.clock
    answer = shop.raw.call("taobao.time.get")
    assert answer["code"] == 31
    store = Store(shop.folder / "state.sqlite")
    assert count == len(store.rows("SELECT tid FROM trade"))
    store.close()
