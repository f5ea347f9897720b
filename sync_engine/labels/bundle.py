"""A wave's papers in one file: pick list, then labels, then packing slips, each on pages of its own size."""

from __future__ import annotations

from sync_engine.labels.pages import Drawn, bound
from workbook_templates.schema import Lang


def bind_wave(
    picks: Drawn, labels: Drawn, slips: Drawn, batch: str, shop: str, lang: Lang = Lang.ZH
) -> Drawn:
    """The pages of the three papers as they were drawn for their own files.

    Args:
        shop: as the labels name it.
    """
    return bound(f"{'波次' if lang is Lang.ZH else 'Wave'} {batch} {shop}", (picks, labels, slips))
