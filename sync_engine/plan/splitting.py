"""拆单: sharing an order's goods out over parcels by the rows of 拆单规则. Pure.

Rules that hold are applied one after the other (facts, section 1.3: nestable, levels must differ), each splitting what the ones
before made. Lines Tmall binds together stay together, a gift of the platform never goes alone, COD is never split, and numbers staff
typed beat every rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from formulas.rates import decimal_of, typed_anything
from sync_engine.plan.conditions import Condition, Slip, case_of, code_ok, read_conditions, unmet
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.policy import Cells, Policy
from sync_engine.plan.words import label, say, split_words
from sync_engine.trade import Line
from workbook_templates.schema import Lang
from workbook_templates.tables.choices import SPLIT_BY

Group = list[Line]
MEASURED = ("weight", "volume", "pieces")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """One usable row of 拆单规则. `limit` is in kg, cm³ or pieces."""

    rule_id: str
    priority: int
    title: str
    by: str  # alone | apart | category | weight | volume | pieces
    limit: Decimal = Decimal(0)
    skus: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What goes into each parcel, and the sentence why there are several; "" where there is one."""

    groups: tuple[tuple[Line, ...], ...]
    why: str = ""


def read_split_rules(rows: Mapping[str, Cells], lang: Lang) -> tuple[tuple[SplitRule, ...], dict[str, str]]:
    """Usable rules, highest priority first, and a sentence for each row that will not do."""
    rules: list[SplitRule] = []
    problems: dict[str, str] = {}
    for rule_id, cells in rows.items():
        if cells.get("enabled") == "no" or not typed_anything(cells, "rule_id", "problem"):
            continue
        try:
            rules.append(_read_rule(rule_id, cells, lang))
        except Slip as slip:
            problems[rule_id] = str(slip)
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id))), problems


def _read_rule(rule_id: str, cells: Cells, lang: Lang) -> SplitRule:
    by, limit, skus = (
        str(cells.get("by") or ""),
        decimal_of(cells.get("limit")),
        split_words(cells.get("skus")),
    )
    if not by:
        raise Slip(say(lang, "没选“怎么拆”,这条规则没有生效", "Not said how to split: this rule is not used"))
    if by in MEASURED and (limit is None or limit <= 0):
        raise Slip(say(lang, "“上限”要填大于 0 的数,这条规则没有生效", "The limit must be above 0: not used"))
    if by in ("alone", "apart") and not skus:
        raise Slip(say(lang, "没填“商家编码”,这条规则没有生效", "No merchant codes: this rule is not used"))
    number = cells.get("priority")
    return SplitRule(
        rule_id=rule_id, priority=int(number) if isinstance(number, int | Decimal) else 0,
        title=str(cells.get("title") or rule_id), by=by, limit=limit or Decimal(0), skus=skus,
        conditions=read_conditions({name: cells.get(name) for name in ("shops", "provinces")}, lang),
    )  # fmt: skip


def split_lines(facts: OrderFacts, lines: Sequence[Line], policy: Policy) -> Split:
    """The parcels of lines that leave from one warehouse; one parcel where no rule splits them."""
    whole = Split(groups=(tuple(lines),) if lines else ())
    by_hand = any(facts.line_staff(line.oid).package_no != 1 for line in facts.trade.lines)
    if len(lines) < 2 or by_hand or facts.trade.type == "cod":
        return whole
    case = case_of(facts.trade, policy)
    groups: list[Group] = [list(lines)]
    used: list[SplitRule] = []
    for rule in policy.split_rules:
        if any(rule.by == other.by for other in used) or unmet(rule.conditions, case) is not None:
            continue
        parted = [part for group in groups for part in _part(rule, group, policy)]
        if len(parted) > len(groups):
            used.append(rule)
        groups = parted
    groups = _no_gift_alone(groups)
    if len(groups) < 2:
        return whole
    names = say(policy.lang, "、", ", ").join(
        f"“{rule.title}”({rule.rule_id},{label(SPLIT_BY, rule.by, policy.lang)})" for rule in used
    )
    why = say(
        policy.lang,
        f"拆单规则{names}:分成 {len(groups)} 个包裹",
        f"split rules {names}: {len(groups)} parcels",
    )
    return Split(groups=tuple(tuple(group) for group in groups), why=why)


def _part(rule: SplitRule, group: Group, policy: Policy) -> list[Group]:
    """What one rule makes of one parcel; the pieces keep the order of their first lines."""
    units = _bound(group)

    def named(unit: Group) -> bool:
        return any(code_ok(word, line.outer_id) for word in rule.skus for line in unit)

    if rule.by == "alone":
        alone = [unit for unit in units if named(unit)]
        return [part for part in (*alone, _joined(unit for unit in units if not named(unit))) if part]
    if rule.by == "apart":
        halves = (_joined(u for u in units if named(u)), _joined(u for u in units if not named(u)))
        return [part for part in halves if part]
    if rule.by == "category":
        kinds: dict[str, Group] = {}
        for unit in units:
            kinds.setdefault(unit[0].category, []).extend(unit)
        return list(kinds.values())
    return _filled(units, rule.limit, _MEASURES[rule.by](policy))


def _joined(units: Iterable[Group]) -> Group:
    return [line for unit in units for line in unit]


def _bound(group: Group) -> list[Group]:
    """Lines that Tmall binds together (bind_oid, bind_oids) as one."""
    units: list[Group] = []
    for line in group:
        mine = {line.oid, *line.bound_to}
        near = [unit for unit in units if any(one.oid in mine or line.oid in one.bound_to for one in unit)]
        units = [unit for unit in units if unit not in near]
        units.append([*_joined(near), line])
    return units


def _filled(units: Sequence[Group], limit: Decimal, measure: Callable[[Line], Decimal]) -> list[Group]:
    """Parcels up to a limit: the largest unit first, each into the first parcel it fits in."""
    sized = sorted(
        ((sum((measure(line) for line in unit), Decimal(0)), unit) for unit in units), key=lambda one: -one[0]
    )
    parcels: list[tuple[Decimal, Group]] = []
    for size, unit in sized:
        for at, (held, parcel) in enumerate(parcels):
            if held + size <= limit:
                parcels[at] = (held + size, [*parcel, *unit])
                break
        else:
            parcels.append((size, list(unit)))
    return [parcel for _, parcel in parcels]


def _weight(policy: Policy) -> Callable[[Line], Decimal]:
    default = policy.number("default_weight_g")

    def kilograms(line: Line) -> Decimal:
        goods = policy.goods.get(line.sku_key)
        grams = goods.weight_g if goods and goods.weight_g is not None else default
        return grams * line.num / 1000

    return kilograms


def _volume(policy: Policy) -> Callable[[Line], Decimal]:
    def cubic_cm(line: Line) -> Decimal:
        goods = policy.goods.get(line.sku_key)
        return (goods.volume_cm3 or Decimal(0)) * line.num if goods else Decimal(0)

    return cubic_cm


_MEASURES: Mapping[str, Callable[[Policy], Callable[[Line], Decimal]]] = {
    "weight": _weight, "volume": _volume, "pieces": lambda policy: lambda line: Decimal(line.num),
}  # fmt: skip


def _no_gift_alone(groups: list[Group]) -> list[Group]:
    """A parcel of platform gifts alone goes into the first that has goods."""
    goods = [group for group in groups if not all(line.gift for line in group)]
    gifts = [line for group in groups if all(line.gift for line in group) for line in group]
    if not goods:
        return [_joined(groups)]
    return [[*goods[0], *gifts], *goods[1:]]
