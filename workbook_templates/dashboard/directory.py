"""The directory at the foot of the dashboard: every sheet one click away, area by area."""

from __future__ import annotations

from workbook_templates.dashboard.canvas import END, LEFT, Canvas
from workbook_templates.palette import LINE, NAVY, PAPER
from workbook_templates.statements import SHEETS
from workbook_templates.tables.areas import AREAS, STATEMENTS_COLOUR

_NAME, _LINK = 3, 2
"""Columns of an area's name, and of one link."""
_ACROSS = (END - LEFT + 1 - _NAME) // _LINK


def directory_rows(
    canvas: Canvas, only: frozenset[str] = frozenset()
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Lines of the directory: the area's name (once), its colour, and the sheets of one line; of `only` these sheets."""
    lang = canvas.book.lang
    listed = [(area.label(lang), area.colour, [table.sheet(lang) for table in area.tables]) for area in AREAS]
    listed.append(
        (canvas.say("报表", "Statements"), STATEMENTS_COLOUR, [names[lang] for names in SHEETS.values()])
    )
    if only:
        listed = [(name, colour, [tab for tab in tabs if tab in only]) for name, colour, tabs in listed]
    return [
        (name if start == 0 else "", colour, tuple(sheets[start : start + _ACROSS]))
        for name, colour, sheets in listed
        for start in range(0, len(sheets), _ACROSS)
    ]


def draw_directory(canvas: Canvas, row: int, only: frozenset[str] = frozenset()) -> int:
    """Draw it from `row` on, of all sheets or of `only` those an upgrade added; the row after it."""
    title = canvas.say("新增表格", "New sheets") if only else canvas.say("全部表格", "All sheets")
    canvas.heading(row, LEFT, END, title, canvas.say("点一下就到", "one click away"))
    lines = directory_rows(canvas, only)
    for n, (name, colour, sheets) in enumerate(lines, row + 1):
        canvas.sheet.set_row(n, 24)
        head = canvas.look(
            bg_color=colour, font_color=PAPER, bold=True, indent=1, bottom=1, bottom_color=LINE
        )
        canvas.text(n, LEFT, LEFT + _NAME - 1, name, head)
        link = canvas.look(
            font_color=NAVY, underline=1, bottom=1, bottom_color=LINE, shrink=True, align="center"
        )
        for k in range(_ACROSS):
            first = LEFT + _NAME + k * _LINK
            last = END if k == _ACROSS - 1 else first + _LINK - 1
            canvas.merge(n, first, last, link)
            if k < len(sheets):
                canvas.sheet.write_url(n, first, f"internal:'{sheets[k]}'!A1", link, sheets[k])
    return row + 1 + len(lines)
