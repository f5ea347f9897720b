"""Three-way merge of one row: what the sheet showed last, what it shows now, and what our cells should show.

The law: a cell has one writer. Staff and formula cells are never written after the row was made; what is typed over
our cells is put back, and what was typed is kept and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sync_engine.plan.words import say
from sync_engine.stores.port import RowEdit, canonical, same
from sync_engine.todo import Todo
from sync_engine.values import clean_text
from workbook_templates.schema import Column, Kind, Lang, Table, Value
from workbook_templates.tables.choices import label_of

Cells = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What is to be written in one row, and what was typed over."""

    edit: RowEdit | None
    put_back: tuple[Todo, ...] = ()


def merge_row(
    table: Table, key: str, ours: Cells, base: Cells | None, sheet: Cells | None, lang: Lang
) -> Merged:
    """Merge one row.

    Args:
        ours: what our cells should show (TMALL and ENGINE columns), plus first values of staff cells for a new row.
        base: the row as last settled; None if we never saw it.
        sheet: the row as it stands now; None if it is not in the sheet.
    """
    ours = {name: clean_text(value) if isinstance(value, str) else value for name, value in ours.items()}
    if sheet is None:
        return Merged(edit=RowEdit(table=table.name, key=key, cells=ours, new=True))
    cells: dict[str, Value] = {}
    put_back: list[Todo] = []
    for column in table.ours:
        name = column.name
        if name not in ours or name not in sheet or same(sheet[name], ours[name]):
            continue
        cells[name] = ours[name]
        if base is not None and not same(sheet[name], base.get(name)):
            put_back.append(_typed_over(table, key, column, sheet[name], ours[name], lang))
    if not cells:
        return Merged(edit=None)
    expect = {name: sheet[name] for name in cells}
    return Merged(
        edit=RowEdit(table=table.name, key=key, cells=cells, expect=expect), put_back=tuple(put_back)
    )


def attempted(edit: RowEdit, base: Cells | None, earlier: Sequence[Cells]) -> tuple[Cells, ...]:
    """What is nobody's typing over ours until the end of this write is known: what it puts there, and, in a row that
    people made and we never settled, also what it found: the write may not arrive. Only what no earlier attempt
    touched, for what is found after one may have been typed over it.
    """
    if base is not None:
        return (edit.cells,)
    tried = {name for cells in earlier for name in cells}
    found = {name: value for name, value in edit.expect.items() if name not in tried}
    return (edit.cells, found) if found else (edit.cells,)


class Strays:
    """What a write that was cut off may have left in rows that are none of its own.

    Where rows moved under it and nobody was left to look where it had landed, values of one row stand in another: those
    that were written, and those that were being put back.

    Args:
        attempts: what was being written to a table.
        settled: all its rows as last settled; asked for only where something unknown stands in a cell of ours.
    """

    def __init__(self, attempts: Iterable[Cells], settled: Callable[[], Iterable[Cells]]) -> None:
        self._settled: Callable[[], Iterable[Cells]] | None = settled
        self._values: dict[str, set[str]] = {}
        self._add(attempts)

    def among(self, changed: Cells) -> Cells:
        """Which of a row's changed cells may have come from another row.

        A cell that stands empty tells nothing by itself: it counts where something came with it, else a person cleared it.
        """
        found = {name: value for name, value in changed.items() if self._may_be(name, value)}
        return found if any(canonical(value) for value in found.values()) else {}

    def _may_be(self, name: str, value: Value) -> bool:
        text = canonical(value)
        if text not in self._values.get(name, ()) and self._settled is not None:
            self._add(self._settled())
            self._settled = None
        return text in self._values.get(name, ())

    def _add(self, rows: Iterable[Cells]) -> None:
        for cells in rows:
            for name, value in cells.items():
                self._values.setdefault(name, set()).add(canonical(value))


