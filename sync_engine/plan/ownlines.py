"""The lines of an order of 手工订单, and what becomes of them when somebody changes the goods. Pure.

Changed goods are followed as Tmall's orders are whose line was closed: what has not left is closed, so that its waybill is
given back, and what is wanted now stands in lines of its own, audited and packed anew. A line's number is never used twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from sync_engine.plan.ownorders import FEN, Goods
from sync_engine.plan.words import say
from sync_engine.trade import CLOSED, ZERO, Line
from workbook_templates.schema import Lang, Value

Wanted = Sequence[tuple[Goods, int]]
_OPEN = "WAIT_SELLER_SEND_GOODS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The lines now, and whether somebody wants something else of goods that left."""

    lines: tuple[Line, ...]
    late: bool = False


def make_lines(order: str, wanted: Wanted, first: int = 1) -> list[Line]:
    """Lines for these goods, numbered from `first`, without amounts."""
    return [
        Line(
            oid=f"{order}L{number}", num_iid=goods.num_iid, sku_id=goods.sku_id, outer_sku_id=goods.code, title=goods.title,
            sku_text=goods.sku_text, num=num, status=_OPEN,
        )
        for number, (goods, num) in enumerate(wanted, start=first)
    ]  # fmt: skip


def follow(order: str, wanted: Wanted, known: Sequence[Line], left: Collection[str]) -> Followed:
    """The lines of an order that has some already.

    Args:
        left: those that left.
    """
    gone = [line for line in known if line.oid in left or line.was_shipped]
    rest = [line for line in known if line not in gone and line.status not in CLOSED]
    missing = Counter({goods.code: num for goods, num in wanted})
    missing.subtract(Counter([line.outer_id for line in gone for _ in range(line.num)]))
    more = {code: num for code, num in missing.items() if num > 0}
    late = any(num < 0 for num in missing.values())
    if gone and not rest:
        return Followed(lines=tuple(known), late=late or bool(more))
    if Counter([line.outer_id for line in rest for _ in range(line.num)]) == Counter(more):
        return Followed(lines=tuple(known), late=late)
    fresh = [(goods, more[goods.code]) for goods, _ in wanted if goods.code in more]
    highest = max((_number_of(line) for line in known), default=0)
    dead = [replace(line, status="TRADE_CLOSED") if line in rest else line for line in known]
    return Followed(lines=(*dead, *make_lines(order, fresh, highest + 1)), late=late)


def _number_of(line: Line) -> int:
    number = line.oid.rpartition("L")[2]
    return int(number) if number.isdecimal() else 0


def with_amounts(lines: Sequence[Line], amount: Decimal) -> tuple[Line, ...]:
    """The lines with their part of what is paid, by pieces, to the fen; nothing for those that are closed."""
    pieces, so_far, told = sum(line.num for line in lines if line.status not in CLOSED), 0, ZERO
    found = []
    for line in lines:
        if line.status in CLOSED:
            found.append(replace(line, amount=ZERO))
            continue
        so_far += line.num
        upto = (amount * so_far / pieces).quantize(FEN, rounding=ROUND_HALF_UP)
        part, told = upto - told, upto
        price = (part / line.num).quantize(FEN, rounding=ROUND_HALF_UP)
        found.append(replace(line, amount=part, price=price))
    return tuple(found)


def late_text(lang: Lang) -> str:
    """Goods were changed that had left."""
    return say(
        lang, "货已经发出,“商品”的改动不算数:要再发就另写一行", "The goods had left: the change does not count; write another row to send more"
    )  # fmt: skip


def line_shown(cells: Mapping[str, Value]) -> Line:
    """A line as its row in 订单明细 tells it: how it is known after the journal was lost."""
    num = cells.get("num")
    return Line(
        oid=str(cells.get("oid") or ""), num_iid=str(cells.get("num_iid") or ""), sku_id=str(cells.get("sku_id") or ""),
        outer_sku_id=str(cells.get("outer_id") or ""), title=str(cells.get("title") or ""), sku_text=str(cells.get("sku_text") or ""),
        status=str(cells.get("status") or ""), num=int(num) if isinstance(num, int | Decimal) else 1,
    )  # fmt: skip
