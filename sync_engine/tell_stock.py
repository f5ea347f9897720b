"""Telling Tmall how many pieces to show, by increments under a key of their own.

A full figure puts back on sale what was sold between our reading and our setting; an increment does not, but an increment
made twice is worse. So every call carries an `outer_biz_key` that the platform honours once (tmall.md, section 5), kept
in the journal before the call, and a call whose outcome is in doubt is made again with the same key and the same changes:
whether it was carried out then or is carried out now, it was carried out once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sync_engine.clock import format_time
from sync_engine.errors import NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.intent import LONGEST_WAIT, Intent, IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.observe import of_shop
from sync_engine.outside import BACK_OFF, RETRY, Outcome, Outside

BATCH = 20
"""SKUs of one item in one call."""


class StockTeller:
    """The stock changes of one drain."""

    def __init__(self, journal: Journal, outside: Outside, outcome: Outcome) -> None:
        self.journal, self.outside, self.outcome = journal, outside, outcome

    def settle(self, doubts: Sequence[Intent]) -> None:
        """Make the calls in doubt again, each as it was made."""
        calls: dict[str, list[Intent]] = {}
        for intent in doubts:
            calls.setdefault(intent.doc["biz_key"], []).append(intent)
        for group in calls.values():
            self._call(group, again=True)

    def tell(self, intents: Sequence[Intent]) -> None:
        """Make the changes that are pending, one call for each item and twenty SKUs."""
        items: dict[tuple[str, str, bool], list[Intent]] = {}
        for intent in intents:
            doc = intent.doc
            items.setdefault((doc.get("shop", ""), doc["num_iid"], bool(doc["sku_id"])), []).append(intent)
        for _, group in sorted(items.items()):
            for start in range(0, len(group), BATCH):
                self._begin(group[start : start + BATCH])

    def _begin(self, batch: Sequence[Intent]) -> None:
        now = self.outside.clock.now()
        key = biz_key(batch, self.journal.meta("born_at") or "", now)
        with self.journal.transaction():
            self.journal.intents.calling([intent.key for intent in batch], now)
            for intent in batch:
                self.journal.intents.note(intent.key, {**intent.doc, "biz_key": key})
        self._call([replace(intent, doc={**intent.doc, "biz_key": key}) for intent in batch], again=False)

    def _call(self, batch: Sequence[Intent], *, again: bool) -> None:
        doc = batch[0].doc
        changes = [(intent.doc["sku_id"], change_of(intent)) for intent in sorted(batch, key=lambda i: i.key)]
        try:
            self.outside.tmall_of(doc.get("shop", "")).change_stock(doc["num_iid"], changes, doc["biz_key"])
        except NotAllowed as error:
            self._not_made(batch, error, again=again)
            raise
        except NotSent as error:
            self._not_made(batch, error, again=again)
        except OutcomeUnknown as error:
            self.outcome.troubles.append(str(error))
            self._move(batch, IntentState.UNKNOWN, str(error))
        except Refused as error:
            self._refused(batch, error, again=again)
        else:
            self._made(batch)

    def _made(self, batch: Sequence[Intent]) -> None:
        """The change is in the figure now; what the figure is, the next look reads."""
        with self.journal.transaction():
            for intent in batch:
                self.journal.mirror.change_quantity(intent.subject, change_of(intent))
                self._end(intent, IntentState.DONE)
        self.outcome.done[IntentKind.STOCK] += len(batch)

    def _not_made(self, batch: Sequence[Intent], error: OutsideError, *, again: bool) -> None:
        """This call did nothing; whether an earlier one did is as open as before."""
        self.outcome.troubles.append(str(error))
        if again:
            self._move(batch, IntentState.UNKNOWN, str(error))
            return
        wait = min(max(timedelta(seconds=error.answer.wait_seconds), BACK_OFF), LONGEST_WAIT)
        self._move(batch, IntentState.PENDING, str(error), self.outside.clock.now() + wait)

    def _refused(self, batch: Sequence[Intent], error: Refused, *, again: bool) -> None:
        """One SKU that is locked refuses the whole call: the others are told alone. A refusal that came because the
        figure is another by now (sold down meanwhile, say) is none: it is read and worked out anew.
        """
        if len(batch) > 1 and not again:
            self._move(batch, IntentState.PENDING, str(error))
            for intent in batch:
                self._begin([intent])
            return
        for intent in batch:
            if again:
                self._drop(intent)
            else:
                self._refused_alone(intent, error)

    def _refused_alone(self, intent: Intent, refused: Refused) -> None:
        try:
            shown = self.outside.tmall_of(intent.doc.get("shop", "")).skus_of([intent.doc["num_iid"]])
        except OutsideError as error:
            self._not_made([intent], error, again=False)
            if isinstance(error, NotAllowed):
                raise
            return
        now = next((sku.quantity for sku in shown if sku.sku_key == intent.subject), None)
        if now is not None and now != int(intent.doc["shown"]):
            self._drop(intent)
            return
        with self.journal.transaction():
            at = self.outside.clock.now() + RETRY
            self.journal.intents.move(intent.key, IntentState.REFUSED, answer=str(refused), next_at=at)
            self._mark(intent.subject)

    def _drop(self, intent: Intent) -> None:
        with self.journal.transaction():
            self._end(intent, IntentState.DROPPED)

    def _end(self, intent: Intent, state: IntentState) -> None:
        self.journal.intents.move(intent.key, state)
        self.journal.mirror.bump_revision(intent.subject)
        name = of_shop("items_due", intent.doc.get("shop", ""))
        due = {*(self.journal.meta(name) or "").split(), intent.doc["num_iid"]}
        self.journal.set_meta(name, " ".join(sorted(due)))
        self._mark(intent.subject)

    def _move(
        self, batch: Sequence[Intent], state: IntentState, answer: str, next_at: datetime | None = None
    ) -> None:
        with self.journal.transaction():
            for intent in batch:
                self.journal.intents.move(intent.key, state, answer=answer, next_at=next_at)

    def _mark(self, sku_key: str) -> None:
        known = self.journal.mirror.sku(sku_key)
        self.journal.rows.mark({"products": [sku_key], "stock": [known.stock_code] if known else []})


def change_of(intent: Intent) -> int:
    """Pieces to add to what Tmall shows: what it should show less what it showed when that was worked out."""
    return int(intent.doc["quantity"]) - int(intent.doc["shown"])


def biz_key(batch: Sequence[Intent], born_at: str, at: datetime) -> str:
    """The key of one call: of these changes, asked for by this journal, at this moment."""
    parts = sorted(f"{intent.key} {intent.doc['shown']} {intent.doc['quantity']}" for intent in batch)
    text = "\n".join([born_at, format_time(at), *parts])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
