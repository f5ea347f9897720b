"""Items, SKUs and the three ways to set stock."""

from __future__ import annotations

import json
from typing import Any

import pytest


def items(shop: Any) -> list[Any]:
    answer = shop.raw.call("taobao.items.onsale.get", fields="num_iid,num,outer_id,modified", page_size="200")
    return list(answer["items"]["item"])


def skus(shop: Any, num_iid: int) -> list[Any]:
    answer = shop.raw.call(
        "taobao.item.skus.get", fields="sku_id,quantity,outer_id,properties", num_iids=str(num_iid)
    )
    return list(answer.get("skus", {}).get("sku", []))


def with_skus(shop: Any) -> tuple[int, list[Any]]:
    return next((int(i["num_iid"]), s) for i in items(shop) for s in [skus(shop, i["num_iid"])] if len(s) > 2)


def without_skus(shop: Any) -> int:
    return next(int(i["num_iid"]) for i in items(shop) if not skus(shop, i["num_iid"]))


def quantity(shop: Any, num_iid: int, sku_id: int) -> int:
    return next(int(s["quantity"]) for s in skus(shop, num_iid) if s["sku_id"] == sku_id)


def test_lists(shop: Any) -> None:
    shelf = items(shop)
    store = shop.raw.call("taobao.items.inventory.get", fields="num_iid,approve_status")
    for item in store.get("items", {}).get("item", []):
        assert item["approve_status"] == "instock"
        assert item["num_iid"] not in [each["num_iid"] for each in shelf]
    page = shop.raw.call(
        "taobao.items.onsale.get", fields="num_iid,list_time", page_size="3", order_by="list_time:asc"
    )
    times = [item["list_time"] for item in page["items"]["item"]]
    assert times == sorted(times)
    assert page["total_results"] == len(shelf)
    assert shop.raw.call("taobao.items.onsale.get", fields="num_iid", page_size="201")["code"] == 15
    assert shop.raw.call("taobao.items.onsale.get", fields="num_iid", order_by="num_iid")["code"] == 41


def test_one_item_and_several(shop: Any) -> None:
    num_iid, known = with_skus(shop)
    item = shop.raw.call(
        "taobao.item.seller.get", fields="num_iid,sku.sku_id,sub_stock", num_iid=str(num_iid)
    )["item"]
    assert set(item) == {"num_iid", "skus", "sub_stock"}
    assert [s["sku_id"] for s in item["skus"]["sku"]] == [s["sku_id"] for s in known]
    assert shop.raw.call("taobao.item.seller.get", fields="num_iid", num_iid="1")["sub_code"].startswith(
        "isv.item-not-exist"
    )
    several = shop.raw.call("taobao.items.seller.list.get", fields="num_iid,sku", num_iids=f"{num_iid},1")
    assert [each["num_iid"] for each in several["items"]["item"]] == [num_iid]
    many = ",".join("1" * 21)
    assert shop.raw.call("taobao.items.seller.list.get", fields="num_iid", num_iids=many)["code"] == 41
    assert shop.raw.call("taobao.item.skus.get", fields="sku_id", num_iids=",".join("1" * 41))["code"] == 41


def test_skus_by_code(shop: Any) -> None:
    codes = [s["outer_id"] for i in items(shop) for s in skus(shop, i["num_iid"]) if "outer_id" in s]
    doubled = next(code for code in codes if codes.count(code) > 1)
    found = shop.raw.call("taobao.skus.custom.get", fields="sku_id,outer_id", outer_id=doubled)["skus"]["sku"]
    assert len(found) == 2
    assert {sku["outer_id"] for sku in found} == {doubled}


