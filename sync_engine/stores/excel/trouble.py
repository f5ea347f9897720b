"""What Excel's refusals mean, and how long they are waited out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeVar

from sync_engine.clock import Pace, SystemPace
from sync_engine.stores.grid.port import GridBusy

_T = TypeVar("_T")

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between tries of a call that Excel turned away: about three seconds in all."""
GIVING_BACK = (*PAUSES, 3.2, 6.4)
"""When people's keyboard is at stake we are more patient."""


class Trouble(Enum):
    """What an error of a call says."""

    BUSY = "busy"  # not now: nothing was done, the same call may be made again
    GONE = "gone"  # the workbook or the program was closed
    REFUSED = "refused"  # this call will never do


BUSY_CODES = frozenset({0x80010001, 0x8001010A, 0x800AC472})
"""RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, and Excel's own VBA_E_IGNORE: a cell is edited or a dialog is open."""
GONE_CODES = frozenset({
    0x800706BA, 0x800706BE, 0x80010108, 0x80010007, 0x80010012, 0x80010114, 0x800401FD, 0x800A01A8,
})  # fmt: skip
"""RPC server unavailable, call failed, disconnected, server died (twice), invalid object, not connected, object required."""
MAC_BUSY = frozenset({-1712})
"""An Apple event that timed out."""
MAC_GONE = frozenset({-600, -609, -1728})
"""Program not running, connection invalid, no such object."""
MAC_NOT_ALLOWED = -1743

BUSY = "Excel 正忙(有人在编辑单元格或开着对话框),改动先留着,下次同步写入 / Excel is busy (a cell is being edited or a dialog is open): changes wait for the next sync"
CLOSED = "工作簿刚在 Excel 里关闭,改动下次同步再写入 / the workbook was just closed in Excel: changes go in with the next sync"
REFUSED = (
    "Excel 现在不让写,改动先留着,下次同步再试 / Excel does not take changes now: they wait for the next sync"
)
NOT_ALLOWED = "macOS 不允许控制 Excel,请在 系统设置→隐私与安全性→自动化 里打开 / macOS does not let us control Excel: allow it in System Settings, Privacy & Security, Automation"


def locked(tab: str) -> str:
    """The sentence for a sheet that people protected with a password of their own."""
    return (
        f"工作表“{tab}”设了密码保护,请撤销保护,改动会在下次同步写入 / "
        f"sheet “{tab}” is protected with a password: unprotect it, changes go in with the next sync"
    )


def codes_of(error: BaseException) -> frozenset[int]:
    """Every number in what COM raised, as unsigned: the outer code, and Excel's own inside."""
    found = [one for one in error.args if isinstance(one, int)]
    for part in error.args:
        if isinstance(part, tuple):
            found += [one for one in part if isinstance(one, int)]
    return frozenset(one & 0xFFFFFFFF for one in found)


def trouble(error: BaseException) -> Trouble | None:
    """What an error means; None where it is none of Excel's."""
    number = getattr(error, "errornumber", None)  # appscript's, on macOS
    if isinstance(number, int):
        if number in MAC_BUSY:
            return Trouble.BUSY
        return Trouble.GONE if number in MAC_GONE else Trouble.REFUSED
    if type(error).__name__ == "com_error":
        codes = codes_of(error)
        if codes & BUSY_CODES:
            return Trouble.BUSY
        return Trouble.GONE if codes & GONE_CODES else Trouble.REFUSED
    if type(error).__name__ == "ExcelBusyError" or _is_unheard_name(error):  # the first is xlwings' own
        return Trouble.BUSY
    return None


def _is_unheard_name(error: BaseException) -> bool:
    """pywin32 takes a look-up of a name that Excel turned away for a name that is not there."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    module = str(at.tb_frame.f_globals.get("__name__", "")) if at else ""
    return isinstance(error, AttributeError) and module.startswith("win32com")


def sentence(error: BaseException) -> str:
    """What people are told of it."""
    if getattr(error, "errornumber", None) == MAC_NOT_ALLOWED:
        return NOT_ALLOWED
    kind = trouble(error)
    if kind is Trouble.REFUSED:
        number = getattr(error, "errornumber", None)
        shown = (
            str(number) if number is not None else ", ".join(f"0x{n:08X}" for n in sorted(codes_of(error)))
        )
        return f"{REFUSED} ({shown})"
    return CLOSED if kind is Trouble.GONE else BUSY


class Patience:
    """Makes calls to Excel; one that is turned away is made again after growing pauses, and in the end given up."""

    def __init__(self, pace: Pace | None = None, pauses: Sequence[float] = PAUSES) -> None:
        self._pace, self._pauses = pace or SystemPace(), tuple(pauses)

    def longer(self) -> Patience:
        """For giving back what we took."""
        return Patience(self._pace, GIVING_BACK)

    def call(self, act: Callable[[], _T]) -> _T:
        """One call. A repeated one was not done before: COM rejects it at the door. GridBusy where it fails for good."""
        for pause in (*self._pauses, None):
            try:
                return act()
            except Exception as error:
                kind = trouble(error)
                if kind is None:
                    raise
                if kind is not Trouble.BUSY or pause is None:
                    raise GridBusy(sentence(error)) from error
            self._pace.wait(pause)
        raise AssertionError("the last try returns or raises")
