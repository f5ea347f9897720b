"""The promises, checked from outside: the sandbox's log and state on one side, the workbook as text on the other.

Each check gives sentences; an empty list is a clean bill. Nothing here knows how the engine works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime, timedelta
from decimal import Decimal

from tests.sim.judge_stock import ledger_adds_up
from tests.sim.outside import Doc, History, Outside
from tests.sim.sheets import Tables, by_key
from workbook_templates.tables import TABLES

DEAD = ("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO")
OPEN = ("WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART", "PAID_FORBID_CONSIGN")


Deleted = Set[tuple[str, str]]
"""(table, key) of rows that people deleted: those of orders that are done with stay away."""


def violations(
    history: History, outside: Outside, tables: Tables, deleted: Deleted = frozenset()
) -> list[str]:
    """Everything a settled shop must hold to."""
    return [
        *each_waybill_once(history, outside, tables, deleted), *each_shipment_once(history, deleted),
        *no_dead_waybills(outside, tables), *shared_parcels(history, outside, tables), *orders_as_at_tmall(outside, tables, deleted),
        *stock_adds_up(history, outside, tables), *keys_once(tables),
    ]  # fmt: skip


def each_waybill_once(
    history: History, outside: Outside, tables: Tables, deleted: Deleted = frozenset()
) -> Iterator[str]:
    """Each parcel has one number, each number sold stands in the sheet as what became of it."""
    rows, asked = by_key(tables, "waybills"), _open_todos(tables)
    cancelled = history.cancelled
    back = Counter(bought.package for bought in history.bought if bought.code in cancelled)
    for package, times in Counter(bought.package for bought in history.bought).items():
        given_back = back[package]
        unknown = {("copied waybills", package), ("forgotten waybills", package)} & deleted
        if times > 1 and not (unknown and times - given_back <= 1):
            yield f"{times} waybills were bought for parcel {package}"
    for bought in history.bought:
        row = rows.get(bought.package)
        if {("copied waybills", bought.package), ("forgotten waybills", bought.package)} & deleted:
            continue  # the sheet could not be written, and nothing else knew
        if row is None and _may_stay_away(
            outside, bought.package.rpartition("-")[0], "waybills", bought.package, deleted
        ):
            continue
        if row is None or row["waybill_code"] != bought.code:
            shown = row["waybill_code"] if row else "no row"
            yield f"waybill {bought.code} of parcel {bought.package} is not in the sheet ({shown})"
        elif row["state"] == "cancelling" and any(bought.code in reason for reason in asked):
            continue  # the courier's answer was lost, and it cannot be told by asking: a person was asked
        elif row["state"] == "cancelled" and any(
            told.ok and told.code == bought.code and told.tid != row["tid"] for told in history.told
        ):
            continue  # taken out of a parcel that has left with other orders in it
        elif (bought.code in cancelled) != (row["state"] == "cancelled"):
            yield f"waybill {bought.code} is {row['state']} in the sheet; given back: {bought.code in cancelled}"
    known = {bought.code for bought in history.bought}
    for key, row in rows.items():
        if row["state"] == "cancelled" and ("hidden waybills", key) in deleted:
            continue  # typed over before a new journal read it, and the courier tells of no cancelled number
        if row["waybill_code"] and row["waybill_code"] not in known:
            yield f"the sheet shows {row['waybill_code']} for {key}, which nobody sold"


def each_shipment_once(history: History, deleted: Deleted = frozenset()) -> Iterator[str]:
    """A parcel that was told is never told again, and only real, living waybills are told."""
    packages = {bought.code: bought.package for bought in history.bought}
    sold_for = {bought.code: bought.tids for bought in history.bought}
    done: set[tuple[str, str]] = set()
    for told in history.told:
        if (told.tid, told.code) in done:
            yield f"{told.code} of {told.tid} was told again in request {told.seq}"
        if told.ok:
            done.add((told.tid, told.code))
        if told.tid not in sold_for.get(told.code, ()):
            yield f"{told.tid} was told with {told.code}, which was not bought for it"
        package = packages.get(told.code, "")
        known = not {("copied waybills", package), ("forgotten waybills", package)} & deleted
        if known and any(seq < told.seq and code == told.code for seq, code in history.given_back):
            yield f"{told.tid} was told with {told.code} after that was given back"
        if told.ok and any(seq > told.seq and code == told.code for seq, code in history.given_back):
            yield f"{told.code} of {told.tid} was given back after Tmall was told of it"


def held_orders_wait(history: History, holds: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Nothing is bought for an order while staff hold it: (order, since, until). A tick that was under way when they said
    so may end; it takes some seconds.
    """
    for tid, since, until in holds:
        first = f"{datetime.fromisoformat(since) + timedelta(seconds=30)}"
        for bought in history.bought:
            if tid in bought.tids and first < bought.at < (until or "9"):
                yield f"{bought.code} was bought at {bought.at} for {tid}, which is on hold since {since}"


