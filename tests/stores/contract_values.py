"""The contract, first part: values of every kind, as the engine writes them and as people type them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from sync_engine.clock import SHANGHAI
from sync_engine.stores.memory_cells import Formula
from sync_engine.stores.port import FaultKind, RowEdit, canonical
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
    "🐱👩‍👩‍👧🇨🇳", "𠮷野家", "ÀÉ e\u0301", "مرحبا", "前后 有 空 ", " 前空", "两  个空", "第一行\n第二行\n\n", "制\t表", "第一行\n第二\t行",
    "\u2028行\u2029段", "\u00a0不断空", "\ufeff有BOM", "x" * 32_767, "汉" * 32_767,
)  # fmt: skip
MONEY = ("0.10", "188320.00", "-5.55", "0.00", "0.01", "99999999.99", "1.10", "33.33", "-0.01", "1234567.89")
TIMES = (
    at(2026, 11, 11), at(2026, 11, 11, 23, 59, 59), at(2026, 11, 11, 0, 0, 1), at(2026, 2, 28, 12, 34, 56),
    at(2024, 2, 29, 8, 0), at(1999, 12, 31, 23, 59, 59), at(2099, 1, 1),
)  # fmt: skip


class ExactValues:
    """What the engine writes is what it reads."""

    @pytest.mark.parametrize(
        "key", [TID, "0001", "A-1", "1234567890123456789012", "订单1", "1E5", "a b", "x/y", "=1"]
    )
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

    @pytest.mark.parametrize(
        "text", ["a\x00b", "\x07铃", "a\x0bb\x0cc", "\x1b[31m", "a\r\nb", "a\rb", "\ufffe\uffff!", "\ud83d"]
    )
    def test_characters_a_cell_cannot_hold_do_no_harm(self, desk: Desk, text: str) -> None:
        """They may be dropped, or come back; the workbook stays readable and the outcome stays the same."""
        row = desk.add("items", TID, title=text, note="后")
        desk.reopen()
        again = desk.row("items", TID)
        assert again.cells == row.cells and again.digest == row.digest
        assert again.cells["note"] == "后"
        shown = str(again.cells["title"] or "").replace("\r", "").replace("?", "")
        assert shown in (clean_text(text), text.replace("\r", ""))

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
        assert (
            desk.cell("items", TID, "seen") in (None, False)
            and desk.person.sees("items", TID, "seen") is None
        )

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

    @pytest.mark.parametrize("column", ["code", "note"])
    def test_a_long_number_where_text_belongs_is_damaged(self, desk: Desk, column: str) -> None:
        """An order number typed into a cell that takes numbers has lost its last digits."""
        desk.add("items", TID)
        desk.person.type("items", TID, column, 1234567890123456789)
        row = desk.row("items", TID)
        assert row.cells[column] is None and [f.kind for f in row.faults] == [FaultKind.NUMBER_FOR_TEXT]

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
        report = desk.write(
            RowEdit(table="items", key=TID, cells={"price": Decimal("9.00")}, expect={"price": seen})
        )
        assert not report.refused and report.written[0].row.faults == ()
        assert exactly(desk.cell("items", TID, "price"), Decimal("9.00"))
        assert sort_of(desk.person.sees("items", TID, "price")) == "number"

    def test_a_well_typed_change_of_ours_is_a_change(self, desk: Desk) -> None:
        known = {TID: desk.add("items", TID, price=Decimal("9.00"), stage="hold").digest}
        desk.person.type("items", TID, "price", 8)
        desk.person.type("items", TID, "stage", label_of(ORDER_STAGE, "shipped", zh=desk.lang is Lang.ZH))
        (row,) = desk.view("items", known).changed
        assert row.cells["price"] == Decimal("8.00") and row.cells["stage"] == "shipped"
