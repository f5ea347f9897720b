"""The Excel add-in: workbook and add-in file with macros and ribbon, functions and commands through xlwings."""

from __future__ import annotations

from pathlib import Path

from addin.excel.installing import install, remove, status
from addin.excel.package import ADDIN, TEMPLATE, write_addin, write_template

__all__ = ["build", "install", "remove", "status"]


def build(out: Path) -> list[Path]:
    """Write the add-in and the template workbook into `out`; the same bytes every time."""
    out.mkdir(parents=True, exist_ok=True)
    addin, template = out / ADDIN, out / TEMPLATE
    write_addin(addin)
    write_template(template)
    return [addin, template]
