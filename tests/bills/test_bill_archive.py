"""Rows of a closed month's bill move to a file: everything goes on counting them, and nothing is lost, doubled or judged anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulas.accounting.export import to_beancount
from formulas.cells import written
from sync_engine.cli_books import books_of
from sync_engine.errors import UserError
from sync_engine.importing import import_file
from sync_engine.plan.bill_archive import billed_from, file_name, whole
from sync_engine.sandbox.alipay.account import Entry
from sync_engine.sandbox.alipay.files import Layout, bill_file, web_bill
from sync_engine.stores.port import Fault, FaultKind, Snapshot
from sync_engine.trail import history_of
from tests.bills.months import DECEMBER, NOVEMBER, OCTOBER, month, write
from tests.books.asking import ask, book_of
from tests.books.closable import MONTH, SALES, close, copied, known_sales, october, tell_tmall
from tests.books.test_archive import Cells, MemoryRoom, opened, todos, vouchers
from tests.engine.rig import Rig
from workbook_templates.bill_items import ITEM_CHOICES
from workbook_templates.schema import Lang, row_key
from workbook_templates.tables import BILLS
from workbook_templates.tables.choices import label_of

D = Decimal
ACCOUNT_MONTH = "2088123456789012/2026-10"


@dataclass(frozen=True)
class Lived:
    """October closed and November's bill brought, on the 10th of December; and what the sheets said then."""

    rig: Rig
    october: Mapping[str, Cells]

    def shop(self) -> tuple[Rig, MemoryRoom]:
        """The same shop once more, with a room for archives."""
        rig = copied(self.rig)
        room = MemoryRoom(rig)
        rig.shop = replace(rig.shop, archive=room)
        return rig, room


def december(rig: Rig, folder: Path) -> Rig:
    """From a closed October to the 10th of December."""
    assert close(rig) == ("closed", "")
    rig.world.clock.sleep((DECEMBER + timedelta(days=9) - rig.world.clock.now()).total_seconds())
    for sale in known_sales():
        tell_tmall(rig, sale, rig.world.clock.now())
    rig.settle()
    import_file(rig.shop, write(folder, NOVEMBER, number=SALES))
    rig.settle()
    return rig


@cache
def lived_shop() -> Lived:
    """Lived through once, for all who begin there."""
    with TemporaryDirectory() as name:
        rig = december(october(True, Path(name)), Path(name))
    return Lived(rig, bills(rig, "2026-10"))


@pytest.fixture
def lived() -> Lived:
    return lived_shop()


def plain(row: Cells) -> Cells:
    """A row's filled cells."""
    return {name: value for name, value in row.items() if value not in (None, "")}


def bills(rig: Rig, of_month: str = "") -> dict[str, Cells]:
    rows = [row for row in rig.sheet.tables["bills"] if f"{row['at']:%Y-%m}".startswith(of_month)]
    return {row_key(BILLS, row): plain(row) for row in rows}


def archive(rig: Rig) -> None:
    rig.sheet.type("settings", "archive_after", value="1")
    rig.settle()


def named(rig: Rig) -> list[str]:
    return str(rig.row("periods", MONTH)["bill_archive"] or "").split()


def filed(room: MemoryRoom, *names: str) -> dict[str, Cells]:
    return {row_key(BILLS, dict(row)): plain(row) for name in names for row in room.files[name]}


def sheets(rig: Rig, *names: str) -> dict[str, list[Cells]]:
    names = names or ("bills", "matches", "account_sums", "postings", "periods")
    return {name: sorted((dict(row) for row in rig.sheet.tables[name]), key=str) for name in names}


def facts(rig: Rig) -> dict[str, list[object]]:
    assert rig.journal is not None
    return {at: list(rig.journal.bills.facts(at)) for at in ("2026-10", "2026-11")}


def asked(rig: Rig, key: str) -> dict[str, object]:
    """What accountants ask for: the exported books, sums and matches by month, and where a bill row went."""
    assert rig.journal is not None
    books, chart = books_of(rig.journal, Lang.ZH)
    return {
        "export": to_beancount(books, chart, "店"), "sums": rig.journal.vouchers.sums(), "facts": facts(rig), **sheets(rig, "matches", "account_sums"),
        "voucher": rig.journal.vouchers.of_refs([f"bill:{key}"]), "history": told(rig, key), "order": told(rig, str(rig.journal.bills.get([key])[key].tid)),
    }  # fmt: skip


