"""The traps of costing others fell into (facts, section 2, pains 7 to 9), each by its name, with figures worked by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from formulas.admission import PostingRules, admit
from formulas.closing import close
from formulas.costing import Costed, CostRules, Costs, Method, Scope, cost
from formulas.ledger import Balance, balances, extend, post, shortfalls
from formulas.moves import Move, MoveKind, reversal
from formulas.pools import Unknown
from tests.stock.histories import at, move

K = MoveKind
AVERAGE, FIFO = CostRules(), CostRules(method=Method.FIFO)
BOTH = pytest.mark.parametrize("rules", [AVERAGE, FIFO], ids=["average", "fifo"])


def costs_of(*moves: Move, rules: CostRules = AVERAGE) -> Costs:
    costs = cost(post(moves), rules)
    assert costs.accounts().balanced
    return costs


def line(costs: Costs, move_id: str) -> Costed:
    return next(
        one for track in costs.tracks.values() for one in track.costed() if one.move.move_id == move_id
    )


def heap(costs: Costs, warehouse: str = "东仓") -> tuple[int, Decimal]:
    pool = costs.tracks["A"].pools[warehouse, False]
    return pool.pieces, Decimal(pool.value) / 100


def test_54668_the_new_average_is_not_the_incoming_price() -> None:
    costs = costs_of(move(K.PURCHASE, 1, 10, cost=100), move(K.PURCHASE, 2, 20, 1, cost=120))
    assert costs.unit_cost("A", "东仓") == Decimal("113.3333")
    sold = costs_of(
        move(K.PURCHASE, 1, 10, cost=100), move(K.PURCHASE, 2, 20, 1, cost=120), move(K.SALE, 1, 15, 2)
    )
    assert line(sold, "sale:1").sold == Decimal("1700.00")
    assert heap(sold) == (15, Decimal(1700))


@BOTH
def test_25192_a_cancelled_back_dated_receipt_recosts_what_came_after(rules: CostRules) -> None:
    wrong = move(K.PURCHASE, "wrong", 10, cost=9)
    right, sale = move(K.PURCHASE, 1, 10, 1, cost=5), move(K.SALE, 1, 4, 2)
    before = costs_of(wrong, right, sale, rules=rules)
    assert line(before, "sale:1").sold == (Decimal(28) if rules is AVERAGE else Decimal(36))
    ledger = post([wrong, right, sale, reversal(wrong, at(0))])
    after = cost(ledger, rules, before)
    assert line(after, "sale:1").sold == Decimal(20)
    assert heap(after) == (6, Decimal(30))
    assert after == cost(ledger, rules)


@BOTH
def test_pr_38895_a_return_follows_its_sale_when_a_receipt_comes_back_dated(rules: CostRules) -> None:
    """A sale below zero at 100, its return at 100; then a receipt at 200 dated before the sale: the return is 200 too."""
    moves = [move(K.SALE, 1, 1, 10), move(K.RETURN_GOOD, 1, 1, 30, origin="sale:1")]
    rules = replace(rules, fixed={"A": Decimal(100)}, unknown=Unknown.FIXED)
    first = costs_of(*moves, rules=rules)
    assert line(first, "return_good:1").sold == Decimal(-100)
    late = extend(post(moves), [move(K.PURCHASE, 1, 5, 5, cost=200)])
    after = cost(late, rules, first)
    assert line(after, "sale:1").sold == Decimal(200)
    assert line(after, "return_good:1").sold == Decimal(-200)


@BOTH
def test_57887_reposting_again_and_again_changes_nothing(rules: CostRules) -> None:
    """Four lines in, four lines of one return at one moment that takes most of the stock: the shape that grew 30x a run."""
    moves = [move(K.PURCHASE, n, 25, cost=f"{n}.37") for n in range(1, 5)]
    moves += [move(K.SALE, n, 24, 1) for n in range(1, 5)]
    moves += [move(K.RETURN_GOOD, f"r{n}", 24, 2, origin=f"sale:{n}") for n in range(1, 5)]
    moves += [reversal(one, at(3)) for one in moves if one.kind is K.PURCHASE]
    costs = first = costs_of(*moves, rules=rules)
    for run in range(30):
        random.Random(run).shuffle(moves)
        costs = cost(post(moves), rules, costs if run % 2 else None)
        assert costs.tracks["A"].lines == first.tracks["A"].lines
    assert heap(costs) == (0, Decimal(0))


@BOTH
def test_multi_line_returns_with_one_time_stamp_each_take_their_own_sale(rules: CostRules) -> None:
    """Sold at 10.00 and at 20.00 at the same second, returned at that second too, in three parts."""
    moves = [
        move(K.PURCHASE, 1, 3, 0, cost="3.3333"),
        move(K.SALE, 1, 3, 1),
        move(K.PURCHASE, 2, 2, 2, cost=10),
        move(K.SALE, 2, 2, 2),
        move(K.RETURN_GOOD, "c", 1, 2, origin="sale:2"),
        move(K.RETURN_GOOD, "a", 1, 2, origin="sale:1"),
        move(K.RETURN_DEFECTIVE, "b", 2, 1, origin="sale:1"),
    ]
    costs = costs_of(*moves, rules=rules)
    assert line(costs, "sale:1").sold == Decimal("10.00")
    assert line(costs, "sale:2").sold == Decimal("20.00")
    assert line(costs, "return_good:c").sold == Decimal("-10.00")
    parts = [line(costs, name).sold for name in ("return_good:a", "return_defective:b")]
    assert sum(parts) == Decimal("-10.00")  # 3.33 and 6.67: a third has no end, but the parts make the whole


@BOTH
@pytest.mark.parametrize("parts", [(1, 1, 1), (2, 1), (1, 2), (3,)])
def test_partial_returns_add_up_to_their_sale(rules: CostRules, parts: tuple[int, ...]) -> None:
    moves = [move(K.PURCHASE, 1, 7, cost="1.43"), move(K.SALE, 1, 3, 1)]
    moves += [move(K.RETURN_GOOD, n, some, 2, origin="sale:1") for n, some in enumerate(parts)]
    costs = costs_of(*moves, rules=rules)
    assert sum(one.sold for one in costs.tracks["A"].costed()) == 0
    assert heap(costs) == (7, Decimal("10.01"))


@BOTH
def test_59099_the_value_never_has_another_sign_than_the_pieces(rules: CostRules) -> None:
    """Expensive goods sold out, cheap ones come, the expensive receipt is reversed: 37424's shape, −309 a piece there."""
    dear, cheap = move(K.PURCHASE, 1, 10, cost=100), move(K.PURCHASE, 2, 100, 1, cost=10)
    costs = costs_of(dear, cheap, move(K.SALE, 1, 100, 2), reversal(dear, at(3), 8), rules=rules)
    pieces, value = heap(costs)
    assert pieces == 2
    assert value == (Decimal("36.36") if rules is AVERAGE else Decimal(20))
    back = line(costs, reversal(dear, at(3), 8).move_id)
    assert back.stock + back.variance == Decimal(-800)  # the supplier pays back what was paid


