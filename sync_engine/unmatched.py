"""Products that cannot be matched by merchant code: to-dos that go when the code is put right at Tmall.

Stock is kept by merchant code, so that a SKU without one is a stock of its own, and SKUs of one shop with the same code share
one. That may be meant; so these are told, and stop nothing. A code on one SKU of each of several shops is how shops share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sync_engine.journal.journal import Journal
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stockroom import KnownSku
from sync_engine.todo import Todo
from workbook_templates.schema import Lang
from workbook_templates.tables import PRODUCTS

ONE_BY_ONE = 10
"""So many of a kind in a shop get a to-do each; more are told in one."""
PREFIX = "unmatched:"
DOUBLED = "doubled_codes"
"""SKUs that share their code with another of their shop, as last seen."""


def look_for_unmatched(state: TickState, skus: Iterable[KnownSku]) -> None:
    """Tell of every SKU on sale or in store without a code, or with one that another SKU of its shop has. Looked at
    whenever a SKU changed; inside the tick's transaction.
    """
    journal = state.shop.journal
    if not state.seen.skus and journal.meta(DOUBLED) is not None:
        return
    alive = [known for known in skus if known.sku.status != "delete"]
    twins = doubled(alive)
    before = shared_codes(journal)
    journal.set_meta(DOUBLED, " ".join(sorted(twins)))
    journal.rows.mark({PRODUCTS.name: before ^ twins.keys()})
    todos = unmatched_todos(alive, twins, state.reading.policy.shop_named, state.shop.lang)
    changed, new = journal.todos.settle(
        journal.todos.open_subjects(PREFIX) | {todo.subject for todo in todos}, todos, state.now
    )
    state.todo_ids |= changed
    state.new_todos += new


def shared_codes(journal: Journal) -> set[str]:
    """SKUs that share their code with another of their shop, as last seen."""
    return set((journal.meta(DOUBLED) or "").split())


def doubled(alive: Sequence[KnownSku]) -> dict[str, str]:
    """SKUs that share their merchant code with another of the same shop: the code by sku_key."""
    by_code: dict[tuple[str, str], list[str]] = {}
    for known in alive:
        if known.sku.outer_id:
            by_code.setdefault((known.sku.seller, known.sku.outer_id), []).append(known.sku.sku_key)
    return {key: code for (_, code), keys in by_code.items() if len(keys) > 1 for key in keys}


def unmatched_todos(
    alive: Iterable[KnownSku], twins: Mapping[str, str], named: Callable[[str], str], lang: Lang
) -> list[Todo]:
    """To-dos for SKUs without a code, and for codes that several have; `named` gives what the sheets call a shop."""
    by_shop: dict[str, list[KnownSku]] = {}
    for known in alive:
        by_shop.setdefault(known.sku.seller, []).append(known)
    return [
        todo for seller, skus in sorted(by_shop.items())
        for todo in (*_without(seller, named(seller), skus, lang), *_twice(seller, named(seller), skus, twins, lang))
    ]  # fmt: skip


def _without(seller: str, shop: str, skus: Iterable[KnownSku], lang: Lang) -> list[Todo]:
    return grouped(
        "no_code", f"{PREFIX}no_code:{seller}", sorted(known.sku.sku_key for known in skus if not known.sku.outer_id),
        one=lambda sku: say(lang, f"SKU {sku} 在天猫没有商家编码,库存按 SKU ID 单独计", f"SKU {sku} has no merchant code at Tmall: its stock is kept by its own id"),
        many=lambda n, some: say(lang, f"“{shop}”有 {n} 个 SKU 没有商家编码,例如 {some}", f'{n} SKUs of "{shop}" have no merchant code, for instance {some}'),
        advice=say(lang, "在千牛的商品编辑页填上商家编码,与仓库的货对上;“商品”表按“需要注意”筛选可看全部", "Give it a merchant code at Tmall that matches the goods; filter Products by Attention to see all"),
        lang=lang,
    )  # fmt: skip


def _twice(
    seller: str, shop: str, skus: Iterable[KnownSku], twins: Mapping[str, str], lang: Lang
) -> list[Todo]:
    codes: dict[str, list[str]] = {}
    for known in skus:
        if known.sku.sku_key in twins:
            codes.setdefault(known.sku.outer_id, []).append(known.sku.sku_key)
    firsts = {min(keys): (code, len(keys)) for code, keys in codes.items()}
    return grouped(
        "code_twice", f"{PREFIX}code_twice:{seller}", sorted(firsts), severity="tell",
        one=lambda sku: say(lang, f"“{shop}”有 {firsts[sku][1]} 个 SKU 都用商家编码 {firsts[sku][0]},可卖数平分", f'{firsts[sku][1]} SKUs of "{shop}" have the merchant code {firsts[sku][0]}: the offer is split evenly'),
        many=lambda n, some: say(lang, f"“{shop}”有 {n} 个商家编码各被几个 SKU 使用,例如 SKU {some}", f'{n} merchant codes of "{shop}" are on several SKUs each, for instance SKU {some}'),
        advice=say(lang, "是同一种货就不用改;不是,就在千牛改成各自的编码", "Leave it where they are the same goods; else give each its own code at Tmall"),
        lang=lang,
    )  # fmt: skip


def grouped(
    code: str, subject: str, keys: Sequence[str], *, one: Callable[[str], str], many: Callable[[int, str], str], advice: str,
    lang: Lang, severity: str = "ask",
) -> list[Todo]:  # fmt: skip
    """A to-do for each row of 商品, or one for all of them where they are many. `one` and `many` make the sentence."""
    if len(keys) <= ONE_BY_ONE:
        return [
            Todo(code=code, subject=f"{subject}:{key}", table=PRODUCTS.name, row_key=key, reason=one(key), advice=advice, severity=severity)
            for key in keys
        ]  # fmt: skip
    some = say(lang, "、", ", ").join(keys[:3])
    return [
        Todo(code=f"{code}_many", subject=subject, table=PRODUCTS.name, row_key="", reason=many(len(keys), some), advice=advice, severity=severity)
    ]  # fmt: skip
