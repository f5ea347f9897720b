"""审单: what is found in an order before a waybill is bought, rule by rule, and whether it may go on.

The checks stand in the order of the facts' table (section 1.2). Each finding is a flag with a sentence that is true of the
order; what becomes of it is decided by the first rule of 审单规则 that holds, else by the checks set to 转人工.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest

from formulas.rates import typed_anything
from sync_engine.parcel import address_key
from sync_engine.plan.audit_checks import (
    Flag,
    changed_flag,
    changed_parts,
    find_flags,
    overdue_at,
    overdue_flag,
)  # fmt: skip
from sync_engine.plan.conditions import Case, Condition, Slip, case_of, read_conditions, told, unmet
from sync_engine.plan.facts import OrderFacts, is_open
from sync_engine.plan.merge import set_beside_other
from sync_engine.plan.policy import Cells, Policy
from sync_engine.plan.words import label, say
from sync_engine.trade import Trade
from workbook_templates.schema import Lang
from workbook_templates.tables.choices import AUDIT_OUTCOMES


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRule:
    """One usable row of 审单规则."""

    rule_id: str
    priority: int
    title: str
    outcome: str  # pass | hold | person | cancel
    conditions: tuple[Condition, ...]
    hold_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the audit found and decided. `outcome` is pass, hold, person or cancel."""

    outcome: str = "pass"
    flags: tuple[Flag, ...] = ()
    reason: str = ""  # what holds the order back
    verdict: str = ""  # what decided
    rule_id: str = ""
    order_key: str = ""
    audited_key: str = ""
    until: datetime | None = None  # when time alone changes this
    approved: bool = False
    changed: bool = False

    @property
    def waits(self) -> bool:
        """Whether the order may not go on."""
        return self.outcome != "pass"

    def words(self, lang: Lang) -> str:
        """The 审单 cell."""
        return " ".join(flag.word(lang) for flag in self.flags)

    def why(self, lang: Lang) -> str:
        """The 审单说明 cell."""
        texts = [f"{flag.word(lang)}:{flag.text}" for flag in self.flags if flag.text]
        return say(lang, ";", "; ").join([*texts, self.verdict] if self.verdict else texts)


def read_audit_rules(rows: Mapping[str, Cells], lang: Lang) -> tuple[tuple[AuditRule, ...], dict[str, str]]:
    """Usable rules, highest priority first, and a sentence for each row that will not do."""
    rules: list[AuditRule] = []
    problems: dict[str, str] = {}
    for rule_id, cells in rows.items():
        if cells.get("enabled") == "no" or not typed_anything(cells, "rule_id", "problem"):
            continue
        try:
            rules.append(_read_rule(rule_id, cells, lang))
        except Slip as slip:
            problems[rule_id] = str(slip)
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id))), problems


def _read_rule(rule_id: str, cells: Cells, lang: Lang) -> AuditRule:
    outcome, until = str(cells.get("outcome") or ""), cells.get("hold_until")
    if not outcome:
        raise Slip(say(lang, "没选“结果”,这条规则没有生效", "No outcome chosen: this rule is not used"))
    conditions = read_conditions(cells, lang)
    if not conditions and outcome != "pass":
        raise Slip(say(
            lang, "没填条件,会扣下全部订单,没有生效;确实要全部扣下,请填 件数≥ 0",
            "Without a condition it would keep every order: not used; if that is meant, type 0 under Items ≥",
        ))  # fmt: skip
    number = cells.get("priority")
    return AuditRule(
        rule_id=rule_id, priority=int(number) if isinstance(number, int | Decimal) else 0,
        title=str(cells.get("title") or rule_id), outcome=outcome, conditions=conditions,
        hold_until=until if isinstance(until, datetime) else None,
    )  # fmt: skip


def order_key(trade: Trade) -> str:
    """A fingerprint of an order in three parts: goods, address, price. A refund of a line is no change of goods."""
    goods = "|".join(sorted(f"{line.oid}:{line.sku_key}:{line.num}" for line in trade.lines))
    receiver = trade.receiver
    where = address_key(receiver) or "|".join(
        (receiver.province, receiver.city, receiver.district, receiver.town, receiver.address)
    )
    return "-".join(_short(text) for text in (goods, where, f"{trade.payment}"))


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def approval(base: Cells | None, cells: Cells) -> tuple[bool, str]:
    """Whether a person approves of the order, and the fingerprint their tick was set beside ("" where that is not known).

    A tick is for what the row showed when it was set, however much Tmall changed until the tick was read. In an earlier
    copy of the workbook that was something else than we last settled.
    """
    known = cells if base is None else base
    ok = cells.get("audit_ok") is True
    stored, shown = str(known.get("audited_key") or ""), str(known.get("order_key") or "")
    if ok and base is not None and base.get("audit_ok") is not True:
        if set_beside_other("audit_ok", "order_key", "audited_key", base, cells):
            there = str(cells.get("order_key") or "")
            shown = _common(_common(shown, there), str(cells.get("audited_key") or there))
        return True, shown
    return ok, stored or (shown if ok else "")


