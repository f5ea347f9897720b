"""What the shop sees of Tmall and does there, through our client, judged by the sandbox and its log."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from sync_engine.clock import format_time, parse_time
from sync_engine.errors import NotSent, Refused
from sync_engine.journal.journal import Journal
from sync_engine.observe import OVERLAP, observe
from sync_engine.sandbox.faults import Rule
from sync_engine.tmall import client as client_module
from sync_engine.tmall.client import DEFAULT_TYPES, TmallClient
from sync_engine.tmall.pages import windows
from sync_engine.tmall.parse import money, readable_properties, skus_of_item, trade_of
from tests.sandbox.raw import ALL_TYPES, START
from tests.tmall.conftest import Odded, Outside
from tests.tmall.odd import OddServer

INCREMENT = "taobao.trades.sold.increment.get"
FULL = "taobao.trade.fullinfo.get"


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three trades to a page, so that a sandbox shop has many pages."""
    monkeypatch.setattr(client_module, "PAGE", 3)
    monkeypatch.setattr(client_module, "WINDOW", timedelta(hours=6))


def truth(outside: Outside, since: datetime, until: datetime) -> set[str]:
    """The trades modified in a window, as the sandbox's own database has them."""
    answer = outside.raw.call(
        INCREMENT, fields="tid", type=DEFAULT_TYPES.replace(",tmall_i18n", ""), page_size="100",
        start_modified=format_time(since), end_modified=format_time(until),
    )  # fmt: skip
    assert answer["total_results"] <= 100
    return {str(trade["tid"]) for trade in answer.get("trades", {}).get("trade", [])}


# -- windows and pages ----------------------------------------------------------------------------------------------


def test_windows_are_short_touch_and_cover_the_time_asked_for(outside: Outside) -> None:
    since, until = outside.clock.now() - timedelta(hours=3, minutes=10), outside.clock.now()
    outside.client.changed_trades(since, until)
    asked = [line["params"] for line in outside.log(INCREMENT)]
    spans = sorted({(p["start_modified"], p["end_modified"]) for p in asked})
    assert spans[0][0] == format_time(since)
    assert spans[-1][1] == format_time(until)
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    for start, end in spans:
        assert parse_time(end) - parse_time(start) <= timedelta(minutes=30)  # type: ignore[operator]
    assert len(spans) == 7


@pytest.mark.parametrize(("minutes", "count"), [(0, 0), (-5, 0), (1, 1), (30, 1), (31, 2), (60, 2)])
def test_how_time_is_cut(minutes: int, count: int) -> None:
    cut = list(windows(START, START + timedelta(minutes=minutes), timedelta(minutes=30)))
    assert len(cut) == count


def test_the_next_look_reaches_back_over_the_last_one(outside: Outside) -> None:
    journal = Journal(None, outside.clock.now())
    cursor = outside.clock.now() - timedelta(minutes=10)
    journal.set_moment("cursor", cursor)
    journal.set_moment("skus_read", cursor)
    seen = observe({"": outside.client}, journal, outside.clock, 7)
    assert not seen.trouble
    starts = {line["params"]["start_modified"] for line in outside.log(INCREMENT)}
    assert min(starts) == format_time(cursor - OVERLAP)
    journal.close()


def test_pages_are_read_from_the_last_to_the_first(outside: Outside, small_pages: None) -> None:
    outside.client.changed_trades(START, START + timedelta(hours=6))
    asked = [line["params"] for line in outside.log(INCREMENT)]
    pages = [int(p["page_no"]) for p in asked if p["page_size"] == "3"]
    assert len(pages) > 5
    assert pages == sorted(pages, reverse=True)
    assert pages[-1] == 1


