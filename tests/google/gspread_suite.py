"""Run gspread's own tests against the stand-in.

    python -m tests.google.gspread_suite FOLDER [arguments for pytest]

FOLDER is a checkout of https://github.com/burnash/gspread (tag v6.2.1) or a folder holding its `tests/`; its tests are not in
the sdist on PyPI, and nothing of them is kept here. Seen to pass whole: 119 tests of cells, clients, spreadsheets and worksheets;
those of `utils_test.py` make no request. Run it from the root of this project with a Python that has
`gspread==6.2.1 "pytest<9" pytest-vcr vcrpy pytest-timeout google-api-python-client cryptography`: pytest 9 refuses a mark that
gspread 6.2.1's tests put on a fixture. The cassettes are not used (`--disable-vcr`): every request goes to the sandbox.
Exit status and report are pytest's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Run the suite; pytest's exit status, or 2 without a folder."""
    if not arguments or not (Path(arguments[0]) / "tests").is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    command = [
        sys.executable,
        "-P",
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.google.gspread_plugin",
        "--disable-vcr",
    ]
    command += [
        "-p",
        "no:cacheprovider",
        "--timeout=60",
        "-W",
        "ignore",
        "-c",
        os.devnull,
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GS_RECORD_MODE": "none", "NO_PROXY": "127.0.0.1"}
    folder = Path(arguments[0]).resolve()
    command += ["--rootdir", str(folder), str(folder / "tests"), *arguments[1:]]
    files = ["-o", "python_files=*_test.py"]
    return subprocess.run([*command, *files], cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
