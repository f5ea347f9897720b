"""The configuration parts of the extension: functions and their help, menu, toolbar, buttons' protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

from addin.libreoffice.names import (
    BUTTONS_IMPLEMENTATION,
    DOOR_IMPLEMENTATION,
    EXTENSION,
    RECALCULATE,
    SERVICE,
    SHEETS,
    STOP,
    TOOLBAR,
    method,
    parameter,
)
from formulas.catalogue import FUNCTIONS
from formulas.declare import Argument, Function
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Lang

OOR = "http://openoffice.org/2001/registry"
LOCALES = {"en-US": Lang.EN, "zh-CN": Lang.ZH}
"""LibreOffice falls back to en-US for every language it is not told of."""
_UNITS = {
    "": "", "time": "", "元": "yuan", "件": "pieces", "单": "orders", "天": "days", "元 / 件": "yuan, pieces", "kg": "kg",
    "cm³": "cm³", "%": "%",
}  # fmt: skip
"""Units in English."""
ICONS = (*(command.name for command in COMMANDS_LIST), STOP)
BUTTONS = ("sync", "print", "ship", "refresh", "backup")
"""What stands in the toolbar; the menu has everything."""

ET.register_namespace("oor", OOR)

Text = str | Mapping[Lang, str]


def functions() -> bytes:
    """CalcAddIns.xcu: names, help and arguments of every function, in Chinese and English."""
    root = _root("CalcAddIns", "org.openoffice.Office")
    service = _node(_node(_node(root, "AddInInfo", replace=False), SERVICE), "AddInFunctions", replace=False)
    for function in FUNCTIONS:
        _function(service, function)
    return _written(root)


def _function(parent: ET.Element, function: Function) -> None:
    node = _node(parent, method(function.name))
    _prop(node, "DisplayName", dict.fromkeys(Lang, function.dotted))
    _prop(node, "Description", {lang: _help(function, lang) for lang in Lang})
    _prop(node, "Category", "Add-In")
    _prop(node, "CompatibilityName", dict.fromkeys(Lang, function.dotted))
    arguments = _node(node, "Parameters", replace=False)
    for number, argument in enumerate(function.arguments):
        one = _node(arguments, parameter(number))
        _prop(one, "DisplayName", {lang: argument.label(lang) for lang in Lang})
        _prop(one, "Description", {lang: _argument_help(argument, lang) for lang in Lang})


def _help(function: Function, lang: Lang) -> str:
    about = f"{function.about(lang)}{_unit(function.unit, lang)}"
    return (
        f"{about},例:{function.example}" if lang is Lang.ZH else f"{about}, for instance {function.example}"
    )


def _argument_help(argument: Argument, lang: Lang) -> str:
    optional = {Lang.ZH: "(可不填)", Lang.EN: " (optional)"}[lang] if argument.optional else ""
    return f"{argument.label(lang)}{_unit(argument.unit, lang)}{optional}"


def _unit(unit: str, lang: Lang) -> str:
    shown = _UNITS[unit]
    if not shown:
        return ""
    return f"({unit})" if lang is Lang.ZH else f" ({shown})"


def protocol() -> bytes:
    """ProtocolHandler.xcu: who answers to the buttons' addresses."""
    root = _root("ProtocolHandler", "org.openoffice.Office")
    node = _node(_node(root, "HandlerSet", replace=False), BUTTONS_IMPLEMENTATION)
    _prop(node, "Protocols", f"{EXTENSION}:*", kind="oor:string-list")
    return _written(root)


