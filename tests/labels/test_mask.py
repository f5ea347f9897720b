"""Personal data is masked whatever comes in; what came masked stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.mask import MaskRule, mask_address, mask_name, mask_phone, mask_text

AS_THE_PLATFORM_SENDS = ("张**", "李*", "陈*平", "欧阳**", "张*[1234]", "", "王")
PHONES_AS_SENT = ("13*******23", "*******1234", "138****1234", "0580-***542", "")
ADDRESSES_AS_SENT = ("白虎路*-*", "花家地社区***", "古墩路**号**栋", "中山北路**弄**", "人民路***号", "")


@pytest.mark.parametrize("name", AS_THE_PLATFORM_SENDS)
def test_a_masked_name_stays(name: str) -> None:
    assert mask_name(name) == name


@pytest.mark.parametrize("phone", PHONES_AS_SENT)
def test_a_masked_phone_stays(phone: str) -> None:
    assert mask_phone(phone) == phone


@pytest.mark.parametrize("address", ADDRESSES_AS_SENT)
def test_a_masked_address_stays(address: str) -> None:
    assert mask_address(address) == address


@pytest.mark.parametrize(
    ("plain", "shown"),
    [("王小明", "王**"), ("欧阳小明", "欧***"), ("John Smith", "J***"), ("*13800138000", "****")],
)
def test_a_plain_name_keeps_its_first_character(plain: str, shown: str) -> None:
    assert mask_name(plain) == shown


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("13800138000", "138******00"),
        ("+86 138 0013 8000", "+86 1** **** **00"),
        ("0571-88001234", "057*-******34"),
        ("88001234", "******34"),
        ("138****1234/13800138000", "138********/*********00"),
        ("18800001111-1234", "188********-**34"),
    ],
)
def test_a_plain_phone_loses_its_middle(plain: str, shown: str) -> None:
    assert mask_phone(plain) == shown


def test_the_rule_for_phones_can_be_set() -> None:
    assert mask_phone("13800138000", MaskRule(phone_tail=4, phone_hidden=4)) == "138****8000"
    assert mask_phone("18800001111-1234", MaskRule(show_virtual=True)) == "18800001111-1234"
    assert mask_phone("13800138000", MaskRule(show_virtual=True)) == "138******00"


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("文三路138号5幢2单元301室", "文三路138号*幢*单元***室"),
        ("五一路三号楼三单元", "五一路*号楼*单元"),
        ("中山北路1234弄12号502", "中山北路1234弄12号***"),
        ("万达广场A座1202", "万达广场*座****"),
        ("朝阳北路5号院3号楼2-101", "朝阳北路5号院*号楼*-***"),
        ("虹桥路5-2-301号", "虹桥路*-*-***号"),
        ("农科村3组 13800138000", "农科村3组 ***********"),
    ],
)
def test_a_plain_address_hides_building_unit_and_room(plain: str, shown: str) -> None:
    assert mask_address(plain) == shown


def test_free_text_hides_phones_and_keeps_numbers_of_orders() -> None:
    said = mask_text("改电话138 0013 8000或0571-88001234,原单2345678901234567890,送2件")
    assert said == "改电话138 **** **00或057*-******34,原单2345678901234567890,送2件"


texts = st.text(alphabet="0123456789*-－ 号楼栋座室单元三路弄村A座b王小陈[]/+转１２", max_size=40)


@given(texts)
@settings(max_examples=400)
def test_masking_twice_is_masking_once(text: str) -> None:
    for mask in (mask_name, mask_phone, mask_address, mask_text):
        assert mask(mask(text)) == mask(text), mask


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), texts, texts)
@settings(max_examples=200)
def test_no_mobile_number_comes_through_any_field(mobile: str, before: str, after: str) -> None:
    for mask in (mask_name, mask_phone, mask_address):
        assert mobile not in mask(f"{before} {mobile} {after}")
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", mask_text(f"备注 {mobile} 谢谢"))
