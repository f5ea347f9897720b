"""After a write that met a sort, an insert or a moved column: what of ours stands where it should not, and what to put right.

A write can only have touched cells of its own columns, and can only have left its own values there. So a cell counts as
misdirected when it stands in such a column, holds such a value, and does not hold what its row should: what the row held
before, or what this write was to make of it. Everything else that differs was typed by people, and is left alone. In the
columns of people only whole new rows are written: there a value is ours only where most of its row came along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sync_engine.stores.grid.edits import Planned
from sync_engine.stores.grid.image import Image
from sync_engine.stores.grid.port import Put
from sync_engine.stores.memory_cells import Formula, Raw, serial
from sync_engine.stores.memory_sheet import Row
from sync_engine.stores.port import canonical

Cells = Mapping[str, Raw]


Mended = Iterable[tuple[str, Raw]]
"""What mending itself wrote, by column name: it too may meet a sort or an inserted row."""


def misdirected(
    written: Iterable[Planned], planned_on: Image, now: Image, *, finish: bool = True, mended: Mended = ()
) -> list[Put]:
    """What puts one page right again; empty where every write stands where it was meant to.

    Args:
        written: what was written to this page.
        planned_on: the page on which that was decided, with the edits in it.
        now: the page as it stands.
        finish: whether what is missing in its own row is to be written too, or only what stands elsewhere taken back.
        mended: what earlier rounds wrote to put this page right.
    """
    return list(_Mending([one for one in written if one.put], planned_on, now, finish, mended).puts())


def overwritten(written: Iterable[Planned], planned_on: Image, now: Image) -> list[Put]:
    """What brings back rows that a row inserted above moved under our new ones, where every write stands as it was put."""
    ours = [one for one in written if one.put]
    if not any(one.edit.new for one in ours):
        return []
    return list(_Mending(ours, planned_on, now, True, ()).overwritten())


def cells_of(puts: Iterable[Put], now: Image) -> list[tuple[str, Raw]]:
    """What puts that were decided on a page write, by column name."""
    columns = columns_of(now)
    return [(columns[at - 1], raw) for put in puts if not put.new for at, raw in put.cells.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Old:
    """A row as it stood before the write."""

    number: int
    cells: Cells
    named: str = ""  # the key this write was to give it


class _Mending:
    def __init__(
        self, written: Sequence[Planned], planned_on: Image, now: Image, finish: bool, mended: Mended
    ) -> None:
        self._now, self._finish = now, finish
        self._columns, self._old_columns = columns_of(now), columns_of(planned_on)
        self._written = {one.edit.key: one for one in written}
        self._values: dict[str, set[str]] = {}
        for one in written:
            for at, raw in one.cells.items():
                if at <= len(self._columns):
                    self._values.setdefault(self._columns[at - 1], set()).add(mark(raw))
        for name, raw in mended:
            self._values.setdefault(name, set()).add(mark(raw))
        self._fresh = [
            {name: value for name, value in self._put_in(one).items() if value != mark(None)}
            for one in written
            if one.edit.new
        ]
        by_mending = {name: mark(raw) for name, raw in mended if raw is None}
        together = [*map(self._put_in, written), by_mending]  # of mending it is not known what went with what
        self._emptied = [row for row in together if mark(None) in row.values()]
        meant = {self._old_columns[at - 1] for one in written for at in one.cells}
        self._touched = self._values.keys() | meant
        self._mended = {name for name, _ in mended}
        self._restored: list[_Old] = []  # in their own place
        self._old: dict[str, _Old] = {}
        self._keyless: list[_Old] = []
        self._remember(written, planned_on)
        self._unnamed = [
            dict(zip(self._columns, place.row.cells, strict=True)) for place in now.sheet.places_of("")
        ]
        here = Counter(place.read().key for place in now.sheet.places())
        self._unique = {key for key, number in here.items() if key and number == 1}
        self._lost = [old for key, old in self._old.items() if key not in here]
        self._begun = [
            old for old in self._keyless if not (old.named and old.named in here) and not self._still(old)
        ]
        kept = (planned_on.claimed or (), now.claimed or ())
        self._left = len(kept[1]) - len(kept[0])  # places kept for new rows into which they were not written

    def _remember(self, written: Sequence[Planned], planned_on: Image) -> None:
        """The rows as they stood before the write; the image has the edits in it already."""
        fresh = {id(one.place.row) for one in written if one.edit.new}
        originals = {id(one.place.row): one.before for one in written if not one.edit.new}
        named = {id(one.place.row): one.edit.key for one in written if one.edit.match is not None}
        for place in planned_on.sheet.places():
            if (row := id(place.row)) in fresh:
                continue
            cells = dict(zip(self._old_columns, originals.get(row, place.row.cells), strict=True))
            if (key := place.read().key) and row not in named:
                self._old[key] = _Old(number=place.row.number, cells=cells)
            else:
                self._keyless.append(_Old(number=place.row.number, cells=cells, named=named.get(row, "")))

    def _still(self, old: _Old) -> bool:
        """Whether a row that had no number stands somewhere without one, or was empty."""
        if all(raw in (None, "") for raw in old.cells.values()):
            return True
        return any(_alike(row, old.cells) for row in self._unnamed)

    def puts(self) -> Iterator[Put]:
        """Row by row."""
        for place in self._now.sheet.places():
            key = place.read().key
            if key and key not in self._unique:
                continue
            cells = dict(zip(self._columns, place.row.cells, strict=True))
            if wrong := self._wrong(key, place.row.number, cells):
                yield self._put(place.row, wrong)
        yield from self.overwritten()

    def overwritten(self) -> Iterator[Put]:
        """Rows that a row inserted above them moved under our new ones, which then took their whole place: they come back
        below. By how far rows moved is told by the nearest row above that is still known, or by the places kept for us in vain.
        """
        if self._now.claimed is not None:
            yield from self._under_claimed()
            return
        places = {place.row.number: place.read().key for place in self._now.sheet.places()}
        end, known = self._now.next_row(), 0
        for number, key in sorted(places.items()):
            above, known = known, number if key in self._old else known
            one = self._written.get(key)
            if one is None or not one.edit.new or one.put is None or one.put.row != number:
                continue
            if not above or (moved := above - self._old[places[above]].number) <= 0:
                continue
            last = self._old[places[above]].number
            for old in self._lost:
                if old.number > last and old.number + moved == number:
                    yield self._put_back(old, end)
                    end += 1

    def _under_claimed(self) -> Iterator[Put]:
        if self._left <= 0 or self._moved_up():
            return
        lost = [old for old in (*self._lost, *self._begun) if old not in self._restored]
        away = sorted(lost, key=lambda old: old.number)[-self._left :]
        for number, old in enumerate(away, self._now.next_row()):
            yield self._put_back(old, number)

    def _moved_up(self) -> bool:
        """Whether rows above were deleted, so that ours stand in empty rows below the places kept for them."""
        ours = [one.put.row for one in self._written.values() if one.edit.new and one.put]
        kept = [row.number for row in self._now.claimed or ()]
        keys = [place.read().key for place in self._now.sheet.places()]
        known = [self._old[key].number for key in keys if key in self._old]
        return bool(ours) and min(kept) < min(ours) and known == sorted(known)

    def _put_back(self, old: _Old, number: int) -> Put:
        cells = {
            at: old.cells[name]
            for at, name in enumerate(self._columns, 1)
            if old.cells.get(name) not in (None, "")
        }
        return Put(tab=self._now.tab, row=number, cells=cells, new=True, like=number - 1)

    def _wrong(self, key: str, number: int, cells: Cells) -> dict[str, Raw]:
        """The cells of a row that are not as they should be through our doing, with what belongs there."""
        if key not in self._old and (robbed := self._robbed(key, number, cells)):
            right = robbed.cells
            self._restored.append(robbed)
            return {
                name: right.get(name)
                for name in self._values
                if mark(cells.get(name)) != mark(right.get(name))
            }
        if not key and any(_alike(cells, old.cells) for old in self._keyless):
            return {}
        own = self._own(key) if self._rightful(key, cells) or key in self._old else {}
        was = self._old[key].cells if key in self._old else {}
        wrong: dict[str, Raw] = {}
        for name in self._values.keys() | own.keys():
            here, before = mark(cells.get(name)), mark(was.get(name))
            if here == mark(own.get(name, was.get(name))):
                continue
            missed = name in own and here == before
            strayed = not missed and here in self._values.get(name, ()) and self._came(name, here, cells)
            if strayed or (missed and self._finish):
                wrong[name] = own[name] if name in own and self._finish else was.get(name)
        return wrong

    def _put_in(self, one: Planned) -> dict[str, str]:
        """What was written together, by column name."""
        columns = self._columns
        return {columns[at - 1]: mark(raw) for at, raw in one.cells.items() if at <= len(columns)}

    def _came(self, name: str, here: str, cells: Cells) -> bool:
        """Whether what stands in a cell can have come there by our write. In the columns of people, and where a cell is empty,
        as many are, only where most of what was written with it stands in its row.
        """
        table = self._now.sheet.table
        ours = not table.has(name) or table.column(name).owner.ours
        if ours and here != mark(None):
            return True
        return any(
            2 * sum(mark(cells.get(other)) == value for other, value in row.items()) >= len(row)
            for row in (self._emptied if ours else self._fresh)
            if row.get(name) == here
        )

    def _own(self, key: str) -> dict[str, Raw]:
        one = self._written.get(key)
        return {self._old_columns[at - 1]: raw for at, raw in one.cells.items()} if one else {}

    def _robbed(self, key: str, number: int, cells: Cells) -> _Old | None:
        """The row that lost its key to a cell we wrote: its other cells are still there."""
        if not any(name in self._values for name in self._now.sheet.table.key) or self._rightful(key, cells):
            return None
        touched = self._touched_by(key)
        alike = [old for old in self._lost if _alike(cells, old.cells, touched)]
        here = [old for old in alike if old.number == number]
        if not any(cells.get(name) not in (None, "") for name in cells.keys() - touched):
            # nothing is left that could tell whose it was; where only columns moved, its place does
            return here[0] if here and self._columns != self._old_columns else None
        return here[0] if here else alike[0] if len(alike) == 1 else None

    def _rightful(self, key: str, cells: Cells) -> bool:
        """Whether this write was to give the key to this very row."""
        one = self._written.get(key)
        if one is None:
            return False
        touched = self._touched_by(key)
        if one.edit.match is not None:
            wanted = dict(zip(self._old_columns, one.before, strict=True))
            return _alike(cells, wanted, touched) or self._typed_on(cells, wanted, touched)
        return not any(cells.get(name) not in (None, "") for name in cells.keys() - touched)

    def _typed_on(self, cells: Cells, wanted: Cells, touched: AbstractSet[str]) -> bool:
        """Whether this is the row that was meant, into which somebody typed right after: it stands nowhere else without
        a number, and most of it is still there.
        """
        if any(_alike(row, wanted) for row in self._unnamed):
            return False
        held = [name for name, raw in wanted.items() if name not in touched and raw not in (None, "")]
        same = sum(mark(cells.get(name)) == mark(wanted[name]) for name in held)
        return 2 * same > len(held)

    def _touched_by(self, key: str) -> AbstractSet[str]:
        """The columns in which a row with this key can hold values of ours: those of the write that gave it the key."""
        one = self._written.get(key)
        if one is None:
            return self._touched
        columns = {
            names[at - 1]
            for names in (self._columns, self._old_columns)
            for at in one.cells
            if at <= len(names)
        }
        return columns | self._mended

    def _put(self, row: Row, wrong: Mapping[str, Raw]) -> Put:
        cells = {self._columns.index(name) + 1: raw for name, raw in wrong.items() if name in self._columns}
        at = [self._now.column(name) for name in self._now.sheet.table.key]
        return Put(tab=self._now.tab, row=row.number, cells=cells, guard={n: row.cells[n - 1] for n in at})


def columns_of(image: Image) -> list[str]:
    """What each column of the page is called: by machine name, or by header where it is people's own."""
    ours = {at: name for name, at in image.sheet.columns.items()}
    seen: Counter[str] = Counter()
    names = []
    for at, head in enumerate(image.sheet.heads):
        seen[head.text] += 1
        names.append(ours.get(at) or f"\x00{head.text}\x00{seen[head.text]}")
    return names


def _alike(cells: Cells, old: Cells, written: AbstractSet[str] = frozenset()) -> bool:
    """Whether two rows agree in every cell that was not written."""
    names = (cells.keys() | old.keys()) - written
    return all(mark(cells.get(name)) == mark(old.get(name)) for name in names)


def mark(raw: Raw) -> str:
    """A cell as one comparable text; a moment equals the number that a sheet keeps for it."""
    if isinstance(raw, Formula):
        return f"={raw.text}"
    if isinstance(raw, datetime):
        raw = serial(raw)
    if raw is None or isinstance(raw, str | bool):
        return canonical(raw)
    return f"n{round(float(raw), 6):.15g}"
