"""The engine works in the file while nobody has it open, and through the program while somebody has."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync_engine.stores.choosing import LiveOrFile
from sync_engine.stores.grid.port import GridBusy
from sync_engine.stores.memory import MemoryStore
from sync_engine.stores.port import RowEdit
from tests.stores.grid_desk import LittlePerson, LittleProgram
from tests.stores.tables import CONTRACT_TABLES
from workbook_templates.schema import Lang

KEY = "2912345678901234567"


class Program(LittleProgram):
    """A program that can be closed, and stores what it holds into the file."""

    def __init__(self, file: MemoryStore) -> None:
        super().__init__(CONTRACT_TABLES, Lang.ZH)
        self.file, self.open, self.saved, self.silent = file, True, 0, False

    def is_open(self) -> bool:
        if self.silent:
            raise GridBusy("没有回应 / no answer")
        return self.open

    def save(self) -> bool:
        self.saved += 1
        return True

    def close(self) -> None:
        """Nothing to let go of."""

    def contents(self):  # type: ignore[no-untyped-def]
        if not self.open:
            raise GridBusy("刚关闭 / just closed")
        return super().contents()


class Table:
    """A file, a program, and the store that chooses."""

    def __init__(self) -> None:
        self.file = MemoryStore(CONTRACT_TABLES)
        self.program = Program(self.file)
        self.person = LittlePerson(self.program)
        self.held, self.asked = False, 0
        self.store = LiveOrFile(
            Path("店铺.xlsx"), self.file, lambda: self.held, (self.find,), tables=CONTRACT_TABLES
        )

    def find(self, path: Path) -> Program | None:
        self.asked += 1
        return self.program if self.program.open else None

    def add(self, key: str) -> object:
        token = self.store.read({}).token
        return self.store.write(
            [RowEdit(table="items", key=key, cells={"item_id": key, "title": "t"}, new=True)], token
        )


@pytest.fixture
def table() -> Table:
    return Table()


def test_nobody_is_looked_for_while_nobody_holds_the_file(table: Table) -> None:
    table.add(KEY)
    assert table.file.keys("items") == [KEY] and table.asked == 0


def test_what_is_open_is_written_there_and_stored(table: Table) -> None:
    table.held = True
    table.add(KEY)
    assert table.person.keys("items") == [KEY] and table.file.keys("items") == [] and table.program.saved == 1


def test_nothing_written_nothing_stored(table: Table) -> None:
    table.held = True
    table.add(KEY)
    table.store.write([RowEdit(table="items", key="9", cells={"title": "x"})], table.store.read({}).token)
    assert table.program.saved == 1


def test_closed_between_read_and_write_waits_for_the_file(table: Table) -> None:
    table.held = True
    token = table.store.read({}).token
    table.program.open = table.held = False
    edit = RowEdit(table="items", key=KEY, cells={"item_id": KEY}, new=True)
    report = table.store.write([edit], token)
    assert report.pending and table.file.keys("items") == []
    table.add(KEY)
    assert table.file.keys("items") == [KEY]


@pytest.mark.parametrize("silent", [False, True])
def test_a_program_that_went_away_is_let_go(table: Table, silent: bool) -> None:
    table.held = True
    table.store.read({})
    table.program.silent, table.program.open, table.held = silent, False, False
    table.add(KEY)
    assert table.file.keys("items") == [KEY]


def test_back_and_forth_says_the_same(table: Table) -> None:
    """Equal rows have equal fingerprints on both sides: a change of sides is no change of the sheet."""
    table.add(KEY)
    table.person.insert("items", -1, {"item_id": KEY, "title": "t"})
    known = {row.key: row.digest for row in table.store.read({}).tables["items"].changed}
    for turn in range(50):
        table.held = turn % 2 == 0
        table.program.open = table.held
        assert table.store.read({"items": known}).tables["items"].quiet
