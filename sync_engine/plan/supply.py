"""供应商, 大促 and what 商品 says of buying: what people typed, read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from formulas.replenish import EVERY_DAY, Terms
from sync_engine.plan.words import say, split_words
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]

_WEEKDAYS = (("周一", "星期一", "mon"), ("周二", "星期二", "tue"), ("周三", "星期三", "wed"), ("周四", "星期四", "thu"),
             ("周五", "星期五", "fri"), ("周六", "星期六", "sat"), ("周日", "星期日", "周天", "sun"))  # fmt: skip
_PERIOD = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*(?:~|～|至|到|-|to)\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Buying:
    """What one kind of goods is bought by."""

    supplier: str = ""
    terms: Terms = field(default_factory=Terms)
    groups: tuple[str, ...] = ()
    problem: str = ""


def read_suppliers(rows: Mapping[str, Cells], default_lead: int, lang: Lang) -> tuple[dict[str, Terms], dict[str, str]]:  # fmt: skip
    """Terms by supplier's name, and a sentence for each row that will not do."""
    found: dict[str, Terms] = {}
    problems: dict[str, str] = {}
    for key, cells in rows.items():
        name = str(cells.get("name") or "").strip()
        if not name:
            continue
        days, odd_days = _weekdays(cells.get("order_days"))
        closed, odd_closed = _periods(cells.get("closed"))
        if name in found:
            problems[key] = say(
                lang, f"“{name}”有两行,只用第一行", f'"{name}" has two rows: the first is used'
            )
            continue
        if odd := odd_days or odd_closed:
            problems[key] = say(
                lang, f"“{odd}”看不懂,没有采用;星期写 周一、周四,放假写 2027-01-30~2027-02-15",
                f'"{odd}" cannot be read and is not used; write days as Mon, Thu and closed periods as 2027-01-30~2027-02-15',
            )  # fmt: skip
        lead, spread = whole(cells.get("lead_days")), cells.get("lead_deviation")
        found[name] = Terms(
            lead_days=default_lead if lead is None else max(0, lead),
            lead_deviation=max(0.0, float(spread)) if isinstance(spread, int | Decimal) else 0.0,
            order_days=days or EVERY_DAY, closed=closed,
        )  # fmt: skip
    return found, problems


def _weekdays(typed: Value) -> tuple[frozenset[int], str]:
    """Weekdays by number, and the first word that is none."""
    found: set[int] = set()
    for word in split_words(typed):
        at = next((n for n, names in enumerate(_WEEKDAYS) if word.lower().startswith(names)), None)
        if at is None:
            return frozenset(found), word
        found.add(at)
    return frozenset(found), ""


def _periods(typed: Value) -> tuple[tuple[tuple[date, date], ...], str]:
    """Closed periods, and what is left of the text that is none."""
    text = str(typed or "").strip()
    found: list[tuple[date, date]] = []
    for match in _PERIOD.finditer(text):
        try:
            first, last = (date(*map(int, match.groups()[at : at + 3])) for at in (0, 3))
        except ValueError:
            return tuple(found), match.group()
        if first > last:
            return tuple(found), match.group()
        found.append((first, last))
    rest = _PERIOD.sub("", text).strip("、，,;； \n")
    return tuple(found), rest


def read_buying(
    products: Iterable[Cells], suppliers: Mapping[str, Terms], default_lead: int, lang: Lang
) -> Buying:
    """What one kind of goods is bought by, from the rows of its SKUs: the first that says something counts."""
    rows = list(products)

    def first(name: str) -> Value:
        return next((cells[name] for cells in rows if cells.get(name) not in (None, "")), None)

    supplier = str(first("supplier") or "").strip()
    terms = suppliers.get(supplier, Terms(lead_days=default_lead))
    lead, minimum, pack = (whole(first(name)) for name in ("lead_days", "minimum", "pack"))
    unknown = supplier and supplier not in suppliers
    return Buying(
        supplier=supplier, groups=tuple(dict.fromkeys(word for cells in rows for word in split_words(cells.get("groups")))),
        terms=Terms(
            lead_days=terms.lead_days if lead is None else max(0, lead), lead_deviation=terms.lead_deviation,
            order_days=terms.order_days, closed=terms.closed, minimum=max(1, minimum or 1), pack=max(1, pack or 1),
        ),
        problem=say(lang, f"“供应商”表里没有“{supplier}”,交期按默认算", f'"{supplier}" is not in the suppliers sheet: the default lead time is used') if unknown else "",
    )  # fmt: skip


def whole(value: Value) -> int | None:
    """A number as whole pieces; None for anything else."""
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
