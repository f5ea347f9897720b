"""Waybills bought, looked up, changed and given back at the sandbox's Cainiao, judged by its own log."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync_engine.carriers.cainiao import CainiaoCarrier, our_id, wire_id
from sync_engine.errors import NotSent, OutcomeUnknown, Refused
from sync_engine.execute import Outside as Calls
from sync_engine.execute import drain
from sync_engine.intent import Intent, IntentKind, IntentState, buy_key
from sync_engine.journal.journal import Journal
from sync_engine.opening import sandbox_sender
from sync_engine.parcel import Package, Packed, Waybill, WaybillOrder, WaybillRefusal
from sync_engine.plan.policy import Policy
from sync_engine.sandbox import credentials
from sync_engine.sandbox.faults import Rule
from sync_engine.trade import Receiver, Trade
from tests.tmall.conftest import Odded, Outside
from tests.tmall.odd import OddServer

BUY, FIND = "cainiao.waybill.ii.get", "cainiao.waybill.ii.query.by.tradecode"
REQUEST = "param_waybill_cloud_print_apply_new_request"


def carrier_of(gateway: Any, **more: Any) -> CainiaoCarrier:
    return CainiaoCarrier(gateway, sender=sandbox_sender(), user_id=credentials.SELLER_ID, **more)


@pytest.fixture
def carrier(outside: Outside) -> CainiaoCarrier:
    return carrier_of(outside.gateway)


def trades_to_ship(outside: Outside, count: int) -> list[Trade]:
    tids = [str(trade["tid"]) for trade in outside.raw.ready(count)]
    found = [trade for tid in tids if (trade := outside.client.trade(tid))]
    assert len(found) == count
    return found


def order_of(trade: Trade, number: int = 1, **more: Any) -> WaybillOrder:
    items = tuple(Packed(name=line.title, count=line.num) for line in trade.lines)
    values: dict[str, Any] = {
        "package_id": f"{trade.tid}-{number}", "tid": trade.tid, "receiver": trade.receiver, "items": items,
        "weight_g": 500, "value": trade.payment, **more,
    }  # fmt: skip
    return WaybillOrder(**values)


NOBODY = Receiver(
    name="张**", mobile="138****0000", province="浙江省", city="杭州市", address="文***", oaid="stale"
)
SOME = WaybillOrder(package_id="12-1", tid="12", receiver=NOBODY, items=(Packed(name="茶", count=1),), weight_g=1,
                    value=Decimal("1.00"))  # fmt: skip


# -- buying ---------------------------------------------------------------------------------------------------------


def test_a_parcel_sent_after_an_order_goes_to_its_buyer_by_its_oaid(
    outside: Outside, carrier: CainiaoCarrier
) -> None:
    """A reshipment has a number of its own; Cainiao finds the receiver by the original's, as long as its OAID is right."""
    (trade,) = trades_to_ship(outside, 1)
    own = "S261111091500OR91"
    order = replace(order_of(trade), package_id=f"{own}-1", tid=own)
    with pytest.raises(Refused, match="oaid"):
        carrier.buy("ZTO", [order])
    with pytest.raises(Refused, match="oaid"):
        carrier.buy(
            "ZTO", [replace(order, oaid_tid=trade.tid, receiver=replace(trade.receiver, oaid="stale"))]
        )
    (bought,) = carrier.buy("ZTO", [replace(order, oaid_tid=trade.tid)])
    (entry,) = json.loads(outside.log(BUY)[-1]["params"][REQUEST])["trade_order_info_dtos"]
    assert entry["order_info"]["trade_order_list"] == [own]
    assert (entry["recipient"]["oaid"], entry["recipient"]["tid"]) == (trade.receiver.oaid, trade.tid)
    assert isinstance(bought, Waybill)
    (found,) = carrier.find([own])
    assert (found.package_id, found.waybill_code) == (f"{own}-1", bought.waybill_code)


