"""The add-in's XML manifest: custom tab, buttons, task pane, shared runtime and functions, in both languages."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from formulas.declare import PREFIX
from workbook_templates.commands import COMMANDS_LIST, Command
from workbook_templates.schema import Lang

ID = "7b2f5c86-3f0e-4c0a-9d55-6f1b7a3f2c11"
SIZES = (16, 32, 80)
_APP = "http://schemas.microsoft.com/office/appforoffice/1.1"
_TYPES = "http://schemas.microsoft.com/office/officeappbasictypes/1.0"
_VERSIONS = "http://schemas.microsoft.com/office/taskpaneappversionoverrides"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE = f"{{{_XSI}}}type"
SHORT, LONG = 125, 250
"""Longest strings a manifest may hold."""
GROUPS: tuple[tuple[str, str, str], ...] = (
    ("work", "同步与发货", "Sync and ship"), ("care", "工作簿", "Workbook"),
)  # fmt: skip
CARE = frozenset({"backup", "upgrade", "restore_rows", "accept_deletion"})
"""Commands of the second group; all others, new ones too, are in the first."""


@dataclass(slots=True)
class _Resources:
    """What the manifest names by id: (id, Chinese or only value, English)."""

    images: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    short: dict[str, tuple[str, str]] = field(default_factory=dict)
    long: dict[str, tuple[str, str]] = field(default_factory=dict)


def manifest(base: str, version: str) -> bytes:
    """The manifest of an add-in whose pages are served at `base` (https, without a slash at the end)."""
    ET.register_namespace("", _VERSIONS)
    ET.register_namespace("bt", _TYPES)
    ET.register_namespace("xsi", _XSI)
    found = _Resources(urls={
        "Pane": f"{base}/index.html", "Functions": f"{base}/functions.js", "Metadata": f"{base}/functions.json",
    })  # fmt: skip
    overrides = ET.Element(f"{{{_VERSIONS}}}VersionOverrides", {_TYPE: "VersionOverridesV1_0"})
    host = _sub(_sub(overrides, "Hosts"), "Host", {_TYPE: "Workbook"})
    _sub(_sub(host, "Runtimes"), "Runtime", {"resid": "Pane", "lifetime": "long"})
    _functions(_sub(host, "AllFormFactors"), found)
    desktop = _sub(host, "DesktopFormFactor")
    _sub(desktop, "FunctionFile", {"resid": "Pane"})
    _ribbon(_sub(desktop, "ExtensionPoint", {_TYPE: "PrimaryCommandSurface"}), base, found)
    _resources(_sub(overrides, "Resources"), found)
    ET.indent(overrides)
    inner = ET.tostring(overrides, "unicode").replace(f' xmlns:xsi="{_XSI}"', "")
    return _outer(base, version, inner).encode()


def _outer(base: str, version: str, overrides: str) -> str:
    inside = "\n  ".join(overrides.splitlines())
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<OfficeApp xmlns="{_APP}" xmlns:xsi="{_XSI}" xsi:type="TaskPaneApp">
  <Id>{ID}</Id>
  <Version>{version}</Version>
  <ProviderName>Biaomao</ProviderName>
  <DefaultLocale>zh-CN</DefaultLocale>
  <DisplayName DefaultValue="表猫"><Override Locale="en-US" Value="Biaomao" /></DisplayName>
  <Description DefaultValue="天猫店铺的订单、面单和库存:单元格里的函数,功能区里的按钮。"><Override Locale="en-US" Value="Orders, waybills and stock of a Tmall shop: functions in cells, buttons in the ribbon." /></Description>
  <IconUrl DefaultValue="{base}/mark-32.png" />
  <HighResolutionIconUrl DefaultValue="{base}/mark-80.png" />
  <SupportUrl DefaultValue="{base}/index.html" />
  <Hosts><Host Name="Workbook" /></Hosts>
  <Requirements><Sets DefaultMinVersion="1.1"><Set Name="SharedRuntime" MinVersion="1.1" /><Set Name="CustomFunctionsRuntime" MinVersion="1.2" /></Sets></Requirements>
  <DefaultSettings><SourceLocation DefaultValue="{base}/index.html" /></DefaultSettings>
  <Permissions>ReadDocument</Permissions>
  {inside}
</OfficeApp>
"""


