"""The contract, second part: which rows and columns there are, and how new rows come in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync_engine.stores.memory_cells import Formula
from sync_engine.stores.port import FaultKind, RowEdit
from tests.stores.contract_values import OTHER, THIRD, TID
from tests.stores.desk import Desk, sort_of
from tests.stores.tables import ITEMS
from workbook_templates.schema import Lang


class Keys:
    """Rows are told by key; what is odd about keys is told, and nothing is guessed."""

    def test_copied_row_makes_both_untouchable(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID).digest, OTHER: desk.add("items", OTHER).digest}
        desk.person.copy_row("items", TID)
        view = desk.view("items", known)
        assert [(f.kind, f.key) for f in view.faults] == [(FaultKind.KEY_TWICE, TID)]
        assert view.changed == () and view.gone == () and view.usable and not view.quiet
        assert [row.key for row in view.doubled] == [TID, TID] and view.total == 3
        report = desk.put("items", TID, title="wrong row?")
        assert [r.why for r in report.refused] == ["twice"] and not report.written
        assert desk.put("items", OTHER, title="fine").written
        new = desk.write(RowEdit(table="items", key=TID, cells={"item_id": TID}, new=True))
        assert new.refused[0].why in ("exists", "twice") and desk.person.keys("items").count(TID) == 2

    def test_deleting_the_copy_heals(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, title="t").digest}
        desk.person.copy_row("items", TID)
        assert desk.view("items", known).faults
        desk.person.delete("items", [TID])
        assert desk.view("items", known).quiet
        assert desk.put("items", TID, title="u").written

    def test_copied_row_with_other_contents_is_still_twice(self, desk: Desk) -> None:
        desk.add("items", TID, title="t")
        desk.person.copy_row("items", TID)
        desk.person.type("items", TID, "note", "nur eine")
        assert [f.kind for f in desk.view("items").faults] == [FaultKind.KEY_TWICE]

    @pytest.mark.parametrize("typed", [None, "", "   "])
    def test_erased_key_is_a_keyless_row_and_its_key_is_gone(self, desk: Desk, typed: str | None) -> None:
        known = {TID: desk.add("items", TID, title="t").digest, OTHER: desk.add("items", OTHER).digest}
        desk.person.type("items", TID, "item_id", typed)
        view = desk.view("items", known)
        assert view.gone == (TID,) and view.changed == () and view.total == 1
        (row,) = view.keyless
        assert row.key == "" and row.cells["title"] == "t"
        assert desk.put("items", TID, title="x").refused[0].why == "gone"

    def test_erased_key_is_put_back_by_match(self, desk: Desk) -> None:
        first = desk.add("items", TID, title="t", price=Decimal("1.50"))
        desk.person.type("items", TID, "item_id", None)
        desk.person.type("items", "", "note", "手写")
        (row,) = desk.view("items").keyless
        report = desk.write(RowEdit(table="items", key=TID, cells={"item_id": TID}, match=row.cells))
        assert [w.row.key for w in report.written] == [TID] and not report.refused
        after = desk.row("items", TID)
        assert {**after.cells, "note": None} == first.cells and after.cells["note"] == "手写"
        assert desk.view("items").keyless == ()

    def test_key_typed_as_a_short_number_is_told_and_still_the_key(self, desk: Desk) -> None:
        known = {"1001": desk.add("items", "1001").digest}
        desk.person.type("items", "1001", "item_id", 1001)
        view = desk.view("items", known)
        assert view.gone == () and view.keyless == ()
        assert [[f.kind for f in row.faults] for row in view.changed] == [[FaultKind.NUMBER_FOR_TEXT]]
        desk.put("items", "1001", item_id="1001")
        assert sort_of(desk.person.sees("items", "1001", "item_id")) == "text"
        assert desk.view("items", known).quiet

    @pytest.mark.parametrize("typed", [2912345678901234567, Formula("=A1", "货号"), Formula("=1+1", 2)])
    def test_key_that_is_damaged_or_worked_out_is_no_key(self, desk: Desk, typed: object) -> None:
        """Such a text must not be taken for the key of another row: it is as if the key was erased."""
        known = {TID: desk.add("items", TID, title="t").digest}
        desk.person.type("items", TID, "item_id", typed)  # type: ignore[arg-type]
        view = desk.view("items", known)
        assert view.gone == (TID,) and view.changed == () and view.total == 0
        (row,) = view.keyless
        report = desk.write(RowEdit(table="items", key=TID, cells={"item_id": TID}, match=row.cells))
        assert report.written and desk.view("items", known).quiet

    def test_key_typed_over_by_another_is_gone_and_new(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID).digest}
        desk.person.type("items", TID, "item_id", THIRD)
        view = desk.view("items", known)
        assert view.gone == (TID,) and [row.key for row in view.changed] == [THIRD]

    def test_key_with_blanks_around_it_is_the_key(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.person.type("items", TID, "item_id", f" {TID} ")
        assert [row.key for row in desk.view("items").changed] == [TID]

    def test_composite_key_needs_all_its_parts(self, desk: Desk) -> None:
        known = {
            f"D1/{no}": desk.add("parts", f"D1/{no}", order_id="D1", no=no, title=f"t{no}").digest
            for no in (1, 2)
        }
        assert desk.view("parts", known).quiet
        assert desk.put("parts", "D1/2", title="zwei").written[0].row.cells["title"] == "zwei"
        desk.person.type("parts", "D1/1", "no", None)
        view = desk.view("parts", known)
        assert view.gone == ("D1/1",) and len(view.keyless) == 1 and [r.key for r in view.changed] == ["D1/2"]
        report = desk.write(
            RowEdit(table="parts", key="D1/1", cells={"order_id": "D1", "no": 1}, match=view.keyless[0].cells)
        )
        assert report.written and [row.key for row in desk.view("parts").changed] == ["D1/1", "D1/2"]

    def test_composite_key_twice(self, desk: Desk) -> None:
        desk.add("parts", "D1/1", order_id="D1", no=1)
        desk.add("parts", "D1/2", order_id="D1", no=2)
        desk.person.type("parts", "D1/2", "no", 1)
        view = desk.view("parts")
        assert [f.key for f in view.faults] == ["D1/1"] and view.changed == ()


class StaffRows:
    """Rows people make have no key until they are given one."""

    def test_is_keyless_until_it_is_matched(self, desk: Desk) -> None:
        desk.person.insert("rules", 0, {"title": "西藏", "price": 12})
        (row,) = desk.view("rules").keyless
        assert (
            row.cells["title"] == "西藏"
            and row.cells["price"] == Decimal("12.00")
            and desk.view("rules").total == 0
        )
        report = desk.write(
            RowEdit(
                table="rules", key="R001", cells={"rule_id": "R001", "problem": "缺快递"}, match=row.cells
            )
        )
        (written,) = report.written
        assert (
            written.row.key == "R001"
            and written.row.cells["title"] == "西藏"
            and written.row.cells["problem"] == "缺快递"
        )
        view = desk.view("rules", {"R001": written.row.digest})
        assert view.quiet and view.total == 1

    def test_two_equal_rows_get_two_keys(self, desk: Desk) -> None:
        for _ in range(2):
            desk.person.insert("rules", -1, {"title": "同样"})
        first, second = desk.view("rules").keyless
        report = desk.write(
            RowEdit(table="rules", key="R001", cells={"rule_id": "R001"}, match=first.cells),
            RowEdit(table="rules", key="R002", cells={"rule_id": "R002"}, match=second.cells),
        )
        assert len(report.written) == 2 and not report.refused
        assert desk.person.keys("rules") == ["R001", "R002"]

    def test_a_row_changed_since_it_was_read_is_not_matched(self, desk: Desk) -> None:
        desk.person.insert("rules", 0, {"title": "甲"})
        (row,) = desk.view("rules").keyless
        desk.person.type("rules", "", "title", "乙")
        report = desk.write(RowEdit(table="rules", key="R001", cells={"rule_id": "R001"}, match=row.cells))
        assert [r.why for r in report.refused] == ["gone"] and not report.written
        assert desk.person.keys("rules") == [""]

    def test_a_match_does_not_take_a_key_twice(self, desk: Desk) -> None:
        desk.add("rules", "R001", title="已有")
        desk.person.insert("rules", -1, {"title": "新"})
        (row,) = desk.view("rules").keyless
        report = desk.write(RowEdit(table="rules", key="R001", cells={"rule_id": "R001"}, match=row.cells))
        assert [r.why for r in report.refused] == ["exists"] and desk.person.keys("rules").count("R001") == 1

    def test_a_match_never_falls_on_a_row_with_a_key(self, desk: Desk) -> None:
        desk.add("rules", "R001", title="同名")
        match = {"rule_id": None, "title": "同名", "pace": None, "price": None, "problem": None}
        report = desk.write(RowEdit(table="rules", key="R002", cells={"rule_id": "R002"}, match=match))
        assert [r.why for r in report.refused] == ["gone"] and desk.person.keys("rules") == ["R001"]

    def test_an_odd_staff_cell_does_not_hide_the_row(self, desk: Desk) -> None:
        desk.person.insert("rules", 0, {"title": "甲", "price": "贵"})
        (row,) = desk.view("rules").keyless
        assert row.cells["price"] is None and row.faults
        report = desk.write(RowEdit(table="rules", key="R001", cells={"rule_id": "R001"}, match=row.cells))
        assert report.written and desk.person.sees("rules", "R001", "price") == "贵"

    def test_rows_between_and_below_are_all_seen(self, desk: Desk) -> None:
        desk.add("rules", "R001", title="一")
        desk.person.insert("rules", 0, {"title": "上"})
        desk.person.insert("rules", -1, {"title": "下"})
        assert [row.cells["title"] for row in desk.view("rules").keyless] == ["上", "下"]
        desk.add("rules", "R009", title="末")
        assert [row.cells["title"] for row in desk.view("rules").keyless] == ["上", "下"]
        assert sorted(desk.person.keys("rules")) == ["", "", "R001", "R009"]

    def test_a_blank_row_is_nothing(self, desk: Desk) -> None:
        desk.add("rules", "R001", title="一")
        desk.person.insert("rules", 0, {})
        desk.person.insert("rules", 0, {"title": ""})
        view = desk.view("rules")
        assert view.keyless == () and view.total == 1


class Columns:
    """Columns are found by header in either language, else by the defined name of the header cell."""

    def test_renamed_header_is_found_by_its_name_and_told(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, title="t").digest}
        desk.person.rename_header("items", "title", "我的叫法")
        view = desk.view("items", known)
        assert [(f.kind, f.column, f.shown) for f in view.faults] == [
            (FaultKind.COLUMN_RENAMED, "title", "我的叫法")
        ]
        assert view.changed == () and view.usable
        desk.put("items", TID, title="u")
        assert desk.cell("items", TID, "title") == "u"

    def test_renamed_key_column_is_found_by_its_name(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID).digest}
        desk.person.rename_header("items", "item_id", "编码")
        view = desk.view("items", known)
        assert view.usable and view.gone == () and [f.kind for f in view.faults] == [FaultKind.COLUMN_RENAMED]
        desk.add("items", OTHER)
        assert desk.person.keys("items") == [TID, OTHER]

    def test_header_in_the_other_language_is_no_fault(self, desk: Desk) -> None:
        desk.add("items", TID, title="t")
        column = ITEMS.column("title")
        desk.person.rename_header("items", "title", column.en if desk.lang is Lang.ZH else column.zh)
        desk.person.lose_name("items", "title")
        view = desk.view("items")
        assert view.faults == () and view.changed[0].cells["title"] == "t"

    def test_header_with_blanks_around_it_is_the_header(self, desk: Desk) -> None:
        desk.add("items", TID, title="t")
        desk.person.rename_header("items", "title", f" {ITEMS.column('title').header(desk.lang)} ")
        desk.person.lose_name("items", "title")
        assert desk.view("items").faults == () and desk.cell("items", TID, "title") == "t"

    def test_moved_columns_change_nothing(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, title="t", price=Decimal("2.00")).digest}
        desk.person.move_column("items", "price", 0)
        desk.person.move_column("items", "note", 3)
        assert desk.view("items", known).quiet
        desk.put("items", TID, price=Decimal("3.00"))
        row = desk.row("items", TID)
        assert row.cells["price"] == Decimal("3.00") and row.cells["title"] == "t" and row.key == TID
        desk.add("items", OTHER, title="neu")
        assert desk.cell("items", OTHER, "title") == "neu"

    def test_columns_of_the_staff_are_left_alone(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, title="t").digest}
        desk.person.insert_column("items", 1, "我们自己的")
        assert desk.view("items", known).quiet
        desk.put("items", TID, title="u", price=Decimal("1.00"))
        desk.add("items", OTHER, title="v")
        assert [desk.cell("items", key, "title") for key in (TID, OTHER)] == ["u", "v"]

    def test_a_lost_name_does_no_harm_while_the_header_is_right(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, title="t").digest}
        desk.person.lose_name("items", "title")
        desk.person.lose_name("items", "item_id")
        assert desk.view("items", known).quiet

    def test_missing_column_is_told_and_left_out(self, desk: Desk) -> None:
        desk.add("items", TID, title="t", note="n")
        desk.person.delete_column("items", "title")
        view = desk.view("items")
        assert [(f.kind, f.column) for f in view.faults] == [(FaultKind.COLUMN_MISSING, "title")]
        assert view.usable and "title" not in view.changed[0].cells and view.changed[0].cells["note"] == "n"

    def test_renamed_header_without_name_is_a_missing_column(self, desk: Desk) -> None:
        desk.add("items", TID, title="t")
        desk.person.lose_name("items", "title")
        desk.person.rename_header("items", "title", "别的")
        assert [f.kind for f in desk.view("items").faults] == [FaultKind.COLUMN_MISSING]

    def test_writes_to_a_missing_column_go_nowhere(self, desk: Desk) -> None:
        desk.add("items", TID, title="t", note="n", price=Decimal("1.00"))
        desk.person.delete_column("items", "title")
        report = desk.put("items", TID, title="wohin?", price=Decimal("2.00"))
        assert [at.row.key for at in report.written] == [TID]
        row = desk.row("items", TID)
        assert row.cells["price"] == Decimal("2.00") and "wohin?" not in row.cells.values()
        desk.add("items", OTHER, title="wohin?")
        assert "wohin?" not in desk.row("items", OTHER).cells.values()

    def test_missing_key_column_makes_the_table_unusable(self, desk: Desk) -> None:
        desk.add("items", TID, title="t")
        desk.person.delete_column("items", "item_id")
        view = desk.view("items", {TID: "x"})
        assert not view.usable and FaultKind.KEY_COLUMN_MISSING in {f.kind for f in view.faults}
        assert view.changed == () and view.gone == () and view.keyless == ()
        report = desk.write(
            RowEdit(table="items", key=OTHER, cells={"item_id": OTHER, "title": "neu"}, new=True),
            RowEdit(table="items", key=TID, cells={"title": "neu"}),
        )
        assert [r.why for r in report.refused] == ["unusable"] * 2 and not report.written

    def test_key_header_lost_for_good_doubles_nothing(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.person.lose_name("items", "item_id")
        desk.person.rename_header("items", "item_id", "???")
        assert not desk.view("items").usable
        report = desk.write(RowEdit(table="items", key=OTHER, cells={"item_id": OTHER}, new=True))
        assert [r.why for r in report.refused] == ["unusable"]

    def test_one_missing_part_of_a_composite_key_is_enough(self, desk: Desk) -> None:
        desk.add("parts", "D1/1", order_id="D1", no=1)
        desk.person.delete_column("parts", "no")
        assert not desk.view("parts").usable

    def test_an_unusable_table_leaves_the_others_working(self, desk: Desk) -> None:
        desk.add("rules", "R001", title="t")
        desk.person.delete_column("items", "item_id")
        assert desk.view("rules").usable and desk.put("rules", "R001", problem="p").written

    def test_missing_sheet_is_told(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.person.delete_sheet("items")
        view = desk.view("items", {TID: "x"})
        assert not view.usable and [f.kind for f in view.faults] == [FaultKind.SHEET_MISSING]
        assert view.gone == (), "a lost sheet is no deletion of its rows"
        report = desk.write(RowEdit(table="items", key=OTHER, cells={"item_id": OTHER}, new=True))
        assert [r.why for r in report.refused] == ["unusable"]
        desk.add("rules", "R001", title="die anderen gehen")

    def test_equal_headers_are_told(self, desk: Desk) -> None:
        desk.add("items", TID, title="t")
        desk.person.insert_column("items", 5, ITEMS.column("title").header(desk.lang))
        view = desk.view("items")
        assert [(f.kind, f.column) for f in view.faults] == [(FaultKind.HEADER_TWICE, "title")]
        assert view.changed[0].cells["title"] == "t"


class Appending:
    """New rows go below the last one, once."""

    def test_to_an_empty_table(self, desk: Desk) -> None:
        assert desk.view("items").quiet and desk.view("items").total == 0
        desk.add("items", TID, title="t")
        assert desk.person.keys("items") == [TID] and desk.view("items").total == 1

    def test_many_keep_their_order(self, desk: Desk) -> None:
        desk.add("items", TID)
        keys = [f"N{n:03d}" for n in range(120)]
        report = desk.write(
            *[
                RowEdit(table="items", key=k, cells={"item_id": k, "pieces": n}, new=True)
                for n, k in enumerate(keys)
            ]
        )
        assert [at.row.key for at in report.written] == keys
        desk.reopen()
        assert [row.key for row in desk.view("items").changed] == [TID, *keys]
        assert desk.cell("items", "N077", "pieces") == 77

    def test_a_key_that_is_there_is_refused(self, desk: Desk) -> None:
        desk.add("items", TID, title="alt")
        report = desk.write(RowEdit(table="items", key=TID, cells={"item_id": TID, "title": "neu"}, new=True))
        assert [(r.key, r.why) for r in report.refused] == [(TID, "exists")] and not report.written
        assert desk.person.keys("items") == [TID] and desk.cell("items", TID, "title") == "alt"

    def test_a_key_that_came_meanwhile_is_refused(self, desk: Desk) -> None:
        desk.view("items")
        desk.person.insert("items", 0, {"item_id": TID, "title": "von Hand"})
        report = desk.write(RowEdit(table="items", key=TID, cells={"item_id": TID, "title": "neu"}, new=True))
        assert [r.why for r in report.refused] == ["exists"]

    def test_the_same_new_key_twice_in_one_write_is_one_row(self, desk: Desk) -> None:
        edits = [RowEdit(table="items", key=TID, cells={"item_id": TID, "title": t}, new=True) for t in "ab"]
        report = desk.write(*edits)
        assert [r.why for r in report.refused] == ["exists"] and desk.person.keys("items") == [TID]
        assert desk.cell("items", TID, "title") == "a"

    def test_a_row_deleted_and_added_again(self, desk: Desk) -> None:
        desk.add("items", TID, title="a")
        desk.add("items", OTHER)
        desk.person.delete("items", [TID])
        desk.add("items", TID, title="b")
        assert desk.person.keys("items") == [OTHER, TID]

    def test_after_all_rows_were_deleted(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID).digest, OTHER: desk.add("items", OTHER).digest}
        desk.person.delete("items", [TID, OTHER])
        view = desk.view("items", known)
        assert set(view.gone) == {TID, OTHER} and view.total == 0 and view.usable
        desk.add("items", THIRD)
        assert desk.person.keys("items") == [THIRD]

    def test_below_rows_people_appended(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.person.insert("items", -1, {"note": "nur eine Notiz"})
        desk.add("items", OTHER)
        assert [row.cells["note"] for row in desk.view("items").keyless] == ["nur eine Notiz"]
        assert desk.person.keys("items") == [TID, "", OTHER]

    def test_a_totals_row_is_never_run_over(self, desk: Desk) -> None:
        """Refused with `below_table` and told, or the row moves down: the person's text stays either way."""
        desk.add("items", TID, title="t")
        desk.person.totals_row("items", "合计在此")
        view = desk.view("items")
        report = desk.write(
            RowEdit(table="items", key=OTHER, cells={"item_id": OTHER, "title": "neu"}, new=True)
        )
        if report.refused:
            assert [r.why for r in report.refused] == ["below_table"]
            assert FaultKind.BELOW_TABLE in {f.kind for f in view.faults}
        desk.put("items", TID, title="u")
        assert desk.cell("items", TID, "title") == "u"

    def test_new_and_changed_rows_in_one_write(self, desk: Desk) -> None:
        desk.add("items", TID, title="a")
        desk.add("parts", "D1/1", order_id="D1", no=1)
        report = desk.write(
            RowEdit(table="items", key=OTHER, cells={"item_id": OTHER, "title": "b"}, new=True),
            RowEdit(table="items", key=TID, cells={"title": "c"}, expect={"title": "a"}),
            RowEdit(table="parts", key="D1/1", cells={"title": "d"}),
            RowEdit(table="rules", key="R001", cells={"rule_id": "R001"}, new=True),
        )
        assert not report.refused
        assert {(w.table, w.row.key) for w in report.written} == {
            ("items", OTHER),
            ("items", TID),
            ("parts", "D1/1"),
            ("rules", "R001"),
        }
        assert (desk.cell("items", TID, "title"), desk.cell("items", OTHER, "title")) == ("c", "b")
