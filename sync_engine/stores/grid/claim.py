"""A place for a new row of ours below rows of people, where they can type between our look at a row and our write.

To some tables both add rows (手工订单, 货位库存). Somebody may begin a row in the very moment in which we put ours into the
same place. So we first write one grey cell, which says that we write here, and look again. A row in which it stands alone
is ours: people begin theirs below it. Where anything stands beside it, somebody was there first or was moved there: nothing
of theirs was touched, and our word is taken back, as it is where no row of ours came. A word left behind by a process that
was killed stands in a row that counts as empty, and the next new row takes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sync_engine.stores.grid.image import Image
from sync_engine.stores.grid.port import Put
from sync_engine.stores.memory_cells import Formula, Raw
from sync_engine.stores.memory_sheet import Row, Sheet
from sync_engine.stores.port import RowEdit
from workbook_templates.schema import Kind, Lang, Owner, Table

WORD = {Lang.ZH: "表猫正在写这一行", Lang.EN: "Biaomao is writing here"}
Images = Mapping[str, Image | Sheet]


def word_in(image: Image) -> tuple[int, str]:
    """The column of the page, from 1, that takes our word, and the word."""
    return image.column(_column(image.sheet.table)), WORD[image.sheet.lang]


def _column(table: Table) -> str:
    """The first grey text; "" for a table to which people add no rows."""
    grey = (c.name for c in table.owned(Owner.ENGINE) if c.kind is Kind.TEXT and c.name not in table.key)
    return next(grey, "") if table.staff_rows else ""


def claim(image: Image) -> Image:
    """The page, in which rows that hold nothing but our word are empty and kept for us."""
    if _column(image.sheet.table) not in image.sheet.columns:
        return image
    at, word = word_in(image)
    image.claimed = [row for row in image.sheet.rows if row.cells[at - 1] == word and _alone(row, at)]
    for row in image.claimed:
        row.cells[at - 1], row.read = None, None
    return image


def _alone(row: Row, at: int) -> bool:
    return not any(_filled(raw) for n, raw in enumerate(row.cells, 1) if n != at)


def _filled(raw: Raw) -> bool:
    return raw not in (None, "") and not isinstance(raw, Formula)


def room(edits: Sequence[RowEdit], before: Images, now: Images) -> Iterator[Put]:
    """What is to be written so that each new row has a place of its own; nothing where it has.

    Args:
        edits: the whole batch.
        before: the pages before the first word was written.
        now: the pages as they stand.
    """
    for name, image in now.items():
        if not isinstance(image, Image) or image.claimed is None or not image.sheet.usable:
            continue
        new = [edit for edit in edits if edit.table == name and edit.new]
        missing = sum(not image.sheet.places_of(edit.key) for edit in new) - len(image.claimed)
        yield from _taken_back(before[name], image)
        if not image.sheet.below:
            yield from (_said(image, image.next_row() + n) for n in range(missing))


def _said(image: Image, row: int) -> Put:
    at, word = word_in(image)
    bare = frozenset(n + 1 for n in image.sheet.columns.values())
    like = row - 1 if row - 1 > image.header_row else 0
    return Put(tab=image.tab, row=row, cells={at: word}, new=True, like=like, bare=bare)


def unsaid(images: Images) -> Iterator[Put]:
    """Our word in rows into which nothing of ours came."""
    for image in (image for image in images.values() if isinstance(image, Image)):
        for row in image.claimed or ():
            at, word = word_in(image)
            keys = map(image.column, image.sheet.table.key)
            yield Put(
                tab=image.tab, row=row.number, cells={at: None}, guard={**dict.fromkeys(keys), at: word}
            )


def _taken_back(before: Image | Sheet, image: Image) -> Iterator[Put]:
    """Our word in a row that is somebody's: what stood there comes back."""
    at, word = word_in(image)
    name = _column(image.sheet.table)
    for place in image.sheet.places():
        if place.row.cells[at - 1] != word:
            continue
        key = place.read().key
        was = before.sheet.places_of(key) if key and isinstance(before, Image) else []
        right = was[0].raw(name) if len(was) == 1 and name in was[0].sheet.columns else None
        stands = {n: place.row.cells[n - 1] for n in map(image.column, image.sheet.table.key)}
        yield Put(tab=image.tab, row=place.row.number, cells={at: right}, guard={**stands, at: word})
