"""Keeping the books in a tick: what orders, stock moves and people's vouchers ask for is posted, each fact once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from formulas.accounting.posting import Fact, merged, posting_day
from formulas.accounting.vouchers import (
    Voucher,
    begin,
    next_period,
    period_of,
    reversal,
    seal_of,
    slips,
)  # fmt: skip
from formulas.declare import CellError
from sync_engine.archive_room import ArchiveRoom
from sync_engine.archiving import REFILE, adopt_archives, look_after_archives
from sync_engine.bill_archiving import adopt_bill_archives
from sync_engine.books_clerk import Clerk
from sync_engine.books_close import close_periods
from sync_engine.books_kept import (
    BROKEN,
    TO_POST,
    WAITING,
    broken_lost,
    broken_refs,
    forget_broken,
    keep_voucher,
)
from sync_engine.courierdesk import courier_facts
from sync_engine.invoicing import post_invoices
from sync_engine.journal.journal import Journal
from sync_engine.journal.vouchers import Period
from sync_engine.own_income import post_receipts
from sync_engine.plan.books import (
    Desk,
    Entered,
    bill_facts,
    freight_facts,
    move_facts,
    no_sale,
    read_desk,
    read_manual,
    recognised_at,
    sale_facts,
    told_of_origin,
)
from sync_engine.plan.booksrows import voucher_from_rows
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stockroom import Posted
from sync_engine.todo import Todo
from sync_engine.trade import ENDED, Trade
from sync_engine.view import View
from workbook_templates.schema import Lang
from workbook_templates.tables import (
    ACCOUNTS,
    MANUAL,
    MOVES,
    ORDERS,
    PERIODS,
    POSTINGS,
    RULES,
    TODO,
)


def desk_of(state: TickState) -> Desk:
    """The chart and rules as this tick's sheets have them."""
    if state.books is None:
        rows = state.view.all(ACCOUNTS.name), state.view.all(RULES.name)
        state.books = read_desk(*rows, state.reading.policy, state.now)
    return state.books


def keeps_books(state: TickState) -> bool:
    """Whether this shop keeps its books here."""
    return state.reading.policy.setting("books") == "yes"


def keep_books(state: TickState) -> None:
    """Post everything that is to be posted. Inside the transaction, after stock was worked out."""
    journal = state.shop.journal
    brought = journal.rows.marked(TO_POST)
    journal.rows.clean(TO_POST, brought)
    if not keeps_books(state):
        return
    desk = desk_of(state)
    state.book_problems = []
    if not look_after_archives(state, desk):
        return  # what was posted is not known: it might be posted twice
    first = begin_periods(journal, state.now)
    if journal.meta(REFILE) == "1":  # facts that came while nothing could be posted
        first = True
        journal.set_meta(REFILE, "")
    mend(state, desk)
    waiting = _waiting(journal)
    tids = set(state.facts) | {one[6:] for one in waiting if one.startswith("order/")}
    moves = journal.rows.marked(MOVES.name) | {one[5:] for one in waiting if one.startswith("move/")}
    if first:
        tids |= journal.mirror.known_trades()
        moves |= {one.move.move_id for sku in journal.moves.skus() for one in journal.moves.of_sku(sku)}
    clerk = Clerk(state, desk)
    for kind, key, facts in _facts(state, desk, tids, moves):
        clerk.file(f"{kind}/{key}", facts)
    keys = _bill_keys(state, waiting, first=first) | brought
    for key, row in sorted(journal.bills.get(keys).items(), key=lambda pair: (pair[1].at, pair[0])):
        clerk.file(f"bill/{key}", bill_facts(row, desk.lang))
    for key, facts in _courier_facts(state, desk, waiting, first=first).items():
        clerk.file(f"courier/{key}", facts)
    clerk.post()
    post_manual(state, desk, clerk)
    post_invoices(state, desk, clerk)
    post_receipts(state, desk, clerk)
    journal.set_meta(WAITING, "\n".join(sorted(clerk.left)))
    journal.todos.settle([f"books/{tid}" for tid in tids], state.book_problems, state.now)
    close_periods(state, desk, clerk)


