"""Adds to a workbook what it lacks: whole sheets and columns at the right end of a table. Nothing that stands there moves."""
