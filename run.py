#!/usr/bin/env python3
"""表猫 Biaomao starts here: makes `.venv` beside this file once, then hands over. Standard library only.

    python3 run.py demo            ->  python -m addin.cli demo, arguments and exit code passed through
    python3 run.py test [ARGS]     ->  pytest, after installing what tests need
    python3 run.py check           ->  lint, format, types, import directions
    python3 run.py soak [ARGS]     ->  simulated days, races and kills for as long as wanted, and a report

What is installed is exactly what the lock beside this file says, through pip and pip's own configuration. A stamp in
`.venv` remembers the lock it was made from, so every later start costs a file read. A marker stands in `.venv` while
it is being made: one that is found by a later start means the maker was killed, and everything is made anew.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "表猫需要 Python 3.11 或更新的版本,现在是 {0}.{1}:请从 python.org 安装新版,再用新版运行 run.py。\n"
        "Biaomao needs Python 3.11 or newer, this is {0}.{1}: install it from python.org and run run.py with it.".format(
            *sys.version_info[:2]
        )
    )

import contextlib
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
SCRIPTS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = SCRIPTS / ("python.exe" if WINDOWS else "python")
MARKER = VENV / ".biaomao-unfinished"
RUNTIME, TEST = "requirements.lock", "requirements-test.lock"
WORKERS = 4
HELP = """表猫 Biaomao

  python3 run.py demo             做一个示例店铺并跑完一天        make a sample shop and run a day
  python3 run.py COMMAND ...      运行表猫的命令                  any command of Biaomao
  python3 run.py COMMAND --help   某个命令怎么用                  help on a command
  python3 run.py commands         列出全部命令                    list all commands
  python3 run.py test             跑全部测试                      run all tests
  python3 run.py check            检查代码风格、类型、引用方向    lint, types, import directions
  python3 run.py soak             长时间模拟,写出报告            simulate for long, write a report

第一次运行会自动装好所需的库(放在 .venv,不动系统)。
The first run installs what is needed into .venv and leaves the system alone."""


class Trouble(Exception):
    """Something the person at the keyboard has to mend; shown as it is, without a traceback."""


def main(args: Sequence[str]) -> int:
    """Run one command; returns its exit code (2: the environment could not be made, 130: interrupted)."""
    _speak_utf8()
    if not args or args[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    try:
        return _dispatch(args[0], list(args[1:]))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"做不成:{error}\nThis did not work: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("已中断,再运行一次就会接着做。\nInterrupted; run it again to go on.", file=sys.stderr)
        return 130


def _dispatch(command: str, rest: list[str]) -> int:
    if command in ("test", "check", "soak"):
        ensure(TEST)
        os.chdir(ROOT)
        if command == "soak":
            return hand_over(["-m", "tests.soak", *rest])
        return run_tests(rest) if command == "test" else run_checks()
    ensure(RUNTIME)
    return hand_over(["-m", "addin.cli", *(["--help"] if command == "commands" else [command, *rest])])


def say(zh: str, en: str) -> None:
    """Tell the user what is going on; on stderr, so that a command's output stays clean."""
    print(f"{zh}\n{en}", file=sys.stderr, flush=True)


# --- the environment ---------------------------------------------------------------------------------------------


def stamp_of(lock: str) -> Path:
    """The file that remembers what was installed."""
    return VENV / f".biaomao-{Path(lock).stem}"


def stamp_key(lock: str) -> str:
    """What an environment made from `lock` by this Python is called."""
    python = f"{sys.implementation.name}-{sys.version_info[0]}.{sys.version_info[1]}-{sys.platform}"
    return f"{python} {hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()}"


def is_ready(lock: str) -> bool:
    """Whether the environment was made, to the end, from this very lock."""
    try:
        made_from = stamp_of(lock).read_text("utf-8")
    except OSError:
        return False
    return made_from == stamp_key(lock) and PYTHON.exists() and not MARKER.exists()


def ensure(lock: str) -> None:
    """Make the environment from `lock` unless it is there; two starts at once wait for each other."""
    if is_ready(lock):
        return
    with _one_at_a_time():
        if not is_ready(lock):
            _make(lock)


