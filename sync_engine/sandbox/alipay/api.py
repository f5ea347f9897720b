"""The download API as a stand-in: strict about parameters and signature, bills of the world's own trades.

Error codes: 40004 with isp.bill_not_exist is in the facts (spelling UNSURE there); what it says of a wrong request is the
stand-in's own and nothing a client should tell apart.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sync_engine.clock import parse_time
from sync_engine.sandbox.alipay.account import Entry, Sale, entries_of, of_month
from sync_engine.sandbox.alipay.files import DEFECTS, bill_file
from sync_engine.sandbox.alipay.keys import APP_ID, alipay_keys
from sync_engine.sandbox.money import fen
from sync_engine.sandbox.store import Store

PATH, FILES = "/gateway.do", "/downloadBillFile.resource"
METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_NODE = METHOD.replace(".", "_") + "_response"
_NEEDED = {
    "app_id": APP_ID,
    "method": METHOD,
    "format": "JSON",
    "charset": "utf-8",
    "sign_type": "RSA2",
    "version": "1.0",
}
URL_SECONDS = 30
READY_HOUR = 9
DEFECT = "bill defect"
"""The switch in the world's memory: what is to be wrong with the next bills, one of `files.DEFECTS`, or ""."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer: JSON or a file, and what the log says of it."""

    status: int = 200
    text: str = ""
    data: bytes = b""
    logged: Mapping[str, Any] | None = None


def ask(store: Store, folder: Path, sent: Mapping[str, str], now: str, base: str) -> Told:
    """One call of the gateway."""
    keys = alipay_keys(folder)
    if wrong := _wrong(sent, keys["app_public"]):
        return _answer(
            keys, {"code": "40002", "msg": "Invalid Arguments", "sub_code": "sandbox.wrong", "sub_msg": wrong}
        )
    content = json.loads(sent["biz_content"])
    date = str(content.get("bill_date", ""))
    period = _period(date)
    if period is None or content.get("bill_type") != "signcustomer":
        return _answer(
            keys,
            {
                "code": "40004",
                "msg": "Business Failed",
                "sub_code": "sandbox.bad_date",
                "sub_msg": f"bill_date {date}",
            },
        )
    ready = period[1].replace(hour=READY_HOUR)
    if now < f"{ready:%Y-%m-%d %H:%M:%S}":
        return _answer(
            keys,
            {
                "code": "40004",
                "msg": "Business Failed",
                "sub_code": "isp.bill_not_exist",
                "sub_msg": f"{date} 的账单还没有生成",
            },
        )
    return _answer(keys, {
        "code": "10000", "msg": "Success", "bill_download_url": f"{base}{FILES}?date={date}&at={now.replace(' ', '_')}",
        "bill_file_code": f"{APP_ID}-{date}",
    })  # fmt: skip


def file(store: Store, query: Mapping[str, str], now: str) -> Told:
    """The file behind an address, while that is fresh."""
    period, at = _period(query.get("date", "")), parse_time(query.get("at", "").replace("_", " "))
    present = parse_time(now)
    if period is None or at is None or present is None or present - at > timedelta(seconds=URL_SECONDS):
        return Told(status=403, logged={"ok": False})
    defect = str(store.meta(DEFECT, ""))
    entries = of_month(all_entries(store, now), *period)
    return Told(
        data=bill_file(entries, *period, None, defect if defect in DEFECTS else ""),
        logged={"ok": True, "rows": len(entries)},
    )


def all_entries(store: Store, now: str) -> list[Entry]:
    """What the account has gone through until now."""
    start, present = parse_time(store.meta("world")["start"]), parse_time(now)
    assert start is not None and present is not None, "a world has a start and a present"
    months, month = [], start.replace(day=1, hour=0, minute=0, second=0)
    while month <= present:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return [
        entry
        for entry in entries_of(sales_of(store), months, store.meta("world")["seed"])
        if entry.at <= present
    ]


def sales_of(store: Store) -> list[Sale]:
    """The world's trades as the account meets them: what was paid, and every refund that succeeded, before it or after."""
    refunds: dict[str, list[tuple[datetime, int]]] = {}
    for doc in store.docs("SELECT doc FROM refund WHERE status = 'SUCCESS'"):
        at = parse_time(doc["modified"])
        assert at is not None, "a refund has its time"
        refunds.setdefault(str(doc["tid"]), []).append((at, fen(doc["refund_fee"])))
    sales = []
    for trade in store.docs("SELECT doc FROM trade WHERE status = 'TRADE_FINISHED' ORDER BY tid"):
        paid_at, end = parse_time(trade["pay_time"]), parse_time(trade["end_time"])
        assert paid_at is not None and end is not None, "a finished trade has both"
        mine = tuple(sorted(refunds.get(str(trade["tid"]), ())))
        sales.append(Sale(
            tid=str(trade["tid"]), paid=fen(trade["payment"]), paid_at=paid_at, confirmed_at=end, refunds=mine,
        ))  # fmt: skip
    return sales


def _period(date: str) -> tuple[datetime, datetime] | None:
    if re.fullmatch(r"\d{4}-\d{2}", date) and (start := parse_time(f"{date}-01 00:00:00")):
        return start, (start + timedelta(days=32)).replace(day=1)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", date) and (start := parse_time(f"{date} 00:00:00")):
        return start, start + timedelta(days=1)
    return None


def _wrong(sent: Mapping[str, str], public: str) -> str:
    """What is wrong with a request; "" if nothing is."""
    for name, value in _NEEDED.items():
        if sent.get(name) != value:
            return f"{name} 不对"
    if parse_time(sent.get("timestamp", "")) is None:
        return "timestamp 不对"
    text = "&".join(f"{name}={value}" for name, value in sorted(sent.items()) if name != "sign" and value)
    key = serialization.load_pem_public_key(public.encode())
    assert isinstance(key, rsa.RSAPublicKey), "made so"
    try:
        key.verify(base64.b64decode(sent.get("sign", "")), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        json.loads(sent.get("biz_content", ""))
    except (InvalidSignature, ValueError):
        return "签名或 biz_content 不对"
    return ""


def _answer(keys: Mapping[str, str], content: Mapping[str, str]) -> Told:
    """A signed answer: the signature is over the member as it is sent."""
    node = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    key = serialization.load_pem_private_key(keys["alipay_private"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey), "made so"
    sign = base64.b64encode(key.sign(node.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return Told(
        text=f'{{"{_NODE}":{node},"sign":"{sign}"}}',
        logged={"ok": content["code"] == "10000", "code": content["code"]},
    )
