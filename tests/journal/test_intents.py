"""Intents: pending -> calling -> done | refused | unknown, each key once, whatever the order of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from sync_engine.intent import OPEN_STATES, Intent, IntentKind, IntentState, buy_key, cancel_key, ship_key
from sync_engine.journal.journal import Journal
from tests.engine.world import START

S = IntentState
KEY = "waybill:shop:1:1"


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal(None, START)
    yield journal
    journal.close()


def intent(key: str = KEY, **more: object) -> Intent:
    return Intent(key=key, kind=IntentKind.BUY, subject="1-1", doc={"cp_code": "ZTO"}, **more)  # type: ignore[arg-type]


def now(journal: Journal, key: str = KEY) -> Intent:
    found = journal.intents.get(key)
    assert found is not None
    return found


def test_keys_come_from_the_business_fact() -> None:
    assert buy_key("shop", "4611686018427387905-2") == "waybill:shop:4611686018427387905:2"
    assert ship_key("shop", "1-2") == "ship:shop:1:2"
    assert cancel_key("shop", "1-2") == "cancel:shop:1:2"


def test_the_way_of_an_intent(journal: Journal) -> None:
    journal.intents.add(intent())
    assert (now(journal).state, now(journal).attempts, now(journal).in_doubt) == (S.PENDING, 0, False)
    journal.intents.calling([KEY], START)
    assert (now(journal).state, now(journal).attempts, now(journal).called_at) == (S.CALLING, 1, START)
    assert now(journal).in_doubt
    later = START + timedelta(minutes=1)
    journal.intents.move(KEY, S.PENDING, answer="too busy", next_at=later)
    assert (now(journal).next_at, now(journal).answer) == (later, "too busy")
    journal.intents.calling([KEY], later)
    assert (now(journal).attempts, now(journal).called_at) == (2, later)
    journal.intents.move(KEY, S.DONE)
    assert not now(journal).open
    assert journal.intents.open() == []


@pytest.mark.parametrize("state", [S.CALLING, S.DONE, S.UNKNOWN, S.PENDING])
def test_what_was_once_asked_for_is_not_asked_for_again(journal: Journal, state: IntentState) -> None:
    journal.intents.add(intent())
    journal.intents.calling([KEY], START)
    journal.intents.move(KEY, state)
    before = now(journal)
    journal.intents.add(replace(intent(), doc={"cp_code": "SF"}))
    assert now(journal) == before


@pytest.mark.parametrize("state", [S.REFUSED, S.DROPPED])
def test_what_was_not_done_may_be_asked_for_anew(journal: Journal, state: IntentState) -> None:
    journal.intents.add(intent())
    journal.intents.calling([KEY], START)
    journal.intents.move(KEY, state, answer="no")
    journal.intents.add(replace(intent(), doc={"cp_code": "SF"}))
    again = now(journal)
    assert (again.state, again.doc, again.called_at, again.attempts) == (
        S.PENDING,
        {"cp_code": "SF"},
        None,
        1,
    )


@pytest.mark.parametrize("state", [S.CALLING, S.DONE, S.UNKNOWN, S.REFUSED])
def test_only_what_is_pending_can_be_dropped(journal: Journal, state: IntentState) -> None:
    journal.intents.add(intent())
    journal.intents.calling([KEY], START)
    journal.intents.move(KEY, state)
    journal.intents.drop(KEY)
    assert now(journal).state is state


@pytest.mark.parametrize("state", [S.CALLING, S.DONE, S.UNKNOWN, S.REFUSED, S.DROPPED])
def test_only_what_is_pending_can_be_called(journal: Journal, state: IntentState) -> None:
    journal.intents.add(intent())
    journal.intents.calling([KEY], START)
    journal.intents.move(KEY, state)
    with pytest.raises(ValueError, match=KEY):
        journal.intents.calling([KEY], START)
    assert (now(journal).state, now(journal).attempts) == (state, 1)


@pytest.mark.parametrize("state", list(S))
def test_nothing_leads_back_from_done(journal: Journal, state: IntentState) -> None:
    journal.intents.add(intent())
    journal.intents.move(KEY, S.DONE)
    with pytest.raises(ValueError, match=KEY):
        journal.intents.move(KEY, state)
    assert now(journal).state is S.DONE
    with pytest.raises(ValueError, match="nobody"):
        journal.intents.move("nobody", state)


def test_they_are_found_by_what_they_are_about(journal: Journal) -> None:
    for key in ("b", "a", "c"):
        journal.intents.add(replace(intent(key), subject=f"{key}-1"))
    assert [one.key for one in journal.intents.open()] == ["a", "b", "c"]
    assert {one.key for one in journal.intents.of(["a-1", "c-1", "x"])} == {"a", "c"}
    assert journal.intents.get("x") is None


AFTER = {
    S.PENDING: {S.PENDING, S.CALLING, S.DROPPED, S.DONE},  # done: found to have been bought before
    S.CALLING: {S.CALLING, *S},
    S.UNKNOWN: {S.UNKNOWN, S.PENDING, S.DONE, S.REFUSED, S.DROPPED},
    S.DONE: {S.DONE},
    S.REFUSED: {S.REFUSED, S.PENDING},
    S.DROPPED: {S.DROPPED, S.PENDING},
}
"""Where an intent may go from each state."""


class Book(RuleBasedStateMachine):
    """Everything that happens to intents in any order, restarts and rollbacks among it, against a plain dictionary."""

    keys = Bundle("keys")

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal(None, START)
        self.model: dict[str, tuple[IntentState, int]] = {}

    def teardown(self) -> None:
        self.journal.close()

    def state(self, key: str) -> IntentState | None:
        return self.model[key][0] if key in self.model else None

    def set(self, key: str, state: IntentState, calls: int = 0) -> None:
        before, count = self.model.get(key, (None, 0))
        assert before is None or state in AFTER[before]
        self.model[key] = (state, count + calls)

    @rule(target=keys, number=st.integers(1, 4))
    def name(self, number: int) -> str:
        return buy_key("shop", f"{number}-1")

    @rule(key=keys)
    def want(self, key: str) -> None:
        self.journal.intents.add(intent(key))
        if self.state(key) in (None, S.REFUSED, S.DROPPED):
            self.set(key, S.PENDING)

    @rule(key=keys)
    def want_no_more(self, key: str) -> None:
        self.journal.intents.drop(key)
        if self.state(key) is S.PENDING:
            self.set(key, S.DROPPED)

    @rule()
    def call_what_is_pending(self) -> None:
        keys = [one.key for one in self.journal.intents.open() if one.state is S.PENDING]
        self.journal.intents.calling(keys, START)
        for key in keys:
            self.set(key, S.CALLING, calls=1)

    @rule(key=keys, answer=st.sampled_from([S.DONE, S.REFUSED, S.UNKNOWN, S.PENDING]))
    def answered(self, key: str, answer: IntentState) -> None:
        if self.state(key) is S.CALLING:
            self.journal.intents.move(key, answer)
            self.set(key, answer)

    @rule(key=keys, found=st.booleans())
    def settled_by_asking(self, key: str, found: bool) -> None:
        if self.state(key) in (S.CALLING, S.UNKNOWN):
            state = S.DONE if found else S.PENDING
            self.journal.intents.move(key, state)
            self.set(key, state)

    @precondition(lambda self: self.model)
    @rule(key=keys)
    def killed_in_a_transaction(self, key: str) -> None:
        try:
            with self.journal.transaction():
                self.journal.intents.add(intent(key))
                self.journal.intents.drop(key)
                self.journal.intents.calling(
                    [one.key for one in self.journal.intents.open() if not one.in_doubt], START
                )
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            return

    @invariant()
    def the_book_agrees(self) -> None:
        held = {key: found for key in self.model if (found := self.journal.intents.get(key))}
        assert {key: (one.state, one.attempts) for key, one in held.items()} == self.model
        open_now = {one.key for one in self.journal.intents.open()}
        assert open_now == {key for key, (state, _) in self.model.items() if state in OPEN_STATES}
        assert all((one.called_at is not None) == one.in_doubt for one in held.values() if one.in_doubt)


Book.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestBook = Book.TestCase
