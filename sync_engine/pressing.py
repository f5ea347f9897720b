"""One press of the button: a tick, and at most two more where it gave rows people made the number by which the next one knows them.

Without them a row that was typed just now would get its number and nothing else, and whoever pressed would press again.
"""

from __future__ import annotations

from dataclasses import fields, replace

from sync_engine.errors import BiaomaoError
from sync_engine.gather import Request
from sync_engine.plan.desk import Counts
from sync_engine.shop import Report, tick
from sync_engine.state import Shop, Step

MORE = 2
"""An own order gets its row's number, then its order's, then it is taken. Whatever goes on beyond that waits for the next sync."""


def press(shop: Shop, request: Request | None = None) -> Report:
    """Tick until rows that were made just now have been looked at: one report of all of it.

    Raises what `tick` raises; what stops a further tick is a trouble of the report, for the first one has been done.
    """
    asked = request or Request()
    report = tick(shop, asked)
    behind = replace(shop, tell=lambda _: shop.tell(Step.WRITE))  # a progress bar never goes back
    for _ in range(MORE):
        if not report.goes_on or report.blocked or report.pending:
            break
        try:
            report = _joined(report, tick(behind, _still(asked)))
        except BiaomaoError as error:
            return replace(report, troubles=tuple(dict.fromkeys([*report.troubles, str(error)])))
    return report


def _still(asked: Request) -> Request:
    """What of a request holds for rows that have just been numbered; the rest of it is met once."""
    return Request(buy_now=asked.buy_now, print_now=asked.print_now, waves=asked.waves)


def _joined(one: Report, two: Report) -> Report:
    """Both in one: what was done is summed, what is left open is as the second one left it."""
    counts = {
        field.name: getattr(one.counts, field.name) + getattr(two.counts, field.name)
        for field in fields(Counts)
    }
    return replace(
        two,
        idle=one.idle and two.idle,
        counts=Counts(**counts),
        written=one.written + two.written,
        troubles=tuple(dict.fromkeys([*one.troubles, *two.troubles])),
        said="; ".join(text for text in (one.said, two.said) if text),
        alarm=one.alarm or two.alarm,
    )
