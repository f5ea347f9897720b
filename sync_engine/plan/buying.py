"""补货建议: what each kind of goods needs and why, and what a tick under 下单 orders. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from formulas.allocation import Level, refill
from formulas.allocation import Proposal as Refill
from formulas.outlook import Outlook
from formulas.replenish import Levels, Terms, levels, packed, why_order
from formulas.replenish import Policy as BuyingPolicy
from sync_engine.clock import SHANGHAI
from sync_engine.plan.merge import our_cells
from sync_engine.plan.places import Places
from sync_engine.plan.policy import Policy
from sync_engine.plan.supply import Buying, whole
from sync_engine.plan.words import label, say
from sync_engine.stockroom import Balance
from sync_engine.values import clean_text
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import PROPOSALS
from workbook_templates.tables.choices import FORECAST_METHODS

Cells = Mapping[str, Value]
Row = dict[str, Value]

GRADE_DAYS = 84
"""Classes go by the sales of so many days."""
PLENTY = 10**9
TICKED_BY = frozenset({"order", "order_line", "proposed_at"})
"""Columns without which nothing is ordered: a tick could not be told from one that was obeyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a row of 补货建议 shows, but for what its tick comes to."""

    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A purchase line a tick asks for."""

    key: str
    cells: Row
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What the order tick of a row comes to: the line it has, a line to open; and what is to be attended to."""

    order_line: str = ""
    opened: Opened | None = None
    problem: str = ""


@dataclass(slots=True)
class Bought:
    """What one tick proposes and orders."""

    due: bool = False  # whether proposals were worked out
    proposals: dict[str, Proposal] = field(default_factory=dict)
    ticked: dict[str, Ticked] = field(default_factory=dict)
    opened: list[Opened] = field(default_factory=list)
    problems: dict[str, dict[str, str]] = field(default_factory=dict)  # by table, by row key


# -- proposing -------------------------------------------------------------------------------------------------------


def buying_policy(policy: Policy) -> BuyingPolicy:
    """Service by class and days an order is meant to last, as the settings say."""
    return BuyingPolicy(
        service={grade: float(policy.number(f"service_{grade.lower()}")) / 100 for grade in "ABC"},
        cycle_days=int(policy.number("buy_days")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One kind of goods as a proposal needs it."""

    code: str
    title: str
    grade: str
    sold: int  # in 28 days
    reserved: int
    counted: bool  # whether the ledger knows of it at all
    balances: Mapping[str, Balance]  # by warehouse
    on_order: Mapping[str, int] = field(default_factory=dict)  # by warehouse


def propose(
    goods: Goods, buying: Buying, outlook: Outlook, places: Places, policy: Policy, now: datetime
) -> Proposal:
    """Whether the goods last, what to move from other warehouses first, what to buy, and why.

    Goods that were never counted get levels and no suggestion: what lies there is not 0, it is not known.
    """
    wanted = buying_policy(policy)
    expected = outlook.expected
    found = levels(expected, buying.terms, wanted, goods.grade, now.date())
    sold_from = [place for place in places.names if place not in places.not_for_sale]
    spare = [_spare(goods, place) for place in places.names if place in places.not_for_sale]
    pool = _pool(goods, places.main, sold_from, found)
    mine = (
        [one for one in refill([pool, *spare], _near) if one.warehouse == places.main]
        if goods.counted
        else []
    )
    moved = [one for one in mine if one.source]
    bought = sum(one.pieces for one in mine if not one.source)
    suggest = packed(bought, buying.terms.minimum, buying.terms.pack)
    row: Row = {
        "stock_code": goods.code, "title": clean_text(goods.title), "supplier": clean_text(buying.supplier),
        "grade": goods.grade, "sold": goods.sold, "daily": _number(expected.over(28) / 28),
        "there": _there(goods, sold_from) if goods.counted else None, "on_way": _coming(goods, sold_from), "reserved": goods.reserved,
        "reorder_at": found.reorder_at, "up_to": found.up_to, "transfer": _moves(moved, places, policy.lang),
        "suggest": suggest if goods.counted else None, "cover_days": found.cover_days, "safety": found.safety,
        "method": outlook.method, "wape": _number(outlook.wape), "bias": _number(outlook.bias),
        "beats_naive": outlook.beats_naive, "proposed_at": now, "problem": standing_problem(buying, policy.lang, counted=goods.counted),
    }  # fmt: skip
    why = why_order(
        found, position_of(row), suggest, buying.terms, goods.grade, wanted.service[goods.grade], policy.lang
    )
    told = _told(outlook, bool(moved), goods.counted, policy.lang)
    return Proposal(row={**row, "why": f"{why}{say(policy.lang, ';', '; ')}{told}"})


