"""LibreOffice Calc: the functions as a Calc add-in, a menu and a toolbar with the commands, in one extension.

`build` writes it; `install`, `remove` and `status` see to the LibreOffice of this machine.
"""

from __future__ import annotations

from addin.libreoffice.installing import Office, find_office, install, remove, status
from addin.libreoffice.pack import build

__all__ = ["Office", "build", "find_office", "install", "remove", "status"]
