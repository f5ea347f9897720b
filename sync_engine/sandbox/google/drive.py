"""Drive v3: files, permissions and comments, as far as a client of spreadsheets needs them; and v2's upload of a CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Any

from sync_engine.sandbox.google.book import new_sheet
from sync_engine.sandbox.google.cells import Cell
from sync_engine.sandbox.google.export import exported
from sync_engine.sandbox.google.log import Call
from sync_engine.sandbox.google.refusal import Json, Refusal, not_ours
from sync_engine.sandbox.google.schema import check_body
from sync_engine.sandbox.google.typed import parse as parse_typed
from sync_engine.sandbox.google.work import Work
from sync_engine.sandbox.google.world import FOLDER, ROLES, SHEETS, File, World, user_permission

_WRITABLE = {"name", "mimeType", "parents", "description", "trashed"}


@dataclass(slots=True)
class Drive:
    """The Drive methods on a world."""

    world: World

    def find(self, number: str, call: Call, query: Json, role: str = "reader") -> File:
        """A file the caller may use; else 404, or 403 where they may only read."""
        file = self.world.files.get(number)
        has = file.role(call.caller) if file else None
        hidden = file is not None and file.drive and not _all_drives(query)
        if file is None or has is None or hidden:
            raise Refusal(404, f"File not found: {number}.", reason="notFound", location="fileId")
        if ROLES.index(has) < ROLES.index(role):
            text = f"The user does not have sufficient permissions for file {number}."
            raise Refusal(403, text, reason="insufficientFilePermissions")
        return file

    def create(self, call: Call, query: Json, body: Json) -> Json:
        """files.create, without content."""
        check_body(body, "File", "drive")
        _only(body)
        parents = body.get("parents") or []
        for each in parents:
            if each not in self.world.drives and each != "root":
                self.find(each, call, query, "writer")
            elif each in self.world.drives and call.caller not in self.world.drives[each]["members"]:
                raise Refusal(404, f"File not found: {each}.", reason="notFound", location="fileId")
        mime = body.get("mimeType") or "application/octet-stream"
        if mime not in (SHEETS, FOLDER):
            raise not_ours(f"files.create {mime}")
        file = self.world.create_file(
            body.get("name") or "Untitled", call.caller, mime, [each for each in parents if each != "root"]
        )
        call.applied = True
        return resource(file, call.caller)

    def get(self, number: str, call: Call, query: Json) -> Json:
        """files.get."""
        return resource(self.find(number, call, query), call.caller)

    def update(self, number: str, call: Call, query: Json, body: Json) -> Json:
        """files.update of the metadata: name, description, parents, and into the trash or out of it."""
        check_body(body, "File", "drive")
        _only(body)
        file = self.find(number, call, query, "writer")
        if body.get("name"):
            self._rename(file, call, body["name"])
        file.description = body.get("description", file.description)
        if body.get("trashed") is not None:
            self.find(number, call, query, "fileOrganizer" if file.drive else "owner")
            file.trashed = bool(body["trashed"])
        for each in (query.get("addParents") or "").split(","):
            file.parents = [each] if each else file.parents
        self.world.touch(number)
        call.applied = True
        return resource(file, call.caller)

    def _rename(self, file: File, call: Call, name: str) -> None:
        def act(work: Work) -> None:
            work.book.properties["title"] = name

        file.name = name
        if file.mime == SHEETS:
            self.world.change(file.id, call, act)

    def delete(self, number: str, call: Call, query: Json) -> None:
        """files.delete: by the owner only."""
        self.find(number, call, query, "organizer")
        self.world.delete_file(number)
        call.applied = True

    def list(self, call: Call, query: Json) -> Json:
        """files.list: newest first, in pages."""
        everywhere = str(query.get("includeItemsFromAllDrives", "")).lower() == "true" and _all_drives(query)
        found = [
            file
            for file in self.world.files.values()
            if file.role(call.caller) is not None
            and (not file.drive or everywhere)
            and (not query.get("driveId") or file.drive == query["driveId"])
            and all(_meets(file, term) for term in _terms(query.get("q") or ""))
        ]
        found.reverse()
        size = int(query.get("pageSize") or 100)
        if not 1 <= size <= 1000:
            raise Refusal(
                400,
                "Invalid value '" + str(size) + "'. Values must be within the range: [1, 1000]",
                reason="invalidParameter",
                location="pageSize",
            )
        at = _page(query)
        told: Json = {"kind": "drive#fileList", "incompleteSearch": False}
        told["files"] = [resource(file, call.caller) for file in found[at : at + size]]
        if at + size < len(found):
            told["nextPageToken"] = f"~!!~{at + size}"
        return told

    def copy(self, number: str, call: Call, query: Json, body: Json) -> Json:
        """files.copy: the caller owns the copy; comments go along only if asked."""
        check_body(body, "File", "drive")
        _only(body)
        source = self.find(number, call, query)
        parents = [each for each in body.get("parents") or [] if each != "root"]
        copy = self.world.create_file(
            body.get("name") or f"Copy of {source.name}", call.caller, source.mime, parents
        )
        copy.description = body.get("description", source.description)
        if str(query.get("copyComments", "")).lower() == "true":
            copy.comments = list(source.comments)
        if source.mime == SHEETS:
            book = self.world.books[source.id].draft()
            book.id, book.properties = copy.id, book.properties | {"title": copy.name}
            self.world.books[copy.id] = book
        self.world.changed(copy.id)
        call.applied = True
        return resource(copy, call.caller)

    def export(self, number: str, call: Call, query: Json) -> bytes:
        """files.export."""
        file = self.find(number, call, query | {"supportsAllDrives": True})
        if file.mime != SHEETS:
            raise Refusal(403, "Export only supports Docs Editors files.", reason="fileNotExportable")
        return exported(self.world.books[number], query.get("mimeType") or "")

    def permissions(self, number: str, call: Call, query: Json) -> Json:
        """permissions.list."""
        file = self.find(number, call, query, "writer")
        return {"kind": "drive#permissionList", "permissions": list(file.permissions.values())}

    def permission(self, number: str, which: str, call: Call, query: Json) -> Json:
        """permissions.get."""
        file = self.find(number, call, query, "writer")
        return _permission(file, which)

    def share(self, number: str, call: Call, query: Json, body: Json) -> Json:
        """permissions.create."""
        known = {name: value for name, value in body.items() if name != "withLink"}
        check_body(known, "Permission", "drive")
        file = self.find(number, call, query, "writer")
        kind, role = known.get("type"), known.get("role")
        if kind not in ("user", "group", "domain", "anyone") or role not in ROLES:
            raise Refusal(
                400, "The permission type field is required.", reason="required", location="permission.type"
            )
        if role == "owner":
            if str(query.get("transferOwnership", "")).lower() != "true":
                text = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
                raise Refusal(403, text, reason="forbidden", location="transferOwnership")
            raise not_ours("transferOwnership")
        key, told = self._made(kind, role, known)
        file.permissions[key] = told
        self.world.touch(number)
        call.applied = True
        return {name: told[name] for name in ("kind", "id", "type", "role")}

    def _made(self, kind: str, role: str, body: Json) -> tuple[str, Json]:
        if kind in ("user", "group"):
            email = body.get("emailAddress") or ""
            if "@" not in email:
                raise Refusal(
                    400,
                    "The specified emailAddress is invalid or not applicable for the given permission type.",
                    reason="invalidSharingRequest",
                    location="permission.emailAddress",
                )
            key = self.world.permission_id(email)
            return key, user_permission(key, email, role) | {"type": kind}
        if kind == "domain":
            key = self.world.permission_id(body.get("domain") or "") + "k"
            return key, {
                "kind": "drive#permission",
                "id": key,
                "type": kind,
                "role": role,
                "domain": body.get("domain"),
                "allowFileDiscovery": False,
            }
        key = "anyoneWithLink" if not body.get("allowFileDiscovery") else "anyone"
        return key, {
            "kind": "drive#permission",
            "id": key,
            "type": kind,
            "role": role,
            "allowFileDiscovery": bool(body.get("allowFileDiscovery")),
        }

    def update_permission(self, number: str, which: str, call: Call, query: Json, body: Json) -> Json:
        """permissions.update of a role."""
        check_body(body, "Permission", "drive")
        file = self.find(number, call, query, "writer")
        old = _permission(file, which)
        if body.get("role") not in ROLES[:-1] or old["role"] == "owner":
            raise Refusal(403, "The owner of a file cannot be changed so.", reason="forbidden")
        file.permissions[which] = old | {"role": body["role"]}
        self.world.touch(number)
        call.applied = True
        return file.permissions[which]

    def unshare(self, number: str, which: str, call: Call, query: Json) -> None:
        """permissions.delete; the owner stays."""
        file = self.find(number, call, query, "writer")
        if _permission(file, which)["role"] == "owner":
            raise Refusal(403, "The owner of a file cannot be removed.", reason="insufficientFilePermissions")
        del file.permissions[which]
        self.world.touch(number)
        call.applied = True

    def comments(self, number: str, call: Call, query: Json) -> Json:
        """comments.list; Drive wants `fields` here."""
        file = self.find(number, call, query | {"supportsAllDrives": True})
        if not query.get("fields"):
            raise _needs_fields()
        return {"kind": "drive#commentList", "comments": file.comments}

    def comment(self, number: str, call: Call, query: Json, body: Json) -> Json:
        """comments.create."""
        check_body(body, "Comment", "drive")
        file = self.find(number, call, query | {"supportsAllDrives": True}, "commenter")
        if not query.get("fields"):
            raise _needs_fields()
        moment = self.world.now()
        told = {
            "kind": "drive#comment", "id": f"AAAA{self.world.fresh_id(8)}", "content": body.get("content", ""),
            "htmlContent": body.get("content", ""), "createdTime": moment, "modifiedTime": moment, "resolved": False,
            "deleted": False, "replies": [], "author": user(call.caller, True),
        }  # fmt: skip
        file.comments.append(told)
        self.world.touch(number)
        call.applied = True
        return told

    def upload(self, number: str, call: Call, query: Json, data: bytes) -> Json:
        """Drive v2's media upload of a CSV: one sheet is left, with these values."""
        self.find(number, call, query, "writer")
        text = data.decode("utf-8-sig", "replace")
        rows = list(csv.reader(io.StringIO(text)))

        def act(work: Work) -> None:
            first = work.book.sheets[0]
            width = max((len(row) for row in rows), default=1)
            fresh = new_sheet(work.fresh_id(), first.title, max(len(rows), 1), max(width, 1))
            work.adopt(fresh)
            work.book.sheets = [fresh]
            work.book.named, work.book.metadata = {}, {}
            for at, row in enumerate(rows):
                cells = {c: _typed_cell(value, work.book.locale) for c, value in enumerate(row) if value}
                if cells:
                    work.write_row(fresh, at, cells)

        self.world.change(number, call, act)
        file = self.world.files[number]
        return {"kind": "drive#file", "id": number, "title": file.name, "mimeType": file.mime}


