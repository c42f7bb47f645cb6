import os

import pytest

from tests.support.in_process import InProcess


def pytest_report_header() -> str:
    chosen = os.environ.get("WORDCOUNT_TEST_BROKER", "container where a Docker engine answers, else process")
    return f"Kafka's broker runs in a: {chosen}"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> InProcess:
    """Run a command line in this process."""
    return InProcess(monkeypatch, capfd)
