"""run.py: makes the environment once, survives being killed, hands over arguments and exit codes.

Real installs need the network and a minute; here pip and venv are replaced, and everything else is real.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "run.py"


def load(at: Path) -> ModuleType:
    """run.py as a module that believes it lives in `at`."""
    at.mkdir(exist_ok=True)
    (at / "run.py").write_bytes(RUN.read_bytes())
    for lock in ("requirements.lock", "requirements-test.lock"):
        (at / lock).write_text(f"# {lock}\n", "utf-8")
    spec = importlib.util.spec_from_file_location("run_under_test", at / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """run.py in a folder of its own; `.calls` tells what it installed. Making a venv makes a link to this Python."""
    module: Any = load(tmp_path / "a folder 表")
    module.calls = []

    def new_venv() -> None:
        module.calls.append("venv")
        module.shutil.rmtree(module.VENV, ignore_errors=True)
        module.SCRIPTS.mkdir(parents=True)
        module.MARKER.touch()
        module.PYTHON.symlink_to(sys.executable)
        (module.VENV / f"lib/python3.{sys.version_info[1]}/site-packages").mkdir(parents=True)

    monkeypatch.setattr(module, "_new_venv", new_venv)
    monkeypatch.setattr(module, "_usable", module.PYTHON.exists)
    monkeypatch.setattr(module, "_pip_install", lambda lock: module.calls.append(lock))
    return module


def test_installs_once(run: Any) -> None:
    run.ensure(run.RUNTIME)
    run.ensure(run.RUNTIME)
    assert run.calls == ["venv", "requirements.lock"]


def test_the_test_lock_holds_the_runtime_too(run: Any) -> None:
    run.ensure(run.TEST)
    run.ensure(run.RUNTIME)
    assert run.calls == ["venv", "requirements-test.lock"]


def test_installs_again_when_the_lock_changed(run: Any) -> None:
    run.ensure(run.RUNTIME)
    (run.ROOT / run.RUNTIME).write_text("other==1\n", "utf-8")
    run.ensure(run.RUNTIME)
    assert run.calls == ["venv", "requirements.lock", "requirements.lock"]


@pytest.mark.parametrize("ready_before", [False, True])
def test_a_killed_install_is_made_anew(run: Any, monkeypatch: pytest.MonkeyPatch, ready_before: bool) -> None:
    if ready_before:
        run.ensure(run.RUNTIME)
        run.calls.clear()

    def killed(lock: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "_pip_install", killed)
        with pytest.raises(KeyboardInterrupt):
            run.ensure(run.TEST)
    assert not run.is_ready(run.RUNTIME)
    run.calls.clear()
    run.ensure(run.TEST)
    assert run.calls == ["venv", "requirements-test.lock"]
    assert run.is_ready(run.RUNTIME)


def test_another_python_makes_it_anew(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run.ensure(run.RUNTIME)
    run.calls.clear()
    monkeypatch.setattr(run, "stamp_key", lambda lock: f"another python {lock}")
    monkeypatch.setattr(run, "_usable", lambda: False)
    run.ensure(run.RUNTIME)
    assert run.calls == ["venv", "requirements.lock"]


@pytest.mark.skipif(os.name == "nt", reason="environments look different on Windows")
def test_the_project_is_found_by_a_relative_path(run: Any) -> None:
    run.ensure(run.RUNTIME)
    site = next(run.VENV.glob("lib/python3*/site-packages"))
    line = (site / "biaomao.pth").read_text("utf-8").strip()
    assert not Path(line).is_absolute()
    assert (site / line).resolve() == run.ROOT
    assert os.access(run.SCRIPTS / "biaomao", os.X_OK)


def test_help_makes_nothing(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for args in ([], ["--help"], ["help"]):
        assert run.main(args) == 0
    assert "python3 run.py demo" in capsys.readouterr().out
    assert run.calls == []


def test_a_failed_install_is_one_sentence(run: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def fails(lock: str) -> None:
        raise run.Trouble("没装成\nInstalling failed")

    monkeypatch.setattr(run, "_pip_install", fails)
    assert run.main(["demo"]) == 2
    said = capsys.readouterr()
    assert "Installing failed" in said.err
    assert said.out == ""


def test_missing_venv_says_what_to_type(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(run, "apt_install", lambda packages: "不是 root 用户")
    with pytest.raises(run.Trouble, match=rf"sudo apt-get install python3\.{sys.version_info[1]}-venv"):
        run._need_venv_module()


def test_apt_is_left_alone_by_anybody_but_root(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(run.os, "geteuid", lambda: 1000, raising=False)
    assert "root" in run.apt_install(["libreoffice-calc"])
    monkeypatch.setattr(run.shutil, "which", lambda name: None)
    assert "apt-get" in run.apt_install(["libreoffice-calc"])


def test_what_tests_will_skip_is_said(run: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(run, "_programs", lambda: {"libreoffice-calc": False, "poppler-utils": True})
    monkeypatch.setattr(run, "apt_install", lambda packages: "不是 root 用户,不能安装")
    monkeypatch.setattr(run, "hand_over", lambda args: 5)
    assert run.run_tests(["-k", "x"]) == 5
    assert "libreoffice-calc" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "parallel"),
    [([], True), (["-k", "crash"], True), (["tests/run"], False), (["tests/run/test_run.py::test_x"], False),
     (["--pdb"], False), (["-n", "3"], False), (["-n0"], False), (["--co"], False)],
)  # fmt: skip
def test_workers(run: Any, monkeypatch: pytest.MonkeyPatch, args: list[str], parallel: bool) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(run.os, "cpu_count", lambda: 2)
    assert run._parallel(args)[:2] == (["-n", "3"] if parallel else [])


@pytest.mark.skipif(os.name == "nt", reason="replaces the process, which Windows cannot")
def test_arguments_and_exit_code_pass_through(run: Any, tmp_path: Path) -> None:
    run.ensure(run.RUNTIME)
    (run.ROOT / "addin").mkdir()
    (run.ROOT / "addin" / "__init__.py").touch()
    told = "import csv, os, sys; print(sys.argv[1:], os.getcwd(), sys.flags.utf8_mode); sys.exit(37)"
    (run.ROOT / "addin" / "cli.py").write_text(told, "utf-8")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "csv.py").write_text("raise SystemExit('shadowed')", "utf-8")
    done = subprocess.run(
        [sys.executable, run.ROOT / "run.py", "sync", "--folder", "我的 店", "-x"],
        cwd=tmp_path / "here", env={**os.environ, "PYTHONPATH": str(run.ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == f"{['sync', '--folder', '我的 店', '-x']} {tmp_path / 'here'} 1", (
        done.stderr
    )
    assert done.returncode == 37


def test_two_starts_at_once_install_once(run: Any) -> None:
    script = (
        "import importlib.util, pathlib, sys, time\n"
        "spec = importlib.util.spec_from_file_location('r', sys.argv[1])\n"
        "run = importlib.util.module_from_spec(spec); spec.loader.exec_module(run)\n"
        "def made():\n"
        "    run.SCRIPTS.mkdir(parents=True); run.PYTHON.symlink_to(sys.executable)\n"
        "run._new_venv = made\n"
        "def install(lock):\n"
        "    time.sleep(0.5); (run.ROOT / 'installs').open('a').write('x')\n"
        "run._pip_install = install\n"
        "run.ensure(run.RUNTIME)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", script, run.ROOT / "run.py"]) for _ in range(2)]
    assert [one.wait(30) for one in both] == [0, 0]
    assert (run.ROOT / "installs").read_text() == "x"


def test_old_pythons_can_read_it_far_enough_to_say_so() -> None:
    tree = ast.parse(RUN.read_text("utf-8"), feature_version=(3, 7))
    check = next(node for node in tree.body if isinstance(node, ast.If))
    before = tree.body[: tree.body.index(check)]
    names = {alias.name for node in before if isinstance(node, ast.Import) for alias in node.names}
    assert "version_info < (3, 11)" in ast.unparse(check)
    assert names == {"os", "sys"}


def test_only_the_standard_library() -> None:
    tree = ast.parse(RUN.read_text("utf-8"))
    imported = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names
