"""A broken program and a full disk: one sentence, an exit code of their own, and nothing of a buyer in what is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

USER, BROKEN = 2, 4
PHONE = "13912345678"


def test_a_broken_program_is_one_sentence_and_how_it_broke_is_kept(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError(f"call {PHONE}")

    monkeypatch.setattr("sync_engine.cli.press", breaks)
    said = run("sync", "--folder", shop)
    assert (said.code, len(said.err.splitlines())) == (BROKEN, 1)
    assert "Traceback" not in said.err + said.out
    kept = (shop / "journal" / "errors.log").read_text("utf-8")
    assert "breaks: raise ZeroDivisionError" in kept
    assert PHONE not in kept + said.err
    assert str(shop / "journal" / "errors.log") in said.err


def test_where_there_is_no_shop_it_is_kept_elsewhere(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("sync_engine.cli_more.init", breaks)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert run("init", "--folder", tmp_path / "none").code == BROKEN
    assert "RuntimeError" in (tmp_path / "biaomao-errors.log").read_text("utf-8")


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from addin.cli import main
sys.argv = ["biaomao", *sys.argv[2:]]
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="file size limits are of Unix")
@pytest.mark.parametrize("limit", [0, 30_000, 300_000])
def test_a_disk_that_is_full_is_said_and_the_next_run_goes_on(
    run: Run, fresh: Path, root: Path, limit: int
) -> None:
    """The kernel refuses to let any file grow beyond the limit, as a full disk would."""
    command = [sys.executable, "-c", LIMITED, str(limit), "sync", "--folder", str(fresh)]
    full = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)
    assert full.returncode in (1, USER), full.stderr
    assert "Traceback" not in full.stderr
    assert 1 <= len(full.stderr.splitlines()) <= 2
    after = run("sync", "--folder", fresh, "--json")
    assert after.code == 0, after.err
    run("sync", "--folder", fresh)
    assert run("sync", "--folder", fresh, "--json").json["rows_written"] == 0