def _near(_source: str, _target: str) -> Decimal:
    """What a transfer costs is nowhere entered: all warehouses are as near."""
    return Decimal(0)


def _there(goods: Goods, places: Sequence[str]) -> int:
    return sum(goods.balances.get(place, Balance()).on_hand for place in places)


def _coming(goods: Goods, places: Sequence[str]) -> int:
    transit = sum(goods.balances.get(place, Balance()).in_transit for place in places)
    return transit + sum(goods.on_order.get(place, 0) for place in places)


def _pool(goods: Goods, main: str, places: Sequence[str], found: Levels) -> Level:
    """Orders ship from any warehouse that is for sale: together they have to meet the demand."""
    position = _there(goods, places) + _coming(goods, places) - goods.reserved
    return Level(sku=goods.code, warehouse=main, available=position, minimum=found.reorder_at, target=found.up_to)  # fmt: skip


def _spare(goods: Goods, place: str) -> Level:
    """What lies where nothing is sold from may be moved to where it is."""
    there = goods.balances.get(place, Balance()).on_hand
    return Level(sku=goods.code, warehouse=place, available=there, minimum=-PLENTY, target=0)


def _moves(moved: Sequence[Refill], places: Places, lang: Lang) -> str:
    texts = (f"{places.names[one.source]} → {places.names[one.warehouse]} {one.pieces}" for one in moved)
    return say(lang, ";", "; ").join(texts)


def standing_problem(buying: Buying, lang: Lang, *, counted: bool) -> str:
    """What is to be attended to about goods, whatever is ticked."""
    unknown = "" if counted else say(lang, "还没盘点过,不知道在库多少,所以没有建议;请先盘点", "Never counted, so nothing is suggested: count it first")  # fmt: skip
    return say(lang, ";", "; ").join(filter(None, (unknown, buying.problem)))


def position_of(row: Cells) -> int:
    """What a row can count on: on hand + on its way − reserved."""
    return (
        (whole(row.get("there")) or 0) + (whole(row.get("on_way")) or 0) - (whole(row.get("reserved")) or 0)
    )


def is_short(row: Cells) -> bool:
    """Whether a row's goods are below their reorder point."""
    reorder_at = whole(row.get("reorder_at"))
    return row.get("there") is not None and reorder_at is not None and position_of(row) < reorder_at


def gone_row(cells: Cells, now: datetime, lang: Lang) -> Row:
    """The row of goods that are no more: its figures would be old ones."""
    empty: Row = dict.fromkeys(
        ("sold", "daily", "there", "on_way", "reserved", "reorder_at", "up_to", "suggest", "cover_days", "safety",
         "wape", "bias", "method", "grade"), None,
    )  # fmt: skip
    return {
        **empty, "stock_code": cells.get("stock_code"), "title": cells.get("title"), "supplier": cells.get("supplier"),
        "transfer": "", "beats_naive": False, "why": "", "proposed_at": now,
        "problem": say(lang, "商品和库存里都没有这个编码了", "Neither a product nor any stock has this code any more"),
    }  # fmt: skip


def _told(outlook: Outlook, moved: bool, counted: bool, lang: Lang) -> str:
    """How the forecast was made, and how far it was off."""
    method = label(FORECAST_METHODS, outlook.method, lang)
    if outlook.wape is None:
        zh, en = f"预测用{method},历史太短没有回测", f"forecast: {method}, not enough history for a back-test"
    else:
        zh, en = f"预测用{method},回测每周误差 {outlook.wape:.0%}", f"forecast: {method}, off by {outlook.wape:.0%} of a week in the back-test"  # fmt: skip
    if moved:
        zh, en = f"{zh};别的仓库有多的,先调拨", f"{en}; other warehouses have too much: transfer first"
    if not counted:
        zh, en = f"没盘点过,在库当作不知道;{zh}", f"never counted, what is there is not known; {en}"
    return say(lang, zh, en)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.2f}")


