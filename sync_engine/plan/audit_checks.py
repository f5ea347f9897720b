"""What an audit can find in an order, in the order of the facts' table (section 1.2). Each flag's sentence is true of the order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_engine.plan.conditions import FLAGS, Case
from sync_engine.plan.facts import OrderFacts, is_asked, is_dead, is_sendable
from sync_engine.plan.policy import Policy
from sync_engine.plan.splitting import split_lines
from sync_engine.plan.words import clock_text, say
from sync_engine.trade import Trade
from workbook_templates.provinces import PROVINCES
from workbook_templates.schema import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One finding: its word in either language, and the sentence why it stands there."""

    code: str
    zh: str
    en: str
    text: str
    person: bool = False  # whether the settings send it to a person

    def word(self, lang: Lang) -> str:
        """The word in the 审单 cell."""
        return say(lang, self.zh, self.en)


def find_flags(facts: OrderFacts, case: Case, policy: Policy) -> tuple[Flag, ...]:
    """Everything the checks find. A check that is set to 不查 finds nothing."""
    found = (
        *_of_the_buyer(facts, policy), *_of_the_words(facts.trade, policy), *_of_the_goods(case, policy),
        *_of_the_state(facts, policy),
    )  # fmt: skip
    return tuple(flag for flag in found if flag is not None)


def _checked(policy: Policy, check: str, zh: str, en: str, text: str) -> Flag | None:
    """A flag of a check that has a setting; None where it is off."""
    wanted = policy.setting(f"audit_{check}")
    if wanted == "off":
        return None
    return Flag(code=check, zh=zh, en=en, text=text, person=wanted == "person")


def _listed(words: Iterable[str], lang: Lang) -> str:
    return say(lang, "、", ", ").join(words)


def _of_the_buyer(facts: OrderFacts, policy: Policy) -> Iterator[Flag | None]:
    """The buyer's other orders: unpaid ones, other addresses, ones that could go along."""
    lang = policy.lang
    unpaid = [one.tid for one in facts.neighbours if one.unpaid and one.same_receiver]
    if unpaid:
        text = say(lang, f"同一买家、同一收货人还有没付款的单 {_listed(unpaid, lang)}", f"unpaid to the same receiver: {_listed(unpaid, lang)}")  # fmt: skip
        yield _checked(policy, "unpaid", "款", "Unpaid", text)
    elsewhere = [one.tid for one in facts.neighbours if not one.unpaid and one.elsewhere]
    if elsewhere:
        text = say(lang, f"同一买家待发的单 {_listed(elsewhere, lang)} 是别的收货地址", f"open orders of this buyer go elsewhere: {_listed(elsewhere, lang)}")  # fmt: skip
        yield _checked(policy, "addresses", "多", "Addr", text)
    along = [one.tid for one in facts.neighbours if not one.unpaid and one.same_receiver]
    if along:
        text = say(lang, f"与 {_listed(along, lang)} 是同一收货人(OAID 相同)", f"same receiver (OAID) as {_listed(along, lang)}")  # fmt: skip
        yield Flag(code="merge", zh="合", en="Merge", text=text)


def _of_the_words(trade: Trade, policy: Policy) -> Iterator[Flag | None]:
    lang = policy.lang
    if trade.buyer_message.strip():
        yield _checked(policy, "message", "留", "Msg", say(lang, "买家有留言", "the buyer left a message"))
    if trade.seller_memo.strip():
        yield _checked(policy, "memo", "备", "Memo", say(lang, "有卖家备注", "there is a seller memo"))
    if trade.seller_flag:
        known = 0 <= trade.seller_flag < len(FLAGS)
        text = say(lang, f"插了{FLAGS[trade.seller_flag] if known else trade.seller_flag}旗", f"flag {trade.seller_flag}")  # fmt: skip
        yield _checked(policy, "memo", "旗", "Flag", text)


