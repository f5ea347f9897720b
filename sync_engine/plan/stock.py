"""Stock of one merchant code: what is there, what may be sold, and what Tmall should show. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.stock import on_hand, sellable, share, why_sellable
from sync_engine.intent import Intent, IntentKind, IntentState, is_due
from sync_engine.plan.facts import OrderFacts, is_dead, is_open
from sync_engine.plan.policy import Policy
from sync_engine.plan.words import say
from sync_engine.stockroom import KnownSku, StockLine, StockSums
from sync_engine.todo import Todo
from sync_engine.trade import Line
from sync_engine.values import clean_text
from workbook_templates.schema import Value
from workbook_templates.tables import STOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPlan:
    """The row of one stock code and the figures Tmall should get."""

    row: Mapping[str, Value]
    first: Mapping[str, Value]  # staff cells, for a new row only
    intents: tuple[Intent, ...] = ()
    drop: tuple[str, ...] = ()
    todos: tuple[Todo, ...] = ()


def stock_lines(facts: OrderFacts, codes: Mapping[str, KnownSku], now: datetime) -> list[StockLine]:
    """What each line of an order means for stock."""
    shipped_by_us = {oid: p.shipped_at for p in facts.packages if p.state == "shipped" for oid in p.oids}
    return [_stock_line(facts, line, codes, shipped_by_us, now) for line in facts.trade.lines]


def stock_code_of(line: Line, codes: Mapping[str, KnownSku]) -> str:
    """The code a line's goods are kept under: as its SKU says now, else as the line says."""
    known = codes.get(line.sku_key)
    return known.stock_code if known else (line.outer_id or line.sku_key)


def _stock_line(
    facts: OrderFacts,
    line: Line,
    codes: Mapping[str, KnownSku],
    shipped_by_us: Mapping[str, datetime | None],
    now: datetime,
) -> StockLine:
    shipped_at = (
        shipped_by_us.get(line.oid) or line.consign_time
    )  # counts are timed by our clock, not Tmall's
    left = line.was_shipped or line.oid in shipped_by_us
    staff = facts.line_staff(line.oid)
    returned = min(staff.returned_qty, line.num) if left else 0
    return StockLine(
        oid=line.oid,
        tid=facts.trade.tid,
        stock_code=stock_code_of(line, codes),
        reserved=line.num if not left and _is_reserved(facts, line, codes) else 0,
        shipped=line.num if left else 0,
        shipped_at=(shipped_at or facts.trade.consign_time or facts.trade.modified) if left else None,
        returned=returned,
        returned_at=(staff.returned_at or now) if returned else None,
    )


def _is_reserved(facts: OrderFacts, line: Line, codes: Mapping[str, KnownSku]) -> bool:
    """Paid and still to go; and where Tmall takes stock down at ordering, also ordered and unpaid."""
    if is_dead(line):
        return False
    known = codes.get(line.sku_key)
    unpaid = facts.trade.status == "WAIT_BUYER_PAY" and known is not None and known.sku.sub_stock == 1
    return is_open(facts.trade) or unpaid


def plan_stock(
    code: str, skus: Sequence[KnownSku], sums: StockSums, sums_now: StockSums, base: Mapping[str, Value] | None,
    sheet: Mapping[str, Value] | None, intents: Mapping[str, Intent], policy: Policy, now: datetime,
) -> StockPlan:  # fmt: skip
    """Work out one stock code.

    Args:
        sums: reserved, shipped and returned since the count that stands in `base`.
        sums_now: the same if the count were taken now (used where staff typed a new count, or the row is new).
    """
    at_tmall = sum(known.sku.quantity for known in skus)
    counted, counted_at, since = _count(base, sheet, at_tmall, sums, sums_now, now)
    safety = _whole(sheet.get("safety") if sheet else None)
    safety = safety if safety is None or safety >= 0 else None  # to keep back less than nothing is a slip
    kept_back = policy.number("safety_stock") if safety is None else Decimal(safety)
    there = on_hand(counted, since.shipped, since.returned)
    offer = sellable(there, since.reserved, int(kept_back))
    pushes = policy.setting("push_stock") == "yes" and (sheet or {}).get("push") != "no"
    asked, drop = _push(skus, offer, intents, policy, now) if pushes else ((), ())
    problem, todos = _problems(code, skus, there, intents, policy)
    return StockPlan(
        row={
            "stock_code": code,
            "title": clean_text(
                " / ".join(dict.fromkeys(f"{k.sku.title} {k.sku.sku_text}".strip() for k in skus))
            ),
            "counted_at": counted_at,
            "shipped": since.shipped,
            "returned": since.returned,
            "on_hand": there,
            "reserved": since.reserved,
            "sellable": offer,
            "tmall_qty": at_tmall,
            "why": why_sellable(
                counted, since.shipped, since.returned, since.reserved, int(kept_back), policy.lang
            ),
            "problem": problem,
        },
        first={"counted": counted, "safety": None, "push": "yes"},
        intents=asked,
        drop=drop,
        todos=todos,
    )


