"""Freight rates as people typed them in the 运费表 sheet."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from formulas.freight import OTHER_WORDS, Rate
from workbook_templates.schema import Lang, Value
from workbook_templates.words import say, split_words

Cells = Mapping[str, Value]


def read_rates(rows: Mapping[str, Cells], lang: Lang) -> tuple[tuple[Rate, ...], dict[str, str]]:
    """Usable freight rates and a sentence for each row that will not do."""
    rates: list[Rate] = []
    problems: dict[str, str] = {}
    for rate_id, cells in rows.items():
        if cells.get("enabled") == "no" or not typed_anything(cells, "rate_id", "problem"):
            continue
        missing = [
            say(lang, zh, en)
            for name, zh, en in (
                ("courier", "快递", "courier"),
                ("provinces", "省", "provinces"),
                ("first_price", "首重价", "first price"),
            )
            if cells.get(name) in (None, "")
        ]
        if missing:
            what = "、".join(missing)
            problems[rate_id] = say(
                lang, f"缺少{what},这一行没有生效", f"Missing {what}: this row is not used"
            )
        elif problem := _odd_rate(cells, lang):
            problems[rate_id] = problem
        else:
            rates.append(_rate(rate_id, cells))
    return tuple(rates), problems


def _odd_rate(cells: Cells, lang: Lang) -> str:
    numbers = [value for value in cells.values() if isinstance(value, Decimal)]
    if any(number < 0 for number in numbers):
        return say(
            lang, "价格和重量不能是负数,这一行没有生效", "Prices and weights cannot be negative: not used"
        )
    start, end = decimal_of(cells.get("weight_from")) or Decimal(0), decimal_of(cells.get("weight_to"))
    if end is not None and start >= end:
        return say(lang, "重量段的下限不小于上限,这一行没有生效", "The weight band is crossed: not used")
    if decimal_of(cells.get("step_kg")) == 0 or decimal_of(cells.get("volume_ratio")) == 0:
        return say(
            lang, "续重单位和抛比不能是 0,这一行没有生效", "Step and volume ratio cannot be 0: not used"
        )
    return ""


def _rate(rate_id: str, cells: Cells) -> Rate:
    words = split_words(cells.get("provinces"))
    return Rate(
        rate_id=rate_id,
        courier=str(cells.get("courier")),
        warehouse=str(cells.get("warehouse") or "").strip(),
        provinces=tuple(word for word in words if word.lower() not in OTHER_WORDS),
        cities=split_words(cells.get("cities")),
        other=any(word.lower() in OTHER_WORDS for word in words),
        weight_from=decimal_of(cells.get("weight_from")) or Decimal(0),
        weight_to=decimal_of(cells.get("weight_to")),
        first_kg=decimal_of(cells.get("first_kg")),
        first_price=decimal_of(cells.get("first_price")) or Decimal(0),
        step_kg=decimal_of(cells.get("step_kg")),
        step_price=decimal_of(cells.get("step_price")),
        volume_ratio=decimal_of(cells.get("volume_ratio")),
    )


def typed_anything(cells: Cells, *ours: str) -> bool:
    """Whether a row holds more than the columns that are ours."""
    return any(value for name, value in cells.items() if name not in ours)


def decimal_of(value: Value) -> Decimal | None:
    """A cell's number; None for anything else."""
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