def _common(one: str, other: str) -> str:
    """A fingerprint with the parts two others agree in, and in the rest one that is of no order."""
    pairs = zip_longest(one.split("-"), other.split("-"))
    return "-".join(left if left and left == right else "?" for left, right in pairs)


def audit_order(facts: OrderFacts, policy: Policy, now: datetime) -> Audit:
    """What is found in an order and whether it may go on. An order that is not open is not audited."""
    key = order_key(facts.trade)
    held = [package for package in facts.packages if package.waybill_code]
    bought = any(
        package.live or facts.trade.purpose for package in held
    )  # own ones: goods change, and it is given back
    audited = (facts.approval_key or key) if facts.approved or bought else ""
    if not is_open(facts.trade):
        return Audit(order_key=key, audited_key=audited)
    changed = changed_parts(audited, key, policy.lang)
    approved = facts.approved and not changed
    case = case_of(facts.trade, policy)
    flags = find_flags(facts, case, policy)
    if changed:
        flags = (*flags, changed_flag(changed, policy.lang))
    outcome, rule, verdict, reason = _decide(case, flags, changed, approved, policy, now)
    if reason and facts.approved and changed:
        reason = say(policy.lang, ";", "; ").join([reason, _void(changed, policy.lang)])
    if rule is not None:
        flags = (*flags, Flag(code="rule", zh="规", en="Rule", text=""))
    overdue = overdue_at(facts, policy)
    if overdue is not None and overdue <= now:
        flags = (*flags, overdue_flag(facts, policy.lang))
    wakes = [moment for moment in (overdue, rule.hold_until if rule else None) if moment and moment > now]
    return Audit(
        outcome=outcome, flags=flags, reason=reason, verdict=verdict, rule_id=rule.rule_id if rule else "", order_key=key,
        audited_key=audited, until=min(wakes, default=None), approved=approved, changed=bool(changed),
    )  # fmt: skip


def _void(changed: str, lang: Lang) -> str:
    return say(
        lang, f"“审核通过”是改{changed}以前选的,不算数了:先清空、同步一次,再选 ✓",
        f"It was approved before {changed} changed, which counts no more: clear the tick, sync once, and tick again",
    )  # fmt: skip


def _decide(
    case: Case, flags: tuple[Flag, ...], changed: str, approved: bool, policy: Policy, now: datetime
) -> tuple[str, AuditRule | None, str, str]:
    """(outcome, the rule that decided, the verdict, what holds it back)."""
    lang = policy.lang
    if approved:
        return "pass", None, say(lang, "有人审核通过", "Approved by a person"), ""
    if changed and policy.setting("reaudit") == "person":
        text = say(lang, f"审核后改了{changed},要人重新审核", f"{changed} changed after the audit: a person must approve again")  # fmt: skip
        return "person", None, text, text
    rule = first_rule(case, policy, now)
    if rule is not None:
        what = label(AUDIT_OUTCOMES, rule.outcome, lang)
        held = told(rule.conditions, case, lang) or say(lang, "没有条件", "no condition")
        verdict = say(lang, f"规则“{rule.title}”({rule.rule_id}):{held} → {what}", f'Rule "{rule.title}" ({rule.rule_id}): {held}: {what}')  # fmt: skip
        return rule.outcome, rule, verdict, "" if rule.outcome == "pass" else verdict
    wrong = [flag for flag in flags if flag.person]
    if wrong:
        names = say(lang, "、", ", ").join(flag.word(lang) for flag in wrong)
        verdict = say(lang, f"设置里“{names}”要转人工", f"The settings send {names} to a person")
        reason = say(lang, ",", ", ").join(flag.text for flag in wrong)
        return "person", None, verdict, say(lang, f"审单转人工:{reason}", f"To a person: {reason}")
    return "pass", None, say(lang, "没有规则扣下,通过", "No rule keeps it: passed"), ""


def first_rule(case: Case, policy: Policy, now: datetime) -> AuditRule | None:
    """The rule of the highest priority that holds for an order now."""
    for rule in policy.audit_rules:
        if rule.hold_until is not None and now >= rule.hold_until:
            continue
        if unmet(rule.conditions, case) is None:
            return rule
    return None
