"""What the world outside says happened: the sandbox's own log and its final state. Knows nothing of the engine."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Doc = dict[str, Any]
BUY, CANCEL = "cainiao.waybill.ii.get", "cainiao.waybill.ii.cancel"
SHIP, MEMO = "taobao.logistics.offline.send", "taobao.trade.memo.update"
STOCK = "tmall.item.quantity.update"
AGREE, AGREE_RETURN, REFUSE = "taobao.rp.refunds.agree", "taobao.rp.returngoods.agree", "taobao.refund.refuse"


@dataclass(frozen=True)
class Bought:
    """One waybill number sold: `package` is `{tid}-{n}` as the sheet names it."""

    seq: int
    at: str
    package: str
    cp_code: str
    code: str
    tids: tuple[str, ...] = ()  # the orders it was bought for, its own first


@dataclass(frozen=True)
class Told:
    """One call of offline.send; `subs` is "" where the whole trade was told."""

    seq: int
    at: str
    tid: str
    code: str
    subs: str
    ok: bool


@dataclass(frozen=True)
class Answered:
    """One call that answers a refund; `word` is agree or refuse."""

    seq: int
    at: str
    refund_id: str
    word: str
    version: str
    ok: bool


@dataclass
class History:
    """Every effect of the log, in order."""

    bought: list[Bought] = field(default_factory=list)
    given_back: list[tuple[int, str]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    stock: list[tuple[int, str, int]] = field(default_factory=list)  # (seq, sku_id or num_iid, pieces added)
    memos: list[tuple[int, str, str]] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    seen_tids: set[str] = field(default_factory=set)  # orders asked for in full
    calls: int = 0
    refused: int = 0

    @property
    def cancelled(self) -> set[str]:
        """Codes the courier took back."""
        return {code for _, code in self.given_back}

    def effects(self) -> list[tuple[str, ...]]:
        """Everything that changed something outside, as plain text, in order."""
        found: list[tuple[int, tuple[str, ...]]] = [
            (b.seq, ("buy", b.package, b.cp_code, b.code)) for b in self.bought
        ]
        found += [(seq, ("cancel", code)) for seq, code in self.given_back]
        found += [(t.seq, ("ship", t.tid, t.code, t.subs)) for t in self.told if t.ok]
        found += [(seq, ("stock", sku, str(n))) for seq, sku, n in self.stock]
        found += [(seq, ("memo", tid, memo)) for seq, tid, memo in self.memos]
        found += [(a.seq, ("answer", a.refund_id, a.word, a.version)) for a in self.answered if a.ok]
        return [entry for _, entry in sorted(found)]


def read_log(lines: Iterable[str]) -> History:
    """The history a log.jsonl tells."""
    history = History()
    for line in lines:
        _take(history, json.loads(line))
    return history


def history_of(folder: Path) -> History:
    """The history of a shop folder's sandbox."""
    with (folder / "sandbox" / "log.jsonl").open(encoding="utf-8") as lines:  # it may be larger than memory
        return read_log(lines)


def _take(history: History, entry: Doc) -> None:
    api, params, seq = entry["api"], entry["params"], entry["seq"]
    history.calls += 1
    history.refused += not entry["ok"]
    if api == SHIP:
        told = Told(
            seq, entry["at"], params["tid"], params["out_sid"], params.get("sub_tid", ""), entry["ok"]
        )
        history.told.append(told)
    elif api in (AGREE, AGREE_RETURN, REFUSE):
        history.answered.append(_answer(entry))
    if not entry["ok"]:
        return
    if api == BUY:
        request = json.loads(params["param_waybill_cloud_print_apply_new_request"])
        asked = {part["object_id"]: part["package_info"]["id"] for part in request["trade_order_info_dtos"]}
        tids = {
            part["object_id"]: tuple(part["order_info"]["trade_order_list"])
            for part in request["trade_order_info_dtos"]
        }
        for module in _list(entry["result"].get("modules") or []):
            package = "-".join(asked[module["object_id"]].rsplit("_", 1))
            history.bought.append(
                Bought(
                    seq,
                    entry["at"],
                    package,
                    request["cp_code"],
                    module["waybill_code"],
                    tids[module["object_id"]],
                )
            )
    elif api == CANCEL and str(entry["result"].get("cancel_result")).lower() == "true":
        history.given_back.append((seq, params["waybill_code"]))
    elif api == STOCK:
        for sku, number in _quantities(params):
            history.stock.append((seq, sku, number))
    elif api == MEMO:
        history.memos.append((seq, params["tid"], params["memo"]))
    elif api == "taobao.trade.fullinfo.get":
        history.seen_tids.add(str(params["tid"]))


def _answer(entry: Doc) -> Answered:
    params, result = entry["params"], entry.get("result") or {}
    if entry["api"] == AGREE:
        refund_id, _, version, _ = params["refund_infos"].split("|")
        ok = result.get("succ")
    else:
        refund_id, version, ok = params["refund_id"], params["refund_version"], result.get("is_success")
    word = "refuse" if entry["api"] == REFUSE else "agree"
    return Answered(
        entry["seq"],
        entry["at"],
        str(refund_id),
        word,
        str(version),
        entry["ok"] and str(ok).lower() == "true",
    )


def _list(holder: Any) -> list[Doc]:
    return holder if isinstance(holder, list) else next(iter(holder.values()), [])


def _quantities(params: Mapping[str, str]) -> list[tuple[str, int]]:
    """(sku_id or num_iid, pieces added) of a change."""
    skus = json.loads(params.get("sku_quantities") or "[]")
    found = [(str(sku["sku_id"]), int(sku["quantity"])) for sku in skus]
    return found or [(params["item_id"], int(params["item_quantity"]))]


@dataclass
class Outside:
    """The platform's and the courier's final state."""

    trades: dict[str, Doc]
    skus: dict[str, Doc]  # by sku_id, or by num_iid for an item without SKUs
    live_codes: dict[str, str]  # waybills sold and not given back: code -> package
    refunds: dict[str, Doc] = field(default_factory=dict)

    def lines(self) -> list[tuple[Doc, Doc]]:
        """(trade, line) of every line."""
        return [(trade, line) for trade in self.trades.values() for line in trade["orders"]]


def outside_of(path: Path) -> Outside:
    """Read a sandbox's state.sqlite."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        trades = {str(tid): json.loads(doc) for tid, doc in database.execute("SELECT tid, doc FROM trade")}
        skus = {str(sku): json.loads(doc) for sku, doc in database.execute("SELECT sku_id, doc FROM sku")}
        having = {str(sku["num_iid"]) for sku in skus.values()}
        for num_iid, text in database.execute("SELECT num_iid, doc FROM item"):
            if str(num_iid) not in having:
                item = json.loads(text)
                skus[str(num_iid)] = {**item, "quantity": item["num"]}
        rows = database.execute("SELECT code, package_id FROM waybill WHERE cancelled = ''")
        codes = {code: "-".join(package.rsplit("_", 1)) for code, package in rows}
        refunds = {
            str(key): json.loads(doc) for key, doc in database.execute("SELECT refund_id, doc FROM refund")
        }
    finally:
        database.close()
    return Outside(trades=trades, skus=skus, live_codes=codes, refunds=refunds)
