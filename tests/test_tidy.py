"""House style as a test: what a reviewer would otherwise have to say again and again. Each violation names file:line."""

from __future__ import annotations

import ast
import functools
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("addin", "macros", "sync_engine", "formulas", "workbook_templates")
MODULE_LINES = 600
FUNCTION_LINES = 60
FILE_KILOBYTES = 2000
HOUSE = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
SOURCES = [*HOUSE, ROOT / "run.py", *sorted((ROOT / "docs").glob("*.py"))]
TEXTS = {
    ".py",
    ".md",
    ".toml",
    ".sql",
    ".json",
    ".csv",
    ".txt",
    ".lock",
    ".yml",
    ".bas",
    ".gs",
    ".js",
    ".html",
}

CLOCK_EDGES = {"sync_engine/clock.py", "sync_engine/sandbox/clock.py"}
PRINT_EDGES = ("sync_engine/cli", "run.py", "docs/generate.py")
CLOCK_CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime",
    "time.monotonic", "time.sleep",
}  # fmt: skip
WAITS = {
    "time.monotonic",
    "time.sleep",
}  # say nothing about the day; for servers and the like that really wait
WAITING_EDGES = {
    "sync_engine/sandbox/server.py",
    "sync_engine/sandbox/cloudprint.py",
    "sync_engine/carriers/cloudprint.py",
}
RANDOM_ALLOWED = {"random.Random"}
MONEY_WORDS = re.compile(
    r"(price|payment|fee|freight|amount|money|yuan|cost|total|discount|refund|paid|balance)", re.IGNORECASE
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|tmp/\w+)/|[A-Z]:\\Users\\")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\s*=)")

Finding = tuple[int, str]
Rule = Callable[[Path, ast.Module, list[str]], Iterator[Finding]]


@functools.cache
def read(path: Path) -> tuple[ast.Module, list[str]]:
    """A source as tree and as lines."""
    text = path.read_text("utf-8")
    return ast.parse(text), text.splitlines()


def name_of(path: Path) -> str:
    """The path as the repository names it."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Everything in a source."""
    return tuple(ast.walk(tree))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an expression, or "" where it is something else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Local name -> what it stands for, from the imports: `import time as _time` gives {"_time": "time"}."""
    found: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found |= {(a.asname or a.name).split(".")[0]: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


@functools.cache
def calls(tree: ast.Module) -> tuple[tuple[ast.Call, str], ...]:
    """Every call with the full name of what is called, imports resolved: `now()` -> `datetime.datetime.now`."""
    names, found = imported_names(tree), []
    for node in nodes(tree):
        if isinstance(node, ast.Call) and (called := dotted(node.func)):
            head, _, rest = called.partition(".")
            whole = f"{names[head]}.{rest}".rstrip(".") if head in names else called
            found.append((node, re.sub(r"^datetime\.(datetime|date)\.", r"\1.", whole)))
    return tuple(found)


def short_module(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    if len(lines) > MODULE_LINES:
        yield MODULE_LINES, f"module of {len(lines)} lines, at most {MODULE_LINES}"


def short_functions(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    for node in functions(tree):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield node.lineno, f"{node.name}() has {length} lines, at most {FUNCTION_LINES}"


def documented(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    if not ast.get_docstring(tree) and not (path.name == "__init__.py" and not lines):
        yield 1, "module without a docstring"
    yield from _undocumented(tree, "")


def _undocumented(scope: ast.Module | ast.ClassDef, prefix: str) -> Iterator[Finding]:
    for node in scope.body:
        if not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) or node.name.startswith("_"):
            continue
        marks = {dotted(mark.func if isinstance(mark, ast.Call) else mark) for mark in node.decorator_list}
        told_by_parent = any(mark.endswith((".setter", "overload", "override")) for mark in marks)
        if not ast.get_docstring(node) and not told_by_parent:
            yield node.lineno, f"{prefix}{node.name} without a docstring"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node, f"{node.name}.")


def annotated(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    for node in functions(tree):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        arguments += [extra for extra in (node.args.vararg, node.args.kwarg) if extra]
        bare = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
        if bare:
            yield node.lineno, f"{node.name}() does not annotate {', '.join(bare)}"
        if node.returns is None:
            yield node.lineno, f"{node.name}() does not say what it returns"


def no_clock(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    if name_of(path) in CLOCK_EDGES | {"run.py"}:
        return
    for node, called in calls(tree):
        waits = called in WAITS and name_of(path) in WAITING_EDGES
        if called in CLOCK_CALLS and not waits:
            yield node.lineno, f"{called}() reads or passes the machine's time: take a Clock"


def no_chance(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    for node, called in calls(tree):
        if called.startswith("random.") and called not in RANDOM_ALLOWED:
            yield node.lineno, f"{called}() uses the hidden generator: take a random.Random"
        if called == "random.Random" and not (node.args or node.keywords):
            yield node.lineno, "random.Random() without a seed cannot be replayed"


def no_float_money(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    for node, called in calls(tree):
        if called == "float" and node.args and MONEY_WORDS.search(ast.unparse(node.args[0])):
            yield node.lineno, f"{ast.unparse(node)}: money stays Decimal"
    for node in nodes(tree):
        target = node.target if isinstance(node, ast.AnnAssign) else None
        named = target if isinstance(target, ast.Name) else None
        if named and dotted(node.annotation) == "float" and MONEY_WORDS.search(named.id):
            yield node.lineno, f"{named.id}: float, but money stays Decimal"


def no_print(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    if name_of(path).startswith(PRINT_EDGES):
        return
    for node, called in calls(tree):
        if called == "print" and not any(word.arg == "file" for word in node.keywords):
            yield node.lineno, "print() outside the command line"


def finished(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines, 1):
        _, hash_sign, comment = line.partition("#")
        if hash_sign and UNFINISHED.search(comment):
            yield number, "an unfinished note: finish it or file it"


def no_swallowing(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[Finding]:
    for node in nodes(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        if node.type is None:
            yield node.lineno, "a bare except swallows everything"
        elif dotted(node.type) in ("Exception", "BaseException") and all(
            isinstance(n, ast.Pass) for n in node.body
        ):
            yield node.lineno, f"except {dotted(node.type)}: pass swallows what happened"


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        short_module, short_functions, documented, annotated, no_clock, no_chance, no_float_money, no_print, finished,
        no_swallowing,
    )
}  # fmt: skip


def findings(rule: Rule, sources: list[Path]) -> list[str]:
    """Every violation of a rule as file:line: what."""
    return [f"{name_of(path)}:{line}: {what}" for path in sources for line, what in rule(path, *read(path))]


@pytest.fixture(scope="module", autouse=True)
def _forgotten() -> Iterator[None]:
    """A million nodes are not carried along by the tests that follow."""
    yield
    for kept in (read, nodes, calls):
        kept.cache_clear()


@pytest.mark.parametrize("name", RULES)
def test_house_style(name: str) -> None:
    found = findings(RULES[name], SOURCES)
    assert not found, f"{len(found)} times\n" + "\n".join(found)


def kept_files() -> list[Path]:
    """The files git keeps or would keep; without git, those outside of folders that are made."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        made = {"__pycache__", "demo", "shop", "myshop", "build", "dist"}
        paths = (path for path in ROOT.rglob("*") if path.is_file())
        parts = ((path, path.relative_to(ROOT).parts[:-1]) for path in paths)
        return [p for p, up in parts if not any((u.startswith(".") and u != ".ci") or u in made for u in up)]
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    return [path for part in listed.split(b"\0") if part and (path := ROOT / part.decode()).is_file()]


