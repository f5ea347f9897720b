"""The courier port over Cainiao's electronic waybills, called through the same gateway.

Nothing is known of these calls being idempotent, so a purchase is never repeated: one in doubt is looked up with
`find`. Whether a lookup shows cancelled waybills, and how, is not documented (UNSURE): a waybill it leaves out counts
as not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sync_engine.errors import Answer, OutcomeUnknown, Refused
from sync_engine.parcel import Sender, Waybill, WaybillAccount, WaybillOrder, WaybillRefusal
from sync_engine.tmall.gateway import Gateway, unwrap
from sync_engine.tmall.parse import text

STANDARD_TEMPLATES = {
    "YTO": 101, "STO": 201, "ZTO": 301, "YUNDA": 401, "HTKY": 501, "TTKDEX": 601, "EMS": 701, "POSTB": 801, "ZJS": 901,
    "UC": 1001, "GTO": 1101, "FAST": 1201, "DBKD": 1301, "QFKD": 1401, "SF": 1501, "EYB": 1601,
}  # fmt: skip
TEMPLATE_URL = "http://cloudprint.cainiao.com/template/standard/{}"
BATCH = 10
_OUR_TID = re.compile(r"\d+|S\d{12}O(?:R?\d+)")  # of Tmall, or of 手工订单
ITEMS = 100


class CainiaoCarrier:
    """`CarrierPort` over cainiao.waybill.ii.*."""

    batch_size = BATCH

    def __init__(
        self, gateway: Gateway, *, sender: Sender, user_id: str, order_channel: str = "TM",
        templates: Mapping[str, str] | None = None, need_encrypt: bool = False,
    ) -> None:  # fmt: skip
        self._gateway, self._sender, self._user_id = gateway, sender, user_id
        self._channel, self._need_encrypt = order_channel, need_encrypt
        self._templates = dict(templates or {})

    def buy(self, cp_code: str, orders: Sequence[WaybillOrder]) -> list[Waybill | WaybillRefusal]:
        """See `CarrierPort`."""
        if not 0 < len(orders) <= BATCH or len({order.sender for order in orders}) != 1:
            raise ValueError(f"a batch holds 1 to {BATCH} parcels of one sender")
        api, by_object = "cainiao.waybill.ii.get", {str(i): order for i, order in enumerate(orders, start=1)}
        request = {
            "cp_code": cp_code,
            "sender": _sender_part(orders[0].sender or self._sender),
            "need_encrypt": self._need_encrypt,
            "trade_order_info_dtos": [self._order_part(cp_code, i, order) for i, order in by_object.items()],
        }
        params = {"param_waybill_cloud_print_apply_new_request": _json(request)}
        answer = self._gateway.call(api, params, writes=True)
        modules = {text(module, "object_id"): module for module in _modules(answer)}
        if set(modules) != set(by_object):
            raise OutcomeUnknown(
                Answer(api=api, text="取号答复与请求对不上 / the answer does not match the parcels")
            )
        return [_bought(modules[i], cp_code, order) for i, order in by_object.items()]

    def find(self, tids: Sequence[str]) -> list[Waybill]:
        """See `CarrierPort`."""
        if not tids:
            return []
        by_object = {str(i): tid for i, tid in enumerate(tids, start=1)}
        wanted = [{"biz_sub_code": tid, "object_id": i} for i, tid in by_object.items()]
        answer = self._gateway.call("cainiao.waybill.ii.query.by.tradecode", {"param_list": _json(wanted)})
        found = []
        for module in _modules(answer):
            tid = by_object.get(text(module, "object_id"), "")
            inner = module.get("waybill_cloud_print_response")
            for one in inner if isinstance(inner, list) else [inner]:
                if tid and isinstance(one, Mapping) and text(one, "waybill_code"):
                    found.append(_waybill(one, text(one, "cp_code"), tid))
        return found

    def update(self, cp_code: str, waybill_code: str, order: WaybillOrder) -> Waybill:
        """See `CarrierPort`."""
        request = {
            "cp_code": cp_code,
            "waybill_code": waybill_code,
            "object_id": "1",
            "template_url": self._template(cp_code),
            "recipient": _recipient(order),
            "package_info": {"items": _items(order), "weight": order.weight_g},
        }
        params = {"param_waybill_cloud_print_update_request": _json(request)}
        answer = self._gateway.call("cainiao.waybill.ii.update", params, writes=True)
        return _waybill({**answer, "waybill_code": waybill_code}, cp_code, order.tid)

    def cancel(self, cp_code: str, waybill_code: str) -> bool:
        """See `CarrierPort`."""
        params = {"cp_code": cp_code, "waybill_code": waybill_code}
        answer = self._gateway.call("cainiao.waybill.ii.cancel", params, writes=True)
        return text(answer, "cancel_result").lower() == "true"

    def accounts(self) -> list[WaybillAccount]:
        """See `CarrierPort`."""
        answer = self._gateway.call("cainiao.waybill.ii.search", {})
        return [
            _account(subscription, branch)
            for subscription in unwrap(answer, "waybill_apply_subscription_cols")
            for branch in unwrap(subscription, "branch_account_cols")
        ]

    def _template(self, cp_code: str) -> str:
        """The print template of a courier: as configured, else the platform's standard one."""
        if cp_code not in self._templates:
            if cp_code in STANDARD_TEMPLATES:
                self._templates[cp_code] = TEMPLATE_URL.format(STANDARD_TEMPLATES[cp_code])
            else:
                self._templates = {**self._standard_templates(), **self._templates}
        if cp_code in self._templates:
            return self._templates[cp_code]
        raise Refused(Answer(
            api="cainiao.waybill.ii.get",
            text=f"{cp_code} 在菜鸟没有打印模板,请换一家快递 / Cainiao has no print template for {cp_code}",
        ))  # fmt: skip

    def _standard_templates(self) -> dict[str, str]:
        answer = self._gateway.call("cainiao.cloudprint.stdtemplates.get", {})
        found: dict[str, str] = {}
        for courier in unwrap(answer.get("result") or {}, "datas"):
            for template in unwrap(courier, "standard_templates"):
                found.setdefault(text(courier, "cp_code"), text(template, "standard_template_url"))
        return found

    def _order_part(self, cp_code: str, object_id: str, order: WaybillOrder) -> dict[str, Any]:
        return {
            "object_id": object_id,
            "order_info": {
                "order_channels_type": self._channel,
                "trade_order_list": [order.tid, *order.more_tids],
            },
            "package_info": {
                "id": wire_id(order.package_id),
                "items": _items(order),
                "weight": order.weight_g,
                "good_value": str(order.value),
                "goods_description": order.items[0].name if order.items else "商品",
            },
            "recipient": _recipient(order),
            "template_url": self._template(cp_code),
            "user_id": int(self._user_id),
        }


