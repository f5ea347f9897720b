"""Scanning, returns, refunds and tracking, judged from outside: by Tmall's log and record, and by what people typed.

Nothing here knows how the engine works; what people typed is kept by `service.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sync_engine.sandbox import traces
from sync_engine.sandbox.faults import Switches
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.states import later
from tests.sim.hands import Hands
from tests.sim.human import Record
from tests.sim.outside import History, Outside
from tests.sim.service import Scanned, Service
from tests.sim.sheets import Tables, by_key

Pieces = tuple[int, int]
"""Good and defective ones."""

_UNDER_WAY = ("已揽收", "运输中", "派送中", "待揽收")


def served(
    service: Service, history: History, outside: Outside, tables: Tables, record: Record
) -> Iterator[str]:
    """Everything a settled shop with service must hold to, but for tracking."""
    yield from answered_once(service, history, tables)
    yield from refunds_as_at_tmall(outside, tables)
    yield from scanned_first(service, history, tables)
    yield from returns_as_typed(tables, record)
    yield from returns_where_they_belong(outside, tables)


def answered_once(service: Service, history: History, tables: Tables) -> Iterator[str]:
    """A version of a refund is answered once, with the word the sheet had beside that very version."""
    done: set[tuple[str, str]] = set()
    for one in history.answered:
        if (one.refund_id, one.version) in done:
            yield f"refund {one.refund_id} was answered again in request {one.seq}"
        if (one.refund_id, one.word, one.version) not in service.answers:
            yield f"refund {one.refund_id}: nobody said {one.word} to its version {one.version} (request {one.seq})"
        if one.ok:
            done.add((one.refund_id, one.version))
    for key, row in by_key(tables, "refunds").items():
        ended = row["status"] in ("SUCCESS", "CLOSED", "SELLER_REFUSE_BUYER", "WAIT_BUYER_RETURN_GOODS")
        if row["answer"] and not row["answer_told"] and not ended:
            yield f"refund {key}: {row['answer']} was chosen, and nothing says what became of it"


def refunds_as_at_tmall(outside: Outside, tables: Tables) -> Iterator[str]:
    """Every refund there once, as it is at Tmall."""
    rows = by_key(tables, "refunds")
    yield from (f"refund {key} is not Tmall's" for key in rows.keys() - outside.refunds.keys())
    for key, refund in outside.refunds.items():
        row = rows.get(key)
        if row is None:
            yield f"refund {key} is missing"
            continue
        theirs = (
            refund["status"],
            str(refund["refund_version"]),
            str(refund["oid"]),
            refund.get("sid") or "",
        )
        ours = (row["status"], row["version"], row["oid"], row["sid"])
        if ours != theirs or Decimal(row["fee"] or 0) != Decimal(refund["refund_fee"]):
            yield f"refund {key}: {ours} {row['fee']}, at Tmall {theirs} {refund['refund_fee']}"


def scanned_first(service: Service, history: History, tables: Tables) -> Iterator[str]:
    """Where the shop wants it, Tmall is told of a parcel only after exactly its pieces were scanned, and it was weighed."""
    needs, mode = service.settings["ship_needs"], service.settings["verify_mode"]
    if needs == "none" or not service.since:
        return
    lines, goods = by_key(tables, "lines"), dict[str, Counter[str]]()
    named = {row["sku_key"]: row["outer_id"] or row["sku_key"] for row in tables["products"]}
    rows = by_key(tables, "waybills")
    torn = set[str]()  # parcels of which somebody deleted a row, once its order was done
    for row in rows.values():
        if any(fellow not in rows for fellow in row["joined"].split()):
            torn.add(row["waybill_code"])
        for oid in row["oids"].split() if row["state"] == "shipped" else ():
            line = lines.get(oid)
            held = goods.setdefault(row["waybill_code"], Counter())
            held[line["outer_id"] or line["sku_id"] or line["num_iid"] if line else "?"] += (
                int(line["num"]) if line else 0
            )
    for told in history.told:
        if (
            not told.ok
            or told.at <= later(service.since, 600)
            or told.code not in goods
            or "?" in goods[told.code]
        ):
            continue
        before = [scan for scan in service.scans if scan.code == told.code and scan.at <= told.at]
        meant = [_meant(scan, named) for scan in before]
        some = mode == "waybill" or told.code in torn
        right = (some and before) or [one for one in meant if one == goods[told.code]]
        if needs in ("verify", "both") and not right:
            yield f"{told.code} of {told.tid} was told at {told.at} and never scanned as {dict(goods[told.code])}: {before}"
        if needs in ("weigh", "both") and not any(scan.weight for scan in before):
            yield f"{told.code} of {told.tid} was told at {told.at} and never weighed"


def _meant(scan: Scanned, named: Mapping[str, str]) -> Counter[str]:
    """What was scanned, by merchant code: an SKU's number is a code too."""
    pieces = Counter[str]()
    for one, times in scan.pieces:
        pieces[named.get(one, one)] += times
    return pieces


# -- returns --------------------------------------------------------------------------------------------------------


