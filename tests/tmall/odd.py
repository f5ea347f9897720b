"""An HTTP server that answers what a test tells it to, however odd, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One answer: a body (bytes as they are, anything else as JSON), a status, a wait in seconds, or none at all."""

    body: Any = b""
    status: int = 200
    wait: float = 0.0
    drop: bool = False
    claim: int = 0  # how many bytes more the header promises than come

    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class OddServer:
    """`answers` in their order; the last one holds for all further requests."""

    url: str
    answers: list[Odd] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def says(self, *answers: Any) -> None:
        self.answers[:] = [one if isinstance(one, Odd) else Odd(body=one) for one in answers]

    def next(self, sent: dict[str, str]) -> Odd:
        self.asked.append(sent)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    odd: OddServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = self.odd.next(dict(parse_qsl(body.decode(), keep_blank_values=True)))
        if answer.wait:
            time.sleep(answer.wait)
        if answer.drop:
            self.close_connection = True
            return
        data = answer.data()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(data) + answer.claim))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = bool(answer.claim)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def odd_server() -> Iterator[OddServer]:
    """Serve on the loopback until the end of the block."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    odd = OddServer(f"http://127.0.0.1:{server.server_port}/router/rest")
    handler.odd = odd  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield odd
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