def _sender_part(sender: Sender) -> dict[str, Any]:
    address = {"province": sender.province, "city": sender.city, "district": sender.district,
               "town": sender.town, "detail": sender.detail}  # fmt: skip
    return {"name": sender.name, "mobile": sender.mobile, "address": _filled(address)}


def wire_id(package_id: str) -> str:
    """A package id as Cainiao takes it: digits, letters and underscores only."""
    return package_id.replace("-", "_")


def our_id(wire: str) -> str:
    """The package id behind `wire_id`; "" for an id that is not ours."""
    tid, _, number = wire.rpartition("_")
    return f"{tid}-{number}" if _OUR_TID.fullmatch(tid) and number.isdigit() else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "")}


def _items(order: WaybillOrder) -> list[dict[str, Any]]:
    return [{"name": item.name, "count": item.count} for item in order.items[:ITEMS]]


def _recipient(order: WaybillOrder) -> dict[str, Any]:
    """The receiver as masked by the platform, with the oaid and tid Cainiao resolves the real one by."""
    receiver = order.receiver
    address = {"province": receiver.province, "city": receiver.city, "district": receiver.district,
               "town": receiver.town, "detail": receiver.address}  # fmt: skip
    return _filled({
        "name": receiver.name, "mobile": receiver.mobile, "phone": receiver.phone, "address": _filled(address),
        "oaid": receiver.oaid, "tid": (order.oaid_tid or order.tid) if receiver.oaid else "",
    })  # fmt: skip


def _bought(module: Mapping[str, Any], cp_code: str, order: WaybillOrder) -> Waybill | WaybillRefusal:
    if not text(module, "waybill_code"):
        reason = (
            text(module, "error_message")
            or text(module, "error_code")
            or "没有给出单号 / no number was given"
        )
        return WaybillRefusal(package_id=order.package_id, reason=reason)
    found = _waybill(module, cp_code, order.tid)
    return Waybill(
        package_id=order.package_id, tid=order.tid, cp_code=found.cp_code, waybill_code=found.waybill_code,
        print_data=found.print_data, sorting=found.sorting, hub=found.hub, route=found.route,
    )  # fmt: skip


def _waybill(data: Mapping[str, Any], cp_code: str, tid: str) -> Waybill:
    """A waybill with what its print data tells unencrypted: the parcel's id and the sorting marks."""
    print_data = text(data, "print_data")
    inner = _print_contents(print_data)
    routing = _part(inner, "routingInfo")
    hub = _part(routing, "consolidation")
    return Waybill(
        package_id=our_id(text(_part(inner, "packageInfo"), "id")), tid=tid,
        cp_code=cp_code or text(inner, "cpCode"), waybill_code=text(data, "waybill_code"),
        print_data=print_data, sorting=text(_part(routing, "sortation"), "name"),
        hub=text(hub, "name") or text(hub, "code"), route=text(routing, "routeCode"),
    )  # fmt: skip


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What stands under a name; nothing where it is of another shape than told: a bought number must not be lost."""
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _modules(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in unwrap(answer, "modules") if isinstance(one, Mapping)]


def _print_contents(print_data: str) -> dict[str, Any]:
    try:
        outer = json.loads(print_data)
    except ValueError:
        return {}
    inner = outer.get("data") if isinstance(outer, dict) else None
    return inner if isinstance(inner, dict) else {}


def _account(subscription: Mapping[str, Any], branch: Mapping[str, Any]) -> WaybillAccount:
    addresses = tuple(
        Sender(name="", mobile="", province=text(a, "province"), city=text(a, "city"), district=text(a, "district"),
               town=text(a, "town"), detail=text(a, "detail"))
        for a in unwrap(branch, "shipp_address_cols")
    )  # fmt: skip
    franchise = text(subscription, "cp_type") in ("2", "3")
    return WaybillAccount(
        cp_code=text(subscription, "cp_code"), branch_name=text(branch, "branch_name"),
        balance=int(text(branch, "quantity") or 0) if franchise else None, addresses=addresses,
    )  # fmt: skip