def billed(rig: Rig, folder: Path, tids: Iterable[str]) -> dict[str, object]:
    """What ERP.BILLED shows of orders."""
    book = book_of(rig, folder / "copy.sqlite")
    return {tid: ask(book, "BILLED", tid) for tid in tids}


def as_cells(rows: Iterable[Cells]) -> list[list[object]]:
    ordered = sorted(rows, key=lambda row: (row["at"], row_key(BILLS, dict(row))))
    return [
        [written(row["at"]), label_of(ITEM_CHOICES, str(row["item"])), written(row.get("income")), written(row.get("outgo")), row["log_id"]]
        for row in ordered
    ]  # fmt: skip


def told(rig: Rig, key: str) -> list[str]:
    """What 查历史 tells of Alipay's rows and vouchers, wherever they stand."""
    assert rig.journal is not None
    events = [one for one in history_of(rig.journal, key, Lang.ZH) if one.where[:2] in ("支付", "凭证")]
    return [f"{one.at} {one.who} {one.where.partition('(')[0]} {one.what}" for one in events]


def test_rows_leave_and_every_answer_stays(lived: Lived) -> None:
    rig, room = lived.shop()
    key = next(key for key, row in lived.october.items() if row["item"] == "sale_payment")
    before = asked(rig, key)
    traced = "\n".join(before["order"])  # type: ignore[arg-type]
    assert (
        f"支付宝 支付宝账单 {key} 交易付款 +" in traced
        and "表猫 凭证 202610-" in traced
        and "借 1012.01 " in traced
    )
    assert before["voucher"] and len(told(rig, key)) >= 2
    archive(rig)
    (name,) = named(rig)
    assert filed(room, name) == lived.october and bills(rig, "2026-10") == {}
    assert bills(rig) == bills(lived.rig, "2026-11") != {}
    assert f"账单归档到 {name}({len(lived.october)} 行)" in str(rig.row("periods", MONTH)["trail"])
    assert asked(rig, key) == before and "不见了" not in todos(rig)
    assert rig.journal is not None
    (voucher,) = rig.journal.vouchers.of_refs([f"bill:{key}"])[f"bill:{key}"]
    trace = history_of(rig.journal, voucher.voucher_id, Lang.ZH)  # from a voucher to the row in its file
    assert f"支付宝账单 {key}({name})" in {one.where for one in trace}
    shown, files = sheets(rig), dict(room.files)
    rig.world.change(known_sales()[0].tid, modified=rig.world.clock.now())  # looked at again
    rig.settle()
    assert sheets(rig) == shown and room.files == files
    opened(rig, room, lose=True)
    rig.settle()
    assert sheets(rig) == shown and facts(rig) == before["facts"], "a lost journal changes nothing"
    rig.sheet.type("periods", "202611", wanted="closed")
    rig.settle()
    assert rig.row("periods", "202611")["state"] == "closed", rig.row("periods", "202611")["checklist"]


def test_a_cell_shows_an_orders_rows_wherever_they_are_and_never_a_part_of_them(
    lived: Lived, tmp_path: Path
) -> None:
    rig, room = lived.shop()
    rows: dict[str, list[Cells]] = {}
    for row in bills(rig).values():
        if row.get("tid"):
            rows.setdefault(str(row["tid"]), []).append(row)
    before = billed(rig, tmp_path, rows)
    assert before == {tid: as_cells(own) for tid, own in rows.items()}
    archive(rig)
    moved = {str(row.get("tid")) for row in lived.october.values()} & rows.keys()
    assert moved and rows.keys() - moved and billed(rig, tmp_path, rows) == before
    opened(rig, room, lose=True)
    rig.settle()
    assert billed(rig, tmp_path, rows) == before, "a lost journal changes nothing"
    room.files.clear()
    opened(rig, room, lose=True)
    rig.settle()
    lost = billed(rig, tmp_path, rows)
    told_so = {tid for tid in rows if "别的已归档或要等归档文件找回来" in str(lost[tid])}
    assert moved <= told_so == {tid for tid in rows if lost[tid] != before[tid]}, (
        "where nobody has the rows it says so"
    )