def test_ten_parcels_in_one_call(outside: Outside, carrier: CainiaoCarrier) -> None:
    orders = [order_of(trade) for trade in trades_to_ship(outside, 10)]
    bought = carrier.buy("ZTO", orders)
    assert len(outside.log(BUY)) == 1
    assert [(w.package_id, w.tid) for w in bought if isinstance(w, Waybill)] == [
        (order.package_id, order.tid) for order in orders
    ]
    codes = {w.waybill_code for w in bought if isinstance(w, Waybill)}
    assert len(codes) == 10
    for waybill in bought:
        assert isinstance(waybill, Waybill)
        printed = json.loads(waybill.print_data)
        assert printed["data"]["waybillCode"] == waybill.waybill_code
        assert waybill.cp_code == "ZTO"
        assert waybill.sorting
        assert waybill.route


@pytest.mark.parametrize("count", [0, 11])
def test_no_other_number_of_parcels(carrier: CainiaoCarrier, count: int) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        carrier.buy("ZTO", [SOME] * count)


def test_what_is_asked_for_is_masked_and_goes_with_the_oaid(
    outside: Outside, carrier: CainiaoCarrier
) -> None:
    (trade,) = trades_to_ship(outside, 1)
    carrier.buy("SF", [order_of(trade, weight_g=1234)])
    (line,) = outside.log(BUY)
    request = (
        json.loads(line["params"][REQUEST])
        if isinstance(line["params"][REQUEST], str)
        else line["params"][REQUEST]
    )
    (entry,) = request["trade_order_info_dtos"]
    recipient = entry["recipient"]
    assert (recipient["oaid"], recipient["tid"]) == (trade.receiver.oaid, trade.tid)
    assert recipient["name"] == trade.receiver.name
    assert "*" in recipient["name"]
    assert entry["order_info"] == {"order_channels_type": "TM", "trade_order_list": [trade.tid]}
    assert entry["package_info"]["weight"] == 1234
    assert entry["package_info"]["id"] == f"{trade.tid}_1"
    assert entry["package_info"]["goods_description"]  # demanded by SF
    assert entry["template_url"].endswith("/1501")


def test_a_receiver_that_changed_meanwhile_is_refused(outside: Outside, carrier: CainiaoCarrier) -> None:
    (trade,) = trades_to_ship(outside, 1)
    stale = order_of(trade, receiver=replace(trade.receiver, oaid="of-yesterday"))
    with pytest.raises(Refused, match="oaid"):
        carrier.buy("ZTO", [stale])


def test_one_bad_parcel_fails_all_and_nothing_is_bought(outside: Outside, carrier: CainiaoCarrier) -> None:
    orders = [order_of(trade) for trade in trades_to_ship(outside, 3)]
    with pytest.raises(Refused):
        carrier.buy("ZTO", [*orders, SOME])
    assert carrier.find([order.tid for order in orders]) == []


def test_an_answer_that_leaves_parcels_out_is_settled_by_asking(
    outside: Outside, carrier: CainiaoCarrier
) -> None:
    """Where a service answers only what it sold, the rest is not known: not lost, not bought again."""
    orders = [order_of(trade) for trade in trades_to_ship(outside, 3)]
    outside.trouble(batch_fails="entry")
    with pytest.raises(OutcomeUnknown, match="对不上"):
        carrier.buy("ZTO", [*orders, SOME])
    found = carrier.find([order.tid for order in [*orders, SOME]])
    assert {w.package_id for w in found} == {order.package_id for order in orders}
    assert {w.cp_code for w in found} == {"ZTO"}


def answer_with(*modules: Any) -> dict[str, Any]:
    return {"cainiao_waybill_ii_get_response": {"modules": {"waybill_cloud_print_response": list(modules)}}}


def test_a_parcel_that_got_no_number_is_refused_with_its_reason(odd: OddServer, gateway: Odded) -> None:
    odd.says(answer_with({"object_id": "2", "waybill_code": "ZT1", "print_data": "{}"},
                         {"object_id": "1", "error_message": "地址不可达"}))  # fmt: skip
    other = replace(SOME, package_id="13-1", tid="13")
    first, second = carrier_of(gateway()).buy("ZTO", [SOME, other])
    assert first == WaybillRefusal(package_id="12-1", reason="地址不可达")
    assert isinstance(second, Waybill)
    assert (second.package_id, second.tid, second.waybill_code) == ("13-1", "13", "ZT1")


