"""A workbook that is open in LibreOffice, written through the running program.

`hand.py` runs in a Python that has `uno` and does one request a line; `grid.py` is the Grid that asks it.
"""
