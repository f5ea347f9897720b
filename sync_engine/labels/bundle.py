"""A wave's papers in one file: pick list, then labels, then packing slips, each on pages of its own size."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sync_engine.labels.pen import Pen
from sync_engine.labels.picklist import A4, draw_pick_list
from sync_engine.labels.slips import draw_packing_slips
from sync_engine.labels.values import Label, PackingSlip, PickLine
from sync_engine.labels.waybill import PAPERS, Paper, check_labels, draw_labels
from workbook_templates.schema import Lang


def render_wave(
    picks: Sequence[PickLine], labels: Sequence[Label], slips: Sequence[PackingSlip], paper: Paper, printed_at: datetime,
    path: Path, lang: Lang = Lang.ZH,
) -> tuple[str, ...]:  # fmt: skip
    """Write the PDF. Raises like the renderers of its parts. Returns the characters no font had, sorted."""
    check_labels(labels, paper, lang)
    batch, shop = labels[0].batch, labels[0].shop
    pen = Pen(*A4, f"{'波次' if lang is Lang.ZH else 'Wave'} {batch} {shop}")
    draw_pick_list(pen, picks, batch, printed_at, shop, lang)
    pen.turn_to(*PAPERS[paper])
    draw_labels(pen, labels, paper)
    pen.turn_to(*A4)
    draw_packing_slips(pen, slips, lang)
    return pen.save(path, lang)
