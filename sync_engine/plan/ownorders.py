"""手工订单 read: who gets what where, what is still missing, and the order it makes. Pure.

Plain personal data is in `Own.receiver` alone, for the courier; the trade that is kept has it masked, with a fingerprint in the
place of the platform's OAID, so that a changed receiver is seen and equal ones may share a parcel.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from formulas.addresses import Address, parse_address
from sync_engine.mask import mask_name, mask_phone, mask_street
from sync_engine.plan.gifts import ITEM
from sync_engine.plan.resupply import SPLIT, Source
from sync_engine.plan.words import say
from sync_engine.trade import CLOSED, Line, Receiver, Trade
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]
OWN = "手工"
"""What the shop behind the sheet is called beside the others."""
SURE = 80
"""From this confidence on a place is used as it was understood (decision 0020)."""
FEN = Decimal("0.01")
_NUMBER = re.compile(r"S\d{12}OR?\d+")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(?:-\d{1,6})?|[48]00-?\d{3}-?\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One kind of goods as the product sheet has it."""

    code: str
    num_iid: str
    sku_id: str
    title: str
    sku_text: str


NOWHERE = Address()


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One row as it was understood."""

    own_id: str
    order: str = ""  # its number, once the sheet shows it
    state: str = "draft"  # draft | person | waiting | taken | cancelled
    problem: str = ""
    place: Address = NOWHERE
    receiver: Receiver | None = (
        None  # plain, or the original's with its OAID; None where it may not be sent so
    )
    borrowed: bool = False  # whether it is the platform's own of the original order: masked, with an OAID
    lines: tuple[tuple[Goods, int], ...] = ()
    wiped: bool = False
    source: Source | None = None  # what a reshipment or an exchange is sent after

    @property
    def kind(self) -> str:
        """plain | reship | exchange."""
        return self.source.kind if self.source else "plain"

    @property
    def hold(self) -> str:
        """Why it is an order and may not leave yet."""
        return self.source.hold if self.source and self.state == "taken" else ""


def is_own(tid: str) -> bool:
    """Whether a number is of an order of this sheet."""
    return bool(_NUMBER.fullmatch(tid))


def row_of(number: str) -> str:
    """The row a number was made for."""
    return number[13:]


def new_number(own_id: str, now: datetime) -> str:
    """A number no other workbook of the same courier account has: the second, and the row."""
    return f"S{now:%y%m%d%H%M%S}{own_id}"


def owners(rows: Mapping[str, Cells]) -> dict[str, str]:
    """The row each number belongs to: the only one that shows it, or of copies the one it was made for."""
    shown: dict[str, list[str]] = {}
    for key, cells in rows.items():
        if is_own(number := str(cells.get("order") or "")):
            shown.setdefault(number, []).append(key)
    found = {}
    for number, keys in shown.items():
        own = keys if len(keys) == 1 else [key for key in keys if number.endswith(key)]
        if len(own) == 1:
            found[number] = own[0]
    return found


def good_phone(text: str) -> str:
    """A phone number as couriers take it; "" for what is none."""
    plain = re.sub(r"[\s()()]", "", text).replace("—", "-")
    if found := _MOBILE.fullmatch(plain.replace("-", "")):
        return found[1]
    return plain if _LANDLINE.fullmatch(plain) else ""


def read_own(
    key: str, cells: Cells, *, owner: bool, taken: bool, codes: Mapping[str, Goods], lang: Lang, source: Source | None = None
) -> Own:  # fmt: skip
    """Understand a row.

    Args:
        owner: whether the number it shows is its own.
        taken: whether it was an order before; clearing Ready takes nothing back then.
        codes: goods by merchant code.
        source: what a row of 补发 or 换货 is sent after.
    """
    order = str(cells.get("order") or "")
    place = parse_address(str(cells.get("address") or ""))
    wiped = cells.get("wiped_at") is not None
    borrowed = source is not None and not any(cells.get(name) for name in ("receiver", "phone", "address"))
    base = Own(
        own_id=key, order=order if owner else "", place=place, wiped=wiped, source=source, borrowed=borrowed and source is not None and source.masked
    )  # fmt: skip
    if cells.get("cancel") is True:
        return replace(base, state="cancelled")
    if order and not owner:
        return replace(base, state="person", problem=say(
            lang, "这一行是复制出来的:要当新的一单发,先清空“可以发”、同步一次,再选 ✓;不要就删掉",
            "This row is a copy: to send it as another order clear Ready, sync, and choose it again; else delete it",
        ))  # fmt: skip
    if source is not None and source.stop:
        return replace(base, state="cancelled", problem=source.stop)
    lines, wrong = _goods(str(cells.get("goods") or ""), codes, lang)
    problems = [*_problems(base, cells, lang, borrowed=borrowed), *wrong]
    if source is None and not isinstance(cells.get("amount"), Decimal | int):
        problems.append(say(lang, "没填金额(送的填 0)", "no amount (0 for a gift)"))
    if problems:
        asked = cells.get("ready") is True
        if asked and not taken:  # it shows a number already, which is given before there is an order
            problems[0] = say(lang, "还没接单:", "Not taken yet: ") + problems[0]
        return replace(
            base,
            state="person" if asked or taken else "draft",
            lines=lines,
            problem=say(lang, ";", "; ").join(problems),
        )
    if cells.get("ready") is not True and not taken:
        return replace(
            base, lines=lines, problem=say(lang, "填好了,就选“可以发”", "choose Ready once it is complete")
        )
    if borrowed and source is not None:
        if source.asking:
            return replace(base, state="waiting", lines=lines, problem=say(
                lang, f"正在向天猫查原订单 {source.origin} 的收货人", f"The receiver of order {source.origin} is being asked for"
            ))  # fmt: skip
        return replace(base, state="taken", lines=lines, receiver=source.receiver)
    phone = good_phone(str(cells.get("phone") or ""))
    mobile = phone if _MOBILE.fullmatch(phone) else ""
    receiver = Receiver(
        name=str(cells.get("receiver")).strip(), mobile=mobile, phone="" if mobile else phone, province=place.province,
        city=place.city, district=place.district, address=place.street,
    )  # fmt: skip
    return replace(base, state="taken", lines=lines, receiver=None if wiped else receiver)


def _problems(own: Own, cells: Cells, lang: Lang, *, borrowed: bool) -> list[str]:
    """What is wrong with what it is sent after, and with whom it goes to."""
    found = _source_problems(own.source, cells, lang)
    if borrowed and own.source is not None:
        return [*found, *_borrowing_problems(own.source, lang)]
    return found if own.wiped else [*found, *_receiver_problems(cells, own.place, lang)]


def _source_problems(source: Source | None, cells: Cells, lang: Lang) -> list[str]:
    if source is not None:
        return [source.problem] if source.problem else []
    if cells.get("of_order") or cells.get("refund"):
        return [say(
            lang, "填了原订单号或退款编号:类型要选补发或换货,不是就清空这两格",
            "an original order or a refund is named: choose reshipment or exchange as its kind, or clear both cells",
        )]  # fmt: skip
    return []


def _borrowing_problems(source: Source, lang: Lang) -> list[str]:
    """Why it cannot go to the receiver of the order it is sent after."""
    if source.problem or source.asking or source.receiver is not None:
        return []
    if source.lost:
        return [source.lost]
    return [say(
        lang, f"原订单 {source.origin} 的收货人用不了(天猫没给 OAID,或已经抹掉):填收货人、电话、地址",
        f"the receiver of order {source.origin} is of no use (no OAID, or wiped): type receiver, phone and address",
    )]  # fmt: skip


def _receiver_problems(cells: Cells, place: Address, lang: Lang) -> list[str]:
    found = []
    name, phone = str(cells.get("receiver") or "").strip(), str(cells.get("phone") or "").strip()
    if not name:
        found.append(say(lang, "没填收货人", "no receiver"))
    elif len(name) >= 40 or "*" in name:
        found.append(say(lang, "收货人要填全名,不能带 *", "the receiver's full name, without *"))
    if not phone:
        found.append(say(lang, "没填电话", "no phone"))
    elif not good_phone(phone):
        found.append(
            say(
                lang,
                "电话格式不对:手机 11 位,或带区号的座机",
                "the phone is none: 11 digits, or a landline with its area code",
            )
        )
    if not str(cells.get("address") or "").strip():
        found.append(say(lang, "没填地址", "no address"))
    elif not place.province or not place.street:
        found.append(say(lang, "地址看不出省市区或详细地址", "the address shows no place or no street"))
    elif place.confidence < SURE and cells.get("place_ok") is not True:
        doubts = say(lang, "、", ", ").join(say(lang, one.zh, one.en) for one in place.doubts)
        found.append(say(
            lang, f"地址只有 {place.confidence}% 的把握({doubts}):改地址,或看过没错选“地址无误”",
            f"the address is only {place.confidence}% sure ({doubts}): mend it, or choose Address is right",
        ))  # fmt: skip
    return found


def _goods(
    text: str, codes: Mapping[str, Goods], lang: Lang
) -> tuple[tuple[tuple[Goods, int], ...], list[str]]:
    """(goods with their pieces, what is wrong)."""
    counts: dict[str, int] = {}
    wrong = []
    for part in filter(None, (one.strip() for one in SPLIT.split(text))):
        found = ITEM.fullmatch(part)
        code = found["code"].strip() if found else ""
        if found is None or code not in codes:
            wrong.append(say(lang, f"商品“{part[:30]}”在“商品”里找不到", f'no product "{part[:30]}"'))
        else:
            counts[code] = counts.get(code, 0) + int(found["num"] or 1)
    if not counts and not wrong:
        wrong.append(say(lang, "没填商品", "no goods"))
    return tuple((codes[code], pieces) for code, pieces in counts.items()), wrong


def kept_receiver(receiver: Receiver) -> Receiver:
    """The receiver as it may be kept."""
    whole = "|".join(
        (
            receiver.name,
            receiver.mobile or receiver.phone,
            receiver.province,
            receiver.city,
            receiver.district,
            receiver.address,
        )
    )
    mark = hashlib.blake2b(f"own:{whole}".encode(), digest_size=16).hexdigest()
    return replace(
        receiver, name=mask_name(receiver.name), mobile=mask_phone(receiver.mobile), phone=mask_phone(receiver.phone),
        address=mask_street(receiver.address), oaid=f"own{mark}",
    )  # fmt: skip


def amount_of(cells: Cells) -> Decimal:
    """What is paid for a row's order, yuan."""
    return Decimal(str(cells.get("amount") or 0)).quantize(FEN)


