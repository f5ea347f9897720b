"""The rules above every running program, held to the contract over the simplest program there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync_engine.stores.port import RowEdit
from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.grid_desk import LittleDesk
from tests.stores.races import Races
from workbook_templates.schema import Lang


class TestGrid(StoreContract):
    @pytest.fixture(params=[Lang.ZH, Lang.EN], ids=str)
    def desk(self, request: pytest.FixtureRequest) -> Desk:
        return LittleDesk(request.param)


class TestRaces:
    """Somebody works in the rows that are being written."""

    @pytest.mark.parametrize(
        "seed", [*range(6), *(pytest.param(n, marks=pytest.mark.long) for n in range(6, 12))]
    )
    def test_guarded_writes_never_land_elsewhere(self, seed: int) -> None:
        desk = LittleDesk(Lang.ZH)

        def slip(act: Callable[[], None]) -> None:
            desk.program.before_put = act

        ledger = Races(desk, seed, slip).run(25)
        assert ledger.wrong == [] and ledger.met > 5 and ledger.keystrokes > 5

    @pytest.mark.parametrize("columns", [False, True])
    @pytest.mark.parametrize(
        "seed", [*range(6), *(pytest.param(n, marks=pytest.mark.long) for n in range(6, 12))]
    )
    def test_what_went_astray_is_put_right_in_the_same_write(self, seed: int, columns: bool) -> None:
        """The act comes after the guards were looked at: only looking again can tell."""
        desk = LittleDesk(Lang.ZH)

        def slip(act: Callable[[], None]) -> None:
            desk.program.after_guards = act

        ledger = Races(desk, seed, slip, columns=columns).run(25)
        assert ledger.wrong == [] and ledger.met > 5

    @pytest.mark.parametrize("moved", [1, 2, 3])
    @pytest.mark.parametrize("fresh", [1, 2])
    def test_a_row_inserted_above_in_the_moment_of_an_append_costs_no_row(
        self, moved: int, fresh: int
    ) -> None:
        """It moves the last rows to where our new ones are just being put."""
        desk = LittleDesk(Lang.ZH)
        edits = [new(n) for n in range(7)]
        desk.store.write(edits[:5], desk.store.read({}).token)
        for n in range(5):
            desk.person.type("items", edits[n].key, "note", f"k{n}")

        def insert() -> None:
            for _ in range(moved):
                desk.person.insert("items", 1, {})

        token = desk.store.read({}).token
        desk.program.after_guards = insert
        desk.store.write(edits[5 : 5 + fresh], token)
        there = sorted(desk.person.keys("items"))
        assert there == sorted(edit.key for edit in edits[: 5 + fresh])
        assert [desk.person.sees("items", edits[n].key, "note") for n in range(5)] == [
            f"k{n}" for n in range(5)
        ]
        assert [desk.person.sees("items", edits[n].key, "title") for n in range(5)] == [
            f"t{n}" for n in range(5)
        ]

    def test_a_last_row_that_people_delete_in_that_moment_stays_away(self) -> None:
        desk = LittleDesk(Lang.ZH)
        edits = [new(n) for n in range(5)]
        desk.store.write(edits[:4], desk.store.read({}).token)
        token = desk.store.read({}).token
        desk.program.after_guards = lambda: desk.person.delete("items", [edits[3].key])
        desk.store.write(edits[4:], token)
        assert desk.person.keys("items") == [edits[n].key for n in (0, 1, 2, 4)]


def new(number: int) -> RowEdit:
    key = f"{2026000000000000000 + number}"
    return RowEdit(table="items", key=key, cells={"item_id": key, "title": f"t{number}"}, new=True)
