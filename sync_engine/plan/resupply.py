"""补发 and 换货 in 手工订单: the order and the refund a parcel is sent after, when it may leave, when it is stopped. Pure.

The official documents name no call by which an ERP tells Tmall of an exchange's new parcel, so that stays with people. An
exchange goes out only after the return came in (facts 1.11, a setting); one that was closed or became a refund is stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync_engine.plan.gifts import ITEM
from sync_engine.plan.words import clock_text, say
from sync_engine.trade import Receiver, Refund
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]
KINDS = ("reship", "exchange")
EXCHANGES = ("TMALL_EXCHANGE", "TAOBAO_EXCHANGE")
"""`dispute_type` of the official refund table."""
ENDED = ("CLOSED", "EXCHANGE_TRANSFORM_TO_REFUND")
"""Exchanges that will not be: nothing is sent for them any more."""
_UNSETTLED = ("WAIT_SELLER_AGREE", "SELLER_REFUSE_BUYER")
SPLIT = re.compile(r"[、,,;;\n+]")
"""What stands between kinds of goods typed in one cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a row of 补发 or 换货 is sent after, and what follows for it."""

    kind: str
    origin: str = ""
    seller: str = ""  # which of our shops sold the original
    refund_id: str = ""
    receiver: Receiver | None = None  # of the original; None where it is not known
    masked: bool = (
        True  # whether that is the platform's, with its OAID; else plain, of another row of 手工订单
    )
    problem: str = ""  # why it cannot be taken
    asking: bool = False  # the original is being asked for
    lost: str = ""  # why nobody knows the original
    hold: str = ""  # why it is taken and may not leave yet
    stop: str = ""  # why it will not be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A row as far as it claims to be what is sent for a refund, or after an order."""

    own_id: str
    kind: str
    origin: str
    refund_id: str
    codes: frozenset[str]
    again: bool = False
    first: bool = False  # it was taken before the others


def read_wanted(own_id: str, cells: Cells, refunds: Mapping[str, Refund], *, taken: bool) -> Wanted | None:
    """What a row wants to send after what; None for a plain order. The order may be told by its refund alone."""
    kind, refund_id = str(cells.get("kind") or ""), str(cells.get("refund") or "").strip()
    if kind not in KINDS:
        return None
    refund, origin = refunds.get(refund_id), str(cells.get("of_order") or "").strip()
    return Wanted(
        own_id=own_id, kind=kind, origin=origin or (refund.tid if refund else ""), refund_id=refund_id,
        codes=codes_named(str(cells.get("goods") or "")), again=cells.get("again") is True, first=taken,
    )  # fmt: skip


def codes_named(goods: str) -> frozenset[str]:
    """The merchant codes typed in a row, whether there are such goods or not."""
    found = (ITEM.fullmatch(part.strip()) for part in SPLIT.split(goods))
    return frozenset(name for one in found if one and (name := one["code"].strip()))


def twins(wanted: Iterable[Wanted]) -> dict[str, str]:
    """Rows that would send a second parcel for what another row sends already, with that row: the one taken first stands."""
    found: dict[str, str] = {}
    before: list[Wanted] = []
    for one in sorted(wanted, key=lambda row: (not row.first, len(row.own_id), row.own_id)):
        other = next((held.own_id for held in before if _same(held, one)), "")
        if other and not one.again:
            found[one.own_id] = other
        else:
            before.append(one)
    return found


def _same(one: Wanted, other: Wanted) -> bool:
    if one.refund_id and other.refund_id:
        return one.refund_id == other.refund_id
    return bool(one.origin) and one.origin == other.origin and bool(one.codes & other.codes)


def twin_text(other: str, lang: Lang) -> str:
    """Why the second of two is not sent unasked."""
    return say(
        lang, f"{other} 已经是为同一笔售后(或同一单的同样商品)写的:确实还要发一个就选“再发一个”,不要就删掉这一行",
        f"{other} is sent for the same refund, or the same goods of that order: choose One more if another parcel is meant, else delete this row",
    )  # fmt: skip


