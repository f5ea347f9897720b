"""The contract over a workbook that is open in Excel: the one in little, which behaves as the facts say the real one does.

`python -m tests.stores.real_excel` holds the same contract against a real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.excel_desk import ExcelDesk
from tests.stores.excel_engine import running
from tests.stores.excel_program import Program
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
