"""The gateway's door: every system parameter, the sign, typed parameters, envelopes."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sync_engine.sandbox.envelope import singular
from sync_engine.sandbox.sign import signature
from tests.sandbox.raw import ALL_TYPES, RECEIVER, sign

TIME = "taobao.time.get"


def error(shop: Any, change: dict[str, str | None], method: str = "taobao.trade.get", **business: str) -> Any:
    """The error of a request with some parameters changed or left out (None) and the sign made afterwards."""
    business = business or {"fields": "tid", "tid": "1"}
    params = shop.raw.params(method, **business)
    for name, value in change.items():
        params.pop(name, None)
        if value is not None:
            params[name] = value
    answer = shop.raw.send(params)
    assert answer.status_code == 200
    if params.get("format") != "json":
        code = ET.fromstring(answer.content).findtext("code")
        return {"code": int(code or 0)}
    return answer.json()["error_response"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"method": None}, 21),
        ({"method": "taobao.nothing.get"}, 22),
        ({"app_key": None}, 28),
        ({"app_key": "87654321"}, 29),
        ({"timestamp": None}, 30),
        ({"timestamp": "yesterday"}, 31),
        ({"timestamp": "2026-03-02 07:49:59"}, 31),
        ({"timestamp": "2026-03-02 08:10:01"}, 31),
        ({"v": None}, 32),
        ({"v": "3.0"}, 34),
        ({"format": "yaml"}, 23),
        ({"sign_method": "sha512"}, 25),
        ({"session": None}, 26),
        ({"session": "somebody"}, 27),
        ({"fields": None}, 40),
        ({"tid": ""}, 40),
        ({"tid": "12a"}, 41),
        ({"tid": "1.5"}, 41),
    ],
)
def test_door(open_shop: Any, change: dict[str, str | None], code: int) -> None:
    shop = open_shop(orders=3)
    assert error(shop, change)["code"] == code


def test_timestamp_within_ten_minutes_is_let_in(open_shop: Any) -> None:
    shop = open_shop(orders=3)
    for moment in ("2026-03-02 07:50:00", "2026-03-02 08:10:00"):
        assert error(shop, {"timestamp": moment})["sub_code"] == "isv.trade-not-exist"


def test_errors_name_what_is_wrong(open_shop: Any) -> None:
    shop = open_shop(orders=3)
    assert error(shop, {"fields": None})["msg"] == "Missing required arguments:fields"
    assert error(shop, {"tid": "x"})["msg"] == "Invalid arguments:tid"
    session = error(shop, {"session": "x"})
    assert session["sub_code"] == "invalid-sessionkey"
    assert len(session["request_id"]) == 12


def test_official_sign_vector() -> None:
    params = {
        "app_key": "12345678", "fields": "num_iid,title,nick,price,num", "format": "json", "session": "test", "v": "2.0",
        "method": "taobao.item.seller.get", "num_iid": "11223344", "sign_method": "md5", "timestamp": "2016-01-01 12:00:00",
    }  # fmt: skip
    assert signature(params, "helloworld", "md5") == "66987CB115214E59E6EC978214934FB8"
    params["sign_method"] = "hmac"
    assert signature(params, "helloworld", "hmac") == "D56D7858309C31B6251083A874D48273"
    params["sign_method"] = "hmac-sha256"
    expected = "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8"
    assert signature(params, "helloworld", "hmac-sha256") == expected


@pytest.mark.parametrize(("method", "digest"), [("hmac", hashlib.md5), ("hmac-sha256", hashlib.sha256)])
def test_hmac_signs(open_shop: Any, method: str, digest: Any) -> None:
    shop = open_shop(orders=3)
    params = {**shop.raw.params(TIME), "sign_method": method}
    text = "".join(key + params[key] for key in sorted(params))
    params["sign"] = hmac.new(b"sandbox-secret", text.encode(), digest).hexdigest().upper()
    assert (
        shop.raw.http.post(shop.raw.url, data=params).json()["time_get_response"]["time"]
        == "2026-03-02 08:00:00"
    )


def test_a_wrong_sign_is_refused(open_shop: Any) -> None:
    shop = open_shop(orders=3)
    params = shop.raw.params(TIME)
    right = sign(params)
    for wrong in (right.lower(), right[:-1] + "0", ""):
        if wrong != right:
            answer = shop.raw.http.post(shop.raw.url, data={**params, "sign": wrong}).json()
            assert answer["error_response"]["code"] in (24, 25)


def test_query_and_body_are_one(open_shop: Any) -> None:
    shop = open_shop(orders=3)
    params = shop.raw.params("taobao.trade.get", fields="tid,标题", tid="1")
    system = {name: params[name] for name in params if name not in ("fields", "tid")}
    answer = shop.raw.http.post(
        shop.raw.url, params={**system, "sign": sign(params)}, data={"fields": "tid,标题", "tid": "1"}
    )
    assert answer.json()["error_response"]["sub_code"] == "isv.trade-not-exist"
    by_get = shop.raw.http.get(shop.raw.url, params={**params, "sign": sign(params)})
    assert by_get.json()["error_response"]["sub_code"] == "isv.trade-not-exist"


def test_empty_values_may_be_signed_or_not(open_shop: Any) -> None:
    shop = open_shop(orders=3)
    params = {**shop.raw.params(TIME), "partner_id": ""}
    for signed in (sign(params), sign({k: v for k, v in params.items() if v})):
        answer = shop.raw.http.post(shop.raw.url, data={**params, "sign": signed}).json()
        assert "time_get_response" in answer


def test_only_requested_fields_and_64_bit_numbers(shop: Any) -> None:
    row = shop.raw.trades()[0]
    text = shop.raw.send(
        shop.raw.params("taobao.trade.get", fields="tid,orders.oid,orders.sku_id", tid=str(row["tid"]))
    ).text
    trade = json.loads(text)["trade_get_response"]["trade"]
    assert set(trade) == {"tid", "orders"}
    assert all(set(line) <= {"oid", "sku_id"} for line in trade["orders"]["order"])
    assert f'"tid":{row["tid"]}' in text
    assert len(str(row["tid"])) == 19


def test_sku_id_is_text_in_orders_and_number_in_items(shop: Any) -> None:
    line = next(o for t in shop.raw.trades() for o in t["orders"]["order"] if "sku_id" in o)
    assert isinstance(line["sku_id"], str)
    skus = shop.raw.call("taobao.item.skus.get", fields="sku_id,num_iid", num_iids=str(line["num_iid"]))[
        "skus"
    ]["sku"]
    assert int(line["sku_id"]) in [sku["sku_id"] for sku in skus]


def test_fields_that_lists_never_return(shop: Any) -> None:
    hidden = "buyer_message,seller_memo,promotion_details,est_con_time,service_tags"
    fields = f"tid,has_buyer_message,seller_flag,{hidden}"
    rows = shop.raw.call("taobao.trades.sold.get", fields=fields, page_size="100", type=ALL_TYPES)["trades"][
        "trade"
    ]
    assert any(row["has_buyer_message"] for row in rows)
    assert not any(set(row) & set(hidden.split(",")) for row in rows)
    chatty = next(row["tid"] for row in rows if row["has_buyer_message"])
    assert shop.raw.full(chatty)["buyer_message"]


def test_oaid_needs_its_five_fields(shop: Any) -> None:
    tid = str(shop.raw.trades()[0]["tid"])
    short = RECEIVER.replace(",receiver_phone", "")
    get = "taobao.trade.fullinfo.get"
    assert "oaid" not in shop.raw.call(get, fields=f"oaid,{short}", tid=tid)["trade"]
    assert "oaid" not in shop.raw.call(get, fields=RECEIVER, tid=tid)["trade"]
    assert "oaid" in shop.raw.call(get, fields=f"oaid,{RECEIVER}", tid=tid)["trade"]
    missed = shop.raw.call(get, fields=f"oaid,{short}", tid=tid, include_oaid="true")
    assert (missed["code"], missed["sub_code"]) == (15, "isv.oaid-field-miss")


def test_empty_list_leaves_no_key(shop: Any) -> None:
    answer = shop.raw.call(
        "taobao.trades.sold.increment.get", fields="tid",
        start_modified="2026-01-01 00:00:00", end_modified="2026-01-01 01:00:00",
    )  # fmt: skip
    assert set(answer) == {"total_results", "request_id"}
    assert answer["total_results"] == 0


def test_has_next_instead_of_total(shop: Any) -> None:
    get = "taobao.trades.sold.get"
    first = shop.raw.call(get, fields="tid", type=ALL_TYPES, page_size="10", use_has_next="true")
    assert first["has_next"] is True
    assert "total_results" not in first
    last = shop.raw.call(get, fields="tid", type=ALL_TYPES, page_size="100", use_has_next="true")
    assert last["has_next"] is False


def test_types_not_named_are_not_returned(open_shop: Any) -> None:
    shop = open_shop(orders=100, hours=24)

    def types(**more: str) -> set[str]:
        answer = shop.raw.call("taobao.trades.sold.get", fields="type", page_size="100", **more)
        return {row["type"] for row in answer.get("trades", {}).get("trade", [])}

    assert types() == types(type=ALL_TYPES) == {"guarantee_trade", "fixed", "step"}
    assert types(type="guarantee_trade") == {"guarantee_trade", "fixed"}
    assert types(type="fixed,cod") == {"fixed"}
    assert types(type="eticket") == set()


@pytest.mark.parametrize(
    "change",
    [
        {"page_size": "101"},
        {"page_size": "0"},
        {"page_no": "0"},
        {"end_modified": "2026-03-03 08:00:01"},
        {"end_modified": "2026-03-02 08:00:00"},
    ],
)
def test_increment_limits(shop: Any, change: dict[str, str]) -> None:
    window = {"start_modified": "2026-03-02 08:00:00", "end_modified": "2026-03-03 08:00:00"}
    answer = shop.raw.call("taobao.trades.sold.increment.get", fields="tid", **{**window, **change})
    assert answer["sub_code"].startswith("isv.invalid-parameter")


def test_increment_is_newest_first_and_pages_are_disjoint(shop: Any) -> None:
    window = {"start_modified": "2026-03-02 00:00:00", "end_modified": "2026-03-02 23:00:00"}
    seen: list[Any] = []
    for page in range(1, 20):
        answer = shop.raw.call(
            "taobao.trades.sold.increment.get", fields="tid,modified", type=ALL_TYPES, page_size="7", page_no=str(page),
            **window,
        )  # fmt: skip
        seen += answer.get("trades", {}).get("trade", [])
    assert len(seen) == answer["total_results"] == len({row["tid"] for row in seen})
    assert [row["modified"] for row in seen] == sorted((row["modified"] for row in seen), reverse=True)


def test_simplified_answers(shop: Any) -> None:
    params = shop.raw.params("taobao.trades.sold.get", fields="tid,orders", type=ALL_TYPES)
    plain = shop.raw.send({**params, "simplify": "true"}).json()
    assert isinstance(plain["trades"][0]["orders"], list)
    wrapped = shop.raw.send(params).json()["trades_sold_get_response"]
    assert wrapped["trades"]["trade"][0]["orders"]["order"] == plain["trades"][0]["orders"]
    broken = shop.raw.send({**params, "simplify": "true", "fields": ""}).json()
    assert broken["error_response"]["code"] == 40


def test_xml_is_the_default_format(shop: Any) -> None:
    params = shop.raw.params("taobao.trades.sold.get", fields="tid,orders", type=ALL_TYPES)
    del params["format"]
    root = ET.fromstring(shop.raw.send(params).content)
    assert root.tag == "trades_sold_get_response"
    assert len(root.findall("trades/trade")) > 20
    assert root.find("trades/trade/orders/order/oid") is not None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Trade", "trade"),
        ("PromotionDetail", "promotion_detail"),
        ("AddressDto", "address_dto"),
        ("AddressDTO", "address_dto"),
        ("CombineSubItemDO", "combine_sub_item_do"),
        ("WaybillCloudPrintResponse", "waybill_cloud_print_response"),
        ("String", "string"),
    ],
)
def test_inner_list_keys(name: str, key: str) -> None:
    assert singular(name) == key


def test_refund_lists_hold_at_most_a_hundred_fields(shop: Any) -> None:
    answer = shop.raw.call("taobao.refunds.receive.get", fields=",".join(f"a{n}" for n in range(101)))
    assert answer["msg"] == "Invalid arguments:fields"


def test_unknown_paths_and_methods_are_nothing(shop: Any) -> None:
    assert shop.raw.http.get(shop.raw.url.replace("/router/rest", "/")).status_code == 404


def test_session_refresh(shop: Any) -> None:
    refresh = "taobao.top.auth.token.refresh"
    answer = json.loads(shop.raw.call(refresh, refresh_token="sandbox-refresh")["token_result"])
    assert shop.raw.call("taobao.trade.get", fields="tid", tid="1")["code"] == 27
    shop.raw.session = answer["access_token"]
    assert shop.raw.call("taobao.trade.get", fields="tid", tid="1")["code"] == 15
    assert "code" in shop.raw.call(refresh, refresh_token="sandbox-refresh")
    assert "token_result" in shop.raw.call(refresh, refresh_token=answer["refresh_token"])
