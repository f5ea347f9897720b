"""What the world outside remembers: the sandbox's own log, and its state when all was over."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync_engine.sandbox.world import STATE_FILE

Doc = dict[str, Any]
BUY, SHIP = "cainiao.waybill.ii.get", "taobao.logistics.offline.send"
CANCEL = "cainiao.waybill.ii.cancel"


@dataclass(slots=True)
class History:
    """What was done, and what went wrong on the way."""

    bought: list[tuple[str, str]] = field(default_factory=list)  # parcel, waybill number
    along: dict[str, set[str]] = field(
        default_factory=dict
    )  # by waybill number: every trade it was bought for
    given_back: set[str] = field(default_factory=set)
    shipped: list[tuple[str, str]] = field(default_factory=list)  # trade, waybill number
    struck: Counter[str] = field(default_factory=Counter)
    calls: int = 0


def read_log(path: Path) -> History:
    """The history in a sandbox's log.jsonl."""
    history = History()
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        entry = json.loads(line)
        history.calls += 1
        history.struck.update(entry.get("faults", ()))
        if entry["ok"]:
            _take(history, entry)
    return history


def _take(history: History, entry: Doc) -> None:
    api, params = entry["api"], entry["params"]
    if api == BUY:
        asked = json.loads(params["param_waybill_cloud_print_apply_new_request"])["trade_order_info_dtos"]
        parcels = {part["object_id"]: part["package_info"]["id"] for part in asked}
        modules = entry["result"].get("modules") or []
        rows = modules if isinstance(modules, list) else next(iter(modules.values()), [])
        sold = {(_parcel(parcels[row["object_id"]]), row["waybill_code"]): None for row in rows}
        history.bought += [*sold]  # an answer may tell of one number twice
        tids = {part["object_id"]: part["order_info"]["trade_order_list"] for part in asked}
        for row in rows:
            history.along.setdefault(row["waybill_code"], set()).update(tids[row["object_id"]])
    elif api == CANCEL and str(entry["result"].get("cancel_result")).lower() == "true":
        history.given_back.add(params["waybill_code"])
    elif api == SHIP:
        history.shipped.append((params["tid"], params["out_sid"]))


def _parcel(number: str) -> str:
    """A parcel's number as the sheet writes it."""
    return "-".join(number.rsplit("_", 1))


@dataclass(frozen=True, slots=True)
class World:
    """The platform's final state, by number."""

    trades: dict[str, Doc]
    lines: dict[str, tuple[Doc, Doc]]  # (trade, line)
    goods: dict[str, Doc]  # SKUs with their item's title, and items that have none


def read_world(folder: Path) -> World:
    """The state in a sandbox's folder. The sandbox must have stopped, or be idle."""
    database = sqlite3.connect(f"{(folder / STATE_FILE).absolute().as_uri()}?mode=ro", uri=True)
    try:
        trades = {str(tid): json.loads(doc) for tid, doc in database.execute("SELECT tid, doc FROM trade")}
        items = {
            str(number): json.loads(doc) for number, doc in database.execute("SELECT num_iid, doc FROM item")
        }
        skus = {
            str(number): json.loads(doc) for number, doc in database.execute("SELECT sku_id, doc FROM sku")
        }
    finally:
        database.close()
    lines = {str(line["oid"]): (trade, line) for trade in trades.values() for line in trade["orders"]}
    goods = {number: {**sku, "title": items[str(sku["num_iid"])]["title"]} for number, sku in skus.items()}
    having = {str(sku["num_iid"]) for sku in skus.values()}
    return World(
        trades, lines, goods | {number: item for number, item in items.items() if number not in having}
    )
