"""Is the workbook open in a spreadsheet program? Then it is not written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from workbook_templates.schema import Lang


def open_elsewhere(path: Path, lang: Lang) -> str:
    """A sentence saying who has the workbook open; "" if nobody does."""
    owner = path.with_name(f"~${path.name}")
    if not owner.exists() and len(path.stem) > 8:  # Office shortens the owner file's name for long names
        shortened = path.with_name(f"~${path.name[2:]}")
        owner = shortened if shortened.exists() else owner
    if owner.exists():
        return _sentence(path, _office_user(owner), owner, lang)
    lock = path.with_name(f".~lock.{path.name}#")
    if lock.exists():
        return _sentence(path, _libreoffice_user(lock), lock, lang)
    if sys.platform == "win32" and path.exists() and not _exclusive(path):
        return _sentence(path, "", path, lang)
    return ""


def _sentence(path: Path, who: str, lock: Path, lang: Lang) -> str:
    by_zh, by_en = (f"(由 {who} 打开)", f" (by {who})") if who else ("", "")
    if lang is Lang.EN:
        return (
            f"{path.name} is open{by_en}: changes wait and go in once it is closed. "
            f"If nobody has it open, delete {lock.name} beside it."
        )
    return f"{path.name} 正被打开{by_zh},改动先留着,关闭后自动写入;若确定没人打开,请删除旁边的 {lock.name}"


def _office_user(owner: Path) -> str:
    try:
        data = owner.read_bytes()
    except OSError:
        return ""
    if len(data) < 2:
        return ""
    return data[1 : 1 + data[0]].decode("gbk", "replace").strip("\x00 ") if data[0] < 54 else ""


def _libreoffice_user(lock: Path) -> str:
    try:
        parts = lock.read_text("utf-8", "replace").split(",")
    except OSError:
        return ""
    return next((part for part in parts[:2] if part.strip()), "LibreOffice")


def _exclusive(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except PermissionError:
        return False
    os.close(handle)
    return True