def no_dead_waybills(outside: Outside, tables: Tables) -> Iterator[str]:
    """A waybill whose goods all died was given back, or the sheet says why it could not be."""
    rows, asked = by_key(tables, "waybills"), _open_todos(tables)
    lines = {str(line["oid"]): line for _, line in outside.lines()}
    by_code: dict[str, list[dict[str, str]]] = {}
    for one in rows.values():
        by_code.setdefault(one["waybill_code"], []).append(one)
    for code, package in outside.live_codes.items():
        row = rows.get(package)
        parts = [one for one in by_code.get(code, []) if one["state"] != "cancelled"]
        oids = [oid for one in ([row] if row else []) + parts for oid in one["oids"].split()]
        own = [lines[oid] for oid in oids if oid in lines]
        dead = own and all(line["status"] in DEAD and not line.get("invoice_no") for line in own)
        if dead and not any(code in reason for reason in asked):
            yield f"{code} of {package} lives though its goods are dead ({row and row['state']})"


def shared_parcels(history: History, outside: Outside, tables: Tables) -> Iterator[str]:
    """Orders in one parcel are one shop's and one receiver's, each stands in the sheet with the others, none is in two."""
    rows = tables["waybills"]
    for bought in history.bought:
        if len(bought.tids) < 2:
            continue
        if len(set(bought.tids)) != len(bought.tids):
            yield f"{bought.code} was bought for an order twice: {bought.tids}"
        trades = [outside.trades[tid] for tid in bought.tids]
        whose = {(trade["oaid"], trade["buyer_open_uid"]) for trade in trades}
        moved = any(line.get("modify_address") for trade in trades for line in trade["orders"])
        if len(whose) > 1 and not moved:
            yield f"{bought.code} was bought for {bought.tids}, who are not one receiver"
        shown = {row["tid"] for row in rows if row["waybill_code"] == bought.code}
        kept = {row["tid"] for row in rows}  # people may delete rows of what has left
        missing = {
            tid for tid in set(bought.tids) - shown if tid in kept or outside.trades[tid]["status"] in OPEN
        }
        if (
            missing
            and bought.code not in history.cancelled
            and bought.code in {t.code for t in history.told if t.ok}
        ):
            yield f"{bought.code}: the sheet does not show that {missing} went along"
    alive = [row for row in rows if row["state"] not in ("cancelled", "cancelling")]
    inside = Counter(oid for row in alive for oid in row["oids"].split())
    yield from (f"line {oid} lies in {times} parcels" for oid, times in inside.items() if times > 1)


def _open_todos(tables: Tables) -> list[str]:
    return [row["reason"] for row in tables["todo"] if row["state"] == "open"]


def _may_stay_away(outside: Outside, tid: str, table: str, key: str, deleted: Deleted) -> bool:
    return (table, key) in deleted and outside.trades[tid]["status"] not in OPEN


def orders_as_at_tmall(outside: Outside, tables: Tables, deleted: Deleted = frozenset()) -> Iterator[str]:
    """Every order and line there once, in the state it has at Tmall."""
    orders, lines = by_key(tables, "orders"), by_key(tables, "lines")
    for tid in outside.trades.keys() - orders.keys():
        if not _may_stay_away(outside, tid, "orders", tid, deleted):
            yield f"order {tid} is missing"
    yield from (f"order {tid} is not Tmall's" for tid in orders.keys() - outside.trades.keys())
    for tid, row in orders.items():
        trade = outside.trades.get(tid)
        if trade and (row["status"], row["modified"]) != (trade["status"], trade["modified"]):
            yield f"order {tid}: {row['status']} {row['modified']}, at Tmall {trade['status']} {trade['modified']}"
        if trade and Decimal(row["total_amount"] or 0) != Decimal(trade["payment"]):
            yield f"order {tid}: {row['total_amount']} yuan, at Tmall {trade['payment']}"
    every = {str(line["oid"]): (trade, line) for trade, line in outside.lines()}
    for oid in every.keys() - lines.keys():
        if not _may_stay_away(outside, str(every[oid][0]["tid"]), "lines", oid, deleted):
            yield f"line {oid} is missing"
    yield from (f"line {oid} is not Tmall's" for oid in lines.keys() - every.keys())
    for oid, (trade, line) in every.items():
        if oid not in lines:
            continue
        row = lines[oid]
        theirs = (
            str(trade["tid"]),
            line["status"],
            line["refund_status"],
            line.get("invoice_no", ""),
            str(line["num"]),
        )
        ours = (row["tid"], row["status"], row["refund_status"], row["waybill_code"], row["num"])
        if ours != theirs:
            yield f"line {oid}: {ours}, at Tmall {theirs}"


