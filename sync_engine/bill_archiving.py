"""Archiving the bills of closed months: rows leave 支付宝账单 for files that were read back first. The journal keeps them whole,
so that matching, the books and whoever asks go on counting them; none is classified, matched anew or imported again.

The facts decide, so that a tick killed anywhere goes on: rows are put away once a file has them that 会计期间 names; those that
still stand in the sheet leave; an open month's rows come back; a file that is gone is made again, or told where nobody has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sync_engine.archive_room import ArchiveRoom, LookingRoom
from sync_engine.archiving import REFILE, SEEN, month_number
from sync_engine.billdesk import COVERED, spoiled_rows
from sync_engine.billed import Billed
from sync_engine.books_kept import TO_POST, WAITING
from sync_engine.errors import UserError
from sync_engine.journal.bill_archive import AGAIN, LEFT
from sync_engine.journal.journal import Journal
from sync_engine.journal.vouchers import Period
from sync_engine.plan.bill_archive import (
    PUT,
    billed_from,
    file_name,
    gone,
    made_again,
    month_of,
    moved_line,
    names_of,
    not_made_again,
    not_put,
    still_open,
    unproved,
    whole,
)
from sync_engine.plan.merge import typed_in
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.todo import Todo
from sync_engine.view import View
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import BILLS, MATCHES, PERIODS, TODO

Cells = Mapping[str, Value]
REFUSED = "bills_unproved:"
OPEN = ("needs", "waiting")
"""List or state of a row of 对账 that may yet need its bill rows in the sheet."""


def archive_bills(state: TickState) -> None:
    """After a tick's write: put away what is due, and take rows out whose file stands in 会计期间."""
    room, journal = state.shop.archive, state.shop.journal
    if room is None or journal.bill_archive.lost():
        return
    todos: list[Todo] = []
    _end_coming_back(journal)
    for period in _due(state):
        todos += _put_away(state, room, period)
    if journal.meta(LEFT):
        todos += _take_out(room, journal, state.shop.lang)
    with journal.transaction():
        changed, _ = journal.todos.settle([PUT], todos, state.now)
        journal.rows.mark({TODO.name: changed})


def _due(state: TickState) -> list[Period]:
    """Closed months that end more than so many months ago and have rows in the sheet, once all that is marked was shown."""
    journal, policy = state.shop.journal, state.reading.policy
    keep = int(policy.number("archive_after"))
    if (
        not keep
        or policy.setting("books") != "yes"
        or any(journal.rows.marked(name) for name in (BILLS.name, MATCHES.name, TO_POST))
    ):
        return []
    this, away, due = state.now.year * 12 + state.now.month, journal.bill_archive.put_away(), []
    for key, one in journal.vouchers.periods().items():
        month = month_of(key)
        if one.state == "open" or this - month_number(key) <= keep or month in away:
            continue
        if journal.bills.count(month) > journal.bill_archive.count(month):
            due.append(one)
        else:
            journal.bill_archive.note_put_away(month)
    return due


# -- putting away ---------------------------------------------------------------------------------------------------


def _put_away(state: TickState, room: ArchiveRoom, period: Period) -> list[Todo]:
    """Write a file with a month's rows and note it. To-dos where that was not possible.

    Rows whose match is open stay for people to work on. A further file is written once nothing of the month is open any
    more, or for rows that came later.
    """
    journal, lang = state.shop.journal, state.shop.lang
    why = room.why if isinstance(room, LookingRoom) else ""
    why = why or _too_old(state, lang) or _unsettled(state, period, lang)
    if why:
        return [not_put(period.period, why, lang)]
    left = journal.bills.left(month_of(period.period))
    if not left:  # they are on their way back into the sheet
        return []
    stays = _staying(journal, left)
    first = next(iter(stays.values()), "")
    if stays and (period.bill_archive or len(stays) == len(left)):
        return [still_open(period.period, len(stays), first, lang)]
    rows = journal.rows.get(BILLS.name, (one.key for one in left))
    why = _unproved(journal, period, left, rows, lang)
    if why:
        return [not_put(period.period, why, lang)]
    moving = {key: rows[key] for key in sorted(rows) if key not in stays}
    try:
        name = room.put(BILLS, file_name(period.period, moving.values(), lang), list(moving.values()))
    except (OSError, UserError) as error:
        return [not_put(period.period, str(error), lang)]
    said = moved_line(name, len(moving), len(stays), first, lang)
    _note(state, room, period, name, moving, f"{state.now:%Y-%m-%d %H:%M} {said}")
    return []


