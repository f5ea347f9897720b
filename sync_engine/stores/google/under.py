"""What people had typed under a write of ours, so that it can be given back to its cell.

Between our read and our write somebody may type over a cell of ours. The write wins, and shows what it found (`keeping`).
Their text then goes back into the cell, as if they had typed it right after the write: the next sync sees it there, puts
our value back, keeps what they typed and tells them, as with anything typed over a cell of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sync_engine.stores.google.keeping import Hit
from sync_engine.stores.grid.edits import Plan, Planned
from sync_engine.stores.grid.image import Image
from sync_engine.stores.grid.mend import mark
from sync_engine.stores.grid.port import Put
from sync_engine.stores.memory_cells import Formula, Raw
from sync_engine.stores.memory_sheet import Sheet, key_of

Images = Mapping[str, Image | Sheet]
Where = tuple[str, str, str]
"""Table, key, column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What somebody typed into a cell, and what stands there as long as nobody types anything else."""

    text: Raw
    stands: Raw


class Under:
    """The texts that writes found and that are not yet back in their cells."""

    def __init__(self) -> None:
        self.found: dict[Where, Typed] = {}
        self._written: dict[tuple[str, int], set[str]] = {}
        self._given: dict[int, str] = {}  # the key a put that gives back is meant for
        self._giving: dict[Where, Typed] = {}

    def begin(self) -> None:
        """A write begins: what it leaves in a wrong row and meets there again was typed by nobody."""
        self._written = {}

    def note(self, hits: Sequence[Hit], before: Images, planned: Plan, after: Images) -> None:
        """Take from a write what it found and should not have found.

        Args:
            hits: where it landed.
            before: what was read before it.
            planned: what the sync writes; what its rows held before counts instead.
            after: what is to stand in the sheets in the end.
        """
        edits = {(one.edit.table, one.edit.key): one for one in planned.done}
        ours = {id(one.put): one for one in planned.done if one.put}
        for hit in hits:
            for at, raw in hit.put.cells.items():
                self._written.setdefault((hit.put.tab, at), set()).add(mark(raw))
        for hit, table, image in _at(hits, before):
            one = ours.get(id(hit.put))
            if one is not None and hit.meant:
                key, was = one.edit.key, one.before
            else:
                key = _key(hit, image)
                was = _was(edits.get((table, key)), image, key)
            if key:
                self._take(hit, image, key, was, _row(after[table], key))

    def _take(self, hit: Hit, image: Image, key: str, was: Sequence[Raw], final: Sequence[Raw]) -> None:
        names = {at + 1: name for name, at in image.sheet.columns.items()}
        for at in hit.put.cells:
            raw, ours = hit.stood.get(at), self._written[hit.put.tab, at]
            if at in names and mark(raw) != mark(_shown(_cell(was, at))) and mark(raw) not in ours:
                where = (image.sheet.table.name, key, names[at])
                self.found[where] = Typed(text=raw, stands=_cell(final, at))

    def puts(self, images: Images) -> list[Put]:
        """What gives the texts back, where their cells still hold what they held; none of them is waiting then."""
        rows: dict[tuple[str, str], dict[int, Raw]] = {}
        for (table, key, name), typed in self.found.items():
            image = images[table]
            if isinstance(image, Image) and image.sheet.usable and name in image.sheet.columns:
                at = image.column(name)
                if mark(_cell(_row(image, key), at)) == mark(typed.stands):
                    rows.setdefault((table, key), {})[at] = typed.text
        self._giving, self.found, self._given, puts = self.found, {}, {}, []
        for (table, key), cells in rows.items():
            image = images[table]
            if isinstance(image, Image) and (places := image.sheet.places_of(key)):
                held = places[0].row.cells
                guard = {at: held[at - 1] for at in map(image.column, image.sheet.table.key)}
                puts.append(Put(tab=image.tab, row=places[0].row.number, cells=cells, guard=guard))
                self._given[id(puts[-1])] = key
        return puts

    def again(self) -> None:
        """Whether the last puts were written is not known: they are waiting again."""
        self.found = {**self._giving, **self.found}

    def given(self, hits: Iterable[Hit], images: Images) -> None:
        """Take from what was given back what has to be given back once more: to its own row, and to the one it hit instead."""
        for hit, table, image in _at(hits, images):
            names = {at + 1: name for name, at in image.sheet.columns.items()}
            meant, key = self._given[id(hit.put)], _key(hit, image)
            held = _row(image, meant)
            for at, wrote in hit.put.cells.items():
                raw = hit.stood.get(at)
                if key != meant:
                    self.found[table, meant, names[at]] = Typed(text=wrote, stands=_cell(held, at))
                if (key != meant or mark(raw) != mark(_cell(held, at))) and mark(raw) != mark(wrote) and key:
                    self.found[table, key, names[at]] = Typed(text=raw, stands=wrote)


def _at(hits: Iterable[Hit], images: Images) -> Iterator[tuple[Hit, str, Image]]:
    """Each hit with its table."""
    tables = {image.tab: (name, image) for name, image in images.items() if isinstance(image, Image)}
    for hit in hits:
        yield hit, *tables[hit.put.tab]


def _key(hit: Hit, image: Image) -> str:
    """The key of the row that a write landed in, as it stood."""
    return key_of(image.sheet, [hit.stood.get(at) for at in range(1, len(image.sheet.heads) + 1)])


def _was(one: Planned | None, image: Image, key: str) -> Sequence[Raw]:
    return one.before if one is not None else _row(image, key)


def _row(image: Image | Sheet, key: str) -> Sequence[Raw]:
    """The cells of the only row with a key; none where there is no such row, or more than one."""
    places = image.sheet.places_of(key) if isinstance(image, Image) else []
    return places[0].row.cells if len(places) == 1 else ()


def _shown(raw: Raw) -> Raw:
    """What a copy of a cell's value holds: of a formula, its result."""
    return raw.value if isinstance(raw, Formula) else raw


def _cell(cells: Sequence[Raw], at: int) -> Raw:
    return cells[at - 1] if at <= len(cells) else None
