"""Writing the Excel files: VBA project and ribbon put into a workbook and an add-in, the same bytes every time."""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from addin.excel.modules import modules
from addin.excel.ribbon import PART, RELATIONSHIP, ribbon_xml
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang

ADDIN, TEMPLATE = "biaomao.xlam", "biaomao.xlsm"
_MADE = (2026, 1, 1, 0, 0, 0)
_PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_TYPES, _RELS = "[Content_Types].xml", "_rels/.rels"

Parts = dict[str, bytes]


def write_addin(path: Path) -> None:
    """The add-in: an empty workbook with modules and ribbon."""
    excel = _excel_file()
    with TemporaryDirectory() as room:
        draft = Path(room) / ADDIN
        with excel.create_new(draft) as file:
            project = file.vba_project()
            for name, source in modules().items():
                project.add_module(name, source)
            project.delete_module("Module1")
            file.save()
        write_parts(path, with_ribbon(read_parts(draft)))


def write_template(path: Path, lang: Lang = Lang.ZH) -> None:
    """The shop's workbook with modules and ribbon."""
    excel = _excel_file()
    with TemporaryDirectory() as room:
        plain, draft = Path(room) / "plain.xlsx", Path(room) / TEMPLATE
        build_workbook(plain, lang)
        write_parts(draft, _macro_enabled(read_parts(plain)))
        with excel(draft) as file:
            project = file.add_vba_project()
            for name, source in modules().items():
                project.add_module(name, source)
            file.save()
        write_parts(path, with_ribbon(read_parts(draft)))


def _excel_file() -> Any:
    """pyOpenVBA's file class; loaded when a file is built, not with the program."""
    return importlib.import_module("pyopenvba").ExcelFile


def _macro_enabled(parts: Parts) -> Parts:
    return {**parts, _TYPES: _replaced(parts[_TYPES], _PLAIN, _MACROS)}


def with_ribbon(parts: Parts) -> Parts:
    """The parts of a workbook with the ribbon among them."""
    link = f'<Relationship Id="rIdBiaomao" Type="{RELATIONSHIP}" Target="{PART}"/></Relationships>'
    rels = _replaced(parts[_RELS], "</Relationships>", link)
    types = parts[_TYPES]
    if b'Extension="xml"' not in types:
        types = _replaced(
            types, "<Override", '<Default Extension="xml" ContentType="application/xml"/><Override'
        )
    return {**parts, _RELS: rels, _TYPES: types, PART: ribbon_xml().encode()}


def _replaced(part: bytes, old: str, new: str) -> bytes:
    text = part.decode("utf-8")
    if old not in text:
        raise ValueError(f"the workbook has no {old}")
    return text.replace(old, new, 1).encode("utf-8")


def read_parts(path: Path) -> Parts:
    """The parts of a workbook file by name, in their order."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_parts(path: Path, parts: Parts) -> None:
    """A workbook file from its parts: the content types first, the others by name, one fixed time for all."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda one: (one != _TYPES, one)):
            entry = zipfile.ZipInfo(name, _MADE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, parts[name])
