"""A hub over a journal that holds the shop of the table of cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from addin.hub.app import Hub, make_app
from addin.hub.guard import Door
from addin.hub.jobs import Job, Jobs, Run
from sync_engine.clock import SystemClock
from sync_engine.journal.journal import Journal
from sync_engine.readmodel import ReadModel
from sync_engine.state import Step
from sync_engine.stores.port import SheetRow, row_digest
from tests.functions.cases import AS_OF, ROWS
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.tables import BY_NAME

PORT, TOKEN = 8765, "t" * 64
HOST = f"127.0.0.1:{PORT}"


def settled(table: str, cells: dict[str, Value]) -> SheetRow:
    """A row as a tick leaves it in the journal."""
    full = {column.name: cells.get(column.name) for column in BY_NAME[table].columns}
    return SheetRow(key=row_key(BY_NAME[table], full), cells=full, digest=row_digest(full))


def make_journal(path: Path) -> Journal:
    """A journal with the shop of the cases."""
    journal = Journal(path, AS_OF)
    with journal.transaction():
        for table, rows in ROWS.items():
            journal.rows.put(table, [settled(table, row) for row in rows])
        journal.set_moment("cursor", AS_OF)
    return journal


def nothing(job: Job, told: Callable[[Step], None]) -> tuple[bool, str]:
    """A command that does nothing."""
    told(Step.READ)
    return True, f"done {job.command} {job.argument}".strip()


def client(
    model: ReadModel, run: Run = nothing, *, lang: Lang = Lang.ZH, a_second: int = 10_000
) -> TestClient:
    """A client that knows the token."""
    hub = Hub(
        shop="测试店", lang=lang, door=Door(port=PORT, token=TOKEN, origins=frozenset({"https://addin.example"}), a_second=a_second),
        model=model, jobs=Jobs(run, lang), clock=SystemClock(),
    )  # fmt: skip
    return TestClient(make_app(hub), base_url=f"http://{HOST}", headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """The journal of the cases, open as a watch holds it."""
    return make_journal(tmp_path / "journal.sqlite")


@pytest.fixture
def model(tmp_path: Path, journal: Journal) -> ReadModel:
    """A read model beside it."""
    return ReadModel(tmp_path / "journal.sqlite", Lang.ZH)
