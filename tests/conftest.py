import os
from collections.abc import Iterator

import hypothesis
import pytest

from tests.support.engine import docker_answers
from tests.support.in_process import InProcess

# By default, an example that takes 200 ms fails, which says something of the machine only.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


def pytest_report_header() -> str:
    chosen = os.environ.get("WORDCOUNT_TEST_BROKER", "container where a Docker engine answers, else process")
    return f"Kafka's broker runs in a: {chosen}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needing = [item for item in items if item.get_closest_marker("needs_docker")]
    if needing and not docker_answers():
        for item in needing:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))


@pytest.fixture(scope="session", autouse=True)
def no_work_in_the_background() -> Iterator[None]:
    """Keep the first command that succeeds from having the class archive made: other tests would take longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDCOUNT_PREPARE", "never")
        yield


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> InProcess:
    """Run a command line in this process."""
    return InProcess(monkeypatch, capfd)
