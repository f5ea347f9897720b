"""退货登记: what a scanned parcel should hold, and how many pieces of which line a row counts. Pure.

A row is matched once and stays matched, whatever becomes of the refund; what it counts follows from the numbers typed in
it, so that correcting them corrects the stock. The rows of a line never count more than was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sync_engine.plan.facts import LineStaff
from sync_engine.plan.words import say
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A line whose goods a parcel may bring back."""

    tid: str
    oid: str
    code: str = ""  # merchant code
    name: str = ""
    expected: int = 1  # pieces that should be in the parcel
    sent: int = 1  # pieces the line sent
    refund_id: str = ""  # "" where nothing was refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What a row stands for, as its hidden cell keeps it."""

    by: str  # what was scanned or typed, with the code that was named
    lines: tuple[tuple[str, str, int], ...]  # (tid, oid, expected pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Pieces of one line that a row says came back."""

    return_id: str
    tid: str
    oid: str
    good: int
    defective: int
    at: datetime

    @property
    def pieces(self) -> int:
        """Good and defective ones."""
        return self.good + self.defective


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A row read: what it counts, or why it does not."""

    counted: tuple[Counted, ...] = ()
    problem: str = ""
    state: str = "stuck"  # inspect | counted | stuck


def scanned(cells: Cells) -> str:
    """What was scanned, as numbers are compared: no blanks, capitals."""
    return "".join(str(cells.get("scan") or "").split()).upper()


def named_by(cells: Cells) -> str:
    """By what a row is matched."""
    code = str(cells.get("code") or "").strip()
    return f"{scanned(cells)}|{code}" if code else scanned(cells)


def matched_text(matched: Matched) -> str:
    """How a row keeps what it was matched with: `SCAN tid/oid*2 tid/oid*1`."""
    return " ".join([matched.by, *(f"{tid}/{oid}*{pieces}" for tid, oid, pieces in matched.lines)])


def matched_from_text(text: Value) -> Matched | None:
    """The same read back; None for an empty cell or one that was typed over."""
    by, _, rest = str(text or "").partition(" ")
    lines = []
    for part in rest.split():
        tid, slash, tail = part.partition("/")
        oid, star, pieces = tail.partition("*")
        if not (slash and star and tid and oid and pieces.isdigit()):
            return None
        lines.append((tid, oid, int(pieces)))
    return Matched(by=by, lines=tuple(lines)) if by and lines else None


def pick(candidates: Sequence[Candidate], cells: Cells) -> list[Candidate]:
    """Those that the row is about: of the code it names, or all."""
    code = str(cells.get("code") or "").strip().casefold()
    return [one for one in candidates if not code or one.code.casefold() == code]


def no_match(candidates: Sequence[Candidate], cells: Cells, lang: Lang) -> str:
    """Why a row has no line: the sentence for it."""
    if candidates:
        known = say(lang, "、", ", ").join(dict.fromkeys(one.code for one in candidates))
        return say(
            lang, f"这个包裹里没有“{cells.get('code')}”,应该是:{known};请改商家编码", f'"{cells.get("code")}" is not in this parcel, which should hold {known}: correct the code',
        )  # fmt: skip
    return say(
        lang, "这个号对不上任何退款、运单或订单:核对后改“扫码”,或到千牛查到订单编号填进来",
        "This number belongs to no refund, waybill or order: check it, or find the order number at Tmall and type it here",
    )  # fmt: skip


def read_row(
    return_id: str, cells: Cells, lines: Sequence[Candidate], others: Mapping[str, int], now: datetime, lang: Lang,
    *, uncounted_good: bool = False,
) -> Reading:  # fmt: skip
    """What a matched row counts.

    Args:
        others: pieces that other rows count, by line.
        uncounted_good: whether a row without numbers counts everything as good.
    """
    good, bad = _pieces(cells.get("good")), _pieces(cells.get("defective"))
    if good is None and bad is None:
        rest = sum(min(one.expected, one.sent - others.get(one.oid, 0)) for one in lines)
        if rest <= 0:
            return Reading(problem=_twice(lang))
        if not uncounted_good:
            return Reading(state="inspect")
        good = rest
    numbers = (good or 0, bad or 0)
    if min(numbers) < 0:
        return Reading(problem=say(lang, "件数不能小于 0;请改件数", "Pieces below 0: correct them"))
    shares = _share(lines, numbers, others)
    if isinstance(shares, str):
        return Reading(problem=_reason(shares, lines, sum(numbers), others, lang))
    at = cells.get("received_at")
    when = at if isinstance(at, datetime) else now
    return Reading(
        counted=tuple(
            Counted(return_id=return_id, tid=one.tid, oid=one.oid, good=g, defective=d, at=when)
            for one, (g, d) in zip(lines, shares, strict=True)
            if g or d
        ),
        state="counted" if sum(numbers) else "inspect",
    )


def _pieces(value: Value) -> int | None:
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _share(
    lines: Sequence[Candidate], numbers: tuple[int, int], others: Mapping[str, int]
) -> list[tuple[int, int]] | str:
    """Good and defective pieces of each line, or which sentence says why not."""
    left = [one.sent - others.get(one.oid, 0) for one in lines]
    if sum(numbers) > sum(left):
        return "twice" if sum(left) <= 0 else "more"
    if len(lines) == 1:
        return [numbers]
    expected = [min(one.expected, rest) for one, rest in zip(lines, left, strict=True)]
    if sum(numbers) == sum(expected) and 0 in numbers:  # all of it, and of one kind
        return [(pieces, 0) if numbers[0] else (0, pieces) for pieces in expected]
    return [(0, 0)] * len(lines) if not any(numbers) else "which"


def _reason(word: str, lines: Sequence[Candidate], pieces: int, others: Mapping[str, int], lang: Lang) -> str:
    if word == "twice":
        return _twice(lang)
    if word == "more":
        left = sum(one.sent - others.get(one.oid, 0) for one in lines)
        return say(
            lang, f"填了 {pieces} 件,这里最多还能退 {left} 件;请改件数", f"{pieces} pieces typed, {left} can still come back: correct them",
        )  # fmt: skip
    codes = say(lang, "、", ", ").join(f"{one.code or one.oid}×{one.expected}" for one in lines)
    return say(
        lang, f"包裹里有几种货:{codes}。请每种写一行,都扫同一个号,并填商家编码", f"There are several kinds in it: {codes}. Enter a row for each with the same number and its merchant code",
    )  # fmt: skip


def _twice(lang: Lang) -> str:
    return say(
        lang,
        "这些货别的行已经登记过,这一行没有再算;多写的可以删掉",
        "Another row counted these goods already, so this one does not: delete it if it is one too many",
    )


def goods_text(lines: Iterable[Candidate], lang: Lang) -> str:
    """What should be in a parcel."""
    return say(lang, "、", ", ").join(
        f"{' '.join(filter(None, (one.code, one.name))) or one.oid}×{one.expected}" for one in lines
    )


def with_returns(staff: LineStaff, counted: Sequence[Counted]) -> LineStaff:
    """What came back of a line: as 退货登记 counts it, or as 订单明细 says where that is more. Both tell of the same goods, so
    they are never added.
    """
    if not counted:
        return staff
    good, bad = sum(one.good for one in counted), sum(one.defective for one in counted)
    if staff.returned_qty + staff.defective_qty > good + bad:
        return staff
    at = staff.returned_at or min(one.at for one in counted)
    return replace(staff, returned_qty=good, defective_qty=bad, returned_at=at)