def of_exchange(refunds: Sequence[Refund]) -> Refund | None:
    """The exchange that is under way, where there is only one."""
    alive = [
        one for one in refunds if one.dispute_type in EXCHANGES and one.status not in (*ENDED, "SUCCESS")
    ]
    return alive[0] if len(alive) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether a parcel may leave: a sentence for why not."""

    hold: str = ""
    stop: str = ""


def gate(
    kind: str, refund: Refund | None, received: int, needed: int, *, return_first: bool, lang: Lang
) -> Gate:
    """What the refund and the return say about a parcel that is to be sent for them.

    Args:
        received: pieces that came back, as 退货登记 has them.
        needed: pieces that are to come back.
    """
    name = f" {refund.refund_id}" if refund else ""
    if refund is not None and kind == "exchange" and refund.status in ENDED:
        return Gate(stop=say(
            lang, f"换货{name} 在天猫上已{'转成退款' if refund.status != 'CLOSED' else '关闭'},不发了;还要发就把类型改成补发、清空退款编号",
            f"Exchange{name} {'became a refund' if refund.status != 'CLOSED' else 'was closed'} at Tmall: not sent. To send it all the same make it a reshipment and clear the refund number",
        ))  # fmt: skip
    if refund is not None and refund.status == "SUCCESS":
        return Gate(hold=say(
            lang, f"退款{name} 在天猫上已经退成:先核对,还要发就清空退款编号{'、类型改成补发' if kind == 'exchange' else ''}",
            f"Refund{name} succeeded at Tmall: look first; to send it all the same clear the refund number{' and make it a reshipment' if kind == 'exchange' else ''}",
        ))  # fmt: skip
    if kind != "exchange":
        return Gate()
    if return_first and received < needed:
        return Gate(hold=say(
            lang, f"换货{name} 等退货:收到 {received}/{needed} 件,收到后扫进“退货登记”就接着发;不等了就把类型改成补发",
            f"Exchange{name} waits for the return: {received} of {needed} came; scan it into Returns. Make it a reshipment not to wait",
        ))  # fmt: skip
    if refund is not None and refund.status in _UNSETTLED:
        return Gate(hold=say(
            lang, f"换货{name} 还没同意:到千牛处理,同意后接着发", f"Exchange{name} is not agreed to yet: settle it at Tmall, it then goes on"
        ))  # fmt: skip
    return Gate()


def stopped_late(source: Source, codes: str, lang: Lang) -> str:
    """A parcel that left before its exchange was closed."""
    return say(
        lang, f"换货在天猫上已关闭或转成退款,包裹 {codes} 已经发出:联系快递拦截,或请买家退回",
        f"The exchange was closed or became a refund after parcel {codes} had left: have it stopped, or ask for it back",
    ) if source.stop else ""  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A row of 手工订单 that sends something for a refund, and how far it is."""

    own_id: str
    kind: str
    waybill: str = ""  # courier and number, once it left
    left_at: datetime | None = None
    why: str = ""  # what it waits for

    def text(self, lang: Lang) -> str:
        """What 售后 says of it."""
        zh, en = ("换货", "exchange") if self.kind == "exchange" else ("补发", "reshipment")
        if self.left_at is not None:
            return say(
                lang, f"{self.own_id} {zh}已发出 {self.waybill}({clock_text(self.left_at)})",
                f"{self.own_id} {en} left with {self.waybill} ({clock_text(self.left_at)})",
            )  # fmt: skip
        why = self.why or say(lang, "在做", "under way")
        return say(lang, f"{self.own_id} {zh}:{why}", f"{self.own_id} {en}: {why}")


def row_id(refund_id: str) -> str:
    """The row that a choice in 售后 makes: named after the refund, so that making it again is the same row."""
    return f"OR{refund_id}"
