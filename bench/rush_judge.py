"""A Double-11 hour judged from outside: the sandbox's and the courier's log, the papers and the workbook opened by another program."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pypdfium2
import zxingcpp

from bench import rush_rules as own
from bench.rush_rules import Doc, Row
from bench.rush_shop import WRONG, Live
from sync_engine.clock import format_time
from sync_engine.sandbox.world import STATE_FILE
from tests.sim.judge import violations
from tests.sim.outside import History, Outside, Told, history_of, outside_of
from tests.sim.sheets import Tables, by_key, read_workbook

GRACE = 30
"""Seconds before Tmall is told within which a buyer's wish may be missed: the engine asks again where it knows no later."""
SAMPLE = 12  # label pages whose barcode is read with a scanner
FINAL = ("shipped", "partly shipped", "refunded before shipping", "never paid")


@dataclass
class Found:
    """What the hour came to."""

    wrong: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)  # orders by what became of them
    cases: dict[str, int] = field(default_factory=dict)  # how often each case occurred
    facts: dict[str, int] = field(default_factory=dict)  # parcels, lines, labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything the judge looks at."""

    live: Live
    history: History
    outside: Outside
    refunds: Mapping[str, Sequence[Doc]]  # by line
    tables: Tables


def look_at(live: Live) -> Evidence:
    """What an hour left behind."""
    state = live.folder / "sandbox" / STATE_FILE
    return Evidence(
        live=live, history=history_of(live.folder), outside=outside_of(state), refunds=_refunds(state),
        tables=read_workbook(live.config.workbook),
    )  # fmt: skip


def judge(case: Evidence) -> Found:
    """Everything an hour must hold to, and its counts."""
    found = Found()
    found.wrong += violations(case.history, case.outside, case.tables)
    found.wrong += [*_told_rightly(case), *_bought_rightly(case), *_wrong_rules(case.tables)]
    _count(case, found)
    _parcels(case, found)
    found.wrong += _papers(case, found)
    return found


def _refunds(path: Path) -> dict[str, list[Doc]]:
    with closing(sqlite3.connect(path)) as db:
        docs = [json.loads(text) for (text,) in db.execute("SELECT doc FROM refund")]
    found: dict[str, list[Doc]] = {}
    for doc in docs:
        found.setdefault(str(doc["oid"]), []).append(doc)
    return found


# -- nothing leaves that must not -------------------------------------------------------------------------------------


def _told_rightly(case: Evidence) -> Iterator[str]:
    """Nothing was told to Tmall as shipped that was refunded, closed or held at that moment."""
    holds: dict[str, list[tuple[str, str]]] = {}
    for tid, since, until in (*case.live.holds, *((tid, *span) for tid, span in case.live.hour.held.items())):
        holds.setdefault(tid, []).append((format_time(since), format_time(until) if until else "9"))
    for told in case.history.told:
        moved = case.live.hour.moved.get(told.tid)
        if not told.ok and moved and 0 <= _seconds(format_time(moved), told.at) <= GRACE:
            continue  # its address changed between the last look and the word to Tmall
        if not told.ok:
            yield f"{told.tid} was told with {told.code} and Tmall refused it"
            continue
        for since, until in holds.get(told.tid, ()):
            if since < told.at < until:
                yield f"{told.tid} was told at {told.at} though it was on hold since {since}"
        yield from _refunded(case, told)


def _refunded(case: Evidence, told: Told) -> Iterator[str]:
    for line in case.outside.trades[told.tid]["orders"]:
        if line.get("invoice_no") != told.code:
            continue
        for refund in case.refunds.get(str(line["oid"]), ()):
            over = refund["modified"] if refund["status"] == "CLOSED" else "9"
            late = _seconds(refund["created"], told.at)
            if late > GRACE and told.at < over:
                yield f"line {line['oid']} of {told.tid} was told at {told.at}; its refund was asked for at {refund['created']}"


