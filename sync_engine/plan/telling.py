"""What Tmall should be told about stock: never more on show, in all shops together, than there is to sell. Pure.

Two rules keep that true at every moment, whatever is sold meanwhile and whichever call fails:
a figure is raised only by what the other figures of the same goods leave free, counting a figure as it stands until a
change that lowers it is known to be made, and as it will be while a change that raises it is in doubt; and where Tmall
shows less than the orders we know explain, what is missing counts as sold until the order appears.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_engine.intent import Intent, IntentKind, IntentState, is_due
from sync_engine.stockroom import KnownSku

GRACE = timedelta(minutes=10)
"""How long an order may take to appear after its pieces went from the figure. UNSURE on the platform's side; longer than
the overlap of two looks needs, short enough that a figure somebody lowered by hand at Tmall is soon put right.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """What a SKU's figure and its orders add up to, and what is missing of what they added up to before."""

    supply: int
    fell_at: datetime | None
    missing: int = 0


def fall_of(known: KnownSku, taken: int, now: datetime) -> Fall:
    """Compare what Tmall shows with what it showed before, less what was sold since.

    What is missing is waited for anew whenever it grew: the last of it went a moment ago.

    Args:
        taken: pieces that the sales we know took of the figure.
    """
    supply = known.sku.quantity + taken
    if known.supply is None or supply >= known.supply:
        return Fall(supply=supply, fell_at=None)
    missing = known.supply - supply
    since = known.fell_at if known.fell_at and missing <= known.missing else now
    if not since <= now < since + GRACE:
        return Fall(supply=supply, fell_at=None)
    return Fall(supply=known.supply, fell_at=since, missing=missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What is on show may at no moment add up to more than `cap` pieces; `weights`: pieces each SKU's figure promises."""

    cap: int
    weights: Mapping[str, int]  # by sku_key


def any_overdue(fallen: Iterable[KnownSku], now: datetime) -> bool:
    """Whether what is missing of any of these is no longer waited for."""
    return any(one.fell_at and not one.fell_at <= now < one.fell_at + GRACE for one in fallen)


def changes(
    wanted: Mapping[str, int], skus: Sequence[KnownSku], intents: Mapping[str, Intent], shop: str, now: datetime,
    unread: Collection[str] = (), limits: Sequence[Limit] | None = None,
) -> tuple[tuple[Intent, ...], tuple[str, ...]]:  # fmt: skip
    """The changes to ask for now, and the keys of pending ones that no longer hold.

    Args:
        wanted: what each SKU should show, by sku_key; together no more than there is to sell.
        skus: all that sell these goods and are told anything.
        intents: what was asked before.
        shop: part of the intents' keys.
        unread: items whose figures may be older than the orders we know: they are told nothing before they are read.
        limits: what must hold of all figures together; None: their sum is at most what is wanted.
    """
    held = {known.sku.sku_key: intents.get(stock_key(shop, known)) for known in skus}
    on_show = {known.sku.sku_key: _on_show(known, held[known.sku.sku_key]) for known in skus}
    if limits is None:
        limits = [Limit(cap=sum(wanted.values()), weights=dict.fromkeys(on_show, 1))]
    free = [one.cap - sum(weight * on_show[key] for key, weight in one.weights.items()) for one in limits]
    asked: list[Intent] = []
    drop: list[str] = []
    for known in sorted(skus, key=lambda one: (wanted[one.sku.sku_key] > one.sku.quantity, one.sku.sku_key)):
        intent, shown, target = held[known.sku.sku_key], known.sku.quantity, wanted[known.sku.sku_key]
        if (intent is not None and intent.in_doubt) or known.sku.num_iid in unread:
            continue
        if target > shown:
            weights = [one.weights.get(known.sku.sku_key, 0) for one in limits]
            room = [left // weight for left, weight in zip(free, weights, strict=True) if weight]
            target = shown + max(0, min([target - shown, *room]))
            free = [left - weight * (target - shown) for left, weight in zip(free, weights, strict=True)]
        doc = {
            "shop": known.sku.seller, "num_iid": known.sku.num_iid, "sku_id": known.sku.sku_id,
            "shown": str(shown), "quantity": str(target),
        }  # fmt: skip
        if (
            intent
            and intent.state is IntentState.PENDING
            and (target == shown or any(intent.doc.get(name) != value for name, value in doc.items()))
        ):
            drop.append(intent.key)
        if target != shown and _may_ask(intent, now):
            key = stock_key(shop, known)
            asked.append(Intent(key=key, kind=IntentKind.STOCK, subject=known.sku.sku_key, doc=doc))
    return tuple(asked), tuple(drop)


def stock_key(shop: str, known: KnownSku) -> str:
    """Key of a SKU's next change."""
    return f"stock:{shop}:{known.sku.sku_key}:{known.revision}"


def _on_show(known: KnownSku, intent: Intent | None) -> int:
    """The most this SKU may be showing."""
    if intent is not None and intent.in_doubt:
        return max(known.sku.quantity, int(intent.doc["quantity"]))
    return known.sku.quantity


def _may_ask(intent: Intent | None, now: datetime) -> bool:
    if intent is None or intent.state is not IntentState.REFUSED:
        return True
    return intent.next_at is not None and is_due(intent.next_at, now)