def _waiting(journal: Journal) -> set[str]:
    return {one for one in (journal.meta(WAITING) or "").split("\n") if one}


def _bill_keys(state: TickState, waiting: set[str], *, first: bool) -> set[str]:
    """Rows of bills that came or were classified anew in this tick, and those that wait; all of them at the beginning."""
    if state.bills.held:
        return set()  # all of them are looked at again afterwards
    if first:
        return state.shop.journal.bills.all_keys()
    return {
        *state.bills.rows,
        *(one[5:] for one in waiting if one.startswith("bill/")),
    }


def _courier_facts(state: TickState, desk: Desk, waiting: set[str], *, first: bool) -> dict[str, list[Fact]]:
    """Rows of couriers' bills that were judged in this tick, and those that wait; all of them at the beginning."""
    journal = state.shop.journal
    keys = (
        journal.courier.keys()
        if first
        else {*state.courier.rows, *(one[8:] for one in waiting if one.startswith("courier/"))}
    )
    return courier_facts(journal, keys, state.courier.gone, state.now, desk.lang)


def begin_periods(journal: Journal, now: datetime) -> bool:
    """Open every month up to this one. True where the books begin."""
    known, this = journal.vouchers.periods(), period_of(now)
    at = max(known, default=0)
    if not known:
        journal.vouchers.put_period(Period(period=this))
        journal.rows.mark({PERIODS.name: [str(this)]})
        return True
    while at < this:
        at = next_period(at)
        journal.vouchers.put_period(Period(period=at))
        journal.rows.mark({PERIODS.name: [str(at)]})
    return False


def _facts(
    state: TickState, desk: Desk, tids: Iterable[str], moves: Iterable[str]
) -> Iterable[tuple[str, str, list[Fact]]]:
    """Facts of orders and of moves, by what they come from."""
    journal, policy = state.shop.journal, state.reading.policy
    skus, trades, refunds = (
        journal.mirror.skus(),
        journal.mirror.trades(tids),
        journal.mirror.refunds_of(tids),
    )
    wanted_moves, packages = dict.fromkeys(moves), journal.mirror.packages_of(tids)
    for tid, trade in trades.items():
        try:
            facts = sale_facts(trade, refunds.get(tid, ()), skus, policy)
        except CellError as error:
            state.book_problems.append(_no_rate(tid, error, desk.lang))
            yield "order", tid, []
            continue
        if trade.purpose and not facts:  # not income, or not any more: whatever it posted is taken back
            facts = [no_sale(trade, state.now, desk.lang)]
        facts += freight_facts(packages.get(tid, ()), desk.lang)
        yield "order", tid, [told_of_origin(one, trade, desk.lang) for one in facts]
        wanted_moves.update(
            dict.fromkeys(one.move.move_id for one in journal.moves.of_source(f"orders/{tid}"))
        )
    posted = journal.moves.get(wanted_moves)
    sources = {
        one.move.source.removeprefix("orders/")
        for one in posted.values()
        if one.move.source.startswith("orders/")
    }
    trades |= journal.mirror.trades(sources - trades.keys())
    for move_id in sorted(posted, key=lambda key: (posted[key].move.at, key)):
        yield "move", move_id, _move_facts(state, posted[move_id], trades, desk)


def _no_rate(tid: str, error: CellError, lang: Lang) -> Todo:
    return Todo(
        code="vat_unknown", subject=f"books/{tid}", table=ORDERS.name, row_key=tid, severity="stop",
        reason=say(lang, f"这单没有记收入:{error.zh}", f"The income of this order was not posted: {error.en}"),
        advice=say(lang, "请联系维护的人补税率,或用手工凭证记账", "Have the rate added, or enter a manual voucher"),
    )  # fmt: skip


