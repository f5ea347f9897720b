"""The contract over a Google spreadsheet, with a person in the same one; and what a call to Google may and may not repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_engine.sandbox.google.serve import ROBOT, GoogleSandbox
from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.google_desk import GoogleDesk, requests_of_tables
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


class TestLiveGoogle(StoreContract):
    @pytest.fixture
    def desk(
        self, sandbox: GoogleSandbox, requests: dict[Lang, list[dict[str, Any]]], tmp_path: Path
    ) -> Iterator[Desk]:
        yield GoogleDesk(sandbox, tmp_path, requests[Lang.ZH], Lang.ZH)
        sandbox.faults.clear()


class TestRaces:
    """Somebody sorts, inserts, deletes or types between our read and our write, which goes to rows by number."""

    @pytest.mark.parametrize("columns", [False, True])
    @pytest.mark.parametrize("seed", range(4))
    def test_put_right_in_the_same_tick(
        self, sandbox: GoogleSandbox, requests: dict[Lang, list[dict[str, Any]]], tmp_path: Path, seed: int, columns: bool
    ) -> None:  # fmt: skip
        desk = GoogleDesk(sandbox, tmp_path, requests[Lang.ZH], Lang.ZH, fresh=1e9)

        def slip(act: Callable[[], None]) -> None:
            sandbox.before("write", lambda *_: act())

        races = Races(desk, seed, slip, columns=columns)
        ledger = races.run(15)
        assert ledger.wrong == [] and ledger.met > 3


__all__ = ["ROBOT"]
