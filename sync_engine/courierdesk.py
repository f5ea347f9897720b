"""The couriers' bills of a tick: rows of 快递账单 judged by our parcels, and what they post to the books.

Bills come by import; a tick reacts to what changed: rows, parcels, people's words, tolerances, the freight table. What the
journal keeps of them is made anew from the sheet where it was lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from formulas.accounting.posting import Fact
from formulas.accounting.vouchers import last_day
from formulas.freight import quote
from sync_engine.journal.journal import Journal
from sync_engine.parcel import Package
from sync_engine.plan.courier_bills import (
    Case,
    CourierLine,
    Kept,
    Tolerances,
    as_one,
    changed_row,
    in_turn,
    judged,
    line_from_row,
    signature,
)
from sync_engine.plan.policy import Policy
from sync_engine.plan.words import say
from sync_engine.view import View
from workbook_templates.schema import KEY_SEPARATOR, Lang, Value
from workbook_templates.tables import COURIER_BILLS, ORDERS
from workbook_templates.tables.choices import COURIERS, label_of

Row = dict[str, Value]
SEEN = "courier_seen"
"""Tolerances and freight table the rows were judged by."""


@dataclass(slots=True)
class CourierDesk:
    """What a tick found out about couriers' bills."""

    rows: dict[str, Row] = field(default_factory=dict)  # of 快递账单, to be shown
    gone: set[str] = field(default_factory=set)  # rows people deleted: what they posted comes back


def look_at_courier_bills(
    journal: Journal, view: View, policy: Policy, packages: Iterable[Package], desk: CourierDesk
) -> None:
    """Judge what changed. Inside the tick's transaction; may be called again in the same tick.

    Args:
        packages: parcels of the orders this tick looks at, as they are now.
    """
    found, book = view.found[COURIER_BILLS.name], journal.courier
    gone = set(found.accept)
    keys = {*found.rows, *found.restore, *journal.rows.marked(COURIER_BILLS.name)} - gone
    known = book.signatures()
    if not (keys or gone or known):
        return
    codes, left = _changed_parcels(book.bills(), known, packages)
    seen = _fingerprint(policy)
    if journal.meta(SEEN) != seen:
        codes |= known.keys()
        journal.set_meta(SEEN, seen)
    if gone:
        desk.gone |= gone
        codes |= {one.line.waybill_code for one in book.get(gone).values()}
        book.drop(gone)
    codes |= _take_lines(journal, view, keys, desk, policy.lang)
    if gone or keys or left:
        codes |= _look_for_unbilled(journal)
    if codes:
        _judge(journal, view, policy, codes, desk)


def _fingerprint(policy: Policy) -> str:
    names = ("courier_fee_tolerance", "courier_weight_tolerance", "volume_ratio")
    text = f"{[policy.setting(name) for name in names]} {policy.rates} {policy.lang}"
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def _changed_parcels(
    bills: set[tuple[str, str]], known: Mapping[str, str], packages: Iterable[Package]
) -> tuple[set[str], bool]:
    """Waybills whose parcels are not what they were, and whether parcels left in a month that was billed without them."""
    codes, left = set[str](), False
    for package in packages:
        code, at = package.waybill_code, package.shipped_at
        if code in known:
            if package.joined or known[code] != signature(package):
                codes.add(code)
        elif package.state == "shipped" and at is not None:
            left = left or (package.cp_code, f"{at:%Y-%m}") in bills
    return codes, left


def _take_lines(journal: Journal, view: View, keys: set[str], desk: CourierDesk, lang: Lang) -> set[str]:
    """Keep the lines of rows that were read; those changed while the journal was lost are told. Gives their waybills."""
    view.load(COURIER_BILLS.name, keys)
    kept: list[Kept] = []
    for key in keys:
        cells, base = view.cells(COURIER_BILLS.name, key), view.base(COURIER_BILLS.name, key)
        line = line_from_row(cells) if cells else None
        if line is None and base is not None:
            line = line_from_row(base)  # typed over just now: what stood there is put back
        if line is not None:
            kept.append(Kept(line=line))
        elif cells is not None:
            desk.rows[key] = changed_row(lang)
            bill, _, rest = key.partition(KEY_SEPARATOR)
            cp_code, _, month = bill.partition("-")
            shell = CourierLine(
                cp_code=cp_code, month=month, waybill_code=rest.rpartition(KEY_SEPARATOR)[0], no=1
            )
            kept.append(Kept(line=shell, list="needs", state="changed", why=str(desk.rows[key]["why"])))
    journal.courier.put(kept)
    return {one.line.waybill_code for one in kept if one.state != "changed"}


