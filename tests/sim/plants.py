"""Bugs to plant in the engine. The simulator must find each of them: a check that cannot fail checks nothing.

Each plant says what it breaks; `SEEDS` names the first day that showed it when it was planted last, so that the suite lives
through one day for each. `python -m tests.sim.plants` looks for those days anew.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from formulas.bins import BinWalk
from sync_engine import execute, observe, settle, shop, show, stockledger, view
from sync_engine.carriers.cainiao import CainiaoCarrier
from sync_engine.execute import _Work
from sync_engine.intent import IntentState
from sync_engine.journal.intents import IntentBook
from sync_engine.journal.mirror import Mirror
from sync_engine.journal.moves import MoveBook
from sync_engine.plan import documents, order, stage, stock
from sync_engine.plan.merge import merge_row
from sync_engine.stores import memory
from sync_engine.stores.memory_sheet import Place
from sync_engine.tmall import client
from tests.sim import day, mischief
from tests.sim.__main__ import one_day
from tests.sim.plants_service import SERVICE_LONG, SERVICE_SEEDS, alarms_stay

SESSIONS, QUIET = 10, 30
"""Short days: most bugs need no long one, and a day that never becomes quiet need not prove it eighty times."""
Monkey = pytest.MonkeyPatch
Plant = Callable[[Monkey], None]


def never_asks_the_carrier(m: Monkey) -> None:
    """What the carrier sold is never asked."""
    m.setattr(CainiaoCarrier, "find", lambda self, tids: [])


def calls_without_noting_it(m: Monkey) -> None:
    """The journal does not note a call before it is made."""
    m.setattr(IntentBook, "calling", lambda self, keys, at: None)


def puts_back_without_a_word(m: Monkey) -> None:
    """What is typed over our cells is put back, and nobody hears of it."""
    m.setattr(show, "merge_row", lambda *row: replace(merge_row(*row), put_back=()))


def repeats_what_is_in_doubt(m: Monkey) -> None:
    """A call whose answer was lost is made again without asking."""
    m.setattr(_Work, "settle_doubts", _all_pending)


def _all_pending(self: _Work) -> None:
    for intent in self.journal.intents.open():
        if intent.in_doubt:
            self._move(intent, IntentState.PENDING)


def believes_absence_at_once(m: Monkey) -> None:
    """What the carrier does not show yet counts as not bought."""
    m.setattr(_Work, "_absent", lambda self, intent: self._move(intent, IntentState.PENDING))


def cursor_runs_ahead(m: Monkey) -> None:
    """The cursor is set an hour later than what was looked at."""
    advance = shop._advance

    def ahead(journal: Any, seen: Any) -> None:
        advance(journal, seen)
        if (cursor := journal.moment("cursor")) is not None:
            journal.set_moment("cursor", cursor + timedelta(hours=1))

    m.setattr(shop, "_advance", ahead)


def cursor_moves_in_spite_of_trouble(m: Monkey) -> None:
    """A look at Tmall that failed half-way counts as done."""
    advance = shop._advance

    def anyway(journal: Any, seen: Any) -> None:
        seen.reached.setdefault("", seen.until)
        advance(journal, seen)

    m.setattr(shop, "_advance", anyway)


def windows_do_not_overlap(m: Monkey) -> None:
    """The next window begins where the last one ended."""
    m.setattr(observe, "OVERLAP", timedelta(0))


def trusts_the_time_of_a_trade(m: Monkey) -> None:
    """A trade with the same time of change is never read again, however fresh it was when it was read."""
    m.setattr(observe, "SAME_SECOND", timedelta(days=-2))


def pages_forwards(m: Monkey) -> None:
    """Orders that move while we page are missed."""
    pages = client.pages_last_to_first

    def first_only(*args: Any, **more: Any) -> Any:
        found = list(pages(*args, **more))
        return found[: max(1, len(found) - 1)]

    m.setattr(client, "pages_last_to_first", first_only)


def empties_nothing(m: Monkey) -> None:
    """A cell of ours that should be empty is left as it is."""
    write = Place.write

    def without_empties(self: Place, cells: Any) -> bool:
        return write(self, {name: value for name, value in cells.items() if value not in (None, "")})

    m.setattr(Place, "write", without_empties)


def writes_one_row_too_low(m: Monkey) -> None:
    """A row is found by key, and the one below it is written."""
    target = memory.target

    def below(sheet: Any, edit: Any) -> Any:
        place = target(sheet, edit)
        if isinstance(place, str) or edit.new or edit.match is not None or sheet.table.name != "lines":
            return place
        rows = sheet.rows
        at = next(n for n, row in enumerate(rows) if row is place.row)
        return replace_row(place, rows[min(at + 1, len(rows) - 1)])

    m.setattr(memory, "target", below)


def replace_row(place: Place, row: Any) -> Place:
    """The same place, one row on."""
    return Place(place.sheet, row)


def takes_unwritten_rows_as_settled(m: Monkey) -> None:
    """Rows become the merge base although the workbook could not be written."""
    settled = settle.settle

    def careless(journal: Any, seen: Any, display: Any, report: Any, *more: Any) -> None:
        settled(journal, seen, display, replace(report, pending=""), *more)
        with journal.transaction():
            for table in ("orders", "lines", "waybills", "stock", "products"):
                journal.rows.clean(table, journal.rows.dirty().get(table, set()))

    m.setattr(shop, "settle", careless)


def forgets_what_was_typed_meanwhile(m: Monkey) -> None:
    """What people type between read and write becomes the base unseen; they do so at nearly every write."""
    m.setattr(settle, "_as_planned", lambda edit, row, seen: row)
    m.setattr(mischief, "BETWEEN", 0.9)


def adopts_nothing(m: Monkey) -> None:
    """After a lost journal the carrier is not asked what it sold, neither at once nor before the next purchase."""
    m.setattr(shop, "find_waybills", lambda outside, sellers: [])
    m.setattr(_Work, "_not_bought_yet", lambda self, intents: list(intents))


def dead_parcels_keep_their_number(m: Monkey) -> None:
    """A waybill whose goods were refunded is not given back."""
    m.setattr(order, "_give_back", lambda draft: None)


def a_refund_stops_nothing(m: Monkey) -> None:
    """Lines that are closed count as alive."""
    m.setattr(order, "is_dead", lambda line: False)


def tells_tmall_twice(m: Monkey) -> None:
    """A parcel that was told stays to be told."""
    m.setattr(_Work, "_shipped", lambda self, intent, package, when: self._move(intent, IntentState.PENDING))


def shipped_goods_stay_reserved(m: Monkey) -> None:
    """What has left is still kept back."""
    lines = stock._stock_line

    def kept(facts: Any, line: Any, *rest: Any) -> Any:
        one = lines(facts, line, *rest)
        return replace(one, reserved=line.num) if one.shipped else one

    m.setattr(stock, "_stock_line", kept)


def offers_what_is_reserved(m: Monkey) -> None:
    """What is sold and not yet sent is offered once more."""
    m.setattr(stock, "sellable", lambda there, reserved, kept: max(0, there - kept))


def money_by_halves(m: Monkey) -> None:
    """Payments are cut to whole yuan."""
    put = Mirror.put_trade

    def cut(self: Mirror, trade: Any, *, live: bool) -> None:
        put(self, replace(trade, payment=Decimal(int(trade.payment))), live=live)

    m.setattr(Mirror, "put_trade", cut)


def deletions_are_final(m: Monkey) -> None:
    """A row that somebody deleted stays away, also of an order under way."""
    m.setattr(view.View, "_keeps", lambda self, table: lambda key, cells: False)


def a_hold_of_staff_is_ignored(m: Monkey) -> None:
    """Somebody stops an order, and it goes on."""
    held = stage.find_hold

    def deaf(facts: Any, policy: Any, now: Any, audit: Any) -> Any:
        return held(replace(facts, staff=replace(facts.staff, hold=False)), policy, now, audit)

    m.setattr(order, "find_hold", deaf)


def gives_back_a_told_parcel(m: Monkey) -> None:
    """A parcel that Tmall was told of is given back all the same."""
    m.setattr(order, "_told_with", lambda draft, package: ())
    m.setattr(order, "_follow_tmall", lambda draft: None)


def an_earlier_copy_counts_as_deletions(m: Monkey) -> None:
    """Rows missing from yesterday's workbook are taken for deleted."""
    m.setattr(view, "_turned_back", lambda journal, snapshot: "")


