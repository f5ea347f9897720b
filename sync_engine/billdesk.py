"""The bills of a tick: rows of 支付宝账单 classified and indexed, and matched with the orders in 对账.

Bills come by import; a tick reacts to what changed: rows, rules, people's choices, orders. The index in the journal is
made anew from the sheet where the journal was lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from formulas.bill_rules import BillRule, Classifier, read_bill_rules
from sync_engine.billed import Billed
from sync_engine.journal.bill_archive import LEFT
from sync_engine.journal.journal import Journal
from sync_engine.plan.billing import Judged, bill_row, judge, line_from_row, spoiled_row
from sync_engine.plan.matching import account_match, dues_of, order_match, transfer_matches
from sync_engine.plan.merge import staff_cells, typed_in
from sync_engine.todo import Todo
from sync_engine.view import View
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import BILL_RULES, BILLS, MATCHES, ORDERS
from workbook_templates.words import say

Row = dict[str, Value]
Cells = Mapping[str, Value]
RULES_SEEN = "bill_rules"  # the rules the rows were classified by
COVERED = "bills_covered"  # the time the bills are of, and the tolerance: when either changes, every ended order is matched

SPOILED = "bills_spoiled"
BALANCES = "bills_balances"  # of each account's month: what it was worked out to begin and end with


@dataclass(slots=True)
class BillDesk:
    """What a tick found out about bills."""

    rows: dict[str, Row] = field(default_factory=dict)  # of 支付宝账单, to be shown
    first: dict[str, Row] = field(
        default_factory=dict
    )  # what people had typed in rows that come back from an archive
    held: bool = False  # rows are missing that nobody has: nothing is classified, matched or posted
    problems: dict[str, str] = field(default_factory=dict)  # of 账单规则
    orders: set[str] = field(default_factory=set)  # whose match is to be worked out anew
    months: bool = False  # whether transfers and balances are
    balances: set[str] = field(default_factory=set)  # accounts' months ("2088.../2026-10") whose rows changed
    touched: bool = False

    def touch(self, rows: Iterable[Billed]) -> None:
        """Rows that changed or are gone: their orders and months are to be worked out anew."""
        for row in rows:
            self.orders.add(row.tid)
            self.balances.add(f"{row.account}/{row.month}")
        self.orders.discard("")


def look_at_bills(journal: Journal, view: View, tolerance: Decimal, lang: Lang) -> BillDesk:
    """Classify and index what changed. Inside the tick's transaction."""
    desk = BillDesk(held=bool(journal.bill_archive.lost()))
    if desk.held:
        return desk
    rules, desk.problems = read_bill_rules(view.all(BILL_RULES.name), lang)
    found, marked = view.found[BILLS.name], journal.rows.marked
    gone = {*found.accept, *found.asking}
    keys = {*found.rows, *found.restore, *marked(BILLS.name)} - gone
    away = _put_away(journal, view, {*gone, *keys})
    gone, keys = gone - away, keys - away
    seen = fingerprint(rules, lang)
    if journal.meta(RULES_SEEN) != seen:
        every = journal.bills.live_keys()
        keys |= every
        journal.rows.mark({BILLS.name: every})  # until they stand in the sheet
        journal.set_meta(RULES_SEEN, seen)
    if gone:
        desk.touch(journal.bills.get(gone).values())
        journal.bills.drop(gone)
        _forget_spoiled(journal, gone)
        desk.months = True
    if keys:
        _classify(journal, view, keys, Classifier(rules, lang), desk, lang)
    if journal.bills.covered()[1]:
        _choose_matches(journal, view, desk, marked(MATCHES.name) | marked(ORDERS.name), tolerance)
    return desk


def _put_away(journal: Journal, view: View, keys: set[str]) -> set[str]:
    """Those of these rows that were moved to an archive: they stay as they were judged. One that still stands in the sheet
    and that people typed into since lives on there.
    """
    stored, standing = journal.bill_archive.among(keys), view.found[BILLS.name].rows
    typed = {
        key for key in stored.keys() & standing.keys()
        if standing[key].faults or typed_in(BILLS, stored[key], standing[key].cells)
    }  # fmt: skip
    journal.bill_archive.drop(typed)
    if stored.keys() & standing.keys() - typed:
        journal.set_meta(LEFT, "1")
    return stored.keys() - typed


def spoiled_rows(journal: Journal) -> set[str]:
    """Keys of rows whose content does not agree with their seal: they do not count."""
    return set(json.loads(journal.meta(SPOILED) or "[]"))


