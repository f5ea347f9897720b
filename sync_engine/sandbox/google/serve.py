"""`GoogleSandbox`: the stand-in with everything a test, a demo or a program needs to use it."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random
from types import TracebackType

from sync_engine.clock import Clock, SystemClock
from sync_engine.sandbox.google.api import Api, Hook
from sync_engine.sandbox.google.faults import Faults
from sync_engine.sandbox.google.keep import Keeper
from sync_engine.sandbox.google.log import Log
from sync_engine.sandbox.google.server import Server
from sync_engine.sandbox.google.staff import Staff
from sync_engine.sandbox.google.tokens import ALL_SCOPES, Tokens
from sync_engine.sandbox.google.world import World

ROBOT = "biaomao@biaomao-sandbox.iam.gserviceaccount.com"
PERSON = "lin@example.com"


class GoogleSandbox:
    """Google Sheets and Drive on the loopback while the `with` block lasts.

    With `room` the spreadsheets, the accounts' keys and the log (`calls.jsonl`) are kept there and found again; each book is
    written before a change of it is answered, unless `durable` is off: then at the end and by `save`. The same `seed` gives
    the same ids and the same troubles. `clock` is the time of files and quotas; tokens go by `token_clock`, which must be the
    machine's time for real clients.
    """

    def __init__(
        self,
        room: Path | None = None,
        *,
        seed: int = 1,
        port: int = 0,
        locale: str = "en_US",
        clock: Clock | None = None,
        token_clock: Clock | None = None,
        durable: bool = True,
    ) -> None:
        self._port, self._server, self.room = port, None, room
        self.log = Log(room / "calls.jsonl" if room else None)
        self.world = World(clock or SystemClock(), seed, self.log, locale)
        self.tokens = Tokens(token_clock or SystemClock(), Random(f"google:tokens:{seed}"))
        self.faults = Faults(seed)
        self.api = Api(self.world, self.tokens, self.faults, self.log)
        self.staff = Staff(self.world, PERSON)
        self.admin_token = f"{Random(f'google:admin:{seed}').getrandbits(128):032x}"
        self._keeper = Keeper(room, self.world, self.tokens) if room else None
        if self._keeper:
            self._keeper.load()
            if durable:
                self.world.changed = self._keeper.save

    _server: Server | None

    @property
    def url(self) -> str:
        """The address: stands for https://sheets.googleapis.com and https://www.googleapis.com."""
        return f"http://127.0.0.1:{self._server.server_port if self._server else self._port}"

    def start(self) -> str:
        """Serve in the background; the address."""
        if self._server is None:
            self._server = Server(self.api, self.admin_token, self._port)
            threading.Thread(
                target=self._server.serve_forever, args=(0.05,), name="google", daemon=True
            ).start()
        return self.url

    def stop(self) -> None:
        """Stop serving and keep everything; may be called twice."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self.save()
        self.log.close()

    def save(self) -> None:
        """Keep everything now, if there is a room."""
        if self._keeper:
            with self.world.lock:
                self._keeper.save()

    def __enter__(self) -> GoogleSandbox:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def credentials(self, folder: Path, email: str = ROBOT) -> Path:
        """A service account's JSON file in `folder`, whose `token_uri` is the sandbox's."""
        with self.world.lock:
            path = self.tokens.write(folder / f"{email.partition('@')[0]}.json", email, f"{self.url}/token")
        if self._keeper:
            self.save()
        return path

    def token(self, email: str, scopes: tuple[str, ...] = ALL_SCOPES) -> str:
        """An access token for anybody, without the token endpoint."""
        with self.world.lock:
            return self.tokens.issue(email, scopes)

    def person(self, email: str) -> Staff:
        """Another person than `staff`."""
        return Staff(self.world, email)

    def before(self, method: str, hook: Hook) -> None:
        """Run `hook` once, just before the next call of a method ("spreadsheets.values.batchUpdate", "write") is done."""
        self.api.before(method, hook)

    def create(
        self, title: str, owner: str = PERSON, writers: tuple[str, ...] = (ROBOT,), number: str = ""
    ) -> str:
        """A new spreadsheet of a person, shared with others; its id."""
        file = self.world.create_file(title, owner, number=number)
        for each in set(writers) - {owner}:
            self.person(owner).share(file.id, each)
        return file.id
