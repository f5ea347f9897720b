"""The gateway's signature, written from its rules: sorted key-value text, hashed with the app's secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping


def base_text(params: Mapping[str, str]) -> bytes:
    """key1value1key2value2... in byte order of the keys, without `sign`."""
    return "".join(f"{key}{params[key]}" for key in sorted(params) if key != "sign").encode()


def signature(params: Mapping[str, str], secret: str, method: str) -> str | None:
    """Upper-case hex for `md5`, `hmac` or `hmac-sha256`; None for any other method."""
    text, key = base_text(params), secret.encode()
    if method == "md5":
        return hashlib.md5(key + text + key).hexdigest().upper()  # noqa: S324 - the protocol's own choice
    if method == "hmac":
        return hmac.new(key, text, hashlib.md5).hexdigest().upper()
    if method == "hmac-sha256":
        return hmac.new(key, text, hashlib.sha256).hexdigest().upper()
    return None


def is_signed(params: Mapping[str, str], secret: str) -> bool:
    """Whether `sign` is right. Empty values may be left out of the text, as the Java SDK does, or not, as the Go SDK."""
    method = params.get("sign_method", "md5")
    filled = {key: value for key, value in params.items() if key and value}
    right = {signature(each, secret, method) for each in (params, filled)}
    return params.get("sign", "") in right
