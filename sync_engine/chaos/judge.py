"""Was every promise kept? Judged by the diary, by the sandbox's log and state, and by the sheet as people see it.

Fate of a keystroke, by what stood in its cell when the next one fell into it, and at the end:

    kept       it stands in its cell at the end
    replaced   people typed something else over it later, or deleted its row
    shown      it was typed over a cell of ours, put back, and stands in the sheet of to-dos, word for word
    lost       none of these
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from sync_engine.chaos.diary import Entry, Gone, OwnRow, Stroke
from sync_engine.chaos.outside import Doc, History, World
from sync_engine.chaos.people import Look
from workbook_templates.schema import Column, Kind
from workbook_templates.tables.choices import name_of

KEPT, REPLACED, SHOWN, LOST = "kept", "replaced", "shown", "lost"
OPEN = ("WAIT_SELLER_SEND_GOODS", "SELLER_CONSIGNED_PART", "PAID_FORBID_CONSIGN")
"""Orders whose rows come back when somebody deletes them."""
MIRRORED: Mapping[str, Mapping[str, str]] = {
    "orders": {"status": "status", "total_amount": "payment", "province": "receiver_state", "city": "receiver_city",
               "district": "receiver_district"},
    "lines": {"tid": "_tid", "title": "title", "num": "num", "price": "price", "status": "status", "refund_status": "refund_status"},
    "products": {"title": "title", "price": "price", "num_iid": "num_iid"},
}  # fmt: skip
"""Columns that say what the platform says, and the platform's name for it."""
Looks = Mapping[str, Look]


@dataclass(slots=True)
class Verdict:
    """What it came to. Everything in `broken` must be 0."""

    fates: Counter[str] = field(default_factory=Counter)
    keystrokes: int = 0
    wrong_cells: int = 0
    made_up: int = 0
    orders: int = 0
    rows_missing: int = 0
    rows_twice: int = 0
    waybills: int = 0
    bought_twice: int = 0
    shipped: int = 0
    shipped_twice: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def broken(self) -> dict[str, int]:
        """Promises, and how often each was broken."""
        return {
            "lost": self.fates[LOST], "wrong_cells": self.wrong_cells, "made_up": self.made_up, "rows_missing": self.rows_missing,
            "rows_twice": self.rows_twice, "bought_twice": self.bought_twice, "shipped_twice": self.shipped_twice,
        }  # fmt: skip


def judge(
    entries: Iterable[Entry], looks: Looks, world: World, history: History, *, settled: bool
) -> Verdict:
    """The verdict.

    Args:
        looks: every table at the end, as people see it.
        settled: whether the engine was given the time to come to rest; if not, what it had yet to do is not held against it.
    """
    verdict = Verdict()
    entries = tuple(entries)
    _fates(verdict, entries, looks)
    typed = {entry.typed for entry in entries if isinstance(entry, Stroke)}
    typed |= {value for entry in entries if isinstance(entry, OwnRow) for _, value in entry.cells}
    _made_up(verdict, typed, looks)
    gone = {(entry.table, entry.key) for entry in entries if isinstance(entry, Gone)}
    if settled:
        _as_outside(verdict, looks, world, gone)
        _waybills_in_place(verdict, looks, history, gone)
    _twice(verdict, history, looks)
    return verdict


# -- keystrokes --------------------------------------------------------------------------------------------------------


def _fates(verdict: Verdict, entries: tuple[Entry, ...], looks: Looks) -> None:
    shown = {(look.cell(row, "row_key"), look.cell(row, "typed")) for row, look in _rows(looks["todo"])}
    cells: dict[tuple[str, str, str], list[Stroke | Gone]] = {}
    for entry in entries:
        if isinstance(entry, Stroke):
            cells.setdefault((entry.table, entry.key, entry.column), []).append(entry)
        elif isinstance(entry, Gone):
            for place in [place for place in cells if place[:2] == (entry.table, entry.key)]:
                cells[place].append(entry)
        else:
            _own_row(verdict, entry, looks)
    for (table, key, column), story in cells.items():
        look = looks[table]
        final = [look.cell(row, column) for row, one in enumerate(look.keys) if one == key]
        for at, stroke in enumerate(story):
            if isinstance(stroke, Stroke):
                following = story[at + 1] if at + 1 < len(story) else None
                fate = _fate(stroke, following, final, (key, stroke.typed) in shown)
                _count(verdict, stroke, fate, following, final)


def _fate(stroke: Stroke, following: Stroke | Gone | None, final: list[str], shown: bool) -> str:
    if isinstance(following, Gone):
        return REPLACED
    if following is not None and following.before == stroke.typed:
        return REPLACED
    if following is None and stroke.typed in final:
        return KEPT
    return SHOWN if stroke.ours and shown else LOST


def _count(
    verdict: Verdict, stroke: Stroke, fate: str, following: Stroke | Gone | None, final: list[str]
) -> None:
    verdict.keystrokes += 1
    verdict.fates[fate] += 1
    if fate == LOST:
        found = following.before if isinstance(following, Stroke) else (final[0] if final else None)
        where = f"{stroke.table}/{stroke.key} {stroke.column}"
        verdict.said.append(f"{where}: {stroke.who} typed {stroke.typed!r}, found {found!r}")


