"""Commands as jobs: each has a beginning, progress and an end, and is done once however often its button is pressed."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from sync_engine.clock import SystemClock
from sync_engine.commanding import run_command
from sync_engine.desks import this_person
from sync_engine.errors import BiaomaoError, BusyError
from sync_engine.opening import open_shop
from sync_engine.runners.mailbox import Letter, Mailbox
from sync_engine.state import Step
from workbook_templates.commands import COMMANDS_BY_NAME
from workbook_templates.schema import Lang
from workbook_templates.words import say

KEPT = 100
"""Ended jobs that are remembered."""
LOOK_EVERY = 0.2
"""Seconds between looks for an answer of the running watch."""


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One command on its way. `progress` runs from 0 to 1."""

    number: str
    command: str
    argument: str
    state: JobState = JobState.WAITING
    step: str = ""
    progress: float = 0.0
    answer: str = ""


class _Stopped(Exception):
    """A person stopped the job; a tick may be left at any step and goes on next time."""


_STEPS = {
    Step.READ: (0.1, "看工作簿", "reading the workbook"),
    Step.LOOK: (0.25, "看天猫", "asking Tmall"),
    Step.PLAN: (0.45, "计划", "planning"),
    Step.ACT: (0.6, "取单号、打印、通知天猫", "waybills, labels, telling Tmall"),
    Step.WRITE: (0.9, "写工作簿", "writing the workbook"),
}

Run = Callable[[Job, Callable[[Step], None]], tuple[bool, str]]
"""Does a job: (job, told at every step) -> (good, answer). May raise what the steps' listener raises."""


class Jobs:
    """One worker: jobs run one after the other."""

    def __init__(self, run: Run, lang: Lang) -> None:
        self._run, self._lang = run, lang
        self._jobs: dict[str, Job] = {}
        self._stopped: set[str] = set()
        self._queue: list[str] = []
        self._change = threading.Condition()
        threading.Thread(target=self._work, name="jobs", daemon=True).start()

    def start(self, command: str, argument: str) -> Job:
        """Begin a command; where the same one is still under way, that one is meant. KeyError: no such command."""
        COMMANDS_BY_NAME[command]
        with self._change:
            for job in self._jobs.values():
                if (job.command, job.argument) == (command, argument) and not job.state.over:
                    return job
            job = Job(number=secrets.token_hex(8), command=command, argument=argument)
            self._jobs[job.number] = job
            self._queue.append(job.number)
            self._forget()
            self._change.notify_all()
            return job

    def get(self, number: str) -> Job | None:
        """A job as it stands."""
        with self._change:
            return self._jobs.get(number)

    def all(self) -> list[Job]:
        """Every job remembered, newest first."""
        with self._change:
            return list(reversed(self._jobs.values()))

    def cancel(self, number: str) -> Job | None:
        """Stop a job at its next step; one that is over stays as it is."""
        with self._change:
            job = self._jobs.get(number)
            if job is not None and not job.state.over:
                self._stopped.add(number)
                if number in self._queue:
                    self._queue.remove(number)
                    self._jobs[number] = job = replace(
                        job, state=JobState.CANCELLED, answer=self._say("已取消", "cancelled")
                    )
            return job

    def _forget(self) -> None:
        over = [number for number, job in self._jobs.items() if job.state.over]
        for number in over[: max(0, len(self._jobs) - KEPT)]:
            del self._jobs[number]

    def _say(self, zh: str, en: str) -> str:
        return say(self._lang, zh, en)

    def _change_job(self, number: str, **changes: object) -> None:
        with self._change:
            self._jobs[number] = replace(self._jobs[number], **changes)  # type: ignore[arg-type]

    def _work(self) -> None:
        while True:
            with self._change:
                while not self._queue:
                    self._change.wait()
                number = self._queue.pop(0)
                job = self._jobs[number]
            self._one(job)

    def _one(self, job: Job) -> None:
        def told(step: Step) -> None:
            if job.number in self._stopped:
                raise _Stopped
            progress, zh, en = _STEPS[step]
            self._change_job(job.number, progress=progress, step=self._say(zh, en))

        self._change_job(job.number, state=JobState.RUNNING)
        try:
            good, answer = self._run(job, told)
            state = JobState.DONE if good else JobState.FAILED
        except _Stopped:
            state, answer = (
                JobState.CANCELLED,
                self._say("已停在半路,下次同步接着做", "stopped; the next sync goes on from there"),
            )
        except BiaomaoError as error:
            state, answer = JobState.FAILED, str(error)
        except Exception as error:
            state, answer = (
                JobState.FAILED,
                self._say(
                    f"程序出错({type(error).__name__}),请运行 biaomao doctor",
                    f"the program broke ({type(error).__name__}): run biaomao doctor",
                ),
            )
        self._change_job(job.number, state=state, answer=answer, progress=1.0, step="")


def runner(folder: Path, lang: Lang) -> Run:
    """Runs commands on a shop folder: itself where the shop is free, else through the watch that has it open."""

    def run(job: Job, told: Callable[[Step], None]) -> tuple[bool, str]:
        while True:
            try:
                with open_shop(folder) as opened:
                    shop = replace(opened.shop, tell=told)
                    done = run_command(shop, job.command, job.argument, this_person())
                    return done.good, done.answer
            except BusyError:
                answered = _through_watch(folder, job, told)
                if answered is not None:
                    return answered

    return run


def _through_watch(folder: Path, job: Job, told: Callable[[Step], None]) -> tuple[bool, str] | None:
    """What the running watch answered; None where it ended without an answer, so that the job is ours again."""
    mailbox = Mailbox(folder / "journal")
    told(Step.READ)
    mailbox.post(Letter(number=job.number, command=job.command, argument=job.argument))
    try:
        while True:
            found = mailbox.read_answer(job.number)
            if found is not None:
                return bool(found["good"]), str(found["answer"])
            if not _is_busy(folder):
                return None
            told(Step.ACT)
            SystemClock().sleep(LOOK_EVERY)
    finally:
        mailbox.take_back(job.number)


def _is_busy(folder: Path) -> bool:
    lock = FileLock(folder / "journal" / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