def _typed_cell(text: str, locale: str) -> Cell:
    value, form = parse_typed(text, locale)
    return Cell(value, {"numberFormat": form} if form else None)


def _only(body: Json) -> None:
    if unknown := {name for name, value in body.items() if value is not None} - _WRITABLE:
        raise not_ours(f"File.{', '.join(sorted(unknown))}")


def _needs_fields() -> Refusal:
    return Refusal(
        400, "The 'fields' parameter is required for this method.", reason="required", location="fields"
    )


def _all_drives(query: Json) -> bool:
    return any(
        str(query.get(name, "")).lower() == "true" for name in ("supportsAllDrives", "supportsTeamDrives")
    )


def _permission(file: File, which: str) -> Json:
    if which not in file.permissions:
        raise Refusal(404, f"Permission not found: {which}.", reason="notFound", location="permissionId")
    return file.permissions[which]


def _page(query: Json) -> int:
    token = query.get("pageToken") or ""
    if not token:
        return 0
    if not re.fullmatch(r"~!!~\d+", token):
        raise Refusal(400, "Invalid Value", reason="invalid", location="pageToken")
    return int(token[4:])


_TERM = re.compile(
    r"""\s*(?:(?P<name>\w+)\s*(?P<sign>!=|=|contains)\s*(?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|true|false)"""
    r"""|(?P<who>'[^']*'|"[^"]*")\s+in\s+(?P<of>\w+)|(?P<of2>\w+)\s+in\s+(?P<who2>'[^']*'|"[^"]*"))\s*(?:and\b|$)""",
    re.IGNORECASE,
)
Term = tuple[str, str, str]


