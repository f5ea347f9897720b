"""Laws of the ledger: conservation, counts, transfers, reversals, posting twice, what is refused and why."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.admission import PostingRules, admit
from formulas.ledger import Balance, Ledger, balances, extend, post, shortfalls
from formulas.moves import Move, MoveKind, move_id_of, reversal
from tests.stock.histories import HOUSES, at, history, move
from tests.stock.oracle import in_order
from workbook_templates.schema import Lang
from workbook_templates.tables.choices import MOVE_KINDS

K = MoveKind
BUY = move(K.PURCHASE, 1, 10, cost=5)
SELL = move(K.SALE, 1, 4, 2)
SEND = move(K.TRANSFER_OUT, 1, 6, 1, to="西仓")


def receive(number: int, pieces: int, hours: int = 3, **more) -> Move:
    return move(
        K.TRANSFER_IN, number, pieces, hours, origin="transfer_out:1", **{"warehouse": "西仓", **more}
    )


def codes(ledger: Ledger) -> list[str]:
    return [one.code for one in ledger.findings]


def on_hand(ledger: Ledger, warehouse: str = "东仓") -> int:
    return balances(ledger).get(("A", warehouse), Balance()).on_hand


def counted_slowly(moves, refused=()) -> dict[tuple[str, bool], int]:
    """On hand by place: for each place its last count, and every piece since, one move at a time."""
    ordered = [one for one in in_order([*moves, *refused]) if one in moves]
    by_id = {one.move_id: one for one in moves}
    found: dict[tuple[str, bool], int] = defaultdict(int)
    for one in ordered:
        place = (one.warehouse, one.defective or one.kind == "return_defective")
        if one.kind == "count":
            found[place] = one.pieces
            continue
        sign = -1 if one.kind in ("sale", "transfer_out") else 1
        signed = by_id[one.reverses].pieces if one.reverses and one.kind == "adjustment" else one.pieces
        sign = (signed > 0) - (signed < 0) if one.kind == "adjustment" else sign
        found[place] += abs(one.pieces) * sign * (-1 if one.reverses else 1)
    return found


@given(st.integers(0, 2**32), st.floats(0, 0.4))
def test_balances_are_what_one_counts_by_hand(seed: int, short: float) -> None:
    ledger = post(history(seed, 60, short=short))
    lane = ledger.lanes["S0"]
    slow, fast = counted_slowly(lane.moves, lane.refused), balances(ledger)
    for house in HOUSES:
        there = fast.get(("S0", house), Balance())
        assert (there.on_hand, there.defective) == (slow[house, False], slow[house, True])


@given(st.integers(0, 2**32))
def test_opening_plus_in_minus_out_is_what_is_there_at_every_moment(seed: int) -> None:
    """And a transfer moves goods without making or losing any, those on their way included."""
    ledger = post(history(seed, 60, skus=2, short=0.1))
    for sku, lane in ledger.lanes.items():
        assert list(lane.whens) == sorted(lane.whens)
        total = 0
        for number, (one, when, delta) in enumerate(zip(lane.moves, lane.whens, lane.deltas, strict=True)):
            total += 0 if one.kind in ("transfer_out", "transfer_in") else delta
            if number + 1 < len(lane.moves) and lane.whens[number + 1] == when:
                continue
            there = [balance for (code, _), balance in balances(ledger, when).items() if code == sku]
            assert total == sum(one.on_hand + one.defective + one.in_transit for one in there)
            assert all(one.in_transit >= 0 for one in there)


@given(st.integers(0, 2**32), st.integers(1, 59))
def test_posting_in_parts_or_twice_is_posting_once(seed: int, cut: int) -> None:
    moves = history(seed, 60, skus=2)
    whole = post(moves)
    assert extend(post(moves[:cut]), moves[cut:]) == whole
    assert extend(post(moves[cut:]), moves[:cut]) == whole
    assert post([*moves, *moves]) == whole
    assert extend(whole, [replace(one) for one in moves]) == whole


@given(st.integers(0, 2**32))
def test_clean_batches_at_the_end_are_what_posting_all_at_once_is(seed: int) -> None:
    """Nothing odd in them, so that the short way is taken; some share a moment, come twice, or answer others."""
    chance = random.Random(seed)
    moves, hour = [move(K.PURCHASE, "first", 99, 0, cost=1)], 0
    for number in range(30):
        hour += chance.choice([0, 1, 1, 2])
        kind = chance.choice([K.PURCHASE, K.SALE, K.SALE, K.COUNT, K.RETURN_GOOD])
        sold = [one for one in moves if one.kind is K.SALE]
        origin = chance.choice(sold).move_id if kind is K.RETURN_GOOD and sold else ""
        pieces = chance.choice([1, 1, 2]) if kind is not K.RETURN_GOOD else 1
        again = replace(chance.choice(moves), at=at(chance.choice([0, hour + 1])))  # the id is taken
        new = move(kind, number, pieces, hour, origin=origin)
        moves.append(chance.choices([new, chance.choice(moves), again], [30, 3, 1])[0])
    ledger = post(moves[:1])
    for start in range(1, len(moves), 3):
        batch = moves[start : start + 3]
        ledger = extend(ledger, batch[:: chance.choice([1, -1])])
        assert ledger == post(moves[: start + 3])


def test_the_same_document_twice_is_one_move_and_another_content_is_named() -> None:
    assert on_hand(post([BUY, replace(BUY)])) == 10
    changed = replace(BUY, pieces=12)
    for order in ([BUY, changed], [changed, BUY]):
        ledger = post(order)
        assert codes(ledger) == ["changed"]
        assert on_hand(ledger) == 10
    assert "红冲" in ledger.findings[0].text(Lang.ZH)
    assert "Reverse" in ledger.findings[0].text(Lang.EN)
    assert move_id_of(K.SALE, "123", "456") == "sale:123:456"


def test_a_short_receipt_is_taken_and_the_rest_stays_on_its_way() -> None:
    ledger = post([BUY, SEND, receive(1, 4)])
    assert balances(ledger)["A", "西仓"] == Balance(on_hand=4, in_transit=2)
    back = extend(ledger, [receive(2, 2, 5, warehouse="东仓")])  # what was short had never left
    assert balances(back) == {("A", "东仓"): Balance(on_hand=6), ("A", "西仓"): Balance(on_hand=4)}


def test_an_over_receipt_is_blocked() -> None:
    ledger = post([BUY, SEND, receive(1, 4), receive(2, 3, 4)])
    assert codes(ledger) == ["over_receipt"]
    assert "2 件" in ledger.findings[0].zh
    assert "可小不可大" in ledger.findings[0].zh
    assert balances(ledger)["A", "西仓"] == Balance(on_hand=4, in_transit=2)
    taken_back = extend(ledger, [reversal(receive(1, 4), at(3))])
    assert balances(taken_back)["A", "西仓"] == Balance(on_hand=3, in_transit=3)  # now the other fits


def test_a_receipt_that_came_before_its_transfer_waits_for_it() -> None:
    early = post([BUY, receive(1, 6)])
    assert codes(early) == ["no_transfer_out"]
    assert extend(early, [SEND]) == post([BUY, SEND, receive(1, 6)])
    assert codes(extend(early, [SEND])) == []


def test_a_count_holds_whatever_is_entered_before_it_afterwards() -> None:
    count = move(K.COUNT, 1, 7, 10)
    ledger = post([BUY, count, move(K.SALE, 9, 1, 12)])
    assert on_hand(ledger) == 6
    assert ledger.lanes["A"].deltas == (10, -3, -1)
    late = extend(ledger, [SELL, move(K.PURCHASE, 2, 50, 9, cost=1)])
    assert on_hand(late) == 6
    assert late.lanes["A"].deltas == (10, -4, 50, -49, -1)


def test_a_bin_is_counted_alone() -> None:
    moves = [
        replace(BUY, bin="A1"),
        move(K.PURCHASE, 2, 5, cost=1, bin="B2"),
        move(K.COUNT, 1, 8, 3, bin="A1"),
    ]
    assert on_hand(post(moves)) == 13
    assert on_hand(post([*moves, move(K.COUNT, 2, 20, 4)])) == 20


def test_what_leaves_at_the_moment_of_a_count_left_before_it() -> None:
    assert on_hand(post([BUY, move(K.COUNT, 1, 7, 2), SELL])) == 7


def test_a_reversal_undoes_and_nothing_is_deleted() -> None:
    undone = post([BUY, SELL, reversal(SELL, at(5))])
    assert on_hand(undone) == 10
    assert len(undone.lanes["A"].moves) == 3
    assert codes(extend(undone, [replace(reversal(SELL, at(6)), move_id="again")])) == ["over_reversal"]
    assert codes(post([BUY, reversal(reversal(BUY, at(1)), at(2)), reversal(BUY, at(1))])) == ["irreversible"]
    assert on_hand(post([BUY, reversal(BUY, at(1), 3)])) == 7  # three go back to the supplier
    assert codes(post([BUY, SELL, replace(reversal(SELL, at(5)), warehouse="西仓")])) == ["reverses_other"]
    assert codes(post([reversal(SELL, at(5))])) == ["nothing_to_reverse"]


def test_an_adjustment_is_reversed_by_its_sign() -> None:
    for pieces in (3, -3):
        wrong = move(K.ADJUSTMENT, 1, pieces, 1)
        assert on_hand(post([BUY, wrong, reversal(wrong, at(4))])) == 10
        assert on_hand(post([BUY, wrong, reversal(wrong, at(1))])) == 10


def test_more_cannot_come_back_than_was_sold() -> None:
    back = move(K.RETURN_GOOD, 1, 3, 4, origin="sale:1")
    ledger = post([BUY, SELL, back, move(K.RETURN_DEFECTIVE, 2, 2, 5, origin="sale:1")])
    assert codes(ledger) == ["over_return"]
    assert "1 件可退" in ledger.findings[0].zh
    assert codes(extend(ledger, [reversal(back, at(4))])) == []  # then there is room
    assert codes(post([BUY, SELL, back, reversal(SELL, at(9))])) == ["over_reversal"]


def test_a_return_without_its_sale_comes_in_and_says_so() -> None:
    ledger = post([BUY, move(K.RETURN_GOOD, 1, 2, 4, origin="sale:old")])
    assert codes(ledger) == ["sale_unknown"]
    assert not ledger.findings[0].blocks
    assert on_hand(ledger) == 12


def test_defective_goods_lie_apart() -> None:
    moves = [BUY, SELL, move(K.RETURN_DEFECTIVE, 1, 2, 4, origin="sale:1")]
    assert balances(post(moves))["A", "东仓"] == Balance(on_hand=6, defective=2)
    moves.append(move(K.ADJUSTMENT, 1, -2, 6, defective=True))
    assert balances(post(moves))["A", "东仓"] == Balance(on_hand=6)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"pieces": 0}, "pieces"), ({"pieces": -1}, "pieces"), ({"sku": ""}, "blank"), ({"warehouse": ""}, "blank"),
        ({"at": at(0).replace(tzinfo=None)}, "no_zone"), ({"unit_cost": -1}, "negative_cost"),
        ({"extra": -51}, "negative_cost"), ({"kind": K.TRANSFER_OUT}, "no_target"),
        ({"kind": K.TRANSFER_OUT, "to": "东仓"}, "no_target"), ({"kind": K.COST}, "pieces"),
        ({"kind": K.COUNT, "pieces": -1}, "pieces"), ({"kind": K.ADJUSTMENT, "pieces": 0}, "pieces"),
        ({"kind": K.COST, "pieces": 0, "origin": "nowhere"}, "no_receipt"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(wrong: dict, code: str) -> None:
    ledger = post([replace(BUY, **wrong)])
    (found,) = ledger.findings
    assert found.code == code
    assert found.blocks
    assert found.text(Lang.ZH) != found.text(Lang.EN)
    assert not any(one.moves for one in ledger.lanes.values())


def test_moves_that_answer_each_other_in_a_ring_end() -> None:
    ring = [move(K.RETURN_GOOD, n, 1, origin=f"return_good:{1 - n}") for n in (0, 1)]
    assert post(ring) == post(ring[::-1])
    assert post([replace(BUY, reverses=BUY.move_id)]).findings


def test_shortfalls_are_listed_with_since_when() -> None:
    ledger = post([SELL, move(K.PURCHASE, 1, 3, 5, cost=1)])
    (short,) = shortfalls(ledger)
    assert (short.since, short.lowest, short.now) == (at(2), -4, -1)
    assert "-4" in short.zh()
    assert "-4" in short.en()
    assert shortfalls(post([BUY, SELL])) == ()


FORBID = PostingRules(forbid_negative=frozenset({"东仓"}))


def test_negative_stock_is_forbidden_where_the_warehouse_says_so() -> None:
    ledger = post([BUY])
    asked = admit(ledger, [SELL, move(K.SALE, 2, 7, 3), move(K.SALE, 3, 6, 4)], FORBID)
    assert [one.move_id for one in asked.admitted] == ["sale:1", "sale:3"]
    (found,) = asked.findings
    assert (found.code, found.move_id) == ("negative", "sale:2")
    assert on_hand(asked.ledger) == 0
    assert not admit(ledger, [move(K.SALE, 2, 99, 3)], PostingRules()).findings  # elsewhere it is listed


def test_a_sale_back_in_time_must_not_take_what_was_sold_later() -> None:
    ledger = post([BUY, move(K.SALE, 9, 9, 20)])
    assert [one.code for one in admit(ledger, [SELL], FORBID).findings] == ["negative"]


def test_a_warehouse_below_zero_already_still_takes_receipts_and_what_it_can_ship() -> None:
    ledger = post([SELL])
    grown = admit(ledger, [move(K.PURCHASE, 1, 3, 5, cost=1)], FORBID)
    assert not grown.findings
    there = admit(grown.ledger, [move(K.PURCHASE, 2, 9, 6, cost=1), move(K.SALE, 7, 8, 7)], FORBID)
    assert not there.findings


def test_a_receipt_back_in_time_is_welcome_where_it_fills_only_a_part() -> None:
    ledger = post([move(K.SALE, 1, 5, 1), move(K.PURCHASE, 1, 20, 9, cost=1)])
    assert not admit(ledger, [move(K.PURCHASE, 2, 1, 5, cost=1)], FORBID).findings
    assert admit(ledger, [move(K.SALE, 2, 1, 5)], FORBID).findings


def test_within_one_moment_the_order_does_not_forbid() -> None:
    """A wrong receipt reversed and entered anew at the same moment, with goods sold in between."""
    asked = admit(post([BUY, SELL]), [reversal(BUY, at(3)), move(K.PURCHASE, 2, 5, 3, cost=1)], FORBID)
    assert not asked.findings
    assert on_hand(asked.ledger) == 1


def test_a_closed_month_stays_as_it_was() -> None:
    rules = PostingRules(closed_before=at(10))
    ledger = post([BUY])
    asked = admit(ledger, [SELL, move(K.SALE, 2, 1, 12)], rules)
    assert [one.code for one in asked.findings] == ["closed"]
    assert [one.move_id for one in asked.admitted] == ["sale:2"]
    assert not admit(ledger, [BUY], rules).findings  # posted long ago: nothing new


def test_a_new_move_never_pushes_out_one_that_was_posted() -> None:
    ledger = post([BUY, SEND, receive(1, 6, 8)])
    asked = admit(ledger, [receive(2, 6, 4)], PostingRules())
    assert [one.code for one in asked.findings] == ["harms_posted"]
    assert asked.ledger.lanes == ledger.lanes


@given(st.integers(0, 2**32))
def test_admitted_in_any_batches_no_forbidden_warehouse_falls_below_zero(seed: int) -> None:
    chance, ledger = random.Random(seed), Ledger()
    rules = PostingRules(forbid_negative=frozenset(HOUSES))
    moves = history(seed, 50, skus=2)
    while moves:
        size = chance.randint(1, 12)
        asked = admit(ledger, moves[:size], rules)
        assert not any(lane.refused for lane in asked.ledger.lanes.values())
        before = {one.move_id for lane in ledger.lanes.values() for one in lane.moves}
        after = {one.move_id for lane in asked.ledger.lanes.values() for one in lane.moves}
        assert after == before | {one.move_id for one in asked.admitted}
        ledger, moves = asked.ledger, moves[size:]
    assert shortfalls(ledger) == ()


def test_every_kind_has_its_words() -> None:
    assert [choice.name for choice in MOVE_KINDS] != []
    assert {choice.name for choice in MOVE_KINDS} == set(MoveKind)
