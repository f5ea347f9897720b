"""Who we are at Google, and where our files lie: a person who lets us in and takes it back, and a Shared drive."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from google.oauth2 import service_account
from typer.testing import CliRunner

from addin.cli import app
from sync_engine.errors import OutcomeUnknown, WorkbookError
from sync_engine.sandbox.google.serve import PERSON, ROBOT, GoogleSandbox
from sync_engine.stores.google.auth import SCOPES
from sync_engine.stores.google.builder import make_spreadsheet
from sync_engine.stores.google.opening import open_calls
from sync_engine.stores.google.place import GooglePlace
from sync_engine.stores.google.store import GoogleStore
from sync_engine.stores.port import RowEdit
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small workbook."""
    make_book(tmp_path / "book.xlsx", CONTRACT_TABLES, Lang.ZH)
    return tmp_path / "book.xlsx"


def place(sandbox: GoogleSandbox, credentials: Path) -> GooglePlace:
    return GooglePlace(spreadsheet="", credentials=credentials, drive_folder="", url=sandbox.url)


def test_a_spreadsheet_in_a_shared_drive(
    sandbox: GoogleSandbox, tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account is a content manager there, as docs/google.md says: it may make files and trash them, not delete them."""
    account = service_account.Credentials
    monkeypatch.setattr(account, "_is_regional_access_boundary_lookup_required", lambda self: False)
    drive = sandbox.world.add_drive("公司", {ROBOT: "fileOrganizer", PERSON: "organizer"})
    calls = open_calls(place(sandbox, sandbox.credentials(tmp_path)))
    sandbox.faults.add("500", "write", next=100)
    with pytest.raises(OutcomeUnknown):  # the cause, not that it may not delete
        make_spreadsheet(calls, book, "店", lang=Lang.ZH, drive_folder=drive)
    assert [file.trashed for file in sandbox.world.files.values() if file.drive == drive] == [True]
    sandbox.faults.clear()
    made = make_spreadsheet(calls, book, "店", lang=Lang.ZH, drive_folder=drive)
    file = sandbox.world.files[made.spreadsheet_id]
    assert (file.drive, file.trashed, file.owner) == (drive, False, "")
    store = GoogleStore(calls, file.id, tables=CONTRACT_TABLES)
    edit = RowEdit(table="items", key="1001", cells={"item_id": "1001"}, new=True)
    assert store.write([edit], store.read({}).token).written


def test_a_person_lets_us_in_and_takes_it_back(
    sandbox: GoogleSandbox, tmp_path: Path, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`google-login` by the browser, a spreadsheet of the person's own, access renewed by itself, a sentence once it is gone."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the stand-in has no certificate
    client = sandbox.tokens.write_client(tmp_path / "client.json", sandbox.url)

    class Browser:
        """Says yes."""

        def open(self, url: str, **_: object) -> bool:
            asked = dict(parse_qsl(urlsplit(url).query))
            assert asked["access_type"] == "offline" and asked["scope"].split() == [*SCOPES]
            code = sandbox.tokens.consent(PERSON, SCOPES)
            back = {"state": asked["state"], "code": code, "scope": asked["scope"]}
            Thread(target=lambda: requests.get(asked["redirect_uri"], params=back, timeout=10)).start()
            return True

    class No(Browser):
        """Closes the window with «cancel»."""

        def open(self, url: str, **_: object) -> bool:
            asked = dict(parse_qsl(urlsplit(url).query))
            back = {"state": asked["state"], "error": "access_denied"}
            Thread(target=lambda: requests.get(asked["redirect_uri"], params=back, timeout=10)).start()
            return True

    done = CliRunner().invoke(app, ["init", "--folder", str(tmp_path / "shop")])
    assert done.exit_code == 0, done.output
    asked = ["google-login", "--client", str(client), "--folder", str(tmp_path / "shop")]
    monkeypatch.setattr("webbrowser.get", lambda *_: No())
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 2 and "没有得到授权" in done.output, done.output
    monkeypatch.setattr("webbrowser.get", lambda *_: Browser())
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    kept = tmp_path / "shop" / "google.json"
    assert kept.stat().st_mode & 0o077 == 0 or os.name != "posix"
    assert json.loads(kept.read_text("utf-8"))["type"] == "authorized_user"
    calls = open_calls(place(sandbox, kept))
    made = make_spreadsheet(calls, book, "店", lang=Lang.ZH)
    assert sandbox.world.files[made.spreadsheet_id].owner == PERSON
    store = GoogleStore(calls, made.spreadsheet_id, tables=CONTRACT_TABLES)
    sandbox.tokens.expire()
    assert store.read({}).tables["items"].usable, "renewed by itself"
    sandbox.tokens.withdraw(PERSON)
    fresh = GoogleStore(open_calls(place(sandbox, kept)), made.spreadsheet_id, tables=CONTRACT_TABLES)
    with pytest.raises(WorkbookError, match="google-login"):
        fresh.read({})
    with pytest.raises(WorkbookError, match="google-login"):
        store.read({})