def _terms(text: str) -> list[Term]:
    """The terms of a `q`, joined by `and`; other forms are refused."""
    found: list[Term] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TERM.match(text, at)
        if not match or not _known(match):
            raise Refusal(400, "Invalid Value", reason="invalid", location="q")
        raw = match["value"] or match["who"] or match["who2"]
        value = re.sub(r"\\(.)", r"\1", raw[1:-1]) if raw[0] in "'\"" else raw.lower()
        found.append((match["name"] or "in " + (match["of"] or match["of2"]), match["sign"] or "in", value))
        at = match.end()
    return found


def _known(match: re.Match[str]) -> bool:
    return match["name"] in ("name", "mimeType", "trashed", "title") or (match["of"] or match["of2"]) in (
        "parents",
        "owners",
        "writers",
        "readers",
    )


def _meets(file: File, term: Term) -> bool:
    name, sign, value = term
    if name == "trashed":
        return (file.trashed == (value == "true")) == (sign == "=")
    if name == "in parents":
        return value in file.parents or (
            value == "root" and any(each.startswith("root-") for each in file.parents)
        )
    if name.startswith("in "):
        roles = {"in owners": ("owner",), "in writers": ("writer", "owner")}.get(name, ROLES)
        return file.role(value) in roles
    has = file.mime if name == "mimeType" else file.name
    if sign == "contains":
        return has.lower().startswith(value.lower()) or f" {value.lower()}" in has.lower()
    return (has == value) == (sign == "=")


