"""A day in a workbook that is open in a running LibreOffice, where the person types by the program's own dispatcher."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from sync_engine.stores.grid.port import Put
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.memory_cells import Raw
from tests.sim.hands import ProgramHands, rows_of
from tests.sim.sheets import Tables
from tests.stores.office_desk import OfficePerson, raw_of, running_office
from tests.stores.race_office import MetGrid
from tests.workbook.made import new_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES

DELAYS = (0.0, 0.0, 0.005, 0.02, 0.05)


class OfficeSide:
    """A LibreOffice of its own, the workbook open in it, the person, and our store at it."""

    def __init__(self, path: Path, shop: str, seed: int) -> None:
        self.path, self._random = path, Random(f"office:{seed}")
        self._act: Callable[[], None] | None = None
        new_workbook(path, Lang.ZH, shop=shop, protect=False)
        self._ends = ExitStack()
        room = Path(self._ends.enter_context(tempfile.TemporaryDirectory()))
        self.office = self._ends.enter_context(running_office(room))
        self.office.open(str(path), False)
        self.person = OfficePerson(self.office, Lang.ZH, TABLES)

    def store(self) -> GridStore:
        """Ours, as of a new process."""
        return GridStore(_Met(self))

    def meet(self) -> tuple[Callable[[], None] | None, float]:
        """What the person does within the write that begins now, and how far into it."""
        act, self._act = self._act, None
        return act, self._random.choice(DELAYS)

    def take(self) -> bytes:
        """The workbook as a file."""
        self.office.save()
        return self.path.read_bytes()

    def put_back(self, copied: bytes) -> None:
        """Close it, put a copy of before in its place, and open that."""
        self.office.close()
        self.path.write_bytes(copied)
        self.office.open(str(self.path), False)

    def close(self) -> None:
        """The program ends."""
        self.office.close()
        self._ends.close()

    def _slip(self, act: Callable[[], None]) -> None:
        self._act = act

    before_put = property(None, _slip)
    after_guards = property(None, _slip)
    after_put = property(None, _slip)


class _Met(MetGrid):
    """Our way into the document; the person's act falls into the next write."""

    def __init__(self, side: OfficeSide) -> None:
        super().__init__(side.path, side.office.engine)
        self._side = side

    def put(self, puts: Sequence[Put]) -> Sequence[Put]:
        self.act, self.delay = self._side.meet()
        return super().put(puts)


class OfficeHands(ProgramHands):
    """Hands at that workbook."""

    def __init__(self, side: OfficeSide) -> None:
        self.person, self._side = side.person, side

    def tables(self) -> Tables:
        return {table.name: rows_of(table, self._cells(table.name)) for table in TABLES}

    def _cells(self, table: str) -> list[list[Raw]]:
        return [[raw_of(cell) for cell in row] for row in self.person.cells(table)]

    def take(self) -> object:
        return self._side.take()

    def put_back(self, copied: bytes) -> None:
        self._side.put_back(copied)