def _seconds(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()


def _bought_rightly(case: Evidence) -> Iterator[str]:
    """No waybill was bought for an order that a rule of 审单规则 kept at that moment and nobody had approved."""
    products = by_key(case.tables, "products")
    grams = {key: row["weight_g"] for key, row in products.items()}
    rules = case.tables["audit_rules"]
    for bought in case.history.bought:
        for tid in bought.tids:
            trade = case.outside.trades[tid]
            approved = case.live.approved.get(tid)
            untouched = (
                case.live.hour.fates[tid] in ("plain", "paid late", "hold, released")
                and tid not in case.live.hour.noted
            )
            if (
                not untouched
                or (approved and format_time(approved) < bought.at)
                or any(map(own.dead, trade["orders"]))
            ):
                continue
            weight = own.kilograms(
                [(str(line.get("sku_id") or line["num_iid"]), line["num"]) for line in trade["orders"]], grams
            )[0]
            rule = own.first_rule(rules, trade, weight, bought.at)
            if rule is not None and rule["outcome"] != "pass":
                yield f"{bought.code} was bought at {bought.at} for {tid}, which rule {rule['rule_id']} keeps"


def _wrong_rules(tables: Tables) -> Iterator[str]:
    """Rows that cannot be meant say so beside themselves, the others say nothing, and no reason names a wrong one."""
    for name in ("audit_rules", "split_rules", "gift_rules", "courier_rules"):
        for row in tables[name]:
            if bool(row["problem"]) != (row["rule_id"] in WRONG[name]):
                yield f"{name} {row['rule_id']} says {row['problem']!r}"
    named = [f"({rule})" for rules in WRONG.values() for rule in rules]
    for row in tables["orders"]:
        texts = row["audit_why"] + row["courier_why"] + row["gifts_why"]
        yield from (f"{row['tid']} goes by the wrong rule {mark}" for mark in named if mark in texts)


# -- counts -----------------------------------------------------------------------------------------------------------


def _count(case: Evidence, found: Found) -> None:
    """Each order is one of these, by Tmall's own record; those that wait say why in the sheet, and truly."""
    rows = by_key(case.tables, "orders")
    counts: Counter[str] = Counter()
    for tid, trade in case.outside.trades.items():
        fate = fate_of(trade, rows[tid])
        counts[fate] += 1
        if fate not in FINAL and not rows[tid]["problem"]:
            found.wrong.append(f"{tid} waits ({fate}) and does not say why")
        if fate == "open without a reason":
            found.wrong.append(
                f"{tid} is paid, open and neither shipped nor kept: {rows[tid]['stage']} {rows[tid]['problem']}"
            )
    found.counts = dict(sorted(counts.items(), key=lambda one: -one[1]))
    told = {one.tid for one in case.history.told if one.ok}
    left = {
        tid
        for tid, trade in case.outside.trades.items()
        if any("consign_time" in line for line in trade["orders"])
    }
    if told != left or len(told) != counts["shipped"] + counts["partly shipped"]:
        found.wrong.append(
            f"{len(told)} orders told, {len(left)} shipped at Tmall, {counts['shipped']} + {counts['partly shipped']} counted"
        )
    if sum(counts.values()) != case.live.orders:
        found.wrong.append(f"{sum(counts.values())} orders counted of {case.live.orders}")
    found.cases = _cases(case)


def fate_of(trade: Doc, row: Row) -> str:
    """What became of an order, by Tmall's record first; one that waits, by what its row says."""
    lines = trade["orders"]
    left = [line for line in lines if "consign_time" in line]
    if not trade.get("pay_time"):
        return "never paid"
    if all(map(own.dead, lines)):
        return "refunded before shipping"
    if left and all("consign_time" in line or own.dead(line) for line in lines):
        return "shipped"
    if any(map(own.asked, lines)):
        return "refund asked for, undecided"
    if row["hold"] == "✓":
        return "on hold by staff"
    if trade["status"] == "PAID_FORBID_CONSIGN" or any(trade.get(name) == 1 for name in _HOLDS):
        return "held by Tmall"
    if left:
        return "partly shipped"
    words = {"转人工": "to a person", "扣留": "held by a rule", "建议取消": "to be cancelled, a rule says"}
    outcome = next(
        (name for text, name in words.items() if row["problem"].endswith(text) or text in row["problem"]), ""
    )
    return outcome or (
        "one parcel with an order that waits"
        if row["merged"].startswith("与") and row["stage"] == "hold"
        else "open without a reason"
    )


_HOLDS = ("forbid_consign", "team_buy_hold", "share_group_hold", "ofp_hold", "top_hold")


def _cases(case: Evidence) -> dict[str, int]:
    """How often each case of the desk occurred: nothing is judged that did not happen."""
    history, rows, parcels = case.history, case.tables["orders"], case.tables["waybills"]
    shared = [bought for bought in history.bought if len(bought.tids) > 1]
    many = Counter(row["tid"] for row in parcels if row["state"] == "shipped")
    why = " ".join(row["courier_why"] for row in parcels)
    moved = [
        tid
        for tid, trade in case.outside.trades.items()
        if any(line.get("modify_address") for line in trade["orders"])
    ]
    bought = {tid for one in history.bought for tid in one.tids}
    back = {tid for one in history.bought if one.code in history.cancelled for tid in one.tids}
    return {
        "approved by a person": len(case.live.approved), "stopped by staff": len(case.live.holds),
        "held by Tmall for a while or for good": len(case.live.hour.held),
        "refunds asked for": sum(map(len, case.refunds.values())),
        "waybills given back": len(history.cancelled), "orders whose waybill was given back": len(back),
        "orders re-addressed": len(moved), "of them after their waybill": sum(tid in bought for tid in moved),
        "parcels that orders share": len(shared), "orders in them": sum(len(one.tids) for one in shared),
        "orders in several parcels": sum(times > 1 for times in many.values()),
        "parcels with gifts": sum(bool(row["gifts"]) for row in parcels if row["state"] == "shipped"),
        "parcels by a courier rule": sum(why.count(f"({rule})→") for rule in ("R001", "R101", "R102")),
        "couriers named by staff": why.count("店里指定"), "orders with goods marked oversold": sum(
            any(line["is_oversold"] for line in trade["orders"]) for trade in case.outside.trades.values()),
        "orders with a note": sum(bool(row["buyer_message"] or row["seller_memo"]) for row in rows),
    }  # fmt: skip


# -- parcels, lines and papers ----------------------------------------------------------------------------------------


def _parcels(case: Evidence, found: Found) -> None:
    """Each line that left lies in one parcel with the number Tmall has, and its contents are the line's pieces."""
    lines = {str(line["oid"]): line for _, line in case.outside.lines()}
    inside: dict[str, Row] = {}
    rows = [row for row in case.tables["waybills"] if row["state"] == "shipped"]
    for row in rows:
        inside |= dict.fromkeys(row["oids"].split(), row)
        pieces: Counter[str] = Counter()
        for oid in row["oids"].split():
            pieces[own.code_of(lines[oid])] += lines[oid]["num"]
        shown: Counter[str] = Counter()
        for text in filter(None, row["goods"].split("、")):
            if not text.startswith("赠 "):
                code, _, count = text.rpartition("×")
                shown[code] += int(count)
        if shown != pieces:
            found.wrong.append(
                f"parcel {row['package_id']} shows {dict(shown)}, its lines are {dict(pieces)}"
            )
    for oid, line in lines.items():
        held = inside.get(oid)
        if "consign_time" in line and (held is None or held["waybill_code"] != line["invoice_no"]):
            found.wrong.append(
                f"line {oid} left with {line['invoice_no']}, the sheet has it in {held and held['waybill_code']}"
            )
    found.facts = {
        "waybills bought": len(case.history.bought), "given back": len(case.history.cancelled),
        "parcels shipped": len({row["waybill_code"] for row in rows}),
        "lines shipped": sum("consign_time" in line for line in lines.values()),
        "pieces shipped": sum(line["num"] for line in lines.values() if "consign_time" in line),
        "calls Tmall and courier answered": case.history.calls,
    }  # fmt: skip


def _papers(case: Evidence, found: Found) -> list[str]:
    """One page and one barcode for each parcel of each wave, in the order of the wave; pick lists add up."""
    wrong, labels, sampled, listed = list[str](), Counter[str](), 0, 0
    codes: dict[str, Row] = {row["package_id"]: row for row in case.tables["waybills"]}
    along: dict[str, list[Row]] = {}
    for row in codes.values():
        along.setdefault(row["joined"] or row["package_id"], []).append(row)
    ever = {bought.package: bought.code for bought in case.history.bought}
    step = max(1, len(case.tables["waves"]) // SAMPLE)
    for number, wave in enumerate(case.tables["waves"]):
        ids = wave["parcels"].split()
        want = [ever[one] for one in ids]
        path = case.live.config.room("labels") / f"{wave['wave_id']}.pdf"
        with pypdfium2.PdfDocument(path) as pages:
            texts = [re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pages]
            if number % step == 0:
                sampled += 1
                picture = pages[0].render(scale=203 / 72).to_pil()
                read = {
                    one.text
                    for one in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.Code128)
                }
                if want[0] not in read:
                    wrong.append(f"the first label of {wave['wave_id']} scans as {read}, it is {want[0]}")
        if len(texts) != len(want) or any(code not in text for code, text in zip(want, texts, strict=False)):
            wrong.append(
                f"{wave['wave_id']} has {len(want)} parcels, its labels are others or another number: {len(texts)}"
            )
        labels.update(want)
        pieces = _pieces(codes, along, ids)
        listed += int(wave["pieces"])
        if (found_pieces := _listed(case, wave)) != int(wave["pieces"]):
            wrong.append(
                f"the pick list of {wave['wave_id']} has {found_pieces} pieces, the sheet {wave['pieces']}"
            )
        if pieces is not None and pieces != int(wave["pieces"]):
            wrong.append(f"{wave['wave_id']} has {wave['pieces']} pieces, its parcels {pieces}")
    told = {one.code for one in case.history.told if one.ok}
    tids = {bought.code: bought.tids for bought in case.history.bought}
    wrong += [f"{code} was told and has no label" for code in told - labels.keys()]
    again = {code for code, times in labels.items() if times > 1}
    wrong += [
        f"{code} was printed twice and nothing in it changed"
        for code in again & told
        if not _changed(case, tids[code])
    ]
    found.facts |= {"waves": len(case.tables["waves"]), "labels": sum(labels.values()), "pieces on pick lists": listed,
                    "barcodes read back": sampled}  # fmt: skip
    return wrong


def _pieces(rows: Mapping[str, Row], along: Mapping[str, Sequence[Row]], ids: Sequence[str]) -> int | None:
    """Pieces in a wave's parcels as 运单 shows them; None where one was changed or given up since."""
    total = 0
    for one in ids:
        row = rows.get(one)
        if row is None or row["prints"] != "1":
            return None
        parts = along[row["joined"] or one]
        if any(part["state"] != "shipped" for part in parts):
            return None
        total += sum(
            int(text.rpartition("×")[2]) for part in parts for text in part["goods"].split("、") if text
        )
    return total


def _listed(case: Evidence, wave: Row) -> int:
    """Pieces the pick list adds up to, as it says at its end."""
    path = case.live.config.room("picklists") / f"{wave['wave_id']}-拣货单.pdf"
    with pypdfium2.PdfDocument(path) as pages:
        text = "".join(page.get_textpage().get_text_range() for page in pages)
    found = re.search(r"合计\s*[\d,]+\s*种\s*([\d,]+)\s*件", text)
    return int(found[1].replace(",", "")) if found else -1


def _changed(case: Evidence, tids: Sequence[str]) -> bool:
    """Whether a parcel's order was re-addressed or lost a line."""
    return any(
        line.get("modify_address") or own.dead(line)
        for tid in tids
        for line in case.outside.trades[tid]["orders"]
    )
