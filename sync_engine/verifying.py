"""The packing check of a tick: rows of 验货 judged against the parcels as they are now, and what that makes of the parcels.

What a row that has no number yet comes to is shown at once and counts from the next tick on, when the sheet has its number: so
a row is never taken for another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sync_engine.checkdesk import ASKED, HIGHEST
from sync_engine.journal.journal import Journal
from sync_engine.painting import Painter
from sync_engine.parcel import NOT_CHECKED, Package
from sync_engine.plan.checking import Carton, Scan, Verdict, judge, read_codes, read_scan
from sync_engine.plan.contents import contents_of
from sync_engine.plan.desk import Obeyed
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.sending import why_stopped
from sync_engine.plan.sheet import number_of
from sync_engine.plan.words import label, say
from sync_engine.state import TickState
from workbook_templates.tables import CHECKS, WAYBILLS
from workbook_templates.tables.checks import CHECK_RESULT

Part = tuple[OrderFacts, Package]
Entry = tuple[str, str, str]
COMMAND = "verify"


def scanned_orders(state: TickState) -> set[str]:
    """Orders whose parcels are in rows of 验货 that changed, or were scanned by command."""
    journal, view = state.shop.journal, state.view
    found = view.found[CHECKS.name]
    dirty = (view.cells(CHECKS.name, key) or {} for key in journal.rows.marked(CHECKS.name))
    fresh = [*(row.cells for row in found.rows.values()), *(edit.match or {} for edit in found.adopt), *dirty]
    codes = {str(cells.get("waybill") or "").strip() for cells in fresh}
    codes |= {waybill for _, waybill, _ in (*_waiting(journal), *_by_command(state))}
    known = journal.mirror.packages_by_waybill(codes - {""}) if codes - {""} else {}
    return {package.tid for parts in known.values() for package in parts}


def look_at_checks(state: TickState) -> bool:
    """Judge the rows whose parcels this tick looks at, and keep what that makes of the parcels. Inside the tick's
    transaction; True where a parcel's check changed, so that its order is to be planned again.
    """
    desk = state.checks
    if desk.rows is None:
        _read(state)
    if not desk.rows:
        return False
    cartons = _Cartons(state, {scan.waybill for scan in desk.rows.values()})
    fresh = {
        *state.view.found[CHECKS.name].rows,
        *desk.unnumbered,
        *state.shop.journal.rows.marked(CHECKS.name),
    }
    for key, scan in desk.rows.items():
        codes = cartons.keys_of(scan.waybill)
        if not codes and key not in fresh:
            continue
        carton = cartons.carton(codes[0]) if codes else None
        verdict = judge(scan, carton, desk.codes, state.reading.policy, state.now, twice=len(codes) > 1)
        desk.verdicts[key] = verdict
        if len(codes) == 1:
            cartons.found(codes[0], verdict, lasting=key not in desk.unnumbered)
    return cartons.keep()


def _read(state: TickState) -> None:
    desk, found, journal = state.checks, state.view.found[CHECKS.name], state.shop.journal
    there = state.view.all(CHECKS.name) if found.usable else {}
    new = {edit.key: edit.match or {} for edit in found.adopt}
    rows = {key: read_scan(key, cells) for key, cells in (*there.items(), *new.items())}
    highest = max((int(journal.meta(HIGHEST) or 0), *map(number_of, there)))
    if there and highest > int(journal.meta(HIGHEST) or 0):
        journal.set_meta(HIGHEST, str(highest))
    _take_commands(state, rows, max((highest, *map(number_of, new))))
    rows |= desk.asked
    desk.rows = dict(sorted(rows.items(), key=lambda item: (number_of(item[0]), item[0])))
    desk.unnumbered = frozenset((*new, *desk.asked))
    if rows:
        desk.codes = read_codes(state.reading.products)


def _take_commands(state: TickState, rows: Mapping[str, Scan], used: int) -> None:
    """What was scanned by command and does not stand in the sheet yet: a row each, with a number above all others."""
    desk, journal = state.checks, state.shop.journal
    entries = [*_waiting(journal), *_by_command(state)]
    if not entries:
        return
    if not state.view.found[CHECKS.name].usable:
        desk.answer = say(
            state.shop.lang, "工作簿里没有能用的“验货”表,先升级工作簿", "The workbook has no packing check that can be used: upgrade it first"
        )  # fmt: skip
        desk.alarm = True
        journal.set_meta(ASKED, "")
        return
    kept: list[Entry] = []
    for key, waybill, text in entries:
        standing = rows.get(key)
        if standing is not None and (standing.waybill, standing.tokens) == (waybill, tuple(text.split())):
            continue  # written in the meantime
        if not key or standing is not None:
            used += 1
            key = f"{CHECKS.name[0].upper()}{used:03d}"
        used = max(used, number_of(key))
        desk.asked[key] = read_scan(key, {"waybill": waybill, "scan1": text})
        kept.append((key, waybill, text))
    journal.set_meta(ASKED, json.dumps(kept, ensure_ascii=False) if kept else "")


def _waiting(journal: Journal) -> list[Entry]:
    return [(key, waybill, text) for key, waybill, text in json.loads(journal.meta(ASKED) or "[]")]


def _by_command(state: TickState) -> list[Entry]:
    return [("", waybill, " ".join(codes)) for waybill, *codes in (one.split() for one in state.request.scans if one.split())]  # fmt: skip


def answer_checks(state: TickState) -> None:
    """What the command says: what the parcel scanned last came to."""
    desk, lang, journal = state.checks, state.shop.lang, state.shop.journal
    if desk.asked:
        verdict = desk.verdicts.get(list(desk.asked)[-1])
        if verdict is not None:
            desk.answer = f"{label(CHECK_RESULT, verdict.result, lang)}: {verdict.told}"
            desk.alarm = verdict.result not in ("passed", "open", "other", "sent")
    if COMMAND in state.orders.given and desk.answer:
        with journal.transaction():
            told = Obeyed(seen_go=True, answer=desk.answer, answered_at=state.now).text()
            journal.set_meta(f"command:{COMMAND}", told)


class _Cartons:
    """The parcels that rows are about, with what was found of each so far."""

    def __init__(self, state: TickState, codes: Iterable[str]) -> None:
        self._state, wanted = state, set(codes) - {""}
        self._parts: dict[str, list[Part]] = {}
        self._codes: dict[str, list[str]] = {}
        self._known: dict[str, Carton] = {}
        self._lasting: dict[str, Carton] = {}
        for facts in state.facts.values():
            for package in facts.packages:
                if package.waybill_code in wanted:
                    key = package.joined[0] if package.joined else package.package_id
                    self._parts.setdefault(key, []).append((facts, package))
        for key, parts in self._parts.items():
            code = parts[0][1].waybill_code
            self._codes.setdefault(code, []).append(key)

    def keys_of(self, code: str) -> list[str]:
        """The parcels with this waybill: those that live, else all."""
        keys = self._codes.get(code, [])
        return [key for key in keys if any(package.live for _, package in self._parts[key])] or keys[:1]

    def carton(self, key: str) -> Carton:
        """A parcel, as found so far."""
        if key not in self._known:
            self._known[key] = self._lasting[key] = self._carton(key)
        return self._known[key]

    def _carton(self, key: str) -> Carton:
        state, policy = self._state, self._state.reading.policy
        every = sorted(self._parts[key], key=lambda part: (part[1].is_guest, part[1].package_id))
        live = [part for part in every if part[1].live] or every
        shipped = all(package.state == "shipped" for _, package in live)
        stops = (why_stopped(facts, package, policy, state.now) for facts, package in live)
        times = [package.shipped_at for _, package in live if package.shipped_at]
        return Carton(
            package_id=key, contents=contents_of(live, policy), stop="" if shipped else next(filter(None, stops), ""),
            check=next((package.check for _, package in live if package.check.key), NOT_CHECKED),
            shipped=shipped, shipped_at=min(times, default=None),
        )  # fmt: skip

    def found(self, key: str, verdict: Verdict, *, lasting: bool) -> None:
        """What a row made of a parcel."""
        carton = self._known[key]
        if carton.shipped:
            return
        self._known[key] = replace(carton, check=verdict.check)
        if lasting:
            self._lasting[key] = self._known[key]

    def keep(self) -> bool:
        """Write down what was found in every part of each parcel. True if anything changed."""
        mirror, changed = self._state.shop.journal.mirror, False
        for key, carton in self._lasting.items():
            for _, package in self._parts[key]:
                if not package.live or package.state == "shipped" or package.check == carton.check:
                    continue
                changed = True
                new = replace(package, check=carton.check)
                mirror.put_package(new)
                self._state.go_on_with(new)
                self._state.shop.journal.rows.mark({WAYBILLS.name: [package.package_id]})
        return changed


def show_checks(painter: Painter) -> None:
    """Results and sentences beside the rows of 验货."""
    desk, found = painter.state.checks, painter.view.found[CHECKS.name]
    shown = {
        key: {"check_id": key, "result": verdict.result if verdict.told else None, "told": verdict.told}
        for key, verdict in desk.verdicts.items()
    }
    painter.say_at_once(CHECKS, {key: shown[key] for key in desk.unnumbered & shown.keys()})
    for key, row in shown.items():
        if key in desk.asked:
            scan = desk.asked[key]
            painter.paint(CHECKS, key, row, {"waybill": scan.waybill, "scan1": " ".join(scan.tokens)})
        elif key not in desk.unnumbered:
            painter.paint(CHECKS, key, row)
    for key in {*found.rows, *found.restore, *painter.journal.rows.marked(CHECKS.name)} - shown.keys():
        painter.rest(CHECKS, key)