def _make(lock: str) -> None:
    key = stamp_key(lock)
    say(
        "正在准备运行环境,只有这一次,大约一两分钟……",
        "Preparing the environment; this happens once and takes a minute or two ...",
    )
    if MARKER.exists() or not _usable():
        _new_venv()
    MARKER.touch()
    _link_project()
    _pip_install(lock)
    for done in {lock, RUNTIME}:  # the test lock holds everything of the runtime lock
        _write(stamp_of(done), key if done == lock else stamp_key(done))
    MARKER.unlink()


def _usable() -> bool:
    """Whether `.venv` is an environment of this Python's version with a working pip."""
    import subprocess

    ask = "import sys, pip; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def _new_venv() -> None:
    import subprocess

    _need_venv_module()
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    MARKER.touch()
    base = getattr(sys, "_base_executable", None) or sys.executable
    made = subprocess.run(
        [base, "-m", "venv", VENV], capture_output=True, text=True, errors="replace", check=False
    )
    if made.returncode != 0 or not PYTHON.exists():
        raise Trouble(
            f"建不了 Python 环境 .venv:{_tail(made.stdout + made.stderr)}\n"
            "The Python environment .venv could not be made; see the lines above."
        )


def _need_venv_module() -> None:
    """Debian and Ubuntu ship Python without ensurepip: get it where we may, else say what to type."""
    import importlib.util

    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    reason = apt_install([package])
    if reason:
        raise Trouble(
            f"这个 Python 缺少 venv({reason}):请先运行 sudo apt-get install {package},再来一次。\n"
            f"This Python lacks venv: run `sudo apt-get install {package}` first, then try again."
        )


def _link_project() -> None:
    """Make the folder importable in `.venv`, and `biaomao` a command of it, without building or downloading anything."""
    for site in [VENV / "Lib" / "site-packages"] if WINDOWS else VENV.glob("lib/python3*/site-packages"):
        _write(site / "biaomao.pth", os.path.relpath(ROOT, site) + "\n")
    if WINDOWS:
        _write(SCRIPTS / "biaomao.cmd", '@"%~dp0python.exe" -X utf8 -P -m addin.cli %*\r\n')
    else:
        _write(SCRIPTS / "biaomao", f'#!/bin/sh\nexec "{PYTHON}" -P -m addin.cli "$@"\n')
        (SCRIPTS / "biaomao").chmod(0o755)


