"""taobao.item*.get, skus, the three ways to set stock, and prices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sync_engine.sandbox.context import Context, Params, page_of
from sync_engine.sandbox.refusal import business, invalid
from sync_engine.sandbox.stock import total
from sync_engine.sandbox.store import Doc

_COLUMNS = {"list_time", "delist_time", "num", "modified", "sold_quantity"}
_LARGEST = 100_000
_FULL, _BY = 1, 2
_DEAREST = Decimal(100_000_000)


def onsale(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.items.onsale.get."""
    number, size = page_of(p, 200)
    if number * size > _LARGEST:
        raise business("isv.invalid-parameter:page_no", "翻页获取的条数超过限制")
    return _list(ctx, p, "onsale", number, size)


def inventory(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.items.inventory.get: what is in the warehouse and not on sale."""
    number, size = page_of(p, 200)
    if number > 101:
        raise business("isv.invalid-parameter:page_no", "页码超过101页")
    return _list(ctx, p, "instock", number, size)


def _list(ctx: Context, p: Params, status: str, number: int, size: int) -> dict[str, Any]:
    args = (status, p.get("start_modified", ""), p.get("end_modified", "9999"))
    found = ctx.store.docs(
        "SELECT doc FROM item WHERE approve_status = ? AND modified >= ? AND modified <= ?", args
    )
    found = [
        item for item in found if p.get("q", "") in item["title"] and p.get("cid", item["cid"]) == item["cid"]
    ]
    column, _, way = p.get("order_by", "list_time:desc").partition(":")
    if column not in _COLUMNS or way not in ("asc", "desc"):
        raise invalid("order_by")
    found.sort(key=lambda item: (item.get(column, 0), item["num_iid"]), reverse=way == "desc")
    return {"items": found[(number - 1) * size : number * size], "total_results": len(found)}


def seller_get(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.item.seller.get."""
    return {"item": _full(ctx, _item(ctx, p["num_iid"]))}


def seller_list(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.items.seller.list.get: unknown numbers are left out without a word."""
    found = [ctx.store.item(num_iid) for num_iid in p["num_iids"]]
    return {"items": [_full(ctx, item) for item in found if item is not None]}


def _full(ctx: Context, item: Doc) -> Doc:
    return {**item, "skus": ctx.store.skus_of(item["num_iid"])}


def _item(ctx: Context, num_iid: int) -> Doc:
    item = ctx.store.item(num_iid)
    if item is None:
        raise business("isv.item-not-exist:invalid-numIid-or-iid", "商品不存在")
    return item


def skus(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.item.skus.get: at most 40 items."""
    ids = p["num_iids"].split(",")
    if len(ids) > 40 or not all(each.strip().isdigit() for each in ids):
        raise invalid("num_iids")
    return {"skus": [sku for each in ids for sku in ctx.store.skus_of(each.strip())]}


def skus_custom(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.skus.custom.get: every SKU with this merchant code."""
    found = ctx.store.docs("SELECT doc FROM sku WHERE outer_id = ? ORDER BY sku_id", (p["outer_id"],))
    return {"skus": found}


def skus_quantity(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.skus.quantity.update: several SKUs of one item, in full or by increment (never below 0)."""
    item = _item(ctx, p["num_iid"])
    if p.get("skuid_quantities"):
        pairs = _pairs("skuid_quantities", p["skuid_quantities"])
        found = [(sku, by) for key, by in pairs for sku in [_sku_of(ctx, item, key)]]
    else:
        pairs = _pairs("outerid_quantities", p.get("outerid_quantities", ""))
        found = [(sku, by) for key, by in pairs for sku in _by_outer(ctx, item, key)]
    changed = [_set_sku(ctx, sku, by, _way(p.get("type", 1)), floor=True) for sku, by in found]
    return _changed(ctx, item, changed)


def _pairs(name: str, text: str) -> list[tuple[str, int]]:
    """`key:quantity;key:quantity`, at most 20."""
    parts = [part for part in text.split(";") if part]
    matches = [re.fullmatch(r"(.+):(-?\d{1,9})", part) for part in parts]
    if not parts or len(parts) > 20 or not all(matches):
        raise business(f"isv.invalid-parameter:{name}", "非法参数")
    return [(match[1], int(match[2])) for match in matches if match]


def _sku_of(ctx: Context, item: Doc, sku_id: str | int) -> Doc:
    sku = ctx.store.sku(sku_id)
    if sku is None or sku["num_iid"] != item["num_iid"]:
        raise business("isv.invalid-parameter:sku-properties", "SKU不存在或不属于该商品")
    return sku


def _by_outer(ctx: Context, item: Doc, outer_id: str) -> list[Doc]:
    found = [sku for sku in ctx.store.skus_of(item["num_iid"]) if sku["outer_id"] == outer_id]
    if not found:
        raise business("isv.invalid-parameter:outer_id", "商家编码对应的SKU不存在")
    return found


def _way(kind: int) -> int:
    if kind not in (_FULL, _BY):
        raise business("isv.invalid-parameter:type", "非法参数")
    return kind


def _new_quantity(old: int, given: int, way: int, *, floor: bool) -> int:
    new = given if way == _FULL else old + given
    if new < 0 and floor and way == _BY:
        return 0
    if new < 0:
        raise business("isv.invalid-parameter:quantity", "库存不能小于0")
    return new


def _set_sku(ctx: Context, sku: Doc, given: int, way: int, *, floor: bool) -> Doc:
    sku |= {"quantity": _new_quantity(sku["quantity"], given, way, floor=floor), "modified": ctx.now}
    ctx.store.put_sku(sku)
    return sku


def _changed(ctx: Context, item: Doc, changed: Sequence[Doc]) -> dict[str, Any]:
    fresh = total(ctx.store, item["num_iid"], ctx.now)
    return {"item": {**fresh, "iid": str(fresh["num_iid"]), "skus": list(changed)}}


def item_quantity(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.item.quantity.update: one item or one of its SKUs; an increment may not go below 0."""
    item, way = _item(ctx, p["num_iid"]), _way(p.get("type", 1))
    if "sku_id" in p:
        chosen = [_sku_of(ctx, item, p["sku_id"])]
    elif "outer_id" in p:
        chosen = _by_outer(ctx, item, p["outer_id"])
    else:
        _set_item(ctx, item, p["quantity"], way)
        return _changed(ctx, item, ())
    return _changed(ctx, item, [_set_sku(ctx, sku, p["quantity"], way, floor=False) for sku in chosen])


def _set_item(ctx: Context, item: Doc, given: int, way: int) -> None:
    if ctx.store.skus_of(item["num_iid"]):
        raise business("isv.invalid-parameter:sku-properties", "该商品有SKU，请修改SKU库存")
    item["num"] = _new_quantity(item["num"], given, way, floor=False)
    ctx.store.put_item(item)


def tmall_quantity(ctx: Context, p: Params) -> dict[str, Any]:
    """tmall.item.quantity.update: an increment with a known `outer_biz_key` is done once."""
    item, options = _item(ctx, p["item_id"]), p.get("options", {})
    way, key = _way(options.get("type", 1)), options.get("outer_biz_key", "")
    if key and not re.fullmatch(r"[0-9a-fA-F]+", key):
        raise invalid("options.outer_biz_key")
    if key and way == _BY and not ctx.store.run("INSERT OR IGNORE INTO once VALUES (?)", (f"stock:{key}",)):
        return {"quantity_update_result": str(item["num_iid"])}
    for wish in p.get("sku_quantities", []):
        for sku in _tmall_skus(ctx, item, wish):
            _set_sku(ctx, sku, wish.get("quantity", 0), way, floor=False)
    if not p.get("sku_quantities"):
        _set_item(ctx, item, p.get("item_quantity", -1), way)
    total(ctx.store, item["num_iid"], ctx.now)
    return {"quantity_update_result": str(item["num_iid"])}


def _tmall_skus(ctx: Context, item: Doc, wish: Doc) -> list[Doc]:
    if "sku_id" in wish:
        return [_sku_of(ctx, item, wish["sku_id"])]
    if "outer_id" in wish:
        return _by_outer(ctx, item, wish["outer_id"])
    found = [sku for sku in ctx.store.skus_of(item["num_iid"]) if sku["properties"] == wish.get("properties")]
    if not found:
        raise business("isv.invalid-parameter:sku-properties", "SKU不存在或不属于该商品")
    return found


def tmall_price(ctx: Context, p: Params) -> dict[str, Any]:
    """tmall.item.price.update: an item and its SKUs, all or none.

    The facts call the outcome of mixed ways to name SKUs unpredictable, and do not say what an item's price alone does
    to its SKUs: both are refused here.
    """
    item, wishes = _item(ctx, p["item_id"]), p.get("sku_prices", [])
    own = ctx.store.skus_of(item["num_iid"])
    ways = {way for wish in wishes for way in ("sku_id", "outer_id", "properties") if way in wish}
    if len(ways) > 1 or bool(own) != bool(wishes) or not (wishes or "item_price" in p):
        raise invalid("sku_prices")
    prices = [
        (sku, _price("sku_prices.price", wish.get("price", "")))
        for wish in wishes
        for sku in _tmall_skus(ctx, item, wish)
    ]
    if "item_price" in p:
        item["price"] = _price("item_price", p["item_price"])
    for sku, price in prices:
        ctx.store.put_sku(sku | {"price": price, "modified": ctx.now})
    ctx.store.put_item(item)
    total(ctx.store, item["num_iid"], ctx.now)
    return {"price_update_result": str(item["num_iid"])}


def _price(name: str, text: str) -> str:
    """Yuan with 2 places at most, 0 to 100,000,000."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text) or Decimal(text) > _DEAREST:
        raise invalid(name)
    return f"{Decimal(text):.2f}"
