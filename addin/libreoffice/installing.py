"""Putting the extension into the LibreOffice of this machine, and taking it out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from addin.libreoffice.inside.places import PYTHON_NOTE
from addin.libreoffice.names import EXTENSION
from addin.libreoffice.pack import build
from sync_engine.errors import UserError
from sync_engine.stores.libreoffice.notes import ROOM
from workbook_templates.schema import Lang
from workbook_templates.words import say

SECONDS = 180
"""How long LibreOffice's tool may take."""
_TOOL = "unopkg.com" if os.name == "nt" else "unopkg"
_ROOMS = (
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/usr/local/lib/libreoffice/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    "~/Applications/LibreOffice.app/Contents/MacOS",
)
"""Where it lies when it is not on the path; on Windows under the program folders."""
_SYSTEM = ("/usr/bin", "/bin")
"""Where the Python that a distribution's LibreOffice was made with is at home."""
_OPTIONAL = "/opt"
"""Packages from libreoffice.org lie here, one folder for each version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A LibreOffice: its tool for extensions, and options that name another profile than the user's."""

    tool: Path
    options: tuple[str, ...] = ()

    @property
    def for_all(self) -> bool:
        """Whether extensions go to all users: LibreOffice lets root do nothing else."""
        return hasattr(os, "geteuid") and os.geteuid() == 0


def find_office() -> Office:
    """The LibreOffice of this machine. UserError where there is none."""
    found = shutil.which(_TOOL) or shutil.which("unopkg")
    rooms = [Path(found).parent] if found else []
    for name in ("soffice", "libreoffice"):
        if office := shutil.which(name):
            rooms.append(Path(office).resolve().parent)
    rooms += [Path(room).expanduser() for room in _ROOMS]
    rooms += sorted(Path(_OPTIONAL).glob("libreoffice*/program"), reverse=True)
    rooms += [
        Path(os.environ[name]) / "LibreOffice" / "program"
        for name in ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)")
        if name in os.environ
    ]
    for room in rooms:
        for tool in (room / _TOOL, room / "unopkg"):
            if tool.is_file():
                return Office(tool=tool)
    raise UserError(
        "这台电脑上没有找到 LibreOffice:请先安装(libreoffice.org),再运行一次 / "
        "LibreOffice was not found on this machine: install it from libreoffice.org, then run this again"
    )


def install(office: Office | None = None, lang: Lang = Lang.ZH) -> str:
    """Put the extension in, over an older one; gives one sentence. UserError where it does not go."""
    office = office or find_office()
    with tempfile.TemporaryDirectory() as room:
        (path,) = build(Path(room))
        _run(office, "add", "-f", "-s", str(path))
    _write_note()
    return say(
        lang,
        "已装入 LibreOffice,请重新打开 Calc:菜单“表猫”,函数如 =ERP.STOCK(A2)",
        "Installed: open Calc again for the menu Biaomao and functions like =ERP.STOCK(A2)",
    )


def remove(office: Office | None = None, lang: Lang = Lang.ZH) -> str:
    """Take the extension out; gives one sentence. UserError where that does not go."""
    office = office or find_office()
    _note().unlink(missing_ok=True)
    if status(office) is None:
        return say(lang, "LibreOffice 里没有装表猫", "The extension is not installed in LibreOffice")
    _run(office, "remove", EXTENSION)
    return say(lang, "已从 LibreOffice 移除,请重新打开 Calc", "Removed from LibreOffice: open Calc again")


def status(office: Office | None = None) -> str | None:
    """The version that is installed; None where it is not. UserError where there is no LibreOffice."""
    office = office or find_office()
    done = _call(office, "list", EXTENSION)
    if done.returncode != 0:
        return None
    lines = (line.strip() for line in done.stdout.splitlines())
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Version:")), None)


def _run(office: Office, *words: str) -> None:
    done = _call(office, *words)
    if done.returncode == 0:
        return
    said = f"{done.stdout}\n{done.stderr}"
    if "loader.Python" in said or "pyuno" in said:
        raise UserError(
            "这个 LibreOffice 没有 Python 支持:请安装 python3-uno(Debian/Ubuntu)后再试 / "
            "this LibreOffice has no Python: install python3-uno (Debian/Ubuntu), then try again"
        )
    why = next((line.strip() for line in said.splitlines() if line.strip()), "?")
    raise UserError(
        f"没有装好,请关闭 LibreOffice 后再试:{why} / LibreOffice refused, close it and try again: {why}"
    )


def _call(office: Office, verb: str, *words: str) -> subprocess.CompletedProcess[str]:
    shared = ("--shared",) if office.for_all else ()
    command = [str(office.tool), verb, *words[:-1], *shared, *office.options, words[-1]]
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace",
            timeout=SECONDS, check=False, env=plain_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UserError(
            "LibreOffice 没有回应:请关闭它再试 / LibreOffice does not answer: close it and try again"
        ) from None
    except OSError as error:
        raise UserError(
            f"{office.tool} 不能运行:{error.strerror} / {office.tool} cannot be run: {error.strerror}"
        ) from None


def plain_environment() -> dict[str, str]:
    """Our environment without anything that is meant for this program's Python.

    LibreOffice has a Python of its own, which takes its library from wherever the first `python3` on the path lives and
    dies of another version's: places on the path with a Python that is not the system's are left out. `PYTHONUTF8` is more
    than its loader can take.
    """
    places = os.environ.get("PATH", "").split(os.pathsep)
    left = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    return left | {"PATH": os.pathsep.join(place for place in places if not _has_another_python(place))}


def _has_another_python(place: str) -> bool:
    if not place or place in _SYSTEM:
        return False
    return any((Path(place) / name).exists() for name in ("python3", "python", "python3.exe", "python.exe"))


def _note() -> Path:
    return Path.home() / ROOM / PYTHON_NOTE


def _write_note() -> None:
    """Which Python answers functions where LibreOffice's own is too old for them."""
    path = _note()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps({"python": sys.executable}) + "\n", "utf-8")