@pytest.mark.parametrize("lost", [False, True], ids=["journal kept", "journal deleted"])
def test_the_same_bill_again_and_overlapping_files_change_nothing(
    lived: Lived, tmp_path: Path, lost: bool
) -> None:
    rig, room = lived.shop()
    archive(rig)
    shown = sheets(rig)
    files = [write(tmp_path, OCTOBER, number=SALES, layout=Layout(encoding="utf-8-sig", newest_first=True))]
    files.append(tmp_path / "动账.xlsx")
    files[-1].write_bytes(web_bill([*month(OCTOBER, SALES)[-9:], *month(NOVEMBER, SALES)[:3]], account=""))
    if lost:
        opened(rig, room, lose=True)
        with pytest.raises(UserError, match="日志是新的,请先同步一次"):
            import_file(rig.shop, files[0])
        rig.settle()
    done = [import_file(rig.shop, path) for path in files]
    assert [(one.new, one.changed, one.same) for one in done] == [(0, 0, len(lived.october)), (0, 0, 12)]
    rig.settle()
    assert sheets(rig) == shown
    other = [replace(entry, balance=entry.balance + 100) for entry in month(OCTOBER, SALES)]
    files[0].write_bytes(bill_file(other, OCTOBER, NOVEMBER))
    with pytest.raises(UserError, match="与“支付宝账单”里已有的不同"):
        import_file(rig.shop, files[0])
    assert sheets(rig) == shown


def test_rules_that_change_leave_archived_rows_as_they_were(lived: Lived) -> None:
    rig, _ = lived.shop()
    archive(rig)
    before, sealed = facts(rig), vouchers(rig)
    rig.sheet.add(
        "bill_rules", enabled="yes", priority=999, title="积分算提现", item="withdrawal", texts="代扣返点积分"
    )
    rig.settle()
    now = facts(rig)
    assert now["2026-10"] == before["2026-10"] and now["2026-11"] != before["2026-11"]
    new = vouchers(rig).keys() - sealed.keys()
    rows = [row for row in rig.sheet.tables["postings"] if row["voucher"] in new]
    assert rows and not {str(row["ref"]) for row in rows} & {f"bill:{key}" for key in lived.october}


def test_a_corrected_download_brings_its_one_row_more(tmp_path: Path) -> None:
    rig = october(False, tmp_path)
    short: list[Entry] = month(OCTOBER, SALES)[:-1]
    path = tmp_path / "short.zip"
    path.write_bytes(bill_file(short, OCTOBER, NOVEMBER))
    import_file(rig.shop, path)
    rig.settle()
    room = MemoryRoom(rig)
    december(rig, tmp_path)
    opened(rig, room)
    archive(rig)
    assert len(filed(room, *named(rig))) == len(short)
    assert rig.row("matches", "2088123456789012/2026-11")["state"] == "gap", "October lacks a row"
    first, sealed = named(rig), vouchers(rig)
    done = import_file(rig.shop, write(tmp_path, OCTOBER, number=SALES))
    assert (done.new, done.same) == (1, len(short))
    rig.settle()
    assert rig.row("matches", "2088123456789012/2026-11")["state"] == "equal"
    new = {one.split("-")[0] for one in vouchers(rig).keys() - sealed.keys()}
    assert new == {"202612"}, "posted in an open month"
    assert named(rig)[:1] == first and len(named(rig)) == 2 and bills(rig, "2026-10") == {}
    assert len(filed(room, *named(rig))) == len(short) + 1
    shown, known = sheets(rig), facts(rig)
    opened(rig, room, lose=True)
    rig.settle()
    assert sheets(rig) == shown and facts(rig) == known


@pytest.mark.parametrize("lost", [False, True], ids=["journal kept", "journal deleted"])
def test_a_month_that_is_opened_again_has_its_rows_back(lived: Lived, lost: bool) -> None:
    rig, room = lived.shop()
    key = sorted(lived.october)[3]
    rig.sheet.type("bills", key, note="看过了")
    archive(rig)
    (name,) = named(rig)
    rig.sheet.type("periods", MONTH, wanted="open", reason="漏了一张发票")
    rig.tick(10)
    if lost:  # the sheet says the month is open, and its rows are not back yet
        opened(rig, room, lose=True)
        assert rig.row("periods", MONTH)["state"] == "open" and bills(rig, "2026-10") == {}
    rig.settle()
    assert bills(rig, "2026-10") == {**lived.october, key: {**lived.october[key], "note": "看过了"}}
    assert named(rig) == [] and facts(rig) == facts(lived.rig) and list(room.files).count(name) == 1
    rig.sheet.type("periods", MONTH, wanted="closed")
    rig.settle()
    assert bills(rig, "2026-10") == {} and named(rig) == [name] and facts(rig) == facts(lived.rig)


