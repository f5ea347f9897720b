"""The contract of stores; its assertions explain themselves like those of test modules."""

import pytest

pytest.register_assert_rewrite("tests.stores.contract")