@pytest.mark.parametrize("module", [{}, {"object_id": "9", "waybill_code": "X"}, "text", None])
def test_an_answer_for_something_else_is_in_doubt(odd: OddServer, gateway: Odded, module: Any) -> None:
    odd.says(answer_with(module))
    with pytest.raises(OutcomeUnknown):
        carrier_of(gateway()).buy("ZTO", [SOME])


@pytest.mark.parametrize(
    "print_data",
    [
        "",
        "{",
        "[]",
        '{"data": 1}',
        '{"data": {"routingInfo": "x", "packageInfo": []}}',
        '{"encryptedData": "AES:x"}',
    ],
)
def test_a_bought_number_is_never_lost_for_its_print_data(
    odd: OddServer, gateway: Odded, print_data: str
) -> None:
    odd.says(answer_with({"object_id": "1", "waybill_code": "ZT1", "print_data": print_data}))
    (waybill,) = carrier_of(gateway()).buy("ZTO", [SOME])
    assert isinstance(waybill, Waybill)
    assert (waybill.waybill_code, waybill.print_data, waybill.sorting) == ("ZT1", print_data, "")


def test_sealed_print_data_still_tells_nothing_of_the_buyer(outside: Outside) -> None:
    (trade,) = trades_to_ship(outside, 1)
    (waybill,) = carrier_of(outside.gateway, need_encrypt=True).buy("ZTO", [order_of(trade)])
    assert isinstance(waybill, Waybill)
    assert set(json.loads(waybill.print_data)) == {"encryptedData", "signature", "templateURL", "ver"}
    assert trade.receiver.name not in waybill.print_data


def test_package_ids_on_the_wire_and_back() -> None:
    assert wire_id("4611686018427387905-12") == "4611686018427387905_12"
    assert our_id("4611686018427387905_12") == "4611686018427387905-12"
    for foreign in ("", "PKG1", "12_", "_1", "a_b", "12-1"):
        assert our_id(foreign) == ""


# -- templates ------------------------------------------------------------------------------------------------------


def test_a_courier_nobody_knows_the_template_of_is_looked_up_once(
    outside: Outside, carrier: CainiaoCarrier
) -> None:
    trades = trades_to_ship(outside, 2)
    for trade in trades:
        (waybill,) = carrier.buy("JT", [order_of(trade)])
        assert isinstance(waybill, Waybill)
    assert len(outside.log("cainiao.cloudprint.stdtemplates.get")) == 1


def test_a_courier_without_a_template_is_refused_in_a_sentence(carrier: CainiaoCarrier) -> None:
    with pytest.raises(Refused, match="NOBODY 在菜鸟没有打印模板"):
        carrier.buy("NOBODY", [SOME])


def test_a_template_of_ones_own(odd: OddServer, gateway: Odded) -> None:
    odd.says(answer_with({"object_id": "1", "waybill_code": "ZT1"}))
    carrier_of(gateway(), templates={"ZTO": "http://t/own"}).buy("ZTO", [SOME])
    assert json.loads(odd.asked[0][REQUEST])["trade_order_info_dtos"][0]["template_url"] == "http://t/own"


# -- looking up, changing, giving back ------------------------------------------------------------------------------


def test_several_parcels_of_one_order_are_told_apart(outside: Outside, carrier: CainiaoCarrier) -> None:
    (trade,) = trades_to_ship(outside, 1)
    bought = carrier.buy("ZTO", [order_of(trade, 1), order_of(trade, 2)])
    found = {w.package_id: w.waybill_code for w in carrier.find([trade.tid])}
    assert found == {w.package_id: w.waybill_code for w in bought if isinstance(w, Waybill)}
    assert set(found) == {f"{trade.tid}-1", f"{trade.tid}-2"}


