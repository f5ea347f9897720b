"""Signing, by the platform's official example."""

from __future__ import annotations

import pytest

from sync_engine.tmall.sign import METHODS, sign

EXAMPLE = {
    "app_key": "12345678", "fields": "num_iid,title,nick,price,num", "format": "json",
    "method": "taobao.item.seller.get", "num_iid": "11223344", "session": "test",
    "timestamp": "2016-01-01 12:00:00", "v": "2.0",
}  # fmt: skip
OFFICIAL = {
    "md5": "66987CB115214E59E6EC978214934FB8",
    "hmac": "D56D7858309C31B6251083A874D48273",
    "hmac-sha256": "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8",
}


@pytest.mark.parametrize("method", METHODS)
def test_the_official_example(method: str) -> None:
    assert sign({**EXAMPLE, "sign_method": method}, "helloworld", method) == OFFICIAL[method]


@pytest.mark.parametrize("method", METHODS)
def test_what_is_not_part_of_the_signature(method: str) -> None:
    """The signature itself, and parameters without a value."""
    full = {**EXAMPLE, "sign_method": method, "sign": "OLD", "empty": ""}
    assert sign(full, "helloworld", method) == OFFICIAL[method]


def test_names_are_sorted_as_bytes_and_chinese_is_utf8() -> None:
    assert sign({"a": "1", "B": "2"}, "s", "md5") == sign({"B": "2", "a": "1"}, "s", "md5")
    assert sign({"ab": "c"}, "s", "md5") == sign({"a": "bc"}, "s", "md5")  # no separators: that is the rule
    assert sign({"备": "注"}, "s", "hmac") == "76BCA86B9C521ED41D1E7860D7DF187C"


def test_an_unknown_method_is_an_error() -> None:
    with pytest.raises(ValueError, match="sha1"):
        sign(EXAMPLE, "helloworld", "sha1")
