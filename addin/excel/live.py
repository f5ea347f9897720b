"""Commands from Excel through xlwings' RunPython: done by this very process, told in the status bar, one sentence at
the end.

Excel refuses calls while a cell is edited or a dialog is open: a few tries with growing pauses, then the text is left
out; the work itself never depends on it. No Excel object is kept after the command.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from addin.hub.jobs import Job, runner
from addin.hub.serve import find_hub
from sync_engine.clock import Clock, SystemClock
from sync_engine.config import load_config
from sync_engine.errors import BiaomaoError
from sync_engine.state import Step
from workbook_templates.commands import COMMANDS_BY_NAME
from workbook_templates.schema import Lang
from workbook_templates.words import say

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between tries of a call that Excel refused."""
BUSY_CODES = frozenset({-2147418111, -2147417846, -2146777998})
"""Call rejected by callee, retry later, and Excel's own 0x800AC472."""


def press(command: str, argument: str = "") -> str:
    """Do a command for the workbook the macro was called from, and say how it ended.

    Args:
        command: as declared, for instance "sync".
        argument: an order number or "".
    """
    book = importlib.import_module("xlwings").Book.caller()
    return run(command, argument, book, SystemClock())


def run(command: str, argument: str, book: Any, clock: Clock) -> str:
    """`press` on a given workbook of xlwings; returns the sentence it showed."""
    app = book.app
    folder = _folder(str(book.fullname))
    lang = _lang(folder)

    def told(step: Step) -> None:
        shown = f"{COMMANDS_BY_NAME[command].label(lang)} {list(Step).index(step) + 1}/{len(Step)}"
        politely(lambda: setattr(app, "status_bar", shown), clock)

    try:
        sentence = _done(command, argument, folder, lang, told)
    finally:
        politely(lambda: setattr(app, "status_bar", False), clock)
    politely(lambda: app.alert(sentence, title=say(lang, "表猫", "Biaomao")), clock)
    return sentence


def _done(command: str, argument: str, folder: Path | None, lang: Lang, told: Callable[[Step], None]) -> str:
    if command not in COMMANDS_BY_NAME:
        return say(lang, f"没有命令 {command}", f"there is no command {command}")
    if folder is None:
        return say(
            lang,
            "找不到店铺文件夹:请把工作簿放在有 config.toml 的文件夹里",
            "No shop folder: keep the workbook in the folder that holds config.toml",
        )
    try:
        return runner(folder, lang)(Job(number="excel", command=command, argument=argument), told)[1]
    except BiaomaoError as error:
        return str(error)
    except Exception as error:  # a person never reads a traceback; doctor tells what broke
        return say(
            lang,
            f"程序出错({type(error).__name__}),请运行 biaomao doctor",
            f"the program broke ({type(error).__name__}): run biaomao doctor",
        )


def _folder(workbook: str) -> Path | None:
    """The shop's folder: the workbook's own, else the one of the hub that runs."""
    own = Path(workbook).parent
    if (own / "config.toml").is_file():
        return own
    hub = find_hub()
    return Path(hub.folder) if hub else None


def _lang(folder: Path | None) -> Lang:
    try:
        return load_config(folder).lang if folder else Lang.ZH
    except BiaomaoError:
        return Lang.ZH


def politely(act: Callable[[], object], clock: Clock) -> bool:
    """Do something to Excel; False where it stayed busy through every try. Other errors pass through."""
    for pause in (*PAUSES, None):
        try:
            act()
            return True
        except Exception as error:
            if not _is_busy(error):
                raise
        if pause is not None:
            clock.sleep(pause)
    return False


def _is_busy(error: Exception) -> bool:
    """Whether Excel turned the call away for the moment: its code stands first in what COM raises."""
    codes = [one for one in error.args if isinstance(one, int)]
    inner = [part for one in error.args if isinstance(one, tuple) for part in one if isinstance(part, int)]
    return bool(BUSY_CODES & {*codes, *inner})
