"""The envelope: what goes over the wire and what comes out of it; and what each kind of error means for a caller."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests

from sync_engine.clock import VirtualClock, format_time
from sync_engine.errors import NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.sandbox.faults import Rule
from sync_engine.tmall.gateway import Gateway, unwrap
from tests.sandbox.raw import ALL_TYPES, START
from tests.tmall.conftest import Odded, Outside, gateway_for
from tests.tmall.odd import Odd, OddServer

READ, WRITE = "taobao.trade.fullinfo.get", "taobao.logistics.offline.send"
WINDOW = {"start_modified": "2026-03-02 00:00:00", "end_modified": "2026-03-02 20:00:00", "type": ALL_TYPES}
INCREMENT = "taobao.trades.sold.increment.get"


def refusal(code: int, sub_code: str = "", sub_msg: str = "", msg: str = "no") -> dict[str, Any]:
    said = {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg, "request_id": "r1"}
    return {"error_response": {name: value for name, value in said.items() if value}}


def failure(gateway: Gateway, *, writes: bool, session: bool = True) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        gateway.call(WRITE if writes else READ, {"tid": "1"}, writes=writes, session=session)
    return caught.value


# -- the envelope ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
@pytest.mark.parametrize("simplify", [False, True])
def test_both_envelopes_and_all_signatures_say_the_same(
    outside: Outside, method: str, simplify: bool
) -> None:
    plain = outside.gateway.call(INCREMENT, {"fields": "tid,orders", **WINDOW, "page_size": 5})
    answer = outside.open(sign_method=method, simplify=simplify).call(
        INCREMENT, {"fields": "tid,orders", **WINDOW, "page_size": 5}
    )
    trades = unwrap(answer, "trades")
    assert len(trades) == 5
    assert trades == unwrap(plain, "trades") or simplify
    assert [trade["tid"] for trade in trades] == [trade["tid"] for trade in unwrap(plain, "trades")]
    assert all(unwrap(trade, "orders") for trade in trades)


def test_ids_of_19_digits_come_exact(outside: Outside, odd: OddServer, gateway: Odded) -> None:
    tid = 4_611_686_018_427_387_905  # a float would make it ...904
    odd.says({"trade_fullinfo_get_response": {"trade": {"tid": tid}, "request_id": "r"}})
    assert gateway().call(READ, {"tid": str(tid)})["trade"]["tid"] == tid
    assert odd.asked[0]["tid"] == str(tid)
    sold = outside.client.sold_trades(START, outside.clock.now())
    for trade in sold[:10]:
        assert trade.tid == str(outside.raw.full(int(trade.tid))["tid"])
        assert len(trade.tid) >= 16


@pytest.mark.parametrize("simplify", [False, True])
def test_an_empty_list_is_left_out_of_the_answer(outside: Outside, simplify: bool) -> None:
    params = {"fields": "tid", "start_modified": "2026-01-01 00:00:00", "end_modified": "2026-01-01 00:10:00"}
    answer = outside.open(simplify=simplify).call(INCREMENT, params)
    assert "trades" not in answer
    assert unwrap(answer, "trades") == []


@pytest.mark.parametrize(
    ("holder", "found"),
    [
        ({}, []),
        ({"trades": None}, []),
        ({"trades": {}}, []),
        ({"trades": ""}, []),
        ({"trades": {"trade": [{"tid": 1}]}}, [{"tid": 1}]),
        ({"trades": [{"tid": 1}]}, [{"tid": 1}]),
        ({"trades": {"AnyName": [1, 2]}}, [1, 2]),
    ],
)
def test_lists_of_either_wrapping(holder: dict[str, Any], found: list[Any]) -> None:
    assert unwrap(holder, "trades") == found


def test_what_is_sent(odd: OddServer, gateway: Odded) -> None:
    """Names and forms of the protocol; nothing empty is sent; no session where none is needed."""
    odd.says({"logistics_offline_send_response": {}}, {"time_get_response": {"time": "2026-03-02 08:00:00"}})
    ours = gateway(sign_method="hmac")
    ours.call(WRITE, {"tid": "1", "is_split": 1, "reset": True, "nothing": ""}, writes=True)
    ours.call("taobao.time.get", {}, session=False)
    first, second = odd.asked
    assert first.pop("sign").isupper()
    assert first == {
        "method": WRITE, "app_key": "12345678", "session": "sandbox-session", "format": "json", "v": "2.0",
        "timestamp": format_time(START), "sign_method": "hmac", "tid": "1", "is_split": "1", "reset": "true",
    }  # fmt: skip
    assert "session" not in second


# -- what an error means --------------------------------------------------------------------------------------------

NOTHING_DONE, MAYBE_DONE = (NotSent, NotSent), (NotSent, OutcomeUnknown)
SAID_NO, NEEDS_A_PERSON = (Refused, Refused), (NotAllowed, NotAllowed)
SEND = "isv.logistics-offline-service-error"
ERRORS = [
    *((refusal(code), NOTHING_DONE) for code in (4, 5, 6, 7, 8)),
    *((refusal(code), NEEDS_A_PERSON) for code in (11, 12, 13, 26, 27, 28, 29)),
    *((refusal(code), SAID_NO) for code in (21, 22, 25, 31, 40, 41, 43, 560, 562, 565)),
    (refusal(10), MAYBE_DONE),
    (refusal(7, "accesscontrol.limited-by-app-access-count", "This ban will last for 86400 more seconds"),
     NOTHING_DONE),
    *((refusal(27, sub), NEEDS_A_PERSON)
      for sub in ("invalid-sessionkey", "session-expired", "session-not-exist")),
    (refusal(15, "isv.permission-ip-whitelist-limit"), NEEDS_A_PERSON),
    *((refusal(code, sub), MAYBE_DONE) for code in (15, 50) for sub in (
        "isp.top-remote-connection-timeout", "isp.remote-service-error", "isp.system-busy", "isp.unknown-error",
        "isp.item-update-service-error:GENERIC_FAILURE")),
    *((refusal(code, sub), SAID_NO) for code in (15, 50) for sub in (
        "isv.invalid-parameter:tid", "isv.trade-not-exist", "isv.missing-parameter:tid", f"{SEND}:B01",
        f"{SEND}:B04", f"{SEND}:B60", f"{SEND}:CD22", "CLOSE_TRADE_TOO_FAST", "")),
    (refusal(15, f"{SEND}:B150"), NOTHING_DONE),
    (refusal(15, f"{SEND}:S01"), NOTHING_DONE),
    (refusal(15, "isp.logistics-online-service-error:S01"), NOTHING_DONE),
]  # fmt: skip


@pytest.mark.parametrize("simplify", [False, True])
@pytest.mark.parametrize(("answer", "kinds"), ERRORS)
def test_every_error_the_platform_tells(
    odd: OddServer, gateway: Odded, answer: Any, kinds: tuple[type, type], simplify: bool
) -> None:
    odd.says(answer)
    for writes, kind in zip((False, True), kinds, strict=True):
        odd.asked.clear()
        error = failure(gateway(simplify=simplify), writes=writes)
        assert type(error) is kind
        assert error.answer.code == str(answer["error_response"]["code"])
        assert error.answer.sub_code == answer["error_response"].get("sub_code", "")
        assert error.answer.request_id == "r1"
        repeated = kinds == MAYBE_DONE and not writes
        assert len(odd.asked) == (3 if repeated else 1)


BROKEN = [
    b"", b"{", b"<html>502</html>", b"null", b"[]", b'"text"', b"\xff\xfe\x00",
    {"error_response": None}, {"error_response": "no"}, {"other_response": {}}, {"trade_fullinfo_get_response": None}, {"logistics_offline_send_response": []},
    Odd(body=b"<html>", status=502), Odd(body=b"", status=500), Odd(body=b"", status=302),
    Odd(body={"request_id": "r"}, status=503),
    Odd(drop=True), Odd(body=b'{"a', claim=10),
]  # fmt: skip


ROOTLESS = [one for one in BROKEN if not isinstance(one, dict) or "error_response" in one]
"""Without a root key, any object is an answer."""


@pytest.mark.parametrize(
    ("answer", "simplify"), [*((one, False) for one in BROKEN), *((one, True) for one in ROOTLESS)]
)
def test_what_is_no_answer_leaves_a_write_in_doubt(
    odd: OddServer, gateway: Odded, answer: Any, simplify: bool
) -> None:
    odd.says(answer)
    assert type(failure(gateway(simplify=simplify), writes=True)) is OutcomeUnknown
    assert len(odd.asked) == 1
    odd.asked.clear()
    assert type(failure(gateway(simplify=simplify), writes=False)) is NotSent
    assert len(odd.asked) == 3


def test_an_error_told_with_an_http_error_is_still_that_error(odd: OddServer, gateway: Odded) -> None:
    odd.says(Odd(body=refusal(15, "isv.trade-not-exist"), status=500))
    assert type(failure(gateway(), writes=True)) is Refused


def test_an_answer_that_comes_too_late(odd: OddServer, gateway: Odded) -> None:
    odd.says(Odd(body={"logistics_offline_send_response": {}}, wait=0.6))
    assert type(failure(gateway(timeout=0.1), writes=True)) is OutcomeUnknown
    assert len(odd.asked) == 1


def test_nobody_there_means_nothing_was_sent() -> None:
    nobody = gateway_for("http://127.0.0.1:9/router/rest", VirtualClock(START))
    for writes in (False, True):
        error = failure(nobody, writes=writes)
        assert type(error) is NotSent
        assert "网络不通" in str(error)


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (requests.exceptions.ConnectTimeout("no route"), NotSent),
        (requests.exceptions.ConnectionError("NewConnectionError: Connection refused"), NotSent),
        (requests.exceptions.ProxyError("NameResolutionError"), NotSent),
        (requests.exceptions.ConnectionError("RemoteDisconnected"), OutcomeUnknown),
        (requests.exceptions.ReadTimeout("30 s"), OutcomeUnknown),
        (requests.exceptions.SSLError("eof"), OutcomeUnknown),
        (requests.exceptions.ChunkedEncodingError("cut"), OutcomeUnknown),
    ],
)
def test_only_what_never_left_is_called_not_sent(
    gateway: Odded, monkeypatch: pytest.MonkeyPatch, trouble: Exception, kind: type
) -> None:
    calls: list[str] = []

    def fails(session: object, url: str, **more: object) -> None:
        calls.append(url)
        raise trouble

    monkeypatch.setattr(requests.sessions.Session, "post", fails)
    assert type(failure(gateway(), writes=True)) is kind
    assert len(calls) == 1


def test_a_read_that_failed_is_asked_again_after_a_pause(odd: OddServer, gateway: Odded) -> None:
    clock = VirtualClock(START)
    odd.says(Odd(status=502), refusal(15, "isp.system-busy"), {"trade_fullinfo_get_response": {"trade": {}}})
    assert gateway(clock=clock).call(READ, {"tid": "1"}) == {"trade": {}}
    assert (clock.now() - START).total_seconds() == 1  # 0.5 + 1.0 seconds


def test_nothing_personal_and_no_secret_is_logged(
    odd: OddServer, gateway: Odded, caplog: pytest.LogCaptureFixture
) -> None:
    odd.says(refusal(15, "isv.invalid-parameter", "收件人张三不存在"))
    with caplog.at_level(logging.DEBUG, logger="biaomao"):
        failure(gateway(), writes=True)
    assert "isv.invalid-parameter" in caplog.text
    for secret in ("张三", "sandbox-session", "sandbox-secret"):
        assert secret not in caplog.text


# -- rate limits ----------------------------------------------------------------------------------------------------


def ban(seconds: int) -> dict[str, Any]:
    text = f"This ban will last for {seconds} more seconds"
    return refusal(7, "accesscontrol.limited-by-api-access-count", text)


@pytest.mark.parametrize("writes", [False, True])
def test_a_short_ban_is_waited_for_as_long_as_it_says(odd: OddServer, gateway: Odded, writes: bool) -> None:
    clock, name = VirtualClock(START), WRITE if writes else READ
    odd.says(ban(7), {"logistics_offline_send_response" if writes else "trade_fullinfo_get_response": {}})
    assert gateway(clock=clock).call(name, {"tid": "1"}, writes=writes) == {}
    assert (clock.now() - START).total_seconds() == 8
    assert len(odd.asked) == 2


def test_a_long_ban_is_told_and_nothing_is_asked_while_it_lasts(odd: OddServer, gateway: Odded) -> None:
    clock = VirtualClock(START)
    ours = gateway(clock=clock)
    odd.says(ban(600), {"trade_fullinfo_get_response": {}})
    assert failure(ours, writes=False).answer.wait_seconds == 601
    clock.sleep(100)
    error = failure(ours, writes=False)
    assert (type(error), error.answer.wait_seconds) == (NotSent, 501)
    assert "501" in str(error)
    assert len(odd.asked) == 1
    clock.sleep(501)
    assert ours.call(READ, {"tid": "1"}) == {}


def test_a_ban_of_one_method_leaves_the_others_alone(odd: OddServer, gateway: Odded) -> None:
    ours = gateway()
    odd.says(ban(600), {"logistics_offline_send_response": {}})
    failure(ours, writes=False)
    assert ours.call(WRITE, {"tid": "1"}, writes=True) == {}


def test_a_ban_that_never_ends_is_not_waited_for_for_ever(odd: OddServer, gateway: Odded) -> None:
    odd.says(ban(5))
    assert type(failure(gateway(), writes=True)) is NotSent
    assert len(odd.asked) == 3


def test_many_calls_against_a_limit_come_through(outside: Outside) -> None:
    """A first look of a busy shop calls fullinfo hundreds of times; two a second are let in."""
    outside.trouble(calls_per_second=2)
    start = outside.clock.now()
    sold = outside.client.sold_trades(START, start)
    assert len(sold) >= 30
    assert outside.clock.now() > start
    outside.trouble(Rule(kind="ban", api="taobao.time.get", nth=1, seconds=4))
    assert outside.client.server_time() >= start