def _pip_install(lock: str) -> None:
    """Let pip install the lock, showing how far it is on a terminal and all it says if it fails."""
    import subprocess

    pip = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    command = [str(part) for part in (*pip, "-r", ROOT / lock)]
    total = sum(" \\" in line and "==" in line for line in (ROOT / lock).read_text("utf-8").splitlines())
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        close_fds=False,
    ) as pip_run:
        for line in pip_run.stdout or ():
            said.append(line)
            if line.startswith("Collecting") and sys.stderr.isatty():
                count = sum(old.startswith("Collecting") for old in said)
                print(f"\r  {count}/{total} {line.split()[1]:<60.60}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(f"\r{'':<72}\r", end="", file=sys.stderr)
    if pip_run.returncode != 0:
        raise Trouble(
            f"{_tail(''.join(said), 12)}\n"
            "没装成,原因是上面 pip 的话:请检查网络后再运行一次;下载慢可先用 pip config 设置就近的镜像。\n"
            "Installing failed, pip says why above: check the network and run it again."
        )


def _write(path: Path, text: str) -> None:
    """Write whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, "utf-8", newline="")
    fresh.replace(path)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold a lock on this very file while installing; it goes away with the process, however that ends."""
    with Path(__file__).open("rb") as own:
        if sys.platform == "win32":
            import msvcrt

            own.seek(1 << 30)
            while True:
                try:
                    msvcrt.locking(own.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:
                    continue
        else:
            import fcntl

            fcntl.flock(own, fcntl.LOCK_EX)
            os.set_inheritable(own.fileno(), True)  # a pip that outlives us keeps the lock until it is done
        yield


# --- tests and checks --------------------------------------------------------------------------------------------


def run_tests(args: list[str]) -> int:
    """Install the programs tests need where we may, then become pytest."""
    missing = [package for package, there in _programs().items() if not there]
    reason = apt_install(missing) if missing else ""
    if reason:
        packages = " ".join(missing)
        say(
            f"跳过了需要 {packages} 的测试({reason})。想全测:sudo apt-get install {packages}",
            f"Tests that need {packages} are skipped: not installed here, and only root with apt-get may install them.",
        )
    return hand_over(["-m", "pytest", *_parallel(args), "-rfEs", *args])


def _parallel(args: list[str]) -> list[str]:
    """Several workers for the whole suite; one for a chosen file or for debugging."""
    chosen = any(Path(arg.split("::")[0]).exists() for arg in args)
    alone = any(
        arg.startswith(("-n", "-s", "-p", "--pdb")) or arg in ("--co", "--collect-only") for arg in args
    )
    workers = min(
        (os.cpu_count() or 1) + 1, WORKERS
    )  # some tests wait for a program or a clock: one more fills the gaps
    return [] if chosen or alone or workers < 2 else ["-n", str(workers), "--dist", "worksteal"]


def _programs() -> dict[str, bool]:
    """The Debian packages tests can use, and whether what they bring is here."""
    office = [Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")]
    office += [Path(os.environ.get("PROGRAMFILES", "C:/Program Files")) / "LibreOffice/program/soffice.exe"]
    linux = sys.platform.startswith("linux")
    fonts = not linux or any(Path("/usr/share/fonts").rglob("NotoSansCJK*"))
    return {
        "libreoffice-calc": bool(shutil.which("soffice")) or any(path.exists() for path in office),
        "python3-uno": not linux or Path("/usr/lib/python3/dist-packages/uno.py").exists(),
        "chromium": any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
        "nodejs": bool(shutil.which("node")),
        "poppler-utils": bool(shutil.which("pdftoppm")),
        "fonts-noto-cjk": fonts,
    }


def apt_install(packages: list[str]) -> str:
    """Install Debian packages where we may; returns why not, or "" when done."""
    import subprocess

    if not shutil.which("apt-get"):
        return "这台机器没有 apt-get"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "不是 root 用户,不能安装"
    say(f"正在安装 {' '.join(packages)} ……", f"Installing {' '.join(packages)} ...")
    quiet = ["apt-get", "-y", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*quiet, "--no-install-recommends", "install", *packages]
    for command in (install, [*quiet, "update"], install):  # a bare machine has no package lists yet
        said = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if command is install and said.returncode == 0:
            return ""
    return f"apt-get 没装成:{_tail(said.stdout + said.stderr)}"


def run_checks() -> int:
    """Lint, format, types and import directions; 1 if any of them complains."""
    import subprocess

    imports = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    checks = {
        "ruff check": ["-m", "ruff", "check", "-q", "--output-format=concise"],
        "ruff format": ["-m", "ruff", "format", "--check", "-q", "--output-format=concise"],
        "mypy": ["-m", "mypy"],
        "lint-imports": ["-c", imports],
    }
    bad = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if subprocess.run([PYTHON, "-P", *command], env=_environment(), check=False).returncode:
            bad.append(name)
    print(f"没通过 / failed: {', '.join(bad)}" if bad else "全部通过 / all clean", flush=True)
    return 1 if bad else 0


# --- handing over ------------------------------------------------------------------------------------------------


def hand_over(args: Sequence[str]) -> int:
    """Become `.venv`'s Python with these arguments; where a process cannot (Windows), wait for it and pass its code on.

    `-P` keeps a file in the folder where the user stands from shadowing a library.
    """
    command = [str(PYTHON), "-P", *args]
    sys.stdout.flush()
    sys.stderr.flush()
    if not WINDOWS:
        _become(command)
    import subprocess

    child = subprocess.Popen(command, env=_environment())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it too and decides
            continue


def _become(command: list[str]) -> NoReturn:
    os.execve(command[0], command, _environment())


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1"}


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]


def _tail(text: str, lines: int = 5) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
