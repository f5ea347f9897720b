"""Colours, fonts and number formats of the workbook: one place, so that every sheet belongs together."""

from __future__ import annotations

from workbook_templates.schema import Kind, Lang, Owner

FONT = {Lang.ZH: "微软雅黑", Lang.EN: "Calibri"}
FONT_SIZE = {Lang.ZH: 10, Lang.EN: 11}

INK = "#1F2937"
SOFT_INK = "#6B7280"
FAINT_INK = "#9CA3AF"
PAPER = "#FFFFFF"
CANVAS = "#F3F5F8"
LINE = "#E2E6EC"
NAVY = "#243B53"
BLUE = "#3E7CB1"
SKY = "#D6E6F4"
ORANGE = "#E07A2F"
GREEN = "#2F855A"
RED = "#C0392B"
AMBER = "#B7791F"

HEADER_FILL = {
    Owner.TMALL: "#34506B",
    Owner.ENGINE: "#64748B",
    Owner.STAFF: "#DD7A2B",
    Owner.FORMULA: "#4F7F6A",
}
"""The header says who writes the column: deep blue for Tmall, slate for Biaomao, orange for people, green for formulas."""

CELL_FILL = {Owner.TMALL: "#EFF3F8", Owner.ENGINE: "#F3F4F6", Owner.STAFF: PAPER, Owner.FORMULA: "#EEF5F1"}

TONES = {
    "good": ("#DDF3E4", "#176B3A"),
    "busy": ("#DCEBFB", "#1F4E8C"),
    "warn": ("#FFF0CC", "#8A5A00"),
    "bad": ("#FBD9D5", "#A4262C"),
    "done": ("#E5E7EB", "#6B7280"),
}
"""Fill and text colour of a state, by the tone its choice declares."""

BARS = {"good": GREEN, "busy": BLUE, "warn": "#D69E2E", "bad": RED, "done": "#A0AEC0", "": "#A0AEC0"}
"""Colour of a bar on the dashboard, by tone."""

PROBLEM_ROW = "#FFF4EE"

NUMBER_FORMAT = {
    Kind.ID: "@",
    Kind.TEXT: "@",
    Kind.CHOICE: "@",
    Kind.TICK: "@",
    Kind.MONEY: "#,##0.00",
    Kind.NUMBER: "0.00##",
    Kind.COUNT: "0",
    Kind.TIME: "yyyy-mm-dd hh:mm",
}
