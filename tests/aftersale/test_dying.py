"""Killed while goods come back: with the journal kept or deleted, each piece is counted in once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aftersale.shop import RETURNS, back, refund, scan, sent_back, shipped
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from tests.engine.test_crash import EVERY

STEP = 1 if EVERY else 60
"""Every so many points."""


def life(rig: Rig) -> list[Step]:
    """The steps of a return of two kinds: sent back, scanned, counted in, corrected, refunded."""

    def scanned() -> None:
        scan(rig, "YT700", code="A-1", good=1)
        scan(rig, "YT700", code="A-2", good=2)

    def corrected() -> None:
        rig.sheet.type("returns", "R002", good=1, defective=1)

    def refunded() -> None:
        for oid in ("10011", "10012"):
            refund(rig, oid, "SUCCESS")

    return [
        lambda: [sent_back(rig, oid) for oid in ("10011", "10012")],
        scanned, corrected, refunded,
    ]  # fmt: skip


def run(folder: Path, at: int, *, keep: bool) -> tuple[Rig, int]:
    return live_and_die(folder, at, life, keep=keep, before=lambda rig: shipped(1, 2, rig=rig))


def told(rig: Rig) -> dict[str, object]:
    """What must be the same whatever died."""
    posted = [row for row in rig.sheet.tables["moves"] if row["kind"] in RETURNS]
    net: dict[tuple[str, bool], int] = {}
    for row in posted:
        key = (str(row["stock_code"]), row["kind"] == "return_defective")
        net[key] = net.get(key, 0) + int(str(row["change"] or 0))
    return {
        "back": back(rig),
        "net": net,
        "counted": sorted((row["scan"], row["code"], row["state"]) for row in rig.sheet.tables["returns"]),
        "refunds": sorted(
            (str(row["refund_id"]), row["status"], row["back"], row["good"], row["defective"])
            for row in rig.sheet.tables["refunds"]
        ),
        "open": [row["reason"] for row in rig.sheet.tables["todo"] if row["state"] == "open"],
    }


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], int]:
    rig, points = run(tmp_path_factory.mktemp("calm"), 0, keep=True)
    return told(rig), points


def test_the_undisturbed_life(calm: tuple[dict[str, object], int]) -> None:
    seen, points = calm
    assert points > 60
    assert seen == {
        "back": 3,
        "net": {("A-1", False): 1, ("A-2", False): 1, ("A-2", True): 1},
        "counted": [("YT700", "A-1", "counted"), ("YT700", "A-2", "counted")],
        "refunds": [("910011", "SUCCESS", "here", 1, None), ("910012", "SUCCESS", "here", 1, 1)],
        "open": [],
    }


@pytest.mark.parametrize("keep", [True, False], ids=["journal kept", "journal deleted"])
def test_dying_anywhere_changes_nothing(
    calm: tuple[dict[str, object], int], tmp_path: Path, keep: bool
) -> None:
    seen, points = calm
    wrong = []
    for at in range(40 if keep else 21, points, STEP):
        found = told(run(tmp_path, at, keep=keep)[0])
        if found != seen:
            wrong.append((at, {name: value for name, value in found.items() if value != seen[name]}))
    assert not wrong