def _unproved(
    journal: Journal, period: Period, left: Sequence[Billed], rows: Mapping[str, Cells], lang: Lang
) -> str:
    """A sentence why a month's rows do not prove whole. It is kept until the month has other rows: a balance that breaks for
    good is not worked out at every sync.
    """
    if len(rows) != len(left):
        return _not_there(lang)
    month = month_of(period.period)
    kept, count = f"{REFUSED}{month}", f"{journal.bills.count(month)} "
    said = journal.meta(kept) or ""
    if not said.startswith(count):
        why = unproved([*journal.bill_archive.of_month(month).values(), *rows.values()], lang)
        said = f"{count}{why}" if why else ""
        with journal.transaction():
            journal.set_meta(kept, said)
    return said.removeprefix(count)


def _note(
    state: TickState, room: ArchiveRoom, period: Period, name: str, moving: Mapping[str, Cells], line: str
) -> None:
    journal, names = state.shop.journal, names_of(period.bill_archive)
    known = journal.vouchers.periods()[period.period]
    with journal.transaction():
        journal.bill_archive.put(month_of(period.period), name, moving)
        journal.vouchers.put_period(replace(
            known, bill_archive="\n".join(dict.fromkeys([*names, name])), trail=f"{known.trail}\n{line}" if known.trail else line
        ))  # fmt: skip
        journal.set_meta(f"{SEEN}{name}", room.stamp(name))
        journal.set_meta(LEFT, "1")
        journal.rows.mark({PERIODS.name: [str(period.period)]})


def _too_old(state: TickState, lang: Lang) -> str:
    if "bill_archive" not in state.view.found[PERIODS.name].missing:
        return ""
    return say(
        lang, "工作簿是旧版做的,“会计期间”缺“账单归档文件”列:关掉它后运行 biaomao upgrade",
        "the workbook is of an older version and lacks the column Bill archive: close it and run biaomao upgrade",
    )  # fmt: skip


def _not_there(lang: Lang) -> str:
    return say(lang, f"“{BILLS.zh}”有行重复或不见了", f'rows of "{BILLS.en}" stand twice or are gone')


def _unsettled(state: TickState, period: Period, lang: Lang) -> str:
    """A sentence why no row of a month may leave yet."""
    journal, found, month = state.shop.journal, state.view.found[BILLS.name], month_of(period.period)
    if not found.usable or found.doubled or found.asking:
        return _not_there(lang)
    unknown = journal.bills.unclassified().get(month, 0)
    if unknown:
        return say(lang, f"有 {unknown} 行没有归类", f"{unknown} rows are not classified")
    spoiled = sorted(spoiled_rows(journal))
    if spoiled:
        return say(lang, f"“{BILLS.zh}”有行被改过、没有计入,如 {spoiled[0]}", f'rows of "{BILLS.en}" were changed and do not count, such as {spoiled[0]}')  # fmt: skip
    accounts = {f"{account}/{month}" for account in journal.bills.accounts()}
    off = sorted(key for key, cells in journal.rows.get(MATCHES.name, accounts).items() if _is_open(cells))
    return say(lang, f"账户余额 {off[0]} 在“{MATCHES.zh}”里还没对上", f'the balance {off[0]} does not agree yet in "{MATCHES.en}"') if off else ""  # fmt: skip


def _is_open(cells: Cells) -> bool:
    return cells.get("list") in OPEN or cells.get("state") in OPEN


