"""快递账单: what a courier billed for a waybill against the parcel we sent with it. Pure.

Laws: a row counts in the books only once it agrees, is within the tolerance, or a person accepted it with a memo; a parcel's
estimate is taken back by one row only, the first that bills it; nothing is billed twice without somebody's word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sync_engine.parcel import Package
from sync_engine.plan.words import say
from sync_engine.values import clean_text
from workbook_templates.schema import Lang, Value
from workbook_templates.tables.choices import COURIERS, label_of

Row = dict[str, Value]
Cells = Mapping[str, Value]
ZERO = Decimal("0.00")
GRAMS = Decimal(1000)
SENT = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierLine:
    """One row of a courier's bill. Yuan and kilograms; `no` 0 stands for a parcel that the bill lacks."""

    cp_code: str
    month: str  # 2026-10
    waybill_code: str
    no: int
    fee: Decimal | None = None
    weight_kg: Decimal | None = None
    at: datetime | None = None
    destination: str = ""
    package_id: str = ""  # of a parcel the bill lacks
    row: int = 0  # in its file

    @property
    def bill(self) -> str:
        """The bill it stands in."""
        return f"{self.cp_code}-{self.month}"

    @property
    def key(self) -> str:
        """Its row's key."""
        return f"{self.bill}/{self.waybill_code}/{self.no}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A line as it was judged last: what the journal keeps."""

    line: CourierLine
    list: str = ""
    state: str = ""
    why: str = ""
    package_id: str = ""
    tid: str = ""
    posted: Decimal | None = None  # None: nothing is to be done in the books
    signature: str = ""  # of the parcel as it was looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """What needs nobody: yuan of a fee, kilograms of a weight."""

    fee: Decimal
    weight_kg: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a row is judged by."""

    line: CourierLine
    first: CourierLine | None  # the row that billed this waybill before; None: this one is the first
    package: Package | None
    table_fee: Decimal | None  # the freight table for the billed weight
    later: str = ""  # a later bill of the courier
    billed_in: str = ""  # of a parcel the bill lacks: the bill it came in after all


def as_one(parts: Sequence[Package]) -> Package | None:
    """The parcel a waybill stands for: the parts that orders have in it together; None for none. It has left when all have."""
    ordered = sorted(parts, key=lambda one: (not one.live, one.state == SENT, one.package_id))
    kept = [one for one in ordered if one.live] or ordered[:1]
    if len(kept) < 2:
        return kept[0] if kept else None
    known = [one.freight for one in kept if one.freight is not None]
    return replace(
        kept[0],
        freight=sum(known, ZERO) if len(known) == len(kept) else None,
        weight_g=sum(one.weight_g for one in kept),
    )


def signature(package: Package | None) -> str:
    """What a row rests on of its parcel."""
    if package is None:
        return ""
    return f"{package.package_id} {package.state} {package.cp_code} {package.freight} {package.weight_g} {package.check.weighed_g}"


def our_kg(package: Package) -> Decimal:
    """What a parcel weighs by us: on the scale, else as estimated from its goods."""
    return Decimal(package.check.weighed_g or package.weight_g) / GRAMS


def judged(case: Case, staff: Cells, tolerances: Tolerances, lang: Lang) -> tuple[Kept, Row]:
    """A row's state with its reason, and the row as the sheet shows it. People's word comes last."""
    line, package = case.line, case.package
    estimate = _estimate(case)
    state, why = _state(case, estimate, tolerances, lang)
    problem = ""
    memo = clean_text(str(staff.get("memo") or "")).strip()
    if staff.get("accept") is True and _LISTS.get(state, "needs") == "needs":
        if memo:
            state, why = "accepted", say(lang, f"已认可:{memo}({why})", f"Accepted: {memo} ({why})")
        else:
            problem = say(lang, "认可要写原因,还没有生效", "Accepting needs a memo: not taken yet")
    goes_to = _LISTS.get(state, "needs")
    counts = goes_to != "needs" and state not in ("later", "billed_later")
    posted = (line.fee or ZERO) - (estimate or ZERO) if counts else ZERO
    kept = Kept(
        line=line, list=goes_to, state=state, why=why, package_id=package.package_id if package else "",
        tid=package.tid if package else "", posted=posted, signature=signature(package),
    )  # fmt: skip
    return kept, {**_row(kept, case, estimate), "problem": problem}


_LISTS = {
    "equal": "matched", "tolerance": "explained", "accepted": "explained", "later": "explained", "billed_later": "explained",
}  # fmt: skip


def _estimate(case: Case) -> Decimal | None:
    """The estimate this row takes the place of: that of a parcel that left, once."""
    package = case.package
    if package is None or package.state != SENT or case.first is not None:
        return None
    return package.freight


def _row(kept: Kept, case: Case, estimate: Decimal | None) -> Row:
    line, package = kept.line, case.package
    ours = our_kg(package) or None if package else None
    return {
        "bill": line.bill, "waybill_code": line.waybill_code, "no": str(line.no), "list": kept.list, "state": kept.state, "fee": line.fee,
        "freight": estimate, "difference": line.fee - estimate if line.fee is not None and estimate is not None else None,
        "weight_kg": line.weight_kg, "our_weight_kg": ours,
        "weight_difference": line.weight_kg - ours if line.weight_kg is not None and ours is not None else None,
        "table_fee": case.table_fee, "why": clean_text(kept.why), "posted": kept.posted or None, "package_id": kept.package_id,
        "tid": kept.tid, "cp_code": line.cp_code, "at": line.at, "destination": clean_text(line.destination), "seal": seal_of(line),
    }  # fmt: skip


def _state(case: Case, estimate: Decimal | None, tolerances: Tolerances, lang: Lang) -> tuple[str, str]:
    line, package = case.line, case.package
    if line.fee is None:
        return _unbilled(case, lang)
    if case.first is not None:
        return "doubled", say(
            lang,
            f"这个单号在账单 {case.first.bill} 里已经收过 {case.first.fee} 元,请向快递退回这一笔",
            f"{case.first.bill} billed {case.first.fee} for this waybill already: ask the courier to take this back",
        )
    if package is None:
        return "unknown", say(
            lang,
            "运单里没有这个单号:不是从这里发的,请向快递核实",
            "No parcel of ours has this waybill: ask the courier",
        )
    if package.cp_code != line.cp_code:
        name = label_of(COURIERS, package.cp_code, lang is Lang.ZH)
        return "other_courier", say(lang, f"这个单号是从{name}取的", f"This waybill was bought from {name}")
    if package.state in ("cancelled", "cancelling"):
        return "cancelled", say(
            lang, "这个单号已作废,不该收费", "This waybill was cancelled: nothing is to be paid"
        )
    if package.state != SENT:
        return "not_sent", say(
            lang,
            f"包裹 {package.package_id} 在这里还没发货,先查清发了没有",
            f"The parcel {package.package_id} has not left here: find out whether it did",
        )
    if estimate is None:
        return "no_estimate", say(
            lang,
            "运费表里没有它的价格,没有估过运费:补上运费表,或认可这笔账",
            "The freight table had no price for it: complete the table, or accept the bill",
        )
    return _compared(case, line.fee, estimate, tolerances, lang)


def _unbilled(case: Case, lang: Lang) -> tuple[str, str]:
    line, package = case.line, case.package
    if case.billed_in:
        return "billed_later", say(lang, f"后来在 {case.billed_in} 里出账了", f"Billed in {case.billed_in}")
    if package is None or package.state != SENT:
        return "billed_later", say(lang, "没有要核对的了", "Nothing is left to match")
    if case.later:
        return "missing", say(
            lang,
            f"{line.month} 发出,{line.bill} 和 {case.later} 都没有这一单:向快递核实;确实不收就认可,估的运费会冲回",
            f"Sent in {line.month}, and neither {line.bill} nor {case.later} has it: ask the courier; accept it if nothing is to be paid",
        )
    return "later", say(
        lang, f"{line.month} 发出,{line.bill} 里没有,多半在下个月的账单里", f"Sent in {line.month} and not in {line.bill}: most likely in the next bill"
    )  # fmt: skip


def _compared(
    case: Case, fee: Decimal, estimate: Decimal, tolerances: Tolerances, lang: Lang
) -> tuple[str, str]:
    difference = fee - estimate
    if not difference:
        return "equal", say(lang, f"账单 {fee} = 估价 {estimate}", f"Billed {fee} = estimated {estimate}")
    sum_zh, sum_en = (
        f"账单 {fee},估价 {estimate},差 {difference}",
        f"Billed {fee}, estimated {estimate}: {difference} apart",
    )
    if abs(difference) <= tolerances.fee:
        return "tolerance", say(
            lang, f"{sum_zh},在允许差额 {tolerances.fee} 之内", f"{sum_en}, within {tolerances.fee}"
        )
    told_zh, told_en = _by_table(case, fee)
    package, billed = case.package, case.line.weight_kg
    assert package is not None, "an estimate comes from a parcel"
    ours, weighed = our_kg(package), bool(package.check.weighed_g)
    how_zh, how_en = ("称", "weighed") if weighed else ("估", "estimated")
    if billed is not None and abs(billed - ours) > tolerances.weight_kg:
        return "weight", say(
            lang,
            f"{sum_zh};快递计 {_kg(billed)}kg,我们{how_zh} {_kg(ours)}kg{told_zh}",
            f"{sum_en}; {_kg(billed)} kg charged, {_kg(ours)} kg {how_en}{told_en}",
        )
    return "fee", say(lang, f"{sum_zh};重量没有差别{told_zh}", f"{sum_en}; weights agree{told_en}")


def _by_table(case: Case, fee: Decimal) -> tuple[str, str]:
    if case.table_fee is None:
        return ";运费表里没有这个重量的价格", "; the freight table has no price for this weight"
    if case.table_fee == fee:
        return (
            f",运费表按这个重量就是 {fee}:核对商品重量,重量属实就认可",
            f", which is {fee} by the freight table: check the weights, and accept it if they are right",
        )
    return (
        f",运费表按这个重量是 {case.table_fee}:向快递核实",
        f", which is {case.table_fee} by the freight table: ask the courier",
    )


def _kg(value: Decimal) -> str:
    return f"{value.normalize():f}"


def seal_of(line: CourierLine) -> str:
    """Sixteen signs made from what the bill said."""
    at = f"{line.at:%Y-%m-%d %H:%M:%S}" if line.at else ""
    weight = "" if line.weight_kg is None else _kg(line.weight_kg)
    fee = "" if line.fee is None else f"{line.fee:.2f}"
    text = "\x1f".join([line.key, fee, weight, at, clean_text(line.destination).strip()])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def line_row(line: CourierLine, source: str) -> Row:
    """What an import writes of a line: it is judged at the next tick."""
    return {
        "bill": line.bill, "waybill_code": line.waybill_code, "no": str(line.no), "fee": line.fee, "weight_kg": line.weight_kg,
        "cp_code": line.cp_code, "at": line.at, "destination": clean_text(line.destination), "seal": seal_of(line), "source": source,
    }  # fmt: skip


def line_from_row(cells: Cells) -> CourierLine | None:
    """A line as its row tells it; None where the row was changed since the bill brought it, or nobody brought it."""
    cp_code, _, month = str(cells.get("bill") or "").partition("-")
    no, at, fee, weight = (cells.get(name) for name in ("no", "at", "fee", "weight_kg"))
    if (
        not str(no).isdecimal()
        or not isinstance(fee, Decimal | int | None)
        or not isinstance(weight, Decimal | int | None)
    ):
        return None
    line = CourierLine(
        cp_code=cp_code, month=month, waybill_code=str(cells.get("waybill_code") or ""), no=int(str(no)),
        fee=None if fee is None else Decimal(fee).quantize(Decimal("0.01")), weight_kg=None if weight is None else Decimal(weight),
        at=at if isinstance(at, datetime) else None, destination=str(cells.get("destination") or ""),
        package_id=str(cells.get("package_id") or ""),
    )  # fmt: skip
    return line if cells.get("seal") == seal_of(line) else None


def changed_row(lang: Lang) -> Row:
    """What a row shows whose content does not agree with its seal."""
    why = say(
        lang,
        "内容和校验码对不上(被改过,或不是导入的),没有计入:删掉这一行,重新导入账单文件",
        "It does not agree with its seal (changed, or not imported) and does not count: delete the row and import the bill again",
    )
    return {"list": "needs", "state": "changed", "why": why}


def in_turn(lines: Sequence[CourierLine]) -> list[CourierLine]:
    """The rows of one waybill in the order in which they count: earlier bills first, rows no bill has last."""
    return sorted(lines, key=lambda one: (one.no == 0, one.month, one.cp_code, one.no))


def without_row(line: CourierLine) -> CourierLine:
    """The line apart from where in a file it stood."""
    return replace(line, row=0, package_id="")
