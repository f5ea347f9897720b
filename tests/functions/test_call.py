"""Functions as cells call them: the table of cases, ranges, types, errors, and the laws behind them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.call import call
from formulas.catalogue import BY_NAME, FUNCTIONS
from formulas.customers import fifths
from formulas.declare import CellError, Gives, Takes
from formulas.queries import MEASURES
from tests.functions.cases import AS_OF, CASES, ROWS, SHOP, Case, at, book
from workbook_templates.schema import Lang

BOOK = book()


def as_shown(result: object) -> object:
    """An error as its code; anything else as it is."""
    return result.code if isinstance(result, CellError) else result


def as_arguments(case: Case) -> list[object]:
    return [[[one] for one in value] if isinstance(value, tuple) else value for value in case.arguments]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.formula)
def test_the_table_of_cases(case: Case) -> None:
    shown = as_shown(call(case.name, as_arguments(case), BOOK))
    assert shown == (pytest.approx(case.shows, abs=1e-9) if isinstance(case.shows, float) else case.shows)


def test_every_function_is_in_the_table_with_a_value_and_an_example() -> None:
    good = {case.name for case in CASES if not str(case.shows).startswith("#")}
    assert good == {function.name for function in FUNCTIONS}
    assert all(function.example.startswith(f"={function.dotted}(") for function in FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_no_workbook_too_few_and_too_many_arguments_are_the_cells_own_errors(function: object) -> None:
    assert function in FUNCTIONS
    name = function.name
    one = BY_NAME[name]
    assert as_shown(call(name, [1] * (len(one.arguments) + 1), BOOK)) == "#VALUE!"
    if one.needed:
        assert as_shown(call(name, [], BOOK)) == "#VALUE!"
        blank = call(name, [None] * one.needed, BOOK)
        assert as_shown(blank) in ("#VALUE!", "#N/A") and blank != 0
    if one.query:
        assert as_shown(call(name, ["x"] * one.needed, None)) == "#N/A"


def test_an_error_has_a_sentence_in_both_languages() -> None:
    error = call("STOCK", ["BM-009"], BOOK)
    assert isinstance(error, CellError)
    assert "BM-009" in error.text(Lang.ZH) and "没有" in error.text(Lang.ZH)
    assert "BM-009" in error.text(Lang.EN) and "no merchant code" in error.text(Lang.EN)


def test_a_column_of_codes_is_a_column_of_results_and_one_bad_cell_spoils_no_other() -> None:
    result = call("STOCK", [[["BM-001-BK"], ["?"], [None], ["007"]]], BOOK)
    assert isinstance(result, list)
    assert [as_shown(row[0]) for row in result] == [12, "#N/A", "#VALUE!", 3]


def test_a_column_against_a_row_is_a_grid() -> None:
    result = call("FREIGHT", [[["广东"], ["北京"]], [[0.8, 2.3]]], BOOK)
    assert result == [[3.0, 5.4], [9.0, 9.0]]
    assert as_shown(call("FREIGHT", [[["广东"], ["北京"]], [[1], [2], [3]]], BOOK)) == "#VALUE!"


def test_names_are_found_with_dot_underscore_and_in_any_case() -> None:
    assert call("erp.stock", ["007"], BOOK) == call("ERP_STOCK", ["007"], BOOK) == 3
    assert as_shown(call("ERP.NOSUCH", [], BOOK)) == "#N/A"


def test_numbers_beyond_reason_are_errors_and_not_tracebacks() -> None:
    assert as_shown(call("VAT", [1e40, "general", "2026-11-11"], BOOK)) == "#NUM!"
    assert as_shown(call("ORDERS", [1e300, 1], BOOK)) == "#VALUE!"
    assert as_shown(call("ONHAND", [float("inf"), 1, 1], BOOK)) == "#VALUE!"


hosts = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just(SHOP), st.just("2026-11-11"),
    st.lists(st.lists(st.one_of(st.none(), st.floats(), st.text(max_size=3)), max_size=3), max_size=3),
)  # fmt: skip


@given(st.sampled_from(FUNCTIONS), st.lists(hosts, max_size=6))
def test_nothing_a_cell_can_hold_raises(function: object, arguments: list[object]) -> None:
    """Whatever stands in the cells, the answer is a value or one of three error values with a sentence."""
    result = call(function.name, arguments, BOOK)  # type: ignore[attr-defined]
    for cell in [cell for row in result for cell in row] if isinstance(result, list) else [result]:
        if isinstance(cell, CellError):
            assert cell.code in ("#N/A", "#VALUE!", "#NUM!") and cell.zh and cell.en
        else:
            assert isinstance(cell, str | int | float)


@pytest.mark.parametrize("days", [1, 2, 3])
def test_sales_of_days_add_up_to_the_sales_of_the_period(days: int) -> None:
    for measure in MEASURES:
        for code in (None, "BM-001-BK", "BM-002"):
            whole = call("SALES", [measure.zh, "2026-11-09", "2026-11-12", code], BOOK)
            parts = []
            day = at(9, 0)
            while day < at(13, 0):
                end = min(day + timedelta(days=days - 1), at(12, 0))
                parts.append(call("SALES", [measure.en, f"{day:%Y-%m-%d}", f"{end:%Y/%m/%d}", code], BOOK))
                day += timedelta(days=days)
            assert whole == pytest.approx(sum(parts)), (measure.en, code)  # type: ignore[arg-type]


def test_as_of_is_the_time_of_the_book() -> None:
    serial = call("ASOF", [], BOOK)
    assert isinstance(serial, float)
    assert abs(serial - 46338 - (AS_OF - at(12, 0)) / timedelta(days=1)) < 1e-9


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_fifths_keep_order_and_equals_together(numbers: list[int]) -> None:
    scores = fifths([Decimal(one) for one in numbers])
    assert all(1 <= one <= 5 for one in scores) and min(scores) == 1
    pairs = sorted(zip(numbers, scores, strict=True))
    assert [score for _, score in pairs] == sorted(score for _, score in pairs)
    assert len({(n, s) for n, s in pairs}) == len(set(numbers))


@given(st.floats(0.01, 500), st.floats(0, 60), st.floats(0.5, 0.999))
def test_safety_stock_is_the_normal_quantile_rounded_up(
    deviation: float, lead: float, service: float
) -> None:
    pieces = call("SAFETYSTOCK", [deviation, lead, service], None)
    exact = NormalDist().inv_cdf(service) * deviation * lead**0.5
    assert isinstance(pieces, int) and exact - 1e-5 <= pieces < exact + 1 + 1e-5


def test_columns_and_tables_are_declared_so() -> None:
    assert [f.name for f in FUNCTIONS if f.gives is Gives.TABLE] == ["COURIER", "VOUCHER", "BILLED", "RFM"]
    assert {a.takes for f in FUNCTIONS for a in f.arguments} == set(Takes)
    assert ROWS["orders"]


def test_a_column_of_ten_thousand_is_read_once() -> None:
    """Every cell of a long range costs the same: the range is taken apart once, not for each of its cells."""

    class Counted(list[object]):
        read = 0

        def __iter__(self):  # type: ignore[no-untyped-def]
            Counted.read += 1
            return super().__iter__()

    codes = Counted([["BM-001-BK"], ["BM-009"]] * 5_000)
    shown = call("STOCK", [codes], BOOK)
    assert isinstance(shown, list) and len(shown) == 10_000
    assert [as_shown(cell) for row in shown[:2] for cell in row] == [12, "#N/A"]
    assert Counted.read == 1
