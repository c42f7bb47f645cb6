import pytest

from tests.support.in_process import InProcess


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> InProcess:
    """Run a command line in this process."""
    return InProcess(monkeypatch, capfd)