def two_computers_at_once(m: Monkey) -> None:
    """A second computer works on the same workbook."""
    m.setattr(shop, "mind_other_desk", lambda *where: None)


def doubt_means_refused(m: Monkey) -> None:
    """A lost answer counts as a no."""

    def refuse(self: _Work, intents: Any, call: Any) -> Any:
        with self.journal.transaction():
            self.journal.intents.calling([intent.key for intent in intents], self.now())
        try:
            return call()
        except execute.OutsideError as error:
            for intent in intents:
                self._refuse(intent, str(error))
        return None

    m.setattr(_Work, "_call", refuse)


def receipts_are_posted_again(m: Monkey) -> None:
    """What a document posted already is not looked at."""
    m.setattr(documents, "net", lambda moves: 0)


def a_lost_ledger_stays_lost(m: Monkey) -> None:
    """After a loss of the journal the moves in the sheet are not taken over."""
    m.setattr(shop, "adopt_moves", lambda *given: None)


def stock_by_warehouse_is_of_yesterday(m: Monkey) -> None:
    """What lies in a warehouse is kept as it was worked out first."""
    put = MoveBook.put_balances

    def once(self: MoveBook, sku: str, found: Any) -> None:
        if not self.balances(sku):
            put(self, sku, found)

    m.setattr(MoveBook, "put_balances", once)


