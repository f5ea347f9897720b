"""The sandbox as a program of its own: `biaomao sandbox`, and how others find one that runs."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType

from sync_engine.clock import Clock, parse_time
from sync_engine.errors import BusyError
from sync_engine.sandbox.clock import SpeedClock, real_now
from sync_engine.sandbox.cloudprint import CloudPrintServer
from sync_engine.sandbox.server import Sandbox, no_world
from sync_engine.sandbox.store import Store
from sync_engine.sandbox.world import STATE_FILE

ADDRESS_FILE = "address.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where a running sandbox is and how its time goes: origins as ISO 8601 text with offset."""

    url: str
    cloudprint_url: str
    pid: int
    sim_origin: str
    real_origin: str
    speed: float

    def clock(self) -> SpeedClock:
        """The same time as the sandbox has."""
        return SpeedClock(
            datetime.fromisoformat(self.real_origin), datetime.fromisoformat(self.sim_origin), self.speed
        )


def find_running(folder: Path) -> Running | None:
    """The sandbox that serves `folder` (the shop's `sandbox/`), if there is one and it answers."""
    try:
        running = Running(**json.loads((folder / ADDRESS_FILE).read_text(encoding="utf-8")))
        state = f"{running.url.rsplit('/router', 1)[0]}/sandbox/state"
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(state, timeout=3) as answer:
            alive = json.loads(answer.read())
    except (OSError, ValueError, TypeError):
        return None
    return running if alive.get("pid") == running.pid else None


def resume_time(folder: Path) -> datetime:
    """The simulated time the world of `folder` goes on from: where it stopped, or its start."""
    if not (folder / STATE_FILE).exists():
        raise no_world(folder)
    store = Store(folder / STATE_FILE)
    moments = [store.meta("now", ""), store.meta("world")["start"]]
    store.close()
    latest = parse_time(max(moments))
    assert latest is not None
    return latest


def serve(
    folder: Path, *, port: int = 0, speed: float = 1.0, clock: Clock | None = None, print_port: int = 0,
    more: Sequence[Path] = (),
) -> None:  # fmt: skip
    """Serve until SIGINT or SIGTERM; `address.json` tells others where, and goes away at the end.

    Time goes on from where the world stopped, `speed` times as fast as life, unless `clock` tells it. `port` and
    `print_port` 0 take free ports. `more` are worlds of further shops: each gets a gateway of its own at a free port. Raises BusyError where a sandbox serves this folder already.
    """
    if find_running(folder) is not None:
        raise BusyError(
            f"这个文件夹的沙箱已经在运行：{folder} / a sandbox already serves this folder: {folder}"
        )
    real, sim = real_now(), max(resume_time(one) for one in (folder, *more))
    time = clock or SpeedClock(real, sim, speed)
    sandbox = Sandbox(folder, time, port=port)
    printer = CloudPrintServer(folder, time, port=print_port)
    with _until_told() as told, _ports(port, print_port), sandbox, printer:
        running = Running(
            url=sandbox.url,
            cloudprint_url=printer.url,
            pid=os.getpid(),
            sim_origin=sim.isoformat(),
            real_origin=real.isoformat(),
            speed=speed,
        )
        with ExitStack() as stack:
            stack.enter_context(_announced(folder, running))
            worlds = [sandbox]
            for room in more:
                worlds.append(stack.enter_context(Sandbox(room, time)))
                stack.enter_context(_announced(room, replace(running, url=worlds[-1].url)))
            _live(worlds, told)


@contextmanager
def _ports(*numbers: int) -> Iterator[None]:
    """A port that is taken is the user's to change."""
    try:
        yield
    except OSError as taken:
        if taken.errno != errno.EADDRINUSE:
            raise
        wished = "、".join(str(number) for number in numbers if number)
        text = f"端口被别的程序占用，请换一个：{wished} / another program uses this port, choose another: {wished}"
        raise BusyError(text) from taken


def _live(worlds: Sequence[Sandbox], told: threading.Event) -> None:
    """The worlds go on also while nobody asks."""
    while not told.wait(1.0):
        for sandbox in worlds:
            sandbox.advance()


@contextmanager
def _announced(folder: Path, running: Running) -> Iterator[None]:
    _announce(folder, running)
    try:
        yield
    finally:
        (folder / ADDRESS_FILE).unlink(missing_ok=True)


def _announce(folder: Path, running: Running) -> None:
    path = folder / ADDRESS_FILE
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(asdict(running), ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(path)


@contextmanager
def announced_at(folder: Path, url: str, clock: SpeedClock) -> Iterator[Callable[[SpeedClock], None]]:
    """Tell others where a sandbox of this process is, for as long as the block lasts; call what it gives when its time goes on
    at another speed. There is no print client.
    """

    def announce(clock: SpeedClock) -> None:
        running = Running(
            url=url, cloudprint_url="", pid=os.getpid(), sim_origin=clock.origin_sim.isoformat(),
            real_origin=clock.origin_real.isoformat(), speed=clock.speed,
        )  # fmt: skip
        _announce(folder, running)

    announce(clock)
    try:
        yield announce
    finally:
        (folder / ADDRESS_FILE).unlink(missing_ok=True)


@contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; their former handling comes back at the end."""
    told = threading.Event()

    def tell(number: int, frame: FrameType | None) -> None:
        told.set()

    signals = (signal.SIGINT, signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    former = {each: signal.signal(each, tell) for each in signals}
    try:
        yield told
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)