@BOTH
def test_57975_a_recomputation_lists_negative_stock_it_never_hides_it(rules: CostRules) -> None:
    buy, sale = move(K.PURCHASE, 1, 5, cost=2), move(K.SALE, 1, 5, 1)
    ledger = extend(post([buy, sale]), [reversal(buy, at(0))])
    costs = cost(ledger, rules, costs_of(buy, sale, rules=rules))
    assert [(one.lowest, one.now) for one in shortfalls(ledger)] == [(-5, -5)]
    assert costs.accounts().balanced
    asked = admit(
        post([buy, sale]), [reversal(buy, at(0))], PostingRules(forbid_negative=frozenset({"东仓"}))
    )
    assert [one.code for one in asked.findings] == ["negative"]


@BOTH
def test_through_zero_the_next_receipt_pays_what_was_owed(rules: CostRules) -> None:
    """2 at 5.00 there, 5 sold: three at a provisional 5.00. Ten at 8.00 come: 9.00 more were sold than thought."""
    costs = costs_of(
        move(K.PURCHASE, 1, 2, cost=5), move(K.SALE, 1, 5, 1), move(K.PURCHASE, 2, 10, 2, cost=8), rules=rules
    )
    assert line(costs, "sale:1").sold == Decimal(25)
    assert line(costs, "purchase:2").variance == Decimal(9)
    assert heap(costs) == (7, Decimal(56))
    assert costs.accounts().sold + costs.accounts().variance == 3400  # 2 x 5.00 + 3 x 8.00