# -- ordering --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A purchase line that was opened and that its sheet may not show yet."""

    line: str
    order_id: str


def read_tick(
    code: str, sheet: Cells, base: Cells | None, opening: Opening | None, terms: Terms, now: datetime, lang: Lang
) -> Ticked:  # fmt: skip
    """What a tick under 下单 asks for. The same tick read again asks for the same line: its key comes from the proposal.

    Goods get one line for each day they are proposed on. Ticked, cleared and ticked again on one day is the same line. A
    tick that ordered nothing orders nothing later either, when a suggestion nobody has seen stands in its row.

    Args:
        sheet: the row as it stands; `base` the row as last settled, whose suggestion the person saw.
        opening: the line it was given that could not be written into the purchases sheet: it is opened again.
    """
    seen = base if base is not None else sheet
    if sheet.get("order") is not True:
        return Ticked()
    line = str(seen.get("order_line") or "")
    if line and opening is None:
        return Ticked(order_line=line)
    typed, suggested = whole(sheet.get("pieces")), whole(seen.get("suggest")) or 0
    pieces = suggested if typed is None else typed
    fresh = opening is not None or base is None or base.get("order") is not True or base.get("pieces") != sheet.get("pieces")  # fmt: skip
    if not fresh or pieces <= 0:
        return Ticked(problem=say(
            lang, "没有下单:当时没有建议订货。要订就在“改订数”里填件数,或清空“下单”再打勾",
            "Not ordered: nothing was suggested. Type the pieces under “Order instead”, or clear the tick and set it again",
        ))  # fmt: skip
    at = seen.get("proposed_at")
    day = (at if isinstance(at, datetime) else now).astimezone(SHANGHAI).date()
    supplier = str(seen.get("supplier") or "")
    due = terms.arrival(terms.order_day(now.date()))
    key = opening.line if opening else line_key(code, day)
    cells: Row = {
        "order_id": opening.order_id if opening else order_id(supplier, now.date(), lang), "supplier": supplier,
        "stock_code": code, "warehouse": None, "pieces": pieces, "unit_cost": None, "freight": None,
        "due": datetime(due.year, due.month, due.day, tzinfo=SHANGHAI), "received": None, "sent_back": None,
        "closed": False, "note": None,
    }  # fmt: skip
    return Ticked(order_line=key, opened=Opened(key=key, cells=cells, pieces=pieces))


def already_open(line: Cells, asked: int, key: str, lang: Lang) -> str:
    """What to say where the line of a tick is there already, with other pieces than it asks for; "" where they agree."""
    pieces = whole(line.get("pieces"))
    if pieces == asked:
        return ""
    return say(
        lang, f"这一天已经开过 {key}({pieces} 件),没有再开;要改件数或再订请到“采购单”",
        f"{key} was opened on this day already ({pieces} pieces): change it, or enter another line, in the purchases sheet",
    )  # fmt: skip


def line_key(code: str, day: date) -> str:
    """The key of the purchase line a proposal of this day opens."""
    plain = (
        code
        if re.fullmatch(r"[\w.\-]{1,40}", code)
        else hashlib.blake2b(code.encode(), digest_size=6).hexdigest()
    )
    return f"B{day:%Y%m%d}-{plain}"


def order_id(supplier: str, day: date, lang: Lang) -> str:
    """One order for each supplier and day."""
    return f"{day:%Y%m%d}-{supplier or say(lang, '未定', 'open')}"


def proposal_row(base: Cells | None, proposal: Proposal | None, ticked: Ticked | None) -> Row | None:
    """Our cells of a row: what is proposed today, or else what stands there; and what its tick comes to.

    Args:
        base: the row as last settled, or else as it stands.
    """
    if proposal is None and base is None:
        return None
    row = dict(proposal.row) if proposal else our_cells(PROPOSALS, base or {})
    if ticked is not None:
        return {**row, "order_line": ticked.order_line, "problem": ticked.problem}
    return {**row, "order_line": (base or {}).get("order_line")}
