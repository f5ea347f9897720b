"""Why an order waits, what its row shows, and what a person must do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync_engine.intent import Intent, IntentKind, IntentState, ship_key
from sync_engine.parcel import Package, address_key
from sync_engine.plan.audit import Audit
from sync_engine.plan.facts import OrderFacts, OrderPlan, is_asked, is_dead, is_open, is_sendable
from sync_engine.plan.policy import Policy
from sync_engine.plan.words import clock_text, say
from sync_engine.todo import Todo
from sync_engine.trade import CLOSED, SHIPPED, UNPAID
from workbook_templates.schema import Lang
from workbook_templates.tables import ORDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why nothing more is done for an order just now."""

    code: str
    reason: str
    advice: str = ""
    stage: str = "hold"
    until: datetime | None = None
    blocks_shipping: bool = True
    todo: bool = False  # whether a person must act


def find_hold(facts: OrderFacts, policy: Policy, now: datetime, audit: Audit) -> Hold | None:
    """The first reason, most binding first, why this order waits; None if it may go on."""
    trade, lang = facts.trade, policy.lang
    if not is_open(trade):
        return Hold(code="not_open", reason="")
    if not facts.visible:
        return Hold(
            code="row_gone",
            reason=say(
                lang,
                "这一行被大量删除,等人确认",
                "The row vanished in a mass deletion: waiting for a decision",
            ),
        )
    if facts.staff.hold:
        return Hold(code="staff", reason=say(lang, "店里暂停", "On hold by staff"))
    if trade.origin and trade.holds:  # a reshipment or an exchange that may not leave yet
        return Hold(code="after_sale", reason=say(lang, "、", ", ").join(trade.holds))
    if trade.status == "PAID_FORBID_CONSIGN" or trade.holds:
        names = "、".join(trade.holds) or trade.status
        return Hold(
            code="platform",
            reason=say(
                lang,
                f"平台暂不允许发货({names}),允许后自动继续",
                f"Tmall forbids shipping for now ({names}); goes on by itself",
            ),
        )
    return (
        _asked_hold(facts, policy)
        or _address_hold(facts, lang)
        or _place_hold(facts, lang)
        or _buffer_hold(facts, policy, now)
        or _audit_hold(facts, audit, lang)
        or _joint_hold(facts)
    )


def _joint_hold(facts: OrderFacts) -> Hold | None:
    """Another order in the same parcel must not go, so the parcel does not."""
    stopped = next((duty.stopped for duty in facts.joint.duties.values() if duty.stopped), "")
    return Hold(code="joint", reason=stopped) if stopped else None


def _place_hold(facts: OrderFacts, lang: Lang) -> Hold | None:
    """Staff named a warehouse that does not exist; or none can ship the order, and the shop waits for goods."""
    placement = facts.placement
    if has_all_waybills(facts) or not (placement.problem or placement.short):
        return None
    if placement.problem:
        return Hold(
            code="warehouse", reason=placement.problem, stage="person", blocks_shipping=False, todo=True,
            advice=say(lang, "改“指定仓库”,或清空由表猫选", "Correct Warehouse wanted, or clear it"),
        )  # fmt: skip
    return Hold(
        code="out_of_stock", reason=placement.note, stage="hold", blocks_shipping=False, todo=True,
        advice=say(
            lang, "补货、调拨、盘点后自动继续;也可填“指定仓库”照发",
            "It goes on by itself after a receipt, a transfer or a count; or name a warehouse to send it all the same",
        ),
    )  # fmt: skip


def _audit_hold(facts: OrderFacts, audit: Audit, lang: Lang) -> Hold | None:
    """An order the audit keeps. One whose waybills are bought goes on, unless it was changed since."""
    if not audit.waits or (has_all_waybills(facts) and not audit.changed):
        return None
    approve = say(
        lang,
        "看过没问题,就在“审核通过”选 ✓;原来选过的先清空,同步一次再选",
        "If it may go, choose ✓ under Approved; where it is set, clear it, sync, and choose it again",
    )
    close = say(
        lang, "到千牛联系买家,确实不发就退款", "Talk to the buyer at Tmall; refund it if it will not be sent"
    )
    return Hold(
        code="audit",
        reason=audit.reason,
        advice=say(lang, f"{close};要发就在“审核通过”选 ✓", f"{close}; else choose ✓ under Approved")
        if audit.outcome == "cancel"
        else approve,
        stage="hold" if audit.outcome == "hold" else "person",
        until=audit.until,
        blocks_shipping=audit.changed,
        todo=audit.outcome != "hold",
    )


