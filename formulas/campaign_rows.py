"""大促 as people typed it: days on which goods sell a multiple of the usual."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from workbook_templates.schema import Lang, Value
from workbook_templates.words import say, split_words

Cells = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """One row of 大促."""

    name: str
    start: date
    end: date
    multiple: float
    goods: tuple[str, ...] = ()  # codes and groups; none: all


def read_campaigns(rows: Mapping[str, Cells], known: Collection[str], lang: Lang) -> tuple[list[CampaignRow], dict[str, str]]:  # fmt: skip
    """Usable campaigns, and a sentence for each row that will not do. `known` are codes and groups."""
    found: list[CampaignRow] = []
    problems: dict[str, str] = {}
    for key, cells in rows.items():
        name, start, end, multiple = (cells.get(column) for column in ("name", "start", "end", "multiple"))
        if not any((name, start, end, multiple)) or (multiple is None and cells.get("price")):
            continue  # a price alone says nothing of how much sells
        if not isinstance(start, datetime) or not isinstance(multiple, int | Decimal):
            problems[key] = say(lang, "没填开始日期或几倍,没有采用", "No first day or no multiple: not used")
            continue
        last = end if isinstance(end, datetime) else start
        if last < start or multiple <= 0:
            problems[key] = say(lang, "结束早于开始,或倍数不大于 0,没有采用", "It ends before it starts, or the multiple is not above 0: not used")  # fmt: skip
            continue
        goods = split_words(cells.get("goods"))
        if strange := [one for one in goods if one not in known]:
            problems[key] = say(lang, f"没有“{strange[0]}”这个商家编码或分组,这一项不算", f'"{strange[0]}" is no merchant code or group: left out')  # fmt: skip
        if goods and len(strange) == len(goods):
            continue
        found.append(
            CampaignRow(
                name=str(name or key), start=start.date(), end=last.date(), multiple=float(multiple),
                goods=tuple(one for one in goods if one in known),
            )
        )  # fmt: skip
    return found, problems


def campaign_of(
    paid: date,
    codes: Collection[str],
    campaigns: Iterable[CampaignRow],
    groups: Mapping[str, Collection[str]],
) -> str:
    """The campaign an order belongs to: the first, by its first day and name, in whose days it was paid and of whose goods it
    has any; "" for none.

    Args:
        codes: merchant codes of the order's goods.
        groups: the groups of each merchant code.
    """
    names = {name for code in codes for name in (code, *groups.get(code, ()))}
    for one in sorted(campaigns, key=lambda row: (row.start, row.name)):
        if one.start <= paid <= one.end and (not one.goods or names & set(one.goods)):
            return one.name
    return ""
