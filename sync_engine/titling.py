"""Titles staff want: a sentence beside each row of 商品 that wants one, and to-dos. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping

from sync_engine.plan.titles import EMPTY, TitleWish, title_told
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stockroom import KnownSku
from sync_engine.unmatched import grouped
from workbook_templates.schema import Value
from workbook_templates.tables import PRODUCTS

PREFIX = "title:"


def look_at_titles(state: TickState, skus: Mapping[str, KnownSku]) -> None:
    """Judge every row that wants a title. Inside the transaction."""
    journal, view, lang = state.shop.journal, state.view, state.shop.lang
    rows = {
        key: cells for key, cells in state.reading.products.items()
        if key in skus and any(cells.get(name) not in (None, "") for name in ("wanted_title", "title_told"))
    }  # fmt: skip
    if not rows and not journal.todos.open_subjects(PREFIX):
        return
    view.load(PRODUCTS.name, rows)
    wanted = {key: str(cells.get("wanted_title") or "").strip() for key, cells in rows.items()}
    by_item: dict[tuple[str, str], set[str]] = {}
    for key, title in wanted.items():
        if title:
            by_item.setdefault(_item(skus[key]), set()).add(title)
    waits: dict[tuple[str, str], str] = {}
    for key in sorted(rows):
        item = _item(skus[key])
        wish = TitleWish(
            shown=skus[key].sku.title, wanted=wanted[key], others=frozenset(by_item.get(item, ()))
        )
        told, to_do = title_told(wish, lang)
        state.titles[key] = {"title_told": told}
        if (view.base(PRODUCTS.name, key) or rows[key]).get("title_told") != told:
            journal.rows.mark({PRODUCTS.name: [key]})
        if to_do and skus[key].sku.status != "delete":
            waits.setdefault(item, key)
    _tell(state, sorted(waits.values()))


def title_cells(state: TickState, sku_key: str) -> Mapping[str, Value]:
    """Our title cell of a row of 商品."""
    return state.titles.get(sku_key, EMPTY)


def _item(known: KnownSku) -> tuple[str, str]:
    return known.sku.seller, known.sku.num_iid


def _tell(state: TickState, keys: list[str]) -> None:
    """A to-do for each item, by its first row."""
    journal, lang = state.shop.journal, state.shop.lang
    todos = grouped(
        "title_waits", f"{PREFIX}waits", keys, severity="tell",
        one=lambda key: say(lang, f"SKU {key} 的商品等人改标题", f"The item of SKU {key} waits for its title"),
        many=lambda n, some: say(lang, f"{n} 个商品等人改标题,例如 SKU {some} 的", f"{n} items wait for their titles, for instance of SKU {some}"),
        advice=say(lang, "看“商品”表的“标题情况”", "Look at Title outcome in Products"), lang=lang,
    )  # fmt: skip
    changed, new = journal.todos.settle(
        journal.todos.open_subjects(PREFIX) | {one.subject for one in todos}, todos, state.now
    )
    state.todo_ids |= changed
    state.new_todos += new


__all__ = ["look_at_titles", "title_cells"]
