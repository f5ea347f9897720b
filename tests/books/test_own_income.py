"""What is received for own orders: posted once as money and as income, corrected by the difference, taken back in red."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from tests.aftersale.begun import gone_on
from tests.books.closable import with_books
from tests.engine.rig import Rig
from workbook_templates.schema import Value

ROW: dict[str, Value] = {
    "receiver": "诸葛小满", "phone": "13812345678", "address": "浙江省杭州市西湖区文三路 478 号", "goods": "A-1×2",
    "amount": Decimal("103.00"), "ready": True, "payment": "对公转账",
}  # fmt: skip


def opened(mode: str = "交易成功结算时") -> Rig:
    return gone_on(_begin, mode)


def _begin(mode: str) -> Rig:
    return with_books(Rig(), recognise=mode)


def sent(rig: Rig, **cells: Value) -> str:
    """An own order that left; its row."""
    rig.sheet.add("own_orders", **{**ROW, **cells})
    rig.settle()
    row = rig.sheet.tables["own_orders"][-1]
    rig.sheet.type("orders", str(row["order"]), ship_mark=True)
    rig.settle()
    assert rig.row("own_orders", str(row["own_id"]))["state"] == "sent"
    return str(row["own_id"])


HEADS = ("1001", "1002", "1122", "1406", "5001", "5401", "2221")


def sums(rig: Rig) -> dict[str, Decimal]:
    """Debit less credit of each account that is not even."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rig.sheet.tables["postings"]:
        found[str(row["account"])] += Decimal(str(row["debit"] or 0)) - Decimal(str(row["credit"] or 0))
    return {account: net for account, net in sorted(found.items()) if net and account[:4] in HEADS}


def now(rig: Rig) -> datetime:
    return rig.world.clock.now()


def test_money_and_income_where_income_waits_for_settlement() -> None:
    rig = opened()
    key = sent(rig)
    assert sums(rig) == {"1406": Decimal(8)}, "it left, and nobody has paid"
    rig.sheet.type("own_orders", key, received_on=now(rig))
    rig.settle()
    net = sums(rig)
    assert net == {
        "1002": Decimal(103), "2221.02": net["2221.02"], "5001": -Decimal(103) - net["2221.02"], "5401": Decimal(8),
    }  # fmt: skip
    row = rig.row("own_orders", key)
    assert len(str(row["booked"]).split("、")) == 2
    assert any("对公转账" in str(one["memo"]) for one in rig.sheet.tables["postings"])
    assert rig.row("orders", str(row["order"]))["stage"] == "finished"
    rig.sheet.type("own_orders", key, amount=Decimal("206.00"), received_in="库存现金")
    rig.settle()
    assert sums(rig)["1001"] == 206 and "1002" not in sums(rig) and "1122.01" not in sums(rig)
    before = [dict(one) for one in rig.sheet.tables["postings"]]
    rig.lose_journal()
    rig.settle()
    assert [dict(one) for one in rig.sheet.tables["postings"]] == before
    rig.sheet.type("own_orders", key, received_on=None)
    rig.settle()
    assert sums(rig) == {"1406": Decimal(8)}, "all in red"
    rig.sheet.type("own_orders", key, received_on=now(rig))
    rig.settle()
    rig.sheet.tables["own_orders"].clear()
    rig.settle()
    assert sums(rig)["1001"] == 206, "a deleted row takes nothing back of what was sold"
    assert rig.tick().idle


def test_money_that_comes_first_waits_for_the_goods_and_after_the_wipe_it_still_comes() -> None:
    rig = opened()
    rig.sheet.add("own_orders", **ROW, received_on=now(rig) - timedelta(minutes=1))
    rig.settle()
    assert sums(rig) == {"1002": Decimal(103), "1122.01": -Decimal(103)}, "paid beforehand"
    tid = str(rig.sheet.tables["own_orders"][0]["order"])
    rig.sheet.type("orders", tid, ship_mark=True)
    rig.settle()
    assert "1122.01" not in sums(rig) and sums(rig)["5401"] == 8
    order = rig.row("orders", tid)
    assert order["end_time"] == order["consign_time"], "it is income when it left, not before"
    key = sent(rig)
    rig.tick(60 * 24 * 16)
    rig.settle()
    assert rig.row("own_orders", key)["wiped_at"]
    rig.sheet.type("own_orders", key, received_on=now(rig), amount=Decimal("50.00"))
    rig.settle()
    assert (sums(rig)["1002"], sums(rig)["5401"]) == (153, 16) and "1122.01" not in sums(rig)


def test_where_shipment_is_income_only_the_money_is_posted() -> None:
    rig = opened("发货时")
    key = sent(rig)
    assert (sums(rig)["1122.01"], sums(rig)["5401"]) == (103, 8)
    rig.sheet.type("own_orders", key, received_on=now(rig))
    rig.settle()
    assert "1122.01" not in sums(rig) and sums(rig)["1002"] == 103


def test_what_cannot_be_posted_is_told_beside_the_row_and_keeps_the_month_open() -> None:
    rig = opened()
    key = sent(rig)
    for account, days, says in (("1012.01", 0, "支付宝账单"), ("没有这个", 0, "科目"), (None, 2, "今天以后")):
        rig.sheet.type("own_orders", key, received_on=now(rig) + timedelta(days=days), received_in=account)
        rig.settle()
        told = str(rig.row("own_orders", key)["booked"])
        assert told.startswith("没有入账") and says in told and "1002" not in sums(rig)
    rig.sheet.type("own_orders", key, received_on=now(rig), received_in="1012.01")
    rig.sheet.type("periods", "202611", wanted="closed")
    rig.world.clock.sleep(31 * 86400)
    rig.settle()
    row = rig.row("periods", "202611")
    assert row["state"] == "open" and f"手工订单 {key}:没有入账" in str(row["checklist"])
    rig.sheet.type("own_orders", key, received_in=None)
    rig.settle()
    assert rig.row("periods", "202611")["state"] == "closed" and sums(rig)["1002"] == 103