def as_written(
    base: Cells | None, attempts: Sequence[Cells], sheet: Cells | None, strays: Strays | None = None
) -> Cells | None:
    """The base to merge a row on which we wrote without hearing the end of it: what stands there as we wrote it is ours.

    A row we know from such a write alone is held to that write: what else stands in a cell of ours was typed since.

    Args:
        strays: of such writes to this table; None where there were none.
    """
    if sheet is None or (not attempts and (base is None or strays is None)):
        return base
    known = dict(sheet if base is None else base)
    if base is not None and strays is not None:
        known.update(
            strays.among({name: value for name, value in sheet.items() if not same(value, base.get(name))})
        )
    tried: dict[str, list[Value]] = {}
    for cells in attempts:
        for name, value in cells.items():
            tried.setdefault(name, []).append(value)
    for name in tried.keys() & sheet.keys():
        if any(same(sheet[name], value) for value in tried[name]):
            known[name] = sheet[name]
        elif base is None:
            known[name] = tried[name][-1]
    return known


def typed_under(
    table: Table,
    key: str,
    found: Cells,
    base: Cells | None,
    attempts: Sequence[Cells],
    sheet: Cells | None,
    lang: Lang,
) -> Iterator[Todo]:
    """What somebody had typed into cells that a write of ours then overwrote, where nobody was left to give it back.

    Args:
        found: what stood in cells as they were written.
        attempts: writes whose end was not heard.
        sheet: the row as it stands: where it shows what was typed, `merge_row` tells.
    """
    for name, typed in found.items():
        tried = [cells[name] for cells in attempts if name in cells]
        column = table.column(name)
        if base is None or sheet is None or not tried or not column.owner.ours:
            continue
        ours = [value for value in tried if same(value, sheet.get(name))]
        if ours and not any(same(typed, value) for value in (base.get(name), *tried)):
            yield _typed_over(table, key, column, typed, ours[-1], lang)


def _typed_over(table: Table, key: str, column: Column, typed: Value, ours: Value, lang: Lang) -> Todo:
    header = column.header(lang)
    return Todo(
        code="typed_over", subject=f"{table.name}/{key}", table=table.name, row_key=key, column=column.name,
        reason=say(lang, f"“{header}”由表猫填写,改动已放回", f'"{header}" is filled in by Biaomao: the change was put back'),
        advice=say(lang, "要留话请写在白色的备注列;若平台上的内容不对,请到千牛修改", "Write notes in the white columns; if the platform is wrong, change it there"),
        severity="tell", typed=shown(column, typed), ours=shown(column, ours), event=True,
    )  # fmt: skip


def shown(column: Column, value: Value) -> str:
    """A value as people see it in the cell."""
    if value is None or value == "":
        return ""
    if column.kind is Kind.CHOICE:
        return label_of(column.choices, str(value))
    if column.kind is Kind.TICK:
        return "✓" if value is True else str(value)
    if column.kind is Kind.TIME:
        return f"{value:%Y-%m-%d %H:%M:%S}" if not isinstance(value, str | int) else str(value)
    return str(value)


def our_cells(table: Table, cells: Cells) -> dict[str, Value]:
    """The part of a row that is ours."""
    return {column.name: cells.get(column.name) for column in table.ours}


def typed_in(table: Table, kept: Cells, sheet: Cells) -> bool:
    """Whether people typed something else into a row than was kept of it; a column that is not in the sheet tells nothing."""
    names = (column.name for column in table.columns if not column.owner.ours and column.name in sheet)
    return any(not same(sheet[name], kept.get(name)) for name in names)


def set_beside_other(word: str, beside: str, kept: str, base: Cells, sheet: Cells) -> bool:
    """Whether a word of people that we did not know yet stands in a row that says something else than we last settled: in
    an earlier copy of the workbook it was given to what that one showed.

    Args:
        beside: the cell that tells what words in this row are given to.
        kept: the cell that keeps what the word was given to.
    """
    if same(sheet.get(word), base.get(word)):
        return False
    other = beside in sheet and not same(sheet[beside], base.get(beside))
    return other or (sheet.get(kept) not in (None, "") and not same(sheet[kept], base.get(kept)))


def staff_cells(table: Table, cells: Cells) -> dict[str, Value]:
    """The part of a row that people typed."""
    return {column.name: cells.get(column.name) for column in table.columns if not column.owner.ours}