@pytest.mark.parametrize(
    ("unknown", "provisional"),
    [
        (Unknown.FIXED, 7),
        (Unknown.AVERAGE, 4),
        (Unknown.LAST_IN, 6),
        (Unknown.LAST_OUT, 4),
        (Unknown.ZERO, 0),
    ],
)
def test_what_an_unknown_cost_is_taken_for_is_the_shops_choice(unknown: Unknown, provisional: int) -> None:
    rules = CostRules(unknown=unknown, fixed={"A": Decimal(7)})
    moves = [move(K.PURCHASE, 1, 2, cost=2), move(K.PURCHASE, 2, 2, 1, cost=6), move(K.SALE, 1, 4, 2)]
    costs = costs_of(*moves, move(K.SALE, 2, 3, 3), rules=rules)
    assert line(costs, "sale:2").sold == 3 * provisional
    found = costs_of(*moves[:2], move(K.COUNT, 1, 5, 2), rules=rules)  # one more than the books say
    expected = {Unknown.LAST_OUT: 4}.get(unknown, provisional)
    assert line(found, "count:1").stock == expected


def test_nothing_known_at_all_costs_nothing_until_it_is_known() -> None:
    costs = costs_of(move(K.SALE, 1, 3), move(K.PURCHASE, 1, 3, 1, cost=4))
    assert line(costs, "sale:1").sold == 0
    assert line(costs, "purchase:1").variance == Decimal(12)
    assert heap(costs) == (0, Decimal(0))


@BOTH
def test_rounding_is_carried_and_leaves_with_the_last_piece(rules: CostRules) -> None:
    moves = [move(K.PURCHASE, 1, 3, cost=0, extra=Decimal("0.10"))]
    moves += [move(K.SALE, n, 1, n) for n in (1, 2, 3)]
    costs = costs_of(*moves, rules=rules)
    assert [line(costs, f"sale:{n}").sold for n in (1, 2, 3)] == [
        Decimal("0.03"),
        Decimal("0.04"),
        Decimal("0.03"),
    ]
    assert heap(costs) == (0, Decimal(0))


@BOTH
def test_an_invoice_after_part_was_sold_goes_to_what_was_sold_for_that_part(rules: CostRules) -> None:
    moves = [move(K.PURCHASE, 1, 10, cost=5), move(K.SALE, 1, 4, 1)]
    late = move(K.COST, 1, 0, 5, origin="purchase:1", extra=Decimal("7.01"))
    costs = costs_of(*moves, late, rules=rules)
    assert line(costs, "cost:1").stock == Decimal("4.21")  # 6 of 10, rounded half up
    assert line(costs, "cost:1").variance == Decimal("2.80")
    in_time = costs_of(*moves, replace(late, at=at(0)), rules=rules)
    assert line(in_time, "sale:1").sold == Decimal("22.80")
    gone = costs_of(*moves, move(K.SALE, 2, 6, 2), late, rules=rules)
    assert line(gone, "cost:1").variance == Decimal("7.01")


@BOTH
def test_a_cost_correction_never_makes_stock_worth_less_than_nothing(rules: CostRules) -> None:
    dear, late = move(K.PURCHASE, 1, 2, cost=50), Decimal(-99)
    costs = costs_of(
        move(K.PURCHASE, 0, 2, cost=0), dear, move(K.SALE, 1, 3, 1),
        move(K.COST, 1, 0, 5, origin="purchase:1", extra=late), rules=rules,
    )  # fmt: skip
    assert heap(costs)[1] >= 0
    one = line(costs, "cost:1")
    assert one.stock + one.variance == late


