"""Files, who may do what with them, and the spreadsheets in them: all that a request can change, under one lock."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import TypeVar

from sync_engine.clock import Clock
from sync_engine.sandbox.google.book import Book, new_sheet
from sync_engine.sandbox.google.log import Call, Change, Log
from sync_engine.sandbox.google.refusal import Json, Refusal
from sync_engine.sandbox.google.render import default_properties
from sync_engine.sandbox.google.work import Work

SHEETS = "application/vnd.google-apps.spreadsheet"
FOLDER = "application/vnd.google-apps.folder"
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer", "owner")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class File:
    """A file of Drive. `permissions` are the API's messages, by their id."""

    id: str
    name: str
    mime: str
    created: str
    modified: str
    version: int = 1
    parents: list[str] = field(default_factory=list)
    drive: str = ""
    permissions: dict[str, Json] = field(default_factory=dict)
    comments: list[Json] = field(default_factory=list)
    description: str = ""
    trashed: bool = False

    def role(self, email: str) -> str | None:
        """What a person may do: the strongest of the permissions that hold for them."""
        held = [p["role"] for p in self.permissions.values() if _holds(p, email)]
        return max(held, key=ROLES.index, default=None)

    @property
    def owner(self) -> str:
        """The owner's e-mail; empty for a file of a shared drive."""
        return next((p["emailAddress"] for p in self.permissions.values() if p["role"] == "owner"), "")


def _holds(permission: Json, email: str) -> bool:
    kind = permission["type"]
    if kind == "anyone":
        return True
    if kind == "domain":
        return email.endswith("@" + permission["domain"])
    return bool(permission.get("emailAddress", "").lower() == email.lower())


def user_permission(number: str, email: str, role: str) -> Json:
    """A person's permission."""
    return {
        "kind": "drive#permission", "id": number, "type": "user", "emailAddress": email, "role": role,
        "displayName": email.partition("@")[0], "deleted": False, "pendingOwner": False,
    }  # fmt: skip


class World:
    """Everything behind the API. Methods that change anything hold `lock` themselves; readers take it."""

    def __init__(
        self, clock: Clock, seed: int, log: Log, locale: str = "en_US", zone: str = "Asia/Shanghai"
    ) -> None:
        self.clock, self.log, self.locale, self.zone = clock, log, locale, zone
        self.lock = threading.RLock()
        self.rng = random.Random(f"google:{seed}")
        self.files: dict[str, File] = {}
        self.books: dict[str, Book] = {}
        self.drives: dict[str, Json] = {}
        self._last = ("", 0)
        self.changed: Callable[[str], None] = lambda file: None

    def now(self) -> str:
        """The time as Drive writes it. Clocks tell whole seconds: what comes later in one gets more milliseconds."""
        second = self.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        told, count = self._last
        self._last = second, count + 1 if told == second else 0
        return f"{second}.{min(self._last[1], 999):03d}Z"

    def fresh_id(self, length: int = 44) -> str:
        """An id for a file."""
        return "1" + "".join(self.rng.choice(_LETTERS) for _ in range(length - 1))

    def permission_id(self, email: str) -> str:
        """Always the same for an e-mail."""
        return str(random.Random(f"permission:{email.lower()}").randrange(10**19, 10**20))

    def create_file(
        self, name: str, owner: str, mime: str = SHEETS, parents: list[str] | None = None, number: str = ""
    ) -> File:
        """A new file of `owner`, or of the shared drive it is put into; a spreadsheet has one sheet with id 0."""
        with self.lock:
            moment = self.now()
            file = File(id=number or self.fresh_id(), name=name, mime=mime, created=moment, modified=moment)
            file.parents = parents or [f"root-{self.permission_id(owner)}"]
            file.drive = self.drive_of(file.parents[0])
            if file.drive:
                members = self.drives[file.drive]["members"]
                file.permissions = {
                    self.permission_id(e): user_permission(self.permission_id(e), e, r)
                    for e, r in members.items()
                }
            else:
                key = self.permission_id(owner)
                file.permissions[key] = user_permission(key, owner, "owner")
            self.files[file.id] = file
            if mime == SHEETS:
                self.books[file.id] = self.new_book(file.id, name)
            self.changed(file.id)
            return file

    def new_book(self, number: str, title: str) -> Book:
        """An empty spreadsheet."""
        book = Book(id=number, properties=default_properties(title, self.locale, self.zone))
        book.sheets.append(new_sheet(0, "工作表1" if self.locale == "zh_CN" else "Sheet1"))
        return book

    def drive_of(self, parent: str) -> str:
        """The shared drive a folder is in, or empty."""
        if parent in self.drives:
            return parent
        folder = self.files.get(parent)
        return folder.drive if folder else ""

    def add_drive(self, name: str, members: dict[str, str]) -> str:
        """A shared drive with e-mail -> role; its id."""
        with self.lock:
            number = "0A" + self.fresh_id(17)[1:]
            self.drives[number] = {"name": name, "members": members}
            self.changed("")
            return number

    def delete_file(self, number: str) -> None:
        """A file is gone for good."""
        with self.lock:
            del self.files[number]
            self.books.pop(number, None)
            self.changed(number)

    def book(self, number: str, caller: str, role: str = "reader") -> Book:
        """A spreadsheet, if the caller has at least `role`; 404 and 403 as Sheets gives them."""
        file = self.files.get(number)
        if file is None or number not in self.books:
            raise Refusal(404, "Requested entity was not found.")
        has = file.role(caller)
        if has is None or ROLES.index(has) < ROLES.index(role):
            raise Refusal(403, "The caller does not have permission")
        return self.books[number]

    def owns(self, number: str, caller: str) -> bool:
        """Whether no protection shuts the caller out."""
        return self.files[number].role(caller) in ("owner", "organizer")

    def change(self, number: str, call: Call, act: Callable[[Work], T]) -> T:
        """Do `act` to a draft of a spreadsheet; it becomes the spreadsheet if nothing is refused."""
        with self.lock:
            book = self.book(number, call.caller, "writer")
            work = Work(book.draft(), call.caller, self.owns(number, call.caller), self.rng)
            result = act(work)
            self.books[number] = work.book
            self.log.changes += [
                Change(call.number, call.caller, call.staff, number, what) for what in work.changes
            ]
            self.touch(number)
            call.applied = True
            return result

    def touch(self, number: str) -> None:
        """A file was changed."""
        file = self.files[number]
        file.modified, file.version = self.now(), file.version + 1
        if number in self.books:
            file.name = self.books[number].properties["title"]
        self.changed(number)