@pytest.mark.parametrize("kind", ["shift", "crowd", "hide", "duplicate", "shuffle"])
def test_a_trade_that_changes_while_we_page_is_never_missed(
    outside: Outside, small_pages: None, kind: str
) -> None:
    """`shift`: a trade leaves the window; `crowd`: trades jump to its front; `hide`: a row is left out once.

    The trouble strikes each call of the look in turn.
    """
    got: list[str] = []
    client = TmallClient(outside.gateway, known=lambda tid, _: not got.append(tid))
    since, until = START + timedelta(hours=4), START + timedelta(hours=10)
    for nth in range(1, 14):
        before = truth(outside, since, until)
        outside.clock.sleep(60)
        outside.trouble(Rule(kind=kind, api=INCREMENT, nth=nth))
        got.clear()
        client.changed_trades(since, until)
        assert len(got) == len(set(got))
        outside.trouble()
        assert truth(outside, since, until) <= set(got)
        client.changed_trades(until, outside.clock.now())
        assert before <= set(got)


def test_a_list_that_always_counts_more_than_it_shows_comes_to_an_end(odd: OddServer, gateway: Odded) -> None:
    page = {"trades_sold_increment_get_response": {"total_results": 2, "trades": {"trade": [{"tid": 1}]}}}
    full = {"trade_fullinfo_get_response": {"trade": {"tid": 1}}}
    odd.says(*[page] * 6, full)
    client = TmallClient(gateway())
    assert client.changed_trades(START, START + timedelta(minutes=10)) == []
    assert [asked["method"] for asked in odd.asked] == [INCREMENT] * 6 + [FULL]
    assert [tid for tid, _ in client.take_problems()] == ["1"]


@pytest.mark.parametrize("total", ["many", None, []])
def test_a_list_that_makes_no_sense_counts_as_not_seen(odd: OddServer, gateway: Odded, total: Any) -> None:
    odd.says({"trades_sold_increment_get_response": {"total_results": total}})
    with pytest.raises(NotSent):
        TmallClient(gateway()).changed_trades(START, START + timedelta(minutes=10))


# -- trades ---------------------------------------------------------------------------------------------------------


def test_trades_come_in_full_and_exact(outside: Outside) -> None:
    sold = outside.client.sold_trades(START, outside.clock.now())
    assert len(sold) > 30
    assert any(len(trade.lines) > 1 for trade in sold)
    for trade in sold[:25]:
        full = outside.raw.full(int(trade.tid))
        orders = full["orders"]["order"]
        assert (str(trade.payment), trade.status) == (full["payment"], full["status"])
        assert format_time(trade.modified) == full["modified"]
        assert [line.oid for line in trade.lines] == [str(order["oid"]) for order in orders]
        for line, order in zip(trade.lines, orders, strict=True):
            assert str(line.amount) == order.get("divide_order_fee", str(line.amount))
            assert (str(line.price), line.num, line.sku_id) == (
                order["price"],
                order["num"],
                order.get("sku_id", ""),
            )
        assert trade.receiver.oaid == full["oaid"]
        assert "*" in trade.receiver.name
        assert trade.seller_memo == full.get("seller_memo", "")
        assert set(trade.holds) <= {name for name in full if "hold" in name or "forbid" in name}
    assert outside.client.take_problems() == []


def test_a_trade_we_hold_already_is_not_fetched_again(outside: Outside) -> None:
    sold = outside.client.sold_trades(START, outside.clock.now())
    held = {trade.tid: trade.modified for trade in sold[1:]}
    client = TmallClient(outside.gateway, known=lambda tid, modified: held.get(tid) == modified)
    before = len(outside.log(FULL))
    assert [trade.tid for trade in client.sold_trades(START, outside.clock.now())] == [sold[0].tid]
    assert len(outside.log(FULL)) == before + 1