def _of_the_goods(case: Case, policy: Policy) -> Iterator[Flag | None]:
    lang = policy.lang
    nameless = sum(not line.outer_id for line in case.lines)
    if nameless:
        text = say(lang, f"{nameless} 行商品没有商家编码", f"{nameless} lines without a merchant code")
        yield _checked(policy, "goods", "货", "Goods", text)
    if case.lines and all(line.gift for line in case.lines):
        text = say(lang, "只剩赠品,不单独发", "only gifts are left: never sent alone")
        yield Flag(code="only_gifts", zh="仅", en="Gifts", text=text, person=True)
    over = [line.outer_id or line.sku_key for line in case.lines if line.oversold and is_sendable(line)]
    if over:
        text = say(lang, f"天猫标了超卖:{_listed(over, lang)}", f"oversold at Tmall: {_listed(over, lang)}")
        yield _checked(policy, "oversold", "超", "Over", text)


def _of_the_state(facts: OrderFacts, policy: Policy) -> Iterator[Flag | None]:
    """What the rest of the engine holds back or does, said once more in a word."""
    trade, lang = facts.trade, policy.lang
    asked, gone = (sum(test(line) for line in trade.lines) for test in (is_asked, is_dead))
    if (asked or gone) and not trade.purpose:  # own orders have no refunds: their closed lines were changed
        text = say(lang, f"{asked} 行在申请退款,{gone} 行已退款", f"refund asked for {asked} lines, {gone} refunded")  # fmt: skip
        yield Flag(code="refund", zh="退", en="Refund", text=text)
    numbers = sorted({facts.line_staff(line.oid).package_no for line in trade.lines if is_sendable(line)})
    split = split_lines(facts, [line for line in trade.lines if is_sendable(line)], policy)
    if split.why:
        yield Flag(code="split", zh="拆", en="Split", text=split.why)
    elif len(numbers) > 1:
        text = say(lang, f"分成 {len(numbers)} 个包裹", f"{len(numbers)} parcels")
        yield Flag(code="split", zh="拆", en="Split", text=text)
    if trade.origin and trade.holds:
        yield Flag(code="after_sale", zh="换", en="Exch", text=_listed(trade.holds, lang))
    elif trade.holds or trade.status == "PAID_FORBID_CONSIGN":
        yield Flag(code="platform", zh="平", en="Tmall", text=_listed(trade.holds or (trade.status,), lang))
    if facts.staff.hold:
        yield Flag(code="staff", zh="停", en="Hold", text=say(lang, "店里暂停", "on hold by staff"))
    province = trade.receiver.province
    if not any(province.startswith(name) for name, _ in PROVINCES):
        text = say(lang, f"不认识的省“{province}”", f'unknown province "{province}"')
        yield Flag(code="province", zh="址", en="Place", text=text, person=True)


_PARTS = (("商品", "goods"), ("地址", "address"), ("金额", "price"))


def changed_parts(audited: str, key: str, lang: Lang) -> str:
    """What differs between two fingerprints of an order, in words; "" for nothing."""
    if not audited or audited == key:
        return ""
    pairs = zip(_PARTS, audited.split("-"), key.split("-"), strict=False)
    names = [say(lang, zh, en) for (zh, en), before, after in pairs if before != after]
    return _listed(names or [say(lang, "内容", "content")], lang)


def changed_flag(changed: str, lang: Lang) -> Flag:
    """An order that is not any more what was approved or bought for."""
    return Flag(code="changed", zh="变", en="Changed", text=say(lang, f"审核后改了{changed}", f"{changed} changed after the audit"))  # fmt: skip


def overdue_at(facts: OrderFacts, policy: Policy) -> datetime | None:
    """From when an order that still has no waybill says that it waits too long; None where it never does."""
    minutes = int(policy.number("overdue_minutes"))
    covered = {
        oid for package in facts.packages if package.live and package.waybill_code for oid in package.oids
    }
    left = any(is_sendable(line) and line.oid not in covered for line in facts.trade.lines)
    return (
        (facts.trade.pay_time or facts.trade.created) + timedelta(minutes=minutes)
        if minutes and left
        else None
    )


def overdue_flag(facts: OrderFacts, lang: Lang) -> Flag:
    """An order that waits too long."""
    paid = clock_text(facts.trade.pay_time or facts.trade.created)
    return Flag(code="overdue", zh="时", en="Late", text=say(lang, f"{paid} 付款,等太久了还没取单号", f"paid {paid} and still without a waybill"))  # fmt: skip
