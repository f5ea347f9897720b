"""Gifts: what each rule gives an order, why, and why not. Pure.

Rule types are those of the facts (section 1.4): bands by price or by pieces, of which only the highest gives; goods; goods
multiplied; bundle; seller memo. A rule acts on orders paid after it was made. Orders are served in the order of their payment,
so that caps and stock go to those who came first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from formulas.rates import decimal_of, typed_anything
from sync_engine.parcel import Gift
from sync_engine.plan.conditions import Case, Condition, Slip, code_ok, read_conditions, unmet
from sync_engine.plan.policy import Cells
from sync_engine.plan.words import say, split_words
from sync_engine.trade import ZERO, Line, Trade
from workbook_templates.schema import Lang

ITEM = re.compile(r"(?P<code>[^×*]+?)\s*(?:[×*]\s*(?P<num>[1-9]\d{0,3}))?")
"""One gift as people write it."""
Option = tuple[tuple[str, int], ...]
"""What is given together: (merchant code, pieces)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftRule:
    """One usable row of 赠品规则."""

    rule_id: str
    priority: int
    title: str
    type: str  # band | pieces | goods | times | bundle | memo
    options: tuple[Option, ...]
    made_at: datetime
    conditions: tuple[Condition, ...] = ()
    amount_from: Decimal | None = None
    amount_below: Decimal | None = None
    skus: tuple[str, ...] = ()
    except_skus: tuple[str, ...] = ()
    pieces_from: int = 1
    pieces_below: int | None = None
    every: int = 1
    keywords: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    coupon_options: tuple[Option, ...] = ()
    most: int | None = None
    once: bool = False
    total_cap: int | None = None
    day_cap: int | None = None
    exclusive: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftPlan:
    """What an order is given, and the sentence that says why and why not."""

    gifts: tuple[Gift, ...] = ()
    why: str = ""
    scarce: bool = False  # less than was earned, or another option: others had it before


NO_GIFTS = GiftPlan()


@dataclass(slots=True, kw_only=True)
class GiftBook:
    """What was given so far: added to while orders are served one after the other.

    Attributes:
        given: how often each rule gave.
        by_day: the same by rule and payment day.
        buyers: who got something, by rule.
        stock: pieces free of a code; None where nobody ever counted it.
    """

    stock: Callable[[str], int | None]
    given: dict[str, int] = field(default_factory=dict)
    by_day: dict[tuple[str, str], int] = field(default_factory=dict)
    buyers: dict[str, set[str]] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)  # planned in this pass, in no parcel yet

    def note(self, rule_id: str, day: str, buyer: str, times: int) -> None:
        """A rule gave."""
        self.given[rule_id] = self.given.get(rule_id, 0) + times
        self.by_day[rule_id, day] = self.by_day.get((rule_id, day), 0) + times
        if buyer:
            self.buyers.setdefault(rule_id, set()).add(buyer)

    def promise(self, rule_id: str, day: str, code: str, num: int, times: int) -> None:
        """What is set aside for an order that is not served in this pass; `times` 0 for more goods of the same rule."""
        self.note(rule_id, day, "", times)
        self.take(((code, num),), 1)

    def overdrawn(self, rules: Iterable[GiftRule]) -> bool:
        """Whether more was given and set aside than caps and stock allow."""
        caps = {rule.rule_id: rule.total_cap for rule in rules if rule.total_cap is not None}
        daily = {rule.rule_id: rule.day_cap for rule in rules if rule.day_cap is not None}
        return (
            any(self.given.get(rule_id, 0) > cap for rule_id, cap in caps.items())
            or any(times > daily.get(rule_id, times) for (rule_id, _), times in self.by_day.items())
            or any((free := self.stock(code)) is not None and free < num for code, num in self.taken.items())
        )

    def has(self, option: Option, times: int) -> bool:
        """Whether there is enough of everything."""
        for code, num in option:
            free = self.stock(code)
            if free is not None and free - self.taken.get(code, 0) < num * times:
                return False
        return True

    def take(self, option: Option, times: int) -> None:
        """Set pieces aside."""
        for code, num in option:
            self.taken[code] = self.taken.get(code, 0) + num * times


# -- reading the sheet -------------------------------------------------------------------------------------------------


