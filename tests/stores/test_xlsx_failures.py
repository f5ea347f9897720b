"""The xlsx store where disk and people get in its way, and on the real workbook."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.clock import SHANGHAI
from sync_engine.errors import UserError, WorkbookError
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from tests.stores.lint import lint
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import XlsxDesk, make_book
from tests.workbook.made import new_workbook
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.tables import TABLES


@pytest.fixture
def desk(tmp_path: Path) -> XlsxDesk:
    desk = XlsxDesk(
        tmp_path, CONTRACT_TABLES, Lang.ZH, lambda path: make_book(path, CONTRACT_TABLES, Lang.ZH)
    )
    desk.add("items", "A", title="alt")
    return desk


def failing(error: OSError) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail


def test_a_file_that_cannot_be_replaced_is_pending_and_not_remembered(
    desk: XlsxDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing(PermissionError(errno.EACCES, "held")))
        report = desk.write(
            RowEdit(table="items", key="A", cells={"title": "neu"}),
            RowEdit(table="items", key="B", cells={"item_id": "B"}, new=True),
        )
    assert report.pending and not report.written
    assert desk.cell("items", "A", "title") == "alt" and desk.person.keys("items") == ["A"]
    assert [row.key for row in desk.view("items").changed] == ["A"]
    assert desk.put("items", "A", title="neu").written
    desk.add("items", "B")
    assert desk.person.keys("items") == ["A", "B"] and lint(desk.path) == []


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_file_and_the_memory_as_they_were(
    desk: XlsxDesk, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = desk.path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(OSError(errno.ENOSPC, "no space left")))
        with pytest.raises((OSError, UserError)):  # the caller hears of it
            desk.put("items", "A", title="neu")
    assert desk.path.read_bytes() == before
    assert not [path for path in desk.path.parent.iterdir() if path.suffix == ".tmp"]
    assert desk.cell("items", "A", "title") == "alt"
    assert desk.put("items", "A", title="neu").written and desk.cell("items", "A", "title") == "neu"


def test_a_person_who_saves_while_we_write_loses_nothing(
    desk: XlsxDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, saved = os.fsync, list[int]()

    def save_meanwhile(handle: int) -> None:
        real(handle)
        if not saved:
            saved.append(1)
            desk.person.type("items", "A", "note", "genau jetzt")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", save_meanwhile)
        report = desk.write(RowEdit(table="items", key="A", cells={"title": "neu"}, expect={"title": "alt"}))
    assert report.pending or report.written[0].row.cells["note"] == "genau jetzt"
    assert desk.cell("items", "A", "note") == "genau jetzt"
    assert desk.cell("items", "A", "title") == ("alt" if report.pending else "neu")


def test_a_missing_workbook_is_one_sentence(tmp_path: Path) -> None:
    store = XlsxStore(tmp_path / "店铺.xlsx", tmp_path / "cache")
    with pytest.raises(WorkbookError, match="店铺"):
        store.read({})


def test_a_cache_that_is_rubbish_is_no_cache(desk: XlsxDesk) -> None:
    for file in desk.cache.glob("*"):
        file.write_bytes(b"\x00not json")
    store = XlsxStore(desk.path, desk.cache, tables=CONTRACT_TABLES)
    assert [row.key for row in store.read({}).tables["items"].changed] == ["A"]


def test_the_cache_of_another_file_tells_nothing_of_this_one(desk: XlsxDesk, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    make_book(other, CONTRACT_TABLES, Lang.ZH)
    store = XlsxStore(other, desk.cache, tables=CONTRACT_TABLES)
    known = desk.digests()
    assert store.read(known).tables["items"].gone == ("A",)


@pytest.mark.parametrize("lang", list(Lang))
def test_the_real_workbook(tmp_path: Path, lang: Lang) -> None:
    """Every table of the shop's workbook takes a full row, is quiet afterwards, and stays a sound file."""
    path = tmp_path / "店铺.xlsx"
    new_workbook(path, lang)
    store = XlsxStore(path, tmp_path / "cache", lang=lang)
    first = store.read({})
    assert all(view.usable and not view.faults for view in first.tables.values())
    edits = [
        RowEdit(table=t.name, key=row_key(t, cells), cells=cells, new=True)
        for t in TABLES
        for cells in [full_row(t.name)]
    ]
    report = store.write(edits, first.token)
    assert not report.refused and not report.pending and len(report.written) == len(TABLES)
    known = {
        name: {row.key: row.digest for row in view.changed} for name, view in store.read({}).tables.items()
    }
    for fresh in (
        store,
        XlsxStore(path, tmp_path / "cache", lang=lang),
        XlsxStore(path, tmp_path / "none", lang=lang),
    ):
        assert all(view.quiet for view in fresh.read(known).tables.values())
    assert lint(path) == []


def full_row(name: str) -> dict[str, Value]:
    table = next(table for table in TABLES if table.name == name)
    samples: dict[str, Value] = {
        "id": "0012", "text": "=恶意()", "money": Decimal("188320.00"), "number": Decimal("0.125"), "count": 3,
        "time": datetime(2026, 11, 11, tzinfo=SHANGHAI), "tick": True,
    }  # fmt: skip
    cells = {c.name: c.choices[0].name if c.choices else samples[c.kind.value] for c in table.columns}
    return {**cells, table.key[0]: "2912345678901234567"}
