"""Downloading bills: alipay.data.dataservice.bill.downloadurl.query, signed RSA2, and the file behind its short-lived address.

Parameters, signature and answers as in the facts on the download API. Nothing here changes anything over there, so a call
without an answer is simply made again.
"""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import requests
from google.auth.crypt import RSASigner, RSAVerifier

from sync_engine.clock import Clock, format_time
from sync_engine.errors import Answer, ConfigError, NotSent, Refused

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
LEDGER = "signcustomer"
"""The bill of the account itself: the one with the platform's fees."""
RETRIES = 3
PAUSE = 1.0
LARGEST = 300_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlipayKeys:
    """An application at Alipay: its number, its private key, and Alipay's public key; keys as PEM or bare base64."""

    app_id: str
    private_key: str
    alipay_public_key: str = ""  # "": answers are taken unverified


class AlipayClient:
    """One application's way to its bills."""

    def __init__(
        self, url: str, keys: AlipayKeys, clock: Clock, fetch: Callable[..., requests.Response] | None = None
    ) -> None:
        self._url, self._clock, self._keys = url, clock, keys
        self._fetch = fetch or requests.Session().request
        try:
            self._signer = RSASigner.from_string(pem(keys.private_key, "PRIVATE KEY"))  # type: ignore[no-untyped-call]
            self._verifier = (
                RSAVerifier.from_string(pem(keys.alipay_public_key, "PUBLIC KEY"))  # type: ignore[no-untyped-call]
                if keys.alipay_public_key
                else None
            )
        except (ValueError, TypeError) as error:
            raise ConfigError(
                f"支付宝密钥不能用({error}),请重新运行 biaomao doctor --set-secret / an Alipay key cannot be used: set it again"
            ) from error

    def bill(self, date: str) -> bytes:
        """The account's bill of a month ("2026-10") or day ("2026-10-03") as it comes, a ZIP.

        Raises:
            Refused: there is no such bill, or the application may not have it.
            NotSent: no answer.
        """
        answer = self._call({"bill_type": LEDGER, "bill_date": date})
        address = str(answer.get("bill_download_url") or "")
        if not address.startswith(("https://", "http://127.0.0.1")):
            address = "https://" + address.removeprefix("http://")
        data = self._request("GET", address).content
        if not data.startswith(b"PK") or len(data) > LARGEST:
            self._refuse("", "下载到的不是账单 zip / what came is no bill ZIP", "")
        return data

    def _call(self, content: Mapping[str, str]) -> dict[str, Any]:
        form = {
            "app_id": self._keys.app_id, "method": METHOD, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
            "timestamp": format_time(self._clock.now()), "version": "1.0", "biz_content": json.dumps(content, separators=(",", ":")),
        }  # fmt: skip
        form["sign"] = base64.b64encode(self._signer.sign(signed_text(form).encode())).decode()
        text = self._request("POST", self._url, data=form).content.decode("utf-8", "replace")
        node, whole = _node(text, METHOD.replace(".", "_") + "_response")
        if node is None or whole is None:
            self._refuse("", "支付宝的答复读不懂 / Alipay's answer cannot be read", "")
        answer: dict[str, Any] = json.loads(node)
        if str(answer.get("code")) != "10000":
            self._refuse(
                str(answer.get("code") or ""),
                str(answer.get("sub_msg") or answer.get("msg") or ""),
                str(answer.get("sub_code") or ""),
            )
        if self._verifier is not None and not self._verifier.verify(node.encode(), _signature(whole)):
            self._refuse("", "支付宝答复的签名不对 / the signature of Alipay's answer is wrong", "")
        return answer

    def _request(self, verb: str, url: str, **more: Any) -> requests.Response:
        for attempt in range(RETRIES):
            try:
                answer = self._fetch(verb, url, timeout=(5, 120), **more)
                answer.raise_for_status()
            except requests.HTTPError as error:
                status = error.response.status_code
                if status < 500:
                    self._refuse(str(status), f"HTTP {status}", "")
                last = str(error)
            except requests.RequestException as error:
                last = type(error).__name__
            else:
                return answer
            if attempt < RETRIES - 1:
                self._clock.sleep(PAUSE * 2**attempt)
        raise NotSent(Answer(api=METHOD, text=f"支付宝没有答复 / no answer ({last})", code="-"))

    def _refuse(self, code: str, text: str, sub_code: str) -> NoReturn:
        raise Refused(Answer(api=METHOD, code=code, text=text, sub_code=sub_code))


def signed_text(params: Mapping[str, str]) -> str:
    """What is signed: `k=v` of everything that is not empty but the signature, by name, joined by `&`."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "sign" and params[name])


def pem(key: str, kind: str) -> str:
    """A key as PEM: Alipay hands them out as bare base64."""
    key = key.strip()
    if key.startswith("-----"):
        return key
    return (
        f"-----BEGIN {kind}-----\n"
        + "\n".join(textwrap.wrap("".join(key.split()), 64))
        + f"\n-----END {kind}-----\n"
    )


def _node(text: str, name: str) -> tuple[str | None, dict[str, Any] | None]:
    """The text of one member exactly as sent, which is what is signed, and the whole answer."""
    try:
        whole = json.loads(text)
        start = text.index(f'"{name}"')
        start = text.index(":", start + len(name) + 2) + 1
        start += len(text[start:]) - len(text[start:].lstrip())
        _, end = json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        return None, None
    return (text[start:end], whole) if isinstance(whole, dict) else (None, None)


def _signature(whole: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(whole.get("sign") or ""), validate=True)
    except ValueError:
        return b""
