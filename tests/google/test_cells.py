"""What is typed, what is shown, and what formulas are worth: pure functions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.sandbox.google.book import Book, new_sheet
from sync_engine.sandbox.google.calculate import parsed
from sync_engine.sandbox.google.cells import Cell, Error, Formula, packed, unpacked
from sync_engine.sandbox.google.formats import shown
from sync_engine.sandbox.google.formula import copied, renamed, shifted
from sync_engine.sandbox.google.grid import (
    Grid,
    a1,
    cells_of,
    column_index,
    column_name,
    deleted,
    inserted,
    moved,
)
from sync_engine.sandbox.google.typed import parse


@pytest.mark.parametrize(
    ("text", "value", "form"),
    [
        ("42", 42, None),
        ("0042", 42, None),
        ("-1.50", -1.5, None),
        ("+3", 3, None),
        ("(5)", -5, None),
        ("1,234", 1234, "#,##0"),
        ("2,000,000.01", 2000000.01, "#,##0.00"),
        ("12%", 0.12, "0%"),
        ("$1.50", 1.5, "$#,##0.00"),
        ("¥9", 9, '"¥"#,##0'),
        ("1e3", 1000, "0.00E+00"),
        ("true", True, None),
        ("FALSE", False, None),
        ("=A1", "=A1", None),
        ("=", "=", None),
        ("'007", "007", None),
        ("12,34", "12,34", None),
        ("1.2.3", "1.2.3", None),
        ("A-1", "A-1", None),
        ("2026-02-30", "2026-02-30", None),
        ("2026-11-11", 46337, "yyyy-mm-dd"),
        ("2026/11/11", 46337, "M/d/yyyy"),
        ("2026年11月11日", 46337, "M/d/yyyy"),
        ("11/11/2026", 46337, "M/d/yyyy"),
        ("12:00", 0.5, "h:mm:ss AM/PM"),
        ("2026-11-11 12:00:00", 46337.5, "yyyy-mm-dd h:mm:ss AM/PM"),
        ("", None, None),
        ("8085807e40000000", "8085807e40000000", None),
    ],
)
def test_typed(text: str, value: Any, form: str | None) -> None:
    what, brought = parse(text)
    assert what == value and type(what) in (type(value), Formula)
    assert (brought or {}).get("pattern") == form


@pytest.mark.parametrize(
    ("value", "pattern", "kind", "text"),
    [
        (0.0009765625, "", "", "0.0009765625"),
        (0.1 + 0.2, "", "", "0.3"),
        (1 / 3, "", "", "0.3333333333"),
        (2000 / 3, "", "", "666.6666667"),
        (123456789012345680, "", "", "1.23457E+17"),
        (1234567890123, "", "", "1234567890123"),
        (1e-12, "", "", "1E-12"),
        (True, "", "", "TRUE"),
        (1234.5, "#,##0.00", "NUMBER", "1,234.50"),
        (-1234.5, "#,##0.00;(#,##0.00)", "NUMBER", "(1,234.50)"),
        (0.125, "0.0%", "PERCENT", "12.5%"),
        (5, '"¥"#,##0.00', "CURRENCY", "¥5.00"),
        (12345, "0.00E+00", "SCIENTIFIC", "1.23E+04"),
        (7, "000", "NUMBER", "007"),
        (1.005, "0.00", "NUMBER", "1.01"),
        (46337.75, "yyyy-mm-dd hh:mm:ss", "DATE_TIME", "2026-11-11 18:00:00"),
        (46337.75, "M/d/yyyy h:mm AM/PM", "DATE_TIME", "11/11/2026 6:00 PM"),
        (46337, "yyyy年m月d日", "DATE", "2026年11月11日"),
        (46337, "", "DATE", "11/11/2026"),
        (1.5, "[h]:mm", "TIME", "36:00"),
        ("x", "@", "TEXT", "x"),
        (Error("N_A"), "", "", "#N/A"),
    ],
)
def test_shown(value: Any, pattern: str, kind: str, text: str) -> None:
    form = ({"pattern": pattern} if pattern else {}) | ({"type": kind} if kind else {})
    assert shown(value, form) == text


def sheet_of(*rows: list[Any]) -> Book:
    book = Book(
        id="x",
        properties={"locale": "en_US"},
        sheets=[new_sheet(0, "Sheet1", 20, 8), new_sheet(9, "库存 表", 5, 5)],
    )
    for at, row in enumerate(rows):
        made = [Formula(v) if isinstance(v, str) and v.startswith("=") else v for v in row]
        book.sheets[0].cells[at] = {c: Cell(v) for c, v in enumerate(made) if v is not None}
    book.sheets[1].cells[0] = {0: Cell(11)}
    return book


@pytest.mark.parametrize(
    ("formula", "worth"),
    [
        ("=1+2*3^2", 19),
        ("=-2^2", 4),
        ("=(1+2)*3", 9),
        ("=10%", 0.1),
        ('="a"&1&TRUE', "a1TRUE"),
        ("=A1+A2", 3),
        ("=SUM(A1:A3)", 6),
        ("=SUM(A:A)", 6),
        ("='库存 表'!A1+1", 12),
        ('=IF(A1>5,"big","small")', "small"),
        ("=IF(A1,1)", 1),
        ('=COUNTIF(B1:B3,"x*")', 2),
        ('=COUNTIF(A1:A3,">=2")', 2),
        ('=COUNTIFS(A1:A3,">1",B1:B3,"x*")', 1),
        ('=SUMIF(B1:B3,"y",A1:A3)', 2),
        ('=SUMIFS(A1:A3,B1:B3,"x*",A1:A3,">1")', 3),
        ('=COUNTIF(B1:B3,"<>y")', 2),
        ("=COUNTA(A1:B20)", 6),
        ('=IFERROR(1/0,"none")', "none"),
        ("=IFERROR(5)", 5),
        ("=AND(TRUE,A1=1)", True),
        ("=NOT(FALSE)", True),
        ("=ROUND(2.345,2)", 2.35),
        ('=LEN("表格")', 2),
        ('="B"="b"', True),
        ('=1="1"', False),
        ("=H20=0", True),
        ("=MAX(A1:A3)-MIN(A1:A3)", 2),
        ('=CONCATENATE("a",1)', "a1"),
    ],
)
def test_formulas(formula: str, worth: Any) -> None:
    book = sheet_of([1, "x1", formula], [2, "y"], [3, "x2"])
    assert book.value(book.sheets[0], 0, 2) == worth


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("=1/0", "DIVIDE_BY_ZERO"),
        ("=FOO()", "NAME"),
        ("=foo", "NAME"),
        ('="x"+1', "VALUE"),
        ("=Nope!A1", "REF"),
        ("=C1", "REF"),
        ("=1+", "ERROR"),
        ("=#REF!+1", "REF"),
        ("=A1/A9", "DIVIDE_BY_ZERO"),
        ("=10^400", "NUM"),
    ],
)
def test_formula_errors(formula: str, kind: str) -> None:
    book = sheet_of([1, "x1", formula])
    found = book.value(book.sheets[0], 0, 2)
    assert isinstance(found, Error) and found.kind == kind


def test_formulas_move() -> None:
    assert copied('=A1+$B$2+C$3&"A1"', 1, 1) == '=B2+$B$2+D$3&"A1"'
    assert copied("=A1", -1, 0) == "=#REF!"
    assert shifted("=SUM(A1:A10)+B5", "S", "S", True, inserted(4, 2)) == "=SUM(A1:A12)+B7"
    assert shifted("=A5+T!A5", "S", "S", True, deleted(4, 1)) == "=#REF!+T!A5"
    assert shifted("=SUM(A2:A9)", "S", "S", True, deleted(1, 3)) == "=SUM(A2:A6)"
    assert shifted("=SUM('T t'!B:B)", "S", "T t", False, inserted(0, 1)) == "=SUM('T t'!C:C)"
    assert renamed("=Old!A1+A1", "Old", "新 表") == "='新 表'!A1+A1"


def test_long_formula_is_parsed() -> None:
    assert parsed("=" + "+".join(["1"] * 500)) is not None
    assert parsed("=1 2") is None


@given(st.integers(0, 18277))
def test_column_names(index: int) -> None:
    assert column_index(column_name(index)) == index


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 20), st.integers(1, 20))
def test_a1_there_and_back(top: int, height: int, left: int, width: int) -> None:
    grid = Grid(sheet=3, top=top, bottom=top + height, left=left, right=left + width)
    assert cells_of(a1("Sheet1", grid).partition("!")[2], 3) == grid


@given(st.integers(0, 9), st.integers(1, 4), st.integers(0, 12), st.integers(0, 12))
def test_a_moved_line_is_where_lists_put_it(at: int, count: int, to: int, line: int) -> None:
    whole = list(range(14))
    if at <= to <= at + count:
        return
    rest = [each for each in whole if not at <= each < at + count]
    place = to if to < at else to - count
    rest[place:place] = whole[at : at + count]
    assert moved(at, count, to)(line, line + 1) == (rest.index(line), rest.index(line) + 1)


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.text().map(lambda t: Formula("=" + t)))
)
def test_packed_cells(value: Any) -> None:
    cell = Cell(value, {"a": 1}, None, None)
    assert unpacked(packed(cell)) == cell and type(unpacked(packed(cell)).entered) is type(value)


def test_ranges_grow_inside_only() -> None:
    """What comes in at a range's end stays out of it, what comes in at its start moves it."""
    assert inserted(10, 2)(0, 10) == (0, 10)
    assert inserted(0, 2)(0, 10) == (2, 12)
    assert inserted(9, 2)(0, 10) == (0, 12)
    assert inserted(5, 2)(0, None) == (0, None)
    assert deleted(8, 5)(0, 10) == (0, 8) and deleted(0, 10)(2, 8) is None
