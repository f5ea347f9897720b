"""The commands that stay: watch and sandbox as programs of their own, and how they end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Run, asked_of

PATIENCE = 30.0
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals work otherwise there")


@contextmanager
def program(folder: Path, out: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command as a process of its own; whatever happens it is ended, it alone."""
    command = [sys.executable, "-m", "sync_engine.cli", *arguments, "--folder", str(folder)]
    environment = {
        **os.environ,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONUNBUFFERED": "1",
    }
    with out.open("wb") as file:
        running = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
        try:
            yield running
        finally:
            with contextlib.suppress(ProcessLookupError):
                running.kill()
            running.wait()


def until(true: Callable[[], object], running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert running.poll() is None, "it ended by itself"
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def faster(folder: Path) -> None:
    text = (
        (folder / "config.toml")
        .read_text(encoding="utf-8")
        .replace("every_seconds = 60", "every_seconds = 5")
    )
    (folder / "config.toml").write_text(text, encoding="utf-8")


def test_watch_tells_of_trouble_goes_on_and_stops_politely(run: Run, fresh: Path, tmp_path: Path) -> None:
    faster(fresh)
    workbook, away, out = fresh / "店铺.xlsx", tmp_path / "away.xlsx", tmp_path / "watch.txt"
    workbook.rename(away)
    with program(fresh, out, "watch") as running:
        until(lambda: "店铺.xlsx" in out.read_text(encoding="utf-8"), running)
        said = run("sync", "--folder", fresh)
        assert (said.code, "另一个表猫" in said.err) == (2, True)
        away.rename(workbook)
        until(lambda: "新订单" in out.read_text(encoding="utf-8"), running)  # the next round comes by itself
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
    trouble, *_, last = out.read_text(encoding="utf-8").splitlines()
    assert "店铺.xlsx" in trouble
    assert "已停止" in last
    assert "Traceback" not in out.read_text(encoding="utf-8")
    assert run("sync", "--folder", fresh).code == 0


def test_watch_for_machines_ends_on_ctrl_c(fresh: Path, tmp_path: Path) -> None:
    out = tmp_path / "watch.txt"
    with program(fresh, out, "watch", "--json") as running:
        until(lambda: out.read_bytes().endswith(b"\n"), running)
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
    reports = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert reports[0]["orders_new"] > 0


def test_the_sandbox_as_a_program_of_its_own(run: Run, fresh: Path, tmp_path: Path) -> None:
    address, out = fresh / "sandbox" / "address.json", tmp_path / "sandbox.txt"
    with program(fresh, out, "sandbox", "--speed", "60") as running:
        until(address.exists, running)
        said = run("sync", "--folder", fresh, "--json")
        assert (said.code, said.json["orders_new"] > 0) == (0, True)
        assert asked_of(fresh)
        assert all(one["good"] for one in run("doctor", "--folder", fresh, "--json").json["findings"])
        again = run("sandbox", "--folder", fresh)
        assert (again.code, "已经在运行" in again.err) == (2, True)
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
    assert not address.exists()
    assert "Traceback" not in out.read_text(encoding="utf-8")
    assert run("sync", "--folder", fresh).code == 0  # with the sandbox inside again


def test_a_port_that_is_taken(run: Run, fresh: Path, tmp_path: Path) -> None:
    with program(fresh, tmp_path / "sandbox.txt", "sandbox") as running:
        address = fresh / "sandbox" / "address.json"
        until(address.exists, running)
        port = json.loads(address.read_text())["url"].split(":")[2].split("/")[0]
        other = tmp_path / "other"
        said = run("sandbox", "--folder", other, "--port", port)
        assert (said.code, "端口" in said.err) == (2, True)