def test_a_file_that_is_gone_or_changed_is_made_again_from_the_journal(lived: Lived) -> None:
    rig, room = lived.shop()
    archive(rig)
    (name,) = named(rig)
    rows = room.files[name]
    room.files[name] = rows[:-1]
    rig.world.order("1003", 1)
    rig.settle()
    (again,) = named(rig)
    assert again != name and room.files[again] == rows and f"已按日志重做为 {again}" in todos(rig)
    room.files.clear()
    rig.world.order("1004", 1)
    rig.settle()
    assert rows in room.files.values() and room.files[named(rig)[0]] == rows


def test_without_journal_and_file_what_needs_the_rows_waits(lived: Lived, tmp_path: Path) -> None:
    calm, its_room = lived.shop()
    rig, room = lived.shop()
    for one in (calm, rig):
        archive(one)
    (name,) = named(rig)
    rows, shown = room.files.pop(name), sheets(rig)
    opened(rig, room, lose=True)
    rig.settle()
    assert f"202610 的账单归档文件 {name} 找不到或被改过" in todos(rig) and sheets(rig) == shown
    with pytest.raises(UserError, match="没有导入:归档文件"):
        import_file(rig.shop, write(tmp_path, OCTOBER, number=SALES))
    some = sorted(bills(rig, "2026-11"))[4]
    for one in (calm, rig):
        one.sheet.type("bills", some, item_wanted="withdrawal")
        one.sheet.type("periods", "202611", wanted="closed")
    rig.settle()
    assert "账单归档文件" in str(rig.row("periods", "202611")["checklist"])
    assert rig.row("bills", some)["item"] != "withdrawal"
    room.files[name] = rows[1:]
    rig.world.order("1003", 1)
    rig.settle()
    assert sheets(rig, "matches", "postings") == {one: shown[one] for one in ("matches", "postings")}
    room.files[name] = rows
    rig.world.order("1004", 1)
    rig.settle()
    calm.settle()
    assert "找不到或被改过" not in todos(rig)
    assert sheets(rig, "bills", "matches") == sheets(calm, "bills", "matches") and facts(rig) == facts(calm)
    assert its_room.files[name] == rows


def test_a_file_that_nobody_has_any_more_is_given_up_by_opening_its_month(
    lived: Lived, tmp_path: Path
) -> None:
    rig, room = lived.shop()
    archive(rig)
    (name,) = named(rig)
    sealed, known = vouchers(rig), facts(rig)
    room.files.pop(name)
    opened(rig, room, lose=True)
    rig.settle()
    rig.sheet.type("periods", MONTH, wanted="open", reason="归档文件没有了")
    rig.settle()
    assert named(rig) == [] and "账单归档文件" not in todos(rig) and facts(rig)["2026-11"] == known["2026-11"]
    assert import_file(rig.shop, write(tmp_path, OCTOBER, number=SALES)).new == len(lived.october)
    rig.settle()
    assert bills(rig, "2026-10") == lived.october and facts(rig) == known
    assert vouchers(rig).keys() == sealed.keys(), "nothing is posted twice"
    rig.sheet.type("periods", MONTH, wanted="closed")
    rig.settle()
    assert rig.row("periods", MONTH)["state"] == "closed", rig.row("periods", MONTH)["checklist"]


def test_what_is_typed_before_a_row_left_keeps_it_in_the_sheet(lived: Lived) -> None:
    rig, room = lived.shop()
    rig.sheet.type("settings", "archive_after", value="1")
    rig.tick(10)
    assert named(rig) == [] or bills(rig, "2026-10"), "in the file, and still in the sheet"
    keys = sorted(lived.october)[:2]

    def meanwhile(step: str) -> None:
        if step == "take postings":  # the tick has read the sheet already
            rig.sheet.type("bills", keys[1], note="等一下")

    rig.sheet.type("bills", keys[0], note="看一下", item_wanted="withdrawal")
    room.before = meanwhile
    rig.tick(10)
    room.before = lambda step: None
    assert sorted(bills(rig, "2026-10")) == keys
    rig.settle()
    assert bills(rig, "2026-10") == {}
    more = filed(room, *named(rig)[1:])
    assert {key: row["note"] for key, row in more.items()} == {keys[0]: "看一下", keys[1]: "等一下"}
    assert more[keys[0]]["item"] == "withdrawal" and "看一下" not in todos(rig)


