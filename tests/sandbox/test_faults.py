"""Troubles: each strikes when it should, is logged, and is kept over a restart."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from sync_engine.clock import VirtualClock
from sync_engine.sandbox.faults import Faults, Rule, Switches, faults_from, striking
from sync_engine.sandbox.server import Sandbox
from tests.sandbox.raw import ALL_TYPES, buy, wish

INCREMENT = "taobao.trades.sold.increment.get"
WINDOW = {"start_modified": "2026-03-02 08:00:00", "end_modified": "2026-03-02 20:00:00"}


def log(shop: Any) -> list[Any]:
    return [json.loads(line) for line in (shop.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def use(shop: Any, *rules: Rule, **switches: Any) -> None:
    shop.sandbox.set_faults(Faults(rules=rules, switches=Switches(**switches)))


def page(shop: Any, **more: str) -> list[int]:
    answer = shop.raw.call(
        INCREMENT, fields="tid,modified", type=ALL_TYPES, page_size="100", **{**WINDOW, **more}
    )
    return [row["tid"] for row in answer.get("trades", {}).get("trade", [])]


def test_lost_after_success(shop: Any) -> None:
    trade = shop.raw.ready(1)[0]
    use(shop, Rule(kind="lost", api="cainiao.waybill.ii.get", nth=1))
    with pytest.raises(requests.ConnectionError):
        buy(shop.raw, [wish(trade, "p1")])
    last = log(shop)[-1]
    assert (last["ok"], last["faults"]) == (True, ["lost"])
    code = last["result"]["modules"][0]["waybill_code"]
    find = "cainiao.waybill.ii.query.by.tradecode"
    answer = shop.raw.call(find, param_list=[{"biz_sub_code": str(trade["tid"]), "object_id": "1"}])
    (module,) = answer["modules"]["waybill_cloud_print_with_result_desc_response"]
    assert module["waybill_cloud_print_response"]["waybill_code"] == code


@pytest.mark.parametrize(
    ("kind", "after"), [("http", False), ("http", True), ("html", False), ("html", True)]
)
def test_pages_instead_of_answers(shop: Any, kind: str, after: bool) -> None:
    trade = shop.raw.ready(1)[0]
    send = "taobao.logistics.offline.send"
    use(shop, Rule(kind=kind, api=send, nth=1, after=after))
    params = shop.raw.params(send, tid=str(trade["tid"]), out_sid="YT0000000000001", company_code="YTO")
    answer = shop.raw.send(params)
    assert answer.status_code == (502 if kind == "http" else 200)
    assert "<html>" in answer.text
    assert log(shop)[-1]["ok"] is after
    done = shop.raw.full(trade["tid"])["status"] == "WAIT_BUYER_CONFIRM_GOODS"
    assert done is after


@pytest.mark.parametrize("after", [False, True])
def test_isp_errors(shop: Any, after: bool) -> None:
    trade = shop.raw.ready(1)[0]
    use(shop, Rule(kind="isp", api="*.memo.*", nth=1, after=after))
    answer = shop.raw.call("taobao.trade.memo.update", tid=str(trade["tid"]), memo="新")
    assert answer["code"] == 15
    assert answer["sub_code"].startswith("isp.")
    assert (shop.raw.full(trade["tid"]).get("seller_memo") == "新") is after


def test_bans(shop: Any) -> None:
    use(shop, Rule(kind="ban", api="taobao.time.get", nth=2, seconds=7))
    assert "time" in shop.raw.call("taobao.time.get")
    answer = shop.raw.call("taobao.time.get")
    assert (answer["code"], answer["sub_code"]) == (7, "accesscontrol.limited-by-api-access-count")
    assert answer["sub_msg"] == "This ban will last for 7 more seconds"
    assert "time" in shop.raw.call("taobao.time.get")


def test_limits_by_the_second_and_day(shop: Any) -> None:
    use(shop, calls_per_second=2)
    codes = [shop.raw.call("taobao.time.get").get("code") for _ in range(4)]
    assert codes == [None, None, 7, 7]
    assert "code" not in shop.raw.call("taobao.logistics.companies.get", fields="id")
    shop.clock.sleep(1)
    assert "time" in shop.raw.call("taobao.time.get")
    use(shop, calls_per_day=1)
    codes = [shop.raw.call("taobao.time.get").get("code") for _ in range(2)]
    assert codes == [None, 7]


def test_token_expires(shop: Any) -> None:
    use(shop, Rule(kind="token", api="taobao.trade.get", nth=2))
    assert shop.raw.call("taobao.trade.get", fields="tid", tid="1")["code"] == 15
    for _ in range(2):
        answer = shop.raw.call("taobao.trade.get", fields="tid", tid="1")
        assert (answer["code"], answer["sub_code"]) == (27, "session-expired")
    token = json.loads(
        shop.raw.call("taobao.top.auth.token.refresh", refresh_token="sandbox-refresh")["token_result"]
    )
    shop.raw.session = token["access_token"]
    assert shop.raw.call("taobao.trade.get", fields="tid", tid="1")["code"] == 15


def test_slow(shop: Any) -> None:
    use(shop, Rule(kind="slow", api="taobao.time.get", nth=1, seconds=0.3))
    start = time.monotonic()
    shop.raw.call("taobao.time.get")
    assert time.monotonic() - start >= 0.3


def test_pages_shift(shop: Any) -> None:
    before = page(shop)
    shop.clock.sleep(1)
    use(shop, Rule(kind="shift", api=INCREMENT, nth=1))
    assert page(shop) == before
    after = page(shop)
    assert len(after) == len(before) - 1
    assert set(after) < set(before)


def test_pages_in_disorder(shop: Any) -> None:
    before = page(shop)
    use(shop, Rule(kind="duplicate", api=INCREMENT, nth=1), Rule(kind="shuffle", api=INCREMENT, nth=2))
    doubled = page(shop)
    assert sorted(set(doubled)) == sorted(before)
    assert len(doubled) == len(before) + 1
    mixed = page(shop)
    assert mixed != before
    assert sorted(mixed) == sorted(before)
    use(shop, Rule(kind="hide", api=INCREMENT, nth=1))
    assert len(page(shop)) == len(before) - 1
    assert page(shop) == before


def test_a_crowd_in_the_last_second(shop: Any) -> None:
    use(shop, Rule(kind="crowd", api=INCREMENT, nth=1))
    end = {"end_modified": "2026-03-02 15:00:00"}
    before = page(shop, **end)
    last = {"start_modified": "2026-03-02 14:59:59", "end_modified": "2026-03-02 15:00:00"}
    assert len(page(shop, **last)) >= 5
    assert len(page(shop, **end)) == len(before)


def test_chance_is_seeded() -> None:
    faults = Faults(
        rules=(Rule(kind="lost", probability=0.3), Rule(kind="isp", api="a.*", probability=1, times=2))
    )

    def run(seed: int) -> list[int]:
        counts: Any = {}
        return [len(striking(faults, counts, "a.b", seed)) for _ in range(200)]

    assert run(1) == run(1) != run(2)
    assert 40 <= sum(run(1)) <= 80
    assert striking(faults, {}, "b.a", 3) in ([], [faults.rules[0]])


def test_control_endpoint_and_restart(shop: Any) -> None:
    control = shop.raw.url.replace("/router/rest", "/sandbox/faults")
    wanted = {"rules": [{"kind": "isp", "api": "*", "nth": 1}], "switches": {"repeat": "same"}}
    told = shop.raw.http.post(control, json=wanted).json()
    assert told["switches"]["repeat"] == "same"
    assert told["rules"][0]["nth"] == 1
    for wrong in ({"rules": [{"kind": "nothing"}]}, {"rules": [{"knd": "isp"}]}, {"switches": {"x": 1}}, [1]):
        answer = shop.raw.http.post(control, json=wrong)
        assert answer.status_code == 400
        assert answer.json()["ok"] is False
    assert shop.raw.http.get(control).json() == told
    shop.sandbox.stop()
    again = Sandbox(shop.folder, VirtualClock(shop.clock.now()))
    assert again.faults == faults_from(wanted)
    again.stop()
