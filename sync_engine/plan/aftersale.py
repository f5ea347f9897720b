"""售后: what a refund is, what it does to parcel, stock and money, and what is next. Pure.

Kinds and steps follow the official refund table: `dispute_type`, and the states WAIT_SELLER_AGREE -> (agreed)
WAIT_BUYER_RETURN_GOODS -> WAIT_SELLER_CONFIRM_GOODS -> SUCCESS, or SELLER_REFUSE_BUYER, or CLOSED.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sync_engine.plan.facts import NO_LINE_STAFF, LineStaff, OrderFacts, is_dead
from sync_engine.plan.policy import Policy
from sync_engine.plan.resupply import Made
from sync_engine.plan.words import say
from sync_engine.todo import Todo
from sync_engine.trade import REFUND_OPEN, Line, Refund
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import REFUNDS

Row = dict[str, Value]
_KINDS = {
    "REFUND_AND_RETURN": "goods", "TMALL_EXCHANGE": "exchange", "TAOBAO_EXCHANGE": "exchange", "REPAIR": "repair",
    "RESHIPPING": "reship", "OTHERS": "other",
}  # fmt: skip
_WITH_GOODS = ("goods", "exchange", "repair")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A refund with all that is known around it. `facts` is None where its order is not known any more."""

    refund: Refund
    facts: OrderFacts | None = None
    back: LineStaff = NO_LINE_STAFF  # what came back of its line
    lang: Lang = Lang.ZH
    answering: bool = False  # whether answers are sent from here
    patience: timedelta = timedelta(0)  # how long goods may be missing after the money went back; 0: for ever
    made: tuple[Made, ...] = ()  # parcels of 手工订单 that are sent for it

    @property
    def line(self) -> Line | None:
        """The line it is about."""
        lines = self.facts.trade.lines if self.facts else ()
        return next((line for line in lines if line.oid == self.refund.oid), None)

    @property
    def sent(self) -> bool:
        """Whether the goods had left; an order that is not known any more is one of long ago."""
        if self.facts is None:
            return True
        told = self.line is not None and self.line.was_shipped
        return told or any(p.state == "shipped" and self.refund.oid in p.oids for p in self.facts.packages)

    @property
    def kind(self) -> str:
        """What kind of after-sale it is; where Tmall names no type, by whether goods come back."""
        refund = self.refund
        kind = _KINDS.get(refund.dispute_type) or ("goods" if refund.has_good_return else "money")
        return "before" if kind in ("money", "goods") and not self.sent else kind

    @property
    def pieces(self) -> int:
        """Pieces it is about."""
        return self.refund.num or (self.line.num if self.line else 1)

    @property
    def received(self) -> int:
        """Pieces of its line that came back."""
        return self.back.returned_qty + self.back.defective_qty

    @property
    def missing_from(self) -> datetime | None:
        """From when goods count as missing for which the money was given back; None: they do not."""
        owed = self.refund.status == "SUCCESS" and self.kind == "goods" and self.received < self.pieces
        return self.refund.modified + self.patience if owed and self.patience else None

    def say(self, zh: str, en: str) -> str:
        """The sentence in the sheet's language."""
        return say(self.lang, zh, en)


def goods_back(case: Case) -> str:
    """Whether the goods are back: a choice of 退货进度."""
    status = case.refund.status
    if case.received:
        return "here" if case.received >= case.pieces else "part"
    if case.kind not in _WITH_GOODS or status == "CLOSED":
        return "none"
    if status == "SUCCESS":
        return "unreturned" if case.kind == "goods" else "wait"
    return "coming" if case.refund.sid else "wait"


def refund_row(case: Case, policy: Policy) -> Row:
    """The refund's row. What only its order tells is left as it stands where that is not known any more."""
    refund, facts = case.refund, case.facts
    row: Row = {
        "refund_id": refund.refund_id, "status": refund.status, "tid": refund.tid, "oid": refund.oid,
        "outer_id": refund.outer_id or (case.line.outer_id if case.line else ""), "title": refund.title or (case.line.title if case.line else ""),
        "num": case.pieces, "fee": refund.fee, "reason": refund.reason, "dispute_type": refund.dispute_type or None,
        "phase": refund.phase or None, "goods_return": refund.has_good_return, "good_status": refund.good_status or None,
        "company": refund.company, "sid": refund.sid, "constraint": refund.constraint or None, "created": refund.created,
        "modified": refund.modified, "version": refund.version, "back": goods_back(case), "good": case.back.returned_qty or None,
        "defective": case.back.defective_qty or None, "advice": advice(case), "problem": _problem(case),
        "sent": case.say(";", "; ").join(one.text(case.lang) for one in case.made),
    }  # fmt: skip
    if facts is not None:
        trade = facts.trade
        shop = policy.shop_named(trade.seller, trade.shop) if trade.shop or policy.more_shops else ""
        row |= {
            "kind": case.kind, "parcel": _parcel(case, policy), "stock": _stock(case), "money": _money(case), "shop": shop
        }  # fmt: skip
    return row


