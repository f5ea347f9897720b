"""Signing in: the JWT grant, its refusals, and what tokens are good for."""

from __future__ import annotations

import json
import time
from pathlib import Path

import gspread
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

from sync_engine.clock import SystemClock
from sync_engine.sandbox.google.serve import ROBOT, GoogleSandbox
from tests.google.client import Raw

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def ask(sandbox: GoogleSandbox, folder: Path, key: str = "", **changes: object) -> requests.Response:
    told = json.loads(sandbox.credentials(folder).read_text("utf-8"))
    now = int(time.time())
    claims = {
        "iss": ROBOT,
        "scope": "https://www.googleapis.com/auth/spreadsheets",
        "aud": "https://oauth2.googleapis.com/token",
        "iat": now,
        "exp": now + 3600,
    }
    assertion = jwt.encode(crypt.RSASigner.from_string(key or told["private_key"]), claims | changes)
    form = {"grant_type": GRANT, "assertion": assertion.decode()}
    return requests.post(f"{sandbox.url}/token", data=form, timeout=5)


def test_good_assertion(sandbox: GoogleSandbox, tmp_path: Path) -> None:
    told = ask(sandbox, tmp_path).json()
    assert told["token_type"] == "Bearer" and told["expires_in"] == 3599 and told["access_token"]


def test_credentials_file_is_private(sandbox: GoogleSandbox, tmp_path: Path) -> None:
    path = sandbox.credentials(tmp_path)
    told = json.loads(path.read_text("utf-8"))
    assert told["type"] == "service_account" and told["token_uri"] == f"{sandbox.url}/token"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aud": "http://127.0.0.1/token"}, "audience"),
        ({"exp": 1000}, "reasonable timeframe"),
        ({"iat": 9_999_999_999, "exp": 9_999_999_999 + 60}, "reasonable timeframe"),
        ({"iss": "nobody@example.com"}, "account not found"),
    ],
)
def test_bad_claims(sandbox: GoogleSandbox, tmp_path: Path, changes: dict[str, object], said: str) -> None:
    answer = ask(sandbox, tmp_path, **changes)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant" and said in answer.json()["error_description"]


def test_wrong_key(sandbox: GoogleSandbox, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    told = ask(sandbox, tmp_path, key=pem.decode()).json()
    assert told == {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}


def test_no_scope_and_wrong_grant(sandbox: GoogleSandbox, tmp_path: Path) -> None:
    assert ask(sandbox, tmp_path, scope="").json()["error"] == "invalid_scope"
    answer = requests.post(f"{sandbox.url}/token", data={"grant_type": "password"}, timeout=5)
    assert answer.json()["error"] == "unsupported_grant_type"


def test_garbage_assertion(sandbox: GoogleSandbox) -> None:
    answer = requests.post(f"{sandbox.url}/token", data={"grant_type": GRANT, "assertion": "x.y"}, timeout=5)
    assert answer.json()["error"] == "invalid_grant"


def test_without_token(sandbox: GoogleSandbox, book: str) -> None:
    answer = requests.get(f"{sandbox.url}/v4/spreadsheets/{book}", timeout=5)
    assert answer.status_code == 401 and answer.json()["error"]["status"] == "UNAUTHENTICATED"


def test_scope_is_asked(sandbox: GoogleSandbox, book: str) -> None:
    scope = ("https://www.googleapis.com/auth/spreadsheets.readonly",)
    reader = Raw(sandbox, token=sandbox.token(ROBOT, scope))
    assert reader("GET", f"/v4/spreadsheets/{book}").status_code == 200
    assert reader("POST", f"/v4/spreadsheets/{book}/values/A1:clear", {}).status_code == 403
    assert reader("GET", "/drive/v3/files").status_code == 403


def test_expired_token_is_renewed_by_google_auth(sandbox: GoogleSandbox, tab: gspread.Worksheet) -> None:
    sandbox.tokens.expire()
    tab.update_acell("A1", "again")
    assert [each.status for each in sandbox.log.named("spreadsheets.values.update")] == [401, 200]
    assert tab.acell("A1").value == "again"


def test_token_ends_after_an_hour(book: str, sandbox: GoogleSandbox) -> None:
    class Later(SystemClock):
        def now(self):  # type: ignore[no-untyped-def]
            from datetime import timedelta

            return super().now() + timedelta(hours=1)

    raw = Raw(sandbox)
    assert raw("GET", f"/v4/spreadsheets/{book}").status_code == 200
    sandbox.tokens._clock = Later()
    assert raw("GET", f"/v4/spreadsheets/{book}").status_code == 401
