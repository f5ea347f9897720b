"""Telling Tmall a price. A price is set, not raised by: the same call again changes nothing, and yet a call whose outcome is in
doubt is settled by reading the price, because people change prices at Tmall meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sync_engine.errors import NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.intent import LONGEST_WAIT, Intent, IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.observe import of_shop
from sync_engine.outside import BACK_OFF, RETRY, Outcome, Outside


class PriceTeller:
    """The price changes of one drain."""

    def __init__(self, journal: Journal, outside: Outside, outcome: Outcome) -> None:
        self.journal, self.outside, self.outcome = journal, outside, outcome

    def settle(self, doubts: Sequence[Intent]) -> None:
        """Read the price of each that may have been changed: it is, or it had time to be and is planned anew."""
        for intent in doubts:
            try:
                shown = self._price(intent)
            except NotAllowed:
                raise
            except OutsideError as error:
                self.outcome.troubles.append(str(error))
                self._move([intent], IntentState.UNKNOWN, str(error))
                continue
            now = self.outside.clock.now()
            if shown == Decimal(intent.doc["price"]):
                self._made([intent])
            elif intent.had_time(now, self.outside.settle):
                with self.journal.transaction():
                    self._end(intent, IntentState.DROPPED)
            else:
                self._move([intent], IntentState.UNKNOWN, "")

    def tell(self, intents: Sequence[Intent]) -> None:
        """Set what is pending: one call for all SKUs of an item."""
        items: dict[tuple[str, str], list[Intent]] = {}
        for intent in intents:
            items.setdefault((intent.doc.get("shop", ""), intent.doc["num_iid"]), []).append(intent)
        for _, group in sorted(items.items()):
            self._begin(group)

    def _price(self, intent: Intent) -> Decimal | None:
        shown = self.outside.tmall_of(intent.doc.get("shop", "")).skus_of([intent.doc["num_iid"]])
        return next((sku.price for sku in shown if sku.sku_key == intent.subject), None)

    def _begin(self, batch: Sequence[Intent]) -> None:
        with self.journal.transaction():
            self.journal.intents.calling([intent.key for intent in batch], self.outside.clock.now())
        doc = batch[0].doc
        prices = [(intent.doc["sku_id"], Decimal(intent.doc["price"])) for intent in batch]
        try:
            self.outside.tmall_of(doc.get("shop", "")).set_prices(doc["num_iid"], prices)
        except NotAllowed as error:
            self._later(batch, error)
            raise
        except NotSent as error:
            self._later(batch, error)
        except OutcomeUnknown as error:
            self.outcome.troubles.append(str(error))
            self._move(batch, IntentState.UNKNOWN, str(error))
        except Refused as error:
            self._refused(batch, error)
        else:
            self._made(batch)

    def _refused(self, batch: Sequence[Intent], error: Refused) -> None:
        """One SKU that is locked refuses the whole call: then each is told alone."""
        if len(batch) > 1:
            self._move(batch, IntentState.PENDING, str(error))
            for intent in batch:
                self._begin([intent])
            return
        with self.journal.transaction():
            for intent in batch:
                at = self.outside.clock.now() + RETRY
                self.journal.intents.move(intent.key, IntentState.REFUSED, answer=str(error), next_at=at)
                self.journal.rows.mark({"products": [intent.subject]})

    def _made(self, batch: Sequence[Intent]) -> None:
        with self.journal.transaction():
            for intent in batch:
                known = self.journal.mirror.sku(intent.subject)
                if known is not None:
                    self.journal.mirror.put_sku(
                        replace(known.sku, price=Decimal(intent.doc["price"])), known.stock_code
                    )
                self._end(intent, IntentState.DONE)
        self.outcome.done[IntentKind.PRICE] += len(batch)

    def _later(self, batch: Sequence[Intent], error: OutsideError) -> None:
        self.outcome.troubles.append(str(error))
        wait = min(max(timedelta(seconds=error.answer.wait_seconds), BACK_OFF), LONGEST_WAIT)
        with self.journal.transaction():
            for intent in batch:
                at = self.outside.clock.now() + wait
                self.journal.intents.move(intent.key, IntentState.PENDING, answer=str(error), next_at=at)

    def _end(self, intent: Intent, state: IntentState) -> None:
        """The item is read anew at the next look, whatever became of the call."""
        self.journal.intents.move(intent.key, state)
        name = of_shop("items_due", intent.doc.get("shop", ""))
        due = {*(self.journal.meta(name) or "").split(), intent.doc["num_iid"]}
        self.journal.set_meta(name, " ".join(sorted(due)))
        self.journal.rows.mark({"products": [intent.subject]})

    def _move(self, batch: Sequence[Intent], state: IntentState, answer: str) -> None:
        with self.journal.transaction():
            for intent in batch:
                self.journal.intents.move(intent.key, state, answer=answer)
