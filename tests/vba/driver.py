"""Runs beside a headless LibreOffice of its own and does what it is told, a JSON line at a time.

Started by `office.py` with the interpreter that can import uno: `driver.py PROFILE PIPE`. It imports nothing of ours.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

for place in os.environ.get("UNO_PATH", "").split(os.pathsep):
    if place:
        sys.path.append(place)

uno = importlib.import_module("uno")

START_SECONDS = 60


def named(name: str, value: object) -> Any:
    one = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    one.Name, one.Value = name, value
    return one


def connect(pipe: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(START_SECONDS * 4):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.25)
            continue
        return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    raise SystemExit("no LibreOffice")


class Driver:
    def __init__(self, desktop: Any) -> None:
        self.desktop, self.file = desktop, None

    def open(self, path: str) -> bool:
        self.close()
        url = uno.systemPathToFileUrl(path)
        self.file = self.desktop.loadComponentFromURL(
            url, "_blank", 0, (named("MacroExecutionMode", 4), named("Hidden", True))
        )
        return self.file is not None

    def close(self) -> None:
        if self.file is not None:
            self.file.close(True)
            self.file = None

    def run(self, macro: str, *words: object) -> object:
        url = f"vnd.sun.star.script:VBAProject.{macro}?language=Basic&location=document"
        return self.file.getScriptProvider().getScript(url).invoke(tuple(words), (), ())[0]

    def put(self, sheet: int, cell: str, value: object) -> None:
        at = self.file.Sheets.getByIndex(sheet).getCellRangeByName(cell)
        if isinstance(value, str):
            at.setString(value)
        else:
            at.setValue(float(value))  # type: ignore[arg-type]

    def formulas(self, sheet: int, first: int, texts: list[str]) -> list[list[object]]:
        """Put formulas into column A from a row on; each cell's text, number and error."""
        page, shown = self.file.Sheets.getByIndex(sheet), []
        for n, text in enumerate(texts):
            cell = page.getCellByPosition(0, first + n)
            cell.setFormula(text)
            shown.append([cell.String, cell.Value, cell.getError()])
        return shown

    def array(self, sheet: int, area: str, text: str) -> list[list[object]]:
        cells = self.file.Sheets.getByIndex(sheet).getCellRangeByName(area)
        cells.setArrayFormula(text)
        return [list(row) for row in cells.getDataArray()]

    def sheet(self, name: str) -> int:
        self.file.Sheets.insertNewByName(name, 0)
        return 0


def main(profile: str, pipe: str) -> None:
    command = [
        "soffice", "--headless", "--norestore", "--nologo", "--nodefault", f"-env:UserInstallation={profile}",
        f"--accept=pipe,name={pipe};urp",
    ]  # fmt: skip
    office = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        driver = Driver(connect(pipe))
        print("ready", flush=True)
        for line in sys.stdin:
            name, words = json.loads(line)
            try:
                answer = {"result": getattr(driver, name)(*words)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"[:500]}
            print(json.dumps(answer), flush=True)
        driver.close()
        driver.desktop.terminate()
        office.wait(15)
    except Exception as error:
        print(json.dumps({"error": str(error)}), flush=True)
    finally:
        if office.poll() is None:
            os.killpg(office.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
