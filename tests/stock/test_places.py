"""What warehouses are called, with and without rows in 仓库."""

from __future__ import annotations

import pytest

from sync_engine.plan.places import read_places
from workbook_templates.schema import Lang


@pytest.mark.parametrize("used", [(), ("W001",), ("W002",), ("W002", "W001")])
def test_without_any_row_the_main_warehouse_is_called_the_same_before_and_after_it_is_used(
    used: tuple[str, ...],
) -> None:
    places, problems = read_places({}, used, Lang.ZH)
    assert (places.main, places.names["W001"], problems) == ("W001", "主仓", {})
    assert set(places.names) == {"W001", *used}


def test_a_warehouse_that_lost_its_row_keeps_its_id_as_its_name() -> None:
    rows = {"W001": {"name": "东仓"}}
    places, _ = read_places(rows, ("W001", "W002"), Lang.ZH)
    assert dict(places.names) == {"W001": "东仓", "W002": "W002"}
