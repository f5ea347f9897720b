"""Stock of one merchant code: what is there, what may be sold, and what Tmall should show. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from formulas.moves import Move, MoveKind
from formulas.selling import Held, Sellable
from formulas.stock import on_hand, sellable, why_sellable
from sync_engine.intent import Intent, IntentState
from sync_engine.parcel import Package
from sync_engine.plan.facts import OrderFacts, is_dead, is_open
from sync_engine.plan.figures import Since, last_count
from sync_engine.plan.policy import Policy
from sync_engine.plan.sharing import Shared, ShopFigure
from sync_engine.plan.telling import stock_key
from sync_engine.plan.words import say
from sync_engine.stockroom import KnownSku, StockLine
from sync_engine.todo import Todo
from sync_engine.trade import CLOSED, Line
from sync_engine.values import clean_text
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import STOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPlan:
    """The row of one stock code and the figures Tmall should get."""

    row: Mapping[str, Value]
    first: Mapping[str, Value]  # staff cells, for a new row only
    intents: tuple[Intent, ...] = ()
    drop: tuple[str, ...] = ()
    todos: tuple[Todo, ...] = ()
    shops: tuple[Mapping[str, Value], ...] = ()  # rows of 店铺库存


def stock_lines(
    facts: OrderFacts, codes: Mapping[str, KnownSku], now: datetime, *, at_order: bool = False,
    took: Mapping[str, int] | None = None,
) -> list[StockLine]:  # fmt: skip
    """What each line of an order means for stock.

    Args:
        at_order: whether every order reserves before it is paid, also of items whose figure Tmall takes down at payment.
        took: what lines that are not paid took of Tmall's figure when they were first seen, by oid. The setting of their item may
            have changed since; what was taken was taken.
    """
    shipped_by_us = {oid: p.shipped_at for p in facts.packages if p.state == "shipped" for oid in p.oids}
    found = (
        _as_first_seen(facts, line, _stock_line(facts, line, codes, shipped_by_us, now, at_order), took or {})
        for line in facts.trade.lines
    )
    own = [part for line in found for part in _of_parts(line, facts.parts.get(line.oid, {}))]
    return [*own, *(line for package in facts.packages if package.live for line in _gift_lines(package))]


def _as_first_seen(facts: OrderFacts, line: Line, means: StockLine, took: Mapping[str, int]) -> StockLine:
    """What Tmall took at ordering stays reserved while nobody has paid; what it did not take then is not taken by a setting."""
    before = took.get(line.oid)
    if before is None or facts.trade.pay_time is not None or is_dead(line) or facts.trade.status in CLOSED:
        return means
    return replace(means, taken=before, reserved=max(means.reserved, before))


def _gift_lines(package: Package) -> Iterable[StockLine]:
    """What is given along in a parcel: kept until the parcel left, then gone with it. Tmall took nothing for it."""
    left = package.state == "shipped"
    for number, gift in enumerate(package.gifts, start=1):
        yield StockLine(
            oid=f"{package.package_id}.{number}", tid=package.tid, stock_code=gift.code, reserved=0 if left else gift.num,
            shipped=gift.num if left else 0, shipped_at=package.shipped_at if left else None,
        )  # fmt: skip


def _of_parts(line: StockLine, parts: Mapping[str, int]) -> list[StockLine]:
    """A bundle's line as the lines of its parts; the sale took its pieces of the bundle's own figure, once."""
    if not parts:
        return [line]
    return [
        replace(
            line, stock_code=code, part=code, reserved=line.reserved * times, shipped=line.shipped * times,
            returned=line.returned * times, defective=line.defective * times, taken=line.taken if not number else 0,
        )
        for number, (code, times) in enumerate(parts.items())
    ]  # fmt: skip


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
    at_order: bool,
) -> StockLine:
    shipped_at = (
        shipped_by_us.get(line.oid) or line.consign_time
    )  # counts are timed by our clock, not Tmall's
    left = line.was_shipped or line.oid in shipped_by_us
    staff = facts.line_staff(line.oid)
    returned = min(staff.returned_qty, line.num) if left else 0
    defective = min(staff.defective_qty, line.num - returned) if left else 0
    return StockLine(
        oid=line.oid,
        tid=facts.trade.tid,
        stock_code=stock_code_of(line, codes),
        reserved=line.num if not left and _is_reserved(facts, line, codes, at_order) else 0,
        shipped=line.num if left else 0,
        shipped_at=(shipped_at or facts.trade.consign_time or facts.trade.modified) if left else None,
        returned=returned,
        defective=defective,
        returned_at=(staff.returned_at or now) if returned or defective else None,
        sku_key=line.sku_key,
        taken=line.num if _took(facts, line, codes) else 0,
    )


def _took(facts: OrderFacts, line: Line, codes: Mapping[str, KnownSku]) -> bool:
    """Whether the sale took its pieces of the figure Tmall shows: when ordered or when paid, as the item is set. Only an
    order that was never paid gives them back.
    """
    if facts.trade.pay_time is not None:
        return True
    known = codes.get(line.sku_key)
    at_order = known is not None and known.sku.sub_stock == 1
    return at_order and facts.trade.status not in CLOSED and line.status not in CLOSED


def _is_reserved(facts: OrderFacts, line: Line, codes: Mapping[str, KnownSku], at_order: bool) -> bool:
    """Paid and still to go; and, where Tmall takes stock down at ordering or the shop wants it so, ordered and unpaid. What Tmall
    took at ordering is never offered again before it is known that nobody pays: that would sell it twice.
    """
    if is_dead(line):
        return False
    known = codes.get(line.sku_key)
    waits = facts.trade.status == "WAIT_BUYER_PAY"
    return is_open(facts.trade) or (waits and (at_order or (known is not None and known.sku.sub_stock == 1)))


def opening_of(skus: Sequence[KnownSku], reserved: Mapping[str, int]) -> int:
    """Pieces to begin with where nobody counted: what Tmall shows and what is still to ship.

    Where several shops show the same goods nobody can tell whether these are shares or the same pieces shown twice: the
    shop with most of them counts, not their sum, so that nothing is promised twice before somebody counts.

    Args:
        reserved: pieces sold and not yet gone by sku_key; "" for SKUs that are gone.
    """
    sums: dict[str, int] = {"": 0}
    shop_of = {known.sku.sku_key: known.sku.seller for known in skus}
    for known in skus:
        sums[known.sku.seller] = sums.get(known.sku.seller, 0) + known.sku.quantity
    for sku_key, pieces in reserved.items():
        shop = shop_of.get(sku_key, "")
        sums[shop] = sums.get(shop, 0) + pieces
    return max(sums.values())


def decide_count(
    code: str,
    sheet: Mapping[str, Value] | None,
    opening: int,
    posted: Sequence[Move],
    main: str,
    now: datetime,
) -> Move | None:
    """The count to be posted for a row of 库存: its first one, or what people typed instead of the last.

    Args:
        sheet: the row as it stands; None for a code that has none yet.
        opening: pieces to begin with where nobody counted: what Tmall shows and what is still to ship.
        posted: every move of these goods.
        main: the main warehouse, which is what this row counts.
    """
    last = last_count(posted, code)
    if sheet is None:
        if last is not None:
            return None
        typed = max(0, opening)
    else:
        typed = max(0, _whole(sheet.get("counted")) or 0)
        if last is not None and last.pieces == typed:
            return None
    counts = sum(move.source == f"stock/{code}" for move in posted)
    seen = (sheet or {}).get("counted_at") if last is None else None  # a row that outlived ledger and journal
    unchanged = isinstance(seen, datetime) and not _retyped(sheet or {}, typed)
    at = seen if unchanged and isinstance(seen, datetime) else now - timedelta(seconds=1)
    if last is not None:  # a clock that was put back must not date a count before the one it replaces
        at = max(at, last.at + timedelta(seconds=1))
    first = not counts and sheet is None
    return Move(
        move_id=f"opening:{code}" if first else f"count:{code}:{counts + 1}", at=at,
        kind=MoveKind.OPENING if first and typed else MoveKind.COUNT, sku=code, warehouse=main, pieces=typed,
        source=f"stock/{code}",
    )  # fmt: skip


def _retyped(sheet: Mapping[str, Value], typed: int) -> bool:
    """Whether a row's own sum shows that its count was typed anew since it was last worked out."""
    parts = [_whole(sheet.get(name)) for name in ("shipped", "returned", "other", "on_hand")]
    shipped, returned, other, there = (part or 0 for part in parts)
    return parts[3] is not None and there != on_hand(typed, shipped, returned, other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that is known of one stock code before it is decided what to show of it.

    Attributes:
        count: the count that holds; None where the row cannot be counted, as of a bundle.
        since: what the ledger says happened after it.
        reserved: pieces sold and not yet gone, and by shop.
        unseen: pieces that went from Tmall's figure and that no order explains yet: they count as sold.
        there: what lies in each warehouse for sale.
    """

    code: str
    skus: tuple[KnownSku, ...]
    count: Move | None = None
    since: Since = field(default_factory=Since)
    reserved: int = 0
    by_shop: Mapping[str, int] = field(default_factory=dict)
    unseen: int = 0
    missing: int = 0  # of the figures of its own SKUs
    sheet: Mapping[str, Value] | None = None
    intents: Mapping[str, Intent] = field(default_factory=dict)
    there: Mapping[str, Held] = field(default_factory=dict)

    @property
    def alive(self) -> tuple[KnownSku, ...]:
        """The SKUs that are still there."""
        return tuple(one for one in self.skus if one.sku.status != "delete")

    def kept_back(self, policy: Policy) -> int:
        """Its safety stock: what its row says, else the setting."""
        safety = _whole(self.sheet.get("safety") if self.sheet else None)
        safety = safety if safety is None or safety >= 0 else None  # to keep back less than nothing is a slip
        return int(policy.number("safety_stock") if safety is None else Decimal(safety))

    def offer(self, policy: Policy) -> int:
        """Pieces to offer."""
        return sellable(self.since.on_hand, self.reserved + self.unseen, self.kept_back(policy))

    def pushes(self, policy: Policy) -> bool:
        """Whether Tmall is told anything of it."""
        return policy.setting("push_stock") == "yes" and (self.sheet or {}).get("push") != "no"

    def stock(self, policy: Policy, claimed: int) -> Sellable:
        """What shop rules see; `claimed` pieces are kept for bundles."""
        attributed = sum(self.by_shop.values())
        return Sellable(
            warehouses=self.there, overall=self.reserved - attributed + self.unseen + claimed, by_shop=self.by_shop,
            safety=self.kept_back(policy),
        )  # fmt: skip


def plan_stock(
    ground: Ground, shared: Shared, asked: Sequence[Intent], drop: Sequence[str], policy: Policy, claimed: int = 0, made: int | None = None,
    why_made: str = "",
) -> StockPlan:  # fmt: skip
    """The row of one stock code, its rows by shop, and what to ask of Tmall.

    Args:
        claimed: pieces kept for bundles.
        made: of a bundle, how many its parts allow, and why.
    """
    since, count, lang = ground.since, ground.count, policy.lang
    counted, kept_back = count.pieces if count else 0, ground.kept_back(policy)
    offer = ground.offer(policy) if made is None else made
    problem, todos = _problems(ground, policy, claimed, bundle=made is not None)
    row: dict[str, Value] = {
        "stock_code": ground.code,
        "title": clean_text(
            " / ".join(dict.fromkeys(f"{k.sku.title} {k.sku.sku_text}".strip() for k in ground.skus))
        ),
        "counted_at": count.at if count else None,
        "shipped": since.shipped,
        "returned": since.returned,
        "other": since.other,
        "on_hand": since.on_hand,
        "reserved": ground.reserved,
        "sellable": offer,
        "tmall_qty": sum(known.sku.quantity for known in ground.skus),
        "why": why_sellable(
            counted, since.shipped, since.returned, ground.reserved, kept_back, lang, since.other
        ),
        "problem": problem,
    }
    if made is not None:
        row |= dict.fromkeys(("counted_at", "shipped", "returned", "other", "on_hand", "reserved"), None)
        row["why"] = why_made
    whys = {key: f"{shared_why} | {row['why']}" for key, shared_why in shared.why.items()}
    return StockPlan(
        row=row, first={"counted": counted if made is None else None, "safety": None, "push": "yes"},
        intents=tuple(
            replace(one, doc={**one.doc, "why": f"{whys.get(one.subject, row['why'])}{_first_only(one, shared, lang)}"})
            for one in asked
        ),
        drop=tuple(drop), todos=todos, shops=tuple(shop_row(ground, figure, policy) for figure in _by_shop(shared)),
    )  # fmt: skip


def _first_only(intent: Intent, shared: Shared, lang: Lang) -> str:
    """Where a figure is raised in steps: what it is to become once the others are known to be lowered."""
    wanted, now = shared.wanted[intent.subject], intent.doc["quantity"]
    if wanted == int(now):
        return ""
    return say(
        lang,
        f" | 应为 {wanted},别处降下之前先到 {now}",
        f" | to be {wanted}: {now} before the others are lowered",
    )


def _by_shop(shared: Shared) -> list[ShopFigure]:
    """One figure for each shop, also where different rules are for different SKUs of it."""
    found: dict[str, ShopFigure] = {}
    for one in shared.figures:
        before = found.get(one.seller)
        if before is not None:
            sums = [n for n in (before.wanted, one.wanted) if n is not None]
            one = replace(
                one, skus=(*before.skus, *one.skus), wanted=sum(sums) if sums else None, rules=(*before.rules, *one.rules),
                why=f"{before.why} + {one.why}", problem=before.problem or one.problem,
            )  # fmt: skip
        found[one.seller] = one
    return list(found.values())


def shop_row(ground: Ground, figure: ShopFigure, policy: Policy) -> dict[str, Value]:
    """What 店铺库存 shows of one code in one shop."""
    keys = {known.sku.sku_key for known in figure.skus}
    done: dict[str, Intent] = {}
    for intent in ground.intents.values():
        if intent.subject in keys and intent.state is IntentState.DONE and intent.called_at:
            last = done.get(intent.subject)
            if last is None or (last.called_at, len(last.key), last.key) < (
                intent.called_at,
                len(intent.key),
                intent.key,
            ):
                done[intent.subject] = intent
    return {
        "stock_code": ground.code, "shop": policy.shop_named(figure.seller),
        "shown": sum(known.sku.quantity for known in figure.skus), "wanted": figure.wanted,
        "told": sum(int(one.doc["quantity"]) for one in done.values()) if done else None,
        "told_at": max((one.called_at for one in done.values() if one.called_at), default=None),
        "rules": "、".join(dict.fromkeys(figure.rules)), "why": clean_text(figure.why), "problem": figure.problem,
    }  # fmt: skip


def _problems(ground: Ground, policy: Policy, claimed: int, *, bundle: bool) -> tuple[str, tuple[Todo, ...]]:
    code, skus, intents, unseen = ground.code, ground.skus, ground.intents, ground.missing
    lang, subject, there = policy.lang, f"{STOCK.name}/{code}", ground.since.on_hand
    todos, notes = list[Todo](), list[str]()
    if bundle and there:
        notes.append(
            say(
                lang,
                f"它现在是组合,自己名下还有 {there} 件库存不再算;请在盘点表盘成 0",
                f"It is a bundle now: the {there} pieces under its own code no longer count; count them to 0 in the counts sheet",
            )
        )
    if claimed:
        notes.append(say(lang, f"其中 {claimed} 件留给组合", f"{claimed} of them are kept for bundles"))
    if len(skus) > 1:
        notes.append(
            say(
                lang,
                f"{len(skus)} 个 SKU 共用这个编码,可卖数平分",
                f"{len(skus)} SKUs share this code: the offer is split evenly",
            )
        )
    if unseen:
        notes.append(
            say(
                lang,
                f"天猫上少了 {unseen} 件,还没看到订单,先当作已卖",
                f"Tmall shows {unseen} fewer than the orders explain: they count as sold until the orders appear",
            )
        )
    if there < 0 and not bundle:
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
        if (intent := intents.get(stock_key(policy.shop, known)))
        and intent.state is IntentState.REFUSED
    )  # fmt: skip
    return say(lang, ";", "; ").join([*notes, *(todo.reason for todo in todos)]), tuple(todos)


def _whole(value: Value) -> int | None:
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
