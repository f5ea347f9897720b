"""What stands on a label under district."""

from __future__ import annotations

import pytest

from sync_engine.trade import Receiver


@pytest.mark.parametrize(
    ("town", "address", "street"),
    [
        ("石桥镇", "石桥镇***", "石桥镇***"),
        ("石桥镇", "人民路***", "石桥镇人民路***"),
        ("", "人民路***", "人民路***"),
        ("石桥镇", "", "石桥镇"),
    ],
)
def test_a_town_is_named_once(town: str, address: str, street: str) -> None:
    assert Receiver(town=town, address=address).street == street
