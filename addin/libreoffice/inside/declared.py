"""What was declared when the extension was built: functions, commands, names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("declared.json")
DECLARED: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
