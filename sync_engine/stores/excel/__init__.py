"""A workbook that is open in Excel, read and written through the running program with xlwings (its BSD part only).

`finding.py` finds the workbook among the running programs, `grid.py` is the Grid, `cells.py` decides what goes where in
how few calls, `hands.py` touches Excel, `stillness.py` keeps people's keys waiting and gives everything back, `trouble.py`
knows what Excel's refusals mean.
"""
