"""Pictures of sheets for the documentation: some rows and columns of a workbook, drawn by LibreOffice, without margins."""

from __future__ import annotations

import copy
import math
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.cell import MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageChops, ImageOps

from workbook_templates.schema import Lang
from workbook_templates.tables import BY_NAME

PICTURES = Path(__file__).parent / "pictures"
DPI = 110
LAST_WIDTH = 60
"""The last column of a picture is so wide: what stands in it does not run out of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: some columns and rows of a sheet, as they stood at a moment."""

    name: str
    moment: str
    sheet: str
    columns: Sequence[str] = ()  # of a declared table; empty: the sheet as it is, `letters` wide
    rows: Callable[[Worksheet], Sequence[int]]
    last: int = LAST_WIDTH


def office(folder: Path, kind: str, path: Path) -> Path:
    """Have LibreOffice work out and save a workbook as another kind of file."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        kind,
        "--outdir",
        str(folder / kind),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return folder / kind / f"{path.stem}.{kind}"


def album(shots: Sequence[Shot], books: dict[str, Path], path: Path) -> None:
    """A workbook with a sheet for each picture, one page each."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    open_books = {name: openpyxl.load_workbook(book, data_only=True) for name, book in books.items()}
    for shot in shots:
        source, sheet = open_books[shot.moment][shot.sheet], made.create_sheet(shot.name)
        table = next((one for one in BY_NAME.values() if one.sheet(Lang.ZH) == shot.sheet), None)
        heads = {str(source.cell(1, n).value): n for n in range(1, source.max_column + 1)}
        wide = (
            [heads[table.column(name).zh] for name in shot.columns]
            if table
            else list(range(1, source.max_column + 1))
        )
        _copy(source, sheet, list(shot.rows(source)), wide, last=shot.last if table else 0)
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape" if table else "portrait", 8
        sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    made.save(path)


def _copy(
    source: Worksheet, sheet: Worksheet, rows: Sequence[int], columns: Sequence[int], *, last: int
) -> None:
    """`last` is the width of the last column of a declared table, 0 for other sheets."""
    sheet.sheet_view.showGridLines = False
    for x, column in enumerate(columns, 1):
        letter = get_column_letter(column)
        width = last if last and x == len(columns) else _width(source, column)
        sheet.column_dimensions[get_column_letter(x)].width = width
        blank = next((one for one in source[letter][1:] if one.has_style), None) if last else None
        for y, row in enumerate(rows, 1):
            old, new = source.cell(row, column), sheet.cell(y, x)
            new.value = old.value if not isinstance(old, MergedCell) else None
            for look in ("font", "fill", "border", "alignment", "number_format"):
                setattr(new, look, copy.copy(getattr(old if old.has_style or blank is None else blank, look)))
    for y, row in enumerate(rows, 1):
        height = source.row_dimensions[row].height
        sheet.row_dimensions[y].height = max(height or 0, _needed(sheet, y)) if last else height
    if list(columns) == list(range(1, len(columns) + 1)):
        for merged in source.merged_cells.ranges:
            if merged.max_row <= len(rows):
                sheet.merge_cells(merged.coord)


def _width(source: Worksheet, column: int) -> float:
    """A column's width; neighbours of the same width are noted together, under the first one's letter."""
    for one in source.column_dimensions.values():
        if one.min and one.min <= column <= one.max and one.width:
            return float(one.width)
    return 10.0


def _needed(sheet: Worksheet, row: int) -> float:
    """The height that shows the whole of a row's wrapped texts, in points."""
    lines = 1
    for cell in sheet[row]:
        if cell.alignment.wrap_text and isinstance(cell.value, str):
            wide = sum(2 if ord(letter) > 0x2E7F else 1.1 for letter in cell.value)
            lines = max(lines, math.ceil(wide / (sheet.column_dimensions[cell.column_letter].width - 3)))
    return 15.0 * lines + 9


def pages(pdf: Path, first: int, last: int, folder: Path, dpi: int = DPI) -> list[Path]:
    """Pages of a PDF as pictures."""
    subprocess.run(
        [
            "pdftoppm",
            "-png",
            "-r",
            str(dpi),
            "-f",
            str(first),
            "-l",
            str(last),
            str(pdf),
            str(folder / pdf.stem),
        ],
        check=True,
    )
    return sorted(folder.glob(f"{pdf.stem}-*.png"))


def trimmed(path: Path, out: Path, box: tuple[float, float] | None = None) -> None:
    """Without its white margins; `box` cuts out a part of the height."""
    picture = Image.open(path).convert("RGB")
    edge = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
    picture = picture.crop(edge) if edge else picture
    if box:
        picture = picture.crop((0, int(picture.height * box[0]), picture.width, int(picture.height * box[1])))
    ImageOps.expand(picture, 10, "white").quantize(64).save(out, optimize=True)
