"""The journal's file: all or nothing, what is inside survives, and a file that will not do is kept and replaced."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.clock import format_time
from sync_engine.errors import BusyError
from sync_engine.intent import Intent, IntentKind
from sync_engine.journal.db import Db
from sync_engine.journal.journal import Journal
from sync_engine.journal.keeping import open_journal, set_aside
from sync_engine.parcel import Package
from sync_engine.stockroom import StockLine
from sync_engine.stores.port import SheetRow, row_digest
from sync_engine.todo import Todo
from sync_engine.trade import Line, Receiver, Refund, Sku, Trade
from tests.engine.world import START


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a #1 店" / "journal.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], Journal]]:
    """Open the journal, again and again; all are closed at the end."""
    path.parent.mkdir()
    journals: list[Journal] = []

    def open_again() -> Journal:
        for journal in journals:
            journal.close()
        journals.append(Journal(path, START))
        return journals[-1]

    yield open_again
    for journal in journals:
        journal.close()


TRADE = Trade(
    tid="4611686018427387905", status="WAIT_SELLER_SEND_GOODS", created=START, modified=START, pay_time=START,
    payment=Decimal("90.10"), buyer_message='=1+1 "x" \n', holds=("top_hold",), receiver=Receiver(name="张**", oaid="o"),
    lines=(Line(oid="1", price=Decimal("0.10"), num=2), Line(oid="2", consign_time=START)),
)  # fmt: skip


# -- all or nothing -------------------------------------------------------------------------------------------------


class Fell(BaseException):
    """The process was killed here."""


def test_a_transaction_that_ends_is_there_after_a_restart(opened: Callable[[], Journal]) -> None:
    journal = opened()
    with journal.transaction():
        journal.mirror.put_trade(TRADE, live=True)
        journal.set_moment("cursor", START)
    journal = opened()
    assert journal.mirror.trades([TRADE.tid]) == {TRADE.tid: TRADE}
    assert journal.moment("cursor") == START


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, Fell])
def test_a_transaction_that_breaks_leaves_nothing(
    opened: Callable[[], Journal], error: type[BaseException]
) -> None:
    journal = opened()
    journal.set_meta("before", "1")
    with pytest.raises(error), journal.transaction():
        journal.set_meta("before", "2")
        with journal.transaction():  # joins the outer one
            journal.mirror.put_trade(TRADE, live=True)
        raise error
    journal.set_meta("after", "3")  # and the journal goes on
    journal = opened()
    assert (journal.meta("before"), journal.meta("after")) == ("1", "3")
    assert journal.mirror.known_trades() == set()


def fill(journal: Journal) -> None:
    """What a tick commits at once."""
    with journal.transaction():
        journal.mirror.put_trade(TRADE, live=True)
        journal.mirror.put_refund(
            Refund(
                refund_id="r", tid=TRADE.tid, oid="1", status="SUCCESS", fee=Decimal("1.00"), modified=START
            )
        )
        package = Package(
            package_id=f"{TRADE.tid}-1", tid=TRADE.tid, no=1, oids=("1",), cp_code="ZTO", state="planned"
        )
        journal.mirror.put_package(package)
        journal.intents.add(Intent(key="waybill:s:1:1", kind=IntentKind.BUY, subject=package.package_id))
        journal.rows.mark({"orders": [TRADE.tid]})
        journal.todos.settle(
            [], [Todo(code="c", subject="s", table="orders", row_key="1", reason="r", advice="a")], START
        )
        journal.set_moment("cursor", START)


def dump_all(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def dump(path: Path) -> list[str]:
    return [line for line in dump_all(path) if not line.startswith("CREATE")]


def test_killed_at_every_statement_of_a_commit(path: Path) -> None:
    """Whatever the statement, the file holds all of the commit or none of it."""
    path.parent.mkdir()
    with closing(Journal(path, START)):
        pass
    empty = dump(path)
    total, run = 0, Db.run
    for last in range(1, 100):
        count = 0

        def counted(self: Db, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
            nonlocal count
            count += 1
            if count == last:  # noqa: B023
                raise Fell
            return run(self, sql, values)

        journal = Journal(path, START)
        Db.run = counted  # type: ignore[method-assign]
        try:
            fill(journal)
        except Fell:
            pass
        else:
            total = last
        finally:
            Db.run = run  # type: ignore[method-assign]
            journal.close()
        if total:
            break
        assert dump(path) == empty
    assert total > 8
    assert dump(path) != empty


def test_a_second_writer_waits_or_is_told(path: Path) -> None:
    path.parent.mkdir()
    with closing(Journal(path, START)) as journal, journal.transaction():
        journal.set_meta("a", "1")
        with (
            closing(sqlite3.connect(path, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("INSERT INTO meta VALUES ('b', '2')")


# -- what is inside -------------------------------------------------------------------------------------------------


def test_an_older_trade_never_replaces_a_newer_one(opened: Callable[[], Journal]) -> None:
    journal = opened()
    newer = Trade(tid="1", status="TRADE_FINISHED", created=START, modified=START + timedelta(minutes=1))
    older = Trade(tid="1", status="WAIT_BUYER_PAY", created=START, modified=START)
    for trade in (newer, older):
        journal.mirror.put_trade(trade, live=False)
    assert journal.mirror.trades(["1"])["1"] == newer
    assert journal.mirror.modified("1") == format_time(newer.modified)
    assert journal.mirror.modified("2") is None


def test_many_keys_at_once(opened: Callable[[], Journal]) -> None:
    journal = opened()
    tids = [str(4_611_686_018_427_387_000 + n) for n in range(1500)]
    with journal.transaction():
        for tid in tids:
            journal.mirror.put_trade(
                Trade(tid=tid, status="x", created=START, modified=START), live=tid[-1] == "7"
            )
    assert set(journal.mirror.trades([*tids, "unknown"])) == set(tids)
    assert journal.mirror.trades([]) == {}
    assert journal.mirror.live_tids() == {tid for tid in tids if tid[-1] == "7"}
    journal.mirror.set_live(tids[7], False)
    assert tids[7] not in journal.mirror.live_tids()


def test_rows_are_remembered_exactly(opened: Callable[[], Journal]) -> None:
    journal = opened()
    cells = {"tid": "4611686018427387905", "total_amount": Decimal("0.10"), "quantity": 3, "created": START, "hold": True,
             "note": "=1+1", "weight_kg": Decimal("1.2345"), "seller_flag": 0}  # fmt: skip
    row = SheetRow(key=TRADE.tid, cells=cells, digest=row_digest(cells))
    with journal.transaction():
        journal.rows.put("orders", [row])
    journal = opened()
    found = journal.rows.get("orders", [TRADE.tid])[TRADE.tid]
    assert {name: value for name, value in found.items() if value is not None} == cells
    assert row_digest(found) == row.digest
    assert journal.rows.digests()["orders"] == {TRADE.tid: row.digest}
    assert journal.rows.count("orders") == 1
    journal.rows.forget("orders", [TRADE.tid])
    assert journal.rows.get("orders", [TRADE.tid]) == {}
    assert journal.rows.digests()["orders"] == {}


def test_marks_stay_until_they_are_cleaned(opened: Callable[[], Journal]) -> None:
    journal = opened()
    for _ in range(2):
        journal.rows.mark({"orders": ["1", "2"], "stock": ["A"]})
    journal.rows.clean("orders", ["1", "9"])
    journal = opened()
    assert journal.rows.dirty()["orders"] == {"2"}
    assert journal.rows.dirty()["stock"] == {"A"}
    assert journal.rows.dirty()["lines"] == set()


def test_what_is_sold_and_not_gone_is_summed_by_code(opened: Callable[[], Journal]) -> None:
    journal = opened()

    def line(oid: str, minutes: int, **more: int) -> StockLine:
        at = START + timedelta(minutes=minutes)
        values = {"reserved": 0, "shipped": 0, "returned": 0, **more}
        return StockLine(oid=oid, tid="1", stock_code="A", shipped_at=at, returned_at=at, **values)

    lines = [
        line("1", 0, shipped=2),
        line("2", 10, shipped=3),
        line("3", 5, reserved=4),
        line("4", 10, returned=1),
    ]
    assert journal.mirror.put_stock_lines("1", lines) == {"A"}
    assert journal.mirror.put_stock_lines("1", lines) == set()  # nothing changed, nothing to work out
    assert (journal.mirror.reserved("A"), journal.mirror.reserved("B")) == (4, 0)
    assert journal.mirror.put_stock_lines("1", lines[:1]) == {"A"}
    assert journal.mirror.reserved("A") == 0


def test_skus_by_key_and_by_code(opened: Callable[[], Journal]) -> None:
    journal = opened()
    sku = Sku(
        num_iid="7",
        sku_id="71",
        outer_id="A",
        title="茶",
        sku_text="",
        price=Decimal("1.00"),
        quantity=5,
        status="onsale",
    )
    journal.mirror.put_sku(sku, "A")
    journal.mirror.bump_revision("71")
    journal.mirror.put_sku(sku, "B")
    known = journal.mirror.sku("71")
    assert known is not None
    assert (known.sku, known.stock_code, known.revision) == (sku, "B", 1)  # a revision is never counted back
    assert [one.sku for one in journal.mirror.skus_of_code("B")] == [sku]
    assert journal.mirror.skus_of_code("A") == []
    assert journal.mirror.sku("72") is None


def todo(code: str, *, event: bool = False, reason: str = "r") -> Todo:
    return Todo(
        code=code, subject="orders/1", table="orders", row_key="1", reason=reason, advice="a", event=event
    )


def test_to_dos_open_stay_and_are_solved(opened: Callable[[], Journal]) -> None:
    journal, now = opened(), START
    condition, event = todo("c"), todo("e", event=True)
    changed, new = journal.todos.settle(["orders/1"], [condition, event], now)
    assert (changed, new) == ({condition.todo_id, event.todo_id}, 2)
    assert journal.todos.settle(["orders/1"], [condition], now) == (set(), 0)
    assert journal.todos.open_count() == 2  # an event stays though nobody finds it again
    later = now + timedelta(hours=1)
    assert journal.todos.settle(["orders/1"], [], later) == ({condition.todo_id}, 0)
    assert journal.todos.get([condition.todo_id])[condition.todo_id].solved_at == later
    assert journal.todos.tick_off([condition.todo_id, event.todo_id], later) == {event.todo_id}
    assert journal.todos.open_count() == 0
    assert journal.todos.settle(["orders/1"], [condition], later) == ({condition.todo_id}, 1)  # it is back
    assert journal.todos.get([condition.todo_id])[condition.todo_id].since == later
    assert journal.todos.settle([], [todo("c", reason="other words")], later)[1] == 0
    assert journal.todos.open_subjects("orders/") == {"orders/1"}


def test_an_event_leaves_open_what_else_is_wrong_with_its_row(opened: Callable[[], Journal]) -> None:
    journal, condition, event = opened(), todo("c"), todo("e", event=True)
    journal.todos.settle(["orders/1"], [condition], START)
    assert journal.todos.settle([], [event], START) == ({event.todo_id}, 1)
    assert journal.todos.open_count() == 2


def test_history_is_kept_in_its_order(opened: Callable[[], Journal]) -> None:
    journal = opened()
    for n in range(3):
        journal.record(START, "put_back", {"n": str(n)})
    journal.record(START, "other", {})
    assert [doc["n"] for doc in opened().history("put_back")] == ["0", "1", "2"]


# -- files that will not do -----------------------------------------------------------------------------------------


def nonsense(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def other_tables(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE trades (something TEXT)")


def other_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '0' WHERE name = 'schema'")


def no_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE name = 'schema'")


@pytest.mark.parametrize("breaking", [nonsense, cut, other_tables, other_version, no_version])
def test_a_file_that_will_not_do_is_kept_and_a_new_one_begun(
    path: Path, breaking: Callable[[Path], None]
) -> None:
    path.parent.mkdir()
    journal, note = open_journal(path, START)
    assert note == ""
    fill(journal)
    journal.close()
    breaking(path)
    broken = path.read_bytes()
    journal, note = open_journal(path, START)
    with closing(journal):
        assert journal.moment("cursor") is None
        fill(journal)
    (kept,) = path.parent.glob("journal-*.sqlite")
    if breaking is other_tables:  # SQLite has taken it for a journal for a moment: nothing of it is lost
        assert any("something" in line for line in dump_all(kept))
    else:
        assert kept.read_bytes() == broken
    assert kept.name in note
    assert "\n" not in note
    journal, note = open_journal(path, START)
    with closing(journal):
        assert (note, journal.moment("cursor")) == ("", START)


def test_a_good_file_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    for _ in range(2):
        journal, note = open_journal(path, START)
        with closing(journal):
            assert note == ""
    assert [one.name for one in path.parent.iterdir()] == ["journal.sqlite"]


def test_what_is_set_aside_is_never_written_over(path: Path) -> None:
    path.parent.mkdir()
    names = []
    for n in range(3):
        path.write_text(f"{n}")
        path.with_name("journal.sqlite-wal").write_text(f"wal {n}")
        names.append(set_aside(path, START))
    assert len(set(names)) == 3
    for n, name in enumerate(names):
        assert path.with_name(name).read_text() == f"{n}"
        assert path.with_name(f"{name}-wal").read_text() == f"wal {n}"
    assert set_aside(path, START) == ""


def test_a_journal_that_cannot_be_opened_now_is_not_set_aside(path: Path) -> None:
    path.mkdir(parents=True)  # a folder stands in its place
    with pytest.raises(BusyError, match="打不开"):
        open_journal(path, START)
    assert path.is_dir()
