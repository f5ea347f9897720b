"""What a waybill's `print_data` holds: open with masked fields, or sealed for the cloud-print client."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from sync_engine.sandbox.couriers import Courier
from sync_engine.sandbox.envelope import to_json
from sync_engine.sandbox.store import Doc

_VERSION = "waybill_print_secret_version_1"


def print_data(by: Courier, number: str, doc: Doc) -> str:
    """The JSON text the cloud-print client is handed; sealed where `need_encrypt` was asked for."""
    entry = doc["entry"]
    data = _data(by, number, doc)
    tail = {
        "signature": f"MD:{_seal(to_json(data), 16)}",
        "templateURL": entry["template_url"],
        "ver": _VERSION,
    }
    if doc["encrypt"]:
        return to_json({"encryptedData": f"AES:{_seal(to_json(data), 48)}", **tail})
    return to_json({"data": data, **tail})


def _seal(text: str, size: int) -> str:
    return base64.b64encode(hashlib.blake2b(text.encode(), digest_size=size).digest()).decode()


def _data(by: Courier, number: str, doc: Doc) -> dict[str, Any]:
    entry = doc["entry"]
    recipient = entry["recipient"]
    return {
        "_dataFrom": "waybill",
        "cpCode": by.cp_code,
        "realCpCode": by.cp_code,
        "waybillCode": number,
        "parent": False,
        "needEncrypt": doc["encrypt"],
        "orderChannelsType": entry["order_info"]["order_channels_type"],
        "packageInfo": _package(entry["package_info"]),
        "recipient": _recipient(recipient),
        "sender": doc["request"]["sender"],
        "routingInfo": _routing(recipient["address"], by),
        "shippingOption": {"code": "STANDARD_EXPRESS", "title": "标准快递"},
        "secretWaybillType": "recipientSecret",
    }


def _package(info: Doc) -> dict[str, Any]:
    names = (
        ("id", "id"),
        ("items", "items"),
        ("weight", "weight"),
        ("volume", "volume"),
        ("good_value", "goodValue"),
    )
    return {
        shown: str(info[name]) if name == "good_value" else info[name]
        for name, shown in names
        if name in info
    }


def _recipient(recipient: Doc) -> dict[str, Any]:
    """Name and number masked, the street sealed, as on a privacy waybill."""
    address = {key: value for key, value in recipient["address"].items() if key != "detail"}
    address["detail"] = "AES:" + _seal(recipient["address"]["detail"] + recipient.get("oaid", ""), 24)
    phone = recipient.get("mobile") or recipient.get("phone", "")
    shown = {
        "address": address,
        "name": recipient["name"][:1] + "**",
        "mobile": "*" * max(0, len(phone) - 4) + phone[-4:],
    }
    return shown | ({"tid": recipient["tid"]} if "tid" in recipient else {})


def _routing(address: Doc, by: Courier) -> dict[str, Any]:
    """大头笔, 集包地 and the route code; made up, but the same for the same region."""
    city = address.get("city") or address.get("district") or address["province"]
    area = address.get("district") or city
    number = int.from_bytes(
        hashlib.blake2b(f"{address['province']}{city}{area}".encode(), digest_size=4).digest()
    )
    return {
        "sortation": {"name": f"{city.removesuffix('市')}-{area.removesuffix('区')}"},
        "consolidation": {"name": f"{city.removesuffix('市')}转", "code": f"{number % 900 + 100}"},
        "origin": {"name": f"{by.name}杭州余杭网点", "code": "571001"},
        "routeCode": f"{number % 900 + 100}-{'ABCDEFGH'[number % 8]}{number % 97:02d} {number % 89:03d}",
    }