@pytest.mark.parametrize("not_found", ["empty", "fail"])
def test_nothing_bought_is_nothing_found(outside: Outside, carrier: CainiaoCarrier, not_found: str) -> None:
    outside.trouble(not_found=not_found)
    assert carrier.find(["123"]) == []
    assert carrier.find([]) == []
    assert len(outside.log(FIND)) == 1


def test_a_new_receiver_for_a_number(outside: Outside, carrier: CainiaoCarrier) -> None:
    (trade,) = trades_to_ship(outside, 1)
    (bought,) = carrier.buy("ZTO", [order_of(trade)])
    assert isinstance(bought, Waybill)
    changed = carrier.update("ZTO", bought.waybill_code, order_of(trade, weight_g=999))
    assert changed.waybill_code == bought.waybill_code
    assert json.loads(changed.print_data)["data"]["packageInfo"]["weight"] == 999
    with pytest.raises(Refused):
        carrier.update("ZTO", "ZT-nobody", order_of(trade))


def test_giving_back(outside: Outside, carrier: CainiaoCarrier) -> None:
    (trade,) = trades_to_ship(outside, 1)
    (bought,) = carrier.buy("ZTO", [order_of(trade)])
    assert isinstance(bought, Waybill)
    balance = {one.cp_code: one.balance for one in carrier.accounts()}
    assert carrier.cancel("ZTO", bought.waybill_code) is True
    assert {one.cp_code: one.balance for one in carrier.accounts()} == {
        **balance,
        "ZTO": (balance["ZTO"] or 0) + 1,
    }
    assert carrier.cancel("ZTO", bought.waybill_code) is False
    assert carrier.find([trade.tid]) == []
    with pytest.raises(Refused):
        carrier.cancel("ZTO", "ZT-nobody")


def test_too_late_to_give_back(outside: Outside, carrier: CainiaoCarrier) -> None:
    (trade,) = trades_to_ship(outside, 1)
    (bought,) = carrier.buy("ZTO", [order_of(trade)])
    assert isinstance(bought, Waybill)
    outside.client.ship(trade.tid, bought.waybill_code, "ZTO", None)
    outside.clock.sleep(3 * 3600)
    assert carrier.cancel("ZTO", bought.waybill_code) is False


def test_accounts(carrier: CainiaoCarrier) -> None:
    accounts = {one.cp_code: one for one in carrier.accounts()}
    assert accounts["ZTO"].balance == 100_000
    assert accounts["SF"].balance is None  # run by its head office: keeps no balance
    address, second = accounts["ZTO"].addresses
    assert (second.province, second.detail) == ("广东省", "石井大道2号仓")
    ours = sandbox_sender()
    assert (address.province, address.city, address.detail) == (ours.province, ours.city, ours.detail)


# -- what is in doubt -----------------------------------------------------------------------------------------------


class Desk:
    """A journal with planned parcels of real trades, and the calls that carry them out."""

    def __init__(self, outside: Outside, trades: list[Trade]) -> None:
        self.outside, self.trades = outside, trades
        self.journal = Journal(None, outside.clock.now())
        self.calls = Calls(tmall=outside.client, carrier=carrier_of(outside.gateway), clock=outside.clock)
        with self.journal.transaction():
            for trade in trades:
                self.journal.mirror.put_trade(trade, live=True)
                package = Package(
                    package_id=f"{trade.tid}-1", tid=trade.tid, no=1, cp_code="ZTO", state="buying", weight_g=500,
                    oids=tuple(line.oid for line in trade.lines),
                )  # fmt: skip
                self.journal.mirror.put_package(package)
        self.ask()

    def ask(self) -> None:
        """As the plan does for every parcel without a number."""
        with self.journal.transaction():
            for trade in self.trades:
                package_id = f"{trade.tid}-1"
                self.journal.intents.add(
                    Intent(
                        key=buy_key("shop", package_id),
                        kind=IntentKind.BUY,
                        subject=package_id,
                        doc={"cp_code": "ZTO"},
                    )
                )

    def drain(self) -> Any:
        return drain(self.journal, self.calls, Policy())

    def states(self) -> set[IntentState]:
        keys = [buy_key("shop", f"{trade.tid}-1") for trade in self.trades]
        return {intent.state for key in keys if (intent := self.journal.intents.get(key))}

    def sold(self) -> int:
        """How many numbers the sandbox's own log says it sold."""
        return sum(len(line["result"]["modules"]) for line in self.outside.log(BUY) if line["ok"])

    def codes(self) -> list[str]:
        found = self.journal.mirror.packages_of([trade.tid for trade in self.trades])
        return [package.waybill_code for packages in found.values() for package in packages]


