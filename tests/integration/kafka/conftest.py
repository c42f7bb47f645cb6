from collections.abc import Iterator

import pytest

from tests.support.broker import Broker, running_broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        _used.append(broker.kind)
        yield broker


_used: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for kind in _used:
        terminalreporter.write_line(f"the broker was {kind}")


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    """A name that no other test has."""
    name = f"{request.path.stem}-{request.node.name}"
    return "".join(char if char.isalnum() else "-" for char in name)[:180]
