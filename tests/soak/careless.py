"""The engine of the chaos demonstration with a bug: what people type over our cells is put back and nobody hears of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from sync_engine import show
from sync_engine.chaos.engine import main
from sync_engine.plan.merge import Merged, merge_row


def silent(*row: Any) -> Merged:
    """The row merged, without a word."""
    return replace(merge_row(*row), put_back=())


if __name__ == "__main__":
    show.merge_row = silent
    main(sys.argv[1:])
