"""The memory store's own: switchable misbehaviour, what people do, and that it keeps its books under any mixture."""

from __future__ import annotations

import random

import pytest

from sync_engine.stores.memory import MemoryStore
from sync_engine.stores.memory_cells import Formula
from sync_engine.stores.port import FaultKind, RowEdit, SheetStore
from tests.stores.tables import CONTRACT_TABLES
from workbook_templates.tables import TABLES


class Crash(BaseException):
    """The process dies."""


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore(CONTRACT_TABLES)
    write(store, RowEdit(table="items", key="A", cells={"item_id": "A", "title": "alt"}, new=True))
    return store


def write(store: SheetStore, *edits: RowEdit) -> None:
    report = store.write(edits, "")
    assert not report.refused and not report.pending


def test_holds_the_shop_by_default() -> None:
    store: SheetStore = MemoryStore()
    assert set(store.read({}).tables) == {table.name for table in TABLES}


def test_a_crash_before_writing_changes_nothing(store: MemoryStore) -> None:
    store.trouble.crash_before = Crash()
    with pytest.raises(Crash):
        store.write([RowEdit(table="items", key="A", cells={"title": "neu"})], "")
    assert store.rows("items")[0]["title"] == "alt"
    write(store, RowEdit(table="items", key="A", cells={"title": "neu"}))
    assert store.rows("items")[0]["title"] == "neu"


def test_a_crash_after_writing_loses_only_the_report(store: MemoryStore) -> None:
    store.trouble.crash_after = Crash()
    with pytest.raises(Crash):
        store.write([RowEdit(table="items", key="A", cells={"title": "neu"})], "")
    assert store.rows("items")[0]["title"] == "neu"


def test_somebody_edits_just_before_the_write(store: MemoryStore) -> None:
    def meddle() -> None:
        store.staff_type("items", "A", "title", "von Hand")

    store.trouble.before_write = meddle
    edit = RowEdit(table="items", key="A", cells={"title": "neu"}, expect={"title": "alt"})
    assert [r.why for r in store.write([edit], "").refused] == ["changed"]
    assert store.rows("items")[0]["title"] == "von Hand"


def test_somebody_edits_just_before_the_read(store: MemoryStore) -> None:
    store.trouble.before_read = lambda: store.staff_delete("items", ["A"]) if store.keys("items") else None
    assert store.read({"items": {"A": "x"}}).tables["items"].gone == ("A",)


def test_an_earlier_workbook_comes_back(store: MemoryStore) -> None:
    saved, token = store.save(), store.token
    store.staff_type("items", "A", "note", "später")
    store.staff_insert("items", 0, {"item_id": "B"})
    store.restore(saved)
    assert store.keys("items") == ["A"] and store.rows("items")[0]["note"] is None and store.token != token
    store.staff_type("items", "A", "note", "noch später")
    store.restore(saved)
    assert store.rows("items")[0]["note"] is None, "what was saved is not what is edited"


def test_reading_gives_values_of_that_moment(store: MemoryStore) -> None:
    row = store.read({}).tables["items"].changed[0]
    store.staff_type("items", "A", "title", "später")
    assert row.cells["title"] == "alt"


def test_below_the_table(store: MemoryStore) -> None:
    store.staff_below("items", "合计")
    assert [f.kind for f in store.read({}).tables["items"].faults] == [FaultKind.BELOW_TABLE]
    report = store.write([RowEdit(table="items", key="B", cells={"item_id": "B"}, new=True)], "")
    assert [r.why for r in report.refused] == ["below_table"]
    store.staff_below("items", "")
    write(store, RowEdit(table="items", key="B", cells={"item_id": "B"}, new=True))


def test_erased_key_is_named_where_the_engine_makes_the_rows(store: MemoryStore) -> None:
    store.staff_type("items", "A", "item_id", None)
    store.staff_insert("rules", 0, {"title": "neu"})
    tables = store.read({}).tables
    assert [f.kind for f in tables["items"].keyless[0].faults] == [FaultKind.KEY_ERASED]
    assert tables["rules"].keyless[0].faults == ()


def test_unknown_rows_of_people_are_an_error_of_the_test(store: MemoryStore) -> None:
    with pytest.raises(KeyError):
        store.staff_type("items", "nicht da", "title", "x")


@pytest.mark.parametrize("seed", range(60))
def test_any_mixture_of_acts_keeps_rows_and_index_in_step(seed: int) -> None:
    """What is found by key equals what a fresh look finds, and nothing people typed under a key moves to another."""
    rng, store = random.Random(seed), MemoryStore(CONTRACT_TABLES)
    notes: dict[str, str] = {}
    for n in range(80):
        keys = [key for key in store.keys("items") if key]
        act = rng.choice(
            [
                "add",
                "add",
                "note",
                "note",
                "sort",
                "delete",
                "insert",
                "move",
                "erase",
                "copy",
                "write",
                "formula",
            ]
        )
        key = rng.choice(keys) if keys else ""
        once = bool(key) and keys.count(key) == 1
        if act == "add":
            write(
                store,
                RowEdit(table="items", key=f"K{n}", cells={"item_id": f"K{n}", "title": f"t{n}"}, new=True),
            )
        elif act == "insert":
            store.staff_insert("items", rng.randint(0, len(store.keys("items"))), {"item_id": f"P{n}"})
        elif act == "sort":
            store.staff_sort("items", rng.choice(["item_id", "title", "note"]), rng.random() < 0.5)
        elif act == "move":
            store.move_column("items", rng.choice(["item_id", "note", "title"]), rng.randint(0, 10))
        elif act == "note" and once:
            notes[key] = f"n{n}"
            store.staff_type("items", key, "note", notes[key])
        elif act == "write" and once:
            write(store, RowEdit(table="items", key=key, cells={"title": f"w{n}"}))
        elif act == "formula" and once:
            store.staff_type("items", key, "title", Formula("=1+1"))
        elif act == "delete" and key:
            store.staff_delete("items", [key])
            if once:
                notes.pop(key, None)
        elif act == "erase" and once:
            store.staff_type("items", key, "item_id", None)
            notes.pop(key, None)
        elif act == "copy" and once and rng.random() < 0.3:
            store.staff_copy_row("items", key, 0)
        check(store, notes)


def check(store: MemoryStore, notes: dict[str, str]) -> None:
    fresh = MemoryStore(CONTRACT_TABLES)
    fresh.restore(store.save())
    one, two = store.read({}).tables["items"], fresh.read({}).tables["items"]
    assert one == two
    found = {row.key: row.cells["note"] for row in one.changed}
    assert {key: found[key] for key in notes if key in found} == {
        k: n for k, n in notes.items() if k in found
    }
    for row in one.changed:
        assert store.staff_sees("items", row.key, "item_id") == row.key
