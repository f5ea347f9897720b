"""One call for one intent: how it goes through its states, whatever is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sync_engine.errors import NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.intent import LONGEST_WAIT, Intent, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.outside import BACK_OFF, Outcome, Outside


class Telling:
    """The calls of one drain. `show` marks what is to be shown anew; it runs in the transaction that moves the intent."""

    def __init__(
        self, journal: Journal, outside: Outside, outcome: Outcome, show: Callable[[Intent], None]
    ) -> None:
        self.journal, self.outside, self.outcome = journal, outside, outcome
        self._show = show

    def call(self, intent: Intent, call: Callable[[], None]) -> bool:
        """Make the call; whether it went through, which the caller then records. NotAllowed goes on up."""
        with self.journal.transaction():
            self.journal.intents.calling([intent.key], self.outside.clock.now())
        try:
            call()
        except NotAllowed as error:
            self.later(intent, error)
            raise
        except NotSent as error:
            self.later(intent, error)
        except OutcomeUnknown as error:
            self.doubt(intent, error)
        except Refused as error:
            self.move(intent, IntentState.REFUSED, str(error))
        else:
            return True
        return False

    def doubt(self, intent: Intent, error: OutsideError) -> None:
        """Nobody knows whether it went through: it is asked for in the next drain."""
        self.outcome.troubles.append(str(error))
        self.move(intent, IntentState.UNKNOWN, str(error))

    def not_seen(self, intent: Intent) -> None:
        """A call in doubt does not show: it may still come, or had time to and is planned anew."""
        late = intent.had_time(self.outside.clock.now(), self.outside.settle)
        self.move(intent, IntentState.DROPPED if late else IntentState.UNKNOWN, "")

    def later(self, intent: Intent, error: OutsideError) -> None:
        """It was not sent: once more after a while."""
        self.outcome.troubles.append(str(error))
        wait = min(max(timedelta(seconds=error.answer.wait_seconds), BACK_OFF), LONGEST_WAIT)
        with self.journal.transaction():
            at = self.outside.clock.now() + wait
            self.journal.intents.move(intent.key, IntentState.PENDING, answer=str(error), next_at=at)
            self._show(intent)

    def move(self, intent: Intent, state: IntentState, answer: str) -> None:
        """Another state, and what it is about is shown anew."""
        with self.journal.transaction():
            self.journal.intents.move(intent.key, state, answer=answer)
            self._show(intent)