LOST = [
    Rule(kind="lost", api=BUY, nth=1),
    Rule(kind="http", api=BUY, nth=1, after=True),
    Rule(kind="html", api=BUY, nth=1, after=True),
    Rule(kind="isp", api=BUY, nth=1, after=True),
]
NEVER_DONE = [Rule(kind="http", api=BUY, nth=1), Rule(kind="isp", api=BUY, nth=1)]


@pytest.mark.parametrize("rule", LOST)
def test_a_purchase_whose_answer_was_lost_is_found_and_not_made_again(outside: Outside, rule: Rule) -> None:
    desk = Desk(outside, trades_to_ship(outside, 12))
    outside.trouble(rule)
    outcome = desk.drain()
    assert outcome.troubles
    assert desk.states() == {IntentState.UNKNOWN, IntentState.DONE}  # 10 in doubt, 2 of the next batch bought
    desk.drain()
    assert desk.states() == {IntentState.DONE}
    assert desk.sold() == 12
    assert all(desk.codes())
    assert len(set(desk.codes())) == 12
    desk.journal.close()


@pytest.mark.parametrize("rule", NEVER_DONE)
def test_a_purchase_that_was_not_made_is_made_later(outside: Outside, rule: Rule) -> None:
    desk = Desk(outside, trades_to_ship(outside, 2))
    outside.trouble(rule)
    desk.drain()
    desk.drain()
    assert desk.states() == {IntentState.UNKNOWN}  # the other side has had no time to show it
    outside.clock.sleep(timedelta(minutes=11).total_seconds())
    desk.drain()
    assert desk.states() == {IntentState.DROPPED}  # it may be on hold by now: only the plan may ask again
    assert desk.sold() == 0
    desk.ask()
    desk.drain()
    assert desk.states() == {IntentState.DONE}
    assert desk.sold() == 2
    desk.journal.close()


def test_a_purchase_the_courier_does_not_show_at_once(outside: Outside) -> None:
    desk = Desk(outside, trades_to_ship(outside, 2))
    outside.trouble(LOST[0], invisible_seconds=300)
    for _ in range(3):
        desk.drain()
        assert desk.states() == {IntentState.UNKNOWN}
    outside.clock.sleep(400)
    desk.drain()
    assert desk.states() == {IntentState.DONE}
    assert desk.sold() == 2
    desk.journal.close()


def test_an_empty_account_is_told_and_tried_again_later(outside: Outside) -> None:
    desk = Desk(outside, trades_to_ship(outside, 2))
    outside.trouble(Rule(kind="balance", api=BUY, nth=1))
    desk.drain()
    assert desk.states() == {IntentState.REFUSED}
    assert desk.sold() == 0
    intent = desk.journal.intents.get(buy_key("shop", f"{desk.trades[0].tid}-1"))
    assert intent is not None
    assert "余额不足" in intent.answer
    desk.journal.close()


def test_nobody_there_leaves_everything_to_be_done(outside: Outside, gateway: Odded) -> None:
    desk = Desk(outside, trades_to_ship(outside, 1))
    outside.sandbox.stop()
    desk.drain()
    assert desk.states() == {IntentState.PENDING}
    with pytest.raises(NotSent):
        desk.calls.carrier.find(["1"])
    desk.journal.close()
