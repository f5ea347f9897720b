"""One request in, one answer out: the effect and its log line are durable before anything leaves."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync_engine.sandbox import doorman, mischief
from sync_engine.sandbox.context import Context
from sync_engine.sandbox.envelope import pick, render, render_error
from sync_engine.sandbox.faults import Faults, Rule, faults_from, striking
from sync_engine.sandbox.life import advance
from sync_engine.sandbox.methods import CHANGES, HANDLERS
from sync_engine.sandbox.refusal import Refuse, business
from sync_engine.sandbox.spec import read_params
from sync_engine.sandbox.store import Store, pack

_LONG = 4000
_HTML = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back over the wire; `drop` = close the connection without a word, after `wait` seconds."""

    body: str
    status: int = 200
    content_type: str = "application/json;charset=UTF-8"
    drop: bool = False
    wait: float = 0.0


class Gateway:
    """The world behind the router. Not thread-safe: the server holds one lock around it."""

    def __init__(self, store: Store, seed: int) -> None:
        """Take up the world of `store`."""
        self._store = store
        self._seed = seed
        self.faults = faults_from(store.meta("faults", {}))
        self._seq = int(store.meta("seq", 0))

    def set_faults(self, faults: Faults) -> None:
        """Replace all troubles and switches; kept with the world."""
        with self._store.transaction():
            self._store.set_meta("faults", faults.as_json())
            self._store.set_meta("fault counts", {})
        self.faults = faults

    def live(self, now: str) -> None:
        """Let the world's life go on until `now`; the past does not change."""
        if now <= self._store.meta("now", ""):
            return
        with self._store.transaction():
            advance(self._store, now)
            self._store.set_meta("now", now)

    def record(self, now: str, api: str, sent: Mapping[str, str], end: Mapping[str, Any]) -> None:
        """Log a request that another part of the sandbox answered; its signature is left out."""
        with self._store.transaction():
            self._seq += 1
            line = {
                "seq": self._seq,
                "at": now,
                "api": api,
                "params": {k: v for k, v in sent.items() if k != "sign"},
                **end,
            }
            self._store.run("INSERT INTO log VALUES (?, ?)", (self._seq, pack(line)))
            self._store.set_meta("seq", self._seq)

    def answer(self, sent: Mapping[str, str], now: str) -> Reply:
        """The reply to one request. `now` is platform text; where it lies in the past, the world's own time holds."""
        self.live(now)
        now = max(now, self._store.meta("now", ""))
        with self._store.transaction():
            self._seq += 1
            try:
                reply = self._answer(sent, now)
            except BaseException:
                self._seq -= 1
                raise
            self._store.set_meta("seq", self._seq)
        return reply

    def _answer(self, sent: Mapping[str, str], now: str) -> Reply:
        method = sent.get("method", "")
        rules = self._strikes(method)
        struck = {rule.kind: rule for rule in rules}
        try:
            with self._store.attempt():
                shown = self._perform(method, sent, now, struck)
        except Refuse as refused:
            return self._refuse(sent, now, refused, struck)
        body = render(method, {**shown, "request_id": self._request_id()}, **_wrapping(sent))
        logged = shown if method in CHANGES or len(body) <= _LONG else _short(shown)
        self._log(now, method, sent, struck, {"ok": True, "result": logged})
        return _trouble(Reply(body=body, content_type=_content_type(sent)), struck)

    def _strikes(self, method: str) -> list[Rule]:
        if not self.faults.rules:
            return []
        counts = self._store.meta("fault counts", {})
        rules = striking(self.faults, counts, method, self._seed)
        self._store.set_meta("fault counts", counts)
        return rules

    def _perform(
        self, method: str, sent: Mapping[str, str], now: str, struck: dict[str, Rule]
    ) -> dict[str, Any]:
        """Everything a request does, or a Refuse that undoes it."""
        rng = random.Random(f"{self._seed}:request:{self._seq}")
        if "token" in struck:
            mischief.expire_session(self._store, now)
        doorman.check(self._store, sent, now)
        switches = self.faults.switches
        doorman.limit(self._store, method, now, switches.calls_per_second, switches.calls_per_day)
        _before(struck)
        params = read_params(method, doorman.business_params(sent))
        ctx = Context(store=self._store, now=now, seed=self._seed, switches=switches, rng=rng)
        mischief.before(ctx, method, params, struck)
        result = HANDLERS[method](ctx, params)
        mischief.after(ctx, method, params, result, struck)
        return pick(method, sent.get("fields", ""), result)

    def _refuse(self, sent: Mapping[str, str], now: str, refused: Refuse, struck: dict[str, Rule]) -> Reply:
        if "token" in struck:
            mischief.expire_session(self._store, now)
        error = {**refused.refusal.fields(), "request_id": self._request_id()}
        self._log(now, sent.get("method", ""), sent, struck, {"ok": False, "error": refused.refusal.fields()})
        body = render_error(error, json_format=sent.get("format") == "json")
        return _trouble(Reply(body=body, content_type=_content_type(sent)), struck)

    def _log(
        self, now: str, method: str, sent: Mapping[str, str], struck: dict[str, Rule], end: dict[str, Any]
    ) -> None:
        line: dict[str, Any] = {
            "seq": self._seq,
            "at": now,
            "api": method,
            "params": doorman.business_params(sent),
            **end,
        }
        if struck:
            line["faults"] = sorted(struck)
        self._store.run("INSERT INTO log VALUES (?, ?)", (self._seq, pack(line)))

    def _request_id(self) -> str:
        """12 lower-case letters and digits that belong to the seed and the request's number."""
        digest = hashlib.blake2b(f"{self._seed}:{self._seq}".encode(), digest_size=12).digest()
        return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[byte % 36] for byte in digest)


