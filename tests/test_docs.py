"""The documentation's police: generated pages are current, every command is in both READMEs, every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from docs import generate

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.zh-CN.md")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
RECORD = re.compile(r"\d{4}-[a-z0-9-]+\.md")
RECORD_PARTS = ("## Context", "## Decision", "## Consequences")


def prose() -> list[Path]:
    """Every page people read, but none of a made shop's."""
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "bench").glob("*.md")),
    ]


def test_generated_pages_are_current() -> None:
    checked = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_stale_page_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in generate.pages():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    assert generate.stale() == []
    (tmp_path / "tables.md").write_text("old", "utf-8")
    (tmp_path / "settings.zh-CN.md").unlink()
    assert generate.stale() == ["tables.md", "settings.zh-CN.md"]


def test_the_exit_codes_are_told() -> None:
    told = generate.cli_markdown().partition("## Exit codes")[2]
    assert re.findall(r"^\| (\d) \| .+ \|$", told, re.M) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    names = [command.name for command in generate.cli_command().commands.values() if not command.hidden]
    assert names
    told = r"(?:biaomao|run\.py|`){mark}{name}\b"
    missing = [n for n in names if not re.search(told.format(mark=r"\s?", name=re.escape(n)), text)]
    assert not missing, f"{readme} does not mention: {', '.join(missing)}"


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_has_the_two_commands(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    assert "python3 run.py demo" in text
    assert "python3 run.py test" in text


TEST_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_named_tests_are_there() -> None:
    """A page that says what is tested names the file, and the test or law in it."""
    named = [
        (page.relative_to(ROOT).as_posix(), *found)
        for page in prose()
        for found in TEST_NAMED.findall(page.read_text("utf-8"))
    ]
    assert len(named) > 20
    dead = [
        f"{page}: {file} {name}"
        for page, file, name in named
        if not (ROOT / file).is_file()
        or (name and not re.search(rf"^\s*def {name}\(", (ROOT / file).read_text("utf-8"), re.M))
    ]
    assert not dead, "\n".join(dead)


def test_links_lead_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT).as_posix()}: {target}"
        for page in prose()
        for target in LINK.findall(page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", target) and (file := unquote(target.partition("#")[0]))
        if not (page.parent / file).exists()
    ]
    assert not dead, "\n".join(dead)


def test_decisions_are_listed_numbered_and_complete() -> None:
    folder = ROOT / "docs" / "decisions"
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    listing = (folder / "README.md").read_text("utf-8")
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text("utf-8")
        assert RECORD.fullmatch(path.name), path.name
        assert f"]({path.name})" in listing, f"{path.name} is not listed in decisions/README.md"
        assert [part for part in RECORD_PARTS if part not in text] == [], path.name
