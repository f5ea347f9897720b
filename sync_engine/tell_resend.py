"""Telling Tmall that a parcel which left has another waybill: once for each number, doubt settled by asking."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sync_engine.errors import NotAllowed, OutsideError
from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.outside import Outcome, Outside
from sync_engine.parcel import Package
from sync_engine.plan.resending import resent
from sync_engine.telling import Telling
from workbook_templates.tables import ORDERS


class ResendTeller:
    """The changes of one drain of one shop."""

    def __init__(self, journal: Journal, outside: Outside, outcome: Outcome, shop: str) -> None:
        self.journal, self.outside, self.outcome = journal, outside, outcome
        self.tmall = outside.tmall_of(shop)
        self._telling = Telling(journal, outside, outcome, self._show)

    def settle(self, doubts: Sequence[Intent]) -> None:
        """Ask which number Tmall has; where it has not ours for long enough, the change is planned anew."""
        for intent in doubts:
            package = self.journal.mirror.package(intent.subject)
            try:
                trade = self.tmall.trade(package.tid) if package else None
            except NotAllowed:
                raise
            except OutsideError as error:
                self._telling.doubt(intent, error)
                continue
            lines = [line for line in trade.lines if package and line.oid in package.oids] if trade else []
            if package and lines and all(line.invoice_no == intent.doc["code"] for line in lines):
                self._done(intent, package)
            else:
                self._telling.not_seen(intent)

    def tell(self, intents: Sequence[Intent]) -> None:
        """Tell what is pending."""
        for intent in intents:
            package, doc = self.journal.mirror.package(intent.subject), intent.doc
            if package is None or package.state != "shipped":
                self._telling.move(intent, IntentState.DROPPED, "")
                continue
            company = self.outside.company_codes.get(doc["cp_code"], doc["cp_code"])
            sub_oids = doc["sub_oids"].split(",") if doc["sub_oids"] else None
            if self._telling.call(
                intent, partial(self.tmall.resend, package.tid, doc["code"], company, sub_oids)
            ):
                self._done(intent, package)

    def _done(self, intent: Intent, package: Package) -> None:
        now = self.outside.clock.now()
        with self.journal.transaction():
            if package.waybill_code != intent.doc["code"]:
                new = resent(package, intent.doc["code"], intent.doc["cp_code"], intent.called_at or now)
                self.journal.mirror.put_package(new)
            self._telling.move(intent, IntentState.DONE, "")
        self.outcome.done[IntentKind.RESEND] += 1

    def _show(self, intent: Intent) -> None:
        """The order is looked at in the next tick, whatever this one looks at."""
        self.journal.rows.mark({ORDERS.name: [intent.subject.rpartition("-")[0]]})