def goods_that_left_lie_there_still(m: Monkey) -> None:
    """What leaves is not posted to the ledger."""
    m.setattr(shop, "post_order", lambda *given: None)


def all_goods_leave_from_the_main_warehouse(m: Monkey) -> None:
    """What left another warehouse is taken from the main one."""
    moves = stockledger.order_moves
    m.setattr(
        stockledger,
        "order_moves",
        lambda lines, *more: moves([replace(one, warehouse="") for one in lines], *more),
    )


def defective_returns_are_sold_again(m: Monkey) -> None:
    """What came back broken is posted as good."""
    moves = stockledger.order_moves

    def good(lines: Any, *more: Any) -> Any:
        return moves(
            [replace(one, returned=one.returned + one.defective, defective=0) for one in lines], *more
        )

    m.setattr(stockledger, "order_moves", good)


def nothing_is_reserved_in_a_warehouse(m: Monkey) -> None:
    """Two orders are promised the same shelf."""
    m.setattr(Mirror, "reserved_in", lambda self, code, main: {})


def stock_is_worked_out_one_commit_late(m: Monkey) -> None:
    """Moves are committed, and what lies there only with the next transaction: right in the end, wrong in between."""
    work_out, seen = shop.plan_marked_stock, []

    def late(state: Any) -> bool:
        if seen[-1:] == [id(state)]:
            return work_out(state)
        seen.append(id(state))
        return False

    m.setattr(shop, "plan_marked_stock", late)


def what_left_stays_in_its_bin(m: Monkey) -> None:
    """A bin keeps what was taken out of it."""
    add = BinWalk._add
    m.setattr(BinWalk, "_add", lambda self, place, name, pieces: add(self, place, name, max(0, pieces)))


def what_is_picked_lies_about(m: Monkey) -> None:
    """Goods picked for a parcel are taken for goods in no bin, and given to the next."""
    m.setattr(BinWalk, "_ahead_by", lambda self, place, source, pieces: None)