def advice(case: Case) -> str:
    """What is next."""
    refund, status = case.refund, case.refund.status
    if status == "WAIT_SELLER_AGREE":
        return _to_answer(case)
    if status == "WAIT_BUYER_RETURN_GOODS":
        return case.say(
            "等买家寄回;收到后扫进“退货登记”",
            "The buyer is to send it back: scan it into Returns when it comes",
        )
    if status == "WAIT_SELLER_CONFIRM_GOODS":
        return _to_confirm(case)
    if status == "WAIT_SELLER_CONSIGN_GOODS":
        return _to_send(case)
    if status == "SELLER_REFUSE_BUYER":
        return case.say("已拒绝,等买家改申请或撤销", "Refused: the buyer changes or withdraws it")
    if status == "SUCCESS" and goods_back(case) in ("unreturned", "part"):
        where = f"{refund.company} {refund.sid}".strip()
        return case.say(
            f"钱已退,货没到齐(收到 {case.received}/{case.pieces} 件):查退货物流{f' {where}' if where else ''},收到后扫进“退货登记”",
            f"The money went back, {case.received} of {case.pieces} pieces came: look for the return{f' {where}' if where else ''}, scan it into Returns",
        )  # fmt: skip
    if status == "CLOSED" and case.received:
        return case.say(
            "退款已关闭,货却收到了:联系买家,寄还或重新申请退款",
            "The refund was closed and yet the goods came: ask the buyer, send them back or have it asked for again",
        )
    return ""


def _to_answer(case: Case) -> str:
    fee = f"{case.refund.fee:.2f}"
    zh, en = ("选“答复”或到千牛", "under Answer or at Tmall") if case.answering else ("到千牛", "at Tmall")
    if case.kind == "before":
        return case.say(
            f"货还没发,包裹已拦下:{zh}同意退款 {fee} 元",
            f"Nothing was sent, the parcel is stopped: agree to {fee} {en}",
        )
    if case.kind == "money":
        return case.say(
            f"货在买家那里,不退货:核对后{zh}同意退 {fee} 元或拒绝",
            f"The goods stay with the buyer: agree to {fee}, or refuse, {en}",
        )
    if case.kind == "goods":
        return case.say(
            f"买家要退货退 {fee} 元:{zh}同意(给退货地址)或拒绝",
            f"The buyer wants to return it for {fee}: agree, or refuse, {en}",
        )
    if case.kind in ("exchange", "reship"):
        return case.say(
            "到千牛处理这笔售后;要发新货就在“补发换货”选一种", "Settle it at Tmall; to send goods choose under Send again"
        )  # fmt: skip
    return case.say("到千牛处理这笔售后", "Settle it at Tmall")


def _to_send(case: Case) -> str:
    """An exchange whose new parcel is awaited. Telling Tmall of it stays with people: no call is named for it."""
    left = [one for one in case.made if one.left_at is not None]
    texts = case.say("、", ", ").join(one.text(case.lang) for one in left or case.made)
    if left:
        return case.say(f"{texts}:到千牛把新单号填给天猫", f"{texts}: type its number at Tmall")
    if case.made:
        return case.say(
            f"{texts};发出后到千牛把新单号填给天猫", f"{texts}; type its number at Tmall once it left"
        )  # fmt: skip
    return case.say(
        "验过退回的货,在“补发换货”选换货,表猫做新包裹;发出后到千牛填新单号",
        "look at what came back and choose Exchange under Send again; type the new number at Tmall once it left",
    )


def _to_confirm(case: Case) -> str:
    refund = case.refund
    if not case.received:
        return case.say(
            f"退货在途 {refund.company} {refund.sid}:收到后扫进“退货登记”",
            f"On its way with {refund.company} {refund.sid}: scan it into Returns when it comes",
        )
    if case.received < case.pieces:
        return case.say(
            f"只收到 {case.received}/{case.pieces} 件:核对后到千牛处理",
            f"Only {case.received} of {case.pieces} pieces came: settle it at Tmall",
        )
    bad = case.back.defective_qty
    if bad:
        return case.say(
            f"货已收到,其中次品 {bad} 件:看要不要全退,到千牛处理",
            f"Received, {bad} defective: decide whether all is refunded, and settle it at Tmall",
        )
    if case.kind == "exchange":
        return case.say("货已收到:到千牛确认收货;", "Received: confirm it at Tmall; ") + _to_send(case)
    return case.say("货已收到:到千牛确认收货并退款", "Received: confirm it at Tmall, which refunds it")


def _problem(case: Case) -> str:
    if case.facts is None:
        return case.say(
            "订单不在表内:要看包裹和库存,用命令“重新核对”并填订单编号",
            "Its order is not known here: fetch it with the command that asks Tmall again, by its number",
        )
    if case.received > case.pieces:
        return case.say(
            f"收到 {case.received} 件,比退款单上的 {case.pieces} 件多:核对",
            f"{case.received} pieces came, more than the {case.pieces} of the refund: check it",
        )
    return ""


