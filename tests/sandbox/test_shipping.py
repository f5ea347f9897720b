"""taobao.logistics.*: parcels, splits, numbers, tracking; and memos and closing, which change a trade too."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

NUMBER = "YT0000000000{:03d}"


def many_lines(shop: Any, lines: int = 2) -> Any:
    return next(trade for trade in shop.raw.free() if len(trade["orders"]["order"]) >= lines)


def one_line(shop: Any, skip: int = 0) -> Any:
    single = (trade for trade in shop.raw.free() if len(trade["orders"]["order"]) == 1)
    return next(islice(single, skip, None))


def oids(trade: Any) -> list[str]:
    return [str(line["oid"]) for line in trade["orders"]["order"]]


def letter(answer: Any) -> str:
    assert answer["code"] == 15
    assert answer["msg"] == "Remote service error"
    return str(answer["sub_code"]).rpartition(":")[2]


def test_whole_trade(shop: Any) -> None:
    trade = many_lines(shop)
    assert shop.raw.ship(trade, NUMBER.format(1))["shipping"] == {"is_success": True}
    sent = shop.raw.full(trade["tid"])
    assert sent["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert sent["modified"] == sent["consign_time"] > trade["modified"]
    for line in sent["orders"]["order"]:
        assert line["invoice_no"] == NUMBER.format(1)
        assert line["logistics_company"] == "圆通速递"
    assert letter(shop.raw.ship(trade, NUMBER.format(2))) == "B04"


def test_split(shop: Any) -> None:
    trade = many_lines(shop, 3)
    first, second, *rest = oids(trade)
    assert "shipping" in shop.raw.ship(trade, NUMBER.format(1), is_split="1", sub_tid=first)
    half = shop.raw.full(trade["tid"])
    assert half["status"] == "SELLER_CONSIGNED_PART"
    assert [line.get("invoice_no") for line in half["orders"]["order"]][:2] == [NUMBER.format(1), None]
    assert letter(shop.raw.ship(trade, NUMBER.format(2))) == "CD22"
    assert letter(shop.raw.ship(trade, NUMBER.format(2), is_split="1", sub_tid=f"{first},{second}")) == "B04"
    assert "shipping" in shop.raw.ship(
        trade, NUMBER.format(2), is_split="1", sub_tid=",".join([second, *rest])
    )
    assert shop.raw.full(trade["tid"])["status"] == "WAIT_BUYER_CONFIRM_GOODS"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"is_split": "1"}, "CD26"),
        ({"sub_tid": "first"}, "CD25"),
        ({"is_split": "0", "sub_tid": "first"}, "CD27"),
        ({"is_split": "1", "sub_tid": "123"}, "CD28"),
        ({"is_split": "1", "sub_tid": "first,first"}, "CD28"),
        ({"is_split": "2"}, "P01"),
        ({"company_code": "NOBODY"}, "B56"),
        ({"out_sid": "  "}, "B60"),
        ({"out_sid": "YT12"}, "B60"),
        ({"tid": "4600000000000000001"}, "B01"),
    ],
)
def test_refusals_leave_no_trace(shop: Any, more: dict[str, str], expected: str) -> None:
    trade = many_lines(shop)
    business = {"tid": str(trade["tid"]), "out_sid": NUMBER.format(1), "company_code": "YTO"} | more
    if "sub_tid" in business:
        business["sub_tid"] = business["sub_tid"].replace("first", oids(trade)[0])
    assert letter(shop.raw.call("taobao.logistics.offline.send", **business)) == expected
    assert shop.raw.full(trade["tid"]) == trade


def test_single_line_trades_do_not_split(shop: Any) -> None:
    trade = one_line(shop)
    assert letter(shop.raw.ship(trade, NUMBER.format(1), is_split="1", sub_tid=oids(trade)[0])) == "CD29"


def test_unpaid_and_closed(open_shop: Any) -> None:
    shop = open_shop(orders=300, hours=10)
    unpaid = shop.raw.trades(status="WAIT_BUYER_PAY")[0]
    closed = shop.raw.trades(status="ALL_CLOSED")[0]
    assert letter(shop.raw.ship(unpaid, NUMBER.format(1))) == "B02"
    assert letter(shop.raw.ship(closed, NUMBER.format(1))) == "B04"


def test_a_number_belongs_to_one_receiver(open_shop: Any) -> None:
    shop = open_shop(orders=300, hours=20)
    ready = shop.raw.ready()
    first = ready[0]
    stranger = next(trade for trade in ready if trade["oaid"] != first["oaid"])
    assert "shipping" in shop.raw.ship(first, NUMBER.format(1))
    assert letter(shop.raw.ship(stranger, NUMBER.format(1))) == "B60"
    pairs = [(a, b) for a in ready[1:] for b in ready[1:] if a["oaid"] == b["oaid"] and a["tid"] < b["tid"]]
    assert pairs
    for trade in pairs[0]:
        assert "shipping" in shop.raw.ship(trade, NUMBER.format(2))


def test_resend(shop: Any) -> None:
    trade = one_line(shop)
    change = {"tid": str(trade["tid"]), "company_code": "YTO", "out_sid": NUMBER.format(2)}
    again = "taobao.logistics.consign.resend"
    assert letter(shop.raw.call(again, **change)) == "CD19"
    shop.raw.ship(trade, NUMBER.format(1))
    assert letter(shop.raw.call(again, **{**change, "out_sid": NUMBER.format(1)})) == "P07"
    assert letter(shop.raw.call(again, **{**change, "out_sid": "1"})) == "P10"
    assert letter(shop.raw.call(again, **{**change, "company_code": "X"})) == "P03"
    assert letter(shop.raw.call(again, **{**change, "is_split": "1"})) == "P01"
    assert shop.raw.call(again, **change)["shipping"] == {"is_success": True}
    assert shop.raw.full(trade["tid"])["orders"]["order"][0]["invoice_no"] == NUMBER.format(2)


def test_tracking_grows(shop: Any) -> None:
    trade = one_line(shop)
    trace = "taobao.logistics.trace.search"
    assert "sub_code" in shop.raw.call(trace, tid=str(trade["tid"]))
    shop.raw.ship(trade, NUMBER.format(1))
    lengths = []
    for hours in (0, 3, 22, 30):
        shop.clock.sleep(hours * 3600)
        answer = shop.raw.call(trace, tid=str(trade["tid"]))
        steps = answer.get("trace_list", {}).get("transit_step_info", [])
        lengths.append(len(steps))
        assert answer["out_sid"] == NUMBER.format(1)
        assert [s["status_time"] for s in steps] == sorted(s["status_time"] for s in steps)
    assert lengths[0] == 0
    assert lengths == sorted(lengths)
    assert lengths[-1] == 5


def test_companies(shop: Any) -> None:
    answer = shop.raw.call("taobao.logistics.companies.get", fields="code,name")
    listed = answer["logistics_companies"]["logistics_company"]
    assert {"ZTO", "YTO", "SF", "STO", "YUNDA", "EMS", "OTHER"} <= {each["code"] for each in listed}
    assert all(set(each) == {"code", "name"} for each in listed)


def test_memos(shop: Any) -> None:
    trade = next(t for t in shop.raw.free() if "seller_memo" not in t)
    tid = str(trade["tid"])
    assert (
        shop.raw.call("taobao.trade.memo.add", tid=tid, memo="第一条", flag="1")["trade"]["tid"]
        == trade["tid"]
    )
    assert shop.raw.call("taobao.trade.memo.add", tid=tid, memo="第二条")["code"] == 566
    update = "taobao.trade.memo.update"
    assert "modified" in shop.raw.call(update, tid=tid, memo="改了", flag="3")["trade"]
    assert (shop.raw.full(tid)["seller_memo"], shop.raw.full(tid)["seller_flag"]) == ("改了", 3)
    shop.raw.call(update, tid=tid, flag="2")
    assert (shop.raw.full(tid)["seller_memo"], shop.raw.full(tid)["seller_flag"]) == ("改了", 2)
    assert shop.raw.call(update, tid=tid, memo="长" * 334)["code"] == 565
    assert "trade" in shop.raw.call(update, tid=tid, memo="长" * 333)
    shop.raw.call(update, tid=tid, memo="留下？", reset="true")
    assert "seller_memo" not in shop.raw.full(tid)


def test_closing_unpaid_trades(open_shop: Any) -> None:
    shop = open_shop(orders=300, hours=10)
    unpaid, paid = shop.raw.trades(status="WAIT_BUYER_PAY")[0], shop.raw.ready(1)[0]
    close = "taobao.trade.close"
    wrong = shop.raw.call(close, tid=str(unpaid["tid"]), close_reason="不喜欢")
    assert wrong["sub_code"] == "isv.invalid-parameter:closereason_wrong"
    assert shop.raw.call(close, tid=str(paid["tid"]), close_reason="缺货")["code"] == 569
    assert shop.raw.call(close, tid=str(unpaid["tid"]), close_reason="缺货")["trade"]["tid"] == unpaid["tid"]
    assert shop.raw.full(unpaid["tid"])["status"] == "TRADE_CLOSED_BY_TAOBAO"
    shop.clock.sleep(2 * 86400)
    assert shop.raw.full(unpaid["tid"])["status"] == "TRADE_CLOSED_BY_TAOBAO"
