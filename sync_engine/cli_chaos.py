"""`biaomao chaos` on the terminal: drawn anew several times a second, or a line now and then where nothing can be drawn."""

from __future__ import annotations

from pathlib import Path

from rich.live import Live

from sync_engine.chaos.driver import ENGINE
from sync_engine.chaos.place import on_google
from sync_engine.chaos.run import Open, Wish, run_chaos
from sync_engine.chaos.screen import Scene, closing, line, live
from sync_engine.cli_report import as_json, console, problems
from sync_engine.clock import SystemPace
from sync_engine.errors import UserError
from workbook_templates.schema import Lang

BETWEEN_LINES = 5.0  # seconds
MOST_STAFF = 30


def chaos(
    folder: Path, *, minutes: float, staff: int, seed: int, lang: Lang, json: bool, open_place: Open = on_google,
    engine: tuple[str, ...] = ENGINE,
) -> bool:  # fmt: skip
    """Run the demonstration, show it, and say what it came to; True if every promise was kept."""
    if not 1 <= staff <= MOST_STAFF:
        raise UserError(f"--staff 应在 1 到 {MOST_STAFF} 之间 / --staff must be from 1 to {MOST_STAFF}")
    if minutes <= 0:
        raise UserError("--minutes 要大于 0 / --minutes must be above 0")
    wish = Wish(
        folder=folder, seconds=minutes * 60, staff=staff, seed=seed, lang=lang, open_place=open_place, engine=engine
    )  # fmt: skip
    if json or not console.is_terminal:
        outcome = run_chaos(wish, _Lines(lang, quiet=json))
    else:
        with Live(console=console, refresh_per_second=5, transient=True) as picture:
            outcome = run_chaos(wish, lambda scene: picture.update(live(scene, lang)))
    if json:
        as_json(outcome.as_data())
    else:
        console.print(closing(outcome, lang))
    return outcome.good


class _Lines:
    """A line on stderr now and then."""

    def __init__(self, lang: Lang, *, quiet: bool) -> None:
        self._lang, self._quiet, self._pace, self._at = lang, quiet, SystemPace(), 0.0

    def __call__(self, scene: Scene) -> None:
        if self._quiet or self._pace.passed() - self._at < BETWEEN_LINES:
            return
        self._at = self._pace.passed()
        problems.print(f"{scene.phase}: {line(scene, self._lang)}", soft_wrap=True)
