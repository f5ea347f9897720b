"""Putting the add-in where Excel looks for it, taking it away, and telling where it stands.

Windows: the AddIns folder, the user ticks it once. macOS: Excel's own folder for add-ins, and beside it the script
that may leave Excel's sandbox. Where an Office was set up otherwise, the environment variable names the folder.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from addin.excel.package import ADDIN, write_addin
from workbook_templates.schema import Lang
from workbook_templates.words import say

PLACE = "BIAOMAO_EXCEL_ADDINS"
"""The environment variable that names the folder of add-ins where it is not the usual one."""
MAC_SCRIPTS = ("biaomao.applescript", "biaomao.sh")
_MAC_ADDINS = Path("Library/Group Containers/UBF8T346G9.Office/User Content/Add-Ins")
_MAC_SCRIPTS = Path("Library/Application Scripts/com.microsoft.Excel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the add-in goes; `scripts` is where macOS lets Excel run scripts from."""

    addins: Path
    scripts: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What became of the add-in: whether it is there, and one sentence."""

    installed: bool
    sentence: str


def place(platform: str | None = None, home: Path | None = None) -> Place | None:
    """Where Excel of this user keeps add-ins; None where there is no desktop Excel."""
    platform, home, named = platform or sys.platform, home or Path.home(), os.environ.get(PLACE)
    if platform == "darwin":
        return Place(addins=Path(named) if named else home / _MAC_ADDINS, scripts=home / _MAC_SCRIPTS)
    if platform.startswith("win"):
        roaming = os.environ.get("APPDATA") or str(home / "AppData" / "Roaming")
        return Place(addins=Path(named) if named else Path(roaming) / "Microsoft" / "AddIns")
    return Place(addins=Path(named)) if named else None


def install(platform: str | None = None, home: Path | None = None, lang: Lang = Lang.ZH) -> Standing:
    """Write the add-in into Excel's folder; says what the person still has to do."""
    where = place(platform, home)
    if where is None:
        return _no_excel(lang)
    where.addins.mkdir(parents=True, exist_ok=True)
    try:
        write_addin(where.addins / ADDIN)
    except PermissionError:
        return Standing(installed=False, sentence=_in_use(lang))
    if where.scripts is not None:
        where.scripts.mkdir(parents=True, exist_ok=True)
        for name in MAC_SCRIPTS:
            (where.scripts / name).write_bytes(_source(name))
    return Standing(installed=True, sentence=_tick(where, lang))


def remove(platform: str | None = None, home: Path | None = None, lang: Lang = Lang.ZH) -> Standing:
    """Take the add-in out of Excel's folder; nothing else there is touched."""
    where = place(platform, home)
    if where is None:
        return _no_excel(lang)
    try:
        (where.addins / ADDIN).unlink(missing_ok=True)
    except PermissionError:
        return Standing(installed=True, sentence=_in_use(lang))
    for name in MAC_SCRIPTS if where.scripts is not None else ():
        ((where.scripts or where.addins) / name).unlink(missing_ok=True)
    return Standing(installed=False, sentence=say(lang, "已从 Excel 移除", "Removed from Excel"))


def status(platform: str | None = None, home: Path | None = None, lang: Lang = Lang.ZH) -> Standing:
    """Whether the add-in stands in Excel's folder."""
    where = place(platform, home)
    if where is None:
        return _no_excel(lang)
    path = where.addins / ADDIN
    if path.is_file():
        return Standing(installed=True, sentence=say(lang, f"已安装:{path}", f"Installed: {path}"))
    return Standing(installed=False, sentence=say(lang, f"没有安装:{path}", f"Not installed: {path}"))


def _source(name: str) -> bytes:
    return files("macros").joinpath("vba").joinpath(f"{name}.txt").read_bytes()


def _no_excel(lang: Lang) -> Standing:
    return Standing(
        installed=False,
        sentence=say(
            lang,
            "这台机器没有桌面版 Excel:可用 biaomao addin build 生成 biaomao.xlam,拷到 Windows 或 macOS 上",
            "No desktop Excel here: biaomao addin build makes biaomao.xlam for a Windows or macOS machine",
        ),
    )


def _in_use(lang: Lang) -> str:
    return say(
        lang,
        "Excel 正开着这个加载项:请关闭 Excel 再试",
        "Excel has the add-in open: close Excel and try again",
    )


def _tick(where: Place, lang: Lang) -> str:
    path = where.addins / ADDIN
    if where.scripts is not None:
        return say(
            lang,
            f"已放到 {path}:在 Excel 的 工具 → Excel 加载项 里勾选 Biaomao",
            f"Written to {path}: tick Biaomao under Tools → Excel Add-ins in Excel",
        )
    return say(
        lang,
        f"已放到 {path}:在 Excel 的 文件 → 选项 → 加载项 → 转到 里勾选 Biaomao",
        f"Written to {path}: tick Biaomao under File → Options → Add-ins → Go in Excel",
    )
