"""The stock ledger, judged from the sheet and from Tmall's record: what came, less what went, is what lies there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from tests.sim.judge_service import rows_back
from tests.sim.outside import Doc, Outside
from tests.sim.sheets import Tables, by_key

INWARD = ("opening", "purchase", "return_good", "return_defective", "transfer_in")


def ledger_adds_up(outside: Outside, tables: Tables, left: Mapping[str, str]) -> Iterator[str]:
    """Every piece accounted for.

    Args:
        left: when lines left by the shop's own clock, by which counts are timed.
    """
    yield from _places(tables)
    yield from _sales(outside, tables, left)
    yield from _warehouses(tables)
    yield from _returns(tables, rows_back(outside, tables))
    yield from _documents(tables)


def _places(tables: Tables) -> Iterator[str]:
    pieces: Counter[tuple[str, str]] = Counter()
    value: dict[tuple[str, str], Decimal] = {}
    for row in tables["moves"]:
        if not row["change"] and not row["problem"]:
            yield f"move {row['move_id']} changes nothing and does not say why"
        if not row["change"]:
            continue  # no move of the ledger
        place = (row["stock_code"], row["warehouse"])
        pieces[place] += int(row["change"] or 0)
        if not row["defective"]:
            value[place] = value.get(place, Decimal(0)) + Decimal(row["stock_value"] or 0)
        if row["kind"] in INWARD and not row["reverses"] and row["change"] not in ("", row["pieces"]):
            yield f"move {row['move_id']}: {row['pieces']} pieces came in as {row['change']}"
    shown = {(row["stock_code"], row["warehouse"]): row for row in tables["balances"]}
    for place in pieces.keys() | shown.keys():
        row = shown.get(place)
        if row is None:
            yield f"stock of {place} is not shown"
            continue
        there = int(row["on_hand"] or 0) + int(row["defective"] or 0)
        if there != pieces[place]:
            yield f"stock of {place}: {there} pieces, its moves make {pieces[place]}"
        if Decimal(row["value"] or 0) != value.get(place, Decimal(0)):
            yield f"stock of {place} is worth {row['value']}, its moves make {value.get(place)}"


def _sales(outside: Outside, tables: Tables, left: Mapping[str, str]) -> Iterator[str]:
    opened: dict[str, str] = {}
    sold: Counter[str] = Counter()
    for row in tables["moves"]:
        code = row["stock_code"]
        opened[code] = min(opened.get(code, "9"), row["at"])
        if row["kind"] == "sale" and row["change"]:
            sold[row["move_id"].split(":")[2]] += int(row["pieces"])
    codes = {row["sku_key"]: row["outer_id"] or row["sku_key"] for row in tables["products"]}
    lines: dict[str, Doc] = {}
    for _, line in outside.lines():
        oid = str(line["oid"])
        lines[oid] = line
        code = codes.get(str(line.get("sku_id") or line["num_iid"]))
        went = left.get(oid, line.get("consign_time") or "")
        if not line.get("consign_time"):
            if sold[oid]:
                yield f"line {oid} was taken from stock and never left"
        elif code is not None and code in opened and went >= opened[code] and sold[oid] != int(line["num"]):
            yield f"line {oid} left with {line['num']}, the ledger says {sold[oid]}"
    yield from (f"the ledger sold {oid}, which nobody ordered" for oid in sold.keys() - lines.keys())


def _warehouses(tables: Tables) -> Iterator[str]:
    """What is reserved in the warehouses is what is reserved in all; a parcel's goods are taken from where it left."""
    reserved: Counter[str] = Counter()
    for row in tables["balances"]:
        reserved[row["stock_code"]] += int(row["reserved"] or 0)
        if int(row["available"] or 0) != int(row["on_hand"] or 0) - int(row["reserved"] or 0):
            yield f"stock of {row['stock_code']} in {row['warehouse']}: {row['available']} available"
    for code, row in by_key(tables, "stock").items():
        if reserved[code] != int(row["reserved"] or 0):
            yield f"stock {code}: {row['reserved']} reserved, {reserved[code]} in the warehouses"
    sold = {
        row["move_id"].split(":")[2]: row["warehouse"]
        for row in tables["moves"]
        if row["kind"] == "sale" and row["change"]
    }
    shown = {row["oid"]: row["warehouse"].split(" ")[0] for row in tables["lines"]}
    for parcel in tables["waybills"]:
        for oid in parcel["oids"].split():
            if (
                parcel["state"] == "shipped"
                and sold.get(oid, parcel["warehouse"].split(" ")[0]) != parcel["warehouse"].split(" ")[0]
            ):
                yield f"parcel {parcel['package_id']} left {parcel['warehouse']}, line {oid} was taken from {sold[oid]}"
    for oid, place in sold.items():
        if shown.get(oid, place) not in (place, ""):
            yield f"line {oid} is shown to leave {shown[oid]} and was taken from {place}"


