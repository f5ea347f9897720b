"""The sentence that says why a move cost what it cost: the numbers in it are those of the books."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from formulas.cost_why import why_cost
from formulas.costing import STEP, CostRules, Method, Scope, cost
from formulas.ledger import post
from formulas.moves import MoveKind, reversal
from tests.stock.histories import at, history, move
from workbook_templates.schema import Lang

K = MoveKind


def test_by_hand() -> None:
    buy = move(K.PURCHASE, 1, 2, cost=5, extra=Decimal("0.50"))
    back = move(K.RETURN_GOOD, 1, 1, 3, origin="sale:1")
    moves = [buy, move(K.SALE, 1, 5, 1), move(K.PURCHASE, 2, 10, 2, cost=8), back, reversal(buy, at(9))]
    costs = cost(post([*moves, move(K.COUNT, 1, 99, 20)]), CostRules())
    said = [why_cost(costs, "A", one.move_id, Lang.ZH) for one in moves]
    assert said[0] == "之前 0 件共 0.00 元;入库 2 件 × 5 元 + 其他费用 0.50 元;库存金额 +10.50"
    assert (
        said[1] == "之前 2 件共 10.50 元;按移动平均出库 5 件,其中 3 件没有库存,按平均成本暂估;库存金额 -26.25"
    )
    assert said[2].endswith("库存金额 +71.75;成本差异 +8.25(属于已出库的货)")
    assert "按 sale:1 的成本入库" in said[3]
    assert "红冲 purchase:1" in said[4]
    assert "in: 93 without a cost, taken at the average" in why_cost(costs, "A", "count:1", Lang.EN)
    assert why_cost(costs, "A", "sale:9", Lang.ZH) == why_cost(costs, "B", "sale:1", Lang.ZH) == ""


@given(st.integers(0, 2**32), st.sampled_from(Method), st.sampled_from(Scope))
def test_each_sentence_leads_from_one_balance_to_the_next(seed: int, method: Method, scope: Scope) -> None:
    costs = cost(post(history(seed, STEP + 20)), CostRules(method=method, scope=scope))
    track = costs.tracks["S0"]
    last: dict[tuple[str, bool], Decimal] = {}
    for one in track.costed():
        said = why_cost(costs, "S0", one.move.move_id, Lang.EN)
        if "one cost" in said:
            continue
        place = ("" if scope is Scope.WHOLE else one.move.warehouse, one.move.of_defective)
        found = re.match(r"before it -?\d+ pieces worth (-?[\d.]+) yuan; .*; stock value ([-+][\d.]+)", said)
        assert found
        assert Decimal(found[1]) == last.get(place, Decimal(0))
        last[place] = Decimal(found[1]) + Decimal(found[2])
    for place, value in last.items():
        assert value * 100 == track.pools[place].value
