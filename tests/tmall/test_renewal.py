"""An expired session is renewed once where a refresh token is kept; else a sentence asks the person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from sync_engine.errors import NotAllowed, NotSent, OutcomeUnknown
from sync_engine.sandbox.faults import Rule
from sync_engine.tmall.client import TmallClient
from sync_engine.tmall.gateway import Renewal
from tests.sandbox.raw import START
from tests.tmall.conftest import Odded, Outside
from tests.tmall.odd import Odd, OddServer

REFRESH = "taobao.top.auth.token.refresh"
EXPIRED = {"error_response": {"code": 27, "msg": "Invalid session", "sub_code": "session-expired"}}


@dataclass
class Safe:
    """Where tokens are kept."""

    token: str = "sandbox-refresh"
    kept: list[tuple[str, str]] = field(default_factory=list)

    def renewal(self) -> Renewal:
        return Renewal(refresh_token=lambda: self.token, keep=self.keep)

    def keep(self, session: str, refresh_token: str) -> None:
        self.kept.append((session, refresh_token))
        self.token = refresh_token


def test_the_call_that_met_the_expiry_comes_through(outside: Outside) -> None:
    safe = Safe()
    client = TmallClient(outside.open(renewal=safe.renewal()))
    outside.trouble(Rule(kind="token", api="taobao.trade.memo.update", nth=1))
    tid = client.sold_trades(START, outside.clock.now())[0].tid
    client.set_memo(tid, "续期后写入")
    assert client.trade(tid).seller_memo == "续期后写入"  # type: ignore[union-attr]
    assert safe.kept == [("sandbox-session-2", "sandbox-refresh-2")]
    assert [line["ok"] for line in outside.log("taobao.trade.memo.update")] == [False, True]
    assert len(outside.log(REFRESH)) == 1


def test_each_expiry_is_renewed_with_the_newest_token(outside: Outside) -> None:
    safe = Safe()
    client = TmallClient(outside.open(renewal=safe.renewal()))
    rules = [Rule(kind="token", api="taobao.refunds.receive.get", nth=n) for n in (1, 4)]
    outside.trouble(*rules)
    for _ in range(3):
        client.changed_refunds(START, outside.clock.now())
    assert [refresh for _, refresh in safe.kept] == ["sandbox-refresh-2", "sandbox-refresh-3"]


@pytest.mark.parametrize("token", ["", None])
def test_without_a_token_a_sentence_says_what_to_do(outside: Outside, token: str | None) -> None:
    renewal = None if token is None else Safe(token="").renewal()
    client = TmallClient(outside.open(renewal=renewal))
    outside.trouble(Rule(kind="token", api="*", nth=1))
    with pytest.raises(NotAllowed, match=r"重新授权.*doctor --set-secret session") as caught:
        client.changed_refunds(START, outside.clock.now())
    assert caught.value.answer.code == "27"
    assert not outside.log(REFRESH)


def test_a_token_the_platform_does_not_take(outside: Outside) -> None:
    """An app that may not refresh, or a token already used."""
    safe = Safe()
    client = TmallClient(outside.open(renewal=safe.renewal()))
    outside.trouble(Rule(kind="token", api="taobao.refunds.receive.get", nth=1), refreshable=False)
    with pytest.raises(NotAllowed, match=r"重新授权.*不支持刷新"):
        client.changed_refunds(START, outside.clock.now())
    assert safe.kept == []
    assert len(outside.log(REFRESH)) == 1


def test_a_session_that_stays_expired_is_renewed_only_once(odd: OddServer, gateway: Odded) -> None:
    new = {"top_auth_token_refresh_response": {"token_result": '{"access_token":"n","refresh_token":"m"}'}}
    odd.says(EXPIRED, new, EXPIRED)
    safe = Safe()
    with pytest.raises(NotAllowed):
        gateway(renewal=safe.renewal()).call("taobao.trade.get", {"tid": "1"})
    assert [asked.get("session") for asked in odd.asked] == ["sandbox-session", None, "n"]
    assert safe.kept == [("n", "m")]


@pytest.mark.parametrize("answer", [Odd(status=502), Odd(drop=True), Odd(body=b"{")])
def test_a_renewal_without_an_answer_is_tried_again_later(
    odd: OddServer, gateway: Odded, answer: Odd
) -> None:
    """The write that met the expiry was not done, so it stays safe to repeat."""
    odd.says(EXPIRED, answer)
    safe = Safe()
    with pytest.raises(NotSent):
        gateway(renewal=safe.renewal()).call("taobao.logistics.offline.send", {"tid": "1"}, writes=True)
    assert len(odd.asked) == 2
    assert safe.kept == []


@pytest.mark.parametrize("result", [None, "", "{", "[]", '{"refresh_token":"x"}', {"a": 1}])
def test_a_renewal_that_makes_no_sense(odd: OddServer, gateway: Odded, result: Any) -> None:
    odd.says({"top_auth_token_refresh_response": {"token_result": result} if result is not None else {}})
    with pytest.raises(OutcomeUnknown):
        gateway().refresh_session("sandbox-refresh")


def test_no_renewal_for_calls_that_need_no_session_or_other_refusals(odd: OddServer, gateway: Odded) -> None:
    safe = Safe()
    ours = gateway(renewal=safe.renewal())
    odd.says(EXPIRED)
    with pytest.raises(NotAllowed):
        ours.call("taobao.time.get", {}, session=False)
    odd.says({"error_response": {"code": 11, "msg": "Insufficient ISV Permissions"}})
    with pytest.raises(NotAllowed):
        ours.call("taobao.trade.get", {"tid": "1"})
    assert len(odd.asked) == 2
