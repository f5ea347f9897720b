"""What the gateway checks before a method sees a request, in its order: method, key, time, version, sign, session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sync_engine.sandbox import states
from sync_engine.sandbox.credentials import keys_of
from sync_engine.sandbox.methods import HANDLERS, OPEN
from sync_engine.sandbox.refusal import Refuse, platform
from sync_engine.sandbox.sign import is_signed
from sync_engine.sandbox.store import Store
from sync_engine.sandbox.uploads import without_files

SYSTEM = frozenset(
    {
        "method", "app_key", "session", "timestamp", "format", "v", "sign_method", "sign", "simplify", "partner_id",
        "target_app_key",
    }
)  # fmt: skip
_TOLERANCE = 600


def check(store: Store, sent: Mapping[str, str], now: str) -> None:
    """Raise the gateway's own error for a request it would not let in."""
    keys = keys_of(store.meta("world", {}).get("number", 1))
    _check_names(sent, keys.app_key)
    _check_time(sent, now)
    if not sent.get("v"):
        raise platform(32)
    if sent["v"] != "2.0":
        raise platform(34)
    if sent.get("format", "xml") not in ("json", "xml"):
        raise platform(23)
    if not sent.get("sign"):
        raise platform(24)
    if not is_signed(without_files(sent), keys.app_secret):
        raise platform(25)
    if sent["method"] not in OPEN:
        _check_session(store, sent.get("session", ""), now)


def _check_names(sent: Mapping[str, str], app_key: str) -> None:
    if not sent.get("method"):
        raise platform(21)
    if sent["method"] not in HANDLERS:
        raise platform(22)
    if not sent.get("app_key"):
        raise platform(28)
    if sent["app_key"] != app_key:
        raise platform(29)


def _check_time(sent: Mapping[str, str], now: str) -> None:
    if not sent.get("timestamp"):
        raise platform(30)
    try:
        told: datetime = states.when(sent["timestamp"])
    except ValueError:
        raise platform(31) from None
    if abs((told - states.when(now)).total_seconds()) > _TOLERANCE:
        raise platform(31)


def _check_session(store: Store, session: str, now: str) -> None:
    if not session:
        raise platform(26)
    known = store.meta("session")
    if session != known["token"]:
        raise platform(27, "invalid-sessionkey", "非法或过期的SessionKey参数，请使用有效的SessionKey参数")
    if now >= known["until"]:
        raise platform(27, "session-expired", "SessionKey过期")


def business_params(sent: Mapping[str, str]) -> dict[str, str]:
    """What was sent besides the system parameters."""
    return {name: text for name, text in sent.items() if name not in SYSTEM}


def limit(store: Store, method: str, now: str, per_second: int, per_day: int) -> None:
    """Count the call; raise code 7 where an app calls too often by the sandbox's clock."""
    if per_second and _count(store, f"second of {method}", now) > per_second:
        raise ban(1)
    if per_day and _count(store, "day", now[:10]) > per_day:
        raise platform(
            7, "accesscontrol.limited-by-app-access-count", "This ban will last for 86400 more seconds"
        )


def ban(seconds: float) -> Refuse:
    """The error of a method called too often."""
    text = f"This ban will last for {max(1, round(seconds))} more seconds"
    return platform(7, "accesscontrol.limited-by-api-access-count", text)


def _count(store: Store, name: str, window: str) -> int:
    last, count = store.meta(f"calls in {name}", ["", 0])
    count = count + 1 if last == window else 1
    store.set_meta(f"calls in {name}", [window, count])
    return int(count)