def own_trade(own: Own, cells: Cells, at: datetime, lines: Sequence[Line]) -> Trade:
    """The order of a row that is taken, with nothing sent yet."""
    assert own.receiver is not None, "only of what is taken"
    receiver = own.receiver if own.borrowed else kept_receiver(own.receiver)
    source = own.source or Source(kind="plain")
    return Trade(
        tid=own.order, status="WAIT_SELLER_SEND_GOODS", created=at, modified=at, pay_time=at, type="fixed", shop=OWN,
        buyer_nick=receiver.name, buyer_open_uid=receiver.oaid, seller_memo=str(cells.get("memo") or ""), payment=amount_of(cells),
        receiver=receiver, lines=tuple(lines), holds=(own.hold,) if own.hold else (),
        purpose=source.kind, origin=source.origin, for_refund=source.refund_id,
    )  # fmt: skip


def closed(trade: Trade) -> Trade:
    """The order as one that will not be sent: what has not left is closed."""
    lines = tuple(line if line.was_shipped else replace(line, status="TRADE_CLOSED") for line in trade.lines)
    done = all(line.status == "TRADE_CLOSED" for line in lines)
    return (
        replace(trade, lines=lines, status="TRADE_CLOSED", payment=Decimal("0.00"))
        if done
        else replace(trade, lines=lines)
    )


