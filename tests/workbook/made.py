"""A new workbook for tests: built once in a process, laid down as often as it is wanted."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang


def new_workbook(path: Path, lang: Lang = Lang.ZH, *, shop: str = "", protect: bool = True) -> None:
    """An empty shop's workbook at `path`."""
    path.write_bytes(_built(lang, shop, protect))


@cache
def _built(lang: Lang, shop: str, protect: bool) -> bytes:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "book.xlsx"
        build_workbook(path, lang, shop=shop, protect=protect)
        return path.read_bytes()
