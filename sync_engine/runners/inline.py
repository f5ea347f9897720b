"""One process, one shop: ticks at the configured cadence until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import schedule

from sync_engine.commanding import run_command
from sync_engine.desks import this_person
from sync_engine.errors import BusyError, OutsideError, WorkbookError
from sync_engine.pressing import press
from sync_engine.runners.mailbox import Mailbox
from sync_engine.shop import Report
from sync_engine.state import Shop
from workbook_templates.commands import COMMANDS_BY_NAME

log = logging.getLogger("biaomao.watch")


def watch(
    shop: Shop, every_seconds: int, tell: Callable[[Report | None, str], None], stop: threading.Event,
    mailbox: Mailbox | None = None,
) -> None:  # fmt: skip
    """Tick now and then every `every_seconds` until `stop` is set; what is asked for in the mailbox is done at once.

    What a user can mend (the file is gone, the network is down) is told and tried again at the next tick; a broken
    program ends the watch.
    """
    scheduler = schedule.Scheduler()

    def once() -> None:
        try:
            tell(press(shop), "")
        except (OutsideError, WorkbookError, BusyError) as error:
            log.warning("tick failed: %s", type(error).__name__)
            tell(None, str(error))

    once()
    scheduler.every(every_seconds).seconds.do(once)
    while not stop.is_set():
        wait = scheduler.idle_seconds
        stop.wait(min(max(wait if wait is not None else 1.0, 0.0), 1.0))
        if not stop.is_set():
            scheduler.run_pending()
            _serve(shop, mailbox, tell)


def _serve(shop: Shop, mailbox: Mailbox | None, tell: Callable[[Report | None, str], None]) -> None:
    if mailbox is None:
        return
    for letter in mailbox.take():
        if letter.command not in COMMANDS_BY_NAME:
            mailbox.answer(
                letter.number, {"good": False, "answer": f"没有命令 {letter.command} / no such command"}
            )
            continue
        done = run_command(shop, letter.command, letter.argument, this_person())
        mailbox.answer(letter.number, {"good": done.good, "answer": done.answer})
        tell(done.report, done.answer)


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C or a polite kill: the tick under way is finished first."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    former = {each: signal.signal(each, told) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
