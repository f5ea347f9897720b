"""The clerk: collects facts by key and posts what each still asks for, numbered and sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from formulas.accounting.posting import Fact, difference, merged, posting_day, wanted
from formulas.accounting.vouchers import Line, Voucher, begin, first_day, period_of, seal_of, sealed
from sync_engine.books_kept import broken_refs, end_of, forget_broken, keep_voucher
from sync_engine.plan.books import Desk, facts_by_ref
from sync_engine.state import TickState


class Clerk:
    """Collects facts by key and posts what each still asks for."""

    def __init__(self, state: TickState, desk: Desk) -> None:
        self._state, self._desk, self._journal = state, desk, state.shop.journal
        self._facts: list[Fact] = []
        self._from: dict[str, str] = {}
        self.left: set[str] = set()
        periods = self._journal.vouchers.periods()
        self._begin = min(periods)
        self._open = [key for key, one in periods.items() if one.state == "open"]
        self._ends: dict[int, tuple[int, str]] = {}
        self._broken = broken_refs(self._journal)

    @property
    def open_periods(self) -> Sequence[int]:
        """Months that take postings."""
        return self._open

    def file(self, source: str, facts: Iterable[Fact]) -> None:
        """Facts that come from an order or a move."""
        for fact in facts:
            self._facts.append(fact)
            self._from[fact.ref] = source

    def post(self) -> None:
        """Post what the facts ask for beyond what is posted."""
        groups = facts_by_ref(self._facts)
        self._facts = []
        posted = self._journal.vouchers.of_refs(groups)
        for ref, facts in groups.items():
            if not self._settle(ref, facts, posted.get(ref, [])):
                self.left.add(self._from[ref])

    def _settle(self, ref: str, facts: Sequence[Fact], posted: Sequence[Voucher]) -> bool:
        """Post the difference of one fact. False if it has to wait."""
        begun = first_day(self._begin, facts[0].on)
        if not posted and max(fact.on for fact in facts) < begun:
            return True  # from before these books
        if any(fact.kind in self._desk.blocked for fact in facts):
            return False
        want = merged(line for fact in facts for line in wanted(fact, self._desk.books))
        lines = difference(want, (line for one in posted for line in one.lines))
        if not lines:
            return True
        if ref in self._broken:
            return self.make_anew(ref, lines, facts[0].kind)
        on = posting_day(max(facts[0].on, begun), self._open, self._state.now)
        return on is not None and self.add(lines, on, facts[0].kind, ref, facts[0].memo)

    def make_anew(self, ref: str, lines: Sequence[Line], rule: str) -> bool:
        """A voucher whose rows were changed while the journal was lost is made again if it comes out with its old seal."""
        lost = self._broken[ref]
        draft = Voucher(
            period=int(lost["period"]), number=int(lost["number"]), on=datetime.fromisoformat(lost["on"]),
            lines=tuple(lines), rule=rule, ref=ref,
        )  # fmt: skip
        if seal_of(draft, lost["before"]) != lost["seal"]:
            return False
        keep_voucher(self._journal, replace(draft, seal=lost["seal"], posted_at=self._state.now))
        forget_broken(self._journal, draft.voucher_id)
        return True

    def add(
        self, lines: Sequence[Line], on: datetime, rule: str, ref: str, memo: str = "", reverses: str = ""
    ) -> bool:
        """Number, seal and keep a voucher that was checked."""
        period = period_of(on)
        if period not in self._ends:
            self._ends[period] = end_of(self._journal, period)
        number, seal = self._ends[period]
        draft = Voucher(
            period=period, number=number + 1, on=on, lines=tuple(replace(line, memo=line.memo or memo) for line in lines),
            rule=rule, ref=ref, reverses=reverses, posted_at=self._state.now,
        )  # fmt: skip
        voucher = sealed(draft, seal or begin(period))
        keep_voucher(self._journal, voucher)
        self._ends[period] = (voucher.number, voucher.seal)
        return True
