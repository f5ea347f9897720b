"""A sandbox for each test, gspread and raw requests at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gspread
import pytest

from sync_engine.sandbox.google.serve import ROBOT, GoogleSandbox
from sync_engine.sandbox.google.staff import Desk
from tests.google.client import Raw, connect


@pytest.fixture(scope="session")
def account_key() -> dict[str, str]:
    """One RSA key for all sandboxes of a run: making one takes a tenth of a second."""
    maker = GoogleSandbox()
    return {ROBOT: maker.tokens.key_of(ROBOT)}


@pytest.fixture
def sandbox(account_key: dict[str, str]) -> Iterator[GoogleSandbox]:
    with GoogleSandbox() as made:
        made.tokens.keys.update(account_key)
        yield made


@pytest.fixture
def client(sandbox: GoogleSandbox, tmp_path: Path) -> gspread.Client:
    """gspread as the robot."""
    return connect(sandbox, tmp_path)


@pytest.fixture
def raw(sandbox: GoogleSandbox) -> Raw:
    """Plain HTTP as the robot."""
    return Raw(sandbox)


@pytest.fixture
def book(sandbox: GoogleSandbox) -> str:
    """The id of a person's spreadsheet, which the robot may write."""
    return sandbox.create("店铺")


@pytest.fixture
def desk(sandbox: GoogleSandbox, book: str) -> Desk:
    """A person at that spreadsheet."""
    return sandbox.staff.open(book)


@pytest.fixture
def spreadsheet(client: gspread.Client, book: str) -> gspread.Spreadsheet:
    """The same spreadsheet through gspread."""
    return client.open_by_key(book)


@pytest.fixture
def tab(spreadsheet: gspread.Spreadsheet) -> gspread.Worksheet:
    """Its first tab."""
    return spreadsheet.sheet1