def test_full_and_incremental(shop: Any) -> None:
    num_iid, known = with_skus(shop)
    first, second = known[0]["sku_id"], known[1]["sku_id"]
    update = "taobao.skus.quantity.update"
    shop.clock.sleep(60)
    answer = shop.raw.call(update, num_iid=str(num_iid), skuid_quantities=f"{first}:5;{second}:7")["item"]
    assert {s["sku_id"]: s["quantity"] for s in answer["skus"]["sku"]} == {first: 5, second: 7}
    listed = next(i for i in items(shop) if i["num_iid"] == num_iid)
    assert listed["num"] == answer["num"] == sum(s["quantity"] for s in skus(shop, num_iid))
    assert listed["modified"] == answer["modified"]
    shop.raw.call(update, num_iid=str(num_iid), skuid_quantities=f"{first}:-9;{second}:-2", type="2")
    assert (quantity(shop, num_iid, first), quantity(shop, num_iid, second)) == (0, 5)
    refused = shop.raw.call(update, num_iid=str(num_iid), skuid_quantities=f"{second}:3;{first}:-1")
    assert refused["code"] == 15
    assert quantity(shop, num_iid, second) == 5


@pytest.mark.parametrize("text", ["", "5", "1:2:x", "a:b", ";".join(f"{n}:1" for n in range(21)), "99:1"])
def test_bad_quantities(shop: Any, text: str) -> None:
    num_iid, _ = with_skus(shop)
    answer = shop.raw.call("taobao.skus.quantity.update", num_iid=str(num_iid), skuid_quantities=text)
    assert answer["sub_code"].startswith("isv.invalid-parameter")


def test_by_merchant_code(shop: Any) -> None:
    num_iid, known = with_skus(shop)
    code = known[0]["outer_id"]
    shop.raw.call("taobao.skus.quantity.update", num_iid=str(num_iid), outerid_quantities=f"{code}:11")
    assert quantity(shop, num_iid, known[0]["sku_id"]) == 11


def test_item_quantity(shop: Any) -> None:
    update, plain = "taobao.item.quantity.update", without_skus(shop)
    assert shop.raw.call(update, num_iid=str(plain), quantity="8")["item"]["num"] == 8
    assert shop.raw.call(update, num_iid=str(plain), quantity="-9", type="2")["code"] == 15
    assert shop.raw.call(update, num_iid=str(plain), quantity="-8", type="2")["item"]["num"] == 0
    num_iid, known = with_skus(shop)
    assert "item" in shop.raw.call(update, num_iid=str(num_iid), sku_id=str(known[0]["sku_id"]), quantity="4")
    assert quantity(shop, num_iid, known[0]["sku_id"]) == 4
    assert shop.raw.call(update, num_iid=str(num_iid), quantity="4")["code"] == 15


def test_tmall_quantity(shop: Any) -> None:
    update = "tmall.item.quantity.update"
    num_iid, known = with_skus(shop)
    wishes = [{"sku_id": known[0]["sku_id"], "quantity": 30}, {"sku_id": known[1]["sku_id"], "quantity": 31}]
    answer = shop.raw.call(update, item_id=str(num_iid), sku_quantities=wishes)
    assert answer["quantity_update_result"] == str(num_iid)
    assert [quantity(shop, num_iid, w["sku_id"]) for w in wishes] == [30, 31]
    options = {"type": 2, "outer_biz_key": "ab12"}
    for _ in range(2):
        shop.raw.call(
            update, item_id=str(num_iid), sku_quantities=[{**wishes[0], "quantity": -3}], options=options
        )
    assert quantity(shop, num_iid, known[0]["sku_id"]) == 27
    assert shop.raw.call(update, item_id=str(num_iid), sku_quantities=wishes * 11)["code"] == 41
    assert shop.raw.call(update, item_id=str(num_iid), sku_quantities="no json")["code"] == 41
    assert (
        shop.raw.call(update, item_id=str(num_iid), sku_quantities=wishes, options={"outer_biz_key": "xyz"})[
            "code"
        ]
        == 41
    )
    plain = without_skus(shop)
    shop.raw.call(update, item_id=str(plain), item_quantity="3")
    listed = shop.raw.call("taobao.item.seller.get", fields="num", num_iid=str(plain))
    assert json.dumps(listed["item"]) == '{"num": 3}'
