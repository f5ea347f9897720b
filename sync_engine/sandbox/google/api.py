"""A request from its headers to its answer: who calls, what is meant, which trouble strikes, what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sync_engine.sandbox.google import mask as masks
from sync_engine.sandbox.google.drive import DEFAULT_FIELDS, Drive
from sync_engine.sandbox.google.faults import AFTER, Faults, Trouble, refusal_of
from sync_engine.sandbox.google.log import Call, Log
from sync_engine.sandbox.google.refusal import Json, Refusal, bad
from sync_engine.sandbox.google.routes import Route, route
from sync_engine.sandbox.google.schema import check_query
from sync_engine.sandbox.google.sheets import METHODS, RESPONSES, Asked, Sheets
from sync_engine.sandbox.google.tokens import BadGrant, Tokens, client_of
from sync_engine.sandbox.google.world import World

Hook = Callable[[Call], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: `drop` closes the connection without it, `wait` seconds pass before."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=UTF-8"
    wait: float = 0.0
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in."""

    verb: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_answer(status: int, told: Any) -> Answer:
    """A JSON answer, written as Google does."""
    return Answer(status=status, body=json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


class Api:
    """All of the stand-in behind HTTP. Calls are carried out one after the other."""

    def __init__(self, world: World, tokens: Tokens, faults: Faults, log: Log) -> None:
        self.world, self.tokens, self.faults, self.log = world, tokens, faults, log
        self._sheets, self._drive = Sheets(world), Drive(world)
        self._hooks: list[tuple[str, Hook]] = []

    def before(self, name: str, hook: Hook) -> None:
        """Run `hook` once, just before the next call of the method `name` is carried out.

        It runs under the same lock and may change the spreadsheet: what staff do between a client's read and its write.
        """
        with self.world.lock:
            self._hooks.append((name, hook))

    def answer(self, request: Request) -> Answer:
        """One request."""
        parts = urlsplit(request.target)
        if parts.path == "/token":
            return self._token(request)
        query = parse_qsl(parts.query, keep_blank_values=True)
        found = route(request.verb, parts.path)
        with self.world.lock:
            call = Call(
                number=len(self.log.all) + 1, time=self.world.now(), caller="", method=request.verb, path=parts.path, query=query
            )  # fmt: skip
            self.log.start(call)
            answer = self._carry_out(call, request, found)
            self.log.end(call)
            return answer

    def _token(self, request: Request) -> Answer:
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        form = client_of(request.headers.get("authorization", "")) | form
        with self.world.lock:
            call = Call(
                number=len(self.log.all) + 1,
                time=self.world.now(),
                caller="",
                method=request.verb,
                path="/token",
            )
            call.name, call.kind = "token", "token"
            self.log.start(call)
            try:
                answer = json_answer(200, self.tokens.grant(form))
            except BadGrant as wrong:
                answer = json_answer(400, wrong.body)
                call.message = str(wrong)
            call.status = answer.status
            self.log.end(call)
        return answer

    def _carry_out(self, call: Call, request: Request, found: Route | None) -> Answer:
        drive = call.path.startswith(("/drive", "/upload"))
        trouble: Trouble | None = None
        try:
            if found is None:
                raise Refusal(404, "The requested URL was not found on this server.")
            api, call.name, parts = found
            call.kind = METHODS[call.name][1] if api == "sheets" else "drive"
            reads = call.method == "GET" if api == "drive" else call.kind == "read"
            call.caller = self.tokens.caller(
                request.headers.get("authorization"), drive=drive, write=not reads
            )
            trouble = self.faults.strike(call.name, call.kind, call.caller)
            if trouble and trouble.kind not in AFTER:
                return self._struck_before(call, trouble, drive)
            if api == "sheets":
                self.faults.count(call.kind, call.caller, self.world.clock.now().timestamp())
            self._run_hooks(call)
            answer = self._done(api, call, parts, request)
        except Refusal as refusal:
            answer = json_answer(refusal.code, refusal.body(drive))
            call.message = refusal.message
        call.status = answer.status
        return self._struck_after(call, trouble, answer, drive) if trouble else answer

    def _run_hooks(self, call: Call) -> None:
        due = [each for each in self._hooks if each[0] in (call.name, call.kind)]
        self._hooks = [each for each in self._hooks if each not in due]
        for _, hook in due:
            hook(call)

    def _struck_before(self, call: Call, trouble: Trouble, drive: bool) -> Answer:
        call.fault = trouble.kind
        refusal = refusal_of(trouble.kind)
        if trouble.kind == "expired":
            self.tokens.expire(call.caller)
        if refusal is None:
            return Answer(drop=True)
        call.status, call.message = refusal.code, refusal.message
        return json_answer(refusal.code, refusal.body(drive))

    def _struck_after(self, call: Call, trouble: Trouble, answer: Answer, drive: bool) -> Answer:
        call.fault = trouble.kind
        if refusal := refusal_of(trouble.kind):
            call.status = refusal.code
            return json_answer(refusal.code, refusal.body(drive))
        if trouble.kind == "slow":
            return Answer(
                status=answer.status, body=answer.body, content_type=answer.content_type, wait=trouble.seconds
            )
        call.status = 0
        return Answer(drop=True, wait=trouble.seconds if trouble.kind == "timeout" else 0)

    def _done(self, api: str, call: Call, parts: list[str], request: Request) -> Answer:
        if api == "upload":
            query = dict(call.query)
            call.body = request.body.decode("utf-8", "replace")
            return json_answer(200, self._drive.upload(parts[0], call, query, request.body))
        body = _body(request)
        call.body = body
        query = check_query(call.query, call.name, api)
        wanted = masks.parse(query["fields"]) if query.get("fields") else None
        if api == "drive":
            return self._on_drive(call, parts, query, body, wanted)
        if wanted:
            masks.check(wanted, "@" + RESPONSES[call.name])
        told = METHODS[call.name][2](
            self._sheets, Asked(call=call, path=parts, query=query, body=body, mask=wanted)
        )
        return json_answer(200, masks.pick(told, wanted) if wanted else told)

    def _on_drive(
        self, call: Call, parts: list[str], query: Json, body: Json, wanted: masks.Mask | None
    ) -> Answer:
        drive, name = self._drive, call.name
        if name == "files.export":
            return Answer(body=drive.export(parts[0], call, query), content_type=str(query.get("mimeType")))
        if name in ("files.delete", "permissions.delete"):
            if name == "files.delete":
                drive.delete(parts[0], call, query)
            else:
                drive.unshare(parts[0], parts[1], call, query)
            return Answer(status=204)
        does: dict[str, tuple[str, Callable[[], Json]]] = {
            "files.create": ("file", lambda: drive.create(call, query, body)),
            "files.get": ("file", lambda: drive.get(parts[0], call, query)),
            "files.update": ("file", lambda: drive.update(parts[0], call, query, body)),
            "files.copy": ("file", lambda: drive.copy(parts[0], call, query, body)),
            "files.list": ("list", lambda: drive.list(call, query)),
            "permissions.list": ("permissions", lambda: drive.permissions(parts[0], call, query)),
            "permissions.get": ("permission", lambda: drive.permission(parts[0], parts[1], call, query)),
            "permissions.create": ("permission", lambda: drive.share(parts[0], call, query, body)),
            "permissions.update": (
                "permission",
                lambda: drive.update_permission(parts[0], parts[1], call, query, body),
            ),
            "comments.list": ("", lambda: drive.comments(parts[0], call, query)),
            "comments.create": ("", lambda: drive.comment(parts[0], call, query, body)),
        }
        kind, act = does[name]
        told = act()
        mask = wanted or (masks.parse(DEFAULT_FIELDS[kind]) if kind else {})
        return json_answer(200, masks.pick(told, mask))


def _body(request: Request) -> Json:
    if not request.body:
        return {}
    try:
        told = json.loads(request.body)
    except ValueError as wrong:
        raise bad(f"Invalid JSON payload received. {wrong}") from None
    if not isinstance(told, dict):
        raise bad('Invalid JSON payload received. Unknown name "": Root element must be a message.')
    return _without_null(told) if b"null" in request.body else told


def _without_null(value: Any) -> Any:
    """JSON's null in a message is the same as not telling the field; in a list of values it means something."""
    if isinstance(value, dict):
        return {name: _without_null(each) for name, each in value.items() if each is not None}
    return [_without_null(each) for each in value] if isinstance(value, list) else value
