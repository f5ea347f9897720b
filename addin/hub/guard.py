"""Who may talk to the hub: programs of this user on this machine, and nobody a web page sends.

Rules (facts, security anchors): the loopback address only; a Host that is ours, against DNS rebinding; an Origin, if
any, that is ours or configured; a token of 256 bits made anew at every start; JSON of at most 1 MB; a few requests at
a time; never `Access-Control-Allow-Origin: *`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

MAX_BODY = 1_048_576
MAX_AT_ONCE = 8
OPEN_PATHS = frozenset({"/health", "/", "/pane"})
"""Pages and the sign of life: they tell nothing of the shop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the hub lets in."""

    port: int
    token: str
    origins: frozenset[str] = frozenset()  # of add-in pages served elsewhere, exact
    a_second: int = 200  # requests let in

    @property
    def hosts(self) -> frozenset[str]:
        """Names under which a program of this machine reaches us."""
        return frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    def own_origins(self) -> frozenset[str]:
        """Origins of our own pages."""
        return frozenset(f"http://{host}" for host in self.hosts)


@dataclass(frozen=True, slots=True)
class Turned:
    """Why a request is turned away."""

    status: int
    why: str


def verdict(door: Door, method: str, path: str, headers: Mapping[str, str]) -> Turned | None:
    """None for a request that may come in. `headers` have lower-case names."""
    if headers.get("host", "").lower() not in door.hosts:
        return Turned(421, "unknown host")
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in door.own_origins() | door.origins:
        return Turned(403, "unknown origin")
    if origin is None and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return Turned(403, "from another site")
    if method == "OPTIONS":
        return None if origin is not None else Turned(405, "no method")
    if path in OPEN_PATHS or path.startswith("/pane/"):
        return None if method in ("GET", "HEAD") else Turned(405, "no method")
    if not _knows_token(door, headers.get("authorization", "")):
        return Turned(401, "no token")
    return _body(headers) if method == "POST" else None


def _knows_token(door: Door, given: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {door.token}".encode())


def _body(headers: Mapping[str, str]) -> Turned | None:
    length = headers.get("content-length")
    if length is None:
        return Turned(411, "no length")
    if not length.isascii() or not length.isdigit():
        return Turned(400, "odd length")
    if int(length) > MAX_BODY:
        return Turned(413, "too large")
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    return Turned(415, "JSON only") if int(length) and kind != "application/json" else None


def answer_headers(door: Door, origin: str | None) -> dict[str, str]:
    """Headers of every answer: nothing is kept, nothing is framed or read by strangers."""
    headers = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": "default-src 'self' https://appsforoffice.microsoft.com; object-src 'none'; base-uri 'none'",
        "vary": "origin",
    }
    if origin is not None and origin.lower() in door.origins:
        headers |= {
            "access-control-allow-origin": origin,
            "access-control-allow-headers": "authorization, content-type",
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-private-network": "true",
            "cross-origin-resource-policy": "cross-origin",
        }
    return headers
