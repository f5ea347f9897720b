"""The laws of the packing check, without a sheet: only the parcel's own pieces pass, in any order, by any of their codes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.parcel import Check
from sync_engine.plan.checked import check_from_text, check_text, kept_back
from sync_engine.plan.checking import Carton, Codes, Scan, Verdict, grams_of, judge, read_codes
from sync_engine.plan.contents import Contents, Piece
from sync_engine.plan.policy import Policy
from tests.engine.world import START

GOODS = {"CUP": "690", "TEA": "691", "MAT": "", "LID": "690"}  # LID and CUP share a barcode
CODES = read_codes(
    {f"8{n}": {"outer_id": code, "barcode": bar} for n, (code, bar) in enumerate(GOODS.items())}
)
SETS = {"SET": {("CUP", ""): 2, ("TEA", ""): 1}}


def carton(pieces: dict[str, int], check: Check = Check(), **more: object) -> Carton:  # noqa: B008
    held = tuple(
        Piece(code=code, variant="", name=code, count=n, barcode=GOODS[code]) for code, n in pieces.items()
    )
    key = f"{sorted(pieces.items())}"
    sets = SETS if pieces.keys() >= {"CUP", "TEA"} else {}
    contents = Contents(pieces=held, sets=sets, expected_g=Decimal(1000), key=key)
    return replace(Carton(package_id="1-1", contents=contents, check=check), **more)  # type: ignore[arg-type]


def row(*tokens: str, number: int = 1, **more: object) -> Scan:
    return replace(Scan(key=f"C{number:03d}", waybill="ZTO1", tokens=tokens), **more)  # type: ignore[arg-type]


def look(scan: Scan, at: Carton, codes: Codes = CODES, **names: str) -> Verdict:
    return judge(scan, at, codes, Policy(settings=names), START)


PIECES = st.dictionaries(st.sampled_from(list(GOODS)), st.integers(1, 4), min_size=1)
SCANNED = st.lists(st.sampled_from(["CUP", "TEA", "MAT", "LID", "691", "SET", "77", "cup"]), max_size=14)


@settings(max_examples=200, deadline=None)
@given(PIECES, SCANNED)
def test_a_parcel_passes_only_if_its_own_pieces_and_no_others_were_scanned(
    pieces: dict[str, int], tokens: list[str]
) -> None:
    told = look(row(*tokens), carton(pieces))
    one_set = {"CUP": 2, "TEA": 1} if pieces.keys() >= {"CUP", "TEA"} else {"SET": 1}
    meant: Counter[str] = Counter()
    for token in tokens:
        for code, n in {"691": {"TEA": 1}, "cup": {"CUP": 1}, "SET": one_set}.get(token, {token: 1}).items():  # fmt: skip
            meant[code] += n
    assert (told.check.at is not None) == (meant == Counter(pieces))
    assert (told.result == "passed") == (meant == Counter(pieces))
    if told.result == "open":
        assert not meant - Counter(pieces)


@settings(max_examples=80, deadline=None)
@given(PIECES, st.randoms(use_true_random=False))
def test_any_order_and_any_of_its_codes_pass_and_one_piece_less_or_more_does_not(
    pieces: dict[str, int], rng: object
) -> None:
    tokens = [rng.choice([code, GOODS[code] or code]) for code, n in pieces.items() for _ in range(n)]  # type: ignore[attr-defined]
    rng.shuffle(tokens)  # type: ignore[attr-defined]
    assert look(row(*tokens), carton(pieces)).result == "passed"
    assert look(row(*tokens[1:]), carton(pieces)).result == "open"
    assert look(row(*tokens, tokens[0]), carton(pieces)).result == "wrong"


def test_counts_as_the_setting_says() -> None:
    big = carton({"CUP": 12, "TEA": 2})
    assert look(row("CUP*12", "TEA×2"), big).told == "TEA 要一件一件扫,不能填件数;还差 TEA×2"
    assert look(row("CUP*12", "TEA", "TEA"), big).result == "passed"
    assert look(row("CUP*12", "TEA*2"), big, verify_count_from="0").result == "wrong"
    assert look(row("CUP*12", "TEAx2"), big, verify_mode="kind").result == "passed"
    assert look(row("CUP*11", "TEA*2"), big, verify_mode="kind").told == "还差 CUP×1"
    assert look(row(), big, verify_mode="waybill").result == "passed"
    assert look(row("CUP"), big, verify_mode="waybill").result == "open"  # what is scanned is looked at
    assert look(row(), big).told == "还差 CUP×12、TEA×2"


def test_a_code_that_ends_like_a_count_is_taken_as_it_stands() -> None:
    codes = read_codes({"81": {"outer_id": "A*2", "barcode": ""}})
    one = carton({"CUP": 1})
    own = replace(
        one,
        contents=replace(one.contents, pieces=(Piece(code="A*2", variant="", name="A*2", count=1),), sets={}),
    )
    assert look(row("A*2"), own, codes).result == "passed"


def test_variants_with_one_code_are_told_apart_by_their_barcodes() -> None:
    red, blue = (
        Piece(code="T", variant=v, name="T", count=1, barcode=b) for v, b in (("红", "1"), ("蓝", "2"))
    )
    base = carton({"CUP": 1})
    both = replace(base, contents=replace(base.contents, pieces=(red, blue), sets={}))
    codes = read_codes({"1": {"outer_id": "T", "barcode": "1"}, "2": {"outer_id": "T", "barcode": "2"}})
    assert look(row("1", "2"), both, codes).result == "passed"
    assert look(row("1", "1"), both, codes).told == "T 红 多 1 件(应 1 件);还差 T 蓝×1"


def test_the_first_complete_row_counts_and_a_later_one_is_told_of_it() -> None:
    at = carton({"CUP": 1})
    first = look(row("CUP", number=2), at)
    at = replace(at, check=first.check)
    assert look(row("CUP", number=2), at) == first  # a second run changes nothing
    assert look(row("CUP", number=3), at).result == "again"
    assert look(row("CUP", number=1), at).result == "other"
    changed = look(row("TEA", number=2), at)  # somebody mended the row that counted
    assert (changed.result, changed.check.at) == ("wrong", None)


def test_rows_from_before_a_change_are_spent() -> None:
    check = look(row("CUP", number=4), carton({"CUP": 1})).check
    now = carton({"CUP": 1, "TEA": 1}, check)
    spent = look(row("CUP", "TEA", number=4), now)
    assert (spent.result, spent.check) == ("open", Check(key=now.contents.key, after=4))
    assert look(row("CUP", "TEA", number=3), replace(now, check=spent.check)).result == "open"
    assert look(row("CUP", "TEA", number=5), replace(now, check=spent.check)).result == "passed"


def test_a_parcel_that_must_stop_never_passes() -> None:
    told = look(row("CUP"), carton({"CUP": 1}, stop="买家申请退款"))
    assert (told.result, told.told, told.check) == ("stop", "停!别发:买家申请退款", Check())


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("0.85", 850), ("0.85kg", 850), ("850g", 850), ("850 克", 850), ("ST,GS,+ 0.850kg", 850), ("1.2公斤", 1200),
        ("", None), ("abc", None), ("0", None), ("-0.5", None), ("1 2", None), ("5000", None),
    ],
)  # fmt: skip
def test_what_a_scale_says(text: str, grams: int | None) -> None:
    assert grams_of(text) == (None if grams is None else Decimal(grams))


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 3000), st.integers(0, 400), st.integers(0, 50))
def test_a_weight_within_the_tolerance_is_right_and_outside_an_alarm(
    grams: int, by_g: int, by_percent: int
) -> None:
    names = {"weigh_tolerance_g": str(by_g), "weigh_tolerance_percent": str(by_percent)}
    at = carton({"CUP": 1})
    told = look(row("CUP", weight=f"{grams}g"), at, **names)
    fits = abs(grams - 1000) <= max(by_g, by_percent * 10)
    assert told.check.weight == ("ok" if fits else "off")
    assert (told.result == "weight") == (not fits)
    assert told.check.at is not None  # the pieces are right all the same
    sure = look(row("CUP", weight=f"{grams}g", confirmed=True), at, **names)
    assert sure.check.weight == ("ok" if fits else "confirmed")


def test_weights_of_other_rows_and_unreadable_ones() -> None:
    at = carton({"CUP": 1})
    at = replace(at, check=look(row("CUP", weight="1"), at).check)
    second = look(row(number=2, weight="1.5"), at)
    assert (second.result, second.check.weighed_g, second.check.row) == ("weight", 1500, "C001")
    assert look(row(number=1, tokens=("CUP",), weight="1"), replace(at, check=second.check)).check == second.check  # fmt: skip
    bad = look(row("CUP", weight="很重"), carton({"CUP": 1}))
    assert bad.result == "weight"
    assert "称重“很重”看不懂" in bad.told
    assert not bad.check.weighed_g
    unknown = carton({"CUP": 1})
    unknown = replace(unknown, contents=replace(unknown.contents, expected_g=None, unweighed=("CUP",)))
    assert look(row("CUP", weight="9"), unknown).check.weight == "unjudged"


def test_a_scale_that_types_into_a_cell_to_scan() -> None:
    at = carton({"CUP": 1})
    told = look(row("CUP", "1.02kg"), at)
    assert (told.result, told.check.weighed_g) == ("passed", 1020)
    codes = read_codes({"1": {"outer_id": "500g", "barcode": ""}})
    named = Contents(
        pieces=(Piece(code="500g", variant="", name="米", count=1),), sets={}, expected_g=None, key="k"
    )
    told = look(row("500g"), replace(at, contents=named), codes)
    assert (told.result, told.check.weighed_g) == ("passed", 0)  # goods with that code are goods
    assert look(row("CUP", "1kg", "2kg"), at).result == "wrong"


CHECKED = st.builds(
    Check, key=st.just("abc"), row=st.sampled_from(["", "C007"]), at=st.sampled_from([None, START]),
    weighed_g=st.integers(0, 99999), weight=st.sampled_from(["", "ok", "off", "confirmed"]),
    weigher=st.sampled_from(["", "C012"]), after=st.integers(0, 99),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(CHECKED)
def test_a_check_comes_back_from_its_cells(check: Check) -> None:
    kg = Decimal(check.weighed_g) / 1000 if check.weighed_g else None
    assert check_from_text(check_text(check), check.at, kg) == check


def test_what_is_kept_back() -> None:
    from sync_engine.parcel import Package

    done = Check(key="k", at=START, row="C001", weighed_g=900, weight="off", weigher="C001")
    package = Package(package_id="1-1", tid="1", no=1, oids=("1",), cp_code="ZTO", state="printed")

    def why(check: Check, key: str = "k", **names: str) -> str:
        return kept_back(replace(package, check=check), key, Policy(settings=names))

    assert why(Check()) == why(done) == ""
    assert why(Check(), ship_needs="verify") == why(done, "other", ship_needs="verify") == "verify"
    assert why(done, ship_needs="both") == ""
    assert why(replace(done, weighed_g=0), ship_needs="both") == "weigh"
    assert why(done, weigh_hold="yes") == "weight"
    assert why(replace(done, weight="confirmed"), weigh_hold="yes") == ""
    assert START + timedelta(0) == done.at
