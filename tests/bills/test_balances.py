"""An account's months: only those that changed are worked out anew, and those that begin where another one now ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync_engine.journal.bills import BillBook
from tests.bills.months import DECEMBER, NOVEMBER, OCTOBER
from tests.bills.test_desk import bring, new_rig, shown
from tests.engine.rig import Rig
from tests.engine.world import Died

ACCOUNT = "2088123456789012"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The months whose bills were read for their balance."""
    months: list[str] = []
    moved = BillBook.moved

    def noted(self: BillBook, account: str, month: str) -> object:
        months.append(month)
        return moved(self, account, month)

    monkeypatch.setattr(BillBook, "moved", noted)
    return months


def states(rig: Rig) -> dict[str, tuple[object, object]]:
    """Each month's state, and what it is made of."""
    months = {key: row for key, row in shown(rig, "matches").items() if row["kind"] == "account"}
    return {key.partition("/")[2]: (row["state"], row["why"]) for key, row in months.items()}


def anew(rig: Rig) -> dict[str, tuple[object, object]]:
    """The same once the journal was lost and everything is worked out from the sheet."""
    rig.lose_journal()
    rig.settle()
    return states(rig)


def test_a_change_reads_its_own_month_alone(tmp_path: Path, read: list[str]) -> None:
    rig = new_rig()
    bring(rig, tmp_path, OCTOBER, NOVEMBER, DECEMBER)
    rig.settle()
    assert {state for state, _ in states(rig).values()} == {"equal"} and set(read) == {
        "2026-10",
        "2026-11",
        "2026-12",
    }
    before = states(rig)
    read.clear()
    (key, *_) = (key for key, row in shown(rig, "bills").items() if f"{row['at']:%Y-%m}" == "2026-11")
    rig.sheet.type("bills", key, item_wanted="withdrawal")
    rig.settle()
    assert set(read) == {"2026-11"}
    read.clear()
    rig.sheet.type(
        "matches", f"{ACCOUNT}/2026-10", memo="看过了", why="改过"
    )  # a person types over why: it is put back
    rig.settle()
    assert set(read) == {"2026-10"} and states(rig) == before == anew(rig)


def test_a_row_that_does_not_count_breaks_its_month_until_it_is_mended(
    tmp_path: Path, read: list[str]
) -> None:
    rig = new_rig()
    bring(rig, tmp_path, OCTOBER, NOVEMBER, DECEMBER)
    rig.settle()
    sound, rows = states(rig), shown(rig, "bills")
    keys = sorted((row["at"], key) for key, row in rows.items() if f"{row['at']:%Y-%m}" == "2026-11")
    key = keys[len(keys) // 2][1]
    remark = rows[key]["remark"]
    rig.lose_journal()
    rig.sheet.type("bills", key, remark="改过")
    rig.settle()
    assert [states(rig)[month][0] for month in sorted(sound)] == ["equal", "gap", "equal"]
    read.clear()
    rig.sheet.type("bills", key, remark=remark)
    rig.settle()
    assert states(rig) == sound == anew(rig) and "2026-10" not in read[: read.index("2026-11")]


def test_a_month_brought_later_mends_the_one_after_it_though_killed(tmp_path: Path, read: list[str]) -> None:
    rig = new_rig(path=tmp_path / "journal.sqlite")
    bring(rig, tmp_path, OCTOBER, DECEMBER)
    rig.settle()
    assert states(rig)["2026-12"][0] == "gap"
    bring(rig, tmp_path, NOVEMBER)
    read.clear()

    def die(at: str) -> None:
        if at == "write":
            raise Died

    rig.sheet.before = die
    with pytest.raises(Died):
        rig.settle()
    rig.sheet.before = lambda at: None
    rig.start()
    rig.settle()
    months = ("2026-10", "2026-11", "2026-12")
    assert {month: state for month, (state, _) in states(rig).items()} == dict.fromkeys(months, "equal")
    assert "2026-10" not in read
    assert states(rig) == anew(rig)
