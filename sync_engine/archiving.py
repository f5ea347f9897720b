"""Archiving closed months: their rows leave 凭证 for a file that was read back first; the sums stay, the file stays watched.

The facts decide, so that a tick killed anywhere goes on: a month whose file is named in 会计期间 is archived; rows of it that
still stand in 凭证 leave; a file that is gone is made again from the journal, or told where the journal does not know either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from formulas.accounting.reports import KindSum
from formulas.accounting.vouchers import ZERO, Voucher, check_chain, month_seal
from sync_engine.archive_room import ArchiveRoom
from sync_engine.books_kept import broken_of
from sync_engine.errors import UserError, WorkbookError
from sync_engine.journal.journal import Journal
from sync_engine.journal.vouchers import Period
from sync_engine.plan.archive_todos import archive_todo
from sync_engine.plan.books import Desk
from sync_engine.plan.booksrows import posting_keys, posting_rows, voucher_from_rows
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.todo import Todo
from sync_engine.view import View
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import PERIODS, POSTINGS, SUMS, TODO

LOST = "archives_lost"
"""Months whose vouchers nobody has: the journal was lost, and so was their file. By month: the file's name."""
REFILE = "books_refile"
"""Set while posting was held: every fact is looked at again afterwards."""
SEEN = "archive_seen:"
ARCHIVING = "archiving"
"""Set while anything is under way: no tick is idle then."""
Cells = Mapping[str, Value]


def archive_months(state: TickState, desk: Desk) -> None:
    """After a tick's write: put away what is due, and take rows out whose file stands in 会计期间."""
    shop, journal = state.shop, state.shop.journal
    keep = int(state.reading.policy.number("archive_after"))
    if shop.archive is None or lost_archives(journal):
        return
    old = _too_old(state)
    due = _due(journal, state.now, keep) if keep and not old else []
    if due or (_left(journal) and not old):
        with journal.transaction():
            journal.set_meta(ARCHIVING, "1")
    todos = [todo for one in due if (todo := _put_away(shop.archive, journal, one, desk))]
    refused = old if keep and old else "" if old else _take_out(shop.archive, journal)
    if refused:
        todos.append(replace(_not_archived(0, refused, desk.lang), row_key=""))
    with journal.transaction():
        if journal.meta(ARCHIVING) and (todos or old or not _left(journal)):
            journal.set_meta(ARCHIVING, "")
        changed, _ = journal.todos.settle(
            ["archiving"], [replace(todo, subject="archiving") for todo in todos], state.now
        )
        journal.rows.mark({TODO.name: changed})


def _too_old(state: TickState) -> str:
    """Why nothing may leave a workbook that does not say where it went, or whose sums are not there."""
    periods, sums = (state.view.found[table.name] for table in (PERIODS, SUMS))
    if periods.usable and sums.usable and "archive" not in periods.missing:
        return ""
    return say(
        state.shop.lang, "工作簿是旧版做的,缺“科目汇总”表或“归档文件”列:关掉它后运行 biaomao upgrade",
        "the workbook is of an older version and lacks Account sums or the column Archive: close it and run biaomao upgrade",
    )  # fmt: skip


def month_number(period: int) -> int:
    """Months as numbers that differ by one."""
    return period // 100 * 12 + period % 100


def _due(journal: Journal, now: datetime, keep: int) -> list[Period]:
    """Closed months that end more than `keep` months ago and whose rows all stand as they should."""
    if journal.rows.marked(POSTINGS.name):
        return []
    this = now.year * 12 + now.month
    return [
        one for key, one in journal.vouchers.periods().items()
        if one.state != "open" and not one.archive and this - month_number(key) > keep
        and journal.vouchers.count(key) and not broken_of(journal, key)
    ]  # fmt: skip


def _left(journal: Journal) -> set[str]:
    """Rows of archived months that still stand in 凭证."""
    months = {str(key) for key in journal.vouchers.archived()}
    return (
        {key for key in journal.rows.keys(POSTINGS.name) if key.partition("-")[0] in months}
        if months
        else set()
    )


