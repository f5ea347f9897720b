"""What is asked of rows of bills through their index is what a walk through all of them tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.billed import Billed
from sync_engine.clock import SHANGHAI
from sync_engine.journal.journal import Journal
from workbook_templates.tables import BILLS

FIRST = datetime(2026, 9, 30, 23, 59, 58, tzinfo=SHANGHAI)
ROWS = st.lists(st.tuples(st.sampled_from("123"), st.integers(0, 100 * 86400)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(made=ROWS, away=st.sets(st.integers(0, 11)))
def test_answers_are_those_of_a_walk_through_all_rows(made: list[tuple[str, int]], away: set[int]) -> None:
    journal = Journal(None, FIRST)
    rows = [
        Billed(f"{account}/{n}/in", account, FIRST + timedelta(seconds=after), Decimal(1), Decimal(n), "", "", "fee", str(n))
        for n, (account, after) in enumerate(made)
    ]  # fmt: skip
    journal.bills.put(rows)
    journal.bill_archive.put(
        "2026-10",
        "f",
        {one.key: BILLS.blank for n, one in enumerate(rows) if n in away and one.month == "2026-10"},
    )
    at = [f"{one.at:%Y-%m-%d %H:%M:%S}" for one in rows]
    assert journal.bills.covered() == (min(at, default=""), max(at, default=""))
    assert journal.bills.accounts() == {one.account for one in rows}
    assert journal.bills.months() == sorted({(one.account, one.month) for one in rows})
    for month in {one.month for one in rows}:
        mine = sorted((one for one in rows if one.month == month), key=lambda one: (one.at, one.key))
        assert journal.bills.of_month("", month) == mine and journal.bills.count(month) == len(mine)
        assert journal.bills.of_month("1", month) == [one for one in mine if one.account == "1"]
    left = [one for n, one in enumerate(rows) if one.month == "2026-10" and n not in away]
    assert sorted(journal.bills.left("2026-10")) == sorted(left)
    assert journal.bills.live_keys() == {one.key for one in rows if one.month != "2026-10"} | {
        one.key for one in left
    }
    journal.close()


def test_orders_and_trades_are_found_by_index_and_not_by_a_walk_through_all_rows() -> None:
    journal = Journal(None, FIRST)
    rows = [
        Billed(f"1/{n}/in", "1", FIRST, Decimal(1), Decimal(n), tid, trade, item, str(n))
        for n, (tid, trade, item) in enumerate(
            [("A", "T1", "sale_payment"), ("A", "", "fee"), ("", "T1", "fee"), ("", "", "fee"), ("B", "T2", "refund")]
        )
    ]  # fmt: skip
    journal.bills.put(rows)
    connection, asked = journal._db._connection, list[str]()
    connection.set_trace_callback(asked.append)
    assert journal.bills.of_orders(["A", "C", ""]) == {"A": rows[:2]}
    assert journal.bills.orders_of_trades(["T1", "T2", ""]) == {"T1": "A"}
    assert journal.bills.waiting_for(["T1", ""]) == {rows[2].key}
    connection.set_trace_callback(None)
    plans = [step for sql in asked for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert [plan.split(" (")[0] for plan in plans] == [
        "SEARCH bills USING INDEX bills_tid",
        "SEARCH bills USING INDEX bills_trade",
        "SEARCH bills USING INDEX bills_trade",
    ]
    journal.close()