def paid_for(trade: Trade, cells: Cells) -> Trade:
    """The order with its money: one that left whole and was paid is finished, the later of both."""
    received, left = (
        cells.get("received_on"),
        [line.consign_time for line in trade.lines if line.consign_time],
    )
    done = all(line.was_shipped or line.status in CLOSED for line in trade.lines)
    if not isinstance(received, datetime) or not left or not done or trade.status in CLOSED:
        return trade
    return replace(trade, status="TRADE_FINISHED", end_time=max(received.replace(microsecond=0), *left))


Sent = Mapping[str, tuple[str, datetime]]
"""By line: the waybill it left with, and when."""


def with_sent(trade: Trade, sent: Sent) -> Trade:
    """The order with what has left."""
    lines = tuple(
        replace(line, status="WAIT_BUYER_CONFIRM_GOODS", invoice_no=sent[line.oid][0], consign_time=sent[line.oid][1])
        if line.oid in sent else line
        for line in trade.lines
    )  # fmt: skip
    left = [line for line in lines if line.was_shipped]
    if not left:
        return trade
    rest = any(not line.was_shipped and line.status not in CLOSED for line in lines)
    return replace(
        trade, lines=lines, status="SELLER_CONSIGNED_PART" if rest else "WAIT_BUYER_CONFIRM_GOODS",
        consign_time=min(line.consign_time for line in left if line.consign_time),
    )  # fmt: skip
