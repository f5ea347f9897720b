"""What the rows of 订单, 订单明细 and 运单 show, worked out from facts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sync_engine.intent import IntentKind, IntentState
from sync_engine.parcel import Package
from sync_engine.plan.bundling import parts_text
from sync_engine.plan.checked import check_from_text, check_text
from sync_engine.plan.facts import LineStaff, OrderFacts, OrderPlan, is_dead
from sync_engine.plan.gift_text import gift_key_text, gifts_from_text, gifts_text
from sync_engine.plan.places import key_shown
from sync_engine.plan.policy import Policy
from sync_engine.plan.resending import resend_of
from sync_engine.plan.words import say
from sync_engine.trade import REFUND_OPEN, UNPAID, ZERO, Line, Refund, Trade
from sync_engine.values import clean_text
from workbook_templates.schema import Value
from workbook_templates.tables.choices import COURIERS, name_of

Row = dict[str, Value]
KG = Decimal(1000)
_PRESSING = (*sorted(REFUND_OPEN), "SELLER_REFUSE_BUYER", "SUCCESS", "CLOSED")


def order_row(facts: OrderFacts, plan: OrderPlan, policy: Policy) -> Row:
    """The order's row."""
    trade = facts.trade
    refunded = sum((refund.fee for refund in facts.refunds if refund.status == "SUCCESS"), ZERO)
    unpaid = trade.status in UNPAID or trade.pay_time is None
    receiver = trade.receiver
    return {
        "tid": trade.tid,
        "stage": plan.stage,
        "problem": plan.problem,
        "status": trade.status,
        "refund_status": _pressing_refund(trade),
        "seller_memo": clean_text(trade.seller_memo),
        "seller_flag": trade.seller_flag,
        "buyer_message": clean_text(trade.buyer_message),
        "goods": clean_text(goods_text(trade.lines, policy)),
        **_gift_cells(facts),
        "quantity": sum(line.num for line in trade.lines if not is_dead(line)),
        "total_amount": trade.payment,
        "paid_amount": ZERO if unpaid else trade.payment - refunded,
        "refund_amount": refunded,
        "post_fee": trade.post_fee,
        **_courier_cells(facts, plan),
        "warehouse": say(policy.lang, "、", ", ").join(
            dict.fromkeys(filter(None, (_ships_from(facts, line, policy) for line in trade.lines)))
        ),
        "warehouse_why": clean_text(facts.placement.why),
        "buyer": clean_text(trade.buyer_nick),
        "receiver": clean_text(
            " ".join(part for part in (receiver.name, receiver.mobile or receiver.phone) if part)
        ),
        "province": receiver.province,
        "city": receiver.city,
        "district": receiver.district,
        "address": clean_text(receiver.street),
        "created": trade.created,
        "pay_time": trade.pay_time,
        "consign_time": trade.consign_time,
        "end_time": trade.end_time,
        "modified": trade.modified,
        "shop": clean_text(
            policy.shop_named(trade.seller, trade.shop) if trade.shop or policy.more_shops else ""
        ),
        "source": clean_text(_came_from(trade, policy)),
        **_audit_cells(plan, policy),
        "merged": clean_text(facts.joint.note),
    }


def _came_from(trade: Trade, policy: Policy) -> str:
    """Where an order came from; of one of 手工订单 also what it is sent after."""
    words = {
        "plain": ("手工订单", "own order"),
        "reship": ("补发", "reshipment"),
        "exchange": ("换货", "exchange"),
    }
    if trade.purpose not in words:
        return say(policy.lang, "天猫接口", "Tmall gateway")
    word = say(policy.lang, *words[trade.purpose])
    return (
        say(policy.lang, f"{word},原订单 {trade.origin}", f"{word} of order {trade.origin}")
        if trade.origin
        else word
    )


def _audit_cells(plan: OrderPlan, policy: Policy) -> Row:
    audit = plan.audit
    if audit is None:
        return {}
    return {
        "audit": audit.words(policy.lang),
        "audit_why": clean_text(audit.why(policy.lang)),
        "order_key": audit.order_key,
        "audited_key": audit.audited_key,
    }


def _gift_cells(facts: OrderFacts) -> Row:
    """What is given along: of the parcels where there are any, else what a parcel made now would get."""
    packages = [package for package in facts.packages if package.settled]
    plan = facts.gifts
    if packages or plan is None:
        whys = dict.fromkeys(package.gifts_why for package in packages if package.gifts_why)
        return {
            "gifts": gifts_text(gift for package in packages for gift in package.gifts),
            "gifts_why": clean_text(" | ".join(whys)),
        }
    return {"gifts": gifts_text(plan.gifts), "gifts_why": clean_text(plan.why)}


def gift_lines(package: Package, policy: Policy) -> list[Line]:
    """What is given along in a parcel as lines, for weight, label, pick list and packing slip."""
    lines = []
    for number, gift in enumerate(package.gifts, start=1):
        key = policy.codes.get(gift.code, "")
        goods = policy.goods.get(key)
        lines.append(Line(
            oid=f"{package.package_id}.{number}", sku_id=key or gift.code, outer_sku_id=gift.code, num=gift.num, gift=True,
            title=(goods.title if goods else "") or gift.code, status="WAIT_SELLER_SEND_GOODS",
        ))  # fmt: skip
    return lines