def returns_as_typed(tables: Tables, record: Record) -> Iterator[str]:
    """What people typed of a return stands in its row."""
    rows = {row["note"]: row for row in tables["returns"]}
    for text, typed in record.returns.items():
        row = rows.get(text)
        for name, value in typed.items() if row else ():
            if row and row[name] != value:
                yield f"the return {text}: {name} {value!r} was typed, {row[name]!r} stands there"


def returns_where_they_belong(outside: Outside, tables: Tables) -> Iterator[str]:
    """A row that counts names the order whose number was scanned, and its goods."""
    for row in tables["returns"]:
        if row["state"] != "counted":
            continue
        orders = {tid for tid, _ in _stands_for(outside, tables, row)}
        if not set(row["order"].split()) <= orders or not row["order"]:
            yield f"the return {row['return_id']} of {row['scan']} counts for {row['order']}, it belongs to {orders}"


def _stands_for(outside: Outside, tables: Tables, row: dict[str, str]) -> set[tuple[str, str]]:
    """The lines a scanned number may be of, by Tmall's record: (order, line)."""
    number, found = row["scan"], set[tuple[str, str]]()
    for key, refund in outside.refunds.items():
        if number in (key, refund.get("sid")):
            found.add((str(refund["tid"]), str(refund["oid"])))
    ours = {oid for way in tables["waybills"] if way["waybill_code"] == number for oid in way["oids"].split()}
    for trade, line in outside.lines():
        if number in (str(trade["tid"]), line.get("invoice_no")) or str(line["oid"]) in ours:
            found.add((str(trade["tid"]), str(line["oid"])))
    return found


def rows_back(outside: Outside, tables: Tables) -> dict[str, Pieces | None]:
    """Pieces of each line that rows of 退货登记 say came back; None where a row speaks of several kinds or of no number."""
    back: dict[str, Pieces | None] = {}
    lines = {str(line["oid"]): line for _, line in outside.lines()}
    for row in tables["returns"]:
        if row["state"] != "counted":
            continue
        named = [oid for _, oid in _stands_for(outside, tables, row)]
        named = [oid for oid in named if not row["code"] or _code(lines[oid]) == row["code"].casefold()]
        for oid in named:
            so_far = back.get(oid, (0, 0))
            clear = len(named) == 1 and (row["good"] or row["defective"]) and so_far is not None
            back[oid] = (
                (so_far[0] + int(row["good"] or 0), so_far[1] + int(row["defective"] or 0))
                if clear and so_far
                else None
            )
    return back


def _code(line: dict[str, Any]) -> str:
    return str(line.get("outer_sku_id") or line.get("outer_iid") or "").casefold()


# -- tracking -------------------------------------------------------------------------------------------------------


class Way:
    """How far each parcel was, as 运单 showed it after each tick: it never goes back."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, str]] = {}

    def forget(self) -> None:
        """The workbook is one of earlier."""
        self._known.clear()

    def look(self, hands: Hands) -> Iterator[str]:
        """What went back since the last look."""
        for key in hands.keys("waybills"):
            if not key or not (at := hands.sees("waybills", key, "track_at")):
                continue
            code, state = (
                hands.sees("waybills", key, "waybill_code"),
                hands.sees("waybills", key, "track_state"),
            )
            before = self._known.get((key, code))
            self._known[key, code] = (at, state)
            if before and (at < before[0] or (before[1] == "已签收" and state in _UNDER_WAY)):
                yield f"parcel {key} {code} was {before[1]} at {before[0]} and is {state} at {at} again"


def ways_told(outside: Outside, tables: Tables, sandbox: Sandbox, switches: Switches) -> Iterator[str]:
    """In the end: what was signed for says so, an alarm stands beside its parcel and is open, and nothing else is."""
    rows = [row for row in tables["waybills"] if row["state"] == "shipped" and row["waybill_code"]]
    todos = [row for row in tables["todo"] if row["state"] == "open" and row["sheet"] == "运单"]
    shown = {row["waybill_code"]: row for row in rows}
    for todo in todos:
        about = [row for code, row in shown.items() if f" {code}(" in todo["reason"]]
        if about and not about[0]["track_why"]:
            yield f"to-do {todo['reason']} is open, its parcel has no trouble ({about[0]['track_state']})"
    many = any("个包裹" in todo["reason"] for todo in todos)
    for code, row in shown.items():
        if row["track_why"] and not many and not any(f" {code}(" in todo["reason"] for todo in todos):
            yield f"parcel {code} is in trouble ({row['track_why']}), and no to-do says so"
    ctx: Any = SimpleNamespace(seed=sandbox._gateway._seed, switches=switches)
    over = ("TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")
    ended = {line.get("invoice_no") for trade, line in outside.lines() if trade["status"] in over}
    for trade, line in outside.lines():
        row = shown.get(line.get("invoice_no") or "")
        if row is None or line["invoice_no"] in ended:  # a parcel is followed until an order in it is over
            continue
        steps = traces._way(ctx, trade, line)
        plain = steps and steps[-1][1] == "SIGNED" and not any("退回" in text for _, _, text in steps)
        if plain and row["track_state"] not in ("signed", ""):
            yield f"parcel {line['invoice_no']} was signed for, the sheet says {row['track_state']}"
