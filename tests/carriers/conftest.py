from __future__ import annotations

from tests.tmall.conftest import gateway, odd, odd_for_all, outside, world

__all__ = ["gateway", "odd", "odd_for_all", "outside", "world"]
