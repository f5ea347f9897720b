"""What goes into which cells, in how few calls, and what a cell must be told beforehand. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from sync_engine.stores.grid.port import Put
from sync_engine.stores.memory_cells import EXACT_DIGITS, Formula, Raw, serial
from sync_engine.values import CELL_LIMIT
from workbook_templates.schema import TICK_MARK

TEXT_FORMAT = "@"
GENERAL = "General"
DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"
TOGETHER_LIMIT = 8203
"""Characters a text may have that is handed over together with others; longer ones go alone."""

ERRORS = {
    -2146826288: "#NULL!", -2146826281: "#DIV/0!", -2146826273: "#VALUE!", -2146826265: "#REF!", -2146826259: "#NAME?",
    -2146826252: "#NUM!", -2146826246: "#N/A", -2146826245: "#GETTING_DATA", -2146826243: "#SPILL!",
    -2146826242: "#CONNECT!", -2146826241: "#BLOCKED!", -2146826240: "#UNKNOWN!", -2146826239: "#FIELD!", -2146826238: "#CALC!",
}  # fmt: skip
"""Error values as COM hands them over: whole numbers, which a true number in a cell never is."""

Stored = str | float | bool | None
"""What is handed to Excel for a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A rectangle of cells that is written in one call."""

    row: int
    column: int
    rows: tuple[tuple[Raw, ...], ...]

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.rows[0])


def raw_of(value: object, formula: object) -> Raw:
    """A cell as Excel tells it: its value, and its formula or None.

    Excel gives a text that begins with `=` as its own "formula"; so a formula is what differs from what it shows.
    """
    known = _plain(value)
    if isinstance(formula, str) and formula.startswith("=") and formula != value:
        shows = "" if value == "" else known
        return Formula(formula, None if isinstance(shows, Formula) else shows)
    return known


def _plain(value: object) -> str | int | bool | Decimal | Formula | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return Formula(ERRORS.get(value, "#N/A"), None) if value in ERRORS else value
    if isinstance(value, float):
        whole = int(value)
        return whole if whole == value and abs(whole) < 10 ** (EXACT_DIGITS + 3) else Decimal(repr(value))
    return str(value)


def stored(raw: Raw) -> Stored:
    """A cell's new content as Excel takes it. Numbers always as doubles: whole ones may not fit what COM knows."""
    if isinstance(raw, Formula):
        return raw.text
    if isinstance(raw, datetime):
        return float(serial(raw))
    if isinstance(raw, str):
        return cut(raw) or None
    if isinstance(raw, bool) or raw is None:
        return raw
    return float(raw)


def cut(text: str) -> str:
    """Text within a cell's limit, which Excel counts in UTF-16 units."""
    if len(text) * 2 <= CELL_LIMIT or len(units := text.encode("utf-16-le")) <= CELL_LIMIT * 2:
        return text
    return units[: CELL_LIMIT * 2].decode("utf-16-le", "ignore")


def same(stands: object, wanted: Raw) -> bool:
    """Whether a cell holds what a guard says: text as text, numbers as doubles."""
    if isinstance(wanted, Formula):
        wanted = wanted.value
    if type(stands) is int and stands in ERRORS:
        stands = None
    if wanted is None or wanted == "":
        return stands is None or stands == ""
    if isinstance(wanted, bool) or isinstance(stands, bool):
        return stands is wanted
    if isinstance(wanted, str) or not isinstance(stands, float):
        return stands == wanted
    there = float(serial(wanted)) if isinstance(wanted, datetime) else float(wanted)
    return stands == there or abs(stands - there) < 1e-9


def goes_alone(raw: Raw) -> bool:
    """Texts that Excel does not take together with others, or takes differently."""
    return isinstance(raw, str) and (raw.startswith("'") or len(raw) * 2 > TOGETHER_LIMIT)


def is_safe(text: str) -> bool:
    """Whether Excel keeps it as text whatever the cell's format is: it could not be a number, a date, a formula ..."""
    if text == TICK_MARK:
        return True
    starts = unicodedata.category(text[0]).startswith("L")
    return (
        starts
        and not any(one.isnumeric() for one in text)
        and text.strip().casefold() not in ("true", "false")
    )


def format_for(raw: Raw, present: str) -> str | None:
    """The number format a cell must be given before `raw` is put there; None where the present one will do."""
    is_text = present == TEXT_FORMAT
    if isinstance(raw, str):
        return None if is_text or is_safe(raw) else TEXT_FORMAT
    if isinstance(raw, datetime):
        return None if is_date(present) else DATE_FORMAT
    return GENERAL if is_text and raw is not None else None


def is_date(code: str) -> bool:
    """Whether a number format shows dates or times."""
    plain, quoted, bracketed = [], False, False
    for before, one in pairwise(" " + code):
        if one == '"':
            quoted = not quoted
        elif one in "[]" and not quoted:
            bracketed = one == "["
        elif not quoted and not bracketed and before not in "\\_*":
            plain.append(one)
    return code != GENERAL and any(one in "ymdhs" for one in "".join(plain).lower())


def blocks(puts: Iterable[Put]) -> list[Block]:
    """Cells side by side in a row, and such runs right below each other, as one block each; what goes alone, alone."""
    runs = sorted(_runs(puts), key=lambda run: (run[1], len(run[2]), run[0]))
    found: list[tuple[int, int, list[tuple[Raw, ...]]]] = []
    for row, left, cells in runs:
        top, column, rows = found[-1] if found else (0, 0, [])
        joins = (
            rows and column == left and len(rows[0]) == len(cells) and top + len(rows) == row
            and not goes_alone(cells[0]) and not goes_alone(rows[0][0])
        )  # fmt: skip
        if joins:
            rows.append(cells)
        else:
            found.append((row, left, [cells]))
    return [Block(row=row, column=left, rows=tuple(rows)) for row, left, rows in found]


def _runs(puts: Iterable[Put]) -> Iterator[tuple[int, int, tuple[Raw, ...]]]:
    for put in puts:
        run: list[Raw] = []
        first = 0
        for at in sorted(put.cells):
            raw = put.cells[at]
            fits = run and at == first + len(run) and not goes_alone(raw) and not goes_alone(run[-1])
            if run and not fits:
                yield put.row, first, tuple(run)
                run = []
            first = first if run else at
            run.append(raw)
        if run:
            yield put.row, first, tuple(run)


def spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers that follow each other, as (first, how many)."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found


def by_tab(puts: Sequence[Put]) -> Mapping[str, list[Put]]:
    """Puts of each tab, in the order in which the tabs first come."""
    found: dict[str, list[Put]] = {}
    for put in puts:
        found.setdefault(put.tab, []).append(put)
    return found
