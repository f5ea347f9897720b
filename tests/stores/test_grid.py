"""The rules above every running program, held to the contract over the simplest program there is."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from sync_engine.stores.grid.claim import WORD
from sync_engine.stores.grid.edits import plan
from sync_engine.stores.grid.image import Image
from sync_engine.stores.grid.mend import misdirected
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.memory_cells import Raw
from sync_engine.stores.port import RowEdit, WriteReport
from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.grid_desk import MOMENTS, LittleDesk
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

    @pytest.mark.parametrize(
        "seed", [*range(8), *(pytest.param(n, marks=pytest.mark.long) for n in range(8, 40))]
    )
    def test_rows_that_both_begin_stand_both(self, seed: int) -> None:
        """The act comes in any of the moments of any of the writes."""
        desk, chance = LittleDesk(Lang.ZH), random.Random(f"both:{seed}")

        def slip(act: Callable[[], None]) -> None:
            desk.program.slip(chance.choice(MOMENTS), chance.randrange(3), act)

        ledger = Races(desk, seed, slip, both=True).run(25)
        assert ledger.wrong == [] and ledger.met > 5 and ledger.keystrokes > 5 and ledger.made

    def test_a_last_row_that_people_delete_in_that_moment_stays_away(self) -> None:
        desk = LittleDesk(Lang.ZH)
        edits = [new(n) for n in range(5)]
        desk.store.write(edits[:4], desk.store.read({}).token)
        token = desk.store.read({}).token
        desk.program.after_guards = lambda: desk.person.delete("items", [edits[3].key])
        desk.store.write(edits[4:], token)
        assert desk.person.keys("items") == [edits[n].key for n in (0, 1, 2, 4)]


class TestNumbers:
    """A row that people began gets its number while they go on with it."""

    @pytest.mark.parametrize("moment", MOMENTS[1:])
    def test_who_types_on_keeps_the_number(self, moment: str) -> None:
        desk = LittleDesk(Lang.ZH)
        desk.person.insert("rules", -1, {"title": "begun", "pace": "慢"})
        edit = RowEdit(
            table="rules", key="R1", cells={"rule_id": "R1"},
            match={"title": "begun", "pace": "slow", "price": None},
        )  # fmt: skip
        desk.view("rules")
        key = "" if moment == "after_guards" else "R1"
        desk.program.slip(moment, 0, lambda: desk.person.type("rules", key, "price", 5))
        assert desk.write(edit).written
        assert desk.program.tabs["规则"][1:] == [["R1", "begun", "慢", 5, None]]


@pytest.mark.parametrize("emptied", [("title",), ("title", "price", "pieces")])
def test_a_cell_that_somebody_emptied_is_not_taken_for_one_that_mending_emptied(
    emptied: tuple[str, ...],
) -> None:
    """Mending had emptied three cells of some row; where it met another row, all three are empty there."""
    desk = LittleDesk(Lang.ZH)
    for key in ("1001", "1002"):
        desk.add("items", key, title="t", price=Decimal(1), pieces=1)
    assert isinstance(desk.store, GridStore)
    images = desk.store._look({"items"})
    planned = plan([RowEdit(table="items", key="1002", cells={"title": "new"})], images)
    for column in emptied:
        desk.person.type("items", "1001", column, None)
    was, now = images["items"], desk.store._look({"items"})["items"]
    assert isinstance(was, Image) and isinstance(now, Image)
    mended = [(name, None) for name in ("title", "price", "pieces")]
    puts = misdirected(planned.done, was, now, finish=False, mended=mended)
    assert [sorted(put.cells) for put in puts] == ([[2, 4, 6]] if len(emptied) == 3 else [])


class TestPlacesForRowsOfBoth:
    """A new row of ours, where people begin rows too and keys cannot be held back: first a word, then the row."""

    @pytest.fixture
    def desk(self) -> LittleDesk:
        desk = LittleDesk(Lang.ZH)
        desk.add("rules", "R1", title="first")
        return desk

    def write(self, desk: LittleDesk) -> WriteReport:
        desk.view("rules")
        cells = {"rule_id": "R9", "title": "ours", "price": Decimal(9)}
        return desk.write(RowEdit(table="rules", key="R9", cells=cells, new=True))

    def rows(self, desk: LittleDesk) -> list[list[Raw]]:
        width = len(desk.program.tabs["规则"][0])
        return [[*row, *[None] * (width - len(row))] for row in desk.program.tabs["规则"][1:]]

    @pytest.mark.parametrize("moment", MOMENTS)
    @pytest.mark.parametrize("puts", [0, 1])
    def test_a_row_begun_in_that_moment(self, desk: LittleDesk, moment: str, puts: int) -> None:
        desk.program.slip(moment, puts, lambda: desk.person.insert("rules", -1, {"title": "begun"}))
        if self.write(desk).refused:
            assert self.write(desk).written
        assert sorted(str(row[1]) for row in self.rows(desk) if any(row)) == ["begun", "first", "ours"]
        assert [row[1] for row in self.rows(desk) if row[0] == "R9"] == ["ours"]
        assert all(row[4] is None for row in self.rows(desk)), "no word of ours is left"

    @pytest.mark.parametrize("puts", [1, 2, 3])
    def test_killed_half_way(self, desk: LittleDesk, puts: int) -> None:
        """What is left counts as nothing, and the next write takes it."""

        def die() -> None:
            raise KeyboardInterrupt

        desk.program.slip("before_put" if puts < 3 else "after_put", min(puts, 2) - 1, die)
        with pytest.raises(KeyboardInterrupt):
            self.write(desk)
        desk.reopen()
        view = desk.view("rules")
        assert [row.key for row in view.changed] == (
            ["R1"] if puts < 3 else ["R1", "R9"]
        ) and not view.keyless
        desk.person.insert("rules", -1, {"title": "begun"})
        assert [refusal.why for refusal in self.write(desk).refused] == (["exists"] if puts == 3 else [])
        assert [row[1] for row in self.rows(desk) if any(row)].count("ours") == 1
        assert all(row[4] is None for row in self.rows(desk))

    def test_who_types_beside_the_word_keeps_the_row(self, desk: LittleDesk) -> None:
        """The second write comes to nothing: the program is busy, and somebody begins in the very row with our word."""
        desk.program.slip("after_put", 0, lambda: desk.person.open_file())
        assert "编辑" in self.write(desk).pending
        desk.person.close_file()
        assert (
            self.rows(desk)[1] == [None, None, None, None, WORD[Lang.ZH]] and not desk.view("rules").keyless
        )
        desk.program.tabs["规则"][2][1] = "begun"
        assert self.write(desk).written
        assert self.rows(desk)[1:] == [[None, "begun", None, None, None], ["R9", "ours", None, 9, None]]

    def test_a_last_row_that_moved_under_the_word_gets_back_what_stood_there(self, desk: LittleDesk) -> None:
        desk.put("rules", "R1", problem="look here")
        desk.program.slip("after_guards", 0, lambda: desk.person.insert("rules", 0, {}))
        assert self.write(desk).written
        assert [row for row in self.rows(desk) if any(row)] == [
            ["R1", "first", None, None, "look here"],
            ["R9", "ours", None, 9, None],
        ]

    @pytest.mark.parametrize("moment", MOMENTS)
    @pytest.mark.parametrize("puts", [0, 1])
    def test_a_row_that_people_delete_in_that_moment_stays_away(
        self, desk: LittleDesk, moment: str, puts: int
    ) -> None:
        """Also where the place kept for ours moved by that, and was not written into."""
        desk.add("rules", "R2", title="second")
        desk.program.slip(moment, puts, lambda: desk.person.delete("rules", ["R1"]))
        if self.write(desk).refused:
            assert [row[:2] for row in self.rows(desk) if any(row)] == [["R2", "second"]]
            assert self.write(desk).written
        assert [row[:2] for row in self.rows(desk) if any(row)] == [["R2", "second"], ["R9", "ours"]]

    def test_without_its_column_the_row_goes_below_the_last(self, desk: LittleDesk) -> None:
        desk.person.delete_column("rules", "problem")
        assert self.write(desk).written and desk.person.keys("rules") == ["R1", "R9"]

    def test_a_totals_row_says_why(self, desk: LittleDesk) -> None:
        desk.person.totals_row("rules", "合计")
        assert [refusal.why for refusal in self.write(desk).refused] == ["below_table"]
        assert len(self.rows(desk)) == 1


def new(number: int) -> RowEdit:
    key = f"{2026000000000000000 + number}"
    return RowEdit(table="items", key=key, cells={"item_id": key, "title": f"t{number}"}, new=True)
