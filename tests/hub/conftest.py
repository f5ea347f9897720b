"""A hub over a journal that holds the shop of the table of cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from addin.hub.app import Hub, make_app
from addin.hub.guard import Door
from addin.hub.jobs import Job, Jobs, Run
from formulas.accounting.vouchers import ZERO, Line, Voucher
from sync_engine.billed import Billed
from sync_engine.clock import SystemClock
from sync_engine.journal.journal import Journal
from sync_engine.readmodel import ReadModel
from sync_engine.state import Step
from sync_engine.stores.port import SheetRow, row_digest
from tests.functions.cases import AS_OF, ROWS
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.tables import BILLS, BY_NAME

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
        journal.vouchers.add(posted())
        journal.bills.put(map(billed, ROWS["bills"]))
        journal.set_moment("cursor", AS_OF)
    return journal


def posted() -> list[Voucher]:
    """What the rows of 凭证 say, without those that are no postings."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in ROWS["postings"]:
        if not row["problem"]:
            found.setdefault(str(row["voucher"]), []).append(row)
    return [
        Voucher(
            period=int(name[:6]), number=int(name[7:]), on=rows[0]["on"], rule="manual", ref=name, memo=rows[0]["memo"],
            lines=tuple(Line(account=row["account"], debit=row.get("debit", ZERO), credit=row.get("credit", ZERO)) for row in rows),
        )
        for name, rows in found.items()
    ]  # fmt: skip


def billed(row: dict[str, Any]) -> Billed:
    """A row of 支付宝账单 as the journal's index has it."""
    amount = row.get("income", ZERO) - row.get("outgo", ZERO)
    return Billed(row_key(BILLS, row), row["account"], row["at"], amount, row["balance"], row["tid"], "", row["item"], row["log_id"])  # fmt: skip


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