def _move_facts(state: TickState, posted: Posted, trades: dict[str, Trade], desk: Desk) -> list[Fact]:
    table, _, key = posted.move.source.partition("/")
    supplier = (
        str((state.view.cells("purchases", key) or {}).get("supplier") or "") if table == "purchases" else ""
    )
    trade = trades.get(key) if table == "orders" else None
    settled = None
    if trade is not None:
        settled = recognised_at(trade, desk.books.mode)
        if settled is None and trade.status in ENDED:
            settled = trade.end_time or trade.modified
    elif table == "orders":  # an order that is only in the books any more, if at all
        ref = f"sold:{posted.move.move_id}"
        before = state.shop.journal.vouchers.of_refs([ref]).get(ref, [])
        facts = move_facts(posted, supplier, posted.move.at if before else None, desk.lang)
        tid = next((line.tid for one in before for line in one.lines), "")
        return [replace(one, tid=tid) for one in facts] if tid else facts
    return [told_of_origin(one, trade, desk.lang) for one in move_facts(posted, supplier, settled, desk.lang)]


# -- people's vouchers ----------------------------------------------------------------------------------------------


def post_manual(state: TickState, desk: Desk, clerk: Clerk) -> None:
    """Check, number and post what people entered; what is wrong is told beside their rows."""
    rows = state.view.all(MANUAL.name)
    entered = read_manual(rows, desk)
    posted = state.shop.journal.vouchers.of_refs(one.ref for one in entered)
    for one in entered:
        state.manual.update({key: ("", "", problem) for key, problem in one.slips.items()})
        if not one.slips:
            told = _post_one(state, one, posted.get(one.ref, []), desk, clerk)
            state.manual.update(dict.fromkeys(one.keys, told))


def _post_one(
    state: TickState, one: Entered, posted: Sequence[Voucher], desk: Desk, clerk: Clerk
) -> tuple[str, str, str]:
    """(voucher, red voucher, problem) of one voucher people wrote."""
    original = next((v for v in posted if not v.reverses), None)
    back = next((v for v in posted if v.reverses), None)
    if original is None:
        return _first_time(state, one, desk, clerk)
    if one.reverse and back is None:
        on = posting_day(original.on, clerk.open_periods, state.now)
        if on is None:
            return (
                original.voucher_id,
                "",
                say(desk.lang, "没有开着的期间,不能冲销", "No open month: it cannot be taken back"),
            )
        red = reversal(original, period_of(on), 0, on)
        memo = say(desk.lang, f"冲销 {original.voucher_id}", f"Reverses {original.voucher_id}")
        clerk.add(red.lines, on, red.rule, red.ref, memo, red.reverses)
        back = state.shop.journal.vouchers.of_refs([one.ref])[one.ref][-1]
    changed = merged(one.lines) != merged(original.lines)
    problem = say(desk.lang, "已入账,后来的改动没有生效;要更正请冲销后另写一张", "Already posted: the change does not count. Reverse it and enter another") if changed else ""  # fmt: skip
    return original.voucher_id, back.voucher_id if back else "", problem


def _first_time(state: TickState, one: Entered, desk: Desk, clerk: Clerk) -> tuple[str, str, str]:
    if not one.post:
        return "", "", ""
    draft = Voucher(
        period=period_of(one.on), number=0, on=one.on, lines=one.lines, rule="manual", ref=one.ref
    )
    found = slips(draft, desk.chart, clerk.open_periods, state.now)
    if found:
        return (
            "",
            "",
            say(desk.lang, "没有入账:", "Not posted: ")
            + say(desk.lang, ";", "; ").join(slip.text(desk.lang) for slip in found),
        )
    if one.ref in broken_refs(state.shop.journal):
        if clerk.make_anew(one.ref, one.lines, "manual"):
            return state.shop.journal.vouchers.of_refs([one.ref])[one.ref][0].voucher_id, "", ""
        return (
            "",
            "",
            say(
                desk.lang,
                "这张凭证在“凭证”表里的行被改过,请先改回原样",
                "The rows of this voucher were changed: change them back first",
            ),
        )
    clerk.add(one.lines, one.on, "manual", one.ref, one.memo)
    return state.shop.journal.vouchers.of_refs([one.ref])[one.ref][0].voucher_id, "", ""


