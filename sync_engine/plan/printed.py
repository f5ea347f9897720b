"""The print log of a parcel: when its label was made, in which batch, by whose computer, and why again. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sync_engine.parcel import Package
from sync_engine.plan.words import clock_text, say
from workbook_templates.schema import Lang

KEPT = 12
"""Lines of a log; of a longer one the first and the newest."""


def printed(
    package: Package, batch: str, now: datetime, lang: Lang, *, desk: str = "", why: str = ""
) -> Package:
    """The parcel after its label was made.

    Args:
        desk: the computer.
        why: why a person wanted it again; "" where nobody did.
    """
    if package.state == "shipped":
        return package
    if package.prints or package.printed_at:
        reason = why or say(lang, "内容或地址变了", "contents or address changed")
        what = say(lang, f"补打 {batch}:{reason}", f"again in {batch}: {reason}")
    else:
        what = say(lang, f"打印 {batch}", f"printed in {batch}")
    line = f"{clock_text(now)} {what}{f' ({desk})' if desk else ''}"
    lines = [*package.print_log.splitlines(), line]
    if len(lines) > KEPT:
        lines = [lines[0], *lines[1 - KEPT :]]
    return replace(
        package, state="printed", batch=batch, printed_at=now, prints=package.prints + 1, print_log="\n".join(lines)
    )  # fmt: skip
