"""The contract, third part: people and engine at the same time, and quiet where nothing changed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync_engine.stores.port import FaultKind, RowEdit, same
from tests.stores.contract_values import OTHER, THIRD, TID, at, exactly
from tests.stores.desk import Desk


class CompareAndSet:
    """What an edit was planned on must still stand there."""

    def test_holds(self, desk: Desk) -> None:
        desk.add(
            "items", TID, title="a", price=Decimal("1.00"), made_at=at(2026, 1, 1), stage="hold", pieces=3
        )
        expect = {
            "title": "a",
            "price": Decimal("1.00"),
            "made_at": at(2026, 1, 1),
            "stage": "hold",
            "pieces": 3,
            "link": None,
        }
        report = desk.write(RowEdit(table="items", key=TID, cells={"title": "b"}, expect=expect))
        assert report.written and not report.refused and desk.cell("items", TID, "title") == "b"

    def test_empty_text_no_tick_and_none_are_equal(self, desk: Desk) -> None:
        desk.add("items", TID)
        report = desk.write(
            RowEdit(
                table="items",
                key=TID,
                cells={"title": "b"},
                expect={"title": "", "seen": False, "price": None},
            )
        )
        assert report.written and not report.refused

    def test_a_changed_cell_stops_the_whole_row(self, desk: Desk) -> None:
        desk.add("items", TID, title="a", price=Decimal("1.00"))
        desk.view("items")
        desk.person.type("items", TID, "title", "inzwischen")
        edit = RowEdit(
            table="items", key=TID, cells={"title": "b", "price": Decimal("2.00")}, expect={"title": "a"}
        )
        report = desk.write(edit)
        assert [(r.key, r.why) for r in report.refused] == [(TID, "changed")] and not report.written
        row = desk.row("items", TID)
        assert row.cells["title"] == "inzwischen" and row.cells["price"] == Decimal("1.00")

    def test_staff_cells_may_change_freely(self, desk: Desk) -> None:
        desk.add("items", TID, title="a")
        desk.view("items")
        desk.person.type("items", TID, "note", "gerade getippt")
        report = desk.write(RowEdit(table="items", key=TID, cells={"title": "b"}, expect={"title": "a"}))
        assert report.written[0].row.cells["note"] == "gerade getippt"

    def test_one_refused_row_does_not_stop_the_others(self, desk: Desk) -> None:
        for key in (TID, OTHER):
            desk.add("items", key, title="a")
        report = desk.write(
            RowEdit(table="items", key=TID, cells={"title": "b"}, expect={"title": "nicht a"}),
            RowEdit(table="items", key=OTHER, cells={"title": "b"}, expect={"title": "a"}),
            RowEdit(table="items", key=THIRD, cells={"title": "b"}),
        )
        assert {(r.key, r.why) for r in report.refused} == {(TID, "changed"), (THIRD, "gone")}
        assert [w.row.key for w in report.written] == [OTHER]

    def test_expecting_a_column_that_went_away_writes_nothing_wrong(self, desk: Desk) -> None:
        """Refused, or the rest of the row written: never into another column."""
        desk.add("items", TID, title="a", note="n")
        desk.view("items")
        desk.person.delete_column("items", "title")
        desk.write(RowEdit(table="items", key=TID, cells={"title": "b"}, expect={"title": "a"}))
        row = desk.row("items", TID)
        assert "b" not in row.cells.values() and row.cells["note"] == "n"


class BetweenReadAndWrite:
    """People go on working while the engine thinks."""

    def fill(self, desk: Desk) -> None:
        for key, title in ((TID, "c"), (OTHER, "a"), (THIRD, "b")):
            desk.add("items", key, title=title, note=f"von {title}")
        desk.view("items")

    def check(self, desk: Desk) -> None:
        desk.write(*[
            RowEdit(table="items", key=key, cells={"price": price}, expect={"price": None})
            for key, price in ((TID, Decimal("3.00")), (OTHER, Decimal("1.00")), (THIRD, Decimal("2.00")))
        ])  # fmt: skip
        found = {
            row.cells["title"]: (row.key, row.cells["price"], row.cells["note"])
            for row in desk.view("items").changed
        }
        assert found == {
            "a": (OTHER, Decimal("1.00"), "von a"),
            "b": (THIRD, Decimal("2.00"), "von b"),
            "c": (TID, Decimal("3.00"), "von c"),
        }

    @pytest.mark.parametrize("reverse", [False, True])
    def test_sorted(self, desk: Desk, reverse: bool) -> None:
        self.fill(desk)
        desk.person.sort("items", "title", reverse)
        self.check(desk)

    def test_a_row_inserted_above(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.insert("items", 0, {"note": "neu oben"})
        desk.write(RowEdit(table="items", key=TID, cells={"price": Decimal("3.00")}))
        assert desk.cell("items", TID, "price") == Decimal("3.00")
        assert [row.cells["price"] for row in desk.view("items").keyless] == [None]

    def test_a_row_deleted(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.delete("items", [OTHER])
        report = desk.write(
            *[
                RowEdit(table="items", key=key, cells={"price": Decimal("9.00")})
                for key in (TID, OTHER, THIRD)
            ]
        )
        assert [(r.key, r.why) for r in report.refused] == [(OTHER, "gone")]
        assert {row.key: row.cells["title"] for row in desk.view("items").changed} == {TID: "c", THIRD: "b"}

    def test_columns_moved(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.move_column("items", "price", 0)
        desk.person.move_column("items", "item_id", 6)
        self.check(desk)

    def test_a_row_copied(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.copy_row("items", TID)
        report = desk.put("items", TID, price=Decimal("9.00"))
        assert [r.why for r in report.refused] == ["twice"]

    def test_a_key_erased(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.type("items", TID, "item_id", None)
        assert [r.why for r in desk.put("items", TID, price=Decimal("9.00")).refused] == ["gone"]

    def test_a_key_typed_into_a_fresh_row(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.insert("items", 1, {"item_id": "neu", "title": "z"})
        report = desk.put("items", THIRD, price=Decimal("2.00"))
        assert report.written[0].row.cells["title"] == "b" and desk.cell("items", "neu", "price") is None

    def test_everything_at_once(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.sort("items", "title")
        desk.person.move_column("items", "title", 0)
        desk.person.insert_column("items", 2, "eigene")
        desk.person.rename_header("items", "price", "改价")
        self.check(desk)


class OpenElsewhere:
    """A file somebody has open is not written."""

    def test_is_pending_with_a_sentence_and_changes_nothing(self, desk: Desk) -> None:
        desk.add("items", TID, title="a")
        desk.person.open_file()
        report = desk.put("items", TID, title="b")
        assert report.pending and not report.written and not report.refused
        assert desk.cell("items", TID, "title") == "a"
        desk.person.close_file()
        assert desk.put("items", TID, title="b").written and desk.cell("items", TID, "title") == "b"

    def test_nothing_is_half_written(self, desk: Desk) -> None:
        desk.add("items", TID)
        before = desk.digests()
        desk.person.open_file()
        desk.write(
            RowEdit(table="items", key=OTHER, cells={"item_id": OTHER}, new=True),
            RowEdit(table="items", key=TID, cells={"title": "x"}),
        )
        assert desk.digests() == before
        desk.person.close_file()
        assert desk.digests() == before

    def test_reading_goes_on(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID).digest}
        desk.person.open_file()
        assert desk.view("items", known).quiet
        desk.person.type("items", TID, "note", "gespeichert, noch offen")
        assert desk.cell("items", TID, "note") == "gespeichert, noch offen"


class Quiet:
    """Nothing changed means nothing to tell: digests are stable."""

    FULL = {
        "title": "=标题\n二", "link": "0012", "price": Decimal("188320.00"), "weight": Decimal("0.105"), "pieces": 0,
        "made_at": at(2026, 11, 11), "stage": "to_ship", "seen": True, "code": "690", "note": " 🐱 ", "cost": Decimal("-0.10"),
        "size": Decimal("3"), "count": 4, "due": at(2026, 11, 11, 23, 59, 59), "courier": "SF", "go": True,
    }  # fmt: skip

    def test_read_after_write_is_quiet(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, **self.FULL).digest}  # type: ignore[arg-type]
        assert desk.view("items", known).quiet
        desk.reopen()
        view = desk.view("items", known)
        assert view.quiet and view.total == 1

    def test_total_is_told_when_nothing_changed(self, desk: Desk) -> None:
        """`total` is the number of rows with a key, whether they changed or not."""
        known = {key: desk.add("items", key).digest for key in (TID, OTHER)}
        for _ in range(2):
            assert desk.view("items", known).total == 2

    def test_what_a_write_reports_is_what_a_read_finds(self, desk: Desk) -> None:
        row = desk.add("items", TID, **self.FULL)  # type: ignore[arg-type]
        desk.reopen()
        again = desk.row("items", TID)
        assert (again.cells, again.digest, again.key) == (row.cells, row.digest, row.key)
        assert all(same(row.cells[name], value) for name, value in self.FULL.items())

    def test_a_second_identical_write_changes_nothing(self, desk: Desk) -> None:
        desk.add("items", TID, **self.FULL)  # type: ignore[arg-type]
        first = desk.digests()
        report = desk.put("items", TID, **self.FULL)  # type: ignore[arg-type]
        assert not report.refused and not report.pending
        assert desk.digests() == first
        desk.reopen()
        assert desk.digests() == first

    def test_a_write_that_changes_nothing_still_reports_the_row(self, desk: Desk) -> None:
        """Settling needs it: the row stands as it should."""
        row = desk.add("items", TID, title="t")
        report = desk.put("items", TID, title="t")
        assert [(at.row.key, at.row.digest) for at in report.written] == [(TID, row.digest)]

    def test_only_the_changed_row_is_told(self, desk: Desk) -> None:
        known = {key: desk.add("items", key, title=key).digest for key in (TID, OTHER, THIRD)}
        desk.person.type("items", OTHER, "note", "x")
        view = desk.view("items", known)
        assert [row.key for row in view.changed] == [OTHER] and view.gone == () and view.total == 3
        desk.person.type("items", OTHER, "note", None)
        assert desk.view("items", known).quiet

    def test_sorting_and_inserting_columns_is_quiet(self, desk: Desk) -> None:
        known = {key: desk.add("items", key, title=key[::-1]).digest for key in (TID, OTHER, THIRD)}
        desk.person.sort("items", "title")
        desk.person.insert_column("items", 0, "eigene")
        desk.person.move_column("items", "cost", 2)
        assert desk.view("items", known).quiet

    def test_gone_rows(self, desk: Desk) -> None:
        known = {key: desk.add("items", key).digest for key in (TID, OTHER, THIRD)}
        desk.person.delete("items", [TID, THIRD])
        view = desk.view("items", known)
        assert set(view.gone) == {TID, THIRD} and view.changed == () and view.total == 1

    def test_an_outdated_digest_is_a_change_and_an_unknown_row_too(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.add("items", OTHER)
        assert [row.key for row in desk.view("items", {TID: "alt"}).changed] == [TID, OTHER]

    def test_known_of_one_table_says_nothing_of_another(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID).digest}
        desk.add("rules", TID, title="gleiche Nummer")
        tables = desk.store.read({"items": known}).tables
        assert tables["items"].quiet and [row.key for row in tables["rules"].changed] == [TID]

    def test_equal_digests_only_for_equal_cells(self, desk: Desk) -> None:
        pairs = (
            {"title": "a", "note": ""},
            {"title": "", "note": "a"},
            {"title": "1"},
            {"pieces": 1},
            {"price": Decimal(1)},
            {"seen": True},
        )
        digests = [desk.add("items", f"K{n}", **cells).digest for n, cells in enumerate(pairs)]  # type: ignore[arg-type]
        assert len(set(digests)) == len(pairs)

    def test_money_written_with_other_places_is_the_same(self, desk: Desk) -> None:
        first = desk.add("items", TID, price=Decimal("5"))
        desk.put("items", TID, price=Decimal("5.00"))
        assert desk.row("items", TID).digest == first.digest and exactly(
            first.cells["price"], Decimal("5.00")
        )

    def test_token_names_the_state(self, desk: Desk) -> None:
        desk.add("items", TID)
        first = desk.store.read({}).token
        assert desk.store.read({}).token == first
        desk.person.type("items", TID, "note", "anders")
        second = desk.store.read({}).token
        assert second != first
        desk.token = second
        report = desk.put("items", TID, title="neu")
        assert report.token not in ("", first, second) and desk.store.read({}).token == report.token

    def test_a_stale_token_is_no_reason_to_refuse(self, desk: Desk) -> None:
        desk.add("items", TID)
        token = desk.store.read({}).token
        desk.person.type("items", TID, "note", "anders")
        report = desk.store.write([RowEdit(table="items", key=TID, cells={"title": "t"})], token)
        assert report.written[0].row.cells["note"] == "anders"

    @pytest.mark.parametrize("odd", ["copied", "renamed", "keyless", "number key", "all"])
    def test_what_is_odd_stays_told_after_a_write(self, desk: Desk, odd: str) -> None:
        """Else the engine would take what it told people for solved."""
        for key in ("1001", OTHER):
            desk.add("items", key, title="t")
        known, faults = desk.digests(), set()
        if odd in ("copied", "all"):
            desk.person.copy_row("items", "1001")
            faults.add(FaultKind.KEY_TWICE)
        if odd in ("renamed", "all"):
            desk.person.rename_header("items", "weight", "多重")
            faults.add(FaultKind.COLUMN_RENAMED)
        if odd in ("keyless", "all"):
            desk.person.insert("rules", 0, {"title": "neu"})
        if odd == "number key":
            desk.person.type("items", "1001", "item_id", 1001)
            known["items"]["1001"] = desk.row("items", "1001").digest
        for n in range(2):
            (written,) = desk.put("items", OTHER, title=f"x{n}").written
            known["items"][OTHER] = written.row.digest
            for again in (False, True):
                if again:
                    desk.reopen()
                tables = desk.store.read(known).tables
                assert {f.kind for f in tables["items"].faults} == faults
                assert len(tables["rules"].keyless) == (odd in ("keyless", "all"))
                assert tables["items"].changed == () and tables["items"].gone == ()

    def test_an_odd_cell_once_settled_stays_quiet_over_writes(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.add("items", OTHER)
        desk.person.type("items", TID, "count", "两个")
        known = desk.digests()
        desk.put("items", OTHER, title="x")
        known["items"][OTHER] = desk.digests()["items"][OTHER]
        assert all(view.quiet for view in desk.store.read(known).tables.values())

    def test_a_tick_after_tick_run_with_people_in_between(self, desk: Desk) -> None:
        """Each read tells exactly what people did since the last one."""
        known: dict[str, str] = {}
        for n in range(6):
            row = desk.add("items", f"N{n}", title=f"t{n}")
            known[row.key] = row.digest
            desk.person.type("items", f"N{n // 2}", "note", f"notiz {n}")
            if n == 3:
                desk.person.sort("items", "title", True)
            if n == 4:
                desk.reopen()
            (changed,) = desk.view("items", known).changed
            assert (changed.key, changed.cells["note"]) == (f"N{n // 2}", f"notiz {n}")
            known[changed.key] = changed.digest
            assert desk.view("items", known).quiet

    def test_no_edits_no_change(self, desk: Desk) -> None:
        desk.add("items", TID)
        before = desk.store.read({}).token
        report = desk.write()
        assert not report.written and not report.refused and not report.pending
        assert desk.store.read({}).token == before
