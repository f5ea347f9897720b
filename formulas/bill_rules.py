"""Which item a bill row is: the rows of 账单规则 in order of priority, the first whose filled-in conditions all hold. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from formulas.bill_lines import BillLine
from workbook_templates.bill_items import ITEM_BY_CODE, UNCLASSIFIED
from workbook_templates.schema import Lang, Value
from workbook_templates.words import say

Cells = Mapping[str, Value]
Test = tuple[str, re.Pattern[str] | None]
"""A word as it stands in the rule, and how it is looked for; None: as it is."""
_Fit = tuple["BillRule", list[Test], list[Test]]
_NUMBERS = re.compile(r"[0-9]+")
SHAPES_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRule:
    """One row of 账单规则. Several words of one condition are alternatives; `*` in a word stands for anything."""

    rule_id: str
    priority: int
    title: str
    item: str
    texts: tuple[str, ...] = ()  # in remark, description or goods
    without: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # 业务类型, in full
    counterparties: tuple[str, ...] = ()  # how 对方账号 begins
    direction: str = ""  # in | out


class Verdict(NamedTuple):
    """What a row is and why, as a sentence."""

    item: str
    why: str


class Classifier:
    """The rules made ready: asks each in turn."""

    def __init__(self, rules: Sequence[BillRule], lang: Lang) -> None:
        self._lang = lang
        self._rules = [(rule, _tests(rule.texts), _tests(rule.without)) for rule in rules]
        self._fit: dict[tuple[str, str], list[_Fit]] = {}
        self._shapes: dict[tuple[str, ...], Verdict] = {}
        self._by_shape = not any(
            _NUMBERS.search(word) for rule in rules for word in (*rule.texts, *rule.without)
        )
        self._counterparties = tuple({start for rule in rules for start in rule.counterparties})

    def classify(self, line: BillLine) -> Verdict:
        """The row's item by the first rule that holds, with the words that told.

        Rows that differ in nothing but their numbers are the same to rules whose words have none: a bill has a few dozen such
        shapes, and each is looked at once.
        """
        text = f"{line.remark}\n{line.description}\n{line.goods}"
        direction = "out" if line.amount < 0 else "in"
        if not self._by_shape:
            return self._judged(line, text, direction)
        other = line.counterparty if line.counterparty.startswith(self._counterparties) else ""
        shape = (_NUMBERS.sub("0", text), line.kind, direction, other)
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) > SHAPES_MOST:
                self._shapes.clear()
            known = self._shapes[shape] = self._judged(line, text, direction)
        return known

    def _judged(self, line: BillLine, text: str, direction: str) -> Verdict:
        for rule, texts, without in self._fitting(line.kind, direction):
            if rule.counterparties and not line.counterparty.startswith(rule.counterparties):
                continue
            word = _first(texts, text) if texts else ""
            if word is None or (without and _first(without, text) is not None):
                continue
            return Verdict(item=rule.item, why=self._why(rule, word, line))
        return Verdict(item=UNCLASSIFIED, why=say(
            self._lang, "没有一条账单规则认得它:请在“账单规则”加一条,或在这一行选“人工归类”",
            "No bill rule knows it: add one to the bill rules, or choose an item in this row",
        ))  # fmt: skip

    def _fitting(self, kind: str, direction: str) -> list[_Fit]:
        """The rules whose kinds and direction hold: bills have a dozen of both together."""
        found = self._fit.get((kind, direction))
        if found is None:
            found = self._fit[kind, direction] = [
                one for one in self._rules
                if one[0].direction in ("", direction) and (not one[0].kinds or kind in one[0].kinds)
            ]  # fmt: skip
        return found

    def _why(self, rule: BillRule, word: str, line: BillLine) -> str:
        zh, en = [], []
        if word:
            zh.append(f"文字含“{word}”")
            en.append(f'its text has "{word}"')
        if rule.kinds:
            zh.append(f"业务类型是“{line.kind}”")
            en.append(f'its kind is "{line.kind}"')
        if rule.counterparties:
            zh.append(f"对方是 {line.counterparty}")
            en.append(f"it is with {line.counterparty}")
        if rule.direction:
            zh.append("是收入" if rule.direction == "in" else "是支出")
            en.append("it is income" if rule.direction == "in" else "it is outgo")
        return say(
            self._lang, f"规则 {rule.rule_id}“{rule.title}”:{','.join(zh)}", f'Rule {rule.rule_id} "{rule.title}": {", ".join(en)}'
        )  # fmt: skip


def _tests(words: Iterable[str]) -> list[Test]:
    return [(word, _pattern(word) if "*" in word else None) for word in words]


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in word.split("*")))


def _first(tests: Iterable[Test], text: str) -> str | None:
    for word, pattern in tests:
        if (word in text) if pattern is None else pattern.search(text):
            return word
    return None


def words_of(value: Value) -> tuple[str, ...]:
    """The words of a cell, separated by 、 or a line break only: bills' texts have blanks, commas and slashes in them."""
    text = str(value or "").replace("\n", "、")
    return tuple(word.strip() for word in text.split("、") if word.strip())


def read_bill_rules(rows: Mapping[str, Cells], lang: Lang) -> tuple[tuple[BillRule, ...], dict[str, str]]:
    """Usable rules, highest priority first, and a sentence for each row that will not do."""
    rules: list[BillRule] = []
    problems: dict[str, str] = {}
    for rule_id, cells in rows.items():
        filled = any(
            cells.get(name) not in (None, "", False) for name in cells if name not in ("rule_id", "problem")
        )
        if cells.get("enabled") == "no" or not filled:
            continue
        rule = _rule(rule_id, cells)
        if rule.item not in ITEM_BY_CODE:
            problems[rule_id] = say(
                lang, "没选“归为”,这条规则没有生效", "No item chosen: this rule is not used"
            )
        elif not (rule.texts or rule.kinds or rule.counterparties):
            problems[rule_id] = say(
                lang, "文字、业务类型、对方账号至少填一项,否则会认下所有行;这条规则没有生效",
                "Fill in text, kind or counterparty: without any it would take every row. This rule is not used",
            )  # fmt: skip
        elif any(not word.strip("*") for word in rule.texts):
            problems[rule_id] = say(
                lang, "“*”不能单独用,这条规则没有生效", "* alone will not do: this rule is not used"
            )
        else:
            rules.append(rule)
    return tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id))), problems


def _rule(rule_id: str, cells: Cells) -> BillRule:
    priority = cells.get("priority")
    return BillRule(
        rule_id=rule_id, priority=int(priority) if isinstance(priority, int | Decimal) else 0,
        title=str(cells.get("title") or rule_id), item=str(cells.get("item") or ""), texts=words_of(cells.get("texts")),
        without=words_of(cells.get("without")), kinds=words_of(cells.get("kinds")),
        counterparties=words_of(cells.get("counterparties")), direction=str(cells.get("direction") or ""),
    )  # fmt: skip