def _sub(parent: ET.Element, name: str, attributes: dict[str, str] | None = None) -> ET.Element:
    return ET.SubElement(parent, f"{{{_VERSIONS}}}{name}", attributes or {})


def _functions(parent: ET.Element, found: _Resources) -> None:
    point = _sub(parent, "ExtensionPoint", {_TYPE: "CustomFunctions"})
    for name, resource in (("Script", "Functions"), ("Page", "Pane"), ("Metadata", "Metadata")):
        _sub(_sub(point, name), "SourceLocation", {"resid": resource})
    _sub(point, "Namespace", {"resid": "Namespace"})
    found.short["Namespace"] = (PREFIX, PREFIX)


def _ribbon(point: ET.Element, base: str, found: _Resources) -> None:
    tab = _sub(point, "CustomTab", {"id": "bm.tab"})
    for name, zh, en in GROUPS:
        group = _sub(tab, "Group", {"id": f"bm.{name}"})
        found.short[f"Group.{name}"] = (zh, en)
        _sub(group, "Label", {"resid": f"Group.{name}"})
        _icon(group, "mark", base, found)
        for command in COMMANDS_LIST:
            if (command.name in CARE) == (name == "care"):
                _button(group, command, base, found)
        if name == "work":
            _pane_button(group, base, found)
    found.short["Tab"] = ("表猫", "Biaomao")
    _sub(tab, "Label", {"resid": "Tab"})


def _button(group: ET.Element, command: Command, base: str, found: _Resources) -> None:
    labels = (command.label(Lang.ZH), command.label(Lang.EN))
    control = _control(group, command.name, labels, (command.zh, command.en), base, found)
    action = _sub(control, "Action", {_TYPE: "ExecuteFunction"})
    _sub(action, "FunctionName").text = f"bm_{command.name}"


def _pane_button(group: ET.Element, base: str, found: _Resources) -> None:
    about = ("待处理、找订单、数据截至", "What needs you, order search, freshness")
    control = _control(group, "pane", ("窗格", "Pane"), about, base, found)
    action = _sub(control, "Action", {_TYPE: "ShowTaskpane"})
    _sub(action, "TaskpaneId").text = "bm.pane"
    _sub(action, "SourceLocation", {"resid": "Pane"})


def _control(
    group: ET.Element,
    name: str,
    labels: tuple[str, str],
    about: tuple[str, str],
    base: str,
    found: _Resources,
) -> ET.Element:
    control = _sub(group, "Control", {_TYPE: "Button", "id": f"bm.{name}.button"})
    found.short[f"{name}.label"], found.long[f"{name}.about"] = labels, about
    _sub(control, "Label", {"resid": f"{name}.label"})
    tip = _sub(control, "Supertip")
    _sub(tip, "Title", {"resid": f"{name}.label"})
    _sub(tip, "Description", {"resid": f"{name}.about"})
    _icon(control, name, base, found)
    return control


def _icon(parent: ET.Element, name: str, base: str, found: _Resources) -> None:
    icon = _sub(parent, "Icon")
    for size in SIZES:
        found.images[f"{name}.{size}"] = f"{base}/{name}-{size}.png"
        ET.SubElement(icon, f"{{{_TYPES}}}Image", {"size": str(size), "resid": f"{name}.{size}"})


def _resources(parent: ET.Element, found: _Resources) -> None:
    for name, tag, values in (("Images", "Image", found.images), ("Urls", "Url", found.urls)):
        room = _sub(parent, name)
        for key, value in values.items():
            ET.SubElement(room, f"{{{_TYPES}}}{tag}", {"id": key, "DefaultValue": value})
    for name, texts in (("ShortStrings", found.short), ("LongStrings", found.long)):
        room = _sub(parent, name)
        for key, (zh, en) in texts.items():
            one = ET.SubElement(room, f"{{{_TYPES}}}String", {"id": key, "DefaultValue": zh})
            if zh != en:
                ET.SubElement(one, f"{{{_TYPES}}}Override", {"Locale": "en-US", "Value": en})