def read_gift_rules(
    rows: Mapping[str, Cells], lang: Lang, now: datetime
) -> tuple[tuple[GiftRule, ...], dict[str, str]]:
    """Usable rules, highest priority first, and a sentence for each row that will not do. A rule seen first is made now."""
    rules: list[GiftRule] = []
    problems: dict[str, str] = {}
    for rule_id, cells in rows.items():
        if cells.get("enabled") == "no" or not typed_anything(
            cells, "rule_id", "problem", "made_at", "given"
        ):
            continue
        try:
            rules.append(_read_rule(rule_id, cells, lang, now))
        except Slip as slip:
            problems[rule_id] = str(slip)
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id))), problems


def _read_rule(rule_id: str, cells: Cells, lang: Lang, now: datetime) -> GiftRule:
    kind = str(cells.get("type") or "")
    if not kind:
        raise Slip(say(lang, "没选“类型”,这条规则没有生效", "No type chosen: this rule is not used"))
    options = _options(cells.get("gifts"), lang)
    if not options:
        raise Slip(say(lang, "没填“赠品”,这条规则没有生效", "No gift typed: this rule is not used"))
    wanted = (
        "shops",
        "provinces",
        "types",
        "valid_from",
        "valid_to",
        "amount_from",
        "amount_below",
        "pieces_from",
        "pieces_below",
    )
    read = read_conditions({name: cells.get(name) for name in wanted}, lang)
    made = cells.get("made_at")
    rule = GiftRule(
        rule_id=rule_id, priority=_count(cells, "priority") or 0, title=str(cells.get("title") or rule_id), type=kind,
        options=options, made_at=made if isinstance(made, datetime) else now,
        conditions=tuple(one for one in read if one.name not in ("amount", "pieces")),
        amount_from=decimal_of(cells.get("amount_from")), amount_below=decimal_of(cells.get("amount_below")),
        skus=split_words(cells.get("skus")), except_skus=split_words(cells.get("except_skus")),
        pieces_from=max(1, _count(cells, "pieces_from") or 1), pieces_below=_count(cells, "pieces_below"),
        every=max(1, _count(cells, "every") or 1), keywords=split_words(cells.get("keywords")),
        coupons=split_words(cells.get("coupons")), coupon_options=_options(cells.get("coupon_gifts"), lang),
        most=_count(cells, "most"), once=cells.get("once") is True, total_cap=_count(cells, "total_cap"),
        day_cap=_count(cells, "day_cap"), exclusive=str(cells.get("exclusive") or "").strip(),
    )  # fmt: skip
    _meant(rule, cells, lang)
    return rule


def _meant(rule: GiftRule, cells: Cells, lang: Lang) -> None:
    """What each type cannot do without."""
    missing = {
        "band": rule.amount_from is None and ("金额≥", "Amount ≥"),
        "pieces": cells.get("pieces_from") is None and ("件数≥", "Items ≥"),
        "goods": not rule.skus and ("商品", "Goods"),
        "times": not rule.skus and ("商品", "Goods"),
        "bundle": len(rule.skus) < 2 and ("商品(两种以上)", "Goods, two or more"),
        "memo": not rule.keywords and ("卖家备注含", "Memo has"),
    }[rule.type]
    if missing:
        raise Slip(
            say(
                lang,
                f"这种类型要填“{missing[0]}”,这条规则没有生效",
                f'This type needs "{missing[1]}": not used',
            )
        )


def _count(cells: Cells, name: str) -> int | None:
    value = cells.get(name)
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _options(text: object, lang: Lang) -> tuple[Option, ...]:
    """`SOCK-1×2+TEA|CUP`: alternatives by |, together by +."""
    if not isinstance(text, str) or not text.strip():
        return ()
    found: list[Option] = []
    for part in re.split("[|\uff5c]", text):
        option: list[tuple[str, int]] = []
        for word in re.split("[+\uff0b、]", part):
            match = ITEM.fullmatch(word.strip())
            if match is None:
                raise Slip(say(lang, f"看不懂赠品“{word.strip()}”,写成 商家编码×件数,这条规则没有生效", f'Cannot read the gift "{word.strip()}": merchant code × pieces; not used'))  # fmt: skip
            option.append((match["code"].strip(), int(match["num"] or 1)))
        found.append(tuple(option))
    return tuple(found)


