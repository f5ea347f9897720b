"""What every SheetStore owes the engine. Subclasses give a `desk` fixture: a store and a person at the same workbook.

Where the port leaves a choice, the case accepts each allowed outcome and says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from sync_engine.clock import SHANGHAI
from sync_engine.stores.memory_cells import Formula
from sync_engine.stores.port import FaultKind, RowEdit, canonical, same
from sync_engine.values import clean_text
from tests.stores.desk import Desk, sort_of
from tests.stores.tables import ITEMS
from workbook_templates.schema import Lang, Value
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, label_of

TID, OTHER, THIRD = "2912345678901234567", "2912345678901234568", "2912345678901234569"


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)  # type: ignore[arg-type]


def exactly(value: Value, wanted: Value) -> bool:
    """Same meaning, same type, and for money the same number of places."""
    return canonical(value) == canonical(wanted) and type(value) is type(wanted) and str(value) == str(wanted)


TEXTS = (
    "=1+1", "=cmd|' /C calc'!A0", "+86 138****0000", "-1", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠x",
    "'已有引号", "0012", "1e5", "2.50", "TRUE", "#N/A", "2026-11-11", "1/2", "✓", "{=1}", "%3D1",
    "_x000D_", "_x005F_x000D_", "_x4E2D_", "a&b <c> \"d\" 'e'", "]]>", "&amp;&#10;", "<![CDATA[x]]>", "${A1}",
    "🐱👩‍👩‍👧🇨🇳", "𠮷野家", "ÀÉ e\u0301", "مرحبا", "前后 有 空 ", " 前空", "两  个空", "第一行\n第二行\n\n", "制\t表",
    "\u2028行\u2029段", "\u00a0不断空", "\ufeff有BOM", "x" * 32_767, "汉" * 32_767,
)  # fmt: skip
MONEY = ("0.10", "188320.00", "-5.55", "0.00", "0.01", "99999999.99", "1.10", "33.33", "-0.01", "1234567.89")
TIMES = (
    at(2026, 11, 11), at(2026, 11, 11, 23, 59, 59), at(2026, 11, 11, 0, 0, 1), at(2026, 2, 28, 12, 34, 56),
    at(2024, 2, 29, 8, 0), at(1999, 12, 31, 23, 59, 59), at(2099, 1, 1),
)  # fmt: skip


class ExactValues:
    """What the engine writes is what it reads."""

    @pytest.mark.parametrize("key", [TID, "0001", "A-1", "1234567890123456789012", "订单1", "1E5", "a b", "x/y", "=1"])
    def test_key_is_text_to_the_last_digit(self, desk: Desk, key: str) -> None:
        desk.add("items", key)
        desk.reopen()
        assert desk.row("items", key).cells["item_id"] == key
        assert sort_of(desk.person.sees("items", key, "item_id")) == "text"

    @pytest.mark.parametrize("text", TEXTS, ids=[f"{n}" for n in range(len(TEXTS))])
    def test_text_is_kept_and_never_a_formula(self, desk: Desk, text: str) -> None:
        row = desk.add("items", TID, title=text, note=text)
        desk.reopen()
        wanted = clean_text(text)
        assert row.cells["title"] == desk.cell("items", TID, "title") == wanted
        assert desk.cell("items", TID, "note") == wanted
        assert sort_of(desk.person.sees("items", TID, "title")) == "text"
        assert sort_of(desk.person.sees("items", TID, "note")) == "text"

    def test_ids_and_choices_lose_blanks_around_them(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.person.type("items", TID, "code", "  690123  ")
        desk.person.type("items", TID, "courier", " 中通 ")
        row = desk.row("items", TID)
        assert (row.cells["code"], row.cells["courier"], row.faults) == ("690123", "ZTO", ())

    @pytest.mark.parametrize("text", ["a\x00b", "\x07铃", "a\x0bb\x0cc", "\x1b[31m", "a\r\nb", "a\rb", "\ufffe\uffff!", "\ud83d"])
    def test_characters_a_cell_cannot_hold_do_no_harm(self, desk: Desk, text: str) -> None:
        """They may be dropped, or come back; the workbook stays readable and the outcome stays the same."""
        row = desk.add("items", TID, title=text, note="后")
        desk.reopen()
        again = desk.row("items", TID)
        assert again.cells == row.cells and again.digest == row.digest
        assert again.cells["note"] == "后"
        assert str(again.cells["title"] or "").replace("\r", "") in (clean_text(text), text.replace("\r", ""))

    @pytest.mark.parametrize("length", [32_767, 32_768, 100_000])
    def test_text_is_cut_at_the_limit_of_a_cell(self, desk: Desk, length: int) -> None:
        desk.add("items", TID, title="字" * length)
        desk.reopen()
        assert desk.cell("items", TID, "title") == "字" * 32_767

    @pytest.mark.parametrize("amount", MONEY)
    def test_money_is_exact(self, desk: Desk, amount: str) -> None:
        row = desk.add("items", TID, price=Decimal(amount), cost=Decimal(amount))
        desk.reopen()
        for cells in (row.cells, desk.row("items", TID).cells):
            assert exactly(cells["price"], Decimal(amount)) and exactly(cells["cost"], Decimal(amount))
        assert sort_of(desk.person.sees("items", TID, "price")) == "number"

    @pytest.mark.parametrize("number", ["0.001", "12.345", "-1.5", "0", "1000000", "0.1", "66.6"])
    def test_measures_are_exact(self, desk: Desk, number: str) -> None:
        desk.add("items", TID, weight=Decimal(number))
        desk.reopen()
        value = desk.cell("items", TID, "weight")
        assert isinstance(value, Decimal) and value == Decimal(number)

    @pytest.mark.parametrize("count", [0, 1, -3, 123456789])
    def test_counts_are_whole(self, desk: Desk, count: int) -> None:
        desk.add("items", TID, pieces=count)
        desk.reopen()
        assert exactly(desk.cell("items", TID, "pieces"), count)

    @pytest.mark.parametrize("moment", TIMES, ids=str)
    def test_times_to_the_second(self, desk: Desk, moment: datetime) -> None:
        desk.add("items", TID, made_at=moment)
        desk.reopen()
        value = desk.cell("items", TID, "made_at")
        assert isinstance(value, datetime) and value == moment and value.utcoffset() == timedelta(hours=8)

    def test_every_second_of_a_day_fits(self, desk: Desk) -> None:
        start = at(2026, 11, 11)
        moments = {f"M{n}": start + timedelta(seconds=n) for n in range(0, 86_400, 977)}
        desk.write(*[
            RowEdit(table="items", key=key, cells={"item_id": key, "made_at": moment}, new=True)
            for key, moment in moments.items()
        ])  # fmt: skip
        desk.reopen()
        assert {row.key: row.cells["made_at"] for row in desk.view("items").changed} == moments

    def test_a_time_of_another_zone_is_the_same_moment(self, desk: Desk) -> None:
        desk.add("items", TID, made_at=datetime(2026, 11, 10, 16, 30, tzinfo=timezone.utc))  # noqa: UP017
        desk.reopen()
        assert desk.cell("items", TID, "made_at") == at(2026, 11, 11, 0, 30)

    @pytest.mark.parametrize("name", [choice.name for choice in ORDER_STAGE])
    def test_choices_show_their_label_and_read_as_their_name(self, desk: Desk, name: str) -> None:
        desk.add("items", TID, stage=name)
        desk.reopen()
        assert desk.cell("items", TID, "stage") == name
        assert desk.person.sees("items", TID, "stage") == label_of(ORDER_STAGE, name, zh=desk.lang is Lang.ZH)

    def test_a_choice_we_do_not_know_is_kept_as_it_is(self, desk: Desk) -> None:
        desk.add("items", TID, stage="brand_new_state")
        desk.reopen()
        assert desk.cell("items", TID, "stage") == "brand_new_state"

    @pytest.mark.parametrize("choice", COURIERS[:4])
    def test_people_may_type_either_language_or_the_code(self, desk: Desk, choice: object) -> None:
        desk.add("items", TID)
        for text in (choice.zh, choice.en, choice.name, choice.name.lower()):  # type: ignore[attr-defined]
            desk.person.type("items", TID, "courier", text)
            assert desk.cell("items", TID, "courier") == choice.name  # type: ignore[attr-defined]

    @pytest.mark.parametrize("word", ["✓", "√", "是", "Y", "TRUE", "x", True, 1])
    def test_ticks_people_type(self, desk: Desk, word: str | bool | int) -> None:
        desk.add("items", TID)
        desk.person.type("items", TID, "go", word)
        assert desk.cell("items", TID, "go") is True

    def test_ticks_we_write(self, desk: Desk) -> None:
        desk.add("items", TID, seen=True, go=True)
        desk.reopen()
        assert desk.cell("items", TID, "seen") is True and desk.person.sees("items", TID, "seen") == "✓"
        desk.put("items", TID, seen=False)
        assert desk.cell("items", TID, "seen") in (None, False) and desk.person.sees("items", TID, "seen") is None

    def test_empty_is_none_and_zero_is_not_empty(self, desk: Desk) -> None:
        row = desk.add("items", TID, title="", price=Decimal("0.00"), pieces=0, note=None)
        assert set(row.cells) == {column.name for column in ITEMS.columns}
        for cells in (row.cells, desk.row("items", TID).cells):
            assert cells["title"] is None and cells["note"] is None and cells["made_at"] is None
            assert exactly(cells["price"], Decimal("0.00")) and exactly(cells["pieces"], 0)

    def test_clearing_a_cell_empties_it(self, desk: Desk) -> None:
        desk.add("items", TID, title="x", price=Decimal("1.00"), made_at=at(2026, 1, 1), stage="hold")
        desk.put("items", TID, title=None, price=None, made_at=None, stage="")
        desk.reopen()
        row = desk.row("items", TID)
        assert [row.cells[name] for name in ("title", "price", "made_at", "stage")] == [None] * 4
        assert desk.person.sees("items", TID, "price") is None


class StaffCells:
    """What people type, as the column understands it; what it cannot be read as is said, not guessed."""

    @pytest.mark.parametrize(("column", "typed", "value"), [
        ("code", "690123", "690123"), ("note", "=1+1", "=1+1"), ("note", 30, "30"), ("note", Decimal("2.5"), "2.5"),
        ("cost", 12, Decimal("12.00")), ("cost", Decimal("12.5"), Decimal("12.50")), ("cost", "12.50", Decimal("12.50")),
        ("cost", " ¥1,234.50 ", Decimal("1234.50")), ("cost", Decimal("0.30000000000000004"), Decimal("0.30")),
        ("size", Decimal("1.25"), Decimal("1.25")), ("size", "3", Decimal("3")), ("count", 7, 7), ("count", "7", 7),
        ("count", -2, -2), ("due", "2026-11-11 08:30", at(2026, 11, 11, 8, 30)), ("due", "2026/11/11", at(2026, 11, 11)),
        ("due", datetime(2026, 11, 11, 8, 30, 15), at(2026, 11, 11, 8, 30, 15)), ("due", datetime(2026, 11, 11), at(2026, 11, 11)),
        ("due", Decimal("46337.5"), at(2026, 11, 11, 12)),
    ])  # fmt: skip
    def test_typed_well(self, desk: Desk, column: str, typed: object, value: Value) -> None:
        desk.add("items", TID)
        desk.person.type("items", TID, column, typed)  # type: ignore[arg-type]
        row = desk.row("items", TID)
        assert canonical(row.cells[column]) == canonical(value) and type(row.cells[column]) is type(value)
        assert row.faults == ()

    @pytest.mark.parametrize(("column", "typed"), [
        ("cost", "很贵"), ("cost", "12元5"), ("size", "1x2"), ("count", Decimal("2.5")), ("count", "两个"), ("due", "明天"),
        ("due", "2026-13-40"), ("due", -5), ("due", 9999999), ("courier", "蜗牛快递"), ("courier", 7), ("go", "也许"), ("go", 5),
        ("cost", "NaN"), ("cost", "Infinity"), ("size", "1e400"), ("cost", True),
    ])  # fmt: skip
    def test_typed_badly_is_empty_and_said(self, desk: Desk, column: str, typed: object) -> None:
        desk.add("items", TID, note="留着")
        desk.person.type("items", TID, column, typed)  # type: ignore[arg-type]
        row = desk.row("items", TID)
        assert row.cells[column] is None and row.cells["note"] == "留着"
        (fault,) = row.faults
        assert (fault.kind, fault.column, fault.table) == (FaultKind.BAD_VALUE, column, "items")
        assert fault.shown and fault.place.endswith("2")

    def test_a_long_number_where_an_id_belongs_is_damaged(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.person.type("items", TID, "code", 1234567890123456789)
        row = desk.row("items", TID)
        assert row.cells["code"] is None and [f.kind for f in row.faults] == [FaultKind.NUMBER_FOR_TEXT]

    def test_a_short_number_where_staff_ids_belong_is_its_digits_or_said(self, desk: Desk) -> None:
        """The port allows both; never another text, never in silence as nothing."""
        desk.add("items", TID)
        desk.person.type("items", TID, "code", 690123)
        row = desk.row("items", TID)
        said = [fault.kind for fault in row.faults]
        assert (row.cells["code"], said) in (("690123", []), (None, [FaultKind.NUMBER_FOR_TEXT]))

    def test_nonsense_is_a_change_though_the_value_stays_none(self, desk: Desk) -> None:
        """Else the person would never hear of it; once known it is quiet, and mending it is a change again."""
        known = {TID: desk.add("items", TID).digest}
        assert desk.view("items", known).changed == ()
        desk.person.type("items", TID, "count", "两个")
        (row,) = desk.view("items", known).changed
        assert row.faults and desk.view("items", {TID: row.digest}).changed == ()
        desk.person.type("items", TID, "count", "三个")
        assert len(desk.view("items", {TID: row.digest}).changed) == 1
        desk.person.type("items", TID, "count", None)
        assert len(desk.view("items", {TID: row.digest}).changed) == 1

    def test_a_formula_of_the_staff_counts_as_what_it_shows(self, desk: Desk) -> None:
        desk.add("items", TID)
        desk.person.type("items", TID, "cost", Formula("=2*6.25", Decimal("12.5")))
        row = desk.row("items", TID)
        assert (row.cells["cost"], row.faults) == (Decimal("12.50"), ())
        desk.put("items", TID, title="ours")
        assert sort_of(desk.person.sees("items", TID, "cost")) == "formula"

    def test_blanks_only_are_empty_but_for_free_text(self, desk: Desk) -> None:
        desk.add("items", TID)
        for column in ("code", "cost", "count", "due", "courier", "go"):
            desk.person.type("items", TID, column, "  ")
        row = desk.row("items", TID)
        assert all(not row.cells[column] for column in ("code", "cost", "count", "due", "courier", "go"))
        assert row.faults == ()

    @pytest.mark.parametrize("typed", ["字", 5, Formula("=A1", "x")])
    def test_staff_cells_survive_our_writes(self, desk: Desk, typed: object) -> None:
        desk.add("items", TID)
        desk.person.type("items", TID, "note", typed)  # type: ignore[arg-type]
        before = desk.person.sees("items", TID, "note")
        desk.put("items", TID, title="新", price=Decimal("1.00"))
        assert desk.person.sees("items", TID, "note") == before


class TypedOverOurs:
    """What people type over our cells is read as it is, so that it can be shown before it is put back."""

    @pytest.mark.parametrize(("column", "typed", "kind"), [
        ("link", 12345, FaultKind.NUMBER_FOR_TEXT), ("link", 1234567890123456789, FaultKind.NUMBER_FOR_TEXT),
        ("price", "免费", FaultKind.BAD_VALUE), ("pieces", "一堆", FaultKind.BAD_VALUE), ("stage", "随便", FaultKind.BAD_VALUE),
        ("made_at", "很久以前", FaultKind.BAD_VALUE), ("seen", "也许", FaultKind.BAD_VALUE),
        ("price", Formula("=1+1", 2), FaultKind.FORMULA_IN_OURS), ("title", Formula('="a"', "a"), FaultKind.FORMULA_IN_OURS),
        ("link", Formula("=A2", "x"), FaultKind.FORMULA_IN_OURS),
    ])  # fmt: skip
    def test_is_told_with_its_text(self, desk: Desk, column: str, typed: object, kind: FaultKind) -> None:
        known = {TID: desk.add("items", TID, price=Decimal("9.00")).digest}
        desk.person.type("items", TID, column, typed)  # type: ignore[arg-type]
        (row,) = desk.view("items", known).changed
        (fault,) = row.faults
        assert (fault.kind, fault.column) == (kind, column)
        assert isinstance(row.cells[column], str) and row.cells[column] == fault.shown
        assert fault.place.rstrip("0123456789").isalpha() and fault.place.endswith("2")

    @pytest.mark.parametrize("typed", [Formula("=1+1", 2), "免费", 8])
    def test_is_put_back_by_a_write_that_expects_it(self, desk: Desk, typed: object) -> None:
        desk.add("items", TID, price=Decimal("9.00"))
        desk.person.type("items", TID, "price", typed)  # type: ignore[arg-type]
        seen = desk.cell("items", TID, "price")
        report = desk.write(RowEdit(table="items", key=TID, cells={"price": Decimal("9.00")}, expect={"price": seen}))
        assert not report.refused and report.written[0].row.faults == ()
        assert exactly(desk.cell("items", TID, "price"), Decimal("9.00"))
        assert sort_of(desk.person.sees("items", TID, "price")) == "number"

    def test_a_well_typed_change_of_ours_is_a_change(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, price=Decimal("9.00"), stage="hold").digest}
        desk.person.type("items", TID, "price", 8)
        desk.person.type("items", TID, "stage", label_of(ORDER_STAGE, "shipped", zh=desk.lang is Lang.ZH))
        (row,) = desk.view("items", known).changed
        assert row.cells["price"] == Decimal("8.00") and row.cells["stage"] == "shipped"


class Keys:
    """Rows are told by key; what is odd about keys is told, and nothing is guessed."""

    def test_copied_row_makes_both_untouchable(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID).digest, OTHER: desk.add("items", OTHER).digest}
        desk.person.copy_row("items", TID)
        view = desk.view("items", known)
        assert [(f.kind, f.key) for f in view.faults] == [(FaultKind.KEY_TWICE, TID)]
        assert view.changed == () and view.gone == () and view.usable and not view.quiet
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
        known = {f"D1/{no}": desk.add("parts", f"D1/{no}", order_id="D1", no=no, title=f"t{no}").digest for no in (1, 2)}
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
        assert row.cells["title"] == "西藏" and row.cells["price"] == Decimal("12.00") and desk.view("rules").total == 0
        report = desk.write(RowEdit(table="rules", key="R001", cells={"rule_id": "R001", "problem": "缺快递"}, match=row.cells))
        (written,) = report.written
        assert written.row.key == "R001" and written.row.cells["title"] == "西藏" and written.row.cells["problem"] == "缺快递"
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
        assert [(f.kind, f.column, f.shown) for f in view.faults] == [(FaultKind.COLUMN_RENAMED, "title", "我的叫法")]
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
        desk.person.rename_header("items", "title", ITEMS.column("item_id").header(desk.lang)) if False else None

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
        report = desk.write(*[RowEdit(table="items", key=k, cells={"item_id": k, "pieces": n}, new=True) for n, k in enumerate(keys)])
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
        report = desk.write(RowEdit(table="items", key=OTHER, cells={"item_id": OTHER, "title": "neu"}, new=True))
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
        assert {(w.table, w.row.key) for w in report.written} == {("items", OTHER), ("items", TID), ("parts", "D1/1"), ("rules", "R001")}
        assert (desk.cell("items", TID, "title"), desk.cell("items", OTHER, "title")) == ("c", "b")


class CompareAndSet:
    """What an edit was planned on must still stand there."""

    def test_holds(self, desk: Desk) -> None:
        desk.add("items", TID, title="a", price=Decimal("1.00"), made_at=at(2026, 1, 1), stage="hold", pieces=3)
        expect = {"title": "a", "price": Decimal("1.00"), "made_at": at(2026, 1, 1), "stage": "hold", "pieces": 3, "link": None}
        report = desk.write(RowEdit(table="items", key=TID, cells={"title": "b"}, expect=expect))
        assert report.written and not report.refused and desk.cell("items", TID, "title") == "b"

    def test_empty_text_no_tick_and_none_are_equal(self, desk: Desk) -> None:
        desk.add("items", TID)
        report = desk.write(RowEdit(table="items", key=TID, cells={"title": "b"}, expect={"title": "", "seen": False, "price": None}))
        assert report.written and not report.refused

    def test_a_changed_cell_stops_the_whole_row(self, desk: Desk) -> None:
        desk.add("items", TID, title="a", price=Decimal("1.00"))
        desk.view("items")
        desk.person.type("items", TID, "title", "inzwischen")
        edit = RowEdit(table="items", key=TID, cells={"title": "b", "price": Decimal("2.00")}, expect={"title": "a"})
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
        found = {row.cells["title"]: (row.key, row.cells["price"], row.cells["note"]) for row in desk.view("items").changed}
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
        self.check_rest = True
        desk.write(RowEdit(table="items", key=TID, cells={"price": Decimal("3.00")}))
        assert desk.cell("items", TID, "price") == Decimal("3.00")
        assert [row.cells["price"] for row in desk.view("items").keyless] == [None]

    def test_a_row_deleted(self, desk: Desk) -> None:
        self.fill(desk)
        desk.person.delete("items", [OTHER])
        report = desk.write(*[RowEdit(table="items", key=key, cells={"price": Decimal("9.00")}) for key in (TID, OTHER, THIRD)])
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
        self_check = desk.put("items", THIRD, price=Decimal("2.00"))
        assert self_check.written[0].row.cells["title"] == "b" and desk.cell("items", "neu", "price") is None

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
        pairs = ({"title": "a", "note": ""}, {"title": "", "note": "a"}, {"title": "1"}, {"pieces": 1}, {"price": Decimal(1)}, {"seen": True})
        digests = [desk.add("items", f"K{n}", **cells).digest for n, cells in enumerate(pairs)]  # type: ignore[arg-type]
        assert len(set(digests)) == len(pairs)

    def test_money_written_with_other_places_is_the_same(self, desk: Desk) -> None:
        first = desk.add("items", TID, price=Decimal("5"))
        desk.put("items", TID, price=Decimal("5.00"))
        assert desk.row("items", TID).digest == first.digest and exactly(first.cells["price"], Decimal("5.00"))

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

    def test_no_edits_no_change(self, desk: Desk) -> None:
        desk.add("items", TID)
        before = desk.store.read({}).token
        report = desk.write()
        assert not report.written and not report.refused and not report.pending
        assert desk.store.read({}).token == before


class StoreContract(
    ExactValues, StaffCells, TypedOverOurs, Keys, StaffRows, Columns, Appending, CompareAndSet, BetweenReadAndWrite,
    OpenElsewhere, Quiet,
):  # fmt: skip
    """All of it."""
