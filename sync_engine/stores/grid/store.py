"""A workbook in a running program as a SheetStore: read whole, decide on the image, write by guarded cells, look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sync_engine.stores.grid.claim import claim, room, unsaid
from sync_engine.stores.grid.edits import Plan, Planned, plan
from sync_engine.stores.grid.image import Image, Readings, find_tab, image_of, missing
from sync_engine.stores.grid.mend import cells_of, misdirected, overwritten
from sync_engine.stores.grid.port import Contents, Grid, GridBusy, Page, Put
from sync_engine.stores.memory import view_of
from sync_engine.stores.memory_cells import Raw
from sync_engine.stores.memory_sheet import Sheet
from sync_engine.stores.port import (
    Refusal,
    RowEdit,
    SheetRow,
    SheetRowAt,
    Snapshot,
    WriteReport,
    row_digest,
    same,
)
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import TABLES

ROUNDS = 5
"""Mending may meet the next sort; who sorts five times within a second wins, and the next tick puts it right."""


class GridStore:
    """See `SheetStore`. People go on working in the program meanwhile."""

    def __init__(self, grid: Grid, *, tables: tuple[Table, ...] = TABLES, lang: Lang = Lang.ZH) -> None:
        self._grid, self._tables, self._lang = grid, tables, lang
        self._readings = {table.name: Readings() for table in tables}
        self._states: dict[str, int] = {}

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """See `SheetStore.read`. GridBusy where the program takes no questions now."""
        images = self._look()
        views = {name: view_of(sheet_of(image), known.get(name, {})) for name, image in images.items()}
        return Snapshot(token=self._token(), tables=views)

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        """See `SheetStore.write`. Every row is found and compared anew, so that `token` is of no weight here."""
        try:
            with self._grid.held():
                return self._write(edits)
        except GridBusy as busy:
            return WriteReport(pending=str(busy), token=token)

    def _write(self, edits: Sequence[RowEdit]) -> WriteReport:
        names = {edit.table for edit in edits}
        images = self._look(names) if self._grid.at_once else self._with_room(edits, names)
        planned = plan(edits, images)
        missed = self._put(planned.puts)
        words = self._with_room((), names) if missed and not self._grid.at_once else {}
        left = [one for one in planned.done if one.put not in missed] if missed else planned.done
        for one in planned.done if missed else ():
            if one.put in missed:
                one.undo()
        after = self._settled(left, images)
        self._put(list(unsaid({**words, **after})))
        refused = [
            Refusal(table=one.edit.table, key=one.edit.key, why="changed")
            for one in planned.done if one.put in missed
        ]  # fmt: skip
        return report_of(Plan(left, [*planned.refused, *refused]), after, self._token())

    def _with_room(self, edits: Sequence[RowEdit], names: set[str]) -> dict[str, Image | Sheet]:
        """The pages, with a place of its own for each new row below rows that people add."""
        before = now = self._look(names)
        for _ in range(ROUNDS):
            puts = list(room(edits, before, now))
            if not puts:
                break
            self._grid.put(puts)
            now = self._look(names)
        return now

    def _put(self, puts: Sequence[Put]) -> Sequence[Put]:
        return self._grid.put(puts) if puts else ()

    def _settled(
        self, done: Sequence[Planned], images: Mapping[str, Image | Sheet]
    ) -> Mapping[str, Image | Sheet]:
        """Look at what stands there now, and put right what went astray."""
        names = {one.edit.table for one in done if one.put}
        after: Mapping[str, Image | Sheet] = {}
        mended: dict[str, list[tuple[str, Raw]]] = {name: [] for name in names}
        for _ in range(ROUNDS):
            after = self._look(names) if names else {}
            wrong: list[Put] = []
            for name in names:
                was, now = images[name], after[name]
                if isinstance(was, Image) and isinstance(now, Image) and now.sheet.usable:
                    ours = [one for one in done if one.edit.table == name]
                    if mended[name] or not all(stands(one, now) for one in ours):
                        puts = misdirected(ours, was, now, mended=mended[name])
                    else:
                        puts = overwritten(ours, was, now)
                    mended[name] += cells_of(puts, now)
                    wrong += puts
            if not wrong:
                break
            self._grid.put(wrong)
        return after

    def _look(self, names: set[str] | None = None) -> dict[str, Image | Sheet]:
        """The tables' pages as they are now."""
        contents = self._grid.contents()
        tables = [table for table in self._tables if names is None or table.name in names]
        tabs = {table.name: tab for table in tables if (tab := find_tab(contents, table))}
        pages = self._grid.pages(list(tabs.values()))
        for name, tab in tabs.items():
            self._states[name] = hash(tuple(map(tuple, pages[tab].cells))) if tab in pages else 0
        return {
            table.name: self._cut(table, pages[tabs[table.name]], contents)
            if tabs.get(table.name) in pages
            else missing(table, self._lang)
            for table in tables
        }

    def _cut(self, table: Table, page: Page, contents: Contents) -> Image:
        image = image_of(table, page, contents, self._lang, self._readings[table.name])
        return image if self._grid.at_once else claim(image)

    def _token(self) -> str:
        """Names the state of all tables as last looked at, within this process."""
        return f"g{hash(tuple(sorted(self._states.items()))):x}"


def sheet_of(image: Image | Sheet) -> Sheet:
    """The rows of an image."""
    return image.sheet if isinstance(image, Image) else image


def stands(one: Planned, now: Image) -> bool:
    """Whether a write stands in its row, at the place where it was put: then nothing moved under it."""
    rows, at = now.sheet.rows, one.place.row.number - now.header_row - 1
    if not one.put or not 0 <= at < len(rows) or now.sheet.columns != one.image.sheet.columns:
        return not one.put
    row = rows[at].read
    return row is not None and row.key == one.edit.key and _says(row, one)


def _says(row: SheetRow, one: Planned) -> bool:
    """Whether a row holds what was written, and, where the write gave it its key, is the row that was meant."""
    wanted = one.row.cells
    names = [*one.edit.cells, *(one.edit.match or ())]
    return all(same(row.cells.get(name), wanted.get(name)) for name in names)


def report_of(planned: Plan, after: Mapping[str, Image | Sheet], token: str) -> WriteReport:
    """What stands there now; in the cells that were written, what was written.

    Somebody who types over a cell of ours right after the write must be seen to have done so at the next read. Who
    deletes or copies the row meanwhile leaves it refused.
    """
    written, refused = [], [*planned.refused]
    for one in planned.done:
        image = after.get(one.edit.table, one.image)
        places = sheet_of(image).places_of(one.edit.key)
        if len(places) == 1:
            row = _told(places[0].read(), one)
            written.append(SheetRowAt(table=one.edit.table, row=row))
        else:
            why = "twice" if places else "gone"
            refused.append(Refusal(table=one.edit.table, key=one.edit.key, why=why))
    return WriteReport(written=tuple(written), refused=tuple(refused), token=token)


def _told(row: SheetRow, one: Planned) -> SheetRow:
    wanted = one.row.cells
    if all(row.cells.get(name) == wanted.get(name) for name in one.edit.cells):
        return row
    cells = {**row.cells, **{name: wanted.get(name) for name in one.edit.cells if name in row.cells}}
    return replace(row, cells=cells, digest=row_digest(cells))
