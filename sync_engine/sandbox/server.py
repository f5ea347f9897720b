"""The sandbox as a real HTTP server on the loopback."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sync_engine.clock import Clock, format_time
from sync_engine.errors import ConfigError
from sync_engine.sandbox.alipay import api as alipay
from sync_engine.sandbox.faults import Faults, faults_from
from sync_engine.sandbox.gateway import Gateway, Reply
from sync_engine.sandbox.journal_file import LogFile
from sync_engine.sandbox.store import Store
from sync_engine.sandbox.uploads import parts_of
from sync_engine.sandbox.world import STATE_FILE

ROUTER = "/router/rest"
_CONTROL = "/sandbox/"
_LARGEST_BODY = 10_000_000


def no_world(folder: Path) -> ConfigError:
    """The error of a folder `create_world` has not filled."""
    return ConfigError(
        f"沙箱里还没有店铺，请先生成：{folder} / no shop in this sandbox yet, create one first: {folder}"
    )


class Sandbox:
    """A shop's outside world in `folder`, living by `clock`.

    Everything is durable in `folder/state.sqlite` before a request is answered, and told in `folder/log.jsonl`: killing
    the sandbox or its client at any moment loses nothing that was answered. Raises ConfigError where `create_world` has
    not made a world yet.
    """

    def __init__(self, folder: Path, clock: Clock, *, port: int = 0, seed: int = 1) -> None:
        """`port` 0 takes a free one; `seed` varies chance within the same world."""
        if not (folder / STATE_FILE).exists():
            raise no_world(folder)
        self._clock, self._port, self._lock = clock, port, threading.Lock()
        self._folder = folder
        self._store = Store(folder / STATE_FILE)
        self._log = LogFile(folder / "log.jsonl", self._store)
        self._gateway = Gateway(self._store, self._store.meta("world")["seed"] * 1_000_003 + seed)
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """The gateway's address while it runs."""
        return f"http://127.0.0.1:{self._server.server_port if self._server else self._port}{ROUTER}"

    def start(self) -> str:
        """Serve in the background; the gateway's address."""
        if self._server is None:
            self._server = _Server(self, self._port)
            threading.Thread(
                target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True
            ).start()
        return self.url

    def stop(self) -> None:
        """Stop serving and close the files; may be called twice."""
        if self._server is not None:
            self._server.shutdown()
            self._server.close_connections()
            self._server.server_close()
            self._server = None
        with self._lock:
            self._log.close()
            self._store.close()

    def __enter__(self) -> Sandbox:
        """Start; the files are closed if that fails."""
        try:
            self.start()
        except OSError:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def advance(self) -> None:
        """Let the world's life go on until the clock's time; done before each request as well."""
        with self._lock:
            self._gateway.live(format_time(self._clock.now()))

    def set_faults(self, faults: Faults) -> None:
        """Replace all troubles and switches; the same as `POST /sandbox/faults`."""
        with self._lock:
            self._gateway.set_faults(faults)

    @property
    def faults(self) -> Faults:
        """The troubles and switches in force."""
        return self._gateway.faults

    def answer(self, sent: Mapping[str, str]) -> Reply:
        """One gateway request, without HTTP around it."""
        with self._lock:
            reply = self._gateway.answer(sent, format_time(self._clock.now()))
            self._log.write()
        return reply

    def bills(self, path: str, sent: Mapping[str, str]) -> alipay.Told:
        """A call of the Alipay side: the address of a bill, or the bill behind it."""
        with self._lock:
            now = format_time(self._clock.now())
            self._gateway.live(now)
            if path == alipay.PATH:
                base = self.url.removesuffix(ROUTER)
                told = alipay.ask(self._store, self._folder, sent, now, base)
            else:
                told = alipay.file(self._store, sent, now)
            self._gateway.record(now, f"alipay:{path}", sent, told.logged or {})
            self._log.write()
        return told

    def plant(self, defect: str) -> None:
        """What is to be wrong with bills from now on: one of `alipay.files.DEFECTS`, or ""."""
        with self._lock, self._store.transaction():
            self._store.set_meta(alipay.DEFECT, defect)

    def state(self) -> dict[str, Any]:
        """What `GET /sandbox/state` tells: that it lives, and its time."""
        return {"ok": True, "pid": os.getpid(), "now": format_time(self._clock.now())}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, sandbox: Sandbox, port: int) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End connections that clients keep open."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Everything may be in the query."""
        self._route(b"")

    def do_POST(self) -> None:
        """Query and body together."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self._send(Reply(body="", status=413))
            return
        self._route(self.rfile.read(int(length)))

    def _route(self, body: bytes) -> None:
        path = urlsplit(self.path)
        if path.path == ROUTER:
            self._send(self.server.sandbox.answer(self._sent(path.query, body)))
        elif path.path in (alipay.PATH, alipay.FILES):
            told = self.server.sandbox.bills(path.path, _merged(path.query, body))
            self._send(Reply(body=told.text, status=told.status), told.data)
        elif path.path.startswith(_CONTROL):
            self._send(self._control(path.path.removeprefix(_CONTROL), body))
        else:
            self._send(Reply(body="", status=404))

    def _sent(self, query: str, body: bytes) -> dict[str, str]:
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):
            return {**_merged(query, b""), **parts_of(kind, body)}
        return _merged(query, body)

    def _control(self, name: str, body: bytes) -> Reply:
        sandbox = self.server.sandbox
        try:
            if name == "faults" and body:
                sandbox.set_faults(faults_from(json.loads(body)))
        except (ValueError, TypeError, AttributeError) as wrong:
            return Reply(body=json.dumps({"ok": False, "error": str(wrong)}, ensure_ascii=False), status=400)
        if name == "faults":
            return Reply(body=json.dumps(sandbox.faults.as_json()))
        return Reply(body=json.dumps(sandbox.state())) if name == "state" else Reply(body="", status=404)

    def _send(self, reply: Reply, file: bytes = b"") -> None:
        """One write, so that no packet waits for another."""
        if reply.wait:
            time.sleep(reply.wait)
        if reply.drop:
            self.close_connection = True
            return
        data = file or reply.body.encode()
        head = f"HTTP/1.1 {reply.status} {'OK' if reply.status == 200 else 'Error'}\r\n"
        head += f"Content-Type: {reply.content_type}\r\nContent-Length: {len(data)}\r\n\r\n"
        self.wfile.write(head.encode() + data)

    def handle(self) -> None:
        """A client that goes away is nobody's problem; a sandbox that cannot write hangs up, as a host that is down."""
        try:
            super().handle()
        except (OSError, sqlite3.OperationalError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal; log.jsonl tells everything."""


def _merged(query: str, body: bytes) -> dict[str, str]:
    """The parameters of query and body together, as the gateway sees them."""
    pairs = parse_qsl(query, keep_blank_values=True) + parse_qsl(
        body.decode("utf-8", "replace"), keep_blank_values=True
    )
    return dict(pairs)