def _forget_spoiled(journal: Journal, keys: Iterable[str]) -> None:
    spoiled = spoiled_rows(journal)
    left = spoiled.difference(keys) if spoiled else spoiled
    if left != spoiled:
        journal.set_meta(SPOILED, json.dumps(sorted(left)))


def fingerprint(rules: Iterable[BillRule], lang: Lang) -> str:
    """A short name of a set of rules."""
    text = "\n".join(map(repr, rules)) + lang
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def _classify(
    journal: Journal, view: View, keys: set[str], classifier: Classifier, desk: BillDesk, lang: Lang
) -> None:
    view.load(BILLS.name, keys)
    coming = journal.bill_archive.coming(keys)
    base_or_sheet = {
        key: view.cells(BILLS.name, key) or view.base(BILLS.name, key) or coming.get(key) for key in keys
    }
    before = journal.bills.get(keys)
    lines = {}
    for key, cells in base_or_sheet.items():
        line = line_from_row(cells) if cells is not None else None
        if line is None and (base := view.merge_base(BILLS.name, key)) is not None:
            line = line_from_row(base)  # typed over just now: what stood there is put back
        if line is not None:
            lines[key] = line
        elif cells is not None:
            desk.rows[key] = spoiled_row(lang)
    spoiled = spoiled_rows(journal) | (keys - lines.keys()) & desk.rows.keys()
    journal.set_meta(SPOILED, json.dumps(sorted(spoiled)))
    judged = judge_all(
        journal, {key: (line, base_or_sheet[key] or {}) for key, line in lines.items()}, classifier, lang
    )
    for key, one in judged.items():
        base = view.base(BILLS.name, key) or coming.get(key) or {}
        desk.rows[key] = {**({"source": base["source"]} if base.get("source") else {}), **bill_row(one)}
    desk.first = {key: staff_cells(BILLS, cells) for key, cells in coming.items()}
    index(journal, judged.values())
    journal.bills.drop(keys - judged.keys())
    after = journal.bills.get(keys)
    desk.touch((*before.values(), *after.values()))
    desk.months = desk.touched = True


def judge_all(
    journal: Journal, lines: Mapping[str, tuple[object, Cells]], classifier: Classifier, lang: Lang
) -> dict[str, Judged]:
    """Lines with their items and orders. Payments first: fees may name only the trade they were taken for."""
    judged = {key: judge(line, cells, classifier, {}, lang) for key, (line, cells) in lines.items()}  # type: ignore[arg-type]
    payments = {
        one.line.trade_no: one.tid
        for one in judged.values()
        if one.item == "sale_payment" and one.tid and one.line.trade_no
    }
    asked = {one.trade_no for one in judged.values() if one.trade_no and not one.tid}
    known = {**journal.bills.orders_of_trades(asked - payments.keys()), **payments}
    for key, one in judged.items():
        if one.trade_no in known and not one.tid:
            judged[key] = judge(one.line, lines[key][1], classifier, known, lang)
    return judged


def index(journal: Journal, judged: Iterable[Judged]) -> None:
    """Keep rows for matching; earlier rows that waited for one of these payments are to be looked at again."""
    billed = [one.billed for one in judged]
    journal.bills.put(billed)
    _forget_spoiled(journal, (row.key for row in billed))
    paid = {row.trade_no for row in billed if row.item == "sale_payment" and row.trade_no}
    waiting = journal.bills.waiting_for(paid)
    journal.rows.mark({BILLS.name: waiting - journal.bill_archive.keys_among(waiting)})


def _choose_matches(
    journal: Journal, view: View, desk: BillDesk, dirty: set[str], tolerance: Decimal
) -> None:
    """Which rows of 对账 are to be worked out: those whose bills, orders or memos changed."""
    found = view.found[MATCHES.name]
    shown = {*found.rows, *found.restore}
    desk.orders |= {key for key in (*dirty, *shown) if "/" not in key} | set(view.found[ORDERS.name].rows)
    desk.balances |= {key for key in (*dirty, *shown) if "/" in key}
    desk.months = desk.months or bool(desk.balances)
    covered = f"{journal.bills.covered()} {tolerance}"
    if journal.meta(COVERED) != covered:
        journal.set_meta(COVERED, covered)
        ended = view.keys_with(ORDERS.name, "end_time")
        journal.rows.mark({MATCHES.name: ended})
        desk.orders |= ended
        desk.months = True


