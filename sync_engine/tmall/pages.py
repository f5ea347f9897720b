"""Paging from the last page to the first, so that what moves while we read is read twice, never missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sync_engine.tmall.gateway import Gateway, unwrap

Params = Mapping[str, str | int | bool]


def pages_last_to_first(
    gateway: Gateway, method: str, params: Params, plural: str, size: int
) -> Iterator[Any]:
    """Every entry of a list, last page first; the total is asked for beforehand with a page of one."""
    counted = gateway.call(method, {**params, "page_no": 1, "page_size": 1})
    total = int(counted.get("total_results", 0))
    for number in range(-(-total // size), 0, -1):
        page = gateway.call(method, {**params, "page_no": number, "page_size": size})
        yield from unwrap(page, plural)


def pages_in_order(
    gateway: Gateway, method: str, params: Params, plural: str, size: int, most: int
) -> Iterator[Any]:
    """Every entry of a list that has no order to mind, first page first."""
    for number in range(1, most + 1):
        page = gateway.call(method, {**params, "page_no": number, "page_size": size})
        found = unwrap(page, plural)
        yield from found
        if number * size >= int(page.get("total_results", 0)):
            return


def windows(since: datetime, until: datetime, span: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """[since, until] cut into windows of at most `span`, oldest first, touching each other."""
    start = since
    while start < until:
        end = min(start + span, until)
        yield start, end
        start = end
