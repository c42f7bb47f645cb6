from collections.abc import Iterator

import pytest

from tests.support import quick_starts as quick
from tests.support.warm import JVMS


@pytest.fixture(scope="session", autouse=True)
def quick_starts(request: pytest.FixtureRequest) -> Iterator[None]:
    with quick.quick_starts(request.config):
        yield
        JVMS.close()
