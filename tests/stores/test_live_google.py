"""The contract over a Google spreadsheet, with a person in the same one; and what a call to Google may and may not repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync_engine.errors import NotSent
from sync_engine.sandbox.google.faults import AFTER
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.stores.google.calls import TRIES, Bucket
from sync_engine.stores.google.keeping import TAB, Batch
from sync_engine.stores.port import RowEdit
from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.google_desk import GoogleDesk, StillPace, requests_of_tables
from tests.stores.races import Races
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang


@pytest.fixture(scope="module")
def sandbox() -> Iterator[GoogleSandbox]:
    with GoogleSandbox() as running:
        yield running


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> dict[Lang, list[dict[str, Any]]]:
    """What makes a spreadsheet of the contract's workbook."""
    found = {}
    for lang in Lang:
        path = tmp_path_factory.mktemp("book") / "book.xlsx"
        make_book(path, CONTRACT_TABLES, lang)
        found[lang] = requests_of_tables(path, lang, CONTRACT_TABLES)
    return found


def row(key: str, title: str) -> RowEdit:
    return RowEdit(table="items", key=key, cells={"item_id": key, "title": title}, new=True)


def titles(typed: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    return ((key, "title", text) for key, text in typed.items())


def _end() -> None:
    raise KeyboardInterrupt


class TestLiveGoogle(StoreContract):
    @pytest.fixture
    def desk(
        self, sandbox: GoogleSandbox, requests: dict[Lang, list[dict[str, Any]]], tmp_path: Path
    ) -> Iterator[Desk]:
        yield GoogleDesk(sandbox, tmp_path, requests[Lang.ZH], Lang.ZH)
        sandbox.faults.clear()


class TestRaces:
    """Somebody sorts, inserts, deletes or types between our read and our write, which goes to rows by number."""

    @pytest.mark.parametrize("over", [False, True], ids=["", "typed over"])
    @pytest.mark.parametrize("columns", [False, True])
    @pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
    def test_put_right_in_the_same_tick(
        self, sandbox: GoogleSandbox, requests: dict[Lang, list[dict[str, Any]]], tmp_path: Path, seed: int, columns: bool, over: bool
    ) -> None:  # fmt: skip
        """Where cells of ours are typed over between read and write, what was typed comes back."""
        desk = GoogleDesk(sandbox, tmp_path, requests[Lang.ZH], Lang.ZH, fresh=1e9)

        def slip(act: Callable[[], None]) -> None:
            sandbox.before("write", lambda *_: act())

        ledger = Races(desk, seed, slip, columns=columns, over=over, both=not over).run(25 if over else 15)
        assert ledger.wrong == [] and ledger.met > 3 and (ledger.over > 20) == over

    @pytest.mark.parametrize("at", range(7))
    def test_mending_that_meets_an_inserted_row_itself(
        self, sandbox: GoogleSandbox, requests: dict[Lang, list[dict[str, Any]]], tmp_path: Path, at: int
    ) -> None:
        """A row moves under our write, and another one under what puts that right: an old value lands in an empty row."""
        desk = GoogleDesk(sandbox, tmp_path, requests[Lang.ZH], Lang.ZH, fresh=1e9)
        desk.store.write([new(n) for n in range(6)], desk.store.read({}).token)
        keys = desk.person.keys("items")

        def first(_: object) -> None:
            desk.person.insert("items", 0, {})
            sandbox.before("write", lambda _: desk.person.insert("items", at, {}))

        edits = [RowEdit(table="items", key=keys[n], cells={"title": f"e{n}"}) for n in (2, 5)]
        token = desk.store.read({}).token
        sandbox.before("write", first)
        report = desk.store.write(edits, token)
        assert len(report.written) == 2
        assert desk.person.keys("items") == keys
        shown = [desk.person.sees("items", key, "title") for key in keys]
        assert shown == ["t0", "t1", "e2", "t3", "t4", "e5"]


@pytest.fixture
def desk(
    sandbox: GoogleSandbox, requests: dict[Lang, list[dict[str, Any]]], tmp_path: Path
) -> Iterator[GoogleDesk]:
    yield GoogleDesk(sandbox, tmp_path, requests[Lang.ZH], Lang.ZH)
    sandbox.faults.clear()


def new(number: int) -> RowEdit:
    key = f"{2026000000000000000 + number}"
    return RowEdit(table="items", key=key, cells={"item_id": key, "title": f"t{number}"}, new=True)


def calls_since(sandbox: GoogleSandbox, start: int) -> list[str]:
    return [call.name.rpartition(".")[2] for call in sandbox.log.calls[start:] if not call.staff]


class TestCalls:
    """Judged by the log of the other side."""

    @pytest.mark.parametrize("rows", [1, 100, 2000])
    def test_a_tick_costs_the_same_calls_whatever_the_number_of_rows(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, rows: int
    ) -> None:
        desk.store.write([new(n) for n in range(rows)], desk.store.read({}).token)
        desk.store._fresh = 1e9  # a quick tick
        start = len(sandbox.log.calls)
        known = desk.store.read({}).tables["items"].changed
        edits = [RowEdit(table="items", key=row.key, cells={"price": Decimal("1.5")}) for row in known]
        report = desk.store.write(edits, desk.store._token)
        assert len(report.written) == rows
        assert calls_since(sandbox, start) == ["get", "batchUpdate"]

    def test_a_large_payload_goes_in_chunks(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.store.write([new(n) for n in range(40)], desk.store.read({}).token)
        monkeypatch.setattr("sync_engine.stores.google.store.PAYLOAD", 6000)
        sizes: list[int] = []
        request = desk.calls.request

        def weighed(method: str, endpoint: str, **more: Any) -> Any:
            sizes.append(len(json.dumps(more.get("json"), ensure_ascii=False).encode()))
            return request(method, endpoint, **more)

        monkeypatch.setattr(desk.calls, "request", weighed)
        keys = desk.person.keys("items")
        edits = [RowEdit(table="items", key=key, cells={"title": "长" * 50}) for key in keys]
        edits += [new(n) for n in range(100, 120)]
        token, sizes[:] = desk.store.read({}).token, []
        report = desk.store.write(edits, token)
        assert len(report.written) == 60 and not report.refused
        assert {desk.person.sees("items", key, "title") for key in keys} == {"长" * 50}
        assert desk.person.keys("items") == [*keys, *(new(n).key for n in range(100, 120))]
        assert 5 < len(sizes) < 20 and max(sizes) <= 6000 + 600, "a header's row goes along with each"

    @pytest.mark.parametrize("kind", ["429", "503"])
    def test_a_read_is_repeated(self, sandbox: GoogleSandbox, desk: GoogleDesk, kind: str) -> None:
        sandbox.faults.add(kind, "read", next=2)
        assert desk.store.read({}).tables["items"].usable
        assert desk.pace.waited > 0

    def test_a_read_is_repeated_some_times_and_no_more(
        self, sandbox: GoogleSandbox, desk: GoogleDesk
    ) -> None:
        sandbox.faults.add("429", "read", next=1000)
        start = len(sandbox.log.calls)
        with pytest.raises(NotSent):
            desk.store.read({})
        assert len(sandbox.log.calls) - start == TRIES and desk.pace.waited < 120

    def test_a_write_that_was_turned_away_is_repeated(self, sandbox: GoogleSandbox, desk: GoogleDesk) -> None:
        sandbox.faults.add("429", "write", next=2)
        desk.add("items", "1001")
        assert desk.person.keys("items") == ["1001"]

    @pytest.mark.parametrize("kind", sorted(AFTER))
    def test_a_write_whose_answer_is_lost_is_never_repeated(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, kind: str
    ) -> None:
        """It was done, and nobody told us: a second row of the same order would be the worst that can happen."""
        sandbox.faults.add(kind, "write", seconds=0.0)
        start = len(sandbox.log.calls)
        report = desk.write(new(1))
        assert [at.row.key for at in report.written] == [new(1).key] or report.pending
        assert calls_since(sandbox, start).count("batchUpdate") == 1
        desk.pace.at += 1000
        again = desk.write(new(1)) if report.pending else report
        assert desk.person.keys("items") == [new(1).key], again

    def test_an_answer_that_does_not_show_the_write_counts_as_lost(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody sorted under it, and nothing in the answer could tell."""
        for key, title in (("1001", "c"), ("1002", "a"), ("1003", "b")):
            desk.add("items", key, title=title, price=Decimal(1))
        desk.store._fresh = 1e9
        asked = desk.store._batch_update
        monkeypatch.setattr(
            desk.store,
            "_batch_update",
            lambda body: {tab: page for tab, page in asked(body).items() if tab != TAB},
        )
        token = desk.store.read({}).token
        sandbox.before("write", lambda *_: desk.person.sort("items", "title"))
        report = desk.store.write([RowEdit(table="items", key="1001", cells={"price": Decimal(7)})], token)
        assert not report.written, "it stands in another row"
        monkeypatch.undo()
        desk.store.read({})
        assert {
            key: desk.person.sees("items", key, "price") for key in desk.person.keys("items")
        } == dict.fromkeys(("1001", "1002", "1003"), 1)

    @pytest.mark.parametrize("later", [False, True])
    @pytest.mark.parametrize("kind", sorted(AFTER))
    def test_what_was_typed_under_a_write_comes_back_though_its_answer_is_lost(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, kind: str, later: bool
    ) -> None:
        """Also where for a while nothing is answered at all."""
        desk.store._fresh = 1e9
        for key in ("1001", "1002", "1003"):
            desk.add("items", key, title="t", price=Decimal(1))
        keys = desk.person.keys("items")
        for round_, typed in enumerate(("旧的", "新的")):
            token = desk.store.read({}).token
            sandbox.before("write", lambda *_, typed=typed: desk.person.type("items", "1002", "title", typed))
            sandbox.faults.add(kind, "write", seconds=0.0)
            if later:
                sandbox.faults.add("503", "read", next=TRIES)
            edits = [RowEdit(table="items", key=key, cells={"title": f"e{round_}"}) for key in keys]
            desk.store.write(edits, token)
            desk.store.read({})
            shown = [desk.person.sees("items", key, "title") for key in keys]
            assert shown == [f"e{round_}", typed, f"e{round_}"]

    @pytest.mark.parametrize("kind", ["500", "500_after", "cut", "cut_after"])
    def test_what_was_typed_comes_back_though_giving_it_back_fails_too(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, kind: str
    ) -> None:
        """Reading then says in a sentence that Google does not answer, writing waits, and the next sync gives it back."""
        desk.store._fresh = 1e9
        desk.add("items", "1001", title="t")
        token = desk.store.read({}).token

        def type_(*_: object) -> None:
            desk.person.type("items", "1001", "title", "旧的")
            sandbox.faults.add(kind, "write", next=2)

        sandbox.before("write", type_)
        edit = RowEdit(table="items", key="1001", cells={"title": "neu"})
        assert desk.store.write([edit], token).written
        if kind.endswith("after"):  # it stands there, only nobody told us
            assert desk.person.sees("items", "1001", "title") == "旧的"
        else:
            with pytest.raises(NotSent, match=r"^Google 表格: 没有回应,这次没有同步"):
                desk.store.read({})
            sandbox.faults.add(kind, "write")
            assert "没有回应" in desk.store.write([edit], token).pending
        sandbox.faults.clear()
        desk.store.read({})
        assert desk.person.sees("items", "1001", "title") == "旧的"

    @pytest.mark.parametrize("moved", [False, True])
    def test_what_a_write_found_outlives_the_process_that_sent_it(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, moved: bool
    ) -> None:
        """Scattered rows and rows side by side, found again by key; told once, and not after somebody changed the hidden tab."""
        keys = [f"1{n:03}" for n in range(9)]
        for key in keys:
            desk.add("items", key, title=f"t{key}", price=Decimal(1))
        desk.store._fresh = 1e9
        token = desk.store.read({}).token
        sandbox.before("write", lambda *_: desk.person.type("items", keys[1], "title", "旧的"))
        edits = [
            RowEdit(table="items", key=key, cells={"title": "neu", "pieces": 7})
            for key in keys[:4] + keys[6:7]
        ]
        body = desk.store._changed
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk.store, "_changed", lambda *given: [body(*given), _end()])
            with pytest.raises(KeyboardInterrupt):
                desk.store.write(edits, token)
        if moved:
            desk.person.sort("items", "title")
        desk.reopen()
        stood = {key: f"t{key}" for key in keys[:4] + keys[6:7]} | {keys[1]: "旧的"}
        assert desk.store.read({}).last_found == {
            ("items", key): {"title": title, "pieces": None} for key, title in stood.items()
        }
        assert desk.store.read({}).last_found == {}
        for text in ("", "[[", '[["items",1,["title"],[[1,1]]]]', '[["gone",1,["title"],[[1,1,1]]]]'):
            desk.calls.values_update(
                desk.file, f"'{TAB}'!B1", {"valueInputOption": "RAW"}, {"values": [[text]]}
            )
            desk.reopen()
            assert desk.store.read({}).last_found == {}

    @pytest.mark.parametrize("calls", [1, 2, 3])
    def test_so_does_what_each_call_of_a_large_write_found(
        self, sandbox: GoogleSandbox, desk: GoogleDesk, monkeypatch: pytest.MonkeyPatch, calls: int
    ) -> None:
        """The process ends after so many of its calls; a smaller write afterwards leaves nothing of it behind."""
        monkeypatch.setattr("sync_engine.stores.google.store.PAYLOAD", 4000)
        keys = [f"1{n:03}" for n in range(30)]
        desk.write(*(row(key, f"t{key}") for key in keys))
        desk.store._fresh = 1e9
        token = desk.store.read({}).token
        typed = {keys[2 * n]: f"旧的{n}" for n in range(15)}
        sandbox.before("write", lambda *_: [desk.person.type("items", *at) for at in titles(typed)])
        done: list[Batch] = []

        def send(batch: Batch, images: Any, send: Any = desk.store._changed) -> Any:
            done.append(batch)
            return [send(batch, images), len(done) == calls and _end()][0]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk.store, "_changed", send)
            with pytest.raises(KeyboardInterrupt):
                desk.store.write(
                    [RowEdit(table="items", key=key, cells={"title": "长" * 30}) for key in keys], token
                )
        hit = [keys[put.row - 2] for batch in done for put in batch.puts]
        assert len(done) == calls and calls <= len(hit) < 30
        desk.reopen()
        assert desk.store.read({}).last_found == {
            ("items", key): {"title": typed.get(key, f"t{key}")} for key in hit
        }
        desk.put("items", keys[0], title="end")
        desk.reopen()
        assert list(desk.store.read({}).last_found) == [("items", keys[0])]

    def test_a_row_that_may_still_arrive_waits(self, sandbox: GoogleSandbox, desk: GoogleDesk) -> None:
        """Nothing stands there, but the call may be on its way: it is sent again only when it cannot be any more."""
        sandbox.faults.add("500", "write")
        assert desk.write(new(1)).pending
        start = len(sandbox.log.calls)
        report = desk.write(new(1))
        assert [one.why for one in report.refused] == ["changed"] and "batchUpdate" not in calls_since(
            sandbox, start
        )
        desk.pace.at += 300
        assert desk.write(new(1)).written and desk.person.keys("items") == [new(1).key]

    def test_a_row_that_gets_its_number_and_more_in_one_write(
        self, sandbox: GoogleSandbox, desk: GoogleDesk
    ) -> None:
        """It is found where it was meant to be, though its row does not look as it did any more: one call, and no second look."""
        desk.person.insert("rules", 0, {"title": "begun"})
        desk.store._fresh = 1e9
        (row,) = desk.store.read({}).tables["rules"].keyless
        start = len(sandbox.log.calls)
        report = desk.store.write(
            [
                RowEdit(table="rules", key="R1", cells={"rule_id": "R1"}, match=row.cells),
                RowEdit(table="rules", key="R1", cells={"problem": "look here"}, expect={"problem": None}),
            ],
            desk.store._token,
        )
        assert [at.row.key for at in report.written] == ["R1"] and not report.refused
        assert calls_since(sandbox, start) == ["batchUpdate"]
        assert desk.person.sees("rules", "R1", "problem") == "look here"

    def test_revoked_access_is_a_sentence(self, sandbox: GoogleSandbox, desk: GoogleDesk) -> None:
        desk.add("items", "1001")
        sandbox.faults.add("revoked", "write", next=10)
        report = desk.put("items", "1001", title="x")
        assert "共享" in report.pending and desk.person.sees("items", "1001", "title") is None

    def test_the_bucket_lets_a_minute_s_calls_through(self) -> None:
        pace = StillPace()
        bucket = Bucket(pace, 60)
        for _ in range(60):
            bucket.take()
        assert pace.waited == 0
        for _ in range(30):
            bucket.take()
        assert 29 <= pace.waited <= 30

    def test_an_answer_lost_in_a_race_is_cleared_up_at_the_next_read(
        self, sandbox: GoogleSandbox, desk: GoogleDesk
    ) -> None:
        """The write met a sort, and its answer never came: what stands in the wrong rows is taken back."""
        desk.store._fresh = 1e9
        for key, title in (("1001", "c"), ("1002", "a"), ("1003", "b")):
            desk.add("items", key, title=title, price=Decimal(1))
        token = desk.store.read({}).token
        sandbox.before("write", lambda *_: desk.person.sort("items", "title"))
        sandbox.faults.add("503_after", "write")
        edits = [RowEdit(table="items", key="1001", cells={"price": Decimal(7)})]
        desk.store.write(edits, token)
        desk.store.read({})
        prices = {key: desk.person.sees("items", key, "price") for key in desk.person.keys("items")}
        assert prices["1002"] == prices["1003"] == 1 and prices["1001"] in (1, 7)