def test_rows_of_orders_that_do_not_agree_stay(lived: Lived) -> None:
    rig, room = lived.shop()
    tid = next(str(row["tid"]) for row in lived.october.values() if row["item"] == "sale_payment")
    rig.world.change(tid, payment=D("9999.00"), modified=rig.world.clock.now())
    rig.settle()
    assert rig.row("matches", tid)["list"] == "needs"
    archive(rig)
    stay = {key for key, row in lived.october.items() if row.get("tid") == tid}
    assert bills(rig, "2026-10").keys() == stay != set()
    said = f"{len(stay)} 行还没对清、没入账或有格子看不懂(如 {tid}),留在“支付宝账单”里"
    assert said in str(rig.row("periods", MONTH)["trail"])
    assert f"202610 的账单有 {len(stay)} 行还没归档:没对清、没入账或有格子看不懂,如 {tid}" in todos(rig)
    rig.sheet.type("matches", tid, force=True, memo="线下补了")
    rig.settle()
    assert bills(rig, "2026-10") == {} and filed(room, *named(rig)).keys() == lived.october.keys()


def test_a_row_nobody_knows_or_a_gap_keeps_the_month_where_it_is(lived: Lived) -> None:
    rig, _ = lived.shop()
    key = sorted(lived.october)[5]
    rig.sheet.type("bills", key, item_wanted="unclassified")
    archive(rig)
    assert bills(rig, "2026-10").keys() == lived.october.keys() and named(rig) == []
    assert "202610 的账单没有归档:有 1 行没有归类" in todos(rig)
    rig.sheet.type("bills", key, item_wanted=None)
    rig.settle()
    assert bills(rig, "2026-10") == {} and "没有归档" not in todos(rig)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_file_in_which_anything_was_changed_is_none(data: st.DataObject) -> None:
    rows: list[Cells] = [{**BILLS.blank, **row} for row in lived_shop().october.values()]
    name = f"归档/{file_name(202610, rows, Lang.ZH)}.xlsx"
    kept = whole(name, rows[::-1])
    assert kept is not None and all(billed_from(cells) is not None for cells in kept.values())
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(BILLS.columns))
    other = data.draw(st.sampled_from(rows))[column.name]
    changed = {**rows[at], column.name: other if other not in (None, rows[at][column.name]) else "7"}
    for spoiled in (
        [*rows[:at], changed, *rows[at + 1 :]], [*rows[:at], *rows[at + 1 :]], [*rows, rows[at]], [*rows[:at], *rows[at + 1 :], rows[at - 1]],
    ):  # fmt: skip
        assert whole(name, spoiled) is None, (column.name, changed[column.name])
    assert whole(f"归档/{MONTH}-账单-000000000000.xlsx", rows) is None and whole("归档/x.xlsx", rows) is None


def test_what_cannot_be_read_in_a_row_and_a_workbook_of_an_older_version_keep_rows(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, _ = lived.shop()
    key, real, faults = sorted(lived.october)[3], rig.sheet.read, list[Fault]()

    def read(known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """What the stores tell of junk in a drop-down, and of a column that is not there."""
        snapshot = real(known)
        views = dict(snapshot.tables)
        for fault in faults:
            view = views[fault.table]
            rows = (replace(row, faults=(fault,)) if row.key == fault.key else row for row in view.changed)
            views[fault.table] = replace(view, changed=tuple(rows), faults=() if fault.key else (fault,))
        return replace(snapshot, tables=views)

    monkeypatch.setattr(rig.sheet, "read", read)
    faults.append(Fault(kind=FaultKind.COLUMN_MISSING, table="periods", column="bill_archive"))
    rig.sheet.type("settings", "archive_after", value="1")
    for _ in range(2):
        rig.tick(10)
    assert "“会计期间”缺“账单归档文件”列" in todos(rig) and named(rig) == []
    faults.clear()
    rig.tick(10)
    faults[:] = [
        Fault(kind=FaultKind.BAD_VALUE, table="bills", key=key, column="item_wanted", shown="好像是提现")
    ]
    rig.sheet.type("bills", key, why="")  # it was saved with something nobody can read
    rig.tick(10)
    faults.clear()
    rig.settle()
    assert list(bills(rig, "2026-10")) == [key] and "好像是提现" in todos(rig)
    assert f"202610 的账单有 1 行还没归档:没对清、没入账或有格子看不懂,如 {key}" in todos(rig)
