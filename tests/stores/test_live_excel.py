"""The contract over a workbook that is open in Excel: the one in little, which behaves as the facts say the real one does.

`python -m tests.stores.real_excel` holds the same contract against a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sync_engine.stores.choosing import LiveOrFile
from sync_engine.stores.excel.grid import find_open
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.locks import open_elsewhere
from sync_engine.stores.xlsx.store import XlsxStore
from tests.conftest import Counted
from tests.stores.contract import StoreContract
from tests.stores.contract_values import OTHER, TID
from tests.stores.desk import Desk
from tests.stores.excel_desk import ExcelDesk
from tests.stores.excel_engine import running
from tests.stores.excel_program import SETTINGS, Program
from tests.stores.races import Races
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang


@pytest.fixture
def program() -> Iterator[Program]:
    program = Program()
    with running(program):
        yield program


class TestLiveExcel(StoreContract):
    @pytest.fixture(params=[Lang.ZH, Lang.EN], ids=str)
    def desk(self, program: Program, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
        return ExcelDesk(program, tmp_path, request.param)


class TestRaces:
    """Somebody works in the rows that are being written, at any call of ours; keys wait while we write."""

    @pytest.mark.parametrize("seed", range(6))
    def test_no_keystroke_is_lost_and_no_cell_is_wrong(
        self, program: Program, tmp_path: Path, seed: int, counted: Counted
    ) -> None:
        desk = ExcelDesk(program, tmp_path, Lang.ZH)
        races = Races(desk, seed, lambda act: None)

        def slip(act: Callable[[], None]) -> None:
            program.at = {program.count + races.random.randrange(1, 90): act}

        races.slip = slip
        ledger = races.run(20)
        assert ledger.wrong == [] and ledger.met > 4 and ledger.keystrokes > 4
        assert program.settings == SETTINGS
        counted({"syncs that met a person": ledger.met})


def test_from_the_file_into_excel_and_back(program: Program, tmp_path: Path) -> None:
    """The engine says nowhere which: it looks who has the file."""
    path = tmp_path / "店铺.xlsx"
    make_book(path, CONTRACT_TABLES, Lang.ZH)
    store = LiveOrFile(
        path,
        XlsxStore(path, tmp_path, tables=CONTRACT_TABLES),
        lambda: bool(open_elsewhere(path, Lang.ZH)),
        (lambda workbook: find_open(workbook, notes=tmp_path),),
        tables=CONTRACT_TABLES,
    )

    def add(key: str) -> None:
        token = store.read({}).token
        edit = RowEdit(table="items", key=key, cells={"item_id": key, "title": "=1+1"}, new=True)
        assert not store.write([edit], token).pending

    def keys() -> list[str]:
        return [row.key for row in store.read({}).tables["items"].changed]

    add(TID)
    before = path.read_bytes()
    book = program.open(path)
    known = {row.key: row.digest for row in store.read({}).tables["items"].changed}
    assert list(known) == [TID] and path.read_bytes() == before
    add(OTHER)
    assert (
        book.saved
        and not program.undo
        and [row[0].value for row in load_workbook(path)["货品"]][1:3] == [TID, OTHER]
    )
    program.close(book)
    assert keys() == [TID, OTHER]
    digests = {row.key: row.digest for row in store.read({}).tables["items"].changed}
    assert digests[TID] == known[TID], "a change of sides is no change of the sheet"
