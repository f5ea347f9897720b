"""组合 as people typed them, what an order's line is made of, and how parts are divided between bundles and single goods.

Pure. What a line is made of is kept when it is first known (line's column 组合明细): a bundle that is changed later leaves it as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from formulas.bundles import Bundle, choices, divided, flat_parts, parts_from, sets
from formulas.declare import CellError
from formulas.rates import decimal_of, typed_anything
from sync_engine.plan.telling import Limit
from sync_engine.plan.words import say
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]
Parts = Mapping[str, int]
"""Pieces of each part in one of the goods."""
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """The bundles that can be used; `broken` have a row that will not do: what they show is never raised."""

    by_code: Mapping[str, Bundle] = field(default_factory=dict)
    percents: Mapping[str, Decimal] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    parts: Mapping[str, Parts] = field(default_factory=dict)  # flat, by code

    @property
    def touched(self) -> frozenset[str]:
        """Every code that is a bundle or part of one."""
        return frozenset(self.parts).union(*self.parts.values())

    @property
    def text(self) -> str:
        """All that matters of them, so that a change shows."""
        return repr((sorted((code, one.pick_one, sorted(one.parts.items())) for code, one in self.by_code.items()), sorted(self.percents.items()), sorted(self.broken)))  # fmt: skip

    def cluster(self, code: str) -> frozenset[str]:
        """All codes that share pieces with this one, itself among them."""
        found, new = set[str](), {code}
        while new:
            found |= new
            touched = {one for one, parts in self.parts.items() if one in found or found & parts.keys()}
            new = (touched | {part for one in touched for part in self.parts[one]}) - found
        return frozenset(found)


NONE = Bundles()


def read_bundles(
    rows: Mapping[str, Cells], codes: Collection[str], lang: Lang
) -> tuple[Bundles, dict[str, str]]:
    """The bundles, and a sentence for each row that will not do; `codes` are all merchant codes there are."""
    problems: dict[str, str] = {}
    typed: dict[str, dict[str, int]] = {}
    picks: set[str] = set()
    percents: dict[str, Decimal] = {}
    broken: set[str] = set()
    named = {str(cells.get("bundle") or "").strip() for cells in rows.values()}
    for row_id, cells in rows.items():
        if not typed_anything(cells, "bundle_id", "problem"):
            continue
        code, part = (str(cells.get(name) or "").strip() for name in ("bundle", "part"))
        pieces, percent = decimal_of(cells.get("pieces")), decimal_of(cells.get("percent"))
        wrong = _wrong(code, part, pieces, percent, {*codes, *named}, lang)
        if wrong:
            problems[row_id] = wrong
            broken |= {code} - {""}
        if code and cells.get("pick_one") is True:
            picks.add(code)
        if percent is not None and not wrong:
            percents[code] = percent
        if not wrong:
            parts = typed.setdefault(code, {})
            parts[part] = parts.get(part, 0) + int(pieces or 1)
    found = {code: Bundle(sku=code, parts=parts, pick_one=code in picks) for code, parts in typed.items()}
    return _resolved(found, percents, broken, rows, problems, lang)


def _wrong(code: str, part: str, pieces: Decimal | None, percent: Decimal | None, codes: Collection[str], lang: Lang) -> str:  # fmt: skip
    """What is wrong with a row, with what holds until it is mended."""
    said = ""
    if not code or not part:
        said = say(lang, "组合编码和单品编码都要填", "Both the bundle and the part are needed")
    elif part not in codes:
        said = say(lang, f"没有“{part}”这个编码", f'There is no code "{part}"')
    elif pieces is not None and (pieces < 1 or pieces != int(pieces)):
        said = say(
            lang,
            f"每组几件要是 1 以上的整数,现在是 {pieces}",
            f"The pieces must be a whole number from 1, not {pieces}",
        )
    elif percent is not None and not 0 <= percent <= HUNDRED:
        said = say(
            lang,
            f"份额要在 0 到 100 之间,现在是 {percent}",
            f"The share must be from 0 to 100, not {percent}",
        )
    if not said:
        return ""
    return said + say(
        lang,
        ";改好之前这个组合的库存只减不加",
        ". Until it is mended this bundle's figure is only ever lowered",
    )


def _resolved(
    found: Mapping[str, Bundle], percents: Mapping[str, Decimal], broken: set[str], rows: Mapping[str, Cells], problems: dict[str, str],
    lang: Lang,
) -> tuple[Bundles, dict[str, str]]:  # fmt: skip
    """Sets within sets resolved; one that holds itself or a pick-one set is said so beside its rows, and is none."""
    flat: dict[str, Parts] = {}
    for code, bundle in found.items():
        try:
            parts = dict(bundle.parts) if bundle.pick_one else flat_parts(code, found)
            if bundle.pick_one and any(part in found for part in parts):
                raise ValueError(say(lang, "任选里不能再放组合", "A choice cannot hold bundles"))
            flat[code] = parts
        except (CellError, ValueError) as error:
            said = error.text(lang) if isinstance(error, CellError) else str(error)
            for row_id, cells in rows.items():
                if str(cells.get("bundle") or "").strip() == code:
                    problems.setdefault(row_id, said)
    kept = {code: bundle for code, bundle in found.items() if code in flat}
    bundles = Bundles(by_code=kept, percents=dict(percents), broken=frozenset(broken), parts=flat)
    return bundles, problems


# -- what a line is made of -------------------------------------------------------------------------------------------


def parts_text(parts: Parts) -> str:
    """As the line's row shows it: `A×1、B×2`."""
    return "、".join(f"{code}×{times}" for code, times in parts.items())


