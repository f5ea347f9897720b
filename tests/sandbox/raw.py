"""A client written for these tests alone, straight from the protocol's rules: it knows nothing of the sandbox's inside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import requests

from sync_engine.clock import Clock, format_time

ALL_TYPES = "fixed,guarantee_trade,auto_delivery,ec,cod,step"
RECEIVER = "receiver_name,receiver_address,created,receiver_mobile,receiver_phone"
FULL = (
    f"tid,type,status,modified,payment,post_fee,total_fee,discount_fee,adjust_fee,orders,oaid,{RECEIVER},receiver_state,"
    "receiver_city,receiver_district,receiver_town,buyer_message,seller_memo,seller_flag,pay_time,consign_time,end_time,"
    "promotion_details,step_trade_status,step_paid_fee,buyer_open_uid,title,num,received_payment,"
    "forbid_consign,team_buy_hold,share_group_hold,ofp_hold,top_hold"
)
START = datetime.fromisoformat("2026-03-02T08:00:00+08:00")


def sign(params: dict[str, str]) -> str:
    text = "".join(key + params[key] for key in sorted(params))
    return hashlib.md5(("sandbox-secret" + text + "sandbox-secret").encode()).hexdigest().upper()


class Raw:
    """Calls the gateway and gives back what is inside the root key, or the error."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url, self.clock, self.http = url, clock, requests.Session()
        self.http.trust_env = False
        self.session = "sandbox-session"

    def close(self) -> None:
        self.http.close()

    def params(self, method: str, **business: Any) -> dict[str, str]:
        params = {
            "method": method,
            "app_key": "12345678",
            "session": self.session,
            "timestamp": format_time(self.clock.now()),
            "format": "json",
            "v": "2.0",
            "sign_method": "md5",
        }
        for name, value in business.items():
            params[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return {name: value for name, value in params.items() if value is not None}

    def send(self, params: dict[str, str]) -> requests.Response:
        return self.http.post(self.url, data={**params, "sign": sign(params)}, timeout=10)

    def call(self, method: str, **business: Any) -> Any:
        body = self.send(self.params(method, **business)).json()
        ((root, value),) = body.items()
        if root != "error_response":
            assert root == method.removeprefix("taobao.").replace(".", "_") + "_response"
        return value

    def trades(self, **filters: str) -> list[Any]:
        found: list[Any] = []
        for page in range(1, 200):
            answer = self.call(
                "taobao.trades.sold.get", fields="tid,status,type,orders", page_no=str(page), page_size="100",
                type=ALL_TYPES, **filters,
            )  # fmt: skip
            rows = answer.get("trades", {}).get("trade", [])
            found += rows
            if len(rows) < 100:
                return found
        raise AssertionError("no end of pages")

    def full(self, tid: int) -> Any:
        return self.call("taobao.trade.fullinfo.get", fields=FULL, tid=str(tid))["trade"]

    def free(self) -> Iterator[Any]:
        """Trades that can be shipped, in full, none held back, no refund open; each is asked for when it is wanted."""
        holds = ("forbid_consign", "team_buy_hold", "share_group_hold", "ofp_hold", "top_hold")
        for row in self.trades(status="WAIT_SELLER_SEND_GOODS"):
            trade = self.full(row["tid"])
            refunds = {order["refund_status"] for order in trade["orders"]["order"]}
            if refunds == {"NO_REFUND"} and not any(trade.get(hold) for hold in holds):
                yield trade

    def ready(self, count: int | None = None) -> list[Any]:
        """The first of them, or all."""
        return list(islice(self.free(), count))

    def ship(self, trade: Any, number: str, **more: str) -> Any:
        return self.call(
            "taobao.logistics.offline.send", tid=str(trade["tid"]), out_sid=number, company_code="YTO", **more
        )


def wish(trade: Any, package: str, cp_code: str = "YTO", template: int = 101, **more: Any) -> dict[str, Any]:
    """One entry of a waybill request for a trade."""
    address = {
        "province": trade["receiver_state"],
        "city": trade.get("receiver_city"),
        "district": trade.get("receiver_district"),
        "detail": trade["receiver_address"],
    }
    recipient = {
        "name": trade["receiver_name"],
        "mobile": trade.get("receiver_mobile"),
        "phone": trade.get("receiver_phone"),
        "address": address,
        "oaid": trade["oaid"],
        "tid": str(trade["tid"]),
    }
    return {
        "object_id": package,
        "order_info": {"order_channels_type": "TM", "trade_order_list": [str(trade["tid"])]},
        "package_info": {"id": package, "items": [{"name": "衣服", "count": 1}], "weight": 500},
        "recipient": recipient,
        "template_url": f"http://cloudprint.cainiao.com/template/standard/{template}",
        "user_id": 2200000000001,
        **more,
    }


def waybill_request(entries: list[Any], cp_code: str = "YTO", **more: Any) -> dict[str, Any]:
    """The whole `param_waybill_cloud_print_apply_new_request`."""
    address = {"province": "浙江省", "city": "杭州市", "district": "余杭区", "detail": "文一西路1号仓"}
    sender = {"address": address, "name": "表猫仓库", "mobile": "13800000000"}
    return {
        "cp_code": cp_code,
        "sender": sender,
        "trade_order_info_dtos": entries,
        "need_encrypt": False,
        **more,
    }


def buy(raw: Raw, entries: list[Any], cp_code: str = "YTO", **more: Any) -> Any:
    request = waybill_request(entries, cp_code, **more)
    return raw.call("cainiao.waybill.ii.get", param_waybill_cloud_print_apply_new_request=request)
