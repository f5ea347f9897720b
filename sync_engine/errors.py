"""The error tree. Bad data of a user is a value (see `sync_engine.problems`), not one of these.

BiaomaoError
├── UserError                 one sentence for the person at the keyboard, no traceback
│   ├── ConfigError           config.toml or a credential will not do
│   ├── WorkbookError         the workbook is missing, broken, hostile or of another make
│   └── BusyError             somebody has it open, or another Biaomao works on the same shop
└── OutsideError              a call to Tmall, a courier or a print client went wrong
    ├── NotSent               the request never left, or was turned away before doing anything: safe to repeat
    ├── Refused               the other side said no: do not repeat unchanged
    │   └── NotAllowed        session or permission: a person must re-authorise
    └── OutcomeUnknown        it may have been done: ask, never repeat
"""

from __future__ import annotations

from dataclasses import dataclass


class BiaomaoError(Exception):
    """Base of all errors raised on purpose."""


class UserError(BiaomaoError):
    """A problem the user can mend; its text is one clear sentence in the user's language."""


class ConfigError(UserError):
    """config.toml or a credential will not do."""


class WorkbookError(UserError):
    """The workbook is missing, broken, hostile or of another make."""


class BusyError(UserError):
    """Somebody has the file open, or another Biaomao works on the same shop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the other side said when it said no."""

    api: str
    code: str = ""
    text: str = ""
    sub_code: str = ""
    sub_text: str = ""
    request_id: str = ""
    shop: str = ""  # which of several shops was asked; "" where there is one only
    wait_seconds: int = 0  # when it may be tried again, from a ban text; 0 if it did not say

    def __str__(self) -> str:
        said, api = self.sub_text or self.text, f"{self.shop}: {self.api}" if self.shop else self.api
        code = self.sub_code or self.code
        return f"{api}: {said}{f' [{code}]' if code else ''}" if said or code else api


class OutsideError(BiaomaoError):
    """A call to the outside went wrong."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer))
        self.answer = answer

    def __str__(self) -> str:
        return str(self.answer)


class NotSent(OutsideError):
    """Nothing was done over there: safe to repeat later."""


class Refused(OutsideError):
    """The other side said no: do not repeat unchanged."""


class NotAllowed(Refused):
    """Session expired or permission missing: a person must act."""


class OutcomeUnknown(OutsideError):
    """It may have been done over there: ask, never repeat."""
