"""Signing a gateway request: sorted key-value pairs, with the secret wrapped around them or as the key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

METHODS = ("md5", "hmac", "hmac-sha256")


def sign(params: Mapping[str, str], secret: str, method: str) -> str:
    """The upper-case signature of all parameters but `sign` itself (the protocol's three methods)."""
    text = "".join(
        f"{name}{params[name]}" for name in sorted(params) if name != "sign" and params[name] != ""
    )
    body, key = text.encode(), secret.encode()
    if method == "md5":
        digest = hashlib.md5(key + body + key).hexdigest()  # noqa: S324 - the protocol's own
    elif method == "hmac":
        digest = hmac.new(key, body, hashlib.md5).hexdigest()
    elif method == "hmac-sha256":
        digest = hmac.new(key, body, hashlib.sha256).hexdigest()
    else:
        raise ValueError(f"unknown sign method {method!r}")
    return digest.upper()