# -- after a loss of the journal ------------------------------------------------------------------------------------


def adopt_books(
    journal: Journal, view: View, now: datetime, lang: Lang, room: ArchiveRoom | None = None
) -> None:
    """Take the books over from the sheets after the journal was lost; a voucher that does not agree with its seal is told."""
    for key, row in view.found[PERIODS.name].rows.items():
        if key.isdecimal():
            cells = row.cells
            closed_at = cells.get("closed_at")
            journal.vouchers.put_period(Period(
                period=int(key), state=str(cells.get("state") or "open"), seal=str(cells.get("seal") or ""),
                trail=str(cells.get("trail") or ""), archive=str(cells.get("archive") or ""), bill_archive=str(cells.get("bill_archive") or ""),
                closed_at=closed_at if isinstance(closed_at, datetime) else None,
            ))  # fmt: skip
    found = view.found[POSTINGS.name]
    groups: dict[str, list[dict[str, object]]] = {}
    for row in (*found.rows.values(), *found.doubled):
        groups.setdefault(str(row.cells.get("voucher") or ""), []).append(dict(row.cells))
    seals = {name: str(rows[0].get("seal") or "") for name, rows in groups.items()}
    lost: dict[str, dict[str, str]] = {}
    for name in sorted(groups):
        voucher = voucher_from_rows(groups[name])  # type: ignore[arg-type]
        before = _before(name, seals)
        if voucher is not None and voucher.seal and seal_of(voucher, before) == voucher.seal:
            journal.vouchers.add([voucher])
        elif seals[name] and (entry := _lost_entry(name, groups[name][0], before)):
            lost[name] = entry
    journal.set_meta(BROKEN, json.dumps(lost))
    adopt_archives(journal, view, room)
    adopt_bill_archives(journal, view, room)
    todos = [_changed_todo(name, lang) for name in lost]
    changed, _ = journal.todos.settle([], todos, now)
    journal.rows.mark({TODO.name: changed})


def _before(name: str, seals: dict[str, str]) -> str:
    period, _, number = name.partition("-")
    if not period.isdecimal() or not number.isdecimal():
        return ""
    return begin(int(period)) if int(number) == 1 else seals.get(f"{period}-{int(number) - 1:04d}", "")


def _lost_entry(name: str, cells: dict[str, object], before: str) -> dict[str, str] | None:
    period, _, number = name.partition("-")
    on = cells.get("on")
    if not period.isdecimal() or not number.isdecimal() or not isinstance(on, datetime):
        return None
    return {
        "period": period, "number": number, "seal": str(cells.get("seal") or ""), "before": before,
        "ref": str(cells.get("ref") or ""), "on": on.isoformat(),
    }  # fmt: skip


def _changed_todo(name: str, lang: Lang) -> Todo:
    return Todo(
        code="voucher_changed", subject=f"{POSTINGS.name}/{name}", table=POSTINGS.name, row_key=name, severity="stop", event=True,
        reason=say(lang, f"日志重建时,凭证 {name} 的内容和校验码对不上,没有采用", f"When the journal was built anew voucher {name} did not agree with its seal: it was not taken"),
        advice=say(lang, "请把这几行改回原样,或从备份恢复;改好前不能结账", "Change its rows back, or restore a backup; the month cannot be closed before"),
    )  # fmt: skip


def mend(state: TickState, desk: Desk) -> None:
    """Vouchers whose rows were put right again are taken back into the books."""
    journal, lost = state.shop.journal, broken_lost(state.shop.journal)
    if not lost:
        return
    rows = state.view.all(POSTINGS.name)
    for name, entry in lost.items():
        mine = [cells for key, cells in rows.items() if key.startswith(f"{name}/")]
        voucher = voucher_from_rows(mine)
        if voucher is not None and seal_of(voucher, entry["before"]) == entry["seal"] == voucher.seal:
            keep_voucher(journal, voucher)
            forget_broken(journal, name)
