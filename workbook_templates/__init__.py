"""The tables of the workbook: declared once here, turned into workbooks, docs and checks elsewhere."""
