"""Names of places the way people and the platform write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.places import same_place, short_place


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("浙江", "浙江省", True), ("广西", "广西壮族自治区", True), ("内蒙古", "内蒙古自治区", True),
        ("新疆", "新疆维吾尔自治区", True), ("宁夏", "宁夏回族自治区", True), ("西藏", "西藏自治区", True),
        ("上海", "上海市", True), ("香港", "香港特别行政区", True), ("杭州", "杭州市", True), (" 杭州 ", "杭州市", True),
        ("伊犁哈萨克", "伊犁哈萨克自治州", True), ("阿勒泰", "阿勒泰地区", True), ("锡林郭勒", "锡林郭勒盟", True),
        ("山东", "山西", False), ("河南", "河北省", False), ("海南", "海南省", True), ("吉林省", "吉林市", True),
        ("", "", False), ("", "浙江", False), ("浙江", "", False), ("市", "市", True),
    ],
)  # fmt: skip
def test_what_means_the_same(one: str, other: str, same: bool) -> None:
    assert same_place(one, other) is same
    assert same_place(other, one) is same


@given(st.text(max_size=12))
def test_a_short_name_is_short_for_good(name: str) -> None:
    assert short_place(name) == name.strip() or name.strip().startswith(short_place(name))
    assert bool(short_place(name)) == bool(name.strip())
