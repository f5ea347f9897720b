"""Adds to a Google spreadsheet what it lacks, in place: nothing that stands there moves, and its address stays."""