def _parcel(case: Case, policy: Policy) -> str:
    assert case.facts is not None
    own = [p for p in case.facts.packages if case.refund.oid in p.oids]
    if not own:
        if case.sent:
            code = case.line.invoice_no if case.line else ""
            return case.say(f"已发出 {code}".strip(), f"sent {code}".strip())
        return case.say("没取单号,不会发", "no waybill: nothing is sent")
    package = own[-1]
    number = package.waybill_code or package.package_id
    words = {
        "shipped": ("已发出", "sent"), "cancelled": ("已作废", "cancelled"), "cancelling": ("作废中", "being cancelled"),
        "printed": ("已打印,拦下没发", "printed, kept back"), "bought": ("已取号,拦下没发", "bought, kept back"),
    }  # fmt: skip
    zh, en = words.get(package.state, ("没取到单号", "no waybill yet"))
    return case.say(f"{number} {zh}", f"{number} {en}")


def _stock(case: Case) -> str:
    good, bad = case.back.returned_qty, case.back.defective_qty
    if good or bad:
        return case.say(
            f"良品 {good} 件回库存,次品 {bad} 件进次品库存,成本按原销售出库冲回",
            f"{good} good back in stock, {bad} to the defective stock, at the cost of their sale",
        )
    if not case.sent:
        if case.line is not None and is_dead(case.line):
            return case.say("没出库,占用已放开", "never left; free to be sold")
        return case.say("没出库,退款成功后放开占用", "has not left; free to be sold once the refund is done")
    if case.kind in _WITH_GOODS and case.refund.status != "CLOSED":
        return case.say("收到退货才回库存", "back in stock when it comes")
    return case.say("货不回来,库存和成本不变", "the goods stay away: stock and cost as they are")


def _money(case: Case) -> str:
    fee, status = f"{case.refund.fee:.2f}", case.refund.status
    if status == "SUCCESS":
        return case.say(f"已退 {fee} 元,收入减这么多", f"{fee} went back, and is taken off the income")
    if status in REFUND_OPEN:
        return case.say(f"退成时退 {fee} 元", f"{fee} goes back when it is done")
    return case.say("没有退钱", "nothing went back")


def refund_todos(case: Case, now: datetime) -> list[Todo]:
    """What needs a person. What is asked for before the goods left is told with the order."""
    status, found = case.refund.status, ""
    if status in ("WAIT_SELLER_AGREE", "WAIT_SELLER_CONSIGN_GOODS") and case.sent and case.facts:
        found = "after_sale_asked"
    elif status == "WAIT_SELLER_CONFIRM_GOODS" and case.received:
        found = "return_to_confirm"
    elif status == "CLOSED" and case.received:
        found = "return_after_closing"
    elif (since := case.missing_from) is not None and now >= since:
        found = "refund_without_return"
    if not found:
        return []
    refund = case.refund
    fee = f"{refund.fee:.2f}"
    return [Todo(
        code=found, subject=f"{REFUNDS.name}/{refund.refund_id}", table=REFUNDS.name, row_key=refund.refund_id,
        reason=case.say(f"订单 {refund.tid} 的退款 {fee} 元:{_reasons(found, case)}", f"Refund of {fee}, order {refund.tid}: {_reasons(found, case)}"),
        advice=advice(case),
    )]  # fmt: skip


def _reasons(code: str, case: Case) -> str:
    zh, en = {
        "after_sale_asked": ("等你们答复", "it waits for your answer"),
        "return_to_confirm": ("退货已登记收到", "the goods were counted in"),
        "return_after_closing": ("退款关闭了,货却收到了", "closed, and yet the goods came"),
        "refund_without_return": (
            f"钱退了,货没回来(收到 {case.received}/{case.pieces} 件)", f"the money went back, the goods did not ({case.received} of {case.pieces} came)",
        ),
    }[code]  # fmt: skip
    return case.say(zh, en)


def refund_from_row(cells: dict[str, Value]) -> Refund | None:
    """A refund as its row tells it: what Tmall shows no more after the journal was lost. None for a row that will not do."""
    fee, modified = cells.get("fee"), cells.get("modified")
    texts = {name: str(cells.get(name) or "") for name in _TEXTS}
    if not isinstance(modified, datetime) or not isinstance(fee, int | Decimal):
        return None
    if not all(texts[name] for name in ("refund_id", "tid", "oid", "status")):
        return None
    num, created = cells.get("num"), cells.get("created")
    return Refund(
        **texts, fee=Decimal(fee), modified=modified, has_good_return=cells.get("goods_return") is True,
        num=int(num) if isinstance(num, int | Decimal) else 0, created=created if isinstance(created, datetime) else None,
    )  # fmt: skip


_TEXTS = (
    "refund_id", "tid", "oid", "status", "reason", "sid", "company", "phase", "version", "dispute_type", "good_status",
    "constraint", "outer_id", "title",
)  # fmt: skip
