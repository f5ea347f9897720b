"""What a product's price at Tmall should become, whether it may, and what its row says about that. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.campaign_prices import Priced
from sync_engine.intent import Intent, IntentState, is_due
from sync_engine.plan.words import say
from workbook_templates.schema import Lang, Value

LOWEST, HIGHEST = Decimal("0.01"), Decimal(100_000_000)
"""tmall.item.price.update: 0-100000000 with 2 places (facts, Appendix A); we never set 0."""
NOTHING = Decimal(0)
"""A tick that was there before anything was asked, or came with an earlier copy of the workbook: it permits nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a row of 商品 says of its price, and what Tmall shows."""

    shown: Decimal
    wanted: Decimal | None
    cost: Decimal | None
    ticked: bool  # 准许改价
    ok_for: Decimal | None  # the price that tick was given for, as the row keeps it
    next: Decimal | None  # what the row said it would become


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePlan:
    """Our cells of the row, and the price to ask for now, if any."""

    row: dict[str, Value]
    ask: Decimal | None = None
    waits: bool = False  # for a person's tick
    refused: str = ""
    why: str = ""  # the campaign's sum


EMPTY: dict[str, Value] = {"price_next": None, "price_told": None, "price_ok_for": None}


def permitted_for(wish: Wish) -> Decimal | None:
    """The price a tick permits: the one the row showed when it was put there, and no other until it is put there anew."""
    if not wish.ticked:
        return None
    return wish.ok_for if wish.ok_for is not None else (wish.next if wish.next is not None else NOTHING)


def plan_price(
    wish: Wish, priced: Priced, *, on: bool, limit: Decimal, last: Intent | None, now: datetime, lang: Lang
) -> PricePlan:
    """Decide one row.

    Args:
        on: whether prices are changed at all; where they are not, the row says what would become of it.
        limit: the most a change may be without a person's tick, percent of what Tmall shows.
        last: the newest change asked of Tmall for this SKU.
    """
    ok_for, target = permitted_for(wish), priced.price
    if wish.wanted is None or target is None:
        return PricePlan(row={**EMPTY, "price_ok_for": ok_for})
    if not LOWEST <= target <= HIGHEST:
        told = say(
            lang,
            f"算出来是 {target},售价要在 {LOWEST} 到 {HIGHEST} 之间,没有改",
            f"It comes to {target}; a price is from {LOWEST} to {HIGHEST}: not changed",
        )
        return PricePlan(
            row={**EMPTY, "price_told": _told(lang, told, priced.why, priced.problem), "price_ok_for": ok_for}
        )
    below = (
        say(lang, f"低于成本 {wish.cost}", f"below the cost of {wish.cost}")
        if wish.cost is not None and target < wish.cost
        else ""
    )
    if target == wish.shown:
        return PricePlan(
            row={
                **EMPTY,
                "price_told": _told(lang, _made(last, target, lang), below, priced.problem),
                "price_ok_for": ok_for,
            }
        )
    text, ask, waits, refused = _step(wish, target, ok_for, on=on, limit=limit, last=last, now=now, lang=lang)
    row: dict[str, Value] = {
        "price_next": target, "price_told": _told(lang, text, priced.why, below, priced.problem), "price_ok_for": ok_for,
    }  # fmt: skip
    return PricePlan(row=row, ask=target if ask else None, waits=waits, refused=refused, why=priced.why)


def _step(
    wish: Wish, target: Decimal, ok_for: Decimal | None, *, on: bool, limit: Decimal, last: Intent | None, now: datetime, lang: Lang
) -> tuple[str, bool, bool, str]:  # fmt: skip
    """(what the row says, whether to ask now, whether a person must tick, what Tmall refused)"""
    change = f"{wish.shown} → {target}"
    if last is not None and last.in_doubt:
        return (
            say(
                lang,
                f"改价没有回音,正在向天猫核对({last.doc.get('price', '')})",
                f"No answer yet: Tmall is asked whether it is {last.doc.get('price', '')}",
            ),
            False,
            False,
            "",
        )
    if not on:
        return (
            say(
                lang,
                f"将改:{change};“设置”里的“改天猫售价”没开,所以没改",
                f"Would change: {change}; “Change prices” is off in the settings",
            ),
            False,
            False,
            "",
        )
    percent = abs(target - wish.shown) * 100 / wish.shown if wish.shown else Decimal(100)
    if (percent > limit or not wish.shown) and ok_for != target:
        sign = "+" if target > wish.shown else "−"
        over = say(
            lang,
            f"等人准许:{change}({sign}{percent:.0f}%),超过每次 {limit}% 的上限;没错就在“准许改价”打 ✓",
            f"Waits: {change} ({sign}{percent:.0f}%) is above the limit of {limit}% for one change; if it is right, tick Permit",
        )
        stale = (
            say(
                lang,
                ";现在的 ✓ 不是给这个价的,先清空再打",
                "; the tick there was not for this price: clear it, then tick again",
            )
            if ok_for is not None
            else ""
        )
        return over + stale, False, True, ""
    if last is not None and last.state is IntentState.REFUSED and last.doc.get("price") == str(target):
        again = last.next_at is not None and is_due(last.next_at, now)
        return (
            say(lang, f"天猫不让改 {change}:{last.answer}", f"Tmall refused {change}: {last.answer}"),
            again,
            False,
            last.answer,
        )
    return say(lang, f"正在改:{change}", f"Changing: {change}"), True, False, ""


def _made(last: Intent | None, target: Decimal, lang: Lang) -> str:
    if (
        last is None
        or last.state is not IntentState.DONE
        or last.doc.get("price") != str(target)
        or last.called_at is None
    ):
        return ""
    change = f"{last.doc.get('shown', '')} → {target}"
    why = last.doc.get("why", "")
    text = say(
        lang,
        f"已改:{change}({last.called_at:%m-%d %H:%M})",
        f"Changed: {change} ({last.called_at:%m-%d %H:%M})",
    )
    return _told(lang, text, why) or ""


def _told(lang: Lang, *parts: str) -> str | None:
    return say(lang, ";", "; ").join(part for part in parts if part) or None
