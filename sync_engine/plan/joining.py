"""合单: orders of one receiver into one parcel. Pure.

Who may go together (facts, section 1.3): one shop, one receiver by OAID and never by masked text, one warehouse, nothing bought yet,
nothing held, refunded or asked back; one buyer, no notes and no presale unless the settings say so; COD and what rules split never.
The parcel's waybill is bought for its first order; weight and freight are shared out by weight, to the gram and the fen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sync_engine.parcel import Package
from sync_engine.plan import courier
from sync_engine.plan.audit import audit_order
from sync_engine.plan.facts import CourierChoice, Joint, OrderFacts, is_dead, is_open, is_sendable
from sync_engine.plan.policy import Policy
from sync_engine.plan.rows import gift_lines
from sync_engine.plan.splitting import split_lines
from sync_engine.plan.stage import find_hold
from sync_engine.plan.words import say
from sync_engine.trade import ZERO, Line, Trade
from workbook_templates.schema import Lang

MOST_ORDERS = MOST_LINES = 100
"""What one request for a waybill takes of orders and of goods (facts: trade_order_list, items)."""
FEN = Decimal("0.01")


def may_join(facts: OrderFacts) -> bool:
    """Whether an order is of the kind that could share a parcel yet to be made: open, its receiver known, nothing bought."""
    trade = facts.trade
    return (
        is_open(trade) and bool(trade.receiver.oaid) and not any(package.live for package in facts.packages)
    )


def join_orders(members: Sequence[OrderFacts], policy: Policy, now: datetime) -> dict[str, Joint]:
    """Which of these go in one parcel, by tid: orders of one shop and receiver in the order of their payment, placed."""
    lang = policy.lang
    alone = {facts.trade.tid: text for facts in members if (text := why_alone(facts, policy, now))}
    free = [facts for facts in members if facts.trade.tid not in alone]
    found: dict[str, Joint] = {}
    for group in _groups(free, policy, alone):
        found.update(_make(group, policy) if len(group) > 1 else {})
    for facts in members:
        tid = facts.trade.tid
        joint = found.get(tid, Joint())
        others = [one.trade.tid for one in members if one.trade.tid != tid and one.trade.tid in alone]
        reasons = [f"{one} {alone[one]}" for one in others]
        if tid in alone:
            reasons = [say(lang, f"本单{alone[tid]}", f"this order {alone[tid]}")]
        elif joint.make is None and not reasons:
            reasons = [say(lang, "没有能一起走的单", "no order to go with")]
        texts = [joint.note] if joint.note else []
        if reasons and len(members) > 1:
            texts.append(say(lang, f"不合:{'、'.join(reasons)}", f"apart: {', '.join(reasons)}"))
        found[tid] = replace(joint, note=say(lang, ";", "; ").join([*texts, *_taken_out(facts, lang)]))
    return found


def _taken_out(facts: OrderFacts, lang: Lang) -> list[str]:
    """What became of parcels it shared before."""
    return [
        say(lang, f"已从包裹 {p.joined[0]} 拆开:{p.problem}", f"taken out of parcel {p.joined[0]}: {p.problem}")
        for p in facts.packages
        if p.joined and not p.live and p.problem
    ]  # fmt: skip


def apart_note(facts: OrderFacts, lang: Lang) -> str:
    """What the 合单 cell says of an order that has no other to go with."""
    return say(lang, ";", "; ").join(_taken_out(facts, lang))


def why_alone(facts: OrderFacts, policy: Policy, now: datetime) -> str:
    """Why an order goes by itself, as the end of a sentence about it; "" where it may share a parcel."""
    trade, lang = facts.trade, policy.lang
    audit = audit_order(facts, policy, now)
    hold = find_hold(facts, policy, now, audit)
    if facts.staff.keep_apart:
        return say(lang, "选了“不合单”", "is to be kept apart")
    if hold is not None and hold.code != "buffer":
        return say(lang, f"在等:{hold.reason}", f"waits: {hold.reason}")
    if audit.waits:
        return say(lang, f"在等:{audit.reason}", f"waits: {audit.reason}")
    if trade.type == "cod":
        return say(lang, "是货到付款", "is COD")
    if trade.type == "step" and policy.setting("merge_presale") != "yes":
        return say(lang, "是预售单", "is a presale")
    noted = trade.buyer_message.strip() or trade.seller_memo.strip() or trade.seller_flag
    if noted and policy.setting("merge_noted") != "yes":
        return say(lang, "有留言、备注或旗帜", "has a message, a memo or a flag")
    return _why_not_whole(facts, policy)


def _why_not_whole(facts: OrderFacts, policy: Policy) -> str:
    """Orders that make more than one parcel by themselves share none."""
    lang, lines = policy.lang, sendable(facts)
    if not lines or any(not is_sendable(line) and not is_dead(line) for line in facts.trade.lines):
        return say(lang, "有商品现在不能发", "has goods that cannot be sent now")
    wished_away = {oid for p in facts.packages if p.package_id in facts.cancel_wanted for oid in p.oids}
    if any(line.oid in wished_away for line in lines):
        return say(lang, "的单号店里选了作废", "has a waybill that staff want cancelled")
    if any(facts.line_staff(line.oid).package_no != 1 for line in lines):
        return say(lang, "填了包裹号", "has parcel numbers")
    if len(_places(facts, policy)) != 1:
        return say(lang, "从几个仓库发", "ships from several warehouses")
    if split_lines(facts, lines, policy).why:
        return say(lang, "按规则要拆单", "is split by rules")
    return ""


def sendable(facts: OrderFacts) -> list[Line]:
    """What an order has to send."""
    return [line for line in facts.trade.lines if is_sendable(line)]


def _places(facts: OrderFacts, policy: Policy) -> set[str]:
    return {facts.placement.by_line.get(line.oid) or policy.places.main for line in sendable(facts)}


def _groups(free: Sequence[OrderFacts], policy: Policy, alone: dict[str, str]) -> list[list[OrderFacts]]:
    """Orders that fit one parcel, the first paid first; notes in `alone` why one joined none."""
    groups: list[list[OrderFacts]] = []
    for facts in free:
        reasons: list[str] = []
        for group in groups:
            reason = _why_apart(group, facts, policy)
            if not reason:
                group.append(facts)
                break
            reasons.append(reason)
        else:
            groups.append([facts])
            if reasons:
                alone[facts.trade.tid] = reasons[0]
    for group in groups:
        if len(group) > 1:  # joined one that came later
            alone.pop(group[0].trade.tid, None)
    return groups


def _why_apart(group: Sequence[OrderFacts], facts: OrderFacts, policy: Policy) -> str:
    """Why an order does not go with these."""
    lang, first = policy.lang, group[0]
    buyer = facts.trade.buyer_open_uid
    if policy.setting("merge_buyer") == "same" and (not buyer or buyer != first.trade.buyer_open_uid):
        return say(lang, "不是同一买家", "is another buyer's")
    if _places(facts, policy) != _places(first, policy):
        return say(lang, "从别的仓库发", "ships from another warehouse")
    wanted = {one.staff.courier_wanted for one in (*group, facts)} - {""}
    if len(wanted) > 1:
        return say(lang, "指定了别的快递", "wants another courier")
    most = min(int(policy.number("merge_limit")) or MOST_ORDERS, MOST_ORDERS)
    everything = joint_order([*group, facts])
    lines = sendable(everything)
    if len(group) >= most or len(lines) > MOST_LINES:
        return say(lang, "超过一个包裹的单数", "is one order too many for a parcel")
    heaviest = policy.number("merge_weight")
    if heaviest and courier.weigh(first.trade, lines, policy).weight_kg > heaviest:
        return say(lang, f"合起来超过 {heaviest} kg", f"makes it heavier than {heaviest} kg")
    if split_lines(everything, lines, policy).why:
        return say(lang, "合起来按规则又要拆", "would be split again by rules")
    return ""


def joint_order(members: Sequence[OrderFacts]) -> OrderFacts:
    """Several orders of one receiver as if they were one."""
    first = members[0]
    trade = replace(
        first.trade,
        lines=tuple(line for facts in members for line in facts.trade.lines),
        payment=sum((facts.trade.payment for facts in members), ZERO),
        post_fee=sum((facts.trade.post_fee for facts in members), ZERO),
    )
    lines = {oid: typed for facts in members for oid, typed in facts.lines.items()}
    return replace(first, trade=trade, lines=lines)


def _make(group: Sequence[OrderFacts], policy: Policy) -> dict[str, Joint]:
    """One parcel of these orders; nothing where no courier takes it."""
    lang, place = policy.lang, next(iter(_places(group[0], policy)))
    contents = []
    for facts in group:
        gifts = facts.gifts.gifts if facts.gifts else ()
        along = Package(package_id="", tid="", no=0, oids=(), cp_code="", state="", gifts=gifts)
        contents.append([*sendable(facts), *gift_lines(along, policy)])
    wanted = next((facts.staff.courier_wanted for facts in group if facts.staff.courier_wanted), "")
    tids = [facts.trade.tid for facts in group]
    shares = share_out(joint_order(group).trade, contents, wanted, policy.at(place), tids)
    if not shares[0].cp_code:
        return {}
    numbers = [next_number(facts.packages) for facts in group]
    joined = tuple(f"{facts.trade.tid}-{no}" for facts, no in zip(group, numbers, strict=True))
    since = min(facts.trade.pay_time or facts.trade.created for facts in group)
    found = {}
    for facts, no, share in zip(group, numbers, shares, strict=True):
        tid = facts.trade.tid
        package = Package(
            package_id=f"{tid}-{no}", tid=tid, no=no, oids=tuple(line.oid for line in sendable(facts)),
            cp_code=share.cp_code, state="buying", why=share.why, weight_g=share.weight_g, freight=share.freight,
            warehouse=place, joined=joined,
        )  # fmt: skip
        found[tid] = Joint(note=together(package, lang), since=since, make=package)
    return found


def together(package: Package, lang: Lang, gone: Collection[str] = ()) -> str:
    """With which orders a part goes, and why; "" where all others (ids of their parts) are gone."""
    others = [one.rpartition("-")[0] for one in package.fellows if one not in gone]
    if not others:
        return ""
    listed = say(lang, "、", ", ").join(others)
    return say(
        lang, f"与 {listed} 合一个包裹 {package.joined[0]}:同一收货人(OAID 相同)",
        f"in one parcel {package.joined[0]} with {listed}: same receiver (equal OAID)",
    )  # fmt: skip


def share_out(
    trade: Trade,
    contents: Sequence[Sequence[Line]],
    wanted: str,
    policy: Policy,
    tids: Sequence[str],
    *,
    cp_code: str = "",
) -> list[CourierChoice]:
    """The courier of a shared parcel, with each order's part of weight and freight; the parts add up to the whole.

    Args:
        cp_code: whose waybill it has already.
    """
    parcel = courier.weigh(trade, [line for lines in contents for line in lines], policy)
    choice = (
        courier.reckon(parcel, wanted, cp_code, policy) if cp_code else courier.choose(parcel, wanted, policy)
    )
    if len(tids) == 1:
        return [choice]
    packing = policy.number("packing_weight_g")
    grams = [int(courier.weigh(trade, lines, policy).weight_kg * 1000 - packing) for lines in contents]
    grams[0] = choice.weight_g - sum(grams[1:])
    found, so_far, told = [], 0, ZERO
    for number, own in enumerate(grams):
        so_far += own
        upto = _part_of(choice, so_far)
        part = upto - told if upto is not None else None
        told = upto if upto is not None else told
        others = say(policy.lang, "、", ", ").join(tid for n, tid in enumerate(tids) if n != number)
        why = say(
            policy.lang,
            f"{choice.why};与 {others} 合一个包裹,共 {choice.weight_g / 1000:.3f}kg,运费按重量分摊",
            f"{choice.why}; one parcel with {others}, {choice.weight_g / 1000:.3f} kg in all, freight shared out by weight",
        )
        found.append(CourierChoice(cp_code=choice.cp_code, why=why, weight_g=own, freight=part))
    return found


def _part_of(choice: CourierChoice, grams: int) -> Decimal | None:
    if choice.freight is None:
        return None
    whole = Decimal(max(choice.weight_g, 1))
    return (choice.freight * Decimal(grams) / whole).quantize(FEN, rounding=ROUND_HALF_UP)


def next_number(packages: Sequence[Package], wanted: int = 1) -> int:
    """The number of an order's next parcel: never one used before, as a number once cancelled stays the old waybill's."""
    used = {package.no for package in packages}
    return wanted if wanted > 0 and wanted not in used else max(used, default=0) + 1