def _before(struck: dict[str, Rule]) -> None:
    """Troubles that strike instead of the effect."""
    if "ban" in struck:
        raise doorman.ban(struck["ban"].seconds)
    isp = struck.get("isp")
    if isp and not isp.after:
        raise business("isp.remote-service-error", "远程服务调用出错")
    if any(kind in struck and not struck[kind].after for kind in ("http", "html")):
        raise business("isp.top-remote-connection-timeout", "未送达")


def _trouble(reply: Reply, struck: dict[str, Rule]) -> Reply:
    """Troubles that befall the answer."""
    wait = struck["slow"].seconds if "slow" in struck else 0.0
    if "lost" in struck:
        return Reply(body="", drop=True, wait=wait)
    if "http" in struck or "html" in struck:
        return Reply(body=_HTML, status=502 if "http" in struck else 200, content_type="text/html", wait=wait)
    if "isp" in struck and struck["isp"].after:
        error = {
            "code": 15,
            "msg": "Remote service error",
            "sub_code": "isp.remote-service-timeout",
            "sub_msg": "远程服务调用超时",
        }
        return Reply(
            body=render_error(error, json_format="json" in reply.content_type),
            content_type=reply.content_type,
        )
    return Reply(body=reply.body, content_type=reply.content_type, wait=wait)


def _wrapping(sent: Mapping[str, str]) -> dict[str, bool]:
    return {"json_format": sent.get("format") == "json", "simplify": sent.get("simplify") == "true"}


def _content_type(sent: Mapping[str, str]) -> str:
    return f"{'application/json' if sent.get('format') == 'json' else 'text/xml'};charset=UTF-8"


def _short(result: dict[str, Any]) -> dict[str, Any]:
    """A long answer to a question as its numbers alone."""
    return {name: _keys(value) if isinstance(value, list) else value for name, value in result.items()} | {
        "cut": True
    }


def _keys(rows: list[Any]) -> list[Any]:
    names = ("tid", "refund_id", "sku_id", "num_iid", "object_id", "code", "cp_code")
    return [
        next((row[name] for name in names if name in row), "") if isinstance(row, dict) else row
        for row in rows
    ]
