"""Writes the reference pages of docs/ from the declarations, so that they cannot go stale.

    python docs/generate.py            write the pages
    python docs/generate.py --check    say which pages are stale, and exit with 1 if any is

Every page exists in English (`tables.md`) and in Chinese (`tables.zh-CN.md`); the command line has one page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from workbook_templates.schema import Lang  # noqa: E402

NOTE = "<!-- Made by docs/generate.py from the declarations; change those, not this page. -->"
CLI = "addin.cli"
CODES = "sync_engine.cli"
SUFFIX = {Lang.EN: ".md", Lang.ZH: ".zh-CN.md"}

PAGES: dict[str, tuple[str, dict[Lang, tuple[str, str]]]] = {
    "tables": (
        "workbook_templates.docs:tables_markdown",
        {
            Lang.EN: ("The tables", "Every sheet of the workbook that is a table, and who writes which column."),
            Lang.ZH: ("表和列", "工作簿里的每张表、每一列、谁来写。灰色列由表猫或天猫维护,白色列归店里的人。"),
        },
    ),
    "settings": (
        "workbook_templates.docs:settings_markdown",
        {
            Lang.EN: ("The settings", "What the 设置 sheet (Settings) governs."),
            Lang.ZH: ("设置", "“设置”表里每一项管什么、默认值是什么、可以填什么。"),
        },
    ),
    "commands": (
        "workbook_templates.docs:commands_markdown",
        {
            Lang.EN: ("The commands in the workbook", "Tick the cell beside one in the 命令 sheet (Commands)."),
            Lang.ZH: ("工作簿里的命令", "在“命令”表里打勾,下一次同步时表猫就照办,并在旁边回话。"),
        },
    ),
    "functions": (
        "formulas.docs:functions_markdown",
        {
            Lang.EN: ("The shop's arithmetic", "The functions the engine works with; each number can be checked by hand."),
            Lang.ZH: ("店铺的算法", "表猫用来算数的函数;每个数字都可以照着手工核对。"),
        },
    ),
    "hosts": (
        "addin.docs:hosts_markdown",
        {
            Lang.EN: ("Add-ins", "The same functions and the same buttons wherever the workbook is open."),
            Lang.ZH: ("加载项", "工作簿在哪里打开,函数和按钮就在哪里。"),
        },
    ),
}  # fmt: skip


def pages() -> Iterator[tuple[str, str]]:
    """Every generated page as (file name, text)."""
    for name, (where, titles) in PAGES.items():
        module, _, maker = where.partition(":")
        body: Callable[[Lang], str] = getattr(import_module(module), maker)
        for lang, (title, lead) in titles.items():
            yield name + SUFFIX[lang], _page(title, lead, body(lang))
    yield "cli.md", _page("The command line", _CLI_LEAD, cli_markdown())


_CLI_LEAD = "`biaomao COMMAND ...` and `python3 run.py COMMAND ...` are the same. 两种写法一样。"


def _page(title: str, lead: str, body: str) -> str:
    return f"{NOTE}\n\n# {title}\n\n{lead}\n\n{body.strip()}\n"


def cli_command() -> Any:
    """The command group the command line is made of."""
    import typer

    return typer.main.get_command(import_module(CLI).app)


def cli_markdown() -> str:
    """One section for each command: what it does, then its arguments and options."""
    group = cli_command()
    everywhere = _parameters(group)
    head = [f"Options before the command:\n\n{everywhere}"] if everywhere else []
    return "\n\n".join(
        [*head, *(_section(name, command) for name, command in _commands(group)), _exit_codes()]
    )


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command as it is typed, those of groups within groups too."""
    for command in group.commands.values():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{command.name} ")
        elif not command.hidden:
            yield f"{before}{command.name}", command


def _exit_codes() -> str:
    """The exit codes, as the command line's own docstring tells them: `0 done · 1 ... · 2 ...`."""
    told = " ".join((import_module(CODES).__doc__ or "").partition("\n\n")[2].split())
    codes = [part.partition(" ") for part in told.split(" · ")]
    rows = [f"| {code} | {meaning} |" for code, _, meaning in codes]
    return "\n".join(["## Exit codes", "", "| | |", "| --- | --- |", *rows])


def _section(name: str, command: Any) -> str:
    says = " ".join((command.help or "").split("\f")[0].split("\n\n")[0].split())
    rest = (command.help or "").partition("\n\n")[2].strip()
    parts = [f"## {name}", says, rest, _parameters(command)]
    return "\n\n".join(part for part in parts if part)


def _parameters(command: Any) -> str:
    rows = [_row(parameter) for parameter in command.params if _shown(parameter)]
    return "\n".join(["| | | default |", "| --- | --- | --- |", *rows]) if rows else ""


def _shown(parameter: Any) -> bool:
    own = parameter.name in ("help", "install_completion", "show_completion")
    return not own and not getattr(parameter, "hidden", False)


_KINDS = {"Path": " PATH", "int": " N", "float": " X", "str": " TEXT"}


def _row(parameter: Any) -> str:
    option = parameter.param_type_name == "option"
    name = ", ".join([*parameter.opts, *parameter.secondary_opts]) if option else str(parameter.name).upper()
    kind = _KINDS.get(getattr(parameter.type_descriptor.annotation, "__name__", ""), "") if option else ""
    several = " ..." if parameter.nargs == -1 or getattr(parameter, "multiple", False) else ""
    helps = " ".join((getattr(parameter, "help", "") or "").split())
    cells = (f"`{name}{kind}{several}`", helps, _default(parameter))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "needed"
    return (
        f"`{value}`"
        if isinstance(value, str | int | float | PurePath) and value is not False and value != ""
        else ""
    )


def stale() -> list[str]:
    """The names of pages that are missing or differ from what would be written."""
    return [
        name
        for name, text in pages()
        if not (DOCS / name).is_file() or (DOCS / name).read_text("utf-8") != text
    ]


def main() -> int:
    """Write the pages, or with --check compare them; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is stale")
    if parser.parse_args().check:
        old = stale()
        print(f"stale: {', '.join(old)}; run `python docs/generate.py`" if old else "all pages are current")
        return 1 if old else 0
    for name, text in pages():
        (DOCS / name).write_text(text, "utf-8", newline="\n")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
