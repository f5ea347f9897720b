"""The rules above every running program, held to the contract over the simplest program there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.grid_desk import LittleDesk
from tests.stores.races import Races
from workbook_templates.schema import Lang


class TestGrid(StoreContract):
    @pytest.fixture(params=[Lang.ZH, Lang.EN], ids=str)
    def desk(self, request: pytest.FixtureRequest) -> Desk:
        return LittleDesk(request.param)


class TestRaces:
    """Somebody works in the rows that are being written."""

    @pytest.mark.parametrize("seed", range(12))
    def test_guarded_writes_never_land_elsewhere(self, seed: int) -> None:
        desk = LittleDesk(Lang.ZH)

        def slip(act: Callable[[], None]) -> None:
            desk.program.before_put = act

        ledger = Races(desk, seed, slip).run(25)
        assert ledger.wrong == [] and ledger.met > 5 and ledger.keystrokes > 5

    @pytest.mark.parametrize("columns", [False, True])
    @pytest.mark.parametrize("seed", range(12))
    def test_what_went_astray_is_put_right_in_the_same_write(self, seed: int, columns: bool) -> None:
        """The act comes after the guards were looked at: only looking again can tell."""
        desk = LittleDesk(Lang.ZH)

        def slip(act: Callable[[], None]) -> None:
            desk.program.after_guards = act

        ledger = Races(desk, seed, slip, columns=columns).run(25)
        assert ledger.wrong == [] and ledger.met > 5
