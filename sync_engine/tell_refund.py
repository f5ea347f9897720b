"""Telling Tmall what was answered to a refund. Money cannot be called back, so each refund is asked for once more just before the
call: what is not as the person saw it is not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from sync_engine.errors import NotAllowed, OutsideError
from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.outside import Outcome, Outside
from sync_engine.plan.answering import GOT_BY
from sync_engine.plan.words import say
from sync_engine.telling import Telling
from sync_engine.trade import Refund
from workbook_templates.schema import Lang
from workbook_templates.tables import REFUNDS

LARGEST_PROOF = 130_000
_PICTURES = (b"GIF8", b"\xff\xd8\xff", b"\x89PNG")
_REMARK = "请按退货地址寄回,包裹里放上订单编号"
"""What the buyer reads beside the return address."""


class RefundTeller:
    """The answers of one drain."""

    def __init__(self, journal: Journal, outside: Outside, outcome: Outcome, lang: Lang) -> None:
        self.journal, self.outside, self.outcome, self.lang = journal, outside, outcome, lang
        self._telling = Telling(
            journal, outside, outcome, lambda intent: journal.rows.mark({REFUNDS.name: [intent.subject]})
        )

    def settle(self, doubts: Sequence[Intent]) -> None:
        """Ask for each refund that may have been answered: it moved on, or it had time to and is planned anew."""
        for intent in doubts:
            try:
                refund = self._ask(intent)
            except NotAllowed:
                raise
            except OutsideError as error:
                self._telling.doubt(intent, error)
                continue
            if refund is not None and not _as_seen(intent, refund):
                through = (
                    refund.status in GOT_BY[intent.doc["word"]] and refund.status != intent.doc["status"]
                )
                self._telling.move(intent, IntentState.DONE if through else IntentState.DROPPED, "")
                self.outcome.done[IntentKind.REFUND] += through
            else:
                self._telling.not_seen(intent)

    def tell(self, intents: Sequence[Intent]) -> None:
        """Answer what is pending."""
        for intent in intents:
            try:
                refund = self._ask(intent)
            except NotAllowed:
                raise
            except OutsideError as error:
                self._telling.later(intent, error)
                continue
            if refund is None or not _as_seen(intent, refund):
                self._telling.move(intent, IntentState.DROPPED, "")
                continue
            call = self._call_of(intent, refund)
            if isinstance(call, str):
                self._telling.move(intent, IntentState.REFUSED, call)
            elif self._telling.call(intent, call):
                self._telling.move(intent, IntentState.DONE, "")
                self.outcome.done[IntentKind.REFUND] += 1
                self._look_again(intent)

    def _ask(self, intent: Intent) -> Refund | None:
        """The refund as it is now; what changed is remembered."""
        refund = self.outside.tmall_of(intent.doc.get("shop", "")).refund(intent.subject)
        if refund is not None:
            with self.journal.transaction():
                self.journal.mirror.put_refund(refund)
        return refund

    def _call_of(self, intent: Intent, refund: Refund) -> Callable[[], None] | str:
        """What to call, or why it cannot be."""
        tmall, doc = self.outside.tmall_of(intent.doc.get("shop", "")), intent.doc
        if doc["method"] == "money":
            return partial(tmall.agree_refund, refund)
        if doc["method"] == "return":
            return partial(tmall.agree_return, refund, doc["address"], _REMARK)
        proof = self.outside.proof(doc["proof"])
        if proof is None:
            return say(
                self.lang,
                f"proofs 文件夹里没有“{doc['proof']}”",
                f'There is no "{doc["proof"]}" in the folder proofs',
            )
        if len(proof) > LARGEST_PROOF or not proof.startswith(_PICTURES):
            return say(
                self.lang,
                f"“{doc['proof']}”要是 GIF、JPG 或 PNG 图片,不超过 {LARGEST_PROOF} 字节",
                f'"{doc["proof"]}" must be a GIF, JPG or PNG of at most {LARGEST_PROOF} bytes',
            )
        return partial(tmall.refuse_refund, refund, doc["message"], proof)

    def _look_again(self, intent: Intent) -> None:
        """Show what it became at once; where that is not answered, the next look tells."""
        try:
            self._ask(intent)
        except NotAllowed:
            raise
        except OutsideError as error:
            self.outcome.troubles.append(str(error))


def _as_seen(intent: Intent, refund: Refund) -> bool:
    """Whether the refund is still what the person answered."""
    doc = intent.doc
    return (refund.version, refund.phase, refund.status) == (
        doc["version"], doc["phase"], doc["status"],
    ) and refund.fee == Decimal(doc["fee"])  # fmt: skip
