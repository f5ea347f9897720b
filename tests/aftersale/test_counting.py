"""What rows of 退货登记 count, as a law over any rows: never more than was sent, never twice, in any order of entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.clock import SHANGHAI
from sync_engine.plan.aftersale import Case, goods_back, refund_from_row, refund_row, refund_todos
from sync_engine.plan.facts import LineStaff
from sync_engine.plan.policy import Policy
from sync_engine.plan.returning import (
    Candidate,
    Counted,
    Matched,
    matched_from_text,
    matched_text,
    read_row,
    with_returns,
)
from sync_engine.trade import Refund
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import REFUNDS
from workbook_templates.tables.aftersale import GOODS_BACK, REFUND_STATE

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=SHANGHAI)
NUMBERS = st.one_of(st.none(), st.integers(-1, 5))
LINES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=3
)  # expected, sent of each line


def lines_of(shapes: list[tuple[int, int]]) -> list[Candidate]:
    return [
        Candidate(tid="1", oid=f"1{n}", code=f"A-{n}", expected=min(expected, sent) or expected, sent=sent)
        for n, (expected, sent) in enumerate(shapes)
    ]


@given(LINES, st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5), st.booleans())
def test_rows_never_count_more_than_was_sent(
    shapes: list[tuple[int, int]], rows: list[tuple[int | None, int | None]], all_good: bool
) -> None:
    lines = lines_of(shapes)
    counted: dict[str, tuple[Counted, ...]] = {}
    for number, (good, bad) in enumerate(rows):
        others: dict[str, int] = {}
        for one in (one for found in counted.values() for one in found):
            others[one.oid] = others.get(one.oid, 0) + one.pieces
        cells: dict[str, Value] = {"good": good, "defective": bad}
        reading = read_row(f"R{number}", cells, lines, others, NOW, Lang.ZH, uncounted_good=all_good)
        counted[f"R{number}"] = reading.counted
        total = sum(one.pieces for one in reading.counted)
        typed = (good or 0) + (bad or 0)
        assert (reading.state == "counted") == (total > 0)
        assert not (reading.counted and reading.problem)
        assert reading.problem or reading.state != "stuck", "what does not count says why"
        if good is not None or bad is not None:
            assert total in (0, typed), "all of a row counts, or nothing"
            if total:
                assert sum(one.good for one in reading.counted) == (good or 0)
        elif not all_good:
            assert not total
    for line in lines:
        own = [one for found in counted.values() for one in found if one.oid == line.oid]
        assert sum(one.pieces for one in own) <= line.sent
        assert all(min(one.good, one.defective) >= 0 for one in own)


@given(
    st.text(alphabet="ABYT0123456789|-", min_size=1, max_size=20),
    st.lists(st.tuples(st.from_regex(r"[0-9]{1,19}", fullmatch=True), st.from_regex(r"[0-9]{1,19}", fullmatch=True), st.integers(1, 99)), min_size=1, max_size=4),
)  # fmt: skip
def test_what_a_row_was_matched_with_is_read_back(by: str, lines: list[tuple[str, str, int]]) -> None:
    matched = Matched(by=by, lines=tuple(lines))
    assert matched_from_text(matched_text(matched)) == matched


@pytest.mark.parametrize(
    "text", ["", "YT1", "YT1 12", "YT1 12/", "YT1 12/13", "YT1 12/13*x", "YT1 /13*1", None]
)
def test_a_cell_that_was_typed_over_is_no_match(text: Value) -> None:
    assert matched_from_text(text) is None


@given(
    st.integers(0, 5),
    st.integers(0, 5),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3),
)
def test_the_two_places_where_returns_are_typed_are_never_added(good: int, bad: int, rows: list[tuple[int, int]]) -> None:  # fmt: skip
    counted = [
        Counted(return_id=f"R{n}", tid="1", oid="1", good=g, defective=d, at=NOW + timedelta(hours=n))
        for n, (g, d) in enumerate(rows)
    ]
    merged = with_returns(LineStaff(returned_qty=good, defective_qty=bad), counted)
    scanned = (sum(one.good for one in counted), sum(one.defective for one in counted))
    assert (merged.returned_qty, merged.defective_qty) in (scanned, (good, bad))
    assert merged.returned_qty + merged.defective_qty == max(good + bad, sum(scanned))


STATES = [choice.name for choice in REFUND_STATE]
CASES = st.builds(
    lambda status, dispute, goods, num, back, days, sid: Case(
        refund=Refund(
            refund_id="9", tid="1", oid="1", status=status, fee=Decimal("12.30"), modified=NOW, num=num, has_good_return=goods,
            dispute_type=dispute, sid=sid, phase="onsale", version="1700000000000", reason="=1+1", created=NOW,
        ),
        back=LineStaff(returned_qty=back[0], defective_qty=back[1]), patience=timedelta(days=days), lang=Lang.ZH,
    ),
    st.sampled_from([*STATES, "SOMETHING_NEW"]), st.sampled_from(["", "REFUND", "REFUND_AND_RETURN", "TMALL_EXCHANGE", "REPAIR", "NEW"]),
    st.booleans(), st.integers(1, 4), st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(0, 9), st.sampled_from(["", "YT1"]),
)  # fmt: skip


@given(CASES, st.integers(0, 20))
def test_every_refund_has_a_row_and_says_what_is_next(case: Case, days: int) -> None:
    row = refund_row(case, Policy(shop="店", lang=Lang.ZH))
    assert set(row) <= {column.name for column in REFUNDS.columns if column.owner.ours}
    assert row["back"] in {choice.name for choice in GOODS_BACK}
    received = case.back.returned_qty + case.back.defective_qty
    assert (row["back"] == "here") == (received >= case.refund.num)
    todos = refund_todos(case, NOW + timedelta(days=days))
    assert all(todo.advice and todo.reason for todo in todos)
    missing = case.refund.status == "SUCCESS" and case.kind == "goods" and received < case.refund.num
    told = any(todo.code == "refund_without_return" for todo in todos)
    assert told == (missing and 0 < case.patience.days <= days)
    assert (goods_back(case) == "unreturned") == (missing and not received)


@given(CASES)
def test_a_refund_is_read_back_from_its_row(case: Case) -> None:
    row = {**refund_row(case, Policy(shop="店", lang=Lang.ZH)), "note": "x"}
    assert refund_from_row(row) == case.refund
    assert refund_from_row({**row, "fee": None}) is None
    assert refund_from_row({**row, "tid": ""}) is None
