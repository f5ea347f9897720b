"""A workbook that is open in LibreOffice, read and written through the running program.

`grid.py` is the Grid. It asks `hand.py`, a process in a Python that has `uno`, which talks to LibreOffice over a pipe of this
user. The work itself (`book.py`, `reading.py`, `writing.py`) runs inside LibreOffice, on the thread that also takes people's
keys, where our extension is installed: then nothing can come between a look and a write. Without the extension the hand
does it from outside, a call at a time, and whoever asked looks again afterwards.
"""
