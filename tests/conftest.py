"""What all tests share: sample data, LibreOffice, and how hard Hypothesis tries."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sync_engine import opening
from tests.workbook.made import new_workbook

ROOT = Path(__file__).resolve().parents[1]
OFFICE_SECONDS = 180

MEMORY_DISK = Path("/dev/shm")
ROOM = 6 * 1024**3


def _work_in_memory() -> None:
    """Tests' own folders lie on a memory disk where one is large enough: half of their time was waiting for the disk."""
    if "TMPDIR" in os.environ or not MEMORY_DISK.is_dir() or not os.access(MEMORY_DISK, os.W_OK):
        return
    free = int(re.findall(r"MemAvailable: *(\d+) kB", Path("/proc/meminfo").read_text())[0]) * 1024
    if min(free, shutil.disk_usage(MEMORY_DISK).free) < ROOM:
        return
    room = MEMORY_DISK / f"biaomao-tests-{os.getuid()}"
    room.mkdir(mode=0o700, exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(room)


_work_in_memory()

settings.register_profile(
    "desk", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("ci", parent=settings.get_profile("desk"), derandomize=True, print_blob=True)
settings.register_profile("long", parent=settings.get_profile("desk"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "desk"))


def pytest_collection_finish() -> None:
    """Thousands of tests live as long as the process: the collector need not walk them again and again (15 % of the time)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: also what repeats the suite's tests at length."""
    parser.addoption("--long", action="store_true", help="also run the tests marked long, as a soak does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked long, unless it is asked for or named by itself."""
    if config.getoption("--long") or any("::" in word for word in config.args):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


Counted = Callable[[Mapping[str, int]], None]


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Counted:
    """Say how much of something was lived through; the sums are printed when all tests are done."""
    return lambda counts: record_property("counted", dict(counts))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What simulations and races came to, summed up over all tests."""
    sums: Counter[str] = Counter()
    reports = [
        report for group in terminalreporter.stats.values() for report in group if hasattr(report, "when")
    ]
    for report in reports:
        if report.when == "call":
            for name, counts in report.user_properties:
                sums.update(counts if name == "counted" else {})
    if sums:
        terminalreporter.write_sep("-", "lived through")
        terminalreporter.write_line(", ".join(f"{name} {number}" for name, number in sorted(sums.items())))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real sample data beside the repository; skips, saying so, where it is not there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the sample data is not here: expected in ../shared/data beside the repository")
    return folder


@pytest.fixture(scope="session", autouse=True)
def _new_workbooks_are_built_once() -> Iterator[None]:
    """A new shop's workbook is the same bytes each time (a test of the builder says so): built once for each worker."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(opening, "build_workbook", new_workbook)
        yield


Convert = Callable[..., Path]


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """`libreoffice(path, to, out=None)`: convert a file headless and return the result's path.

    `to` is what --convert-to takes ("pdf", "xlsx", 'csv:Text - txt - csv (StarCalc):44,34,76'); the result stands in
    `out` (default: a fresh folder). Each worker has a profile of its own.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip(
            "LibreOffice is not installed: `python3 run.py test` as root, or apt-get install libreoffice-calc"
        )
    profile = tmp_path_factory.mktemp("soffice-profile")

    def convert(path: Path, to: str, out: Path | None = None) -> Path:
        folder = out or tmp_path_factory.mktemp("office")
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
        said = _run_office([*command, "--convert-to", to, "--outdir", str(folder), str(path)])
        result = folder / f"{path.stem}.{to.split(':')[0]}"
        pages = folder.glob(f"{path.stem}-*{result.suffix}")  # one for each sheet, where that was asked for
        assert result.exists() or any(pages), f"LibreOffice made no {result.name}: {said}"
        return result

    return convert


def _run_office(command: list[str]) -> str:
    """Run soffice in a process group of its own, so that a hanging one is ended with its children."""
    office = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return office.communicate(timeout=OFFICE_SECONDS)[0]
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(office.pid, signal.SIGKILL)
        office.communicate()
        pytest.fail(f"LibreOffice did not answer within {OFFICE_SECONDS} s: {' '.join(command)}")
