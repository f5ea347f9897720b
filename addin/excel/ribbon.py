"""The ribbon of the Excel add-in, made from the commands: one tab, its groups, a button for each command."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from workbook_templates.commands import COMMANDS_LIST

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
PART = "customUI/customUI14.xml"
RELATIONSHIP = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
CALLBACKS = ("BmOnLoad", "BmOnAction", "BmGetLabel", "BmGetScreentip", "BmGetSupertip")
"""Macros the ribbon calls; each stands in a module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of the ribbon or of a macro, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of buttons: its name, its caption, and the buttons in order."""

    name: str
    text: Text
    buttons: tuple[str, ...]


TAB = Text(zh="表猫", en="Biaomao")
_GROUPS = (
    Group(name="group_sync", text=Text(zh="同步", en="Sync"), buttons=("sync", "refresh")),
    Group(name="group_parcels", text=Text(zh="发货", en="Parcels"), buttons=("print", "ship", "reprint", "waves", "verify")),
    Group(name="group_rows", text=Text(zh="工作簿", en="Workbook"), buttons=("backup", "upgrade", "restore_rows", "accept_deletion")),
)  # fmt: skip
_HUB = Group(name="group_hub", text=Text(zh="连接", en="Connection"), buttons=("status", "stop"))
EXTRA = {
    "status": (
        Text(zh="状态", en="Status"),
        Text(
            zh="店铺现在怎样、数据截至什么时候、上一个函数为什么出错",
            en="How the shop stands, how fresh the answers are, why the last function failed",
        ),
    ),
    "stop": (
        Text(zh="停止", en="Stop"),
        Text(zh="让正在做的命令停在下一步", en="Stop the command under way at its next step"),
    ),
}
"""Buttons that are no commands of the engine: caption and help."""
_IMAGES = {
    "sync": "RefreshAll", "refresh": "Refresh", "print": "FilePrint", "ship": "FileSendAsAttachment",
    "reprint": "FilePrintQuick", "waves": "TableInsert", "verify": "ReviewAcceptChange", "restore_rows": "Undo", "accept_deletion": "ReviewAcceptChange", "backup": "FileSaveAs", "upgrade": "TableInsert",
    "status": "Help", "stop": "ReviewRejectChange",
}  # fmt: skip


def groups() -> tuple[Group, ...]:
    """The groups, with a last one for commands no group names, so that none is ever missing."""
    named = {button for group in _GROUPS for button in group.buttons}
    rest = tuple(command.name for command in COMMANDS_LIST if command.name not in named)
    known = {command.name for command in COMMANDS_LIST}
    kept = tuple(
        Group(name=group.name, text=group.text, buttons=tuple(b for b in group.buttons if b in known))
        for group in _GROUPS
    )
    more = (Group(name="group_more", text=Text(zh="更多", en="More"), buttons=rest),) if rest else ()
    return (*kept, *more, _HUB)


def ribbon_xml() -> str:
    """The ribbon part. Captions come from macros, in the language Excel speaks."""
    body = "".join(_group(group) for group in groups())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<customUI xmlns="{NAMESPACE}" onLoad="BmOnLoad"><ribbon><tabs>'
        f'<tab id="bm_tab" getLabel="BmGetLabel">{body}</tab></tabs></ribbon></customUI>\n'
    )


def _group(group: Group) -> str:
    buttons = "".join(_button(name, large=n == 0) for n, name in enumerate(group.buttons))
    return f'<group id="bm_{group.name}" getLabel="BmGetLabel">{buttons}</group>'


def _button(name: str, *, large: bool) -> str:
    image, size = _IMAGES.get(name, "MacroPlay"), "large" if large else "normal"
    return (
        f'<button id={quoteattr(f"bm_{name}")} size="{size}" imageMso="{image}" getLabel="BmGetLabel" '
        'getScreentip="BmGetScreentip" getSupertip="BmGetSupertip" onAction="BmOnAction"/>'
    )
