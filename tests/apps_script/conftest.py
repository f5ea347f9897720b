"""The built project and the shop of the cases as sheets."""

from __future__ import annotations

from pathlib import Path

import pytest

from addin.google import build
from tests.functions.cases import AS_OF, ROWS

LOG = [{"log_id": "1", "at": AS_OF.replace(hour=8)}, {"log_id": "2", "at": AS_OF}]
CASE_ROWS = {**ROWS, "log": LOG}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's folder."""
    folder = tmp_path_factory.mktemp("google")
    build(folder)
    return folder
