"""A purchase that waits while the parcel's number becomes known another way: nothing is bought, nothing comes back to life."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.rig import Rig


@pytest.mark.parametrize("state", ["bought", "cancelled"])
def test_a_number_that_became_known_late_is_not_bought_again(state: str) -> None:
    rig = Rig()
    rig.world.sku("801", 100)
    rig.settle()
    rig.world.order("1001", 2)
    rig.world.not_sent |= {"find", "buy"}
    rig.tick(15)
    assert rig.journal is not None
    (waiting,) = [one for one in rig.journal.intents.open() if one.key.startswith("waybill:")]
    package = rig.journal.mirror.package(waiting.subject)
    assert package is not None and not package.waybill_code
    with rig.journal.transaction():
        rig.journal.mirror.put_package(replace(package, state=state, waybill_code="ZTO0000000099"))
    rig.world.not_sent.clear()
    for _ in range(4):
        rig.tick(20)
    sold = rig.world.effects("buy")
    held = rig.journal.mirror.package(waiting.subject)
    assert held is not None and held.waybill_code == "ZTO0000000099"
    if state == "bought":
        assert not sold, "it has its number"
    else:
        assert held.state == "cancelled" and all(one[2] != waiting.subject for one in sold)
