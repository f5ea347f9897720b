"""Clients for the tests: gspread with its addresses turned to the sandbox, and raw requests; every answer is validated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import google.auth.transport.requests
import gspread
import requests
from google.oauth2 import service_account

from sync_engine.sandbox.google.serve import ROBOT, GoogleSandbox
from tests.google.discovery import check_exchange

HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


class Session(google.auth.transport.requests.AuthorizedSession):
    """An AuthorizedSession whose addresses are turned to the sandbox; what is exchanged must fit the discovery documents."""

    def __init__(self, credentials: Any, base: str) -> None:
        super().__init__(credentials)
        self.base, self.trust_env = base, False

    def request(self, method: str, url: str, *args: Any, **more: Any) -> requests.Response:
        for host in HOSTS:
            if url.startswith(host):
                url = self.base + url.removeprefix(host)
        more.setdefault("timeout", 10)
        answer = super().request(method, url, *args, **more)
        check_exchange(answer)
        return answer


def account(sandbox: GoogleSandbox, folder: Path, email: str = ROBOT) -> Any:
    """Credentials of a service account, from the JSON file the sandbox made."""
    path = sandbox.credentials(folder, email)
    scopes = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive"]
    made = service_account.Credentials.from_service_account_file(str(path), scopes=scopes)
    made._is_regional_access_boundary_lookup_required = lambda: False  # it would ask Google itself
    return made


def connect(sandbox: GoogleSandbox, folder: Path, email: str = ROBOT) -> gspread.Client:
    """gspread as a service account."""
    return gspread.Client(auth=None, session=Session(account(sandbox, folder, email), sandbox.url))


class Raw:
    """Plain HTTP with a token."""

    def __init__(self, sandbox: GoogleSandbox, email: str = ROBOT, token: str | None = None) -> None:
        self.base = sandbox.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token or sandbox.token(email)}"

    def __call__(
        self, verb: str, path: str, body: Any = None, *, fits: bool = True, **query: Any
    ) -> requests.Response:
        """One call; `fits` False lets a request pass that no client with Google's document would send."""
        answer = self.session.request(verb, self.base + path, json=body, params=query, timeout=10)
        check_exchange(answer, request=fits)
        return answer

    def batch(self, book: str, *asked: dict[str, Any], fits: bool = True, **more: Any) -> requests.Response:
        """spreadsheets.batchUpdate."""
        return self(
            "POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": list(asked), **more}, fits=fits
        )

    def ok(self, book: str, *asked: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The same, which must succeed; its answer."""
        answer = self.batch(book, *asked, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()
