"""Every store with many rows: `python -m tests.stores.large [--rows 100000] [arguments for pytest]`.

The contract's own case, which the suite runs with a few hundred rows: all come in, each stands once with its own values, a
hundred change, the rest is quiet. Minutes, and gigabytes for the Google stand-in; `-k TestXlsx` and the like are pytest's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys


def main() -> int:
    """Pytest's exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    asked, more = parser.parse_known_args()
    environment = os.environ | {"BIAOMAO_CONTRACT_ROWS": str(asked.rows)}
    wanted = [] if any(each.startswith("-k") for each in more) else ["-k", "many_rows"]
    command = [sys.executable, "-P", "-m", "pytest", "-q", "--durations=0", "tests/stores", *wanted, *more]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
