"""The contract of stores; its assertions explain themselves like those of test modules."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.stores.contract_{part}" for part in ("values", "rows", "time", "sheet"))
)
