"""The tables of the workbook: declared once here, turned into workbooks, docs and checks elsewhere."""

VERSION = "0.1.0"
"""Of the whole program."""