def _look_for_unbilled(journal: Journal) -> set[str]:
    """Rows for parcels that left in a month whose bill is here and that no bill has. Gives the waybills to be judged."""
    book, codes, fresh = journal.courier, set[str](), list[Kept]()
    known = book.signatures()
    for cp_code, month in sorted(book.bills()):
        for package in journal.mirror.packages_shipped(cp_code, month):
            if package.waybill_code and package.waybill_code not in known:
                line = CourierLine(
                    cp_code=cp_code,
                    month=month,
                    waybill_code=package.waybill_code,
                    no=0,
                    package_id=package.package_id,
                )
                fresh.append(Kept(line=line))
        codes |= {one.line.waybill_code for one in book.unbilled(cp_code).values()}
    book.put(fresh)
    return codes | {one.line.waybill_code for one in fresh}


def _judge(journal: Journal, view: View, policy: Policy, codes: set[str], desk: CourierDesk) -> None:
    book, tolerances = journal.courier, Tolerances(
        fee=policy.number("courier_fee_tolerance"), weight_kg=policy.number("courier_weight_tolerance")
    )  # fmt: skip
    of_code: dict[str, list[CourierLine]] = {}
    for one in book.of_waybills(codes).values():
        if one.state != "changed":
            of_code.setdefault(one.line.waybill_code, []).append(one.line)
    packages, bills = journal.mirror.packages_by_waybill(of_code), book.bills()
    parcels = {code: as_one(parts) for code, parts in packages.items()}
    view.load(COURIER_BILLS.name, (line.key for lines in of_code.values() for line in lines))
    view.load(ORDERS.name, {part.tid for parts in packages.values() for part in parts})
    kept: list[Kept] = []
    for code, lines in of_code.items():
        ordered, package = in_turn(lines), parcels.get(code)
        billed = [line for line in ordered if line.no]
        for line in ordered:
            case = Case(
                line=line, package=package, first=billed[0] if line.no and line != billed[0] else None,
                table_fee=_by_table(line, package, view, policy),
                later=max((f"{cp}-{at}" for cp, at in bills if cp == line.cp_code and at > line.month), default=""),
                billed_in=billed[0].bill if billed else "",
            )  # fmt: skip
            one, row = judged(case, view.typed(COURIER_BILLS.name, line.key), tolerances, policy.lang)
            kept.append(one)
            desk.rows[line.key] = row
    book.put(kept)


def _by_table(line: CourierLine, package: Package | None, view: View, policy: Policy) -> Decimal | None:
    """What the freight table says for the weight that was billed."""
    if package is None or not line.weight_kg:
        return None
    cells = view.cells(ORDERS.name, package.tid) or view.base(ORDERS.name, package.tid) or {}
    rates = (policy.at(package.warehouse) if package.warehouse else policy).rates
    found = quote(
        rates, line.cp_code, str(cells.get("province") or ""), str(cells.get("city") or cells.get("district") or ""), line.weight_kg,
        default_ratio=policy.number("volume_ratio"),
    )  # fmt: skip
    return found.price if found else None


def courier_facts(
    journal: Journal, keys: Iterable[str], gone: Iterable[str], now: datetime, lang: Lang
) -> dict[str, list[Fact]]:
    """What rows of couriers' bills say to the books, by key: the difference to the estimate, on the last day of the month."""
    kept = journal.courier.get(keys)
    facts = {
        key: [_fact(key, one.line.month, one.line.cp_code, one.posted or Decimal("0.00"), one.tid, now, lang)]
        for key, one in kept.items()
        if one.state != "changed"
    }
    for key in set(gone) - kept.keys():
        cp_code, _, month = key.partition(KEY_SEPARATOR)[0].partition("-")
        facts[key] = [_fact(key, month, cp_code, Decimal("0.00"), "", now, lang)]
    return facts


def _fact(key: str, month: str, cp_code: str, amount: Decimal, tid: str, now: datetime, lang: Lang) -> Fact:
    bill, _, rest = key.partition(KEY_SEPARATOR)
    on = last_day(int(month.replace("-", "")), now)
    memo = say(
        lang,
        f"快递账单 {bill} 运单 {rest.partition(KEY_SEPARATOR)[0]}",
        f"Courier bill {bill}, waybill {rest.partition(KEY_SEPARATOR)[0]}",
    )
    return Fact(
        kind="freight_bill", ref=f"courier:{key}", on=on, amount=amount, tid=tid, partner=label_of(COURIERS, cp_code), memo=memo
    )  # fmt: skip
