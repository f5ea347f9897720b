"""Typed and pasted addresses: 258 made-up ones with labels, laws for any text, and the command."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from formulas.addresses import Address, divisions, parse_address, short_name
from sync_engine.cli import app
from sync_engine.imports.places import split_address

LABELS = Path(__file__).with_name("addresses.tsv")


def labelled() -> list[tuple[str, str, tuple[str, str, str]]]:
    rows = [line.split("\t") for line in LABELS.read_text("utf-8").splitlines()[1:]]
    return [(kind, text, (province, city, district)) for kind, text, province, city, district in rows]


def place(found: Address) -> tuple[str, str, str]:
    return found.province, found.city, found.district


def test_there_is_enough_of_every_kind() -> None:
    kinds = Counter(kind for kind, _, _ in labelled())
    assert sum(kinds.values()) >= 250
    assert set(kinds) == {
        "full", "blanks", "short", "municipality", "direct county", "兵团", "merged", "typo", "pasted", "missing parts",
        "unclear",
    }  # fmt: skip
    assert min(kinds.values()) >= 8


def test_every_labelled_address_is_understood_and_every_unclear_one_is_for_a_person() -> None:
    wrong = []
    for kind, text, wanted in labelled():
        found = parse_address(text)
        right = not found.sure if kind == "unclear" else found.sure and place(found) == wanted
        if not right:
            wrong.append((kind, text, place(found), found.confidence))
    assert not wrong


def test_what_was_inferred_corrected_or_renamed_is_said() -> None:
    for kind, text, _ in labelled():
        found = parse_address(text)
        if kind in ("typo", "merged") and short_name(found.district) not in text:
            assert found.doubts, text
        assert (found.confidence == 100) == (not found.doubts), text


def test_a_place_of_another_province_is_never_made_to_fit() -> None:
    for text in ("江西省苏州市姑苏区文汇路1号", "广东省杭州市西湖区文汇路1号", "湖北省武汉市红山区文汇路1号"):
        found = parse_address(text)
        assert not found.sure
        assert found.doubts


def test_every_place_of_the_table_is_found_by_its_full_name() -> None:
    wrong = []
    for province, cities in divisions().items():
        for city, districts in cities.items():
            for district in districts[::7]:
                found = parse_address(f"{province}{city if city != province else ''}{district}文汇路1号")
                if place(found) != (province, city, district):
                    wrong.append((province, city, district, place(found)))
    assert not wrong


def test_short_names() -> None:
    names = (
        "恩施土家族苗族自治州",
        "陵水黎族自治县",
        "广西壮族自治区",
        "余杭区",
        "浦东新区",
        "红河哈尼族彝族自治州",
        "郫县",
    )
    assert [short_name(name) for name in names] == ["恩施", "陵水", "广西", "余杭", "浦东", "红河", "郫县"]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60) | st.text("浙江省杭州市余杭区北京上海重庆自治县州镇路1号 ,", max_size=30))
def test_any_text_gives_an_address(text: str) -> None:
    found = parse_address(text)
    known = divisions()
    assert 0 <= found.confidence <= 100
    assert (not found.province) or found.province in known
    assert (not found.city) or found.city in known[found.province]
    assert not found.sure or (found.province and found.city and found.street)


def test_an_export_whose_address_begins_with_the_city_is_split_where_it_is_clear() -> None:
    clear, unclear = split_address("杭州市余杭区文汇路1号"), split_address("朝阳区文汇路1号")
    assert (clear.province, clear.city, clear.district, clear.rest) == (
        "浙江省",
        "杭州市",
        "余杭区",
        "文汇路1号",
    )
    assert (unclear.province, unclear.rest) == ("", "朝阳区文汇路1号")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_splits_and_names_those_for_a_person(language: str) -> None:
    typed = "浙江杭州余杭文汇路1号\n\n朝阳区文汇路1号\n"
    shown = CliRunner().invoke(app, ["address", "-", "--lang", language], input=typed)
    assert shown.exit_code == 1
    assert ("请人看" if language == "zh" else "look at") in shown.output
    told = json.loads(CliRunner().invoke(app, ["address", "-", "--json"], input=typed).stdout)
    assert [one["sure"] for one in told["addresses"]] == [True, False]
    assert told["unclear"] == 1
    assert CliRunner().invoke(app, ["address", "-"], input="上海浦东新区张江镇1号\n").exit_code == 0
