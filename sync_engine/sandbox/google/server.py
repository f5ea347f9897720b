"""The stand-in as an HTTP server on the loopback."""

from __future__ import annotations

import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from sync_engine.sandbox.google.api import Answer, Api, Request, json_answer
from sync_engine.sandbox.google.log import calls_json

ADMIN = "/sandbox/"
_LARGEST_BODY = 200_000_000
_CHUNK = 65_536


class Server(ThreadingHTTPServer):
    """Serves an Api; `token` opens the admin door."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, api: Api, token: str, port: int) -> None:
        self.api, self.token, self.ended = api, token, threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget it."""
        self._open.discard(request)
        super().shutdown_request(request)

    def stop(self) -> None:
        """End, with all connections and answers that are kept back."""
        self.ended.set()
        self.shutdown()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = _CHUNK

    def _any(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._send(json_answer(413, {"error": {"code": 413, "message": "Request entity too large"}}))
            return
        body = self.rfile.read(int(length)) if length != "0" else b""
        if self.path.startswith(ADMIN):
            self._send(self._admin(urlsplit(self.path).path.removeprefix(ADMIN), body))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(
            self.server.api.answer(Request(verb=self.command, target=self.path, headers=headers, body=body))
        )

    def do_GET(self) -> None:
        """Every verb goes the same way."""
        self._any()

    def do_POST(self) -> None:
        """Every verb goes the same way."""
        self._any()

    def do_PUT(self) -> None:
        """Every verb goes the same way."""
        self._any()

    def do_DELETE(self) -> None:
        """Every verb goes the same way."""
        self._any()

    def do_PATCH(self) -> None:
        """Every verb goes the same way."""
        self._any()

    def _admin(self, name: str, body: bytes) -> Answer:
        """GET/POST faults, GET log, GET state; `Authorization: Bearer` with the sandbox's own token."""
        told = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(told.encode(), self.server.token.encode()):
            return json_answer(401, {"ok": False, "error": "wrong token"})
        api = self.server.api
        with api.world.lock:
            if name == "faults" and self.command == "POST":
                try:
                    api.faults.replace_by(json.loads(body))
                except (ValueError, TypeError, AttributeError) as wrong:
                    return json_answer(400, {"ok": False, "error": str(wrong)})
            if name == "faults":
                return json_answer(200, api.faults.as_json())
            if name == "log":
                return json_answer(200, calls_json(api.log))
            if name == "state":
                files = [
                    {"id": each.id, "name": each.name, "version": each.version}
                    for each in api.world.files.values()
                ]
                return json_answer(
                    200, {"ok": True, "now": api.world.now(), "calls": len(api.log.all), "files": files}
                )
        return json_answer(404, {"ok": False, "error": "unknown"})

    def _send(self, answer: Answer) -> None:
        if answer.wait:
            self.server.ended.wait(answer.wait)
        if answer.drop:
            self.close_connection = True
            return
        head = f"HTTP/1.1 {answer.status} {'OK' if answer.status < 300 else 'Error'}\r\nContent-Type: {answer.content_type}\r\n"
        head += f"Content-Length: {len(answer.body)}\r\n\r\n" if answer.status != 204 else "\r\n"
        self.wfile.write(head.encode() + answer.body)
        self.wfile.flush()

    def handle(self) -> None:
        """A client that goes away is nobody's problem."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        """The same at the end of a connection."""
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal; the log tells everything."""
