"""Following parcels that left: a bounded number of questions a tick, the answers kept in the journal and shown in 运单.

Nothing of it can fail a tick. What platform messages would tell is a hint at most: who gets one asks with the command Refresh,
and the order's parcels are the next ones asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync_engine.errors import NotAllowed, OutsideError, Refused
from sync_engine.execute import sellers_of
from sync_engine.journal.journal import Journal
from sync_engine.parcel import Package
from sync_engine.plan.facts import LineStaff, is_dead
from sync_engine.plan.ownorders import is_own
from sync_engine.plan.track_alarms import SUBJECT, Limits, judged, limits_of, next_look, track_todos
from sync_engine.plan.tracking import Track, heard, not_heard, track_cells, with_row
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.todo import Todo
from sync_engine.trade import ENDED, Trade
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import TODO, WAYBILLS

ON = "tracking"  # the limits parcels were judged by; "" while it is switched off
PAUSE = "tracking_pause"  # nothing is asked before then
FAILED = "tracking_failed"  # how often in a row Tmall gave no answer at all
TOLD_AFTER = 3
WAIT = timedelta(minutes=10)
NOT_ALLOWED_WAIT = timedelta(hours=1)
_BACK = ("refused", "returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """A parcel that left, with its order."""

    package: Package
    trade: Trade
    lines: Mapping[str, LineStaff]
    others: tuple[str, ...]  # lines of the order that went or go elsewhere


def tracking_due(journal: Journal, now: datetime) -> bool:
    """Whether any parcel is to be asked for."""
    return bool(journal.meta(ON)) and not _paused(journal, now) and journal.tracks.any_due(now)


def _paused(journal: Journal, now: datetime) -> bool:
    until = journal.moment(PAUSE)
    return until is not None and now < until <= now + NOT_ALLOWED_WAIT


def follow_parcels(state: TickState) -> None:
    """Take up parcels that left, and let those go whose order ended. Inside the tick's transaction."""
    journal, policy = state.shop.journal, state.reading.policy
    if policy.setting("track_parcels") != "yes":
        if journal.meta(ON):
            journal.set_meta(ON, "")
            _tell(state, [])
        return
    limits = limits_of(policy)
    changed = journal.meta(ON) != str(limits) and _judge_all(state, limits)
    if journal.meta(ON):
        changed |= _take_up(state, limits, _left(state))
    else:
        left = [*_left(state), *_left_before(state)]
        known = any(
            _row_of(state, one).get("track_state") for one in left
        )  # asked for by a journal that is lost
        changed |= _take_up(state, limits, left, start=state.now if known else None)
    if journal.meta(ON) != str(limits):
        journal.set_meta(ON, str(limits))
    if changed:
        _tell(state, journal.tracks.in_trouble())


def _left(state: TickState) -> Iterator[_Left]:
    """Of the orders this tick looks at."""
    for facts in state.facts.values():
        for package in facts.packages:
            if package.state == "shipped" and package.waybill_code and not package.is_guest:
                yield _Left(
                    package=package,
                    trade=facts.trade,
                    lines=facts.lines,
                    others=_others(facts.trade, package),
                )


def _left_before(state: TickState) -> list[_Left]:
    """Of all other orders that have not ended: where tracking was just switched on, or the journal is new."""
    mirror = state.shop.journal.mirror
    tids = mirror.shipped_open() - state.facts.keys()
    trades, groups = mirror.trades(tids), mirror.packages_of(tids)
    found = [
        _Left(package=package, trade=trades[tid], lines={}, others=_others(trades[tid], package))
        for tid, packages in groups.items()
        for package in packages
        if package.state == "shipped" and package.waybill_code and not package.is_guest
    ]
    state.view.load(WAYBILLS.name, (one.package.package_id for one in found))
    return found


def _others(trade: Trade, package: Package) -> tuple[str, ...]:
    return tuple(line.oid for line in trade.lines if line.oid not in package.oids and not is_dead(line))


def _row_of(state: TickState, one: _Left) -> Mapping[str, Value]:
    return state.view.typed(WAYBILLS.name, one.package.package_id)


def _take_up(
    state: TickState, limits: Limits, left: Iterable[_Left], *, start: datetime | None = None
) -> bool:
    """Take parcels up.

    Args:
        start: when they count as asked for; None: new ones when they left.
    """
    journal, changed = state.shop.journal, False
    parcels = [one for one in left if not is_own(one.package.tid)]  # no platform follows those
    known = journal.tracks.get(one.package.waybill_code for one in parcels)
    for code in {code for one in parcels for code in one.package.earlier}:
        changed |= journal.tracks.drop(code)
    for one in parcels:
        held = known.get(one.package.waybill_code)
        ended = one.trade.status in ENDED
        if held is None and ended and not _row_of(state, one).get("track_why"):
            continue  # else a lost journal left a word of trouble beside it, which is over
        track = held or with_row(_new(one, state.now), _row_of(state, one))
        back = track.state in _BACK and any(_came_back(one, oid) for oid in one.package.oids)
        told = replace(
            track, promised=one.trade.promised, split=one.package.oids if one.others else (), done=ended or back,
            parts=one.package.joined or (one.package.package_id,),
        )  # fmt: skip
        if told != held:
            changed = True
            since = state.now if held else start or min(state.now, told.shipped_at)
            _keep(state, held, judged(told, state.now, limits), next_look(told, since, limits))
    return changed


