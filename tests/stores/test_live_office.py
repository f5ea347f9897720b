"""The contract over a document that is open in a real LibreOffice, with a person in the same program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calc.office import missing
from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.office_desk import Office, OfficeDesk, running_office
from workbook_templates.schema import Lang

pytestmark = [pytest.mark.office, pytest.mark.xdist_group("live-office")]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """LibreOffice, headless; skips, saying so, where there is none with Python."""
    if why := missing():
        pytest.skip(f"LIVE LIBREOFFICE IS NOT HELD TO THE CONTRACT: {why}")
    with running_office(tmp_path_factory.mktemp("office")) as running:
        yield running


class TestLiveOffice(StoreContract):
    @pytest.fixture
    def desk(self, office: Office, tmp_path: Path) -> Iterator[Desk]:
        desk = OfficeDesk(office, tmp_path / "店铺.xlsx", Lang.ZH)
        yield desk
        desk.close()
