"""货位库存: which bins goods have in each warehouse, which is the main one, and what a row shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sync_engine.plan.places import Places
from sync_engine.plan.sheet import number_of
from sync_engine.plan.words import say
from sync_engine.stockroom import Balance
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]
At = tuple[str, str]
"""A warehouse and a merchant code."""
Spot = tuple[str, str, str]
"""A warehouse, a merchant code and a bin; "" and PICKED for what lies in none."""

LOOSE, PICKED = "", "\x00picked"
_WORDS = {LOOSE: ("未上架", "Unshelved"), PICKED: ("拣货中", "Picked")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """The rows of 货位库存 that will do, and the bins named in 商品."""

    spots: Mapping[Spot, str] = field(default_factory=dict)  # the row of each
    ticked: Mapping[At, str] = field(default_factory=dict)  # main bins
    only: Mapping[At, str] = field(default_factory=dict)  # where goods have a single bin
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)  # bins by warehouse
    problems: Mapping[str, str] = field(default_factory=dict)  # by row
    kept: frozenset[At] = frozenset()  # goods with a bin in a warehouse

    @property
    def used(self) -> bool:
        """Whether this shop keeps stock by bin."""
        return bool(self.spots)

    def main(self, place: str, code: str, of_product: str, main_place: str) -> str:
        """The bin goods are picked from first: what is ticked, what 商品 says, or the only one there is.

        What 商品 says holds for the main warehouse, and for one in which nobody named any bin.
        """
        by_product = of_product if place == main_place or not self.known.get(place) else ""
        return self.ticked.get((place, code)) or by_product or self.only.get((place, code), "")


NO_BINS = Bins()


def shown_bin(name: str, lang: Lang) -> str:
    """A bin as cells show it; what lies in none has a word."""
    return say(lang, *_WORDS[name]) if name in _WORDS else name


def bin_typed(value: Value) -> str:
    """A bin as people type it, in either language."""
    text = str(value or "").strip()
    return next(
        (name for name, words in _WORDS.items() if text.lower() in (words[0], words[1].lower())), text
    )


def read_bins(rows: Mapping[str, Cells], places: Places, codes: Collection[str], lang: Lang) -> Bins:
    """The usable rows, and a sentence for each that will not do. An earlier row keeps its bin; one typed twice is told.

    Args:
        codes: merchant codes that exist.
    """
    spots: dict[Spot, str] = {}
    ticked: dict[At, str] = {}
    only: dict[At, list[str]] = {}
    problems: dict[str, str] = {}
    for key in sorted(rows, key=lambda one: (number_of(one), one)):
        cells = rows[key]
        spot, problem = _spot(cells, places, codes, lang)
        if spot is not None and spot in spots:
            problem = say(
                lang,
                f"和 {spots[spot]} 行重复,请删掉一行",
                f"The same as row {spots[spot]}: delete one of them",
            )
        if problem or spot is None:
            problems[key] = problem
            continue
        spots[spot] = key
        place, code, name = spot
        if name in _WORDS:
            continue
        only.setdefault((place, code), []).append(name)
        if cells.get("main") is not True:
            continue
        if (place, code) in ticked:
            problems[key] = say(
                lang, f"主货位已经是“{ticked[place, code]}”,请只留一个勾", f'The main bin is "{ticked[place, code]}" already: keep one tick'
            )  # fmt: skip
        else:
            ticked[place, code] = name
    known: dict[str, set[str]] = {}
    for place, _, name in spots:
        known.setdefault(place, set()).update({name} - _WORDS.keys())
    return Bins(
        spots=spots, kept=frozenset(only), ticked=ticked, problems=problems, only={at: names[0] for at, names in only.items() if len(names) == 1},
        known={place: frozenset(names) for place, names in known.items() if names},
    )  # fmt: skip


def _spot(cells: Cells, places: Places, codes: Collection[str], lang: Lang) -> tuple[Spot | None, str]:
    code, place = str(cells.get("stock_code") or "").strip(), places.find(cells.get("warehouse"))
    name = bin_typed(cells.get("bin"))
    if code not in codes:
        return None, say(
            lang, f"“商品”里没有编码“{code}”,请核对编码" if code else "缺“商家编码”",
            f'No product has the code "{code}": check it' if code else '"Merchant code" is empty',
        )  # fmt: skip
    if place is None:
        return None, places.unknown(cells.get("warehouse"), lang)
    if not str(cells.get("bin") or "").strip():
        return None, say(lang, "缺“货位”", '"Bin" is empty')
    return (place, code, name), ""


def parts_of(balance: Balance) -> dict[str, tuple[int, int]]:
    """Good and defective pieces of one kind of goods in one warehouse, by bin; what is picked and what lies in no bin too.

    {} where no move ever named a bin.
    """
    if not balance.bins:
        return {}
    found = {one.bin: (one.good, one.bad) for one in balance.bins}
    good, bad = (sum(part[side] for part in found.values()) for side in (0, 1))
    return {
        **found, PICKED: (balance.picked, 0), LOOSE: (balance.on_hand - balance.picked - good, balance.defective - bad),
    }  # fmt: skip


def bin_row(key: str, name: str, pieces: tuple[int, int], problem: str, lang: Lang) -> dict[str, Value]:
    """What stands beside a bin: pieces, and what is odd about them."""
    return {"bin_id": key, "pieces": pieces[0], "defective": pieces[1] or None, "problem": problem or _odd(name, min(pieces), lang)}  # fmt: skip


def _odd(name: str, lowest: int, lang: Lang) -> str:
    if lowest >= 0:
        return ""
    if name == LOOSE:
        return say(
            lang, f"各货位加起来比在库多 {-lowest} 件,不知道是从哪个货位少的:请盘点货位(“盘点”表填货位)",
            f"The bins hold {-lowest} more than is on hand: nobody knows which bin lost them. Count the bins (type the bin in Counts)",
        )  # fmt: skip
    return say(
        lang, f"这个货位拿走的比放进的多 {-lowest} 件:请盘点这个货位,或补一条移位",
        f"{-lowest} more were taken from this bin than lay there: count it, or enter the bin move that is missing",
    )  # fmt: skip


def unknown_bin(name: str, place: str, bins: Bins, places: Places, lang: Lang) -> str:
    """The sentence about a bin nobody named in this warehouse."""
    name, there = shown_bin(name, lang), sorted(bins.known.get(place, ()))
    few = "、".join(there[:6]) + ("……" if len(there) > 6 else "")
    return say(
        lang,
        f"{places.names.get(place, place)}没有货位“{name}”,没有入账;先在“货位库存”里加一行" + (f",或改成:{few}" if few else ""),
        f'{places.names.get(place, place)} has no bin "{name}": not posted. Add a row for it in Stock by bin'
        + (f", or choose one of {few}" if few else ""),
    )  # fmt: skip
