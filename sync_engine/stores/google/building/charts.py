"""The charts of a workbook file as Google's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from sync_engine.stores.google.building.units import Json, colour, grid_range

_KINDS = {"barChart": "BAR", "lineChart": "LINE", "pieChart": "PIE", "areaChart": "AREA"}
_RANGE = re.compile(r"^'?((?:[^']|'')+?)'?!\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)$")
_EMU = 9525
"""English metric units in a pixel."""


def sheet_charts(sheet: Worksheet, ids: dict[str, int]) -> Iterator[Json]:
    """Requests that draw one tab's charts."""
    for chart in sheet._charts:  # type: ignore[attr-defined]
        if spec := _spec(chart, ids):
            yield {"addChart": {"chart": {"spec": spec, "position": _position(chart, ids[sheet.title])}}}


def _spec(chart: Any, ids: dict[str, int]) -> Json | None:
    parts = getattr(chart, "_charts", [chart])
    series: list[Json] = []
    domains: list[Json] = []
    for part in parts:
        kind = _kind(part)
        for one in part.series:
            values, names = _source(one.val, ids), _source(one.cat, ids)
            if values is None:
                continue
            axis = "BOTTOM_AXIS" if kind == "BAR" else "RIGHT_AXIS" if part is not parts[0] else "LEFT_AXIS"
            found: Json = {"series": {"sourceRange": {"sources": [values]}}, "targetAxis": axis}
            if len(parts) > 1:
                found["type"] = kind
            if tint := _tint(one):
                found["colorStyle"] = tint
            series.append(found)
            if names is not None and not domains:
                domains.append({"domain": {"sourceRange": {"sources": [names]}}, "reversed": False})
    if not series:
        return None
    kind = "COMBO" if len(parts) > 1 else _kind(parts[0])
    legend = "TOP_LEGEND" if len(series) > 1 else "NO_LEGEND"
    return {
        "basicChart": {
            "chartType": kind,
            "legendPosition": legend,
            "domains": domains,
            "series": series,
            "headerCount": 0,
        }
    }


def _kind(chart: Any) -> str:
    if chart.tagname == "barChart" and chart.type != "bar":
        return "COLUMN"
    return _KINDS.get(chart.tagname, "COLUMN")


def _source(given: Any, ids: dict[str, int]) -> Json | None:
    """The cells of a series; None for one whose numbers stand in the chart itself."""
    ref = getattr(given, "numRef", None) or getattr(given, "strRef", None)
    found = _RANGE.match(ref.f) if ref is not None and ref.f else None
    if not found or found[1].replace("''", "'") not in ids:
        return None
    left, right = column_index_from_string(found[2]), column_index_from_string(found[4])
    return grid_range(ids[found[1].replace("''", "'")], int(found[3]), left, int(found[5]), right)


def _tint(series: Any) -> Json | None:
    looks = series.graphicalProperties
    for part in (getattr(looks, "solidFill", None), getattr(getattr(looks, "line", None), "solidFill", None)):
        if part is not None and getattr(part, "srgbClr", None) is not None:
            return colour(f"FF{getattr(part.srgbClr, 'val', part.srgbClr)}")
    return None


def _position(chart: Any, sheet_id: int) -> Json:
    start = chart.anchor._from
    size = getattr(chart.anchor, "ext", None)
    overlay: Json = {"anchorCell": {"sheetId": sheet_id, "rowIndex": start.row, "columnIndex": start.col}}
    overlay |= {"offsetXPixels": round(start.colOff / _EMU), "offsetYPixels": round(start.rowOff / _EMU)}
    width, height = (
        (size.width / _EMU, size.height / _EMU)
        if size is not None
        else (chart.width * 37.8, chart.height * 37.8)
    )
    return {"overlayPosition": {**overlay, "widthPixels": round(width), "heightPixels": round(height)}}
