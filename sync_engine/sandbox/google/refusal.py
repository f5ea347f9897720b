"""What the stand-in says instead of an answer, in the shapes Google documents (AIP-193, Drive's older errors, RFC 6749)."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    413: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE",
}  # fmt: skip
_REASON = {400: "invalid", 401: "authError", 403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}


class Refusal(Exception):
    """A request that is not carried out; nothing of it has been applied."""

    def __init__(
        self,
        code: int,
        message: str,
        details: list[Json] | None = None,
        *,
        reason: str = "",
        location: str = "",
    ) -> None:
        """`reason` and `location` are Drive's: why, and the parameter meant."""
        super().__init__(message)
        self.code, self.message, self.details = code, message, details or []
        self.reason, self.location = reason or _REASON.get(code, "backendError"), location

    def body(self, drive: bool = False) -> Json:
        """The JSON answer, in Sheets' shape or in Drive's."""
        if drive:
            first = {"domain": "global", "reason": self.reason, "message": self.message}
            if self.location:
                first |= {"locationType": "parameter", "location": self.location}
            if self.code == 429 or "ateLimit" in self.reason:
                first["domain"] = "usageLimits"
            return {"error": {"errors": [first], "code": self.code, "message": self.message}}
        error = {"code": self.code, "message": self.message, "status": STATUS.get(self.code, "UNKNOWN")}
        return {"error": error | ({"details": self.details} if self.details else {})}


def bad(message: str) -> Refusal:
    """A 400 with a message."""
    return Refusal(400, message)


def violations(found: list[tuple[str, str]]) -> Refusal:
    """A 400 naming each field that is wrong."""
    fields = [{"field": name, "description": text} if name else {"description": text} for name, text in found]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}
    return Refusal(400, "\n".join(text for _, text in found), [detail])


def bad_mask(path: str) -> Refusal:
    """A 400 for a `fields` path that names nothing."""
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    detail = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": path, "description": text}],
    }
    return Refusal(400, "Request contains an invalid argument.", [detail])


def quota_exceeded(kind: str, per: str) -> Refusal:
    """A 429: `kind` is "Read" or "Write", `per` is "user" or "project"."""
    limit = f"{kind} requests per minute" + (" per user" if per == "user" else "")
    text = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{limit}' of service 'sheets.googleapis.com' "
        "for consumer 'project_number:100000000001'."
    )
    metadata = {
        "service": "sheets.googleapis.com",
        "consumer": "projects/100000000001",
        "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
        "quota_limit": f"{kind}RequestsPerMinutePer{'User' if per == 'user' else 'Project'}",
    }
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": metadata,
    }
    return Refusal(429, text, [detail])


def unavailable() -> Refusal:
    """A 503."""
    return Refusal(503, "The service is currently unavailable.")


def internal() -> Refusal:
    """A 500."""
    return Refusal(500, "Internal error encountered.")


def not_ours(what: str) -> Refusal:
    """A 501 of the stand-in itself: Google knows this, the stand-in does not. Never accepted and ignored."""
    return Refusal(501, f"沙箱不支持：{what} / the stand-in does not support {what}")