def user(email: str, me: bool) -> Json:
    """A User."""
    return {"kind": "drive#user", "displayName": email.partition("@")[0], "emailAddress": email, "me": me}


def resource(file: File, caller: str) -> Json:
    """A whole File; which fields are told, the mask says."""
    owner = file.owner
    role = file.role(caller)
    told: Json = {
        "kind": "drive#file",
        "id": file.id,
        "name": file.name,
        "mimeType": file.mime,
        "description": file.description,
        "starred": False,
        "trashed": file.trashed,
        "explicitlyTrashed": file.trashed,
        "parents": file.parents,
        "version": str(file.version),
        "createdTime": file.created,
        "modifiedTime": file.modified,
        "ownedByMe": owner == caller,
        "shared": len(file.permissions) > 1,
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk",
        "capabilities": {
            "canEdit": role in ROLES[2:],
            "canShare": role in ROLES[2:],
            "canDelete": role in ("owner", "organizer"),
        },
        "permissionIds": list(file.permissions),
        "permissions": list(file.permissions.values()),
    }
    if owner:
        told["owners"] = [user(owner, owner == caller) | {"permissionId": next(iter(file.permissions))}]
    if file.drive:
        told |= {"driveId": file.drive, "teamDriveId": file.drive}
    return {name: value for name, value in told.items() if value != ""}


DEFAULT_FIELDS: dict[str, Any] = {
    "file": "kind,id,name,mimeType",
    "list": "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)",
    "permissions": "kind,nextPageToken,permissions(id,type,kind,role)",
    "permission": "kind,id,type,role",
}
"""What Drive tells when `fields` is not given."""
