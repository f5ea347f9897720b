"""A small rush over HTTP; `python -m bench.burst` lives through 5,000 orders."""

from __future__ import annotations

from pathlib import Path

from tests.engine.http_rush import HttpRush, done, recomputed


def test_a_rush_over_http_sells_no_piece_twice_and_explains_each_figure(tmp_path: Path) -> None:
    rush = HttpRush(tmp_path / "shop", codes=8, people=60, minutes=2, pieces=(3, 7), returns=2)
    asked = rush.live()
    assert rush.orders() > 12
    assert rush.oversold() == 0
    assert rush.worst <= 0
    sold = rush.sold_by_part()
    assert all(sold[code] <= there + rush.back[code] for code, there in rush.stock.items())
    assert sum(sold[code] >= there for code, there in rush.stock.items()) >= 2, "goods were scarce"
    assert any(code in rush.sold() for code in (*rush.sets, "ANY"))
    assert rush.back, "something came back"
    assert len(done(asked)) > 10
    assert [text for intent in done(asked) if (text := recomputed(intent))] == []
    assert rush.troubles > 0, "calls went wrong"
