"""The locks: complete, exact, with hashes, without hosts, and in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock")
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)(?: ; .+?)?(?: \\)?$")


def pins(lock: str) -> dict[str, Version]:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    found = [PIN.match(line) for line in lines if line and not line.startswith((" ", "#"))]
    assert all(found), f"{lock}: a line that is no exact pin"
    return {canonicalize_name(match[1]): Version(match[2]) for match in found if match}


def wanted(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(text) for part in lists for text in part]


@pytest.mark.parametrize(("lock", "extras"), [(LOCKS[0], ()), (LOCKS[1], ("test",))])
def test_the_lock_answers_every_wish(lock: str, extras: tuple[str, ...]) -> None:
    locked = pins(lock)
    for wish in wanted(*extras):
        version = locked.get(canonicalize_name(wish.name))
        assert version is not None, f"{lock} lacks {wish.name}: make the locks anew (CONTRIBUTING.md)"
        assert wish.specifier.contains(version, prereleases=True), (
            f"{lock}: {wish.name} {version} is not {wish}"
        )


def test_both_locks_agree() -> None:
    runtime, test = pins(LOCKS[0]), pins(LOCKS[1])
    assert runtime.items() <= test.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_none_a_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    bare = [
        block.splitlines()[0]
        for block in blocks
        if not block.startswith("#") and "--hash=sha256:" not in block
    ]
    assert not bare