def line_parts(
    code: str, kept: str, known: bool, left: bool, bundles: Bundles, chosen: str, roomiest: Callable[[Collection[str]], str]
) -> dict[str, int]:  # fmt: skip
    """What a line's goods are made of, per piece; {}: they are single goods.

    Args:
        code: what the goods are kept under now.
        kept: what was kept for this line before.
        known: whether the line was seen before.
        left: whether it has left: then nothing changes any more.
        chosen: the part of a choice that staff named.
        roomiest: of some codes the one with the most pieces nobody else has on show.
    """
    before = parts_from(kept)
    bundle = bundles.by_code.get(code)
    if bundle is not None and bundle.pick_one and not left and chosen in bundle.parts:
        return {chosen: 1}
    if before:
        return before
    if bundle is None or (known and left):
        return {}
    if bundle.pick_one:
        return {roomiest(bundle.parts): 1}
    return dict(bundles.parts[code])


# -- how parts are divided --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Pieces of each bundle, what they take of each part, and the sentence for each bundle."""

    made: Mapping[str, int]
    taken: Mapping[str, int]
    why: Mapping[str, str]


def divide(pieces: Mapping[str, int], bundles: Bundles, codes: Collection[str], sold: Collection[str], lang: Lang) -> Division:  # fmt: skip
    """Divide parts between the bundles among `codes` and the single goods.

    Args:
        pieces: what may be offered of each part.
        sold: codes that are on sale themselves.
    """
    mine = [code for code in sorted(codes) if code in bundles.by_code and code in sold]
    percents = {code: _percent(code, mine, bundles, sold) for code in mine}
    made, left = divided(pieces, [(bundles.by_code[code], percents[code]) for code in mine], bundles.by_code)
    taken = {part: pieces[part] - left.get(part, pieces[part]) for part in pieces}
    why = {code: _why(code, made[code], pieces, percents[code], bundles, lang) for code in mine}
    return Division(made=made, taken=taken, why=why)


def _percent(code: str, mine: Sequence[str], bundles: Bundles, sold: Collection[str]) -> Decimal | Fraction:
    """What staff said, else an equal part for each that sells any of its parts."""
    typed = bundles.percents.get(code)
    if typed is not None:
        return typed
    parts = bundles.parts[code].keys()
    sellers = sum(bool(parts & bundles.parts[other].keys()) for other in mine)
    return Fraction(100, max(1, sellers + any(part in sold for part in parts)))


def _why(
    code: str, made: int, pieces: Mapping[str, int], percent: Decimal | Fraction, bundles: Bundles, lang: Lang
) -> str:
    bundle = bundles.by_code[code]
    share = f"{percent}%" if isinstance(percent, Decimal) else str(percent / 100)
    each = [
        f"{part} {pieces.get(part, 0)} × {share}" + ("" if bundle.pick_one else f" ÷ {times}")
        for part, times in bundles.parts[code].items()
    ]
    if bundle.pick_one:
        return say(lang, f"任选:{' + '.join(each)},各自取整,合计 {made}", f"any one: {' + '.join(each)}, each rounded down, {made} in all")  # fmt: skip
    return say(lang, f"组合:{'、'.join(each)} 里最少的,取整 {made}", f"bundle: the least of {', '.join(each)}, rounded down {made}")  # fmt: skip


def limits_of(bundles: Bundles, sku_codes: Mapping[str, str], wanted: Mapping[str, int]) -> list[Limit]:
    """What must hold at every moment of what is on show: for each part, and for all parts of each choice together.

    Args:
        sku_codes: the code of each SKU that is told.
        wanted: what each of them should show; together they promise nothing twice.
    """
    singles = {code for code in sku_codes.values() if code not in bundles.parts}
    parts = singles | {part for code in sku_codes.values() for part in bundles.parts.get(code, {})}
    groups = [frozenset({part}) for part in sorted(parts)]
    picks = [
        frozenset(bundles.parts[code]) for code in sorted(set(sku_codes.values())) if _picks(bundles, code)
    ]
    groups += [*picks, frozenset().union(*picks)] if len(picks) > 1 else picks
    limits = []
    for group in groups:
        weights = {
            key: weight for key, code in sku_codes.items() if (weight := _weight(bundles, code, group))
        }
        cap = sum(weight * wanted[key] for key, weight in weights.items())
        limits.append(Limit(cap=cap, weights=weights))
    return limits


def _picks(bundles: Bundles, code: str) -> bool:
    return code in bundles.by_code and bundles.by_code[code].pick_one


def _weight(bundles: Bundles, code: str, group: frozenset[str]) -> int:
    """Pieces of a group of parts that one of these goods is sure to take."""
    parts = bundles.parts.get(code)
    if parts is None:
        return int(code in group)
    if _picks(bundles, code):
        return int(set(parts) <= group)
    return sum(times for part, times in parts.items() if part in group)


__all__ = ["NONE", "Bundles", "Division", "Parts", "choices", "divide", "limits_of", "line_parts", "parts_text", "read_bundles", "sets"]  # fmt: skip
