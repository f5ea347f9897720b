"""Platform stock: sales take it down, sellers set it."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox.store import Store

Doc = dict[str, Any]


def take(store: Store, line: Doc) -> None:
    """A sale takes the line's quantity; selling more than there is marks the line as oversold."""
    left = change(store, line["num_iid"], line.get("sku_id"), -line["num"])
    if left < 0:
        line["is_oversold"] = True


def take_back(store: Store, line: Doc) -> None:
    """An order that was never paid gives its quantity back. Refunds do not: that is the seller's to do."""
    change(store, line["num_iid"], line.get("sku_id"), line["num"])


def change(store: Store, num_iid: int, sku_id: str | int | None, by: int) -> int:
    """Add to what is on sale, not below 0; what would be left without that floor."""
    if sku_id:
        sku = store.sku(sku_id)
        assert sku is not None
        left = int(sku["quantity"]) + by
        sku["quantity"] = max(0, left)
        store.put_sku(sku)
        total(store, num_iid)
        return left
    item = store.item(num_iid)
    assert item is not None
    left = int(item["num"]) + by
    item["num"] = max(0, left)
    store.put_item(item)
    return left


def total(store: Store, num_iid: int, now: str = "") -> Doc:
    """Write an item's quantity as the sum of its SKUs; `now` moves its modification time."""
    item = store.item(num_iid)
    assert item is not None
    if skus := store.skus_of(num_iid):
        item["num"] = sum(int(sku["quantity"]) for sku in skus)
    if now:
        item["modified"] = now
    store.put_item(item)
    return item