def _asked_hold(facts: OrderFacts, policy: Policy) -> Hold | None:
    asked = [line for line in facts.trade.lines if is_asked(line)]
    everything = all(is_asked(line) or is_dead(line) for line in facts.trade.lines)
    if not asked or (policy.setting("refund_asked") == "rest" and not everything):
        return None
    return Hold(
        code="refund_asked",
        reason=say(
            policy.lang,
            f"买家对 {len(asked)} 行申请退款,先别发货",
            f"A refund is asked for {len(asked)} line(s): do not ship",
        ),
        advice=say(
            policy.lang,
            "到千牛处理退款;买家撤销或退款完成后自动继续",
            "Settle the refund at Tmall; it goes on by itself afterwards",
        ),
        todo=True,
    )


def _address_hold(facts: OrderFacts, lang: Lang) -> Hold | None:
    receiver = facts.trade.receiver
    if receiver.province and (receiver.address or receiver.oaid) and receiver.name:
        return None
    return Hold(
        code="address",
        reason=say(lang, "收货信息不完整,无法取单号", "The receiver is incomplete: no waybill can be bought"),
        advice=say(
            lang,
            "到千牛查看这一单的收货地址,请买家补全",
            "Look at the address at Tmall and ask the buyer to complete it",
        ),
        stage="person",
        todo=True,
    )


def _buffer_hold(facts: OrderFacts, policy: Policy, now: datetime) -> Hold | None:
    if has_all_waybills(facts):
        return None
    paid = facts.joint.since or facts.trade.pay_time or facts.trade.created
    until = paid if policy.buy_now else paid + policy.buffer
    if policy.quiet_until:
        until = max(until, policy.quiet_until)
    if now >= until:
        return None
    return Hold(
        code="buffer",
        reason=say(policy.lang, f"{clock_text(until)} 起取单号", f"Waybill from {clock_text(until)}"),
        stage="buying",
        until=until,
        blocks_shipping=False,
    )


def touched_by_rules(facts: Mapping[str, OrderFacts], plans: Mapping[str, OrderPlan]) -> dict[str, list[str]]:
    """Orders without a waybill by the rule of 审单规则 that decides them."""
    found: dict[str, list[str]] = {}
    for tid, plan in plans.items():
        if plan.audit and plan.audit.rule_id and not has_all_waybills(facts[tid]):
            found.setdefault(plan.audit.rule_id, []).append(tid)
    return found


def has_all_waybills(facts: OrderFacts) -> bool:
    """Whether nothing is left to be bought, so that there is nothing to wait for."""
    covered = {oid for package in facts.packages if package.has_waybill for oid in package.oids}
    left = [line for line in facts.trade.lines if is_sendable(line)]
    return bool(left) and all(line.oid in covered for line in left)


def stage_of(facts: OrderFacts, packages: Sequence[Package], hold: Hold | None, no_courier: bool) -> str:
    """The 处理状态 of an order."""
    trade = facts.trade
    if trade.status in UNPAID:
        return "unpaid"
    if trade.status in CLOSED:
        return "closed"
    if trade.status == "TRADE_FINISHED":
        return "finished"
    if trade.status in SHIPPED:
        return "shipped"
    states = {package.state for package in packages if package.live}
    if no_courier or "refused" in states or _refused(facts, packages) or _addresses_refused(facts, packages):
        return "person"
    if hold and hold.code not in ("buffer", "not_open"):
        return hold.stage
    return _work_stage(facts, states)


def _work_stage(facts: OrderFacts, states: set[str]) -> str:
    for state, stage in (("buying", "buying"), ("bought", "to_print"), ("printed", "to_ship")):
        if state in states:
            return stage
    if states == {"shipped"}:
        lines = facts.trade.lines
        covered = {oid for package in facts.packages if package.state == "shipped" for oid in package.oids}
        done = all(line.oid in covered or line.was_shipped or is_dead(line) for line in lines)
        return "shipped" if done else "part_shipped"
    return "buying"


def _refused(facts: OrderFacts, packages: Sequence[Package]) -> list[Intent]:
    """Shipments Tmall refused for parcels that are still to go."""
    waiting = {package.package_id for package in packages if package.state == "printed"}
    return [
        intent
        for intent in facts.intents.values()
        if intent.kind is IntentKind.SHIP
        and intent.state is IntentState.REFUSED
        and intent.subject in waiting
    ]


def readdressing(facts: OrderFacts, packages: Sequence[Package]) -> list[Intent]:
    """Changes of address that the courier has not taken, of parcels that are still to go."""
    now_at = address_key(facts.trade.receiver)
    waiting = {p.package_id for p in packages if p.state in ("bought", "printed") and p.address_key != now_at}
    return [
        intent
        for intent in facts.intents.values()
        if intent.kind is IntentKind.READDRESS
        and intent.subject in waiting
        and intent.doc["address_key"] == now_at
        and (intent.open or intent.state is IntentState.REFUSED)
    ]


