"""One call of the gateway: parameters in, the answer's contents or a typed error out.

Whether an error leaves the outcome open depends on the call: a read that timed out is simply asked again, a write
that timed out may have been done and is never repeated here (`OutcomeUnknown`). What the gateway turned away before
doing anything is repeated: after a short ban, and once with a renewed session.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import requests

from sync_engine.clock import Clock, format_time
from sync_engine.errors import Answer, NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused
from sync_engine.tmall.sign import sign

log = logging.getLogger("biaomao.tmall")

Files = Mapping[str, bytes]
Transport = Callable[[str, Mapping[str, str], Files, float], str]
"""Sends a form, with files that its signature leaves out, to a URL within some seconds and gives the answer's text."""

_BAN = re.compile(r"last for (\d+) more second")
_NOT_ALLOWED = frozenset({"11", "12", "13", "26", "27", "28", "29"})
_LIMITED = frozenset({"4", "5", "6", "7", "8"})
_TRANSIENT_SHIPPING = ("logistics-offline-service-error:B150", "logistics-offline-service-error:S01",
                       "logistics-online-service-error:S01")  # fmt: skip
RETRIES = 3
PAUSE = 0.5  # seconds, doubled each time: as the official client waits
PATIENCE = 30  # seconds: a ban that ends sooner is waited for, a longer one is told
SESSION_OVER = "27"
_EXPIRED = (
    "店铺授权已过期,请重新授权,再运行 biaomao doctor --set-secret session / "
    "the shop's session has expired: authorise again, then run biaomao doctor --set-secret session"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How an expired session is renewed without a person: where the tokens are kept."""

    refresh_token: Callable[[], str]  # "" where none is kept
    keep: Callable[[str, str], None]  # takes the new session and the new refresh token


class _Unreachable(Exception):
    """The request never left this machine."""


def http_transport() -> Transport:
    """A transport over one kept-alive HTTP session."""
    session = requests.Session()

    def send(url: str, form: Mapping[str, str], files: Files, timeout: float) -> str:
        parts = {name: (name, data, "application/octet-stream") for name, data in files.items()} or None
        try:
            answer = session.post(
                url, data=dict(form), files=parts, timeout=(5, timeout), allow_redirects=False
            )
        except requests.exceptions.ConnectTimeout as error:
            raise _Unreachable(str(error)) from error
        except requests.exceptions.ConnectionError as error:
            if _never_left(error):
                raise _Unreachable(str(error)) from error
            raise
        answer.encoding = "utf-8"
        if answer.status_code != requests.codes.ok and "error_response" not in answer.text:
            raise requests.HTTPError(f"HTTP {answer.status_code}")
        return answer.text

    return send


def _never_left(error: BaseException) -> bool:
    """Whether a connection could not even be made (refused, no route, no name)."""
    text = repr(error)
    return "NewConnectionError" in text or "NameResolutionError" in text


class Gateway:
    """The gateway of one shop's application."""

    def __init__(
        self, url: str, app_key: str, secret: str, session: str, clock: Clock, *,
        sign_method: str = "hmac-sha256", simplify: bool = False, transport: Transport | None = None,
        timeout: float = 30.0, renewal: Renewal | None = None, shop: str = "",
    ) -> None:  # fmt: skip
        self._url, self._app_key, self._secret, self._session = url, app_key, secret, session
        self._clock, self._sign_method, self._simplify = clock, sign_method, simplify
        self._transport, self._timeout = transport or http_transport(), timeout
        self._renewal, self._shop = renewal, shop
        self._banned: dict[str, datetime] = {}

    @property
    def url(self) -> str:
        """Where it is."""
        return self._url

    def call(
        self,
        method: str,
        params: Mapping[str, str | int | bool],
        *,
        writes: bool = False,
        session: bool = True,
        files: Files | None = None,
    ) -> dict[str, Any]:
        """Call `method`.

        Raises:
            NotSent, Refused, NotAllowed: nothing was done.
            OutcomeUnknown: only where `writes`; it may have been done.
        """
        try:
            return self._tried(method, params, writes=writes, session=session, files=files or {})
        except OutsideError as error:
            error.answer = replace(error.answer, shop=self._shop)
            raise

    def _tried(
        self,
        method: str,
        params: Mapping[str, str | int | bool],
        *,
        writes: bool,
        session: bool,
        files: Files,
    ) -> dict[str, Any]:
        """A call that is repeated where that is safe and may help."""
        for attempt in range(RETRIES):
            last = attempt == RETRIES - 1
            try:
                return self._let_in(method, params, session=session, files=files)
            except OutcomeUnknown as error:
                if writes:
                    raise
                if last:
                    raise NotSent(error.answer) from error
                self._clock.sleep(PAUSE * 2**attempt)
            except NotSent as error:
                if last or not 0 < error.answer.wait_seconds <= PATIENCE:
                    raise
                self._clock.sleep(error.answer.wait_seconds)
        raise AssertionError("the loop returns or raises")

    def refresh_session(self, refresh_token: str) -> dict[str, Any]:
        """Trade a refresh token for a new session; the old refresh token is void afterwards."""
        api = "taobao.top.auth.token.refresh"
        answer = self.call(api, {"refresh_token": refresh_token}, writes=True, session=False)
        try:
            token: dict[str, Any] = json.loads(answer["token_result"])
            session = str(token["access_token"])
        except (KeyError, TypeError, ValueError) as error:
            text = "答复里没有新的授权 / the answer holds no new session"
            raise OutcomeUnknown(Answer(api=api, text=text)) from error
        if self._renewal:
            self._renewal.keep(session, str(token.get("refresh_token") or refresh_token))
        self._session = session
        return token

    def _let_in(
        self, method: str, params: Mapping[str, str | int | bool], *, session: bool, files: Files
    ) -> dict[str, Any]:
        """One call that minds bans, and is made once more with a renewed session where the old one had expired."""
        self._mind_ban(method)
        try:
            return self._once(method, params, session=session, files=files)
        except NotAllowed as error:
            if not session or error.answer.code != SESSION_OVER:
                raise
            self._renew(error.answer)
        except NotSent as error:
            self._banned[method] = self._clock.now() + timedelta(seconds=error.answer.wait_seconds)
            raise
        return self._once(method, params, session=session, files=files)

    def _mind_ban(self, method: str) -> None:
        """A method that may not be called yet is not called."""
        left = (self._banned.get(method, self._clock.now()) - self._clock.now()).total_seconds()
        if left > 0:
            text = f"调用太频繁,还要等 {left:.0f} 秒 / called too often, {left:.0f} more seconds to wait"
            raise NotSent(Answer(api=method, code="7", text=text, wait_seconds=int(left)))

    def _renew(self, said: Answer) -> None:
        """Renew the session with the kept refresh token. NotAllowed, in a sentence, where a person must authorise."""
        token = self._renewal.refresh_token() if self._renewal else ""
        if not token:
            raise NotAllowed(replace(said, sub_text=self._over()))
        try:
            self.refresh_session(token)
        except Refused as error:
            raise NotAllowed(replace(said, sub_text=f"{self._over()} ({error})")) from error
        except OutcomeUnknown as error:  # of the renewal: what was asked for has not been done
            raise NotSent(error.answer) from error

    def _over(self) -> str:
        """The sentence about a session that ended, with the command that mends this shop's."""
        return (
            _EXPIRED.replace("--set-secret session", f"--set-secret session --shop {self._shop}")
            if self._shop
            else _EXPIRED
        )

    def _once(
        self, method: str, params: Mapping[str, str | int | bool], *, session: bool, files: Files
    ) -> dict[str, Any]:
        form = self._form(method, params, session)
        try:
            text = self._transport(self._url, form, files, self._timeout)
        except _Unreachable as error:
            raise NotSent(Answer(api=method, text=f"网络不通 / no connection: {error}"[:300])) from error
        except requests.RequestException as error:
            raise OutcomeUnknown(
                Answer(api=method, text=f"没有收到答复 / no answer: {type(error).__name__}")
            ) from error
        try:
            body = json.loads(text)
        except ValueError as error:
            raise OutcomeUnknown(Answer(api=method, text="答复看不懂 / the answer is not JSON")) from error
        said = body.get("error_response", {}) if isinstance(body, dict) else None
        if not isinstance(said, dict):
            raise OutcomeUnknown(Answer(api=method, text="答复看不懂 / the answer is not an object"))
        if said or "error_response" in body:
            raise _error(method, said)
        log.debug("%s ok", method)
        return _contents(method, body, simplify=self._simplify)

    def _form(self, method: str, params: Mapping[str, str | int | bool], session: bool) -> dict[str, str]:
        form = {name: _text(value) for name, value in params.items() if _text(value) != ""}
        form.update(
            method=method, app_key=self._app_key, timestamp=format_time(self._clock.now()), format="json", v="2.0",
            sign_method=self._sign_method,
        )  # fmt: skip
        if session and self._session:
            form["session"] = self._session
        if self._simplify:
            form["simplify"] = "true"
        form["sign"] = sign(form, self._secret, self._sign_method)
        return form


def _text(value: str | int | bool) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _contents(method: str, body: dict[str, Any], *, simplify: bool) -> dict[str, Any]:
    if simplify:
        return body
    root = method.removeprefix("taobao.").replace(".", "_") + "_response"
    inner = body.get(root)
    if not isinstance(inner, dict):
        raise OutcomeUnknown(Answer(api=method, text=f"答复里没有 {root} / the answer lacks {root}"))
    return inner


def _error(method: str, said: Mapping[str, Any]) -> OutsideError:
    """The typed error for an `error_response`, by code and sub_code (facts of the protocol)."""
    code, sub = str(said.get("code", "")), str(said.get("sub_code", ""))
    text, sub_text = str(said.get("msg", "")), str(said.get("sub_msg", ""))
    ban = _BAN.search(sub_text)
    answer = Answer(
        api=method, code=code, text=text, sub_code=sub, sub_text=sub_text,
        request_id=str(said.get("request_id", "")), wait_seconds=int(ban[1]) + 1 if ban else 0,
    )  # fmt: skip
    log.warning("%s refused: %s %s", method, code, sub)
    if code in _LIMITED:
        return NotSent(answer)
    if code in _NOT_ALLOWED or sub.startswith("isv.permission"):
        return NotAllowed(answer)
    if sub.endswith(_TRANSIENT_SHIPPING):
        return NotSent(answer)
    if code == "10" or sub.startswith("isp."):
        return OutcomeUnknown(answer)
    return Refused(answer)


def unwrap(holder: Mapping[str, Any], plural: str) -> list[Any]:
    """The list under `plural`: absent means empty; wrapped, it is the only list inside; simplified, it is the list."""
    found = holder.get(plural)
    if isinstance(found, list):
        return found
    if not isinstance(found, Mapping):
        return []
    lists = [value for value in found.values() if isinstance(value, list)]
    return lists[0] if len(lists) == 1 else []