def menu() -> bytes:
    """Addons.xcu: the menu 表猫, the toolbar, and the icons of both."""
    root = _root("Addons", "org.openoffice.Office")
    ui = _node(root, "AddonUI", replace=False)
    bar = _node(_node(ui, "OfficeMenuBar", replace=False), f"{EXTENSION}.menu")
    _prop(bar, "Title", {Lang.ZH: "表猫", Lang.EN: "Biaomao"})
    _prop(bar, "Context", SHEETS)
    _items(_node(bar, "Submenu", replace=False), _entries())
    entries = {url.partition(":")[2]: (url, title) for url, title in _entries()}
    _items(
        _node(_node(ui, "OfficeToolBar", replace=False), TOOLBAR),
        [entries[name] for name in (*BUTTONS, STOP)],
    )
    images = _node(ui, "Images", replace=False)
    for name in ICONS:
        node = _node(images, f"{EXTENSION}.icon.{name}")
        _prop(node, "URL", address(name))
        pictures = _node(node, "UserDefinedImages", replace=False)
        _prop(pictures, "ImageSmallURL", f"%origin%/icons/{name}-16.png")
        _prop(pictures, "ImageBigURL", f"%origin%/icons/{name}-26.png")
    return _written(root)


def address(name: str) -> str:
    """What a button dispatches."""
    return f"{EXTENSION}:{name}"


def _entries() -> list[tuple[str, Text]]:
    commands: list[tuple[str, Text]] = [
        (address(one.name), {lang: one.label(lang) + _asks(one.argument_zh) for lang in Lang})
        for one in COMMANDS_LIST
    ]
    return [
        *commands,
        (address(STOP), {Lang.ZH: "停止", Lang.EN: "Stop"}),
        (RECALCULATE, {Lang.ZH: "重新计算全部公式", Lang.EN: "Recalculate all formulas"}),
    ]


def _asks(argument: str) -> str:
    return "…" if argument else ""


def _items(parent: ET.Element, entries: Iterable[tuple[str, Text]]) -> None:
    for number, (url, title) in enumerate(entries):
        node = _node(parent, f"m{number:02d}")
        _prop(node, "URL", url)
        _prop(node, "Title", title)
        _prop(node, "Target", "_self")
        _prop(node, "Context", SHEETS)


def toolbar() -> bytes:
    """CalcWindowState.xcu: the toolbar's name and place; icons with their captions."""
    root = _root("CalcWindowState", "org.openoffice.Office.UI")
    states = _node(_node(root, "UIElements", replace=False), "States", replace=False)
    node = _node(states, f"private:resource/toolbar/addon_{TOOLBAR}")
    _prop(node, "UIName", {Lang.ZH: "表猫", Lang.EN: "Biaomao"})
    _prop(node, "Docked", "true", kind="xs:boolean")
    _prop(node, "Visible", "true", kind="xs:boolean")
    _prop(node, "DockPos", "0,3", kind="xs:string")
    _prop(node, "DockingArea", "0", kind="xs:int")
    _prop(node, "Style", "2", kind="xs:int")
    return _written(root)


def jobs() -> bytes:
    """Jobs.xcu: who is told when a document was opened."""
    root = _root("Jobs", "org.openoffice.Office")
    job = _node(_node(root, "Jobs", replace=False), DOOR_IMPLEMENTATION)
    _prop(job, "Service", DOOR_IMPLEMENTATION, kind="xs:string")
    event = _node(_node(root, "Events", replace=False), "onDocumentOpened", replace=False)
    event.set(f"{{{OOR}}}op", "fuse")
    _node(_node(event, "JobList", replace=False), DOOR_IMPLEMENTATION)
    return _written(root)


def _root(name: str, package: str) -> ET.Element:
    root = ET.Element(f"{{{OOR}}}component-data", {f"{{{OOR}}}name": name, f"{{{OOR}}}package": package})
    root.set("xmlns:xs", "http://www.w3.org/2001/XMLSchema")
    return root


def _node(parent: ET.Element, name: str, *, replace: bool = True) -> ET.Element:
    node = ET.SubElement(parent, "node", {f"{{{OOR}}}name": name})
    if replace:
        node.set(f"{{{OOR}}}op", "replace")
    return node


def _prop(parent: ET.Element, name: str, text: Text, *, kind: str = "xs:string") -> None:
    prop = ET.SubElement(parent, "prop", {f"{{{OOR}}}name": name, f"{{{OOR}}}type": kind})
    if isinstance(text, str):
        ET.SubElement(prop, "value").text = text
        return
    for locale, lang in LOCALES.items():
        ET.SubElement(prop, "value", {"xml:lang": locale}).text = text[lang]


def _written(root: ET.Element) -> bytes:
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"
