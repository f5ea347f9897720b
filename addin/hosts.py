"""The programs the add-ins are for: what is built for each, and how it gets in, out and is looked after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sync_engine.errors import UserError
from workbook_templates.schema import Lang
from workbook_templates.words import say

Build = Callable[[Path, str], list[Path]]
Act = Callable[[Lang], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One program.

    `build` writes its artefacts into a folder of its own (told where pages will be served); `install`, `remove` and
    `status` act on this machine and answer with one sentence. UserError where the person has to do something first.
    """

    name: str
    label: str
    build: Build
    install: Act
    remove: Act
    status: Act


def _excel() -> Host:
    from addin import excel

    return Host(
        name="excel", label="Excel (Windows, macOS)", build=lambda out, _: excel.build(out),
        install=lambda lang: excel.install(lang=lang).sentence, remove=lambda lang: excel.remove(lang=lang).sentence,
        status=lambda lang: excel.status(lang=lang).sentence,
    )  # fmt: skip


def _libreoffice() -> Host:
    from addin import libreoffice

    def status(lang: Lang) -> str:
        found = libreoffice.status()
        if found is None:
            return say(
                lang,
                "没有安装:biaomao addin install libreoffice",
                "Not installed: biaomao addin install libreoffice",
            )
        return say(lang, f"已安装,版本 {found}", f"Installed, version {found}")

    return Host(
        name="libreoffice", label="LibreOffice Calc", build=lambda out, _: libreoffice.build(out),
        install=lambda lang: libreoffice.install(lang=lang), remove=lambda lang: libreoffice.remove(lang=lang), status=status,
    )  # fmt: skip


def _office() -> Host:
    from addin import office

    def steps(lang: Lang) -> str:
        return say(
            lang,
            "先运行 biaomao addin build --base 您的https网址,把 office 文件夹放到那个网址下,再在 Excel 的 插入 → 我的加载项 → "
            "上传 里选 manifest.xml;用 biaomao serve --origin 那个网址 启动",
            "Run biaomao addin build --base YOUR-HTTPS-ADDRESS, serve the folder office there, and choose manifest.xml under "
            "Insert → My Add-ins → Upload in Excel; start biaomao serve --origin THAT-ADDRESS",
        )

    def none(lang: Lang) -> str:
        return say(
            lang,
            "在 Excel 的 插入 → 我的加载项 里管理",
            "Managed in Excel, under Insert → My Add-ins",
        )

    return Host(
        name="office", label="Excel (Office.js)", build=lambda out, base: office.build(out, base), install=steps,
        remove=none, status=none,
    )  # fmt: skip


def _google() -> Host:
    from addin import google

    def steps(lang: Lang) -> str:
        return say(
            lang,
            "先运行 biaomao addin build,再在表格的 扩展程序 → Apps 脚本 里粘贴 google 文件夹的各个文件并保存",
            "Run biaomao addin build, then paste the files of the folder google under Extensions → Apps Script and save",
        )

    def none(lang: Lang) -> str:
        return say(
            lang,
            "在表格的 扩展程序 → Apps 脚本 里管理",
            "Managed in the spreadsheet, under Extensions → Apps Script",
        )

    return Host(
        name="google", label="Google Sheets", build=lambda out, _: google.build(out / "google"), install=steps,
        remove=none, status=none,
    )  # fmt: skip


_HOSTS: dict[str, Callable[[], Host]] = {
    "excel": _excel, "libreoffice": _libreoffice, "office": _office, "google": _google,
}  # fmt: skip
NAMES = tuple(_HOSTS)


def host(name: str) -> Host:
    """A host by name. UserError for one there is not."""
    if name not in _HOSTS:
        raise UserError(
            f"没有 {name} 这种程序,可选:{' '.join(NAMES)} / no such program, there are: {' '.join(NAMES)}"
        )
    return _HOSTS[name]()


def build(out: Path, base: str, names: tuple[str, ...] = NAMES) -> list[Path]:
    """Every artefact of the hosts named."""
    out.mkdir(parents=True, exist_ok=True)
    return [path for name in names for path in host(name).build(out, base)]