def _own_row(verdict: Verdict, own: OwnRow, looks: Looks) -> None:
    """A row people made is there once, with a number and with everything that was typed."""
    look, cells = looks[own.table], dict(own.cells)
    rows = [row for row, look in _rows(look) if look.cell(row, own.mark) == cells[own.mark]]
    whole = len(rows) == 1 and all(look.cell(rows[0], column) == value for column, value in own.cells)
    verdict.keystrokes += len(own.cells)
    verdict.fates[KEPT if whole else LOST] += len(own.cells)
    if not whole:
        verdict.said.append(
            f"{own.table}: the row {cells[own.mark]!r} of {own.who} is there {len(rows)} times, or changed"
        )


def _made_up(verdict: Verdict, typed: set[str], looks: Looks) -> None:
    """A conflict that tells of something nobody typed: the engine met a value of its own where it should not be."""
    for row, look in _rows(looks["todo"]):
        if (text := look.cell(row, "typed")) and text not in typed:
            verdict.made_up += 1
            verdict.said.append(
                f"to-do {look.keys[row]} about {look.cell(row, 'row_key')}: nobody typed {text!r}"
            )


# -- the sheet and the world -----------------------------------------------------------------------------------------


def _as_outside(verdict: Verdict, looks: Looks, world: World, gone: set[tuple[str, str]]) -> None:
    lines = {oid: {**line, "_tid": str(trade["tid"])} for oid, (trade, line) in world.lines.items()}
    states = {tid: str(trade["status"]) for tid, trade in world.trades.items()}
    of_line = {oid: str(trade["status"]) for oid, (trade, _) in world.lines.items()}
    verdict.orders = len(world.trades)
    for table, docs, open_of in (
        ("orders", world.trades, states), ("lines", lines, of_line), ("products", world.goods, {}),
    ):  # fmt: skip
        look = looks[table]
        there = Counter(key for key in look.keys if key)
        for key in docs.keys() - there.keys():
            stays_away = (table, key) in gone and open_of.get(key) not in OPEN
            if not stays_away and (table != "products" or not gone):
                verdict.rows_missing += 1
                verdict.said.append(f"{table}: {key} is missing")
        _compare(verdict, look, docs)
    for look in looks.values():
        for key, times in Counter(key for key in look.keys if key).items():
            if times > 1:
                verdict.rows_twice += 1
                verdict.said.append(f"{look.table.name}: {key} is there {times} times")


def _compare(verdict: Verdict, look: Look, docs: Mapping[str, Doc]) -> None:
    for row, _ in _rows(look):
        key = look.keys[row]
        if key not in docs:
            verdict.wrong_cells += 1
            verdict.said.append(f"{look.table.name}: row {row + 1} has the key {key!r}, which nobody knows")
            continue
        for column, name in MIRRORED[look.table.name].items():
            same = _same(look.table.column(column))
            if not same(look.cell(row, column), str(docs[key].get(name, ""))):
                verdict.wrong_cells += 1
                said = f"{look.cell(row, column)!r}, outside {docs[key].get(name)!r}"
                verdict.said.append(f"{look.table.name}/{key} {column}: {said}")


def _same(column: Column) -> Callable[[str, str], bool]:
    if column.kind is Kind.CHOICE:
        return lambda shown, told: (name_of(column.choices, shown) or shown) == told
    if column.kind in (Kind.MONEY, Kind.COUNT, Kind.NUMBER):
        return lambda shown, told: _number(shown) == _number(told)
    return lambda shown, told: shown.strip() == told.strip()


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _waybills_in_place(verdict: Verdict, looks: Looks, history: History, gone: set[tuple[str, str]]) -> None:
    """Every number sold stands in its own parcel's row, and no row shows one that was not sold for it."""
    look = looks["waybills"]
    sold: dict[str, set[str]] = {}
    for parcel, code in history.bought:
        sold.setdefault(parcel, set()).add(code)
    for row, _ in _rows(look):
        parcel, code = look.keys[row], look.cell(row, "waybill_code")
        tid = look.cell(row, "tid")
        own = parcel.rpartition("-")[0] == tid
        if not own or (code and code not in sold.get(parcel, ()) and tid not in history.along.get(code, ())):
            verdict.wrong_cells += 1
            verdict.said.append(
                f"waybills/{parcel}: {code!r} of {look.cell(row, 'tid')!r} was not sold for it"
            )
    shown = {look.cell(row, "waybill_code") for row, _ in _rows(look)}
    for parcel, code in history.bought:
        if code not in shown and code not in history.given_back and ("waybills", parcel) not in gone:
            verdict.rows_missing += 1
            verdict.said.append(f"waybill {code} of {parcel} is not in the sheet")


def _twice(verdict: Verdict, history: History, looks: Looks) -> None:
    alive = Counter(parcel for parcel, code in history.bought if code not in history.given_back)
    told = Counter(history.shipped)
    verdict.waybills, verdict.shipped = len(history.bought), len(history.shipped)
    verdict.bought_twice = sum(times - 1 for times in alive.values() if times > 1)
    verdict.shipped_twice = sum(times - 1 for times in told.values() if times > 1)
    verdict.said += [
        f"{times} waybills live for parcel {parcel}" for parcel, times in alive.items() if times > 1
    ]
    verdict.said += [
        f"{code} of {tid} was told {times} times" for (tid, code), times in told.items() if times > 1
    ]


def _rows(look: Look) -> Iterator[tuple[int, Look]]:
    """Rows that hold something."""
    for row, cells in enumerate(look.rows[1:], start=1):
        if any(cells):
            yield row, look