def _count(
    base: Mapping[str, Value] | None, sheet: Mapping[str, Value] | None, at_tmall: int,
    sums: StockSums, sums_now: StockSums, now: datetime,
) -> tuple[int, datetime, StockSums]:  # fmt: skip
    """The count that holds: (pieces, when it was seen, sums since then)."""
    if sheet is None:
        return at_tmall + sums_now.reserved, now, sums_now
    typed = _whole(sheet.get("counted")) or 0
    before = base if base is not None else sheet
    at = before.get("counted_at")
    if isinstance(at, datetime) and not _recounted(base, sheet, typed):
        return typed, at, sums
    return typed, now, sums_now


def _recounted(base: Mapping[str, Value] | None, sheet: Mapping[str, Value], typed: int) -> bool:
    """Whether staff typed a new count: against the base, or, after a loss of the journal, against the row's own sum."""
    if base is not None:
        return (_whole(base.get("counted")) or 0) != typed
    shipped, returned, there = (_whole(sheet.get(name)) for name in ("shipped", "returned", "on_hand"))
    return there is not None and there != typed - (shipped or 0) + (returned or 0)


def _push(
    skus: Sequence[KnownSku], offer: int, intents: Mapping[str, Intent], policy: Policy, now: datetime
) -> tuple[tuple[Intent, ...], tuple[str, ...]]:
    asked: list[Intent] = []
    drop: list[str] = []
    alive = sorted(
        (known for known in skus if known.sku.status != "delete"), key=lambda known: known.sku.sku_key
    )
    for known, part in zip(alive, share(offer, len(alive)), strict=True):
        key = f"stock:{policy.shop}:{known.sku.sku_key}:{known.revision}"
        held = intents.get(key)
        wanted = part != known.sku.quantity
        if (
            held
            and held.state is IntentState.PENDING
            and (not wanted or held.doc.get("quantity") != str(part))
        ):
            drop.append(key)
        retry = (
            held is not None
            and held.state is IntentState.REFUSED
            and held.next_at is not None
            and is_due(held.next_at, now)
        )
        if wanted and (held is None or held.state is not IntentState.REFUSED or retry):
            doc = {"num_iid": known.sku.num_iid, "sku_id": known.sku.sku_id, "quantity": str(part)}
            asked.append(Intent(key=key, kind=IntentKind.STOCK, subject=known.sku.sku_key, doc=doc))
    return tuple(asked), tuple(drop)


def _problems(
    code: str, skus: Sequence[KnownSku], there: int, intents: Mapping[str, Intent], policy: Policy
) -> tuple[str, tuple[Todo, ...]]:
    lang, subject, todos = policy.lang, f"{STOCK.name}/{code}", []
    notes = []
    if len(skus) > 1:
        notes.append(
            say(
                lang,
                f"{len(skus)} 个 SKU 共用这个编码,可卖数平分",
                f"{len(skus)} SKUs share this code: the offer is split evenly",
            )
        )
    if there < 0:
        todos.append(Todo(
            code="negative_stock", subject=subject, table=STOCK.name, row_key=code, severity="stop",
            reason=say(lang, f"在库为负({there}),可能漏盘或发错", f"Stock is negative ({there}): a count is missing or goods went out wrongly"),
            advice=say(lang, "点一下实物,把数量填进“盘点数”", "Count the goods and type the number under Counted"),
        ))  # fmt: skip
    todos.extend(
        Todo(
            code=f"push_refused-{intent.subject}", subject=subject, table=STOCK.name, row_key=code,
            reason=say(lang, f"天猫不让改库存:{intent.answer}", f"Tmall refused the new figure: {intent.answer}"),
            advice=say(lang, "多半是活动锁库存,活动结束会自动再试;也可到千牛改", "Often a campaign lock: it is tried again later; or change it at Tmall"),
        )
        for known in skus
        if (intent := intents.get(f"stock:{policy.shop}:{known.sku.sku_key}:{known.revision}"))
        and intent.state is IntentState.REFUSED
    )  # fmt: skip
    return say(lang, ";", "; ").join([*notes, *(todo.reason for todo in todos)]), tuple(todos)


def _whole(value: Value) -> int | None:
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
