"""A few real kills, so that the long soak stays able to run: `python -m tests.soak.kill9 --kills 100`."""

from __future__ import annotations

from pathlib import Path

from tests.soak.kill9 import soak


def test_three_kills_change_nothing(tmp_path: Path) -> None:
    outcome = soak(tmp_path / "shop", kills=3, seed=5, orders=40, seconds=(1.0, 2.5))
    assert outcome.wrong == []
    assert outcome.counts["kills"] == 3
    assert outcome.counts["waybills bought"] > 0
