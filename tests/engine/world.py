"""Stand-ins for Tmall and the courier that live in memory, keep their own log, and can fail on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.errors import Answer, NotSent, OutcomeUnknown, Refused
from sync_engine.parcel import (
    Held,
    Trace,
    TraceStep,
    Waybill,
    WaybillAccount,
    WaybillOrder,
    WaybillRefusal,
    nothing_held,
)
from sync_engine.trade import Line, Receiver, Refund, Sku, Trade

START = datetime(2026, 11, 11, 9, 0, 0, tzinfo=SHANGHAI)


class Died(BaseException):
    """The process was killed here."""


@dataclass
class World:
    """The outside: Tmall's trades and stock, the courier's waybills, and a log of every effect."""

    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))
    trades: dict[str, Trade] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    skus: dict[str, Sku] = field(default_factory=dict)
    waybills: list[Waybill] = field(default_factory=list)
    log: list[tuple[str, ...]] = field(default_factory=list)
    before: Callable[[str], None] = lambda name: None
    after: Callable[[str], None] = lambda name: None
    biz_keys: set[str] = field(default_factory=set)  # increments that were done
    traces: dict[str, list[TraceStep]] = field(default_factory=dict)  # by waybill
    traced: list[tuple[str, str]] = field(default_factory=list)  # (tid, lines) of every question for a trace
    refuse_buy: str = ""
    refuse_update: str = ""
    refuse_resend: str = ""
    refuse_answer: str = ""  # why no answer to a refund is taken
    refuse_price: set[str] = field(default_factory=set)  # SKUs whose price is locked
    lose_request: set[str] = field(
        default_factory=set
    )  # api names whose next call breaks off before it does anything
    lose_reply: set[str] = field(default_factory=set)  # api names whose next reply is lost after success
    not_sent: set[str] = field(default_factory=set)  # api names that cannot be reached

    def call(self, name: str) -> None:
        self.before(name)
        if name in self.not_sent:
            raise NotSent(Answer(api=name, text="no route"))
        if name in self.lose_request:
            self.lose_request.discard(name)
            raise OutcomeUnknown(Answer(api=name, text="reset"))

    def reply(self, name: str) -> None:
        self.after(name)
        if name in self.lose_reply:
            self.lose_reply.discard(name)
            raise OutcomeUnknown(Answer(api=name, text="timed out"))

    def put(self, trade: Trade) -> None:
        self.trades[trade.tid] = replace(trade, modified=self.clock.now())

    def order(
        self, tid: str, *nums: int, sku: str = "", status: str = "WAIT_SELLER_SEND_GOODS", **more: object
    ) -> Trade:
        """Somebody buys: one line for each number."""
        lines = tuple(
            Line(
                oid=tid if len(nums) == 1 else f"{tid}{i}", num_iid="7001", sku_id=sku or f"80{i}", outer_sku_id=f"A-{i}",
                title=f"商品{i}", sku_text="颜色:黑", num=num, price=Decimal("10.00"), amount=Decimal(10 * num),
                status=status,
            )
            for i, num in enumerate(nums, start=1)
        )  # fmt: skip
        for line in lines:
            known = self.skus.get(line.sku_key) or self.sku(line.sku_id, 100)
            if status == "WAIT_SELLER_SEND_GOODS":
                self.skus[line.sku_key] = replace(known, quantity=known.quantity - line.num)
        now = self.clock.now()
        trade = Trade(
            tid=tid, status=status, created=now, modified=now, pay_time=now if status != "WAIT_BUYER_PAY" else None,
            shop="测试店", buyer_nick="买**", payment=Decimal(10 * sum(nums)), lines=lines,
            receiver=Receiver(name="张**", mobile="138****0000", province="浙江省", city="杭州市", district="余杭区",
                              address="文***", oaid=f"oaid-{tid}"),
        )  # fmt: skip
        trade = replace(trade, **more)  # type: ignore[arg-type]
        self.trades[tid] = trade
        return trade

    def sku(self, sku_id: str, quantity: int) -> Sku:
        self.skus[sku_id] = Sku(
            num_iid="7001", sku_id=sku_id, outer_id=f"A-{sku_id[-1]}", title="商品", sku_text="颜色:黑",
            price=Decimal("10.00"), quantity=quantity, status="onsale",
        )  # fmt: skip
        return self.skus[sku_id]

    def change(self, tid: str, **more: object) -> None:
        self.put(replace(self.trades[tid], **more))  # type: ignore[arg-type]

    def change_lines(self, tid: str, oids: Sequence[str] | None = None, **more: object) -> None:
        lines = tuple(
            replace(line, **more) if oids is None or line.oid in oids else line  # type: ignore[arg-type]
            for line in self.trades[tid].lines
        )
        self.change(tid, lines=lines)

    def effects(self, *names: str) -> list[tuple[str, ...]]:
        return [entry for entry in self.log if entry[0] in names]


class FakeTmall:
    """The platform port."""

    def __init__(self, world: World) -> None:
        self.world = world

    def server_time(self) -> datetime:
        return self.world.clock.now()

    def _trades(self, name: str, pick: Callable[[Trade], bool]) -> list[Trade]:
        self.world.call(name)
        found = [trade for trade in self.world.trades.values() if pick(trade)]
        self.world.reply(name)
        return found

    def changed_trades(self, since: datetime, until: datetime, held: Held = nothing_held) -> list[Trade]:
        return self._trades(
            "changed_trades", lambda t: since <= t.modified <= until and not held(t.tid, t.modified)
        )

    def sold_trades(self, since: datetime, until: datetime) -> list[Trade]:
        return self._trades("sold_trades", lambda t: since <= t.created <= until)

    def trade(self, tid: str) -> Trade | None:
        found = self._trades("trade", lambda t: t.tid == tid)
        return found[0] if found else None

    def changed_refunds(self, since: datetime, until: datetime) -> list[Refund]:
        self.world.call("changed_refunds")
        return [refund for refund in self.world.refunds.values() if since <= refund.modified <= until]

    def refund(self, refund_id: str) -> Refund | None:
        self.world.call("refund")
        return self.world.refunds.get(refund_id)

    def _answer(self, name: str, refund: Refund, status: str) -> None:
        held = self.world.refunds[refund.refund_id]
        if self.world.refuse_answer or (held.version, held.phase) != (refund.version, refund.phase):
            raise Refused(Answer(api=name, code="15", text=self.world.refuse_answer or "版本不对"))
        now = self.world.clock.now()
        version = str(int(now.timestamp()) * 1000 + 1)
        self.world.log.append((name, refund.refund_id, str(refund.fee), refund.version, refund.phase))
        self.world.refunds[refund.refund_id] = replace(held, status=status, version=version, modified=now)
        self.world.change_lines(held.tid, [held.oid], refund_status=status)

    def agree_refund(self, refund: Refund) -> None:
        self.world.call("agree_refund")
        self._answer("agree_refund", refund, "SUCCESS")
        self.world.reply("agree_refund")

    def agree_return(self, refund: Refund, address_id: str, remark: str) -> None:
        self.world.call("agree_return")
        assert address_id.isdigit() and remark
        self._answer("agree_return", refund, "WAIT_BUYER_RETURN_GOODS")
        self.world.reply("agree_return")

    def refuse_refund(self, refund: Refund, message: str, proof: bytes) -> None:
        self.world.call("refuse_refund")
        assert message and proof
        self._answer("refuse_refund", refund, "SELLER_REFUSE_BUYER")
        self.world.reply("refuse_refund")

    def changed_skus(self, since: datetime | None, until: datetime) -> list[Sku]:
        self.world.call("changed_skus")
        return list(self.world.skus.values()) if since is None else []

    def skus_of(self, num_iids: Sequence[str]) -> list[Sku]:
        self.world.call("skus_of")
        return [sku for sku in self.world.skus.values() if sku.num_iid in num_iids]

    def ship(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        self.world.call("ship")
        trade, now = self.world.trades[tid], self.world.clock.now()
        mine = set(sub_oids or [line.oid for line in trade.lines])
        if any(line.invoice_no for line in trade.lines if line.oid in mine):
            raise Refused(Answer(api="ship", code="15", sub_code="isv.logistics-offline-service-error:B04"))
        self.world.log.append(("ship", tid, waybill_code, company_code, ",".join(sub_oids or [])))
        lines = tuple(
            replace(line, status="WAIT_BUYER_CONFIRM_GOODS", invoice_no=waybill_code, consign_time=now)
            if line.oid in mine and line.status == "WAIT_SELLER_SEND_GOODS" else line
            for line in trade.lines
        )  # fmt: skip
        rest = any(line.status == "WAIT_SELLER_SEND_GOODS" for line in lines)
        status = "SELLER_CONSIGNED_PART" if rest else "WAIT_BUYER_CONFIRM_GOODS"
        self.world.change(tid, lines=lines, status=status, consign_time=now)
        self.world.reply("ship")

    def resend(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        self.world.call("resend")
        if self.world.refuse_resend:
            raise Refused(Answer(api="resend", code="15", text=self.world.refuse_resend))
        trade, mine = self.world.trades[tid], set(sub_oids or [])
        self.world.log.append(("resend", tid, waybill_code, company_code, ",".join(sub_oids or [])))
        lines = tuple(
            replace(line, invoice_no=waybill_code)
            if line.invoice_no and (not mine or line.oid in mine)
            else line
            for line in trade.lines
        )
        self.world.change(tid, lines=lines)
        self.world.reply("resend")

    def change_stock(self, num_iid: str, changes: Sequence[tuple[str, int]], biz_key: str) -> None:
        self.world.call("change_stock")
        if biz_key not in self.world.biz_keys:
            self.world.biz_keys.add(biz_key)
            for sku_id, pieces in changes:
                quantity = self.world.skus[sku_id].quantity + pieces
                if quantity < 0:
                    self.world.biz_keys.discard(biz_key)
                    raise Refused(Answer(api="change_stock", code="15", text="库存不能小于0"))
                self.world.log.append(("stock", sku_id, str(quantity)))
                self.world.skus[sku_id] = replace(self.world.skus[sku_id], quantity=quantity)
        self.world.reply("change_stock")

    def set_prices(self, num_iid: str, prices: Sequence[tuple[str, Decimal]]) -> None:
        self.world.call("set_prices")
        if self.world.refuse_price and any(key in self.world.refuse_price for key, _ in prices):
            raise Refused(Answer(api="set_prices", code="15", text="活动期间不能改价"))
        for sku_id, price in prices:
            self.world.log.append(("price", sku_id, str(price)))
            self.world.skus[sku_id] = replace(self.world.skus[sku_id], price=price)
        self.world.reply("set_prices")

    def set_memo(self, tid: str, memo: str) -> None:
        self.world.call("set_memo")
        self.world.log.append(("memo", tid, memo))
        self.world.change(tid, seller_memo=memo)
        self.world.reply("set_memo")

    def trace(self, tid: str, sub_oids: Sequence[str] | None) -> Trace:
        self.world.call("trace")
        self.world.traced.append((tid, ",".join(sub_oids or ())))
        lines = [line for line in self.world.trades[tid].lines if not sub_oids or line.oid in sub_oids]
        code = next((line.invoice_no for line in lines if line.invoice_no), "")
        if not code:
            raise Refused(Answer(api="trace", code="15", text="该订单没有物流信息"))
        self.world.reply("trace")
        return Trace(out_sid=code, status="对方已签收", steps=tuple(self.world.traces.get(code, ())))

    def companies(self) -> dict[str, str]:
        return {"ZTO": "中通"}


class FakeCarrier:
    """The courier port: sells a new number for every order it gets, however often it is asked."""

    batch_size = 10

    def __init__(self, world: World, hidden: timedelta = timedelta(0)) -> None:
        self.world, self.hidden = world, hidden
        self.sold_at: dict[str, datetime] = {}
        self.senders: dict[str, object] = {}  # by parcel
        self.more_tids: dict[str, tuple[str, ...]] = {}  # by code: orders whose goods go along
        self.orders: list[WaybillOrder] = []

    def buy(self, cp_code: str, orders: Sequence[WaybillOrder]) -> list[Waybill | WaybillRefusal]:
        self.world.call("buy")
        assert 0 < len(orders) <= self.batch_size
        if self.world.refuse_buy:
            raise Refused(Answer(api="buy", text=self.world.refuse_buy))
        sold: list[Waybill | WaybillRefusal] = []
        for order in orders:
            code = f"{cp_code}{len(self.world.waybills) + 1:010d}"
            waybill = Waybill(package_id=order.package_id, tid=order.tid, cp_code=cp_code, waybill_code=code)
            self.world.waybills.append(waybill)
            self.world.log.append(("buy", order.tid, order.package_id, code))
            self.sold_at[code] = self.world.clock.now()
            self.senders[order.package_id] = order.sender
            self.more_tids[code] = order.more_tids
            self.orders.append(order)
            sold.append(waybill)
        self.world.reply("buy")
        return sold

    def find(self, tids: Sequence[str]) -> list[Waybill]:
        self.world.call("find")
        now = self.world.clock.now()
        return [
            replace(w, tid=tid)
            for tid in tids
            for w in self.world.waybills
            if tid in (w.tid, *self.more_tids[w.waybill_code])
            and now - self.sold_at[w.waybill_code] >= self.hidden
        ]

    def update(self, cp_code: str, waybill_code: str, order: WaybillOrder) -> Waybill:
        self.world.call("update")
        if self.world.refuse_update:
            raise Refused(Answer(api="update", text=self.world.refuse_update))
        self.world.log.append(("update", order.package_id, waybill_code, order.receiver.oaid))
        return next(w for w in self.world.waybills if w.waybill_code == waybill_code)

    def cancel(self, cp_code: str, waybill_code: str) -> bool:
        self.world.call("cancel")
        self.world.log.append(("cancel", waybill_code))
        self.world.waybills = [
            replace(w, cancelled=True) if w.waybill_code == waybill_code else w for w in self.world.waybills
        ]
        self.world.reply("cancel")
        return True

    def accounts(self) -> list[WaybillAccount]:
        return []
