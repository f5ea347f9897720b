"""The extension as one file, the same bytes every time."""

from __future__ import annotations

import json
import zipfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from addin.libreoffice import bundle, idl, registry
from addin.libreoffice.names import (
    BUTTONS_IMPLEMENTATION,
    DOOR_IMPLEMENTATION,
    EXTENSION,
    FILE,
    FUNCTIONS_IMPLEMENTATION,
    INTERFACE,
    SERVICE,
    STOP,
    WORKER_IMPLEMENTATION,
    method,
)
from formulas.catalogue import FUNCTIONS
from formulas.declare import Function, Takes
from workbook_templates import VERSION
from workbook_templates.commands import COMMANDS_LIST

OLDEST = "7.0"
"""The first LibreOffice whose windows can show a bar with a sentence."""
_TYPES, _PYTHON, _SETTINGS = (
    "application/vnd.sun.star.uno-typelibrary;type=RDB",
    "application/vnd.sun.star.uno-component;type=Python",
    "application/vnd.sun.star.configuration-data",
)
_PARTS = (
    (f"{INTERFACE}.idl", _TYPES),
    ("functions.py", _PYTHON),
    ("buttons.py", _PYTHON),
    ("door.py", _PYTHON),
    ("CalcAddIns.xcu", _SETTINGS),
    ("ProtocolHandler.xcu", _SETTINGS),
    ("Addons.xcu", _SETTINGS),
    ("CalcWindowState.xcu", _SETTINGS),
    ("Jobs.xcu", _SETTINGS),
)
"""In the order LibreOffice registers them: types first."""

_LICENCE = """MIT License

Copyright (c) 2026 The Biaomao authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def build(out: Path) -> list[Path]:
    """Write the extension into `out`; gives the files written."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / FILE
    path.write_bytes(packed(parts()))
    return [path]


def packed(files_in: dict[str, bytes]) -> bytes:
    """A zip without times, in the order of names and not compressed: no library's version shows in it."""
    room = BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files_in.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return room.getvalue()


def parts() -> dict[str, bytes]:
    """Every file of the extension by name."""
    texts = {f"pythonpath/{name}": text for name, text in bundle.sources().items()}
    texts |= {
        one.name: bundle.renamed(one.read_text("utf-8"))
        for one in bundle.inside()
        if one.name in bundle.COMPONENTS
    }
    texts |= {
        f"pythonpath/{bundle.HOUSE}/declared.json": declared(),
        f"{INTERFACE}.idl": idl.interface(),
        "description.xml": _description(),
        "META-INF/manifest.xml": _manifest(),
        "registration/LICENSE": _LICENCE,
    }
    icons = files("addin.libreoffice").joinpath("icons")
    return {
        **{name: text.encode() for name, text in texts.items()},
        **{f"icons/{one.name}": one.read_bytes() for one in icons.iterdir() if one.name.endswith(".png")},
        "CalcAddIns.xcu": registry.functions(),
        "ProtocolHandler.xcu": registry.protocol(),
        "Addons.xcu": registry.menu(),
        "CalcWindowState.xcu": registry.toolbar(),
        "Jobs.xcu": registry.jobs(),
    }


def declared() -> str:
    """What the code inside needs to know of the declarations, as JSON."""
    data = {
        "service": SERVICE,
        "protocol": EXTENSION,
        "stop": STOP,
        "functions_implementation": FUNCTIONS_IMPLEMENTATION,
        "buttons_implementation": BUTTONS_IMPLEMENTATION,
        "door_implementation": DOOR_IMPLEMENTATION,
        "worker_implementation": WORKER_IMPLEMENTATION,
        "functions": [(one.name, method(one.name), one.query, _blanks(one)) for one in FUNCTIONS],
        "commands": {
            one.name: {
                "zh": one.label_zh, "en": one.label_en, "about_zh": one.zh, "about_en": one.en,
                "argument_zh": one.argument_zh, "argument_en": one.argument_en,
                "asks_zh": one.asks_zh, "asks_en": one.asks_en,
            }
            for one in COMMANDS_LIST
        },
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _blanks(function: Function) -> list[int]:
    """Which arguments are texts, dates or months: there Calc's 0 is an empty cell."""
    words = (Takes.TEXT, Takes.DATE, Takes.MONTH)
    return [number for number, one in enumerate(function.arguments) if one.takes in words]


def _description() -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<description xmlns="http://openoffice.org/extensions/description/2006" xmlns:xlink="http://www.w3.org/1999/xlink">
 <identifier value="{EXTENSION}"/>
 <version value="{VERSION}"/>
 <dependencies>
  <d:LibreOffice-minimal-version xmlns:d="http://libreoffice.org/extensions/description/2011" value="{OLDEST}"/>
 </dependencies>
 <display-name><name lang="en">Biaomao</name><name lang="zh-CN">表猫</name></display-name>
 <icon><default xlink:href="icons/sync-26.png"/></icon>
</description>
"""


def _manifest() -> str:
    entries = "".join(
        f' <manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>\n'
        for name, kind in _PARTS
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n'
    return f"{head}{entries}</manifest:manifest>\n"
