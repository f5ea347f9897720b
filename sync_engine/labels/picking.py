"""Pick lines from parcels: what to fetch from which bin, and which parcels it is for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sync_engine.labels.values import Goods, PickLine, PickParcel
from sync_engine.values import natural


def build_pick_lines(parcels: Sequence[PickParcel]) -> tuple[PickLine, ...]:
    """One line for each kind of goods, in the order a picker walks: by bin, then by code; goods without a bin last.

    Goods are the same where merchant code and variant are (several variants may share an item's code); without a code,
    where title and variant are. `refs` keep the order of the parcels.
    """
    kinds: dict[tuple[str, ...], Goods] = {}
    refs: dict[tuple[str, ...], Counter[str]] = {}
    for parcel in parcels:
        for goods in parcel.goods:
            kind = (goods.bin, goods.outer_id, goods.sku_text, "" if goods.outer_id else goods.title)
            kinds.setdefault(kind, goods)
            refs.setdefault(kind, Counter())[parcel.short_no] += goods.count
    return tuple(sorted((_line(kinds[kind], refs[kind]) for kind in kinds), key=walking_order))


def _line(goods: Goods, refs: Counter[str]) -> PickLine:
    return PickLine(
        bin=goods.bin,
        outer_id=goods.outer_id,
        title=goods.title,
        sku_text=goods.sku_text,
        barcode=goods.barcode,
        count=sum(refs.values()),
        refs=tuple(refs.items()),
    )


def walking_order(line: PickLine) -> tuple[object, ...]:
    """Sort key: bins as people number them (A-2 before A-10), then code, title and variant."""
    return not line.bin, natural(line.bin), natural(line.outer_id), line.title, line.sku_text


def totals(lines: Iterable[PickLine]) -> tuple[int, int]:
    """(pieces by goods, pieces by parcel): equal, or the list is wrong."""
    known = list(lines)
    return sum(line.count for line in known), sum(count for line in known for _, count in line.refs)


def kinds_of(goods: Iterable[Goods | PickLine]) -> int:
    """How many kinds of goods these are, each once however many bins it comes from."""
    return len({(one.outer_id, one.sku_text, "" if one.outer_id else one.title) for one in goods})


def check_totals(lines: Sequence[PickLine]) -> None:
    """Raise ValueError if totals by goods and by parcel differ: a program made the list wrong."""
    for line in lines:
        by_parcel = sum(count for _, count in line.refs)
        if by_parcel != line.count:
            raise ValueError(
                f"pick line {line.outer_id or line.title!r}: {line.count} in all, {by_parcel} by parcel"
            )


def parcels_of(lines: Iterable[PickLine]) -> int:
    """How many parcels the lines are for."""
    return len({short_no for line in lines for short_no, _ in line.refs})
