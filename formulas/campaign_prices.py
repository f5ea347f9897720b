"""活动价 of 大促: what goods, or a group of them, should cost while a campaign lasts.

The formula works on what staff want the goods to cost in ordinary times, never on what Tmall shows: that is what the
engine changes, and a price worked out from itself would fall with every look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from formulas.expression import Formula, Slip, read_formula
from workbook_templates.schema import Lang, Value
from workbook_templates.words import say, split_words

Cells = Mapping[str, Value]
NAMES = {"想要的售价": "wanted", "成本": "cost", "wanted": "wanted", "cost": "cost"}
"""What a formula may use, and what the engine calls it."""
_LABELS = {Lang.ZH: {"wanted": "想要的售价", "cost": "成本"}, Lang.EN: {"wanted": "wanted", "cost": "cost"}}
_FEN = Decimal("0.01")
_GROUP_MARKS = ("组:", "组：", "group:", "Group:")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPrice:
    """One row of 大促 with a price. It holds from `start` until just before `until`."""

    name: str
    start: datetime
    until: datetime
    formula: Formula
    goods: tuple[str, ...] = ()  # codes and groups; none: all

    def is_for(self, code: str, groups: Collection[str]) -> bool:
        """Whether goods are meant, by their code or a group of theirs."""
        return not self.goods or code in self.goods or any(group in self.goods for group in groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A price and why, or a sentence why there is none."""

    price: Decimal | None = None
    why: str = ""
    problem: str = ""


def read_campaign_prices(rows: Mapping[str, Cells], lang: Lang) -> tuple[list[CampaignPrice], dict[str, str]]:
    """Campaigns with a usable price, and a sentence for each price that will not do."""
    found: list[CampaignPrice] = []
    problems: dict[str, str] = {}
    for key, cells in rows.items():
        typed = str(cells.get("price") or "").strip()
        start, end = cells.get("start"), cells.get("end")
        if not typed:
            continue
        formula = read_formula(typed, NAMES)
        if isinstance(formula, Slip):
            problems[key] = say(
                lang, f"活动价没有采用:{formula.text(lang)}", f"The price is not used: {formula.text(lang)}"
            )
            continue
        if not isinstance(start, datetime):
            problems[key] = say(lang, "没填开始,活动价没有采用", "No beginning: the price is not used")
            continue
        last = end if isinstance(end, datetime) else start.replace(hour=0, minute=0, second=0)
        until = last + timedelta(days=1) if (last.hour, last.minute, last.second) == (0, 0, 0) else last
        if until <= start:
            problems[key] = say(
                lang, "结束早于开始,活动价没有采用", "It ends before it starts: the price is not used"
            )
            continue
        goods = tuple(_bare(word) for word in split_words(cells.get("goods")))
        found.append(
            CampaignPrice(
                name=str(cells.get("name") or key), start=start, until=until, formula=formula, goods=goods
            )
        )
    return found, problems


def _bare(word: str) -> str:
    mark = next((mark for mark in _GROUP_MARKS if word.startswith(mark)), "")
    return word.removeprefix(mark)


def next_change(campaigns: Iterable[CampaignPrice], now: datetime) -> datetime | None:
    """When the next one begins or ends."""
    return min((at for one in campaigns for at in (one.start, one.until) if at > now), default=None)


def price_of(
    campaigns: Iterable[CampaignPrice], now: datetime, code: str, groups: Collection[str], wanted: Decimal, cost: Decimal | None,
    lang: Lang,
) -> Priced:  # fmt: skip
    """What goods should cost now: the lowest price of the campaigns they are in, else what staff want in ordinary times."""
    best = Priced(price=wanted.quantize(_FEN, ROUND_HALF_UP))
    values = {"wanted": Fraction(wanted), **({"cost": Fraction(cost)} if cost is not None else {})}
    problem, priced = "", list[Priced]()
    for one in campaigns:
        if not one.start <= now < one.until or not one.is_for(code, groups):
            continue
        if one.formula.names() - values.keys():
            problem = say(
                lang,
                f"“{one.name}”的活动价要用成本,这里没填",
                f'The price of "{one.name}" needs the cost, which is empty',
            )
            continue
        value = one.formula.value(values)
        if isinstance(value, Slip):
            problem = say(
                lang,
                f"“{one.name}”的活动价算不出:{value.text(lang)}",
                f'The price of "{one.name}" cannot be worked out: {value.text(lang)}',
            )
            continue
        price = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_FEN, ROUND_HALF_UP)
        shown = one.formula.shown(values, _LABELS[lang])
        priced.append(Priced(price=price, why=f"{one.name}: {shown} = {price}"))
    lowest = min(priced, key=lambda one: one.price or Decimal(0), default=best)
    return Priced(price=lowest.price, why=lowest.why, problem=problem)
