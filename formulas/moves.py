"""A move of stock: what came, went, or was counted, of which SKU, where and when; and the order in which moves count.

The ledger is append-only (facts, section 3.1): a move is never changed or deleted, a wrong one is reversed by another.
Its id is made from the business fact (`move_id_of`), so that posting a document again is the same move, not a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from workbook_templates.schema import Lang
from workbook_templates.words import say


class MoveKind(StrEnum):
    """Why pieces moved."""

    OPENING = "opening"
    PURCHASE = "purchase"
    SALE = "sale"
    RETURN_GOOD = "return_good"
    RETURN_DEFECTIVE = "return_defective"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    ADJUSTMENT = "adjustment"
    COUNT = "count"
    COST = "cost"  # no pieces: what a receipt cost is put right after it was posted
    SHELVE = "shelve"  # from bin to bin of one warehouse
    PICK = "pick"  # out of a bin, for one document that has not left yet


RETURNS = frozenset({MoveKind.RETURN_GOOD, MoveKind.RETURN_DEFECTIVE})
OUTS = frozenset({MoveKind.SALE, MoveKind.TRANSFER_OUT})
_RANK: Mapping[MoveKind, int] = {kind: rank for rank, kind in enumerate(MoveKind)} | {
    MoveKind.COST: 1, MoveKind.TRANSFER_OUT: 2, MoveKind.TRANSFER_IN: 2, MoveKind.SALE: 4,
    MoveKind.RETURN_GOOD: 5, MoveKind.RETURN_DEFECTIVE: 5, MoveKind.SHELVE: 3, MoveKind.PICK: 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One line of the stock ledger.

    `pieces` is what the document says: above 0, for a count the number counted, for an adjustment with its sign, for a
    cost correction 0. The kind gives the direction; a move that `reverses` another goes the other way.
    """

    move_id: str  # the business fact; names one move of a SKU
    at: datetime  # aware
    kind: MoveKind
    sku: str
    warehouse: str
    pieces: int
    unit_cost: Decimal | None = None  # yuan a piece before extra costs; None: not known
    extra: Decimal = Decimal(
        0
    )  # yuan for the whole line: freight-in and the like; of a cost correction, its amount
    bin: str = ""
    to: str = ""  # the warehouse a transfer goes to; the bin a bin move goes to
    source: str = ""  # key of the document
    origin: str = (
        ""  # the move this answers: the sale of a return, the out of a transfer in, the receipt of a cost
    )
    reverses: str = (
        ""  # the move this takes back, wholly or in part (a return to the supplier is part of a purchase)
    )
    defective: bool = False  # of the defective stock

    @property
    def answers(self) -> str:
        """The id of the move this one follows from, or ""."""
        return self.reverses or self.origin

    @property
    def of_defective(self) -> bool:
        """Whether the pieces lie among the defective ones."""
        return self.defective or self.kind is MoveKind.RETURN_DEFECTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is odd about a move, in a sentence. A move with a finding that `blocks` does not count."""

    code: str
    sku: str
    move_id: str
    zh: str
    en: str
    blocks: bool = True

    def text(self, lang: Lang) -> str:
        """The sentence."""
        return say(lang, self.zh, self.en)


def move_id_of(kind: MoveKind, *parts: str) -> str:
    """The id of a move, made of what it is about: `sale:{tid}:{oid}`, `purchase:{order}:{line}:{receipt}`."""
    return ":".join((str(kind), *parts))


def reversal(move: Move, at: datetime, pieces: int | None = None) -> Move:
    """The move that takes another back (红冲), wholly or `pieces` of it.

    Dated at the other's own moment it stands right behind it, and everything after is costed as if neither had been;
    where that month is closed it is dated later and takes out what is left of the other's value.
    """
    taken = abs(move.pieces) if pieces is None else pieces
    part = "" if taken == abs(move.pieces) else f":{taken}@{at.isoformat()}"
    return replace(
        move, move_id=f"reversal:{move.move_id}{part}", at=at, pieces=taken, reverses=move.move_id, origin="",
        unit_cost=None, extra=Decimal(0),
    )  # fmt: skip


OrderKey = tuple[datetime | int | str, ...]


def order_keys(moves: Mapping[str, Move]) -> dict[str, OrderKey]:
    """What moves of one SKU are sorted by, by move id: the same for any order in which they are given.

    By time. At the same moment reversals come first (what is entered anew finds the stock set right), then what comes in,
    then what goes out, and a count last. A move dated no later than the one it answers (a return typed with the wrong
    day, both at the same second) stands right behind that. All this follows from the moves alone: an order of arrival would make a second posting differ from the first.
    """
    keys: dict[str, OrderKey] = {}
    for move in moves.values():
        if not move.answers:
            keys[move.move_id] = (move.at, _rank(move), move.move_id)
    for move_id in sorted(moves.keys() - keys.keys()):
        if move_id not in keys:
            _place(moves[move_id], moves, keys)
    return keys


def _place(move: Move, moves: Mapping[str, Move], keys: dict[str, OrderKey]) -> None:
    """Put in the key of a move that answers another, after those of the moves it hangs on."""
    chain = [move]
    while (before := moves.get(chain[-1].answers)) and before.move_id not in keys and before not in chain:
        chain.append(before)
    for one in reversed(chain):
        own: OrderKey = (one.at, _rank(one), one.move_id)
        behind = keys.get(one.answers)
        keys[one.move_id] = own if behind is None or one.at > behind[0] else (*behind, one.move_id)  # type: ignore[operator]


def _rank(move: Move) -> int:
    if move.reverses:
        return -1
    if move.kind is MoveKind.ADJUSTMENT:
        return 1 if move.pieces > 0 else 6
    return _RANK[move.kind]


def value_in(move: Move) -> int | None:
    """What a priced receipt brings in, in fen, rounded half up; None where its cost is not known."""
    if move.unit_cost is None:
        return None
    return fen(move.unit_cost * abs(move.pieces) + move.extra)


def fen(yuan: Decimal) -> int:
    """Yuan as whole fen, rounded half up."""
    return int(yuan.scaleb(2).to_integral_value(ROUND_HALF_UP))


def yuan(amount: int) -> Decimal:
    """Fen as yuan with 2 places."""
    return Decimal(amount).scaleb(-2)


_BLANK = (
    ("move_id", "流水号", "id"),
    ("sku", "商家编码", "merchant code"),
    ("warehouse", "仓库", "warehouse"),
)


def slip(move: Move) -> Finding | None:
    """What is wrong with a move whatever else is in the ledger; None if nothing is."""
    if not (move.move_id and move.sku and move.warehouse):
        zh, en = next((zh, en) for name, zh, en in _BLANK if not getattr(move, name))
        return finding(move, "blank", f"缺少{zh},请补上", f"The {en} is missing: type it")
    if move.at.tzinfo is None:
        return finding(move, "no_zone", "时间没有时区,没有入账", "The time has no zone: not posted")
    if problem := _odd_pieces(move):
        return finding(move, "pieces", *problem)
    unit = move.unit_cost or Decimal(0)
    if unit < 0 or (move.kind is not MoveKind.COST and unit * abs(move.pieces) + move.extra < 0):
        return finding(
            move, "negative_cost", "成本不能是负数,请改成本", "A cost cannot be negative: correct it"
        )
    if move.kind is MoveKind.TRANSFER_OUT and move.to in ("", move.warehouse):
        return finding(
            move, "no_target", "调拨要填另一个收货仓库", "A transfer needs another warehouse to go to"
        )
    if move.kind in (MoveKind.SHELVE, MoveKind.PICK) and move.bin == move.to:
        return finding(move, "no_bin", "移位的两个货位相同,请改一个", "A bin move needs two different bins")
    return None


def _odd_pieces(move: Move) -> tuple[str, str] | None:
    if move.reverses or move.kind not in (MoveKind.ADJUSTMENT, MoveKind.COUNT, MoveKind.COST):
        return None if move.pieces > 0 else ("数量要大于 0,请改数量", "Pieces must be above 0: correct them")
    if move.kind is MoveKind.ADJUSTMENT and move.pieces == 0:
        return "调整数不能是 0,请改数量", "An adjustment of 0 changes nothing: correct the pieces"
    if move.kind is MoveKind.COUNT and move.pieces < 0:
        return "盘点数不能是负数,请重填", "A count cannot be negative: type it again"
    if move.kind is MoveKind.COST and move.pieces:
        return "成本调整不带数量,请把数量改成 0", "A cost correction moves no pieces: make them 0"
    return None


def finding(move: Move, code: str, zh: str, en: str, *, blocks: bool = True) -> Finding:
    """A finding about this move."""
    return Finding(code=code, sku=move.sku, move_id=move.move_id, zh=zh, en=en, blocks=blocks)


def one_of_each(moves: Iterable[Move]) -> tuple[dict[str, Move], list[Finding], list[Move]]:
    """The moves of one SKU by id; what is said about ids with two contents; and the contents that do not count.

    The same move twice is one move. Of two contents under one id the one that sorts first by time counts, whatever came
    first; the other is named, for a correction is a reversal and a new move.
    """
    kept: dict[str, Move] = {}
    findings: list[Finding] = []
    odd: list[Move] = []
    for move in moves:
        other = kept.setdefault(move.move_id, move)
        if other is move or other == move or move in odd:
            continue
        if _content(move) < _content(other):
            kept[move.move_id], move = move, other
        odd.append(move)
        findings.append(finding(
            move, "changed", f"流水 {move.move_id} 已入账,内容不同的这一条没有入账;要改请红冲后重做",
            f"{move.move_id} is posted with other contents: not posted. Reverse it and enter it anew",
        ))  # fmt: skip
    return kept, sorted(findings, key=lambda one: one.move_id), sorted(odd, key=_content)


def _content(move: Move) -> tuple[datetime, str]:
    return move.at, repr(move)
