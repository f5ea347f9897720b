"""Troubles to practise on, and quotas; both off until switched on.

A `Trouble` strikes the next calls it fits, or each with a probability (seeded, so that it can be replayed).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from sync_engine.sandbox.google.refusal import Json, Refusal, internal, quota_exceeded, unavailable

BEFORE = ("429", "500", "503", "cut", "revoked", "expired")
"""Not applied: an error, a connection that closes, no access (403), a token that ended (401)."""
AFTER = ("500_after", "503_after", "cut_after", "timeout", "slow")
"""Applied, but: an error, a connection that closes, no answer for `seconds`, an answer after `seconds`."""
KINDS = BEFORE + AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that goes wrong with calls whose method fits `method` (`*` wildcards) and whose caller fits `caller`.

    `method` is such as "spreadsheets.values.*", or "read" or "write" for the kind. `next` strikes so many of the next calls
    that fit; else each is struck with `probability`.
    """

    kind: str
    method: str = "*"
    caller: str = "*"
    next: int = 0
    probability: float = 0.0
    seconds: float = 0.2

    def fits(self, name: str, kind: str, caller: str) -> bool:
        """Whether it is meant for this call."""
        right = (
            self.method == kind
            if self.method in ("read", "write", "drive")
            else fnmatchcase(name, self.method)
        )
        return right and fnmatchcase(caller, self.caller)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Calls of Sheets a minute: reads and writes of one person, and of the whole project; 0 is no limit."""

    read: int = 0
    write: int = 0
    project: int = 0


GOOGLES_QUOTA = Quota(read=60, write=60, project=300)
"""What Google documents (usage limits of the Sheets API)."""


class Faults:
    """The troubles in force. Give and take them at any time."""

    def __init__(self, seed: int) -> None:
        self.quota = Quota()
        self._rng = Random(f"google:faults:{seed}")
        self._troubles: list[Trouble] = []
        self._asked: dict[tuple[str, str], deque[float]] = {}

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is still to strike."""
        return tuple(self._troubles)

    def add(self, kind: str, method: str = "*", **more: Any) -> Trouble:
        """A trouble more; without `next` and `probability` it strikes the next call. ValueError for unknown kinds."""
        trouble = Trouble(kind=kind, method=method, **more)
        if kind not in KINDS:
            raise ValueError(f"unknown kind of trouble: {kind}")
        if not trouble.next and not trouble.probability:
            trouble = replace(trouble, next=1)
        self._troubles.append(trouble)
        return trouble

    def clear(self) -> None:
        """No troubles and no quota any more."""
        self._troubles.clear()
        self._asked.clear()
        self.quota = Quota()

    def strike(self, name: str, kind: str, caller: str) -> Trouble | None:
        """The first trouble that strikes this call."""
        for at, each in enumerate(self._troubles):
            if not each.fits(name, kind, caller):
                continue
            if each.next:
                left = replace(each, next=each.next - 1)
                self._troubles[at : at + 1] = [left] if left.next else []
                return each
            if self._rng.random() < each.probability:
                return each
        return None

    def count(self, kind: str, caller: str, now: float) -> None:
        """Count a call of Sheets ("read", "write") against the quotas; 429 where one is used up. Refused calls count not."""
        limits = [(caller, getattr(self.quota, kind), "user"), ("*", self.quota.project, "project")]
        windows = []
        for who, most, per in limits:
            window = self._asked.setdefault((kind, who), deque())
            while window and window[0] <= now - 60:
                window.popleft()
            if most and len(window) >= most:
                raise quota_exceeded(kind.capitalize(), per)
            windows.append(window)
        for window in windows:
            window.append(now)

    def as_json(self) -> Json:
        """All of it as JSON values."""
        return {"troubles": [asdict(each) for each in self._troubles], "quota": asdict(self.quota)}

    def replace_by(self, told: Mapping[str, Any]) -> None:
        """All of it from JSON values; ValueError names what is not known."""
        if unknown := set(told) - {"troubles", "quota"}:
            raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
        known = {each.name for each in fields(Trouble)}
        for each in told.get("troubles", []):
            if wrong := set(each) - known:
                raise ValueError(f"unknown setting: {', '.join(sorted(wrong))}")
            if each.get("kind") not in KINDS:
                raise ValueError(f"unknown kind of trouble: {each.get('kind')}")
        quota = Quota(**told.get("quota", {}))
        self.clear()
        self.quota = quota
        for each in told.get("troubles", []):
            self.add(**each)


def refusal_of(kind: str) -> Refusal | None:
    """The error a trouble answers with; None where it is none of errors."""
    from sync_engine.sandbox.google.tokens import invalid_token

    plain = {
        "429": lambda: quota_exceeded("Write", "user"),
        "500": internal,
        "503": unavailable,
        "revoked": lambda: Refusal(403, "The caller does not have permission"),
        "expired": invalid_token,
    }
    make = plain.get(kind.removesuffix("_after"))
    return make() if make else None
