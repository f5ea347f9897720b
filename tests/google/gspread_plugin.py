"""A pytest plugin that lets gspread's own tests run against the stand-in, unmodified: `-p tests.google.gspread_plugin`.

It starts a sandbox before gspread's conftest is read, names its service account in GS_CREDS_FILENAME, turns Google's addresses
to it, and checks every successful exchange against the discovery documents. At the end it tells how many there were.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import google.auth.transport.requests
import pytest
from google.oauth2 import service_account

from sync_engine.sandbox.google.serve import ROBOT, GoogleSandbox
from tests.google.discovery import COUNT, check_exchange

PRIVATE = "1jIKzPs8LsiZZdLdeMEP-5ZIHw6RkjiOmj1LrJN706Yc"
"""A spreadsheet of somebody else, which one of gspread's tests tries to open."""
HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")


def turned(base: str) -> Any:
    """AuthorizedSession.request with the addresses turned to `base`."""
    plain = google.auth.transport.requests.AuthorizedSession.request

    def request(self: Any, method: str, url: str, *args: Any, **more: Any) -> Any:
        for host in HOSTS:
            if url.startswith(host):
                url = base + url.removeprefix(host)
        answer = plain(self, method, url, *args, **more)
        check_exchange(answer, request=answer.ok)
        return answer

    return request


def make_way() -> None:
    """Both projects call their tests `tests`: once ours are imported, the name is gspread's."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    root = str(Path(__file__).resolve().parents[2])
    sys.path[:] = [*(each for each in sys.path if each != root), root]


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the sandbox; it ends with the run."""
    make_way()
    sandbox = GoogleSandbox()
    sandbox.start()
    early_config.add_cleanup(sandbox.stop)
    folder = tempfile.TemporaryDirectory()
    early_config.add_cleanup(folder.cleanup)
    os.environ["GS_CREDS_FILENAME"] = str(sandbox.credentials(Path(folder.name)))
    google.auth.transport.requests.AuthorizedSession.request = turned(sandbox.url)
    service_account.Credentials._is_regional_access_boundary_lookup_required = lambda self: False
    sandbox.create("private", owner="somebody@example.com", writers=(), number=PRIVATE)
    for title in ("an older one", "another one"):
        sandbox.create(title, owner=ROBOT)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell how much was checked."""
    terminalreporter.write_line(f"{COUNT['exchanges']} exchanges fit the discovery documents")
