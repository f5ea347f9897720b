"""Barcodes: what can be encoded, how wide it gets, how it is read aloud."""

from __future__ import annotations

import pytest

from sync_engine.labels.code128 import dots_per_module, encodable, encode, groups_of


@pytest.mark.parametrize("text", ["", "中通1", "78 1", "781\n", "７８１", "é"])
def test_what_cannot_be_a_waybill_barcode(text: str) -> None:
    assert not encodable(text)
    with pytest.raises(ValueError, match="Code 128"):
        encode(text)


def test_an_even_run_of_digits_takes_half_the_room() -> None:
    assert encode("78123456789012").modules == 11 * (1 + 7 + 1) + 13


def test_bars_start_and_end_the_symbol() -> None:
    symbol = encode("SF1234567890123")
    first, last = symbol.bars[0], symbol.bars[-1]
    assert first[0] == 0
    assert sum(last) == symbol.modules


def test_modules_are_whole_dots_and_keep_the_quiet_zones() -> None:
    room = encode("78123456789012").modules + 20
    assert dots_per_module("78123456789012", room * 0.125 * 3) == 3
    assert dots_per_module("78123456789012", room * 0.125 * 3 - 0.01) == 2
    assert dots_per_module("78123456789012", 10.0) == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("78123456789012", "7812 3456 7890 12"),
        ("SF1234567890123", "SF 1234 5678 90123"),
        ("EMS", "EMS"),
        ("12345", "12345"),
    ],
)
def test_numbers_are_read_in_groups(code: str, said: str) -> None:
    assert groups_of(code) == said