def _put_away(room: ArchiveRoom, journal: Journal, period: Period, desk: Desk) -> Todo | None:
    """Write a month's file and note it. A to-do where that was not possible."""
    vouchers = journal.vouchers.of_period(period.period)
    if not _holds(journal, period, vouchers):
        said = say(
            desk.lang,
            "凭证和结账时的校验码对不上",
            "its vouchers do not agree with the seal it was closed with",
        )
        return _not_archived(period.period, said, desk.lang)
    rows = _rows(vouchers, desk)
    base = journal.rows.get(POSTINGS.name, rows)
    named = [{**row, "account_name": base.get(key, row).get("account_name")} for key, row in rows.items()]
    try:
        name = room.put(POSTINGS, str(period.period), named)
    except (OSError, UserError, WorkbookError) as error:
        return _not_archived(period.period, str(error), desk.lang)
    said = say(
        desk.lang, f"归档到 {name}({len(vouchers)} 张凭证)", f"archived in {name} ({len(vouchers)} vouchers)"
    )
    line = f"{desk.now:%Y-%m-%d %H:%M} {said}"
    with journal.transaction():
        trail = f"{period.trail}\n{line}" if period.trail else line
        journal.vouchers.put_period(replace(period, archive=name, trail=trail))
        journal.set_meta(f"{SEEN}{name}", room.stamp(name))
        journal.rows.mark({PERIODS.name: [str(period.period)]})
    return None


def _rows(vouchers: Sequence[Voucher], desk: Desk) -> dict[str, Cells]:
    return {key: row for one in vouchers for key, row in posting_rows(one, desk).items()}


def _holds(journal: Journal, period: Period, vouchers: Sequence[Voucher]) -> bool:
    """Whether these are the vouchers the month was closed with."""
    periods = journal.vouchers.periods()
    earlier = [key for key in periods if key < period.period]
    before = periods[max(earlier)].seal if earlier else ""
    return bool(vouchers) and check_chain(vouchers) is None and month_seal(vouchers, before) == period.seal


def _take_out(room: ArchiveRoom, journal: Journal) -> str:
    """Rows leave 凭证 once the sheet itself says where they are: then a lost journal loses nothing. A sentence why not."""
    named = journal.rows.all(PERIODS.name)
    months = {
        str(key) for key, one in journal.vouchers.periods().items()
        if one.archive and (named.get(str(key)) or {}).get("archive") == one.archive and room.stamp(one.archive)
    }  # fmt: skip
    keys = {key for key in _left(journal) if key.partition("-")[0] in months}
    if not keys:
        return ""
    digests = journal.rows.digests()[POSTINGS.name]
    try:
        taken = room.take(POSTINGS, {key: digests[key] for key in keys})
    except (UserError, WorkbookError) as error:
        return str(error)
    with journal.transaction():
        journal.rows.forget(POSTINGS.name, taken)
        journal.rows.clean(POSTINGS.name, taken)
    return ""


def bring_back(journal: Journal, period: Period) -> Period:
    """A month that is opened again: its rows are written into 凭证 anew. The file stays."""
    if not period.archive:
        return period
    vouchers = journal.vouchers.of_period(period.period)
    journal.rows.mark({POSTINGS.name: [key for one in vouchers for key in posting_keys(one)]})
    return replace(period, archive="")


# -- looking after the files ----------------------------------------------------------------------------------------


def lost_archives(journal: Journal) -> dict[str, str]:
    """Months whose vouchers neither the journal nor a file has."""
    found: dict[str, str] = json.loads(journal.meta(LOST) or "{}")
    return found


def look_after_archives(state: TickState, desk: Desk) -> bool:
    """Every archived month has its file, as it was written. False: vouchers are missing, and nothing may be posted."""
    journal, room = state.shop.journal, state.shop.archive
    months = {key: one for key, one in journal.vouchers.periods().items() if one.archive}
    todos: list[Todo] = []
    lost = lost_archives(journal)
    for key, period in sorted(months.items()):
        if str(key) in lost:
            if room is not None and (vouchers := _read(room, journal, period)):
                journal.vouchers.forget_sums(key)
                journal.vouchers.add(vouchers)
                lost.pop(str(key))
            else:
                todos.append(_gone(key, period.archive, desk.lang))
        elif room is not None and journal.meta(f"{SEEN}{period.archive}") != room.stamp(period.archive):
            todos += _seen_anew(room, journal, period, desk)
    if lost != lost_archives(journal):
        journal.set_meta(LOST, json.dumps(lost))
    if lost and journal.meta(REFILE) != "1":
        journal.set_meta(REFILE, "1")
    _tell(journal, todos, desk.now, months)
    return not lost


