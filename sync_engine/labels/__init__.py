"""Labels and lists as PDF: waybill labels, pick list, packing slips. Same input, same bytes."""

from __future__ import annotations

from sync_engine.labels.picking import build_pick_lines
from sync_engine.labels.picklist import render_pick_list
from sync_engine.labels.slips import render_packing_slips
from sync_engine.labels.values import Goods, Label, PackingSlip, PickLine, PickParcel
from sync_engine.labels.waybill import PAPERS, Paper, render_labels
from sync_engine.mask import MaskRule

__all__ = [
    "PAPERS",
    "Goods",
    "Label",
    "MaskRule",
    "PackingSlip",
    "Paper",
    "PickLine",
    "PickParcel",
    "build_pick_lines",
    "render_labels",
    "render_packing_slips",
    "render_pick_list",
]
