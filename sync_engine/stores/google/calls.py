"""One call to Google: paced, retried only where nothing can have happened, and its errors in the engine's own words.

What may be repeated (facts: Google answers 429 before doing anything; after a 5xx or a lost answer a write may stand):

    reading    429, 5xx, a lost connection or answer
    writing    429, and a connection that never came about
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError
from gspread.http_client import HTTPClient
from requests import Response

from sync_engine.clock import Pace, SystemPace
from sync_engine.errors import Answer, NotAllowed, NotSent, OutcomeUnknown, OutsideError, Refused

PER_MINUTE = 60
"""Google's quota for one user: so many reads, and so many writes, a minute."""
NO_QUOTA = 1_000_000
"""The stand-in has none unless told so, and then answers 429."""
TRIES = 5
LONGEST_WAIT = 32.0
TIMEOUT = (10.0, 190.0)
"""Google itself gives up after 180 s."""
_HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
_TOO_MANY = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
)


class Bucket:
    """So many calls a minute: a full bucket may be spent at once, then it fills drop by drop."""

    def __init__(self, pace: Pace, per_minute: int = PER_MINUTE) -> None:
        self._pace, self._size, self._left = pace, per_minute, float(per_minute)
        self._seen = pace.passed()

    def take(self) -> None:
        """Take one; waits, a minute at most in all, where the bucket is empty."""
        now = self._pace.passed()
        self._left = min(self._size, self._left + (now - self._seen) * self._size / 60)
        self._seen = now
        if self._left < 1:
            self._pace.wait((1 - self._left) * 60 / self._size)
            self._left, self._seen = 1.0, self._pace.passed()
        self._left -= 1


class Calls(HTTPClient):
    """gspread's own client with this house's rules for repeating.

    Args:
        auth: credentials of google-auth.
        base: another server that speaks for Google's, for the stand-in; "" for Google itself.
    """

    def __init__(self, auth: Any, *, base: str = "", pace: Pace | None = None) -> None:
        super().__init__(auth)
        self._base, self._pace = base.rstrip("/"), pace or SystemPace()
        quota = PER_MINUTE if not base else NO_QUOTA
        self._buckets = {reading: Bucket(self._pace, quota) for reading in (True, False)}

    def request(
        self, method: str, endpoint: str, params: Any = None, data: Any = None, json: Any = None, files: Any = None,
        headers: Any = None,
    ) -> Response:  # fmt: skip
        """See `gspread.HTTPClient.request`. Raises OutsideError, never gspread's own."""
        reading = method.lower() == "get"
        wanted = {"params": params, "data": data, "json": json, "files": files, "headers": headers}
        name = f"{method.upper()} {_short(endpoint)}"

        def send() -> Response:
            self._buckets[reading].take()
            return self.session.request(method, self._own(endpoint), timeout=TIMEOUT, **wanted)

        return self._repeated(send, name, reading)

    def _own(self, endpoint: str) -> str:
        for host in _HOSTS if self._base else ():
            if endpoint.startswith(host):
                return self._base + endpoint.removeprefix(host)
        return endpoint

    def _repeated(self, send: Callable[[], Response], name: str, reading: bool) -> Response:
        last: OutsideError = NotSent(Answer(api=name))
        for turn in range(TRIES):
            wait = 0.0
            try:
                response = send()
                if response.ok:
                    return response
                last, wait = error_of(name, response, reading), _asked_wait(response)
            except (requests.RequestException, GoogleAuthError) as error:
                last = _broken(name, error, reading)
            if not isinstance(last, NotSent):
                raise last
            if turn + 1 < TRIES:
                self._pace.wait(min(LONGEST_WAIT, max(wait, 2.0**turn)))
        raise last


def error_of(name: str, response: Response, reading: bool) -> OutsideError:
    """What an answer that is not 2xx means for us."""
    said = _said(response)
    answer = Answer(api=name, code=str(response.status_code), text=said["text"], sub_code=said["reason"])
    status = response.status_code
    if status == 429 or (status == 403 and said["reason"] in _TOO_MANY):
        return NotSent(answer)
    if status >= 500 or status == 408:
        return NotSent(answer) if reading else OutcomeUnknown(answer)
    return NotAllowed(answer) if status in (401, 403) else Refused(answer)


def _said(response: Response) -> Mapping[str, str]:
    """Google's own words: `error.message`, and the first reason it gives."""
    try:
        error = response.json()["error"]
        details = [*error.get("errors", ()), *error.get("details", ())]
        reason = next((d["reason"] for d in details if "reason" in d), error.get("status", ""))
        return {"text": str(error.get("message", "")), "reason": str(reason)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"text": response.reason or "", "reason": ""}


def _broken(name: str, error: Exception, reading: bool) -> OutsideError:
    """A call that got no answer. Only the kind of the error is told: its text names addresses that help nobody."""
    answer = Answer(api=name, text=type(error).__name__)
    if isinstance(error, RefreshError) and not error.retryable:
        return NotAllowed(
            Answer(api=name, text=str(error.args[0]) if error.args else "", sub_code="invalid_grant")
        )
    if (
        reading
        or isinstance(error, GoogleAuthError | requests.exceptions.ConnectTimeout)
        or never_left(error)
    ):
        return NotSent(answer)
    return OutcomeUnknown(answer)


def never_left(error: BaseException | None) -> bool:
    """Whether a connection did not even come about."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if type(error).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError"):
            return True
        seen.add(id(error))
        inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        error = inner or getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(error, BaseException):
            return False
    return False


def _asked_wait(response: Response) -> float:
    try:
        return float(response.headers.get("Retry-After", 0))
    except ValueError:
        return 0.0


def _short(endpoint: str) -> str:
    """What was called, without the workbook's id."""
    tail = endpoint.partition("/spreadsheets/")[2] or endpoint.rpartition("/")[2]
    return "spreadsheets" + (f":{tail.rpartition(':')[2]}" if ":" in tail else "")