def _addresses_refused(facts: OrderFacts, packages: Sequence[Package]) -> list[Intent]:
    return [intent for intent in readdressing(facts, packages) if intent.state is IntentState.REFUSED]


def order_todos(
    facts: OrderFacts,
    packages: Sequence[Package],
    hold: Hold | None,
    no_courier: bool,
    memo: str,
    policy: Policy,
) -> tuple[Todo, ...]:
    """What a person must do for this order."""
    lang, found = policy.lang, []
    if hold and hold.todo:
        found.append(_todo(facts, hold.code, hold.reason, hold.advice))
    if no_courier:
        found.append(_todo(
            facts, "no_courier",
            say(lang, "没有快递可用:规则和运费表都没有结果", "No courier: neither rules nor freight table decide"),
            say(lang, "在“指定快递”里选一家,或补全快递规则、运费表", "Choose one under Courier wanted, or complete the rules or the freight table"),
            severity="stop",
        ))  # fmt: skip
    for package in packages:
        if package.state == "refused":
            found.append(_todo(
                facts, f"buy_refused-{package.no}",
                say(lang, f"取单号失败:{package.problem}", f"No waybill: {package.problem}"),
                say(lang, "检查面单余额、发货地址和收货信息;也可换一家快递。稍后会自动再试", "Check balance, sender and receiver, or choose another courier; it is tried again later"),
                severity="stop",
            ))  # fmt: skip
    for intent in _refused(facts, packages):
        found.append(_todo(
            facts, f"ship_refused-{intent.subject}",
            say(lang, f"天猫不接受发货:{intent.answer}", f"Tmall refused the shipment: {intent.answer}"),
            say(lang, "按提示处理,或到千牛手工发货", "Do as it says, or ship by hand at Tmall"),
            severity="stop",
        ))  # fmt: skip
    for intent in _addresses_refused(facts, packages):
        code = next(package.waybill_code for package in packages if package.package_id == intent.subject)
        found.append(_todo(
            facts, f"readdress_refused-{intent.subject}",
            say(lang, f"买家改了地址,快递不接受修改运单 {code}:{intent.answer}", f"The buyer changed the address, and the courier will not change waybill {code}: {intent.answer}"),
            say(lang, "先别寄出:在“运单”表选“作废”,作废后再清空这一格,表猫就按新地址取号;若已揽收,联系快递改派", "Do not send it: choose Cancel in the waybills sheet, and clear that cell once it is cancelled: a new one is bought. If it left, ask the courier to redirect it"),
            severity="stop",
        ))  # fmt: skip
    if memo:
        found.append(_todo(facts, "memo", memo, say(lang, "改“改卖家备注”一格", "Change the wanted memo")))
    found.extend(_late_cancels(facts, packages, policy))
    return tuple(found)


def _late_cancels(facts: OrderFacts, packages: Sequence[Package], policy: Policy) -> list[Todo]:
    """Waybills the courier would not take back."""
    lang = policy.lang
    stuck = {p.package_id: p for p in packages if p.state == "cancelling"}
    return [
        _todo(
            facts, f"cancel_refused-{intent.subject}",
            say(lang, f"运单 {stuck[intent.subject].waybill_code} 无法作废:{intent.answer}", f"Waybill {stuck[intent.subject].waybill_code} cannot be cancelled: {intent.answer}"),
            say(lang, "联系快递网点退回单号;包裹若已寄出请拦截", "Ask the courier's branch to take it back; stop the parcel if it left"),
            severity="stop",
        )
        for intent in facts.intents.values()
        if intent.kind is IntentKind.CANCEL and intent.state is IntentState.REFUSED and intent.subject in stuck
    ]  # fmt: skip


def _todo(facts: OrderFacts, code: str, reason: str, advice: str, severity: str = "ask") -> Todo:
    tid = facts.trade.tid
    return Todo(
        code=code, subject=f"{ORDERS.name}/{tid}", table=ORDERS.name, row_key=tid,
        reason=reason, advice=advice, severity=severity,
    )  # fmt: skip


def problem_text(todos: Sequence[Todo], hold: Hold | None, notes: Sequence[str], lang: Lang) -> str:
    """The 需要注意 cell: what waits and what was done unasked."""
    texts = [hold.reason] if hold and hold.reason else []
    texts += [todo.reason for todo in todos if not hold or todo.reason != hold.reason]
    return say(lang, ";", "; ").join(dict.fromkeys([*texts, *notes]))


__all__ = ["Hold", "find_hold", "has_all_waybills", "order_todos", "problem_text", "ship_key", "stage_of"]
