"""What the buttons show in Calc's window. Everything here runs in the window's own thread."""

from __future__ import annotations

from typing import Any

import uno
import unohelper
from com.sun.star.awt import XActionListener
from com.sun.star.lang import DisposedException
from com.sun.star.uno import RuntimeException

from addin.libreoffice.inside.hub import Job

BAR = "biaomao"
SUCCESS, WARNING = 1, 2
"""com.sun.star.frame.InfobarType."""
POSITION = 3
"""com.sun.star.awt.PosSize: both coordinates, not the size."""
_GONE = (DisposedException, RuntimeException)
"""The window may be closed while a job runs."""


class Window:
    """One document window: its progress bar, and a bar with the sentence."""

    def __init__(self, context: Any, frame: Any) -> None:
        self.context, self.frame = context, frame
        self.url = str(self._document().URL)
        self._indicator: Any = None

    def _document(self) -> Any:
        return self.frame.Controller.Model

    @property
    def has_unsaved(self) -> bool:
        """Whether the document holds what the file does not."""
        try:
            return bool(self._document().isModified())
        except _GONE:
            return False

    @property
    def language(self) -> str:
        """`zh` or `en`, as the office speaks."""
        service = "com.sun.star.configuration.ConfigurationProvider"
        provider = self.context.ServiceManager.createInstanceWithContext(service, self.context)
        node = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        node.Name, node.Value = "nodepath", "/org.openoffice.Setup/L10N"
        access = provider.createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationAccess", (node,)
        )
        locale = str(access.getByName("ooLocale") or "zh")
        return "zh" if locale.startswith("zh") else "en"

    def begin(self) -> None:
        """A command was taken: the last sentence goes, the progress bar comes."""
        try:
            if self.frame.Controller.hasInfobar(BAR):
                self.frame.Controller.removeInfobar(BAR)
            self._indicator = self.frame.createStatusIndicator()
            self._indicator.start("表猫", 100)
        except _GONE:
            self._indicator = None

    def progress(self, job: Job) -> None:
        """How far it is."""
        if self._indicator is None:
            return
        try:
            self._indicator.setText(f"{job['label']}:{job['step']}" if job["step"] else f"{job['label']}…")
            self._indicator.setValue(round(float(job["progress"]) * 100))
        except _GONE:
            self._indicator = None

    def end(self, sentence: str, *, good: bool) -> None:
        """It is over: one sentence in a bar above the sheet, which goes when it is closed or at the next command."""
        try:
            if self._indicator is not None:
                self._indicator.end()
            controller = self.frame.Controller
            if controller.hasInfobar(BAR):
                controller.removeInfobar(BAR)
            shown = sentence.replace("~", "~~")  # a single one marks the next letter as a shortcut
            controller.appendInfobar(BAR, "表猫", shown, SUCCESS if good else WARNING, (), True)
        except _GONE:
            return
        finally:
            self._indicator = None

    def recalculate(self) -> None:
        """Work every formula out again: the shop has changed."""
        try:
            self._document().calculateAll()
        except _GONE:
            return

    def selected_text(self) -> str:
        """The text of the selected cell."""
        cell = self._document().CurrentSelection
        return str(getattr(cell, "String", "") or "")


class _Answer(unohelper.Base, XActionListener):
    """Ends a dialog with what its button means."""

    def __init__(self, dialog: Any) -> None:
        self._dialog = dialog
        self.text: str | None = None

    def actionPerformed(self, event: Any) -> None:
        """OK was pressed."""
        field = self._dialog.getControl("text")
        self.text = str(field.Text) if field is not None else ""
        self._dialog.endExecute()

    def disposing(self, _: Any) -> None:
        """The dialog is gone."""


def ask_first(window: Window, command: dict[str, str], lang: str) -> str | None:
    """The command's question in a box, and its argument as typed, "" for none; None where the person changed their mind.

    The argument begins with the order number in the selected cell.
    """
    service = "com.sun.star.awt.UnoControlDialogModel"
    model = window.context.ServiceManager.createInstanceWithContext(service, window.context)
    model.Width, model.Height, model.Title = 200, 76, f"表猫 · {command[lang]}"
    zh, about = lang == "zh", command[f"asks_{lang}"] or command[f"about_{lang}"]
    _put(model, "FixedText", "about", (8, 6, 184, 18), Label=about, MultiLine=True)
    if command[f"argument_{lang}"]:
        _put(model, "FixedText", "label", (8, 26, 184, 10), Label=command[f"argument_{lang}"])
        found = window.selected_text().strip()
        _put(
            model, "Edit", "text", (8, 37, 184, 13), Text=found if found.isdigit() and len(found) > 15 else ""
        )
    _put(model, "Button", "ok", (88, 57, 50, 14), Label="确定" if zh else "OK", DefaultButton=True)
    _put(model, "Button", "no", (142, 57, 50, 14), Label="取消" if zh else "Cancel", PushButtonType=2)
    service = "com.sun.star.awt.UnoControlDialog"
    dialog = window.context.ServiceManager.createInstanceWithContext(service, window.context)
    dialog.setModel(model)
    parent = window.frame.ContainerWindow
    dialog.createPeer(parent.Toolkit, parent)
    outer, inner = parent.PosSize, dialog.PosSize
    middle = ((outer.Width - inner.Width) // 2, (outer.Height - inner.Height) // 3)
    dialog.setPosSize(max(0, middle[0]), max(0, middle[1]), 0, 0, POSITION)
    answer = _Answer(dialog)
    dialog.getControl("ok").addActionListener(answer)
    try:
        dialog.execute()
    finally:
        dialog.dispose()
    return answer.text


def _put(model: Any, kind: str, name: str, place: Any, **properties: Any) -> None:
    control = model.createInstance(f"com.sun.star.awt.UnoControl{kind}Model")
    control.PositionX, control.PositionY, control.Width, control.Height = place
    for key, value in properties.items():
        setattr(control, key, value)
    model.insertByName(name, control)