def test_a_transfer_carries_its_cost_and_the_whole_shop_does_not_feel_it() -> None:
    moves = [
        move(K.PURCHASE, 1, 3, cost="3.3333"),
        move(K.PURCHASE, 2, 3, cost=10, warehouse="西仓"),
        move(K.TRANSFER_OUT, 1, 2, 1, to="西仓"),
        move(K.TRANSFER_IN, 1, 1, 2, origin="transfer_out:1", warehouse="西仓"),
        move(K.SALE, 1, 4, 3, warehouse="西仓"),
    ]
    costs = costs_of(*moves)
    assert line(costs, "transfer_out:1").stock == Decimal("-6.67")
    assert line(costs, "transfer_in:1").stock == Decimal("3.34")
    assert costs.accounts().in_transit == 333
    assert line(costs, "sale:1").sold == Decimal("33.34")
    whole = costs_of(*moves, rules=CostRules(scope=Scope.WHOLE))
    assert line(whole, "sale:1").sold == Decimal("26.67")  # 40.00 / 6 a piece, in transit or not
    assert whole.unit_cost("A", "东仓") == whole.unit_cost("A", "西仓") == Decimal("6.6650")


def test_fifo_takes_the_oldest_first() -> None:
    costs = costs_of(
        move(K.PURCHASE, 1, 3, cost=1), move(K.PURCHASE, 2, 3, 1, cost=2), move(K.SALE, 1, 4, 2), rules=FIFO
    )
    assert line(costs, "sale:1").sold == Decimal(5)
    assert heap(costs) == (2, Decimal(4))


def test_a_purchase_sent_back_to_its_supplier_takes_its_own_price() -> None:
    dear = move(K.PURCHASE, 2, 10, 1, cost=9)
    costs = costs_of(move(K.PURCHASE, 1, 10, cost=5), dear, reversal(dear, at(2), 4))
    assert heap(costs) == (16, Decimal(104))


def test_a_wrong_price_reversed_and_entered_anew_ends_right_to_the_fen() -> None:
    wrong = move(K.PURCHASE, 1, 10, cost=500)
    moves = [wrong, move(K.SALE, 1, 4, 1), reversal(wrong, at(2)), move(K.PURCHASE, 2, 10, 2, cost=5)]
    costs = costs_of(*moves)
    assert heap(costs) == (6, Decimal(30))
    assert costs.accounts().sold + costs.accounts().variance == 2000


def test_pr_1546_the_same_document_posted_twice_is_sold_once() -> None:
    sale = move(K.SALE, 1, 4, 1)
    ledger = post([move(K.PURCHASE, 1, 10, cost=5), sale, replace(sale)])
    asked = admit(ledger, [replace(sale)], PostingRules())
    assert not asked.admitted
    assert cost(asked.ledger, AVERAGE).accounts().sold == 2000


def test_pr_425_events_out_of_order_settle_when_the_missing_one_comes() -> None:
    """The receipt of a transfer before the transfer, the return before the sale: any order, the same books."""
    moves = [
        move(K.PURCHASE, 1, 10, cost=5),
        move(K.TRANSFER_OUT, 1, 4, 1, to="西仓"),
        move(K.TRANSFER_IN, 1, 4, 2, origin="transfer_out:1", warehouse="西仓"),
        move(K.SALE, 1, 3, 4),
        move(K.RETURN_GOOD, 1, 1, 3, origin="sale:1"),
    ]
    ledger = post(())
    for one in reversed(moves):
        ledger = extend(ledger, [one])
    assert ledger == post(moves)
    assert balances(ledger) == {("A", "东仓"): Balance(on_hand=4), ("A", "西仓"): Balance(on_hand=4)}
    assert cost(ledger, AVERAGE).accounts().sold == 1000


@BOTH
def test_close_opening_plus_in_minus_out_is_closing_in_pieces_and_yuan(rules: CostRules) -> None:
    moves = [
        move(K.PURCHASE, 1, 10, cost=5),
        move(K.SALE, 1, 4, 5),
        move(K.PURCHASE, 2, 1, 30, cost=7),
        move(K.SALE, 2, 2, 31),
        move(K.SALE, 3, 1, 60),
    ]
    closing = close(costs_of(*moves, rules=rules), at(24), at(48))
    (row,) = closing.rows
    assert (row.opening, row.received, row.issued, row.closing) == (6, 1, 2, 5)
    sold = Decimal("10.57") if rules is AVERAGE else Decimal(10)
    assert (row.opening_value, row.received_value, row.issued_value) == (Decimal(30), Decimal(7), sold)
    assert row.closing_value == Decimal(37) - sold
    assert closing.accounts.supplied == 700
    assert closing.accounts.balanced
