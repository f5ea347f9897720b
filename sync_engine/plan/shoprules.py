"""店铺规则 as people typed them: which shop and goods a row is for, and what it says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from formulas.expression import Slip
from formulas.rates import decimal_of, typed_anything
from formulas.selling import ShopRule, combined, read_rule_formula
from sync_engine.plan.places import Places
from sync_engine.plan.words import say, split_words
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]
GROUP_MARKS = ("组:", "组:", "group:", "Group:")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRule:
    """One row of 店铺规则."""

    rule_id: str
    says: ShopRule
    shops: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    locked: bool = False
    broken: bool = (
        False  # something in it cannot be used: its figures are lowered where they must be, never raised
    )
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        """Whether the time is one it is for."""
        return not ((self.valid_from and now < self.valid_from) or (self.valid_to and now >= self.valid_to))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selling:
    """The rules in force now, when the next one begins or ends, and the groups goods are in."""

    rules: tuple[StockRule, ...] = ()
    next_change: datetime | None = None
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by sku_key
    used: bool = False  # whether there is any row at all

    def for_sku(self, shop: str, code: str, num_iid: str, sku_key: str) -> list[StockRule]:
        """The rules for a SKU in a shop, the narrowest first."""
        found = []
        for rule in self.rules:
            if rule.shops and shop not in rule.shops:
                continue
            narrow = _narrowness(rule, code, num_iid, self.groups.get(sku_key, frozenset()))
            if narrow is not None:
                found.append((-narrow, not rule.shops, rule.rule_id, rule))
        return [one[-1] for one in sorted(found, key=lambda one: one[:3])]


def merged(rules: Collection[StockRule]) -> ShopRule:
    """What several rules, the narrowest first, say together."""
    return combined(rule.says for rule in rules)


def _narrowness(rule: StockRule, code: str, num_iid: str, groups: frozenset[str]) -> int | None:
    """How narrowly a rule means these goods: 4 by code, 3 by item, 2 by group or beginning, 0 as all; None: it does not."""
    if not rule.goods:
        return 0
    best = None
    for word in rule.goods:
        mark = next((mark for mark in GROUP_MARKS if word.startswith(mark)), None)
        if word == code:
            return 4
        hit = 3 if word == num_iid else 2 if (mark and word.removeprefix(mark) in groups) else None
        if hit is None and word.endswith("*") and code.startswith(word[:-1]):
            hit = 2
        best = hit if best is None else max(best, hit or 0)
    return best


def read_shop_rules(
    rows: Mapping[str, Cells], shops: tuple[str, ...], places: Places, groups: Mapping[str, frozenset[str]], now: datetime, lang: Lang
) -> tuple[Selling, dict[str, str]]:  # fmt: skip
    """The rules in force, and a sentence for each row that will not do.

    Args:
        shops: the names of all shops.
        groups: the groups of each SKU.
    """
    rules: list[StockRule] = []
    problems: dict[str, str] = {}
    used = False
    for rule_id, cells in rows.items():
        if not typed_anything(cells, "rule_id", "problem"):
            continue
        used = True
        if cells.get("enabled") == "no":
            continue
        rule, problem = _rule(rule_id, cells, shops, places, lang)
        if problem:
            problems[rule_id] = problem
        if rule is not None:
            rules.append(rule)
    edges = [edge for rule in rules for edge in (rule.valid_from, rule.valid_to) if edge and edge > now]
    live = tuple(rule for rule in rules if rule.holds_at(now))
    return Selling(rules=live, next_change=min(edges, default=None), groups=groups, used=used), problems


def _rule(
    rule_id: str, cells: Cells, shops: tuple[str, ...], places: Places, lang: Lang
) -> tuple[StockRule | None, str]:
    named = split_words(cells.get("shops"))
    unknown = [name for name in named if name not in shops]
    start, end = _moment(cells.get("valid_from")), _moment(cells.get("valid_to"))
    if unknown:
        known = "、".join(shops)
        return None, say(lang, f"没有“{unknown[0]}”这个店,可填:{known};这条规则没有生效", f'There is no shop "{unknown[0]}"; known: {known}. This rule is not used')  # fmt: skip
    if start and end and not start < end:
        return None, say(lang, "开始不早于结束,这条规则没有生效", "It ends before it begins: not used")
    says, wrong = _says(cells, places, lang)
    rule = StockRule(
        rule_id=rule_id, says=says, shops=named, goods=split_words(cells.get("goods")), locked=cells.get("lock") is True,
        broken=bool(wrong), valid_from=start, valid_to=end,
    )  # fmt: skip
    if not wrong:
        return rule, ""
    return rule, wrong + say(
        lang,
        ";改好之前,这些商品在这些店只减不加,也不会超过可卖数",
        ". Until it is mended these figures are only ever lowered, and never above what is sellable",
    )


_NUMBERS: tuple[tuple[str, str, str], ...] = (
    ("ceiling", "上限", "Ceiling"), ("safety", "安全库存", "Safety stock"), ("low_below", "少于", "Fewer than"),
    ("low_shows", "就显示", "Then show"), ("campaign", "活动预留", "For a campaign"),
)  # fmt: skip


def _says(cells: Cells, places: Places, lang: Lang) -> tuple[ShopRule, str]:
    """What a row says, and what is wrong with it; a part that will not do is left out."""
    wrong: list[str] = []
    parts: dict[str, object] = {}
    text = str(cells.get("formula") or "")
    if text.strip():
        formula = read_rule_formula(text)
        if isinstance(formula, Slip):
            wrong.append(say(lang, f"公式{formula.text(lang)}", f"Formula: {formula.text(lang)}"))
        else:
            parts["formula"] = formula
    percent = decimal_of(cells.get("percent"))
    if percent is not None and not 0 <= percent <= 100:
        wrong.append(
            say(
                lang,
                f"份额要在 0 到 100 之间,现在是 {percent}",
                f"The share must be from 0 to 100, not {percent}",
            )
        )
    elif percent is not None:
        parts["percent"] = percent
    for name, zh, en in _NUMBERS:
        typed = decimal_of(cells.get(name))
        if typed is not None and typed < 0:
            wrong.append(say(lang, f"{zh}不能小于 0", f"{en} must not be below 0"))
        elif typed is not None:
            parts[name] = int(typed)
    names = split_words(cells.get("warehouses"))
    found = [places.find(name) for name in names]
    if None in found:
        wrong.append(places.unknown(names[found.index(None)], lang))
    elif names:
        parts["warehouses"] = frozenset(one for one in found if one)
    level = decimal_of(cells.get("level"))
    rule = ShopRule(
        level=int(level) if level is not None else None,
        counts_transit={"yes": True, "no": False}.get(str(cells.get("transit") or "")),
        upload={"yes": True, "no": False}.get(str(cells.get("upload") or "")),
    )
    return replace(rule, **parts), say(lang, ";", "; ").join(wrong)  # type: ignore[arg-type]


def groups_of(rows: Mapping[str, Cells]) -> dict[str, frozenset[str]]:
    """The groups and category that 商品 tells for each SKU, where it has such columns."""
    found = {}
    for key, cells in rows.items():
        names = {*split_words(cells.get("groups")), *split_words(cells.get("category"))}
        if names:
            found[key] = frozenset(names)
    return found


def _moment(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None


def as_text(rules: Collection[StockRule]) -> str:
    """All that matters of rules, so that a change shows."""
    key: Callable[[StockRule], str] = lambda rule: rule.rule_id  # noqa: E731
    return "\n".join(repr(rule) for rule in sorted(rules, key=key))


__all__ = ["Decimal", "Selling", "StockRule", "as_text", "groups_of", "merged", "read_shop_rules"]
