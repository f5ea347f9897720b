"""The built files, a hub that really listens, and a LibreOffice that knows where it is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from addin.excel import build
from addin.hub.app import Hub, make_app
from addin.hub.guard import Door
from addin.hub.jobs import Jobs, Run
from sync_engine.clock import SystemClock
from sync_engine.readmodel import ReadModel
from tests.hub.conftest import TOKEN, make_journal, nothing
from tests.vba.office import Office, with_probe
from workbook_templates.schema import Lang

PROBE = """Option Explicit
Public Function Said() As String
    Said = BmSaid
End Function
Public Function Steps() As String
    Steps = BmSteps
End Function
Public Function Why() As String
    Why = BmWhy
End Function
Public Function Quiet() As String
    BmQuiet = True
    BmSaid = ""
    Quiet = "quiet"
End Function
Public Function Turned(ByVal text As String) As String
    Dim found As Object
    Set found = BmJsonRead(BmJsonText("x") & text)
    Set found = BmJsonRead("[" & BmJsonText(text) & "]")
    Turned = found.Item(1)
End Function
Public Function Plain(ByVal text As String) As String
    Plain = BmJsonText(text)
End Function
Public Function Field(ByVal text As String, ByVal key As String) As String
    Dim found As Object
    Set found = BmJsonRead(text)
    If found Is Nothing Then Field = "nothing" Else Field = BmTextOf(found, key)
End Function
Public Function Numbers(ByVal number As Double) As String
    Numbers = BmJsonNumber(number)
End Function
Public Function Shown(ByVal key As String, ByVal chinese As Boolean) As String
    Shown = BmTextIn(key, chinese)
End Function
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The add-in and the template."""
    return build(tmp_path_factory.mktemp("excel"))


class Listening:
    """A hub on a port of its own over the shop of the cases, and the note that tells of it."""

    def __init__(self, journal: Path, run: Run = nothing) -> None:
        self.socket = _bound()
        port = self.socket.getsockname()[1]
        hub = Hub(
            shop="测试店", lang=Lang.ZH, door=Door(port=port, token=TOKEN, a_second=10_000),
            model=ReadModel(journal, Lang.ZH), jobs=Jobs(run, Lang.ZH), clock=SystemClock(),
        )  # fmt: skip
        self.asked: list[str] = []
        app = make_app(hub)

        @app.middleware("http")
        async def count(request, go_on):  # type: ignore[no-untyped-def]
            self.asked.append(f"{request.method} {request.url.path}")
            return await go_on(request)

        self.server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", access_log=False, server_header=False, lifespan="off")
        )
        self.url = f"http://127.0.0.1:{port}"
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    def note(self, home: Path) -> None:
        """Write the note a served hub leaves."""
        write_note(home, self.url, TOKEN)

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        self.socket.close()


def _bound():  # type: ignore[no-untyped-def]
    import socket

    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    return one


def write_note(home: Path, url: str, token: str) -> None:
    """The note programs of this user read."""
    room = home / ".biaomao"
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    (room / "hub.json").write_text(
        json.dumps({"url": url, "token": token, "folder": "店", "pid": 1}), "utf-8"
    )


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """A hub over the shop of the cases."""
    place = tmp_path_factory.mktemp("hub") / "journal.sqlite"
    journal = make_journal(place)
    hub = Listening(place)
    yield hub
    hub.end()
    journal.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A LibreOffice whose user has a home of its own."""
    room = tmp_path_factory.mktemp("office")
    (room / "home").mkdir()
    office = Office(room, room / "home")
    yield office
    office.end()


@pytest.fixture(scope="session")
def probed(built: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Copies of both files with a module that shows what the macros hold."""
    room = tmp_path_factory.mktemp("probed")
    return {
        path.suffix: with_probe(path, room / f"{path.stem}{path.suffix[1:]}.xlsm", PROBE) for path in built
    }
