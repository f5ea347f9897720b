"""A closed month moves to a file: nothing is lost or doubled, whatever is killed, deleted, changed or opened again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sync_engine.stores.port import row_digest
from tests.books.closable import with_books
from tests.books.test_keeping import summed
from tests.engine.rig import Rig
from workbook_templates.schema import Table, Value, row_key

D = Decimal
Cells = Mapping[str, Value]


@dataclass
class MemoryRoom:
    """Files in memory, and the sheet they are taken from."""

    rig: Rig
    files: dict[str, list[Cells]] = field(default_factory=dict)
    before: Callable[[str], None] = lambda step: None

    def put(self, table: Table, name: str, rows: Sequence[Cells]) -> str:
        self.before(f"put {table.name}")
        number, stem = 1, name
        while (name := f"归档/{stem}-{number}.xlsx") in self.files and self.files[name] != list(rows):
            number += 1
        self.files[name] = [dict(row) for row in rows]
        self.before(f"put done {table.name}")
        return name

    def get(self, table: Table, name: str) -> list[Cells] | None:
        return self.files.get(name)

    def stamp(self, name: str) -> str:
        return repr(self.files[name]) if name in self.files else ""

    def take(self, table: Table, rows: Mapping[str, str]) -> set[str]:
        self.before(f"take {table.name}")
        there = {row_key(table, row): row_digest(row) for row in self.rig.sheet.tables[table.name]}
        taken = {key for key, digest in rows.items() if there.get(key, digest) == digest}
        kept = [row for row in self.rig.sheet.tables[table.name] if row_key(table, row) not in taken]
        self.rig.sheet.tables[table.name] = kept
        self.before(f"take done {table.name}")
        return taken


def opened(rig: Rig, room: MemoryRoom, *, lose: bool = False) -> None:
    """The engine starts again."""
    if lose:
        rig.lose_journal()
    else:
        rig.start()
    rig.shop = replace(rig.shop, archive=room)


def shop(tmp_path: Path) -> tuple[Rig, MemoryRoom]:
    """Books with one closed month and the next under way."""
    rig = Rig(path=tmp_path / "journal.sqlite")
    room = MemoryRoom(rig)
    opened(rig, room)
    with_books(rig, ship_when="面单生成时")
    sold(rig, "1001")
    close(rig, str(rig.sheet.tables["periods"][0]["period"]))
    sold(rig, "1002")
    return rig, room


def sold(rig: Rig, tid: str) -> None:
    rig.world.order(tid, 3)
    rig.settle()
    rig.world.change(tid, status="TRADE_FINISHED", end_time=rig.world.clock.now())
    rig.settle()


def close(rig: Rig, period: str) -> None:
    rig.world.clock.sleep(timedelta(days=32).total_seconds())
    rig.settle()
    stock = sum(
        D(str(row["debit"] or 0)) - D(str(row["credit"] or 0))
        for row in rig.sheet.tables["postings"]
        if row["account"] == "1901"
    )
    for account, side in (
        ("1901", "credit" if stock > 0 else "debit"),
        ("3001", "debit" if stock > 0 else "credit"),
    ):
        rig.sheet.add("manual", own_no=f"平-{period}", account=account, post=True, **{side: abs(stock)})
    rig.settle()
    rig.sheet.type("periods", period, wanted="closed")
    rig.settle()
    assert rig.row("periods", period)["state"] == "closed", rig.row("periods", period)["checklist"]


def first(rig: Rig) -> str:
    return str(rig.sheet.tables["periods"][0]["period"])


def of_month(rig: Rig, period: str) -> list[str]:
    return [key for key in rig.sheet.keys("postings") if key.startswith(f"{period}-")]


def archive(rig: Rig) -> None:
    rig.sheet.type("settings", "archive_after", value="1")
    rig.world.clock.sleep(timedelta(days=31).total_seconds())
    rig.settle()


def looks(rig: Rig) -> dict[str, list[Cells]]:
    names = ("postings", "account_sums", "partners", "periods", "manual")
    return {name: sorted((dict(row) for row in rig.sheet.tables[name]), key=str) for name in names}


def vouchers(rig: Rig) -> dict[str, str]:
    assert rig.journal is not None
    book = rig.journal.vouchers
    return {one.voucher_id: one.seal for period in book.periods() for one in book.of_period(period)}


def todos(rig: Rig) -> str:
    return "\n".join(str(row["reason"]) for row in rig.sheet.tables["todo"] if row["state"] == "open")


def test_rows_of_a_closed_month_move_to_a_file_and_everything_else_stays(tmp_path: Path) -> None:
    rig, room = shop(tmp_path)
    month, sums, known = first(rig), summed(rig), vouchers(rig)
    kept = [key for key in rig.sheet.keys("postings") if key not in of_month(rig, month)]
    moved = [dict(rig.row("postings", key)) for key in of_month(rig, month)]
    archive(rig)
    assert len(moved) > 5 and of_month(rig, month) == [] and set(kept) <= set(rig.sheet.keys("postings"))
    name = str(rig.row("periods", month)["archive"])
    assert [dict(row) for row in room.files[name]] == moved and list(room.files) == [name]
    assert sums.items() <= summed(rig).items() and known.items() <= vouchers(rig).items()
    assert f"归档到 {name}" in str(rig.row("periods", month)["trail"]) and "不见了" not in todos(rig)
    before, sealed = looks(rig), vouchers(rig)
    opened(rig, room, lose=True)
    rig.settle()
    assert looks(rig) == before and vouchers(rig) == sealed, "a lost journal changes nothing"
    rig.world.change(
        "1001", modified=rig.world.clock.now()
    )  # a fact of the archived month is looked at again
    rig.settle()
    assert looks(rig)["postings"] == before["postings"], "and posts nothing twice"


def test_nothing_is_archived_unless_asked_for_and_never_an_open_month(tmp_path: Path) -> None:
    rig, room = shop(tmp_path)
    rig.world.clock.sleep(timedelta(days=62).total_seconds())
    rig.settle()
    assert room.files == {}
    month = first(rig)
    rig.sheet.type("periods", month, wanted="open", reason="再看看")
    rig.settle()
    archive(rig)
    assert room.files == {} and len(of_month(rig, month)) > 5


def test_a_month_that_is_opened_again_has_its_rows_back(tmp_path: Path) -> None:
    rig, room = shop(tmp_path)
    month = first(rig)
    moved = {key: dict(rig.row("postings", key)) for key in of_month(rig, month)}
    archive(rig)
    rig.sheet.type("periods", month, wanted="open", reason="漏了一张发票")
    rig.settle()
    row = rig.row("periods", month)
    assert row["state"] == "open" and not row["archive"] and "漏了一张发票" in str(row["trail"])
    assert {key: dict(rig.row("postings", key)) for key in of_month(rig, month)} == moved
    assert len(rig.sheet.keys("postings")) == len(set(rig.sheet.keys("postings"))) and len(room.files) == 1
    rig.sheet.type("periods", month, wanted="closed")
    rig.settle()
    assert of_month(rig, month) == [] and str(rig.row("periods", month)["archive"]) in room.files


def test_a_file_that_is_gone_or_changed_is_made_again_from_the_journal(tmp_path: Path) -> None:
    rig, room = shop(tmp_path)
    archive(rig)
    month = first(rig)
    name, rows = next(iter(room.files.items()))
    room.files[name] = [{**row, "debit": D("1.00")} if n == 0 else row for n, row in enumerate(rows)]
    sold(rig, "1003")
    again = str(rig.row("periods", month)["archive"])
    assert again != name and room.files[again] == rows and f"已按日志里的凭证重做为 {again}" in todos(rig)
    room.files.clear()
    sold(rig, "1004")
    assert list(room.files.values()) == [rows]


def test_without_journal_and_file_sums_stay_nothing_is_posted_and_people_are_told(tmp_path: Path) -> None:
    rig, room = shop(tmp_path)
    archive(rig)
    month, sums, before = first(rig), summed(rig), looks(rig)
    name, rows = next(iter(room.files.items()))
    room.files.clear()
    opened(rig, room, lose=True)
    rig.settle()
    sold(rig, "1003")
    assert f"{month} 的归档文件 {name} 找不到或被改过" in todos(rig)
    assert summed(rig) == sums and looks(rig)["postings"] == before["postings"]
    room.files[name] = [{**row, "credit": D("1.00")} if n == 1 else row for n, row in enumerate(rows)]
    sold(rig, "1004")
    assert looks(rig)["postings"] == before["postings"], "a changed file is no better than none"
    room.files[name] = rows
    rig.world.order("1005", 1)
    rig.settle()
    assert "找不到或被改过" not in todos(rig)
    refs = [
        row["ref"] for row in rig.sheet.tables["postings"] if row["kind"] == "sale" and row["line"] == "01"
    ]
    assert {"sale:1003", "sale:1004"} <= set(refs) and "sale:1001" not in refs and len(refs) == len(set(refs))
    assert sums.items() <= summed(rig).items()
