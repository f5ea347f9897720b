"""补发 and 换货: made in 手工订单 or by a choice in 售后, sent to the buyer by the original's OAID, once, and stopped in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from formulas.accounting.chart import Standard, default_chart
from formulas.accounting.reports import profit_by
from sync_engine.clock import VirtualClock
from sync_engine.errors import Answer, NotSent, OutcomeUnknown, Refused
from sync_engine.journal.journal import Journal
from sync_engine.ownshop import OwnCarrier, OwnShop
from sync_engine.parcel import Waybill, WaybillOrder, WaybillRefusal
from sync_engine.plan.ownorders import Own
from sync_engine.plan.resupply import Source, Wanted, gate, twins
from sync_engine.trade import Receiver, Refund
from tests.aftersale.begun import gone_on
from tests.aftersale.shop import refund, scan, sent_back, shipped
from tests.books.closable import with_books
from tests.engine.dying import lost_and_killed_at
from tests.engine.rig import Rig
from tests.engine.world import START
from workbook_templates.schema import Lang, Value


def opened(*nums: int, path: Path | None = None) -> Rig:
    """A shop whose order 1001 left, and which sends what is made without being asked."""
    return gone_on(_begin, *(nums or (2,)), path=path)


def _begin(*nums: int) -> Rig:
    rig = shipped(*nums)
    rig.sheet.type("settings", "ship_when", value="面单生成时")
    rig.settle()
    return rig


def again(rig: Rig, **cells: Value) -> str:
    """Somebody writes a row; its key."""
    row: dict[str, Value] = {"kind": "reship", "of_order": "1001", "goods": "A-1×1", "ready": True, **cells}
    rig.sheet.add("own_orders", **row)
    rig.settle()
    return str(rig.sheet.tables["own_orders"][-1]["own_id"])


def exchange(rig: Rig, status: str = "WAIT_BUYER_RETURN_GOODS", **more: object) -> Refund:
    return refund(rig, "1001", status, dispute_type="TMALL_EXCHANGE", **more)


def alive(rig: Rig) -> list[str]:
    """Numbers bought for own orders that were not given back."""
    return [w.waybill_code for w in rig.world.waybills if w.tid.startswith("S") and not w.cancelled]


def test_a_reshipment_goes_to_the_buyer_by_the_oaid_of_the_original() -> None:
    rig = opened()
    key = again(rig)
    row = rig.row("own_orders", key)
    assert (row["state"], row["problem"] or "", row["phone"]) == ("sent", "", None)
    (order,) = rig.carrier.orders
    assert (order.receiver.oaid, order.oaid_tid, order.receiver.name) == ("oaid-1001", "1001", "张**")
    assert order.tid == row["order"] != "1001"
    shown = rig.row("orders", str(row["order"]))
    assert (shown["stage"], shown["total_amount"]) == ("shipped", 0)
    assert "补发,原订单 1001" in str(shown["source"])
    assert not rig.world.effects("ship"), "Tmall is told nothing"
    assert rig.row("stock", "A-1")["shipped"] == 3
    assert rig.tick().idle


def test_the_original_is_asked_for_where_nobody_knows_it_and_its_new_address_is_followed() -> None:
    rig = opened()
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    rig.world.order("900", 1, status="TRADE_FINISHED")
    old = rig.world.trades["900"]
    rig.world.trades["900"] = replace(
        old, created=old.created.replace(month=8), modified=old.created.replace(month=8)
    )
    key = again(rig, of_order="900")
    assert rig.row("own_orders", key)["state"] == "taken" and rig.carrier.orders[0].oaid_tid == "900"
    rig.world.change("900", receiver=replace(old.receiver, oaid="oaid-moved"))
    rig.settle()
    assert [entry[3] for entry in rig.world.effects("update")] == ["oaid-moved"]
    key = again(rig, of_order="404")
    assert "天猫查不到原订单 404" in str(rig.row("own_orders", key)["problem"])
    rig.sheet.type(
        "own_orders", key, receiver="诸葛小满", phone="13812345678", address="浙江省杭州市西湖区文三路 478 号"
    )
    rig.settle()
    assert (
        rig.row("own_orders", key)["state"] == "taken"
        and rig.carrier.orders[-1].receiver.mobile == "13812345678"
    )


def test_an_oaid_that_works_no_more_is_told_beside_the_row_and_a_typed_receiver_helps() -> None:
    rig = opened()
    rig.world.refuse_buy = "oaid与订单不匹配"
    key = again(rig)
    problem = str(rig.row("own_orders", key)["problem"])
    assert "oaid与订单不匹配" in problem and "填收货人" in problem
    rig.world.refuse_buy = ""
    rig.sheet.type(
        "own_orders", key, receiver="诸葛小满", phone="13812345678", address="浙江省杭州市西湖区文三路 478 号"
    )
    rig.tick(40)
    rig.settle()
    assert rig.row("own_orders", key)["state"] == "sent" and [o.oaid_tid for o in rig.carrier.orders] == [""]


def test_an_exchange_waits_for_the_return_and_is_shown_beside_the_refund() -> None:
    rig = opened()
    exchange(rig)
    key = again(rig, kind="exchange", refund="91001", goods="A-1×2")
    row = rig.row("own_orders", key)
    assert row["state"] == "waiting" and "收到 0/2 件" in str(row["problem"]) and not alive(rig)
    assert rig.row("stock", "A-1")["reserved"] == 2, "the goods are kept for it"
    assert "等退货" in str(rig.row("refunds", "91001")["sent"])
    sent_back(rig, dispute_type="TMALL_EXCHANGE")
    scan(rig, "YT700", good=1)
    rig.settle()
    assert "收到 1/2 件" in str(rig.row("own_orders", key)["problem"]) and not alive(rig)
    rig.sheet.type("returns", "R001", good=2)
    rig.settle()
    assert "确认收货" in str(rig.row("refunds", "91001")["advice"]) and "退款" not in str(
        rig.row("refunds", "91001")["advice"]
    )
    exchange(rig, "WAIT_SELLER_CONSIGN_GOODS")
    rig.settle()
    row, told = rig.row("own_orders", key), rig.row("refunds", "91001")
    (code,) = alive(rig)
    assert row["state"] == "sent" and code in str(told["sent"]) and "已发出" in str(told["sent"])
    assert "到千牛把新单号填给天猫" in str(told["advice"])
    exchange(rig, "WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS")
    rig.lose_journal()
    rig.settle()
    assert alive(rig) == [code] and rig.row("own_orders", key)["state"] == "sent" and rig.tick().idle


def test_without_the_setting_it_leaves_once_it_is_agreed_to() -> None:
    rig = opened()
    rig.sheet.type("settings", "return_first", value="否")
    exchange(rig, "WAIT_SELLER_AGREE")
    key = again(rig, kind="exchange", refund="91001")
    assert "还没同意" in str(rig.row("own_orders", key)["problem"]) and not alive(rig)
    exchange(rig)
    rig.settle()
    assert len(alive(rig)) == 1 and rig.row("own_orders", key)["state"] == "sent"


@pytest.mark.parametrize(
    ("status", "left"), [("CLOSED", False), ("EXCHANGE_TRANSFORM_TO_REFUND", False), ("CLOSED", True)]
)
def test_an_exchange_that_is_none_any_more_is_stopped_where_it_has_not_left(status: str, left: bool) -> None:
    rig = opened()
    rig.sheet.type("settings", "ship_when", value="打上发货标记时")
    rig.sheet.type("settings", "return_first", value="否")
    exchange(rig)
    key = again(rig, kind="exchange", refund="91001")
    tid = str(rig.row("own_orders", key)["order"])
    assert len(alive(rig)) == 1
    if left:
        rig.sheet.type("orders", tid, ship_mark=True)
        rig.settle()
    exchange(rig, status)
    rig.settle()
    row = rig.row("own_orders", key)
    if left:
        assert row["state"] == "sent" and "已经发出" in str(row["problem"]) and len(alive(rig)) == 1
    else:
        assert row["state"] == "cancelled" and "不发了" in str(row["problem"]) and not alive(rig)
        assert rig.row("orders", tid)["stage"] == "closed" and rig.row("stock", "A-1")["reserved"] == 0
    assert rig.tick().idle


def test_a_second_parcel_for_the_same_refund_is_asked_for() -> None:
    rig = opened()
    refund(rig, "1001", "WAIT_SELLER_AGREE")
    again(rig, refund="91001")
    second = again(rig, of_order=None, refund="91001", goods="A-1×2")
    row = rig.row("own_orders", second)
    assert (
        row["state"] == "person" and "O001 已经是为同一笔售后" in str(row["problem"]) and len(alive(rig)) == 1
    )
    third = again(rig)
    assert "O001 已经" in str(rig.row("own_orders", third)["problem"]), (
        "also without a number: the same goods of that order"
    )
    rig.sheet.type("own_orders", second, again=True)
    rig.settle()
    assert len(alive(rig)) == 2 and "O002" in str(rig.row("refunds", "91001")["sent"])
    rig.sheet.tables["own_orders"] = [row for row in rig.sheet.tables["own_orders"] if row["own_id"] == third]
    rig.settle()
    assert rig.row("own_orders", third)["state"] == "person", "what left was sent, whatever became of its row"


def test_a_choice_in_after_sale_makes_the_row_once() -> None:
    rig = opened()
    refund(rig, "1001", "WAIT_SELLER_AGREE", dispute_type="RESHIPPING")
    rig.settle()
    rig.sheet.type("refunds", "91001", send="reship")
    rig.settle()
    row = rig.row("own_orders", "OR91001")
    assert (row["kind"], row["of_order"], row["refund"], row["goods"], row["amount"]) == (
        "reship", "1001", "91001", "A-1×2", Decimal(0),
    )  # fmt: skip
    assert not alive(rig) and "可以发" in str(rig.row("refunds", "91001")["sent"])
    rig.sheet.type("own_orders", "OR91001", goods="A-1", ready=True)
    rig.settle()
    assert len(alive(rig)) == 1 and rig.row("own_orders", "OR91001")["state"] == "sent"
    rig.sheet.tables["own_orders"].clear()
    rig.settle()
    rig.lose_journal()
    rig.settle()
    assert not rig.sheet.tables["own_orders"], "a row that was deleted is not made again"
    rig.sheet.type("refunds", "91001", send=None)
    rig.settle()
    rig.sheet.type("refunds", "91001", send="exchange")
    rig.settle()
    assert rig.row("own_orders", "OR91001")["kind"] == "exchange"


@pytest.mark.parametrize("point", (4, 25))
def test_killed_anywhere_and_the_journal_deleted(tmp_path: Path, point: int) -> None:
    """A choice in 售后 on the way to one row, one waybill and one parcel."""
    rig = opened(path=tmp_path / "journal.sqlite")
    refund(rig, "1001", "WAIT_SELLER_AGREE", dispute_type="RESHIPPING")
    rig.settle()
    rig.sheet.type("refunds", "91001", send="reship")

    def ready() -> None:
        for row in rig.sheet.tables["own_orders"]:
            row["ready"] = True

    lost_and_killed_at(rig, point, 5, ready)
    (row,) = rig.sheet.tables["own_orders"]
    assert len(alive(rig)) == 1 and len(rig.world.effects("buy")) == 1 and row["state"] == "sent"


def test_reshipments_of_one_buyer_share_a_parcel_and_go_with_nobody_elses() -> None:
    rig = opened(2, 2)
    rig.world.order("1002", 1, receiver=rig.world.trades["1001"].receiver)
    rig.sheet.add("own_orders", kind="reship", of_order="1001", goods="A-1", ready=True)
    rig.sheet.add("own_orders", kind="reship", of_order="1001", goods="A-2", ready=True)
    rig.settle()
    bought = {w.tid[:1] for w in rig.world.waybills}
    assert len(alive(rig)) == 1 and bought == {"1", "S"}


def test_what_it_costs_is_profit_of_the_original_order() -> None:
    """Nobody pays for it: its goods become cost when they leave, under the order it is sent after, and stay so."""
    rig = _with_books()
    before = profit(rig)
    again(rig)
    assert profit(rig) == {"1001": before["1001"] - Decimal("4.00") - Decimal("3.00")}, "goods and freight"
    scan(rig, alive(rig)[0], good=1)  # the buyer sends that back too
    rig.settle()
    assert profit(rig) == {"1001": before["1001"] - Decimal("3.00")}, (
        "the goods are here again, the freight is spent"
    )
    shown = [dict(row) for row in rig.sheet.tables["postings"]]
    assert any("补发 S" in str(row["memo"]) and row["tid"] == "1001" for row in shown)
    rig.sheet.tables["own_orders"].clear()
    rig.settle()
    rig.lose_journal()
    rig.settle()
    assert [dict(row) for row in rig.sheet.tables["postings"]] == shown, (
        "also where only the books know it any more"
    )


def _with_books() -> Rig:
    """A shop that keeps its books, with an order that is income."""
    rig = with_books(Rig(), ship_when="面单生成时")
    rig.world.order("1001", 2)
    rig.settle()
    rig.world.change_lines("1001", status="TRADE_FINISHED")
    rig.world.change("1001", status="TRADE_FINISHED", end_time=rig.world.clock.now())
    rig.settle()
    return rig


def profit(rig: Rig) -> dict[str, Decimal]:
    """By order, as the vouchers say."""
    assert rig.journal is not None
    vouchers = rig.journal.vouchers.of_period(202611)
    return {
        key: cell.profit for key, cell in profit_by(vouchers, default_chart(Standard.SMALL), "order").items()
    }


@pytest.mark.parametrize(
    ("kind", "status", "received", "says"),
    [
        ("exchange", "CLOSED", 2, "stop"), ("exchange", "EXCHANGE_TRANSFORM_TO_REFUND", 0, "stop"), ("reship", "CLOSED", 0, ""),
        ("exchange", "SUCCESS", 2, "hold"), ("reship", "SUCCESS", 0, "hold"), ("reship", "WAIT_SELLER_AGREE", 0, ""),
        ("exchange", "WAIT_SELLER_CONFIRM_GOODS", 1, "hold"), ("exchange", "WAIT_SELLER_CONFIRM_GOODS", 2, ""),
        ("exchange", "WAIT_SELLER_AGREE", 2, "hold"), ("exchange", "SELLER_REFUSE_BUYER", 2, "hold"), ("exchange", "", 2, ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", list(Lang))
def test_when_a_parcel_may_leave(kind: str, status: str, received: int, says: str, lang: Lang) -> None:
    told = gate(kind, a_refund(status) if status else None, received, 2, return_first=True, lang=lang)
    assert [name for name in ("hold", "stop") if getattr(told, name)] == ([says] if says else [])


def a_refund(status: str) -> Refund:
    return Refund(refund_id="9", tid="1", oid="1", status=status, fee=Decimal(1), modified=START)


class Account:
    """A courier account that sells, refuses or breaks off."""

    batch_size = 10

    def __init__(self, *fates: Exception | None) -> None:
        self.fates, self.asked = list(fates), list[list[str]]()

    def buy(self, cp_code: str, orders: Sequence[WaybillOrder]) -> list[Waybill | WaybillRefusal]:
        self.asked.append([order.package_id for order in orders])
        if self.fates and (fate := self.fates.pop(0)):
            raise fate
        return [
            Waybill(package_id=one.package_id, tid=one.tid, cp_code=cp_code, waybill_code=f"W{one.tid}") for one in orders
        ]  # fmt: skip


REFUSED = Refused(Answer(api="buy", text="oaid与订单不匹配"))


@pytest.mark.parametrize(
    ("fates", "sold"),
    [
        ((None, None), "ab12"), ((REFUSED, None), "b12"), ((REFUSED, REFUSED), "12"),
        ((None, OutcomeUnknown(Answer(api="buy"))), "a"), ((None, NotSent(Answer(api="buy"))), "a"),
    ],
)  # fmt: skip
def test_each_oaid_is_asked_for_by_itself_at_the_shop_that_sold_it(
    fates: tuple[Exception | None, ...], sold: str
) -> None:
    """What broke off after something was sold is left out: it is asked about, never taken for not bought."""
    second, plain = Account(*fates), Account()
    buyer = Receiver(name="张**", oaid="x", province="浙江省")
    shop = OwnShop(journal=Journal(None, START), clock=VirtualClock(START), lang=Lang.ZH)
    shop.rows = {
        key: Own(
            own_id=key, order=key, state="taken", receiver=buyer, borrowed=key in "ab",
            source=Source(kind="reship", origin=f"T{key}", seller="二店") if key in "ab" else None,
        )
        for key in "1a2b"
    }  # fmt: skip
    carrier = OwnCarrier(plain, lambda name: {"二店": second}[name], shop)  # type: ignore[arg-type, return-value]
    orders = [
        WaybillOrder(package_id=key, tid=key, receiver=buyer, items=(), weight_g=1, value=Decimal(0)) for key in "1a2b"
    ]  # fmt: skip
    found = carrier.buy("ZTO", orders)
    assert sorted(one.tid for one in found if isinstance(one, Waybill)) == sorted(sold)
    assert {one.package_id for one in found if isinstance(one, WaybillRefusal)} == {
        key for key, fate in zip("ab", fates, strict=True) if fate is REFUSED
    }
    assert second.asked[0] == ["a"] and plain.asked in ([], [["1", "2"]])


def test_twins() -> None:
    one = Wanted(own_id="O002", kind="reship", origin="1", refund_id="", codes=frozenset({"A"}))
    other = replace(one, own_id="O001", refund_id="9")
    assert twins([one, other]) == {"O002": "O001"}
    assert twins([replace(one, first=True), other]) == {"O001": "O002"}
    assert not twins([replace(one, codes=frozenset({"B"})), other])
    assert not twins([replace(one, refund_id="8"), other])
    assert not twins([replace(one, again=True), other])
