"""What `biaomao upgrade` does; `cli.py` declares it."""

from __future__ import annotations

from pathlib import Path

from sync_engine.cli_report import as_json, console
from sync_engine.config import load_config
from sync_engine.opening import hold, open_backups, time_of
from sync_engine.upgrading import look_for_upgrade, upgrade_workbook
from workbook_templates.words import say


def upgrade(folder: Path, *, dry_run: bool, json: bool) -> bool:
    """Show what the workbook lacks, and add it unless this is a dry run. True where nothing is in the way."""
    config = load_config(folder)
    lang = config.lang
    with hold(config):
        if dry_run:
            found = look_for_upgrade(config)
        else:
            backups = open_backups(config, time_of(config))
            found = upgrade_workbook(config, lambda why: backups.save(config.workbook, why))
    if json:
        as_json({"dry_run": dry_run, "added": list(found.added), "blocked": list(found.blocked)})
        return not found.blocked
    for line in (*found.added, *found.blocked):
        console.print(line, soft_wrap=True, markup=False)
    if dry_run and found.added:
        console.print(
            say(lang, "只是看看,什么都没改;去掉 --dry-run 就加", "Only a look; without --dry-run it is done")
        )
    elif found.added:
        console.print(
            say(
                lang,
                "已加好,原来的内容没有动;升级前的样子留了备份(biaomao restore 可看)",
                "Done; what was there is as it was, and a backup was made first (see biaomao restore)",
            )
        )
    elif not found.blocked:
        console.print(found.sentence(lang))
    return not found.blocked
