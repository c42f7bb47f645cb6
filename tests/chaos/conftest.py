from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.faults import compiled
from tests.support import quick_starts as quick


@pytest.fixture(scope="session")
def fault_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that lets a command meet faults."""
    return compiled(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="session")
def quick_starts(request: pytest.FixtureRequest) -> Iterator[None]:
    with quick.quick_starts(request.config):
        yield
