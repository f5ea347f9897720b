"""The judge of `bench.quarter`: a quarter of a few orders is right to the fen, and each planted defect is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unittest import mock

import pytest

from bench import quarter as bench
from bench.quarter import Live, judge, live
from bench.quarter_truth import PERIODS, Sums, quarter_of, truth_of
from sync_engine.journal.journal import Journal

ORDERS, KINDS = 6, 4


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, Sums]]:
    """A quarter lived through in a real workbook."""
    quarter = quarter_of(ORDERS, kinds=KINDS)
    with mock.patch.object(bench, "LOOKS", ()):  # the shop is looked at when a month is over
        shop = Live(tmp_path_factory.mktemp("quarter"), quarter)
        live(shop)
    yield shop, truth_of(quarter)
    shop.journal.close()


def test_a_whole_quarter_is_right_to_the_fen(lived: tuple[Live, Sums]) -> None:
    shop, truth = lived
    assert judge(shop, truth) == []
    assert sum(fen for (_, account), fen in truth.items() if account == "5001") < 0, "something was sold"


def _one_fen(journal: Journal) -> None:
    journal._db.run("UPDATE sums SET debit = debit + 1 WHERE account = '5601.01' AND period = 202611")


def _lost_voucher(journal: Journal) -> None:
    journal._db.run("DELETE FROM vouchers WHERE voucher_id = '202610-0002'")


def _twice(journal: Journal) -> None:
    """One fact stands behind two vouchers."""
    first, second = journal._db.run(
        "SELECT voucher_id FROM vouchers WHERE ref LIKE 'bill:%' AND period = 202611 ORDER BY number LIMIT 2"
    ).fetchall()
    (doc,) = journal._db.run("SELECT doc FROM vouchers WHERE voucher_id = ?", first).fetchone()
    journal._db.run("UPDATE vouchers SET doc = ? WHERE voucher_id = ?", (doc, second[0]))


def _opened(journal: Journal) -> None:
    journal._db.run("""UPDATE periods SET doc = replace(doc, '"closed"', '"open"') WHERE period = 202612""")


def _needs(journal: Journal) -> None:
    journal._db.run(
        """UPDATE rows SET cells = replace(cells, '"smatched"', '"sneeds"') WHERE tbl = 'matches' AND cells LIKE '%"smatched"%'"""
    )


def _unknown(journal: Journal) -> None:
    journal._db.run("UPDATE bills SET item = 'unclassified' WHERE key = (SELECT min(key) FROM bills)")


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (_one_fen, "202611 5601.01: booked"),
        (_lost_voucher, "202610-0002 is missing"),
        (_twice, "was posted 2 times"),
        (_opened, "202612 is open"),
        (_needs, "need somebody"),
        (_unknown, "not classified"),
    ],
)
def test_a_planted_defect_is_named(
    lived: tuple[Live, Sums], plant: Callable[[Journal], None], named: str
) -> None:
    shop, truth = lived
    with pytest.raises(_Undone), shop.journal.transaction():
        plant(shop.journal)
        wrong = judge(shop, truth)
        assert any(named in text for text in wrong), wrong
        raise _Undone


def test_a_truth_of_another_quarter_is_wrong_everywhere(lived: tuple[Live, Sums]) -> None:
    shop, _ = lived
    other = judge(shop, truth_of(quarter_of(ORDERS, seed=7, kinds=KINDS)))
    assert all(any(str(period) in text for text in other) for period in PERIODS)


class _Undone(Exception):
    """Rolls a planted defect back."""


def test_nothing_of_a_plant_is_left(lived: tuple[Live, Sums]) -> None:
    shop, truth = lived
    assert judge(shop, truth) == []