def _courier_cells(facts: OrderFacts, plan: OrderPlan) -> Row:
    """Courier, reason, weight and freight: of the parcels where there are any, else of the choice to come."""
    packages = [package for package in facts.packages if package.live]
    if packages:
        freights = [package.freight for package in packages if package.freight is not None]
        return {
            "courier": packages[0].cp_code,
            "courier_why": " | ".join(dict.fromkeys(package.why for package in packages)),
            "weight_kg": Decimal(sum(package.weight_g for package in packages)) / KG,
            "freight": sum(freights, ZERO) if freights else None,
            "waybill_codes": " ".join(package.waybill_code for package in packages if package.waybill_code),
        }
    codes = dict.fromkeys(line.invoice_no for line in facts.trade.lines if line.invoice_no)
    company = next((line.logistics_company for line in facts.trade.lines if line.logistics_company), "")
    choice = plan.choice
    return {
        "courier": (choice.cp_code or None)
        if choice
        else name_of(COURIERS, company[:2])
        if company
        else None,
        "courier_why": choice.why if choice else "",
        "weight_kg": Decimal(choice.weight_g) / KG if choice else None,
        "freight": choice.freight if choice else None,
        "waybill_codes": " ".join(codes),
    }


def _ships_from(facts: OrderFacts, line: Line, policy: Policy) -> str:
    place = facts.warehouse_of(line.oid)
    return policy.places.shown(place) if place else ""


def _pressing_refund(trade: Trade) -> str:
    states = {line.refund_status for line in trade.lines}
    return next((state for state in _PRESSING if state in states), "NO_REFUND")


def goods_text(lines: Sequence[Line], policy: Policy) -> str:
    """Goods as people in the warehouse name them: short name or code, variant, × count."""
    return say(policy.lang, "、", ", ").join(f"{line_name(line, policy)}×{line.num}" for line in lines)


def line_name(line: Line, policy: Policy) -> str:
    """The name of one line's goods on labels and lists."""
    goods = policy.goods.get(line.sku_key)
    name = (
        (goods.short_name if goods else "")
        or line.outer_id
        or " ".join(filter(None, (line.title, line.sku_text)))
    )
    return say(policy.lang, f"赠 {name}", f"Gift {name}") if line.gift else name


def line_row(facts: OrderFacts, line: Line, policy: Policy, now: datetime) -> Row:
    """A line's row."""
    refunds = [refund for refund in facts.refunds if refund.oid == line.oid and refund.status == "SUCCESS"]
    package = next((p for p in reversed(facts.packages) if p.live and line.oid in p.oids), None)
    staff = facts.line_staff(line.oid)
    return {
        "oid": line.oid,
        "tid": facts.trade.tid,
        "outer_id": line.outer_id,
        "title": clean_text(line.title),
        "sku_text": clean_text(line.sku_text),
        "num": line.num,
        "price": line.price,
        "amount": line.amount,
        "status": line.status,
        "refund_status": line.refund_status or "NO_REFUND",
        "refund_amount": sum((refund.fee for refund in refunds), ZERO),
        "package_id": package.package_id if package else "",
        "warehouse": clean_text(_ships_from(facts, line, policy)),
        "waybill_code": line.invoice_no,
        "consign_time": line.consign_time,
        "parts": parts_text(facts.parts.get(line.oid, {})),
        "returned_at": staff.returned_at or (now if staff.returned_qty or staff.defective_qty else None),
        "problem": _line_problem(line, staff, facts.refunds, policy),
        "num_iid": line.num_iid,
        "sku_id": line.sku_id,
    }


def _line_problem(line: Line, staff: LineStaff, refunds: Sequence[Refund], policy: Policy) -> str:
    returned = staff.returned_qty + staff.defective_qty
    if returned > line.num:
        good = min(staff.returned_qty, line.num)
        return say(
            policy.lang,
            f"退回数超过购买数,按入库 {good} 件、次品 {line.num - good} 件算;请改数量",
            f"More returned than bought: counted as {good} good and {line.num - good} defective; correct them",
        )
    if returned and not line.was_shipped:
        return say(policy.lang, "还没发货,退回数不计入库存", "Not shipped yet: the return is not counted")
    if not line.outer_id:
        return say(
            policy.lang,
            "天猫上没有商家编码,库存按 SKU ID 计",
            "No merchant code at Tmall: stock is kept by SKU id",
        )
    coming = next((refund for refund in refunds if refund.oid == line.oid and refund.sid), None)
    return say(policy.lang, f"退货运单 {coming.sid}", f"Return waybill {coming.sid}") if coming else ""


