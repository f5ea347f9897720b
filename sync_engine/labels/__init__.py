"""Labels and lists as PDF: waybill labels, pick list, packing slips. Same input, same bytes."""

from __future__ import annotations

from sync_engine.labels.mask import MaskRule
from sync_engine.labels.values import Goods, Label, PackingSlip, PickLine, PickParcel
from sync_engine.labels.waybill import PAPERS, Paper, render_labels

__all__ = ["PAPERS", "Goods", "Label", "MaskRule", "PackingSlip", "Paper", "PickLine", "PickParcel", "render_labels"]
