"""Paging from the last page to the first, so that what moves while we read is read twice, never missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sync_engine.errors import Answer, NotSent
from sync_engine.tmall.gateway import Gateway, unwrap

Params = Mapping[str, str | int | bool]
READINGS = 3


def pages_last_to_first(
    gateway: Gateway, method: str, params: Params, plural: str, size: int, key: str
) -> list[Any]:
    """Every entry of a list, each once by its `key`, as last modified; the last page is read first.

    The total is asked for beforehand with a page of one. Where rows moved so that fewer were seen than there are, the
    list is read again.
    """
    found: dict[str, Any] = {}
    for _ in range(READINGS):
        total = _total(gateway.call(method, {**params, "page_no": 1, "page_size": 1}), method)
        for number in range(-(-total // size), 0, -1):
            page = gateway.call(method, {**params, "page_no": number, "page_size": size})
            total = _total(page, method, total)
            for entry in (one for one in unwrap(page, plural) if isinstance(one, Mapping)):
                _take(found, str(entry.get(key, "")), entry)
        if len(found) >= total:
            break
    return list(found.values())


def _take(found: dict[str, Any], name: str, entry: Any) -> None:
    held = found.get(name)
    if held is None or str(entry.get("modified", "")) >= str(held.get("modified", "")):
        found[name] = entry


def _total(page: Mapping[str, Any], method: str, otherwise: int = 0) -> int:
    """How many entries there are; NotSent where the answer makes no sense: the look then counts as not made."""
    try:
        return int(page.get("total_results", otherwise))
    except (TypeError, ValueError) as error:
        text = "total_results 不是数字 / total_results is no number"
        raise NotSent(Answer(api=method, text=text)) from error


def pages_in_order(
    gateway: Gateway, method: str, params: Params, plural: str, size: int, most: int
) -> Iterator[Any]:
    """Every entry of a list that has no order to mind, first page first."""
    for number in range(1, most + 1):
        page = gateway.call(method, {**params, "page_no": number, "page_size": size})
        found = unwrap(page, plural)
        yield from found
        if number * size >= _total(page, method):
            return


def windows(since: datetime, until: datetime, span: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """[since, until] cut into windows of at most `span`, oldest first, touching each other."""
    start = since
    while start < until:
        end = min(start + span, until)
        yield start, end
        start = end
