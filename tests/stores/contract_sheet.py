"""The contract, fourth part: what people do to a sheet besides typing, and a sheet of many rows."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from sync_engine.stores.memory_cells import Formula
from sync_engine.stores.port import FaultKind, RowEdit
from tests.stores.contract_values import OTHER, THIRD, TID
from tests.stores.desk import Desk, sort_of

KEYS = (TID, OTHER, THIRD)
MANY = int(os.environ.get("BIAOMAO_CONTRACT_ROWS", "300"))
"""`python -m tests.stores.large` sets it to 100,000."""


class SheetsInUse:
    """Rows hidden or filtered away, cells merged, a sheet protected, errors in cells: a row stays the row it is."""

    def three_rows(self, desk: Desk) -> dict[str, str]:
        return {
            key: desk.add("items", key, title=f"t{n}", price=Decimal(n)).digest for n, key in enumerate(KEYS)
        }

    @pytest.mark.parametrize("way", ["hide", "filter"])
    def test_rows_nobody_sees_are_rows(self, desk: Desk, way: str) -> None:
        known = self.three_rows(desk)
        if way == "hide":
            desk.person.hide("items", OTHER)
        else:
            desk.person.filter("items", "title", "t0")
        unseen = [key for key in KEYS if desk.person.hidden("items", key)]
        assert unseen == [OTHER] if way == "hide" else TID not in unseen
        assert desk.view("items", known).quiet, "hiding changes nothing"
        for n, key in enumerate(KEYS):
            assert desk.put("items", key, pieces=n).written
        desk.add("items", "N1", title="t9")
        found = {row.key: (row.cells["title"], row.cells["pieces"]) for row in desk.view("items").changed}
        assert found == {TID: ("t0", 0), OTHER: ("t1", 1), THIRD: ("t2", 2), "N1": ("t9", None)}
        assert [key for key in KEYS if desk.person.hidden("items", key)] == unseen, (
            "and stays as people left it"
        )

    def test_cells_merged_across(self, desk: Desk) -> None:
        """Only the first holds something; the row and its neighbours are what they were."""
        known = self.three_rows(desk)
        desk.person.type("items", OTHER, "code", "690123")
        desk.person.merge("items", OTHER, "code", "note")
        view = desk.view("items", known)
        (row,) = view.changed
        assert (row.key, row.cells["code"], row.cells["note"], row.faults) == (OTHER, "690123", None, ())
        for n, key in enumerate(KEYS):
            assert desk.put("items", key, pieces=n).written
        found = {row.key: (row.cells["pieces"], row.cells["code"]) for row in desk.view("items").changed}
        assert found == {TID: (0, None), OTHER: (1, "690123"), THIRD: (2, None)}
        assert desk.person.merged("items") == 1

    def test_cells_merged_over_ours(self, desk: Desk) -> None:
        """What lies below a merged cell may be lost; no other row is, and no later write fails for it."""
        self.three_rows(desk)
        desk.person.merge("items", OTHER, "price", "pieces")
        for turn in range(2):
            for n, key in enumerate(KEYS):
                assert not desk.put("items", key, title=f"u{n}{turn}", pieces=n).pending
        rows = {row.key: row.cells for row in desk.view("items").changed}
        assert [rows[key]["title"] for key in KEYS] == ["u01", "u11", "u21"]
        assert [rows[key]["pieces"] for key in (TID, THIRD)] == [0, 2] and desk.person.merged("items") == 1

    def test_a_protected_sheet_is_written_and_stays_protected(self, desk: Desk) -> None:
        """Without a password, as the shop's own sheets are."""
        self.three_rows(desk)
        desk.person.protect("items")
        assert desk.person.protected("items")
        assert desk.put("items", OTHER, title="x").written
        desk.add("items", "N1", title="t9")
        assert (desk.cell("items", OTHER, "title"), desk.cell("items", "N1", "title")) == ("x", "t9")
        assert desk.person.protected("items")

    @pytest.mark.parametrize("formula", ["=1/0", "=NA()"])
    def test_an_error_is_empty_and_said_and_left_alone(self, desk: Desk, formula: str) -> None:
        """Never the text `#N/A` as a name, never nought as a cost."""
        known = self.three_rows(desk)
        desk.person.type("items", OTHER, "cost", Formula(formula, None))
        (row,) = desk.view("items", known).changed
        assert row.key == OTHER and row.cells["cost"] is None
        assert [(fault.kind, fault.column) for fault in row.faults] == [(FaultKind.BAD_VALUE, "cost")]
        assert desk.put("items", OTHER, title="x").written
        assert sort_of(desk.person.sees("items", OTHER, "cost")) == "formula"

    def test_many_rows(self, desk: Desk) -> None:
        """Each stands once with its own values, a hundred of them change, and the rest is quiet."""
        keys = [f"{2026000000000000000 + n}" for n in range(MANY)]
        new = [
            RowEdit(table="items", key=key, cells={"item_id": key, "title": f"t{key}", "pieces": n}, new=True)
            for n, key in enumerate(keys)
        ]
        desk.view("items")
        assert len(desk.write(*new).written) == MANY
        known = {row.key: row.digest for row in desk.view("items").changed}
        assert list(known) == keys
        some = keys[:: max(1, MANY // 100)]
        edits = [RowEdit(table="items", key=key, cells={"pieces": 7_000_000}) for key in some]
        assert len(desk.write(*edits).written) == len(some)
        view = desk.view("items", known)
        assert [(row.key, row.cells["title"], row.cells["pieces"]) for row in view.changed] == [
            (key, f"t{key}", 7_000_000) for key in some
        ]
        assert view.total == MANY and not view.gone and not view.faults