def _returns(tables: Tables, rows: Mapping[str, tuple[int, int] | None]) -> Iterator[str]:
    """What people typed as come back is what the ledger has, good and defective ones apart, never more than was bought.

    Args:
        rows: what 退货登记 says of lines, which counts where 订单明细 does not say more; None where that is not clear.
    """
    net: Counter[tuple[str, str]] = Counter()
    sold = set()
    for row in tables["moves"]:
        if not row["change"]:
            continue
        oid = [*row["move_id"].removeprefix("reversal:").split(":"), "", ""][2]
        if row["kind"] == "sale":
            sold.add(oid)
        if row["kind"].startswith("return_"):
            net[oid, row["kind"]] += -int(row["pieces"]) if row["reverses"] else int(row["pieces"])
    for oid, row in by_key(tables, "lines").items():
        typed = [int(row[name]) if row[name].isdigit() else 0 for name in ("returned_qty", "defective_qty")]
        good = min(typed[0], int(row["num"]))
        wanted = (good, min(typed[1], int(row["num"]) - good))
        counted = rows.get(oid, (0, 0))
        if counted is None:
            continue
        if sum(counted) and sum(typed) <= sum(counted):
            wanted = counted
        if oid in sold and (net[oid, "return_good"], net[oid, "return_defective"]) != wanted:
            yield f"line {oid}: {wanted} came back, the ledger says {net[oid, 'return_good']} and {net[oid, 'return_defective']}"


def _documents(tables: Tables) -> Iterator[str]:
    net: Counter[tuple[str, str]] = Counter()
    for row in tables["moves"]:
        if row["change"]:  # else it is no move of the ledger, and says so
            net[row["source"], row["kind"]] += -int(row["pieces"]) if row["reverses"] else int(row["pieces"])
    for key, row in by_key(tables, "purchases").items():
        if not row["problem"] and row["stock_code"]:
            wanted = int(row["received"] or 0) - int(row["sent_back"] or 0)
            if net[f"purchases/{key}", "purchase"] != wanted:
                yield f"purchase {key}: received {wanted}, posted {net[f'purchases/{key}', 'purchase']}"
    for key, row in by_key(tables, "transfers").items():
        if not row["problem"] and row["sent"]:
            out, back = net[f"transfers/{key}", "transfer_out"], net[f"transfers/{key}", "transfer_in"]
            if (out, back) != (int(row["pieces"]), int(row["received"] or 0) + int(row["back"] or 0)):
                yield f"transfer {key}: {row['pieces']} sent, {row['received']} received; posted {out} and {back}"
    for key, row in by_key(tables, "entries").items():
        if not row["problem"] and row["post"]:
            posted = net[f"entries/{key}", row["kind"]]
            if abs(posted) != (0 if row["reverse"] else abs(int(row["pieces"]))):
                yield f"entry {key}: {row['pieces']} pieces, posted {posted}"
    for key, row in by_key(tables, "counts").items():
        times = sum(move["source"] == f"counts/{key}" and move["change"] != "" for move in tables["moves"])
        if times > 1 or (not row["problem"] and row["post"] and times != 1):
            yield f"count {key} is posted {times} times"
