"""The planner alone over many small trees; `python3 run.py soak` takes many more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.plan import merge
from tests.conftest import Counted
from tests.sim import trees as forest
from tests.sim.trees import Tree, trees

SEEDS, TWICE = 10_000, 200


def test_both_sides_come_together(counted: Counted) -> None:
    counts, wrong = trees(range(SEEDS))
    assert wrong == []
    assert (
        counts["slowest"] <= 4
        and min(counts[n] for n in ("typed", "typed over", "deleted", "died", "refused")) >= 20
    )
    counted(counts)


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=SEEDS, max_value=2**40))
def test_any_tree(seed: int) -> None:
    assert Tree(seed).live().wrong == []


def test_the_same_seed_grows_the_same_tree() -> None:
    for seed in range(TWICE):
        assert Tree(seed).live().trace == Tree(seed).live().trace


@pytest.mark.parametrize("plant", ["forgets what was being written", "tells nobody", "writes blindly"])
def test_a_planted_bug_is_found(plant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if plant == "forgets what was being written":
        monkeypatch.setattr(forest, "as_written", lambda base, attempts, sheet: base)
    elif plant == "tells nobody":
        monkeypatch.setattr(
            merge,
            "_typed_over",
            lambda *given: merge.Todo(code="", subject="", table="", row_key="", reason="", advice=""),
        )
    else:
        write = Tree.write
        monkeypatch.setattr(Tree, "write", lambda self, edit: write(self, merge.RowEdit(
            table=edit.table, key=edit.key, cells=edit.cells, new=edit.new)))  # fmt: skip
    assert trees(range(300))[1]
