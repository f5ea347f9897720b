"""Edits of rows into puts of cells: decided on the image of a page, by the rules of the memory store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sync_engine.stores.grid.claim import word_in
from sync_engine.stores.grid.image import Image
from sync_engine.stores.grid.port import Put
from sync_engine.stores.memory import target
from sync_engine.stores.memory_cells import Formula, Raw, encode
from sync_engine.stores.memory_sheet import Place, Row, Sheet
from sync_engine.stores.port import Refusal, RowEdit, SheetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An edit that found its row: what is to be written there, and how the row reads once it stands."""

    edit: RowEdit
    image: Image
    place: Place
    before: Sequence[Raw]  # the row as it stood
    put: Put | None  # None: the row says so already

    @property
    def cells(self) -> Mapping[int, Raw]:
        """What is to be written, by column."""
        return self.put.cells if self.put else {}

    @property
    def row(self) -> SheetRow:
        """The row as it should then read."""
        return self.place.read()

    def undo(self) -> None:
        """It was not written: the image shows the row as it stood, or no row, or a place still kept for one."""
        if not self.edit.new:
            self.place.become(self.before)
        elif self.image.claimed is None:
            self.image.sheet.delete(self.place)
        else:
            self.place.become([None] * len(self.place.row.cells))
            self.image.claimed.append(self.place.row)


@dataclass(slots=True)
class Plan:
    """What a batch of edits comes to. The images show the sheets as they will be."""

    done: list[Planned] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def puts(self) -> list[Put]:
        """What is to be written."""
        return [one.put for one in self.done if one.put]


def plan(edits: Sequence[RowEdit], images: Mapping[str, Image | Sheet]) -> Plan:
    """Find each edit's row and say what to write; the images are changed as the sheets are going to be."""
    result = Plan()
    for edit in _together(edits):
        image = images[edit.table]
        why = "unusable" if isinstance(image, Sheet) or not image.sheet.usable else ""
        place = why or target(_sheet(image), edit)
        if edit.new and isinstance(place, Place) and isinstance(image, Image) and image.claimed is not None:
            place = _claimed(place, image, image.claimed)
        if isinstance(place, str) or isinstance(image, Sheet):
            result.refused.append(Refusal(table=edit.table, key=edit.key, why=str(place)))
        else:
            result.done.append(_planned(edit, image, place))
    return result


def _sheet(image: Image | Sheet) -> Sheet:
    return image if isinstance(image, Sheet) else image.sheet


def _together(edits: Sequence[RowEdit]) -> list[RowEdit]:
    """The cells of a row that gets its key in the same write go in with the key: one row, looked at once."""
    found: list[RowEdit] = []
    named: dict[tuple[str, str], int] = {}
    for edit in edits:
        at = named.get((edit.table, edit.key))
        if at is not None and edit.match is None and not edit.new:
            found[at] = replace(found[at], cells={**found[at].cells, **edit.cells})
            continue
        if edit.match is not None:
            named[edit.table, edit.key] = len(found)
        found.append(edit)
    return found


def _claimed(place: Place, image: Image, claimed: list[Row]) -> Place | str:
    """The place of a new row among those kept for us."""
    image.sheet.delete(place)
    return Place(image.sheet, claimed.pop(0)) if claimed else "changed"


def _planned(edit: RowEdit, image: Image, place: Place) -> Planned:
    before = () if edit.new else tuple(place.row.cells)
    write = _changed if not edit.new else _new if image.claimed is None else _in_claimed
    return Planned(edit=edit, image=image, place=place, before=before, put=write(edit, image, place))


def _new(edit: RowEdit, image: Image, place: Place) -> Put:
    place.row.number = image.header_row + len(image.sheet.rows)
    ours = set(image.sheet.columns.values())
    fresh = {n + 1: raw for n, raw in enumerate(_fresh(edit, image)) if n in ours}
    place.write(edit.cells)
    above = place.row.number - 1
    like = above if above > image.header_row else 0
    return Put(tab=image.tab, row=place.row.number, cells=fresh, new=True, like=like)


def _in_claimed(edit: RowEdit, image: Image, place: Place) -> Put:
    at, word = word_in(image)
    before = list(place.row.cells)
    place.write(edit.cells)
    empty = {n: None for n, raw in enumerate(before, 1) if not isinstance(raw, Formula)}
    cells = {n: raw for n, raw in enumerate(place.row.cells, 1) if n == at or raw is not before[n - 1]}
    return Put(tab=image.tab, row=place.row.number, cells=cells, guard={**empty, at: word})


def _changed(edit: RowEdit, image: Image, place: Place) -> Put | None:
    before = list(place.row.cells)
    guards = [
        image.column(name)
        for name in (*image.sheet.table.key, *(edit.match or ()))
        if name in image.sheet.columns
    ]
    guard = {at: before[at - 1] for at in guards}
    place.write(edit.cells)
    cells = {
        n: after
        for n, (was, after) in enumerate(zip(before, place.row.cells, strict=True), 1)
        if was is not after
    }
    return Put(tab=image.tab, row=place.row.number, cells=cells, guard=guard) if cells else None


def _fresh(edit: RowEdit, image: Image) -> list[Raw]:
    """The cells of a new row, one for each column of the page."""
    row: list[Raw] = [None] * len(image.sheet.heads)
    for name, value in edit.cells.items():
        if name in image.sheet.columns:
            row[image.sheet.columns[name]] = encode(image.sheet.table.column(name), value, image.sheet.lang)
    return row
