"""tmall.item.price.update of the stand-in: strict about what the facts say, and about what they leave open."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.sandbox.test_items import with_skus, without_skus


def price(shop: Any, num_iid: int, sku_id: int) -> str:
    answer = shop.raw.call("taobao.item.skus.get", fields="sku_id,price", num_iids=str(num_iid))
    return next(str(sku["price"]) for sku in answer["skus"]["sku"] if sku["sku_id"] == sku_id)


def test_prices(open_shop: Callable[..., Any]) -> None:
    shop = open_shop(orders=1)
    num_iid, known = with_skus(shop)
    ids = [int(sku["sku_id"]) for sku in known]
    before = price(shop, num_iid, ids[0])

    def change(item: int, **params: Any) -> Any:
        sent = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()
        }
        return shop.raw.call("tmall.item.price.update", item_id=str(item), **sent)

    bad = [{"sku_id": ids[0], "price": "8.80"}, {"sku_id": ids[1], "price": "8.805"}]
    mixed = [{"sku_id": ids[0], "price": "8"}, {"outer_id": known[1]["outer_id"], "price": "8"}]
    for params in ({"sku_prices": bad}, {"sku_prices": mixed}, {"item_price": "8"}, {}):
        assert change(num_iid, **params)["code"] == 41
    foreign = change(num_iid, sku_prices=[{"sku_id": 1, "price": "8"}])
    assert foreign["sub_code"] == "isv.invalid-parameter:sku-properties"
    assert price(shop, num_iid, ids[0]) == before, "all or none"
    good = change(
        num_iid, sku_prices=[{"sku_id": ids[0], "price": "8.80"}, {"sku_id": ids[1], "price": "8.9"}]
    )
    assert good["price_update_result"] == str(num_iid)
    assert [price(shop, num_iid, one) for one in ids[:2]] == ["8.80", "8.90"]
    single = without_skus(shop)
    assert change(single, item_price="12.3")["price_update_result"] == str(single)
    item = shop.raw.call("taobao.item.seller.get", fields="num_iid,price", num_iid=str(single))["item"]
    assert item["price"] == "12.30"
