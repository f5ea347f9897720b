"""Commands from the hub on a real shop folder: alone, beside a running watch, and after that watch died."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import requests
from filelock import FileLock

from addin.hub.jobs import Job, runner
from sync_engine.clock import SHANGHAI, SystemClock
from sync_engine.opening import init_folder, make_sandbox, open_shop
from sync_engine.readmodel import ReadModel
from sync_engine.runners.inline import watch
from sync_engine.runners.mailbox import Letter, Mailbox
from sync_engine.shop import Report
from sync_engine.state import Step
from tests.hub.conftest import client
from tests.hub.test_hub import ended
from tests.sim.hands import FileHands
from workbook_templates.schema import Lang

START = datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sandbox shop with a few orders."""
    make_sandbox(init_folder(tmp_path, Lang.ZH), seed=4, orders=3, start=START)
    return tmp_path


@pytest.fixture
def watched(folder: Path) -> Iterator[tuple[list[str], threading.Event]]:
    """A watch that has the folder open in this process; its words, and how to stop it."""
    said, stop, ready = list[str](), threading.Event(), threading.Event()

    def tell(_: Report | None, text: str) -> None:
        said.append(text)
        ready.set()

    def run() -> None:
        with open_shop(folder) as opened:
            watch(opened.shop, 3600, tell, stop, Mailbox(folder / "journal"))

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(30)
    yield said, stop
    stop.set()
    thread.join(30)


def job(command: str = "sync", number: str = "a1") -> Job:
    return Job(number=number, command=command, argument="")


def test_alone_it_does_the_work_itself_and_tells_every_step(folder: Path) -> None:
    steps = list[Step]()
    good, answer = runner(folder, Lang.ZH)(job(), steps.append)
    assert good and answer.startswith("同步: ") and "改库存" in answer
    assert steps[0] is Step.READ and steps[-1] is Step.WRITE and set(steps) == set(Step)
    good, answer = runner(folder, Lang.ZH)(job("backup"), steps.append)
    assert good and list((folder / "backups").glob("*-command-*.xlsx"))
    _one_press_does_what_was_typed_just_now(folder)


def _one_press_does_what_was_typed_just_now(folder: Path) -> None:
    """The row gets its number and is posted, in one job with one answer; the bar never goes back."""
    run, hands = runner(folder, Lang.ZH), FileHands(folder / "店铺.xlsx")
    hands.add("entries", {"kind": "其他入库", "stock_code": hands.keys("stock")[0], "pieces": 9, "post": "✓"})
    steps, shown = list[Step](), list[float]()

    def noted(job: Job, told: Callable[[Step], None]) -> tuple[bool, str]:
        def both(step: Step) -> None:
            told(step)
            steps.append(step)
            shown.append(hub.get(f"/v1/jobs/{job.number}").json()["progress"])

        return run(job, both)

    hub = client(ReadModel(folder / "journal" / "journal.sqlite", Lang.ZH), noted)
    number = hub.post("/v1/jobs", json={"command": "sync"}).json()["number"]
    done = ended(hub, number)
    assert (done["state"], str(done["answer"])[:4]) == ("done", "同步: ")
    tables = hands.tables()
    (row,) = tables["entries"]
    posted = [move["pieces"] for move in tables["moves"] if move["source"] == f"entries/{row['entry_id']}"]
    assert posted == ["9"] and row["posted_at"] and shown == sorted(shown) and steps.count(Step.LOOK) == 1


def test_beside_a_watch_the_watch_does_it_once(
    folder: Path, watched: tuple[list[str], threading.Event]
) -> None:
    steps = list[Step]()
    good, answer = runner(folder, Lang.ZH)(job("refresh"), steps.append)
    assert good and answer.startswith("重新核对: ")
    assert watched[0][1:] == [answer] and Step.ACT in steps
    assert not list((folder / "journal" / "requests").iterdir())


def test_a_watch_that_ends_leaves_the_job_to_us(folder: Path) -> None:
    """The lock is free again and no answer came: the request is taken back and done here."""
    lock, waits = FileLock(folder / "journal" / "lock"), list[Step]()
    lock.acquire()

    def told(step: Step) -> None:
        waits.append(step)
        if len(waits) == 3:
            lock.release()

    good, answer = runner(folder, Lang.ZH)(job(), told)
    assert good and "同步" in answer and waits.count(Step.ACT) >= 1
    assert Mailbox(folder / "journal").take() == []


def test_letters_are_taken_once_answered_once_and_odd_ones_are_answered_too(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    box.post(Letter(number="1", command="sync", argument="甲"))
    (tmp_path / "requests" / "2.json").write_text("[]", "utf-8")
    assert box.take() == [Letter(number="1", command="sync", argument="甲")] and box.take() == []
    assert not box.take_back("1")
    assert box.read_answer("1") is None
    answer = box.read_answer("2")
    assert answer is not None and not answer["good"]
    box.answer("1", {"good": True, "answer": "好"})
    assert box.read_answer("1") == {"good": True, "answer": "好"} and box.read_answer("1") is None
    box.post(Letter(number="3", command="sync"))
    assert box.take_back("3") and box.take() == []


def test_an_unknown_command_is_answered_by_the_watch(
    folder: Path, watched: tuple[list[str], threading.Event]
) -> None:
    box = Mailbox(folder / "journal")
    box.post(Letter(number="9", command="format_c"))
    for _ in range(100):
        if (answer := box.read_answer("9")) is not None:
            break
        SystemClock().sleep(0.1)
    assert answer is not None and not answer["good"] and "format_c" in answer["answer"]
    assert len(watched[0]) == 1


def test_a_served_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The real command in a process of its own: loopback, a private note, a token for each start, a polite end."""
    home = tmp_path_factory.mktemp("home")
    words = [sys.executable, "-m", "addin.cli", "serve", "--folder", str(folder), "--json"]
    env = {**os.environ, "HOME": str(home), "USERPROFILE": str(home)}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=env
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        note = home / ".biaomao" / "hub.json"
        assert (
            told["url"].startswith("http://127.0.0.1:")
            and json.loads(note.read_text("utf-8"))["token"] == told["token"]
        )
        if os.name == "posix":
            assert stat.S_IMODE(note.stat().st_mode) == 0o600
        known = {"Authorization": f"Bearer {told['token']}"}
        assert requests.get(f"{told['url']}/health", timeout=10).json()["program"] == "biaomao"
        assert requests.get(f"{told['url']}/v1/status", timeout=10).status_code == 401
        number = requests.post(
            f"{told['url']}/v1/jobs", json={"command": "sync"}, headers=known, timeout=10
        ).json()["number"]
        for _ in range(150):
            one = requests.get(f"{told['url']}/v1/jobs/{number}", headers=known, timeout=10).json()
            if one["state"] in ("done", "failed"):
                break
            SystemClock().sleep(0.1)
        assert one["state"] == "done" and "改库存" in one["answer"]
        assert (
            requests.get(f"{told['url']}/v1/status", headers=known, timeout=10).json()["as_of"] > "2026-11-11"
        )
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert not note.exists() or os.name == "nt"