def test_texts_end_with_one_newline() -> None:
    bad = [
        f"{name_of(path)}: must end with exactly one newline"
        for path in kept_files()
        if path.suffix in TEXTS
        and (data := path.read_bytes())
        and (not data.endswith(b"\n") or data.endswith(b"\n\n"))
    ]
    assert not bad, "\n".join(bad)


def test_no_path_of_somebodys_machine() -> None:
    bad = [
        f"{name_of(path)}:{number}: {match.group()}"
        for path in kept_files()
        if path.suffix in TEXTS and path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := MACHINE_PATH.search(line))
    ]
    assert not bad, "\n".join(bad)


def test_no_big_file() -> None:
    bad = [
        f"{name_of(path)}: {size // 1000} KB, at most {FILE_KILOBYTES}"
        for path in kept_files()
        if (size := path.stat().st_size) > FILE_KILOBYTES * 1000
    ]
    assert not bad, "\n".join(bad)


BAD_EXAMPLES = {
    "short_module": "x = 1\n" * (MODULE_LINES + 1),
    "short_functions": "def f() -> None:\n" + "    x = 1\n" * (FUNCTION_LINES + 1),
    "documented": '"""Doc."""\nclass Shop:\n    """Doc."""\n    def tick(self) -> None: ...\n',
    "annotated": "def f(x) -> None: ...\n",
    "no_clock": "from datetime import datetime as dt\nx = dt.now()\n",
    "no_chance": "import random as r\nx = r.choice([1])\n",
    "no_float_money": "x = float(order.post_fee)\n",
    "no_print": "print(1)\n",
    "finished": "x = 1  # TODO later\n",
    "no_swallowing": "try:\n    x = 1\nexcept Exception:\n    pass\n",
}


@pytest.mark.parametrize("name", RULES)
def test_every_rule_can_fail(name: str) -> None:
    text = BAD_EXAMPLES[name]
    place = ROOT / "sync_engine" / "example.py"
    assert list(RULES[name](place, ast.parse(text), text.splitlines()))