def _staying(journal: Journal, left: Sequence[Billed]) -> dict[str, str]:
    """Rows that stay in the sheet, with the match that is open, or the row itself where it is not posted or a cell of it
    could not be read.
    """
    ids = {one.tid for one in left if one.tid} | {
        f"T/{one.log_id}" for one in left if one.item == "own_transfer"
    }
    matches = {key for key, cells in journal.rows.get(MATCHES.name, ids).items() if _is_open(cells)}
    waiting = {one.removeprefix("bill/") for one in (journal.meta(WAITING) or "").split("\n")}
    waiting |= {
        one.removeprefix(f"cell:{BILLS.name}/") for one in journal.todos.open_subjects(f"cell:{BILLS.name}/")
    }
    stays: dict[str, str] = {}
    for one in left:
        match = one.tid if one.tid in matches else f"T/{one.log_id}"
        if match in matches or one.key in waiting:
            stays[one.key] = match if match in matches else one.key
    return stays


# -- taking out, and bringing back ----------------------------------------------------------------------------------


def _take_out(room: ArchiveRoom, journal: Journal, lang: Lang) -> list[Todo]:
    """Rows leave 支付宝账单 once the sheet itself says where they are: then a lost journal loses nothing."""
    standing = journal.bill_archive.standing()
    named, files = journal.rows.all(PERIODS.name), set[str]()
    for key, period in journal.vouchers.periods().items():
        cell = names_of(str((named.get(str(key)) or {}).get("bill_archive") or ""))
        files |= {name for name in names_of(period.bill_archive) if name in cell and room.stamp(name)}
    digests = journal.rows.digests()[BILLS.name]
    rows = {key: digests[key] for key, file in standing.items() if file in files}
    try:
        taken = room.take(BILLS, rows) if rows else set[str]()
    except (OSError, UserError) as error:
        return [not_put(0, str(error), lang)]
    with journal.transaction():
        journal.rows.forget(BILLS.name, taken)
        journal.rows.clean(BILLS.name, taken)
        if standing.keys() <= taken:
            journal.set_meta(LEFT, "")
    return []


def call_bills_back(journal: Journal, period: Period) -> Period:
    """A month that is opened again: its rows are written into 支付宝账单 anew, and count as before. The files stay, and are
    named until the rows are back. A file that is lost is waited for no longer: the month's bill can be imported again.
    """
    if not period.bill_archive:
        return period
    journal.rows.mark({BILLS.name: journal.bill_archive.call_back(month_of(period.period))})
    lost, names = journal.bill_archive.lost(), names_of(period.bill_archive)
    for name in lost.keys() & names:
        journal.bill_archive.found(name)
        journal.set_meta(AGAIN, "1")
    return replace(period, bill_archive="\n".join(name for name in names if name not in lost))


def _end_coming_back(journal: Journal) -> None:
    """Rows that are back in the sheet live there; a month that has none elsewhere names no file any more."""
    coming = journal.bill_archive.coming_keys()
    back = coming & journal.rows.keys(BILLS.name) if coming else coming
    ended = [
        one for one in journal.vouchers.periods().values()
        if one.bill_archive and not journal.bill_archive.of_others(month_of(one.period), back)
    ]  # fmt: skip
    if not back and not ended:
        return
    with journal.transaction():
        journal.bill_archive.drop(back)
        for one in ended:
            journal.vouchers.put_period(replace(one, bill_archive=""))
            journal.rows.mark({PERIODS.name: [str(one.period)]})


# -- looking after the files ----------------------------------------------------------------------------------------