def _came_back(one: _Left, oid: str) -> bool:
    staff = one.lines.get(oid)
    return staff is not None and bool(staff.returned_qty + staff.defective_qty)


def _new(one: _Left, now: datetime) -> Track:
    package = one.package
    return Track(
        code=package.waybill_code, tid=package.tid, cp_code=package.cp_code, package_id=package.package_id,
        shipped_at=package.resent_at or package.shipped_at or one.trade.consign_time or now,
    )  # fmt: skip


def _judge_all(state: TickState, limits: Limits) -> bool:
    """Another setting: every parcel is looked at once by it, and asked for by it from now on."""
    changed = False
    for held in state.shop.journal.tracks.open():
        track = judged(held, state.now, limits)
        changed |= track != held
        _keep(state, held, track, next_look(track, state.now, limits))
    return changed


def _keep(state: TickState, held: Track | None, track: Track, next_at: datetime | None) -> None:
    """Remember a parcel; its rows are shown anew where they would say anything else."""
    journal, lang = state.shop.journal, state.shop.lang
    journal.tracks.put(track, next_at)
    if held is None or track_cells(held, lang) != track_cells(track, lang):
        journal.rows.mark({WAYBILLS.name: track.parts})


def _tell(state: TickState, tracks: Iterable[Track]) -> None:
    """Open and solve the to-dos of parcels."""
    found = track_todos(tracks, state.shop.lang)
    _settle(state, state.shop.journal.todos.open_subjects(SUBJECT), found)


def _settle(state: TickState, subjects: Iterable[str], found: Iterable[Todo]) -> None:
    changed, new = state.shop.journal.todos.settle(subjects, found, state.now)
    state.shop.journal.rows.mark({TODO.name: changed})
    state.todo_ids |= changed
    state.new_todos += new


# -- asking ---------------------------------------------------------------------------------------------------------


def ask_for_parcels(state: TickState) -> None:
    """Ask for the parcels that are due, those not asked for longest first, and keep what was told."""
    journal, policy = state.shop.journal, state.reading.policy
    if not journal.meta(ON) or _paused(journal, state.now):
        return
    with journal.transaction():
        journal.tracks.ask_now(state.request.ask, state.now)
        due = journal.tracks.due(state.now, int(policy.number("track_calls")))
        journal.tracks.asked((track.code for track in due), state.now)
    if not due:
        return
    answers, trouble = _ask(state, due)
    limits = limits_of(policy)
    with journal.transaction():
        changed = False
        for held, told in answers:
            track = judged(told, state.now, limits)
            changed |= (track.alarm, track.faults) != (held.alarm, held.faults)
            _keep(state, held, track, next_look(track, state.now, limits))
        _note_failure(state, trouble)
        if changed:
            _tell(state, journal.tracks.in_trouble())


def _ask(state: TickState, due: list[Track]) -> tuple[list[tuple[Track, Track]], OutsideError | None]:
    """Each parcel before and after its answer, and why no more were asked for."""
    outside, lang = state.shop.outside, state.shop.lang
    sellers = sellers_of(state.shop.journal, (track.tid for track in due))
    answers: list[tuple[Track, Track]] = []
    for track in due:
        try:
            trace = outside.tmall_of(sellers[track.tid]).trace(track.tid, track.split or None)
        except NotAllowed as error:
            return answers, error
        except Refused as error:
            answers.append((track, not_heard(track, str(error))))
        except OutsideError as error:
            return answers, error
        else:
            answers.append((track, heard(track, trace, state.reading.track_rules, lang)))
    return answers, None


def _note_failure(state: TickState, trouble: OutsideError | None) -> None:
    """Nothing is asked for a while after a failure; several in a row are told, once."""
    journal, lang = state.shop.journal, state.shop.lang
    before = int(journal.meta(FAILED) or 0)
    if trouble is None:
        if before:
            journal.set_meta(FAILED, "")
            _settle(state, [f"tracks:{WAYBILLS.name}"], [])
        return
    refused = isinstance(trouble, NotAllowed)
    wait = NOT_ALLOWED_WAIT if refused else max(WAIT, timedelta(seconds=trouble.answer.wait_seconds))
    journal.set_moment(PAUSE, state.now + min(wait, NOT_ALLOWED_WAIT))
    journal.set_meta(FAILED, str(before + 1))
    if refused or before + 1 >= TOLD_AFTER:
        todo = Todo(
            code="tracking_silent", subject=f"tracks:{WAYBILLS.name}", table=WAYBILLS.name, row_key="", severity="tell",
            reason=say(lang, f"查不到物流:{trouble}", f"No tracking: {trouble}"),
            advice=say(lang, "过一会儿自动再查;没有权限就在开放平台开通 taobao.logistics.trace.search,或关掉“跟踪物流”", "It is asked again by itself; without the permission for taobao.logistics.trace.search switch Track parcels off"),
        )  # fmt: skip
        _settle(state, [], [todo])


# -- showing --------------------------------------------------------------------------------------------------------


def tracked(journal: Journal, packages: Iterable[Package], lang: Lang) -> dict[str, dict[str, Value]]:
    """The tracking cells of these parcels' rows, by row."""
    codes = {package.package_id: package.waybill_code for package in packages if package.state == "shipped"}
    tracks = journal.tracks.get({code for code in codes.values() if code})
    return {key: track_cells(tracks[code], lang) for key, code in codes.items() if code in tracks}