# -- giving --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    rule: GiftRule
    times: int
    text: str


def buyer_key(trade: Trade) -> str:
    """A short fingerprint of who bought, within one of our shops; "" where the platform does not tell."""
    if not trade.buyer_open_uid:
        return ""
    return hashlib.blake2b(f"{trade.seller}:{trade.buyer_open_uid}".encode(), digest_size=6).hexdigest()


def day_of(trade: Trade) -> str:
    """The day an order was paid, as caps count it."""
    return f"{trade.pay_time or trade.created:%Y-%m-%d}"


def give(case: Case, rules: Sequence[GiftRule], book: GiftBook, lang: Lang) -> GiftPlan:
    """What one order is given; the book is added to."""
    matches = _highest_bands([found for rule in rules if (found := _match(rule, case, lang))])
    gifts: list[Gift] = []
    texts: list[str] = []
    scarce = False
    taken: set[str] = set()
    for match in matches:
        rule = match.rule
        if rule.exclusive and rule.exclusive in taken:
            texts.append(_said(rule, match.text, say(lang, f"同组“{rule.exclusive}”已送,不再送", f'not given: "{rule.exclusive}" gave already'), lang))  # fmt: skip
            continue
        given, why, limited = _give_one(match, case.trade, book, lang)
        scarce = scarce or limited
        texts.append(_said(rule, match.text, why, lang))
        gifts.extend(given)
        if given and rule.exclusive:
            taken.add(rule.exclusive)
    return GiftPlan(gifts=tuple(gifts), why=say(lang, ";", "; ").join(texts), scarce=scarce)


def _said(rule: GiftRule, held: str, why: str, lang: Lang) -> str:
    return say(
        lang,
        f"规则“{rule.title}”({rule.rule_id}):{held} → {why}",
        f'Rule "{rule.title}" ({rule.rule_id}): {held}: {why}',
    )


def _match(rule: GiftRule, case: Case, lang: Lang) -> _Match | None:
    """How often a rule is earned by an order, before caps and stock; None where it is not."""
    trade = case.trade
    paid = trade.pay_time
    if paid is None or paid < rule.made_at or unmet(rule.conditions, case) is not None:
        return None
    counted = [line for line in case.lines if not line.gift and _counts(rule, line)]
    pieces = sum(line.num for line in counted)
    amount = sum((line.amount for line in counted), ZERO)
    word = next((word for word in rule.keywords if word in trade.seller_memo), "")
    if (
        pieces < rule.pieces_from
        or (rule.pieces_below is not None and pieces >= rule.pieces_below)
        or (rule.amount_from is not None and amount < rule.amount_from)
        or (rule.amount_below is not None and amount >= rule.amount_below)
        or (rule.keywords and not word)
    ):
        return None
    times = _times(rule, counted, pieces)
    text = {
        "band": say(lang, f"商品金额 {amount}", f"goods for {amount}"),
        "memo": say(lang, f"备注含“{word}”", f'memo has "{word}"'),
    }.get(rule.type, say(lang, f"买了 {pieces} 件", f"{pieces} bought"))
    return _Match(rule=rule, times=times, text=text) if times else None


def why_not(rule: GiftRule, case: Case, lang: Lang) -> str:
    """Why an order does not earn a rule at all, for somebody who tries rules out."""
    paid = case.trade.pay_time
    if paid is None or paid < rule.made_at:
        return _said(
            rule,
            say(lang, "付款早于规则建立", "paid before the rule was made"),
            say(lang, "不送", "no gift"),
            lang,
        )
    if not any(match.rule is rule for match in _highest_bands([m for m in [_match(rule, case, lang)] if m])):
        return _said(
            rule, say(lang, "条件不满足", "its conditions do not hold"), say(lang, "不送", "no gift"), lang
        )
    return _said(rule, say(lang, "有更高的一档", "a higher band holds"), say(lang, "不送", "no gift"), lang)


def _counts(rule: GiftRule, line: Line) -> bool:
    wanted = not rule.skus or any(code_ok(word, line.outer_id) for word in rule.skus)
    return wanted and not any(code_ok(word, line.outer_id) for word in rule.except_skus)