def stock_adds_up(history: History, outside: Outside, tables: Tables) -> Iterator[str]:
    """What is there = counted − shipped + returned; what is offered is never below 0 and is what Tmall shows."""
    skus = _skus_of_codes(outside, tables)
    settings = {row["setting"]: row["value"] for row in tables["settings"]}
    left = {
        oid: row["shipped_at"]
        for row in tables["waybills"]
        if row["shipped_at"]
        for oid in row["oids"].split()
    }
    yield from ledger_adds_up(outside, tables, left)
    kept_away = {key for key, row in by_key(tables, "warehouses").items() if row["for_sale"] == "no"}
    elsewhere = {row["move_id"].split(":")[2] for row in tables["moves"]
                 if row["kind"] == "sale" and row["change"] and row["warehouse"] in kept_away}  # fmt: skip
    posted = {row["move_id"].split(":")[2]: row["at"] for row in tables["moves"] if row["kind"] == "sale"}
    for code, row in by_key(tables, "stock").items():
        count = {name: int(Decimal(row[name])) if row[name].lstrip("-").isdigit() else 0 for name in
                 ("counted", "shipped", "returned", "other", "on_hand", "reserved", "sellable", "safety", "tmall_qty")}  # fmt: skip
        there = max(0, count["counted"]) - count["shipped"] + count["returned"] + count["other"]
        kept = count["safety"] if row["safety"].isdigit() else int(settings.get("safety_stock") or 0)
        offer = max(0, there - count["reserved"] - kept)
        lies = sum(int(place["on_hand"] or 0) for place in tables["balances"]
                   if place["stock_code"] == code and place["warehouse"] not in kept_away)  # fmt: skip
        if lies != count["on_hand"]:
            yield f"stock {code}: {count['on_hand']} on hand, {lies} in the warehouses"
        if (count["on_hand"], count["sellable"]) != (there, offer):
            yield f"stock {code}: on hand {count['on_hand']}, offered {count['sellable']}; it should be {there} and {offer}"
        shipped, together, reserved = _moved(code, row["counted_at"], skus, outside, left, posted, elsewhere)
        if not shipped <= count["shipped"] <= shipped + together or count["reserved"] != reserved:
            yield (f"stock {code}: shipped {count['shipped']} and reserved {count['reserved']} since "
                   f"{row['counted_at']}; at Tmall {shipped} (and {together} in that second) and {reserved}")  # fmt: skip
        pushes = settings.get("push_stock") != "否"
        at_tmall = sum(int(sku["quantity"]) for sku in skus.get(code, []))
        if at_tmall != count["tmall_qty"] or (
            pushes and row["push"] != "no" and at_tmall != offer and not row["problem"]
        ):
            yield f"stock {code}: Tmall shows {at_tmall}, the sheet {count['tmall_qty']}, offered {offer}"


def _skus_of_codes(outside: Outside, tables: Tables) -> Mapping[str, list[Doc]]:
    found: dict[str, list[Doc]] = {}
    for row in tables["products"]:
        if row["sku_key"] in outside.skus:
            found.setdefault(row["outer_id"] or row["sku_key"], []).append(outside.skus[row["sku_key"]])
    return found


def _moved(
    code: str,
    since: str,
    skus: Mapping[str, list[Doc]],
    outside: Outside,
    left: Mapping[str, str],
    posted: Mapping[str, str],
    elsewhere: Set[str],
) -> tuple[int, int, int]:
    """Pieces of a stock code by what Tmall has on record: shipped after a moment, in that second, waiting to be shipped.

    Who counts and ships in one second may have counted before or after.

    Args:
        left: when lines left by the shop's own clock, by which counts are timed; by Tmall's where their row was made anew.
        posted: when the ledger took them off, by the shop's own clock.
        elsewhere: lines that left from warehouses that are not for sale.
    """
    own = {str(sku.get("sku_id") or sku["num_iid"]) for sku in skus.get(code, [])}
    shipped = together = reserved = 0
    for trade, line in outside.lines():
        if str(line.get("sku_id") or line["num_iid"]) not in own:
            continue
        if line.get("consign_time"):
            if str(line["oid"]) in elsewhere:
                continue
            moment = left.get(str(line["oid"]), line["consign_time"])
            ours = posted.get(str(line["oid"]), moment) if moment == line["consign_time"] else moment
            shipped += line["num"] if min(moment, ours) > since else 0
            together += line["num"] if min(moment, ours) <= since <= max(moment, ours) else 0
        elif line["status"] not in DEAD and line["refund_status"] != "SUCCESS":
            waits = trade["status"] in OPEN or (
                trade["status"] == "WAIT_BUYER_PAY" and line["_sub_stock"] == 1
            )
            reserved += line["num"] if waits else 0
    return shipped, together, reserved


def keys_once(tables: Tables) -> Iterator[str]:
    """No row is there twice and none has lost its key."""
    for table in TABLES:
        keys = ["/".join(row[name] for name in table.key) for row in tables[table.name]]
        for key, times in Counter(keys).items():
            if times > 1 or not key:
                yield f"{table.name}: {times} rows with the key {key!r}"
