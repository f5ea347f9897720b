"""cainiao.waybill.ii.*: buying, asking, changing, giving back."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sync_engine.sandbox.faults import Faults, Rule, Switches
from sync_engine.sandbox.store import Store
from tests.sandbox.raw import buy, waybill_request, wish

GET, FIND, CANCEL = (
    "cainiao.waybill.ii.get",
    "cainiao.waybill.ii.query.by.tradecode",
    "cainiao.waybill.ii.cancel",
)
LAYOUTS = {"ZTO": 301, "YTO": 101, "YUNDA": 401, "STO": 201, "EMS": 701, "POSTB": 801, "DBKD": 1301}


def bought(answer: Any) -> list[Any]:
    return list(answer["modules"]["waybill_cloud_print_response"])


def found(shop: Any, *tids: Any) -> list[Any]:
    asked = [{"biz_sub_code": str(tid), "object_id": str(n)} for n, tid in enumerate(tids)]
    modules = shop.raw.call(FIND, param_list=asked)["modules"][
        "waybill_cloud_print_with_result_desc_response"
    ]
    return [
        each["waybill_cloud_print_response"] for each in modules if "waybill_cloud_print_response" in each
    ]


def balance(shop: Any, cp_code: str) -> Any:
    answer = shop.raw.call("cainiao.waybill.ii.search", cp_code=cp_code)
    (info,) = answer["waybill_apply_subscription_cols"]["waybill_apply_subscription_info"]
    return info["branch_account_cols"]["waybill_branch_account"][0]


def test_a_batch(shop: Any) -> None:
    trades = shop.raw.ready(10)
    answer = bought(buy(shop.raw, [wish(t, f"{t['tid']}_1") for t in trades]))
    assert [each["object_id"] for each in answer] == [f"{t['tid']}_1" for t in trades]
    assert len({each["waybill_code"] for each in answer}) == 10
    data = json.loads(answer[0]["print_data"])
    assert data["data"]["waybillCode"] == answer[0]["waybill_code"]
    assert data["data"]["recipient"]["address"]["detail"].startswith("AES:")
    assert data["templateURL"].endswith("/101")
    assert data["data"]["routingInfo"]["sortation"]["name"]
    assert balance(shop, "YTO")["allocated_quantity"] == 10


@pytest.mark.parametrize("cp_code", list(LAYOUTS))
def test_numbers_are_made_for_barcodes(shop: Any, cp_code: str) -> None:
    trade = shop.raw.ready(1)[0]
    (one,) = bought(buy(shop.raw, [wish(trade, "p1", template=LAYOUTS[cp_code])], cp_code))
    assert one["cp_code"] == one["real_cp_code"] == cp_code
    assert re.fullmatch(r"[A-Z]*\d+", one["waybill_code"])
    assert re.fullmatch(r"[\x00-\x7f]{8,20}", one["waybill_code"])
    sent = shop.raw.call(
        "taobao.logistics.offline.send",
        tid=str(trade["tid"]),
        out_sid=one["waybill_code"],
        company_code=cp_code,
    )
    assert sent["shipping"]["is_success"]


def test_sealed_print_data(shop: Any) -> None:
    trade = shop.raw.ready(1)[0]
    (one,) = bought(buy(shop.raw, [wish(trade, "p1")], need_encrypt=True))
    assert set(json.loads(one["print_data"])) == {"encryptedData", "signature", "templateURL", "ver"}


def change(path: str, value: Any) -> Any:
    """A function that sets one value deep inside an entry."""

    def apply(entry: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for name in way:
            entry = entry[name]
        entry[last] = value

    return apply


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("recipient.oaid", "1old", 15),
        ("recipient.oaid", "", 15),
        ("recipient.tid", "4600000000000000001", 15),
        ("recipient.tid", None, 15),
        ("recipient.name", None, 40),
        ("recipient.address.province", None, 40),
        ("recipient.mobile", "1" * 20, 15),
        ("order_info.order_channels_type", "SHOP", 15),
        ("order_info.trade_order_list", ["a b"], 15),
        ("order_info.trade_order_list", [], 40),
        ("package_info.id", "tid-1", 15),
        ("package_info.items", [], 40),
        ("package_info.items", [{"name": "x", "count": 0}], 15),
        ("package_info.items", [{"name": "x"}], 40),
        ("package_info.weight", "heavy", 41),
        ("package_info", "text", 41),
        ("template_url", "http://cloudprint.cainiao.com/template/standard/301", 15),
        ("user_id", 1, 15),
        ("user_id", None, 40),
        ("object_id", None, 40),
    ],
)
def test_one_bad_entry_fails_all(shop: Any, path: str, value: Any, code: int) -> None:
    good, bad = [wish(t, f"p{n}") for n, t in enumerate(shop.raw.ready(2))]
    change(path, value)(bad)
    answer = buy(shop.raw, [good, bad])
    assert answer["code"] == code, answer
    assert balance(shop, "YTO")["allocated_quantity"] == 0


def test_bad_entries_alone_where_switched(shop: Any) -> None:
    shop.sandbox.set_faults(Faults(switches=Switches(batch_fails="entry")))
    good, bad = [wish(t, f"p{n}") for n, t in enumerate(shop.raw.ready(2))]
    change("recipient.oaid", "1old")(bad)
    assert [each["object_id"] for each in bought(buy(shop.raw, [good, bad]))] == ["p0"]


def test_batches_and_senders(shop: Any) -> None:
    trade = shop.raw.ready(1)[0]
    assert buy(shop.raw, [wish(trade, f"p{n}") for n in range(11)])["code"] == 15
    assert buy(shop.raw, [wish(trade, "a"), wish(trade, "A", object_id="2")])["code"] == 15
    request = waybill_request([wish(trade, "a")])
    request["sender"]["address"]["detail"] = "文一西路2号仓"
    assert "发货地址" in shop.raw.call(GET, param_waybill_cloud_print_apply_new_request=request)["sub_msg"]
    assert buy(shop.raw, [wish(trade, "a")], "NOBODY")["code"] == 15
    assert shop.raw.call(GET, param_waybill_cloud_print_apply_new_request="{")["code"] == 41
    assert shop.raw.call(GET)["code"] == 40


def test_sf_wants_a_description(shop: Any) -> None:
    entry = wish(shop.raw.ready(1)[0], "p1", template=1501)
    assert "goods_description" in buy(shop.raw, [entry], "SF")["sub_msg"]
    entry["package_info"]["goods_description"] = "服装"
    assert bought(buy(shop.raw, [entry], "SF"))[0]["waybill_code"].startswith("SF")
    assert "quantity" not in balance(shop, "SF") or balance(shop, "SF")["quantity"] == 0


def test_the_same_parcel_again(shop: Any) -> None:
    entry = wish(shop.raw.ready(1)[0], "p1")
    first, second = (bought(buy(shop.raw, [entry]))[0]["waybill_code"] for _ in range(2))
    assert first != second
    assert {each["waybill_code"] for each in found(shop, entry["recipient"]["tid"])} == {first, second}
    shop.sandbox.set_faults(Faults(switches=Switches(repeat="same")))
    entry = wish(shop.raw.ready(2)[1], "p1")
    first, second = (bought(buy(shop.raw, [entry]))[0]["waybill_code"] for _ in range(2))
    assert first == second
    assert balance(shop, "YTO")["allocated_quantity"] == 3


def test_lists_as_text_are_taken(shop: Any) -> None:
    entry = wish(shop.raw.ready(1)[0], "p1")
    tid = entry["order_info"]["trade_order_list"][0]
    entry["order_info"]["trade_order_list"] = tid
    (one,) = bought(buy(shop.raw, [entry]))
    assert [each["waybill_code"] for each in found(shop, tid)] == [one["waybill_code"]]


def test_new_numbers_stay_invisible_for_a_while(shop: Any) -> None:
    shop.sandbox.set_faults(Faults(switches=Switches(invisible_seconds=60)))
    trade = shop.raw.ready(1)[0]
    buy(shop.raw, [wish(trade, "p1")])
    assert found(shop, trade["tid"]) == []
    shop.clock.sleep(60)
    assert len(found(shop, trade["tid"])) == 1


def test_questions_have_limits(shop: Any) -> None:
    asked = [{"biz_sub_code": "1", "object_id": str(n)} for n in range(11)]
    assert shop.raw.call(FIND, param_list=asked)["code"] == 41
    assert found(shop, "1", "2") == []


def test_giving_back(shop: Any) -> None:
    trade = shop.raw.ready(1)[0]
    (one,) = bought(buy(shop.raw, [wish(trade, "p1")]))
    code = one["waybill_code"]
    before = balance(shop, "YTO")["quantity"]
    assert shop.raw.call(CANCEL, cp_code="YTO", waybill_code="YT0")["code"] == 15
    assert shop.raw.call(CANCEL, cp_code="ZTO", waybill_code=code)["code"] == 15
    assert shop.raw.call(CANCEL, cp_code="YTO", waybill_code=code)["cancel_result"] is True
    assert shop.raw.call(CANCEL, cp_code="YTO", waybill_code=code)["cancel_result"] is False
    assert found(shop, trade["tid"]) == []
    assert balance(shop, "YTO")["quantity"] == before + 1


def test_too_late_to_give_back(shop: Any) -> None:
    trade = shop.raw.ready(1)[0]
    (one,) = bought(buy(shop.raw, [wish(trade, "p1")]))
    shop.raw.ship(trade, one["waybill_code"])
    shop.clock.sleep(3 * 3600)
    assert shop.raw.call(CANCEL, cp_code="YTO", waybill_code=one["waybill_code"])["cancel_result"] is False


def test_update(shop: Any) -> None:
    trade = shop.raw.ready(1)[0]
    (one,) = bought(buy(shop.raw, [wish(trade, "p1")]))
    request = {"cp_code": "YTO", "waybill_code": one["waybill_code"], "package_info": {"weight": 900}}
    update = "cainiao.waybill.ii.update"
    answer = shop.raw.call(update, param_waybill_cloud_print_update_request=request)
    assert answer["waybill_code"] == one["waybill_code"]
    assert json.loads(answer["print_data"])["data"]["packageInfo"]["weight"] == 900
    by_code = shop.raw.call(
        "cainiao.waybill.ii.query.by.waybillcode",
        param_list=[{"cp_code": "YTO", "waybill_code": one["waybill_code"], "object_id": "1"}],
    )
    (shown,) = by_code["modules"]["waybill_cloud_print_with_result_desc_response"]
    assert shown["waybill_cloud_print_response"]["print_data"] == answer["print_data"]
    shop.raw.call(CANCEL, cp_code="YTO", waybill_code=one["waybill_code"])
    assert shop.raw.call(update, param_waybill_cloud_print_update_request=request)["code"] == 15


def test_a_dead_trade_still_gets_one(open_shop: Any) -> None:
    shop = open_shop(orders=200, hours=24)
    dead = shop.raw.full(shop.raw.trades(status="TRADE_CLOSED")[0]["tid"])
    assert len(bought(buy(shop.raw, [wish(dead, "p1")]))) == 1


def test_an_empty_account(shop: Any) -> None:
    shop.sandbox.set_faults(Faults(rules=(Rule(kind="balance", api=GET, nth=1),)))
    entry = wish(shop.raw.ready(1)[0], "p1")
    assert buy(shop.raw, [entry])["sub_msg"] == "电子面单余额不足"
    assert len(bought(buy(shop.raw, [entry]))) == 1


def test_the_last_number_of_an_account(shop: Any) -> None:
    store = Store(shop.folder / "state.sqlite")
    store.run("UPDATE account SET quantity = 1")
    store.close()
    entries = [wish(trade, f"p{n}") for n, trade in enumerate(shop.raw.ready(2))]
    assert buy(shop.raw, entries)["sub_msg"] == "电子面单余额不足"
    assert balance(shop, "YTO")["quantity"] == 1
    assert found(shop, *(entry["recipient"]["tid"] for entry in entries)) == []
    assert len(bought(buy(shop.raw, entries[:1]))) == 1


def test_templates(shop: Any) -> None:
    answer = shop.raw.call("cainiao.cloudprint.stdtemplates.get")["result"]
    assert answer["success"] is True
    listed = {
        each["cp_code"]: each["standard_templates"]["standard_template_do"][0]["standard_template_id"]
        for each in answer["datas"]["standard_template_result"]
    }
    assert listed.items() >= LAYOUTS.items()


def test_refund_just_after_the_purchase(open_shop: Any) -> None:
    shop = open_shop(orders=400, seed=21, hours=23)
    ready = shop.raw.ready()
    for start in range(0, len(ready), 10):
        buy(shop.raw, [wish(trade, f"{trade['tid']}_1") for trade in ready[start : start + 10]])
    shop.clock.sleep(301)
    asked = [
        trade["tid"]
        for trade in map(shop.raw.full, (t["tid"] for t in ready))
        if any(line["refund_status"] != "NO_REFUND" for line in trade["orders"]["order"])
    ]
    assert asked