def mind_bill_archives(state: TickState) -> None:
    """Every file that 会计期间 names is there, as it was written. Inside the tick's transaction, before bills are looked at."""
    journal, room, lang = state.shop.journal, state.shop.archive, state.shop.lang
    periods = [one for one in journal.vouchers.periods().values() if one.bill_archive]
    lost, todos = journal.bill_archive.lost(), list[Todo]()
    for period in periods:
        for name in names_of(period.bill_archive):
            seen = room is None or journal.meta(f"{SEEN}{name}") == room.stamp(name)
            if name in lost:
                if seen or not _found(journal, state.view, room, period, name):
                    todos.append(gone(period.period, name, lang))
            elif room is not None and not seen:
                todos += _seen_anew(journal, room, period.period, name, lang)
    if (lost or journal.meta(AGAIN)) and not journal.bill_archive.lost():
        _look_at_all_again(journal)
    subjects = {f"bill_archive/{one.period}" for one in periods} | journal.todos.open_subjects(
        "bill_archive/"
    )
    if subjects:
        changed, new = journal.todos.settle(subjects, todos, state.now)
        state.todo_ids |= changed
        state.new_todos += new


def _seen_anew(journal: Journal, room: ArchiveRoom, period: int, name: str, lang: Lang) -> list[Todo]:
    """A file that was written since, or is gone: it is read again, and made again from the journal if it does not hold."""
    rows = journal.bill_archive.of_file(name)
    if not rows or whole(name, room.get(BILLS, name)) is not None:
        journal.set_meta(f"{SEEN}{name}", room.stamp(name))
        return []
    try:
        new = room.put(BILLS, file_name(period, rows.values(), lang), list(rows.values()))
    except (OSError, UserError) as error:
        return [not_made_again(period, str(error), lang)]
    known = journal.vouchers.periods()[period]
    names = [new if one == name else one for one in names_of(known.bill_archive)]
    journal.bill_archive.rename(name, new)
    journal.vouchers.put_period(replace(known, bill_archive="\n".join(names)))
    journal.set_meta(f"{SEEN}{new}", room.stamp(new))
    journal.rows.mark({PERIODS.name: [str(period)]})
    return [made_again(period, name, new, lang)]


def adopt_bill_archives(journal: Journal, view: View, room: ArchiveRoom | None) -> None:
    """After a loss of the journal: rows that were moved out from their files; a file that is gone is noted as lost."""
    for period in journal.vouchers.periods().values():
        for name in names_of(period.bill_archive):
            if not _found(journal, view, room, period, name):
                journal.bill_archive.lose(name, month_of(period.period))


def _found(journal: Journal, view: View, room: ArchiveRoom | None, period: Period, name: str) -> bool:
    """Take a file's rows over as the journal had them; False where there is no such file, or it is not what was written.
    A row that stands in the sheet with other words of people lives there.
    """
    rows = whole(name, room.get(BILLS, name)) if room is not None else None
    journal.set_meta(f"{SEEN}{name}", room.stamp(name) if room is not None else "")
    if rows is None:
        return False
    back = period.state == "open"
    view.load(BILLS.name, rows)
    mine = {key: cells for key, cells in rows.items() if not _lives_there(view, key, cells, back=back)}
    journal.bill_archive.put(month_of(period.period), name, mine, back=back)
    journal.bill_archive.found(name)
    journal.bills.put(one for cells in mine.values() if (one := billed_from(cells)) is not None)
    journal.set_meta(LEFT, "1")
    if back:
        journal.rows.mark({BILLS.name: mine})
    return True


def _lives_there(view: View, key: str, cells: Cells, *, back: bool) -> bool:
    """Whether a row of a file stands in the sheet as one that counts there."""
    there, read = view.cells(BILLS.name, key), view.row(BILLS.name, key)
    if there is None:
        return False
    return back or typed_in(BILLS, cells, there) or (read is not None and bool(read.faults))


def _look_at_all_again(journal: Journal) -> None:
    """Nothing is missing any more: what came meanwhile is classified, matched and posted."""
    journal.set_meta(REFILE, "1")
    journal.set_meta(COVERED, "")
    journal.set_meta(AGAIN, "")
    journal.rows.mark({
        BILLS.name: journal.rows.keys(BILLS.name) - journal.bill_archive.standing().keys(),
        MATCHES.name: journal.bills.tids(),
    })  # fmt: skip