SEEDS: dict[Plant, int] = {
    what_left_stays_in_its_bin: 70,
    what_is_picked_lies_about: 70,
    all_goods_leave_from_the_main_warehouse: 22,
    defective_returns_are_sold_again: 10,
    nothing_is_reserved_in_a_warehouse: 1,
    stock_is_worked_out_one_commit_late: 6,
    receipts_are_posted_again: 62,
    a_lost_ledger_stays_lost: 11,
    stock_by_warehouse_is_of_yesterday: 0,
    goods_that_left_lie_there_still: 1,
    never_asks_the_carrier: 0,
    calls_without_noting_it: 10,
    puts_back_without_a_word: 1,
    repeats_what_is_in_doubt: 43,
    believes_absence_at_once: 74,
    cursor_runs_ahead: 0,
    cursor_moves_in_spite_of_trouble: 13,
    windows_do_not_overlap: 0,
    trusts_the_time_of_a_trade: 13,
    pages_forwards: 0,
    empties_nothing: 76,
    writes_one_row_too_low: 0,
    takes_unwritten_rows_as_settled: 13,
    forgets_what_was_typed_meanwhile: 73,
    adopts_nothing: 6,
    dead_parcels_keep_their_number: 14,
    a_refund_stops_nothing: 14,
    tells_tmall_twice: 2,
    shipped_goods_stay_reserved: 0,
    offers_what_is_reserved: 1,
    money_by_halves: 0,
    deletions_are_final: 22,
    a_hold_of_staff_is_ignored: 5,
    gives_back_a_told_parcel: 18,
    an_earlier_copy_counts_as_deletions: 147,
    two_computers_at_once: 3,
    doubt_means_refused: 46,
    **SERVICE_SEEDS,
}
"""The first day that showed each of them."""
LONG: frozenset[Plant] = frozenset(
    {
        an_earlier_copy_counts_as_deletions,
        believes_absence_at_once,
        doubt_means_refused,
        forgets_what_was_typed_meanwhile,
        trusts_the_time_of_a_trade,
        *SERVICE_LONG,
    }
)
"""Those that need a whole day."""
SLOW: frozenset[Plant] = frozenset({
    calls_without_noting_it, empties_nothing, writes_one_row_too_low, *(SERVICE_SEEDS.keys() - {alarms_stay}),
    trusts_the_time_of_a_trade, defective_returns_are_sold_again, believes_absence_at_once, what_is_picked_lies_about,
    receipts_are_posted_again, an_earlier_copy_counts_as_deletions, stock_is_worked_out_one_commit_late, adopts_nothing,
    dead_parcels_keep_their_number, all_goods_leave_from_the_main_warehouse,
})  # fmt: skip
"""Those that take longest: they show by never becoming quiet, or on long days. A soak plants them too."""
PLANTS = tuple(SEEDS)


def first_day(plant: Plant, seeds: range) -> tuple[int | None, str]:
    """The first day on which the plant breaks a promise, and which."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        plant(monkeypatch)
        monkeypatch.setattr(day, "QUIET_TICKS", QUIET)
        monkeypatch.setattr(day.Day, "_last_order", lambda self: "")  # nor wait for the last buyer first
        for seed in seeds:
            wrong = one_day(seed, "memory", 24 if plant in LONG else SESSIONS).wrong
            if wrong and not wrong[0].startswith(
                "Traceback"
            ):  # a plant that only breaks the engine shows nothing
                return seed, wrong[0]
    return None, ""


def main() -> int:
    """Look for the first day of each plant; 1 where one is not found."""
    logging.disable()
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    names = sys.argv[2:]
    missed = 0
    for plant in PLANTS:
        if names and plant.__name__ not in names:
            continue
        seed, wrong = first_day(plant, range(most))
        missed += seed is None
        print(f'    "{plant.__name__}": {seed},  # {wrong[:110]}', flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
