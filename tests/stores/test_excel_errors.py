"""What Excel's refusals mean, by their numbers."""

from __future__ import annotations

import pytest

from sync_engine.stores.excel.trouble import Trouble, trouble
from tests.stores.excel_program import (
    DISCONNECTED,
    com_error,
    error_1004,
    ignored,
    rejected,
    unavailable,
)


def _unheard() -> AttributeError:
    """As win32com.client.dynamic raises it."""
    scope = {"__name__": "win32com.client.dynamic"}
    exec("def get(name):\n    raise AttributeError(name)", scope)
    try:
        scope["get"]("Value2")  # type: ignore[operator]
    except AttributeError as error:
        return error
    raise AssertionError


class TestWhatErrorsMean:
    @pytest.mark.parametrize(("error", "means"), [
        (rejected(), Trouble.BUSY), (ignored(), Trouble.BUSY), (com_error(-2147417846), Trouble.BUSY),
        (com_error(-2146777998), Trouble.BUSY), (com_error(-2147352567, -2146777998), Trouble.BUSY), (_unheard(), Trouble.BUSY),
        (unavailable(), Trouble.GONE), (com_error(DISCONNECTED), Trouble.GONE), (com_error(-2147352567, -2146827864), Trouble.GONE),
        (error_1004(), Trouble.REFUSED), (com_error(-2147352565), Trouble.REFUSED),
        (AttributeError("ours"), None), (ValueError(), None), (KeyError(-2147418111), None),
    ])  # fmt: skip
    def test_codes(self, error: Exception, means: Trouble | None) -> None:
        assert trouble(error) is means

    @pytest.mark.parametrize(
        ("number", "means"),
        [(-1712, Trouble.BUSY), (-600, Trouble.GONE), (-609, Trouble.GONE), (-50, Trouble.REFUSED)],
    )
    def test_apple_events(self, number: int, means: Trouble) -> None:
        class CommandError(Exception):
            errornumber = number

        assert trouble(CommandError()) is means
