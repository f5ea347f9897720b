"""Killed between writing and settling: what stands in the sheet is known for ours, and what people typed since is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync_engine.plan.merge import Strays, as_written, attempted, merge_row
from sync_engine.stores.port import RowEdit, WriteReport
from tests.sim.day import Day
from workbook_templates.schema import Kind, Lang
from workbook_templates.tables import ORDERS, TODO


class Killed(Exception):
    """Here the process ends."""


def killed_after_write(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """One tick whose write stands in the sheet and whose end nobody hears."""
    write = day.store.write

    def die(edits: object, token: str) -> WriteReport:
        write(edits, token)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as m:
        m.setattr(day.store, "write", die)
        with pytest.raises(Killed):
            from sync_engine.shop import tick

            tick(day.shop)
    day.start()


def typed_todos(day: Day) -> set[tuple[str, str]]:
    return {(row["row_key"], row["typed"]) for row in day.hands.tables()[TODO.name] if row["typed"]}


@pytest.fixture
def day(tmp_path: Path) -> Day:
    made = Day(3, tmp_path, calm=True)
    made.clock.sleep(3600)
    yield made  # type: ignore[misc]
    made.close()


def test_what_a_killed_tick_wrote_is_not_taken_for_typed(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders move on after the kill, so that the sheet shows neither the base nor what is right now."""
    day.tick()
    for _ in range(4):
        day.clock.sleep(3600)
        killed_after_write(day, monkeypatch)
    day.clock.sleep(3600)
    day.tick()
    assert typed_todos(day) == set()


def test_what_is_typed_over_a_row_that_a_killed_tick_made_is_shown(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_after_write(day, monkeypatch)
    keys = day.hands.keys(ORDERS.name)
    assert keys
    day.hands.type(ORDERS.name, keys[0], "province", "火星")
    day.tick()
    assert day.hands.sees(ORDERS.name, keys[0], "province") != "火星"
    assert typed_todos(day) == {(keys[0], "火星")}
    assert day.journal is not None and day.journal.writing.open() == {}


@pytest.mark.parametrize(
    ("base", "sheet", "put_back"),
    [
        ({"city": "杭州", "district": "西湖"}, {"city": "宁波", "district": "西湖"}, ()),  # stands as written
        ({"city": "杭州", "district": "西湖"}, {"city": "杭州", "district": "西湖"}, ()),  # never arrived
        ({"city": "杭州", "district": "西湖"}, {"city": "火星", "district": "西湖"}, ("火星",)),
        (None, {"city": "宁波", "district": "西湖"}, ()),
        (None, {"city": "火星", "district": "西湖"}, ("火星",)),
        (None, {"city": "宁波", "district": "月球"}, ()),  # no word of it in that write: nobody can know
    ],
)
def test_three_way(base: dict[str, str] | None, sheet: dict[str, str], put_back: tuple[str, ...]) -> None:
    ours = {"city": "绍兴", "district": "越城"}
    known = as_written(base, [{"city": "宁波"}], sheet)
    merged = merge_row(ORDERS, "1", ours, known, sheet, Lang.ZH)
    assert tuple(todo.typed for todo in merged.put_back) == put_back


def test_what_a_killed_write_put_into_another_row_is_not_taken_for_typed(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows moved under it, and nobody was left to look where it had landed."""
    day.tick()
    day.clock.sleep(3600)
    killed_after_write(day, monkeypatch)
    assert day.journal is not None
    tries = day.journal.writing.open()[ORDERS.name]
    settled = day.journal.rows.all(ORDERS.name)
    words = [column.name for column in ORDERS.ours if column.kind is Kind.TEXT]
    put = [
        (name, str(cells[name]))
        for one in tries.values()
        for cells in one
        for name in words
        if cells.get(name)
    ]
    key, name, wrong = next(
        (key, name, value)
        for name, value in put
        for key in settled
        if value not in {settled[key][name], *(cells.get(name) for cells in tries.get(key, ()))}
    )
    other = next(one for one in settled if one != key)
    day.hands.type(ORDERS.name, key, name, wrong)
    day.hands.type(ORDERS.name, other, name, "火星")
    day.tick()
    assert typed_todos(day) == {(other, "火星")}
    assert day.hands.sees(ORDERS.name, key, name) != wrong


def test_strays_count_only_in_their_column() -> None:
    asked = []
    base = {"city": "杭州", "district": "西湖"}

    def settled() -> list[dict[str, str]]:
        asked.append("once")
        return [base, {"city": "绍兴", "district": "越城"}]

    strays = Strays([{"city": "宁波"}, {"district": "江北"}], settled)
    assert as_written(base, (), {"city": "宁波", "district": "西湖"}, strays) == {**base, "city": "宁波"}
    assert asked == []
    assert as_written(base, (), {"city": "火星", "district": "越城"}, strays) == {**base, "district": "越城"}
    assert as_written(base, (), {"city": "越城", "district": "宁波"}, strays) == base
    assert as_written(None, (), {"city": "宁波"}, strays) is None and asked == ["once"]


def test_a_cell_that_somebody_emptied_is_no_stray_unless_something_came_with_it() -> None:
    base = {"city": "杭州", "district": "西湖"}
    strays = Strays([{"city": "", "district": "江北"}], list)
    assert as_written(base, (), {"city": "", "district": "西湖"}, strays) == base
    assert as_written(base, (), {"city": "", "district": "江北"}, strays) == {"city": "", "district": "江北"}


def test_a_write_that_never_reached_a_row_people_made_leaves_nothing_typed_over() -> None:
    found, ours = {"city": None, "district": "西湖"}, {"city": "宁波", "district": "江北"}
    first = attempted(RowEdit(table="orders", key="1", cells=ours, expect=found), None, ())
    for sheet, put_back in (
        (found, ()),  # never arrived
        (ours, ()),  # stands as written
        ({"city": "火星", "district": "江北"}, ("火星",)),
    ):
        moved = {"city": "绍兴", "district": "越城"}
        merged = merge_row(ORDERS, "1", moved, as_written(None, first, sheet), sheet, Lang.ZH)
        assert tuple(todo.typed for todo in merged.put_back) == put_back
        assert merged.edit is not None
        again = attempted(merged.edit, None, first)
        assert again == (moved,)  # what is found now may have been typed