def test_a_look_reads_again_only_what_may_have_changed_meanwhile(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """News of goods make a look go over its trades once more: it reads those of the last minutes, and those that moved."""
    settled, moved, young = (
        trade.tid for trade in outside.client.sold_trades(START, outside.clock.now())[:3]
    )
    for tid in (settled, moved):
        outside.client.set_memo(tid, "五分钟前")
    outside.clock.sleep(300)
    outside.client.set_memo(young, "刚刚")
    read, before = outside.client.skus_of, len(outside.log(FULL))

    def meanwhile(num_iids: Any) -> Any:
        if len(outside.raw.call(FULL, tid=moved, fields="seller_memo")["trade"]["seller_memo"]) == 4:
            outside.client.set_memo(moved, "读的时候")
        return read(num_iids)

    monkeypatch.setattr(outside.client, "skus_of", meanwhile)
    journal = Journal(None, outside.clock.now())
    for name in ("cursor", "skus_read"):
        journal.set_moment(name, outside.clock.now() - timedelta(minutes=10))
    seen = observe({"": outside.client}, journal, outside.clock, 7)
    journal.close()
    asked = [line["params"] for line in outside.log(FULL)[before:]]
    times = Counter(one["tid"] for one in asked if "orders" in one["fields"])
    assert times[settled] == 1 < min(times[moved], times[young])
    assert seen.trades[moved].seller_memo == "读的时候"


def test_an_order_tmall_does_not_know(outside: Outside) -> None:
    assert outside.client.trade("123456789012345678") is None
    assert outside.client.take_problems() == []


GOOD: dict[str, Any] = {
    "tid": 1, "status": "WAIT_SELLER_SEND_GOODS", "created": "2026-03-02 08:00:00",
    "modified": "2026-03-02 08:00:01", "payment": "12.30", "post_fee": "2.30",
    "orders": {"order": [{"oid": 1, "num": 2, "price": "5.00", "payment": "12.30"}]},
}  # fmt: skip


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {**{name: value for name, value in GOOD.items() if name not in names}, **more}


@pytest.mark.parametrize(
    "trade",
    [
        without("tid"), without("status"), without("created"), without("modified"), without("orders"), None, [], "x",
        without(created="2026/03/02"), without(modified="yesterday"), without(payment="twelve"),
        without(seller_flag="red"), without(orders={"order": []}), without(orders={"order": ["x"]}),
        without(orders={"order": [{"num": 1}]}), without(orders={"order": [{"oid": 1}]}),
        without(orders={"order": [{"oid": 1, "num": "two"}]}),
    ],
)  # fmt: skip
def test_a_trade_that_makes_no_sense_is_told_not_guessed(odd: OddServer, gateway: Odded, trade: Any) -> None:
    client = TmallClient(gateway())
    odd.says({"trade_fullinfo_get_response": {"trade": trade}})
    assert client.trade("77") is None
    ((tid, what),) = client.take_problems()
    assert tid == "77"
    assert what
    assert client.take_problems() == []


def test_a_line_without_its_share_counts_what_was_paid_without_postage() -> None:
    trade = trade_of(GOOD)
    assert trade.lines[0].amount == Decimal("10.00")
    two = [{"oid": 1, "num": 1, "payment": "7.00"}, {"oid": 2, "num": 1, "payment": "3.00"}]
    assert [line.amount for line in trade_of(without(orders=two)).lines] == [Decimal("7.00"), Decimal("3.00")]


@pytest.mark.parametrize("text", ["abc", "1,000.00", "--"])
def test_what_is_no_amount_is_never_zero(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        money({"payment": text}, "payment")


@pytest.mark.parametrize("answer", [{}, {"time": ""}, {"time": "now"}])
def test_a_clock_that_tells_no_time(odd: OddServer, gateway: Odded, answer: Any) -> None:
    odd.says({"time_get_response": answer})
    with pytest.raises(NotSent, match="没有时间"):
        TmallClient(gateway()).server_time()


# -- refunds --------------------------------------------------------------------------------------------------------


def test_refunds(outside: Outside, small_pages: None) -> None:
    outside.clock.sleep(24 * 3600)
    until = outside.clock.now()
    refunds = outside.client.changed_refunds(START - timedelta(days=1), until)
    answer = outside.raw.call(
        "taobao.refunds.receive.get", fields="refund_id", type=ALL_TYPES, page_size="100"
    )
    assert {r.refund_id for r in refunds} == {str(r["refund_id"]) for r in answer["refunds"]["refund"]}
    assert len(refunds) > 3
    for refund in refunds:
        full = outside.raw.call(
            "taobao.refund.get",
            fields="refund_id,tid,oid,status,refund_fee,modified",
            refund_id=refund.refund_id,
        )["refund"]
        assert (refund.tid, refund.oid) == (str(full["tid"]), str(full["oid"]))
        assert (str(refund.fee), refund.status) == (full["refund_fee"], full["status"])


def test_one_broken_refund_leaves_the_others(odd: OddServer, gateway: Odded) -> None:
    good = {"refund_id": "5", "tid": 1, "oid": 2, "status": "SUCCESS", "refund_fee": "1.00",
            "modified": "2026-03-02 08:00:00"}  # fmt: skip
    bad = {**good, "refund_id": 6, "tid": 9, "refund_fee": "??"}
    odd.says({"refunds_receive_get_response": {"total_results": 2, "refunds": {"refund": [good, bad]}}})
    client = TmallClient(gateway())
    (refund,) = client.changed_refunds(START, START + timedelta(hours=1))
    assert (refund.refund_id, refund.fee) == ("5", Decimal("1.00"))
    assert [tid for tid, _ in client.take_problems()] == ["9"]


# -- memos, stock ---------------------------------------------------------------------------------------------------


def some_trade(outside: Outside, lines: int = 1) -> Any:
    return next(trade for trade in outside.raw.free() if len(trade["orders"]["order"]) >= lines)


def test_a_memo_is_replaced_and_cleared(outside: Outside) -> None:
    tid = str(some_trade(outside)["tid"])
    for memo in ("周五发,勿折", "=HYPERLINK(1)", ""):
        outside.client.set_memo(tid, memo)
        assert outside.raw.full(int(tid)).get("seller_memo", "") == memo
    with pytest.raises(Refused):
        outside.client.set_memo(tid, "长" * 334)


def test_stock_is_changed_once_for_each_key(outside: Outside) -> None:
    skus = outside.client.changed_skus(None, outside.clock.now())
    assert len(skus) >= 100
    by_item: dict[str, list[Any]] = {}
    for sku in skus:
        by_item.setdefault(sku.num_iid, []).append(sku)
    num_iid, own = max(by_item.items(), key=lambda pair: len(pair[1]))
    own = own[:20]
    assert len(own) > 1

    def shown() -> dict[str, int]:
        return {sku.sku_id: sku.quantity for sku in outside.client.skus_of([num_iid])}

    up = [(sku.sku_id, 7 + n) for n, sku in enumerate(own)]
    for _ in range(2):  # the reply was lost: the same call again
        outside.client.change_stock(num_iid, up, "0a1b")
    before = {sku.sku_id: sku.quantity for sku in by_item[num_iid]}
    assert shown() == before | {sku.sku_id: sku.quantity + 7 + n for n, sku in enumerate(own)}
    outside.client.change_stock(num_iid, [(sku_id, -pieces) for sku_id, pieces in up], "0a1c")
    assert shown() == before
    assert len(outside.log("tmall.item.quantity.update")) == 3
    assert outside.client.skus_of([]) == []
    below = [(own[1].sku_id, 1), (own[0].sku_id, -own[0].quantity - 1)]
    for _ in range(2):
        with pytest.raises(Refused):  # all or none, and a refused call uses no key up
            outside.client.change_stock(num_iid, below, "0a1d")
    assert shown() == before
    with pytest.raises(Refused):
        outside.client.change_stock(num_iid, [("999", 1)], "0a1e")


def test_prices_are_set_all_or_none_and_a_second_call_changes_nothing(outside: Outside) -> None:
    by_item: dict[str, list[Any]] = {}
    for sku in outside.client.changed_skus(None, outside.clock.now()):
        by_item.setdefault(sku.num_iid, []).append(sku)
    num_iid, own = max(by_item.items(), key=lambda pair: len(pair[1]))
    own = own[:20]
    assert len(own) > 2

    def shown() -> dict[str, Decimal]:
        return {sku.sku_id: sku.price for sku in outside.client.skus_of([num_iid])}

    before = shown()
    wanted = {sku.sku_id: Decimal("12.30") + n for n, sku in enumerate(own[:-1])}
    for _ in range(2):
        outside.client.set_prices(num_iid, list(wanted.items()))
    assert shown() == before | wanted
    for bad in ([("999", Decimal(1))], [(own[0].sku_id, Decimal(5)), (own[1].sku_id, Decimal(100_000_001))]):
        with pytest.raises(Refused):
            outside.client.set_prices(num_iid, bad)
    assert shown() == before | wanted
    assert len(outside.log("tmall.item.price.update")) == 4


def test_the_price_of_an_item_without_skus_is_its_own(odd: OddServer, gateway: Odded) -> None:
    odd.says({"tmall_item_price_update_response": {"price_update_result": "700"}})
    TmallClient(gateway()).set_prices("700", [("", Decimal("9.9"))])
    (asked,) = odd.asked
    assert (asked["method"], asked["item_id"], asked["item_price"]) == (
        "tmall.item.price.update",
        "700",
        "9.90",
    )
    assert "sku_prices" not in asked


def test_an_item_without_skus_is_changed_by_its_own_number(odd: OddServer, gateway: Odded) -> None:
    odd.says({"tmall_item_quantity_update_response": {"quantity_update_result": "700"}})
    TmallClient(gateway()).change_stock("700", [("", -3)], "ff")
    (asked,) = odd.asked
    assert (asked["method"], asked["item_id"], asked["item_quantity"]) == (
        "tmall.item.quantity.update",
        "700",
        "-3",
    )
    assert json.loads(asked["options"]) == {"type": 2, "outer_biz_key": "ff"}
    assert "sku_quantities" not in asked


def test_changed_items_only(outside: Outside) -> None:
    everything = outside.client.changed_skus(None, outside.clock.now())
    outside.clock.sleep(60)
    since = outside.clock.now()
    assert outside.client.changed_skus(since, since + timedelta(seconds=1)) == []
    one = next(sku for sku in everything if sku.sku_id)
    outside.client.change_stock(one.num_iid, [(one.sku_id, 1)], "aa")
    changed = outside.client.changed_skus(since, outside.clock.now())
    assert {sku.num_iid for sku in changed} == {one.num_iid}


def test_what_an_item_is() -> None:
    plain = {
        "num_iid": 5,
        "title": "茶",
        "outer_id": "T-1",
        "price": "9.9",
        "num": 4,
        "approve_status": "onsale",
    }
    (sku,) = skus_of_item(plain)
    assert (sku.sku_id, sku.sku_key, sku.outer_id, sku.price, sku.quantity) == (
        "",
        "5",
        "T-1",
        Decimal("9.90"),
        4,
    )
    assert skus_of_item({**plain, "barcode": "6901"})[0].barcode == "6901"
    rows = [{"sku_id": 51, "properties_name": "1:2:颜色:黑;3:4:尺码:L", "price": "8", "quantity": 2, "outer_id": "", "barcode": "6902"},
            {"sku_id": 52, "status": "delete", "outer_id": "T-2", "price": "8"}]  # fmt: skip
    first, second = skus_of_item({**plain, "barcode": "6901", "skus": {"sku": rows}})
    assert (first.barcode, second.barcode) == ("6902", ""), (
        "an item's barcode is not that of each of its SKUs"
    )
    assert (first.sku_id, first.sku_text, first.outer_id, first.status) == (
        "51",
        "颜色:黑;尺码:L",
        "T-1",
        "onsale",
    )
    assert (second.outer_id, second.status, second.quantity) == ("T-2", "delete", 0)
    assert readable_properties("自由文字") == "自由文字"


# -- shipping -------------------------------------------------------------------------------------------------------


def test_a_whole_order_ships_in_one_call(outside: Outside) -> None:
    tid = str(some_trade(outside)["tid"])
    outside.client.ship(tid, "YT0000000000001", "YTO", None)
    (line,) = outside.log("taobao.logistics.offline.send")
    assert line["params"] == {"tid": tid, "out_sid": "YT0000000000001", "company_code": "YTO"}
    trade = outside.client.trade(tid)
    assert trade is not None
    assert trade.status == "WAIT_BUYER_CONFIRM_GOODS"
    assert {line.invoice_no for line in trade.lines} == {"YT0000000000001"}
    with pytest.raises(Refused) as caught:
        outside.client.ship(tid, "YT0000000000002", "YTO", None)
    assert caught.value.answer.sub_code.endswith(":B04")


def test_a_split_order_ships_parcel_by_parcel(outside: Outside) -> None:
    trade = some_trade(outside, lines=2)
    tid, oids = str(trade["tid"]), [str(order["oid"]) for order in trade["orders"]["order"]]
    outside.client.ship(tid, "YT0000000000001", "YTO", oids[:1])
    half = outside.client.trade(tid)
    assert half is not None
    assert half.status == "SELLER_CONSIGNED_PART"
    assert {line.oid for line in half.lines if line.invoice_no} == set(oids[:1])
    with pytest.raises(Refused):  # once split, always split
        outside.client.ship(tid, "YT0000000000002", "YTO", None)
    outside.client.ship(tid, "YT0000000000002", "YTO", oids[1:])
    sent = [line["params"] for line in outside.log("taobao.logistics.offline.send")]
    assert [(p.get("is_split"), p.get("sub_tid")) for p in sent] == [
        ("1", oids[0]), (None, None), ("1", ",".join(oids[1:])),
    ]  # fmt: skip


@pytest.mark.parametrize("said", [False, "false"])
def test_shipping_that_was_not_a_success(odd: OddServer, gateway: Odded, said: Any) -> None:
    odd.says({"logistics_offline_send_response": {"shipping": {"is_success": said}}})
    with pytest.raises(Refused):
        TmallClient(gateway()).ship("1", "YT1", "YTO", None)


def test_where_a_parcel_is(outside: Outside) -> None:
    tid = str(some_trade(outside)["tid"])
    with pytest.raises(Refused):
        outside.client.trace(tid, None)
    outside.client.ship(tid, "YT0000000000001", "YTO", None)
    assert not outside.client.trace(tid, None).steps
    outside.clock.sleep(7 * 3600)
    steps = outside.client.trace(tid, None).steps
    assert [step.action for step in steps] == ["GOT", "DEPARTURE"]
    assert steps[0].at is not None
    assert "揽收" in steps[0].text


def test_a_parcel_gets_another_waybill(outside: Outside) -> None:
    tid = str(some_trade(outside)["tid"])
    with pytest.raises(Refused):
        outside.client.resend(tid, "YT0000000000002", "YTO", None)
    outside.client.ship(tid, "YT0000000000001", "YTO", None)
    outside.client.resend(tid, "YT0000000000002", "YTO", None)
    trade = outside.client.trade(tid)
    assert trade is not None
    assert {line.invoice_no for line in trade.lines if line.was_shipped} == {"YT0000000000002"}
    assert outside.client.trace(tid, None).out_sid == "YT0000000000002"


def test_companies_need_no_session(outside: Outside) -> None:
    stranger = TmallClient(outside.open(session=""))
    companies = stranger.companies()
    assert companies["YTO"].startswith("圆通")
    assert {"ZTO", "SF", "EMS"} <= set(companies)
    assert abs(stranger.server_time() - outside.clock.now()) <= timedelta(seconds=1)