def match_rows(
    journal: Journal, view: View, desk: BillDesk, orders: Mapping[str, Cells], tolerance: Decimal, lang: Lang
) -> dict[str, Row]:
    """Rows of 对账 to be shown.

    Args:
        orders: rows of 订单 as this tick will show them, where they differ from what stands there.
    """
    first, covered_to = journal.bills.covered()
    if not first or desk.held:
        return {}
    tids = desk.orders | {tid for tid, cells in orders.items() if cells.get("end_time") is not None}
    billed = journal.bills.of_orders(tids)
    view.load(MATCHES.name, tids)
    view.load(ORDERS.name, tids - orders.keys())
    found: dict[str, Row] = {}
    for tid in sorted(tids):
        mine = billed.get(tid, [])
        cells = orders.get(tid) or view.base(ORDERS.name, tid) or view.cells(ORDERS.name, tid)
        dues = dues_of(cells)
        if (
            not mine
            and dues is not None
            and dues.ended is not None
            and f"{dues.ended:%Y-%m-%d %H:%M:%S}" < first
        ):
            dues = None  # ended before the first bill there is: nothing of it can be here
        row = order_match(tid, dues, mine, view.cells(MATCHES.name, tid) or {}, tolerance, covered_to, lang)
        if row is not None or view.cells(MATCHES.name, tid) is not None:
            found[tid] = row or _nothing_left(tid, "order", lang)
    if desk.months:
        found |= _month_rows(journal, view, desk, lang)
    return found


def _nothing_left(match_id: str, kind: str, lang: Lang) -> Row:
    """A row whose bills or order are gone or were given to another order."""
    zero = Decimal("0.00")
    return {
        "match_id": match_id, "kind": kind, "list": "matched", "state": "equal", "due": None, "refundable": None, "received": zero,
        "refunded": zero, "difference": zero, "fees": zero, "rows": 0, "order_month": "", "bill_months": "", "crosses": False,
        "why": say(lang, "没有要核对的了", "Nothing is left to match"), "problem": "",
    }  # fmt: skip


def _month_rows(journal: Journal, view: View, desk: BillDesk, lang: Lang) -> dict[str, Row]:
    transfers = journal.bills.of_item("own_transfer")
    staff = {key: view.cells(MATCHES.name, key) or {} for key in {f"T/{row.log_id}" for row in transfers}}
    found = transfer_matches(transfers, staff, lang)
    rows, months = _balances(journal, view, desk, lang)
    found |= rows
    shown = {key for key in journal.rows.digests()[MATCHES.name] if "/" in key} - found.keys() - months
    for key in shown:  # no transfer any more, or no bill of that month
        if view.cells(MATCHES.name, key) is not None:
            found[key] = _nothing_left(key, "transfer" if key.startswith("T/") else "account", lang)
    return found


def _balances(journal: Journal, view: View, desk: BillDesk, lang: Lang) -> tuple[dict[str, Row], set[str]]:
    """(rows of accounts' months, all months there are). Worked out are those whose rows changed, and those that begin with
    another balance than when they were last worked out: a year's bills are not read because one of its months changed.
    """
    known: dict[str, list[str]] = json.loads(journal.meta(BALANCES) or "{}")
    now: dict[str, list[str]] = {}
    found: dict[str, Row] = {}
    last: dict[str, tuple[str, Decimal]] = {}
    for account, month in journal.bills.months():
        key, before = f"{account}/{month}", last.get(account)
        begins = f"{before[0]} {before[1]}" if before else ""
        now[key] = known.get(key, [])
        if key in desk.balances or now[key][:1] != [begins]:
            memo = view.cells(MATCHES.name, key) or {}
            found[key], closing = account_match(
                account, month, journal.bills.moved(account, month), before, memo, lang
            )
            now[key] = [begins, str(closing)]
        last[account] = (month, Decimal(now[key][1]))
    desk.balances |= found.keys()  # whoever asks again in this tick gets them again
    if now != known:
        with journal.transaction():
            journal.rows.mark({MATCHES.name: found})  # until they stand in the sheet
            journal.set_meta(BALANCES, json.dumps(now))
    return found, set(now)


def bill_todos(journal: Journal, lang: Lang) -> list[Todo]:
    """One thing to do for each month with rows nobody has classified: a single sentence, not one for each row."""
    return [
        Todo(
            code="bills_unclassified", subject=f"sheet:{BILLS.name}/{month}", table=BILLS.name, row_key=month, severity="stop",
            reason=say(lang, f"{month} 的支付宝账单有 {number} 行没有归类,月结会被挡住", f"{number} rows of {month}'s Alipay bill are not classified: the month cannot be closed"),
            advice=say(lang, "在“支付宝账单”按“归类 = 未分类”筛选,选人工归类,或在“账单规则”加一条", "Filter the Alipay bills by item = Unclassified and choose items, or add a bill rule"),
        )
        for month, number in sorted(journal.bills.unclassified().items())
    ]  # fmt: skip
