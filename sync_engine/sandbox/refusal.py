"""What the gateway says when it says no, in the platform's own numbers and words."""

from __future__ import annotations

from dataclasses import dataclass

PLATFORM = {
    7: "App Call Limited",
    15: "Remote service error",
    21: "Missing Method",
    22: "Invalid Method",
    23: "Invalid Format",
    24: "Missing Signature",
    25: "Invalid Signature",
    26: "Missing Session",
    27: "Invalid Session",
    28: "Missing App Key",
    29: "Invalid App Key",
    30: "Missing Timestamp",
    31: "Invalid Timestamp",
    32: "Missing Version",
    33: "Invalid Version",
    34: "Unsupported Version",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One `error_response`."""

    code: int
    msg: str
    sub_code: str = ""
    sub_msg: str = ""

    def fields(self) -> dict[str, object]:
        """The keys of `error_response`, absent where empty."""
        full = {"code": self.code, "msg": self.msg, "sub_code": self.sub_code, "sub_msg": self.sub_msg}
        return {name: value for name, value in full.items() if value != ""}


class Refuse(Exception):
    """Raised inside the sandbox to answer with an error."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sub_msg or refusal.msg)
        self.refusal = refusal


def platform(code: int, sub_code: str = "", sub_msg: str = "") -> Refuse:
    """One of the gateway's own errors (codes below 100)."""
    return Refuse(Refusal(code=code, msg=PLATFORM[code], sub_code=sub_code, sub_msg=sub_msg))


def missing(name: str) -> Refuse:
    """Code 40: a required parameter is absent or empty."""
    return Refuse(Refusal(code=40, msg=f"Missing required arguments:{name}"))


def invalid(name: str) -> Refuse:
    """Code 41: a parameter is not of its documented type or size."""
    return Refuse(Refusal(code=41, msg=f"Invalid arguments:{name}"))


def business(sub_code: str, sub_msg: str) -> Refuse:
    """Code 15: the service behind the gateway said no."""
    return Refuse(Refusal(code=15, msg=PLATFORM[15], sub_code=sub_code, sub_msg=sub_msg))


def offline_send(letter: str, sub_msg: str) -> Refuse:
    """An error of taobao.logistics.offline.send."""
    return business(f"isv.logistics-offline-service-error:{letter}", sub_msg)


def resend(letter: str, sub_msg: str) -> Refuse:
    """An error of taobao.logistics.consign.resend."""
    return business(f"isv.logistics-update-company-or-mailno-error:{letter}", sub_msg)
