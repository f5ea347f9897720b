"""Workbooks that a running program holds, as grids of cells: live LibreOffice, live Excel, Google Sheets."""