def _times(rule: GiftRule, counted: Iterable[Line], pieces: int) -> int:
    if rule.type == "times":
        return pieces // rule.every
    if rule.type == "bundle":
        lines = list(counted)
        return min(sum(line.num for line in lines if code_ok(word, line.outer_id)) for word in rule.skus)
    return 1


def _highest_bands(matches: Sequence[_Match]) -> list[_Match]:
    """Of bands by price, and of bands by pieces, only the highest of its exclusive group stays."""
    best: dict[tuple[str, str], _Match] = {}
    for match in matches:
        key = (match.rule.type, match.rule.exclusive)
        held = best.get(key)
        if held is None or _height(match.rule) > _height(held.rule):
            best[key] = match
    return [
        match
        for match in matches
        if match.rule.type not in ("band", "pieces") or best[match.rule.type, match.rule.exclusive] is match
    ]


def _height(rule: GiftRule) -> Decimal:
    return (rule.amount_from or Decimal(0)) if rule.type == "band" else Decimal(rule.pieces_from)


def _give_one(match: _Match, trade: Trade, book: GiftBook, lang: Lang) -> tuple[list[Gift], str, bool]:
    """What one earned rule gives, the words for it, and whether a cap or the stock made it less or another."""
    rule, buyer, day = match.rule, buyer_key(trade), day_of(trade)
    options = rule.options
    coupon = next((name for name in trade.promotions for word in rule.coupons if word in name), "")
    if coupon:
        options = rule.coupon_options
        if not options:
            return [], say(lang, f"用了优惠“{coupon}”,不送", f'not given: promotion "{coupon}"'), False
    if rule.once and not buyer:
        text = say(
            lang, "平台没给买家标识,没法确认只送一次,不送", "not given: no buyer id, so once cannot be told"
        )
        return [], text, False
    if rule.once and buyer in book.buyers.get(rule.rule_id, ()):
        return [], say(lang, "这位买家送过了,不再送", "not given: this buyer had it"), False
    times, limit = _capped(match, day, book, lang)
    fewer = times < match.times and times != rule.most
    if times <= 0:
        return [], say(lang, f"{limit},不送", f"not given: {limit}"), fewer
    option = next((one for one in options if book.has(one, times)), None)
    if option is None:
        codes = say(lang, "、", ", ").join(code for one in options for code, _ in one)
        return [], say(lang, f"{codes} 库存不够,不送", f"not given: not enough of {codes}"), True
    book.take(option, times)
    book.note(rule.rule_id, day, buyer, times)
    gifts = [Gift(rule_id=rule.rule_id, code=code, num=num * times, times=times) for code, num in option]
    named = say(lang, "、", ", ").join(f"{gift.code}×{gift.num}" for gift in gifts)
    instead = say(lang, "(替代)", " (instead)") if option is not options[0] else ""
    for_coupon = say(lang, f"用了优惠“{coupon}”,改", f'promotion "{coupon}": ') if coupon else ""
    capped = say(lang, f"({limit})", f" ({limit})") if limit else ""
    words = for_coupon + say(lang, f"送 {named}{instead}{capped}", f"{named}{instead}{capped}")
    return gifts, words, fewer or option is not options[0]


def _capped(match: _Match, day: str, book: GiftBook, lang: Lang) -> tuple[int, str]:
    """How often a rule may still give, and which limit made it less."""
    rule, times, said = match.rule, match.times, ""
    for left, zh, en in (
        (rule.most, f"单笔最多 {rule.most} 份", f"{rule.most} an order at most"),
        (_left(rule.total_cap, book.given.get(rule.rule_id, 0)), f"总上限 {rule.total_cap} 份", f"{rule.total_cap} in all"),
        (_left(rule.day_cap, book.by_day.get((rule.rule_id, day), 0)), f"每日上限 {rule.day_cap} 份", f"{rule.day_cap} a day"),
    ):  # fmt: skip
        if left is not None and left < times:
            times, said = left, say(lang, zh, en)
    return times, said


def _left(cap: int | None, given: int) -> int | None:
    return None if cap is None else max(0, cap - given)


__all__ = [
    "ITEM",
    "NO_GIFTS",
    "GiftBook",
    "GiftPlan",
    "GiftRule",
    "buyer_key",
    "day_of",
    "give",
    "read_gift_rules",
    "why_not",
]
