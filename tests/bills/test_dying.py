"""Killed while a bill is imported: the next sync settles what stands in the workbook, the same file then changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bills.months import OCTOBER, sales
from tests.bills.test_desk import add_order, bring, shown
from tests.engine.rig import Rig
from tests.engine.test_crash import EVERY, Counter, connect_with
from tests.engine.world import Died
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.schema import Lang

TYPED = "有人改过"
Picture = dict[str, dict[str, dict[str, object]]]


def shop(folder: Path, counter: Counter) -> Rig:
    """A shop at rest that knows the sales; from here on it may die."""
    counter.armed = False
    rig = Rig(path=folder / f"{counter.at}.sqlite", connect=connect_with(counter))
    for rule in bill_rule_rows(Lang.ZH):
        rig.sheet.add("bill_rules", **rule)
    for sale in sales(24):
        add_order(rig, sale)
    rig.settle()
    rig.sheet.before = rig.sheet.after = counter.point
    counter.armed = True
    return rig


def picture(rig: Rig) -> Picture:
    """What must be the same whatever died."""
    return {name: {key: dict(row) for key, row in shown(rig, name).items()} for name in ("bills", "matches")}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Picture, int]:
    counter, folder = Counter(0), tmp_path_factory.mktemp("calm")
    rig = shop(folder, counter)
    bring(rig, folder, OCTOBER)
    points = counter.seen
    rig.settle()
    return picture(rig), points


def test_the_undisturbed_import_notes_what_it_writes(calm: tuple[Picture, int]) -> None:
    seen, points = calm
    assert len(seen["bills"]) > 50
    assert points >= 6  # noting it, the write, settling it: before and after each


@pytest.mark.parametrize("keep", [True, False], ids=["journal kept", "journal deleted"])
def test_dying_in_an_import_leaves_nothing_open(
    calm: tuple[Picture, int], tmp_path: Path, keep: bool
) -> None:
    seen, points = calm
    arrived = 0
    for at in range(1, points + 1, 1 if keep or EVERY else 3):
        counter = Counter(at)
        rig = shop(tmp_path, counter)
        with pytest.raises(Died):
            bring(rig, tmp_path, OCTOBER)
        rig.start() if keep else rig.lose_journal()
        written = bool(rig.sheet.tables["bills"])
        arrived += written
        if written and keep:  # typed over before the next sync
            key = sorted(shown(rig, "bills"))[3]
            rig.sheet.type("bills", key, remark=TYPED, item="withdrawal")
        rig.settle()
        assert rig.journal is not None
        assert rig.journal.writing.open() == {}, at
        if written:
            assert picture(rig) == seen, at
            told = {row["typed"] for row in rig.sheet.tables["todo"]}
            assert ({TYPED, "提现"} <= told) is keep, at
        (again,) = bring(rig, tmp_path, OCTOBER)
        assert (again.new, again.changed) == ((0, 0) if written else (len(seen["bills"]), 0)), at
        rig.settle()
        assert picture(rig) == seen, at
    assert 0 < arrived < points
