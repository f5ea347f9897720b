"""Telling Tmall that a parcel which left has another waybill: once for each number, doubt settled by asking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sync_engine.errors import NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.intent import LONGEST_WAIT, Intent, IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.outside import BACK_OFF, Outcome, Outside
from sync_engine.parcel import Package
from sync_engine.plan.resending import resent
from workbook_templates.tables import ORDERS


class ResendTeller:
    """The changes of one drain of one shop."""

    def __init__(self, journal: Journal, outside: Outside, outcome: Outcome, shop: str) -> None:
        self.journal, self.outside, self.outcome = journal, outside, outcome
        self.tmall = outside.tmall_of(shop)

    def settle(self, doubts: Sequence[Intent]) -> None:
        """Ask which number Tmall has; where it has not ours for long enough, the change is planned anew."""
        for intent in doubts:
            package = self.journal.mirror.package(intent.subject)
            try:
                trade = self.tmall.trade(package.tid) if package else None
            except NotAllowed:
                raise
            except OutsideError as error:
                self.outcome.troubles.append(str(error))
                self._move(intent, IntentState.UNKNOWN, str(error))
                continue
            lines = [line for line in trade.lines if package and line.oid in package.oids] if trade else []
            now, called = self.outside.clock.now(), intent.called_at
            if package and lines and all(line.invoice_no == intent.doc["code"] for line in lines):
                self._done(intent, package)
            elif called is None or not called <= now < called + self.outside.settle:
                self._move(intent, IntentState.DROPPED, "")
            else:
                self._move(intent, IntentState.UNKNOWN, "")

    def tell(self, intents: Sequence[Intent]) -> None:
        """Tell what is pending."""
        for intent in intents:
            package, doc = self.journal.mirror.package(intent.subject), intent.doc
            if package is None or package.state != "shipped":
                self._move(intent, IntentState.DROPPED, "")
                continue
            company = self.outside.company_codes.get(doc["cp_code"], doc["cp_code"])
            sub_oids = doc["sub_oids"].split(",") if doc["sub_oids"] else None
            call = partial(self.tmall.resend, package.tid, doc["code"], company, sub_oids)
            with self.journal.transaction():
                self.journal.intents.calling([intent.key], self.outside.clock.now())
            try:
                call()
            except NotAllowed as error:
                self._later(intent, error)
                raise
            except NotSent as error:
                self._later(intent, error)
            except OutcomeUnknown as error:
                self.outcome.troubles.append(str(error))
                self._move(intent, IntentState.UNKNOWN, str(error))
            except Refused as error:
                self._move(intent, IntentState.REFUSED, str(error))
            else:
                self._done(intent, package)

    def _done(self, intent: Intent, package: Package) -> None:
        now = self.outside.clock.now()
        with self.journal.transaction():
            if package.waybill_code != intent.doc["code"]:
                new = resent(package, intent.doc["code"], intent.doc["cp_code"], intent.called_at or now)
                self.journal.mirror.put_package(new)
            self.journal.intents.move(intent.key, IntentState.DONE)
            self._show(intent)
        self.outcome.done[IntentKind.RESEND] += 1

    def _later(self, intent: Intent, error: OutsideError) -> None:
        self.outcome.troubles.append(str(error))
        wait = min(max(timedelta(seconds=error.answer.wait_seconds), BACK_OFF), LONGEST_WAIT)
        with self.journal.transaction():
            at = self.outside.clock.now() + wait
            self.journal.intents.move(intent.key, IntentState.PENDING, answer=str(error), next_at=at)
            self._show(intent)

    def _move(self, intent: Intent, state: IntentState, answer: str) -> None:
        with self.journal.transaction():
            self.journal.intents.move(intent.key, state, answer=answer)
            self._show(intent)

    def _show(self, intent: Intent) -> None:
        """The order is looked at in the next tick, whatever this one looks at."""
        self.journal.rows.mark({ORDERS.name: [intent.subject.rpartition("-")[0]]})