def waybill_row(facts: OrderFacts, package: Package, policy: Policy, now: datetime) -> Row:
    """A parcel's row."""
    lines = [line for line in facts.trade.lines if line.oid in package.oids]
    numbered = [p.package_id for p in facts.packages if p.live]
    place = numbered.index(package.package_id) + 1 if package.package_id in numbered else 0
    return {
        "package_id": package.package_id,
        "waybill_code": package.waybill_code,
        "state": shown_state(facts, package),
        "new_told": clean_text(resend_of(facts, package, now, policy.lang).told),
        "earlier_codes": " ".join(package.earlier),
        "resent_at": package.resent_at,
        "problem": package.problem,
        "cp_code": package.cp_code,
        "tid": package.tid,
        "warehouse": clean_text(policy.places.shown(package.warehouse)) if package.warehouse else "",
        "part": f"{place}/{len(numbered)}" if place else "",
        "goods": clean_text(goods_text([*lines, *gift_lines(package, policy)], policy)),
        "gifts": gifts_text(package.gifts),
        "gifts_why": clean_text(package.gifts_why),
        "gift_key": gift_key_text(package.gifts, package.gift_day, package.gift_buyer),
        "oids": " ".join(package.oids),
        "joined": " ".join(package.joined),
        "weight_kg": Decimal(package.weight_g) / KG,
        "checked_at": package.check.at,
        "weighed_kg": Decimal(package.check.weighed_g) / KG if package.check.weighed_g else None,
        "check_key": check_text(package.check),
        "freight": package.freight,
        "courier_why": package.why,
        "bought_at": package.bought_at,
        "batch": package.batch,
        "printed_at": package.printed_at,
        "prints": package.prints or None,
        "print_log": clean_text(package.print_log),
        "shipped_at": package.shipped_at,
        "cancelled_at": package.cancelled_at,
        "address_key": package.address_key,
    }


def shown_state(facts: OrderFacts, package: Package) -> str:
    """A parcel's state as shown: what we know, or that an effect is in doubt or under way."""
    if package.state == "cancelling":  # also in doubt: a waybill that may be void must never look fit to send
        return package.state
    own = [intent for intent in facts.intents.values() if intent.subject == package.package_id]
    if any(intent.state is IntentState.UNKNOWN for intent in own):
        return "unknown"
    if package.state == "printed" and any(i.kind is IntentKind.SHIP and i.open for i in own):
        return "shipping"
    return package.state


_UNBOUGHT = ("planned", "buying", "unknown", "refused")
"""States of rows without a number: what stands there was typed by somebody. If one was bought after all, the courier names it."""


def package_from_row(cells: Row) -> Package | None:
    """A parcel as its row tells it: how the journal is rebuilt from the workbook. None for a row without a parcel."""
    package_id, tid = str(cells.get("package_id") or ""), str(cells.get("tid") or "")
    number = package_id.rpartition("-")[2]
    if not tid or not number.isdigit():
        return None
    state = str(cells.get("state") or "")
    unbought = state in _UNBOUGHT and cells.get("bought_at") is None
    code = "" if unbought else str(cells.get("waybill_code") or "")
    weight, freight = cells.get("weight_kg"), cells.get("freight")
    gifts, day, buyer = gifts_from_text(str(cells.get("gifts") or ""), str(cells.get("gift_key") or ""))
    package = Package(
        package_id=package_id, tid=tid, no=int(number), oids=tuple(str(cells.get("oids") or "").split()),
        cp_code=str(cells.get("cp_code") or ""), state=state, waybill_code=code,
        why=str(cells.get("courier_why") or ""), problem=str(cells.get("problem") or ""),
        weight_g=int(weight * KG) if isinstance(weight, int | Decimal) else 0,
        freight=Decimal(freight) if isinstance(freight, int | Decimal) else None,
        address_key=str(cells.get("address_key") or ""), warehouse=key_shown(cells.get("warehouse")), bought_at=_moment(cells.get("bought_at")),
        batch=str(cells.get("batch") or ""), printed_at=_moment(cells.get("printed_at")),
        shipped_at=_moment(cells.get("shipped_at")), cancelled_at=_moment(cells.get("cancelled_at")),
        joined=tuple(str(cells.get("joined") or "").split()), gifts=gifts, gifts_why=str(cells.get("gifts_why") or ""), gift_day=day, gift_buyer=buyer,
        prints=int(count) if isinstance(count := cells.get("prints"), int | Decimal) else 0, print_log=str(cells.get("print_log") or ""),
        earlier=tuple(str(cells.get("earlier_codes") or "").split()), resent_at=_moment(cells.get("resent_at")),
        check=check_from_text(str(cells.get("check_key") or ""), cells.get("checked_at"), cells.get("weighed_kg")),
    )  # fmt: skip
    return replace(package, state=_rebuilt_state(package))


def _rebuilt_state(package: Package) -> str:
    if package.cancelled_at or package.state == "cancelled":
        return "cancelled"
    if package.shipped_at or package.state == "shipped":
        return "shipped"
    if not package.waybill_code:
        return "buying"
    if package.state == "cancelling":
        return "cancelling"
    return "printed" if package.printed_at else "bought"


def _moment(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None