def _seen_anew(room: ArchiveRoom, journal: Journal, period: Period, desk: Desk) -> list[Todo]:
    """A file that was written since, or is gone: it is read again, and made again from the journal if it does not hold."""
    if _read(room, journal, period):
        journal.set_meta(f"{SEEN}{period.archive}", room.stamp(period.archive))
        return []
    try:
        rows = list(_rows(journal.vouchers.of_period(period.period), desk).values())
        name = room.put(POSTINGS, str(period.period), rows)
    except (OSError, UserError, WorkbookError) as error:
        return [_not_archived(period.period, str(error), desk.lang)]
    journal.vouchers.put_period(replace(period, archive=name))
    journal.set_meta(f"{SEEN}{name}", room.stamp(name))
    journal.rows.mark({PERIODS.name: [str(period.period)]})
    return [_made_again(period.period, period.archive, name, desk.lang)]


def _read(room: ArchiveRoom, journal: Journal, period: Period) -> list[Voucher]:
    """The vouchers of a month's file; none where it is not the one the month was closed with."""
    groups: dict[str, list[Cells]] = {}
    for cells in room.get(POSTINGS, period.archive) or ():
        groups.setdefault(str(cells.get("voucher") or ""), []).append(cells)
    made = [voucher_from_rows(rows) for rows in groups.values()]
    vouchers = sorted((one for one in made if one is not None), key=lambda one: one.number)
    return vouchers if len(vouchers) == len(made) and _holds(journal, period, vouchers) else []


def adopt_archives(journal: Journal, view: View, room: ArchiveRoom | None) -> None:
    """After a loss of the journal: vouchers of archived months from their files, or, where a file is gone, their sums
    from 科目汇总, so that statements go on; posting waits until the file is back.
    """
    lost: dict[str, str] = {}
    for key, period in journal.vouchers.periods().items():
        if not period.archive or journal.vouchers.count(key):
            continue
        vouchers = _read(room, journal, period) if room is not None else []
        if vouchers:
            journal.vouchers.add(vouchers)
        else:
            lost[str(key)] = period.archive
            journal.vouchers.take_sums(_sums_of(view, key))
    journal.set_meta(LOST, json.dumps(lost))


def _sums_of(view: View, period: int) -> list[KindSum]:
    found: list[KindSum] = []
    for row in view.found[SUMS.name].rows.values():
        cells = row.cells
        if cells.get("period") == period and cells.get("account"):
            debit, credit, flow, lines = (cells.get(name) for name in ("debit", "credit", "flow", "lines"))
            found.append(KindSum(
                period=period, account=str(cells["account"]), partner=str(cells.get("partner") or ""), kind=str(cells.get("kind") or ""),
                flow=flow if isinstance(flow, int) else 0, lines=lines if isinstance(lines, int) else 0,
                debit=debit or ZERO, credit=credit or ZERO,  # type: ignore[arg-type]
            ))  # fmt: skip
    return found


# -- what people are told -------------------------------------------------------------------------------------------


def _tell(journal: Journal, todos: Sequence[Todo], now: datetime, months: Iterable[int] = ()) -> None:
    subjects = [f"archive/{month}" for month in months]
    if subjects or todos:
        changed, _ = journal.todos.settle(subjects, todos, now)
        journal.rows.mark({TODO.name: changed})


def _gone(period: int, name: str, lang: Lang) -> Todo:
    return archive_todo(
        "archive", period, "archive_lost",
        say(lang, f"{period} 的归档文件 {name} 找不到或被改过,日志里也没有这些凭证:报表仍按“科目汇总”算,但先不入账",
            f"The archive {name} of {period} is gone or was changed, and the journal does not have its vouchers: statements go on from the account sums, nothing is posted"),
        say(lang, "把这个文件从备份里找回来,放回原处", "Find this file in a backup and put it back where it was"),
    )  # fmt: skip


def _made_again(period: int, old: str, new: str, lang: Lang) -> Todo:
    return archive_todo(
        "archive", period, "archive_made_again",
        say(lang, f"{period} 的归档文件 {old} 找不到或被改过,已按日志里的凭证重做为 {new}",
            f"The archive {old} of {period} was gone or changed: it was made again from the journal as {new}"),
        say(lang, "归档文件不要改;旧文件留着没动", "Leave archives as they are; the old file was not touched"),
        severity="tell", event=True,
    )  # fmt: skip


def _not_archived(period: int, why: str, lang: Lang) -> Todo:
    return archive_todo(
        "archive", period, "not_archived",
        say(lang, f"{period or '旧凭证'} 没有归档:{why}", f"{period or 'Old vouchers'}: not archived. {why}"),
        say(lang, "凭证都还在;处理后下次同步再试", "All vouchers are where they were; it is tried again at the next sync"),
    )  # fmt: skip
