"""Syncs with a live LibreOffice while somebody sorts, inserts, deletes and types in the very rows that are being written.

python -m tests.stores.race_office [SYNCS] [SEED]
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sync_engine.stores.grid.port import Put
from sync_engine.stores.libreoffice.grid import OfficeGrid
from tests.stores.office_desk import Office, OfficeDesk, OfficePerson, running_office
from tests.stores.races import Ledger, Races
from workbook_templates.schema import Lang


class MetGrid(OfficeGrid):
    """A grid in whose next write somebody's act falls: before it, during it or right after it, as it happens."""

    act: Callable[[], None] | None = None
    delay = 0.0

    def put(self, puts: Sequence[Put]) -> Sequence[Put]:
        act, self.act = self.act, None
        if act is None:
            return super().put(puts)
        failed: list[BaseException] = []

        def late() -> None:
            try:
                time.sleep(self.delay)
                act()
            except BaseException as error:
                failed.append(error)

        person = threading.Thread(target=late)
        person.start()
        try:
            return super().put(puts)
        finally:
            person.join()
            if failed:
                raise failed[0]


class OfficeRaces(Races):
    """The judge takes one look for all cells."""

    def _judge(self) -> None:
        person = self.desk.person
        assert isinstance(person, OfficePerson)
        with person.looking():
            super()._judge()


def race(office: Office, folder: Path, syncs: int, seed: int, *, columns: bool = False) -> Ledger:
    """That many syncs over one document; half of them meet an act. The ledger says what is wrong afterwards."""
    desk = OfficeDesk(office, folder / f"race-{seed}.xlsx", Lang.ZH, grid=MetGrid)
    grid = desk.grid
    assert isinstance(grid, MetGrid)
    races = OfficeRaces(desk, seed, lambda act: None, columns=columns, both=True)

    def slip(act: Callable[[], None]) -> None:
        grid.act, grid.delay = act, races.random.choice((0.0, 0.0, 0.002, 0.005, 0.01, 0.02, 0.04))

    races.slip = slip
    try:
        return races.run(syncs)
    finally:
        desk.close()


def main(words: Sequence[str]) -> int:
    """Run and say how it went; 1 where a cell is wrong."""
    numbers = [int(word) for word in words if word.isdigit()]
    syncs, seed = (numbers + [200, 1][len(numbers) :])[:2]
    with tempfile.TemporaryDirectory() as room:
        start = time.perf_counter()
        with running_office(Path(room)) as office:
            ledger = race(office, Path(room), syncs, seed)
        said = {"syncs": syncs, "met": ledger.met, "keystrokes": ledger.keystrokes, "cells written": ledger.writes,
                "refused": ledger.refused, "wrong": ledger.wrong, "seconds": round(time.perf_counter() - start, 1)}  # fmt: skip
    print(json.dumps(said, ensure_ascii=False))
    return 1 if ledger.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
